//! The catalog between runs: a journal of records, and a file with the last good content of
//! every item.
//!
//! The content file is why a source file that goes bad does not take its item out of the feeds,
//! and why rendering never reads a source file that is just being edited. All of it can be
//! deleted: the next run reads every file again.

mod follow;

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{Extent, Record, Stat};
use crate::item::{Body, Item};
use crate::journal::Journal;

const KIND: &str = "catalog 5";

/// A content file smaller than this is not worth compacting.
const COMPACT_ABOVE: u64 = 64 * 1024 * 1024;

/// How many bytes of contents are written at once.
const BUFFER: usize = 256 * 1024;

#[derive(Serialize, Deserialize)]
enum Frame {
    /// Under which settings, and with which content file, the records that follow were made.
    Start(Settings, u32),
    Put(Box<Record>),
    Removed(Arc<str>),
}

/// A [`Frame`] to be written: the same variants in the same order, but nothing is copied.
#[derive(Serialize)]
enum BorrowedFrame<'a> {
    Start(&'a Settings, u32),
    Put(&'a Record),
    Removed(&'a Arc<str>),
}

/// What records depend on besides their files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// Fingerprint of the configuration and of the program's version.
    pub fingerprint: u64,
    /// The facets' keys, in order: what the facet numbers in stored contents mean.
    pub facets: Vec<String>,
}

pub use follow::{Followed, Follower};

/// The last good contents of items, to be read back.
#[derive(Debug)]
pub struct Contents(File);

impl Contents {
    /// The content that was kept.
    ///
    /// # Errors
    /// When the file cannot be read, or what it holds is damaged.
    pub fn item(&self, extent: Extent) -> io::Result<Item> {
        from_bytes(&read_extent(&self.0, extent)?)
    }
}

/// The open store.
#[derive(Debug)]
pub struct Store {
    journal: Journal,
    contents: Contents,
    end: u64,
    /// What is on its way to the file; kept, since fresh memory costs as much as the writing.
    buffer: Vec<u8>,
}

impl Store {
    /// Opens or creates the store in `folder` and hands back the records that it holds. When they
    /// were made under other settings, every one has an unknown [`Stat`], so that its file is
    /// read again.
    ///
    /// # Errors
    /// When a file cannot be created or read.
    pub fn open(folder: &Path, settings: &Settings) -> io::Result<(Store, Vec<Record>)> {
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        let mut records: Vec<Option<Record>> = Vec::new();
        let mut before = Settings::default();
        let mut generation = 0;
        let mut journal = Journal::open(&folder.join("catalog"), KIND, |frame| match frame {
            Frame::Start(settings, number) => (before, generation) = (settings, number),
            Frame::Put(record) => match places.get(&record.path) {
                Some(place) => records[*place] = Some(*record),
                None => {
                    places.insert(record.path.clone(), records.len());
                    records.push(Some(*record));
                }
            },
            Frame::Removed(path) => {
                if let Some(place) = places.remove(&path) {
                    records[place] = None;
                }
            }
        })?;
        drop(places);
        let mut records: Vec<Record> = records.into_iter().flatten().collect();
        if before != *settings {
            for record in &mut records {
                record.stat = Stat::default();
            }
        }
        let name = |generation: u32| folder.join(format!("contents-{generation}"));
        let mut contents = open_contents(&name(generation))?;
        let mut end = contents.metadata()?.len();
        let live: u64 = records
            .iter()
            .map(|record| u64::from(record.content.length))
            .sum();
        let old = name(generation);
        let renumbered = !records.is_empty() && before.facets != settings.facets;
        let moved = renumbered || (end > COMPACT_ABOVE && live < end / 2);
        if moved {
            generation = generation.wrapping_add(1);
            (contents, end) = copy_contents(&contents, &name(generation), &mut records, |item| {
                renumber(item, &before.facets, &settings.facets);
            })?;
        }
        if moved || before != *settings || journal.frames() > 2 * records.len() + 1_000 {
            let start = BorrowedFrame::Start(settings, generation);
            let put = records.iter().map(BorrowedFrame::Put);
            journal.rewrite(std::iter::once(start).chain(put))?;
        }
        if moved {
            fs::remove_file(old)?;
        }
        Ok((
            Store {
                journal,
                contents: Contents(contents),
                end,
                buffer: Vec::new(),
            },
            records,
        ))
    }

    /// Keeps the contents of some items; an extent for each.
    ///
    /// # Errors
    /// When the disk refuses, or a content is larger than 4 GiB.
    pub fn keep(&mut self, contents: &[Vec<u8>]) -> io::Result<Vec<Extent>> {
        let mut extents = Vec::with_capacity(contents.len());
        self.buffer.clear();
        for content in contents {
            if self.buffer.len() + content.len() > BUFFER {
                self.write_buffer()?;
            }
            extents.push(extent(self.end + self.buffer.len() as u64, content)?);
            self.buffer.extend_from_slice(content);
        }
        self.write_buffer()?;
        Ok(extents)
    }

    fn write_buffer(&mut self) -> io::Result<()> {
        self.contents.0.write_all_at(&self.buffer, self.end)?;
        self.end += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// The content that was kept.
    ///
    /// # Errors
    /// When the file cannot be read, or what it holds is damaged.
    pub fn content(&self, extent: Extent) -> io::Result<Item> {
        self.contents.item(extent)
    }

    /// The contents, to be read back.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Remembers a batch of changes.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn commit<'a>(
        &mut self,
        changed: impl Iterator<Item = &'a Record>,
        gone: &'a [Arc<str>],
    ) -> io::Result<()> {
        let put = changed.map(BorrowedFrame::Put);
        let removed = gone.iter().map(BorrowedFrame::Removed);
        self.journal.append(put.chain(removed))
    }
}

/// An item as [`Store::keep`] takes it.
///
/// # Errors
/// Never for an item that a reader made; the format has no values that it cannot write.
pub fn to_bytes(item: &Item) -> io::Result<Vec<u8>> {
    let (Body::Markdown(text) | Body::Html(text) | Body::Text(text)) = &item.body;
    let bytes = Vec::with_capacity(text.len() + 512);
    postcard::to_extend(item, bytes).map_err(io::Error::other)
}

fn from_bytes(bytes: &[u8]) -> io::Result<Item> {
    postcard::from_bytes(bytes).map_err(io::Error::other)
}

fn open_contents(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

fn extent(offset: u64, bytes: &[u8]) -> io::Result<Extent> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    Ok(Extent {
        offset,
        length,
        checksum: checksum(bytes),
    })
}

fn checksum(bytes: &[u8]) -> u32 {
    // The low half serves as well as the whole.
    xxh3_64(bytes) as u32
}

fn read_extent(contents: &File, extent: Extent) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; extent.length as usize];
    contents.read_exact_at(&mut bytes, extent.offset)?;
    if checksum(&bytes) == extent.checksum {
        Ok(bytes)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the kept content is damaged",
        ))
    }
}

