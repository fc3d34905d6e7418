mod digests;
mod facets;

use std::path::Path;

use proptest::prelude::*;

use super::{Config, read};
use crate::diagnostic::{Problem, Style, render};
use crate::feed::Format;
use crate::taxonomy::{FacetId, TermId, UnknownTerms};

const WHOLE: &str = include_str!("tests/whole.toml");
const BAD: &str = include_str!("tests/bad.toml");
const SITE: &str = "[site]\ntitle = \"News\"\nbase_url = \"https://example.org/\"\n";

fn good(source: &str) -> Config {
    match read(source, Path::new("feeds.toml")) {
        Ok((config, warnings)) if warnings.is_empty() => config,
        Ok((_, problems)) | Err(problems) => panic!("{}", render(&problems, Style::Plain)),
    }
}

fn bad(source: &str) -> Vec<Problem> {
    match read(source, Path::new("feeds.toml")) {
        Ok(_) => panic!("nothing was found wrong with\n{source}"),
        Err(problems) => problems,
    }
}

/// The lines and messages of what is wrong with `source` below a good `[site]`.
fn messages(source: &str) -> Vec<String> {
    bad(&format!("{SITE}{source}"))
        .iter()
        .map(|problem| problem.message.clone())
        .collect()
}

#[test]
fn every_mistake_is_reported_at_once_with_its_place_and_mend() {
    insta::assert_snapshot!(render(&bad(BAD), Style::Plain));
}

#[test]
fn every_key_is_read() {
    let config = good(WHOLE);
    insta::assert_snapshot!(format!("{config:#?}"));
}

#[test]
fn what_is_not_said_has_its_default() {
    let config = good(SITE);
    assert_eq!(config.site.tag_authority, "example.org,2024");
    assert_eq!(config.site.description, "News");
    assert_eq!(config.site.language, "en");
    assert_eq!(config.items.folders, [Path::new("news")]);
    assert_eq!(config.items.size_limit, 10_000_000);
    assert_eq!(config.output.folder, Path::new("public"));
    assert_eq!(config.watch.debounce.as_millis(), 80);
    assert_eq!(config.ledger.file, Path::new(".tidings/ledger.sqlite"));
    assert_eq!(config.feeds.formats, Format::ALL);
    assert_eq!((config.feeds.limit, config.feeds.ttl), (50, 60));
    assert!(config.feeds.full_text && config.pages.enabled);
    assert!(config.taxonomy.facets.is_empty());
}

#[test]
fn a_facet_is_named_after_its_key() {
    let facets = "[facet.field_of_work]\n[facet.country]\nlabels = [\"Lands\"]\n";
    let config = good(&format!("{SITE}{facets}"));
    let [field, country] = &config.taxonomy.facets[..] else {
        panic!("two facets");
    };
    assert_eq!(field.name, "Field of work");
    assert_eq!(field.slug, "field-of-work");
    assert_eq!(field.labels, ["Field of work"]);
    assert_eq!(field.scheme, "https://example.org/field-of-work/");
    assert_eq!(field.unknown, UnknownTerms::Publish);
    assert_eq!(country.labels, ["Country", "Lands"]);
    assert_eq!(config.feeds.facets, [FacetId(0), FacetId(1)]);
}

#[test]
fn terms_mean_the_same_in_line_and_as_tables() {
    let in_line =
        "[facet.country]\nterms = [{ name = \"Åland\" }, { name = \"B\", parent = \"aland\" }]\n";
    let tables = "[[facet.country.term]]\nname = \"Åland\"\n[[facet.country.term]]\nname = \"B\"\nparent = \"aland\"\n";
    let in_line = good(&format!("{SITE}{in_line}")).taxonomy;
    let tables = good(&format!("{SITE}{tables}")).taxonomy;
    assert_eq!(in_line, tables);
    assert_eq!(in_line.term(TermId(1)).parent, Some(TermId(0)));
    assert_eq!(in_line.path(TermId(0)), "country/aland");
}

#[test]
fn facets_keep_the_order_of_their_headers() {
    let facets = "[[facet.b.term]]\nname = \"X\"\n[facet.a]\n[[facet.b.term]]\nname = \"Y\"\n";
    let config = good(&format!("{SITE}{facets}"));
    let keys: Vec<&str> = config
        .taxonomy
        .facets
        .iter()
        .map(|f| f.key.as_str())
        .collect();
    assert_eq!(keys, ["b", "a"]);
    assert_eq!(config.taxonomy.facets[0].terms, 0..2);
}

#[test]
fn an_empty_file_is_told_what_it_needs() {
    insta::assert_snapshot!(render(&bad(""), Style::Plain));
}

#[test]
fn broken_syntax_is_reported_without_its_echoes() {
    let source = "[site]\ntitle = \nbase_url = \"https://example.org/\n\n[facet.country\nname = 1 2\n\
                  [feeds]\nlimt = 3\nfacets = [\"country\"]\n[[feed]]\ntitle = \"A\"\nselect = \"country:a\"\n";
    insta::assert_snapshot!(render(&bad(source), Style::Plain));
}

#[test]
fn tables_of_the_wrong_sort_are_reported_each_at_its_place() {
    let source = "site = 1\nfacet = [1]\n[[pages]]\n[digest]\ntitle = \"a\"\n[feeds]\n\
                  facets = [1]\npairs = [\"a\", [2, 3]]\n";
    insta::assert_snapshot!(render(&bad(source), Style::Plain));
}

