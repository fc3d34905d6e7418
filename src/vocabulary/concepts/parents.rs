//! Which concept is under which.

use super::{Reader, push_new};
use crate::diagnostic::Problem;
use crate::taxonomy::hierarchy::break_circles;
use crate::vocabulary::rdf::{Resource, Resources, node};
use crate::vocabulary::said::{SKOS, objects};

impl Reader<'_> {
    /// The place of each concept's parent, without circles.
    pub(super) fn parents(
        &mut self,
        resources: &Resources,
        chosen: &[&Resource],
    ) -> Vec<Option<usize>> {
        let narrower = format!("{SKOS}narrower");
        let broader = format!("{SKOS}broader");
        let mut above: Vec<Vec<usize>> = vec![Vec::new(); chosen.len()];
        let mut strangers = Vec::new();
        for (place, it) in chosen.iter().enumerate() {
            for object in objects(it, &broader).filter_map(node) {
                match self.places.get(object.as_str()) {
                    Some(parent) => push_new(&mut above[place], *parent),
                    None => strangers.push((place, object)),
                }
            }
        }
        for (place, it) in chosen.iter().enumerate() {
            for object in objects(it, &narrower).filter_map(node) {
                if let Some(child) = self.places.get(object.as_str()) {
                    push_new(&mut above[*child], place);
                }
            }
        }
        for (place, object) in strangers {
            let known = resources.place(&object).is_some();
            let (why, help) = match known {
                true => (
                    "is in another scheme",
                    "take the schemes together, or none above it",
                ),
                false => ("is not in the file", "it stands at the top now"),
            };
            let name = self.name(chosen[place]);
            let message = format!("what is above '{name}', {object}, {why}");
            self.notes.add(
                "concepts above that are not here",
                Problem::warning(message).help(help),
            );
        }
        for (place, parents) in above.iter().enumerate() {
            if let [first, others @ ..] = parents.as_slice()
                && !others.is_empty()
            {
                let name = self.name(chosen[place]);
                let kept = self.name(chosen[*first]);
                let lost: Vec<String> = others.iter().map(|at| self.name(chosen[*at])).collect();
                let message = format!("'{name}' is under several concepts; '{kept}' was taken");
                let help = format!(
                    "a term has one parent: left out was '{}'",
                    lost.join("', '")
                );
                self.notes.add(
                    "concepts under several others",
                    Problem::warning(message).help(help),
                );
            }
        }
        let mut parents: Vec<Option<usize>> =
            above.iter().map(|above| above.first().copied()).collect();
        let mut circles: Vec<Vec<usize>> = Vec::new();
        break_circles(&mut parents, |circle| circles.push(circle.to_vec()));
        for circle in circles {
            let names: Vec<String> = circle
                .iter()
                .chain(circle.first())
                .map(|at| self.name(chosen[*at]))
                .collect();
            let message = format!("concepts in a circle: {}", names.join(" > "));
            let help = "they were put at the top: say in feeds.toml which is above which";
            self.notes
                .add("circles", Problem::error(message).help(help));
        }
        parents
    }
}
