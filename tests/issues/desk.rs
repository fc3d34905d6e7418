//! What people do with issues, and what becomes of their items meanwhile.

use super::*;

#[test]
fn what_becomes_of_items_is_shown_in_the_draft_and_voids_an_approval() {
    let newsroom = newsroom("approval = \"one\"", MAIL);
    for name in ["a", "b", "c"] {
        write(&newsroom, name, "2024-11-20");
    }
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    newsroom.write("news/a.md", item("Another title", "2024-11-20", "It fell."));
    std::fs::remove_file(newsroom.path("news/b.md")).unwrap();
    let report = build(&newsroom, monday() + TimeDelta::hours(1));
    let record = issue(&newsroom, "2024-W47");
    assert_eq!(record.state, State::Draft);
    let words: Vec<String> = record.changes.iter().map(|one| one.in_words()).collect();
    assert_eq!(words.len(), 2);
    assert!(
        words.contains(&"corrected: Another title".to_owned()),
        "{words:?}"
    );
    assert!(
        words.contains(&"withdrawn: Title of b".to_owned()),
        "{words:?}"
    );
    assert!(
        report.issues[0].contains("withdrawn: Title of b"),
        "{:?}",
        report.issues
    );
    // It is said once.
    build(&newsroom, monday() + TimeDelta::hours(2));
    assert_eq!(
        steps(&newsroom, "2024-W47"),
        ["schedule drafted", "ana approved", "schedule changed"]
    );
    // Whoever approves it now knows.
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(3));
    let record = issue(&newsroom, "2024-W47");
    assert_eq!(
        (record.state, record.changes),
        (State::Approved, Vec::new())
    );
}

#[test]
fn where_approval_is_automatic_a_correction_goes_out_with_the_issue() {
    let newsroom = newsroom("", MAIL);
    write(&newsroom, "a", "2024-11-20");
    write(&newsroom, "b", "2024-11-20");
    build(&newsroom, monday());
    std::fs::remove_file(newsroom.path("news/b.md")).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(1));
    assert_eq!(issue(&newsroom, "2024-W47").state, State::Approved);
    assert_eq!(
        steps(&newsroom, "2024-W47").last().unwrap(),
        "schedule changed"
    );
}

