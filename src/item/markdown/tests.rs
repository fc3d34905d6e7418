use crate::item::Body;
use crate::item::Format::Markdown;
use crate::item::tests::fixtures::{date, item};

fn body(source: &str) -> String {
    match item(source, Markdown).body {
        Body::Markdown(text) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_heading_is_the_title_where_none_is_stated() {
    for source in [
        "# A *new* `start` & [more](x)\n\nText.",
        "\n\nA *new* `start` & [more](x)\n====\n\nText.",
        "+++\ndate = 2024-11-22\n+++\n\n## A *new* `start` & [more](x) ##\n\nText.",
    ] {
        assert_eq!(item(source, Markdown).title, "A new start & more");
        assert_eq!(body(source), "Text.");
    }
    let later = "Text first.\n\n```\n# not this\n```\n\n# A title\n\nMore.";
    assert_eq!(item(later, Markdown).title, "A title");
    assert_eq!(body(later), later);
}

#[test]
fn a_title_repeated_as_a_heading_is_not_shown_twice() {
    assert_eq!(
        body("+++\ntitle = 'A title'\n+++\n\n# A  title #\n\nText."),
        "Text."
    );
    assert_eq!(
        body("+++\ntitle = 'A title'\n+++\n\n# Another\n\nText."),
        "# Another\n\nText."
    );
}

#[test]
fn indented_code_at_the_start_stays_code() {
    assert_eq!(
        body("+++\ntitle = 'A'\n+++\n\n    code\n\ntext\n\n"),
        "    code\n\ntext"
    );
}

#[test]
fn the_dateline_gives_the_date_where_none_is_stated() {
    let source = "# A\n\n![photo](x.jpg)\n\n**VIENNA, 22 November 2024** – The ministers met.";
    assert_eq!(
        date(&item(source, Markdown)),
        "2024-11-21T23:00:00Z Dateline"
    );
    let stated = "+++\ntitle = 'A'\ndate = 2024-11-20T10:00:00Z\n+++\nVIENNA, 22 November 2024 – x";
    assert_eq!(date(&item(stated, Markdown)), "2024-11-20T10:00:00Z Stated");
    assert_eq!(date(&item("# A\n\nSARAJEVO, 25 May – x", Markdown)), "none");
}
