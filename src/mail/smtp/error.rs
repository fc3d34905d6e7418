//! Why a relay cannot be spoken to, in words that say what to do, and never with a password.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smtp_proto::Response;
use thiserror::Error;

use super::{Relay, Reply, trust};
use crate::digest::text::one_line;

/// What stands where a relay repeats a password.
const HIDDEN: &str = "(hidden)";

/// Why a relay cannot be spoken to.
#[derive(Debug, Error)]
pub enum SmtpError {
    /// There is no connection.
    #[error("the relay {relay} cannot be reached: {source}")]
    Unreachable {
        /// Its host and port.
        relay: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is no encrypted connection.
    #[error("no encrypted connection to the relay {relay}: {why}")]
    Tls {
        /// Its host and port.
        relay: String,
        /// Why, and what to do.
        why: String,
        /// Whether a setting must be changed, here or there.
        is_setting: bool,
    },
    /// The relay does not offer STARTTLS.
    #[error(
        "the relay does not offer STARTTLS, and nothing was sent in the clear (smtps:// begins with \
         TLS; '?tls=none' does without)"
    )]
    NoStartTls,
    /// User or password are wrong, or the relay knows no way of telling it.
    #[error(
        "the relay does not accept the user and password in its address: {0} (characters such as \
         @ : / % # are written %40 %3A %2F %25 %23 there)"
    )]
    Credentials(String),
    /// The relay wants nothing from us.
    #[error("the relay refuses the connection: {0}")]
    Refused(String),
    /// The relay ends the connection.
    #[error("the relay closes the connection: {0}")]
    Closing(Reply),
    /// The connection is gone.
    #[error("the connection to the relay was lost: {0}")]
    Lost(String),
    /// Nothing came for too long.
    #[error("the relay took too long {0}")]
    Silent(&'static str),
    /// What came is no reply.
    #[error("the relay answers nonsense: '{0}'")]
    Nonsense(String),
}

impl SmtpError {
    /// What mail-send says while a connection is made.
    pub(super) fn from_mail_send(error: mail_send::Error, relay: &Relay) -> SmtpError {
        use mail_send::Error;
        let hidden = |text: String| hide(&one_line(&text), relay.user());
        let said = |reply: &Response<String>| {
            let status = match reply.esc {
                [0, ..] => String::new(),
                [class, subject, detail] => format!("{class}.{subject}.{detail} "),
            };
            hidden(format!("{} {status}{}", reply.code(), reply.message()))
        };
        let unencrypted = |error: &rustls::Error| SmtpError::Tls {
            relay: relay.to_string(),
            why: trust::in_words(error, relay.bare_host()),
            is_setting: trust::is_setting(error),
        };
        match error {
            Error::Io(source) => {
                let inner = source.get_ref().and_then(|inner| inner.downcast_ref());
                match inner {
                    Some(error) => unencrypted(error),
                    None => SmtpError::Unreachable {
                        relay: relay.to_string(),
                        source,
                    },
                }
            }
            Error::Tls(error) => unencrypted(&error),
            Error::InvalidTLSName => SmtpError::Tls {
                relay: relay.to_string(),
                why: "its host is no name for TLS".to_owned(),
                is_setting: true,
            },
            Error::MissingStartTls => SmtpError::NoStartTls,
            // It cannot look them up just now (454), or is busy.
            Error::AuthenticationFailed(reply) if (400..500).contains(&reply.code()) => {
                SmtpError::Refused(said(&reply))
            }
            Error::AuthenticationFailed(reply) => SmtpError::Credentials(said(&reply)),
            Error::UnsupportedAuthMechanism => {
                SmtpError::Credentials("it offers no way of telling them that we know".to_owned())
            }
            Error::UnexpectedReply(reply) => SmtpError::Refused(said(&reply)),
            Error::UnparseableReply => SmtpError::Lost(
                "it was closed, or what came is no reply, before a message could be sent"
                    .to_owned(),
            ),
            Error::Timeout => SmtpError::Silent("to connect"),
            other => SmtpError::Refused(hidden(other.to_string())),
        }
    }

    /// Whether trying again can never help before somebody changes something.
    pub fn is_setting(&self) -> bool {
        match self {
            SmtpError::NoStartTls | SmtpError::Credentials(_) => true,
            SmtpError::Tls { is_setting, .. } => *is_setting,
            _ => false,
        }
    }
}

/// What a relay said, without the password, should it repeat that, plain or as it was sent.
fn hide(text: &str, user: Option<&(String, String)>) -> String {
    let Some((user, password)) = user.filter(|(_, password)| !password.is_empty()) else {
        return text.to_owned();
    };
    [
        STANDARD.encode(format!("\0{user}\0{password}")),
        STANDARD.encode(password),
        password.clone(),
    ]
    .iter()
    .fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_a_relay_repeats_is_hidden() {
        let account = ("anna".to_owned(), "s3cret pass".to_owned());
        for repeated in [
            "s3cret pass".to_owned(),
            STANDARD.encode("s3cret pass"),
            STANDARD.encode("\0anna\0s3cret pass"),
        ] {
            let said = hide(&format!("535 no: {repeated}!"), Some(&account));
            assert_eq!(said, "535 no: (hidden)!");
        }
        assert_eq!(hide("535 no", None), "535 no");
    }
}
