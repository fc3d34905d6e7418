use crate::item::Format::Html;
use crate::item::tests::fixtures::{date, folder, item, read, shown, site, stated};

/// A page of a press office, with everything that stands around an item.
const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en-GB"><head>
<meta charset="utf-8">
<title>Ferries run on one timetable &amp; on time | Harbour Council</title>
<meta property="og:title" content="Other title">
<meta property="og:description" content="Six towns, &quot;one&quot; timetable.">
<meta property="og:image" content="/img/ferry.png"><meta property="og:image:alt" content="A ferry">
<meta property="article:published_time" content="2023-03-04T10:15:00+01:00">
<meta property="article:modified_time" content="2023-03-05T08:00:00Z">
<link rel="canonical" href="https://harbour.example/news/ferries">
<link rel="enclosure" href="talk.mp3" type="audio/mpeg" length="1234">
<script>var x = "<h1>not this</h1>";</script>
</head><body>
<header><h1>Harbour Council</h1><nav><ul><li>Fields of work<ul><li>Water<li>Bridges</ul></ul></nav></header>
<main><article>
<p class="kind">Press release</p>
<h1>Ferries run on <em>one</em> timetable &amp; on time</h1>
<time datetime="2023-03-04">4 March 2023</time>
<p class="lead">On 4 March 2023, harbour masters of six towns met on the island.</p>
<dl><dt>Issued on</dt><dd>4 March 2023</dd><dt>Issued by</dt><dd><a href="/n">North office</a></dd><dd>South office</dd></dl>
<div class="field"><div class="field__label">Fields of work</div><div><a href="/w">Water</a> <a href="/b">Bridges</a></div></div>
<p>On 4 March 2023, harbour masters of six towns met on the island.</p>
<h3>What changes</h3>
<p>See the <a href="plan.pdf">plan</a>.<script>track()</script></p>
<aside>Related: <a href="/x">other news</a></aside>
</article></main>
<footer>Issued by: the web team</footer>
</body></html>"#;

#[test]
fn a_page_gives_title_metadata_labels_and_content() {
    let reading = read(PAGE, Html).expect("is read");
    assert_eq!(shown(&reading.problems), "");
    let item = reading.item;
    insta::assert_snapshot!(item.body.to_html(&site(), &folder()));
    insta::assert_debug_snapshot!(crate::item::Item {
        body: crate::item::Body::Html(String::new()),
        ..item
    });
}

#[test]
fn structured_data_states_what_the_head_does_not() {
    let page = r#"<title>x</title><script type="application/ld+json">{"@context":"https://schema.org","@graph":[
        {"@type":"WebSite","name":"S"},
        {"@type":["NewsArticle"],"headline":"The \"headline\"","datePublished":"2024-11-22T09:00:00Z","dateModified":"2024-11-23T09:00:00Z",
         "description":"Short.","inLanguage":"fr","image":[{"@type":"ImageObject","url":"https://a.example/p.webp","caption":"C"}]}]}</script>
        <div><p>A long enough paragraph of text.</p><p>Another.</p></div>"#;
    let item = item(page, Html);
    assert_eq!(item.title, "The \"headline\"");
    assert_eq!(date(&item), "2024-11-22T09:00:00Z Stated");
    assert_eq!(
        item.updated.map(|date| date.to_rfc3339()).as_deref(),
        Some("2024-11-23T09:00:00+00:00")
    );
    assert_eq!(
        (item.summary.as_deref(), item.language.as_deref()),
        (Some("Short."), Some("fr"))
    );
    let image = item.image.expect("is stated");
    assert_eq!(
        (image.media_type.as_str(), image.caption.as_deref()),
        ("image/webp", Some("C"))
    );
}

