//! The rules of the W3C's feed validator (validator.w3.org/feed), one test a rule, named after
//! it: our feeds keep the rule, and a feed that is made to break it is found out, so that the
//! judge is known to look. `tests/w3c.rs` judges the whole sample newsroom.

mod judge;

use super::super::*;
use super::fixture::{archive, empty_feed, feed, feed_of, instant, plain_entry};
use super::text;
use crate::entry::Entry;
use crate::item::{Enclosure, Image};
use judge::{Fault, judge};

/// An entry with everything, whose words look like nothing but words.
fn full_entry() -> Entry {
    Entry {
        id: "tag:news.example,2024:full".to_owned(),
        external_url: Some("https://elsewhere.example/?x=1&y=2".to_owned()),
        title: "Fish & chips: 2 < 3".to_owned(),
        published: instant("2024-11-22T09:00:00Z"),
        updated: instant("2024-11-23T17:30:59Z"),
        correction: Some("An earlier version said 2 < 1 & more.".to_owned()),
        summary: "Of R&D, and of 2 < 3.".to_owned(),
        content: "<p>A <a href=\"https://x.example/?a=1&amp;b=2\">link</a>.</p>".to_owned(),
        image: Some(Image {
            url: "https://news.example/a.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            length: Some(12_345),
            size: None,
            alt: "Two officers & a dog".to_owned(),
            caption: Some("Photo: A".to_owned()),
        }),
        enclosures: vec![Enclosure {
            url: "https://news.example/a.mp3?x=1&y=2".to_owned(),
            media_type: "audio/mpeg".to_owned(),
            length: None,
            title: Some("The interview".to_owned()),
        }],
        ..plain_entry()
    }
}

/// A feed as newsrooms have it: `fixture::feed` has words that look like markup.
fn ordinary() -> Feed {
    of([full_entry(), plain_entry()])
}

fn of(entries: impl IntoIterator<Item = Entry>) -> Feed {
    Feed {
        title: "Borders".to_owned(),
        logo: Some("https://news.example/logo.png".to_owned()),
        ..feed_of(entries)
    }
}

fn ordinary_archive() -> Feed {
    Feed {
        chain: archive().chain,
        ttl: 0,
        translations: Vec::new(),
        ..ordinary()
    }
}

fn faults(feed: &Feed, format: Format) -> Vec<Fault> {
    judge(&text(feed, format), &feed.url(format))
}

fn is_broken(faults: &[Fault], rule: &str) -> bool {
    faults.iter().any(|fault| fault.rule == rule)
}

#[test]
fn our_feeds_break_no_rule() {
    let empty = Feed {
        title: "Borders".to_owned(),
        ..empty_feed()
    };
    for feed in [ordinary(), ordinary_archive(), empty] {
        for format in [Format::Rss, Format::Atom] {
            assert_eq!(
                faults(&feed, format),
                [],
                "{format:?}: {}",
                text(&feed, format)
            );
        }
    }
}

#[test]
fn words_that_look_like_markup_are_all_that_hostile_texts_are_blamed_for() {
    let argued = [
        "BadCharacters",
        "CharacterData",
        "ContainsHTML",
        "ContainsUndeclaredHTML",
        "DuplicateUpdated",
        "ImplausibleDate",
        "MissingTextualContent",
        // The fixture's ids and addresses are hostile too.
        "InvalidIRI",
    ];
    for format in [Format::Rss, Format::Atom] {
        for fault in faults(&feed(), format) {
            assert!(argued.contains(&fault.rule), "{fault:?}");
        }
    }
}

#[test]
fn an_archive_document_breaks_no_rule_and_neither_does_one_without_summaries() {
    let silent = Entry {
        summary: String::new(),
        ..full_entry()
    };
    for format in [Format::Rss, Format::Atom] {
        assert_eq!(faults(&of([silent.clone()]), format), [], "{format:?}");
        assert_eq!(faults(&ordinary_archive(), format), [], "{format:?}");
    }
}

