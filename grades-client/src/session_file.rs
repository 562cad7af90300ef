//! The file that remembers a session between two commands: which server it is of, whose it is, and its secret. Only the
//! owner may read it, it is replaced in one step, and a session is never sent to another server than the one it came from.

use std::{
    env, fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use grades_api::model::SessionId;

use crate::{
    failure::{Exit, Failure},
    tls_files::TlsFiles,
};

/// What a login leaves for the commands after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RememberedSession {
    /// The server that the session is of, as it was written at login.
    pub(crate) server: String,
    /// How to reach it, if over TLS. Without this a later command would send the secret for all to read.
    pub(crate) tls: Option<TlsFiles>,
    /// The account's name, for messages.
    pub(crate) name: String,
    /// The secret. Its `Debug` hides it.
    pub(crate) session: SessionId,
}

/// Where sessions are remembered.
#[derive(Clone, Debug)]
pub(crate) struct SessionFile {
    path: PathBuf,
}

impl SessionFile {
    /// The file that the caller named, else `grades/session` in the XDG state directory.
    pub(crate) fn locate(named: Option<PathBuf>) -> Result<Self, Failure> {
        let path = match named {
            Some(path) => path,
            None => state_directory(env::var_os("XDG_STATE_HOME").map(PathBuf::from), env::home_dir())
                .ok_or_else(|| {
                    Failure::new(Exit::Failure, "there is no home directory to keep a session in")
                        .hint("name a file with --session-file or GRADES_SESSION_FILE")
                })?
                .join("grades/session"),
        };
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is remembered; `None` without a file. A file that others may read is refused: its secret is no longer one.
    pub(crate) fn read(&self) -> Result<Option<RememberedSession>, Failure> {
        let file = match fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("can't read", &error)),
        };
        // Asked of the open file, not of its name, which could be exchanged in between.
        let mode = file.metadata().map_err(|error| self.failed("can't read", &error))?.mode();
        if mode & OTHERS != 0 {
            return Err(Failure::new(
                Exit::Failure,
                format!("others may read the session file {} (mode {:o})", self.path.display(), mode & 0o777),
            )
            .hint("sign in again with `grades login NAME`, which replaces it; end the old session with `grades session end`"));
        }
        let mut text = String::new();
        file.take(BYTES_MAX).read_to_string(&mut text).map_err(|error| self.failed("can't read", &error))?;
        parse(&text).map(Some).ok_or_else(|| {
            Failure::new(Exit::Failure, format!("{} is no session file", self.path.display()))
                .hint("sign in again with `grades login NAME`; that replaces it")
        })
    }

    /// Replaces the file in one step: whoever reads sees the old session or the new one, and never another's eyes either.
    pub(crate) fn write(&self, remembered: &RememberedSession) -> Result<(), Failure> {
        self.replace(&format(remembered)).map_err(|error| self.failed("can't write", &error))
    }

    /// Forgets the session; one that is already forgotten is fine.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed("can't remove", &error)),
            _ => Ok(()),
        }
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        let directory = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        // `tempfile` creates with mode 0600, and removes what is not persisted.
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }

    fn failed(&self, what: &str, error: &io::Error) -> Failure {
        Failure::new(Exit::Failure, format!("{what} the session file {}: {error}", self.path.display()))
            .hint("name another file with --session-file or GRADES_SESSION_FILE")
    }
}

/// The bits of a mode that let anyone but the owner in.
const OTHERS: u32 = 0o077;

/// Tells the file from others, and this format from later ones.
const FIRST_LINE: &str = "grades session 1";

/// More than any session file has: a server's name, three paths of at most 4 KiB, an account's name and 64 digits.
const BYTES_MAX: u64 = 16 << 10;

fn state_directory(xdg_state: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    // The XDG specification says that a relative path is to be ignored.
    xdg_state.filter(|path| path.is_absolute()).or_else(|| home.map(|home| home.join(".local/state")))
}

/// Lines, because no name has a line end in it: the format needs no quoting.
fn format(remembered: &RememberedSession) -> String {
    let RememberedSession { server, tls, name, session } = remembered;
    let digits = session.expose_text();
    let mut tls_lines = String::new();
    if let Some(TlsFiles { ca, identity }) = tls {
        tls_lines.push_str(&format!("ca {}\n", ca.display()));
        if let Some((certificate, key)) = identity {
            tls_lines.push_str(&format!("cert {}\nkey {}\n", certificate.display(), key.display()));
        }
    }
    format!("{FIRST_LINE}\nserver {server}\n{tls_lines}name {name}\nsession {digits}\n")
}

