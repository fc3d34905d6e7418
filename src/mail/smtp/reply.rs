//! Replies of an SMTP server (RFC 5321, section 4.2): read strictly, kept briefly.
//!
//! Pure: octets in, replies out.

use std::fmt;

/// The most octets of one line of a reply; RFC 5321, section 4.5.3.1.5 allows 512.
const LINE_LIMIT: usize = 2_048;
/// The most lines of a reply.
const LINES_LIMIT: usize = 128;
/// The most characters that are kept of what a reply says.
const TEXT_LIMIT: usize = 300;

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// 250, 421, ...
    pub code: u16,
    /// What it says, on one line, without control characters.
    pub text: String,
}

impl Reply {
    /// Whether what was asked was done (2xx).
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// Whether it may be tried again later (4xx).
    pub fn is_transient(&self) -> bool {
        self.code / 100 == 4
    }

    /// Whether it was refused for good (5xx).
    pub fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    /// The enhanced status code (RFC 3463), where there is one: `5.1.1`.
    pub fn status(&self) -> Option<(u16, u16, u16)> {
        let word = self.text.split(' ').next()?;
        let mut numbers = word.split('.').map(|part| part.parse().ok());
        let status = (numbers.next()??, numbers.next()??, numbers.next()??);
        (numbers.next().is_none() && status.0 == self.code / 100).then_some(status)
    }

    /// Whether a refused recipient does not exist (or will never take mail): the address itself is
    /// bad, and not this message or this moment.
    pub fn says_no_such_address(&self) -> bool {
        match self.status() {
            Some((5, 1, detail)) => matches!(detail, 1..=3 | 6 | 10),
            Some((5, 2, 1)) => true,
            Some(_) => false,
            None => matches!(self.code, 550 | 551 | 553),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.is_empty() {
            write!(formatter, "{}", self.code)
        } else {
            write!(formatter, "{} {}", self.code, self.text)
        }
    }
}

/// What was received is no reply; the beginning of it, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoReply(pub String);

/// The first reply in `octets` and how many of them it takes; `None` when it is not all there yet.
///
/// # Errors
/// When this can never become a reply.
pub fn parse(octets: &[u8]) -> Result<Option<(Reply, usize)>, NoReply> {
    let mut at = 0;
    let mut code = None;
    let mut text = String::new();
    for _ in 0..LINES_LIMIT {
        let rest = &octets[at..];
        let Some(end) = memchr::memchr(b'\n', rest) else {
            let is_wrong_already = !is_beginning(rest) || rest.len() > LINE_LIMIT;
            return if is_wrong_already {
                Err(NoReply(plain(rest)))
            } else {
                Ok(None)
            };
        };
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        if !is_beginning(line) || line.len() < 3 || line.len() > LINE_LIMIT {
            return Err(NoReply(plain(line)));
        }
        let number = line[..3]
            .iter()
            .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
        if *code.get_or_insert(number) != number {
            return Err(NoReply(plain(line)));
        }
        if text.len() < TEXT_LIMIT {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&plain(line.get(4..).unwrap_or_default()));
        }
        at += end + 1;
        if line.get(3) != Some(&b'-') {
            let text = text.chars().take(TEXT_LIMIT).collect();
            return Ok(Some((Reply { code: number, text }, at)));
        }
    }
    Err(NoReply("a reply without end".to_owned()))
}

/// Whether a line of a reply can begin like this: three digits, 200 to 599, and a hyphen or space.
fn is_beginning(line: &[u8]) -> bool {
    line.iter()
        .take(4)
        .enumerate()
        .all(|(place, octet)| match place {
            0 => (b'2'..=b'5').contains(octet),
            1 | 2 => octet.is_ascii_digit(),
            _ => matches!(octet, b' ' | b'-' | b'\r'),
        })
}

fn plain(octets: &[u8]) -> String {
    let octets = &octets[..octets.len().min(TEXT_LIMIT)];
    let text: String = String::from_utf8_lossy(octets)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reply(code: u16, text: &str) -> Reply {
        Reply {
            code,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_reply_of_one_line_or_several_is_read_to_its_end() {
        assert_eq!(
            parse(b"250 2.0.0 queued\r\n354 go").unwrap(),
            Some((reply(250, "2.0.0 queued"), 18))
        );
        assert_eq!(
            parse(b"250-one\r\n250-two\r\n250 three\r\n").unwrap(),
            Some((reply(250, "one two three"), 29))
        );
        assert_eq!(parse(b"250\r\n").unwrap(), Some((reply(250, ""), 5)));
        assert_eq!(parse(b"250 bare\n").unwrap(), Some((reply(250, "bare"), 9)));
        assert_eq!(parse(b"").unwrap(), None);
        assert_eq!(parse(b"25").unwrap(), None);
        assert_eq!(parse(b"250-one\r\n25").unwrap(), None);
    }

    #[test]
    fn nonsense_is_no_reply() {
        for octets in [
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            b"\x16\x03\x01",
            b"99\r\n",
            b"650 later\r\n",
            b"250-one\r\n251 two\r\n",
            b"250x\r\n",
            b"\r\n",
        ] {
            assert!(
                parse(octets).is_err(),
                "{}",
                String::from_utf8_lossy(octets)
            );
        }
        assert!(parse(&b"250-x\r\n".repeat(200)).is_err());
        assert!(parse(&[b"250 ", &[b'a'; 3_000][..]].concat()).is_err());
    }

    #[test]
    fn a_reply_tells_a_bad_address_from_a_bad_moment() {
        let says = |code, text| reply(code, text).says_no_such_address();
        assert!(says(550, "5.1.1 no such user"));
        assert!(says(550, "no such user"));
        assert!(!says(550, "5.7.1 blocked as spam"));
        assert!(!says(552, "5.2.2 mailbox full"));
        assert!(!says(554, "no"));
        assert_eq!(reply(250, "5.1.1 x").status(), None);
    }

    proptest! {
        #[test]
        fn no_octets_make_parsing_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some((reply, taken))) = parse(&octets) {
                prop_assert!(taken <= octets.len());
                prop_assert!(!reply.text.contains(char::is_control));
            }
        }
    }
}
