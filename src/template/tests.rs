//! What templates say when they are wrong, and what their functions give.

use chrono_tz::Tz;
use serde_json::json;

use super::*;
use crate::language::Words;

fn with(files: &[(&str, &str)]) -> Result<Templates, Vec<Problem>> {
    let overrides = files
        .iter()
        .map(|(name, source)| ((*name).to_owned(), (*source).to_owned()))
        .collect();
    Templates::new(overrides, Tz::Asia__Ashgabat)
}

/// A problem as people would see it.
fn shown(problem: &Problem) -> String {
    let mut lines = Vec::new();
    let file = problem
        .file
        .as_deref()
        .map_or("".into(), |file| file.to_string_lossy());
    if let Some(excerpt) = &problem.excerpt {
        lines.push(format!(
            "{file}:{}:{}: {}",
            excerpt.line, excerpt.column, problem.message
        ));
        lines.push(format!("| {}", excerpt.text));
        let before = excerpt.text[..excerpt.marked.start].chars().count();
        let marked = excerpt.text[excerpt.marked.clone()].chars().count().max(1);
        lines.push(format!("| {}{}", " ".repeat(before), "^".repeat(marked)));
    } else {
        lines.push(format!("{file}: {}", problem.message));
    }
    lines.extend(problem.help.iter().map(|help| format!("= {help}")));
    lines.join("\n") + "\n"
}

/// What is said of a template that cannot be compiled.
fn refused(source: &str) -> String {
    let compiled = with(&[("x.html.hbs", source)]);
    let problems = compiled
        .err()
        .unwrap_or_else(|| panic!("it compiles: {source}"));
    problems.iter().map(shown).collect()
}

/// What is said of a template that cannot be rendered.
fn failed(source: &str) -> String {
    let context =
        json!({"site": {"title": "T"}, "items": [], "entry": {"published": "x", "nothing": null}});
    let templates = with(&[("x.html.hbs", source)]).expect("it does not compile");
    match templates.render("x.html", &context) {
        Ok(text) => panic!("it gave {text}"),
        Err(problem) => shown(&problem),
    }
}

fn gives(source: &str, context: serde_json::Value) -> String {
    let templates = with(&[("x.html.hbs", source)]).expect("it does not compile");
    templates
        .render("x.html", &context)
        .unwrap_or_else(|problem| panic!("{}", shown(&problem)))
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let templates = with(&[("x.html.hbs", "{{a}}{{{a}}}"), ("x.text.hbs", "{{a}}")]).unwrap();
    let context = json!({"a": "<b a=\"'\">&"});
    assert_eq!(
        templates.render("x.html", &context).unwrap(),
        "&lt;b a=&quot;&#39;&quot;&gt;&amp;<b a=\"'\">&"
    );
    assert_eq!(
        templates.render("x.text", &context).unwrap(),
        "<b a=\"'\">&"
    );
}

#[test]
fn partials_come_from_the_same_kind_of_template() {
    let files = [
        ("x.html.hbs", "{{> p}}"),
        ("p.html.hbs", "html"),
        ("x.text.hbs", "{{> p}}"),
        ("p.text.hbs", "text"),
    ];
    let templates = with(&files).unwrap();
    assert_eq!(templates.render("x.html", &()).unwrap(), "html");
    assert_eq!(templates.render("x.text", &()).unwrap(), "text");
}

#[test]
fn a_partial_leaves_the_lines_of_what_it_includes_alone() {
    let files = [
        ("x.html.hbs", "<div>\n    {{> p}}\n</div>"),
        ("p.html.hbs", "<pre>\na\n</pre>\n"),
    ];
    let page = with(&files).unwrap().render("x.html", &()).unwrap();
    assert!(page.contains("<pre>\na\n</pre>"), "{page}");
}

#[test]
fn names_that_mean_nothing_are_shown_where_they_stand() {
    let sources = [
        "<p>\n  é {{site.titel}}</p>",
        "{{#if site.titel}}x{{/if}}",
        "{{#unless\n  nope}}x{{/unless}}",
        "{{#each itmes}}x{{else}}y{{/each}}",
        "{{{nope}}}",
        "{{#with stie}}x{{/with}}",
        "{{#with site}}{{title}}{{titlle}}{{/with}}",
        "{{date entry.publishd \"%Y\"}}",
        "{{> layuot}}",
        "{{> nothing-like-it}}",
        "{{dat entry.published \"%Y\"}}",
        "{{date entry.published}}",
        "{{date entry.published \"%Y\"}}",
        "{{date \"2024-11-22T08:00:00Z\" \"%Q\"}}",
        "{{count \"three\" \"item\" \"items\"}}",
        "{{#each site.title}}x{{/each}}",
        "<i>{{items.name}}</i>",
    ];
    let all: Vec<String> = sources.iter().map(|source| failed(source)).collect();
    insta::assert_snapshot!("names_that_mean_nothing", all.join("\n"));
}

