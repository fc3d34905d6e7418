//! What was ticked in a form, as a selection.

use std::collections::BTreeMap;

/// The items that have any of what was ticked under each heading where something was: each tick is
/// a heading (`topic`, `language`) and a value. `None` where nothing was ticked.
pub fn of_ticks<'a>(ticks: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let mut headings: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (heading, value) in ticks {
        headings.entry(heading).or_default().push(value);
    }
    let conditions: Vec<String> = headings
        .into_iter()
        .map(|(heading, values)| {
            let values: Vec<String> = values
                .iter()
                .map(|value| format!("{heading}:{value}"))
                .collect();
            format!("({})", values.join(" or "))
        })
        .collect();
    (!conditions.is_empty()).then(|| conditions.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_under_one_heading_are_alternatives_and_headings_narrow_each_other_down() {
        let ticks = [
            ("topic", "water"),
            ("country", "albania"),
            ("topic", "energy"),
        ];
        assert_eq!(
            of_ticks(ticks).as_deref(),
            Some("(country:albania) and (topic:water or topic:energy)")
        );
        assert_eq!(of_ticks([]), None);
    }
}
