//! The versions of files that are being served: in memory, with their headers prepared.
//!
//! A version is known by what the file system says of its file, so that a request costs one look
//! and no reading, and a file that was renamed over is seen at once. Each is read, compressed and
//! fingerprinted once, however many ask for it at the same time.

mod memory;
mod tag;

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use quick_cache::sync::Cache;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use xxhash_rust::xxh3::xxh3_128;

use memory::{ByBytes, ByEntries, Key, SHARDS, cache};
pub use tag::tag_value;
use tag::{etag, fingerprint, fingerprint_of};

use super::delta;
use super::encoding::{self, Coding};
use super::headers::Headers;
use super::kind::{self, Kind};
use super::preview::Localise;

/// How often a file may change while it is read before the request is given up.
const ATTEMPTS: usize = 5;
/// The part of the memory that is kept for which entries old versions of feeds had.
const SHARE_OF_ENTRIES: u64 = 16;

/// What tells a version of a file from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Since 1970.
    modified: Duration,
}

impl Stamp {
    /// The stamp of a file as the file system describes it.
    pub fn of(metadata: &Metadata) -> Stamp {
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        Stamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: modified.duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }
}

/// Where the bytes of a representation are.
#[derive(Debug, Clone)]
pub enum Content {
    /// In memory.
    Memory(Bytes),
    /// In this file, which is too large for that.
    Disk(PathBuf),
}

/// One version of a file in one coding, ready to be sent.
#[derive(Debug)]
pub struct Representation {
    /// What kind of file it is.
    pub kind: Kind,
    /// The bytes.
    pub content: Content,
    /// How many.
    pub length: u64,
    /// When the file was changed, in whole seconds and not in the future.
    pub modified: SystemTime,
    /// Its strong entity tag, with the quotation marks.
    pub etag: String,
    /// What it is sent with, if it is sent whole.
    pub headers: HeaderMap,
    /// What a 304 is sent with.
    pub brief: HeaderMap,
    /// Whether it holds the news alone.
    pub is_delta: bool,
    stamp: Stamp,
    fingerprint: u128,
}

impl Representation {
    /// Opens the file of a representation that is on the disk, as long as it is still the same.
    ///
    /// # Errors
    /// When it is gone or another.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        let file = File::open(path)?;
        if Stamp::of(&file.metadata()?) == self.stamp {
            Ok(file)
        } else {
            Err(changed())
        }
    }
}

/// What stands at a path.
#[derive(Debug)]
pub enum Found {
    /// A file.
    File(Arc<Representation>),
    /// A folder.
    Folder,
    /// Nothing that can be sent.
    Nothing,
}

/// All versions that are in memory.
#[derive(Debug)]
pub struct Versions {
    output: PathBuf,
    headers: Headers,
    localise: Option<Localise>,
    largest: u64,
    representations: Cache<Key, Arc<Representation>, ByBytes>,
    /// The entries that versions of feeds held, by path and fingerprint.
    entries: Cache<(Box<str>, u128), Arc<[u64]>, ByEntries>,
    /// Reading and compressing at once: as much as there are processors.
    work: Semaphore,
}

