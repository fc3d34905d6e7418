//! Feeds that nobody configured: any selection, when somebody asks for it.
//!
//! The selection comes in its normal form, so that what follows from it (the feed's id, its
//! address) is the same however somebody wrote it.

use url::Url;

use super::{Publisher, entries};
use crate::catalog::{Catalog, Number, matches};
use crate::config::Config;
use crate::diagnostic::Problem;
use crate::feed::{self, Feed, Format, RelatedLink};
use crate::language::LanguageId;
use crate::selection::Selection;

/// The path of feeds on demand, below the site's root.
pub const FEED_PATH: &str = "feed";

/// The path of the page on which people put feeds together, below the site's root.
pub const BUILD_PATH: &str = "build/";

/// The address of the feed of a selection, without its format.
fn address(base_url: &Url, selection: &str) -> String {
    format!("{base_url}{FEED_PATH}?select={}", encode(selection))
}

/// The one address of the feed of a selection (its text in normal form) in a format.
pub fn feed_url(base_url: &Url, selection: &str, format: Format) -> String {
    format!("{}&format={}", address(base_url, selection), format.word())
}

/// The page that shows the newest entries of a selection.
pub fn build_url(base_url: &Url, selection: &str) -> String {
    format!("{base_url}{BUILD_PATH}?select={}", encode(selection))
}

/// A text as a value of a form, as readable as RFC 3986, section 3.4 allows: what selections are
/// made of stays, and a space becomes `+`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-_.~:()*".contains(&byte) => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The items that a selection has, newest first, each looked for when it is asked for: among
/// those of the terms that it needs, where it needs any, and no further back than it goes.
pub fn selected<'s>(
    config: &'s Config,
    catalog: &'s Catalog,
    selection: &'s Selection,
) -> impl Iterator<Item = Number> + 's {
    let candidates: Box<dyn Iterator<Item = Number>> =
        match selection.terms_needed(|term| catalog.count(config, term)) {
            Some(terms) => Box::new(catalog.newest_of(config, &terms)),
            None => Box::new(catalog.newest_first(config)),
        };
    let earliest = selection.earliest().map(|moment| moment.timestamp_millis());
    let records = candidates.filter_map(|number| Some((number, catalog.get(number)?)));
    records
        .take_while(move |(_, record)| {
            let published = record.identity().map(|identity| identity.published);
            earliest.is_none_or(|earliest| published.is_some_and(|at| at >= earliest))
        })
        .filter(|(_, record)| matches(config, record, selection))
        .map(|(number, _)| number)
}

