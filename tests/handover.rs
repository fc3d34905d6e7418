//! Issues handed to listmonk, with the real program and a stand-in for listmonk on loopback.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use common::{CONFIGURATION, Newsroom, stderr, stdout};
use serde_json::{Value, json};

/// What listmonk knows, and what it was asked.
#[derive(Default)]
struct Known {
    campaigns: Vec<Value>,
    requests: Vec<String>,
    tokens: Vec<String>,
}

/// Answers as listmonk's API does: lists 1 and 3, one user.
struct Listmonk {
    url: String,
    known: Arc<Mutex<Known>>,
}

impl Listmonk {
    fn start() -> Listmonk {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let known: Arc<Mutex<Known>> = Arc::default();
        let shared = Arc::clone(&known);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &shared);
            }
        });
        Listmonk { url, known }
    }

    fn newsroom(&self) -> Newsroom {
        newsroom(&format!(
            "[listmonk]\nurl = \"{}\"\nlists = [1, 3]\ntemplate = 7\n",
            self.url
        ))
    }

    fn set_status(&self, status: &str) {
        self.known.lock().unwrap().campaigns[0]["status"] = json!(status);
    }

    fn campaigns(&self) -> Vec<Value> {
        self.known.lock().unwrap().campaigns.clone()
    }

    /// Methods and paths, without queries.
    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.known.lock().unwrap().requests)
    }
}

fn answer(stream: TcpStream, known: &Mutex<Known>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut request = String::new();
    reader.read_line(&mut request).unwrap();
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "authorization" => token = value.trim().to_owned(),
                _ => {}
            }
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let path = target.split('?').next().unwrap();
    let mut known = known.lock().unwrap();
    known.requests.push(format!("{method} {path}"));
    known.tokens.push(token.clone());
    let (status, answer) = match token.as_str() {
        "token tidings:secret-of-listmonk" => reply(&mut known, method, target, &body),
        _ => (403, json!({"message": "invalid session"})),
    };
    let answer = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    (&stream)
        .write_all(format!("{head}{answer}").as_bytes())
        .unwrap();
}

fn reply(known: &mut Known, method: &str, target: &str, body: &[u8]) -> (u16, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let last = path.rsplit('/').next().unwrap();
    match (method, path) {
        ("GET", "/api/lists/1" | "/api/lists/3") => (
            200,
            json!({"data": {"id": last.parse::<u64>().unwrap(), "name": "All"}}),
        ),
        ("GET", path) if path.starts_with("/api/lists/") => {
            (400, json!({"message": "List not found"}))
        }
        ("GET", "/api/campaigns") => {
            assert!(query.contains("tags=tidings-weekly-2024-W47"), "{query}");
            // One of somebody else's as well: the filter of older versions is not exact.
            let mut results = known.campaigns.clone();
            results.push(json!({"id": 99, "status": "draft", "tags": ["other"]}));
            (
                200,
                json!({"data": {"results": results, "total": results.len()}}),
            )
        }
        ("POST", "/api/campaigns") => {
            let mut campaign: Value = serde_json::from_slice(body).unwrap();
            campaign["id"] = json!(12);
            campaign["status"] = json!("draft");
            known.campaigns.push(campaign.clone());
            (200, json!({"data": campaign}))
        }
        ("PUT", "/api/campaigns/12") => {
            let mut campaign: Value = serde_json::from_slice(body).unwrap();
            campaign["id"] = json!(12);
            campaign["status"] = json!("draft");
            known.campaigns[0] = campaign.clone();
            (200, json!({"data": campaign}))
        }
        _ => (404, json!({"message": "not found"})),
    }
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
    let newsroom = listmonk.newsroom();
    let told = stdout(&push(&newsroom, &[]).success());
    assert!(
        told.contains(&format!("{}campaigns/12", listmonk.url)),
        "{told}"
    );
    let campaign = &listmonk.campaigns()[0];
    assert_eq!(campaign["name"], "Weekly digest, 2024-W47");
    assert_eq!(
        campaign["subject"],
        "Weekly digest: 1 item, 18–24 November 2024"
    );
    assert_eq!(campaign["lists"], json!([1, 3]));
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

    newsroom.item("news/river.md", "River falls", "The river fell.");
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    push(&newsroom, &["--list", "3"]).success();
    let campaigns = listmonk.campaigns();
    assert_eq!(campaigns.len(), 1);
    assert_eq!(campaigns[0]["lists"], json!([3]));
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
    let newsroom = listmonk.newsroom();
    push(&newsroom, &[]).success();
    for status in ["scheduled", "running", "finished"] {
        listmonk.set_status(status);
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
    let newsroom = listmonk.newsroom();
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
    assert!(told(Some("tidings:other-secret"), &[], 1).contains("refuses the user"));
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
