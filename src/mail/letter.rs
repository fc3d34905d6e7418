//! Mails to one person that are no issues: confirmations, changes of address, test sends. Text,
//! and HTML beside it where there is some. Pure: the time is given.
//!
//! A letter answers what somebody asked for, so it has no fields of a list; `Auto-Submitted` keeps
//! answering machines quiet (RFC 3834, section 5).

use chrono::{DateTime, Utc};
use xxhash_rust::xxh3::xxh3_64;

use super::address::Address;
use super::dkim::SignError;
use super::header::{Header, Mailbox, atom};
use super::message::{Envelope, Seal, sign};
use super::quoted_printable::Encoder;
use super::verp::ReturnPath;

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Who it is from.
    pub from: Mailbox,
    /// The subscriber's id; 0 for somebody who is none.
    pub subscriber: i64,
    /// Where it goes.
    pub to: Address,
    /// As they want to be called, plain text.
    pub name: Option<String>,
    /// Plain text.
    pub subject: String,
    /// Set for reading.
    pub text: String,
    /// A whole document.
    pub html: Option<String>,
    /// BCP 47 tag.
    pub language: String,
    /// What it is: `confirm`. Stands in its id.
    pub kind: String,
}

impl Letter {
    /// The message and its envelope, as of `now`.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn message(
        &self,
        seal: &Seal,
        now: DateTime<Utc>,
    ) -> Result<(Envelope, Vec<u8>), SignError> {
        let domain = self.from.address.ascii_domain();
        let mut header = Header::default();
        header.mailbox("From", self.from.name.as_deref(), &self.from.address);
        header.mailbox("To", self.name.as_deref(), &self.to);
        header.text("Subject", &self.subject);
        header.words("Date", &[&now.to_rfc2822()]);
        let named = format!("{}/{}/{}", self.kind, self.to.key(), now.timestamp_millis());
        let signature = seal
            .key
            .sign("message-id", &format!("{named}/{}", self.text));
        let id = format!("<letter.{}.{signature}@{domain}>", atom(&self.kind));
        header.words("Message-ID", &[&id]);
        header.words("Auto-Submitted", &["auto-generated"]);
        header.words("Content-Language", &[&atom(&self.language)]);
        header.words("MIME-Version", &["1.0"]);
        let body = self.body(&mut header);
        let from = match &seal.bounces {
            Some(mailbox) => {
                let due = now.timestamp_millis();
                ReturnPath::letter(self.subscriber, due).address(mailbox, &seal.key)
            }
            None => self.from.address.wire(),
        };
        let envelope = Envelope {
            smtputf8: self.to.needs_smtputf8()
                || self.from.address.needs_smtputf8()
                || !from.is_ascii(),
            from,
            to: self.to.clone(),
        };
        let message = sign(header.as_str(), &body, &seal.signers, domain, now)?;
        Ok((envelope, message))
    }

    /// The body; what it is stands in `header` then.
    fn body(&self, header: &mut Header) -> Vec<u8> {
        const TEXT: [&str; 2] = ["text/plain;", "charset=utf-8"];
        const ENCODING: &str = "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
        let Some(html) = &self.html else {
            header.words("Content-Type", &TEXT);
            header.words("Content-Transfer-Encoding", &["quoted-printable"]);
            return encoded(&self.text);
        };
        // No line of quoted-printable holds `=_`.
        let boundary = format!("=_{:016x}", xxh3_64(html.as_bytes()));
        let content_type = [
            "multipart/alternative;",
            &format!("boundary=\"{boundary}\""),
        ];
        header.words("Content-Type", &content_type);
        let mut body = Vec::new();
        for (kind, text) in [("plain", &self.text), ("html", html)] {
            let head = format!("--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(ENCODING.as_bytes());
            body.extend(encoded(text));
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        body
    }
}

fn encoded(text: &str) -> Vec<u8> {
    let mut encoder = Encoder::default();
    encoder.push(text);
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;
    use crate::signing::SigningKey;
    use crate::subscribers::links::Links;

    fn letter() -> Letter {
        Letter {
            from: "Press <press@example.org>".parse().unwrap(),
            subscriber: 12,
            to: "anna@example.net".parse().unwrap(),
            name: None,
            subject: "Bitte bestätigen\r\nBcc: all@example.org".to_owned(),
            text: "Open this link:\nhttps://news.example/confirm?token=1\n".to_owned(),
            html: None,
            language: "de".to_owned(),
            kind: "confirm".to_owned(),
        }
    }

    fn seal() -> Seal {
        let key = SigningKey::new([7; 32]);
        Seal {
            links: Links::new("https://news.example/", key.clone()),
            key,
            bounces: Some("bounces@example.org".parse().unwrap()),
            unsubscribe: None,
            signers: Vec::new(),
        }
    }

    #[test]
    fn a_letter_is_text_with_no_fields_of_a_list() {
        let now = DateTime::from_timestamp(1_732_521_600, 0).unwrap();
        let (envelope, message) = letter().message(&seal(), now).unwrap();
        insta::assert_snapshot!(String::from_utf8(message).unwrap().replace("\r\n", "\n"));
        assert!(envelope.from.starts_with("bounces+000000000000000cffff"));
    }

    #[test]
    fn html_stands_beside_the_text_where_there_is_some() {
        let now = DateTime::from_timestamp(1_732_521_600, 0).unwrap();
        let letter = Letter {
            html: Some("<p>Open <a href=\"https://news.example/\">this</a>.</p>".to_owned()),
            ..letter()
        };
        let (_, message) = letter.message(&seal(), now).unwrap();
        let parsed = MessageParser::default().parse(&message).unwrap();
        let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
        assert_eq!(text, letter.text.trim_end());
        assert_eq!(
            parsed.body_html(0).unwrap().trim_end(),
            letter.html.unwrap()
        );
        assert_eq!(
            parsed.subject(),
            Some("Bitte bestätigen Bcc: all@example.org")
        );
        assert!(parsed.bcc().is_none());
    }
}
