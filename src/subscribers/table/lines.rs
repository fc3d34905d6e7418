//! The rows of a table as cells, one after the other: what divides cells is found out, and a row
//! that does not end takes no more memory than any.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use csv::StringRecord;
use thiserror::Error;

use super::import::ImportError;

/// The most octets of one row: more of them is a quotation mark that nobody closed.
const ROW_LIMIT: u64 = 1 << 20;
/// How much is looked at to tell how cells are divided.
const SAMPLE: usize = 64 << 10;

/// A table that is read row by row.
pub(super) struct Lines<R: Read> {
    reader: csv::Reader<Bounded<io::Chain<Cursor<Vec<u8>>, R>>>,
    /// How much was read since the last row.
    since: Rc<Cell<u64>>,
}

impl<R: Read> Lines<R> {
    /// Finds out what divides cells: that of `,`, `;` and tab which is most often in the first line.
    pub(super) fn new(mut table: R) -> io::Result<Lines<R>> {
        let mut sample = Vec::new();
        table
            .by_ref()
            .take(SAMPLE as u64)
            .read_to_end(&mut sample)?;
        let first = sample
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let count = |divider: &u8| first.iter().filter(|byte| *byte == divider).count();
        let divider = [b',', b';', b'\t'].into_iter().rev().max_by_key(count);
        let since = Rc::default();
        let bounded = Bounded {
            source: Cursor::new(sample).chain(table),
            since: Rc::clone(&since),
        };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(divider.unwrap_or(b','))
            .from_reader(bounded);
        Ok(Lines { reader, since })
    }

    /// Reads the next row; `false` where there is none.
    ///
    /// # Errors
    /// It does not end, or the table cannot be read on.
    pub(super) fn next(&mut self, record: &mut StringRecord) -> Result<bool, ImportError> {
        self.since.set(0);
        let line = self.reader.position().line();
        self.reader.read_record(record).map_err(|error| {
            let is_endless = matches!(error.kind(), csv::ErrorKind::Io(error)
                if error.get_ref().is_some_and(|inner| inner.is::<Endless>()));
            match error.into_kind() {
                _ if is_endless => ImportError::Quotation { line },
                csv::ErrorKind::Io(error) => ImportError::Read(error),
                other => ImportError::Read(io::Error::other(format!("{other:?}"))),
            }
        })
    }
}

/// Fails where a row does not end.
struct Bounded<R> {
    source: R,
    /// How much was read since the last row.
    since: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > ROW_LIMIT {
            return Err(io::Error::other(Endless));
        }
        let read = self.source.read(buffer)?;
        self.since.set(self.since.get() + read as u64);
        Ok(read)
    }
}

#[derive(Debug, Error)]
#[error("a row does not end")]
struct Endless;
