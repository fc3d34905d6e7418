//! A stand-in for listmonk on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

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
pub struct Listmonk {
    /// Its address, with a slash at its end.
    pub url: String,
    known: Arc<Mutex<Known>>,
}

impl Listmonk {
    /// Listens on a port of its own.
    pub fn start() -> Listmonk {
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

    /// Changes the first campaign, as a person does in listmonk.
    pub fn set(&self, field: &str, value: Value) {
        self.known.lock().unwrap().campaigns[0][field] = value;
    }

    /// From now on, every request that is allowed gets this.
    pub fn fail(&self, status: u16, answer: Value) {
        self.known.lock().unwrap().failure = Some((status, answer));
    }

    /// All campaigns that it has.
    pub fn campaigns(&self) -> Vec<Value> {
        self.known.lock().unwrap().campaigns.clone()
    }

    /// Methods and paths, without queries.
    pub fn requests(&self) -> Vec<String> {
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
pub fn lists(campaign: &Value) -> Vec<u64> {
    let lists = campaign["lists"].as_array().unwrap().iter();
    lists.map(|list| list["id"].as_u64().unwrap()).collect()
}