/// Copies what is still referred to into a new file; what is damaged is read again.
fn copy_contents(
    old: &File,
    fresh_path: &Path,
    records: &mut [Record],
    change: impl Fn(&mut Item),
) -> io::Result<(File, u64)> {
    let fresh = open_contents(fresh_path)?;
    fresh.set_len(0)?;
    let mut writer = BufWriter::new(&fresh);
    let mut offset = 0;
    for record in records.iter_mut() {
        let Ok(mut item) = read_extent(old, record.content).and_then(|bytes| from_bytes(&bytes))
        else {
            record.stat = Stat::default();
            continue;
        };
        change(&mut item);
        let bytes = to_bytes(&item)?;
        record.content = extent(offset, &bytes)?;
        offset += bytes.len() as u64;
        writer.write_all(&bytes)?;
    }
    writer.flush()?;
    drop(writer);
    Ok((fresh, offset))
}

/// Gives stated values the numbers that their facets have now; those of facets that are no more
/// are dropped.
fn renumber(item: &mut Item, before: &[String], now: &[String]) {
    item.stated.retain_mut(|(facet, _)| {
        let key = before.get(usize::from(facet.0));
        let number = key.and_then(|key| now.iter().position(|other| other == key));
        match number.and_then(|number| u8::try_from(number).ok()) {
            Some(number) => facet.0 = number,
            None => return false,
        }
        true
    });
}
