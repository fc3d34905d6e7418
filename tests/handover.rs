//! Issues handed to listmonk, with the real program and a stand-in for listmonk on loopback.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use common::listmonk::{Listmonk, lists};
use common::{CONFIGURATION, Newsroom, stderr, stdout};
use serde_json::json;

/// A newsroom that hands its issues to a listmonk.
fn beside(listmonk: &Listmonk) -> Newsroom {
    newsroom(&format!(
        "[listmonk]\nurl = \"{}\"\nlists = [1, 3]\ntemplate = 7\n",
        listmonk.url
    ))
}

fn newsroom(more: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write("feeds.toml", format!("{CONFIGURATION}\n{more}"));
    newsroom.item(
        "news/river.md",
        "River rises {{ .Subscriber.Email }}",
        "The river rose.",
    );
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    newsroom
}

fn push(newsroom: &Newsroom, more: &[&str]) -> assert_cmd::assert::Assert {
    let mut arguments = vec!["digest", "push", "weekly", "2024-W47", "--to", "listmonk"];
    arguments.extend(more);
    newsroom
        .tidings(&arguments)
        .env("TIDINGS_LISTMONK_TOKEN", "tidings:secret-of-listmonk")
        .assert()
}

#[test]
fn an_issue_becomes_the_draft_of_a_campaign_and_pushing_it_again_changes_that_draft() {
    let listmonk = Listmonk::start();
    let newsroom = beside(&listmonk);
    let told = stdout(&push(&newsroom, &[]).success());
    assert!(
        told.contains(&format!("{}admin/campaigns/12", listmonk.url)),
        "{told}"
    );
    let campaign = &listmonk.campaigns()[0];
    assert_eq!(campaign["name"], "Weekly digest, 2024-W47");
    assert_eq!(
        campaign["subject"],
        "Weekly digest: 1 item, 18–24 November 2024"
    );
    assert_eq!(lists(campaign), [1, 3]);
    assert_eq!(campaign["template_id"], 7);
    assert_eq!(campaign["type"], "regular");
    assert_eq!(campaign["content_type"], "html");
    assert_eq!(campaign["tags"], json!(["tidings-weekly-2024-W47"]));
    let text = |key: &str| campaign[key].as_str().unwrap().to_owned();
    let (html, plain) = (text("body"), text("altbody"));
    // The reader's own links are listmonk's to fill in, and what items say is no instruction.
    assert_eq!(
        html.matches("href=\"{{ UnsubscribeURL }}\"").count(),
        1,
        "{html}"
    );
    assert_eq!(
        html.matches("href=\"{{ ManageURL }}\"").count(),
        1,
        "{html}"
    );
    assert_eq!(html.matches("{{").count(), 2, "{html}");
    assert!(
        html.contains("River rises {&#123; .Subscriber.Email }}"),
        "{html}"
    );
    assert!(
        plain.contains("River rises {{ \"{{\" }} .Subscriber.Email }}"),
        "{plain}"
    );
    assert!(plain.contains("\n{{ UnsubscribeURL }}\n"), "{plain}");
    listmonk.requests();
    // What a person settled there meanwhile stays.
    listmonk.set("send_at", json!("2099-01-01T09:00:00Z"));
    listmonk.set("archive", json!(true));

    newsroom.item("news/river.md", "River falls", "The river fell.");
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    push(&newsroom, &["--list", "3"]).success();
    let campaigns = listmonk.campaigns();
    assert_eq!(campaigns.len(), 1);
    assert_eq!(lists(&campaigns[0]), [3]);
    assert_eq!(campaigns[0]["send_at"], "2099-01-01T09:00:00Z");
    assert_eq!(campaigns[0]["archive"], true);
    assert!(
        campaigns[0]["body"]
            .as_str()
            .unwrap()
            .contains("River falls")
    );
    assert_eq!(
        listmonk.requests(),
        [
            "GET /api/lists/3",
            "GET /api/campaigns",
            "PUT /api/campaigns/12"
        ]
    );
}

