//! Everything that `feeds.toml` and the templates say, loaded and compiled once.
//!
//! Reads the two from the disk; nothing else. A [`Setup`] never changes: a reload makes a new one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;
use xxhash_rust::xxh3::xxh3_64;

use crate::catalog::store::Settings;
use crate::config::{self, Config};
use crate::diagnostic::Problem;
use crate::digest;
use crate::fingerprint::Fingerprint;
use crate::item::Reader;
use crate::language::LanguageId;
use crate::page;
use crate::scan::Scanner;
use crate::subscribers::letters;
use crate::tag::Tagger;
use crate::template::{EMBEDDED, Templates};

/// The name of the configuration in a newsroom's folder.
pub const CONFIG_FILE: &str = "feeds.toml";

/// Changes whenever a new version of the program would make other bytes of the same input.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// A newsroom's configuration and templates, compiled.
pub struct Setup {
    /// The newsroom's folder, absolute.
    pub root: PathBuf,
    /// `feeds.toml`, as it is written.
    pub source: String,
    /// `feeds.toml`.
    pub config: Config,
    /// Reads items.
    pub reader: Reader,
    /// Tags items.
    pub tagger: Tagger,
    /// Finds items.
    pub scanner: Scanner,
    /// Renders pages and mails.
    pub templates: Templates,
    /// The icon that browsers ask for untold; `None` where the newsroom has replaced our icon and
    /// given none for this.
    pub favicon: Option<Vec<u8>>,
    /// What is doubtful about `feeds.toml`.
    pub warnings: Vec<Problem>,
    /// Fingerprint of what every generated file depends on.
    pub fingerprint: u64,
    /// What the catalog's records depend on.
    pub settings: Settings,
}

impl Setup {
    /// Loads the newsroom in `root`.
    ///
    /// # Errors
    /// Every problem of the configuration and, where that is right, of the templates.
    pub fn load(root: &Path) -> Result<Setup, Vec<Problem>> {
        let root = root.canonicalize().map_err(|error| {
            vec![Problem::error(format!(
                "the folder {} cannot be opened: {error}",
                root.display()
            ))]
        })?;
        let file = root.join(CONFIG_FILE);
        let source = fs::read_to_string(&file).map_err(|error| vec![unreadable(&file, &error)])?;
        Setup::of(root, source, Path::new(CONFIG_FILE))
    }

