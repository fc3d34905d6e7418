//! What is sent: the messages of an issue, or letters. A set of choices is rendered once.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::Digest;
use crate::diagnostic::Problem;
use crate::digest::archive::Edition;
use crate::digest::choices::compose_for;
use crate::digest::compose::Issue;
use crate::entry::{Entry, from_milliseconds};
use crate::ledger::deliveries::{ClaimedDelivery, ClaimedLetter, Mailing, Quota};
use crate::ledger::{Ledger, LedgerError};
use crate::mail::address::Address;
use crate::mail::dkim::SignError;
use crate::mail::edition::{self, Making};
use crate::mail::message::{Envelope, Prepared, Recipient, Seal};
use crate::setup::Setup;

/// How many renderings are kept. Deliveries with the same choices follow one another; only those
/// that are tried again come to an older one.
const KEPT: usize = 32;

/// What is to be sent.
pub enum Stock {
    /// An issue.
    Issue(Box<IssueStock>),
    /// Letters.
    Letters,
}

/// An issue with all that its messages are made of.
pub struct IssueStock {
    /// Its digest, as it is configured.
    pub digest: Digest,
    /// What was approved.
    pub issue: Issue,
    /// What own selections choose from, newest first.
    pub pool: Vec<Arc<Entry>>,
    /// The slug that its digest had when sending it began: what mail programs know its messages
    /// by stays the same, however the digest is called meanwhile.
    pub sent_as: String,
    /// When it was due, in milliseconds since 1970 UTC.
    pub due: i64,
    /// The date of its messages.
    pub date: DateTime<Utc>,
    /// Made lately, by the number of their choices.
    renderings: VecDeque<(i64, Rendering)>,
}

/// What became of rendering a set of choices.
#[derive(Clone)]
enum Rendering {
    Made(Arc<Prepared>),
    /// It would hold nothing.
    Empty,
    Failed(String),
}

/// A message in hand.
pub struct Parcel {
    /// What the ledger knows it by.
    pub key: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// Where it goes.
    pub to: Address,
    load: Load,
}

enum Load {
    Issue(Arc<Prepared>, Box<Recipient>),
    Letter(String, Vec<u8>),
}

/// Why something that was claimed cannot be sent.
pub enum Unsendable {
    /// For now: somebody has to mend something.
    Held(String),
    /// There is nothing to send.
    Nothing(String),
    /// For good.
    Never(String),
}

/// What was claimed.
pub enum Claimed {
    /// Of an issue, with the choices whose numbers were not known yet.
    Deliveries(Vec<ClaimedDelivery>, Vec<(i64, Option<Vec<String>>)>),
    /// Letters.
    Letters(Vec<ClaimedLetter>),
}

impl Parcel {
    /// The message and its envelope, signed at `now`.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn message(
        &self,
        seal: &Seal,
        now: DateTime<Utc>,
    ) -> Result<(Envelope, Vec<u8>), SignError> {
        match &self.load {
            Load::Issue(prepared, recipient) => prepared.message(recipient, seal, now),
            Load::Letter(return_path, message) => {
                let envelope = Envelope {
                    from: return_path.clone(),
                    to: self.to.clone(),
                    smtputf8: self.to.needs_smtputf8() || !return_path.is_ascii(),
                };
                Ok((envelope, message.clone()))
            }
        }
    }
}

/// Takes what is due in hand, of an issue no more than `quota` leaves. `known` are the numbers of
/// choices that need not be looked up.
///
/// # Errors
/// When the ledger refuses.
pub fn claim(
    ledger: &mut Ledger,
    mailing: &Mailing,
    claimer: &str,
    known: &[i64],
    now: i64,
    limit: usize,
    quota: Option<&Quota>,
) -> Result<Claimed, LedgerError> {
    let Mailing::Issue { digest, period } = mailing else {
        return Ok(Claimed::Letters(ledger.claim_letters(claimer, now, limit)?));
    };
    let deliveries = ledger.claim_deliveries(digest, period, claimer, now, limit, quota)?;
    let mut numbers: Vec<i64> = deliveries.iter().map(|delivery| delivery.choices).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.retain(|number| !known.contains(number));
    let mut choices = Vec::with_capacity(numbers.len());
    for number in numbers {
        choices.push((number, ledger.delivery_choices(digest, period, number)?));
    }
    Ok(Claimed::Deliveries(deliveries, choices))
}

impl Stock {
    /// The numbers of the choices whose rendering is there.
    pub fn known(&self) -> Vec<i64> {
        match self {
            Stock::Issue(stock) => stock.renderings.iter().map(|(number, _)| *number).collect(),
            Stock::Letters => Vec::new(),
        }
    }

