//! A PostgreSQL schema of a test's own, in a throw-away cluster: the one that `tests/run` has started for all tests
//! (`GRADES_TEST_POSTGRES`), or one that this process starts and that ends with it.

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{self, Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// A cluster that this process holds: it is stopped and removed when its standard input ends, so even after a panic.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    holder: Option<Child>,
}

/// An empty schema with a user who sees no other one: to that user, an empty database, and much quicker made. It is
/// dropped, and everyone in it thrown out, when this is.
#[derive(Debug)]
pub struct Database {
    /// Of the user and of the schema.
    name: String,
    cluster: &'static Cluster,
}

impl Cluster {
    /// Starts a cluster with these settings, each as `name=value`; `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(settings: &[&str]) -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/postgres");
        let mut command = Command::new(program);
        command.arg("--hold").args(settings.iter().flat_map(|setting| ["-c", setting]));
        let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell script");
        let mut url = String::new();
        let stdout = holder.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut url).expect("a pipe can be read");
        if url.is_empty() {
            let status = holder.wait().expect("a child can be waited for");
            assert_eq!(status.code(), Some(3), "PostgreSQL does not start");
            return None;
        }
        Some(Self { url: url.trim().to_owned(), holder: Some(holder) })
    }

    /// The cluster of all tests; `None`, and said so, where PostgreSQL is not installed.
    fn of_all_tests() -> Option<&'static Self> {
        static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
        let cluster = CLUSTER.get_or_init(|| match env::var("GRADES_TEST_POSTGRES") {
            Ok(url) if url == "none" => None,
            Ok(url) => Some(Self { url, holder: None }),
            Err(_) => Self::start(&[]),
        });
        if cluster.is_none() {
            eprintln!("SKIPPED: PostgreSQL is not installed");
        }
        cluster.as_ref()
    }

    /// The URL of its first database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut holder) = self.holder.take() {
            drop(holder.stdin.take());
            holder.wait().expect("a child can be waited for");
        }
    }
}

impl Database {
    /// One in the cluster of all tests; `None`, and said so, where PostgreSQL is not installed.
    #[must_use]
    pub fn new() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let cluster = Cluster::of_all_tests()?;
        let name = format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        psql(&cluster.url, &format!("CREATE ROLE {name} LOGIN; CREATE SCHEMA AUTHORIZATION {name}"));
        Some(Self { name, cluster })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        let (_, place) = self.cluster.url.split_once('@').expect("the URL names a user");
        format!("postgres://{}@{place}", self.name)
    }

    /// Runs SQL as a hand at the database would: what it answers, a row a line.
    ///
    /// # Panics
    /// It fails.
    pub fn sql(&self, sql: &str) -> String {
        psql(&self.url(), sql)
    }

    /// Cuts all connections to this database: how many.
    pub fn cut_connections(&self) -> usize {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                      WHERE usename = current_user AND pid <> pg_backend_pid()";
        self.sql(others).lines().count()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.cut_connections();
        psql(&self.cluster.url, &format!("DROP OWNED BY {0} CASCADE; DROP ROLE {0}", self.name));
    }
}

/// Runs SQL with the distribution's own program.
///
/// # Panics
/// It fails.
pub fn psql(url: &str, sql: &str) -> String {
    let mut command = Command::new("psql");
    command.args([url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--command"]);
    let output = command.arg(sql).output().expect("psql comes with PostgreSQL");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