fn parse(text: &str) -> Option<RememberedSession> {
    let mut lines = text.strip_suffix('\n')?.split('\n').peekable();
    if lines.next() != Some(FIRST_LINE) {
        return None;
    }
    let mut field = |name| lines.next_if(|line| is_field(line, name))?.split_once(' ').map(|(_, value)| value);
    let server = field("server")?.to_owned();
    let tls = match field("ca") {
        None => None,
        Some(ca) => {
            let identity = match field("cert") {
                None => None,
                Some(certificate) => Some((certificate.into(), field("key")?.into())),
            };
            Some(TlsFiles { ca: ca.into(), identity })
        }
    };
    let name = field("name")?.to_owned();
    let session = SessionId::parse(field("session")?)?;
    lines.next().is_none().then_some(RememberedSession { server, tls, name, session })
}

fn is_field(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn remembered() -> RememberedSession {
        let session = SessionId::from_bytes([0x07; 32]);
        RememberedSession { server: "[::1]:7878".into(), tls: None, name: "ada \"l\"".into(), session }
    }

    /// As [`remembered`], over TLS.
    fn encrypted(identity: Option<(&str, &str)>) -> RememberedSession {
        let identity = identity.map(|(certificate, key)| (certificate.into(), key.into()));
        RememberedSession { tls: Some(TlsFiles { ca: "/a folder/ca.pem".into(), identity }), ..remembered() }
    }

    #[test]
    fn how_the_server_is_reached_is_remembered_too() {
        for session in [remembered(), encrypted(None), encrypted(Some(("/me.pem", "/me.key")))] {
            assert_eq!(parse(&format(&session)), Some(session));
        }
    }

    fn file_in(directory: &tempfile::TempDir) -> SessionFile {
        SessionFile::locate(Some(directory.path().join("deep/er/session"))).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_and_private() {
        let directory = tempfile::tempdir().unwrap();
        let file = file_in(&directory);
        assert_eq!(file.read().unwrap(), None);
        file.write(&remembered()).unwrap();
        file.write(&remembered()).unwrap();
        assert_eq!(file.read().unwrap(), Some(remembered()));
        assert_eq!(fs::metadata(file.path()).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(file.path().parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
        file.remove().unwrap();
        file.remove().unwrap();
        assert_eq!(file.read().unwrap(), None);
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        #[track_caller]
        fn check(mode: u32, accepted: bool) {
            let directory = tempfile::tempdir().unwrap();
            let file = file_in(&directory);
            file.write(&remembered()).unwrap();
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(file.read().is_ok(), accepted, "{mode:o}");
        }
        check(0o600, true);
        check(0o400, true);
        check(0o604, false);
        check(0o640, false);
        check(0o601, false);
    }

    #[test]
    fn a_file_that_is_no_session_is_refused() {
        #[track_caller]
        fn check(text: &str) {
            assert_eq!(parse(text), None, "{text}");
        }
        check("");
        let whole = format(&remembered());
        let encrypted = format(&encrypted(Some(("/me.pem", "/me.key"))));
        for text in [&whole, &encrypted] {
            for end in 0..text.len() {
                check(&text[..end]);
            }
        }
        check(&encrypted.replace("key /me.key\n", ""));
        check(&format!("{whole}x\n"));
        check(&whole.replace("session 1", "session 2"));
        check(&whole.replace("session 07", "session 7"));
        check(&whole.replace("session 07", "session 0007"));
        check(&whole.replace("session 07", "session 0g"));
        check(&whole.replace("session 07", "session é"));
    }

    #[test]
    fn the_default_place_follows_the_xdg_specification() {
        #[track_caller]
        fn check(xdg: Option<&str>, home: Option<&str>, expected: Option<&str>) {
            assert_eq!(state_directory(xdg.map(Into::into), home.map(Into::into)), expected.map(Into::into));
        }
        check(Some("/state"), Some("/users/ada"), Some("/state"));
        check(Some("state"), Some("/users/ada"), Some("/users/ada/.local/state"));
        check(None, Some("/users/ada"), Some("/users/ada/.local/state"));
        check(None, None, None);
    }
}
