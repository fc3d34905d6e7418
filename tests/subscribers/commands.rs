//! What editors do by command.

use crate::common::{stderr, stdout};
use crate::{letters, newsroom};

#[test]
fn editors_do_by_command_what_they_are_asked_to() {
    let newsroom = newsroom();
    let run = |arguments: &[&str]| {
        let arguments = [&["subscribers"], arguments].concat();
        newsroom.tidings(&arguments).assert()
    };
    let add = |address: &str, more: &[&str]| {
        let consent = ["--digest", "weekly", "--consent", "by phone"];
        run(&[&["add", address], &consent[..], more].concat())
    };
    let own = ["--select", "daily: topic:water", "--name", "Bob"];
    add("bob@example.org", &own).success();
    run(&["add", "carl@example.org", "--digest", "weekly"]).success();
    assert_eq!(letters(&newsroom)[0].to, "carl@example.org");
    let list = stdout(&run(&["list"]).success());
    assert!(
        list.contains("1 active (0 paused), 1 pending, 0 ended"),
        "{list}"
    );
    assert!(
        list.contains("weekly: 1 confirmed (0 with selections of their own), 1 pending, 0 left"),
        "{list}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&run(&["list", "--json"]).success())).unwrap();
    assert_eq!(json["digests"]["daily"]["own"], 1);
    let people = stdout(&run(&["list", "--people", "--state", "active"]).success());
    assert_eq!(
        people,
        "bob@example.org\tactive\tdaily: topic:water | weekly\n"
    );
    run(&["pause", "bob@example.org", "--until", "2999-01-01"]).success();
    assert!(stdout(&run(&["list"]).success()).contains("1 active (1 paused)"));
    run(&["pause", "bob@example.org", "--end"]).success();
    run(&["pause", "bob@example.org", "--until", "2001-01-01"]).code(2);
    run(&["remove", "bob@example.org", "--digest", "daily"]).success();
    run(&["remove", "bob@example.org"]).success();
    let again = add("bob@example.org", &[]).code(2);
    assert!(stderr(&again).contains("only they themselves may subscribe again"));
    run(&["erase", "bob@example.org"]).success();
    run(&["show", "bob@example.org"]).code(2);
    run(&["suppress", "dora@example.org"]).success();
    add("dora@example.org", &[]).code(2);
    run(&["suppress", "dora@example.org", "--lift"]).success();
    add("dora@example.org", &[]).success();
    // Wrong usage says what to do.
    let wrong = run(&["add", "eve@example.org", "--digest", "wekly"]).code(2);
    assert!(
        stderr(&wrong).contains("did you mean 'weekly'?"),
        "{}",
        stderr(&wrong)
    );
    let wrong = run(&[
        "add",
        "eve@example.org",
        "--select",
        "weekly: topic:water",
        "--consent",
        "x",
    ])
    .code(2);
    assert!(
        stderr(&wrong).contains("no 'choices' in feeds.toml"),
        "{}",
        stderr(&wrong)
    );
    run(&["add", "not an address", "--digest", "weekly"]).code(2);
    add("eve@example.org", &["--name", "Eve\r\nBcc: x"]).code(2);
    run(&["import", "missing.csv", "--consent", "x"]).code(2);
    run(&["import", "missing.csv"]).code(2);
}

#[test]
fn a_table_in_another_encoding_goes_in_and_comes_out_in_utf_8() {
    let newsroom = newsroom();
    let table =
        "E-Mail;Name\nanna@example.org;Анна Каренина\nbroken;\nlev@example.org;Лев Толстой, граф\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(table);
    newsroom.write("people.csv", &bytes);
    let file = newsroom.path("people.csv");
    let arguments = |dry: bool| {
        let mut arguments = vec![
            "subscribers",
            "import",
            file.to_str().unwrap(),
            "--digest",
            "weekly",
            "--consent",
            "fair",
        ];
        arguments.extend(dry.then_some("--dry-run"));
        arguments
    };
    let dry = newsroom.tidings(&arguments(true)).assert().code(1);
    assert!(
        stdout(&dry).contains("Nothing was changed. It would be: 2 added"),
        "{}",
        stdout(&dry)
    );
    assert!(stdout(&dry).contains("people.csv:3: broken: the address cannot be used: an address has the form name@example.org"), "{}", stdout(&dry));
    assert!(stderr(&dry).contains("windows-1251"));
    let real = newsroom.tidings(&arguments(false)).assert().code(1);
    assert!(stdout(&real).contains("2 added, 0 changed, 0 as they were; 1 told of above"));
    let export = newsroom
        .tidings(&["subscribers", "export"])
        .assert()
        .success();
    assert!(
        stdout(&export).contains("anna@example.org,Анна Каренина,en,active,,weekly,,"),
        "{}",
        stdout(&export)
    );
    let out = newsroom.path("out.csv");
    newsroom
        .tidings(&["subscribers", "export", "-o", out.to_str().unwrap()])
        .assert()
        .success();
    assert_eq!(std::fs::read_to_string(&out).unwrap(), stdout(&export));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&out).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}
