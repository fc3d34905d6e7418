//! Reports by webhook: JSON, signed by whoever has the secret. Pure; the time is given.
//!
//! The header `Tidings-Signature: t=1732521600,v1=<hexadecimal>` holds the time in seconds since
//! 1970 UTC and the HMAC-SHA-256 of `<time>.<body>` under the secret. A signature holds for five
//! minutes around its time; the ledger knows what came within them.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use thiserror::Error;

use super::plain::shortened;
use super::status::Status;
use crate::mail::address::Address;

/// The header that a request is signed in.
pub const SIGNATURE_HEADER: &str = "tidings-signature";
/// How far the time of a signature may be from ours, in seconds.
pub const WINDOW: i64 = 300;
/// The most notices of one request.
const NOTICES: usize = 1_000;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A mail came back.
    Bounce {
        /// Its code, where the sender of the notice has one.
        status: Option<Status>,
    },
    /// A reader called it spam.
    Complaint,
    /// A reader wants no more.
    Unsubscribe,
}

/// One report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// The recipient's address.
    pub recipient: Option<Address>,
    /// The return path that the mail was sent with.
    pub return_path: Option<String>,
    /// What the server said.
    pub detail: String,
    /// The notice as it came, which tells it from others.
    pub text: String,
}

/// Why a request is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoticeError {
    /// No signature, or one in another form.
    #[error(
        "the request is not signed: send '{SIGNATURE_HEADER}: t=<seconds>,v1=<HMAC-SHA-256 of '<seconds>.<body>' in hexadecimal>'"
    )]
    Unsigned,
    /// A signature of another secret or another body.
    #[error("the signature does not fit the request")]
    Signature,
    /// Too old, or from a clock that is wrong.
    #[error("the signature is more than {WINDOW} seconds away from this server's time")]
    Time,
    /// The body is not what it must be.
    #[error("{0}")]
    Body(String),
}

/// Checks the signature of a request; `now` is in seconds since 1970 UTC.
///
/// # Errors
/// When it was not made with the secret, or at another time.
pub fn verify(
    secret: &str,
    signature: Option<&str>,
    body: &[u8],
    now: i64,
) -> Result<(), NoticeError> {
    let signature = signature.ok_or(NoticeError::Unsigned)?;
    let part = |name: &str| {
        let mut parts = signature.split(',');
        parts.find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let time = part("t").ok_or(NoticeError::Unsigned)?;
    let given = part("v1").and_then(octets).ok_or(NoticeError::Unsigned)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .expect("HMAC takes keys of any length (RFC 2104, section 2)");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(&given)
        .map_err(|_| NoticeError::Signature)?;
    let time: i64 = time.parse().map_err(|_| NoticeError::Unsigned)?;
    if now.abs_diff(time) > WINDOW.unsigned_abs() {
        return Err(NoticeError::Time);
    }
    Ok(())
}

/// Reads the body of a request: a notice, or an array of them. Fields that are not known are
/// passed over, since providers add their own.
///
/// # Errors
/// When any of them cannot be read: all are refused then, so that none is lost unseen.
pub fn read(body: &[u8]) -> Result<Vec<Notice>, NoticeError> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| NoticeError::Body(format!("this is no JSON: {error}")))?;
    let notices = match body {
        Value::Array(notices) => notices,
        notice => vec![notice],
    };
    if notices.len() > NOTICES {
        let message = format!(
            "there are {} notices; send at most {NOTICES} at once",
            notices.len()
        );
        return Err(NoticeError::Body(message));
    }
    let numbered = notices.iter().enumerate();
    numbered
        .map(|(at, notice)| {
            one(notice).map_err(|why| NoticeError::Body(format!("notice {}: {why}", at + 1)))
        })
        .collect()
}

