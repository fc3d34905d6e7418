//! Looking at the items' folders: which files there are, and what tells that they have changed.
//!
//! A scan is the truth about the newsroom; notifications only say when to look. Nothing is read
//! here but names and metadata.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::catalog::Stat;
use crate::config::Items;
use crate::diagnostic::Problem;
use crate::item::Format;

/// Folders nested deeper than this are refused; no newsroom is.
const DEPTH_LIMIT: usize = 64;

/// A regular file below an items' folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Path relative to the newsroom, with `/`.
    pub path: Arc<str>,
    /// What tells that it has changed.
    pub stat: Stat,
    /// The item format that its name stands for; `None` for a file that items may point at.
    pub format: Option<Format>,
}

/// What a scan found.
#[derive(Debug, Default)]
pub struct Scan {
    /// The files, sorted by path.
    pub found: Vec<Found>,
    /// What could not be looked at, by path relative to the newsroom, and why. Whatever was known
    /// at or below such a path must be taken as still there.
    pub unseen: Vec<(String, Problem)>,
}

impl Scan {
    /// The files that are items.
    pub fn items(&self) -> Vec<&Found> {
        let found = self.found.iter();
        found.filter(|found| found.format.is_some()).collect()
    }

    /// Whether the scan could not tell if there is anything at this path.
    pub fn is_unseen(&self, path: &str) -> bool {
        self.unseen
            .iter()
            .any(|(above, _)| is_at_or_below(path, above))
    }
}

/// Whether `path` is `above` or lies below it.
pub fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Scans the items' folders of one newsroom.
#[derive(Debug)]
pub struct Scanner {
    root: PathBuf,
    folders: Vec<PathBuf>,
    output: PathBuf,
    ignore: GlobSet,
}

impl Scanner {
    /// A scanner for the newsroom in `root`, an absolute path, whose output goes to `output`
    /// below it.
    ///
    /// # Errors
    /// When a pattern of `items.ignore` is not a glob.
    pub fn new(root: &Path, items: &Items, output: &Path) -> Result<Scanner, Problem> {
        let mut ignore = GlobSetBuilder::new();
        for pattern in &items.ignore {
            let glob = GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .map_err(|error| {
                    Problem::error(format!(
                        "items.ignore: '{pattern}' is not a pattern: {}",
                        error.kind()
                    ))
                })?;
            ignore.add(glob);
        }
        let ignore = ignore
            .build()
            .map_err(|error| Problem::error(format!("items.ignore: {error}")))?;
        Ok(Scanner {
            root: root.to_owned(),
            folders: items.folders.clone(),
            output: root.join(output),
            ignore,
        })
    }

    /// The items' folders, absolute.
    pub fn folders(&self) -> impl Iterator<Item = PathBuf> {
        self.folders.iter().map(|folder| self.root.join(folder))
    }

    /// Scans everything, the folders in the items' folders side by side.
    pub fn all(&self) -> Scan {
        let mut scan = Scan::default();
        for folder in self.folders() {
            if !self.is_there(&folder, &mut scan) {
                continue;
            }
            let mut below = Vec::new();
            self.walk(&folder, 1, &mut scan, &mut below);
            let scans: Vec<Scan> = below
                .par_iter()
                .map(|folder| self.all_below(folder, DEPTH_LIMIT - 1))
                .collect();
            for other in scans {
                scan.found.extend(other.found);
                scan.unseen.extend(other.unseen);
            }
        }
        scan.found.par_sort_unstable_by(|a, b| a.path.cmp(&b.path));
        scan.found.dedup_by(|a, b| a.path == b.path);
        scan
    }

    fn all_below(&self, start: &Path, depth: usize) -> Scan {
        let mut scan = Scan::default();
        self.walk(start, depth, &mut scan, &mut Vec::new());
        scan
    }

    /// Whether an items' folder is there. A share that is not mounted must not look like a
    /// newsroom without news, so that one which is not is reported as not seen.
    fn is_there(&self, folder: &Path, scan: &mut Scan) -> bool {
        if folder.is_dir() {
            return true;
        }
        let name = self.relative(folder).unwrap_or_default();
        let problem = Problem::error(format!("the items' folder '{name}' is not there"))
            .help("make it, or mend `folders` under [items]; what was published stays");
        scan.unseen.push((name, problem));
        false
    }

    /// Scans one file, or one folder and all below it; nothing is found where there is nothing.
    pub fn below(&self, path: &Path) -> Scan {
        let mut scan = Scan::default();
        let folder = self.folders().find(|folder| path.starts_with(folder));
        if let Some(folder) = folder
            && self.is_there(&folder, &mut scan)
            && path.symlink_metadata().is_ok()
            && !passes_hidden(&folder, path)
        {
            scan = self.all_below(path, DEPTH_LIMIT);
            scan.found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        }
        scan
    }

