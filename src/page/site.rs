//! What every page is given: the site as `site`, the page itself as `page`.

use serde::Serialize;

use crate::entry::Translation;
use crate::feed::Format;
use crate::language::{direction, lies_within, own_name};

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Plain text.
    pub name: String,
    /// Absolute URL.
    pub url: String,
}

/// A facet as pages name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetLink {
    /// Its key in `feeds.toml`: `field_of_work`.
    pub key: String,
    /// Its name: `Field of work`.
    pub name: String,
    /// The plural of its name: `Fields of work`.
    pub plural: String,
    /// Its page, an absolute URL.
    pub url: String,
}

/// A feed in one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedLink {
    /// What the feed holds: `Countering terrorism`.
    pub title: String,
    /// The format's name: `Atom`.
    pub format: &'static str,
    /// The format's MIME type.
    pub media_type: &'static str,
    /// The document, an absolute URL.
    pub url: String,
}

impl FeedLink {
    /// The feed of the page at `page_url` (absolute, with a slash at its end) in each of
    /// `formats`.
    pub fn all(title: &str, page_url: &str, formats: &[Format]) -> Vec<FeedLink> {
        formats
            .iter()
            .map(|format| FeedLink {
                title: title.to_owned(),
                format: format.name(),
                media_type: format.media_type(),
                url: format!("{page_url}{}", format.file_name()),
            })
            .collect()
    }
}

/// The site in one of its languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LanguageLink {
    /// BCP 47 tag.
    pub language: String,
    /// What the language calls itself.
    pub name: String,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// Its home page, an absolute URL.
    pub url: String,
}

impl LanguageLink {
    /// A link to a translation, under the name of its language.
    pub(super) fn of(translation: &Translation) -> LanguageLink {
        let language = &translation.language;
        LanguageLink {
            name: own_name(language).unwrap_or(language).to_owned(),
            direction: direction(language),
            language: language.clone(),
            url: translation.url.clone(),
        }
    }
}

/// A choice among the languages of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LanguageChoice {
    /// The language, with the page in it, or its home page where there is none.
    #[serde(flatten)]
    pub link: LanguageLink,
    /// Whether it is the page's own language.
    pub current: bool,
}

/// The site, as all its pages in one language show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Plain text.
    pub title: String,
    /// One sentence, plain text.
    pub description: String,
    /// Absolute URL with a slash at its end.
    pub base_url: String,
    /// The home page in the site's language, an absolute URL with a slash at its end: the base
    /// URL, or the folder of a further language below it.
    pub home: String,
    /// BCP 47 tag of the site's own words.
    pub language: String,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// Rights statement.
    pub rights: Option<String>,
    /// E-mail address of the editors.
    pub contact: Option<String>,
    /// Square icon, an absolute URL; `icon.svg` at the root where none is given.
    pub icon: Option<String>,
    /// The feeds of all items.
    pub feeds: Vec<FeedLink>,
    /// The OPML list of all feeds, an absolute URL.
    pub opml: String,
    /// The OPML directory of topics, an absolute URL.
    pub directory: String,
    /// The page on subscribing, an absolute URL.
    pub subscribe: String,
    /// The form for getting mail, an absolute URL, where a server has it.
    pub sign_up: Option<String>,
    /// The page on which people put feeds together, an absolute URL, where a server has it.
    pub build: Option<String>,
    /// The facets, in order.
    pub facets: Vec<FacetLink>,
    /// The newsletters: their names and the pages with their issues.
    pub digests: Vec<Link>,
    /// Its languages, the main one first.
    pub languages: Vec<LanguageLink>,
}

impl Site {
    /// The site's languages as choices, each with the page in it, if it is there.
    fn choices(&self, translations: &[Translation]) -> Vec<LanguageChoice> {
        if self.languages.len() < 2 {
            return Vec::new();
        }
        let choice = |link: &LanguageLink| {
            let page = translations
                .iter()
                .find(|translation| lies_within(&translation.language, &link.language));
            LanguageChoice {
                link: LanguageLink {
                    url: page.map_or(&link.url, |page| &page.url).clone(),
                    ..link.clone()
                },
                current: link.language == self.language,
            }
        };
        self.languages.iter().map(choice).collect()
    }

    /// The languages of the site besides this one.
    pub(super) fn other_languages(&self) -> impl Iterator<Item = &LanguageLink> {
        let languages = self.languages.iter();
        languages.filter(|other| other.language != self.language)
    }

    /// The path of `url` below the site's root, without slashes at either end.
    pub(super) fn path_below<'a>(&self, url: &'a str) -> &'a str {
        url.strip_prefix(&self.base_url)
            .unwrap_or("")
            .trim_matches('/')
    }

    /// The path of the base URL: `/`, `/news/`.
    pub(super) fn base_path(&self) -> &str {
        self.base_url
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))
            .unwrap_or("/")
    }
}

/// What the layout is told about a page. Whoever renders a template within the layout gives it
/// a `site` and a `page`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Plain text; empty where the template has the words.
    pub title: String,
    /// Plain text for search engines and previews; may be empty.
    pub description: String,
    /// Its address, absolute, with a slash at its end.
    pub url: String,
    /// The address that it is known by: its own, or that of the original elsewhere; empty for a
    /// page that has none.
    pub canonical: String,
    /// The way from the page to the site's root: `../../`.
    pub root: String,
    /// The BCP 47 tag of its language: the site's, even where it shows an item in another.
    pub language: String,
    /// `ltr` or `rtl`, by the language.
    pub direction: &'static str,
    /// The feeds that a reader finds by itself from the page's address.
    pub feeds: Vec<FeedLink>,
    /// The same page in each language that has it, its own included; none where it is alone.
    pub translations: Vec<Translation>,
    /// The one of them that is for everybody else, an absolute URL.
    pub default_translation: Option<String>,
    /// The languages of the site to choose from; none where it has but one.
    pub languages: Vec<LanguageChoice>,
    /// A picture for previews, an absolute URL.
    pub image: Option<String>,
    /// HTML of the site's header as seen from this page, where it was made beforehand.
    pub(super) header: Option<String>,
    /// HTML of the site's footer as seen from this page, where it was made beforehand.
    pub(super) footer: Option<String>,
}

impl Page {
    /// The page at `path` below the root of `site` (no slash at either end), which offers the
    /// feeds of the whole site.
    pub fn new(site: &Site, path: &str, title: &str, description: &str) -> Page {
        let (depth, url) = match path {
            "" => (0, site.base_url.clone()),
            path => (path.split('/').count(), format!("{}{path}/", site.base_url)),
        };
        Page {
            title: title.to_owned(),
            description: description.to_owned(),
            canonical: url.clone(),
            url,
            root: "../".repeat(depth),
            language: site.language.clone(),
            direction: site.direction,
            feeds: site.feeds.clone(),
            translations: Vec::new(),
            default_translation: None,
            languages: site.choices(&[]),
            image: None,
            header: None,
            footer: None,
        }
    }

    /// The same page, which is to be had in these languages. The main language's is for whoever
    /// reads none of them, or else the first.
    pub fn translated(self, site: &Site, translations: &[Translation]) -> Page {
        let main = site.languages.first().map(|main| &main.language);
        let default = translations
            .iter()
            .find(|translation| Some(&translation.language) == main)
            .or(translations.first());
        Page {
            default_translation: default.map(|translation| translation.url.clone()),
            languages: site.choices(translations),
            translations: translations.to_vec(),
            ..self
        }
    }
}