fn one(notice: &Value) -> Result<Notice, String> {
    let fields = notice.as_object().ok_or("it is no JSON object")?;
    let text = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim())),
        Some(_) => Err(format!("'{name}' is no text")),
    };
    let event = match text("event")?.ok_or("it has no 'event'")? {
        "bounce" => {
            let status = text("status")?.map(|status| {
                let code = status.parse().ok().or_else(|| Status::find_basic(status));
                code.ok_or_else(|| {
                    format!("'{}' is no status code such as 5.1.1", shortened(status))
                })
            });
            Event::Bounce {
                status: status.transpose()?,
            }
        }
        "complaint" => Event::Complaint,
        "unsubscribe" => Event::Unsubscribe,
        other => {
            let other = shortened(other);
            return Err(format!(
                "the event '{other}' is none of bounce, complaint, unsubscribe"
            ));
        }
    };
    let recipient = text("recipient")?
        .map(|address| {
            let parsed = address.parse::<Address>();
            parsed.map_err(|error| format!("the recipient is no address: {error}"))
        })
        .transpose()?;
    let return_path = text("return_path")?.map(str::to_owned);
    if recipient.is_none() && return_path.is_none() {
        return Err("it has neither a 'recipient' nor a 'return_path'".to_owned());
    }
    Ok(Notice {
        event,
        recipient,
        return_path,
        detail: text("detail")?.map_or(String::new(), shortened),
        text: notice.to_string(),
    })
}

fn octets(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits = hexadecimal.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let is_pair = pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
        let text = is_pair.then(|| std::str::from_utf8(pair).ok())??;
        u8::from_str_radix(text, 16).ok()
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(secret: &str, time: &str, body: &str) -> String {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let tag = ring::hmac::sign(&key, format!("{time}.{body}").as_bytes());
        let octets = tag.as_ref().iter();
        let hexadecimal: String = octets.map(|octet| format!("{octet:02x}")).collect();
        format!("t={time},v1={hexadecimal}")
    }

    #[test]
    fn a_signature_holds_for_its_body_secret_and_time() {
        let signature = sign("secret", "1000", "{}");
        let check = |secret, signature: Option<&str>, body: &str, now| {
            verify(secret, signature, body.as_bytes(), now)
        };
        let signature = Some(signature.as_str());
        assert_eq!(check("secret", signature, "{}", 1000 + WINDOW), Ok(()));
        assert_eq!(check("secret", signature, "{}", 1000 - WINDOW), Ok(()));
        assert_eq!(
            check("secret", signature, "{}", 1001 + WINDOW),
            Err(NoticeError::Time)
        );
        assert_eq!(
            check("other", signature, "{}", 1000),
            Err(NoticeError::Signature)
        );
        assert_eq!(
            check("secret", signature, "[]", 1000),
            Err(NoticeError::Signature)
        );
        assert_eq!(
            check("secret", None, "{}", 1000),
            Err(NoticeError::Unsigned)
        );
        for bad in [
            "",
            "t=1000",
            "v1=00",
            "t=1000,v1=zz",
            "t=1000,v1=0",
            "t=1000,v1=é",
        ] {
            assert_eq!(
                check("secret", Some(bad), "{}", 1000),
                Err(NoticeError::Unsigned),
                "{bad}"
            );
        }
    }

    #[test]
    fn notices_are_read_one_or_many_and_none_is_passed_over() {
        let read = |text: &str| read(text.as_bytes());
        let one = read(
            r#"{"event": "bounce", "recipient": "a@b.example", "status": "5.1.1", "mine": 1}"#,
        );
        let one = one.unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(
            one[0].event,
            Event::Bounce {
                status: "5.1.1".parse().ok()
            }
        );
        let many = r#"[{"event": "complaint", "recipient": "a@b.example"},
                       {"event": "unsubscribe", "return_path": "x@y.example", "detail": "a\nb"}]"#;
        assert_eq!(read(many).unwrap()[1].detail, "a b");
        let refused = |text| read(text).unwrap_err().to_string();
        assert!(refused("").contains("no JSON"));
        assert!(refused("1").contains("no JSON object"));
        assert!(
            refused(r#"[{"event": "complaint", "recipient": "a@b.example"}, {}]"#)
                .contains("notice 2: it has no 'event'")
        );
        assert!(refused(r#"{"event": "open", "recipient": "a@b.example"}"#).contains("'open'"));
        assert!(refused(r#"{"event": "bounce"}"#).contains("neither"));
        assert!(refused(r#"{"event": "bounce", "recipient": "x"}"#).contains("no address"));
        assert!(refused(r#"{"event": "bounce", "recipient": 1}"#).contains("no text"));
        assert!(
            refused(r#"{"event": "bounce", "recipient": "a@b.example", "status": "bad"}"#)
                .contains("no status")
        );
    }
}
