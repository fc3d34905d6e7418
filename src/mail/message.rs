//! The messages of an issue: what is the same for many recipients is made once ([`Prepared`]),
//! and only the links, the addresses and the signature of a person are made for each.
//!
//! `multipart/alternative`, text before HTML, quoted-printable throughout, so that every relay
//! takes it and no line is longer than 76 characters. Nothing is tracked: no picture and no link
//! leads anywhere but where the issue says. Pure: the time is given.
//!
//! Why these fields and no others: `List-Unsubscribe` and `List-Unsubscribe-Post` let a mail
//! program's own button work (RFC 2369, RFC 8058); `List-Id` is what filters go by (RFC 2919);
//! `Auto-Submitted: auto-generated` keeps answering machines quiet (RFC 3834, section 5), and
//! `Precedence: bulk` those that are older; `Feedback-ID` lets a large receiver tell complaints
//! apart by digest and issue.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use xxhash_rust::xxh3::Xxh3;

use super::address::Address;
use super::dkim::{self, SignError, Signer};
use super::header::{Header, Mailbox, atom};
use super::quoted_printable::{self, Encoder};
use super::verp::ReturnPath;
use crate::signing::SigningKey;
use crate::subscribers::links::Links;

/// Stands in a render where a recipient's own link to their preferences will be.
pub const PREFERENCES: &str = "https://tidings.invalid/preferences";
/// Stands in a render where a recipient's own link to unsubscribe will be.
pub const UNSUBSCRIBE: &str = "https://tidings.invalid/unsubscribe";

/// The most characters of a `Feedback-ID`'s last part, which receivers want to be short.
const FEEDBACK_SENDER: usize = 15;

/// One render of an issue for one set of choices: the HTML and its text twin, with
/// [`PREFERENCES`] and [`UNSUBSCRIBE`] in the place of personal links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Plain text.
    pub subject: String,
    /// A whole document, its styles inlined.
    pub html: String,
    /// Set for reading.
    pub text: String,
    /// BCP 47 tag.
    pub language: String,
}

/// A picture that goes with the message, shown by `<img src="cid:…">`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineImage {
    /// What the HTML calls it: letters, digits, dots, hyphens and `@`.
    pub content_id: String,
    /// `image/jpeg`
    pub media_type: String,
    /// The file.
    pub octets: Vec<u8>,
}

/// What the messages of an issue have in common, whatever they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    /// The digest's slug.
    pub digest: String,
    /// Its title, plain text.
    pub title: String,
    /// The period's label: `2024-W47`.
    pub period: String,
    /// When the issue was due, in milliseconds since 1970 UTC.
    pub due: i64,
    /// The digest's sender.
    pub from: Mailbox,
    /// The host of the site: `news.example`.
    pub host: String,
    /// The page of all issues, an absolute URL.
    pub archive: String,
}

/// Who gets a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The subscriber's id.
    pub subscriber: i64,
    /// Whose links hold.
    pub generation: i64,
    /// Where it goes.
    pub address: Address,
    /// As they want to be called, plain text.
    pub name: Option<String>,
}

/// What messages are sealed with: links, return paths and signatures.
#[derive(Debug)]
pub struct Seal {
    /// Makes personal links.
    pub links: Links,
    /// Signs return paths and message ids.
    pub key: SigningKey,
    /// The mailbox that bounces come to; without one they go to the digest's sender.
    pub bounces: Option<Address>,
    /// The mailbox that unsubscribes by mail; without one only the web does.
    pub unsubscribe: Option<Address>,
    /// One for each DKIM selector.
    pub signers: Vec<Signer>,
}

/// What SMTP is told beside the message (RFC 5321, section 2.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The return path.
    pub from: String,
    /// The recipient.
    pub to: Address,
    /// Whether the relay must offer SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
}

/// All of a message that is the same for every recipient of one render.
#[derive(Debug)]
pub struct Prepared {
    mailing: Mailing,
    /// The fields before `To`, and those behind what is personal.
    before: Header,
    after: Header,
    body: Vec<Piece>,
    /// The octets of the body without its links.
    size: usize,
}

/// A part of an encoded body.
#[derive(Debug)]
enum Piece {
    Same(Vec<u8>),
    Link(Link),
}

#[derive(Debug, Clone, Copy)]
enum Link {
    Preferences,
    Unsubscribe,
}

