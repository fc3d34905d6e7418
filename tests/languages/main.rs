//! A newsroom in several languages: its feeds, pages, words and links between translations.

#[path = "../common/mod.rs"]
mod common;
mod translations;

use common::{CONFIGURATION, Newsroom, stderr};
use predicates::str::contains;
use scraper::{Html, Selector};

const RUSSIAN: &str = r#"
[language.ru]
title = "Пресс-центр"
description = "Новости для проверки."
"#;

/// The test newsroom in English and Russian; `root` is what the root holds.
fn bilingual(root: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    let configuration = CONFIGURATION
        .replace(
            "language = \"en\"\n",
            &format!("language = \"en\"\nlanguages = [\"en\", \"ru\"]\nroot = \"{root}\"\n"),
        )
        .replace(
            "plural = \"Topics\"\n",
            "plural = \"Topics\"\nnames = { ru = \"Тема\" }\nplurals = { ru = \"Темы\" }\n",
        )
        .replace(
            "{ name = \"Rivers\", ",
            "{ name = \"Rivers\", names = { ru = \"Реки\" }, ",
        )
        .replace(
            "title = \"Wet news\"\n",
            "title = \"Wet news\"\ntitles = { ru = \"Всё о воде\" }\n",
        );
    newsroom.write("feeds.toml", configuration + RUSSIAN);
    newsroom.item("news/flood.md", "The river rises", "Text.");
    newsroom.write(
        "news/otter.md",
        "+++\ntitle = \"Выдра вернулась\"\ndate = 2024-11-21\nlanguage = \"ru-BY\"\ntopic = \"Реки\"\n+++\n\nТекст.\n",
    );
    newsroom
}

fn select<'a>(html: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn links(newsroom: &Newsroom, path: &str, selector: &str) -> Vec<(String, String)> {
    let html = Html::parse_document(&newsroom.read(path));
    let link = |element: &scraper::ElementRef<'_>| {
        let attribute = |name| element.attr(name).unwrap_or_default().to_owned();
        (attribute("hreflang"), attribute("href"))
    };
    select(&html, selector).iter().map(link).collect()
}

#[test]
fn each_language_has_feeds_and_pages_of_its_own_items() {
    let newsroom = bilingual("main");
    newsroom.build();
    assert_eq!(newsroom.titles("atom.xml"), ["The river rises"]);
    for feed in [
        "ru/atom.xml",
        "ru/topic/rivers/rss.xml",
        "ru/topic/water/feed.json",
        "ru/feeds/wet-news/atom.xml",
    ] {
        assert_eq!(newsroom.titles(feed), ["Выдра вернулась"], "{feed}");
    }
    assert!(newsroom.exists("ru/subscribe/index.html") && newsroom.exists("ru/feeds.opml"));
    assert!(
        !newsroom.exists("topic/rivers/atom.xml"),
        "no English item is on rivers"
    );
    let feed = newsroom.read("ru/topic/rivers/atom.xml");
    assert!(feed.contains("xml:lang=\"ru\""), "{feed}");
    assert!(feed.contains("<title>Реки – Пресс-центр</title>"), "{feed}");
    assert!(feed.contains("Реки: новости, Пресс-центр."), "{feed}");
    assert!(
        feed.contains("tag:news.example.org,2024:ru/topic/rivers"),
        "{feed}"
    );
    assert!(feed.contains("label=\"Реки\""), "{feed}");
    assert!(
        newsroom
            .read("ru/feeds/wet-news/index.html")
            .contains("<h1 dir=\"auto\">Всё о воде</h1>")
    );
}

#[test]
fn the_root_keeps_the_items_of_all_languages_unless_it_is_told_otherwise() {
    let newsroom = bilingual("all");
    newsroom.build();
    assert_eq!(
        newsroom.titles("atom.xml"),
        ["Выдра вернулась", "The river rises"]
    );
    assert_eq!(newsroom.titles("ru/atom.xml"), ["Выдра вернулась"]);
}

#[test]
fn an_item_in_a_language_without_pages_stands_at_the_root() {
    let newsroom = bilingual("main");
    newsroom.write(
        "news/fr.md",
        "+++\ntitle = \"La loutre\"\ndate = 2024-11-22\nlanguage = \"fr\"\n+++\nTexte.\n",
    );
    newsroom.build();
    assert_eq!(
        newsroom.titles("atom.xml"),
        ["La loutre", "The river rises"]
    );
    assert_eq!(newsroom.titles("ru/atom.xml"), ["Выдра вернулась"]);
}

