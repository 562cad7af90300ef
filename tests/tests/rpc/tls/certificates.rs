//! Certificate authorities and what they sign, made anew by each test.

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rpc_core::transport::{TlsClient, TlsServer};

/// A certificate authority.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(super) pem: String,
}

/// A certificate and its key, as PEM.
pub(super) struct Identity {
    pub(super) chain: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority for one test");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub(super) fn identity(&self, names: &[&str]) -> Identity {
        self.sign(names, |_| {})
    }

    pub(super) fn sign(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate: Certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { chain: certificate.pem(), key: key.serialize_pem() }
    }

    pub(super) fn expired(&self, names: &[&str]) -> Identity {
        self.sign(names, |params| {
            params.not_before = date_time_ymd(2000, 1, 1);
            params.not_after = date_time_ymd(2001, 1, 1);
        })
    }

    pub(super) fn server(&self) -> TlsServer {
        self.identity(&["localhost", "127.0.0.1"]).server()
    }

    /// A client that trusts this authority.
    pub(super) fn client(&self) -> TlsClient {
        TlsClient::new(self.pem.as_bytes()).unwrap()
    }
}

impl Identity {
    pub(super) fn server(&self) -> TlsServer {
        TlsServer::new(self.chain.as_bytes(), self.key.as_bytes()).unwrap()
    }
}
