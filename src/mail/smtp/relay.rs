//! The relay: where it is, and how a connection to it is made.
//!
//! mail-send does what has to be right about TLS and authentication; what follows is
//! [`super::Connection`]'s own.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use mail_send::{Credentials, SmtpClient, SmtpClientBuilder};
use smtp_proto::{EXT_PIPELINING, EXT_SMTP_UTF8};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::{Connection, Octets, SmtpError, trust};
use crate::config::mail::{self, Mail, RELAY_VARIABLE};
use crate::diagnostic::Problem;

/// How a connection is kept from listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encryption {
    /// From the first octet on.
    Tls,
    /// Begun by STARTTLS, which must be offered.
    StartTls,
    /// Not at all: to this machine, or where asked for.
    None,
}

/// A relay that mails are handed to.
#[derive(Clone)]
pub struct Relay {
    /// As it stands before a port.
    host: String,
    port: u16,
    encryption: Encryption,
    user: Option<(String, String)>,
    helo: Option<String>,
    timeout: Duration,
    tls: TlsConnector,
}

impl fmt::Debug for Relay {
    /// Without its password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Relay({self})")
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

impl Relay {
    /// The relay that `[mail]` names, or else `variable`, the value of [`RELAY_VARIABLE`]. The
    /// variable is the stronger: it may hold the password. `root` is the newsroom's folder.
    ///
    /// # Errors
    /// When neither names one, or the certificates that are trusted cannot be had.
    pub fn new(mail: &Mail, variable: Option<&str>, root: &Path) -> Result<Relay, Problem> {
        let stated = match variable {
            Some(text) => Some(mail::relay(text).map_err(|(message, help)| {
                Problem::error(format!("{RELAY_VARIABLE}: {message}")).help(help)
            })?),
            None => mail.relay.clone(),
        };
        let url = stated.ok_or_else(|| {
            Problem::error("no relay is known that mails could be handed to").help(format!(
                "set the environment variable {RELAY_VARIABLE} to \
                 'smtps://user:password@relay.example', or 'relay' under [mail] in feeds.toml"
            ))
        })?;
        let ca_file = mail.ca_file.as_ref().map(|file| root.join(file));
        let tls = trust::connector(ca_file.as_deref())?;
        Ok(Relay::at(&url, mail, tls))
    }

    fn at(url: &Url, mail: &Mail, tls: TlsConnector) -> Relay {
        let encryption = match url.scheme() {
            "smtps" => Encryption::Tls,
            _ => match url.query() {
                Some("tls=none") => Encryption::None,
                Some("tls=starttls") => Encryption::StartTls,
                _ if is_here(url) => Encryption::None,
                _ => Encryption::StartTls,
            },
        };
        let port = url.port().unwrap_or(match encryption {
            Encryption::Tls => 465,
            Encryption::StartTls => 587,
            Encryption::None => 25,
        });
        let user = (!url.username().is_empty()).then(|| {
            let password = url.password().unwrap_or_default();
            (percent_decode(url.username()), percent_decode(password))
        });
        Relay {
            host: url.host_str().unwrap_or_default().to_owned(),
            port,
            encryption,
            user,
            helo: mail.helo.clone(),
            timeout: mail.timeout,
            tls,
        }
    }

    /// A connection that is greeted, encrypted and authenticated.
    ///
    /// # Errors
    /// Whatever stands in the way of that.
    pub async fn connect(&self) -> Result<Connection, SmtpError> {
        let connecting = async {
            let builder = self.builder();
            match self.encryption {
                Encryption::None => {
                    let client = builder.connect_plain().await?;
                    client.stream.set_nodelay(true)?;
                    self.introduce(client).await
                }
                Encryption::Tls | Encryption::StartTls => {
                    let client = builder.connect().await?;
                    client.stream.get_ref().0.set_nodelay(true)?;
                    self.introduce(client).await
                }
            }
        };
        // mail-send waits for a plain greeting however long it takes.
        match tokio::time::timeout(self.timeout, connecting).await {
            Ok(connected) => connected.map_err(|error| SmtpError::from_mail_send(error, self)),
            Err(_) => Err(SmtpError::Silent("to connect")),
        }
    }

    async fn introduce<S>(&self, mut client: SmtpClient<S>) -> mail_send::Result<Connection>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let helo = self.builder().local_host;
        let offered = client.capabilities(&helo, false).await?;
        if let Some((user, password)) = &self.user {
            let credentials = Credentials::new(user.as_str(), password.as_str());
            client.authenticate(&credentials, &offered).await?;
        }
        let stream: Box<dyn Octets> = Box::new(client.stream);
        Ok(Connection::new(
            stream,
            self.timeout,
            offered.has_capability(EXT_PIPELINING),
            offered.has_capability(EXT_SMTP_UTF8),
        ))
    }

