//! Bodies as HTML and as text, and summaries.

use super::fixtures::{folder, item, site};
use crate::item::{Body, Format, summary};

fn html(markdown: &str) -> String {
    Body::Markdown(markdown.to_owned()).to_html(&site(), &folder())
}

#[test]
fn markdown_becomes_clean_html() {
    let markdown = "# Top\n\n## Below\n\nA *b* **c** ~~d~~ `e<f>` & \"g\".\nNext line  \nbroken.\n\n\
        | A | B |\n|---|--:|\n| 1 | 2 |\n\n1. one\n2. two\n   - three\n\n> quoted\n\n\
        ```rust\nlet x = \"<y> https://a.example/\";\n```\n\n\
        See [the page](/about?a=1&b=2 \"A \\\"title\\\"\"), ![A \"photo\"](photo.jpg), \
        https://a.example/x_y_z?q=1&r=2. and <mail@a.example>, [bad](javascript:x), ![gone](data:x).\n\n\
        Note[^n] and again[^n], other[^o].\n\n[^n]: The note.\n[^o]: Other.\n";
    insta::assert_snapshot!(html(markdown));
}

#[test]
fn markdown_with_raw_html_is_sanitised() {
    let markdown = "Text <b onclick=\"x()\">bold</b> <script>x()</script>\n\n<div><h1>Head</h1><a href=\"x.pdf\">x</a></div>\n";
    insta::assert_snapshot!(html(markdown));
}

#[test]
fn headings_begin_at_the_second_level_whatever_the_author_began_with() {
    assert_eq!(html("### A\n\n#### B\n"), "<h2>A</h2>\n<h3>B</h3>\n");
    assert_eq!(html("# A\n\n###### B\n"), "<h2>A</h2>\n<h6>B</h6>\n");
}

#[test]
fn plain_text_becomes_paragraphs_lists_and_links() {
    let text =
        "A < b & \"c\"\nsecond line\n\n- one\n- https://a.example/?a=1&b=2.\n\nhttps://a.example/";
    let body = Body::Text(text.to_owned());
    insta::assert_snapshot!(body.to_html(&site(), &folder()), @r#"
    <p>A &lt; b &amp; &quot;c&quot;
    second line</p>
    <ul>
    <li>one</li>
    <li><a href="https://a.example/?a=1&amp;b=2">https://a.example/?a=1&amp;b=2</a>.</li>
    </ul>
    <p><a href="https://a.example/">https://a.example/</a></p>
    "#);
}

#[test]
fn bodies_become_text_without_markup() {
    let markdown = "# Head\n\nA *b* [c](https://x.example/) &amp; `d`.\nSame paragraph.\n\n- one\n- two\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n<p>raw <b>html</b></p>\n";
    let page = "<h2>Head</h2><p>A <b>b</b> &amp;\n c<br>line</p><ul><li>one<li>two</ul><script>x</script><p>&lt;tag&gt;";
    insta::assert_snapshot!(Body::Markdown(markdown.to_owned()).to_text(), @r"
    Head

    A b c & d. Same paragraph.

    one

    two

    A B

    1 2

    raw html
    ");
    insta::assert_snapshot!(Body::Html(page.to_owned()).to_text(), @r"
    Head

    A b & c
    line

    one

    two

    <tag>
    ");
}

#[test]
fn summaries_are_stated_or_the_first_paragraph_and_end_at_a_word() {
    let stated = item(
        "+++\ntitle = 'A'\nsummary = 'Short & <b>plain</b>.'\n+++\nText.",
        Format::Markdown,
    );
    assert_eq!(summary(&stated), "Short & <b>plain</b>.");
    let long = format!(
        "# A\n\n## B\n\n*VIENNA* – {}\n\nSecond.",
        "some words ".repeat(60)
    );
    let cut = summary(&item(&long, Format::Markdown));
    assert!(cut.starts_with("VIENNA – some words"));
    assert!(cut.ends_with("some…") || cut.ends_with("words…"), "{cut}");
    assert!((250..=300).contains(&cut.chars().count()));
    assert_eq!(summary(&item("# A\n", Format::Markdown)), "");
}
