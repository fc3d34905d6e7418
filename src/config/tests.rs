use std::path::Path;

use proptest::prelude::*;

use super::{Approval, Cadence, Config, Period, read};
use crate::diagnostic::{Problem, Severity, Style, render};
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
fn facets_must_not_take_what_is_taken() {
    for (source, message) in [
        (
            "[facet.language]",
            "'language' has another meaning in selections",
        ),
        ("[facet.News]", "'News' cannot be a facet's key"),
        (
            "[facet.feeds]",
            "the facet's slug 'feeds' is taken by Tidings itself",
        ),
        (
            "[facet.a]\n[facet.b]\nslug = \"a\"",
            "another facet has the slug 'a'",
        ),
        (
            "[facet.a]\nslug = \"b\"\n[facet.b]\nslug = \"c\"",
            "'b' is already the slug of another facet",
        ),
        (
            "[facet.a]\nname = \"!\"",
            "no slug can be made for the facet 'a'",
        ),
        (
            "[facet.a]\nlabels = [\"Place\"]\n[facet.b]\nlabels = [\"PLACE\"]",
            "the label 'PLACE' already means the facet 'a'",
        ),
        (
            "[items.labels]\ntitle = [\"Subject\"]\nkind = [\"subject\"]",
            "the label 'subject' already means the item's 'title'",
        ),
    ] {
        assert!(
            messages(source).iter().any(|found| found == message),
            "{source}"
        );
    }
    assert_eq!(messages("[facet.type]").len(), 3);
}

#[test]
fn each_circle_of_parents_is_reported_once() {
    let terms = |pairs: &[(&str, &str)]| {
        let rows: Vec<String> = pairs
            .iter()
            .map(|(name, parent)| format!("{{ name = \"{name}\", parent = \"{parent}\" }}"))
            .collect();
        format!("[facet.x]\nterms = [{}]\n", rows.join(", "))
    };
    assert_eq!(
        messages(&terms(&[("a", "a")])),
        ["parents in a circle: a > a"]
    );
    assert_eq!(
        messages(&terms(&[
            ("d", "b"),
            ("c", "a"),
            ("a", "b"),
            ("b", "c"),
            ("e", "f"),
            ("f", "e")
        ])),
        [
            "parents in a circle: c > a > b > c",
            "parents in a circle: e > f > e"
        ]
    );
}

#[test]
fn a_former_slug_is_neither_in_use_nor_claimed_twice() {
    let terms = "[facet.topic]\nterms = [\n\
        { name = \"Water\", was = [\"energy\", \"wet\", \"water\"] },\n\
        { name = \"Energy\", was = [\"wet\", \"Power Plants\"] },\n]\n";
    assert_eq!(
        messages(terms),
        [
            "the former slug 'energy' is in use",
            "the former slug 'water' is in use",
            "the former slug 'wet' is claimed twice",
            "'Power Plants' is not a slug",
        ]
    );
    let feeds = "[[feed]]\ntitle = \"A\"\nselect = \"all\"\nwas = [\"b\"]\n\
        [[feed]]\ntitle = \"B\"\nselect = \"all\"\n";
    assert_eq!(messages(feeds), ["the former slug 'b' is in use"]);
    let digests = "[[digest]]\ntitle = \"A\"\nschedule = \"Mon 09:00\"\nsender = \"A <a@a.example>\"\nwas = [\"c\", \"c\"]\n";
    assert_eq!(messages(digests), ["the former slug 'c' is claimed twice"]);
    // Slugs of different facets are different addresses.
    let apart = "[facet.a]\nterms = [{ name = \"X\", was = [\"y\"] }]\n\
        [facet.b]\nterms = [{ name = \"Y\" }]\n";
    good(&format!("{SITE}{apart}"));
}

#[test]
fn a_term_that_was_replaced_is_closed_and_names_those_that_took_its_place() {
    let terms = "[facet.a]\nterms = [\n\
        { name = \"Energy and water\", replaced_by = [\"water\", \"energy\"] },\n\
        { name = \"Water\" },\n{ name = \"Energy\" },\n]\n";
    let taxonomy = good(&format!("{SITE}{terms}")).taxonomy;
    let [old, water, energy] = [0, 1, 2].map(TermId);
    assert!(taxonomy.term(old).closed && !taxonomy.term(water).closed);
    assert_eq!(taxonomy.term(old).replaced_by, [water, energy]);
}

