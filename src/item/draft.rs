//! An item in the making: readers state to it what they find, and it checks each value.
//!
//! What is stated first holds; later values for the same thing are ignored, save for facets and
//! enclosures, which add up.

mod files;

use std::ops::Range;

use chrono::{DateTime, Utc};
use url::Url;

use super::characters::{floor_boundary, one_line, shorten};
use super::dates::{self, DateError};
use super::fields::{Entry, Node, Value};
use super::labels::Field;
use super::reader::{Reader, Reading};
use super::{DateOrigin, Decision, Item, Stated, TranslationLink, Withdrawal, dateline};
use crate::diagnostic::{Problem, Severity};

pub(super) use files::{Described, media_type};

/// The most problems that are reported of one file.
const PROBLEMS: usize = 50;

/// The most values that an item may state for its facets.
const STATED: usize = 200;

/// An item in the making.
pub(super) struct Draft<'a> {
    pub reader: &'a Reader,
    /// The decoded file.
    pub source: &'a str,
    /// What relative links resolve against.
    pub folder: &'a Url,
    pub item: Item,
    pub problems: Vec<Problem>,
}

/// Bytes of the source; `None` where a reader cannot tell them.
pub(super) type Place = Option<Range<usize>>;

impl<'a> Draft<'a> {
    pub(super) fn new(reader: &'a Reader, source: &'a str, folder: &'a Url) -> Draft<'a> {
        Draft {
            reader,
            source,
            folder,
            item: Item::titled(""),
            problems: Vec::new(),
        }
    }

    /// The item, unless something forbids publishing it.
    pub(super) fn finish(mut self) -> Result<Reading, Vec<Problem>> {
        let held = |problem: &Problem| problem.severity == Severity::Error;
        if self.item.title.is_empty() && !self.problems.iter().any(held) {
            self.report(
                Problem::error("the item has no title")
                    .help("state one under 'title', or begin with a heading"),
                &None,
            );
        }
        if self.problems.iter().any(held) {
            Err(self.problems)
        } else {
            Ok(Reading {
                item: self.item,
                problems: self.problems,
            })
        }
    }

    /// Adds a problem, with its place if that is known.
    pub(super) fn report(&mut self, problem: Problem, place: &Place) {
        if self.problems.len() >= PROBLEMS {
            // The last entry stands for all the others, and is as bad as the worst of them.
            match self.problems.get_mut(PROBLEMS) {
                Some(others) => others.severity = others.severity.max(problem.severity),
                None => {
                    let mut others = Problem::warning("there are more problems in this file")
                        .help("mend the ones above first");
                    others.severity = problem.severity;
                    self.problems.push(others);
                }
            }
            return;
        }
        self.problems.push(match place {
            Some(span) => problem.at(self.source, span.clone()),
            None => problem,
        });
    }

    /// Takes a value that is written as text. Empty text states nothing.
    pub(super) fn state(&mut self, field: Field, text: &str, place: Place) {
        if text.trim().is_empty() {
            return;
        }
        match field {
            Field::Facet(_) | Field::AcceptedTags | Field::RejectedTags
                if self.item.stated.len() + self.item.decisions.len() >= STATED =>
            {
                let problem = Problem::error(format!("the item states more than {STATED} values"))
                    .help("no item belongs to so many topics; is this one file for many items?");
                if self
                    .problems
                    .iter()
                    .all(|other| other.message != problem.message)
                {
                    self.report(problem, &place);
                }
            }
            Field::Facet(facet) => {
                let (line, column) = self.position(&place);
                let text = one_line(text);
                self.item
                    .stated
                    .push((facet, Stated { text, line, column }));
            }
            Field::AcceptedTags | Field::RejectedTags => {
                let (line, column) = self.position(&place);
                self.item.decisions.push(Decision {
                    accepted: field == Field::AcceptedTags,
                    term: Stated {
                        text: one_line(text),
                        line,
                        column,
                    },
                });
            }
            Field::Title => {
                if self.item.title.is_empty() {
                    self.item.title = one_line(text);
                }
            }
            Field::Kind => fill(&mut self.item.kind, || one_line(text)),
            Field::Summary => fill(&mut self.item.summary, || one_line(text)),
            Field::Correction => fill(&mut self.item.correction, || one_line(text)),
            Field::Id => fill(&mut self.item.id, || one_line(text)),
            Field::Slug => self.slug(text.trim(), &place),
            Field::Published => {
                if let Some(date) = self.date(text, &place, Severity::Error) {
                    self.item
                        .published
                        .get_or_insert((date, DateOrigin::Stated));
                }
            }
            Field::Updated => {
                if let Some(date) = self.date(text, &place, Severity::Error) {
                    self.item.updated.get_or_insert(date);
                }
            }
            Field::Embargo => {
                if let Some(date) = self.date(text, &place, Severity::Error) {
                    self.item.embargo.get_or_insert(date);
                }
            }
            Field::Withdrawn => {
                if let Some(withdrawal) = self.withdrawal(text, &place) {
                    self.item.withdrawn.get_or_insert(withdrawal);
                }
            }
            Field::Draft => {
                if self.yes_or_no("draft", text, &place) == Some(true) {
                    let problem = Problem::error("the item is marked as a draft")
                        .help("take the mark away to publish it");
                    self.report(problem, &place);
                }
            }
            Field::Language => self.language(text.trim(), &place),
            Field::TranslationOf => fill(&mut self.item.translation, || {
                TranslationLink::Of(one_line(text).into())
            }),
            Field::Translations => fill(&mut self.item.translation, || {
                TranslationLink::Shared(one_line(text).into())
            }),
            Field::Link => self.link(text, &place),
            Field::Image => self.image(text, Described::default(), &place),
            Field::Enclosures => self.enclosure(text, Described::default(), &place),
            Field::Taxonomies => {}
        }
    }

    /// Takes a value of front matter or JSON.
    pub(super) fn state_value(&mut self, key: &str, field: Field, node: Node<'_>) {
        let place = Some(node.span.clone());
        match (field, node.value) {
            (_, Value::Null) => {}
            (Field::Taxonomies, Value::Table(entries)) => {
                for entry in entries {
                    self.entry(entry);
                }
            }
            (_, Value::Text(text)) => self.state(field, &text, place),
            (Field::Image, Value::Table(entries)) => {
                let (url, described) = Described::read(entries);
                self.image(&url, described, &place);
            }
            (Field::Enclosures, Value::Table(entries)) => {
                let (url, described) = Described::read(entries);
                self.enclosure(&url, described, &place);
            }
            (Field::Withdrawn, Value::Table(entries)) => {
                let withdrawal = self.withdrawal_table(entries);
                self.item.withdrawn.get_or_insert(withdrawal);
            }
            (_, Value::List(nodes)) => {
                for node in nodes {
                    // A list in a list states nothing that could be understood.
                    match node.value {
                        Value::List(_) => {
                            self.unsuitable(key, "a list in a list", &Some(node.span))
                        }
                        _ => self.state_value(key, field, node),
                    }
                }
            }
            (_, Value::Table(_)) => self.unsuitable(key, "a table", &place),
        }
    }

    fn unsuitable(&mut self, key: &str, what: &str, place: &Place) {
        let problem = Problem::error(format!("'{key}' cannot be {what}"))
            .help("write text in quotes, or a list of texts");
        self.report(problem, place);
    }

    /// Takes a date that a machine wrote beside the text; one that cannot be read is a warning,
    /// since the text itself may still say it.
    pub(super) fn machine_date(&mut self, text: &str, place: &Place) -> Option<DateTime<Utc>> {
        if text.trim().is_empty() {
            return None;
        }
        self.date(text, place, Severity::Warning)
    }

    /// Takes the date from the dateline of `text`, if nothing states one.
    pub(super) fn dateline(&mut self, text: &str) {
        if self.item.published.is_none() {
            self.item.published =
                dateline::find(text, self.reader.timezone).map(|date| (date, DateOrigin::Dateline));
        }
    }

    /// Where a text stands in the source, word for word, if it does.
    pub(super) fn find(&self, text: &str) -> Place {
        let text = text.trim();
        let start = self.source.find(text).filter(|_| !text.is_empty())?;
        Some(start..start + text.len())
    }

    /// Where a value stands in the source behind its label, as far as can be told: the label's
    /// last occurrence that has the value near it, since menus stand at the top of pages.
    pub(super) fn find_labelled(&self, label: &str, value: &str) -> Place {
        const OCCURRENCES: usize = 20;
        const REACH: usize = 2_000;
        let near = |at: usize| {
            let end = floor_boundary(self.source, at + label.len() + REACH);
            let found = self.source[at + label.len()..end].find(value)?;
            let start = at + label.len() + found;
            Some(start..start + value.len())
        };
        self.source
            .rmatch_indices(label)
            .take(OCCURRENCES)
            .find_map(|(at, _)| near(at))
            .or_else(|| self.find(value))
    }

    fn position(&self, place: &Place) -> (usize, usize) {
        let Some(span) = place else { return (0, 0) };
        let before = self.source.get(..span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    fn date(&mut self, text: &str, place: &Place, severity: Severity) -> Option<DateTime<Utc>> {
        let error = match dates::parse(text, self.reader.timezone, self.reader.day_first) {
            Ok(date) => return Some(date),
            Err(error) => error,
        };
        let shown = shorten(&one_line(text), 60);
        let mut problem = match error {
            DateError::Unreadable => Problem::error(format!("cannot read '{shown}' as a date"))
                .help("write it as 2024-11-22, 22 November 2024 or 2024-11-22T10:00:00+01:00"),
            DateError::Impossible => Problem::error(format!("there is no such date as '{shown}'"))
                .help("look at the day, the month and the time of day"),
            DateError::OutOfRange => Problem::error(format!(
                "the year of '{shown}' is not between 1900 and 2200"
            ))
            .help("look at the year"),
        };
        problem.severity = severity;
        self.report(problem, place);
        None
    }

    /// `true`, or the reason for which the item is taken back.
    fn withdrawal(&mut self, text: &str, place: &Place) -> Option<Withdrawal> {
        let reason = one_line(text);
        // One word is more likely a slip of the pen than a reason.
        if reason.contains(' ') {
            return Some(Withdrawal {
                reason: Some(reason),
                ..Withdrawal::default()
            });
        }
        let help = "write true or false, without quotes, or the reason in a few words";
        let is_withdrawn = self.truth("withdrawn", text, help, place)?;
        is_withdrawn.then(Withdrawal::default)
    }

    /// `{ by = "...", reason = "...", at = 2024-11-22 }`.
    fn withdrawal_table(&mut self, entries: Vec<Entry<'_>>) -> Withdrawal {
        let mut withdrawal = Withdrawal::default();
        for entry in entries {
            let place = Some(entry.node.span.clone());
            let key = entry.key.to_ascii_lowercase();
            let Value::Text(text) = entry.node.value else {
                continue;
            };
            let line = Some(one_line(&text)).filter(|line| !line.is_empty());
            match key.as_str() {
                "by" => withdrawal.by = line,
                "reason" => withdrawal.reason = line,
                "at" => withdrawal.at = self.date(&text, &place, Severity::Error),
                _ => {
                    let problem =
                        Problem::warning(format!("unknown key '{}' is ignored", entry.key))
                            .help("'withdrawn' takes 'by', 'reason' and 'at'");
                    self.report(problem, &Some(entry.key_span));
                }
            }
        }
        withdrawal
    }

    fn yes_or_no(&mut self, key: &str, text: &str, place: &Place) -> Option<bool> {
        self.truth(key, text, "write true or false, without quotes", place)
    }

    fn truth(&mut self, key: &str, text: &str, help: &str, place: &Place) -> Option<bool> {
        match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            other => {
                let problem =
                    Problem::error(format!("'{key}' must be true or false, not '{other}'"))
                        .help(help);
                self.report(problem, place);
                None
            }
        }
    }

    fn slug(&mut self, slug: &str, place: &Place) {
        let plain = !slug.starts_with('.')
            && slug.len() <= 200
            && slug
                .chars()
                .all(|c| c.is_alphanumeric() || "-_.~".contains(c));
        if plain {
            fill(&mut self.item.slug, || slug.to_owned());
        } else {
            let shown = shorten(&slug.escape_debug().to_string(), 60);
            let problem = Problem::error(format!("'{shown}' cannot be a slug"))
                .help("use letters, digits and hyphens only, such as 'conference-in-vienna'");
            self.report(problem, place);
        }
    }

    fn language(&mut self, text: &str, place: &Place) {
        let tag = text.replace('_', "-");
        let mut parts = tag.split('-');
        let known = parts.next().is_some_and(|part| {
            matches!(part.len(), 2 | 3) && part.bytes().all(|b| b.is_ascii_alphabetic())
        }) && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if known {
            fill(&mut self.item.language, || tag);
        } else {
            let problem = Problem::warning(format!("'{}' is not a language tag", one_line(text)))
                .help("write a BCP 47 tag such as 'en', 'fr' or 'sr-Latn'; the site's language is used");
            self.report(problem, place);
        }
    }
}

fn fill<T>(slot: &mut Option<T>, value: impl FnOnce() -> T) {
    if slot.is_none() {
        *slot = Some(value());
    }
}