    /// Looks at a folder, or a file, and at what is at most so deep below it. Folders at that
    /// depth are put into `deeper` and not entered.
    fn walk(&self, start: &Path, depth: usize, scan: &mut Scan, deeper: &mut Vec<PathBuf>) {
        let mut entries = WalkDir::new(start)
            .follow_links(true)
            .max_depth(depth)
            .into_iter()
            .filter_entry(|entry| {
                entry.depth() == 0 || !is_hidden(&entry.file_name().to_string_lossy())
            });
        while let Some(entry) = entries.next() {
            let seen = match &entry {
                Ok(entry) => self.look_at(entry),
                Err(error) => self.failed(error),
            };
            match seen {
                Ok(found) => {
                    scan.found.extend(found);
                    let folder = entry.ok().filter(|entry| entry.file_type().is_dir());
                    let folder = folder.filter(|entry| entry.depth() == depth);
                    deeper.extend(folder.map(DirEntry::into_path));
                }
                Err(problem) => {
                    let path = match &entry {
                        Ok(entry) => entry.path(),
                        Err(error) => error.path().unwrap_or(start),
                    };
                    let name = path
                        .strip_prefix(&self.root)
                        .unwrap_or(path)
                        .to_string_lossy()
                        .into_owned();
                    let problem = problem.in_file(Path::new(&name));
                    scan.unseen.push((name, problem));
                    if entry.is_ok_and(|entry| entry.file_type().is_dir()) {
                        entries.skip_current_dir();
                    }
                }
            }
        }
    }

    fn look_at(&self, entry: &DirEntry) -> Result<Option<Found>, Problem> {
        let path = self.relative(entry.path()).ok_or_else(|| {
            Problem::error("the file's name is not valid UTF-8").help("rename it")
        })?;
        if self.is_ignored(&path) {
            return Ok(None);
        }
        if entry.path_is_symlink() {
            self.check_link(entry.path())?;
        }
        if entry.file_type().is_dir() {
            return Ok(None);
        }
        if path.chars().any(char::is_control) {
            return Err(Problem::error(
                "the file's name holds a line break or another control character",
            )
            .help("rename it"));
        }
        let format = format_of(Path::new(&path));
        if !entry.file_type().is_file() {
            return match format {
                Some(_) => Err(
                    Problem::error("this is a pipe, a socket or a device, not a file")
                        .help("put a regular file here"),
                ),
                None => Ok(None),
            };
        }
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => return self.failed(&error),
        };
        Ok(Some(Found {
            path: path.into(),
            stat: stat(&metadata),
            format,
        }))
    }

    /// A file that went away between listing and looking is simply gone; all else is a problem.
    fn failed(&self, error: &walkdir::Error) -> Result<Option<Found>, Problem> {
        let not_found = error
            .io_error()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        let dangling = error
            .path()
            .is_some_and(|path| path.symlink_metadata().is_ok());
        if not_found && !dangling {
            return Ok(None);
        }
        if error.loop_ancestor().is_some() {
            return Err(round_and_round());
        }
        let said = error
            .io_error()
            .map_or_else(|| error.to_string(), ToString::to_string);
        Err(Problem::error(format!("it cannot be looked at: {said}"))
            .help("mend its permissions, or the link that leads to it; what was published stays"))
    }

    /// The path below the newsroom, with `/`; `None` when it is not UTF-8.
    pub fn relative(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Option<Vec<&str>> = below
            .components()
            .map(|part| part.as_os_str().to_str())
            .collect();
        Some(parts?.join("/"))
    }

    fn is_ignored(&self, path: &str) -> bool {
        let below = self
            .folders
            .iter()
            .find_map(|folder| Path::new(path).strip_prefix(folder).ok());
        below.is_some_and(|below| self.ignore.is_match(below))
    }

    /// A link may lead to anything in the newsroom but the folders that it lies in; those above
    /// the items' folder are no part of the walk, which would not see the loop.
    fn check_link(&self, link: &Path) -> Result<(), Problem> {
        let real = |path: &Path| path.canonicalize().ok();
        let (root, target) = (real(&self.root), real(link));
        let leads_inside =
            matches!((&root, &target), (Some(root), Some(target)) if target.starts_with(root));
        if !leads_inside {
            return Err(Problem::error("this link leads out of the newsroom")
                .help("copy the file here, or link to one within the newsroom"));
        }
        if matches!((real(&self.output), &target), (Some(output), Some(target)) if target.starts_with(&output))
        {
            return Err(Problem::error("this link leads to the output").help("remove the link"));
        }
        let folder = link.parent().and_then(real);
        if matches!((folder, target), (Some(folder), Some(target)) if folder.starts_with(&target)) {
            return Err(round_and_round());
        }
        Ok(())
    }
}

fn round_and_round() -> Problem {
    Problem::error("this link leads to a folder above it, round and round").help("remove the link")
}

/// Whether a path runs through anything hidden below its folder.
fn passes_hidden(folder: &Path, path: &Path) -> bool {
    let below = path.strip_prefix(folder).unwrap_or(path);
    below
        .components()
        .any(|part| is_hidden(&part.as_os_str().to_string_lossy()))
}

/// Hidden files, and what editors and downloads leave beside the files that they write.
pub fn is_hidden(name: &str) -> bool {
    const ENDINGS: [&str; 6] = ["~", ".swp", ".tmp", ".part", ".crdownload", ".bak"];
    name.starts_with(['.', '#'])
        || name == "4913"
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The item format that a file's name stands for.
pub fn format_of(path: &Path) -> Option<Format> {
    Format::of(path.extension()?.to_str()?)
}

/// What tells that a file has changed.
pub fn stat(metadata: &Metadata) -> Stat {
    let nanoseconds =
        |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    Stat {
        size: metadata.len(),
        modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
    }
}
