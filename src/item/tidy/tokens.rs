//! The tags of HTML, found by the rules of its tokenizer (WHATWG HTML, section 13.2.5), without
//! decoding anything.

/// A piece of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::item) enum Token<'a> {
    /// Text as written, character references included.
    Text(&'a str),
    /// A start tag: its name as written, and all between the name and the `>`.
    Start { name: &'a str, attributes: &'a str },
    /// An end tag.
    End { name: &'a str },
    /// A comment, a declaration, or a tag that the file ends in.
    Other,
}

/// The tokens of HTML, in order.
#[derive(Debug, Clone)]
pub(in crate::item) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(in crate::item) fn new(html: &'a str) -> Tokens<'a> {
        Tokens { rest: html }
    }

    /// The text up to the end tag of the element `name`, whose start tag was read last.
    pub(super) fn raw(&mut self, name: &str) -> &'a str {
        let html = self.rest;
        let mut from = 0;
        while let Some(found) = html[from..].find("</") {
            let at = from + found;
            let after = at + 2 + name.len();
            let named = html
                .get(at + 2..after)
                .is_some_and(|other| other.eq_ignore_ascii_case(name));
            let ended = html[at..].len() > 2 + name.len()
                && html
                    .as_bytes()
                    .get(after)
                    .is_some_and(|b| is_space(*b) || matches!(b, b'/' | b'>'));
            if named && ended {
                self.rest = html[after..]
                    .find('>')
                    .map_or("", |end| &html[after + end + 1..]);
                return &html[..at];
            }
            from = at + 2;
        }
        self.rest = "";
        html
    }

    /// Moves behind the end of the element `name`, whose start tag was read last. Stays where it
    /// is, and says so, if that never ends.
    pub(super) fn skip(&mut self, name: &str) -> bool {
        let mut ahead = self.clone();
        let mut depth = 1;
        while let Some(token) = ahead.next() {
            match token {
                Token::Start {
                    name: other,
                    attributes,
                } if other.eq_ignore_ascii_case(name) && !attributes.ends_with('/') => {
                    depth += 1;
                }
                Token::End { name: other } if other.eq_ignore_ascii_case(name) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.rest = ahead.rest;
                return true;
            }
        }
        false
    }

    /// What stands between `<!` or the like and its end.
    fn other(&mut self) -> Token<'a> {
        self.rest = if let Some(comment) = self.rest.strip_prefix("<!--") {
            after_comment(comment)
        } else {
            self.rest.find('>').map_or("", |end| &self.rest[end + 1..])
        };
        Token::Other
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let html = self.rest;
        let bytes = html.as_bytes();
        let first = *bytes.first()?;
        if first == b'<' {
            let (from, end_tag) = if bytes.get(1) == Some(&b'/') {
                (2, true)
            } else {
                (1, false)
            };
            match bytes.get(from) {
                Some(b) if b.is_ascii_alphabetic() => {
                    let name_end = bytes[from..]
                        .iter()
                        .position(|b| is_space(*b) || matches!(b, b'/' | b'>'))
                        .map_or(bytes.len(), |length| from + length);
                    let name = &html[from..name_end];
                    let Some(length) = tag_end(&bytes[name_end..]) else {
                        self.rest = "";
                        return Some(Token::Other);
                    };
                    let close = name_end + length;
                    self.rest = &html[close + 1..];
                    return Some(if end_tag {
                        Token::End { name }
                    } else {
                        let attributes = html[name_end..close].trim_ascii();
                        Token::Start { name, attributes }
                    });
                }
                Some(b'!' | b'?') if !end_tag => return Some(self.other()),
                Some(_) if end_tag => return Some(self.other()),
                _ => {}
            }
        }
        // Text, which may begin with a `<` that opens nothing.
        let from = usize::from(first == b'<');
        let end = html[from..].find('<').map_or(html.len(), |at| at + from);
        self.rest = &html[end..];
        Some(Token::Text(&html[..end]))
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0C | b'\r')
}

/// What follows a comment, given what follows `<!--`.
fn after_comment(comment: &str) -> &str {
    for short in [">", "->"] {
        if let Some(rest) = comment.strip_prefix(short) {
            return rest;
        }
    }
    let mut from = 0;
    while let Some(found) = comment[from..].find("--") {
        let rest = &comment[from + found + 2..];
        if let Some(rest) = rest.strip_prefix('>').or_else(|| rest.strip_prefix("!>")) {
            return rest;
        }
        from += found + 1;
    }
    ""
}

/// Where, after a tag's name, its `>` stands: quotation marks count only where a value begins.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return Some(at),
            b if is_space(b) || b == b'/' => at += 1,
            _ => at = attribute(bytes, at).next,
        }
    }
    None
}

/// The places of one attribute.
struct Attribute {
    name_end: usize,
    value: (usize, usize),
    next: usize,
}

/// The attribute whose name begins at `start`.
fn attribute(bytes: &[u8], start: usize) -> Attribute {
    let skip = |mut at: usize, stop: &dyn Fn(u8) -> bool| {
        while at < bytes.len() && !stop(bytes[at]) {
            at += 1;
        }
        at
    };
    // A `=` in the first place belongs to the name.
    let name_end = skip(start + 1, &|b| {
        is_space(b) || matches!(b, b'/' | b'>' | b'=')
    });
    let equals = skip(name_end, &|b| !is_space(b));
    if bytes.get(equals) != Some(&b'=') {
        let value = (name_end, name_end);
        return Attribute {
            name_end,
            value,
            next: name_end,
        };
    }
    let value = skip(equals + 1, &|b| !is_space(b));
    match bytes.get(value) {
        Some(quote @ (b'"' | b'\'')) => {
            let end = skip(value + 1, &|b| b == *quote);
            Attribute {
                name_end,
                value: (value + 1, end),
                next: end + 1,
            }
        }
        Some(b'>') | None => Attribute {
            name_end,
            value: (value, value),
            next: value,
        },
        Some(_) => {
            let end = skip(value, &|b| is_space(b) || b == b'>');
            Attribute {
                name_end,
                value: (value, end),
                next: end,
            }
        }
    }
}

/// The names and values of the attributes of a start tag, as written.
pub(in crate::item) fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && (is_space(bytes[at]) || matches!(bytes[at], b'/' | b'>')) {
            at += 1;
        }
        if at >= bytes.len() {
            return None;
        }
        let start = at;
        let found = attribute(bytes, start);
        at = found.next;
        let name = text.get(start..found.name_end)?;
        let value = text.get(found.value.0..found.value.1)?;
        Some((name, value))
    })
}
