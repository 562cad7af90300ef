//! What is encoded: a call, a student with twenty marks, a promotion of 500 such students. One plain struct each, with the
//! derives of every codec that can share it, as values of their own and as views that borrow their text from the bytes.

macro_rules! sample {
    ($(#[$meta:meta])* owned $($rest:tt)*) => {
        $(#[$meta])*
        #[derive(
            Clone, Debug, PartialEq,
            rpc_core::Message, minicbor::Encode, minicbor::Decode, serde::Serialize, serde::Deserialize,
            bincode::Encode, bincode::Decode, bitcode::Encode, bitcode::Decode,
            rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
        )]
        $($rest)*
    };
    ($(#[$meta:meta])* borrowed $($rest:tt)*) => {
        $(#[$meta])*
        #[derive(
            Debug, rpc_core::Message, minicbor::Encode, minicbor::Decode, serde::Deserialize,
            bincode::BorrowDecode, bitcode::Encode, bitcode::Decode,
        )]
        $($rest)*
    };
}

sample! {
    /// The arguments of a small request: 60 bytes of payload.
    owned pub(crate) struct Call {
        #[tag(1)]
        #[cbor(n(0), with = "minicbor::bytes")]
        pub(crate) session: [u8; 16],
        #[tag(2)]
        #[n(1)]
        pub(crate) promotion: u64,
        #[tag(3)]
        #[n(2)]
        pub(crate) student: u64,
        #[tag(4)]
        #[n(3)]
        pub(crate) value: f64,
        #[tag(5)]
        #[n(4)]
        pub(crate) coefficient: f64,
        #[tag(6)]
        #[n(5)]
        pub(crate) label: String,
    }
}

sample! {
    /// A class of students.
    owned pub(crate) struct Promotion {
        #[tag(1)]
        #[n(0)]
        pub(crate) name: String,
        #[tag(2)]
        #[n(1)]
        pub(crate) students: Vec<Student>,
    }
}

sample! {
    /// A student with all marks.
    owned pub(crate) struct Student {
        #[tag(1)]
        #[n(0)]
        pub(crate) id: u64,
        #[tag(2)]
        #[n(1)]
        pub(crate) name: String,
        #[tag(3)]
        #[n(2)]
        pub(crate) grades: Vec<Grade>,
    }
}

sample! {
    /// A mark.
    owned pub(crate) struct Grade {
        #[tag(1)]
        #[n(0)]
        pub(crate) value: f64,
        #[tag(2)]
        #[n(1)]
        pub(crate) coefficient: f64,
        #[tag(3)]
        #[n(2)]
        pub(crate) at_ms: u64,
        #[tag(4)]
        #[n(3)]
        pub(crate) label: String,
    }
}

sample! {
    /// A [`Call`] that borrows.
    borrowed pub(crate) struct CallView<'a> {
        #[tag(1)]
        #[cbor(n(0), with = "minicbor::bytes")]
        pub(crate) session: [u8; 16],
        #[tag(2)]
        #[n(1)]
        pub(crate) promotion: u64,
        #[tag(3)]
        #[n(2)]
        pub(crate) student: u64,
        #[tag(4)]
        #[n(3)]
        pub(crate) value: f64,
        #[tag(5)]
        #[n(4)]
        pub(crate) coefficient: f64,
        #[tag(6)]
        #[b(5)]
        pub(crate) label: &'a str,
    }
}

sample! {
    /// A [`Promotion`] that borrows.
    borrowed pub(crate) struct PromotionView<'a> {
        #[tag(1)]
        #[b(0)]
        pub(crate) name: &'a str,
        #[tag(2)]
        #[b(1)]
        #[serde(borrow)]
        pub(crate) students: Vec<StudentView<'a>>,
    }
}

sample! {
    /// A [`Student`] that borrows.
    borrowed pub(crate) struct StudentView<'a> {
        #[tag(1)]
        #[n(0)]
        pub(crate) id: u64,
        #[tag(2)]
        #[b(1)]
        pub(crate) name: &'a str,
        #[tag(3)]
        #[b(2)]
        #[serde(borrow)]
        pub(crate) grades: Vec<GradeView<'a>>,
    }
}

sample! {
    /// A [`Grade`] that borrows.
    borrowed pub(crate) struct GradeView<'a> {
        #[tag(1)]
        #[n(0)]
        pub(crate) value: f64,
        #[tag(2)]
        #[n(1)]
        pub(crate) coefficient: f64,
        #[tag(3)]
        #[n(2)]
        pub(crate) at_ms: u64,
        #[tag(4)]
        #[b(3)]
        pub(crate) label: &'a str,
    }
}

/// A request to add a mark.
pub(crate) fn call() -> Call {
    Call {
        session: *b"\x9e0\xc1\x07\xfe\x55\x12\xaa\x3b\x84\x6f\xd2\x19\xe0\x73\x4c",
        promotion: 2_026,
        student: 10_457,
        value: 14.5,
        coefficient: 2.0,
        label: "TP reseau 01".to_owned(),
    }
}

/// The student at this place of the promotion.
pub(crate) fn student(index: usize) -> Student {
    Student {
        id: 10_000 + index as u64,
        name: format!("{} {}", FIRST_NAMES[index % FIRST_NAMES.len()], LAST_NAMES[index / 7 % LAST_NAMES.len()]),
        grades: (0..20).map(|grade| self::grade(index * 20 + grade)).collect(),
    }
}

fn grade(index: usize) -> Grade {
    Grade {
        value: (index * 37 % 81) as f64 / 4.0,
        coefficient: (1 + index % 4) as f64,
        at_ms: 1_767_225_600_000 + index as u64 * 86_413,
        label: LABELS[index * 13 % LABELS.len()].to_owned(),
    }
}

/// 500 students with 20 marks each: nearly 400 kB of payload, of which a sixth of the strings are not ASCII.
pub(crate) fn promotion() -> Promotion {
    Promotion { name: "BUT informatique 2026".to_owned(), students: (0..500).map(student).collect() }
}

const FIRST_NAMES: [&str; 8] = ["Inès", "Baptiste", "Océane", "Karim", "Maëlle", "Thomas", "Zoé", "Alexandre"];

const LAST_NAMES: [&str; 6] = ["Durand", "Le Goff", "Benali", "Rousseau", "Nguyen", "Castellano"];

const LABELS: [&str; 12] = [
    "Contrôle 1",
    "TP reseau 01",
    "Projet de synthese",
    "Partiel de janvier",
    "Devoir maison",
    "Soutenance orale",
    "QCM",
    "Rattrapage de juin",
    "TP systeme 04",
    "Rapport de stage",
    "Étude de cas",
    "Examen final, partie ecrite",
];
