//! Why a TLS connection failed, in words that say whose certificate or whose side is at fault. Known whether or not the
//! feature `tls` is on, so that a match over errors does not depend on it; rustls's own words stay in `transport::tls`.

use std::{error, fmt, io};

/// What is wrong with a TLS connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsError {
    /// The peer's certificate is signed by no authority that this side trusts.
    UnknownIssuer,
    /// The server's certificate is for other names than the one that was asked for.
    WrongName,
    /// The peer's certificate is out of its dates, by this machine's clock.
    Expired,
    /// The peer's certificate is unusable for another reason.
    BadCertificate,
    /// The client showed no certificate, and this server asks for one.
    NoCertificate,
    /// The peer refused this side's certificate, or that there was none.
    CertificateRefused,
    /// The sides share no version, cipher or application protocol.
    Incompatible,
    /// What the peer sent is no TLS.
    NotTls,
    /// The peer ended the connection before the handshake was over.
    Ended,
    /// A record was forged, damaged or out of order, or the peer says that one of ours was.
    Broken,
}

impl TlsError {
    /// The TLS failure that a transport reported as this error, if it is one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "the peer's certificate is signed by no authority that is trusted here",
            Self::WrongName => "the server's certificate is for another name",
            Self::Expired => "the peer's certificate is not valid at this time",
            Self::BadCertificate => "the peer's certificate can't be used",
            Self::NoCertificate => "the client showed no certificate",
            Self::CertificateRefused => "the peer asks for a certificate that it trusts",
            Self::Incompatible => "the peer shares no version, cipher or protocol with this side",
            Self::NotTls => "what the peer sent is no TLS",
            Self::Ended => "the peer ended the connection during the TLS handshake",
            Self::Broken => "a TLS record was damaged on the way",
        })
    }
}

impl error::Error for TlsError {}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_survives_the_way_through_an_io_error() {
        assert_eq!(TlsError::of(&TlsError::WrongName.into()), Some(TlsError::WrongName));
        assert_eq!(TlsError::of(&io::ErrorKind::InvalidData.into()), None);
        assert_eq!(TlsError::of(&io::Error::other("something else")), None);
    }
}
