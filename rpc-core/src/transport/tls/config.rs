//! What either side proves itself with, and whom it trusts: made from PEM, checked once, shared by all connections.
//!
//! What is absent: TLS 1.2, session resumption and early data. Every connection is a TLS 1.3 handshake of its own, so that
//! a certificate that is no longer trusted opens none.

use std::{error, fmt, sync::Arc};

use rustls::{
    ClientConfig, InconsistentKeys, RootCertStore, ServerConfig,
    client::Resumption,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName,
        pem::{self, PemObject},
    },
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::{CertifiedKey, SingleCertAndKey},
    version::TLS13,
};

/// What clients offer and servers choose (Wire §1.1): keeps a server of another protocol from being taken for ours.
const ALPN: &[u8] = b"tlvrpc/1";

/// How a client uses TLS: the authorities that it trusts, and the certificate that it shows if it is asked for one.
#[derive(Clone)]
pub struct TlsClient {
    pub(super) config: Arc<ClientConfig>,
    roots: Arc<RootCertStore>,
    server_name: Option<String>,
}

/// How a server uses TLS: its certificate, and the authorities of its clients' certificates if it asks for them.
#[derive(Clone)]
pub struct TlsServer {
    pub(super) config: Arc<ServerConfig>,
    key: Arc<CertifiedKey>,
}

/// Why certificates and keys can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsConfigError {
    /// The text of the certificates is no PEM.
    NotPem,
    /// There is no certificate in the text.
    NoCertificate,
    /// There is no private key in the text.
    NoKey,
    /// A certificate does not parse.
    BadCertificate,
    /// The private key does not parse, or is of a kind that is not supported: RSA, ECDSA with P-256 or P-384, and Ed25519
    /// are.
    BadKey,
    /// The private key is not the one of the certificate.
    KeyMismatch,
    /// The name is neither a DNS name nor an IP address.
    BadName,
    /// The cryptography does not do what TLS 1.3 needs.
    Unsupported,
}

impl TlsClient {
    /// Trusts the certificate authorities in `roots_pem`, and nobody else.
    ///
    /// # Errors
    /// There is none, or one does not parse.
    pub fn new(roots_pem: &[u8]) -> Result<Self, TlsConfigError> {
        let roots = roots(roots_pem)?;
        Ok(Self { config: Arc::new(client_config(Arc::clone(&roots), None)?), roots, server_name: None })
    }

    /// Shows this certificate to servers that ask for one: the chain, the client's own certificate first, and its key.
    ///
    /// # Errors
    /// Something is missing, does not parse, or the key is not the certificate's.
    pub fn with_certificate(self, chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, TlsConfigError> {
        let key = certified_key(chain_pem, key_pem)?;
        let config = client_config(Arc::clone(&self.roots), Some(key))?;
        Ok(Self { config: Arc::new(config), ..self })
    }

    /// Expects the server's certificate to be for `name`, rather than for the host that is connected to: for servers
    /// that are reached through a tunnel, or under an address that their certificate does not have.
    ///
    /// # Errors
    /// It is neither a DNS name nor an IP address.
    pub fn with_server_name(self, name: &str) -> Result<Self, TlsConfigError> {
        ServerName::try_from(name).map_err(|_| TlsConfigError::BadName)?;
        Ok(Self { server_name: Some(name.to_owned()), ..self })
    }

    /// The name to expect of a server that is connected to as `host`.
    pub(crate) fn server_name<'n>(&'n self, host: &'n str) -> &'n str {
        self.server_name.as_deref().unwrap_or(host)
    }
}

impl TlsServer {
    /// Shows this certificate: the chain, the server's own certificate first, and its key.
    ///
    /// # Errors
    /// Something is missing, does not parse, or the key is not the certificate's.
    pub fn new(chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, TlsConfigError> {
        let key = Arc::new(certified_key(chain_pem, key_pem)?);
        Ok(Self { config: Arc::new(server_config(&key, WebPkiClientVerifier::no_client_auth())?), key })
    }

    /// Asks every client for a certificate that one of the authorities in `roots_pem` has signed, and serves no other
    /// client.
    ///
    /// # Errors
    /// There is none, or one does not parse.
    pub fn with_client_roots(self, roots_pem: &[u8]) -> Result<Self, TlsConfigError> {
        let verifier = WebPkiClientVerifier::builder_with_provider(roots(roots_pem)?, provider())
            .build()
            .map_err(|_| TlsConfigError::BadCertificate)?;
        Ok(Self { config: Arc::new(server_config(&self.key, verifier)?), ..self })
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn client_config(roots: Arc<RootCertStore>, key: Option<CertifiedKey>) -> Result<ClientConfig, TlsConfigError> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| TlsConfigError::Unsupported)?
        .with_root_certificates(roots);
    let mut config = match key {
        Some(key) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(key))),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn server_config(
    key: &Arc<CertifiedKey>,
    verifier: Arc<dyn ClientCertVerifier>,
) -> Result<ServerConfig, TlsConfigError> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| TlsConfigError::Unsupported)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(key))));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn roots(pem: &[u8]) -> Result<Arc<RootCertStore>, TlsConfigError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(|_| TlsConfigError::BadCertificate)?;
    }
    Ok(Arc::new(roots))
}

fn certified_key(chain_pem: &[u8], key_pem: &[u8]) -> Result<CertifiedKey, TlsConfigError> {
    let chain = certificates(chain_pem)?;
    let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsConfigError::NoKey,
        _ => TlsConfigError::BadKey,
    })?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsConfigError::KeyMismatch,
        rustls::Error::InvalidCertificate(_) => TlsConfigError::BadCertificate,
        _ => TlsConfigError::BadKey,
    })
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsConfigError> {
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| TlsConfigError::NotPem)?;
    if certificates.is_empty() { Err(TlsConfigError::NoCertificate) } else { Ok(certificates) }
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { roots, server_name, .. } = self;
        f.debug_struct("TlsClient")
            .field("roots", &roots.len())
            .field("server_name", server_name)
            .finish_non_exhaustive()
    }
}

/// Shows nothing: what there is to show is a key.
impl fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsServer").finish_non_exhaustive()
    }
}

impl fmt::Display for TlsConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPem => "this is no PEM",
            Self::NoCertificate => "there is no certificate in it",
            Self::NoKey => "there is no private key in it",
            Self::BadCertificate => "a certificate in it does not parse",
            Self::BadKey => "the private key does not parse, or is of no supported kind: take RSA, ECDSA with P-256 or P-384, or Ed25519",
            Self::KeyMismatch => "the private key is not the one of the certificate",
            Self::BadName => "the name is neither a DNS name nor an IP address",
            Self::Unsupported => "the cryptography does not do what TLS 1.3 needs",
        })
    }
}

impl error::Error for TlsConfigError {}
