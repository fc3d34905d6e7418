use crate::item::Format::Text;
use crate::item::tests::fixtures::{date, item, read, shown, stated};
use crate::item::{Body, Item};

fn body(item: &Item) -> &str {
    match &item.body {
        Body::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

/// A page of another house saved as text, of the seed page's shape.
const PAGE: &str = "-\nWhat we cover\n-\nTopics\n- Water\n- Harbours\n- Bridges\n-\nOffices\n- North office\n- South office\n- Contact\nPress release\nHarbour masters agree on a common timetable\nOn 4 March 2023, harbour masters of six towns met on the island to agree on one timetable for all ferries.\n- Issued on:\n- Issued by:\n- Harbour Council, North office\n- Fields of work:\n- Water\n- Bridges\nOn 4 March 2023, harbour masters of six towns met on the island to agree on one timetable for all ferries.\n“One timetable is worth ten bridges,” said the chair of the council, who had asked for it for many years and through many meetings.\nIt takes effect in May.\n";

#[test]
fn a_page_with_menus_is_read_by_its_labels() {
    let reading = read(PAGE, Text).expect("is read");
    assert_eq!(shown(&reading.problems), "");
    let item = reading.item;
    assert_eq!(item.title, "Harbour masters agree on a common timetable");
    assert_eq!(item.kind.as_deref(), Some("Press release"));
    assert_eq!(
        stated(&item),
        [
            "1 Harbour Council, North office @18:3",
            "0 Water @20:3",
            "0 Bridges @21:3"
        ]
    );
    assert_eq!(date(&item), "2023-03-03T23:00:00Z Dateline");
    assert!(body(&item).starts_with("On 4 March 2023, harbour masters"));
    assert!(body(&item).ends_with("meetings.\n\nIt takes effect in May."));
    assert_eq!(body(&item).matches("On 4 March 2023").count(), 1);
    assert!(
        item.summary
            .expect("is the lead")
            .starts_with("On 4 March 2023")
    );
}

#[test]
fn the_seed_page_is_read_as_it_is() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seed/osce-news-item.txt");
    let Ok(page) = std::fs::read_to_string(path) else {
        return;
    };
    let reading = read(page, Text).expect("is read");
    assert_eq!(shown(&reading.problems), "");
    let item = reading.item;
    assert_eq!(
        item.title,
        "OSCE fosters dialogue on critical infrastructure resilience in Central Asia and beyond"
    );
    assert_eq!(item.kind.as_deref(), Some("News Item"));
    assert_eq!(
        stated(&item),
        [
            "1 OSCE Secretariat, Transnational Threats Department @157:3",
            "0 Countering terrorism @159:3"
        ]
    );
    assert_eq!(date(&item), "2024-11-21T23:00:00Z Dateline");
    assert!(body(&item).starts_with("On 22 November 2024, 25 government officials"));
    assert!(body(&item).ends_with("the United States of America."));
    assert_eq!(body(&item).matches("gathered in Ashgabat").count(), 1);
    assert_eq!(body(&item).matches("\n\n").count(), 7);
    assert!(!body(&item).contains("Arms control"));
}

#[test]
fn labels_may_stand_below_the_title() {
    let item = item(
        "A plain title\n=============\n\nIssued on: 22 November 2024\nIssued by: Secretariat\nFields of work: Elections, Youth\n\nFirst paragraph,\nbroken by hand.\n\nSecond.\n",
        Text,
    );
    assert_eq!(item.title, "A plain title");
    assert_eq!(date(&item), "2024-11-21T23:00:00Z Stated");
    assert_eq!(
        stated(&item),
        ["1 Secretariat @5:12", "0 Elections, Youth @6:17"]
    );
    assert_eq!(body(&item), "First paragraph,\nbroken by hand.\n\nSecond.");
}

#[test]
fn labels_may_stand_first_and_give_the_title() {
    let item = item(
        "Title: The title\nType: Statement\nLanguage: fr\n\nWho asked: a reader.\n\nLanguage: not a label here.\n",
        Text,
    );
    assert_eq!(item.title, "The title");
    assert_eq!(item.kind.as_deref(), Some("Statement"));
    assert_eq!(item.language.as_deref(), Some("fr"));
}

#[test]
fn listings_are_read_with_their_own_labels() {
    let item = item(
        "Ambassadors visit the border\nPublishing date: 26 April 2015\nContent type: Press release\n\nThe ambassadors went to the border and came back the same day, which was...\n\nWhere we are: OSCE Presence in Albania\nWhat we do: Border management, Youth\n",
        Text,
    );
    assert_eq!(item.title, "Ambassadors visit the border");
    assert_eq!(item.kind.as_deref(), Some("Press release"));
    assert_eq!(date(&item), "2015-04-25T22:00:00Z Stated");
    assert_eq!(
        stated(&item),
        [
            "1 OSCE Presence in Albania @7:15",
            "0 Border management, Youth @8:13"
        ]
    );
    assert!(body(&item).starts_with("The ambassadors went"));
}

#[test]
fn values_may_stand_below_their_labels() {
    for source in [
        "A\n\nIssued by:\n- One\n- Two\n\nText.",
        "A\n\nIssued by:\n\n• One\n• Two\n\nText.",
        "A\n\nIssued by:\nOne\nIssued by:\nTwo\n\nText.",
        "A\n\n**Issued by:** One\n__Issued by__: Two\n\nText.",
    ] {
        let item = item(source, Text);
        let texts: Vec<_> = item
            .stated
            .iter()
            .map(|(_, stated)| stated.text.as_str())
            .collect();
        assert_eq!(texts, ["One", "Two"], "{source}");
        assert_eq!(body(&item), "Text.", "{source}");
    }
}

#[test]
fn an_empty_issued_on_falls_back_to_the_dateline() {
    let item = item(
        "A\nIssued on:\n\nVIENNA, 7 July 2023 — The council met.",
        Text,
    );
    assert_eq!(date(&item), "2023-07-06T22:00:00Z Dateline");
    assert_eq!(body(&item), "VIENNA, 7 July 2023 — The council met.");
}

#[test]
fn a_lead_that_the_text_does_not_repeat_is_kept() {
    let item = item(
        "A\n\nThe lead stands here.\n\nIssued by: X\n\nThe text goes on.",
        Text,
    );
    assert_eq!(body(&item), "The lead stands here.\n\nThe text goes on.");
    assert_eq!(item.summary, None);
}

#[test]
fn a_lead_cut_off_with_dots_gives_way_to_the_whole_paragraph() {
    let source = "A\n\nThe council met on the island on Monday to talk of…\nIssued by: X\n\nThe council met on the island on Monday to talk of ferries.";
    assert_eq!(
        body(&item(source, Text)),
        "The council met on the island on Monday to talk of ferries."
    );
}

#[test]
fn labels_may_stand_at_the_foot() {
    let source = "A\n\nOne.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.\n\nSix.\n\nIssued by: X\nFields of work: Y\n";
    let item = item(source, Text);
    assert_eq!(stated(&item), ["1 X @15:12", "0 Y @16:17"]);
    assert_eq!(
        body(&item),
        "One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.\n\nSix."
    );
}

#[test]
fn a_word_with_a_colon_in_the_middle_of_the_text_is_no_label() {
    let source = "A\n\nOne.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.\n\nType: this stays.\n\nSix.";
    let item = item(source, Text);
    assert_eq!(item.kind, None);
    assert!(body(&item).contains("Type: this stays."));
}

#[test]
fn bullets_of_the_text_itself_are_no_menu() {
    let item = item(
        "A plan\n\nIt has three parts:\n- one\n- two\n- three\n\nIt begins now.",
        Text,
    );
    assert_eq!(item.title, "A plan");
    assert_eq!(
        body(&item),
        "It has three parts:\n\n- one\n- two\n- three\n\nIt begins now."
    );
}

#[test]
fn a_menu_without_labels_is_dropped_before_the_kind_line() {
    let source = format!(
        "-\nTopics\n{}News item\nThe title\nThe text of the item.\n",
        "- Menu entry\n".repeat(12)
    );
    let item = item(&source, Text);
    assert_eq!(
        (item.title.as_str(), body(&item)),
        ("The title", "The text of the item.")
    );
    assert_eq!(item.kind.as_deref(), Some("News item"));
}

#[test]
fn a_file_that_begins_with_a_paragraph_lends_its_title_from_it() {
    let source = "word ".repeat(80);
    let item = item(&source, Text);
    assert!(item.title.ends_with("word…") && item.title.len() < 120);
    assert_eq!(body(&item), source.trim());
}
