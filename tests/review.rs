//! Reviewing tags by keystrokes, in a pseudo-terminal, and by the buttons of the review page.

mod common;

use std::fs;
use std::process::Command;

use common::Newsroom;
use common::http::{Answer, PATIENCE, Running};
use serde_json::json;

/// Three items that state no topic; a rule speaks for two topics in each, not surely enough.
fn doubtful() -> Newsroom {
    let newsroom = Newsroom::new();
    for (name, day) in [("first", 23), ("second", 22), ("third", 21)] {
        newsroom.write(
            &format!("news/{name}.md"),
            format!(
                "+++\ntitle = \"The <{name}> report\"\ndate = 2024-11-{day}\nissued_by = \"Press office\"\n+++\n\n\
                 The mayor spoke of the budget.\n\nThe power plant stands by the river.\n"
            ),
        );
    }
    newsroom
}

fn text(newsroom: &Newsroom, name: &str) -> String {
    fs::read_to_string(newsroom.path(&format!("news/{name}.md"))).unwrap()
}

/// That energy was accepted and water rejected for the first item, and rivers added to the second.
fn assert_decided(newsroom: &Newsroom) {
    let first = text(newsroom, "first");
    for line in [
        "accepted_tags = [\"topic:energy\"]",
        "rejected_tags = [\"topic:water\"]",
    ] {
        assert!(first.contains(line), "{first}");
    }
    let second = text(newsroom, "second");
    assert!(
        second.contains("accepted_tags = [\"topic:rivers\"]"),
        "{second}"
    );
    assert!(!second.contains("rejected_tags"), "{second}");
}

/// Plays a dialogue with `tidings review`; what was shown, and the exit code.
fn play(newsroom: &Newsroom, dialogue: &[(&str, &str)]) -> Option<(String, i32)> {
    let python = |arguments: &[&str]| Command::new("python3").args(arguments).output();
    if !python(&["-c", "import pty"]).is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "CI has Python");
        eprintln!("no Python here: nothing tested");
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/terminal.py");
    let program = assert_cmd::cargo::cargo_bin("tidings");
    let root = newsroom.root().to_str().unwrap();
    let dialogue = json!(dialogue).to_string();
    let arguments = [
        script,
        &dialogue,
        program.to_str().unwrap(),
        "-C",
        root,
        "review",
    ];
    let output = python(&arguments).unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((shown, output.status.code().unwrap_or(-1)))
}

#[test]
fn keystrokes_accept_reject_and_add_and_each_item_is_kept_at_once() {
    let newsroom = doubtful();
    let third = text(&newsroom, "third");
    let dialogue = [
        ("Energy (1.0 points", "y"),
        ("Water (1.0 points", "n"),
        // The second item: a key that means nothing, a thought better of, a term that does not
        // exist, then one that does.
        ("Energy (1.0 points", "x"),
        ("Energy (1.0 points", "+"),
        ("empty to go back:", "\r"),
        ("Energy (1.0 points", "+"),
        ("empty to go back:", "Rivrs\r"),
        ("Did you mean Rivers?", ""),
        ("empty to go back:", "rivers\r"),
        ("Energy (1.0 points", "s"),
        ("[3 of 3]", ""),
        ("q end", "q"),
    ];
    let Some((shown, code)) = play(&newsroom, &dialogue) else {
        return;
    };
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("kept in news/first.md"), "{shown}");
    assert_decided(&newsroom);
    assert_eq!(text(&newsroom, "third"), third);
    newsroom.build();
    assert_eq!(
        newsroom.titles("topic/energy/atom.xml"),
        ["The <first> report"]
    );
}

#[test]
fn ending_in_the_middle_of_an_item_keeps_what_was_decided_of_it() {
    for end in ["q", "\u{1b}", "\u{3}"] {
        let newsroom = doubtful();
        let dialogue = [("Energy (1.0 points", "y"), ("Water (1.0 points", end)];
        let Some((shown, _)) = play(&newsroom, &dialogue) else {
            return;
        };
        let first = text(&newsroom, "first");
        assert!(
            first.contains("accepted_tags = [\"topic:energy\"]"),
            "{end:?}: {shown}"
        );
        assert!(!first.contains("rejected_tags"), "{end:?}: {shown}");
    }
}

#[test]
fn a_list_that_is_empty_says_so() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "A", "Text.");
    let Some((shown, code)) = play(&newsroom, &[("Nothing to review.", "")]) else {
        return;
    };
    assert_eq!(code, 0, "{shown}");
}

/// The review page while it is served.
struct Desk {
    running: Running,
    /// `127.0.0.1:8080`
    host: String,
    /// `/token/`
    path: String,
}

