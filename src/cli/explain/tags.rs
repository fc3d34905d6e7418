//! The tags of an item as text: who says so, and the words that speak for each, underlined.

use tidings::config::Config;
use tidings::diagnostic::Style;
use tidings::tag::{Evidence, Origin, Part, Passages, Tag, Tagging};

use super::underline::underline;

/// The most suggestions that are shown of one facet.
const MOST_SUGGESTIONS: usize = 5;

/// The tags of every facet, and what is suggested in those that have a doubtful one.
pub fn text(config: &Config, tagging: &Tagging, passages: &Passages<'_>, style: Style) -> String {
    let mut text = String::new();
    for (facet, found) in config.taxonomy.facets() {
        let of_facet = |tag: &&Tag| config.taxonomy.term(tag.term).facet == facet;
        text.push_str(&format!("\n{}\n", found.plural));
        let tags: Vec<&Tag> = tagging.tags.iter().filter(of_facet).collect();
        if tags.is_empty() {
            text.push_str("  none: nothing is stated, and too little speaks for any\n");
        }
        for tag in tags {
            let name = &config.taxonomy.term(tag.term).name;
            text.push_str(&format!("  {name}  ({})\n", reason(config, tag)));
            text.push_str(&evidence(&tag.evidence, passages, "    ", style));
        }
        let suggested = tagging.suggestions.iter().filter(of_facet);
        for tag in suggested.take(MOST_SUGGESTIONS) {
            let name = &config.taxonomy.term(tag.term).name;
            text.push_str(&format!("  not sure: {name}  ({})\n", reason(config, tag)));
        }
    }
    text
}

/// Who says so, and how surely.
pub fn reason(config: &Config, tag: &Tag) -> String {
    if let Some(child) = tag.through {
        return format!("through {}", config.taxonomy.term(child).name);
    }
    match tag.origin {
        Origin::Stated => {
            let stated = tag.evidence.iter().map(|it| match it.line {
                0 => format!("‘{}’", it.text),
                line => format!("‘{}’ on line {line}", it.text),
            });
            format!("stated: {}", stated.collect::<Vec<_>>().join("; "))
        }
        Origin::Rule => format!(
            "rule: score {}, threshold {}",
            number(tag.score),
            number(tag.threshold)
        ),
        Origin::Learned => format!(
            "learned: probability {:.2}, threshold {:.2}",
            tag.score, tag.threshold
        ),
        Origin::Editor => "decided by an editor".to_owned(),
    }
}

/// Where the words stand that speak for a tag, strongest first, each on a line of its own.
pub fn evidence(
    evidence: &[Evidence],
    passages: &Passages<'_>,
    indent: &str,
    style: Style,
) -> String {
    let in_text = evidence.iter().filter(|it| it.part != Part::Label);
    in_text
        .map(|it| {
            let part = match it.part {
                Part::Label => "label",
                Part::Title => "title",
                Part::Lead => "lead",
                Part::Body => "text",
            };
            let margin = format!("{indent}{part:<5} {:>5}  ", signed(it.weight));
            underline(passages.part(it.part), it.span.clone(), &margin, style)
        })
        .collect()
}

/// At most two decimals, none that say nothing.
pub fn number(number: f32) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn signed(weight: f32) -> String {
    let sign = if weight > 0.0 { "+" } else { "" };
    format!("{sign}{}", number(weight))
}
