//! What a store holds: every row is read, so that one that this build would not write is found now and not by whoever asks
//! for it. Behind `backup`, `restore` and `check`.

use std::fmt;

use grades_api::model::Role;

use crate::store::{OpenError, Store, StoreAddress, StoreError, View};

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contents {
    /// Who may sign in.
    pub accounts: u64,
    /// Promotions.
    pub promotions: u64,
    /// Students, over all promotions.
    pub students: u64,
    /// Marks, over all students.
    pub marks: u64,
    /// Corrections of marks.
    pub corrections: u64,
}

/// Why a store is not good.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It can't be opened, or is damaged.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A row is not what this build writes, or can't be read; the log says which.
    #[error("the store holds a row that can't be read: see the log")]
    Row,
    /// It can't be read now; the log says why.
    #[error("the store could not be read to its end: see the log")]
    Store,
    /// Nobody can manage it.
    #[error(
        "the store has no administrator, since its `init` did not come to its end: run `grades-server init` on it once more"
    )]
    NoAdministrator,
}

/// Students read at once: their marks have to fit into memory.
const PAGE: u32 = 200;

/// Reads a store to its end, without changing it. A directory may be served meanwhile; a file may be a copy.
///
/// # Errors
/// See [`CheckError`].
pub fn check(address: impl Into<StoreAddress>) -> Result<Contents, CheckError> {
    let store = Store::open_to_read(&address.into())?;
    let (contents, has_administrator) = store.read(read)?;
    if has_administrator { Ok(contents) } else { Err(CheckError::NoAdministrator) }
}

fn read(view: &mut dyn View) -> Result<(Contents, bool), CheckError> {
    let mut contents = Contents::default();
    let accounts = view.accounts()?;
    let has_administrator = accounts.iter().any(|account| account.role == Role::Administrator);
    contents.accounts = count(accounts.len());
    for promotion in view.promotions()? {
        contents.promotions = contents.promotions.saturating_add(1);
        let id = view.promotion(&promotion.name)?.ok_or(CheckError::Row)?;
        let mut after: Option<String> = None;
        loop {
            let page = view.students_with_marks(id, after.as_deref(), PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.number.clone());
            contents.students = contents.students.saturating_add(count(page.len()));
            for mark in page.into_iter().flat_map(|(_, marks)| marks) {
                contents.marks = contents.marks.saturating_add(1);
                if mark.version > 1 {
                    let corrections = count(view.mark_history(mark.id)?.len());
                    contents.corrections = contents.corrections.saturating_add(corrections);
                }
            }
        }
    }
    Ok((contents, has_administrator))
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

impl From<StoreError> for CheckError {
    fn from(error: StoreError) -> Self {
        if error == StoreError::Failed { Self::Row } else { Self::Store }
    }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accounts, promotions, students, marks, corrections } = self;
        write!(
            f,
            "{accounts} accounts, {promotions} promotions, {students} students, {marks} marks, {corrections} corrections"
        )
    }
}
