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
    /// What every request gets instead of an answer.
    failure: Option<(u16, Value)>,
}

/// Answers as listmonk's API does (its documentation, and what its releases check): lists 1 and 3,
/// one API user.
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

    /// Changes the first campaign, as a person does in listmonk.
    fn set(&self, field: &str, value: Value) {
        self.known.lock().unwrap().campaigns[0][field] = value;
    }

    fn fail(&self, status: u16, answer: Value) {
        self.known.lock().unwrap().failure = Some((status, answer));
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
    let (mut length, mut token, mut kind) = (0, String::new(), String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "content-type" => kind = value.trim().to_owned(),
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
    let is_known = token == "token tidings:secret-of-listmonk";
    let (status, answer) = match known.failure.clone() {
        _ if !is_known => (403, json!({"message": "invalid API credentials"})),
        Some(failure) => failure,
        // What is not declared as JSON is read as a form, and so as nothing.
        None if length > 0 && kind != "application/json" => {
            (415, json!({"message": "Unsupported Media Type"}))
        }
        None => reply(&mut known, method, target, &body),
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
    let number = path.rsplit('/').next().unwrap().parse::<u64>().ok();
    match (method, path) {
        ("GET", "/api/lists/1" | "/api/lists/3") => (
            200,
            json!({"data": {"id": number, "uuid": "ce13e971-c2ed-4069-bd0c-240e9a9f56f9",
                "name": "All", "type": "public", "optin": "double", "tags": []}}),
        ),
        ("GET", path) if path.starts_with("/api/lists/") => {
            (400, json!({"message": "List not found"}))
        }
        ("GET", "/api/campaigns") => found(known, query),
        ("POST", "/api/campaigns") => {
            let fresh = json!({"id": 12 + known.campaigns.len(), "uuid": "57702beb-6fae-4355-a324-c2fd5b59a549",
                "status": "draft", "send_at": null, "headers": [], "altbody": null});
            kept(known, fresh, body)
        }
        ("PUT", "/api/campaigns/12") => {
            let before = known.campaigns[0].clone();
            match before["status"].as_str() {
                Some("draft" | "paused" | "scheduled") => kept(known, before, body),
                _ => (
                    400,
                    json!({"message": "Cannot update a running or a finished campaign."}),
                ),
            }
        }
        _ => (404, json!({"message": "Not Found"})),
    }
}

/// The campaigns with all of the tags that `tag` names; the parameter that the documentation calls
/// `tags` is read by nobody.
fn found(known: &Known, query: &str) -> (u16, Value) {
    let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let wanted = query.iter().filter(|(name, _)| name == "tag");
    let wanted: Vec<Value> = wanted.map(|(_, tag)| json!(tag)).collect();
    let is_bare = query.contains(&("no_body".to_owned(), "true".to_owned()));
    let mut results = known.campaigns.clone();
    results.push(json!({"id": 99, "status": "draft", "tags": ["other"], "body": "Other."}));
    results.retain(|campaign| {
        let tags = campaign["tags"].as_array().unwrap();
        wanted.iter().all(|tag| tags.contains(tag))
    });
    for campaign in &mut results {
        if is_bare {
            campaign["body"] = json!("");
        }
    }
    let total = results.len();
    // Where nothing is found, the rest is left at nought.
    let pages = json!({"results": results, "query": "", "total": total, "page": 1, "per_page": 0});
    (200, json!({ "data": pages }))
}

/// Keeps a campaign with what `body` states of it; the other fields stay as they are.
fn kept(known: &mut Known, mut campaign: Value, body: &[u8]) -> (u16, Value) {
    let stated: Value = serde_json::from_slice(body).unwrap();
    for (field, value) in stated.as_object().unwrap() {
        campaign[field] = value.clone();
    }
    let text = |field: &str| campaign[field].as_str().unwrap_or_default().to_owned();
    let from = text("from_email");
    let lists: Vec<Value> = stated["lists"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .map(|id| json!({"id": id, "name": "All"}))
        .collect();
    let wrong = [
        (text("name").is_empty(), "Invalid length for `name`."),
        (text("subject").is_empty(), "Invalid length for `subject`."),
        (
            !from.contains('@') || from.contains('<') && !from.ends_with('>'),
            "Invalid `from_email`.",
        ),
        (lists.is_empty(), "Invalid list IDs."),
        (
            !["richtext", "html", "markdown", "plain"].contains(&text("content_type").as_str()),
            "Invalid content type.",
        ),
        (text("messenger") != "email", "Unknown messenger"),
        (
            !["regular", "optin"].contains(&text("type").as_str()),
            "Invalid type.",
        ),
    ];
    if let Some((_, message)) = wrong.iter().find(|(is_wrong, _)| *is_wrong) {
        return (400, json!({ "message": message }));
    }
    // They come in as numbers, and go out with their names.
    campaign["lists"] = json!(lists);
    let mut others = known.campaigns.iter_mut();
    match others.find(|other| other["id"] == campaign["id"]) {
        Some(before) => *before = campaign.clone(),
        None => known.campaigns.push(campaign.clone()),
    }
    (200, json!({ "data": campaign }))
}

/// The numbers of a campaign's lists.
fn lists(campaign: &Value) -> Vec<u64> {
    let lists = campaign["lists"].as_array().unwrap().iter();
    lists.map(|list| list["id"].as_u64().unwrap()).collect()
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
    let newsroom = listmonk.newsroom();
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
    let newsroom = listmonk.newsroom();
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
