//! Issues looked at before they go out, with the real program.

mod common;

use common::http::{Running, Serving};
use common::{CONFIGURATION, Newsroom, png, stderr};

fn newsroom() -> Newsroom {
    common::with_pictured_issue(CONFIGURATION, "River rises & <falls>")
}

/// The preview, and the path of the page that it names.
fn preview(newsroom: &Newsroom, arguments: &[&str]) -> (Serving, String) {
    let arguments = [&["digest", "preview", "--port", "0"], arguments].concat();
    let mut running = Running::start(newsroom, &arguments);
    let line = running.wait_for("Preview: http");
    let address = line.split("://").nth(1).unwrap();
    let (address, path) = address.split_once('/').unwrap();
    let serving = Serving {
        address: address.to_owned(),
        running,
    };
    (serving, format!("/{path}"))
}

#[test]
fn an_issue_is_shown_in_every_way_that_readers_see_it() {
    let newsroom = newsroom();
    let (serving, path) = preview(&newsroom, &["weekly", "2024-W47"]);
    assert_eq!(path, "/_tidings/issue?digest=weekly&period=2024-W47");
    let page = serving.get(&path);
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy").to_owned();
    assert!(
        policy.starts_with("default-src 'none'; frame-src 'self'"),
        "{policy}"
    );
    let html = page.text();
    for words in [
        "<h1>Weekly digest: 1 item, 18–24 November 2024</h1>",
        "Gmail shows it whole",
        "Without pictures",
        "width=\"375\"",
        "* River rises &amp; &lt;falls&gt;",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "&lt;!DOCTYPE html&gt;",
        "/_tidings/reload.js",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // Frames run nothing, and every one of them answers.
    let frames: Vec<&str> = html
        .split("<iframe ")
        .skip(1)
        .map(|frame| {
            assert!(
                frame.starts_with("sandbox=\"allow-same-origin\""),
                "{frame}"
            );
            frame
                .split("src=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(frames.len(), 5);
    for frame in frames {
        let answer = serving.get(&frame.replace("&amp;", "&"));
        assert_eq!(answer.status, 200);
        let policy = answer.header("content-security-policy").to_owned();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("script"),
            "{policy}"
        );
        assert_eq!(
            policy.contains("img-src 'self'"),
            !frame.contains("pictures=no")
        );
        let mail = answer.text();
        // Nothing is fetched from elsewhere: the picture comes from the preview.
        assert!(mail.contains("src=\"/media/news/river.png\""), "{mail}");
        assert!(mail.contains("height=\"402\""), "{mail}");
        let is_dark = mail.contains("@media all");
        assert_eq!(is_dark, frame.contains("dark=yes"), "{frame}");
    }
    assert_eq!(serving.get("/media/news/river.png").body, png());
    let all = serving.get("/_tidings/issues").text();
    assert!(all.contains("weekly 2024-W47"), "{all}");
}

#[test]
fn an_open_page_learns_that_the_template_or_the_draft_has_changed() {
    let newsroom = newsroom();
    let (serving, path) = preview(&newsroom, &[]);
    let version = serving.get("/_tidings/version").text();
    newsroom.write(
        "templates/digest.html.hbs",
        "<!DOCTYPE html><html><head><title>x</title></head><body><h1>{{issue.subject}}!</h1></body></html>",
    );
    // Answers when there is another one.
    let next = serving
        .get(&format!("/_tidings/version?after={version}"))
        .text();
    assert_ne!(next, version);
    let frame = path.replace("/issue?", "/issue/frame?");
    assert!(
        serving
            .get(&frame)
            .text()
            .contains("18–24 November 2024!</h1>")
    );
}

#[test]
fn what_is_not_there_is_told() {
    let newsroom = Newsroom::new();
    let told = |arguments: &[&str], code: i32| {
        let arguments = [&["digest", "preview", "--port", "0"], arguments].concat();
        stderr(&newsroom.tidings(&arguments).assert().code(code))
    };
    assert!(told(&[], 1).contains("tidings build"));
    newsroom.item("news/river.md", "River rises", "The river rose.");
    newsroom.build();
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    assert!(told(&["weekli"], 2).contains("did you mean 'weekly'?"));
    assert!(told(&["weekly", "2023-W01"], 1).contains("the last ones are: 2024-W47"));
    assert!(told(&["weekly", "2024-W99"], 2).contains("2024-W99"));
}

#[test]
fn it_goes_on_beside_a_process_that_publishes() {
    let newsroom = newsroom();
    let mut watching = Running::start(&newsroom, &["watch"]);
    watching.wait_for("Watching");
    let (serving, path) = preview(&newsroom, &[]);
    let version = serving.get("/_tidings/version").text();
    newsroom.write(
        "news/river.md",
        "---\ntitle: River falls again\ndate: 2024-11-20\n---\nThe river fell.\n",
    );
    serving.get(&format!("/_tidings/version?after={version}"));
    assert!(serving.get(&path).text().contains("River falls again"));
}
