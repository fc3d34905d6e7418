//! TLS by certificate files, which are read again when they change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

use super::version::Stamp;

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no PEM of the right sort.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The two do not belong together.
    #[error("the certificate {} and the key {} cannot be used: {source}", certificate.display(), key.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// The certificate in force.
#[derive(Debug)]
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<(Stamps, Arc<ServerConfig>)>,
}

type Stamps = [Option<Stamp>; 2];

impl Certificate {
    /// The certificate and key in these PEM files.
    ///
    /// # Errors
    /// When they cannot be read or do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Certificate, TlsError> {
        let stamps = [stamp(certificate), stamp(key)];
        let config = config(certificate, key)?;
        Ok(Certificate {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: RwLock::new((stamps, config)),
        })
    }

    /// What accepts the next connection.
    pub fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(current.1.clone())
    }

    /// Takes up files that have changed. Returns whether they had.
    ///
    /// # Errors
    /// When they cannot be used, which is said once; the last good ones stay in force.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        let stamps = [stamp(&self.certificate), stamp(&self.key)];
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.0 == stamps {
            return Ok(false);
        }
        current.0 = stamps;
        current.1 = config(&self.certificate, &self.key)?;
        Ok(true)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().map(|metadata| Stamp::of(&metadata))
}

fn config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(certificate, &error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "it holds no certificate in PEM"));
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| wrong(key, "it holds no private key in PEM"))?;
    let pair = |source| TlsError::Pair {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error: io::Error| wrong(path, &error.to_string()))
}

fn wrong(path: &Path, why: &str) -> TlsError {
    TlsError::File {
        path: path.to_owned(),
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_pair(folder: &Path, name: &str) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        fs::write(folder.join("certificate.pem"), made.cert.pem()).unwrap();
        fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    }

    #[test]
    fn a_certificate_is_taken_up_when_it_changes_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] =
            ["certificate.pem", "key.pem"].map(|name| folder.path().join(name));
        write_pair(folder.path(), "one.example");
        let loaded = Certificate::load(&certificate, &key).unwrap();
        assert!(!loaded.refresh().unwrap());
        write_pair(folder.path(), "other-name.example");
        assert!(loaded.refresh().unwrap());
        fs::write(&key, "no key").unwrap();
        let error = loaded.refresh().unwrap_err();
        assert!(
            error.to_string().contains("holds no private key"),
            "{error}"
        );
        assert!(!loaded.refresh().unwrap());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] =
            ["certificate.pem", "key.pem"].map(|name| folder.path().join(name));
        let error = Certificate::load(&certificate, &key).unwrap_err();
        assert!(error.to_string().contains("certificate.pem"), "{error}");
        write_pair(folder.path(), "one.example");
        let other = tempfile::tempdir().unwrap();
        write_pair(other.path(), "one.example");
        let error = Certificate::load(&certificate, &other.path().join("key.pem")).unwrap_err();
        assert!(matches!(error, TlsError::Pair { .. }), "{error}");
    }
}
