//! Which items are the same piece of news in different languages.
//!
//! Links are followed from both ends, so that one item which names another is enough for the two
//! to know of each other, in whatever order they come and go.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::{Catalog, Number, Record};
use crate::config::Config;
use crate::diagnostic::Problem;
use crate::item::{TranslationLink, stem};

/// The most items that are taken for translations of one another: more than there are languages
/// anywhere in the world's newsrooms, and a bound for what one change may touch.
const MOST: usize = 256;

/// The links between items.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The items that name a target, by each thing that the target may be.
    by_target: HashMap<Box<str>, Vec<Number>>,
    /// The ids that are named, each with the item that has it, if any.
    by_id: HashMap<Box<str>, Option<Number>>,
    /// The items whose links are not as they should be.
    broken: BTreeSet<Number>,
}

/// The targets that a link may mean.
fn targets(record: &Record) -> Vec<Box<str>> {
    match record.translation.as_deref() {
        None => Vec::new(),
        Some(TranslationLink::Of(text)) => {
            let mut targets: Vec<Box<str>> = vec![text.clone()];
            targets.extend(paths(record, text).into_iter().map(String::into_boxed_str));
            targets.dedup();
            targets
        }
        Some(TranslationLink::Shared(key)) => vec![format!("={key}").into()],
        Some(TranslationLink::Beside(stem)) => vec![beside(stem)],
    }
}

fn beside(stem: &str) -> Box<str> {
    format!("~{stem}").into()
}

/// The paths that a text may mean: beside the item, or from the newsroom's folder.
fn paths(record: &Record, text: &str) -> [String; 2] {
    let folder = record
        .path
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    [plain(&format!("{folder}/{text}")), plain(text)]
}

/// A path without `.` and `..`.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a text can only be an id.
fn is_id(text: &str) -> bool {
    text.contains(':')
}

impl Catalog {
    /// Takes in the link of a record that is in its place.
    pub(super) fn link(&mut self, number: Number) {
        let Some(record) = self.get(number) else {
            return;
        };
        let targets = targets(record);
        let id = record.identity().map(|identity| identity.id.clone());
        let named = match record.translation.as_deref() {
            Some(TranslationLink::Of(text)) if is_id(text) => Some(text.clone()),
            _ => None,
        };
        if let Some(id) = id
            && let Some(holder) = self.links.by_id.get_mut(&id)
        {
            *holder = Some(number);
        }
        if let Some(named) = named
            && !self.links.by_id.contains_key(&named)
        {
            let has_id = |record: &Record| record.identity().is_some_and(|it| it.id == named);
            let holder = self.records().find(|(_, record)| has_id(record));
            let holder = holder.map(|(number, _)| number);
            self.links.by_id.insert(named, holder);
        }
        for target in targets {
            self.links.by_target.entry(target).or_default().push(number);
        }
    }

    /// Takes the link of a record out that is about to leave its place.
    pub(super) fn unlink(&mut self, number: Number) {
        let Some(record) = self.get(number) else {
            return;
        };
        let targets = targets(record);
        if let Some(identity) = record.identity() {
            let id = identity.id.clone();
            if let Some(holder) = self.links.by_id.get_mut(&id)
                && *holder == Some(number)
            {
                *holder = None;
            }
        }
        for target in targets {
            if let Some(numbers) = self.links.by_target.get_mut(&target) {
                numbers.retain(|other| *other != number);
                if numbers.is_empty() {
                    self.links.by_target.remove(&target);
                }
            }
        }
        self.links.broken.remove(&number);
    }

    /// Every item that is tied to this one by links, itself included, in the order of their
    /// numbers; only itself for nearly all.
    pub(super) fn tied(&self, number: Number) -> BTreeSet<Number> {
        let mut found = BTreeSet::from([number]);
        let mut open = vec![number];
        while let Some(number) = open.pop() {
            for other in self.neighbours(number) {
                if found.len() < MOST && found.insert(other) {
                    open.push(other);
                }
            }
        }
        found
    }

    fn neighbours(&self, number: Number) -> Vec<Number> {
        let Some(record) = self.get(number) else {
            return Vec::new();
        };
        if self.links.by_target.is_empty() {
            return Vec::new();
        }
        let naming = |target: &str| {
            self.links
                .by_target
                .get(target)
                .into_iter()
                .flatten()
                .copied()
        };
        let mut found: Vec<Number> = match record.translation.as_deref() {
            None => Vec::new(),
            Some(TranslationLink::Of(_)) => self.original(record).into_iter().collect(),
            Some(TranslationLink::Shared(key)) => naming(&format!("={key}")).collect(),
            Some(TranslationLink::Beside(stem)) => {
                let endings = [
                    "md", "markdown", "txt", "text", "html", "htm", "xhtml", "json",
                ];
                let beside_it = endings
                    .iter()
                    .filter_map(|ending| self.by_path.get(&*format!("{stem}.{ending}")));
                naming(&beside(stem)).chain(beside_it.copied()).collect()
            }
        };
        if let Some(stem) = stem(&record.path) {
            found.extend(naming(&beside(stem)));
        }
        let names = |other: &Number| {
            let other = self.get(*other);
            other.and_then(|other| self.original(other)) == Some(number)
        };
        let id = record.identity().map(|identity| &*identity.id);
        for target in [Some(&*record.path), id].into_iter().flatten() {
            found.extend(naming(target).filter(names));
        }
        found
    }

