//! Long tables of subscribers, with the real program.

mod common;

use common::http::Running;
use common::{Newsroom, stderr, stdout};

const ROWS: usize = 8_000;
const IMPORT: [&str; 7] = [
    "subscribers",
    "import",
    "people.csv",
    "--digest",
    "weekly",
    "--consent",
    "fair in Vienna, on paper",
];

/// Every two thousandth row has no address.
fn newsroom() -> Newsroom {
    let newsroom = Newsroom::new();
    let rows: String = (1..=ROWS)
        .map(|row| match row % 2_000 {
            0 => format!("nobody{row}\n"),
            _ => format!("p{row}@example.org\n"),
        })
        .collect();
    newsroom.write("people.csv", format!("address\n{rows}"));
    newsroom
}

/// The addresses that are subscribed now.
fn addresses(newsroom: &Newsroom) -> Vec<String> {
    let table = stdout(
        &newsroom
            .tidings(&["subscribers", "export"])
            .assert()
            .success(),
    );
    let rows = table.lines().skip(1);
    rows.map(|row| row.split(',').next().unwrap().to_owned())
        .collect()
}

/// Imports the table once more, and looks whether everybody is there, once.
fn complete(newsroom: &Newsroom, before: usize) {
    let path = newsroom.path("people.csv");
    let mut arguments = IMPORT;
    arguments[2] = path.to_str().unwrap();
    let told = stdout(&newsroom.tidings(&arguments).assert().code(1));
    let rest = ROWS - ROWS / 2_000 - before;
    let expected = format!("{rest} added, 0 changed, {before} as they were; 4 told of above");
    assert!(told.ends_with(&format!("{expected}\n")), "{told}");
    let mut known = addresses(newsroom);
    known.sort();
    known.dedup();
    assert_eq!(known.len(), ROWS - ROWS / 2_000);
}

fn begun(newsroom: &Newsroom) -> Running {
    let path = newsroom.path("people.csv");
    let mut arguments = IMPORT;
    arguments[2] = path.to_str().unwrap();
    let mut running = Running::start(newsroom, &arguments);
    running.wait_for("people.csv:2001: nobody2000: the address cannot be used");
    running
}

#[test]
fn an_import_that_was_killed_is_completed_by_the_next_and_nobody_is_there_twice() {
    let newsroom = newsroom();
    let mut running = begun(&newsroom);
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    let before = addresses(&newsroom).len();
    assert!((1_500..ROWS - 1_000).contains(&before), "{before}");
    complete(&newsroom, before);
}

#[test]
fn an_import_that_is_interrupted_says_how_far_it_came_and_what_to_do() {
    let newsroom = newsroom();
    let mut running = begun(&newsroom);
    running.signal("-INT");
    let told = running.wait_for("it was stopped");
    assert_eq!(running.child.wait().unwrap().code(), Some(3));
    let before = addresses(&newsroom).len();
    assert!(
        told.contains(&format!(
            "it was stopped, with {before} rows taken; import it again"
        )),
        "{told}"
    );
    assert!(before < ROWS - 1_000, "{before}");
    complete(&newsroom, before);
}

#[test]
fn a_dry_run_leaves_nothing_behind() {
    let newsroom = newsroom();
    let path = newsroom.path("people.csv");
    let mut arguments = IMPORT.to_vec();
    arguments[2] = path.to_str().unwrap();
    arguments.push("--dry-run");
    let tried = newsroom.tidings(&arguments).assert().code(1);
    let told = stdout(&tried);
    let expected = "Nothing was changed. It would be: 7996 added, 0 changed, 0 as they were; 4 told of above\n";
    assert!(told.ends_with(expected), "{told}");
    assert!(stderr(&tried).is_empty(), "{}", stderr(&tried));
    assert!(addresses(&newsroom).is_empty());
}
