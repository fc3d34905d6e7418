//! Links between translations.

use crate::common::{self, Newsroom, stderr};
use crate::{bilingual, links};

/// An item in Russian with this line in its front matter.
fn translation(title: &str, line: &str) -> String {
    format!(
        "+++\ntitle = \"{title}\"\ndate = 2024-11-20\nlanguage = \"ru\"\n{line}\n+++\n\nТекст.\n"
    )
}

const ENGLISH: &str = "news/2024/the-river-rises/index.html";
const TRANSLATED: &str = "news/2024/reka-podnimaetsia/index.html";

/// Whether the two items are linked both ways, by people and by machines.
fn are_linked(newsroom: &Newsroom) -> bool {
    let head = |path| links(newsroom, path, "head link[hreflang]");
    let body = |path| links(newsroom, path, "article dd a[hreflang]");
    let english = (
        "en".to_owned(),
        "../../../news/2024/the-river-rises/".to_owned(),
    );
    let russian = (
        "ru".to_owned(),
        "../../../news/2024/reka-podnimaetsia/".to_owned(),
    );
    let tags: Vec<String> = head(ENGLISH).into_iter().map(|(tag, _)| tag).collect();
    tags == ["en", "ru", "x-default"]
        && head(ENGLISH) == head(TRANSLATED)
        && body(ENGLISH) == [russian]
        && body(TRANSLATED) == [english]
}

#[test]
fn translations_are_linked_both_ways_however_they_state_it() {
    for (file, line) in [
        ("news/reka.md", "translation_of = \"flood.md\""),
        ("news/ru/reka.md", "translation_of = \"../flood.md\""),
        ("news/ru/reka.md", "translation_of = \"news/flood.md\""),
        (
            "news/reka.md",
            "translation_of = \"tag:example.org,2024:flood\"",
        ),
        ("news/flood.ru.md", ""),
        ("news/reka.md", "translations = \"the-flood\""),
    ] {
        let newsroom = bilingual("main");
        let flood = common::item("The river rises", "2024-11-20", "Text.").replace(
            "\ndate",
            "\ntranslations = \"the-flood\"\nid = \"tag:example.org,2024:flood\"\ndate",
        );
        newsroom.write("news/flood.md", flood);
        newsroom.write(file, translation("Река поднимается", line));
        let told = stderr(&newsroom.tidings(&["build"]).assert().success());
        assert!(are_linked(&newsroom), "{file} {line}:\n{told}");
        // The whole again from what is remembered: nothing is written anew.
        let before = newsroom.output();
        newsroom.build();
        assert_eq!(before, newsroom.output(), "{file} {line}");
    }
}

#[test]
fn a_translation_that_comes_or_goes_changes_the_page_of_the_other() {
    let newsroom = bilingual("main");
    newsroom.build();
    assert_eq!(links(&newsroom, ENGLISH, "head link[hreflang]"), []);
    newsroom.write("news/flood.ru.md", translation("Река поднимается", ""));
    newsroom.build();
    assert!(are_linked(&newsroom));
    std::fs::remove_file(newsroom.path("news/flood.ru.md")).unwrap();
    newsroom.build();
    assert_eq!(links(&newsroom, ENGLISH, "head link[hreflang]"), []);
}

#[test]
fn a_file_name_tells_the_language_only_where_the_site_has_it() {
    let newsroom = bilingual("main");
    newsroom.write(
        "news/notes.de.md",
        common::item("Notes", "2024-11-22", "Text."),
    );
    newsroom.write(
        "news/wal.ru.md",
        common::item("Кит", "2024-11-22", "Текст.").replace("Water", "Energy"),
    );
    newsroom.build();
    assert_eq!(newsroom.titles("atom.xml"), ["Notes", "The river rises"]);
    assert_eq!(newsroom.titles("ru/topic/energy/atom.xml"), ["Кит"]);
}

#[test]
fn a_broken_link_between_translations_is_told() {
    let newsroom = bilingual("main");
    for (line, message) in [
        (
            "translation_of = \"fload.md\"",
            "'fload.md', which this item is a translation of, is not there",
        ),
        ("translation_of = \"tag:example.org:x\"", "is not there"),
        (
            "translations = \"alone\"",
            "no other item states 'translations = \"alone\"'",
        ),
        (
            "translation_of = \"otter.md\"\nlanguage = \"ru-BY\"",
            "is in the same language, 'ru-by'",
        ),
        (
            "translation_of = \"later.md\"",
            "'news/later.md', which this item is a translation of, is not published",
        ),
    ] {
        newsroom.write(
            "news/later.md",
            "+++\ntitle = \"Later\"\ndate = 2199-01-01\n+++\nText.\n",
        );
        let text = translation("Река", line);
        let text = if line.contains("language") {
            text.replacen("language = \"ru\"\n", "", 1)
        } else {
            text
        };
        newsroom.write("news/reka.md", text);
        for command in ["check", "build"] {
            let told = stderr(&newsroom.tidings(&[command]).assert().success());
            assert!(
                told.contains(message) && told.contains("news/reka.md"),
                "{command} {line}:\n{told}"
            );
        }
    }
    newsroom.write(
        "news/reka.md",
        translation("Река", "translation_of = \"flood.md\""),
    );
    let told = stderr(&newsroom.tidings(&["build"]).assert().success());
    assert!(!told.contains("translation"), "{told}");
}
