//! The command line of `grades-server`: its arguments, its help, and what each command does.

use std::{
    fs, io,
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use rpc_core::{LimitError, Limits};

mod bound;
use bound::Bound;

mod init;
use init::Init;

mod copies;
use copies::{Backup, Check, Export, Restore};

use crate::{
    Config, DEFAULT_PORT, GradesServer, InitError, StartError, StoreAddress, SystemClock, TlsFiles, UnlockError, unlock,
};

/// The grades service: promotions, students, marks and exact means, for accounts that have signed in.
///
/// Begin with `init`, which makes a store and its first administrator, then `run`. Everything else is done over the
/// network, with the `grades` command.
#[derive(Debug, Parser)]
#[command(name = "grades-server", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// The least important messages that are logged to standard error.
    #[arg(long, global = true, value_enum, default_value_t = LogLevel::Info)]
    log: LogLevel,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a store and its first administrator.
    ///
    /// The only way to get an account without one; it works on the directory itself, never over the network, and refuses
    /// a store that has an administrator. The password is asked for twice, or read from standard input.
    Init(Init),
    /// Serve a store until SIGTERM or SIGINT.
    ///
    /// The first signal ends in order: no new calls, running calls are finished within 10 seconds. A second one stops at
    /// once; what was acknowledged is on the disk either way.
    Run(Run),
    /// Let an account sign in again that failed logins have locked.
    ///
    /// Whoever knows a name can lock it, a day at a time, with a hundred wrong passwords. An administrator who is signed in
    /// unlocks others with `grades account enable`; this is for the one who can't sign in. A directory must not be served
    /// meanwhile: stop the server, unlock, run it again. The password stays, a disabled account stays disabled, and the audit
    /// keeps a line.
    Unlock(Unlock),
    /// Copy a store in a directory into a file, as it is at one moment. It may be served.
    ///
    /// The copy is read to its end before it gets its name, and a file that is there is not replaced.
    Backup(Backup),
    /// Make a store in a directory, where none is, of a copy.
    ///
    /// Everyone has to sign in anew: a session that was ended since the copy was made is not to live again.
    Restore(Restore),
    /// Read a store, or a copy of one (`--data FILE`), to its end, and say what it holds. It may be served.
    Check(Check),
    /// Print all that is kept about one student, as JSON. The store may be served.
    ///
    /// Marks with their corrections, the account with its sessions, and what the audit says of both; no secret.
    Export(Export),
    /// Make a certificate authority and certificates to try TLS with.
    ///
    /// For development: whoever trusts DIR/ca.pem trusts this server and nothing else, since the authority's key is not
    /// kept. Files that exist are never replaced.
    #[cfg(feature = "dev-cert")]
    DevCert(DevCert),
}

/// Where the store is: one of both.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// The directory of the store; `init` makes it, readable by its owner only.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The store of several servers: a PostgreSQL database, as `postgres://USER@HOST/DATABASE`.
    ///
    /// A URL with a password is better given in the environment, where other users of the machine can't read it.
    #[arg(long, value_name = "URL", env = "GRADES_STORE", hide_env_values = true)]
    store: Option<StoreAddress>,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Long enough that what a stranger did over a holiday is still there.
const AUDIT_DAYS_MIN: i64 = 30;

#[derive(Debug, Args)]
struct Run {
    #[command(flatten)]
    place: Place,
    /// The address to listen on; port 0 lets the system choose one.
    #[arg(long, value_name = "HOST:PORT", default_value_t = (Ipv4Addr::LOCALHOST, DEFAULT_PORT).into())]
    listen: SocketAddr,
    /// Write the address that was bound to FILE, at once and whole, as soon as connections are accepted. A file that an
    /// earlier run left is replaced then, and stays as it is if the server does not start.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
    /// Listen on an address that other machines reach although nothing is encrypted.
    ///
    /// Passwords, session IDs and marks can then be read by anyone on the way. Without this flag only loopback addresses
    /// are served without TLS; reach them from elsewhere through a tunnel that encrypts, such as `ssh -L`.
    #[arg(long, conflicts_with = "tls_cert")]
    allow_plaintext: bool,
    /// Delete lines of the audit that are older than so many days; without it they are kept for ever.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(AUDIT_DAYS_MIN..))]
    audit_days: Option<u16>,
    /// Encrypt every connection with this certificate chain (PEM), the server's own first.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate (PEM), in a file that only its owner may read.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve only clients with a certificate of an authority in this file (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,
    /// Move a bound of the server, such as connections_max=8000; may be given several times.
    #[arg(long = "limit", value_name = "NAME=NUMBER", long_help = bound::help())]
    bounds: Vec<Bound>,
}