impl Desk {
    fn open(newsroom: &Newsroom) -> Desk {
        let mut running = Running::start(newsroom, &["review", "--serve"]);
        let line = running.wait_for("Review: http://");
        let url = line.split("http://").nth(1).unwrap();
        let (host, path) = url.split_once('/').unwrap();
        let (host, path) = (host.to_owned(), format!("/{path}"));
        Desk {
            running,
            host,
            path,
        }
    }

    fn send(&self, request: String) -> Answer {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::read(&bytes)
    }

    fn get(&self, path: &str, host: &str) -> Answer {
        self.send(format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ))
    }

    fn page(&self) -> String {
        let answer = self.get(&self.path, &self.host);
        assert_eq!(answer.status, 200);
        answer.text()
    }

    fn post(&self, path: &str, headers: &str, form: &str) -> Answer {
        self.send(format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.host,
            form.len()
        ))
    }

    fn decide(&self, name: &str, verdict: &str) -> Answer {
        let form = format!("path=news%2F{name}.md&facet=topic&page=0&{verdict}");
        self.post(&format!("{}decide", self.path), "", &form)
    }
}

#[test]
fn buttons_accept_reject_and_add_as_keystrokes_do() {
    let newsroom = doubtful();
    let desk = Desk::open(&newsroom);
    let page = desk.page();
    for words in [
        "3 to review, 0 decided",
        "The &lt;first&gt; report",
        "<mark>power plant</mark>",
        "value=\"topic:energy\">Accept</button>",
        "<option value=\"Rivers\">",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(
        !page.contains("<first>") && !page.contains("<script"),
        "{page}"
    );
    let answer = desk.decide("first", "accept=topic%3Aenergy");
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "./?page=0")
    );
    assert_eq!(desk.decide("first", "reject=topic%3Awater").status, 303);
    assert_eq!(desk.decide("second", "add=Rivers").status, 303);
    assert_eq!(desk.decide("third", "skip=1").status, 303);
    assert_decided(&newsroom);
    assert!(!text(&newsroom, "third").contains("_tags"));
    let page = desk.page();
    assert!(page.contains("1 to review, 3 decided"), "{page}");
    assert!(page.contains("Rivers"), "{page}");
    assert!(desk.running.end().success());
}

#[test]
fn a_verdict_that_cannot_be_kept_is_said_and_changes_nothing() {
    let newsroom = doubtful();
    newsroom.write("secret.md", "# Not an item\n");
    let before = text(&newsroom, "first");
    let desk = Desk::open(&newsroom);
    for (name, verdict, status, said) in [
        (
            "first",
            "add=Rivrs",
            422,
            "did you mean &#x27;Rivers&#x27;?",
        ),
        (
            "first",
            "add=department%3Aresearch",
            422,
            "there is no term",
        ),
        ("first", "", 400, "no verdict"),
        (
            "..%2Fsecret",
            "accept=topic%3Aenergy",
            422,
            "not in the list",
        ),
        ("none", "accept=topic%3Aenergy", 422, "not in the list"),
    ] {
        let answer = desk.decide(name, verdict);
        assert_eq!(answer.status, status, "{name} {verdict}");
        let page = answer.text();
        assert!(page.contains(said), "{name} {verdict}: {page}");
    }
    assert_eq!(text(&newsroom, "first"), before);
    assert_eq!(
        fs::read_to_string(newsroom.path("secret.md")).unwrap(),
        "# Not an item\n"
    );
}

#[test]
fn the_page_is_for_who_started_it_alone() {
    let newsroom = doubtful();
    let before = text(&newsroom, "first");
    let desk = Desk::open(&newsroom);
    let form = "path=news%2Ffirst.md&facet=topic&accept=topic%3Aenergy";
    // Without the token, under another name, and from another site.
    assert_eq!(desk.get("/", &desk.host).status, 404);
    assert_eq!(desk.get("/another/", &desk.host).status, 404);
    assert_eq!(desk.post("/decide", "", form).status, 404);
    assert_eq!(desk.get(&desk.path, "news.example.org").status, 403);
    let decide = format!("{}decide", desk.path);
    let elsewhere = "Origin: https://elsewhere.example\r\n";
    assert_eq!(desk.post(&decide, elsewhere, form).status, 403);
    assert_eq!(text(&newsroom, "first"), before);
    let answer = desk.get(&desk.path, &desk.host);
    assert!(
        answer
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let other = Desk::open(&newsroom);
    assert_ne!(other.path, desk.path, "the token is drawn anew");
    let own = format!("Origin: http://{}\r\n", desk.host);
    assert_eq!(desk.post(&decide, &own, form).status, 303);
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let newsroom = doubtful();
    let arguments = ["review", "--serve", "--address", "0.0.0.0:0"];
    let assert = newsroom.tidings(&arguments).assert().code(2);
    let said = common::stderr(&assert);
    assert!(said.contains("for this machine alone"), "{said}");
}
