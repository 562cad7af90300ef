//! Certificates and keys in files, for the framework's TLS and for that to a database. A key that others may read is no key,
//! and is refused.

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rpc_core::transport::{TlsConfigError, TlsServer};

/// Where a server's certificate and key are, as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key of the certificate. Only its owner may have access to the file.
    pub key: PathBuf,
    /// The authorities of the clients' certificates, if clients need one.
    pub client_authority: Option<PathBuf>,
}

/// Why certificate and key files can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsFilesError {
    /// A file can't be read.
    #[error("can't read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// Others than its owner have access to the key.
    #[error("others may read the private key {path} (mode {mode:o}): make a new one, and keep it with `chmod 600`")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The key is another certificate's.
    #[error("the private key in {key} is not the one of the certificate in {certificate}")]
    Mismatch {
        /// The file of the key.
        key: PathBuf,
        /// The file of the certificate.
        certificate: PathBuf,
    },
    /// What stands in a file can't be used.
    #[error("{path} can't be used for TLS")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: TlsConfigError,
    },
}

impl TlsFiles {
    /// Reads and checks the files.
    ///
    /// # Errors
    /// See [`TlsFilesError`].
    pub(crate) fn load(&self) -> Result<TlsServer, TlsFilesError> {
        let (certificate, key) = read_pair(&self.certificate, &self.key)?;
        let tls = TlsServer::new(&certificate, &key).map_err(|error| fault(&self.certificate, &self.key, error))?;
        match &self.client_authority {
            None => Ok(tls),
            Some(path) => tls.with_client_roots(&read(path)?).map_err(|error| unusable(path, error)),
        }
    }
}

/// A certificate and its key, as PEM.
pub(crate) fn read_pair(certificate: &Path, key: &Path) -> Result<(Vec<u8>, Vec<u8>), TlsFilesError> {
    Ok((read(certificate)?, read_private(key)?))
}

/// What is wrong with a pair that was read, told of the file that it is wrong with.
pub(crate) fn fault(certificate: &Path, key: &Path, error: TlsConfigError) -> TlsFilesError {
    match error {
        TlsConfigError::KeyMismatch => {
            TlsFilesError::Mismatch { key: key.to_owned(), certificate: certificate.to_owned() }
        }
        TlsConfigError::NoKey | TlsConfigError::BadKey => unusable(key, error),
        _ => unusable(certificate, error),
    }
}

fn unusable(path: &Path, source: TlsConfigError) -> TlsFilesError {
    TlsFilesError::Unusable { path: path.to_owned(), source }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsFilesError> {
    fs::read(path).map_err(|source| TlsFilesError::Read { path: path.to_owned(), source })
}

/// The bits of a mode that let anyone but the owner in.
const OTHERS: u32 = 0o077;

fn read_private(path: &Path) -> Result<Vec<u8>, TlsFilesError> {
    let failed = |source| TlsFilesError::Read { path: path.to_owned(), source };
    let mut file = fs::File::open(path).map_err(failed)?;
    // Asked of the open file, not of its name, which could be exchanged in between.
    let mode = file.metadata().map_err(failed)?.mode();
    if mode & OTHERS != 0 {
        return Err(TlsFilesError::Exposed { path: path.to_owned(), mode: mode & 0o777 });
    }
    let mut key = Vec::new();
    file.read_to_end(&mut key).map_err(failed)?;
    Ok(key)
}
