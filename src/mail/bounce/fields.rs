//! The fields that reports are made of: blocks of `Name: value`, divided by empty lines, as in
//! `message/delivery-status` (RFC 3464) and `message/feedback-report` (RFC 5965). Pure.

/// A block of fields.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Block(Vec<(String, String)>);

impl Block {
    /// The first field of this name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// What stands behind the type of a field: `x@y.example` of `rfc822; x@y.example`.
    pub fn typed(&self, name: &str) -> Option<&str> {
        let value = self.get(name)?;
        Some(
            value
                .split_once(';')
                .map_or(value, |(_, value)| value)
                .trim(),
        )
    }
}

/// The blocks of a text, those without fields left out. Lines that begin with white space go on
/// with the field above.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = vec![Block::default()];
    for line in text.lines() {
        let Some(last) = blocks.last_mut() else {
            break;
        };
        if line.trim().is_empty() {
            if !last.0.is_empty() {
                blocks.push(Block::default());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = last.0.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            last.0
                .push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    blocks.retain(|block| !block.0.is_empty());
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_blocks_and_may_be_folded() {
        let text = "Reporting-MTA: dns; mx.example\r\n\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n\
                    Diagnostic-Code: smtp; 550 no\r\n  such user\r\nnonsense\r\n";
        let blocks = blocks(text);
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0].typed("reporting-mta"), Some("mx.example"));
        assert_eq!(blocks[1].typed("Final-Recipient"), Some("a@b.example"));
        assert_eq!(blocks[1].typed("Diagnostic-Code"), Some("550 no such user"));
        assert_eq!(blocks[1].get("Status"), None);
    }
}