impl Prepared {
    /// Encodes a render. `date` is when: it is the same for all messages made of it.
    pub fn new(
        rendered: &Rendered,
        images: &[InlineImage],
        mailing: Mailing,
        date: DateTime<Utc>,
    ) -> Prepared {
        let boundary = boundary(rendered);
        let mut before = Header::default();
        let from = &mailing.from;
        before.mailbox("From", from.name.as_deref(), &from.address);
        let mut after = Header::default();
        after.text("Subject", &rendered.subject);
        after.words("Date", &[&date.to_rfc2822()]);
        let slug = atom(&mailing.digest);
        let list = format!("{slug}.digests.{}", mailing.host);
        after.phrase("List-Id", Some(&mailing.title), &list);
        after.words("List-Archive", &[&format!("<{}>", mailing.archive)]);
        after.words("Feedback-ID", &[&feedback_id(&mailing)]);
        after.words("Auto-Submitted", &["auto-generated"]);
        after.words("Precedence", &["bulk"]);
        after.words("Content-Language", &[&atom(&rendered.language)]);
        after.words("MIME-Version", &["1.0"]);
        let content_type = [
            "multipart/alternative;",
            &format!("boundary=\"{boundary}\""),
        ];
        after.words("Content-Type", &content_type);
        let body = body(rendered, images, &boundary);
        let size = body.iter().map(|piece| match piece {
            Piece::Same(octets) => octets.len(),
            Piece::Link(_) => 0,
        });
        Prepared {
            before,
            after,
            size: size.sum(),
            body,
            mailing,
        }
    }

    /// The message for one recipient, and its envelope; `at` is the time of signing.
    ///
    /// # Errors
    /// When the message cannot be signed.
    pub fn message(
        &self,
        recipient: &Recipient,
        seal: &Seal,
        at: DateTime<Utc>,
    ) -> Result<(Envelope, Vec<u8>), SignError> {
        let Recipient {
            subscriber,
            generation,
            ..
        } = *recipient;
        let digest = &self.mailing.digest;
        let preferences = seal.links.preferences(subscriber, generation);
        let unsubscribe = seal.links.unsubscribe(subscriber, generation, digest);
        let mut header = self.before.clone();
        header.mailbox("To", recipient.name.as_deref(), &recipient.address);
        header.extend(&self.after);
        header.words("Message-ID", &[&self.message_id(subscriber, &seal.key)]);
        let mut ways = vec![format!("<{unsubscribe}>")];
        if let Some(mailbox) = &seal.unsubscribe {
            let address = (seal.links).unsubscribe_address(mailbox, subscriber, generation, digest);
            ways[0].push(',');
            ways.push(format!("<mailto:{address}?subject=unsubscribe>"));
        }
        let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
        header.words("List-Unsubscribe", &ways);
        header.words("List-Unsubscribe-Post", &["List-Unsubscribe=One-Click"]);
        let preferences = link(&preferences);
        let unsubscribe = link(&unsubscribe);
        let mut body = Vec::with_capacity(self.size + 8 * (preferences.len() + unsubscribe.len()));
        for piece in &self.body {
            body.extend_from_slice(match piece {
                Piece::Same(octets) => octets,
                Piece::Link(Link::Preferences) => &preferences,
                Piece::Link(Link::Unsubscribe) => &unsubscribe,
            });
        }
        let from = match &seal.bounces {
            Some(mailbox) => ReturnPath::new(subscriber, generation, self.mailing.due)
                .address(mailbox, &seal.key),
            None => self.mailing.from.address.wire(),
        };
        let envelope = Envelope {
            smtputf8: recipient.address.needs_smtputf8()
                || self.mailing.from.address.needs_smtputf8()
                || !from.is_ascii(),
            from,
            to: recipient.address.clone(),
        };
        let domain = self.mailing.from.address.ascii_domain();
        let message = sign(header.as_str(), &body, &seal.signers, domain, at)?;
        Ok((envelope, message))
    }

    /// Always the same for an issue and a subscriber, so that a message sent again is known as the
    /// one that was sent before.
    fn message_id(&self, subscriber: i64, key: &SigningKey) -> String {
        let Mailing { digest, period, .. } = &self.mailing;
        let signature = key.sign("message-id", &format!("{digest}/{period}/{subscriber}"));
        let (digest, period) = (atom(digest), atom(period));
        let domain = self.mailing.from.address.ascii_domain();
        format!("<issue.{digest}.{period}.{signature}@{domain}>")
    }
}

/// A whole message: the signatures of the keys that vouch for `domain`, header and body.
///
/// # Errors
/// When it cannot be signed.
pub(super) fn sign(
    header: &str,
    body: &[u8],
    signers: &[Signer],
    domain: &str,
    at: DateTime<Utc>,
) -> Result<Vec<u8>, SignError> {
    let mut message = Vec::with_capacity(header.len() + body.len() + 1024 * signers.len() + 2);
    let mut hash = None;
    for signer in signers.iter().filter(|signer| signer.is_aligned(domain)) {
        let hash = hash.get_or_insert_with(|| dkim::body_hash(body));
        let field = signer.sign(header, hash, at.timestamp())?;
        message.extend_from_slice(field.as_bytes());
    }
    message.extend_from_slice(header.as_bytes());
    message.extend_from_slice(b"\r\n");
    message.extend_from_slice(body);
    Ok(message)
}

