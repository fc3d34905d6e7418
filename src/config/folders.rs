//! Where things stand on disk, and that they do not stand in one another's way.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::notes::{Notes, Placed};

/// A folder or file below that of `feeds.toml`.
#[derive(Debug)]
pub(super) struct Folder {
    pub path: PathBuf,
    /// Where it is stated; `None` for a default.
    span: Option<Range<usize>>,
}

impl Folder {
    /// A folder that the file names.
    pub fn stated(path: Placed<PathBuf>) -> Folder {
        Folder {
            path: path.value,
            span: Some(path.span),
        }
    }

    /// A folder that the file leaves to its default.
    pub fn default_path(path: &str) -> Folder {
        Folder {
            path: PathBuf::from(path),
            span: None,
        }
    }
}

/// All paths that `feeds.toml` names.
#[derive(Debug, Default)]
pub(super) struct Folders {
    pub items: Vec<Folder>,
    pub output: Option<Folder>,
    pub templates: Option<Folder>,
    pub ledger: Option<Folder>,
}

/// Notes an output that would be read as news, that would mix with what people wrote or that
/// would publish the ledger, and items that would be read twice.
pub(super) fn check(folders: &Folders, notes: &Notes<'_>) {
    let Folders {
        items,
        output,
        templates,
        ledger,
    } = folders;
    if let Some(output) = output {
        if output.path.as_os_str().is_empty() {
            let help = "name a folder of its own: 'folder = \"public\"'";
            let message = "the output cannot be the folder of feeds.toml itself";
            note(output, output, message, help, notes);
            return;
        }
        for folder in items {
            if overlap(&output.path, &folder.path) {
                let (output_shown, folder_shown) = (shown(&output.path), shown(&folder.path));
                let message =
                    format!("the output '{output_shown}' and the items '{folder_shown}' overlap");
                let help = "give the output a folder of its own: it would be read as news";
                note(output, folder, &message, help, notes);
            }
        }
        if let Some(templates) = templates
            && overlap(&output.path, &templates.path)
        {
            let (output_shown, shown) = (shown(&output.path), shown(&templates.path));
            let message =
                format!("the output '{output_shown}' and the templates '{shown}' overlap");
            let help = "give each a folder of its own";
            note(templates, output, &message, help, notes);
        }
        if let Some(ledger) = ledger
            && ledger.path.starts_with(&output.path)
        {
            let message = format!("the ledger '{}' is within the output", shown(&ledger.path));
            let help = "keep it elsewhere: everything in the output is published";
            note(ledger, output, &message, help, notes);
        }
    }
    for (place, folder) in items.iter().enumerate() {
        if let Some(ledger) = ledger
            && ledger.path.starts_with(&folder.path)
        {
            let message = format!("the ledger '{}' is among the items", shown(&ledger.path));
            let help = "keep it elsewhere: each change of it would look like news";
            note(ledger, folder, &message, help, notes);
        }
        for other in &items[..place] {
            if overlap(&folder.path, &other.path) {
                let (folder_shown, other_shown) = (shown(&folder.path), shown(&other.path));
                let message = format!("the items '{folder_shown}' and '{other_shown}' overlap");
                let help = "name the upper folder only: the one below is read with it";
                note(folder, other, &message, help, notes);
            }
        }
    }
}

/// Notes a problem where the first of two is stated, else where the second is. Two defaults never
/// quarrel.
fn note(first: &Folder, second: &Folder, message: &str, help: &str, notes: &Notes<'_>) {
    if let Some(span) = first.span.as_ref().or(second.span.as_ref()) {
        notes.error(span, message, help);
    }
}

/// Whether one path is the other or lies within it.
fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn shown(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        path.to_string_lossy().into_owned()
    }
}
