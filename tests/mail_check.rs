//! `tidings mail check` with the real program and a table of records.

mod common;

use std::net::IpAddr;
use std::time::Duration;

use common::dns::{NameServer, Says};
use common::{CONFIGURATION, Newsroom, stderr, stdout};
use tidings::mail::check::Resolver;
use tidings::mail::check::resolver::Dns;
use tidings::mail::dkim::{Key, Signer};

const KEY: &str = include_str!("../src/mail/dkim/keys/rsa-pkcs8.pem");

fn newsroom(mail: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    let configuration = CONFIGURATION.replace("press@example.org", "press@news.example.org");
    newsroom.write("feeds.toml", format!("{configuration}\n{mail}"));
    newsroom.write("secrets/dkim.pem", KEY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let owner_alone = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(newsroom.path("secrets/dkim.pem"), owner_alone).unwrap();
    }
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
    assert!(
        said.contains("a made-up issue of weekly: the message is sound"),
        "{said}"
    );
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

fn texts(text: &str) -> Vec<(&'static str, String)> {
    vec![("TXT", text.to_owned())]
}

#[test]
fn the_dns_is_asked_and_what_it_does_not_tell_is_no_absence() {
    let long = format!("v=DKIM1; p={}", "A".repeat(400));
    let server = NameServer::start(vec![
        (
            "example.org",
            Says::Records(vec![
                ("MX", "20 b.example.org.".to_owned()),
                ("MX", "10 a.example.org.".to_owned()),
                ("TXT", "v=spf1 -all".to_owned()),
                ("A", "192.0.2.7".to_owned()),
                ("AAAA", "2001:db8::7".to_owned()),
            ]),
        ),
        (
            "none.example.org",
            Says::Records(vec![("MX", "0 .".to_owned())]),
        ),
        (
            "7.2.0.192.in-addr.arpa",
            Says::Records(vec![("PTR", "a.example.org.".to_owned())]),
        ),
        ("long.example.org", Says::TooLong(texts(&long))),
        ("broken.example.org", Says::Error(2)),
        ("closed.example.org", Says::Error(5)),
        ("silent.example.org", Says::Silence),
    ]);
    let dns = Dns::at(server.address, Duration::from_millis(300)).unwrap();
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    assert_eq!(dns.texts("example.org").unwrap(), ["v=spf1 -all"]);
    assert_eq!(
        dns.exchanges("example.org").unwrap(),
        ["a.example.org", "b.example.org"]
    );
    assert_eq!(dns.exchanges("none.example.org").unwrap(), ["."]);
    assert_eq!(
        dns.addresses("example.org").unwrap(),
        [address("192.0.2.7"), address("2001:db8::7")]
    );
    assert_eq!(dns.names(address("192.0.2.7")).unwrap(), ["a.example.org"]);
    // What does not fit is asked for again over TCP.
    assert_eq!(dns.texts("long.example.org").unwrap(), [long]);
    let asked = server.asked();
    assert!(
        asked.contains(&"udp long.example.org".to_owned()),
        "{asked:?}"
    );
    assert!(
        asked.contains(&"tcp long.example.org".to_owned()),
        "{asked:?}"
    );
    // Nothing of the kind, and no such name.
    assert!(dns.texts("none.example.org").unwrap().is_empty());
    assert!(dns.exists("none.example.org").unwrap());
    assert!(dns.texts("nowhere.example.org").unwrap().is_empty());
    assert!(!dns.exists("nowhere.example.org").unwrap());
    // No answer is another matter.
    let error = |name: &str| dns.texts(name).unwrap_err().to_string();
    let broken = error("broken.example.org");
    assert!(
        broken.starts_with(
            "broken.example.org cannot be looked up: the name server failed (SERVFAIL)"
        ),
        "{broken}"
    );
    let closed = error("closed.example.org");
    assert!(closed.contains("(REFUSED)"), "{closed}");
    let silent = error("silent.example.org");
    assert!(
        silent.ends_with("cannot be looked up: no name server answered in time"),
        "{silent}"
    );
    assert!(dns.exists("broken.example.org").is_err());
}

#[test]
fn a_name_server_can_be_named_and_is_the_one_that_is_asked() {
    let newsroom = newsroom(MAIL);
    let signer = Signer::new("example.org", "tidings", Key::read(KEY.as_bytes()).unwrap());
    let mail = |host: &str| Says::Records(vec![("MX", format!("10 {host}"))]);
    let server = NameServer::start(vec![
        (
            "relay.example.org",
            Says::Records(vec![("A", "192.0.2.7".to_owned())]),
        ),
        (
            "7.2.0.192.in-addr.arpa",
            Says::Records(vec![("PTR", "relay.example.org.".to_owned())]),
        ),
        (
            "news.example.org",
            Says::Records(vec![
                ("MX", "10 relay.example.org.".to_owned()),
                ("TXT", "v=spf1 mx -all".to_owned()),
            ]),
        ),
        ("example.org", mail("relay.example.org.")),
        (
            "_dmarc.example.org",
            Says::Records(texts("v=DMARC1; p=reject; rua=mailto:dmarc@example.org")),
        ),
        (
            "tidings._domainkey.example.org",
            Says::TooLong(texts(&signer.record())),
        ),
    ]);
    let address = server.address.to_string();
    let check = ["mail", "check", "--name-server", &address];
    let said = stdout(&newsroom.tidings(&check).assert().success());
    assert!(said.contains(" 0 bad, 0 doubtful, 0 that cannot"), "{said}");
    assert!(said.contains("passes by its DKIM signature"), "{said}");
    let wrong = ["mail", "check", "--name-server", "dns.example.org"];
    let said = stderr(&newsroom.tidings(&wrong).assert().code(2));
    assert!(said.contains("9.9.9.9 or 127.0.0.1:5353"), "{said}");
}

#[test]
fn a_name_server_that_fails_leaves_open_what_it_was_asked() {
    let newsroom = newsroom(MAIL);
    let names = [
        "relay.example.org",
        "news.example.org",
        "_dmarc.news.example.org",
        "tidings._domainkey.example.org",
    ];
    let server = NameServer::start(names.map(|name| (name, Says::Error(2))).into());
    let address = server.address.to_string();
    let check = ["mail", "check", "--name-server", &address];
    let said = stdout(&newsroom.tidings(&check).assert().success());
    assert!(said.contains(" 0 bad, 0 doubtful, 5 that cannot"), "{said}");
    assert!(
        said.contains(
            "?     SPF      news.example.org cannot be looked up: the name server failed"
        ),
        "{said}"
    );
}

#[test]
fn the_message_that_is_looked_at_is_that_of_the_issue_which_goes_out_next() {
    let newsroom = newsroom("[mail]\n");
    newsroom.write("empty.zone", "");
    let file = newsroom.path("empty.zone");
    let check = || {
        let check = ["mail", "check", "--records"];
        stdout(&newsroom.tidings(&check).arg(&file).assert().code(1))
    };
    assert!(check().contains("a made-up issue of weekly: the message is sound"));
    newsroom.item("news/river.md", "River rises", "The river rose.");
    let compose = ["digest", "weekly", "--for", "2024-W47"];
    newsroom.tidings(&compose).assert().success();
    let said = check();
    assert!(
        said.contains("issue 2024-W47 of weekly (draft): the message is sound"),
        "{said}"
    );
    assert!(!said.contains("made-up"), "{said}");
    let subject = "A very long subject ".repeat(6);
    let edit = [
        "digest",
        "edit",
        "weekly",
        "2024-W47",
        "--as",
        "Ana",
        "--subject",
        &subject,
    ];
    newsroom.tidings(&edit).assert().success();
    let said = check();
    assert!(
        said.contains("issue 2024-W47 of weekly (draft): the subject is so long"),
        "{said}"
    );
}
