//! `tidings subscribers add`, `remove`, `pause`, `erase` and `suppress`.

use chrono::{NaiveDate, NaiveTime, TimeZone};
use clap::Args;
use tidings::diagnostic::Problem;
use tidings::ledger::subscribers::{Facts, Reason};
use tidings::mail::address::Address;
use tidings::subscribers::decide::{Preferences, Reply, SignUp, chosen};
use tidings::subscribers::enter::{Entered, Entry};
use tidings::subscribers::links::Holder;
use tidings::subscribers::name::name;
use tidings::subscribers::wish::{self, Wish, WishError};

use super::{Register, address};
use crate::cli::{Failure, Outcome, print};

/// Subscribe somebody: by a letter that asks them to confirm, or at once with a consent that you
/// have
#[derive(Args)]
pub struct Add {
    /// Where mail is to go
    #[arg(value_parser = address)]
    address: Address,
    /// A digest that they want; may be given several times
    #[arg(long, value_name = "SLUG")]
    digest: Vec<String>,
    /// Selections of their own, with the digest that they go out with; may be given several times
    #[arg(long, value_name = "SLUG: SELECTION")]
    select: Vec<String>,
    /// How and where they agreed; without this they are asked by a letter
    #[arg(long, value_name = "WORDS")]
    consent: Option<String>,
    /// As they are called
    #[arg(long)]
    name: Option<String>,
    /// The language of letters to them, if it is not the site's main one
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
}

impl Add {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let wishes = self.wishes(register)?;
        let site = &register.setup.config.site;
        let language = self
            .language
            .clone()
            .unwrap_or_else(|| site.language.clone());
        if site.language_of(&language).is_none() {
            let message = format!("the site has no language '{language}'");
            return Err(Failure::Usage(Problem::error(message)));
        }
        let now = register.now;
        let Some(consent) = &self.consent else {
            let request = SignUp {
                address: self.address.clone(),
                language,
                wishes,
            };
            let (registrar, ledger) = register.registrar();
            let said = match registrar.sign_up(ledger, &request, "command line", now)? {
                Reply::Confirm => "A letter asks them to confirm; it goes with the next mails.",
                Reply::Known => "They get this already; a letter says so.",
                Reply::Silence => {
                    let message = "no letter may be sent to this address now";
                    let help = "it had letters enough today, or is never mailed again";
                    return Err(Failure::Usage(Problem::error(message).help(help)));
                }
            };
            print::line(said);
            return Ok(Outcome::Fine);
        };
        let name = name(self.name.as_deref().unwrap_or_default());
        let name = name.map_err(|error| Failure::Usage(Problem::error(error.to_string())))?;
        let entry = Entry {
            address: self.address.clone(),
            name,
            language,
            has_left: false,
            paused_until: None,
            wishes,
            left: Vec::new(),
            at: now,
            act: "added",
            source: format!("command line: {consent}"),
            wording: String::new(),
        };
        let (registrar, ledger) = register.registrar();
        let (entered, left_out) = registrar
            .enter(ledger, &entry, now)?
            .map_err(|why| Failure::Usage(Problem::error(why.to_string())))?;
        for why in &left_out {
            print::problems(&[Problem::warning(why.to_string())]);
        }
        print::line(match entered {
            Entered::Added => "Subscribed.",
            Entered::Changed => "Subscribed to this too.",
            Entered::Unchanged => "Nothing changed.",
        });
        Ok(Outcome::Fine)
    }

    fn wishes(&self, register: &Register) -> Result<Vec<Wish>, Failure> {
        let config = &register.setup.config;
        let wrong = |error: WishError| Failure::Usage(Problem::error(error.to_string()));
        let mut wishes = Vec::new();
        for slug in &self.digest {
            wishes.push(wish::whole(config, slug).map_err(wrong)?);
        }
        for text in &self.select {
            let (slug, selection) = text.split_once(':').ok_or_else(|| {
                let message = format!("'{text}' names no digest");
                let help = "write 'daily: topic:water'";
                Failure::Usage(Problem::error(message).help(help))
            })?;
            wishes.push(wish::own(config, slug.trim(), selection.trim()).map_err(wrong)?);
        }
        if wishes.is_empty() {
            let problem = Problem::error("it is not said what they want");
            return Err(Failure::Usage(problem.help("add --digest or --select")));
        }
        Ok(wishes)
    }
}

