//! The commands, as a person types them.

mod common;

use std::fs;

use assert_cmd::Command;
use common::{CONFIGURATION, Newsroom, item, stderr, stdout};

fn tidings(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tidings").unwrap();
    command.args(arguments);
    command
}

#[test]
fn init_makes_a_newsroom_that_checks_and_builds() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("press \"room\"");
    let root = root.to_str().unwrap();
    tidings(&["init", root]).assert().success();
    tidings(&["-C", root, "check"]).assert().success();
    tidings(&["-C", root, "build"]).assert().success();
    assert!(
        fs::read_to_string(format!("{root}/public/topic/announcements/atom.xml"))
            .unwrap()
            .contains("Our newsroom is open")
    );
    let again = tidings(&["-C", root, "init"]).assert().code(2);
    assert!(stderr(&again).contains("exists already"));
}

#[test]
fn init_can_hand_out_the_templates() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    tidings(&["-C", root, "init", "--templates"])
        .assert()
        .success();
    let home = format!("{root}/templates/not_found.html.hbs");
    fs::write(&home, "<p>my own page</p>").unwrap();
    tidings(&["-C", root, "build"]).assert().success();
    assert!(
        fs::read_to_string(format!("{root}/public/404.html"))
            .unwrap()
            .contains("my own page")
    );
}

#[test]
fn new_starts_an_item_that_waits_for_its_author() {
    let newsroom = Newsroom::new();
    let made = newsroom
        .tidings(&["new", "A \"quoted\"  title"])
        .assert()
        .success();
    let path = stdout(&made).trim().to_owned();
    assert!(path.ends_with("-a-quoted-title.md"), "{path}");
    newsroom.tidings(&["check"]).assert().success();
    newsroom.build();
    assert!(newsroom.titles("atom.xml").is_empty());
    let text = fs::read_to_string(&path).unwrap();
    let released: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("embargo"))
        .collect();
    fs::write(&path, released.join("\n")).unwrap();
    newsroom.build();
    assert_eq!(newsroom.titles("atom.xml"), ["A \"quoted\" title"]);
    newsroom
        .tidings(&["new", "A quoted title"])
        .assert()
        .code(2);
}

#[test]
fn check_finds_all_problems_and_publishes_nothing() {
    let newsroom = Newsroom::new();
    newsroom.write("news/a.md", item("Typo", "2024-11-31", "x"));
    newsroom.write("news/b.md", "");
    let checked = newsroom.tidings(&["check"]).assert().code(1);
    let told = stderr(&checked);
    assert!(
        told.contains("news/a.md:3:") && told.contains("news/b.md"),
        "{told}"
    );
    assert!(!newsroom.path("public").exists() && !newsroom.path(".tidings").exists());
    let json = newsroom.tidings(&["check", "--json"]).assert().code(1);
    let problems: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(problems[0]["file"], "news/a.md");
    assert_eq!(problems[0]["line"], 3);
}

#[test]
fn check_tells_everything_wrong_with_the_configuration_at_once() {
    let newsroom = Newsroom::new();
    let broken = CONFIGURATION
        .replace("base_url = \"https:", "base_url = \"htps:")
        .replace("Europe/Vienna", "Europe/Viena")
        .replace("parent = \"water\"", "parent = \"watr\"")
        .replace("group_by", "grup_by");
    newsroom.write("feeds.toml", broken);
    let checked = newsroom.tidings(&["check"]).assert().code(1);
    let told = stderr(&checked);
    for part in ["feeds.toml:5:", "Europe/Vienna", "'water'", "'group_by'"] {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
}

#[test]
fn a_missing_configuration_is_told_with_its_mend() {
    let folder = tempfile::tempdir().unwrap();
    let told = tidings(&["-C", folder.path().to_str().unwrap(), "build"])
        .assert()
        .code(1);
    assert!(stderr(&told).contains("tidings init"), "{}", stderr(&told));
}

#[test]
fn explain_shows_tags_with_evidence_and_where_the_item_lands() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "news/a.md",
        item("Low water", "2024-11-20", "x").replace("Water\"]", "Rivers\"]"),
    );
    newsroom.build();
    let told = newsroom
        .tidings(&["explain", newsroom.path("news/a.md").to_str().unwrap()])
        .assert()
        .success();
    insta::assert_snapshot!(stdout(&told));
}

