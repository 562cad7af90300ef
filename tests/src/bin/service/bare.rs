//! What the disk and SQLite allow: the rows of an import, inserted by SQLite alone in one transaction, without a server.

use crate::{
    row::Row,
    rows::{IMPORTED, STORE_MARKS, imported},
    run::{Run, Sample},
    scenario::Kind,
    store,
};

pub(crate) const IMPORT: Row = Row { name: "bare SQLite", serve: |_| 0, call };

fn call(run: &Run) -> Option<Sample> {
    if run.scenario.kind != Kind::Import {
        return None;
    }
    let mut file = store::open(&store::copy_with_marks(STORE_MARKS));
    let mut next = imported();
    Some(run.one_by_one(|| {
        let transaction = file.transaction().expect("a transaction");
        store::insert(&transaction, &next(), 0, IMPORTED, run.scenario.amount / IMPORTED);
        transaction.commit().expect("a commit");
    }))
}
