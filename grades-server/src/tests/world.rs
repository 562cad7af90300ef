//! A service without a socket: a call is authorized by the same gatekeeper and served by the same handlers.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use grades_api::{
    Access, Accounts, AccountsClient, AccountsError, Grades, GradesClient, GradesError,
    model::{NewAccount, Password, Role, SessionId, StudentKey},
};
use rpc_core::{Authorize as _, Call, Error, Method, Refusal, Result, Service as Descriptor, test::with_call};

use crate::{
    Clock as _, ManualClock, PasswordCost, StoreAddress, UnixMs,
    access::Gatekeeper,
    accounts::AccountsHandler,
    grades::GradesHandler,
    init,
    state::State,
    store::{Store, tests::Place},
};

pub(super) const PASSWORD: &str = "seven lanterns over the quay";

/// One running service.
pub(super) struct World {
    pub(super) state: Arc<State>,
    pub(super) clock: Arc<ManualClock>,
    gatekeeper: Gatekeeper,
    pub(super) accounts: AccountsHandler,
    pub(super) grades: GradesHandler,
    pub(super) place: Place,
}

/// A signed-in user of a world, or someone who is not.
pub(super) struct User<'w> {
    world: &'w World,
    credential: Option<Vec<u8>>,
    key: Option<([u8; 16], Vec<u8>)>,
}

pub(super) fn password() -> Password {
    Password::new(PASSWORD)
}

impl World {
    /// An empty service with the administrator `root`.
    pub(super) fn new() -> Self {
        Self::begin(Place::directory())
    }

    /// The promotions L3 (teacher tess; students 17 sam and 18) and M1 (student 21), one mark each. Mark 1 is sam's, 3 that of 21.
    pub(super) fn school() -> Self {
        Self::new().with_school()
    }

    /// The same, for properties that hold on each backend.
    pub(super) fn sqlite() -> Self {
        Self::school()
    }

    /// The same on PostgreSQL; `None` where it is not installed.
    #[cfg(feature = "postgres")]
    pub(super) fn postgres() -> Option<Self> {
        Some(Self::begin(Place::database()?).with_school())
    }

    fn begin(place: Place) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let clock = Arc::new(ManualClock::new(UnixMs(u64::try_from(now.as_millis()).unwrap())));
        init(place.address(), "root", &password(), PasswordCost::FOR_TESTS, clock.as_ref()).unwrap();
        Self::open(place, clock, PasswordCost::FOR_TESTS)
    }

    fn with_school(self) -> Self {
        let world = self;
        let root = world.sign_in("root");
        for promotion in ["L3", "M1"] {
            root.grades("create_promotion", |grades| grades.create_promotion(promotion)).unwrap();
        }
        for (promotion, number, name) in [("L3", "17", "Grace"), ("L3", "18", "Alan"), ("M1", "21", "Barbara")] {
            root.grades("add_student", |grades| grades.add_student(promotion, number, name)).unwrap();
            let (mark, coefficient) = ("14".parse().unwrap(), "1".parse().unwrap());
            root.grades("add_mark", |grades| grades.add_mark(promotion, number, mark, coefficient, "exam")).unwrap();
        }
        world.create("tess", Role::Teacher, &["L3"], None).unwrap();
        world.create("sam", Role::Student, &[], Some(("L3", "17"))).unwrap();
        world
    }

    fn open(place: Place, clock: Arc<ManualClock>, cost: PasswordCost) -> Self {
        let store = Store::open(&place.address()).unwrap();
        let state = Arc::new(State::new(store, Arc::<ManualClock>::clone(&clock), cost).unwrap());
        Self {
            gatekeeper: Gatekeeper::new(Arc::clone(&state.sessions)),
            accounts: AccountsHandler::new(Arc::clone(&state)),
            grades: GradesHandler::new(Arc::clone(&state)),
            state,
            clock,
            place,
        }
    }

    /// The same store in a new process, where hashes cost `cost`.
    pub(super) fn restarted(self, cost: PasswordCost) -> Self {
        self.restarted_after(cost, |_, _| ())
    }

    /// The same, with something done to the store while nobody serves it.
    pub(super) fn restarted_after(
        self,
        cost: PasswordCost,
        meanwhile: impl FnOnce(&StoreAddress, &ManualClock),
    ) -> Self {
        let Self { state, clock, gatekeeper, accounts, grades, place } = self;
        drop((state, gatekeeper, accounts, grades));
        meanwhile(&place.address(), &clock);
        Self::open(place, clock, cost)
    }

    /// Where its store is.
    pub(super) fn address(&self) -> StoreAddress {
        self.place.address()
    }

    pub(super) fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    pub(super) fn clock_now(&self) -> UnixMs {
        self.clock.now()
    }

    pub(super) fn create(
        &self,
        name: &str,
        role: Role,
        promotions: &[&str],
        student: Option<(&str, &str)>,
    ) -> Result<(), AccountsError> {
        let account = NewAccount {
            name: name.to_owned(),
            role,
            promotions: promotions.iter().map(|name| (*name).to_owned()).collect(),
            student: student.map(|(promotion, number)| key(promotion, number)),
        };
        let root = self.sign_in("root");
        root.accounts("create_account", |accounts| accounts.create_account(&account, &password()))
    }

    pub(super) fn sign_in(&self, name: &str) -> User<'_> {
        self.user(self.login(name, PASSWORD).unwrap())
    }

    pub(super) fn login(&self, name: &str, password: &str) -> Result<SessionId, AccountsError> {
        let signed_in = with_call(Call::local(), || self.accounts.login(name, &Password::new(password)))?;
        Ok(signed_in.session)
    }

    pub(super) fn user(&self, session: SessionId) -> User<'_> {
        User { world: self, credential: Some(session.expose().to_vec()), key: None }
    }

    pub(super) fn with_credential(&self, credential: &[u8]) -> User<'_> {
        User { world: self, credential: Some(credential.to_vec()), key: None }
    }

    pub(super) fn stranger(&self) -> User<'_> {
        User { world: self, credential: None, key: None }
    }

    /// Runs one statement at the store, as a hand at the file would.
    pub(super) fn sql(&self, sql: &'static str) {
        let done: std::result::Result<(), crate::store::StoreError> =
            self.state.store.write(None, move |tx| tx.sql(sql));
        done.unwrap();
    }
}

