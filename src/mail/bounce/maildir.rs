//! A folder in maildir form (`new`, `cur`, `tmp`) that mail for the bounce mailbox arrives in.
//!
//! Messages are taken from `new` and moved to `cur` when the ledger has them, with the flag `S`
//! (seen), or `F` (flagged) where somebody must look. None is ever removed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::desk::MESSAGE_LIMIT;
use crate::diagnostic::Problem;

/// A message that waits in a maildir.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    file: PathBuf,
    /// As much of it as is read.
    pub message: Vec<u8>,
}

/// The files that wait in a maildir, in the order of their names, which is that of their coming.
///
/// # Errors
/// When there is no such maildir, or it cannot be listed.
pub fn waiting(maildir: &Path) -> Result<Vec<PathBuf>, Problem> {
    let new = maildir.join("new");
    let listed = fs::read_dir(&new).and_then(|entries| {
        let files = entries.map(|entry| entry.map(|entry| entry.path()));
        files.collect::<io::Result<Vec<PathBuf>>>()
    });
    let mut files = listed.map_err(|error| {
        Problem::error(format!("the maildir {} cannot be read: {error}", maildir.display()))
            .help("look at 'maildir' under [mail.bounces]: it names the folder that holds 'new' and 'cur'")
    })?;
    let is_hidden = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with('.')
    };
    files.retain(|file| !is_hidden(file));
    files.sort();
    Ok(files)
}

/// Reads a file that waits; `None` where another process has just taken it.
///
/// # Errors
/// When it cannot be read; it stays where it is.
pub fn read(file: &Path) -> Result<Option<Waiting>, Problem> {
    let mut message = Vec::new();
    let limit = MESSAGE_LIMIT as u64;
    let read = File::open(file).and_then(|opened| opened.take(limit).read_to_end(&mut message));
    match read {
        Ok(_) => Ok(Some(Waiting {
            file: file.to_owned(),
            message,
        })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::error(format!(
            "the message {} cannot be read: {error}",
            file.display()
        ))
        .help("it stays in 'new' until it can be")),
    }
}

impl Waiting {
    /// Moves it to `cur`; `is_open` flags it for somebody to look at.
    ///
    /// # Errors
    /// When it cannot be moved; it will be taken again then, which changes nothing.
    pub fn done(&self, is_open: bool) -> Result<(), Problem> {
        let flag = if is_open { 'F' } else { 'S' };
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let name = name.split(":2,").next().unwrap_or_default();
        let moved = match self.file.parent().and_then(Path::parent) {
            Some(maildir) => {
                let cur = maildir.join("cur");
                fs::create_dir_all(&cur)
                    .and_then(|()| fs::rename(&self.file, cur.join(format!("{name}:2,{flag}"))))
            }
            None => Ok(()),
        };
        match moved {
            // Another process took it as well, and was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            moved => moved.map_err(|error| {
                Problem::error(format!(
                    "the message {} cannot be moved to 'cur': {error}",
                    self.file.display()
                ))
                .help("make 'cur' beside 'new' writable")
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_in_order_and_move_to_cur_with_a_flag() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        fs::create_dir(&new).unwrap();
        for name in ["2.b", "1.a", ".hidden"] {
            fs::write(new.join(name), name).unwrap();
        }
        let files = waiting(folder.path()).unwrap();
        assert_eq!(files, [new.join("1.a"), new.join("2.b")]);
        let first = read(&files[0]).unwrap().unwrap();
        assert_eq!(first.message, b"1.a");
        first.done(false).unwrap();
        read(&files[1]).unwrap().unwrap().done(true).unwrap();
        let cur = folder.path().join("cur");
        assert!(cur.join("1.a:2,S").is_file() && cur.join("2.b:2,F").is_file());
        assert_eq!(read(&files[0]).unwrap(), None);
        first.done(false).unwrap();
    }

    #[test]
    fn a_folder_that_is_no_maildir_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let problem = waiting(folder.path()).unwrap_err();
        assert!(
            problem.message.contains("cannot be read"),
            "{}",
            problem.message
        );
    }

    #[test]
    fn a_huge_message_is_read_as_far_as_it_matters() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("huge");
        fs::write(&file, vec![b'x'; MESSAGE_LIMIT + 10]).unwrap();
        assert_eq!(read(&file).unwrap().unwrap().message.len(), MESSAGE_LIMIT);
    }
}
