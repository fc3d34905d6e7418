//! `tidings tag evaluate`: how good the tags are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use tidings::config::Config;
use tidings::diagnostic::Problem;
use tidings::evaluate::{
    self, Counts, Evaluation, Figures, Issuer, Labelled, Subject, Suspect, Way,
};
use tidings::learn::LEAST_ITEMS;
use tidings::pipeline::{ENOUGH_ITEMS, labelled};
use tidings::scan::{self, Found};
use tidings::setup::Setup;
use tidings::taxonomy::{FacetId, TermId};
use walkdir::WalkDir;

use crate::cli::{Failure, Outcome, facet, print, setup};

/// How many confusions and suspects are printed.
const WORST: usize = 10;

/// More items than this are not evaluated, but so many, spread over all.
const MOST_ITEMS: usize = 20_000;

/// Hide the labels of items and see which tags they would get: precision, recall, F1
#[derive(Args)]
#[command(
    after_help = "Without --held-out, the newsroom's items are divided into folds; each is asked about after\ntraining on the others. Nothing is published or changed.\n\nExamples:\n  tidings tag evaluate\n  tidings tag evaluate --held-out ../judged --json"
)]
pub struct Evaluate {
    /// Ask about the labelled files in DIR instead; they are never trained on
    #[arg(long, value_name = "DIR")]
    held_out: Option<PathBuf>,
    /// How many parts the items are divided into
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=50))]
    folds: u8,
    /// Evaluate this facet instead of those under `learn` in [tags]
    #[arg(long, value_name = "KEY")]
    facet: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Evaluate {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let facets = self.facets(&setup.config)?;
        let archive = items(&setup, &facets, setup.scanner.all().found);
        let subject = Subject {
            taxonomy: &setup.config.taxonomy,
            facets: &facets,
            precision: setup.config.tags.precision,
            language: &setup.config.site.language,
        };
        let (evaluations, asked) = match &self.held_out {
            None => {
                let found = evaluate::cross_validated(&subject, &archive, usize::from(self.folds));
                (found, archive)
            }
            Some(folder) => {
                let held_out = items(&setup, &facets, files(folder)?);
                let found = evaluate::held_out(&subject, &archive, &held_out);
                (found, held_out)
            }
        };
        let issuers = evaluate::issuers(&setup.config.taxonomy, &asked);
        let values = asked.iter().fold((0, 0), |sum, item| {
            (sum.0 + item.values.0, sum.1 + item.values.1)
        });
        let report = Report {
            config: &setup.config,
            how: match &self.held_out {
                Some(folder) => format!("on the files in {}", folder.display()),
                None => format!("in {} folds over the archive", self.folds),
            },
            is_held_out: self.held_out.is_some(),
            values,
        };
        if self.json {
            print::line(&report.json(&evaluations, &issuers).to_string());
        } else {
            print::line(report.text(&evaluations, &issuers).trim_end());
        }
        Ok(Outcome::Fine)
    }

    fn facets(&self, config: &Config) -> Result<Vec<FacetId>, Failure> {
        match &self.facet {
            None => Ok(config.tags.learn.clone()),
            Some(name) => Ok(vec![facet(config, name)?]),
        }
    }
}

/// Reads items, and prints what is wrong with those that cannot be read.
fn items(setup: &Setup, facets: &[FacetId], found: Vec<Found>) -> Vec<Labelled> {
    let mut found: Vec<Found> = found
        .into_iter()
        .filter(|found| found.format.is_some())
        .collect();
    if found.len() > MOST_ITEMS {
        let step = found.len().div_ceil(MOST_ITEMS);
        found = found.into_iter().step_by(step).collect();
    }
    let (items, problems) = labelled::read(setup, &found, facets);
    print::problems(&problems);
    items
}

/// The items below a folder that may lie anywhere.
fn files(folder: &Path) -> Result<Vec<Found>, Failure> {
    let folder = folder.canonicalize().map_err(|error| {
        Failure::Usage(Problem::error(format!("{}: {error}", folder.display())))
    })?;
    let mut found = Vec::new();
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.map_err(|error| Failure::Failed(error.to_string()))?;
        let format = scan::format_of(entry.path());
        if !entry.file_type().is_file() || format.is_none() {
            continue;
        }
        let metadata = entry
            .metadata()
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let path: Arc<str> = entry.path().to_string_lossy().into();
        found.push(Found {
            path,
            stat: scan::stat(&metadata),
            format,
        });
    }
    Ok(found)
}

