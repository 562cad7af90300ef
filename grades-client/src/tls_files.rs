//! The files with which the command encrypts: whom it trusts, and who it is. Their paths are remembered with a session, so
//! that what was said over TLS once is never said without it.

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rpc_core::transport::{TlsClient, TlsConfigError};

use crate::failure::{Exit, Failure};

/// Where the certificates are, as PEM; absolute paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// The authorities that the server's certificate may be of.
    pub(crate) ca: PathBuf,
    /// The client's own certificate and its key, where the server asks for one.
    pub(crate) identity: Option<(PathBuf, PathBuf)>,
}

impl TlsFiles {
    /// What the options name, or nothing if they name no authority.
    pub(crate) fn named(
        ca: Option<&Path>,
        certificate: Option<&Path>,
        key: Option<&Path>,
    ) -> Result<Option<Self>, Failure> {
        let given = |path: Option<&Path>| path.filter(|path| !path.as_os_str().is_empty()).map(absolute).transpose();
        let (ca, certificate, key) = (given(ca)?, given(certificate)?, given(key)?);
        match (ca, certificate, key) {
            (None, None, None) => Ok(None),
            (Some(ca), None, None) => Ok(Some(Self { ca, identity: None })),
            (Some(ca), Some(certificate), Some(key)) => Ok(Some(Self { ca, identity: Some((certificate, key)) })),
            _ => Err(Failure::new(Exit::Usage, "a certificate needs its key and an authority to trust")
                .hint("give --ca, --cert and --key together")),
        }
    }

    /// Reads and checks the files.
    pub(crate) fn load(&self) -> Result<TlsClient, Failure> {
        let tls = TlsClient::new(&read(&self.ca)?).map_err(|error| unusable(&self.ca, error))?;
        let Some((certificate, key)) = &self.identity else { return Ok(tls) };
        tls.with_certificate(&read(certificate)?, &read_private(key)?).map_err(|error| match error {
            TlsConfigError::NoKey | TlsConfigError::BadKey | TlsConfigError::KeyMismatch => unusable(key, error),
            _ => unusable(certificate, error),
        })
    }
}

/// A later command may run in another folder. Lines hold it in the session file.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
    match absolute.to_str() {
        Some(text) if !text.contains('\n') => Ok(absolute),
        _ => Err(Failure::new(Exit::Usage, format!("{} is no name that can be remembered", path.display()))),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

/// The bits of a mode that let anyone but the owner in.
const OTHERS: u32 = 0o077;

fn read_private(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| unreadable(path, &error);
    let mut file = fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode();
    if mode & OTHERS != 0 {
        let message = format!("others may read the private key {} (mode {:o})", path.display(), mode & 0o777);
        return Err(
            Failure::new(Exit::Failure, message).hint("ask for a new certificate; keep its key with `chmod 600`")
        );
    }
    let mut key = Vec::new();
    file.read_to_end(&mut key).map_err(failed)?;
    Ok(key)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Failure, format!("can't read {}: {error}", path.display()))
        .hint("--ca, --cert and --key name files, or GRADES_CA, GRADES_CERT and GRADES_KEY")
}

fn unusable(path: &Path, error: TlsConfigError) -> Failure {
    Failure::new(Exit::Failure, format!("{} can't be used for TLS: {error}", path.display()))
}
