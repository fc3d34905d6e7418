//! Why an item has a term or lacks it, as text.

use tidings::config::Config;
use tidings::diagnostic::{Problem, Style, did_you_mean};
use tidings::setup::Setup;
use tidings::tag::{Origin, Passages, Tag, Tagging, Why};
use tidings::taxonomy::TermId;

use super::tags;

/// The most rules that are listed as absent.
const MOST_ABSENT: usize = 30;

/// The term that `facet:slug` names.
pub fn term(config: &Config, named: &str) -> Result<TermId, Problem> {
    let taxonomy = &config.taxonomy;
    let Some((facet, slug)) = named.split_once(':') else {
        return Err(Problem::error(format!("'{named}' names no term"))
            .help("write facet:term, as in selections: field_of_work:policing"));
    };
    let Some(id) = taxonomy.facet_named(facet) else {
        let keys = taxonomy.facets.iter().map(|facet| facet.key.as_str());
        let help = match did_you_mean(facet, keys.clone()) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("the facets are {}", keys.collect::<Vec<_>>().join(", ")),
        };
        return Err(Problem::error(format!("there is no facet '{facet}'")).help(help));
    };
    taxonomy.term_named(id, slug).ok_or_else(|| {
        let slugs = taxonomy.terms_of(id).map(|(_, term)| term.slug.as_str());
        let help = match did_you_mean(slug, slugs) {
            Some(near) => format!("did you mean '{facet}:{near}'?"),
            None => "`tidings list --terms` lists them".to_owned(),
        };
        Problem::error(format!("there is no term '{slug}' in '{facet}'")).help(help)
    })
}

/// Why the item has the term or lacks it: what was decided, and what the rules make of it.
pub fn text(
    setup: &Setup,
    tagging: &Tagging,
    passages: &Passages<'_>,
    term: TermId,
    style: Style,
) -> String {
    let config = &setup.config;
    let taxonomy = &config.taxonomy;
    let why = setup.tagger.why(taxonomy, term, passages);
    let name = &taxonomy.term(term).name;
    let is_it = |tag: &&Tag| tag.term == term;
    let mut text = match (
        tagging.tags.iter().find(is_it),
        tagging.suggestions.iter().find(is_it),
    ) {
        (Some(tag), _) => format!("{name}: given ({})\n", tags::reason(config, tag)),
        (None, Some(tag)) if tag.origin != Origin::Rule => {
            format!("{name}: not given ({})\n", tags::reason(config, tag))
        }
        (None, _) => format!("{name}: not given\n"),
    };
    let facet = taxonomy.term(term).facet;
    let is_said = |tag: &&Tag| {
        let said = matches!(tag.origin, Origin::Stated | Origin::Editor);
        said && tag.through.is_none() && taxonomy.term(tag.term).facet == facet
    };
    let said: Vec<&str> = tagging
        .tags
        .iter()
        .filter(is_said)
        .map(|tag| taxonomy.term(tag.term).name.as_str())
        .collect();
    if !said.is_empty() {
        let called = taxonomy.facet(facet).name.to_lowercase();
        text.push_str(&format!(
            "  the {called} is stated ({}), so rules are not asked; this is what they would say:\n",
            said.join(", ")
        ));
    }
    text.push_str(&rules(&why, taxonomy.facet(facet).rule_limit));
    if let Some(tag) = &why.tag {
        text.push_str(&tags::evidence(&tag.evidence, passages, "    ", style));
    }
    for it in &why.discounted {
        let within = match it.of {
            None => format!("inside ‘{}’, which the term excludes", it.within),
            Some(other) => format!(
                "inside the longer ‘{}’ of {}",
                it.within,
                taxonomy.term(other).name
            ),
        };
        text.push_str(&format!("  does not count: {within}\n"));
        let evidence = std::slice::from_ref(&it.evidence);
        text.push_str(&tags::evidence(evidence, passages, "    ", style));
    }
    if !why.absent.is_empty() {
        let shown: Vec<&str> = why.absent.iter().map(String::as_str).collect();
        let more = shown.len().saturating_sub(MOST_ABSENT);
        let shown = shown[..shown.len().min(MOST_ABSENT)].join(", ");
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text.push_str(&format!("  nowhere in the text: {shown}{more}\n"));
    }
    if why.foreign > 0 {
        let language = passages.language(taxonomy.language());
        text.push_str(&format!(
            "  {} rules are for texts in other languages; this one is in '{language}'\n",
            why.foreign
        ));
    }
    text
}

/// What the rules make of it, in one line.
fn rules(why: &Why, limit: usize) -> String {
    let Some(tag) = &why.tag else {
        return match why.absent.is_empty() && why.discounted.is_empty() && why.foreign == 0 {
            true => "  no rules: the term has no keywords\n".to_owned(),
            false => "  rules: score 0, nothing in the text speaks for it\n".to_owned(),
        };
    };
    let (score, threshold) = (tags::number(tag.score), tags::number(tag.threshold));
    let mut line = format!("  rules: score {score}, threshold {threshold}");
    if !why.given && tag.score >= tag.threshold && why.others >= limit {
        line.push_str(&format!(
            "; {} other terms have more, and rule_limit is {limit}",
            why.others
        ));
    }
    line.push('\n');
    line
}