#[test]
fn a_logo_that_rss_cannot_show_is_left_out_of_it() {
    // ImageUrlFormat: GIF, JPEG and PNG alone.
    let vector = Feed {
        logo: Some("https://news.example/logo.svg".to_owned()),
        ..ordinary()
    };
    assert_eq!(faults(&vector, Format::Rss), []);
    assert!(!text(&vector, Format::Rss).contains("<image>"));
    assert!(text(&vector, Format::Atom).contains("logo.svg</logo>"));
}

#[test]
fn a_file_of_no_bytes_says_no_size() {
    // InvalidPositiveInteger: `fileSize` must be more than 0.
    let empty = Image {
        length: Some(0),
        ..full_entry().image.unwrap()
    };
    let entry = Entry {
        image: Some(empty),
        ..full_entry()
    };
    for format in [Format::Rss, Format::Atom] {
        assert_eq!(faults(&of([entry.clone()]), format), []);
    }
}

#[test]
fn controls_of_old_encodings_leave_the_text() {
    // BadCharacters: U+0080 to U+009F are letters of Windows-1252 read as Latin-1.
    let entry = Entry {
        title: "A\u{93}B".to_owned(),
        content: "<p>\u{93}C\u{94}\u{a0}D</p>".to_owned(),
        ..plain_entry()
    };
    for format in [Format::Rss, Format::Atom] {
        assert_eq!(faults(&of([entry.clone()]), format), []);
    }
}

/// A test for each rule: `name: Rule, Format, what to break, what it becomes`.
macro_rules! rules {
    ($($name:ident: $rule:literal, $feed:expr, $format:ident, $from:literal => $to:literal;)*) => {
        $(
            #[test]
            fn $name() {
                let (feed, format) = ($feed, Format::$format);
                let document = text(&feed, format);
                assert!(!is_broken(&judge(&document, &feed.url(format)), $rule), "{document}");
                assert!(document.contains($from), "nothing to break in {document}");
                let broken = document.replacen($from, $to, 1);
                let faults = judge(&broken, &feed.url(format));
                assert!(is_broken(&faults, $rule), "{faults:?} in {broken}");
            }
        )*
    };
}