struct Report<'a> {
    config: &'a Config,
    how: String,
    /// Whether the items asked about lie outside the newsroom.
    is_held_out: bool,
    /// How many values are stated, and how many of them name a term.
    values: (usize, usize),
}

impl Report<'_> {
    fn text(&self, evaluations: &[Evaluation], issuers: &[Issuer]) -> String {
        let mut text = String::new();
        for evaluation in evaluations {
            self.evaluation(evaluation, &mut text);
        }
        for issuer in issuers {
            let name = &self.config.taxonomy.facet(issuer.facet).name;
            text.push_str(&format!(
                "{name} from the text alone: {} of {} right ({}), {} to the letter of the label ({}); without review {} of {}\n",
                issuer.right,
                issuer.items,
                percent(issuer.right, issuer.items),
                issuer.exact,
                percent(issuer.exact, issuer.items),
                issuer.given.1,
                issuer.given.0
            ));
        }
        let (stated, resolved) = self.values;
        text.push_str(&format!(
            "Stated values that name a term: {resolved} of {stated} ({})\n",
            percent(resolved, stated)
        ));
        text
    }

    fn evaluation(&self, evaluation: &Evaluation, text: &mut String) {
        let facet = self.config.taxonomy.facet(evaluation.facet);
        let mut line = |line: String| text.push_str(&(line + "\n"));
        line(format!(
            "{}: {} labelled items, {}",
            facet.plural, evaluation.items, self.how
        ));
        if evaluation.items == 0 {
            line("  nothing to evaluate: no item states any\n".to_owned());
            return;
        }
        if evaluation.learned_from == 0 {
            line(format!(
                "  nothing was learned: that takes {LEAST_ITEMS} labelled items; all figures are those of the rules"
            ));
        } else {
            line(format!(
                "  learned from {} items on average",
                evaluation.learned_from
            ));
            let archive = match self.is_held_out {
                true => evaluation.learned_from,
                false => evaluation.items,
            };
            if archive < ENOUGH_ITEMS {
                line(format!(
                    "  {archive} are too few for a build: it lets the rules decide alone until {ENOUGH_ITEMS} are labelled"
                ));
            }
        }
        let asked = self.config.tags.precision;
        line(format!(
            "\n  {:<8}{:>10}{:>9}{:>9}{:>10}   {}",
            "",
            "precision",
            "recall",
            "F1",
            "macro F1",
            format_args!("given without review (asked: {asked})"),
        ));
        for (way, figures) in &evaluation.ways {
            line(format!(
                "  {:<8}{:>10.3}{:>9.3}{:>9.3}{:>10.3}   precision {:.3}, {} of the labels, {} of the items",
                name(*way),
                figures.guessed.precision(),
                figures.guessed.recall(),
                figures.guessed.f1(),
                figures.macro_average.2,
                figures.given.precision(),
                percent(figures.given.right, figures.given.stated()),
                percent(figures.covered, evaluation.items),
            ));
        }
        let Some((_, figures)) = evaluation.ways.last() else {
            return;
        };
        line(format!(
            "\n  {:<44}{:>7}{:>11}{:>8}{:>8}{:>16}{:>8}",
            "each term, by both",
            "labels",
            "precision",
            "recall",
            "F1",
            "given: precision",
            "recall"
        ));
        for term in &figures.terms {
            line(format!(
                "  {:<44}{:>7}{:>11.2}{:>8.2}{:>8.2}{:>16}{:>8.2}",
                self.name(term.term),
                term.guessed.stated(),
                term.guessed.precision(),
                term.guessed.recall(),
                term.guessed.f1(),
                if term.given.right + term.given.wrong == 0 {
                    "-".to_owned()
                } else {
                    format!("{:.2}", term.given.precision())
                },
                term.given.recall(),
            ));
        }
        if let Some(error) = figures.calibration {
            line(format!(
                "\n  Probabilities are off by {:.1} points on average.",
                error * 100.0
            ));
        }
        if !figures.confusions.is_empty() {
            line("\n  Worst confusions".to_owned());
        }
        for confusion in figures.confusions.iter().take(WORST) {
            line(format!(
                "    {} stated, {} found: {} items",
                self.name(confusion.stated),
                self.name(confusion.found),
                confusion.items
            ));
        }
        if !evaluation.suspects.is_empty() {
            line("\n  Labels that look wrong".to_owned());
        }
        for suspect in evaluation.suspects.iter().take(WORST) {
            line(format!(
                "    {}: {} ({:.0} %), rather {} ({:.0} %)",
                suspect.path,
                self.name(suspect.stated),
                suspect.probability * 100.0,
                self.name(suspect.instead),
                suspect.instead_probability * 100.0,
            ));
        }
        line(String::new());
    }

    fn name(&self, term: TermId) -> &str {
        &self.config.taxonomy.term(term).name
    }

    fn key(&self, term: TermId) -> String {
        let term = self.config.taxonomy.term(term);
        format!(
            "{}:{}",
            self.config.taxonomy.facet(term.facet).key,
            term.slug
        )
    }

    fn json(&self, evaluations: &[Evaluation], issuers: &[Issuer]) -> Value {
        let facet = |id: FacetId| &self.config.taxonomy.facet(id).key;
        let evaluation = |it: &Evaluation| {
            let ways = it
                .ways
                .iter()
                .map(|(way, figures)| (name(*way).to_owned(), self.figures(figures, it.items)));
            json!({
                "facet": facet(it.facet),
                "items": it.items,
                "learned_from": it.learned_from,
                "precision_asked": self.config.tags.precision,
                "ways": ways.collect::<serde_json::Map<_, _>>(),
                "labels_that_look_wrong": it.suspects.iter().map(|it| self.suspect(it)).collect::<Vec<_>>(),
            })
        };
        let issuer = |it: &Issuer| {
            json!({
                "facet": facet(it.facet),
                "items": it.items,
                "right": it.right,
                "top_1": ratio(it.right, it.items),
                "exact": it.exact,
                "exact_top_1": ratio(it.exact, it.items),
                "given": it.given.0,
                "given_right": it.given.1,
            })
        };
        json!({
            "facets": evaluations.iter().map(evaluation).collect::<Vec<_>>(),
            "issuers": issuers.iter().map(issuer).collect::<Vec<_>>(),
            "stated_values": { "count": self.values.0, "resolved": self.values.1 },
        })
    }

    fn figures(&self, figures: &Figures, items: usize) -> Value {
        let terms = figures.terms.iter().map(|it| {
            json!({
                "term": self.key(it.term),
                "guessed": counts(&it.guessed),
                "given": counts(&it.given),
            })
        });
        let confusions = figures.confusions.iter().map(|it| {
            json!({
                "stated": self.key(it.stated),
                "found": self.key(it.found),
                "items": it.items,
            })
        });
        let (precision, recall, f1) = figures.macro_average;
        json!({
            "micro": counts(&figures.guessed),
            "macro": { "precision": precision, "recall": recall, "f1": f1 },
            "given_without_review": counts(&figures.given),
            "coverage": ratio(figures.covered, items),
            "exactly_right": ratio(figures.exact, items),
            "calibration_error": figures.calibration,
            "terms": terms.collect::<Vec<_>>(),
            "confusions": confusions.collect::<Vec<_>>(),
        })
    }

    fn suspect(&self, suspect: &Suspect) -> Value {
        json!({
            "path": suspect.path,
            "stated": self.key(suspect.stated),
            "probability": suspect.probability,
            "instead": self.key(suspect.instead),
            "instead_probability": suspect.instead_probability,
        })
    }
}

fn counts(counts: &Counts) -> Value {
    json!({
        "precision": counts.precision(),
        "recall": counts.recall(),
        "f1": counts.f1(),
        "right": counts.right,
        "wrong": counts.wrong,
        "missed": counts.missed,
    })
}

fn name(way: Way) -> &'static str {
    match way {
        Way::Rules => "rules",
        Way::Model => "model",
        Way::Both => "both",
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn percent(part: usize, whole: usize) -> String {
    ratio(part, whole).map_or("-".to_owned(), |ratio| format!("{:.1} %", ratio * 100.0))
}
