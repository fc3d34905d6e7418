//! The folder of generated files: atomic, unchanged-aware, and never touching foreign files.
//!
//! A leaf: paths and bytes in, files out. What Tidings wrote is remembered in a journal inside
//! the folder (`.tidings/manifest`), so that unchanged files are not written again and stale ones
//! are removed, and that a file which Tidings did not write is neither replaced nor removed.

pub mod addresses;
mod manifest;
pub mod status;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;
use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64;

use crate::journal::Journal;
use manifest::{Frame, Written, frames};

/// Why a file could not be written or removed.
#[derive(Debug, Error)]
pub enum OutputError {
    /// The disk refused.
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file, with the output's folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file stands there that Tidings did not write.
    #[error("{} exists and was not written by Tidings; move it away or choose another output folder", path.display())]
    Foreign {
        /// The file, with the output's folder.
        path: PathBuf,
    },
    /// The path would leave the folder.
    #[error("'{path}' is not a path below the output folder")]
    Outside {
        /// The path as asked for.
        path: String,
    },
}

/// The result of one [`Output::put`], to be handed to [`Output::commit`].
#[derive(Debug)]
pub struct Put {
    path: Box<str>,
    written: Written,
    /// Whether bytes went to the disk.
    pub changed: bool,
}

impl Put {
    /// The file's path below the folder.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// What a batch did to the folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files created or replaced.
    pub written: usize,
    /// Bytes of those.
    pub bytes: u64,
    /// Files removed.
    pub removed: usize,
}

/// The folder of generated files, locked to one process by its owner.
#[derive(Debug)]
pub struct Output {
    root: PathBuf,
    files: HashMap<Box<str>, Written>,
    /// Fingerprint of everything there was to publish when all of it was last written, unless a
    /// file has changed since.
    complete: Option<u64>,
    foreign: HashSet<Box<str>>,
    journal: Journal,
    temporary: PathBuf,
    counter: AtomicU64,
}