pub(super) fn key(promotion: &str, number: &str) -> StudentKey {
    StudentKey { promotion: promotion.to_owned(), number: number.to_owned() }
}

impl User<'_> {
    /// The same user, whose calls carry this request key and request.
    pub(super) fn keyed(&self, key: [u8; 16], request: &[u8]) -> User<'_> {
        User { world: self.world, credential: self.credential.clone(), key: Some((key, request.to_vec())) }
    }

    pub(super) fn accounts<T>(
        &self,
        method: &str,
        call: impl FnOnce(&dyn Accounts) -> Result<T, AccountsError>,
    ) -> Result<T, AccountsError> {
        self.call(&AccountsClient::SERVICE, method, || call(&self.world.accounts))
    }

    pub(super) fn grades<T>(
        &self,
        method: &str,
        call: impl FnOnce(&dyn Grades) -> Result<T, GradesError>,
    ) -> Result<T, GradesError> {
        self.call(&GradesClient::SERVICE, method, || call(&self.world.grades))
    }

    pub(super) fn is_signed_in(&self) -> bool {
        self.accounts("whoami", |accounts| accounts.whoami()).is_ok()
    }

    fn call<T, E>(
        &self,
        service: &'static Descriptor,
        method: &str,
        run: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        with_call(self.let_in(service, method).map_err(Error::Refused)?, run)
    }

    /// A call of this user as the gatekeeper hands it to the handler, which may come to it later.
    pub(super) fn let_in(&self, service: &'static Descriptor, method: &str) -> std::result::Result<Call, Refusal> {
        let method = service.methods.iter().find(|known| known.name == method).expect("a method of the trait");
        let mut call = Call::local().with_method(method);
        if let Some(credential) = &self.credential {
            call = call.with_credential(credential);
        }
        if let Some((key, request)) = &self.key {
            call = call.with_key(*key, request);
        }
        let found = self.world.gatekeeper.authorize(&call, access(method))?;
        Ok(call.with_caller(found))
    }
}

/// The rule that the trait writes beside the method.
fn access(method: &Method) -> Access {
    match method.access {
        "Access::Public" => Access::Public,
        "Access::SignedIn" => Access::SignedIn,
        "Access::Student" => Access::Student,
        "Access::Teacher" => Access::Teacher,
        "Access::Administrator" => Access::Administrator,
        other => panic!("{other} is not known here"),
    }
}
