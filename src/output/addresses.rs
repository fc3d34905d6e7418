//! Addresses that no longer hold what they held: withdrawn pages, and renamed or merged topics.
//!
//! Kept in one file inside the output (`.tidings/addresses.json`), written by whoever publishes
//! and read by whoever serves, in this process or another. A leaf: values and one file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Where the addresses stand below the output's folder.
pub const FILE: &str = ".tidings/addresses.json";

/// How often one address may lead to the next before it is taken for a circle.
const LONGEST_CHAIN: usize = 16;

/// All addresses that are gone or have moved, as paths below the site's root without a slash in
/// front: `news/2024/slug/`. The site's own address is the empty path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// What was withdrawn for good: 410. For a page, with a slash at its end, the file
    /// `<path>index.html` holds the notice, if there is one. The others are feeds that ended.
    #[serde(default)]
    pub gone: BTreeSet<String>,
    /// Where each is now: 301. A path with a slash at its end stands for all that is below it.
    #[serde(default)]
    pub moved: BTreeMap<String, String>,
}

/// What became of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Withdrawn for good. The value is the path of the notice's file.
    Gone(String),
    /// It is at this path now, for good.
    Moved(String),
}

impl Addresses {
    /// Reads the addresses of the output in `folder`; where there is no file, there are none.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold addresses.
    pub fn read(folder: &Path) -> io::Result<Addresses> {
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Addresses::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes the addresses of the output in `folder`, beside and renamed over. Nothing is
    /// written where the file says the same already, or where there is nothing to say and no
    /// file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let file = folder.join(FILE);
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        match fs::read(&file) {
            Ok(old) if old == bytes => return Ok(()),
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && *self == Addresses::default() =>
            {
                return Ok(());
            }
            _ => {}
        }
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        let beside = file.with_extension("json.new");
        fs::write(&beside, bytes)?;
        fs::rename(&beside, &file)
    }

    /// What became of `path`, if it is not where it was. The longest path that holds it decides;
    /// several moves in a row are one.
    pub fn fate(&self, path: &str) -> Option<Fate> {
        let mut fate = self.step(path)?;
        for _ in 0..LONGEST_CHAIN {
            let Fate::Moved(target) = &fate else {
                return Some(fate);
            };
            match self.step(target) {
                Some(next) => fate = next,
                None if target == path => return None,
                None => return Some(fate),
            }
        }
        // A circle leads nowhere.
        None
    }

    fn step(&self, path: &str) -> Option<Fate> {
        let page = path.strip_suffix("index.html").unwrap_or(path);
        let with_slash = format!("{page}/");
        if let Some(gone) = [page, &with_slash]
            .into_iter()
            .find(|page| self.gone.contains(*page))
        {
            return Some(Fate::Gone(format!("{gone}index.html")));
        }
        for candidate in [path, &with_slash] {
            if let Some(target) = self.moved.get(candidate) {
                return Some(Fate::Moved(target.clone()));
            }
        }
        let slashes = path.match_indices('/').map(|(at, _)| at + 1).rev();
        for end in slashes {
            let (folder, rest) = path.split_at(end);
            if let Some(target) = self.moved.get(folder) {
                return Some(Fate::Moved(format!("{target}{rest}")));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        let moved = [
            ("field/old/", "field/new/"),
            ("field/old/special/", "special/"),
            ("field/older/", "field/old/"),
            ("one.xml", "two.xml"),
            ("round/", "about/"),
            ("about/", "round/"),
        ];
        Addresses {
            gone: BTreeSet::from(["news/2024/slug/".to_owned()]),
            moved: moved
                .map(|(from, to)| (from.to_owned(), to.to_owned()))
                .into(),
        }
    }

    fn moved(to: &str) -> Option<Fate> {
        Some(Fate::Moved(to.to_owned()))
    }

    #[test]
    fn a_withdrawn_page_is_gone_by_each_of_its_names() {
        let notice = Some(Fate::Gone("news/2024/slug/index.html".to_owned()));
        for name in [
            "news/2024/slug/",
            "news/2024/slug/index.html",
            "news/2024/slug",
        ] {
            assert_eq!(addresses().fate(name), notice, "{name}");
        }
        assert_eq!(addresses().fate("news/2024/slug/picture.jpg"), None);
    }

    #[test]
    fn the_longest_prefix_says_where_something_has_moved() {
        assert_eq!(
            addresses().fate("field/old/atom.xml"),
            moved("field/new/atom.xml")
        );
        assert_eq!(addresses().fate("field/old"), moved("field/new/"));
        assert_eq!(
            addresses().fate("field/old/special/x/"),
            moved("special/x/")
        );
        assert_eq!(addresses().fate("one.xml"), moved("two.xml"));
        assert_eq!(addresses().fate("field/olds/"), None);
    }

    #[test]
    fn moves_in_a_row_are_one_and_circles_lead_nowhere() {
        assert_eq!(
            addresses().fate("field/older/rss.xml"),
            moved("field/new/rss.xml")
        );
        assert_eq!(addresses().fate("round/"), None);
    }

    #[test]
    fn what_is_written_is_read_again_and_written_only_once() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            Addresses::read(folder.path()).unwrap(),
            Addresses::default()
        );
        Addresses::default().write(folder.path()).unwrap();
        assert!(!folder.path().join(FILE).exists());
        addresses().write(folder.path()).unwrap();
        let stat = || {
            let file = fs::metadata(folder.path().join(FILE)).unwrap();
            file.modified().unwrap()
        };
        let first = stat();
        addresses().write(folder.path()).unwrap();
        assert_eq!(stat(), first);
        assert_eq!(Addresses::read(folder.path()).unwrap(), addresses());
    }
}