#[test]
fn a_campaign_that_was_started_is_left_alone() {
    let listmonk = Listmonk::start();
    let newsroom = beside(&listmonk);
    push(&newsroom, &[]).success();
    for status in ["scheduled", "running", "finished"] {
        listmonk.set("status", json!(status));
        let before = listmonk.campaigns();
        let told = stderr(&push(&newsroom, &[]).code(1));
        assert!(
            told.contains(&format!("campaign 12, which is {status}")),
            "{told}"
        );
        assert_eq!(listmonk.campaigns(), before);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_mend_and_without_the_secret() {
    let listmonk = Listmonk::start();
    let newsroom = beside(&listmonk);
    let told = |token: Option<&str>, more: &[&str], code: i32| {
        let mut arguments = vec!["digest", "push", "weekly", "2024-W47", "--to", "listmonk"];
        arguments.extend(more);
        let mut command = newsroom.tidings(&arguments);
        command.env_remove("TIDINGS_LISTMONK_TOKEN");
        if let Some(token) = token {
            command.env("TIDINGS_LISTMONK_TOKEN", token);
        }
        let told = stderr(&command.assert().code(code));
        assert!(!told.contains("secret"), "{told}");
        told
    };
    let right = Some("tidings:secret-of-listmonk");
    assert!(told(None, &[], 2).contains("set TIDINGS_LISTMONK_TOKEN"));
    assert!(told(Some("tidings"), &[], 2).contains("user:token"));
    let refused = told(Some("tidings:other-secret"), &[], 1);
    assert!(
        refused.contains("(status 403): invalid API credentials"),
        "{refused}"
    );
    assert!(told(right, &["--list", "8"], 1).contains("listmonk has no list 8"));
    assert!(listmonk.campaigns().is_empty());
    // Nothing was asked of a campaign before all lists were known.
    assert!(
        !listmonk
            .requests()
            .iter()
            .any(|request| request.contains("campaigns"))
    );
}

#[test]
fn what_listmonk_says_of_a_failure_is_repeated() {
    let listmonk = Listmonk::start();
    let newsroom = beside(&listmonk);
    let denied = json!({"message": "permission denied: lists:get_all"});
    listmonk.fail(403, denied);
    let told = stderr(&push(&newsroom, &[]).code(1));
    assert!(told.contains("permission denied: lists:get_all"), "{told}");
    assert!(told.contains("campaigns:manage"), "{told}");
    // Its own trouble is no other server's, and passes.
    listmonk.fail(
        500,
        json!({"message": "Error fetching list: connection refused"}),
    );
    let told = stderr(&push(&newsroom, &[]).code(3));
    assert!(
        told.contains("listmonk failed (status 500): Error fetching list: connection refused"),
        "{told}"
    );
    listmonk.fail(429, json!({"message": "Too many\r\nrequests"}));
    let told = stderr(&push(&newsroom, &[]).code(1));
    assert!(told.contains("(status 429): Too many requests"), "{told}");
    assert!(listmonk.campaigns().is_empty());
}

#[test]
fn a_newsroom_without_listmonk_says_what_to_add() {
    let told = stderr(&push(&newsroom(""), &[]).code(2));
    assert!(told.contains("[listmonk]"), "{told}");
}

#[test]
fn a_server_that_is_something_else_or_is_not_there_is_told() {
    // A port that was free a moment ago.
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let absent = newsroom(&format!(
        "[listmonk]\nurl = \"http://{gone}/\"\nlists = [1]\n"
    ));
    let told = stderr(&push(&absent, &[]).code(3));
    assert!(told.contains("cannot be reached"), "{told}");

    let answers = [
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
        "HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
        "HTTP/1.1 500 Oops\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops",
    ];
    for answer in answers {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut read = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while read.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let other = newsroom(&format!("[listmonk]\nurl = \"{url}\"\nlists = [1]\n"));
        let told = stderr(&push(&other, &[]).code(1));
        assert!(told.contains("is not listmonk's API"), "{answer}: {told}");
        served.join().unwrap();
    }
}

#[test]
fn an_issue_that_nobody_approved_does_not_leave_the_house() {
    let listmonk = Listmonk::start();
    let newsroom = Newsroom::new();
    let configuration =
        CONFIGURATION.replace("slug = \"weekly\"", "slug = \"weekly\"\napproval = \"one\"");
    let more = format!("[listmonk]\nurl = \"{}\"\nlists = [1]\n", listmonk.url);
    newsroom.write("feeds.toml", format!("{configuration}\n{more}"));
    newsroom.item("news/river.md", "River rises", "The river rose.");
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    let told = stderr(&push(&newsroom, &[]).code(1));
    assert!(told.contains("is draft: it is handed to nobody"), "{told}");
    assert!(told.contains("tidings digest approve"), "{told}");
    assert!(listmonk.requests().is_empty());
    newsroom
        .tidings(&["digest", "approve", "weekly", "2024-W47", "--as", "Ana"])
        .assert()
        .success();
    push(&newsroom, &[]).success();
    assert_eq!(listmonk.campaigns().len(), 1);
}
