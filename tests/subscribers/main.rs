//! Subscribing, changing and leaving, with the real server over HTTP and the real commands.

mod commands;
#[path = "../common/mod.rs"]
mod common;
mod strangers;

use base64::Engine;
use common::http::{Answer, Serving};
use common::{CONFIGURATION, Newsroom, stderr, stdout};
use mail_parser::MessageParser;
use sqlx::{Connection, Row};
use tidings::ledger::Ledger;
use tidings::subscribers::Links;

const SUBSCRIPTIONS: &str = r#"
[[digest]]
slug = "daily"
title = "Daily digest"
schedule = "daily 07:00"
period = "day"
choices = "daily"

[[digest]]
slug = "nedelya"
title = "Неделя"
schedule = "Mon 10:00"
period = "week"
language = "ru"

[subscriptions]
sender = "Test newsroom <letters@example.org>"
"#;

fn newsroom() -> Newsroom {
    with(SUBSCRIPTIONS)
}

fn with(subscriptions: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    let configuration = CONFIGURATION.replace(
        "language = \"en\"",
        "language = \"en\"\nlanguages = [\"en\", \"ru\"]",
    );
    newsroom.write("feeds.toml", format!("{configuration}{subscriptions}"));
    newsroom.item("news/river.md", "River", "A river.");
    newsroom.build();
    newsroom
}

/// A page's hidden field.
fn hidden(answer: &Answer, name: &str) -> String {
    let text = answer.text();
    let start = format!("name=\"{name}\" value=\"");
    let rest = text
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {name}: {text}"))
        .1;
    rest.split('"').next().unwrap().to_owned()
}

fn post(serving: &Serving, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    serving.raw(request.as_bytes())
}

/// Fills in the public form.
fn ask(serving: &Serving, address: &str, fields: &[(&str, &str)]) -> Answer {
    let token = hidden(&serving.get("/sign-up"), "token");
    let own = [
        ("token", token.as_str()),
        ("language", "en"),
        ("address", address),
    ];
    post(serving, "/sign-up", &[&own[..], fields].concat())
}

struct Read {
    to: String,
    kind: String,
    subject: String,
    text: String,
}

/// The letters that wait in the ledger, the oldest first.
fn letters(newsroom: &Newsroom) -> Vec<Read> {
    let rows = query(
        newsroom,
        "SELECT address, kind, message FROM letter ORDER BY created, kind",
    );
    let letters = rows.iter().map(|row| {
        let message: String = row.get("message");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(message)
            .unwrap();
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        assert!(parsed.header("Auto-Submitted").is_some());
        assert!(parsed.body_html(0).is_some());
        Read {
            to: row.get("address"),
            kind: row.get("kind"),
            subject: parsed.subject().unwrap().to_owned(),
            text: parsed.body_text(0).unwrap().into_owned(),
        }
    });
    letters.collect()
}

fn query(newsroom: &Newsroom, sql: &'static str) -> Vec<sqlx::any::AnyRow> {
    sqlx::any::install_default_drivers();
    let file = newsroom.path(".tidings/ledger.sqlite");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let url = format!("sqlite://{}", file.display());
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        sqlx::query(sql).fetch_all(&mut connection).await.unwrap()
    })
}

/// The path and query of the link in a letter.
fn link(letter: &Read) -> String {
    let line = letter.text.lines().find(|line| line.contains("?token="));
    let line = line
        .unwrap_or_else(|| panic!("no link: {}", letter.text))
        .trim();
    line.strip_prefix("https://news.example.org")
        .unwrap()
        .to_owned()
}

