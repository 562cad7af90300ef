//! The contract of a store, whatever keeps it: durable before the reply, all or nothing. Each property is a function that
//! takes a store, and `on_each_backend!` makes a test of it for each kind of store; for the rules of the service, of a world.

use grades_api::model::{Coefficient, Mark, Role};
use tempfile::TempDir;

#[cfg(feature = "postgres")]
use self::database::Database;
use super::{
    AccountId, AuditEntry, KeyRow, NewSession, RequestKey, SessionDigest, Store, StoreAddress, StoreError, Strangers,
    Tx,
};
use crate::clock::UnixMs;

/// Makes of each function a test on SQLite, and one on PostgreSQL.
macro_rules! on_each_backend {
    ($($property:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test]
            fn $property() {
                super::$property(super::Fixture::sqlite());
            })*
        }

        #[cfg(feature = "postgres")]
        mod on_postgres {
            $(#[test]
            fn $property() {
                let Some(fixture) = super::Fixture::postgres() else { return };
                super::$property(fixture);
            })*
        }
    };
}
pub(crate) use on_each_backend;

mod jobs;

mod rows;

mod migrations;

mod group_commit;

#[cfg(feature = "postgres")]
mod shared;

#[cfg(feature = "postgres")]
mod conflicts;

/// The harness's own file: its crate sees this one, so this one can't see its crate.
#[cfg(feature = "postgres")]
#[path = "../../../tests/src/database.rs"]
#[expect(unreachable_pub, reason = "there it is public")]
pub(crate) mod database;

/// A store that goes with its place.
struct Fixture {
    store: Store,
    place: Place,
}

/// Where a store of a test is; it goes with it.
pub(crate) enum Place {
    Directory(TempDir),
    #[cfg(feature = "postgres")]
    Database(Database),
}

impl Place {
    pub(crate) fn directory() -> Self {
        Self::Directory(tempfile::tempdir().unwrap())
    }

    /// `None` where PostgreSQL is not installed.
    #[cfg(feature = "postgres")]
    pub(crate) fn database() -> Option<Self> {
        Database::new().map(Self::Database)
    }

    pub(crate) fn address(&self) -> StoreAddress {
        match self {
            Self::Directory(directory) => directory.path().into(),
            #[cfg(feature = "postgres")]
            Self::Database(database) => database.url().parse().unwrap(),
        }
    }
}

impl Fixture {
    fn sqlite() -> Self {
        Self::at(Place::directory())
    }

    /// `None` where PostgreSQL is not installed.
    #[cfg(feature = "postgres")]
    fn postgres() -> Option<Self> {
        Place::database().map(Self::at)
    }

    fn at(place: Place) -> Self {
        Self { store: Store::create(&place.address()).unwrap(), place }
    }

    fn address(&self) -> StoreAddress {
        self.place.address()
    }

    fn write<R: Send + 'static>(&self, job: impl Fn(&mut dyn Tx) -> Result<R, StoreError> + Send + 'static) -> R {
        self.store.write(None, job).unwrap()
    }

    /// The names of all promotions.
    fn promotions(&self) -> Vec<String> {
        let promotions = self.store.read(|view| view.promotions()).unwrap();
        promotions.into_iter().map(|promotion| promotion.name).collect()
    }

    /// Closes the store and opens it again, as a restart does.
    fn reopened(self) -> Self {
        let Self { store, place } = self;
        drop(store);
        Self { store: Store::open(&place.address()).unwrap(), place }
    }
}

fn account(tx: &mut dyn Tx, name: &str, role: Role) -> Result<AccountId, StoreError> {
    tx.insert_account(name, role, "no hash", UnixMs(1))
}