    /// Makes parcels of what was claimed, each with its key.
    pub fn parcels(
        &mut self,
        claimed: Claimed,
        setup: &Setup,
    ) -> Vec<(i64, Result<Parcel, Unsendable>)> {
        match (self, claimed) {
            (Stock::Issue(stock), Claimed::Deliveries(deliveries, choices)) => {
                stock.parcels(deliveries, choices, setup)
            }
            (_, Claimed::Letters(letters)) => letters
                .into_iter()
                .map(|letter| (letter.id, of_letter(letter)))
                .collect(),
            // Only issues have deliveries; were there any, they would be recovered.
            (Stock::Letters, Claimed::Deliveries(..)) => Vec::new(),
        }
    }
}

impl IssueStock {
    /// An issue, nothing of it rendered yet. `begun` is when sending it began: all of its messages
    /// bear that date, also those that are sent after a pause or a crash.
    pub fn new(
        digest: Digest,
        issue: Issue,
        pool: Vec<Arc<Entry>>,
        sent_as: String,
        due: i64,
        begun: DateTime<Utc>,
    ) -> IssueStock {
        IssueStock {
            digest,
            issue,
            pool,
            sent_as,
            due,
            date: begun,
            renderings: VecDeque::new(),
        }
    }

    fn parcels(
        &mut self,
        deliveries: Vec<ClaimedDelivery>,
        choices: Vec<(i64, Option<Vec<String>>)>,
        setup: &Setup,
    ) -> Vec<(i64, Result<Parcel, Unsendable>)> {
        let mut at_hand: Vec<(i64, Rendering)> = self.renderings.iter().cloned().collect();
        for (number, choices) in choices {
            let rendering = match choices {
                Some(choices) => self.render(&choices, setup),
                None => Rendering::Failed("the ledger lacks its choices".to_owned()),
            };
            at_hand.push((number, rendering.clone()));
            self.renderings.push_back((number, rendering));
            if self.renderings.len() > KEPT {
                self.renderings.pop_front();
            }
        }
        deliveries
            .into_iter()
            .map(|delivery| {
                let mut found = at_hand.iter();
                let found = found.find(|(number, _)| *number == delivery.choices);
                let parcel = match found {
                    Some((_, rendering)) => parcel(&delivery, rendering),
                    None => Err(Unsendable::Held("the ledger lacks its choices".to_owned())),
                };
                (delivery.subscriber, parcel)
            })
            .collect()
    }

    fn render(&self, choices: &[String], setup: &Setup) -> Rendering {
        match self.prepare(choices, setup) {
            Ok(Some(prepared)) => Rendering::Made(Arc::new(prepared)),
            Ok(None) => Rendering::Empty,
            Err(problem) => Rendering::Failed(match problem.help {
                Some(help) => format!("{}: {help}", problem.message),
                None => problem.message,
            }),
        }
    }

    fn prepare(&self, choices: &[String], setup: &Setup) -> Result<Option<Prepared>, Problem> {
        let config = &setup.config;
        let (site, digest) = (&config.site, &self.digest);
        let composed = compose_for(
            choices,
            &self.issue,
            &self.pool,
            digest,
            &config.taxonomy,
            site,
        )
        .map_err(|error| {
            let all = choices.join("' and '");
            Problem::error(format!("the selection '{all}' cannot be used: {error}"))
                .help("bring the term back under [facet] in feeds.toml, and send again")
        })?;
        let Some(issue) = composed else {
            return Ok(None);
        };
        let edition = Edition {
            issue,
            due: from_milliseconds(self.due),
        };
        let bodies = edition::render(setup, digest, &edition)?;
        let making = Making {
            mark: "",
            sent_as: &self.sent_as,
            date: self.date,
        };
        edition::prepare(setup, digest, &edition, bodies, &making).map(Some)
    }
}

fn parcel(delivery: &ClaimedDelivery, rendering: &Rendering) -> Result<Parcel, Unsendable> {
    let prepared = match rendering {
        Rendering::Made(prepared) => Arc::clone(prepared),
        Rendering::Empty => {
            return Err(Unsendable::Nothing(
                "nothing new in what they chose".to_owned(),
            ));
        }
        Rendering::Failed(why) => return Err(Unsendable::Held(why.clone())),
    };
    let to = address(&delivery.address)?;
    let recipient = Recipient {
        subscriber: delivery.subscriber,
        generation: delivery.generation,
        address: to.clone(),
        name: delivery.name.clone(),
    };
    Ok(Parcel {
        key: delivery.subscriber,
        attempts: delivery.attempts,
        to,
        load: Load::Issue(prepared, Box::new(recipient)),
    })
}

fn of_letter(letter: ClaimedLetter) -> Result<Parcel, Unsendable> {
    if letter.message.is_empty() {
        return Err(Unsendable::Never("the letter is damaged".to_owned()));
    }
    Ok(Parcel {
        key: letter.id,
        attempts: letter.attempts,
        to: address(&letter.address)?,
        load: Load::Letter(letter.return_path, letter.message),
    })
}

fn address(text: &str) -> Result<Address, Unsendable> {
    text.parse()
        .map_err(|error| Unsendable::Never(format!("the address cannot be used: {error}")))
}