#[test]
fn templates_that_cannot_be_read_say_why_and_where() {
    let sources = [
        "<ul>\n{{#each items}}\n<li>{{this}}</li>\n</ul>",
        "{{#if a}}\n{{#each b}}\n{{/if}}",
        "{{#if a}}x{{/each}}",
        "x {{/if}}",
        "{{#> layout}}\nx",
        "{{#*inline \"head\"}}x",
        "a\n{{title",
        "{{!-- not closed",
        "{{title |}}",
        "{{count n \"item}}",
        "{{}}",
    ];
    let all: Vec<String> = sources.iter().map(|source| refused(source)).collect();
    insta::assert_snapshot!("templates_that_cannot_be_read", all.join("\n"));
}

#[test]
fn all_templates_that_cannot_be_read_are_told_at_once() {
    let files = [
        ("a.html.hbs", "{{#if"),
        ("b.text.hbs", "{{/if}}"),
        ("styles.css", ""),
    ];
    let problems = with(&files).err().unwrap();
    let mut names: Vec<_> = problems
        .iter()
        .map(|problem| problem.file.as_ref().unwrap().to_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "templates/a.html.hbs",
            "templates/b.text.hbs",
            "templates/styles.css"
        ]
    );
}

#[test]
fn a_mistake_in_an_inline_partial_is_told_of_the_file_that_it_stands_in() {
    let files = [
        (
            "frame.html.hbs",
            "<head>{{> head}}</head>{{> @partial-block}}",
        ),
        (
            "x.html.hbs",
            "{{#> frame}}\n{{#*inline \"head\"}}\n{{nope}}{{/inline}}\n{{/frame}}",
        ),
        (
            "y.html.hbs",
            "{{#> frame}}{{#*inline \"head\"}}{{/inline}}\n\n\n{{nope}}{{/frame}}",
        ),
    ];
    let templates = with(&files).unwrap();
    for (name, line) in [("x", 3), ("y", 4)] {
        let problem = templates.render(&format!("{name}.html"), &()).unwrap_err();
        let file = format!("templates/{name}.html.hbs");
        assert_eq!(problem.file.unwrap().to_str(), Some(&*file));
        assert_eq!(problem.excerpt.unwrap().line, line);
    }
}

#[test]
fn a_template_that_does_not_exist_is_named_with_its_neighbour() {
    let templates = with(&[]).unwrap();
    let problem = templates.render("itme.html", &()).unwrap_err();
    assert_eq!(problem.message, "there is no template 'itme.html.hbs'");
    assert_eq!(problem.help.unwrap(), "did you mean 'item.html.hbs'?");
    assert!(templates.render("style.css", &()).is_err());
}

