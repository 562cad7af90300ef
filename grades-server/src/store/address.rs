//! Where a store is: a directory of this machine, or a database that several nodes share.

use std::{
    convert::Infallible,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreAddress {
    /// A directory, with an SQLite file in it: one server.
    Directory(PathBuf),
    /// A PostgreSQL database: any number of servers.
    Postgres(DatabaseUrl),
}

/// The URL of a database. It may hold a password, so neither `Debug` nor a log shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    #[cfg(feature = "postgres")]
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for StoreAddress {
    type Err = Infallible;

    /// `postgres://…` or `postgresql://…` is a database, anything else a directory.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        Ok(if is_url { Self::Postgres(DatabaseUrl(text.to_owned())) } else { Self::Directory(text.into()) })
    }
}

impl From<PathBuf> for StoreAddress {
    fn from(directory: PathBuf) -> Self {
        Self::Directory(directory)
    }
}

impl From<&Path> for StoreAddress {
    fn from(directory: &Path) -> Self {
        Self::Directory(directory.to_owned())
    }
}

impl From<&PathBuf> for StoreAddress {
    fn from(directory: &PathBuf) -> Self {
        Self::Directory(directory.clone())
    }
}

impl fmt::Display for StoreAddress {
    /// The directory; of a database only that it is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(directory) => directory.display().fmt(f),
            Self::Postgres(_) => f.write_str("the database"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_database_and_its_password_is_never_shown() {
        for url in ["postgres://ada:secret@h/grades", "postgresql://ada:secret@h/grades"] {
            let address: StoreAddress = url.parse().unwrap();
            assert!(matches!(address, StoreAddress::Postgres(_)), "{url}");
            assert!(!format!("{address} {address:?}").contains("secret"));
        }
        assert_eq!("postgres".parse(), Ok(StoreAddress::Directory("postgres".into())));
    }
}
