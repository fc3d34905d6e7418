//! An append-only file of records, for what Tidings must remember between runs but can rebuild.
//!
//! Written in whole frames, each with its length and checksum: a crash or a full disk leaves a
//! torn last frame at worst, which the next opening cuts off. The catalog and the output's
//! manifest are kept in journals; durable facts belong in the [`crate::ledger`].

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_64;

/// No frame is longer; a longer length is damage.
const FRAME_LIMIT: u32 = 64 * 1024 * 1024;

/// An open journal, positioned at its end.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    kind: &'static str,
    file: File,
    frames: usize,
}

impl Journal {
    /// Opens or creates the journal at `path` and hands every whole frame to `each`, oldest
    /// first. A file of another `kind` (which names the format's version), and whatever follows
    /// a damaged frame, is dropped: the caller rebuilds it.
    ///
    /// # Errors
    /// When the file cannot be created, read or cut.
    pub fn open<T: DeserializeOwned>(
        path: &Path,
        kind: &'static str,
        each: impl FnMut(T),
    ) -> io::Result<Journal> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let (end, frames) = replay(&file, kind, each)?;
        if end == 0 {
            file.set_len(0)?;
            file.write_all(&header(kind))?;
        } else {
            // A journal that is whole keeps its modification time.
            if file.metadata()?.len() != end {
                file.set_len(end)?;
            }
            file.seek(SeekFrom::Start(end))?;
        }
        Ok(Journal {
            path: path.to_owned(),
            kind,
            file,
            frames,
        })
    }

    /// Hands every whole frame of the journal at `path` to `each` without changing the file; a
    /// missing file has none.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    pub fn read<T: DeserializeOwned>(
        path: &Path,
        kind: &'static str,
        each: impl FnMut(T),
    ) -> io::Result<()> {
        match File::open(path) {
            Ok(file) => replay(&file, kind, each).map(drop),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// How many frames it holds, those included that later ones replace.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Appends records, all or none.
    ///
    /// # Errors
    /// When the disk refuses; what was written of them is then cut off again.
    pub fn append<T: Serialize>(&mut self, records: impl IntoIterator<Item = T>) -> io::Result<()> {
        let end = self.file.stream_position()?;
        let result = self.write_frames(records);
        if result.is_err() {
            self.file.set_len(end)?;
            self.file.seek(SeekFrom::Start(end))?;
        }
        result
    }

    fn write_frames<T: Serialize>(
        &mut self,
        records: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        let mut frames = 0;
        let mut writer = BufWriter::with_capacity(256 * 1024, &self.file);
        let mut bytes = Vec::new();
        for record in records {
            bytes = frame(&record, bytes)?;
            writer.write_all(&bytes)?;
            frames += 1;
        }
        writer.flush()?;
        drop(writer);
        self.frames += frames;
        Ok(())
    }

    /// Replaces the whole journal by these records, atomically.
    ///
    /// # Errors
    /// When the disk refuses; the journal is then as it was.
    pub fn rewrite<T: Serialize>(&mut self, records: impl Iterator<Item = T>) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&fresh)?;
        let mut writer = BufWriter::with_capacity(256 * 1024, &file);
        writer.write_all(&header(self.kind))?;
        let mut frames = 0;
        let mut bytes = Vec::new();
        for record in records {
            bytes = frame(&record, bytes)?;
            writer.write_all(&bytes)?;
            frames += 1;
        }
        writer.flush()?;
        drop(writer);
        fs::rename(&fresh, &self.path)?;
        self.file = file;
        self.frames = frames;
        Ok(())
    }
}

/// A journal that another process writes, read as far as it goes.
#[derive(Debug)]
pub struct Reader {
    /// Held open, so that no other file can have its inode.
    file: File,
    inode: u64,
    end: u64,
}

impl Reader {
    /// Opens the journal at `path` and hands every whole frame to `each`, oldest first. `None`
    /// where there is no journal of this `kind`.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    pub fn open<T: DeserializeOwned>(
        path: &Path,
        kind: &str,
        each: impl FnMut(T),
    ) -> io::Result<Option<Reader>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let inode = file.metadata()?.ino();
        let (end, _) = replay(&file, kind, each)?;
        Ok((end > 0).then_some(Reader { file, inode, end }))
    }

    /// Hands the whole frames that were appended since to `each`; whether the journal at `path`
    /// is still this one, and not another that took its place. Costs a look at the file where
    /// nothing was appended.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_on<T: DeserializeOwned>(
        &mut self,
        path: &Path,
        each: impl FnMut(T),
    ) -> io::Result<bool> {
        let found = match fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        if found.ino() != self.inode || found.len() < self.end {
            return Ok(false);
        }
        if found.len() > self.end {
            self.file.seek(SeekFrom::Start(self.end))?;
            let mut reader = BufReader::with_capacity(256 * 1024, &self.file);
            (self.end, _) = replay_frames(&mut reader, self.end, each)?;
        }
        Ok(true)
    }
}

fn header(kind: &str) -> Vec<u8> {
    format!("tidings {kind}\n").into_bytes()
}

/// How many bytes stand before a frame's payload: its length and its checksum.
const HEAD: usize = 12;

