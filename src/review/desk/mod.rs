//! The review page: doubtful items in a browser, decided about by buttons.
//!
//! For the one who started it, on the same machine alone: every address begins with a token that is
//! drawn anew for each run, so that neither other pages nor other people here can decide anything.
//! Decisions are kept by [`super::decide`], as those of the keystrokes are.

mod page;
mod routes;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Doubt;
use super::decide::{DecideError, decide};
use crate::config::Config;
use crate::item::{Decision, Format};
use crate::tag::{Origin, Tagger, decided};
use crate::taxonomy::TermId;

pub use routes::{DeskError, Running, start};

/// What is reviewed, and how far it has come.
#[derive(Debug)]
pub struct Desk {
    /// The newsroom's folder.
    root: PathBuf,
    config: Config,
    tagger: Tagger,
    doubts: Vec<Doubt>,
    decided: usize,
}

/// What a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The item bears a suggested term: `facet:slug`.
    Accept(String),
    /// It does not.
    Reject(String),
    /// It bears a term that the editor typed, by its name or as `facet:slug`.
    Add(String),
    /// Nothing is decided; the item leaves the list until the next run.
    Skip,
}

/// Why a verdict was not kept.
#[derive(Debug, Error)]
pub enum VerdictError {
    /// The item was decided about meanwhile, or never was in the list.
    #[error("this item is not in the list any more")]
    Gone,
    /// No term of the facet is called so.
    #[error("there is no term '{text}'{}", nearest.as_ref().map_or(String::new(), |it| format!("; did you mean '{it}'?")))]
    NoTerm {
        /// What was typed.
        text: String,
        /// What was most likely meant.
        nearest: Option<String>,
    },
    /// The file could not be written.
    #[error(transparent)]
    Keep(#[from] DecideError),
}

impl Desk {
    /// A desk with these doubts on it. `root` is the newsroom's folder.
    pub fn new(root: PathBuf, config: Config, tagger: Tagger, doubts: Vec<Doubt>) -> Desk {
        Desk {
            root,
            config,
            tagger,
            doubts,
            decided: 0,
        }
    }

    /// Carries out a verdict about the doubt with the file `path` and a facet's key.
    ///
    /// # Errors
    /// When nothing was kept.
    pub fn decide(
        &mut self,
        path: &str,
        facet: &str,
        verdict: &Verdict,
    ) -> Result<(), VerdictError> {
        let taxonomy = &self.config.taxonomy;
        // Only what is in the list can be written to: no path comes from outside.
        let mut places = self.doubts.iter();
        let place = places
            .position(|it| it.path == path && taxonomy.facet(it.facet).key == facet)
            .ok_or(VerdictError::Gone)?;
        let (text, accepted) = match verdict {
            Verdict::Accept(text) | Verdict::Add(text) => (text.trim(), true),
            Verdict::Reject(text) => (text.trim(), false),
            Verdict::Skip => {
                self.doubts.remove(place);
                return Ok(());
            }
        };
        let term = self.term(place, text)?;
        let extension = Path::new(path).extension().and_then(OsStr::to_str);
        let format = extension.and_then(Format::of).ok_or(VerdictError::Gone)?;
        let decision = Decision::new(accepted, self.key(term));
        let file = self.root.join(path);
        decide(&file, format, self.config.tags.decisions, &[decision])?;
        self.decided += 1;
        let doubt = &mut self.doubts[place];
        let before = doubt.suggested.len();
        doubt.suggested.retain(|tag| tag.term != term);
        doubt.given.retain(|(given, _)| *given != term);
        if accepted {
            doubt.given.push((term, Origin::Editor));
        }
        // An item with its last suggestion decided, or one without any and now with a term, is done.
        if doubt.suggested.is_empty() && (before > 0 || accepted) {
            self.doubts.remove(place);
        }
        Ok(())
    }

    fn term(&self, place: usize, text: &str) -> Result<TermId, VerdictError> {
        let (taxonomy, facet) = (&self.config.taxonomy, self.doubts[place].facet);
        let term = decided::term_of(taxonomy, text).or_else(|| self.tagger.named(facet, text));
        let of_facet = term.filter(|term| taxonomy.term(*term).facet == facet);
        of_facet.ok_or_else(|| {
            let nearest = self.tagger.nearest(facet, text);
            VerdictError::NoTerm {
                text: text.to_owned(),
                nearest: nearest.map(|term| taxonomy.term(term).name.clone()),
            }
        })
    }

    /// `field_of_work:elections`.
    fn key(&self, term: TermId) -> String {
        let term = self.config.taxonomy.term(term);
        let facet = self.config.taxonomy.facet(term.facet);
        format!("{}:{}", facet.key, term.slug)
    }
}
