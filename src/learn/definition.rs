//! What tags of a facet depend on besides the text: its terms, their names and rules.

use crate::fingerprint::Fingerprint;
use crate::taxonomy::{FacetId, Taxonomy};

/// Fingerprint of a facet's terms and rules, and of the precision that is asked. What is not of
/// this facet, and what only readers see, does not count.
pub fn definition(taxonomy: &Taxonomy, facet: FacetId, precision: f32) -> u64 {
    let described = taxonomy.facet(facet);
    let mut fingerprint = Fingerprint::default()
        .text(&described.key)
        .number(u64::from(precision.to_bits()))
        .text(&format!(
            "{:?} {:?} {}",
            described.rule_threshold, described.rule_limit, described.inherit
        ));
    for (_, term) in taxonomy.terms_of(facet) {
        let parent = term
            .parent
            .map(|parent| taxonomy.term(parent).slug.as_str());
        fingerprint = fingerprint
            .text(&term.slug)
            .text(&term.name)
            .optional(parent)
            .text(&format!("{:?} {:?}", term.aliases, term.keywords));
        for successor in &term.replaced_by {
            fingerprint = fingerprint.text(&taxonomy.term(*successor).slug);
        }
    }
    fingerprint.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::fixture::from_toml;

    const FACET: &str =
        "[facet.topic]\nname = \"Topic\"\nterms = [{ name = \"Water\", keywords = [\"river\"] }]\n";

    fn of(text: &str) -> u64 {
        let taxonomy = from_toml(text);
        let facet = taxonomy.facet_named("topic").unwrap();
        definition(&taxonomy, facet, 0.9)
    }

    #[test]
    fn a_changed_keyword_is_another_definition_and_another_facet_is_not() {
        let before = of(FACET);
        assert_ne!(before, of(&FACET.replace("river", "rivers")));
        let more = format!(
            "[facet.country]\nname = \"Country\"\nterms = [{{ name = \"Malta\" }}]\n{FACET}"
        );
        assert_eq!(before, of(&more));
    }
}