/// Subscribes an address to the weekly digest; returns the link to its preferences.
fn subscribe(newsroom: &Newsroom, serving: &Serving, address: &str) -> String {
    let answer = ask(serving, address, &[("digest", "weekly")]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let letters = letters(newsroom);
    let letter = letters.iter().rfind(|letter| letter.to == address).unwrap();
    let page = serving.get(&link(letter));
    let fields = [
        ("token", &*hidden(&page, "token")),
        ("shown", &*hidden(&page, "shown")),
    ];
    let answer = post(serving, "/confirm", &fields);
    assert_eq!(answer.status, 200, "{}", answer.text());
    preferences(newsroom, address)
}

fn preferences(newsroom: &Newsroom, address: &str) -> String {
    let shown = newsroom
        .tidings(&["subscribers", "show", address, "--link"])
        .assert()
        .success();
    let shown = stdout(&shown);
    shown
        .trim()
        .strip_prefix("https://news.example.org")
        .unwrap()
        .to_owned()
}

fn held(newsroom: &Newsroom, address: &str) -> serde_json::Value {
    let shown = newsroom
        .tidings(&["subscribers", "show", address])
        .assert()
        .success();
    serde_json::from_str(&stdout(&shown)).unwrap()
}

fn token(path: &str) -> &str {
    Links::token_of(path)
}

#[test]
fn from_the_form_to_erasure() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    // The form, in both languages, and no script anywhere.
    let form = serving.get("/sign-up");
    assert_eq!(form.status, 200);
    assert!(
        form.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(form.header("cache-control"), "no-store");
    assert!(!form.text().contains("<script"));
    let russian = serving.get("/ru/sign-up");
    assert!(
        russian.text().contains("Ваш адрес электронной почты"),
        "{}",
        russian.text()
    );
    assert!(russian.text().contains("href=\"../style.css\""));

    // Whoever asks gets a letter, and nothing else.
    let ticks = [
        ("digest", "weekly"),
        ("term", "topic:water"),
        ("term", "department:press-office"),
        ("carrier", "daily"),
    ];
    let answer = ask(&serving, "anna@example.org", &ticks);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("Look into your mailbox"));
    let found = letters(&newsroom);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].subject, "Please confirm: mail from Test newsroom");
    assert!(
        found[0]
            .text
            .contains("Press office and Water – Daily digest"),
        "{}",
        found[0].text
    );
    assert_eq!(held(&newsroom, "anna@example.org")["state"], "pending");

    // A program that looks into the link confirms nothing; the button does.
    let path = link(&found[0]);
    let page = serving.get(&path);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Weekly digest"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(held(&newsroom, "anna@example.org")["state"], "pending");
    let fields = [
        ("token", &*hidden(&page, "token")),
        ("shown", &*hidden(&page, "shown")),
    ];
    assert!(
        post(&serving, "/confirm", &fields)
            .text()
            .contains("It is confirmed")
    );
    let person = held(&newsroom, "anna@example.org");
    assert_eq!(person["state"], "active");
    let consent = &person["history"][1];
    assert_eq!(consent["act"], "confirmed");
    assert_eq!(consent["source"], "link in a letter");
    assert!(
        consent["wording"]
            .as_str()
            .unwrap()
            .contains("from Test newsroom by mail")
    );
    assert_eq!(
        consent["choices"],
        "daily: department:press-office and topic:water; weekly"
    );

    // Preferences: seen, changed, paused.
    let path = preferences(&newsroom, "anna@example.org");
    let page = serving.get(&path);
    assert!(page.text().contains("Mail goes to anna@example.org."));
    assert!(page.text().contains("value=\"weekly\" checked"));
    let own = page.text();
    let own = own
        .split("name=\"own\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let saved = post(
        &serving,
        "/subscriptions",
        &[
            ("token", token(&path)),
            ("do", "save"),
            ("own", &own),
            ("language", "ru"),
            ("name", "Anna"),
            ("paused_until", "2999-01-02"),
        ],
    );
    assert!(saved.text().contains("Сохранено."), "{}", saved.text());
    let person = held(&newsroom, "anna@example.org");
    assert_eq!(person["paused_until"], "2999-01-01T23:00:00.000Z");
    assert_eq!(
        (&person["name"], &person["language"]),
        (&"Anna".into(), &"ru".into())
    );
    let given_up = person["choices"].as_array().unwrap().iter();
    let given_up: Vec<_> = given_up
        .filter(|choice| choice["given_up"].is_string())
        .map(|choice| choice["digest"].as_str().unwrap())
        .collect();
    assert_eq!(given_up, ["weekly"]);

    // All data, and then none.
    let data = post(
        &serving,
        "/subscriptions",
        &[("token", token(&path)), ("do", "export")],
    );
    assert_eq!(data.header("content-type"), "application/json");
    assert!(data.header("content-disposition").contains("attachment"));
    let data: serde_json::Value = serde_json::from_slice(&data.body).unwrap();
    assert_eq!(data, person);
    let unsure = post(
        &serving,
        "/subscriptions",
        &[("token", token(&path)), ("do", "erase")],
    );
    assert_eq!(unsure.status, 422);
    let fields = [("token", token(&path)), ("do", "erase"), ("sure", "yes")];
    let erased = post(&serving, "/subscriptions", &fields);
    assert!(erased.text().contains("Всё удалено"), "{}", erased.text());
    let gone = newsroom
        .tidings(&["subscribers", "show", "anna@example.org"])
        .assert()
        .code(2);
    assert!(stderr(&gone).contains("never mailed again (erased)"));
    assert!(letters(&newsroom).is_empty());
    assert_eq!(serving.get(&path).status, 410);

    // No table brings her back; she herself may.
    newsroom.write("people.csv", "address\nanna@example.org\n");
    let import = ["subscribers", "import"];
    let file = newsroom.path("people.csv");
    let arguments = [
        &import[..],
        &[
            file.to_str().unwrap(),
            "--digest",
            "weekly",
            "--consent",
            "fair",
        ],
    ]
    .concat();
    let import = newsroom.tidings(&arguments).assert().code(1);
    assert!(
        stdout(&import)
            .contains(":2: anna@example.org: the address is never mailed again (erased)")
    );
    subscribe(&newsroom, &serving, "anna@example.org");
    assert_eq!(
        held(&newsroom, "anna@example.org")["suppressed"],
        serde_json::Value::Null
    );
    // No log has a token.
    let mut running = serving.running;
    running.wait_for("GET /subscriptions?token");
    let said = running.said().join("\n");
    assert!(!said.contains(token(&path)), "{said}");
}

