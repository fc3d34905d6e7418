//! `[site]`: who publishes, where, and in which languages.

use std::sync::Arc;

use chrono_tz::Tz;
use url::Url;

use super::decode::Section;
use super::{defaults, languages, values};
use crate::language::{LanguageId, Phrasebook, lies_within};

/// Who publishes, and where.
#[derive(Debug, Clone)]
pub struct Site {
    /// Name of the site, plain text.
    pub title: String,
    /// One sentence about it.
    pub description: String,
    /// Absolute http(s) URL with a slash at its end, without query or fragment.
    pub base_url: Url,
    /// The authority and date part of minted `tag:` URIs (RFC 4151), `osce.example,2024`:
    /// must never change, even when the host name does. Defaults to the base URL's host and 2024.
    pub tag_authority: String,
    /// BCP 47 tag of items that state none: the main language's.
    pub language: String,
    /// The languages that have pages and feeds, by [`LanguageId`]; never empty.
    pub languages: Vec<Language>,
    /// What the feeds and pages at the root hold.
    pub root: Root,
    /// The words of all languages.
    pub phrases: Arc<Phrasebook>,
    /// The zone in which dates are read and shown.
    pub timezone: Tz,
    /// E-mail address of the editors.
    pub contact: Option<String>,
    /// Rights statement.
    pub rights: Option<String>,
    /// Square icon, absolute URL; the embedded one where none is given.
    pub icon: Option<Url>,
    /// Wide picture, absolute URL.
    pub logo: Option<Url>,
}

impl Site {
    /// Whether the site has a host of its own, so that files at its root are at the host's.
    pub fn is_host(&self) -> bool {
        self.base_url.path() == "/"
    }

    /// The language with this number.
    pub fn language(&self, id: LanguageId) -> &Language {
        &self.languages[usize::from(id.0)]
    }

    /// The languages with their numbers, the main one first.
    pub fn languages(&self) -> impl Iterator<Item = (LanguageId, &Language)> {
        (0u8..).map(LanguageId).zip(&self.languages)
    }

    /// Which of the site's languages a BCP 47 tag belongs to: that of the same tag, else of the
    /// tag without its last parts (`ru` for `ru-BY`).
    pub fn language_of(&self, tag: &str) -> Option<LanguageId> {
        self.languages()
            .filter(|(_, language)| lies_within(tag, &language.tag))
            .max_by_key(|(_, language)| language.tag.len())
            .map(|(id, _)| id)
    }

    /// The address below which a language's pages stand, with a slash at its end.
    pub fn home(&self, id: LanguageId) -> String {
        match self.language(id).folder.as_str() {
            "" => self.base_url.to_string(),
            folder => format!("{}{folder}/", self.base_url),
        }
    }
}

/// A language of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 tag: `ru`, `sr-Latn`.
    pub tag: String,
    /// The folder that its pages stand in; empty for the main language, whose stand at the root.
    pub folder: String,
    /// What it calls itself: `Русский`.
    pub name: String,
    /// The site's title in it.
    pub title: String,
    /// The site's description in it.
    pub description: String,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
}

/// What the feeds and pages at the root hold, where the site has several languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The items of every language: what was there before the site learned another one stays.
    All,
    /// Those that have no other place: in the main language, and in languages without pages.
    Main,
}

pub(super) fn read(document: &Section<'_, '_>) -> Option<Site> {
    let help = "add [site] with at least a 'title' and a 'base_url'";
    let section = document.required_section("site", help)?;
    let title = section.required_line("title", "\"News\"");
    section.require("base_url", "\"https://example.org/\"");
    let base_url = section.parsed("base_url", values::base_url);
    let description = section.text("description");
    let stated_authority = section.line("tag_authority");
    let stated_languages = languages::Stated::read(&section);
    let root = section.choice("root", &[("all", Root::All), ("main", Root::Main)]);
    let timezone = section.parsed("timezone", values::timezone);
    let contact = section.parsed("contact", values::address);
    let rights = section.text("rights");
    let icon = section.parsed("icon", values::web_url);
    let logo = section.parsed("logo", values::web_url);
    let tag_authority = match stated_authority {
        Some(line) => section
            .parse_line(line, values::tag_authority)
            .map(|authority| authority.value),
        None => base_url
            .as_ref()
            .and_then(|base_url| default_authority(base_url, &section)),
    };
    section.finish();
    let shown = title.as_ref().map_or("", |title| &title.value).to_owned();
    let description = description.map_or_else(|| shown.clone(), |text| text.value);
    let (languages, phrases) = languages::read(document, stated_languages, &shown, &description);
    Some(Site {
        description,
        title: title?.value,
        base_url: base_url?,
        tag_authority: tag_authority?,
        language: languages[0].tag.clone(),
        languages,
        root: root.unwrap_or(defaults::ROOT),
        phrases: Arc::new(phrases),
        timezone: timezone.unwrap_or(defaults::TIMEZONE),
        contact,
        rights: rights.map(|text| text.value),
        icon,
        logo,
    })
}

/// The host of the base URL and [`defaults::TAG_DATE`]; an IPv6 address cannot stand in a `tag:`
/// URI.
fn default_authority(base_url: &Url, section: &Section<'_, '_>) -> Option<String> {
    let host = base_url.host_str().unwrap_or_default();
    let authority = values::tag_authority(&format!("{host},{}", defaults::TAG_DATE));
    if authority.is_err() {
        section.require("tag_authority", "\"example.org,2024\"");
    }
    authority.ok()
}
