//! Where a URL leads: one host or several, of which one takes changes; and whether what goes there is encrypted.

use std::{
    ffi::OsString,
    net::IpAddr,
    os::unix::ffi::OsStringExt as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

use super::{client::Client, error::Fault, tls::Tls};
use crate::store::{DatabaseUrl, OpenError};

/// A host that has not answered by then is left for the next one.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// What was sent and not acknowledged for this long goes to a machine that has vanished. As long as a call may take.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(10);

/// Silence before the kernel asks whether the other side is there, and between its questions.
const SILENCE: (Duration, Duration, u32) = (Duration::from_secs(5), Duration::from_secs(5), 3);

/// The hosts of a URL.
#[derive(Debug)]
pub(super) struct Target {
    hosts: Vec<(Config, Option<Tls>)>,
    /// The one that took changes last is asked first.
    last: AtomicUsize,
}

/// What a URL says of encryption.
#[derive(Debug, PartialEq, Eq)]
enum Encryption {
    /// Nothing: only where nobody listens.
    Unsaid,
    /// That there need be none.
    None,
    /// Who answers proves who it is.
    Verified {
        /// By whom its certificate has to be.
        authorities: PathBuf,
        /// What this side shows if it is asked who it is: a certificate, and its key.
        identity: Option<(PathBuf, PathBuf)>,
    },
}

impl Target {
    /// Reads a URL. Those of `psql` are understood, with the two of its `sslmode`s that promise something or nothing.
    pub(super) fn of(url: &DatabaseUrl) -> Result<Self, OpenError> {
        let (rest, encryption) = split(url.expose())?;
        let config: Config = rest.parse().map_err(Fault::Postgres)?;
        let tls = match &encryption {
            Encryption::Verified { authorities, identity } => Some(Tls::new(authorities, identity.as_ref())?),
            Encryption::Unsaid | Encryption::None => None,
        };
        let count = config.get_hosts().len().max(config.get_hostaddrs().len());
        let hosts: Vec<_> = (0..count).map(|index| host(&config, index, tls.as_ref())).collect();
        if encryption == Encryption::Unsaid && !hosts.iter().all(|(host, _)| is_here(host)) {
            return Err(OpenError::PlaintextDatabase);
        }
        Ok(Self { hosts, last: AtomicUsize::new(0) })
    }

    /// Connects to the host that takes changes.
    pub(super) fn connect(&self, warned: &Arc<AtomicBool>) -> Result<Client, Fault> {
        let first = self.last.load(Ordering::Relaxed);
        let mut fault = Fault::Silent;
        for (index, (config, tls)) in self.hosts.iter().enumerate().cycle().skip(first).take(self.hosts.len()) {
            let now = Instant::now();
            let until = now.checked_add(CONNECT_MAX).unwrap_or(now);
            match Client::connect(config, tls.as_ref(), until, Arc::clone(warned)) {
                Ok(client) => {
                    self.last.store(index, Ordering::Relaxed);
                    return Ok(client);
                }
                Err(other) => fault = other,
            }
        }
        Err(fault)
    }
}

/// One host of several, with what is set for each.
fn host(all: &Config, index: usize, tls: Option<&Tls>) -> (Config, Option<Tls>) {
    let mut config = Config::new();
    all.get_user().map(|user| config.user(user));
    all.get_password().map(|password| config.password(password));
    all.get_dbname().map(|name| config.dbname(name));
    all.get_options().map(|options| config.options(options));
    config.channel_binding(all.get_channel_binding());
    let is_unix = match all.get_hosts().get(index) {
        Some(Host::Tcp(name)) => {
            config.host(name);
            false
        }
        Some(Host::Unix(path)) => {
            config.host_path(path);
            true
        }
        None => false,
    };
    all.get_hostaddrs().get(index).map(|address| config.hostaddr(*address));
    all.get_ports().get(index).or(all.get_ports().first()).map(|port| config.port(*port));
    let (idle, interval, retries) = SILENCE;
    config.application_name("grades-server").connect_timeout(CONNECT_MAX).tcp_user_timeout(UNACKNOWLEDGED_MAX);
    config.keepalives(true).keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(retries);
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    // What goes through a Unix socket leaves no machine.
    let tls = tls.filter(|_| !is_unix).cloned();
    config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
    (config, tls)
}

fn is_here(config: &Config) -> bool {
    let host = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    };
    config.get_hosts().iter().all(host) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

/// Takes from a URL what it says of encryption, in `libpq`'s words, which the driver knows only in part.
fn split(url: &str) -> Result<(String, Encryption), OpenError> {
    let Some((rest, query)) = url.split_once('?') else { return Ok((url.to_owned(), Encryption::Unsaid)) };
    let (mut mode, mut authorities, mut certificate, mut key, mut kept) = (None, None, None, None, Vec::new());
    for parameter in query.split('&') {
        match parameter.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => authorities = Some(path(value)),
            Some(("sslcert", value)) => certificate = Some(path(value)),
            Some(("sslkey", value)) => key = Some(path(value)),
            _ => kept.push(parameter),
        }
    }
    let identity = match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some((certificate, key)),
        _ => return Err(OpenError::HalfDatabaseCertificate),
    };
    let encryption = match (mode, authorities, identity) {
        (None, None, None) => Encryption::Unsaid,
        (Some("disable"), None, None) => Encryption::None,
        (Some("verify-full"), Some(authorities), identity) => Encryption::Verified { authorities, identity },
        _ => return Err(OpenError::HalfEncryptedDatabase),
    };
    let kept = kept.join("&");
    Ok((if kept.is_empty() { rest.to_owned() } else { format!("{rest}?{kept}") }, encryption))
}

