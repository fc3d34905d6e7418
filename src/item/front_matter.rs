//! Front matter: TOML between `+++`, YAML between `---`, or a JSON object, at the start of a file.

mod json;
mod toml;
mod yaml;

use std::ops::Range;

use super::fields::Entry;
use crate::diagnostic::Problem;

pub(super) use json::json;

/// The front matter of a file, and where its text begins.
pub(super) struct FrontMatter<'a> {
    pub entries: Vec<Entry<'a>>,
    /// The byte of the source after the front matter.
    pub end: usize,
}

/// Reads the front matter at the start of `source`, if it has any.
///
/// # Errors
/// Front matter that is not closed or cannot be read, at its place in the file.
pub(super) fn read(source: &str) -> Result<FrontMatter<'_>, Box<Problem>> {
    let first = source.lines().next().unwrap_or_default().trim_end();
    match first {
        "+++" | "---" => {
            let (matter, end) = delimited(source, first)?;
            let entries = if first == "+++" {
                toml::entries(source, matter)?
            } else {
                yaml::entries(source, matter)?
            };
            Ok(FrontMatter { entries, end })
        }
        _ if source.starts_with('{') => {
            let (entries, end) = json(source)?;
            Ok(FrontMatter { entries, end })
        }
        _ => Ok(FrontMatter {
            entries: Vec::new(),
            end: 0,
        }),
    }
}

/// The bytes between the opening line and the closing one, and the byte after that.
fn delimited(source: &str, mark: &str) -> Result<(Range<usize>, usize), Box<Problem>> {
    let start = source.find('\n').map_or(source.len(), |at| at + 1);
    let mut at = start;
    for line in source[start..].split_inclusive('\n') {
        let closes = line.trim_end() == mark || (mark == "---" && line.trim_end() == "...");
        if closes {
            return Ok((start..at, at + line.len()));
        }
        at += line.len();
    }
    Err(Problem::error(format!(
        "the front matter opened by '{mark}' is never closed"
    ))
    .help(format!("put a line '{mark}' after the last key"))
    .at(source, 0..mark.len())
    .into())
}

#[cfg(test)]
mod tests;