#[cfg(feature = "dev-cert")]
#[derive(Debug, Args)]
struct DevCert {
    /// Where to write ca.pem, server.pem and server.key; it is made if it is missing.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// A DNS name or IP address under which clients reach the server; may be given several times.
    #[arg(long = "host", value_name = "NAME", required = true)]
    hosts: Vec<String>,
    /// Also make NAME.pem and NAME.key for a client, for `--tls-client-ca`; may be given several times.
    #[arg(long = "client", value_name = "NAME")]
    clients: Vec<String>,
}

#[derive(Debug, Args)]
struct Unlock {
    #[command(flatten)]
    place: Place,
    /// The name of the account.
    #[arg(value_name = "NAME")]
    account: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

/// Why a command failed. The text and its sources are what the operator reads.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// `init` failed.
    #[error(transparent)]
    Init(#[from] InitError),
    /// `run` failed.
    #[error(transparent)]
    Start(#[from] StartError),
    /// `unlock` failed.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// A bound was to be moved out of its range.
    #[error(transparent)]
    Bound(#[from] LimitError),
    /// `backup` or `restore` failed.
    #[error(transparent)]
    Backup(#[from] crate::BackupError),
    /// `check` found something.
    #[error(transparent)]
    Check(#[from] crate::CheckError),
    /// `export` failed.
    #[error(transparent)]
    Export(#[from] crate::ExportError),
    /// Neither a directory nor a database was named.
    #[error("no store: name one with --data DIR or --store URL")]
    NoStore,
    /// `dev-cert` failed.
    #[cfg(feature = "dev-cert")]
    #[error(transparent)]
    DevCert(#[from] crate::DevCertError),
    /// No password came.
    #[error("no password: {0}")]
    NoPassword(&'static str),
    /// Standard input or the terminal can't be read.
    #[error("the password can't be read")]
    Input(#[source] io::Error),
    /// What was asked for can't be written to standard output.
    #[error("can't write the result")]
    Output(#[source] io::Error),
    /// The port file can't be written.
    #[error("can't write {path}")]
    PortFile {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}

/// A server that runs until it is told to stop, with what to tidy up afterwards.
#[derive(Debug)]
pub struct Serving {
    /// The server.
    pub server: GradesServer,
    port_file: Option<PathBuf>,
}

impl Cli {
    /// The least important level that is logged.
    #[must_use]
    pub const fn log_level(&self) -> tracing::Level {
        match self.log {
            LogLevel::Error => tracing::Level::ERROR,
            LogLevel::Warn => tracing::Level::WARN,
            LogLevel::Info => tracing::Level::INFO,
            LogLevel::Debug => tracing::Level::DEBUG,
        }
    }

    /// Does what the command says; a server that was started is handed back.
    ///
    /// # Errors
    /// See [`CliError`].
    pub fn execute(self) -> Result<Option<Serving>, CliError> {
        match self.command {
            Command::Init(command) => command.execute().map(|()| None),
            Command::Run(command) => command.execute().map(Some),
            Command::Unlock(command) => command.execute().map(|()| None),
            Command::Backup(command) => command.execute().map(|()| None),
            Command::Restore(command) => command.execute().map(|()| None),
            Command::Check(command) => command.execute().map(|()| None),
            Command::Export(command) => command.execute().map(|()| None),
            #[cfg(feature = "dev-cert")]
            Command::DevCert(command) => command.execute().map(|()| None),
        }
    }
}

impl Place {
    fn address(self) -> Result<StoreAddress, CliError> {
        self.data.map(Into::into).or(self.store).ok_or(CliError::NoStore)
    }
}

/// Tells the operator what was done. It was done whether or not anybody reads that, so a closed pipe is no failure.
fn say(text: &str) {
    drop(io::stdout().write_all(text.as_bytes()));
}

impl Run {
    fn execute(self) -> Result<Serving, CliError> {
        let tls = self.tls_cert.zip(self.tls_key).map(|(certificate, key)| TlsFiles {
            certificate,
            key,
            client_authority: self.tls_client_ca,
        });
        let encrypted = tls.is_some();
        let store = self.place.address()?;
        let limits = Bound::apply(&self.bounds, Limits::new())?;
        let audit_kept = self.audit_days.map(|days| DAY.saturating_mul(days.into()));
        let (listen, allow_plaintext) = (self.listen, self.allow_plaintext);
        let config = Config { listen, tls, allow_plaintext, audit_kept, limits, ..Config::new(store) };
        let server = GradesServer::start(config)?;
        tracing::info!(address = %server.address(), encrypted, "serving");
        if let Some(path) = &self.port_file {
            write_whole(path, &line_of(server.address()))?;
        }
        Ok(Serving { server, port_file: self.port_file })
    }
}

#[cfg(feature = "dev-cert")]
impl DevCert {
    fn execute(self) -> Result<(), CliError> {
        crate::dev_cert(&self.directory, &self.hosts, &self.clients)?;
        let directory = self.directory.display();
        say(&format!(
            "{directory} has certificates for {}, for development.\n\
             Serve with: grades-server run --data STORE --tls-cert {directory}/server.pem --tls-key {directory}/server.key\n\
             Connect with: grades --ca {directory}/ca.pem login NAME\n",
            self.hosts.join(", ")
        ));
        Ok(())
    }
}

impl Unlock {
    fn execute(self) -> Result<(), CliError> {
        unlock(self.place.address()?, &self.account, &SystemClock)?;
        say(&format!("The account {} has no failed logins now.\n", self.account));
        Ok(())
    }
}

impl Serving {
    /// Drains the server, then takes the port file away, since nobody listens there any more; one that another server has
    /// written stays.
    pub fn end(self) {
        let address = line_of(self.server.address());
        self.server.drain();
        if let Some(path) = self.port_file
            && let Err(error) = remove_if_it_says(&path, &address)
        {
            tracing::warn!(path = %path.display(), %error, "the port file could not be removed");
        }
    }
}

/// Under another name first: whoever watches for the file never sees half of it.
fn write_whole(path: &Path, text: &str) -> Result<(), CliError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    fs::write(&unfinished, text)
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(|source| CliError::PortFile { path: path.to_owned(), source })
}

/// What a port file says.
fn line_of(address: SocketAddr) -> String {
    format!("{address}\n")
}

fn remove_if_it_says(path: &Path, text: &str) -> io::Result<()> {
    let removed =
        fs::read(path).and_then(|found| if found == text.as_bytes() { fs::remove_file(path) } else { Ok(()) });
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_a_directory_or_the_url_of_a_database_which_is_not_shown() {
        let parse = |arguments: &[&str]| Cli::try_parse_from(["grades-server", "run"].iter().chain(arguments));
        let place = |arguments: &[&str]| match parse(arguments).unwrap().command {
            Command::Run(run) => run.place.address().unwrap(),
            other => panic!("{other:?}"),
        };
        assert_eq!(place(&["--data", "school"]), StoreAddress::Directory("school".into()));
        let url = ["--store", "postgres://ada:secret@localhost/school"];
        assert!(matches!(place(&url), StoreAddress::Postgres(_)));
        assert!(!format!("{:?}", parse(&url)).contains("secret"));
        assert!(parse(&["--data", "school", "--store", "postgres://localhost/school"]).is_err());
    }

    #[test]
    fn a_port_file_goes_with_its_server_unless_another_has_written_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("port");
        let (own, other) = ("127.0.0.1:1\n", "127.0.0.1:2\n");
        write_whole(&path, other).unwrap();
        remove_if_it_says(&path, own).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
        write_whole(&path, own).unwrap();
        remove_if_it_says(&path, own).unwrap();
        assert!(!path.exists());
        remove_if_it_says(&path, own).unwrap();
        assert!(remove_if_it_says(folder.path(), own).is_err(), "what can't be read is told");
    }

    #[test]
    fn the_audit_is_kept_for_thirty_days_at_least() {
        let parses =
            |days| Cli::try_parse_from(["grades-server", "run", "--data", "school", "--audit-days", days]).is_ok();
        assert_eq!(["29", "30", "31"].map(parses), [false, true, true]);
    }
}