/// A path as a URL has it: `%2F` for what would end a part of it, and so on. What is no such code stands for itself.
fn path(text: &str) -> PathBuf {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.split_at_checked(2).filter(|_| *first == b'%').and_then(|(digits, after)| {
            let digits = str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (byte, after) = code.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreAddress;

    fn target(url: &str) -> Result<Target, OpenError> {
        let Ok(StoreAddress::Postgres(url)) = url.parse() else { panic!("{url} is no URL") };
        Target::of(&url)
    }

    #[test]
    fn another_machine_is_refused_unless_it_is_verified_or_the_operator_says_that_nothing_need_be_encrypted() {
        fn check(url: &str, allowed: bool) {
            assert_eq!(target(url).is_ok(), allowed, "{url}");
        }
        check("postgres://ada@localhost/grades", true);
        check("postgres://ada@127.0.0.1:5433/grades", true);
        check("postgres://ada@%2Frun%2Fpostgresql/grades", true);
        check("postgres://ada@db.example/grades", false);
        check("postgres://ada@localhost,db.example/grades", false);
        check("postgres://ada@10.0.0.1/grades", false);
        check("postgres://ada@10.0.0.1/grades?sslmode=disable", true);
        check("postgres://ada@localhost:x/grades", false);
    }

    #[test]
    fn a_mode_that_promises_half_is_refused_and_so_is_one_without_an_authority() {
        for half in ["require", "prefer", "allow", "verify-ca", "verify-full", "disable&sslrootcert=ca.pem", "nonsense"]
        {
            let refused = target(&format!("postgres://ada@localhost/grades?connect_timeout=3&sslmode={half}"));
            assert!(matches!(refused, Err(OpenError::HalfEncryptedDatabase)), "{half}: {refused:?}");
        }
        let missing = target("postgres://ada@localhost/grades?sslmode=verify-full&sslrootcert=nowhere.pem");
        assert!(matches!(missing, Err(OpenError::DatabaseAuthority(_))), "{missing:?}");
    }

    #[test]
    fn a_certificate_is_shown_only_with_its_key_and_to_who_proves_who_it_is() {
        let check = |rest: &str, expected: fn(&OpenError) -> bool| {
            let refused = target(&format!("postgres://ada@localhost/grades?{rest}")).unwrap_err();
            assert!(expected(&refused), "{rest}: {refused:?}");
        };
        let verified = "sslmode=verify-full&sslrootcert=ca.pem";
        for half in ["sslcert=a.pem", "sslkey=a.key"] {
            check(&format!("{verified}&{half}"), |error| matches!(error, OpenError::HalfDatabaseCertificate));
            check(half, |error| matches!(error, OpenError::HalfDatabaseCertificate));
        }
        for mode in ["", "sslmode=disable&", "sslmode=require&", "sslmode=verify-full&"] {
            let rest = format!("{mode}sslcert=a.pem&sslkey=a.key");
            check(&rest, |error| matches!(error, OpenError::HalfEncryptedDatabase));
        }
    }

    #[test]
    fn a_path_is_what_its_codes_stand_for() {
        for (text, expected) in [
            ("%2Fetc%2fa%20b.pem", "/etc/a b.pem"),
            ("a%26b%C3%A9", "a&bé"),
            ("100%", "100%"),
            ("%zz%+1%2", "%zz%+1%2"),
        ] {
            assert_eq!(path(text), PathBuf::from(expected), "{text}");
        }
    }

    #[test]
    fn each_host_of_a_url_keeps_its_port_and_what_is_said_of_all() {
        let target = target("postgres://ada:secret@localhost:1,localhost:2/grades?options=-cwork_mem%3D1MB").unwrap();
        let ports: Vec<_> = target.hosts.iter().map(|(config, _)| config.get_ports().to_vec()).collect();
        assert_eq!(ports, [[1], [2]]);
        for (config, _) in &target.hosts {
            assert_eq!((config.get_user(), config.get_dbname()), (Some("ada"), Some("grades")));
            assert_eq!(config.get_options(), Some("-cwork_mem=1MB"));
            assert_eq!(config.get_password(), Some(&b"secret"[..]));
        }
    }
}
