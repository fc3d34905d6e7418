//! `tidings digest push`: hand an issue to another sender.

use std::path::Path;

use clap::{Args, ValueEnum};
use tidings::config::listmonk::TOKEN_VARIABLE;
use tidings::config::{Approval, MailImages};
use tidings::diagnostic::Problem;
use tidings::digest::life::State;
use tidings::mail::edition;
use tidings::mail::listmonk::{self, Campaign, ListmonkError, Pushed};
use tidings::pipeline::issues::reader::{IssueReader, Read};

use super::{Failure, Outcome, digest, failed, label};
use crate::cli::{print, setup};

/// Hand an issue to another sender: as the draft of a campaign in listmonk
#[derive(Args)]
#[command(
    after_help = "Nothing is sent: a person starts the campaign there. Pushing an issue again changes the draft.\nTIDINGS_LISTMONK_TOKEN=user:token says as whom; [listmonk] in feeds.toml says where.\n\nExamples:\n  tidings digest push weekly --to listmonk\n  tidings digest push weekly 2024-W47 --to listmonk --list 3"
)]
pub struct Push {
    /// The digest's slug in feeds.toml
    slug: String,
    /// The issue's period: 2024-W47, 2024-11, a date in it; without one, the last
    period: Option<String>,
    /// The other sender
    #[arg(long, value_enum)]
    to: Sender,
    /// The number of a list in listmonk, instead of those in feeds.toml; may be given again
    #[arg(long = "list", value_name = "NUMBER")]
    lists: Vec<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sender {
    Listmonk,
}

impl Push {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let Sender::Listmonk = self.to;
        let setup = setup(directory)?;
        let (_, digest) = digest(&setup, &self.slug)?;
        let period = label(digest, self.period.as_deref())?;
        let Some(config) = &setup.config.listmonk else {
            return Err(Failure::Usage(
                Problem::error("feeds.toml does not say where listmonk is").help(
                    "add [listmonk] with `url = \"https://listmonk.example/\"` and `lists = [1]`",
                ),
            ));
        };
        let lists = match self.lists.is_empty() {
            true => &config.lists,
            false => &self.lists,
        };
        let mut reader = IssueReader::open(&setup).map_err(failed)?;
        let campaign = reader
            .read(Some(&self.slug), period.as_deref(), campaign)
            .map_err(|problem| Failure::Problems(vec![problem]))?;
        let token = std::env::var(TOKEN_VARIABLE).ok();
        let pushed = listmonk::push(config, token.as_deref(), lists, &campaign).map_err(refused)?;
        let (done, page) = match pushed {
            Pushed::Created(page) => ("A new campaign waits in listmonk", page),
            Pushed::Updated(page) => ("The campaign in listmonk has the issue as it is now", page),
        };
        print::line(&format!("{}\n{done}: {page}", campaign.subject));
        Ok(Outcome::Fine)
    }
}

/// An issue as a campaign, if it may leave the house.
fn campaign(read: Read<'_>) -> Result<Campaign, Problem> {
    let (record, issue) = (read.record, &read.edition.issue);
    let is_unapproved = record.state == State::Draft && read.digest.approval != Approval::Automatic;
    if is_unapproved || matches!(record.state, State::Skipped | State::Cancelled) {
        let message = format!(
            "issue {} of digest '{}' is {}: it is handed to nobody",
            record.period, record.digest, record.state
        );
        return Err(Problem::error(message).help(match record.state {
            State::Draft => "approve it first, with `tidings digest approve`",
            _ => "make it a draft again with `tidings digest reopen`",
        }));
    }
    let digest = tidings::config::Digest {
        // listmonk makes the message, and takes no pictures for it.
        images: MailImages::Link,
        ..read.digest.clone()
    };
    let bodies = edition::render(read.setup, &digest, read.edition)?;
    Ok(Campaign {
        name: format!("{}, {}", issue.title, record.period),
        tag: format!("tidings-{}-{}", record.digest, record.period),
        subject: issue.subject.clone(),
        from: digest.sender,
        html: bodies.html,
        text: bodies.text,
    })
}

fn refused(error: ListmonkError) -> Failure {
    match error {
        ListmonkError::NoToken | ListmonkError::BadToken | ListmonkError::NoList => {
            Failure::Usage(Problem::error(error.to_string()).help(error.help()))
        }
        ListmonkError::TimedOut(_)
        | ListmonkError::Unreachable(..)
        | ListmonkError::Failed { .. } => Failure::Failed(format!("{error}; {}", error.help())),
        _ => Failure::Problems(vec![Problem::error(error.to_string()).help(error.help())]),
    }
}