impl Publisher<'_> {
    /// The items that a selection has: see [`selected`].
    pub fn selected<'s>(&'s self, selection: &'s Selection) -> impl Iterator<Item = Number> + 's {
        selected(&self.setup.config, self.catalog, selection)
    }

    /// The feed of a selection in normal form, of its newest items.
    ///
    /// # Errors
    /// When a content cannot be read back.
    pub fn feed_on_demand(&self, selection: &Selection) -> Result<Feed, Problem> {
        let config = &self.setup.config;
        let site = &config.site;
        let items: Vec<Number> = self.selected(selection).take(config.feeds.limit).collect();
        let entries = self.entries_of(&items)?;
        let updated = match entries.is_empty() {
            false => entries::last_updated(&entries),
            // What is not there is as old as the newest of what is.
            true => {
                let newest: Vec<Number> = self.catalog.newest_first(config).take(1).collect();
                entries::last_updated(&self.entries_of(&newest)?)
            }
        };
        let main = site.phrases.words(&site.language);
        let words = selection.words_in(&config.taxonomy, LanguageId::MAIN, main);
        Ok(Feed {
            id: format!(
                "tag:{}:{FEED_PATH}?select={}",
                site.tag_authority,
                encode(&selection.text)
            ),
            title: format!("{words} – {}", site.title),
            description: main.fill(
                "{title}: news from {site}.",
                &[("title", &words), ("site", &site.title)],
            ),
            home: build_url(&site.base_url, &selection.text),
            updated,
            entries,
            formats: Format::ALL.to_vec(),
            related: vec![RelatedLink {
                url: site.base_url.to_string(),
                title: site.title.clone(),
            }],
            on_demand: Some(address(&site.base_url, &selection.text)),
            // It has no hubs: those are told of files alone.
            ..feed::of_site(site, &config.feeds)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;
    use crate::catalog::{Identity, Record, State, TermTag};
    use crate::tag::Origin;
    use crate::taxonomy::TermId;

    const CONFIGURATION: &str = r#"
        [site]
        title = "News"
        base_url = "https://news.example.org/"
        language = "en"
        languages = ["en", "ru"]
        root = "main"
        [facet.topic]
        name = "Topic"
        terms = [{ name = "A" }, { name = "B" }, { name = "C" }, { name = "D" }]
        [facet.place]
        name = "Place"
        terms = [{ name = "E" }, { name = "F" }]
        [feeds]
        facets = ["topic"]
    "#;

    const DAY: i64 = 86_400_000;

    fn configuration() -> Config {
        crate::config::read(CONFIGURATION, Path::new("feeds.toml"))
            .unwrap()
            .0
    }

    /// Item `number`, of a day, with the terms whose bits are set.
    fn record(number: usize, day: i64, terms: u16, russian: bool) -> Record {
        let tag = |term| TermTag {
            term: TermId(term),
            origin: Origin::Stated,
            direct: true,
        };
        Record {
            path: format!("news/{number}.md").into(),
            stat: crate::catalog::Stat::default(),
            state: State::Live(Identity {
                id: format!("tag:{number}").into(),
                page: format!("2024/{number}").into(),
                published: day * DAY,
                updated: day * DAY,
                sequence: number as u64 + 1,
            }),
            terms: (0..6)
                .filter(|term| terms >> term & 1 == 1)
                .map(tag)
                .collect(),
            refused: Box::default(),
            language: russian.then(|| "ru".into()),
            translation: None,
            kind: None,
            view: 0,
            content: crate::catalog::Extent::default(),
            files: Box::default(),
            problems: Box::default(),
        }
    }

    /// What looking at every item finds.
    fn by_looking_at_all(config: &Config, catalog: &Catalog, selection: &Selection) -> Vec<Number> {
        let all = catalog.records();
        let mut found: Vec<Number> = all
            .filter(|(_, record)| matches(config, record, selection))
            .map(|(number, _)| number)
            .collect();
        catalog.sort_newest_first(&mut found);
        found
    }

    const SELECTIONS: [&str; 12] = [
        "*",
        "topic:a",
        "topic:(a or b)",
        "topic:(a and b)",
        "topic:a and not topic:b",
        "topic:a or place:e",
        "topic:(a or b) and place:e",
        "place:f",
        "not topic:a",
        "topic:a and language:ru",
        "topic:(c or d) and after:1970-01-20",
        "after:1970-01-10 and before:1970-01-20",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_selection_has_the_items_that_looking_at_all_finds(
            items in proptest::collection::vec((0_i64..40, 0_u16..64, any::<bool>()), 0..60),
        ) {
            let config = configuration();
            let items = items.into_iter().enumerate();
            let records = items.map(|(number, (day, terms, russian))| record(number, day, terms, russian));
            let catalog = Catalog::load(&config, records.collect());
            for text in SELECTIONS {
                let selection = Selection::parse(text, &config.taxonomy).unwrap();
                let found: Vec<Number> = selected(&config, &catalog, &selection).collect();
                prop_assert_eq!(found, by_looking_at_all(&config, &catalog, &selection), "{}", text);
            }
        }
    }

    #[test]
    #[ignore = "a measurement: run it alone, in a release build, with --nocapture"]
    fn how_long_a_feed_of_100_000_items_takes() {
        let config = configuration();
        // Every hundredth item bears a topic, by turns.
        let records = (0..100_000).map(|number| {
            let terms = if number % 100 == 0 {
                1 << (number / 100 % 4)
            } else {
                1 << 4
            };
            record(number, number as i64 / 10, terms, number % 7 == 0)
        });
        let catalog = Catalog::load(&config, records.collect());
        for text in SELECTIONS {
            let selection = Selection::parse(text, &config.taxonomy).unwrap();
            let start = Instant::now();
            let newest = selected(&config, &catalog, &selection).take(50).count();
            let feed = start.elapsed();
            let start = Instant::now();
            let all = selected(&config, &catalog, &selection).count();
            let page = start.elapsed();
            let start = Instant::now();
            by_looking_at_all(&config, &catalog, &selection);
            let before = start.elapsed();
            println!("{text}: {newest} of {all}, feed {feed:?}, all {page:?}, before {before:?}");
        }
    }
}
