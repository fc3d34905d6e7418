//! What `explain` says, as JSON for programs.

use serde_json::{Value, json};
use tidings::config::Config;
use tidings::tag::{Passages, Tag, Tagging, Unknown, Why};
use tidings::taxonomy::TermId;

/// The tags with their evidence, what is suggested, and what is stated but unknown. Spans are
/// bytes, from and to, in the text of their part, which stands under `text`.
pub fn tagging(config: &Config, tagging: &Tagging, passages: &Passages<'_>) -> Value {
    let all = |tags: &[Tag]| -> Value { tags.iter().map(|it| tag(config, it)).collect() };
    let unknown = |it: &Unknown| {
        json!({
            "facet": config.taxonomy.facet(it.facet).key,
            "text": it.text,
            "line": it.line,
            "column": it.column,
            "nearest": it.nearest.map(|term| config.taxonomy.path(term)),
            "ambiguous": it.ambiguous.iter().map(|term| config.taxonomy.path(*term)).collect::<Vec<_>>(),
        })
    };
    json!({
        "language": passages.language(config.taxonomy.language()),
        "text": { "title": passages.title, "lead": passages.lead, "body": passages.body },
        "tags": all(&tagging.tags),
        "suggestions": all(&tagging.suggestions),
        "unknown": tagging.unknown.iter().map(unknown).collect::<Vec<_>>(),
    })
}

/// Why a term is given or not.
pub fn why(config: &Config, term: TermId, given: bool, why: &Why) -> Value {
    let discounted = why.discounted.iter().map(|it| {
        json!({
            "evidence": it.evidence,
            "within": it.within,
            "of": it.of.map(|term| config.taxonomy.path(term)),
        })
    });
    json!({
        "term": config.taxonomy.path(term),
        "given": given,
        "rules": {
            "given": why.given,
            "tag": why.tag.as_ref().map(|it| tag(config, it)),
            "discounted": discounted.collect::<Vec<_>>(),
            "absent": why.absent,
            "foreign": why.foreign,
        },
    })
}

fn tag(config: &Config, tag: &Tag) -> Value {
    let term = config.taxonomy.term(tag.term);
    json!({
        "facet": config.taxonomy.facet(term.facet).key,
        "term": term.slug,
        "name": term.name,
        "origin": tag.origin,
        "score": tag.score,
        "threshold": tag.threshold,
        "through": tag.through.map(|child| config.taxonomy.term(child).slug.as_str()),
        "evidence": tag.evidence,
    })
}
