//! `tidings mail check` with the real program and a table of records.

mod common;

use common::{CONFIGURATION, Newsroom, stderr, stdout};

const KEY: &str = include_str!("../src/mail/dkim/keys/rsa-pkcs8.pem");

fn newsroom(mail: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    let configuration = CONFIGURATION.replace("press@example.org", "press@news.example.org");
    newsroom.write("feeds.toml", format!("{configuration}\n{mail}"));
    newsroom.write("secrets/dkim.pem", KEY);
    newsroom
}

const MAIL: &str = "[mail]\nrelay = \"smtp://relay.example.org:587\"\n\
    [[mail.dkim]]\ndomain = \"example.org\"\nselector = \"tidings\"\nkey = \"secrets/dkim.pem\"\n\
    [mail.bounces]\naddress = \"bounces@news.example.org\"\nunsubscribe = \"leave@news.example.org\"\n";

#[test]
fn the_records_that_are_missing_are_printed_and_those_very_records_mend_it() {
    let newsroom = newsroom(MAIL);
    newsroom.write(
        "now.zone",
        "relay.example.org. A 192.0.2.7\n192.0.2.7 PTR relay.example.org.\n\
         mail.news.example.org. A 192.0.2.8\n",
    );
    let check = ["mail", "check", "--records"];
    let file = newsroom.path("now.zone");
    let refused = newsroom.tidings(&check).arg(&file).assert().code(1);
    let said = stdout(&refused);
    let missing: Vec<&str> = said.lines().filter(|line| line.contains(" IN ")).collect();
    assert_eq!(missing.len(), 4, "{said}");
    let table = std::fs::read_to_string(&file).unwrap() + &missing.join("\n");
    newsroom.write("then.zone", table);
    let file = newsroom.path("then.zone");
    let said = stdout(&newsroom.tidings(&check).arg(&file).assert().success());
    assert!(said.contains(" 0 bad"), "{said}");
    assert!(said.contains("a sample message is sound"), "{said}");
}

#[test]
fn what_is_found_is_told_to_programs_too() {
    let newsroom = newsroom(MAIL);
    newsroom.write("empty.zone", "");
    let file = newsroom.path("empty.zone");
    let check = ["mail", "check", "weekly", "--json", "--records"];
    let found = stdout(&newsroom.tidings(&check).arg(&file).assert().code(1));
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    let dkim = found
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["area"] == "DKIM")
        .unwrap();
    assert_eq!(dkim["verdict"], "bad");
    assert_eq!(dkim["record"]["name"], "tidings._domainkey.example.org");
    assert!(
        dkim["record"]["value"]
            .as_str()
            .unwrap()
            .starts_with("v=DKIM1; k=rsa; p=MII")
    );
}

#[test]
fn a_sender_without_anything_is_told_what_it_lacks() {
    let newsroom = newsroom("[mail]\n");
    newsroom.write("empty.zone", "");
    let file = newsroom.path("empty.zone");
    let check = ["mail", "check", "--records"];
    let said = stdout(&newsroom.tidings(&check).arg(&file).assert().code(1));
    for words in [
        "messages are not signed here",
        "bounces come to the sender's mailbox",
        "nobody can unsubscribe by mail",
        "no relay is named",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_is_asked_wrongly_is_refused_with_its_mend() {
    let newsroom = newsroom(MAIL);
    let said = |arguments: &[&str], code| {
        stderr(
            &newsroom
                .tidings(&[&["mail", "check"], arguments].concat())
                .assert()
                .code(code),
        )
    };
    assert!(said(&["weekli"], 2).contains("did you mean 'weekly'?"));
    assert!(said(&["--records", "/nowhere"], 3).contains("/nowhere"));
    newsroom.write("bad.zone", "example.org NS x\n");
    let bad = newsroom.path("bad.zone");
    assert!(said(&["--records", bad.to_str().unwrap()], 2).contains("line 1"));
    newsroom.write("secrets/dkim.pem", "nothing");
    newsroom.write("empty.zone", "");
    let empty = newsroom.path("empty.zone");
    let refused = said(&["--records", empty.to_str().unwrap()], 1);
    assert!(
        refused.contains("no private key") && !refused.contains("nothing"),
        "{refused}"
    );
    let bare = Newsroom::new();
    let refused = bare.tidings(&["mail", "check"]).assert().code(2);
    assert!(stderr(&refused).contains("sends no mail"));
}