rules! {
    bad_xml_version: "BadXmlVersion", ordinary(), Rss, "version=\"1.0\"" => "version=\"1.1\"";
    sax_error: "SAXError", ordinary(), Rss, "</channel>" => "</chanel>";
    undefined_element: "UndefinedElement", ordinary(), Rss, "<ttl>60</ttl>" => "<tll>60</tll>";
    undefined_element_in_atom: "UndefinedElement", ordinary(), Atom, "<rights>© Example &amp; friends</rights>" => "<copyright/>";
    unexpected_attribute: "UnexpectedAttribute", ordinary(), Rss, "isPermaLink=\"false\"" => "permalink=\"false\"";
    unknown_namespace: "UnknownNamespace", ordinary(), Rss, "xmlns:media=" => "xmlns:more=\"https://x.example/\" xmlns:media=";
    reserved_prefix: "ReservedPrefix", ordinary(), Rss, "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"" => "xmlns:dc=\"https://x.example/\"";
    nonstd_prefix: "NonstdPrefix", ordinary(), Rss, "xmlns:media=" => "xmlns:m=\"http://search.yahoo.com/mrss/\" xmlns:media=";
    media_rss_namespace: "MediaRssNamespace", ordinary(), Rss, "http://search.yahoo.com/mrss/" => "http://search.yahoo.com/mrss";
    avoid_namespace_prefix: "AvoidNamespacePrefix", ordinary(), Atom, "xmlns=\"http://www.w3.org/2005/Atom\"" => "xmlns=\"http://www.w3.org/2005/Atom\" xmlns:atom=\"http://www.w3.org/2005/Atom\"";
    obsolete_namespace: "ObsoleteNamespace", ordinary(), Atom, "http://www.w3.org/2005/Atom" => "http://purl.org/atom/ns#";
    bad_characters: "BadCharacters", ordinary(), Rss, "<title>Borders" => "<title>\u{93}Borders";

    invalid_rss_version: "InvalidRSSVersion", ordinary(), Rss, "version=\"2.0\"" => "version=\"2.1\"";
    missing_title: "MissingTitle", ordinary(), Rss, "<title>Borders</title>" => "";
    missing_link: "MissingLink", ordinary(), Rss, "<link>https://news.example/field-of-work/border-management/</link>" => "";
    missing_description: "MissingDescription", ordinary(), Rss, "<description>All about &quot;borders&quot; &#x26; crossings</description>" => "";
    missing_dc_language: "MissingDCLanguage", ordinary(), Rss, "<language>en</language>" => "";
    invalid_language: "InvalidLanguage", ordinary(), Rss, "<language>en</language>" => "<language>English</language>";
    duplicate_element: "DuplicateElement", ordinary(), Rss, "<ttl>60</ttl>" => "<ttl>60</ttl><ttl>60</ttl>";
    duplicate_semantics: "DuplicateSemantics", ordinary(), Rss, "<dc:publisher>" => "<dc:language>en</dc:language><dc:publisher>";
    missing_atom_self_link: "MissingAtomSelfLink", ordinary(), Rss, "rel=\"self\"" => "rel=\"via\"";
    misplaced_item: "MisplacedItem", ordinary(), Rss, "</channel>" => "<category>News</category></channel>";
    avoid_text_input: "AvoidTextInput", ordinary(), Rss, "<ttl>60</ttl>" => "<textInput/>";
    not_blank: "NotBlank", ordinary(), Rss, "<title>Borders</title>" => "<title/>";
    invalid_full_link: "InvalidFullLink", ordinary(), Rss, "<link>https://news.example" => "<link>";
    invalid_contact: "InvalidContact", ordinary(), Rss, "press@news.example" => "press";
    email_format: "EmailFormat", ordinary(), Rss, "press@news.example (Example Newsroom Vienna)" => "Press press@news.example";
    missing_real_name: "MissingRealName", ordinary(), Rss, " (Example Newsroom Vienna)" => "";
    invalid_positive_integer: "InvalidPositiveInteger", ordinary(), Rss, "<ttl>60" => "<ttl>0";
    invalid_rfc2822_date: "InvalidRFC2822Date", ordinary(), Rss, "<lastBuildDate>Sat, 23 Nov 2024" => "<lastBuildDate>2024-11-23";
    incorrect_dow: "IncorrectDOW", ordinary(), Rss, "<lastBuildDate>Sat" => "<lastBuildDate>Sun";
    problematical_rfc822_date: "ProblematicalRFC822Date", ordinary(), Rss, "18:30:59 +0100</lastBuildDate>" => "18:30:59 UT</lastBuildDate>";
    implausible_date: "ImplausibleDate", ordinary(), Rss, "<sy:updateBase>2001" => "<sy:updateBase>1970";
    invalid_w3cdtf_date: "InvalidW3CDTFDate", ordinary(), Rss, "<sy:updateBase>2001-01" => "<sy:updateBase>2001-13";
    invalid_update_period: "InvalidUpdatePeriod", ordinary(), Rss, "hourly" => "always";
    image_title_doesnt_match: "ImageTitleDoesntMatch", ordinary(), Rss, "<title>Borders</title>\n   <link>" => "<title>Other</title>\n   <link>";
    image_link_doesnt_match: "ImageLinkDoesntMatch", ordinary(), Rss, "<title>Borders</title>\n   <link>https://news.example" => "<title>Borders</title>\n   <link>https://other.example";
    image_url_format: "ImageUrlFormat", ordinary(), Rss, "logo.png" => "logo.webp";

    item_must_contain_title_or_description: "ItemMustContainTitleOrDescription", Feed { full_text: false, ..of([plain_entry()]) }, Rss, "<title>Plain</title>\n   <link>https://news.example/news/2024/plain/</link>\n   <description><![CDATA[A summary.]]></description>" => "";
    missing_guid: "MissingGuid", ordinary(), Rss, "<guid isPermaLink=\"false\">tag:news.example,2024:full</guid>" => "";
    invalid_permalink: "InvalidPermalink", ordinary(), Rss, " isPermaLink=\"false\"" => "";
    invalid_http_guid: "InvalidHttpGUID", ordinary(), Rss, " isPermaLink=\"false\">tag:news.example,2024:full" => ">full";
    invalid_boolean_attribute: "InvalidBooleanAttribute", ordinary(), Rss, "isPermaLink=\"false\"" => "isPermaLink=\"no\"";
    not_sufficiently_unique: "NotSufficientlyUnique", ordinary(), Rss, "tag:news.example,2024:full" => "17";
    duplicate_value: "DuplicateValue", ordinary(), Rss, "2024:full</guid>" => "2024:plain</guid>";
    duplicate_enclosure: "DuplicateEnclosure", ordinary(), Rss, "<enclosure " => "<enclosure/><enclosure ";
    invalid_integer_attribute: "InvalidIntegerAttribute", ordinary(), Rss, "length=\"0\"" => "length=\"\"";
    use_zero_for_unknown: "UseZeroForUnknown", ordinary(), Rss, "length=\"0\"" => "length=\"-1\"";
    invalid_non_negative_integer: "InvalidNonNegativeInteger", ordinary(), Rss, "length=\"0\"" => "length=\"-2\"";
    missing_attribute: "MissingAttribute", ordinary(), Rss, "length=\"0\" " => "";
    invalid_mime_attribute: "InvalidMIMEAttribute", ordinary(), Rss, "audio/mpeg" => "audio";
    invalid_url_attribute: "InvalidURLAttribute", ordinary(), Rss, "<enclosure url=\"https://news.example" => "<enclosure url=\"";
    duplicate_item_semantics: "DuplicateItemSemantics", ordinary(), Rss, "<dc:creator>" => "<dc:date>2024-11-22</dc:date><dc:creator>";
    need_description_before_content: "NeedDescriptionBeforeContent", ordinary(), Rss, "<description><![CDATA[Of R&amp;D, and of 2 &lt; 3.]]></description>" => "";
    character_data: "CharacterData", ordinary(), Rss, "Fish &#x26; chips: 2 &#x3C; 3" => "2 &lt;b";
    contains_html: "ContainsHTML", ordinary(), Rss, "Fish &#x26; chips" => "Fish &amp;amp; &lt;b>chips&lt;/b>";
    not_html: "NotHtml", ordinary(), Rss, "<p>A <a" => "<p>A <news></p><a";
    security_risk: "SecurityRisk", ordinary(), Rss, "<p>A <a" => "<p><iframe></iframe>A <a";
    security_risk_attr: "SecurityRiskAttr", ordinary(), Rss, "<p>A <a" => "<p onclick=\"x\">A <a";
    dangerous_style_attr: "DangerousStyleAttr", ordinary(), Rss, "<p>A <a" => "<p style=\"position:fixed\">A <a";
    contains_rel_ref: "ContainsRelRef", ordinary(), Rss, "<a href=\"https://x.example" => "<a href=\"";
    invalid_uri_char: "InvalidUriChar", ordinary(), Rss, "<a href=\"https://x.example/" => "<a href=\"a b";
    invalid_media_medium: "InvalidMediaMedium", ordinary(), Rss, "medium=\"image\"" => "medium=\"picture\"";
    invalid_media_text_type: "InvalidMediaTextType", ordinary(), Rss, "type=\"plain\"" => "type=\"text\"";

    missing_element: "MissingElement", ordinary(), Atom, "<id>tag:news.example,2024:feeds/borders</id>" => "";
    missing_author_name: "MissingElement", ordinary(), Atom, "<name>Secretariat</name>" => "";
    missing_self: "MissingSelf", ordinary(), Atom, "rel=\"self\"" => "rel=\"via\"";
    self_doesnt_match_location: "SelfDoesntMatchLocation", ordinary(), Atom, "atom.xml\" rel=\"self\"" => "other.xml\" rel=\"self\"";
    relative_self: "RelativeSelf", ordinary(), Atom, "https://news.example/field-of-work/border-management/atom.xml\" rel=\"self\"" => "atom.xml\" rel=\"self\"";
    self_not_atom: "SelfNotAtom", ordinary(), Atom, "rel=\"self\" type=\"application/atom+xml\"" => "rel=\"self\" type=\"text/html\"";
    duplicate_atom_link: "DuplicateAtomLink", ordinary(), Atom, "rel=\"related\"" => "rel=\"alternate\" type=\"application/rss+xml\"";
    unregistered_atom_link_rel: "UnregisteredAtomLinkRel", ordinary(), Atom, "rel=\"related\"" => "rel=\"similar\"";
    atom_link_not_empty: "AtomLinkNotEmpty", ordinary(), Atom, "rel=\"hub\"/>" => "rel=\"hub\">hub</link>";
    missing_href: "MissingHref", ordinary(), Atom, "href=\"https://news.example/websub?a&amp;b\" " => "";
    attr_not_blank: "AttrNotBlank", ordinary(), Atom, "rel=\"hub\"" => "rel=\"\"";
    invalid_iri: "InvalidIRI", ordinary(), Atom, "https://news.example/websub" => "https://news.example/web sub";
    feed_history_rel_in_entry: "FeedHistoryRelInEntry", ordinary(), Atom, "rel=\"via\"" => "rel=\"current\"";
    archive_incomplete: "ArchiveIncomplete", Feed { chain: Chain { number: Some(1), previous: None, next: Some(2) }, ..ordinary_archive() }, Atom, "rel=\"next-archive\"" => "rel=\"via\"";
    missing_current_in_archive: "MissingCurrentInArchive", ordinary_archive(), Atom, "rel=\"current\"" => "rel=\"via\"";
    misplaced_metadata: "MisplacedMetadata", ordinary(), Atom, "</feed>" => "<category term=\"x\"/></feed>";
    duplicate_entries: "DuplicateEntries", ordinary(), Atom, "2024:full</id>" => "2024:plain</id>";
    duplicate_updated: "DuplicateUpdated", ordinary(), Atom, "<updated>2024-07-01T08:00:00+02:00</updated>" => "<updated>2024-11-23T18:30:59+01:00</updated>";
    missing_textual_content: "MissingTextualContent", Feed { full_text: false, ..of([plain_entry()]) }, Atom, "<summary>A summary.</summary>" => "";
    missing_content_or_alternate: "MissingContentOrAlternate", Feed { full_text: false, ..of([plain_entry()]) }, Atom, "plain/\" rel=\"alternate\"" => "plain/\" rel=\"related\"";
    missing_summary: "MissingSummary", of([Entry { summary: String::new(), ..plain_entry() }]), Atom, "<content type=\"html\">" => "<content type=\"html\" src=\"https://news.example/\">";
    invalid_text_type: "InvalidTextType", ordinary(), Atom, "<content type=\"html\">" => "<content type=\"text/html\">";
    contains_undeclared_html: "ContainsUndeclaredHTML", ordinary(), Atom, "<title>Borders" => "<title>&lt;b>Borders&lt;/b>";
    invalid_tag: "InvalidTAG", ordinary(), Atom, "tag:news.example,2024:full" => "tag:news.example:full";
    invalid_urn: "InvalidURN", ordinary(), Atom, "<id>tag:news.example,2024:full" => "<id>urn:full";
    non_canonical_uri: "NonCanonicalURI", ordinary(), Atom, "<id>tag:news.example,2024:full" => "<id>HTTPS://News.example:443/full";
    unexpected_whitespace: "UnexpectedWhitespace", ordinary(), Atom, "<id>tag:news.example,2024:full" => "<id> tag:news.example,2024:full";
    invalid_rfc3339_date: "InvalidRFC3339Date", ordinary(), Atom, "<published>2024-11-22T" => "<published>2024-11-22 at ";
    invalid_mime_type: "InvalidMIMEType", ordinary(), Atom, "type=\"audio/mpeg\"" => "type=\"audio\"";
    invalid_addr_spec: "InvalidAddrSpec", ordinary(), Atom, "press@news.example" => "press";
    category_without_term: "MissingAttribute", ordinary(), Atom, "<category term=\"secretariat\"" => "<category";
}
