//! Which processes are alive that have something in hand: each keeps a locked file, which the
//! system unlocks however the process ends.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ledger::deliveries::Death;

/// Where Linux says which start of the machine this is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// This process, as one that has something in hand.
#[derive(Debug)]
pub struct Claimer {
    name: String,
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl Claimer {
    /// Keeps a file in `folder`, which is made where there is none.
    ///
    /// # Errors
    /// When the file cannot be made or locked.
    pub fn new(folder: &Path) -> io::Result<Claimer> {
        fs::create_dir_all(folder)?;
        let random = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>());
        let name = format!("{}.{random}", boot());
        let path = folder.join(&name);
        let file = File::create_new(&path)?;
        file.lock()?;
        Ok(Claimer {
            name,
            path,
            _file: file,
        })
    }

    /// Its name in the ledger.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Claimer {
    fn drop(&mut self) {
        // One that stays is found unlocked, and removed with what it claimed.
        let _ = fs::remove_file(&self.path);
    }
}

/// How the process of this name ended; `None` while it lives.
pub fn death(folder: &Path, name: &str) -> Option<Death> {
    if is_held(&folder.join(name)) {
        return None;
    }
    let boot = boot();
    let is_this_start = name
        .rsplit_once('.')
        .is_some_and(|(start, _)| start == boot);
    Some(if is_this_start {
        Death::Crash
    } else {
        Death::PowerCut
    })
}

/// How many processes are alive that have a file in `folder`; those that cannot be looked at count
/// as none.
pub fn living(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    names.filter(|name| is_held(&folder.join(name))).count()
}

/// Whether a process holds this file.
fn is_held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_err())
}

/// Removes what a dead process left.
pub fn bury(folder: &Path, name: &str) {
    // A name from the ledger could be anything; ours hold no slash.
    if !name.contains(['/', '\\']) {
        let _ = fs::remove_file(folder.join(name));
    }
}

/// Another word after every start of the machine; where the system does not tell, the same word
/// always: there a power cut is taken for a crash.
fn boot() -> String {
    fs::read_to_string(BOOT_ID).map_or_else(
        |_| "unknown".to_owned(),
        |id| id.trim().chars().filter(char::is_ascii_hexdigit).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_alive_while_it_holds_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let claimer = Claimer::new(folder.path()).unwrap();
        let name = claimer.name().to_owned();
        assert_eq!(death(folder.path(), &name), None);
        drop(claimer);
        assert_eq!(death(folder.path(), &name), Some(Death::Crash));
        // What a crash leaves is a file that nobody holds.
        fs::write(folder.path().join(&name), "").unwrap();
        assert_eq!(death(folder.path(), &name), Some(Death::Crash));
        bury(folder.path(), &name);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_living_are_counted_and_the_dead_are_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(living(&folder.path().join("none")), 0);
        let first = Claimer::new(folder.path()).unwrap();
        let _second = Claimer::new(folder.path()).unwrap();
        fs::write(folder.path().join("0123abc.dead"), "").unwrap();
        assert_eq!(living(folder.path()), 2);
        drop(first);
        assert_eq!(living(folder.path()), 1);
    }

    #[test]
    fn a_process_of_an_earlier_start_of_the_machine_may_have_lost_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(death(folder.path(), "0123abc.xyz"), Some(Death::PowerCut));
    }
}
