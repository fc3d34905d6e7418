//! One connection to the relay and what goes over it, message after message.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};

use super::clock::Clock;
use super::desk::Desk;
use super::limits::pause_before_retry;
use super::stock::Parcel;
use crate::config::mail::{AfterCrash, Mail};
use crate::ledger::LedgerError;
use crate::ledger::deliveries::Settlement;
use crate::mail::address::Address;
use crate::mail::message::Seal;
use crate::mail::smtp::{About, Connection, Fate, Relay, SmtpError};

/// On how many connections in a row one message is tried before it has to wait: a kept connection
/// may have been closed long ago, which says nothing of the message.
const CONNECTIONS_A_TRY: u32 = 2;
/// The pauses before the relay is called again that could not be reached.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a line tells the one who feeds it.
pub enum Told {
    /// The relay took one.
    Sent,
    /// One is tried again later: the relay said so.
    Later(String),
    /// The relay refuses one for good.
    Failed(String),
    /// A recipient's address does not exist.
    NoSuchAddress(Address, String),
    /// Nobody knows whether the relay has one.
    Unknown(String),
    /// One could not be made.
    Held(String),
    /// The relay does not want mails from this sender.
    SenderRefused(String),
    /// The relay cannot be reached.
    Unreachable(SmtpError),
    /// The ledger cannot be written.
    LedgerFailed(Arc<LedgerError>),
}

/// What all lines share.
pub struct Lines {
    /// Where they lead.
    pub relay: Relay,
    /// How they behave.
    pub mail: Mail,
    /// What messages are sealed with.
    pub seal: Arc<Seal>,
    /// Where it is recorded.
    pub desk: Desk,
    /// What time it is.
    pub clock: Clock,
    /// What comes to be sent.
    pub parcels: Mutex<mpsc::Receiver<Parcel>>,
    /// Who is told.
    pub told: mpsc::UnboundedSender<Told>,
}

impl Lines {
    /// Sends what comes until nothing comes any more.
    pub async fn run(self: Arc<Self>) {
        let mut connection: Option<Connection> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let parcel = self.parcels.lock().await.recv().await;
            let Some(parcel) = parcel else {
                break;
            };
            let is_reachable = self.send(&mut connection, &parcel).await;
            if is_reachable {
                pause = FIRST_PAUSE;
            } else {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        if let Some(connection) = connection {
            connection.quit().await;
        }
    }

    fn tell(&self, told: Told) {
        // Nobody listens once sending has ended.
        let _ = self.told.send(told);
    }

    fn settle(&self, parcel: &Parcel, settlement: Settlement, told: Told) {
        self.desk.settle(parcel.key, settlement);
        self.tell(told);
    }

    /// Sends one message, and records what became of it. Whether the relay could be reached.
    async fn send(&self, connection: &mut Option<Connection>, parcel: &Parcel) -> bool {
        let now = self.clock.now();
        let (envelope, message) = match parcel.message(&self.seal, now) {
            Ok(made) => made,
            Err(error) => {
                let why = error.to_string();
                self.settle(parcel, Settlement::Held(why.clone()), Told::Held(why));
                return true;
            }
        };
        let mut last = None;
        for _ in 0..CONNECTIONS_A_TRY {
            let mut line = match connection.take() {
                Some(line) => line,
                None => match self.relay.connect().await {
                    Ok(line) => line,
                    Err(error) => {
                        let due = now.timestamp_millis();
                        let told = Told::Unreachable(error);
                        self.settle(parcel, Settlement::PutBack(due), told);
                        return false;
                    }
                },
            };
            let may_fly = self.desk.fly(parcel.key);
            let fate = match line.send(&envelope, &message, may_fly).await {
                Ok(fate) => fate,
                Err(error) => {
                    // Not flown: the row says claimed still, whatever can be written now.
                    let due = now.timestamp_millis();
                    let told = Told::LedgerFailed(error);
                    self.settle(parcel, Settlement::PutBack(due), told);
                    return true;
                }
            };
            if line.is_usable() {
                *connection = Some(line);
            }
            match fate {
                Fate::Untried(error) => last = Some(error),
                other => {
                    self.record(parcel, other);
                    return true;
                }
            }
        }
        let why = last.map_or_else(String::new, |error| error.to_string());
        self.later(parcel, why);
        true
    }

    fn record(&self, parcel: &Parcel, fate: Fate) {
        match fate {
            Fate::Taken(reply) => {
                self.settle(parcel, Settlement::Sent(reply.to_string()), Told::Sent);
            }
            Fate::PutOff(_, reply) => self.later(parcel, reply.to_string()),
            Fate::Refused(About::Sender, reply) => {
                // That is not the recipient's fault.
                let due = self.clock.milliseconds();
                let told = Told::SenderRefused(reply.to_string());
                self.settle(parcel, Settlement::PutBack(due), told);
            }
            Fate::Refused(about, reply) => {
                let why = reply.to_string();
                let is_gone = about == About::Recipient && reply.says_no_such_address();
                let told = match is_gone {
                    true => Told::NoSuchAddress(parcel.to.clone(), why.clone()),
                    false => Told::Failed(why.clone()),
                };
                self.settle(parcel, Settlement::Failed(why), told);
            }
            Fate::NoUtf8 => {
                let why = "the relay cannot pass on addresses beyond ASCII (no SMTPUTF8)";
                let settlement = Settlement::Failed(why.to_owned());
                self.settle(parcel, settlement, Told::Failed(why.to_owned()));
            }
            Fate::Unknown(error) => {
                let why = error.to_string();
                let settlement = match self.mail.after_crash {
                    AfterCrash::List => Settlement::Uncertain(why.clone()),
                    AfterCrash::Resend => Settlement::Later(self.due(parcel), why.clone()),
                };
                self.settle(parcel, settlement, Told::Unknown(why));
            }
            // Handled where another connection can be made.
            Fate::Untried(error) => self.later(parcel, error.to_string()),
        }
    }

    /// Another try, unless this was the last.
    fn later(&self, parcel: &Parcel, why: String) {
        if parcel.attempts + 1 >= self.mail.attempts {
            let why = format!("given up after {} tries: {why}", parcel.attempts + 1);
            self.settle(parcel, Settlement::Failed(why.clone()), Told::Failed(why));
        } else {
            let settlement = Settlement::Later(self.due(parcel), why.clone());
            self.settle(parcel, settlement, Told::Later(why));
        }
    }

    fn due(&self, parcel: &Parcel) -> i64 {
        let pause = pause_before_retry(&self.mail, parcel.attempts + 1, rand::random());
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        self.clock.milliseconds().saturating_add(pause)
    }
}