impl Versions {
    /// The versions of the files in `output`, in at most `memory` bytes.
    pub fn new(
        output: &Path,
        memory: u64,
        headers: Headers,
        localise: Option<Localise>,
    ) -> Arc<Versions> {
        let for_entries = memory / SHARE_OF_ENTRIES;
        let for_bytes = memory - for_entries;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Versions {
            output: output.to_owned(),
            headers,
            localise,
            // What does not fit into its part of the memory would be read for each request.
            largest: for_bytes / SHARDS as u64 / 2,
            representations: cache(for_bytes, ByBytes),
            entries: cache(for_entries, ByEntries),
            work: Semaphore::new(processors),
        })
    }

    /// The file at a path below the output in a coding, or in none where it has none.
    ///
    /// # Errors
    /// When the disk fails, or the file changes all the time.
    pub async fn get(self: &Arc<Self>, path: &str, coding: Coding) -> io::Result<Found> {
        let full = self.output.join(path);
        for _ in 0..ATTEMPTS {
            let metadata = match fs::metadata(&full) {
                Ok(metadata) => metadata,
                // Also: a name too long, a file where a folder should be, no permission.
                Err(_) => return Ok(Found::Nothing),
            };
            if metadata.is_dir() {
                return Ok(Found::Folder);
            }
            if !metadata.is_file() {
                return Ok(Found::Nothing);
            }
            let key = Key {
                path: path.into(),
                stamp: Stamp::of(&metadata),
                coding,
                base: None,
            };
            match self.representation(key).await {
                Ok(found) => return Ok(Found::File(found)),
                Err(error) if is_change(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    return Ok(Found::Nothing);
                }
                Err(error) => return Err(error),
            }
        }
        Err(changed())
    }

    async fn representation(self: &Arc<Self>, key: Key) -> io::Result<Arc<Representation>> {
        if let Some(found) = self.representations.get(&key) {
            return Ok(found);
        }
        // Apart, so that what waits for a request is small as long as nothing has to be made.
        Box::pin(self.made(key)).await
    }

    async fn made(self: &Arc<Self>, key: Key) -> io::Result<Arc<Representation>> {
        let make = async {
            if key.coding == Coding::Identity {
                let (this, path, stamp) = (self.clone(), key.path.clone(), key.stamp);
                return self.work(move || this.read(&path, stamp)).await;
            }
            let plain = Key {
                coding: Coding::Identity,
                ..key.clone()
            };
            let plain = self.representation(plain).await?;
            let Content::Memory(bytes) = plain.content.clone() else {
                return Ok(plain);
            };
            if !kind::is_compressible(&key.path) || bytes.len() < encoding::LEAST {
                return Ok(plain);
            }
            let (this, coding) = (self.clone(), key.coding);
            self.work(move || this.coded(&plain, &bytes, coding)).await
        };
        self.representations.get_or_insert_async(&key, make).await
    }

    /// What is new in a feed since a version whose entity tag the client sent; `None` where that
    /// version is not remembered or nothing would be saved.
    ///
    /// # Errors
    /// When the disk fails, or the feed changes meanwhile.
    pub async fn delta(
        self: &Arc<Self>,
        path: &str,
        current: &Arc<Representation>,
        coding: Coding,
        tag: &str,
    ) -> io::Result<Option<Arc<Representation>>> {
        let Kind::Feed(format) = current.kind else {
            return Ok(None);
        };
        let Some(base) = fingerprint_of(tag) else {
            return Ok(None);
        };
        let Some(known) = self.entries.get(&(path.into(), base)) else {
            return Ok(None);
        };
        let plain = Key {
            path: path.into(),
            stamp: current.stamp,
            coding: Coding::Identity,
            base: None,
        };
        let key = Key {
            coding,
            base: Some(base),
            ..plain.clone()
        };
        let make = async {
            let plain = self.representation(plain).await?;
            let Content::Memory(feed) = plain.content.clone() else {
                return Ok(current.clone());
            };
            let (this, current) = (self.clone(), current.clone());
            self.work(move || match delta::delta(format, &feed, &known) {
                Some(delta) => this.news(&plain, &current, &delta, coding),
                // Remembered as well, so that it is not looked for again.
                None => Ok(current),
            })
            .await
        };
        let found = self.representations.get_or_insert_async(&key, make).await?;
        Ok(found.is_delta.then_some(found))
    }

    fn news(
        &self,
        plain: &Representation,
        current: &Representation,
        delta: &[u8],
        coding: Coding,
    ) -> io::Result<Arc<Representation>> {
        let coding = match delta.len() < encoding::LEAST {
            true => Coding::Identity,
            false => coding,
        };
        let bytes = Bytes::from(coding.apply(delta)?);
        let length = bytes.len() as u64;
        let etag = current.etag.clone();
        let headers = self.headers.of_delta(&plain.headers, &etag, coding);
        Ok(Arc::new(Representation {
            length,
            content: Content::Memory(bytes),
            headers: with_length(headers, length),
            brief: current.brief.clone(),
            etag,
            is_delta: true,
            ..*plain
        }))
    }

    /// Does what takes its time where it holds nobody up.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        // Fails only when the semaphore is closed, which it never is.
        let _permit = self.work.acquire().await.map_err(io::Error::other)?;
        spawn_blocking(work).await.map_err(io::Error::other)?
    }

    fn read(&self, path: &str, stamp: Stamp) -> io::Result<Arc<Representation>> {
        let full = self.output.join(path);
        // A link may lead about inside the output, but not out of it.
        if !full
            .canonicalize()?
            .starts_with(self.output.canonicalize()?)
        {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut file = File::open(&full)?;
        let is_same = |file: &File| -> io::Result<()> {
            match Stamp::of(&file.metadata()?) == stamp {
                true => Ok(()),
                false => Err(changed()),
            }
        };
        is_same(&file)?;
        if stamp.size > self.largest {
            let mut head = Vec::new();
            (&mut file).take(4_096).read_to_end(&mut head)?;
            let fingerprint = fingerprint(&head, &mut file)?;
            is_same(&file)?;
            let kind = Kind::of(path, &head);
            let content = Content::Disk(full);
            return Ok(self.prepared(path, kind, &head, content, stamp, fingerprint));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or_default() + 1);
        file.read_to_end(&mut bytes)?;
        is_same(&file)?;
        if let Some(localise) = &self.localise {
            bytes = localise.apply(path, bytes);
        }
        let kind = Kind::of(path, &bytes);
        let fingerprint = xxh3_128(&bytes);
        if let Kind::Feed(format) = kind {
            let entries = delta::entries(format, &bytes);
            self.entries
                .insert((path.into(), fingerprint), entries.into());
        }
        let bytes = Bytes::from(bytes);
        let content = Content::Memory(bytes.clone());
        Ok(self.prepared(path, kind, &bytes, content, stamp, fingerprint))
    }

    fn prepared(
        &self,
        path: &str,
        kind: Kind,
        head: &[u8],
        content: Content,
        stamp: Stamp,
        fingerprint: u128,
    ) -> Arc<Representation> {
        let since = Duration::from_secs(stamp.modified.as_secs());
        // A date in the future would be none that a client could ask about (RFC 9110, 8.8.2.1).
        let modified = (UNIX_EPOCH + since).min(whole_seconds(SystemTime::now()));
        let etag = etag(fingerprint, Coding::Identity);
        let headers = self.headers.of_file(path, kind, head, &etag, modified);
        let length = match &content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Disk(_) => stamp.size,
        };
        let headers = with_length(headers, length);
        Arc::new(Representation {
            kind,
            length,
            content,
            modified,
            brief: self.headers.brief(&headers),
            headers,
            etag,
            is_delta: false,
            stamp,
            fingerprint,
        })
    }

    fn coded(
        &self,
        plain: &Arc<Representation>,
        bytes: &[u8],
        coding: Coding,
    ) -> io::Result<Arc<Representation>> {
        let coded = coding.apply(bytes)?;
        if coded.len() >= bytes.len() {
            return Ok(plain.clone());
        }
        let etag = etag(plain.fingerprint, coding);
        let length = coded.len() as u64;
        let headers = self.headers.of_coded(&plain.headers, &etag, coding);
        let headers = with_length(headers, length);
        Ok(Arc::new(Representation {
            length,
            content: Content::Memory(coded.into()),
            brief: self.headers.brief(&headers),
            headers,
            etag,
            ..**plain
        }))
    }
}

fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

fn with_length(mut headers: HeaderMap, length: u64) -> HeaderMap {
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers
}

/// The file became another while it was looked at.
fn changed() -> io::Error {
    io::ErrorKind::StaleNetworkFileHandle.into()
}

fn is_change(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::StaleNetworkFileHandle
}
