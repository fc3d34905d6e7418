//! `tidings digest edit`: change a draft.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use tidings::diagnostic::Problem;
use tidings::digest::edits::{self, Move};
use tidings::ledger::IssueRecord;
use tidings::pipeline::issues::desk::{Desk, item};

use super::{Failure, Outcome, Which, Who, digest, issue, open_ledger, refused};
use crate::cli::{print, setup};

/// Change a draft: subject, preheader, introduction, order, and which items it has
#[derive(Args)]
#[command(
    after_help = "An item is named by its id, its web address, or the last part of that. Edits stay when the draft\nis made anew. An approved issue must be approved again.\n\nExamples:\n  tidings digest edit weekly --subject \"Elections in four countries\"\n  tidings digest edit weekly --headline river-rises --drop typo --pin dam\n  tidings digest edit weekly --move dam --before river-rises\n  tidings digest edit weekly --introduction-file words.md"
)]
pub struct Edit {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    who: Who,
    /// Another subject
    #[arg(long, value_name = "TEXT", conflicts_with = "no_subject")]
    subject: Option<String>,
    /// The subject that is made
    #[arg(long)]
    no_subject: bool,
    /// What mail programs show beside the subject
    #[arg(long, value_name = "TEXT", conflicts_with = "no_preheader")]
    preheader: Option<String>,
    /// The preheader that is made
    #[arg(long)]
    no_preheader: bool,
    /// What stands above the items, in Markdown; "" for nothing
    #[arg(long, value_name = "MARKDOWN", conflicts_with_all = ["introduction_file", "no_introduction"])]
    introduction: Option<String>,
    /// The same from a file; `-` reads the standard input
    #[arg(long, value_name = "FILE", conflicts_with = "no_introduction")]
    introduction_file: Option<PathBuf>,
    /// The digest's own introduction
    #[arg(long)]
    no_introduction: bool,
    /// The item that stands above all others
    #[arg(long, value_name = "ITEM", conflicts_with = "no_headline")]
    headline: Option<String>,
    /// No headline
    #[arg(long)]
    no_headline: bool,
    /// An item to stand first in its group; may be repeated
    #[arg(long, value_name = "ITEM")]
    pin: Vec<String>,
    /// An item to stand where its date puts it; may be repeated
    #[arg(long, value_name = "ITEM")]
    unpin: Vec<String>,
    /// An item to leave out; may be repeated
    #[arg(long, value_name = "ITEM")]
    drop: Vec<String>,
    /// An item to leave out no more; may be repeated
    #[arg(long, value_name = "ITEM")]
    restore: Vec<String>,
    /// An item to put before another, in that one's group
    #[arg(long = "move", value_name = "ITEM", requires = "before")]
    moved: Option<String>,
    /// The item before which it stands
    #[arg(long, value_name = "ITEM", requires = "moved")]
    before: Option<String>,
}

impl Edit {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let who = self.who.name()?;
        let setup = setup(directory)?;
        let (_, digest) = digest(&setup, &self.which.slug)?;
        let mut ledger = open_ledger(&setup)?;
        let period = self.which.period.as_deref();
        let issue = issue(&mut ledger, digest, period, |issue| issue.state.is_open())?;
        let edits = self.edits(&issue)?;
        if edits.is_empty() {
            return Err(Failure::Usage(
                Problem::error("nothing is to be changed")
                    .help("say what: see `tidings digest edit --help`"),
            ));
        }
        let mut desk = Desk {
            ledger: &mut ledger,
            digest,
            who,
            now: Utc::now(),
        };
        let issue = desk.edit(issue, edits).map_err(refused)?;
        print::line(&format!(
            "{} {}: edited, {}; see `tidings digest show {0} {1}`",
            issue.digest, issue.period, issue.state
        ));
        Ok(Outcome::Fine)
    }

    /// All changes, in an order in which none undoes another: first what is there again, last
    /// what is left out.
    fn edits(&self, issue: &IssueRecord) -> Result<Vec<edits::Edit>, Failure> {
        use edits::Edit as Change;
        let id = |text: &String| item(issue, text).map_err(refused);
        let mut all = Vec::new();
        if self.subject.is_some() || self.no_subject {
            all.push(Change::Subject(self.subject.clone()));
        }
        if self.preheader.is_some() || self.no_preheader {
            all.push(Change::Preheader(self.preheader.clone()));
        }
        let introduction = match &self.introduction_file {
            Some(file) => Some(read(file)?),
            None => self.introduction.clone(),
        };
        if introduction.is_some() || self.no_introduction {
            all.push(Change::Introduction(introduction));
        }
        for item in &self.restore {
            all.push(Change::Restore(id(item)?));
        }
        for item in &self.unpin {
            all.push(Change::Unpin(id(item)?));
        }
        if let (Some(moved), Some(before)) = (&self.moved, &self.before) {
            all.push(Change::Move(Move {
                item: id(moved)?,
                before: id(before)?,
            }));
        }
        for item in &self.pin {
            all.push(Change::Pin(id(item)?));
        }
        if self.headline.is_some() || self.no_headline {
            all.push(Change::Headline(
                self.headline.as_ref().map(id).transpose()?,
            ));
        }
        for item in &self.drop {
            all.push(Change::Drop(id(item)?));
        }
        Ok(all)
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = match file.as_os_str() == "-" {
        true => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        }
        false => fs::read_to_string(file),
    };
    text.map_err(|error| {
        let problem = Problem::error(format!("{}: {error}", file.display()));
        Failure::Usage(problem.help("give a text file in UTF-8, or `-` for the standard input"))
    })
}
