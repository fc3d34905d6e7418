//! What is published, in a few numbers, for whoever serves it from another process.
//!
//! Kept in one file inside the output (`.tidings/status.json`). A leaf: values and one file.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Where the numbers stand below the output's folder.
pub const FILE: &str = ".tidings/status.json";

/// What is published, in a few numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Items that stand in feeds.
    pub items: i64,
    /// Topics that have feeds.
    pub feeds: i64,
    /// Files that cannot be published as they are.
    pub rejects: i64,
}

impl Status {
    /// The numbers of the output in `folder`; noughts where nothing is known.
    pub fn read(folder: &Path) -> Status {
        let bytes = fs::read(folder.join(FILE)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes the numbers, beside and renamed over, unless the file says the same already.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        if folder.join(FILE).exists() && Status::read(folder) == *self {
            return Ok(());
        }
        let beside = folder.join(FILE).with_extension("json.new");
        fs::write(&beside, serde_json::to_vec(self)?)?;
        fs::rename(&beside, folder.join(FILE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_written_when_they_change_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Status::read(folder.path()), Status::default());
        fs::create_dir(folder.path().join(".tidings")).unwrap();
        let status = Status {
            items: 3,
            feeds: 2,
            rejects: 1,
        };
        status.write(folder.path()).unwrap();
        assert_eq!(Status::read(folder.path()), status);
        let file = folder.path().join(FILE);
        let before = fs::metadata(&file).unwrap().modified().unwrap();
        status.write(folder.path()).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
    }
}