#[test]
fn each_knows_places_keys_and_names() {
    let context = json!({"list": [{"n": 1}, {"n": 2}], "map": {"k": "v"}, "none": [], "null": null, "top": "t"});
    let cases = [
        (
            "{{#each list}}{{@index}}{{n}}{{@first}}{{@last}};{{/each}}",
            "01truefalse;12falsetrue;",
        ),
        (
            "{{#each list as |x i|}}{{i}}{{x.n}}{{../top}};{{/each}}",
            "01t;12t;",
        ),
        (
            "{{#each list as |x|}}{{#each ../map as |y|}}{{x.n}}{{y}}{{/each}}{{/each}}",
            "1v2v",
        ),
        ("{{#each map}}{{@key}}={{this}}{{/each}}", "k=v"),
        (
            "{{#each none}}x{{else}}none{{/each}}{{#each null}}x{{/each}}",
            "none",
        ),
        ("{{#each (lookup this \"list\")}}{{n}}{{/each}}", "12"),
        (
            "{{#with null}}x{{else}}no{{/with}}{{#with map}}{{k}}{{../top}}{{/with}}{{#with map as |m|}}{{m.k}}{{/with}}",
            "novtv",
        ),
        (
            "{{#if null}}a{{else if list}}b{{/if}}{{#unless none}}c{{/unless}}",
            "bc",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(gives(source, context.clone()), expected, "{source}");
    }
}

#[test]
fn functions_give_what_they_promise() {
    let context = json!({
        "at": "2024-11-22T21:05:00Z", "null": null, "text": "One two, three four",
        "site": {"base_url": "https://n.example/"}, "page": {"root": "../../"},
    });
    let cases = [
        (
            "{{date at \"%-d %B %Y, %H:%M\"}}",
            "23 November 2024, 02:05",
        ),
        ("{{datetime_iso at}}", "2024-11-23T02:05:00+05:00"),
        ("{{date null \"%Y\"}}{{count null}}{{link null}}", ""),
        (
            "{{count 1 \"item\" \"items\"}}, {{count 0 \"item\" \"items\"}}",
            "1 item, 0 items",
        ),
        (
            "{{count 999}} {{count 1000}} {{count 1234567}}",
            "999 1,000 1,234,567",
        ),
        (
            "{{size 0}}, {{size 1200}}, {{size 2412345}}, {{size 5000000000}}",
            "0 B, 2 kB, 2.4 MB, 5.0 GB",
        ),
        ("{{truncate text 40}}", "One two, three four"),
        ("{{truncate text 10}}", "One two…"),
        (
            "{{truncate text 4}}|{{truncate text 2}}|{{truncate text 0}}",
            "One…|O…|…",
        ),
        ("{{truncate \"ééééé\" 3}}", "éé…"),
        ("{{link \"https://n.example/a/?b&c\"}}", "../../a/?b&amp;c"),
        ("{{link \"https://n.example/\"}}", "../../"),
        (
            "{{link \"https://other.example/\"}}",
            "https://other.example/",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(gives(source, context.clone()), expected, "{source}");
    }
}

#[test]
fn the_fingerprint_tells_sources_and_zones_apart() {
    let plain = with(&[]).unwrap().fingerprint();
    assert_eq!(plain, with(&[]).unwrap().fingerprint());
    assert_ne!(plain, with(&[("style.css", "")]).unwrap().fingerprint());
    assert_ne!(plain, with(&[("x.html.hbs", "")]).unwrap().fingerprint());
    assert_ne!(
        plain,
        Templates::new(Vec::new(), Tz::UTC).unwrap().fingerprint()
    );
}

proptest::proptest! {
    #[test]
    fn no_source_makes_the_messages_panic(source in "[{}#/>!~a \\\\\n\"é*-]{0,40}") {
        if let Ok(templates) = with(&[("x.html.hbs", &source)]) {
            let _ = templates.render("x.html", &json!({"a": 1}));
        }
    }

    #[test]
    fn escaped_text_reads_back_as_it_was(text in "\\PC*") {
        let page = scraper::Html::parse_fragment(&format!("<p title=\"{0}\">{0}</p>", escape_html(&text)));
        let selector = scraper::Selector::parse("p").unwrap();
        let found = page.select(&selector).next().unwrap();
        proptest::prop_assert_eq!(found.value().attr("title"), Some(text.as_str()));
        proptest::prop_assert_eq!(found.text().collect::<String>(), text);
    }
}

#[test]
fn everything_that_the_templates_say_can_be_said_in_russian() {
    let templates = with(&[]).unwrap();
    let missing = templates.untranslated(&Words::built_in("ru"));
    assert_eq!(missing.map(|problem| problem.message), None);
}

#[test]
fn texts_are_found_wherever_they_are_said() {
    let source = "{{#> frame title=(t \"a\")}}{{#if x}}{{t \"b\" n=(count x \"c\" \"cs\")}}{{else}}{{{t \"d\"}}}{{/if}}{{/frame}}";
    let templates = with(&[("x.html.hbs", source), ("frame.html.hbs", "")]).unwrap();
    let found: Vec<String> = templates
        .phrases()
        .into_iter()
        .filter(|phrase| phrase.file.as_deref() == Some("x.html.hbs"))
        .map(|phrase| phrase.text)
        .collect();
    assert_eq!(found, ["a", "b", "c", "d"]);
    let problem = templates.untranslated(&Words::built_in("de")).unwrap();
    assert!(problem.message.contains("'de'"), "{}", problem.message);
}

#[test]
fn texts_are_said_in_the_language_of_the_page() {
    let context = json!({"page": {"language": "ru-KZ"}, "n": 22});
    let source = "{{t \"Home\"}}, {{count n \"item\" \"items\"}}, {{t \"{count} in all\" count=n}}, {{size 1500000}}";
    assert_eq!(
        gives(source, context),
        "Главная, 22 материала, Всего 22, 1,5 МБ"
    );
    let mail = json!({"issue": {"language": "ru"}});
    assert_eq!(
        gives("{{t \"Other news\"}}{{t \"?\"}}", mail),
        "Другие новости?"
    );
}

#[test]
fn embedded_templates_wait_until_they_are_needed_and_overridden_ones_are_read_at_once() {
    let templates = Templates::new(Vec::new(), Tz::UTC).unwrap();
    assert!(templates.compiled.get().is_none());
    let unknown = templates.render("nothing.html", &()).unwrap_err();
    assert!(unknown.message.contains("no template"));
    assert!(templates.compiled.get().is_some());
    // All of them at once say the same as one by one.
    let prepared = Templates::new(Vec::new(), Tz::UTC).unwrap();
    prepared.prepare().unwrap();
    assert_eq!(prepared.phrases(), templates.phrases());
    let style = vec![("style.css".to_owned(), "a{}".to_owned())];
    let overridden = Templates::new(style, Tz::UTC).unwrap();
    assert!(overridden.compiled.get().is_some());
}