    /// Its host without the brackets of an IPv6 address.
    pub(super) fn bare_host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    /// The user and password that it is told.
    pub(super) fn user(&self) -> Option<&(String, String)> {
        self.user.as_ref()
    }

    fn builder(&self) -> SmtpClientBuilder<String> {
        let bare = self.bare_host().to_owned();
        let mut builder =
            SmtpClientBuilder::new_with_tls_connector(bare, self.port, self.tls.clone())
                .implicit_tls(self.encryption == Encryption::Tls)
                .timeout(self.timeout)
                // EHLO is said by `introduce`, which wants to know what is offered.
                .say_ehlo(false);
        builder.addr = self.to_string();
        match &self.helo {
            Some(helo) => builder.helo_host(helo.clone()),
            None => builder,
        }
    }
}

/// Whether the relay is this machine, so that nobody listens on the way.
fn is_here(url: &Url) -> bool {
    match url.host() {
        // Schemes that the URL standard does not know have opaque hosts.
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || name
                    .parse::<IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn percent_decode(text: &str) -> String {
    let octets = text.as_bytes();
    let mut decoded = Vec::with_capacity(octets.len());
    let mut at = 0;
    while at < octets.len() {
        let hex = text
            .get(at + 1..at + 3)
            .filter(|_| octets[at] == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(hex.unwrap_or(octets[at]));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(address: &str) -> Relay {
        Relay::new(&Mail::default(), Some(address), Path::new("")).unwrap()
    }

    #[test]
    fn an_address_says_how_the_relay_is_spoken_to() {
        let kinds = |address| {
            let relay = relay(address);
            (relay.to_string(), relay.encryption)
        };
        for (address, at, encryption) in [
            (
                "smtp://relay.example",
                "relay.example:587",
                Encryption::StartTls,
            ),
            (
                "smtps://relay.example",
                "relay.example:465",
                Encryption::Tls,
            ),
            ("smtp://localhost", "localhost:25", Encryption::None),
            ("smtp://127.0.0.1:2525", "127.0.0.1:2525", Encryption::None),
            ("smtp://[::1]:2525", "[::1]:2525", Encryption::None),
            (
                "smtp://10.0.0.1:25?tls=none",
                "10.0.0.1:25",
                Encryption::None,
            ),
            ("smtp://10.0.0.1", "10.0.0.1:587", Encryption::StartTls),
            (
                "smtp://localhost:2525?tls=starttls",
                "localhost:2525",
                Encryption::StartTls,
            ),
        ] {
            assert_eq!(kinds(address), (at.to_owned(), encryption), "{address}");
        }
    }

    #[test]
    fn a_password_may_hold_anything_and_is_never_shown() {
        let relay = relay("smtps://news%40example.org:p%3Ass+%C3%A9@relay.example");
        let user = ("news@example.org".to_owned(), "p:ss+é".to_owned());
        assert_eq!(relay.user, Some(user));
        assert_eq!(format!("{relay:?}"), "Relay(relay.example:465)");
    }

    #[test]
    fn a_file_of_certificates_that_cannot_be_used_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("empty.pem"), "nothing\n").unwrap();
        for (file, why) in [
            ("gone.pem", "cannot be read"),
            ("empty.pem", "no certificate"),
        ] {
            let mail = Mail {
                ca_file: Some(file.into()),
                ..Mail::default()
            };
            let address = Some("smtps://relay.example");
            let problem = Relay::new(&mail, address, folder.path()).unwrap_err();
            let help = problem.help.unwrap_or_default();
            assert!(problem.message.contains(why), "{}", problem.message);
            assert!(
                problem.message.contains(file) && help.contains("ca_file"),
                "{help}"
            );
        }
    }

    #[test]
    fn what_is_no_relay_is_refused_without_quoting_it() {
        for address in [
            "https://u:secret@relay.example",
            "relay.example:25",
            "smtp://",
            "smtp://u:secret@relay.example/path",
            "smtp://u:secret@relay.example?x=y",
            "smtps://u:secret@relay.example?tls=none",
        ] {
            let problem = Relay::new(&Mail::default(), Some(address), Path::new("")).unwrap_err();
            assert!(!problem.message.contains("secret"), "{}", problem.message);
        }
        assert!(Relay::new(&Mail::default(), None, Path::new("")).is_err());
    }
}