#[test]
fn explain_shows_what_rules_find_and_reads_drafts_from_anywhere() {
    let newsroom = Newsroom::new();
    newsroom.write("draft.txt", "A new power plant\n\nIssued on: 22 November 2024\nIssued by: Press office\n\nThe power plant will open.\n");
    let told = newsroom
        .tidings(&["explain", newsroom.path("draft.txt").to_str().unwrap()])
        .assert()
        .success();
    let told = stdout(&told);
    let underlined = "    title    +3  A new power plant\n                       ^^^^^^^^^^^\n";
    assert!(
        told.contains("  Energy  (rule: score 5, threshold 3)\n") && told.contains(underlined),
        "{told}"
    );
}

#[test]
fn explain_underlines_in_colour_and_with_carets_where_no_colour_is_wanted() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "draft.txt",
        "A new power plant\n\nIssued on: 22 November 2024\n\nIt will open.\n",
    );
    let draft = newsroom.path("draft.txt");
    let told = |variable: &str| {
        let mut command = newsroom.tidings(&["explain", draft.to_str().unwrap()]);
        command.env_remove("NO_COLOR").env(variable, "1");
        stdout(&command.assert().success())
    };
    let coloured = told("CLICOLOR_FORCE");
    assert!(
        coloured.contains("A new \u{1b}[4mpower plant\u{1b}[24m"),
        "{coloured}"
    );
    assert!(!coloured.contains("^^^"), "{coloured}");
    let plain = told("NO_COLOR");
    assert!(
        plain.contains("^^^^^^^^^^^") && !plain.contains('\u{1b}'),
        "{plain}"
    );
}

#[test]
fn explain_says_why_a_term_is_absent() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "draft.txt",
        "Good news\n\nIssued on: 22 November 2024\n\nWe met.\n\nThe power plant will open.\n",
    );
    let draft = newsroom.path("draft.txt");
    let why = |term: &str| newsroom.tidings(&["explain", "--why", term, draft.to_str().unwrap()]);
    let told = stdout(&why("topic:energy").assert().success());
    for part in [
        "Energy: not given\n",
        "rules: score 1, threshold 3",
        "The power plant will open.",
        "^^^^^^^^^^^",
    ] {
        assert!(told.contains(part), "no '{part}' in\n{told}");
    }
    let told = stdout(&why("topic:rivers").assert().success());
    assert!(told.contains("Rivers: not given"), "{told}");
    let told = why("topic:enrgy").assert().code(2);
    assert!(
        stderr(&told).contains("did you mean 'topic:energy'?"),
        "{}",
        stderr(&told)
    );
    let told = why("energy").assert().code(2);
    assert!(stderr(&told).contains("names no term"), "{}", stderr(&told));
}

#[test]
fn explain_gives_the_evidence_as_json_with_its_place_in_the_text() {
    let newsroom = Newsroom::new();
    newsroom.write(
        "draft.txt",
        "A new power plant\n\nIssued on: 22 November 2024\nIssued by: Press office, Presss\n\nIt opens.\n",
    );
    let draft = newsroom.path("draft.txt");
    let arguments = [
        "explain",
        "--json",
        "--why",
        "topic:rivers",
        draft.to_str().unwrap(),
    ];
    let told = stdout(&newsroom.tidings(&arguments).assert().success());
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let energy = told["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|tag| tag["term"] == "energy")
        .unwrap();
    assert_eq!(energy["origin"], "rule");
    assert_eq!(energy["threshold"], 3.0);
    let evidence = &energy["evidence"][0];
    let span = |end: &str| evidence["span"][end].as_u64().unwrap() as usize;
    let title = told["text"]["title"].as_str().unwrap();
    assert_eq!(&title[span("start")..span("end")], "power plant");
    assert_eq!(evidence["part"], "title");
    assert_eq!(evidence["weight"], 3.0);
    assert_eq!(told["unknown"][0]["text"], "Presss");
    assert_eq!(told["why"][0]["given"], false);
}

#[test]
fn list_lists_items_terms_and_feeds() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "High water", "x");
    let items = stdout(&newsroom.tidings(&["list", "items"]).assert().success());
    assert_eq!(items, "2024-11-20\tpublished\tnews/a.md\tHigh water\n");
    let terms = stdout(&newsroom.tidings(&["list", "terms"]).assert().success());
    assert!(
        terms.contains("1\ttopic:water\tWater\n") && terms.contains("0\ttopic:energy\tEnergy\n"),
        "{terms}"
    );
    let feeds = newsroom
        .tidings(&["list", "feeds", "--json"])
        .assert()
        .success();
    let feeds: serde_json::Value = serde_json::from_str(&stdout(&feeds)).unwrap();
    let urls: Vec<&str> = feeds
        .as_array()
        .unwrap()
        .iter()
        .map(|feed| feed["url"].as_str().unwrap())
        .collect();
    assert!(
        urls.contains(&"https://news.example.org/topic/water/department/press-office/"),
        "{urls:?}"
    );
}