    /// The item that a record says it translates.
    fn original(&self, record: &Record) -> Option<Number> {
        let Some(TranslationLink::Of(text)) = record.translation.as_deref() else {
            return None;
        };
        if is_id(text) {
            return self.links.by_id.get(text).copied().flatten();
        }
        let found = paths(record, text);
        found
            .iter()
            .find_map(|path| self.by_path.get(&**path))
            .copied()
    }

    /// The live items that are one piece of news in different languages, this one included, in
    /// the order of the site's languages; one of each. Empty where it is alone.
    pub fn translations(&self, config: &Config, number: Number) -> Vec<Number> {
        let own = self.get(number).map(|record| language(config, record));
        let mut seen: Vec<(usize, String, Number)> = Vec::new();
        for tied in self.tied(number) {
            let Some(record) = self.get(tied).filter(|record| record.identity().is_some()) else {
                continue;
            };
            let tag = language(config, record);
            // Of two in one language, an item itself stands for its own.
            if tied == number {
                seen.retain(|(_, other, _)| *other != tag);
            } else if Some(&tag) == own.as_ref() || seen.iter().any(|(_, other, _)| *other == tag) {
                continue;
            }
            let place = config.site.language_of(&tag);
            let place = place.map_or(usize::MAX, |id| usize::from(id.0));
            seen.push((place, tag, tied));
        }
        if seen.len() < 2 {
            return Vec::new();
        }
        seen.sort();
        seen.into_iter().map(|(_, _, number)| number).collect()
    }

    /// Looks again at the links of some items.
    pub(super) fn check_links(&mut self, config: &Config, numbers: &BTreeSet<Number>) {
        for number in numbers {
            match self.link_problem(config, *number) {
                Some(_) => self.links.broken.insert(*number),
                None => self.links.broken.remove(number),
            };
        }
    }

    /// What is wrong with the links between translations, in the order of the files.
    pub fn translation_problems(&self, config: &Config) -> Vec<Problem> {
        let broken = self.links.broken.iter();
        let mut problems: Vec<Problem> = broken
            .filter_map(|number| self.link_problem(config, *number))
            .collect();
        problems.sort_by(|a, b| a.file.cmp(&b.file));
        problems
    }

    fn link_problem(&self, config: &Config, number: Number) -> Option<Problem> {
        let record = self.get(number)?;
        let link = record.translation.as_deref()?;
        record.identity()?;
        let problem = |message: String, help: &str| {
            let problem = Problem::warning(message).help(help);
            Some(problem.in_file(Path::new(&*record.path)))
        };
        if let TranslationLink::Of(text) = link {
            match self.original(record).and_then(|number| self.get(number)) {
                None => {
                    return problem(
                        format!("'{text}', which this item is a translation of, is not there"),
                        "write the other item's path, from this file's folder or from the newsroom's, or its id",
                    );
                }
                Some(original) if original.identity().is_none() => {
                    return problem(
                        format!(
                            "'{}', which this item is a translation of, is not published",
                            original.path
                        ),
                        "nothing needs to be done if it will be: the two are linked then",
                    );
                }
                Some(_) => {}
            }
        }
        let tied = self.tied(number);
        if let (TranslationLink::Shared(key), 1) = (link, tied.len()) {
            return problem(
                format!("no other item states 'translations = \"{key}\"'"),
                "state the same key in the items that this one is a translation of",
            );
        }
        let tag = language(config, record);
        let other = tied
            .iter()
            .filter(|other| **other != number)
            .find_map(|other| {
                let other = self
                    .get(*other)
                    .filter(|other| other.identity().is_some())?;
                (language(config, other) == tag).then_some(other)
            })?;
        problem(
            format!(
                "'{}' is in the same language, '{tag}', though the two are translations of one another",
                other.path
            ),
            "state the language of each: 'language = \"ru\"'",
        )
    }
}

fn language(config: &Config, record: &Record) -> String {
    let own = record.language.as_deref();
    own.unwrap_or(&config.site.language).to_ascii_lowercase()
}