#[test]
fn one_click_unsubscribes_at_once_and_looking_does_not() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    subscribe(&newsroom, &serving, "anna@example.org");
    let id: i64 = held(&newsroom, "anna@example.org")["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let key = Ledger::open(&newsroom.path(".tidings/ledger.sqlite"))
        .unwrap()
        .signing_key()
        .unwrap();
    let links = Links::new("https://news.example.org/", key);
    let url = links.unsubscribe(id, 0, "weekly");
    let path = url.strip_prefix("https://news.example.org").unwrap();
    for method in ["GET", "HEAD"] {
        assert_eq!(serving.request(method, path, &[]).status, 200);
    }
    assert_eq!(held(&newsroom, "anna@example.org")["state"], "active");
    assert_eq!(serving.request("DELETE", path, &[]).status, 405);
    // As RFC 8058 has it, twice.
    for _ in 0..2 {
        let answer = post(&serving, path, &[("List-Unsubscribe", "One-Click")]);
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("You are unsubscribed"));
    }
    let person = held(&newsroom, "anna@example.org");
    assert_eq!(person["state"], "ended");
    let history = person["history"].as_array().unwrap();
    assert_eq!(history.len(), 3);
    assert_eq!(history[2]["source"], "one-click");
    // Some mail programs send the form in parts.
    let body = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(serving.raw(request.as_bytes()).status, 200);
    // Old mails still let their readers out, whatever became of the address.
    let old = links.unsubscribe(id, 7, "weekly");
    let old = old.strip_prefix("https://news.example.org").unwrap();
    assert_eq!(post(&serving, old, &[]).status, 200);
}

#[test]
fn a_new_address_is_confirmed_there_and_voids_the_old_links() {
    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let path = subscribe(&newsroom, &serving, "anna@example.org");
    let ask_move = |address: &str| {
        let fields = [
            ("token", token(&path)),
            ("do", "move"),
            ("address", address),
        ];
        post(&serving, "/subscriptions", &fields)
    };
    assert_eq!(ask_move("nonsense").status, 422);
    assert!(
        ask_move("anna@example.net")
            .text()
            .contains("Look into your new mailbox")
    );
    let found = letters(&newsroom);
    let letter = found
        .iter()
        .find(|letter| letter.kind == "new-address")
        .unwrap();
    assert_eq!(letter.to, "anna@example.net");
    let confirm = link(letter);
    let page = serving.get(&confirm);
    assert!(page.text().contains("anna@example.net"));
    assert_eq!(held(&newsroom, "anna@example.org")["state"], "active");
    let moved = post(&serving, "/new-address", &[("token", token(&confirm))]);
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert_eq!(held(&newsroom, "anna@example.net")["state"], "active");
    let found = letters(&newsroom);
    let notice = found
        .iter()
        .find(|letter| letter.kind == "old-address")
        .unwrap();
    assert_eq!(notice.to, "anna@example.org");
    assert!(!notice.text.contains("anna@example.net"));
    assert_eq!(serving.get(&path).status, 410);
    assert_eq!(
        post(&serving, "/new-address", &[("token", token(&confirm))]).status,
        410
    );
}
