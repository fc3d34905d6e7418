//! The model's file: written beside the ledger, with its version and a checksum.
//!
//! The file can be deleted: the next training makes it again.

use std::fs;
use std::io;
use std::path::Path;

use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64;

use super::model::Trained;

/// The first line of the file. The number is that of the format and of what the figures in it
/// mean; another is another model.
const HEADER: &[u8] = b"tidings model 2\n";

/// Why a model's file is of no use; it is made anew.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The file cannot be read.
    #[error("the model cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It was written by another version of the program, or is no model at all.
    #[error("the model is of another version")]
    Version,
    /// It is cut short or damaged.
    #[error("the model's file is cut short or damaged")]
    Damaged,
}

/// Reads the model at `path`; `None` where there is no file.
///
/// # Errors
/// When the file is of another version, cut short or damaged.
pub fn load(path: &Path) -> Result<Option<Trained>, ModelError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(rest) = bytes.strip_prefix(HEADER) else {
        // Of a file that ends within the first line, nothing can be said of its version.
        return Err(match HEADER.starts_with(&bytes) {
            true => ModelError::Damaged,
            false => ModelError::Version,
        });
    };
    let (checksum, payload) = rest.split_first_chunk().ok_or(ModelError::Damaged)?;
    if xxh3_64(payload) != u64::from_le_bytes(*checksum) {
        return Err(ModelError::Damaged);
    }
    let trained: Trained = postcard::from_bytes(payload).map_err(|_| ModelError::Damaged)?;
    if trained.is_whole() {
        Ok(Some(trained))
    } else {
        Err(ModelError::Damaged)
    }
}

/// Writes the model to `path`, whole or not at all.
///
/// # Errors
/// When the disk refuses; the file is then as it was.
pub fn save(path: &Path, trained: &Trained) -> io::Result<()> {
    let payload = postcard::to_stdvec(trained).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(HEADER.len() + 8 + payload.len());
    bytes.extend_from_slice(HEADER);
    bytes.extend_from_slice(&xxh3_64(&payload).to_le_bytes());
    bytes.extend_from_slice(&payload);
    let beside = path.with_extension("new");
    fs::write(&beside, bytes)?;
    fs::rename(&beside, path)
}