#[test]
fn labels_are_read_in_all_their_shapes() {
    for block in [
        "<p><strong>Issued by:</strong> One</p>",
        "<p>Issued by: One</p>",
        "<p><b>Issued by</b>: One</p>",
        "<p><strong>Issued by:</strong></p><p>One</p>",
        "<div class='l'>Issued by:</div><div>One</div>",
        "<div><span class='label'>Issued by</span> <a href=/x>One</a></div>",
        "<dl><dt>Issued by</dt><dd>One</dd></dl>",
        "<table><tr><th>Issued by</th><td>One</td></tr></table>",
        "<table><tr><td>Issued by:</td><td>One</td></tr></table>",
        "<ul><li>Issued by: One</li></ul>",
        "<ul><li>Issued by:<ul><li>One</li></ul></li></ul>",
        "<h4>Issued by:</h4><ul><li>One</li></ul>",
        "<p><strong>Issued by:</strong> One<br><strong>Content type:</strong> Statement</p>",
    ] {
        let page = format!("<article><h1>T</h1>{block}<p>The text of the item.</p></article>");
        let item = item(&page, Html);
        let texts: Vec<_> = item
            .stated
            .iter()
            .map(|(_, stated)| stated.text.as_str())
            .collect();
        assert_eq!(texts, ["One"], "{block}");
        assert_eq!(item.body.to_text(), "The text of the item.", "{block}");
    }
}

#[test]
fn several_values_are_told_apart() {
    for block in [
        "<div>Issued by:</div><ul><li>One</li><li>Two</li></ul>",
        "<p><strong>Issued by:</strong> <a>One</a>, <a>Two</a></p>",
        "<dl><dt>Issued by</dt><dd>One</dd><dd>Two</dd></dl>",
        "<div class=label>Issued by</div><div><div>One</div><div>Two</div></div>",
        "<li>Issued by: <a>One</a> <a>Two</a></li>",
    ] {
        let item = item(&format!("<h1>T</h1>{block}<p>Text.</p>"), Html);
        let texts: Vec<_> = item
            .stated
            .iter()
            .map(|(_, stated)| stated.text.as_str())
            .collect();
        assert_eq!(texts, ["One", "Two"], "{block}");
    }
}

#[test]
fn a_menu_under_a_heading_is_no_label() {
    let entries = "<li><a href=/x>Entry</a></li>".repeat(20);
    let item = item(
        &format!(
            "<div><h3>Fields of work</h3><ul>{entries}</ul></div><article><h1>T</h1><p>Text.</p></article>"
        ),
        Html,
    );
    assert_eq!(stated(&item), [""; 0]);
}

#[test]
fn titles_come_from_the_best_place_there_is() {
    for (page, title) in [
        (
            "<h1> A\n <b>b</b> &lt;c&gt; </h1><title>x</title>",
            "A b <c>",
        ),
        (
            "<meta property='og:title' content='From &amp; og'><title>x</title><p>y",
            "From & og",
        ),
        (
            "<title>The long title of the item | Site</title><p>y",
            "The long title of the item",
        ),
        ("<title>A – B</title><p>y", "A – B"),
        (
            "<meta property='og:site_name' content='Long site name'><title>News - Long site name</title><p>y",
            "News",
        ),
    ] {
        assert_eq!(item(page, Html).title, title);
    }
}

#[test]
fn the_biggest_text_is_the_content_where_nothing_marks_it() {
    let page = "<div id=menu><p>Home</p></div><div id=main><h2>Sub</h2><p>A long paragraph of the item.</p><p>And another one.</p></div><div><p>Small print</p></div><title>T</title>";
    assert_eq!(
        item(page, Html).body.to_text(),
        "Sub\n\nA long paragraph of the item.\n\nAnd another one."
    );
}

#[test]
fn a_date_that_the_page_garbles_is_a_warning_and_the_dateline_holds() {
    let page = "<meta property='article:published_time' content='yesterday'><h1>T</h1><p>VIENNA, 22 November 2024 – Text.</p>";
    let reading = read(page, Html).expect("is read");
    assert_eq!(date(&reading.item), "2024-11-21T23:00:00Z Dateline");
    insta::assert_snapshot!(shown(&reading.problems), @"warning 1:50 [yesterday]: cannot read 'yesterday' as a date (write it as 2024-11-22, 22 November 2024 or 2024-11-22T10:00:00+01:00)");
}

#[test]
fn a_page_that_is_nothing_but_a_label_is_read() {
    // The label's element was taken for the page itself, and taken away.
    for page in ["<p><svg>Issued by:", "<p>Issued by:", "Issued by:"] {
        let _ = read(page, Html);
    }
}