/// Unsubscribe somebody from one digest, or from everything
#[derive(Args)]
pub struct Remove {
    /// The subscriber's address
    #[arg(value_parser = address)]
    address: Address,
    /// Only this digest, with the selections that go out with it
    #[arg(long, value_name = "SLUG")]
    digest: Option<String>,
}

impl Remove {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let subscriber = register.subscriber(&self.address)?;
        if let Some(slug) = &self.digest
            && !subscriber
                .choices
                .iter()
                .any(|choice| choice.digest == *slug)
        {
            let message = format!("{} was never subscribed to '{slug}'", self.address);
            return Err(Failure::Usage(Problem::error(message)));
        }
        let now = register.now;
        let (registrar, ledger) = register.registrar();
        registrar.leave(
            ledger,
            subscriber.id,
            self.digest.as_deref(),
            "command line",
            now,
        )?;
        print::line("Unsubscribed. No import brings it back; they themselves may.");
        Ok(Outcome::Fine)
    }
}

/// Send somebody nothing until a day, or all again
#[derive(Args)]
pub struct Pause {
    /// The subscriber's address
    #[arg(value_parser = address)]
    address: Address,
    /// The first day on which mail comes again: 2024-12-24
    #[arg(long, value_name = "DAY", required_unless_present = "end")]
    until: Option<NaiveDate>,
    /// End the pause
    #[arg(long, conflicts_with = "until")]
    end: bool,
}

impl Pause {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let subscriber = register.subscriber(&self.address)?;
        let zone = register.setup.config.site.timezone;
        let paused_until = self.until.and_then(|day| {
            let start = zone.from_local_datetime(&day.and_time(NaiveTime::MIN));
            Some(start.earliest()?.timestamp_millis())
        });
        if paused_until.is_some_and(|until| until <= register.now) {
            let problem = Problem::error("this day is over already");
            return Err(Failure::Usage(problem.help("--end ends a pause")));
        }
        let preferences = Preferences {
            wishes: chosen(&subscriber),
            language: subscriber.language.clone(),
            name: subscriber.name.clone(),
            paused_until,
        };
        let holder = Holder {
            subscriber: subscriber.id,
            generation: subscriber.generation,
        };
        let now = register.now;
        let (registrar, ledger) = register.registrar();
        registrar.save(ledger, holder, &preferences, now)?;
        print::line(
            match self.until {
                Some(day) => format!("Nothing is sent to {} until {day}.", self.address),
                None => format!("Mail is sent to {} again.", self.address),
            }
            .as_str(),
        );
        Ok(Outcome::Fine)
    }
}

/// Erase everything that is held on somebody; a code made of the address stays, so that no import
/// brings it back
#[derive(Args)]
pub struct Erase {
    /// The subscriber's address
    #[arg(value_parser = address)]
    address: Address,
}

impl Erase {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let subscriber = register.subscriber(&self.address)?;
        let holder = Holder {
            subscriber: subscriber.id,
            generation: subscriber.generation,
        };
        let now = register.now;
        let (registrar, ledger) = register.registrar();
        registrar.erase(ledger, holder, now)?;
        print::line("Erased. It cannot be undone; backups of the ledger still have it.");
        Ok(Outcome::Fine)
    }
}

/// Never mail an address again, or end that
#[derive(Args)]
pub struct Suppress {
    /// The address, whether somebody has it or not
    #[arg(value_parser = address)]
    address: Address,
    /// Let it be mailed again, once its owner has subscribed
    #[arg(long)]
    lift: bool,
}

impl Suppress {
    pub fn run(&self, register: &mut Register) -> Result<Outcome, Failure> {
        let now = register.now;
        let (registrar, ledger) = register.registrar();
        if self.lift {
            let Facts { suppressed, .. } = registrar.lift(ledger, &self.address, now)?;
            print::line(&match suppressed {
                Some(reason) => format!("Lifted; it had been '{}'.", reason.word()),
                None => "It was not suppressed.".to_owned(),
            });
        } else {
            registrar.suppress(ledger, &self.address, Reason::Editor, now)?;
            print::line("No mail is sent there any more.");
        }
        Ok(Outcome::Fine)
    }
}