/// A record as a frame, in the place of what `bytes` held: fresh memory for each would take as
/// long as the writing.
fn frame<T: Serialize>(record: &T, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    bytes.clear();
    bytes.extend_from_slice(&[0; HEAD]);
    let mut frame = postcard::to_extend(record, bytes).map_err(io::Error::other)?;
    let payload = &frame[HEAD..];
    let length = u32::try_from(payload.len())
        .ok()
        .filter(|length| *length <= FRAME_LIMIT)
        .ok_or_else(|| io::Error::other("a record is too large for its journal"))?;
    let checksum = xxh3_64(payload);
    frame[..4].copy_from_slice(&length.to_le_bytes());
    frame[4..HEAD].copy_from_slice(&checksum.to_le_bytes());
    Ok(frame)
}

/// The end of the last whole frame (0 when the header is not `kind`'s) and the count of frames.
fn replay<T: DeserializeOwned>(
    file: &File,
    kind: &str,
    each: impl FnMut(T),
) -> io::Result<(u64, usize)> {
    let expected = header(kind);
    let mut reader = BufReader::with_capacity(256 * 1024, file);
    let mut found = vec![0; expected.len()];
    if !read_whole(&mut reader, &mut found)? || found != expected {
        return Ok((0, 0));
    }
    replay_frames(&mut reader, expected.len() as u64, each)
}

/// The end of the last whole frame of those that begin at `end`, and their count.
fn replay_frames<T: DeserializeOwned>(
    reader: &mut impl Read,
    mut end: u64,
    mut each: impl FnMut(T),
) -> io::Result<(u64, usize)> {
    let mut frames = 0;
    let mut payload = Vec::new();
    loop {
        let mut head = [0; HEAD];
        if !read_whole(reader, &mut head)? {
            break;
        }
        let [a, b, c, d, checksum @ ..] = head;
        let length = u32::from_le_bytes([a, b, c, d]);
        if length > FRAME_LIMIT {
            break;
        }
        payload.resize(length as usize, 0);
        if !read_whole(reader, &mut payload)? || xxh3_64(&payload) != u64::from_le_bytes(checksum) {
            break;
        }
        let Ok(record) = postcard::from_bytes(&payload) else {
            break;
        };
        each(record);
        end += HEAD as u64 + u64::from(length);
        frames += 1;
    }
    Ok((end, frames))
}

/// Fills the buffer; false when the file ends first.
fn read_whole(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(path: &Path, kind: &'static str) -> Vec<String> {
        let mut found = Vec::new();
        Journal::open(path, kind, |text: String| found.push(text)).unwrap();
        found
    }

    #[test]
    fn what_is_appended_is_read_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/journal");
        let mut journal = Journal::open(&path, "test 1", |_: String| {}).unwrap();
        journal.append(["a", "b"]).unwrap();
        journal.append(["c"]).unwrap();
        assert_eq!(contents(&path, "test 1"), ["a", "b", "c"]);
    }

    #[test]
    fn a_reader_follows_what_another_process_appends_and_sees_when_it_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let none = Reader::open(&path, "test 1", |_: String| {}).unwrap();
        assert!(none.is_none());
        let mut journal = Journal::open(&path, "test 1", |_: String| {}).unwrap();
        journal.append(["a"]).unwrap();
        assert!(
            Reader::open(&path, "test 2", |_: String| {})
                .unwrap()
                .is_none()
        );
        let mut found: Vec<String> = Vec::new();
        let mut reader = Reader::open(&path, "test 1", |text| found.push(text))
            .unwrap()
            .unwrap();
        journal.append(["b", "c"]).unwrap();
        assert!(reader.read_on(&path, |text| found.push(text)).unwrap());
        assert!(reader.read_on(&path, |text| found.push(text)).unwrap());
        assert_eq!(found, ["a", "b", "c"]);
        // A frame that is just being written is read when it is whole.
        let whole = frame(&"torn", Vec::new()).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&whole[..7]).unwrap();
        assert!(reader.read_on(&path, |text| found.push(text)).unwrap());
        file.write_all(&whole[7..]).unwrap();
        assert!(reader.read_on(&path, |text| found.push(text)).unwrap());
        assert_eq!(found.last().unwrap(), "torn");
        journal.rewrite(["d"; 100].iter()).unwrap();
        assert!(!reader.read_on(&path, |text| found.push(text)).unwrap());
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn a_torn_last_frame_is_cut_off_and_the_rest_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, "test 1", |_: String| {}).unwrap();
        journal.append(["kept", "torn"]).unwrap();
        drop(journal);
        let length = fs::metadata(&path).unwrap().len();
        for cut in 1..16 {
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(length - cut).unwrap();
            assert_eq!(contents(&path, "test 1"), ["kept"]);
            let mut journal = Journal::open(&path, "test 1", |_: String| {}).unwrap();
            journal.append(["torn"]).unwrap();
            assert_eq!(contents(&path, "test 1"), ["kept", "torn"]);
        }
    }

    #[test]
    fn damage_in_the_middle_drops_only_what_follows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, "test 1", |_: String| {}).unwrap();
        journal.append(["first", "second", "third"]).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(6).position(|w| w == b"second").unwrap();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(contents(&path, "test 1"), ["first"]);
    }

    #[test]
    fn another_version_of_the_format_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, "test 1", |_: String| {}).unwrap();
        journal.append(["old"]).unwrap();
        assert!(contents(&path, "test 2").is_empty());
        assert!(contents(&path, "test 2").is_empty());
    }

    #[test]
    fn rewriting_replaces_everything_and_appending_goes_on_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, "test 1", |_: String| {}).unwrap();
        journal.append(["a", "b"]).unwrap();
        journal.rewrite(["c"].iter()).unwrap();
        journal.append(["d"]).unwrap();
        assert_eq!(journal.frames(), 2);
        assert_eq!(contents(&path, "test 1"), ["c", "d"]);
    }
}
