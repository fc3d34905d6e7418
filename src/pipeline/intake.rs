//! Taking a source file in: read, tagged and judged, ready for the catalog.
//!
//! Reads the file and nothing else; several files are taken in at once.

use std::cell::OnceCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use chrono::Datelike;
use url::Url;

use super::view::view;
use crate::catalog::store;
use crate::catalog::{Record, Stat, State, TermTag};
use crate::config::Config;
use crate::diagnostic::{Excerpt, Problem, Severity};
use crate::identity::Candidate;
use crate::item::{self, Item, Reading, TranslationLink, decisions};
use crate::learn::{self, Model};
use crate::media;
use crate::scan::Found;
use crate::setup::Setup;
use crate::tag::{Passages, Tagging, Unknown, decided};
use crate::taxonomy::Taxonomy;
use crate::taxonomy::slug::slug;

/// A file changed less than this before it was read may change again without its metadata
/// showing it, for clocks of file systems are coarse.
const RACY_NANOSECONDS: i64 = 20_000_000;

/// What became of a file.
pub enum Outcome {
    /// It can be published, now or later.
    Good(Box<Intake>),
    /// It cannot; the last good version, if any, stays.
    Bad {
        /// The file.
        found: Found,
        /// Why not, and what else there is to say.
        problems: Vec<Problem>,
    },
}

/// A file that was read and tagged.
pub struct Intake {
    /// The record, but for its identity and the place of its content.
    pub record: Record,
    /// What to find its identity by; `None` when it is not to be published now.
    pub candidate: Option<Candidate>,
    /// Its title.
    pub title: String,
    /// The content for the store.
    pub content: Vec<u8>,
}

/// Reads and tags one file. `now` is in milliseconds since 1970 UTC; `exists` tells whether a
/// path is a file of the newsroom.
pub fn take_in(
    setup: &Setup,
    model: Option<&Model>,
    found: &Found,
    now: i64,
    exists: impl Fn(&str) -> bool,
) -> Outcome {
    let folder = media::folder_url(&setup.config.site.base_url, &found.path);
    take_in_from(setup, model, found, &folder, now, exists)
}

/// As [`take_in`]; `folder` is what relative links of the file start from
/// ([`media::folder_url`]).
pub fn take_in_from(
    setup: &Setup,
    model: Option<&Model>,
    found: &Found,
    folder: &Url,
    now: i64,
    exists: impl Fn(&str) -> bool,
) -> Outcome {
    let file = Path::new(&*found.path);
    let bad = |problems: Vec<Problem>| Outcome::Bad {
        found: found.clone(),
        problems: problems
            .into_iter()
            .map(|problem| problem.in_file(file))
            .collect(),
    };
    let base = &setup.config.site.base_url;
    let reading = match read_in(setup, found, folder) {
        Ok(reading) if exists(&decisions::sidecar_path(&found.path)) => {
            with_sidecar(setup, found, reading)
        }
        Ok(reading) => reading,
        Err(problems) => return bad(problems),
    };
    let Reading {
        item, mut problems, ..
    } = reading;
    let Tagged { tagging, unseen } = tag(setup, model, &item, false);
    problems.extend(unseen.as_deref().map(unseen_language));
    problems.extend(
        tagging
            .unknown
            .iter()
            .map(|unknown| unknown_term(&setup.config, unknown)),
    );
    let files = media::local_files(&item, base, folder);
    problems.extend(decided::problems(&setup.config.taxonomy, &item));
    for missing in files.iter().filter(|path| !exists(path)) {
        problems.push(
            Problem::warning(format!(
                "the file '{missing}' that the item points at is not there"
            ))
            .help("put it there, or mend the link"),
        );
    }
    if item.published.is_none() {
        problems.push(
            Problem::warning("no date is stated, and the text has no dateline")
                .help("add `date = 2024-11-22`; until then the moment at which the file was first seen counts"),
        );
    }
    if problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
    {
        return bad(problems);
    }
    let content = match store::to_bytes(&item) {
        Ok(content) => content,
        Err(error) => return bad(vec![Problem::error(error.to_string())]),
    };
    let date = item.published.map(|(date, _)| date.timestamp_millis());
    let embargo = item.embargo.map(|date| date.timestamp_millis());
    let published = date.max(embargo);
    let state = match published {
        _ if item.withdrawn.is_some() => {
            State::Withdrawn(Box::new(item.withdrawn.clone().unwrap_or_default()))
        }
        // A date in the future is a date to wait for: nothing is ever published too early.
        Some(at) if at > now => State::Scheduled(at),
        _ => State::Refused,
    };
    let view = view(&setup.config, &item);
    let terms = term_tags(&tagging);
    let candidate = (state == State::Refused)
        .then(|| candidate(setup, &item, found, &terms, view, published, now));
    let record = Record {
        path: found.path.clone(),
        stat: settled_stat(found.stat),
        state,
        terms,
        refused: decided::refused(&setup.config.taxonomy, &item).into(),
        language: item.language.as_deref().map(Into::into),
        translation: item.translation.clone().map(Box::new),
        kind: item.kind.as_deref().map(Into::into),
        view,
        content: Default::default(),
        files: files.into_iter().map(Into::into).collect(),
        problems: problems
            .into_iter()
            .map(|problem| problem.in_file(file))
            .collect(),
    };
    Outcome::Good(Box::new(Intake {
        record,
        candidate,
        title: item.title,
        content,
    }))
}