#[test]
fn a_site_of_one_language_is_as_it_was() {
    let newsroom = Newsroom::new();
    newsroom.item("news/flood.md", "The river rises", "Text.");
    newsroom.build();
    let page = newsroom.read("index.html");
    assert!(
        !page.contains("hreflang") && !page.contains("class=\"languages\""),
        "{page}"
    );
    assert!(!newsroom.exists("ru/index.html"));
}

#[test]
fn pages_are_in_the_words_and_dates_of_their_language() {
    let newsroom = bilingual("main");
    newsroom.build();
    let home = newsroom.read("ru/index.html");
    for words in [
        "<html lang=\"ru\" dir=\"ltr\">",
        "Последние новости",
        "21 ноября 2024",
        "<a href=\"./topic/\">Темы</a>",
    ] {
        assert!(
            home.contains(words) || home.contains(&words.replace("./", "../ru/")),
            "{words}: {home}"
        );
    }
    assert!(
        newsroom
            .read("ru/topic/rivers/index.html")
            .contains("Всего 1 материал")
    );
    let item = newsroom.read("news/2024/vydra-vernulas/index.html");
    assert!(
        item.contains("<html lang=\"ru\"") && item.contains("Дата"),
        "{item}"
    );
    assert!(
        item.contains("href=\"../../../ru/topic/rivers/\""),
        "{item}"
    );
    assert!(
        !home.contains("Weekly digest"),
        "an English newsletter: {home}"
    );
    let english = newsroom.read("index.html");
    assert!(english.contains("Latest news") && english.contains("20 November 2024"));
}

#[test]
fn pages_and_feeds_name_their_other_languages() {
    let newsroom = bilingual("main");
    newsroom.build();
    let of_home = links(&newsroom, "ru/index.html", "head link[hreflang]");
    let base = "https://news.example.org/";
    let expected = [("en", ""), ("ru", "ru/"), ("x-default", "")];
    assert_eq!(
        of_home,
        expected.map(|(tag, path)| (tag.to_owned(), format!("{base}{path}")))
    );
    assert_eq!(
        of_home,
        links(&newsroom, "index.html", "head link[hreflang]")
    );
    assert_eq!(
        links(&newsroom, "topic/water/index.html", "head link[hreflang]").len(),
        3
    );
    assert_eq!(
        links(
            &newsroom,
            "ru/topic/rivers/index.html",
            "head link[hreflang]"
        ),
        []
    );
    // Where a page has no counterpart, the choice of languages leads home.
    let choice = links(&newsroom, "ru/topic/rivers/index.html", ".languages a");
    assert_eq!(choice, [("en".to_owned(), "../../../".to_owned())]);
    let feed = newsroom.read("topic/water/rss.xml");
    assert!(feed.contains("<atom:link href=\"https://news.example.org/ru/topic/water/rss.xml\" rel=\"alternate\" hreflang=\"ru\""), "{feed}");
}

#[test]
fn who_finds_nothing_or_a_notice_is_told_so_in_every_language() {
    let newsroom = bilingual("main");
    newsroom.build();
    std::fs::remove_file(newsroom.path("news/flood.md")).unwrap();
    newsroom.build();
    let pages = [
        (
            "404.html",
            "There is nothing at this address",
            "По этому адресу ничего нет",
        ),
        (
            "news/2024/the-river-rises/index.html",
            "This item was withdrawn",
            "Этот материал отозван",
        ),
    ];
    for (path, english, russian) in pages {
        let html = Html::parse_document(&newsroom.read(path));
        let texts = |selector| -> Vec<String> {
            let found = select(&html, selector).into_iter();
            found.map(|element| element.text().collect()).collect()
        };
        assert_eq!(texts("h1"), [english], "{path}");
        assert_eq!(
            texts("section[lang='ru'][dir='ltr'] h2"),
            [russian],
            "{path}"
        );
        let homes = select(&html, "section[lang='ru'] a[href$='ru/']");
        assert_eq!(homes.len(), 1, "{path}");
    }
}

#[test]
fn the_first_item_in_a_language_links_the_page_that_was_there_before() {
    let newsroom = bilingual("main");
    newsroom.build();
    let page = "department/press-office/index.html";
    assert_eq!(links(&newsroom, page, "head link[hreflang]"), []);
    newsroom.write(
        "news/dam.md",
        "+++\ntitle = \"Плотина\"\ndate = 2024-11-21\nlanguage = \"ru\"\nissued_by = \"Press office\"\n+++\n\nТекст.\n",
    );
    newsroom.build();
    assert_eq!(links(&newsroom, page, "head link[hreflang]").len(), 3);
}

