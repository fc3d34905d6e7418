//! Keeping what an editor decided, in the item's file or beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::config::Decisions;
use crate::diagnostic::Problem;
use crate::item::{Decision, Format, decisions};

/// Why a decision could not be kept; nothing is changed then.
#[derive(Debug, Error)]
pub enum DecideError {
    /// The disk refused.
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The sidecar that is there cannot be read.
    #[error("{}: {}", path.display(), problem.message)]
    Sidecar {
        /// The sidecar.
        path: PathBuf,
        /// What is wrong with it.
        problem: Box<Problem>,
    },
}

/// Keeps decisions about the item in `file`; they replace earlier ones about the same terms. Comes
/// back with the file that was written; `None` if nothing was to be changed.
///
/// Where `keep` says so and the file has front matter, they are kept there, and nothing else of
/// the file changes; otherwise in a sidecar.
///
/// # Errors
/// When a file cannot be read or written.
pub fn decide(
    file: &Path,
    format: Format,
    keep: Decisions,
    fresh: &[Decision],
) -> Result<Option<PathBuf>, DecideError> {
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |source| DecideError::Disk { path, source }
    };
    let beside = PathBuf::from(decisions::sidecar_path(&file.to_string_lossy()));
    let old_sidecar = match fs::read_to_string(&beside) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(disk(&beside)(source)),
    };
    let in_sidecar = match &old_sidecar {
        None => Vec::new(),
        Some(text) => decisions::read_sidecar(text).map_err(|problem| DecideError::Sidecar {
            path: beside.clone(),
            problem: problem.into(),
        })?,
    };
    let bytes = fs::read(file).map_err(disk(file))?;
    // A file in another encoding is left alone.
    let source = std::str::from_utf8(&bytes).ok();
    let (mark, text) = match source.and_then(|source| source.strip_prefix('\u{feff}')) {
        Some(text) => ("\u{feff}", Some(text)),
        None => ("", source),
    };
    let in_file = text.and_then(|text| decisions::of_front_matter(text, format));
    let (to_file, to_sidecar) = match (keep, &in_file) {
        (Decisions::FrontMatter, Some(in_file)) => {
            (Some(with(in_file, fresh)), without(&in_sidecar, fresh))
        }
        (_, Some(in_file)) => (Some(without(in_file, fresh)), with(&in_sidecar, fresh)),
        (_, None) => (None, with(&in_sidecar, fresh)),
    };
    let new_text = match (text, &to_file) {
        (Some(text), Some(to_file)) => decisions::in_front_matter(text, format, to_file),
        _ => None,
    };
    // A front matter that cannot be changed safely stays; the sidecar takes it all.
    let (new_text, to_sidecar) = match (new_text, to_file) {
        (None, Some(_)) => (None, with(&in_sidecar, fresh)),
        (new_text, _) => (new_text, to_sidecar),
    };
    let mut written = None;
    if let Some(new) = new_text.filter(|new| Some(new.as_str()) != text) {
        write(file, &format!("{mark}{new}")).map_err(disk(file))?;
        written = Some(file.to_owned());
    }
    if to_sidecar != in_sidecar {
        if to_sidecar.is_empty() {
            fs::remove_file(&beside).map_err(disk(&beside))?;
        } else {
            write(&beside, &decisions::to_sidecar(&to_sidecar)).map_err(disk(&beside))?;
        }
        written = written.or(Some(beside));
    }
    Ok(written)
}

fn without(before: &[Decision], fresh: &[Decision]) -> Vec<Decision> {
    let about = |decision: &&Decision| fresh.iter().all(|new| new.term.text != decision.term.text);
    before.iter().filter(about).cloned().collect()
}

fn with(before: &[Decision], fresh: &[Decision]) -> Vec<Decision> {
    let mut all = without(before, fresh);
    for decision in fresh {
        all.retain(|other| other.term.text != decision.term.text);
        all.push(decision.clone());
    }
    all
}

/// Writes a file whole or not at all, with the permissions that it had.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Hidden, so that nobody takes it for an item.
    let fresh = path.with_file_name(format!(".{name}.tidings-new"));
    let result = fs::write(&fresh, text)
        .and_then(|()| match fs::metadata(path) {
            Ok(metadata) => fs::set_permissions(&fresh, metadata.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&fresh, path));
    if result.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKDOWN: &str = "+++\ntitle = \"A\"\n+++\n\nText.\n";

    fn written(name: &str, text: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        (folder, file)
    }

    #[test]
    fn the_last_decision_about_a_term_holds() {
        let (_folder, file) = written("a.md", MARKDOWN.as_bytes());
        for (accepted, key) in [(true, "accepted_tags"), (false, "rejected_tags")] {
            let fresh = [Decision::new(accepted, "topic:water")];
            decide(&file, Format::Markdown, Decisions::FrontMatter, &fresh).unwrap();
            let text = fs::read_to_string(&file).unwrap();
            assert_eq!(text.matches("topic:water").count(), 1);
            assert!(
                text.contains(&format!("{key} = [\"topic:water\"]")),
                "{text}"
            );
        }
        let again = [Decision::new(false, "topic:water")];
        let second = decide(&file, Format::Markdown, Decisions::FrontMatter, &again).unwrap();
        assert_eq!(second, None);
    }

    #[test]
    fn a_file_without_front_matter_keeps_its_bytes_and_gets_a_sidecar() {
        for (name, format, text) in [
            ("a.txt", Format::Text, &b"Title\n\nText"[..]),
            ("a.html", Format::Html, b"<h1>Title</h1>"),
            ("a.md", Format::Markdown, b"# Title\n\nText"),
            // Latin-1.
            ("b.md", Format::Markdown, b"+++\ntitle = \"\xe9\"\n+++\n"),
        ] {
            let (folder, file) = written(name, text);
            let fresh = [Decision::new(true, "topic:water")];
            let kept = decide(&file, format, Decisions::FrontMatter, &fresh).unwrap();
            assert_eq!(fs::read(&file).unwrap(), text);
            assert_eq!(kept, Some(folder.path().join(format!("{name}.tags.toml"))));
        }
    }

    #[test]
    fn changing_where_decisions_are_kept_moves_those_that_are_taken_again() {
        let (folder, file) = written("a.md", MARKDOWN.as_bytes());
        let fresh = [Decision::new(true, "topic:water")];
        decide(&file, Format::Markdown, Decisions::FrontMatter, &fresh).unwrap();
        decide(&file, Format::Markdown, Decisions::Sidecar, &fresh).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), MARKDOWN);
        decide(&file, Format::Markdown, Decisions::FrontMatter, &fresh).unwrap();
        assert!(!folder.path().join("a.md.tags.toml").exists());
    }

    #[test]
    fn a_byte_order_mark_stays() {
        let (_folder, file) = written("a.md", format!("\u{feff}{MARKDOWN}").as_bytes());
        let fresh = [Decision::new(true, "topic:water")];
        decide(&file, Format::Markdown, Decisions::FrontMatter, &fresh).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("\u{feff}+++\naccepted_tags = "), "{text}");
    }

    #[test]
    fn a_broken_sidecar_is_not_overwritten() {
        let (folder, file) = written("a.txt", b"Title");
        let beside = folder.path().join("a.txt.tags.toml");
        fs::write(&beside, "accepted = [").unwrap();
        let fresh = [Decision::new(true, "topic:water")];
        assert!(decide(&file, Format::Text, Decisions::Sidecar, &fresh).is_err());
        assert_eq!(fs::read_to_string(&beside).unwrap(), "accepted = [");
    }
}