#[test]
fn what_changed_since_it_was_approved_is_not_sent_even_before_that_was_noticed() {
    let newsroom = newsroom("approval = \"one\"", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    let approved = issue(&newsroom, "2024-W47");
    newsroom.write("news/a.md", item("Another title", "2024-11-20", "It fell."));
    build(&newsroom, monday() + TimeDelta::hours(1));
    let setup = Setup::load(newsroom.root()).unwrap();
    let items = Items::new(newsroom.root());
    let current = items.current().unwrap();
    let publisher = current.as_ref().unwrap().publisher();
    let refused = editions::freeze(&publisher, &setup.config.digests[0], &approved);
    let message = refused.unwrap_err().message;
    assert!(message.contains("corrected: Another title"), "{message}");
    // Nor does the ledger let an older version go.
    let now = monday().timestamp_millis();
    let begun = ledger(&newsroom).begin_sending(&approved, "{}", "schedule", now);
    assert!(begun.is_err());
}

#[test]
fn two_people_must_approve_and_an_edit_makes_them_begin_again() {
    let newsroom = newsroom("approval = \"two\"", MAIL);
    write(&newsroom, "a", "2024-11-20");
    build(&newsroom, monday());
    let approve = |who: &str| {
        let record = issue(&newsroom, "2024-W47");
        act(&newsroom, who, |desk| desk.approve(record, None))
    };
    assert_eq!(approve("ana").unwrap().state, State::Draft);
    let again = approve("ana").unwrap_err();
    assert!(again.to_string().contains("ana has approved"), "{again}");
    let record = issue(&newsroom, "2024-W47");
    let edit = vec![Edit::Subject(Some("Another".to_owned()))];
    act(&newsroom, "ben", |desk| desk.edit(record, edit)).unwrap();
    assert_eq!(approve("ben").unwrap().state, State::Draft);
    assert_eq!(approve("ana").unwrap().state, State::Approved);
}

#[test]
fn edits_survive_a_rebuild_and_a_draft_that_is_made_anew() {
    let newsroom = newsroom("approval = \"one\"", "");
    for name in ["a", "b", "c"] {
        write(&newsroom, name, "2024-11-20");
    }
    build(&newsroom, monday());
    let record = issue(&newsroom, "2024-W47");
    let id = |name: &str| {
        let found = record
            .seen
            .iter()
            .find(|(_, seen)| slug(&seen.url).ends_with(name));
        found.map(|(id, _)| id.clone()).unwrap()
    };
    let edits = vec![
        Edit::Subject(Some("What we did".to_owned())),
        Edit::Introduction(Some("Hello **all**.".to_owned())),
        Edit::Headline(Some(id("b"))),
        Edit::Drop(id("c")),
    ];
    act(&newsroom, "ana", |desk| desk.edit(record.clone(), edits)).unwrap();
    // The catalog and the output may be lost: edits are facts of the ledger.
    std::fs::remove_dir_all(newsroom.path("public")).unwrap();
    std::fs::remove_file(newsroom.path(".tidings/catalog")).unwrap();
    write(&newsroom, "d", "2024-11-22");
    let now = monday() + TimeDelta::hours(1);
    let mut running = open(&newsroom);
    let mut report = running.build(now, &()).unwrap();
    assert!(!newsroom.exists("digests/weekly/2024-W47/mail.txt"));
    let zone = running.setup().config.digests[0].timezone;
    let span = Span::parse("2024-W47", Period::Week, zone, now).unwrap();
    let composed = running
        .compose_issue(0, &span, "ana", &(), &mut report)
        .unwrap();
    assert!(matches!(composed, Composed::Draft(edition, _) if edition.issue.total == 3));
    drop(running);
    let record = issue(&newsroom, "2024-W47");
    assert_eq!(record.items.len(), 4, "made anew with what came since");
    act(&newsroom, "ana", |desk| desk.approve(record, None)).unwrap();
    build(&newsroom, monday() + TimeDelta::hours(2));
    assert_eq!(issue(&newsroom, "2024-W47").state, State::Sent);
    let mail = newsroom.read("digests/weekly/2024-W47/mail.html");
    assert!(mail.contains("<title>What we did</title>"), "{mail}");
    assert!(mail.contains("Hello <strong>all</strong>."), "{mail}");
    assert!(!mail.contains("Title of c"), "{mail}");
    let place = |title: &str| mail.rfind(title).unwrap();
    assert!(place("Title of b") < place("Title of d"));
}

#[test]
fn a_process_that_publishes_sees_what_another_approved() {
    let newsroom = newsroom("approval = \"one\"", "");
    write(&newsroom, "a", "2024-11-20");
    let mut running = open(&newsroom);
    running.build(monday(), &()).unwrap();
    assert!(!running.issues_changed().unwrap());
    newsroom
        .tidings(&["digest", "approve", "weekly", "--as", "ana"])
        .assert()
        .success();
    assert!(running.issues_changed().unwrap());
    running
        .update(&Default::default(), monday() + TimeDelta::minutes(1), &())
        .unwrap();
    assert!(!running.issues_changed().unwrap());
    assert!(newsroom.exists("digests/weekly/2024-W47/index.html"));
}

#[test]
fn the_command_line_lists_shows_edits_and_approves() {
    let newsroom = newsroom("approval = \"two\"", "");
    write(&newsroom, "river-rises", "2024-11-20");
    write(&newsroom, "dam", "2024-11-21");
    build(&newsroom, monday());
    let run = |arguments: &[&str]| {
        let told = newsroom.tidings(arguments).assert().success();
        String::from_utf8(told.get_output().stdout.clone()).unwrap()
    };
    let fail = |arguments: &[&str]| {
        let told = newsroom.tidings(arguments).assert().code(2);
        String::from_utf8(told.get_output().stderr.clone()).unwrap()
    };
    let listed = run(&["digest", "list"]);
    assert!(
        listed.starts_with("weekly\t2024-W47\tdraft\tdue 2024-11-25 09:00\t2 items\twaits for two"),
        "{listed}"
    );
    assert!(listed.contains("planned"), "{listed}");
    run(&[
        "digest",
        "edit",
        "weekly",
        "--as",
        "ana",
        "--headline",
        "title-of-dam",
        "--subject",
        "Dams",
        "--introduction",
        "Read *this*.",
    ]);
    run(&[
        "digest", "approve", "weekly", "--as", "ana", "--why", "fine",
    ]);
    let told = fail(&["digest", "approve", "weekly", "--as", "ana"]);
    assert!(told.contains("another person must approve"), "{told}");
    let shown = run(&["digest", "show", "weekly"]);
    for part in [
        "Subject:   Dams",
        "Headline\n  Title of dam",
        "ana (fine)",
        "Read *this*.",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let shown: serde_json::Value =
        serde_json::from_str(&run(&["digest", "show", "weekly", "2024-W47", "--json"])).unwrap();
    assert_eq!(shown["headline"]["title"], "Title of dam");
    assert_eq!(shown["steps"][2]["step"], "endorsed");
    assert_eq!(shown["waits"], "waits for another approval, after ana");
    let told = fail(&[
        "digest", "edit", "weekly", "--as", "ana", "--drop", "nothing",
    ]);
    assert!(told.contains("has no item 'nothing'"), "{told}");
    let told = fail(&["digest", "approve", "weekly", "--as", "schedule"]);
    assert!(told.contains("stands for the clock"), "{told}");
    let told = fail(&["digest", "unapprove", "weekly", "2024-W47", "--as", "ana"]);
    assert!(told.contains("is draft: it cannot be unapproved"), "{told}");
    let told = fail(&["digest", "skip", "weekly", "2024-W48", "--as", "ana"]);
    assert!(told.contains("there is no issue 2024-W48"), "{told}");
    let told = fail(&["digest", "skip", "weakly", "--as", "ana"]);
    assert!(told.contains("did you mean 'weekly'"), "{told}");
    let told = fail(&["digest"]);
    assert!(told.contains("digest list"), "{told}");
    run(&["digest", "approve", "weekly", "--as", "ben"]);
    newsroom.build();
    assert!(newsroom.exists("digests/weekly/2024-W47/index.html"));
    let told = fail(&[
        "digest",
        "edit",
        "weekly",
        "2024-W47",
        "--as",
        "ana",
        "--no-subject",
    ]);
    assert!(told.contains("is sent: it cannot be edited"), "{told}");
}

#[test]
fn the_files_of_a_draft_are_not_in_public() {
    let newsroom = newsroom("approval = \"one\"", "");
    write(&newsroom, "a", "2024-11-20");
    let told = newsroom
        .tidings(&["digest", "weekly", "--for", "2024-W47"])
        .assert()
        .success();
    let told = String::from_utf8(told.get_output().stdout.clone()).unwrap();
    assert!(told.contains("A draft"), "{told}");
    assert!(
        newsroom
            .path(".tidings/drafts/digests/weekly/2024-W47/mail.eml")
            .is_file()
    );
    assert!(!newsroom.exists("digests/weekly/2024-W47/mail.eml"));
}