/// Campaign, digest, kind and sender, as receivers that take part in it want them.
fn feedback_id(mailing: &Mailing) -> String {
    let sender: String = atom(mailing.from.address.ascii_domain())
        .chars()
        .take(FEEDBACK_SENDER)
        .collect();
    let (period, digest) = (atom(&mailing.period), atom(&mailing.digest));
    format!("{period}:{digest}:digest:{sender}")
}

/// A boundary that depends on the contents alone. No line of quoted-printable or Base64 holds
/// `=_`.
fn boundary(rendered: &Rendered) -> String {
    let mut hash = Xxh3::new();
    hash.update(rendered.text.as_bytes());
    hash.update(rendered.html.as_bytes());
    format!("=_{:016x}", hash.digest())
}

fn body(rendered: &Rendered, images: &[InlineImage], boundary: &str) -> Vec<Piece> {
    const TEXT: &str = "Content-Type: text/plain; charset=utf-8\r\n\
                        Content-Transfer-Encoding: quoted-printable\r\n\r\n";
    const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n\
                        Content-Transfer-Encoding: quoted-printable\r\n\r\n";
    let mut pieces = Pieces::default();
    pieces.same(&format!("--{boundary}\r\n{TEXT}"));
    pieces.encoded(&rendered.text);
    pieces.same(&format!("--{boundary}\r\n"));
    if images.is_empty() {
        pieces.same(HTML);
        pieces.encoded(&rendered.html);
    } else {
        let inner = format!("{boundary}-related");
        let head = format!(
            "Content-Type: multipart/related; type=\"text/html\";\r\n boundary=\"{inner}\"\r\n\r\n"
        );
        pieces.same(&format!("{head}--{inner}\r\n{HTML}"));
        pieces.encoded(&rendered.html);
        for image in images {
            pieces.same(&format!("--{inner}\r\n"));
            pieces.image(image);
        }
        pieces.same(&format!("--{inner}--\r\n"));
    }
    pieces.same(&format!("--{boundary}--\r\n"));
    pieces.finish()
}

/// A body that is being put together.
#[derive(Default)]
struct Pieces {
    pieces: Vec<Piece>,
    /// What the next one begins with.
    open: Vec<u8>,
}

impl Pieces {
    fn same(&mut self, text: &str) {
        self.open.extend_from_slice(text.as_bytes());
    }

    fn encoded(&mut self, text: &str) {
        let mut encoder = Encoder::default();
        let mut rest = text;
        while let Some((at, length, link)) = next_link(rest) {
            encoder.push(&rest[..at]);
            self.open.extend(encoder.before_value());
            self.pieces
                .push(Piece::Same(std::mem::take(&mut self.open)));
            self.pieces.push(Piece::Link(link));
            rest = &rest[at + length..];
        }
        encoder.push(rest);
        self.open.extend(encoder.finish());
    }

    fn image(&mut self, image: &InlineImage) {
        let plain = |text: &str| -> String {
            let is_plain = |c: &char| c.is_ascii_alphanumeric() || "./+-@_".contains(*c);
            text.chars().filter(is_plain).collect()
        };
        let (media_type, id) = (plain(&image.media_type), plain(&image.content_id));
        self.same(&format!(
            "Content-Type: {media_type}\r\nContent-ID: <{id}>\r\nContent-Disposition: inline\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n"
        ));
        for line in STANDARD.encode(&image.octets).as_bytes().chunks(76) {
            self.open.extend_from_slice(line);
            self.open.extend_from_slice(b"\r\n");
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.pieces.push(Piece::Same(self.open));
        self.pieces
    }
}

/// The first placeholder: where it is, how long, and what for.
fn next_link(text: &str) -> Option<(usize, usize, Link)> {
    let places = [
        (PREFERENCES, Link::Preferences),
        (UNSUBSCRIBE, Link::Unsubscribe),
    ];
    let found = places.iter().filter_map(|(placeholder, link)| {
        let at = text.find(placeholder)?;
        Some((at, placeholder.len(), *link))
    });
    found.min_by_key(|(at, ..)| *at)
}

/// A link as it stands in text and in HTML: none of ours holds what HTML would have escaped.
fn link(url: &str) -> Vec<u8> {
    debug_assert!(!url.contains(['&', '<', '>', '"', '\'']));
    quoted_printable::value(url)
}

#[cfg(test)]
pub(crate) mod tests;