#[test]
fn successors_must_be_others_that_are_in_use() {
    let terms = "[facet.a]\nterms = [\n\
        { name = \"Water\", replaced_by = [\"water\", \"wheather\"] },\n\
        { name = \"Weather\", matches = [\"not an iri\"] },\n]\n";
    assert_eq!(
        messages(terms),
        [
            "'water' cannot replace itself",
            "the successor 'wheather' does not exist",
            "'not an iri' is not an absolute address",
        ]
    );
    let help = bad(&format!("{SITE}{terms}"))[1].help.clone();
    assert_eq!(help.as_deref(), Some("did you mean 'weather'?"));

    let doubtful = format!(
        "{SITE}[facet.a]\nterms = [\n\
        {{ name = \"A\", replaced_by = [\"b\", \"b\"], keywords = [\"ay\"] }},\n\
        {{ name = \"B\", replaced_by = [\"c\"] }},\n{{ name = \"C\" }},\n]\n"
    );
    let (config, warnings) = read(&doubtful, Path::new("feeds.toml")).unwrap();
    assert!(config.taxonomy.terms[0].keywords.is_empty());
    let mut said: Vec<&str> = warnings.iter().map(|it| it.message.as_str()).collect();
    said.sort_unstable();
    assert_eq!(
        said,
        [
            "the keywords of 'A' do nothing",
            "the successor 'b' is named twice",
            "the successor 'b' was replaced itself",
        ]
    );
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
fn a_schedule_that_does_not_fit_its_period_is_a_warning() {
    let digest = |schedule: &str, period: &str| {
        let source = format!(
            "{SITE}contact = \"a@example.org\"\n[[digest]]\ntitle = \"D\"\nschedule = \"{schedule}\"\nperiod = \"{period}\"\n"
        );
        let (config, warnings) = read(&source, Path::new("feeds.toml")).unwrap();
        assert_eq!(config.digests[0].sender, "News <a@example.org>");
        assert!(
            warnings
                .iter()
                .all(|warning| warning.severity == Severity::Warning)
        );
        warnings
            .into_iter()
            .map(|warning| warning.message)
            .collect::<Vec<_>>()
    };
    for (schedule, period) in [
        ("Mon 09:00", "week"),
        ("daily 07:00", "day"),
        ("day 1 09:00", "month"),
        ("last day 09:00", "month"),
    ] {
        assert!(digest(schedule, period).is_empty(), "{schedule} {period}");
    }
    assert_eq!(
        digest("Mon,Fri 09:00", "day"),
        ["this schedule leaves out what is published in some days"]
    );
    assert_eq!(
        digest("day 1 09:00", "week"),
        ["this schedule leaves out what is published in some weeks"]
    );
    assert_eq!(
        digest("* * * * *", "day"),
        ["this schedule comes to the same day more than once"]
    );
    assert_eq!(
        digest("Mon,Thu 09:00", "week"),
        ["this schedule comes to the same week more than once"]
    );
}

/// The problems of digests, each with these keys below a good title, schedule and sender.
fn problems_of_digests(digests: &[&str]) -> Vec<String> {
    let digest = |(number, keys): (usize, &&str)| {
        format!("[[digest]]\ntitle = 'D{number}'\nsender = 'a@example.org'\n{keys}\n")
    };
    let digests: Vec<String> = digests.iter().enumerate().map(digest).collect();
    let source = format!("{SITE}{}", digests.concat());
    let problems = match read(&source, Path::new("feeds.toml")) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    problems
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

#[test]
fn a_digest_says_who_approves_and_what_is_stale() {
    let source = format!(
        "{SITE}[[digest]]\ntitle = 'D'\nsender = 'a@example.org'\nschedule = 'at once'\n\
         approval = 'two'\nstale_after = '3 days'\nchoices = 'at once'\nmail = false\n"
    );
    let config = good(&source);
    let digest = &config.digests[0];
    assert_eq!(digest.approval, Approval::Two);
    assert_eq!(digest.stale_after.as_secs(), 3 * 86_400);
    assert_eq!(digest.choices, Some(Cadence::AtOnce));
    assert_eq!((digest.period, digest.mail), (Period::AtOnce, false));
    assert!(digest.schedule.is_at_once());
    assert!(!config.is_mailed(digest));
    let weekly = "schedule = 'Mon 09:00'\n";
    for (keys, message) in [
        ("approval = 'three'", "unknown value 'three'"),
        ("choices = 'yearly'", "unknown value 'yearly'"),
        ("stale_after = '400 days'", "400 days is out of range"),
        ("mail = 'no'", "expected true or false"),
        ("slug = 'list'", "'tidings digest list' is a command"),
    ] {
        let problems = problems_of_digests(&[&format!("{weekly}{keys}")]);
        assert!(
            problems.iter().any(|one| one.contains(message)),
            "{keys}: {problems:?}"
        );
    }
    let problems = problems_of_digests(&["schedule = 'at once'\nperiod = 'day'"]);
    assert_eq!(problems, ["what comes at once covers no period"]);
}

#[test]
fn one_digest_carries_the_choices_of_a_cadence_in_a_language() {
    let weekly = "schedule = 'Mon 09:00'\nchoices = 'weekly'";
    let russian = format!("{weekly}\nlanguage = 'ru'");
    let daily = "schedule = 'daily 07:00'\nperiod = 'day'\nchoices = 'daily'";
    assert_eq!(
        problems_of_digests(&[weekly, &russian, daily]),
        Vec::<String>::new()
    );
    assert_eq!(
        problems_of_digests(&[weekly, weekly]),
        ["the digest in line 8 carries the choices 'weekly' in 'en'"]
    );
}

#[test]
fn a_digest_inherits_from_the_site() {
    let config = good(WHOLE);
    let month = &config.digests[1];
    assert_eq!(month.slug, "the-month");
    assert_eq!(month.period, Period::Month);
    assert_eq!(month.sender, "Tidings of the Assembly <press@example.org>");
    assert_eq!(month.language, "en-GB");
    assert_eq!(month.timezone, chrono_tz::Europe::Vienna);
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

/// The problems of a newsroom with these terms, rendered.
fn problems_of_terms(terms: &str) -> String {
    let source = format!(
        "[site]\ntitle = 'T'\nbase_url = 'https://news.example.org/'\ncontact = 'a@example.org'\n\
         [facet.desk]\nname = 'Desk'\noptional_words = ['ACME']\nterms = [\n{terms}\n]\n"
    );
    match read(&source, Path::new("feeds.toml")) {
        Ok((_, warnings)) => crate::diagnostic::render(&warnings, crate::diagnostic::Style::Plain),
        Err(problems) => crate::diagnostic::render(&problems, crate::diagnostic::Style::Plain),
    }
}

#[test]
fn names_that_items_cannot_tell_apart_are_reported_with_both_places() {
    let told = problems_of_terms(
        "{ name = 'Labour co-operation' },\n\
         { name = 'Women', aliases = ['the ACME Labor Cooperation'] },",
    );
    assert!(
        told.contains("the name 'the ACME Labor Cooperation' is ambiguous")
            && told.contains("feeds.toml:10:")
            && told.contains("is called 'Labour co-operation', which is the same, on line 9"),
        "{told}"
    );
    let apart = problems_of_terms(
        "{ name = 'North' }, { name = 'South' },\n\
         { name = 'Desk', slug = 'n', parent = 'north' },\n\
         { name = 'Desk', slug = 's', parent = 'south' },",
    );
    assert!(!apart.contains("ambiguous"), "{apart}");
}

#[test]
fn a_bad_keyword_is_reported_at_its_place() {
    let told = problems_of_terms(
        "{ name = 'A', keywords = ['fine', 'te*rror'] },\n\
         { name = 'B', keywords = { en = ['fine ^x'], zz-bad-tag-ever-so-long = ['b'] } },",
    );
    for part in [
        "'*' means nothing here",
        "feeds.toml:9:",
        "'^x' is no weight",
        "feeds.toml:10:",
    ] {
        assert!(told.contains(part), "no '{part}' in\n{told}");
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
