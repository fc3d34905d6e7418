//! Sitemaps: which files there are, what each holds, and when it is made again.
//!
//! Items stand in a file for each month of their dates, so that one new item among many makes one
//! small file anew. Topics and other pages stand in a file of their own, without dates: each item
//! changes many of them, and what is new stands in the items' files.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use url::Url;

use super::{Publisher, Unit};
use crate::catalog::{Number, Record, Topic};
use crate::discovery::sitemap::{self, MOST_NEWS, NEWS_HOURS, News, Place};
use crate::discovery::{robots, security};
use crate::entry::{Translation, from_milliseconds};
use crate::fingerprint::Fingerprint;
use crate::page;

/// A sitemap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sitemap {
    /// The items of a month: its first day.
    Month(NaiveDate),
    /// What was published in the last two days.
    News,
    /// Home pages, topics and digests.
    Pages,
    /// The list of the others.
    Index,
}

const INDEX: &str = "sitemap.xml";
const NEWS: &str = "sitemap/news.xml";

impl Publisher<'_> {
    /// The sitemaps there are, `robots.txt` and `security.txt`.
    pub(super) fn discovery_units(&self) -> Vec<Unit> {
        let months = self.months();
        let mut units = self.changing_units();
        units.extend(months.into_iter().map(Sitemap::Month).map(Unit::Sitemap));
        let config = &self.setup.config;
        // Both are read at the root of a host alone.
        if config.site.is_host() {
            units.extend(config.discovery.robots.then_some(Unit::Robots));
            units.extend(config.discovery.security.as_ref().map(|_| Unit::Security));
        }
        units
    }

    /// The sitemaps that any change or the clock may touch.
    fn changing_units(&self) -> Vec<Unit> {
        if !self.has_sitemaps() {
            return Vec::new();
        }
        let news = (!self.news().is_empty()).then_some(Sitemap::News);
        let sitemaps = news.into_iter().chain([Sitemap::Pages, Sitemap::Index]);
        sitemaps.map(Unit::Sitemap).collect()
    }

    /// The sitemaps that a change of these items touches, and the paths of those that may be
    /// there no more.
    pub fn sitemap_units<'r>(
        &self,
        records: impl Iterator<Item = &'r Record>,
    ) -> (Vec<Unit>, Vec<String>) {
        if !self.has_sitemaps() {
            return (Vec::new(), Vec::new());
        }
        let months: BTreeSet<NaiveDate> = records
            .filter_map(|record| record.identity())
            .map(|identity| month(from_milliseconds(identity.published)))
            .collect();
        let mut units = self.changing_units();
        let mut stale = vec![NEWS.to_owned()];
        for month in months {
            let parts = self.in_month(month).len().div_ceil(self.most());
            stale.push(part(&month.format("sitemap/%Y-%m").to_string(), parts));
            if parts > 0 {
                units.push(Unit::Sitemap(Sitemap::Month(month)));
            }
        }
        (units, stale)
    }

    fn has_sitemaps(&self) -> bool {
        let config = &self.setup.config;
        config.pages.enabled && config.discovery.sitemaps
    }

    /// When the first item leaves the news sitemap, in milliseconds since 1970.
    pub fn news_until(&self) -> Option<DateTime<Utc>> {
        let oldest = self.has_sitemaps().then(|| self.news())?.pop()?;
        let identity = self.catalog.get(oldest)?.identity()?;
        from_milliseconds(identity.published).checked_add_signed(TimeDelta::hours(NEWS_HOURS))
    }

    fn most(&self) -> usize {
        sitemap::most(self.setup.config.site.languages.len())
    }

    /// The items of the last two days, newest first.
    fn news(&self) -> Vec<Number> {
        let since = self.now.checked_sub_signed(TimeDelta::hours(NEWS_HOURS));
        let since = since.map_or(i64::MIN, |since| since.timestamp_millis());
        let published = |number: &Number| {
            let identity = self.catalog.get(*number)?.identity()?;
            Some(identity.published)
        };
        self.catalog
            .newest_first(&self.setup.config)
            .take_while(|number| published(number).is_some_and(|published| published > since))
            .take(MOST_NEWS)
            .collect()
    }

    /// The months that have items, newest first.
    fn months(&self) -> BTreeSet<NaiveDate> {
        let mut months = BTreeSet::new();
        if !self.has_sitemaps() {
            return months;
        }
        for topic in self.lists_of_all() {
            let mut rest = self.catalog.items(topic);
            while let Some(identity) = rest
                .first()
                .and_then(|number| self.catalog.get(*number)?.identity())
            {
                let month = month(from_milliseconds(identity.published));
                months.insert(month);
                let (start, _) = bounds(month);
                let older = self.catalog.published_between(topic, i64::MIN, start);
                if older.len() >= rest.len() {
                    break;
                }
                rest = older;
            }
        }
        months
    }

    /// The lists that hold every item between them.
    fn lists_of_all(&self) -> Vec<Topic> {
        self.languages()
            .map(|language| Topic::ALL.in_language(language))
            .collect()
    }

    /// The items of a month, newest first, one language after the other.
    fn in_month(&self, month: NaiveDate) -> Vec<Number> {
        let (start, end) = bounds(month);
        let topics = self.lists_of_all();
        if let [topic] = topics[..] {
            return self.catalog.published_between(topic, start, end).to_vec();
        }
        let mut seen = BTreeSet::new();
        let mut items = Vec::new();
        for topic in topics {
            let of_language = self.catalog.published_between(topic, start, end);
            items.extend(of_language.iter().filter(|number| seen.insert(**number)));
        }
        items
    }

    pub(super) fn sitemap_paths(&self, sitemap: Sitemap) -> Vec<String> {
        let parts = |count: usize, stem: &str| {
            let count = count.div_ceil(self.most()).max(1);
            (0..count).map(|number| part(stem, number)).collect()
        };
        match sitemap {
            Sitemap::Index => vec![INDEX.to_owned()],
            Sitemap::News => vec![NEWS.to_owned()],
            Sitemap::Pages => parts(self.page_count(), "sitemap/pages"),
            Sitemap::Month(month) => {
                let stem = month.format("sitemap/%Y-%m").to_string();
                parts(self.in_month(month).len(), &stem)
            }
        }
    }

    pub(super) fn sitemap_inputs(&self, start: Fingerprint, sitemap: Sitemap) -> u64 {
        match sitemap {
            Sitemap::Index => {
                let files = self.files_of_index();
                files.iter().fold(start, |all, one| all.text(one)).finish()
            }
            Sitemap::News => self.news_inputs(start).finish(),
            Sitemap::Pages => {
                let inputs = self
                    .all_topics()
                    .into_iter()
                    .fold(start, |all, topic| all.text(&self.folder(topic)));
                let issues = self.issue_units();
                let paths = issues.iter().flat_map(|unit| self.paths(unit));
                paths.fold(inputs, |all, path| all.text(&path)).finish()
            }
            Sitemap::Month(month) => self
                .in_month(month)
                .into_iter()
                .filter_map(|number| self.place_of(number))
                .fold(start, |inputs, place| {
                    let changed = place.changed.map_or(0, |changed| changed.timestamp());
                    let inputs = inputs.text(&place.url).number(changed.cast_unsigned());
                    place.translations.iter().fold(inputs, |inputs, one| {
                        inputs.text(&one.language).text(&one.url)
                    })
                })
                .finish(),
        }
    }

    /// Adds what the news sitemap is made from to a fingerprint.
    pub(super) fn news_inputs(&self, inputs: Fingerprint) -> Fingerprint {
        match self.has_sitemaps() {
            true => self.views(inputs, &self.news()),
            false => inputs,
        }
    }

    /// A sitemap's files.
    pub(super) fn sitemap(&self, sitemap: Sitemap) -> Vec<(String, Vec<u8>)> {
        let places = match sitemap {
            Sitemap::Index => {
                let files: Vec<String> = self.files_of_index();
                let urls: Vec<String> = files.iter().map(|path| self.address(path)).collect();
                return vec![(INDEX.to_owned(), sitemap::index(&urls))];
            }
            Sitemap::News => {
                let places = self
                    .news()
                    .into_iter()
                    .filter_map(|item| self.news_place(item));
                places.collect()
            }
            Sitemap::Pages => self.page_places(),
            Sitemap::Month(month) => {
                let items = self.in_month(month).into_iter();
                items
                    .filter_map(|number| self.place_of(number))
                    .collect::<Vec<_>>()
            }
        };
        let most = self.most();
        let parts = places.chunks(most).map(sitemap::render);
        self.sitemap_paths(sitemap).into_iter().zip(parts).collect()
    }

    fn files_of_index(&self) -> Vec<String> {
        let months = self.months().into_iter().rev().map(Sitemap::Month);
        let news = (!self.news().is_empty()).then_some(Sitemap::News);
        news.into_iter()
            .chain([Sitemap::Pages])
            .chain(months)
            .flat_map(|sitemap| self.sitemap_paths(sitemap))
            .collect()
    }

    /// The address of a path, percent-encoded.
    fn address(&self, path: &str) -> String {
        encoded(&format!("{}{path}", self.setup.config.site.base_url))
    }

    fn place_of(&self, number: Number) -> Option<Place> {
        let identity = self.catalog.get(number)?.identity()?;
        Some(Place {
            url: self.address(&format!("news/{}/", identity.page)),
            changed: Some(from_milliseconds(identity.updated)),
            translations: encoded_all(self.translations_of_item(number)),
            news: None,
        })
    }

    fn news_place(&self, number: Number) -> Option<Place> {
        // What cannot be read back is told where it is needed.
        let entry = self.entry_without_content(number).ok()?;
        let config = &self.setup.config;
        let section = crate::catalog::language_of(config, self.catalog.get(number)?);
        let primary = entry.language.split('-').next().unwrap_or_default();
        Some(Place {
            changed: None,
            news: Some(News {
                publication: config.site.language(section).title.clone(),
                language: primary.to_ascii_lowercase(),
                published: entry.published,
                title: entry.title,
            }),
            ..self.place_of(number)?
        })
    }

    fn page_count(&self) -> usize {
        let facets = self.setup.config.feeds.facets.len();
        let languages = self.setup.config.site.languages.len();
        let digests: usize = self
            .editions
            .iter()
            .map(|editions| editions.len() + 1)
            .sum();
        self.all_topics().len() + (facets + 1) * languages + digests
    }

    fn page_places(&self) -> Vec<Place> {
        let place = |url: String, translations: Vec<Translation>| Place {
            url: encoded(&url),
            changed: None,
            translations: encoded_all(translations),
            news: None,
        };
        let config = &self.setup.config;
        let mut topics = self.all_topics();
        topics.sort_unstable();
        topics.dedup();
        let mut places: Vec<Place> = topics
            .into_iter()
            .map(|topic| place(self.url(topic), self.translations_of(topic.subject)))
            .collect();
        for language in self.languages() {
            let home = config.site.home(language);
            let facets = config.feeds.facets.iter();
            let slugs = facets.map(|facet| config.taxonomy.facet(*facet).slug.as_str());
            for path in slugs.chain(["subscribe"]) {
                places.push(place(format!("{home}{path}/"), self.translations_at(path)));
            }
        }
        for (digest, editions) in config.digests.iter().zip(self.editions) {
            let home = format!("{}digests/{}/", config.site.base_url, digest.slug);
            places.push(place(home, Vec::new()));
            let issues = editions.iter().map(|edition| &edition.issue);
            places.extend(issues.map(|issue| place(issue.url.clone(), Vec::new())));
        }
        places
    }

    /// `robots.txt`.
    pub(super) fn robots(&self) -> Vec<u8> {
        let sitemap = self.has_sitemaps().then(|| self.address(INDEX));
        robots::render(&self.setup.config.discovery.rules, sitemap.as_deref())
    }

    /// `security.txt`.
    pub(super) fn security(&self) -> Vec<u8> {
        let security = self.setup.config.discovery.security.as_ref();
        security.map_or(Vec::new(), |found| {
            security::render(found, &self.address(page::SECURITY))
        })
    }
}

/// The path of a part of a sitemap: the first has no number.
fn part(stem: &str, number: usize) -> String {
    match number {
        0 => format!("{stem}.xml"),
        number => format!("{stem}-{}.xml", number + 1),
    }
}

/// The first day of the month, in UTC, that a moment lies in.
fn month(moment: DateTime<Utc>) -> NaiveDate {
    let day = moment.date_naive();
    day.with_day(1).unwrap_or(day)
}

/// When a month begins and ends, in milliseconds since 1970.
fn bounds(month: NaiveDate) -> (i64, i64) {
    let start = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    let next = month.checked_add_months(Months::new(1));
    (start(month), next.map_or(i64::MAX, start))
}

fn encoded(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), Into::into)
}

fn encoded_all(translations: Vec<Translation>) -> Vec<Translation> {
    let encode = |one: Translation| Translation {
        url: encoded(&one.url),
        ..one
    };
    translations.into_iter().map(encode).collect()
}
