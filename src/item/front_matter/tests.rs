use crate::item::Format::Markdown;
use crate::item::tests::fixtures::{date, item, read, shown, stated};
use crate::item::{Body, Enclosure, Withdrawal};

#[test]
fn toml_front_matter_states_everything() {
    let source = "+++\nid = 'item-1'\ntitle = \"Aid & “trust”\"\nslug = 'aid'\ndate = 2024-11-22T10:00:00Z\n\
        updated = 2024-11-23\npublish_at = 2024-11-22 09:00:00\nwithdrawn = true\ncorrection = 'A name.'\nlanguage = 'sr_Latn'\n\
        type = 'Press release'\nsummary = 'Short.'\nlink = 'https://other.example/x'\n\
        issued_by = ['Secretariat', \"Centre in Ashgabat\"]\nfields_of_work = 'Elections'\n\
        image = { url = 'a.png', alt = 'A picture', caption = 'Photo: B', length = 10 }\n\
        enclosures = ['a.mp3', { url = '/b.bin', type = 'application/pdf', length = 2048, title = 'Report' }]\n+++\n\nText.\n";
    let reading = read(source, Markdown).expect("is read");
    assert_eq!(shown(&reading.problems), "");
    insta::assert_debug_snapshot!(reading.item);
}

#[test]
fn yaml_front_matter_keeps_texts_as_they_are_written() {
    let source = "---\ntitle: No\nid: 007\ndate: 2024-11-22\nkind: \"Spot: report\"\n\
        departments: [Yes, no, 1.10]\nfields_of_work:\n  - Elections # why\n  - 'Rule of law'\nsummary: >\n  Folded\n  text.\n\
        image:\n  url: a.jpg\n  alt: Alt\nlayout: post\nempty:\nwithdrawn: false\n---\n\nText.\n";
    let reading = read(source, Markdown).expect("is read");
    assert_eq!(shown(&reading.problems), "");
    let item = reading.item;
    assert_eq!(item.title, "No");
    assert_eq!(item.id.as_deref(), Some("007"));
    assert_eq!(item.kind.as_deref(), Some("Spot: report"));
    assert_eq!(item.summary.as_deref(), Some("Folded text."));
    assert_eq!(date(&item), "2024-11-21T23:00:00Z Stated");
    assert_eq!(
        stated(&item),
        [
            "1 Yes @6:15",
            "1 no @6:20",
            "1 1.10 @6:24",
            "0 Elections @8:5",
            "0 Rule of law @9:5"
        ]
    );
    let image = item.image.expect("is stated");
    assert_eq!(
        (image.url.as_str(), image.alt.as_str()),
        ("https://news.example/media/2024/a.jpg", "Alt")
    );
    assert_eq!(item.body, Body::Markdown("Text.".to_owned()));
}

#[test]
fn json_front_matter_is_read_and_knows_its_places() {
    let source = "{\n  \"title\": \"A \\\"quoted\\\" title\",\n  \"date\": \"22 November 2024\",\n  \"issued_by\": [\"Secretariat\", \"Caf\\u00e9\"],\n  \"weight\": 1.5, \"x\": null\n}\n\nText.\n";
    let item = item(source, Markdown);
    assert_eq!(item.title, "A \"quoted\" title");
    assert_eq!(stated(&item), ["1 Secretariat @4:18", "1 Café @4:4"]);
    assert_eq!(item.body, Body::Markdown("Text.".to_owned()));
}

#[test]
fn taxonomies_of_other_generators_are_facets() {
    let zola = "+++\ntitle = 'A'\n[taxonomies]\ndepartments = ['Secretariat']\n\"Fields of work\" = ['Youth']\ntags = ['x']\n[extra]\na = 1\n+++\n";
    assert_eq!(
        stated(&item(zola, Markdown)),
        ["1 Secretariat @4:16", "0 Youth @5:21"]
    );
    let hugo = "---\ntitle: A\ndepartments: [Secretariat]\nlastmod: 2024-11-23T08:00:00Z\n---\n";
    let item = item(hugo, Markdown);
    assert_eq!(stated(&item), ["1 Secretariat @3:15"]);
    assert_eq!(
        item.updated.map(|date| date.to_rfc3339()).as_deref(),
        Some("2024-11-23T08:00:00+00:00")
    );
}

#[test]
fn places_count_from_the_start_of_the_file() {
    let source = "\u{FEFF}+++\r\ntitle = 'A'\r\nissued_by = ['Žofín', 'B']\r\n+++\r\n";
    assert_eq!(
        stated(&item(source, Markdown)),
        ["1 Žofín @3:14", "1 B @3:23"]
    );
}

#[test]
fn media_types_come_from_the_name_where_they_are_not_stated() {
    let source =
        "+++\ntitle = 'A'\nenclosures = ['talk.mp3', 'x', 'ftp://a.example/y', 'talk.mp3']\n+++\n";
    let reading = read(source, Markdown).expect("is read");
    let enclosure = |url: &str, media_type: &str| Enclosure {
        url: format!("https://news.example/media/2024/{url}"),
        media_type: media_type.to_owned(),
        length: None,
        title: None,
    };
    assert_eq!(
        reading.item.enclosures,
        [
            enclosure("talk.mp3", "audio/mpeg"),
            enclosure("x", "application/octet-stream")
        ]
    );
    insta::assert_snapshot!(shown(&reading.problems));
}

#[test]
fn empty_front_matter_and_none_are_both_fine() {
    assert_eq!(item("---\n---\n# A\n\nText", Markdown).title, "A");
    assert_eq!(item("+++\n+++\n# A\n\nText", Markdown).title, "A");
    assert_eq!(
        item("---\n# only a comment\n---\n# A\n", Markdown).title,
        "A"
    );
}

#[test]
fn a_withdrawal_may_say_why_by_whom_and_when() {
    let withdrawn = |value: &str| {
        let source = format!("+++\ntitle = 'A'\nwithdrawn = {value}\n+++\n");
        item(&source, Markdown).withdrawn
    };
    assert_eq!(withdrawn("false"), None);
    assert_eq!(withdrawn("true"), Some(Withdrawal::default()));
    let why = Withdrawal {
        reason: Some("It named a witness.".to_owned()),
        ..Withdrawal::default()
    };
    assert_eq!(withdrawn("' It named  a witness. '"), Some(why.clone()));
    let whole = Withdrawal {
        by: Some("Legal".to_owned()),
        at: chrono::DateTime::from_timestamp(1_732_179_600, 0),
        ..why
    };
    let table = "{ by = 'Legal', reason = 'It named a witness.', at = 2024-11-21T10:00:00+01:00 }";
    assert_eq!(withdrawn(table), Some(whole));
    let yaml = "---\ntitle: A\nwithdrawn:\n  reason: Old\n---\n";
    let reason = item(yaml, Markdown).withdrawn.unwrap().reason;
    assert_eq!(reason.as_deref(), Some("Old"));
}

#[test]
fn a_withdrawal_that_cannot_be_understood_is_told_with_its_place() {
    let problems = |value: &str| {
        let source = format!("+++\ntitle = 'A'\nwithdrawn = {value}\n+++\n");
        match read(&source, Markdown) {
            Ok(reading) => shown(&reading.problems),
            Err(problems) => shown(&problems),
        }
    };
    let date = problems("{ at = 'soon' }");
    assert!(date.contains("error 3:20"), "{date}");
    assert!(date.contains("cannot read 'soon' as a date"), "{date}");
    let key = problems("{ why = 'x' }");
    assert!(key.contains("unknown key 'why' is ignored"), "{key}");
}
