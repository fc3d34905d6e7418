//! What people can ask for: a digest, or a selection of their own that goes out with one.

use thiserror::Error;

use crate::config::{Config, Digest};
use crate::diagnostic::did_you_mean;
use crate::language::LanguageId;
use crate::ledger::subscribers::Choice;
use crate::selection::{self, Selection};

/// The most bytes of a selection of one's own, as of a feed on demand.
const SELECTION_LIMIT: usize = 1_500;
/// The most selections of one's own: what one mail can still be read with.
pub const OWN_LIMIT: usize = 20;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wish {
    /// The slug of the digest.
    pub digest: String,
    /// Empty: the digest as it is. Else the normal form of a selection.
    pub selection: String,
    /// BCP 47 tag of the digest.
    pub language: String,
}

impl Wish {
    /// Whether a choice is this.
    pub fn is(&self, choice: &Choice) -> bool {
        self.digest == choice.digest && self.selection == choice.selection
    }

    /// The wish that a choice came of.
    pub fn of(choice: &Choice) -> Wish {
        Wish {
            digest: choice.digest.clone(),
            selection: choice.selection.clone(),
            language: choice.language.clone(),
        }
    }
}

/// Why something cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WishError {
    /// There is no such digest.
    #[error("there is no digest '{slug}'{}", .near.as_ref().map(|near| format!("; did you mean '{near}'?")).unwrap_or_default())]
    Digest {
        /// As it was written.
        slug: String,
        /// One of almost the same name.
        near: Option<String>,
    },
    /// The digest carries no selections of one's own.
    #[error(
        "the digest '{0}' carries no selections of one's own: it has no 'choices' in feeds.toml"
    )]
    NoChoices(String),
    /// It means nothing, or too much.
    #[error("the selection '{text}' cannot be used: {why}")]
    Selection {
        /// As it was written.
        text: String,
        /// Why.
        why: String,
    },
}

/// A whole digest.
///
/// # Errors
/// When there is none of this slug.
pub fn whole(config: &Config, slug: &str) -> Result<Wish, WishError> {
    let digest = digest(config, slug)?;
    Ok(Wish {
        digest: digest.slug.clone(),
        selection: String::new(),
        language: digest.language.clone(),
    })
}

/// A selection of one's own that goes out with a digest.
///
/// # Errors
/// When there is no such digest, when it carries no selections, and when the text is none.
pub fn own(config: &Config, slug: &str, text: &str) -> Result<Wish, WishError> {
    let digest = digest(config, slug)?;
    if !carries_own(digest) {
        return Err(WishError::NoChoices(slug.to_owned()));
    }
    let wrong = |why: String| WishError::Selection {
        text: text.to_owned(),
        why,
    };
    if text.len() > SELECTION_LIMIT {
        return Err(wrong(format!("it has more than {SELECTION_LIMIT} bytes")));
    }
    let selection = Selection::parse(text, &config.taxonomy);
    let selection = selection.map_err(|error| wrong(error.message))?;
    let normal = selection
        .normal()
        .map_err(|error| wrong(error.to_string()))?;
    if normal.is_empty() {
        return Err(wrong("no item can ever be selected by it".to_owned()));
    }
    if normal.text.len() > SELECTION_LIMIT {
        return Err(wrong("written out, it is too long".to_owned()));
    }
    Ok(Wish {
        digest: digest.slug.clone(),
        selection: normal.text,
        language: digest.language.clone(),
    })
}

/// The selection of what was ticked (`topic:water`), going out with a digest; `None` where
/// nothing was.
///
/// # Errors
/// As [`own`].
pub fn ticked(config: &Config, slug: &str, ticks: &[String]) -> Result<Option<Wish>, WishError> {
    let pairs = ticks.iter();
    let pairs = pairs.map(|tick| tick.split_once(':').unwrap_or((tick, "")));
    match selection::of_ticks(pairs) {
        Some(text) => own(config, slug, &text).map(Some),
        None => Ok(None),
    }
}

/// Whether subscribers' own selections go out with a digest.
pub fn carries_own(digest: &Digest) -> bool {
    digest.choices.is_some()
}

/// What a choice is, in the words of a language of the site: `The week in brief`, or `Albania and
/// Policing – The week in brief`. What is not in the configuration any more has its slug.
pub fn words(config: &Config, choice: &Wish, language: LanguageId) -> String {
    let digest = config.digests.iter();
    let digest = digest
        .clone()
        .find(|digest| digest.slug == choice.digest)
        .map_or(&choice.digest, |digest| &digest.title);
    if choice.selection.is_empty() {
        return digest.clone();
    }
    let tag = &config.site.language(language).tag;
    let words = config.site.phrases.words(tag);
    let selection = match Selection::parse(&choice.selection, &config.taxonomy) {
        Ok(selection) => selection.words_in(&config.taxonomy, language, words),
        Err(_) => choice.selection.clone(),
    };
    format!("{selection} – {digest}")
}

fn digest<'a>(config: &'a Config, slug: &str) -> Result<&'a Digest, WishError> {
    let digests = config.digests.iter();
    // Whoever subscribed under a name that it had before still means it.
    let mut found = digests.clone().filter(|digest| digest.slug == slug);
    let former = || {
        let mut digests = config.digests.iter();
        digests.find(|digest| digest.was.iter().any(|was| was == slug))
    };
    found.next().or_else(former).ok_or_else(|| {
        let slugs = digests.map(|digest| digest.slug.as_str());
        WishError::Digest {
            slug: slug.to_owned(),
            near: did_you_mean(slug, slugs).map(str::to_owned),
        }
    })
}