#[test]
fn a_language_without_words_is_warned_of_and_says_them_in_english() {
    let newsroom = bilingual("main");
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let with = |more: &str| {
        newsroom.write(
            "feeds.toml",
            configuration.replace("[\"en\", \"ru\"]", "[\"en\", \"ru\", \"de\"]") + more,
        );
    };
    with("[language.de]\nmonths = [\"Januar\"]\n");
    newsroom
        .tidings(&["check"])
        .assert()
        .failure()
        .stderr(contains("'months' has 1 names"));
    with(
        "[language.de.strings]\n\"Latest news\" = \"Aktuelles\"\n\"%-d %B %Y\" = \"%-d. %B %Y\"\n",
    );
    newsroom.write(
        "news/de.md",
        "+++\ntitle = \"Otter\"\ndate = 2024-11-22\nlanguage = \"de\"\n+++\nText.\n",
    );
    let told = stderr(&newsroom.tidings(&["check"]).assert().success());
    assert!(told.contains("not translated into 'de'"), "{told}");
    // At the table to which the words are to be added.
    let lines = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let line = lines
        .lines()
        .position(|line| line == "[language.de.strings]");
    let place = format!("feeds.toml:{}:14", line.unwrap() + 1);
    assert!(told.contains(&place), "no {place} in {told}");
    assert!(!told.contains("into 'ru'"), "{told}");
    newsroom.build();
    let page = newsroom.read("de/index.html");
    assert!(
        page.contains("Aktuelles") && page.contains("22. November 2024"),
        "{page}"
    );
    assert!(page.contains("Follow everything:"), "{page}");
}

#[test]
fn a_language_that_is_written_from_the_right_is_laid_out_so() {
    let newsroom = bilingual("main");
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    newsroom.write(
        "feeds.toml",
        configuration.replace("[\"en\", \"ru\"]", "[\"en\", \"ru\", \"ar\"]")
            + "[language.ar.strings]\n\"item\" = [\"لا مواد\", \"مادة\", \"مادتان\", \"مواد\", \"مادة\", \"مادة\"]\n",
    );
    newsroom.write("news/ar.md", "+++\ntitle = \"عاد ثعلب الماء إلى النهر\"\ndate = 2024-11-22\nlanguage = \"ar\"\ntopic = \"Water\"\n+++\nنص قصير.\n");
    newsroom.build();
    let page = newsroom.read("ar/index.html");
    assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">"), "{page}");
    let feed = newsroom.feed("ar/topic/water/atom.xml");
    assert_eq!(feed.language.as_deref(), Some("ar"));
    assert!(
        newsroom
            .read("ar/topic/water/index.html")
            .contains("1 مادة")
    );
    // Sides are logical, so that the style needs no second version.
    let style = newsroom.read("style.css");
    for physical in [
        "margin-left",
        "margin-right",
        "padding-left",
        "padding-right",
        "text-align: left",
        "text-align: right",
        "border-left",
        "border-right",
        " left:",
        " right:",
    ] {
        assert!(!style.contains(physical), "{physical}");
    }
}

#[test]
fn wrong_languages_are_told_with_their_mend() {
    let newsroom = bilingual("main");
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    for (from, to, message) in [
        (
            "language = \"en\"\n",
            "language = \"fr\"\n",
            "the main language 'fr' is not among 'languages'",
        ),
        (
            "[\"en\", \"ru\"]",
            "[\"en\", \"ru\", \"EN\"]",
            "the language 'EN' is listed already",
        ),
        ("[\"en\", \"ru\"]", "[]", "no language"),
        (
            "[\"en\", \"ru\"]",
            "[\"en\", \"topic\"]",
            "'topic' is not a language tag",
        ),
        (
            "name = \"Topic\"\n",
            "name = \"Topic\"\nslug = \"ru\"\n",
            "is the folder of a language",
        ),
        ("root = \"main\"", "root = \"mian\"", "did you mean 'main'?"),
        (
            "title = \"Пресс-центр\"\n",
            "titel = \"Пресс-центр\"\n",
            "did you mean 'title'?",
        ),
    ] {
        newsroom.write("feeds.toml", configuration.replace(from, to));
        newsroom
            .tidings(&["check"])
            .assert()
            .failure()
            .stderr(contains(message));
    }
    newsroom.write(
        "feeds.toml",
        configuration.replace("names = { ru = \"Реки\" }", "names = { rru = \"Реки\" }"),
    );
    newsroom
        .tidings(&["check"])
        .assert()
        .stderr(contains("the site has no language 'rru'"))
        .stderr(contains("did you mean 'ru'?"));
}