/// The record of a file that went bad: the last good version with the new problems, its tags by
/// today's taxonomy; or one that cannot be published, when there is none.
pub fn keep_last_good(
    setup: &Setup,
    model: Option<&Model>,
    found: &Found,
    problems: Vec<Problem>,
    last: Option<(Record, Item)>,
) -> Record {
    let stat = settled_stat(found.stat);
    let problems = problems.into();
    match last {
        Some((record, item)) => Record {
            stat,
            problems,
            terms: term_tags(&tag(setup, model, &item, false).tagging),
            ..record
        },
        None => Record {
            path: found.path.clone(),
            stat,
            state: State::Refused,
            terms: Box::default(),
            refused: Box::default(),
            language: None,
            translation: None,
            kind: None,
            view: 0,
            content: Default::default(),
            files: Box::default(),
            problems,
        },
    }
}

/// Reads one source file of the newsroom, with the decisions of its sidecar where it `has_sidecar`.
/// A sidecar that cannot be read is a warning, since the item itself is right.
///
/// # Errors
/// As those of [`read`].
pub fn read_decided(
    setup: &Setup,
    found: &Found,
    has_sidecar: bool,
) -> Result<Reading, Vec<Problem>> {
    let reading = read(setup, found)?;
    Ok(match has_sidecar {
        true => with_sidecar(setup, found, reading),
        false => reading,
    })
}

fn with_sidecar(setup: &Setup, found: &Found, mut reading: Reading) -> Reading {
    let path = decisions::sidecar_path(&found.path);
    let text = std::fs::read_to_string(setup.root.join(&path))
        .map_err(|error| Problem::warning(format!("'{path}' cannot be read: {error}")));
    match text.and_then(|text| decisions::read_sidecar(&text)) {
        Ok(decided) => reading.item.decisions.extend(decided),
        Err(problem) => {
            let help = "mend it; until then what it decides does not count";
            // The item's own name comes in front of it.
            let message = format!("{path}: {}", problem.message);
            let problem = Problem { message, ..problem };
            reading.problems.push(problem.help(help));
        }
    }
    reading
}

/// The tags of an item.
pub struct Tagged {
    /// Its tags, and what is suggested.
    pub tagging: Tagging,
    /// The language of its text, if the model never saw it: then only what is stated and what
    /// rules say counts.
    pub unseen: Option<String>,
}

/// Tags an item: what it states, what rules say, and what the model makes of both.
/// `with_evidence` has the words looked up that speak for learned tags, which takes longer.
pub fn tag(setup: &Setup, model: Option<&Model>, item: &Item, with_evidence: bool) -> Tagged {
    let taxonomy = &setup.config.taxonomy;
    // Rendering a text is dear; it is done once, and only where somebody looks at it.
    let text = OnceCell::new();
    let text = || text.get_or_init(|| item.body.to_text()).as_str();
    let mut tagging = setup.tagger.tag(taxonomy, item, || text().into());
    let mut facets = setup.config.tags.learn.iter();
    let model = model.filter(|_| facets.any(|facet| learn::is_open(taxonomy, &tagging, *facet)));
    let unseen = model.and_then(|model| {
        let passages = Passages::new(item, text());
        let refused = decided::refused(taxonomy, item);
        learn::complete(
            model,
            taxonomy,
            (&passages, &refused),
            &mut tagging,
            with_evidence,
        )
    });
    Tagged { tagging, unseen }
}

/// What is said of a text whose language the model never saw; `language` is an ISO 639 code.
fn unseen_language(language: &str) -> Problem {
    Problem::warning(format!("{UNSEEN} (it looks like '{language}')"))
        .help("only what it states and what rules say counts; state its terms, or decide them with `tidings review`")
}

/// Says of an item what the model of now makes of its language, and no longer what another did.
pub(super) fn say_language(record: &mut Record, unseen: Option<&str>) {
    let said = |problem: &Problem| problem.message.starts_with(UNSEEN);
    if unseen.is_none() && !record.problems.iter().any(said) {
        return;
    }
    let mut problems: Vec<Problem> = std::mem::take(&mut record.problems).into_vec();
    problems.retain(|problem| !said(problem));
    let file = Path::new(&*record.path);
    problems.extend(unseen.map(|language| unseen_language(language).in_file(file)));
    record.problems = problems.into();
}