impl Output {
    /// Opens the folder, creates it where there is none, and looks at every file that was
    /// written before: one that was changed or removed by others will be written again.
    ///
    /// # Errors
    /// When the folder cannot be made or its manifest cannot be read.
    pub fn open(root: &Path) -> Result<Output, OutputError> {
        let disk = |path: &Path| {
            let path = path.to_owned();
            move |source| OutputError::Disk { path, source }
        };
        let own = root.join(".tidings");
        let temporary = own.join("tmp");
        // What a killed process left half-written.
        match fs::remove_dir_all(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(disk(&temporary)(error));
            }
            _ => {}
        }
        fs::create_dir_all(&temporary).map_err(disk(&temporary))?;
        let mut files = HashMap::new();
        let mut complete = None;
        let manifest = own.join("manifest");
        let mut journal = Journal::open(&manifest, "manifest 1", |frame| {
            complete = None;
            match frame {
                Frame::Wrote(path, written) => {
                    files.insert(path, written);
                }
                Frame::Removed(path) => {
                    files.remove(&path);
                }
                Frame::Complete(everything) => complete = Some(everything),
            }
        })
        .map_err(disk(&manifest))?;
        if journal.frames() > 2 * files.len() + 1_000 {
            journal
                .rewrite(frames(&files, complete))
                .map_err(disk(&manifest))?;
        }
        let changed = files.par_iter_mut().filter_map(|(path, written)| {
            let found = stat(&root.join(&**path));
            let is_same = matches!(found, Ok(found) if found == (written.size, written.modified));
            (!is_same).then(|| *written = Written::UNKNOWN)
        });
        if changed.count() > 0 {
            complete = None;
        }
        Ok(Output {
            root: root.to_owned(),
            files,
            complete,
            foreign: HashSet::new(),
            journal,
            temporary,
            counter: AtomicU64::new(0),
        })
    }

    /// Whether the file was made from these inputs and still stands as it was written.
    pub fn is_current(&self, path: &str, inputs: u64) -> bool {
        self.files
            .get(path)
            .is_some_and(|written| written.inputs == inputs && !written.is_unknown())
    }

    /// Whether everything that this fingerprint stands for was written, and stands as it was.
    pub fn is_complete(&self, everything: u64) -> bool {
        self.complete == Some(everything)
    }

    /// Remembers that everything there is to publish was written, by a fingerprint of it.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn set_complete(&mut self, everything: u64) -> Result<(), OutputError> {
        // After a first build, half of the frames only announce what the others say.
        let result = if self.journal.frames() > self.files.len() / 2 * 3 + 1_000 {
            self.journal.rewrite(frames(&self.files, Some(everything)))
        } else {
            self.journal.append([Frame::Complete(everything)])
        };
        result.map_err(|source| self.disk(".tidings/manifest", source))?;
        self.complete = Some(everything);
        Ok(())
    }

    /// The paths of all files that Tidings wrote.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(|path| &**path)
    }

    /// Announces files that are about to be written, so that after a crash they are known as
    /// Tidings' own. Must come before [`Output::put`].
    ///
    /// # Errors
    /// When the manifest cannot be written, or a path leaves the folder.
    pub fn announce<'a>(
        &mut self,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), OutputError> {
        let mut frames = Vec::new();
        for path in paths {
            if !is_inside(path) {
                return Err(OutputError::Outside {
                    path: path.to_owned(),
                });
            }
            if self.files.contains_key(path) {
                continue;
            }
            if fs::symlink_metadata(self.root.join(path)).is_ok() {
                self.foreign.insert(path.into());
            } else {
                self.foreign.remove(path);
                self.files.insert(path.into(), Written::UNKNOWN);
                frames.push(Frame::Wrote(path.into(), Written::UNKNOWN));
            }
        }
        self.append(&frames)
    }

    fn append(&mut self, frames: &[Frame]) -> Result<(), OutputError> {
        if !frames.is_empty() {
            self.complete = None;
        }
        self.journal
            .append(frames.iter())
            .map_err(|source| OutputError::Disk {
                path: self.root.join(".tidings/manifest"),
                source,
            })
    }

    /// Writes one announced file, unless it holds these very bytes already. May be called from
    /// several threads at once.
    ///
    /// # Errors
    /// When the disk refuses, or a foreign file with other bytes stands there.
    pub fn put(&self, path: &str, inputs: u64, bytes: &[u8]) -> Result<Put, OutputError> {
        let target = self.root.join(path);
        let fingerprint = xxh3_64(bytes);
        let size = bytes.len() as u64;
        let known = self.files.get(path).copied().unwrap_or(Written::UNKNOWN);
        let put = |written, changed| Put {
            path: path.into(),
            written,
            changed,
        };
        if !known.is_unknown() && known.bytes == fingerprint && known.size == size {
            return Ok(put(Written { inputs, ..known }, false));
        }
        if known.is_unknown()
            && stat(&target).is_ok_and(|(found, _)| found == size)
            && fs::read(&target).is_ok_and(|found| found == bytes)
        {
            let (_, modified) = stat(&target).map_err(|source| self.disk(path, source))?;
            return Ok(put(
                Written {
                    size,
                    modified,
                    bytes: fingerprint,
                    inputs,
                },
                false,
            ));
        }
        if self.foreign.contains(path) {
            return Err(OutputError::Foreign { path: target });
        }
        let modified = self
            .replace(&target, |file| file.write_all(bytes))
            .map_err(|source| self.disk(path, source))?;
        Ok(put(
            Written {
                size,
                modified,
                bytes: fingerprint,
                inputs,
            },
            true,
        ))
    }

    /// Copies a file from outside the folder to an announced path. May be called from several
    /// threads at once.
    ///
    /// # Errors
    /// When the source cannot be read, the disk refuses, or a foreign file stands there.
    pub fn copy(&self, path: &str, inputs: u64, source: &Path) -> Result<Put, OutputError> {
        if self.foreign.contains(path) {
            return Err(OutputError::Foreign {
                path: self.root.join(path),
            });
        }
        let mut size = 0;
        let mut from = File::open(source).map_err(|error| OutputError::Disk {
            path: source.to_owned(),
            source: error,
        })?;
        let modified = self
            .replace(&self.root.join(path), |file| {
                size = io::copy(&mut from, file)?;
                Ok(())
            })
            .map_err(|source| self.disk(path, source))?;
        // The bytes are not looked at twice: a change of the inputs copies again.
        let written = Written {
            size,
            modified,
            bytes: inputs,
            inputs,
        };
        Ok(Put {
            path: path.into(),
            written,
            changed: true,
        })
    }

    fn disk(&self, path: &str, source: io::Error) -> OutputError {
        OutputError::Disk {
            path: self.root.join(path),
            source,
        }
    }

    /// Writes beside and renames over, so that a reader sees the old bytes or the new; returns
    /// the new modification time.
    fn replace(
        &self,
        target: &Path,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<i64> {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let temporary = self.temporary.join(number.to_string());
        let filled = File::create_new(&temporary).and_then(|mut file| {
            fill(&mut file)?;
            modified(&file.metadata()?)
        });
        let moved = filled.and_then(|modified| {
            match fs::rename(&temporary, target) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if let Some(folder) = target.parent() {
                        fs::create_dir_all(folder)?;
                    }
                    fs::rename(&temporary, target)?;
                }
                other => other?,
            }
            Ok(modified)
        });
        if moved.is_err() {
            // The error that matters is the first; what is left here goes at the next start.
            let _ = fs::remove_file(&temporary);
        }
        moved
    }

    /// Remembers what was put.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn commit(&mut self, puts: Vec<Put>) -> Result<Changes, OutputError> {
        let mut changes = Changes::default();
        let mut frames = Vec::new();
        for put in puts {
            if put.changed {
                changes.written += 1;
                changes.bytes += put.written.size;
            }
            if self.files.get(&put.path) != Some(&put.written) {
                self.foreign.remove(&put.path);
                self.files.insert(put.path.clone(), put.written);
                frames.push(Frame::Wrote(put.path, put.written));
            }
        }
        self.append(&frames)?;
        Ok(changes)
    }

    /// Removes files that Tidings wrote, and the folders that they leave empty. A file that
    /// someone else has changed since is left alone and forgotten.
    ///
    /// # Errors
    /// When the disk refuses; what was removed until then is remembered.
    pub fn remove(&mut self, paths: &[String]) -> Result<Changes, OutputError> {
        let mut changes = Changes::default();
        let mut frames = Vec::new();
        let mut failure = None;
        for path in paths {
            let Some(written) = self.files.get(path.as_str()) else {
                continue;
            };
            let target = self.root.join(path);
            if matches!(stat(&target), Ok(found) if found == (written.size, written.modified)) {
                if let Err(source) = fs::remove_file(&target) {
                    failure = Some(self.disk(path, source));
                    break;
                }
                changes.removed += 1;
                self.remove_empty_folders(&target);
            }
            self.files.remove(path.as_str());
            frames.push(Frame::Removed(path.as_str().into()));
        }
        self.append(&frames)?;
        failure.map_or(Ok(changes), Err)
    }

    fn remove_empty_folders(&self, target: &Path) {
        let folders = target
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != self.root);
        for folder in folders {
            // Fails for a folder that still holds something, which is the end of it.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

fn is_inside(path: &str) -> bool {
    !path.contains(['\\', '\0'])
        && path
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
        && !path.starts_with(".tidings/")
}

fn stat(path: &Path) -> io::Result<(u64, i64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.len(), modified(&found)?))
}

fn modified(metadata: &fs::Metadata) -> io::Result<i64> {
    let since = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Ok(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
