//! One side of a TLS connection as rustls has it, without any I/O: bytes of records go in and come out, and so do those
//! of the application. Everything here is done under one lock for a few microseconds; nothing here waits.

use std::{
    fmt,
    io::{self, Read, Write},
    mem,
};

use rustls::{AlertDescription, CertificateError, Connection};

use crate::TlsError;

/// rustls's state, and what it could not take yet.
pub(super) struct Session {
    tls: Connection,
    /// Bytes of records that came while rustls was full of what they hold. Invariant: empty unless there is something to
    /// take.
    unfed: Vec<u8>,
    /// Once set, nothing that comes means anything any more.
    failed: Option<TlsError>,
}

impl Session {
    pub(super) const fn new(tls: Connection) -> Self {
        Self { tls, unfed: Vec::new(), failed: None }
    }

    /// Takes in bytes of records; none says that the stream of the peer has ended.
    pub(super) fn feed(&mut self, mut records: &[u8]) {
        loop {
            let before = records.len();
            if self.tls.read_tls(&mut records).is_err() {
                self.unfed = records.to_vec(); // there is enough to take first
                return;
            }
            match self.tls.process_new_packets() {
                Ok(state) if state.peer_has_closed() && self.tls.is_handshaking() => {
                    self.failed = Some(TlsError::Ended);
                }
                Ok(_) => {}
                Err(error) => self.failed = Some(in_our_words(&error, self.tls.is_handshaking())),
            }
            // Why `before`: after its goodbye a peer's bytes are not read any more.
            if self.failed.is_some() || records.is_empty() || records.len() == before {
                return;
            }
        }
    }

    /// Moves decrypted bytes to `buffer`; 0 if the peer ended its direction, `None` if more records are needed.
    pub(super) fn take(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.tls.reader().read(buffer) {
                Ok(taken) => return Ok(Some(taken)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(self.failed.map_or(error, Into::into)), // an end without a goodbye
            }
            if let Some(failed) = self.failed {
                return Err(failed.into());
            }
            if self.unfed.is_empty() {
                return Ok(None);
            }
            let unfed = mem::take(&mut self.unfed);
            self.feed(&unfed);
            if self.unfed.len() == unfed.len() {
                self.failed = Some(TlsError::Broken); // a record that fits nowhere: without this line it would be tried for ever
            }
        }
    }

    /// Whether a read would return at once. Takes nothing.
    pub(super) fn has_something_to_take(&mut self) -> bool {
        let there = match self.tls.reader().into_first_chunk() {
            Ok(_) => true,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        };
        there || self.failed.is_some() || !self.unfed.is_empty()
    }

    /// Encrypts as much of `bytes` as rustls takes at once, at least one, and appends the records to `records`.
    pub(super) fn encrypt(&mut self, bytes: &[u8], records: &mut Vec<u8>) -> io::Result<usize> {
        let taken = self.tls.writer().write(bytes)?;
        self.append_records(records);
        Ok(taken)
    }

    /// Says goodbye: nothing can be encrypted any more.
    pub(super) fn say_goodbye(&mut self, records: &mut Vec<u8>) {
        self.tls.send_close_notify();
        self.append_records(records);
    }

    /// Appends what rustls has to say: its part of the handshake, alerts, new keys.
    pub(super) fn append_records(&mut self, records: &mut Vec<u8>) {
        // A vector takes everything; an end to the loop is due all the same.
        while self.tls.wants_write() && matches!(self.tls.write_tls(records), Ok(1..)) {}
    }

    pub(super) fn has_records(&self) -> bool {
        self.tls.wants_write()
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.tls.is_handshaking()
    }

    pub(super) const fn failed(&self) -> Option<TlsError> {
        self.failed
    }

    pub(super) fn fail(&mut self, failed: TlsError) -> TlsError {
        *self.failed.get_or_insert(failed)
    }
}

/// The one place that reads rustls's errors.
fn in_our_words(error: &rustls::Error, handshaking: bool) -> TlsError {
    use rustls::Error;
    match error {
        Error::InvalidCertificate(certificate) => match certificate {
            // A signature that does not fit is what a second authority of the same name leads to.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsError::UnknownIssuer,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsError::WrongName,
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsError::Expired,
            _ => TlsError::BadCertificate,
        },
        Error::NoCertificatesPresented => TlsError::NoCertificate,
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            // Of a handshake as well: the signature under the certificate, or with it, does not fit.
            | AlertDescription::DecryptError,
        ) => TlsError::CertificateRefused,
        Error::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::NoApplicationProtocol,
        )
        | Error::PeerIncompatible(_)
        | Error::NoApplicationProtocol => TlsError::Incompatible,
        Error::InvalidMessage(_) if handshaking => TlsError::NotTls,
        _ => TlsError::Broken,
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("failed", &self.failed).finish_non_exhaustive()
    }
}
