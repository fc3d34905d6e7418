//! The addresses that are gone or have moved, read again when their file changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::version::Stamp;
use crate::output::addresses::{self, Addresses, Fate};

/// The addresses of an output as they are now.
#[derive(Debug)]
pub struct Forwarding {
    output: PathBuf,
    file: PathBuf,
    read: RwLock<(Option<Stamp>, Arc<Addresses>)>,
}

impl Forwarding {
    /// The addresses of the output in a folder, which are read when they are first asked for.
    pub fn new(output: &Path) -> Forwarding {
        Forwarding {
            output: output.to_owned(),
            file: output.join(addresses::FILE),
            read: RwLock::default(),
        }
    }

    /// What became of a path below the output, if it is not where it was.
    pub fn fate(&self, path: &str) -> Option<Fate> {
        let stamp = fs::metadata(&self.file)
            .ok()
            .map(|metadata| Stamp::of(&metadata));
        let (known, addresses) = self
            .read
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if known == stamp {
            return addresses.fate(path);
        }
        // A broken file leaves the last good one in force, and is complained about once.
        let fresh = match Addresses::read(&self.output) {
            Ok(fresh) => Arc::new(fresh),
            Err(error) => {
                tracing::error!("{}: {error}", self.file.display());
                addresses
            }
        };
        let fate = fresh.fate(path);
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = (stamp, fresh);
        fate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_follow_their_file_and_survive_a_broken_one() {
        let folder = tempfile::tempdir().unwrap();
        let forwarding = Forwarding::new(folder.path());
        assert_eq!(forwarding.fate("old/atom.xml"), None);
        let mut addresses = Addresses::default();
        addresses.moved.insert("old/".into(), "new/".into());
        addresses.write(folder.path()).unwrap();
        let moved = Some(Fate::Moved("new/atom.xml".into()));
        assert_eq!(forwarding.fate("old/atom.xml"), moved);
        fs::write(folder.path().join(addresses::FILE), "{").unwrap();
        assert_eq!(forwarding.fate("old/atom.xml"), moved);
        fs::remove_file(folder.path().join(addresses::FILE)).unwrap();
        assert_eq!(forwarding.fate("old/atom.xml"), None);
    }
}
