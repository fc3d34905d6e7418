//! Places: which country a city is of, and where those who issue items sit.
//!
//! The countries of the world, their inhabitants and cities are built in (`gazetteer.txt`); a
//! term's `places` add to them. Nothing here knows any organization.

mod dateline;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(super) use dateline::Dateline;

use aho_corasick::AhoCorasick;

use super::text::Folded;
use crate::taxonomy::names::Names;
use crate::taxonomy::{FacetId, Taxonomy, Term, TermId};

/// What stands in names before the place or the matter that they speak of.
pub(super) const PREPOSITIONS: [&str; 7] = ["in", "to", "for", "of", "on", "at", "against"];

/// A country of the gazetteer.
pub(super) struct Country {
    /// What it is called.
    pub(super) names: Vec<&'static str>,
    /// What its people and things are called, in English.
    pub(super) demonyms: Vec<&'static str>,
    /// Its cities, the capital first.
    pub(super) cities: Vec<&'static str>,
}

/// All countries that are known without being told.
static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let list = |text: &'static str, mark: char| -> Vec<&'static str> {
        let parts = text.split(mark).map(str::trim);
        parts.filter(|part| !part.is_empty()).collect()
    };
    include_str!("gazetteer.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut columns = line.split('|');
            let mut column = || columns.next().unwrap_or_default();
            Country {
                names: list(column(), ';'),
                demonyms: list(column(), ','),
                cities: list(column(), ','),
            }
        })
        .collect()
});

/// All countries that are known without being told.
pub(super) fn countries() -> &'static [Country] {
    &COUNTRIES
}

/// What the places of a taxonomy are and whose they are.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// What a place in a dateline speaks for, by its folded name.
    speaks: HashMap<String, Speaks>,
    /// What those who issue items are called once it is known which is meant, folded: what their
    /// names say before a place, and the last word of that.
    short_names: HashMap<TermId, Vec<String>>,
}

/// What a place in a dateline speaks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Speaks {
    /// Those who issue items and sit there, by their own account.
    pub(super) seats: Vec<TermId>,
    /// Those who issue items and are named after it or after its country.
    pub(super) named_after: Vec<TermId>,
    /// Terms of facets of places that it is, or is in.
    pub(super) countries: Vec<TermId>,
}

impl Places {
    pub(super) fn new(taxonomy: &Taxonomy, names: &Names) -> Places {
        let mut places = Places::default();
        for (facet, _) in taxonomy.facets().filter(|(_, facet)| facet.places) {
            for (id, term) in taxonomy.terms_of(facet) {
                for place in &term.places {
                    places.of(place).countries.push(id);
                }
            }
            for (id, country) in countries_of(names, facet) {
                for place in country.names.iter().chain(&country.cities) {
                    let speaks = places.of(place);
                    if !speaks.countries.contains(&id) {
                        speaks.countries.push(id);
                    }
                }
            }
        }
        let issuers = taxonomy.facets().filter(|(_, facet)| facet.issues);
        for (facet, _) in issuers {
            for (id, term) in taxonomy.terms_of(facet) {
                places.short_names.insert(id, short_names(&term.name));
                for place in &term.places {
                    places.of(place).seats.push(id);
                }
                for country in countries_in_names(term) {
                    for place in country.names.iter().chain(&country.cities) {
                        let speaks = places.of(place);
                        if !speaks.named_after.contains(&id) && !speaks.seats.contains(&id) {
                            speaks.named_after.push(id);
                        }
                    }
                }
            }
        }
        places
    }

    fn of(&mut self, place: &str) -> &mut Speaks {
        self.speaks.entry(folded(place)).or_default()
    }

    /// What one who issues items is called for short; folded.
    pub(super) fn short_names(&self, term: TermId) -> &[String] {
        self.short_names.get(&term).map_or(&[], Vec::as_slice)
    }

    /// What a place speaks for.
    pub(super) fn speaks(&self, place: &str) -> Option<&Speaks> {
        self.speaks.get(&folded(place))
    }
}

/// `Programme Office` and `Office` of `Programme Office in Dushanbe`; nothing of a name without a
/// preposition.
fn short_names(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let preposition = words.iter().position(|word| PREPOSITIONS.contains(word));
    // A name may begin with one: "For a Free Press".
    let Some(end) = preposition.filter(|end| *end > 0) else {
        return Vec::new();
    };
    let mut names = vec![folded(&words[..end].join(" "))];
    if end > 1 {
        names.push(folded(words[end - 1]));
    }
    names
}

fn folded(place: &str) -> String {
    Folded::new(place).text.trim().to_owned()
}

/// Finds the names of countries and cities in folded text, whole words only.
static IN_NAMES: LazyLock<(AhoCorasick, Vec<&'static Country>)> = LazyLock::new(|| {
    let mut patterns = Vec::new();
    let mut whose = Vec::new();
    for country in COUNTRIES.iter() {
        for place in country.names.iter().chain(&country.cities) {
            patterns.push(format!(" {} ", folded(place)));
            whose.push(country);
        }
    }
    let automaton = AhoCorasick::new(patterns)
        .expect("the gazetteer's names are some ten thousand bytes, an automaton holds 2^31");
    (automaton, whose)
});

/// The countries that the names of a term speak of, by their own names or those of their cities.
fn countries_in_names(term: &Term) -> Vec<&'static Country> {
    let (automaton, whose) = &*IN_NAMES;
    let mut countries: Vec<&Country> = Vec::new();
    for name in std::iter::once(&term.name).chain(&term.aliases) {
        let name = format!(" {} ", folded(name));
        for found in automaton.find_overlapping_iter(&name) {
            let country = whose[found.pattern().as_usize()];
            if !countries.iter().any(|it| std::ptr::eq(*it, country)) {
                countries.push(country);
            }
        }
    }
    countries
}

/// The terms of a facet of places that are countries of the gazetteer, with those.
pub(super) fn countries_of(names: &Names, facet: FacetId) -> Vec<(TermId, &'static Country)> {
    let find = |country: &'static Country| {
        let mut called = country.names.iter();
        called.find_map(|name| match names.find(facet, name) {
            [term] => Some((*term, country)),
            _ => None,
        })
    };
    COUNTRIES.iter().filter_map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_what_a_name_says_before_its_place_and_never_nothing() {
        assert_eq!(
            short_names("Programme Office in Dushanbe"),
            ["programme office", "office"]
        );
        assert_eq!(short_names("Centre in Ashgabat"), ["centre"]);
        assert!(short_names("for a Free Press").is_empty());
        assert!(short_names("Secretariat").is_empty());
    }

    #[test]
    fn no_city_and_no_country_stands_twice_in_the_gazetteer() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for country in COUNTRIES.iter() {
            assert!(!country.names.is_empty());
            for place in country.names.iter().chain(&country.cities) {
                let other = seen.insert(folded(place), country.names[0]);
                assert!(
                    other.is_none_or(|other| other == country.names[0]),
                    "{place}: {other:?}"
                );
            }
        }
        assert!(COUNTRIES.len() > 150);
    }
}
