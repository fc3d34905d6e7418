//! Header fields: RFC 5322 with the encoded words of RFC 2047, folded.
//!
//! Nothing that is written here can end a field: line breaks and control characters of what is
//! given become spaces. Pure.

use std::fmt::Write;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::address::{Address, AddressError};
use crate::digest::text::one_line;

/// The most characters of a line that holds an encoded word (RFC 2047, section 2); others keep to
/// it where they can be broken.
const LINE_LENGTH: usize = 76;
/// The most characters of an encoded word, and what of it is not text: `=?utf-8?Q?` and `?=`.
const WORD_LENGTH: usize = 75;
const WORD_FRAME: usize = 12;
/// The most characters of a name that stands between quotation marks.
const QUOTED_NAME: usize = 60;

/// A name, if there is one, and an address: who a mail is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Plain text on one line.
    pub name: Option<String>,
    /// Where answers go.
    pub address: Address,
}

impl FromStr for Mailbox {
    type Err = AddressError;

    /// Reads `Name <address>`, or an address alone.
    fn from_str(text: &str) -> Result<Mailbox, AddressError> {
        let line = one_line(text);
        let Some((name, rest)) = line.rsplit_once('<') else {
            let address = line.parse()?;
            return Ok(Mailbox {
                name: None,
                address,
            });
        };
        let address = rest.strip_suffix('>').ok_or(AddressError::Form)?;
        let name = name.trim().trim_matches('"');
        Ok(Mailbox {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address: address.parse()?,
        })
    }
}

/// The header of a message that is being written, each line with its break.
#[derive(Debug, Default, Clone)]
pub struct Header(String);

impl Header {
    /// All fields so far.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Fields that were written before.
    pub fn extend(&mut self, fields: &Header) {
        self.0.push_str(&fields.0);
    }

    /// A field of free text: `Subject`.
    pub fn text(&mut self, name: &str, text: &str) {
        let text = one_line(text);
        let words: Vec<&str> = text.split(' ').collect();
        if is_plain(&text)
            && words
                .iter()
                .all(|word| word.len() < WORD_LENGTH - name.len())
        {
            self.words(name, &words);
        } else {
            let encoded = encoded_words(&text, name.len() + 2);
            let encoded: Vec<&str> = encoded.iter().map(String::as_str).collect();
            self.words(name, &encoded);
        }
    }

    /// A field of a mailbox: `From`, `To`. An address in letters beyond ASCII is written as it is,
    /// as RFC 6532 has it.
    pub fn mailbox(&mut self, name: &str, display: Option<&str>, address: &Address) {
        self.phrase(name, display, &address.wire());
    }

    /// A field of a name, if there is one, and what stands in brackets behind it: `List-Id`.
    pub fn phrase(&mut self, name: &str, display: Option<&str>, bracketed: &str) {
        let display = display.map(one_line).filter(|name| !name.is_empty());
        let Some(display) = display else {
            return self.words(name, &[&format!("<{bracketed}>")]);
        };
        let mut words = if is_plain(&display) && display.len() <= QUOTED_NAME {
            vec![quoted(&display)]
        } else {
            encoded_words(&display, name.len() + 2)
        };
        words.push(format!("<{bracketed}>"));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.words(name, &words);
    }

    /// A field of words that a line may be broken between. None holds a line break.
    pub fn words(&mut self, name: &str, words: &[&str]) {
        // Writing to a text does not fail.
        let _ = write!(self.0, "{name}:");
        let mut column = name.len() + 1;
        for (at, word) in words.iter().enumerate() {
            if at > 0 && column + 1 + word.len() > LINE_LENGTH {
                self.0.push_str("\r\n");
                column = 0;
            }
            self.0.push(' ');
            self.0
                .extend(word.chars().map(|c| if c.is_control() { ' ' } else { c }));
            column += 1 + word.len();
        }
        self.0.push_str("\r\n");
    }
}

/// `text` as an atom, RFC 5322 section 3.2.3.
pub fn atom(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

/// Whether a text can stand in a header as it is: no letters beyond ASCII, and nothing that would
/// be read as an encoded word.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !text.contains("=?")
}