#[test]
fn a_byte_order_mark_and_dos_line_ends_do_no_harm() {
    let source = format!("\u{feff}{}titel = \"x\"\r\n", SITE.replace('\n', "\r\n"));
    let problems = bad(&source);
    let excerpt = problems[0].excerpt.clone().unwrap();
    assert_eq!((problems.len(), excerpt.line, excerpt.column), (1, 4, 1));
}

#[test]
fn a_mistake_in_a_selection_over_several_lines_is_marked_in_its_line() {
    let source = format!(
        "{SITE}[[feed]]\ntitle = \"T\"\nselect = \"\"\"\n*\nand lang:(ru or\n  x_x)\n\"\"\"\n"
    );
    let excerpt = bad(&source)[0].excerpt.clone().unwrap();
    assert_eq!((excerpt.line, excerpt.column, excerpt.marked), (9, 3, 2..5));
}

#[test]
fn a_key_or_table_that_stands_twice_is_reported() {
    let again = format!("{SITE}title = \"Again\"\n[site]\n");
    let problems = bad(&again);
    let lines: Vec<usize> = problems
        .iter()
        .filter_map(|p| Some(p.excerpt.as_ref()?.line))
        .collect();
    assert_eq!(lines, [4, 5], "{problems:?}");
}

#[test]
fn folders_must_keep_out_of_one_anothers_way() {
    for (source, message) in [
        (
            "[output]\nfolder = \".\"",
            "the output cannot be the folder of feeds.toml itself",
        ),
        (
            "[output]\nfolder = \"/var/www\"",
            "'/var/www' is not a relative path",
        ),
        (
            "[output]\nfolder = \"../www\"",
            "'../www' leaves the folder",
        ),
        (
            "[output]\nfolder = \"news\"",
            "the output 'news' and the items 'news' overlap",
        ),
        (
            "[items]\nfolders = [\".\"]",
            "the output 'public' and the items '.' overlap",
        ),
        (
            "[items]\nfolders = [\"news\", \"news/2024\"]",
            "the items 'news/2024' and 'news' overlap",
        ),
        (
            "[ledger]\nfile = \"public/ledger.sqlite\"",
            "the ledger 'public/ledger.sqlite' is within the output",
        ),
        (
            "[ledger]\nfile = \"news/ledger.sqlite\"",
            "the ledger 'news/ledger.sqlite' is among the items",
        ),
        (
            "[pages]\ntemplates = \"public/templates\"",
            "the output 'public' and the templates 'public/templates' overlap",
        ),
        ("[items]\nfolders = []", "no folder of items"),
    ] {
        let found = messages(source);
        assert_eq!(
            found.first().map(String::as_str),
            Some(message),
            "{source}: {found:?}"
        );
    }
}

#[test]
fn numbers_and_quantities_have_limits() {
    for source in [
        "[feeds]\nlimit = 0",
        "[feeds]\nlimit = -1",
        "[feeds]\nlimit = 99999999999999999999999",
        "[feeds]\nttl = 0",
        "[watch]\ndebounce = 10001",
        "[watch]\ndebounce = \"11 s\"",
        "[items]\nsize_limit = 0",
        "[items]\nsize_limit = \"0 MB\"",
        "[pages]\nlimit = 1.5",
    ] {
        assert_eq!(messages(source).len(), 1, "{source}");
    }
}

#[test]
fn a_misspelt_quantity_is_told_what_was_meant() {
    for (source, meant) in [
        ("[watch]\ndebounse = '80 ms'", "debounce"),
        ("[items]\nsize_limits = '1 MB'", "size_limit"),
    ] {
        let problems = bad(&format!("{SITE}{source}"));
        let help = format!("did you mean '{meant}'?");
        assert_eq!(problems[0].help.as_deref(), Some(help.as_str()), "{source}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(source in any::<String>()) {
        let _ = read(&source, Path::new("feeds.toml"));
    }

    #[test]
    fn no_damage_to_a_good_file_makes_reading_panic(
        at in 0..WHOLE.len(), length in 0usize..40, put in "\\PC{0,8}|[\\[\\]{}=\".,#\n]{0,4}",
    ) {
        let start = (0..=at).rev().find(|at| WHOLE.is_char_boundary(*at)).unwrap();
        let end = (start + length..=WHOLE.len()).find(|at| WHOLE.is_char_boundary(*at));
        let source = format!("{}{put}{}", &WHOLE[..start], &WHOLE[end.unwrap_or(WHOLE.len())..]);
        if let Err(problems) = read(&source, Path::new("feeds.toml")) {
            prop_assert!(!problems.is_empty());
            let _ = render(&problems, Style::Plain);
        }
    }
}

#[test]
fn people_subscribe_only_where_the_configuration_says_so() {
    let config = good(SITE);
    assert!(!config.subscriptions.enabled);
    let digest =
        "[[digest]]\ntitle = \"Week\"\nschedule = \"Mon 09:00\"\nsender = \"a@example.org\"\n";
    assert_eq!(
        messages(&format!("{digest}[subscriptions]\n[mail]\n")),
        ["missing key 'sender' in [subscriptions]"]
    );
    let section = "[subscriptions]\nsender = \"a@example.org\"\n";
    let config = good(&format!("{SITE}{digest}{section}[mail]\n"));
    assert!(config.subscriptions.enabled);
    let problems = read(&format!("{SITE}{section}"), Path::new("feeds.toml"));
    let (_, warnings) = problems.expect("it can be used");
    assert!(warnings[0].message.contains("no [[digest]]"));
    assert!(warnings[1].message.contains("nothing is mailed"));
}
