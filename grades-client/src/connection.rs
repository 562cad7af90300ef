//! From an address to the clients of both services, without a session or with one. Knows nothing of files, terminals or
//! arguments.

use grades_api::{
    Accounts as _, AccountsClient, AccountsError, GradesClient,
    model::{Password, SessionId},
};
use rpc_core::{CallOptions, Channel, RequestKey, Result, TransportError, transport::TlsClient};

/// A connection to a grades server. It carries no session: whoever may do what is decided call by call.
#[derive(Clone, Debug)]
pub struct Connection {
    channel: Channel,
}

/// The clients of both services with a session: each of their calls carries its secret.
#[derive(Clone, Debug)]
pub struct Session {
    /// Sessions and accounts.
    pub accounts: AccountsClient,
    /// Promotions, students, marks and means.
    pub grades: GradesClient,
    channel: Channel,
    id: SessionId,
}

impl Connection {
    /// Connects to the server at `address`, written `HOST:PORT`.
    ///
    /// # Errors
    /// The server can't be reached.
    pub fn open(address: &str) -> std::result::Result<Self, TransportError> {
        Channel::connect(address).map(Self::over)
    }

    /// Connects over TLS, to a server whose certificate is for the host in `address`.
    ///
    /// # Errors
    /// The server can't be reached, or can't prove who it is.
    pub fn open_tls(address: &str, tls: TlsClient) -> std::result::Result<Self, TransportError> {
        Channel::builder().tls(tls).connect(address).map(Self::over)
    }

    /// A connection over a channel that was made otherwise, such as one to several addresses.
    #[must_use]
    pub fn over(channel: Channel) -> Self {
        Self { channel }
    }

    /// The client of [`Accounts`](grades_api::Accounts) without a session: it can sign in.
    #[must_use]
    pub fn accounts(&self) -> AccountsClient {
        AccountsClient::new(self.channel.clone())
    }

    /// The client of [`Grades`](grades_api::Grades) without a session: it can do nothing, and shows that.
    #[must_use]
    pub fn grades(&self) -> GradesClient {
        GradesClient::new(self.channel.clone())
    }

    /// Signs in.
    ///
    /// # Errors
    /// The name or the password is wrong, the account can't sign in now, or the call failed.
    pub fn login(&self, name: &str, password: &Password) -> Result<Session, AccountsError> {
        let signed_in = self.accounts().login(name, password)?;
        Ok(self.resume(signed_in.session))
    }

    /// Goes on with a session that was begun earlier, perhaps over another connection.
    #[must_use]
    pub fn resume(&self, id: SessionId) -> Session {
        let options = CallOptions::new().credential(id.expose());
        let (accounts, grades) = (self.accounts().with(options.clone()), self.grades().with(options));
        Session { accounts, grades, channel: self.channel.clone(), id }
    }
}

impl Session {
    /// The secret that proves the session, for whoever keeps it until the next start.
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// Draws the key of a change, for a program that may have to repeat it after its own restart: kept before the change is
    /// first sent, and given to [`Session::keyed`] each time.
    ///
    /// # Errors
    /// The operating system has no randomness.
    pub fn request_key(&self) -> std::result::Result<RequestKey, TransportError> {
        self.channel.request_key()
    }

    /// The client of one change, which has this key however often it is sent: within a day it takes effect once.
    #[must_use]
    pub fn keyed(&self, key: RequestKey) -> GradesClient {
        self.grades.with(CallOptions::new().key(key))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use grades_api::{
        Grades as _,
        accounts::AccountsLogin,
        grades::{GradesCreatePromotion, GradesPromotions},
        model::{Role, SignedIn, Whoami},
    };
    use rpc_core::{Error, MockTransport};

    use super::*;

    fn server() -> MockTransport {
        MockTransport::new()
            .on(|login: AccountsLogin<'_>| match login.password.expose() {
                "right" => Ok(signed_in(login.name)),
                _ => Err(Error::App(AccountsError::BadCredentials)),
            })
            .on(|_: GradesPromotions| Ok(Vec::new()))
    }

    fn signed_in(name: &str) -> SignedIn {
        let (promotions, student) = (Vec::new(), None);
        let account = Whoami {
            name: name.to_owned(),
            role: Role::Teacher,
            idle_expires_ms: 1,
            expires_ms: 2,
            failed_logins: 0,
            promotions,
            student,
        };
        SignedIn { session: SessionId::from_bytes([9; 32]), account }
    }

    /// The credentials of all calls so far.
    fn credentials(server: &MockTransport) -> Vec<Option<Vec<u8>>> {
        server.recorded().into_iter().map(|request| request.credential).collect()
    }

    #[test]
    fn calls_carry_the_session_from_the_login_on() {
        let server = server();
        let connection = Connection::over(server.channel());
        connection.grades().promotions().unwrap();
        let session = connection.login("tess", &Password::new("right")).unwrap();
        session.grades.promotions().unwrap();
        connection.grades().promotions().unwrap();
        assert_eq!(session.id(), SessionId::from_bytes([9; 32]));
        assert_eq!(credentials(&server), [None, None, Some(vec![9; 32]), None]);
    }

    #[test]
    fn a_change_keeps_the_key_that_its_caller_has_drawn_beside_the_session() {
        let server = server().on(|_: GradesCreatePromotion<'_>| Ok(()));
        let session = Connection::over(server.channel()).resume(SessionId::from_bytes([5; 32]));
        let key = session.request_key().unwrap();
        session.keyed(key).create_promotion("L3").unwrap();
        session.keyed(key).create_promotion("L3").unwrap();
        let keys: Vec<_> = server.recorded().into_iter().map(|request| request.key).collect();
        assert_eq!(keys, [Some(key); 2]);
        assert_eq!(credentials(&server), [Some(vec![5; 32]), Some(vec![5; 32])]);
    }

    #[test]
    fn a_client_with_one_option_more_keeps_its_session_and_its_key() {
        let server = server().on(|_: GradesCreatePromotion<'_>| Ok(()));
        let session = Connection::over(server.channel()).resume(SessionId::from_bytes([5; 32]));
        let hasty = || CallOptions::new().deadline(Duration::from_secs(2));
        session.grades.with(hasty()).promotions().unwrap();
        let key = session.request_key().unwrap();
        session.keyed(key).with(hasty()).create_promotion("L3").unwrap();
        session.grades.with(hasty()).with(CallOptions::new().key(key)).create_promotion("L3").unwrap();
        let requests = server.recorded();
        assert_eq!(credentials(&server), vec![Some(vec![5; 32]); 3]);
        assert_eq!([requests[1].key, requests[2].key], [Some(key); 2]);
        let is_hasty = |left: Duration| left <= Duration::from_secs(2); // a little has passed when a request is sent
        assert!(requests.iter().all(|request| request.deadline.is_some_and(is_hasty)), "{requests:?}");
    }

    #[test]
    fn a_session_goes_on_over_another_connection() {
        let server = server();
        let session = Connection::over(server.channel()).resume(SessionId::from_bytes([5; 32]));
        session.grades.promotions().unwrap();
        assert_eq!(credentials(&server), [Some(vec![5; 32])]);
    }

    #[test]
    fn a_refused_login_is_the_methods_own_error() {
        let refused = Connection::over(server().channel()).login("tess", &Password::new("wrong"));
        assert_eq!(refused.map(|session| session.id()), Err(Error::App(AccountsError::BadCredentials)));
    }
}