#[test]
fn a_digest_is_composed_for_a_period_a_date_or_the_last() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "High water", "The river rose.");
    newsroom.write("news/b.md", item("Earlier", "2024-10-02", "x"));
    for period in ["2024-W47", "2024-11-22"] {
        let told = stdout(
            &newsroom
                .tidings(&["digest", "weekly", "--for", period])
                .assert()
                .success(),
        );
        assert!(
            told.starts_with("Weekly digest: 1 item, 18–24 November 2024\n")
                && told.contains("2024-W47/mail.eml"),
            "{told}"
        );
    }
    newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W40"])
        .assert()
        .success();
    let issues = newsroom.titles("digests/weekly/atom.xml");
    assert_eq!(issues.len(), 2, "{issues:?}");
    let mail = fs::read(newsroom.path("public/digests/weekly/2024-W47/mail.eml")).unwrap();
    let mail = mail_parser::MessageParser::new().parse(&mail).unwrap();
    assert!(
        mail.body_html(0).unwrap().contains("High water")
            && mail.body_text(0).unwrap().contains("High water")
    );
    let quiet = stdout(
        &newsroom
            .tidings(&["digest", "weekly", "--for", "2023-W01"])
            .assert()
            .success(),
    );
    assert!(quiet.contains("no issue"), "{quiet}");
    // The issues are facts of the ledger: they survive the output.
    let before = newsroom.bytes();
    fs::remove_dir_all(newsroom.path("public")).unwrap();
    newsroom.build();
    assert_eq!(newsroom.bytes(), before);
}

#[test]
fn wrong_digests_and_periods_are_told_with_their_mend() {
    let newsroom = Newsroom::new();
    let told = newsroom.tidings(&["digest", "weekli"]).assert().code(2);
    assert!(stderr(&told).contains("did you mean 'weekly'?"));
    let told = newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W54"])
        .assert()
        .code(2);
    assert!(stderr(&told).contains("2024-W47"), "{}", stderr(&told));
}

#[test]
fn completions_are_printed_for_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(&tidings(&["completions", shell]).assert().success());
        assert!(script.contains("tidings") && script.contains("digest"));
    }
}

#[test]
fn wrong_usage_exits_with_2_and_help_has_examples() {
    tidings(&["publish"]).assert().code(2);
    for command in [
        "init",
        "new",
        "build",
        "watch",
        "check",
        "explain",
        "digest",
        "list",
        "completions",
    ] {
        let help = stdout(&tidings(&[command, "--help"]).assert().success());
        assert!(help.contains("Example"), "{command}: {help}");
    }
}

#[test]
fn nothing_is_coloured_when_it_is_piped() {
    let newsroom = Newsroom::new();
    newsroom.write("news/a.md", "");
    let told = newsroom.tidings(&["check"]).assert().code(1);
    assert!(!stderr(&told).contains('\u{1b}'));
}

#[test]
fn a_disk_that_refuses_is_an_error_of_its_own() {
    let newsroom = Newsroom::new();
    newsroom.item("news/a.md", "Title", "x");
    newsroom.write("public", "a file where the folder should be");
    let told = newsroom.tidings(&["build"]).assert().code(3);
    assert!(stderr(&told).contains("public"), "{}", stderr(&told));
}
