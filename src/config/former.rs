//! `was`: the slugs that a term, a feed or a digest had before. Their addresses lead to it.

use std::collections::HashMap;

use super::decode::Section;
use super::notes::{Notes, Placed};
use super::values;

/// What has a slug now and may have had others.
struct Bearer<'a> {
    /// Its name to people.
    name: &'a str,
    slug: &'a str,
    was: &'a [Placed<String>],
}

/// The former slugs of one list of tables, gathered to be checked together.
#[derive(Default)]
pub(super) struct Former(Vec<(String, String, Vec<Placed<String>>)>);

impl Former {
    /// Takes the former slugs of one that has this name and slug now.
    pub fn take(&mut self, name: &str, slug: &str, was: Vec<Placed<String>>) -> Vec<String> {
        let slugs = was.iter().map(|slug| slug.value.clone()).collect();
        self.0.push((name.to_owned(), slug.to_owned(), was));
        slugs
    }

    /// Notes what [`check`] does.
    pub fn check(&self, what: &str, notes: &Notes<'_>) {
        let bearers: Vec<Bearer<'_>> = self
            .0
            .iter()
            .map(|(name, slug, was)| Bearer { name, slug, was })
            .collect();
        check(what, &bearers, notes);
    }
}

/// The slugs under `was`.
pub(super) fn read(section: &Section<'_, '_>) -> Vec<Placed<String>> {
    let lines = section.lines("was").map_or(Vec::new(), |list| list.value);
    lines
        .into_iter()
        .filter_map(|line| section.parse_line(line, values::stated_slug))
        .collect()
}

/// Notes former slugs that are in use, and those that are claimed twice. `what` is what all of
/// the bearers are: `term`.
fn check<'a>(what: &str, bearers: &[Bearer<'a>], notes: &Notes<'_>) {
    let in_use: HashMap<&str, &Bearer<'a>> =
        bearers.iter().map(|bearer| (bearer.slug, bearer)).collect();
    let mut claimed: HashMap<&str, &str> = HashMap::new();
    for bearer in bearers {
        for former in bearer.was {
            let slug = former.value.as_str();
            if let Some(other) = in_use.get(slug) {
                let message = format!("the former slug '{slug}' is in use");
                let help = match std::ptr::eq(*other, bearer) {
                    true => "it is the slug of this very one: take it out of 'was'".to_owned(),
                    false => format!(
                        "the {what} '{}' has it: take it out of 'was', or give that one another 'slug'",
                        other.name
                    ),
                };
                notes.error(&former.span, message, help);
            } else if let Some(other) = claimed.insert(slug, bearer.name) {
                let message = format!("the former slug '{slug}' is claimed twice");
                let help = match other == bearer.name {
                    true => "name it once".to_owned(),
                    false => {
                        format!("the {what} '{other}' was it too: an address leads to one place")
                    }
                };
                notes.error(&former.span, message, help);
            }
        }
    }
}