    /// Compiles `source` as the configuration of the newsroom in `root`, an absolute path; `name`
    /// is how problems name it.
    ///
    /// # Errors
    /// As [`Setup::load`].
    pub fn of(root: PathBuf, source: String, name: &Path) -> Result<Setup, Vec<Problem>> {
        let (config, warnings) = config::read(&source, name)?;
        let folder = root.join(&config.pages.templates);
        let overrides = template_files(&folder)?;
        let has_icon = config.site.icon.is_some() || overrides.iter().any(is_other_icon);
        let favicon = favicon(&folder, has_icon)?;
        // With the templates as they come, and nothing made with them, there is nothing to check.
        let checks = !overrides.is_empty()
            || config.pages.enabled
            || config.subscriptions.enabled
            || !config.digests.is_empty();
        let templates = Templates::with_phrases(
            overrides,
            config.site.timezone,
            Arc::clone(&config.site.phrases),
        )?;
        if checks {
            templates.prepare()?;
        }
        let mut warnings = warnings;
        if config.site.languages.len() > 1 {
            for language in &config.site.languages {
                let words = config.site.phrases.share(&language.tag);
                let problem = templates.untranslated(&words);
                warnings.extend(problem.map(|problem| {
                    match config::language_place(&source, &language.tag) {
                        Some(place) => problem.at(&source, place).in_file(name),
                        None => problem.in_file(name),
                    }
                }));
            }
        }
        warnings.extend(unsaid_consent(&config));
        let problems = match checks {
            true => template_problems(&config, &templates),
            false => Vec::new(),
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let scanner = Scanner::new(&root, &config.items, &config.output.folder)
            .map_err(|problem| vec![problem.in_file(name)])?;
        let settings = Settings {
            fingerprint: Fingerprint::default().text(&source).text(PROGRAM).finish(),
            facets: config
                .taxonomy
                .facets
                .iter()
                .map(|facet| facet.key.clone())
                .collect(),
        };
        Ok(Setup {
            reader: Reader::new((&config).into()),
            tagger: Tagger::new(&config.taxonomy),
            fingerprint: Fingerprint::default()
                .number(settings.fingerprint)
                .number(templates.fingerprint())
                .number(xxh3_64(favicon.as_deref().unwrap_or_default()))
                .finish(),
            favicon,
            root,
            source,
            warnings,
            config,
            scanner,
            templates,
            settings,
        })
    }

    /// The folder of the ledger, which also holds the catalog's store and the lock.
    pub fn state_folder(&self) -> PathBuf {
        let ledger = self.root.join(&self.config.ledger.file);
        ledger
            .parent()
            .map_or_else(|| self.root.clone(), Path::to_path_buf)
    }
}

/// What is wrong with the templates, for all that is made with them.
fn template_problems(config: &Config, templates: &Templates) -> Vec<Problem> {
    let mut problems = page::check(templates);
    let main = crate::publish::site(config, LanguageId::MAIN);
    problems.extend(letters::check(templates, &main));
    for digest in &config.digests {
        let language = config.site.language_of(&digest.language);
        let pages = crate::publish::site(config, language.unwrap_or(LanguageId::MAIN));
        problems.extend(digest::check(digest, &config.site, &pages, templates));
    }
    problems
}

/// That people of a language are asked to agree to what they may not be able to read.
fn unsaid_consent(config: &Config) -> Vec<Problem> {
    let consent = &config.subscriptions.consent;
    let site = &config.site;
    if !config.subscriptions.enabled || site.languages.len() < 2 {
        return Vec::new();
    }
    let tags = site.languages.iter().map(|language| &language.tag);
    let lacking = tags.filter(|tag| !site.phrases.words(tag).knows(consent));
    let warning = |tag: &String| {
        let message = format!("what subscribers agree to is not said in '{tag}'");
        let help = format!("put 'consent' of [subscriptions] under [language.{tag}.strings] too");
        Problem::warning(message).help(help)
    };
    lacking.map(warning).collect()
}

fn unreadable(file: &Path, error: &io::Error) -> Problem {
    let problem = Problem::error(format!("{} cannot be read: {error}", file.display()));
    if error.kind() == io::ErrorKind::NotFound {
        problem.help("run `tidings init` to start a newsroom here, or name its folder with -C")
    } else {
        problem
    }
}

/// Whether a template is an icon, and not a copy of ours.
fn is_other_icon((name, source): &(String, String)) -> bool {
    let ours = EMBEDDED.iter().find(|(known, _)| *known == page::ICON);
    name == page::ICON && ours.is_none_or(|(_, ours)| ours != source)
}

/// The icon in `folder`, or else ours unless the newsroom has another one.
fn favicon(folder: &Path, has_icon: bool) -> Result<Option<Vec<u8>>, Vec<Problem>> {
    match fs::read(folder.join(page::FAVICON)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok((!has_icon).then(|| page::FAVICON_BYTES.to_vec()))
        }
        Err(error) => Err(vec![
            Problem::error(format!("the icon cannot be read: {error}"))
                .in_file(&folder.join(page::FAVICON)),
        ]),
    }
}

/// The templates of the newsroom's own: names below the folder, and sources.
fn template_files(folder: &Path) -> Result<Vec<(String, String)>, Vec<Problem>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let source = entry.map_err(io::Error::from).and_then(|entry| {
            let name = entry
                .path()
                .strip_prefix(folder)
                .unwrap_or(entry.path())
                .to_string_lossy()
                .into_owned();
            let hidden = name
                .split('/')
                .any(|part| part.starts_with('.') || part.ends_with('~'));
            if hidden || name == page::FAVICON || !entry.file_type().is_file() {
                return Ok(None);
            }
            fs::read_to_string(entry.path()).map(|source| Some((name, source)))
        });
        match source {
            Ok(file) => files.extend(file),
            Err(error) => problems.push(
                Problem::error(format!("a template cannot be read: {error}")).in_file(folder),
            ),
        }
    }
    if problems.is_empty() {
        Ok(files)
    } else {
        Err(problems)
    }
}
