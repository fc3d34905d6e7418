//! The labels and keys under which items state things, compiled for looking up.

use std::collections::HashMap;

use crate::config::Labels;
use crate::diagnostic;
use crate::taxonomy::{FacetId, Taxonomy};

/// What a label or a key speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Slug,
    Title,
    Published,
    Updated,
    Embargo,
    Withdrawn,
    Draft,
    Correction,
    Language,
    /// The item that this one translates.
    TranslationOf,
    /// What all translations of one item share.
    Translations,
    Kind,
    Summary,
    Image,
    Enclosures,
    Link,
    /// Terms that an editor says the item bears, whatever else says.
    AcceptedTags,
    /// Terms that an editor says it does not.
    RejectedTags,
    /// A table whose keys are facets, as Zola has it.
    Taxonomies,
    Facet(FacetId),
}

/// Names that need no configuration. Those of `feeds.toml` come on top.
const BUILT_IN: &[(Field, &[&str])] = &[
    (Field::Id, &["id", "guid"]),
    (Field::Slug, &["slug"]),
    (Field::Title, &["title", "headline"]),
    (Field::Published, &["date", "published", "date_published"]),
    (
        Field::Updated,
        &["updated", "modified", "lastmod", "date_modified"],
    ),
    (Field::Embargo, &["embargo", "publish_at"]),
    (Field::Withdrawn, &["withdrawn"]),
    (Field::Draft, &["draft"]),
    (Field::Correction, &["correction"]),
    (Field::Language, &["language", "lang"]),
    (Field::TranslationOf, &["translation_of"]),
    (Field::Translations, &["translations", "translation_key"]),
    (Field::Kind, &["type", "kind"]),
    (Field::Summary, &["summary", "description", "lead"]),
    (Field::Image, &["image", "images"]),
    (
        Field::Enclosures,
        &["enclosures", "enclosure", "attachments"],
    ),
    (Field::Link, &["link", "canonical", "external_url"]),
    (Field::AcceptedTags, &["accepted_tags"]),
    (Field::RejectedTags, &["rejected_tags"]),
    (Field::Taxonomies, &["taxonomies"]),
];

/// All labels and keys, normalised, with what they speak of.
#[derive(Debug, Clone)]
pub(super) struct Lookup {
    fields: HashMap<String, Field>,
    names: Vec<String>,
}

impl Lookup {
    /// Compiles the names of the facets, of `[items.labels]` and of this program. Where two
    /// claim one name, a facet wins over `[items.labels]`, and that over what is built in.
    pub(super) fn new(labels: &Labels, taxonomy: &Taxonomy) -> Lookup {
        let mut lookup = Lookup {
            fields: HashMap::new(),
            names: Vec::new(),
        };
        for (id, facet) in taxonomy.facets() {
            let field = Field::Facet(id);
            for name in [&facet.key, &facet.name, &facet.plural] {
                lookup.add(name, field);
            }
            // `departments`, as other generators name their taxonomies.
            lookup.add(&format!("{}s", facet.key), field);
            for label in &facet.labels {
                lookup.add(label, field);
            }
        }
        for (field, names) in [
            (Field::Title, &labels.title),
            (Field::Published, &labels.published),
            (Field::Updated, &labels.updated),
            (Field::Embargo, &labels.embargo),
            (Field::Kind, &labels.kind),
            (Field::Language, &labels.language),
            (Field::Summary, &labels.summary),
        ] {
            for name in names {
                lookup.add(name, field);
            }
        }
        for (field, names) in BUILT_IN {
            for name in *names {
                lookup.add(name, *field);
            }
        }
        lookup
    }

    fn add(&mut self, name: &str, field: Field) {
        let normalised = normalise(name);
        if !normalised.is_empty() && !self.fields.contains_key(&normalised) {
            self.fields.insert(normalised, field);
            self.names.push(name.to_owned());
        }
    }

    /// What `label` speaks of, if anything.
    pub(super) fn field(&self, label: &str) -> Option<Field> {
        self.fields.get(normalise(label).as_str()).copied()
    }

    /// The known name that an unknown one was most likely meant to be.
    pub(super) fn nearest(&self, name: &str) -> Option<&str> {
        diagnostic::did_you_mean(name, self.names.iter().map(String::as_str))
    }
}

/// A label without regard to case, white space, hyphens, underscores and the colon at its end.
fn normalise(label: &str) -> String {
    let label = label.trim().trim_end_matches([':', '：']);
    if label.is_ascii() {
        // Keys of front matter nearly always are.
        let bytes = label.bytes();
        // The vertical tab is white space to Unicode alone.
        let is_dropped =
            |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'-' | b'_' | 0x0B);
        let kept = bytes.filter(|byte| !is_dropped(*byte));
        return kept
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    label
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a line is the name of a sort of news, as pages show it above the title.
pub(super) fn is_kind(line: &str) -> bool {
    const KINDS: &[&str] = &[
        "announcement",
        "article",
        "blog",
        "dailyreport",
        "factsheet",
        "featurestory",
        "interview",
        "mediaadvisory",
        "mediarelease",
        "news",
        "newsbrief",
        "newsitem",
        "newsrelease",
        "opinion",
        "pressadvisory",
        "pressrelease",
        "pressstatement",
        "publicstatement",
        "report",
        "speech",
        "spotreport",
        "statement",
        "story",
        "weeklyreport",
    ];
    line.len() <= 40 && KINDS.binary_search(&normalise(line).as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::fixtures;

    #[test]
    fn labels_are_found_however_they_are_written() {
        let lookup = fixtures::lookup();
        for label in [
            "Issued on:",
            "issued_on",
            "ISSUED-ON",
            " Issued  On : ",
            "Publishing date",
        ] {
            assert_eq!(lookup.field(label), Some(Field::Published), "{label}");
        }
        for label in [
            "field_of_work",
            "Fields of work",
            "What we do:",
            "FIELD-OF-WORKS",
        ] {
            assert_eq!(
                lookup.field(label),
                Some(Field::Facet(FacetId(0))),
                "{label}"
            );
        }
        for label in ["departments", "Issued by", "Where we are"] {
            assert_eq!(
                lookup.field(label),
                Some(Field::Facet(FacetId(1))),
                "{label}"
            );
        }
        assert_eq!(lookup.field("https"), None);
        assert_eq!(lookup.field(""), None);
    }

    #[test]
    fn a_mistyped_key_is_recognised() {
        assert_eq!(fixtures::lookup().nearest("titel"), Some("title"));
        assert_eq!(fixtures::lookup().nearest("menu_order"), None);
    }

    #[test]
    fn kinds_are_recognised_as_pages_write_them() {
        for line in ["News Item", "Press release", "SPOT REPORT", "News"] {
            assert!(is_kind(line), "{line}");
        }
        assert!(!is_kind("Report on the conference"));
    }
}