/// A name as a quoted string, or as it is where it is made of atoms.
fn quoted(name: &str) -> String {
    let is_atoms =
        |byte: u8| byte.is_ascii_alphanumeric() || b" !#$%&'*+-/?^_`{|}~".contains(&byte);
    if name.bytes().all(is_atoms) {
        return name.to_owned();
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// `text` in encoded words, the first of which stands behind `indent` characters. Spaces between
/// encoded words are dropped by whoever reads them, so that words hold them.
fn encoded_words(text: &str, indent: usize) -> Vec<String> {
    // Q where it is no longer than B: most of it can then be read as it is.
    let is_q_shorter = word_length(text, true) <= word_length(text, false);
    let mut words = Vec::new();
    let mut piece = String::new();
    let mut room = LINE_LENGTH
        .saturating_sub(indent)
        .clamp(WORD_FRAME + 12, WORD_LENGTH);
    for character in text.chars() {
        piece.push(character);
        if word_length(&piece, is_q_shorter) > room {
            piece.pop();
            words.push(encoded_word(&piece, is_q_shorter));
            piece.clear();
            piece.push(character);
            room = WORD_LENGTH;
        }
    }
    words.push(encoded_word(&piece, is_q_shorter));
    words
}

fn word_length(text: &str, in_q: bool) -> usize {
    let octets = if in_q {
        text.chars()
            .map(|c| if is_q_plain(c) { 1 } else { 3 * c.len_utf8() })
            .sum()
    } else {
        text.len().div_ceil(3) * 4
    };
    WORD_FRAME + octets
}

fn encoded_word(text: &str, in_q: bool) -> String {
    if !in_q {
        return format!("=?utf-8?B?{}?=", STANDARD.encode(text));
    }
    let mut word = String::from("=?utf-8?Q?");
    for character in text.chars() {
        if character == ' ' {
            word.push('_');
        } else if is_q_plain(character) {
            word.push(character);
        } else {
            let mut buffer = [0; 4];
            for octet in character.encode_utf8(&mut buffer).bytes() {
                // Writing to a text does not fail.
                let _ = write!(word, "={octet:02X}");
            }
        }
    }
    word + "?="
}

/// What takes one character in a Q-encoded word of a phrase (RFC 2047, section 5, rule 3).
fn is_q_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || " !*+-/".contains(character)
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    use super::*;

    fn subject(text: &str) -> String {
        let mut header = Header::default();
        header.text("Subject", text);
        header.0
    }

    #[test]
    fn plain_subjects_stay_plain_and_others_are_encoded() {
        assert_eq!(
            subject("The week in brief"),
            "Subject: The week in brief\r\n"
        );
        assert_eq!(
            subject("Café news today"),
            "Subject: =?utf-8?Q?Caf=C3=A9_news_today?=\r\n"
        );
        assert_eq!(
            subject("Новости"),
            "Subject: =?utf-8?B?0J3QvtCy0L7RgdGC0Lg=?=\r\n"
        );
        assert_eq!(
            subject("=?utf-8?Q?x?="),
            "Subject: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n"
        );
    }

    #[test]
    fn a_line_break_cannot_start_another_field() {
        assert_eq!(
            subject("News\r\nBcc: all@example.org\u{85}\u{2028}x\0y"),
            "Subject: News Bcc: all@example.org x y\r\n"
        );
        let mut header = Header::default();
        let address = "a@example.org".parse().unwrap();
        header.mailbox("To", Some("Anna\r\nBcc: b@example.org"), &address);
        assert_eq!(
            header.0,
            "To: \"Anna Bcc: b@example.org\" <a@example.org>\r\n"
        );
    }

    #[test]
    fn names_are_quoted_or_encoded() {
        let address: Address = "a@example.org".parse().unwrap();
        let to = |name: &str| {
            let mut header = Header::default();
            header.mailbox("To", Some(name), &address);
            header.0
        };
        assert_eq!(to("Anna Berg"), "To: Anna Berg <a@example.org>\r\n");
        assert_eq!(
            to("Berg, \"A\" \\"),
            "To: \"Berg, \\\"A\\\" \\\\\" <a@example.org>\r\n"
        );
        assert_eq!(to("Zoë"), "To: =?utf-8?Q?Zo=C3=AB?= <a@example.org>\r\n");
        assert_eq!(to(" "), "To: <a@example.org>\r\n");
    }

    #[test]
    fn a_mailbox_is_a_name_and_an_address() {
        let mailbox: Mailbox = "Press Office <press@example.org>".parse().unwrap();
        assert_eq!(mailbox.name.as_deref(), Some("Press Office"));
        assert_eq!(mailbox.address.wire(), "press@example.org");
        assert_eq!("press@example.org".parse::<Mailbox>().unwrap().name, None);
        assert!("Press <press@example.org".parse::<Mailbox>().is_err());
        assert!("a@example.org, b@example.org".parse::<Mailbox>().is_err());
    }

    proptest! {
        #[test]
        fn any_subject_and_name_are_read_back_and_no_line_is_too_long(
            text in "(\\PC|é|ж| |\"|\\\\|=\\?|\r\n|[a-z]){0,300}",
            word in "[a-z]{0,400}",
        ) {
            let text = text + &word;
            let mut header = Header::default();
            header.text("Subject", &text);
            header.mailbox("From", Some(&text), &"a@example.org".parse().unwrap());
            for line in header.0.lines() {
                prop_assert!(line.len() <= LINE_LENGTH + 20, "{}", line);
                prop_assert!(line.starts_with("Subject: ") || line.starts_with("From: ") || line.starts_with(' '));
                prop_assert!(line.is_ascii());
            }
            let message = format!("{}\r\nbody", header.0);
            let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
            let expected = one_line(&text);
            prop_assert_eq!(parsed.subject().unwrap_or_default(), expected.as_str());
            let from = parsed.from().unwrap().first().unwrap();
            prop_assert_eq!(from.address(), Some("a@example.org"));
            prop_assert_eq!(from.name().unwrap_or_default(), expected.as_str());
        }
    }
}
