//! Certificates for trying things out: an authority that exists for one folder, and what it has signed. Its own key is
//! never written, so that nobody can sign more with it, whoever may trust it.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

/// Why no certificates were made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevCertError {
    /// A name can't stand in a certificate, or in the name of a file.
    #[error("`{0}` can't be used as a name")]
    Name(String),
    /// A key could not be made.
    #[error("the certificate can't be made")]
    Certificate(#[from] rcgen::Error),
    /// A file can't be written. One that exists is not replaced: someone may trust it.
    #[error("can't write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}

/// Two days more than a year of validity, so that a yearly habit is enough.
const DAYS: u64 = 367;

/// Makes an authority (`ca.pem`), a server's certificate for `hosts` (`server.pem`, `server.key`), and one for each of
/// `clients` (`NAME.pem`, `NAME.key`) in `directory`.
///
/// # Errors
/// See [`DevCertError`].
pub fn dev_cert(directory: &Path, hosts: &[String], clients: &[String]) -> Result<(), DevCertError> {
    let is_file_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if let Some(name) = clients.iter().find(|name| name.is_empty() || !is_file_name(name)) {
        return Err(DevCertError::Name(name.clone()));
    }
    let key = KeyPair::generate()?;
    let mut params = params(&[], "grades development authority")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca = params.self_signed(&key)?.pem();
    let issuer = Issuer::new(params, key);
    fs::create_dir_all(directory).map_err(|source| DevCertError::Write { path: directory.to_owned(), source })?;
    write(directory.join("ca.pem"), &ca, 0o644)?;
    sign(&issuer, directory, "server", hosts, ExtendedKeyUsagePurpose::ServerAuth)?;
    for name in clients {
        sign(&issuer, directory, name, std::slice::from_ref(name), ExtendedKeyUsagePurpose::ClientAuth)?;
    }
    Ok(())
}

fn sign(
    issuer: &Issuer<'_, KeyPair>,
    directory: &Path,
    name: &str,
    hosts: &[String],
    usage: ExtendedKeyUsagePurpose,
) -> Result<(), DevCertError> {
    let key = KeyPair::generate()?;
    let mut params = params(hosts, name)?;
    params.extended_key_usages = vec![usage];
    let certificate = params.signed_by(&key, issuer)?;
    write(directory.join(format!("{name}.pem")), &certificate.pem(), 0o644)?;
    write(directory.join(format!("{name}.key")), &key.serialize_pem(), 0o600)
}

fn params(hosts: &[String], name: &str) -> Result<CertificateParams, DevCertError> {
    let bad_name = |_| DevCertError::Name(hosts.join(" "));
    let mut params = CertificateParams::new(hosts).map_err(bad_name)?;
    params.distinguished_name.push(DnType::CommonName, name);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let hours = |hours: u64| Duration::from_secs(hours.saturating_mul(3_600));
    let epoch = date_time_ymd(1970, 1, 1);
    // A clock that is beyond what a certificate can say makes one that nobody accepts.
    let at = |since: Duration| since.try_into().ok().and_then(|since| epoch.checked_add(since)).unwrap_or(epoch);
    // An hour back, for a machine whose clock is behind.
    params.not_before = at(now.saturating_sub(hours(1)));
    params.not_after = at(now.saturating_add(hours(DAYS.saturating_mul(24))));
    Ok(params)
}

fn write(path: PathBuf, text: &str, mode: u32) -> Result<(), DevCertError> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|source| DevCertError::Write { path, source })
}
