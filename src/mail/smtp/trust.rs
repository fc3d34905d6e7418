//! Whose word is taken for it that a relay is the one that it says it is: those whom the operating
//! system trusts, and those of a file.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use crate::diagnostic::Problem;

/// What makes TLS connections, with ring. Set for this client alone.
///
/// # Errors
/// When the file cannot be read or holds no certificate, or nobody is trusted at all.
pub(super) fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, Problem> {
    let own = ca_file.map_or(Ok(Vec::new()), certificates)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(own, Arc::clone(&provider)).map_err(|error| {
        Problem::error(format!("TLS cannot be used: {error}"))
            .help("install your system's certificates (ca-certificates)")
    })?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Problem::error(format!("TLS cannot be used: {error}")))?
        .dangerous()
        // It is the system's own: what is dangerous is to trust everybody.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The certificates in a file.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let wrong = |why: String| {
        Problem::error(format!("the certificates of {} {why}", file.display()))
            .help("look at 'ca_file' under [mail] in feeds.toml: it names a file in PEM")
    };
    let octets = std::fs::read(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let found = CertificateDer::pem_slice_iter(&octets)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(format!("cannot be used: {error}")))?;
    match found.is_empty() {
        true => Err(wrong("are none: there is no certificate in it".to_owned())),
        false => Ok(found),
    }
}

/// Why there is no encrypted connection to `host`, and what can be done about it.
pub(super) fn in_words(error: &rustls::Error, host: &str) -> String {
    use CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Certificate::Expired | Certificate::ExpiredContext { .. } => {
                "its certificate has expired: it must be renewed there".to_owned()
            }
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "its certificate is not valid yet: see whether this machine's clock is right"
                    .to_owned()
            }
            Certificate::NotValidForName => other_name("another name", host),
            Certificate::NotValidForNameContext { presented, .. } => {
                other_name(&names(presented), host)
            }
            Certificate::UnknownIssuer => {
                "nobody whom this system trusts vouches for its certificate; if it is of your own \
                 CA, name the file with the CA's certificate as 'ca_file' under [mail] in \
                 feeds.toml"
                    .to_owned()
            }
            other => format!("its certificate cannot be used: {other}"),
        },
        rustls::Error::InvalidMessage(_) => {
            "it does not begin with TLS on this port: smtps:// is for one that does, mostly 465, \
             and smtp:// for STARTTLS, mostly 587"
                .to_owned()
        }
        other => other.to_string(),
    }
}

/// Whether no further try can go better until somebody has changed something.
pub(super) fn is_setting(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(_)
            | rustls::Error::InvalidMessage(_)
            | rustls::Error::PeerIncompatible(_)
            | rustls::Error::NoCertificatesPresented
    )
}

fn other_name(names: &str, host: &str) -> String {
    format!(
        "its certificate is for {names} and not for {host}: write the relay's address with a name \
         that its certificate is for"
    )
}

/// The names of a certificate as rustls shows them, at most a few: `DnsName("relay.example")`.
fn names(presented: &[String]) -> String {
    let shown = presented.iter().take(5).map(|name| {
        let bare = name.split_once('(').map_or(name.as_str(), |(_, rest)| rest);
        crate::digest::text::one_line(bare.trim_matches(['(', ')', '"']))
    });
    let shown: Vec<String> = shown.collect();
    match shown.is_empty() {
        true => "no name".to_owned(),
        false => shown.join(", "),
    }
}
