//! What there is to tick, and what was ticked.

use crate::config::{Cadence, Config, Digest};
use crate::language::LanguageId;
use crate::page::subscriptions::Mistake;
use crate::page::{Choice, ChoiceGroup};
use crate::subscribers::wish::{self, OWN_LIMIT, Wish};
use crate::taxonomy::{FacetId, TermId};

use super::form::Form;

/// Those of the digests that can be had by mail, the reader's own language first.
fn offered(config: &Config, language: LanguageId) -> Vec<&Digest> {
    let mut digests: Vec<&Digest> = config.digests.iter().filter(|digest| digest.mail).collect();
    digests.sort_by_key(|digest| of(config, digest) != language);
    digests
}

fn of(config: &Config, digest: &Digest) -> LanguageId {
    let language = config.site.language_of(&digest.language);
    language.unwrap_or(LanguageId::MAIN)
}

/// The digests to tick. Those in another language than the reader's say so.
pub fn digests(config: &Config, language: LanguageId, ticked: &[String]) -> Vec<Choice> {
    let digests = offered(config, language).into_iter();
    digests
        .map(|digest| Choice {
            value: digest.slug.clone(),
            name: named(config, digest, language, &digest.title),
            items: None,
            depth: 0,
            checked: ticked.contains(&digest.slug),
        })
        .collect()
}

/// The digests that carry selections of one's own, by how often they come.
pub fn carriers(config: &Config, language: LanguageId, chosen: &str) -> Vec<Choice> {
    let words = config
        .site
        .phrases
        .words(&config.site.language(language).tag);
    let digests = offered(config, language).into_iter();
    let carriers = digests.filter_map(|digest| {
        let often = match digest.choices? {
            Cadence::AtOnce => "Each item at once",
            Cadence::Daily => "Once a day",
            Cadence::Weekly => "Once a week",
            Cadence::Monthly => "Once a month",
        };
        Some(Choice {
            value: digest.slug.clone(),
            name: named(config, digest, language, words.say(often)),
            items: None,
            depth: 0,
            checked: digest.slug == chosen,
        })
    });
    let mut carriers: Vec<Choice> = carriers.collect();
    // One choice is none.
    if let [only] = &mut carriers[..] {
        only.checked = true;
    }
    carriers
}

fn named(config: &Config, digest: &Digest, language: LanguageId, name: &str) -> String {
    match of(config, digest) {
        own if own == language => name.to_owned(),
        other => format!("{name} ({})", config.site.language(other).name),
    }
}

/// The terms to tick, by facet.
pub fn groups(config: &Config, language: LanguageId, ticked: &[String]) -> Vec<ChoiceGroup> {
    let facets = config.taxonomy.facets();
    let groups = facets.map(|(id, facet)| {
        let mut choices = Vec::new();
        terms(config, id, None, 0, language, ticked, &mut choices);
        ChoiceGroup {
            name: facet.plural_in(language).to_owned(),
            parameter: "term",
            open: choices.iter().any(|choice| choice.checked),
            choices,
        }
    });
    groups.filter(|group| !group.choices.is_empty()).collect()
}

/// The terms below `parent`, those that are history left out. Ends, since configuration refuses
/// circles.
fn terms(
    config: &Config,
    facet: FacetId,
    parent: Option<TermId>,
    depth: usize,
    language: LanguageId,
    ticked: &[String],
    choices: &mut Vec<Choice>,
) {
    let key = &config.taxonomy.facet(facet).key;
    for (id, term) in config.taxonomy.terms_of(facet) {
        if term.parent != parent {
            continue;
        }
        let value = format!("{key}:{}", term.slug);
        if !term.closed {
            choices.push(Choice {
                name: term.name_in(language).to_owned(),
                items: None,
                depth: depth.min(3),
                checked: ticked.contains(&value),
                value,
            });
        }
        terms(
            config,
            facet,
            Some(id),
            depth + 1,
            language,
            ticked,
            choices,
        );
    }
}

/// What a form asks for: digests, and the topics that were ticked.
///
/// # Errors
/// What is not offered, and topics without how often they come.
pub fn wishes(config: &Config, form: &Form) -> Result<Vec<Wish>, Mistake> {
    let mut wishes = Vec::new();
    for slug in form.values("digest") {
        let wish = wish::whole(config, &slug).map_err(|_| Mistake::Choice)?;
        let is_mailed = config
            .digests
            .iter()
            .any(|digest| digest.slug == wish.digest && digest.mail);
        if !is_mailed {
            return Err(Mistake::Choice);
        }
        wishes.push(wish);
    }
    let ticks = form.values("term");
    if !ticks.is_empty() {
        let carrier = form.value("carrier");
        if carrier.is_empty() {
            return Err(Mistake::Cadence);
        }
        let own = wish::ticked(config, carrier, &ticks).map_err(|_| Mistake::Choice)?;
        wishes.extend(own);
    }
    wishes.sort();
    wishes.dedup();
    Ok(wishes)
}

/// Whether there are more selections of one's own than one mail can hold.
pub fn are_too_many(wishes: &[Wish]) -> bool {
    let own = wishes.iter().filter(|wish| !wish.selection.is_empty());
    own.count() > OWN_LIMIT
}
