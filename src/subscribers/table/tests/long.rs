//! Tables that are longer than what is held of them.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};

use super::*;
use crate::subscribers::table::encoding::{Decoded, detect};

/// How long a table is.
const ROWS: u64 = 20_000;
/// How many rows may have been read and not recorded, or not told of: those of some pieces of the
/// file, and of one transaction.
const HELD: u64 = 8_000;
/// How many are made at a time.
const PIECE: u64 = 100;

/// A table that is made while it is read.
struct Flow {
    encoding: &'static Encoding,
    row: fn(u64) -> String,
    next: u64,
    pending: io::Cursor<Vec<u8>>,
    /// How many rows were asked for so far.
    given: Rc<Cell<u64>>,
    /// Looks on, each time that rows are asked for.
    look: Box<dyn FnMut(u64)>,
}

impl Flow {
    fn new(encoding: &'static Encoding, row: fn(u64) -> String) -> Flow {
        let mut flow = Flow {
            encoding,
            row,
            next: 0,
            pending: io::Cursor::default(),
            given: Rc::default(),
            look: Box::new(|_| ()),
        };
        let mark = if encoding == UTF_16LE { "\u{feff}" } else { "" };
        flow.pending = io::Cursor::new(flow.encoded(&format!("{mark}address;name\n")));
        flow
    }

    fn encoded(&self, text: &str) -> Vec<u8> {
        match self.encoding == UTF_16LE {
            true => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            false => self.encoding.encode(text).0.into_owned(),
        }
    }
}

impl Read for Flow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pending.read(buffer)?;
        if read > 0 || self.next == ROWS {
            return Ok(read);
        }
        let rows = self.next..self.next + PIECE;
        self.next = rows.end;
        self.given.set(self.next);
        (self.look)(self.next);
        let text: String = rows.map(self.row).collect();
        self.pending = io::Cursor::new(self.encoded(&text));
        self.pending.read(buffer)
    }
}

/// Every thousandth has no address.
fn mostly_good(row: u64) -> String {
    match row % 1000 {
        0 => "nobody;Zoë Müller\n".to_owned(),
        _ => format!("p{row}@example.org;Zoë Müller\n"),
    }
}

fn bad(row: u64) -> String {
    format!("nobody{row};François Lefèvre\n")
}

fn active(ledger: &mut Ledger) -> u64 {
    let counts = ledger.subscriber_counts(NOW).unwrap();
    counts.states.get("active").copied().unwrap_or(0)
}

#[test]
fn rows_are_recorded_while_later_ones_are_read_in_any_encoding() {
    for encoding in [WINDOWS_1252, UTF_16LE] {
        assert_eq!(
            detect(&mut Flow::new(encoding, mostly_good)).unwrap(),
            encoding
        );
        let (folder, mut ledger) = ledger();
        let mut other = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
        let mut flow = Flow::new(encoding, mostly_good);
        flow.look = Box::new(move |given| {
            if given % 1000 == 0 {
                let held = given - active(&mut other);
                assert!(held <= HELD, "{held} of {given} rows are held");
            }
        });
        let config = config();
        let mut told = 0;
        let mut hear = |_: Told<'_>| {
            told += 1;
            ControlFlow::Continue(())
        };
        let book = (&mut ledger, &key());
        let table = Decoded::new(flow, encoding);
        let outcome = import(table, book, &config, &options(&config), NOW, &mut hear).unwrap();
        assert_eq!((outcome.added, outcome.bad), (ROWS - 20, 20));
        // Of each of the bad rows, and of progress.
        assert!(told > 40, "{told}");
        assert_eq!(active(&mut ledger), ROWS - 20);
        let anna = find(&mut ledger, "p19999@example.org").unwrap();
        assert_eq!(anna.name.as_deref(), Some("Zoë Müller"));
    }
}

#[test]
fn bad_rows_are_told_while_later_ones_are_read() {
    for dry_run in [true, false] {
        let (_folder, mut ledger) = ledger();
        let flow = Flow::new(WINDOWS_1252, bad);
        let given = Rc::clone(&flow.given);
        let config = config();
        let mut told = 0;
        let mut hear = |heard: Told<'_>| {
            if let Told::Bad(row) = heard {
                told += 1;
                assert_eq!(row.line, told + 1);
                assert!(given.get() - told <= HELD, "{told} of {}", given.get());
            }
            ControlFlow::Continue(())
        };
        let book = (&mut ledger, &key());
        let options = Options {
            dry_run,
            ..options(&config)
        };
        let table = Decoded::new(flow, WINDOWS_1252);
        let outcome = import(table, book, &config, &options, NOW, &mut hear).unwrap();
        assert_eq!((outcome.bad, told), (ROWS, ROWS));
    }
}

#[test]
fn an_import_that_was_stopped_is_completed_by_the_next() {
    let table = |rows: u64| {
        let rows: String = (0..rows).map(mostly_good).collect();
        format!("address;name\n{rows}")
    };
    let (_folder, mut ledger) = ledger();
    let config = config();
    let mut hear = |told: Told<'_>| match told {
        Told::So(outcome) if outcome.taken() >= 1000 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let book = (&mut ledger, &key());
    let text = table(2500);
    let stopped = import(
        text.as_bytes(),
        book,
        &config,
        &options(&config),
        NOW,
        &mut hear,
    );
    let Err(ImportError::Stopped(outcome)) = stopped else {
        panic!("{stopped:?}");
    };
    assert_eq!(outcome.added, active(&mut ledger));
    assert_eq!(outcome.added, 1000);
    let (rest, _) = take(&mut ledger, &text).unwrap();
    assert_eq!((rest.unchanged, rest.added), (1000, 1497));
    assert_eq!(active(&mut ledger), 2497);
}
