//! All of it together: the database, its nodes, and a school of which each client marks one student.

use std::path::Path;

use grades_api::{Grades, model::Password};
use grades_client::{Connection, Session};

use super::{Clients, Copying, Node, Replicated};
use crate::{ADMINISTRATOR, Ledger, PASSWORD, Verdict};

/// A running service. What is declared first ends first.
#[derive(Debug)]
pub struct Site {
    /// The servers.
    pub nodes: Vec<Node>,
    /// What they share.
    pub database: Replicated,
    /// The administrator's session, good at every node.
    session: Session,
    students: usize,
}

/// The promotion that clients add marks to.
const PROMOTION: &str = "load";

impl Site {
    /// Starts it, with so many nodes and students; `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    /// Something does not start.
    #[must_use]
    pub fn start(folder: &Path, copying: Copying, nodes: usize, students: usize) -> Option<Self> {
        let database = Replicated::start(folder, copying)?;
        let store = database.url();
        Node::init(&store);
        let nodes: Vec<Node> =
            (1..=nodes).map(|number| Node::start(&folder.join(format!("node-{number}")), &store)).collect();
        let session = Connection::open(&addresses(&nodes).join(","))
            .expect("a node")
            .login(ADMINISTRATOR, &Password::new(PASSWORD))
            .expect("the administrator may sign in");
        session.grades.create_promotion(PROMOTION).expect("a new promotion");
        for student in 0..students {
            let number = student.to_string();
            session.grades.add_student(PROMOTION, &number, &format!("Student {number}")).expect("a new student");
        }
        Some(Self { nodes, database, session, students })
    }

    /// `HOST:PORT` of each node, as clients are told them.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        addresses(&self.nodes)
    }

    /// Starts one client a student.
    #[must_use]
    pub fn clients(&self) -> Clients {
        Clients::start(&self.addresses(), PROMOTION, self.session.id(), self.students)
    }

    /// Compares what clients were told with what any client reads.
    ///
    /// # Panics
    /// The service does not answer.
    #[must_use]
    pub fn judge(&self, told: &Ledger) -> Verdict {
        let marks: Vec<_> = (0..self.students)
            .flat_map(|student| self.session.grades.student(PROMOTION, &student.to_string()).expect("a student").marks)
            .collect();
        told.judge(marks.iter().map(|mark| (mark.label.as_str(), mark.id.0)))
    }
}

fn addresses(nodes: &[Node]) -> Vec<String> {
    nodes.iter().map(|node| node.address().to_owned()).collect()
}