const UNSEEN: &str = "the model has not learned the language of this text";

/// Reads one source file of the newsroom, without judging or tagging it.
///
/// # Errors
/// When the file is too large, cannot be read, or is not an item.
pub fn read(setup: &Setup, found: &Found) -> Result<Reading, Vec<Problem>> {
    let folder = media::folder_url(&setup.config.site.base_url, &found.path);
    read_in(setup, found, &folder)
}

/// As [`read`]; `folder` is what relative links of the file resolve against.
fn read_in(setup: &Setup, found: &Found, folder: &Url) -> Result<Reading, Vec<Problem>> {
    let limit = setup.config.items.size_limit;
    if found.stat.size > limit {
        return Err(vec![too_large(found.stat.size, limit)]);
    }
    let Some(format) = found.format else {
        return Err(vec![
            Problem::error("this is not a news item")
                .help("items end in .md, .txt, .html or .json"),
        ]);
    };
    let path = setup.root.join(&*found.path);
    let bytes = bytes(&path, found.stat.size, limit).map_err(|error| {
        vec![
            Problem::error(format!("the file cannot be read: {error}"))
                .help("mend its permissions; what was published of it stays"),
        ]
    })?;
    if bytes.len() as u64 > limit {
        return Err(vec![too_large(bytes.len() as u64, limit)]);
    }
    let mut reading = setup.reader.read(&bytes, format, folder)?;
    let languages = &setup.config.site.languages;
    let tags = || -> Vec<String> { languages.iter().map(|one| one.tag.clone()).collect() };
    if languages.len() > 1
        && let Some((language, stem)) = item::by_file_name(&found.path, &tags())
    {
        let item = &mut reading.item;
        item.language.get_or_insert_with(|| language.to_owned());
        item.translation
            .get_or_insert_with(|| TranslationLink::Beside(stem.into()));
    }
    Ok(reading)
}

/// The bytes of a file of this size, or somewhat more than `limit` of one that has grown.
fn bytes(path: &Path, size: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let size = size.min(limit) as usize;
    let mut bytes = vec![0; size + 1];
    let read = file.read(&mut bytes)?;
    bytes.truncate(read);
    // A file that is as long as it was when it was looked at needs no second read to find its end.
    if read != size {
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn too_large(size: u64, limit: u64) -> Problem {
    Problem::error(format!(
        "the file has {size} bytes, more than the {limit} that an item may have"
    ))
    .help(
        "raise `size_limit` under [items] in feeds.toml, or move the file out of the items' folder",
    )
}

/// The metadata to remember: unknown for a file that may still change without their showing it.
fn settled_stat(stat: Stat) -> Stat {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let age = i64::try_from(now.as_nanos()).unwrap_or(i64::MAX) - stat.modified.max(stat.changed);
    if age < RACY_NANOSECONDS {
        Stat::default()
    } else {
        stat
    }
}

/// The problem of a stated value that no term bears, with its place in the file.
fn unknown_term(config: &Config, unknown: &Unknown) -> Problem {
    Problem {
        excerpt: Excerpt::of_value(&unknown.text, unknown.line, unknown.column),
        ..unknown.problem(&config.taxonomy)
    }
}

pub(super) fn term_tags(tagging: &Tagging) -> Box<[TermTag]> {
    let tags = tagging.tags.iter();
    tags.map(|tag| TermTag {
        term: tag.term,
        origin: tag.origin,
        direct: tag.through.is_none(),
    })
    .collect()
}

/// The paths of terms, divided by spaces, as the ledger keeps them.
pub(super) fn term_paths(taxonomy: &Taxonomy, terms: &[TermTag]) -> String {
    let mut paths: Vec<String> = terms.iter().map(|tag| taxonomy.path(tag.term)).collect();
    paths.sort_unstable();
    paths.join(" ")
}

fn candidate(
    setup: &Setup,
    item: &Item,
    found: &Found,
    terms: &[TermTag],
    view: u64,
    published: Option<i64>,
    now: i64,
) -> Candidate {
    let date = crate::entry::from_milliseconds(published.unwrap_or(now));
    let title = match slug(&item.title) {
        title if title.is_empty() => "item".to_owned(),
        title => title,
    };
    Candidate {
        path: found.path.to_string(),
        id: item.id.clone(),
        slug: item.slug.clone().unwrap_or(title),
        slug_is_stated: item.slug.is_some(),
        view,
        published,
        year: date.with_timezone(&setup.config.site.timezone).year(),
        updated: item.updated.map(|date| date.timestamp_millis()),
        terms: term_paths(&setup.config.taxonomy, terms),
    }
}
