//! The certificate of the server with TLS: made by the process that measures, which trusts nothing else, and handed to the
//! process that serves.

use std::{
    io::{BufRead, Write},
    sync::OnceLock,
};

/// The name in the certificate.
pub(crate) const SERVER_NAME: &str = "127.0.0.1";

/// A certificate and its key, as PEM.
pub(crate) struct Identity {
    pub(crate) chain: String,
    pub(crate) key: String,
}

static IDENTITY: OnceLock<Identity> = OnceLock::new();

/// This run's identity, drawn at its first use unless it was received.
pub(crate) fn identity() -> &'static Identity {
    IDENTITY.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed([SERVER_NAME.to_owned()]).expect("a name that can be certified");
        Identity { chain: made.cert.pem(), key: made.signing_key.serialize_pem() }
    })
}

/// Hands the identity over: two texts, each with an empty line after it.
pub(crate) fn send(to: &mut impl Write) {
    let Identity { chain, key } = identity();
    write!(to, "{}\n\n{}\n\n", chain.trim_end(), key.trim_end()).expect("a process that listens");
}

/// Takes over what [`send`] sends.
pub(crate) fn receive(from: &mut impl BufRead) {
    let mut text = || {
        let mut text = String::new();
        while from.read_line(&mut text).expect("text") > 1 {}
        text
    };
    let identity = Identity { chain: text(), key: text() };
    assert!(IDENTITY.set(identity).is_ok(), "an identity is received once, before its first use");
}
