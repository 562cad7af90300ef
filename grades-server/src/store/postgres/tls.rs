//! TLS to the database: rustls under the driver's own interface. Whoever answers has to prove with a certificate of the
//! operator's authority that it is the host of the URL; there is no mode that encrypts to whoever answers. This side shows a
//! certificate of its own if it has one and is asked.

use std::{
    fmt, fs,
    future::Future,
    io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rpc_core::transport::{TlsClient, TlsConfigError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{
    TlsConnector, client,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName, pem::PemObject},
    },
};

use crate::{
    store::OpenError,
    tls::{fault, read_pair},
};

/// What is needed to encrypt to the hosts of a URL.
#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Trusts the authorities in this file (PEM), and nobody else; shows this certificate, whose key is in the second file.
    pub(super) fn new(authorities: &Path, identity: Option<&(PathBuf, PathBuf)>) -> Result<Self, OpenError> {
        let unusable = || OpenError::DatabaseAuthority(authorities.to_owned());
        let pem = fs::read(authorities).map_err(|_| unusable())?;
        // The framework judges the files, so that each fault has one name; beneath the driver is a configuration of its own.
        let judge = TlsClient::new(&pem).map_err(|_| unusable())?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            roots.add(certificate.map_err(|_| unusable())?).map_err(|_| unusable())?;
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| unusable())?
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let fault = |error| OpenError::DatabaseCertificate(fault(certificate, key, error));
                let (chain_pem, key_pem) = read_pair(certificate, key).map_err(OpenError::DatabaseCertificate)?;
                judge.with_certificate(&chain_pem, &key_pem).map_err(fault)?;
                let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain_pem).collect();
                let chain = chain.map_err(|_| fault(TlsConfigError::NotPem))?;
                let key = PrivateKeyDer::from_pem_slice(&key_pem).map_err(|_| fault(TlsConfigError::BadKey))?;
                builder.with_client_auth_cert(chain, key).map_err(|_| fault(TlsConfigError::BadKey))?
            }
        };
        Ok(Self(Arc::new(config)))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Stream<S>;
    type TlsConnect = Handshake;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, InvalidDnsNameError> {
        let name = ServerName::try_from(host.to_owned())?;
        Ok(Handshake { connector: TlsConnector::from(Arc::clone(&self.0)), name })
    }
}

/// A handshake that is to be made.
pub(super) struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

    fn connect(self, socket: S) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.name, socket).await.map(Stream) })
    }
}

/// An encrypted connection.
pub(super) struct Stream<S>(client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    /// None: the certificate is verified, which is what a binding would make up for.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, out)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
