//! Claims what is due, has it made into messages, and hands it to the lines at the pace that is
//! allowed.

mod heard;
mod warm_up;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveTime};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, JoinSet};

use super::desk::{Closed, Desk};
use super::line::{Lines, Told};
use super::rates::Rates;
use super::stock::{self, Parcel, Stock, Unsendable};
use super::{End, Patience, Run, SendError, Sender, Watcher};
use crate::ledger::LedgerError;
use crate::ledger::deliveries::{Counts, Mailing, Settlement};

/// The first claim, and the most that are claimed at a time. A claim is flushed to the disk, and
/// what is claimed is in doubt after a power cut.
const FIRST_CLAIM: usize = 32;
const LARGEST_CLAIM: usize = 512;
/// A claim that was used up within this time is followed by one of twice its size.
const QUICK: Duration = Duration::from_millis(500);
/// How often it is looked up whether the issue may still be sent.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often it is looked whether something has fallen due.
const NAP: Duration = Duration::from_millis(200);
/// Sends `stock` until there is nothing to do, or no reason to go on.
pub async fn feed(
    sender: &Sender,
    mailing: &Mailing,
    stock: Stock,
    patience: Patience,
    desk: Desk,
    claimer: &str,
    watcher: &mut dyn Watcher,
) -> Result<Run, SendError> {
    let connections = sender.mail.connections;
    let (parcels, receiver) = mpsc::channel(connections);
    let (tell, told) = mpsc::unbounded_channel();
    let lines = Arc::new(Lines {
        relay: sender.relay.clone(),
        mail: sender.mail.clone(),
        seal: Arc::clone(&sender.seal),
        desk: desk.clone(),
        clock: sender.clock.clone(),
        parcels: Mutex::new(receiver),
        told: tell,
    });
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        tasks.spawn(Arc::clone(&lines).run());
    }
    drop(lines);
    let mut feeder = Feeder {
        sender,
        mailing,
        stock: Some(stock),
        fetching: None,
        is_dry: false,
        desk,
        claimer: claimer.to_owned(),
        watcher,
        parcels,
        told,
        rates: Rates::new(&sender.mail, sender.claimers(), Instant::now()),
        waiting: VecDeque::new(),
        in_hand: 0,
        claim: FIRST_CLAIM,
        claimed_at: Instant::now(),
        looked: None,
        shown: Instant::now(),
        counts: Counts::default(),
        run: Run {
            end: End::Done,
            sent: 0,
            failed: 0,
            uncertain: 0,
            counts: Counts::default(),
        },
        unreachable: 0,
        trouble: None,
        is_quota_used: false,
        noted: BTreeSet::new(),
    };
    let end = feeder.work(patience).await;
    let finished = feeder.finish(&mut tasks).await;
    let mut run = feeder.run;
    run.end = end?;
    finished?;
    Ok(run)
}

struct Feeder<'a> {
    sender: &'a Sender,
    mailing: &'a Mailing,
    /// Lent to whoever makes messages of a claim.
    stock: Option<Stock>,
    /// The next claim, under way while the last one is handed out.
    fetching: Option<Fetching>,
    /// Whether the last claim found nothing.
    is_dry: bool,
    desk: Desk,
    claimer: String,
    watcher: &'a mut dyn Watcher,
    parcels: mpsc::Sender<Parcel>,
    told: mpsc::UnboundedReceiver<Told>,
    rates: Rates,
    /// Claimed, and not handed to a line.
    waiting: VecDeque<Parcel>,
    /// Handed to a line, and nothing told of it yet.
    in_hand: usize,
    claim: usize,
    claimed_at: Instant,
    /// When it was looked up whether the issue may be sent.
    looked: Option<Instant>,
    shown: Instant,
    counts: Counts,
    run: Run,
    /// How often in a row the relay could not be reached.
    unreachable: usize,
    /// Why this run has to end.
    trouble: Option<Trouble>,
    /// Whether the warm-up allows no more today.
    is_quota_used: bool,
    noted: BTreeSet<String>,
}

/// A claim made into messages.
type Fetched = (Stock, Vec<(i64, Result<Parcel, Unsendable>)>);
type Fetching = JoinHandle<Result<Fetched, SendError>>;

enum Trouble {
    Error(SendError),
    End(End),
}

impl From<Closed> for SendError {
    fn from(_: Closed) -> SendError {
        SendError::Runtime(std::io::Error::other("the ledger's thread is gone"))
    }
}

impl Feeder<'_> {
    async fn work(&mut self, patience: Patience) -> Result<End, SendError> {
        loop {
            self.hear();
            match self.trouble.take() {
                Some(Trouble::Error(error)) => return Err(error),
                Some(Trouble::End(end)) => return Ok(end),
                None => {}
            }
            if self.sender.stop.is_stopped() {
                return Ok(End::Stopped);
            }
            if !self.may_go_on().await? {
                return Ok(End::Withdrawn);
            }
            self.rates.look(Instant::now());
            if self.waiting.len() < self.claim / 2 && self.fetching.is_none() && !self.is_dry {
                self.fetch().await?;
            }
            if let Some(parcel) = self.waiting.pop_front() {
                self.hand_out(parcel).await;
                continue;
            }
            if self.fetching.is_some() {
                self.take_fetched().await?;
                continue;
            }
            self.is_dry = false;
            if self.in_hand > 0 {
                self.hear_one(NAP).await;
                continue;
            }
            if let Some(end) = self.idle(patience).await? {
                return Ok(end);
            }
        }
    }

    /// Gives one message to a line, at its time.
    async fn hand_out(&mut self, parcel: Parcel) {
        let now = Instant::now();
        let domain = parcel.to.ascii_domain();
        let wait = self.rates.admit(domain, parcel.key, now);
        if wait > Duration::ZERO {
            let due = self.in_a_while(wait);
            self.desk.settle(parcel.key, Settlement::PutBack(due));
            return;
        }
        let at = self.rates.take(now);
        // The time that it takes is used to hear and to look whether it may be sent still.
        while at > Instant::now() {
            let rest = at.saturating_duration_since(Instant::now());
            self.hear_one(rest.min(NAP)).await;
            self.rates.look(Instant::now());
            let may_go_on = self.may_go_on().await;
            let is_over = self.trouble.is_some()
                || self.sender.stop.is_stopped()
                || !matches!(may_go_on, Ok(true));
            if is_over {
                self.waiting.push_front(parcel);
                return;
            }
        }
        let mut parcel = Some(parcel);
        while let Some(next) = parcel.take() {
            let told = tokio::select! {
                permit = self.parcels.reserve() => {
                    match permit {
                        Ok(permit) => {
                            permit.send(next);
                            self.in_hand += 1;
                        }
                        // The lines are gone, which only a panic of theirs can do.
                        Err(_) => self.waiting.push_front(next),
                    }
                    return;
                }
                told = self.told.recv() => told,
                // Every line is busy with a slow relay.
                () = tokio::time::sleep(NAP) => None,
            };
            match told {
                Some(told) => {
                    self.take_in(told);
                    parcel = Some(next);
                }
                None => self.waiting.push_front(next),
            }
            if self.trouble.is_some() {
                self.waiting.extend(parcel.take());
            }
        }
    }

    /// Has what is due claimed and made into messages, while what is there is handed out.
    async fn fetch(&mut self) -> Result<(), SendError> {
        if self.claimed_at.elapsed() < QUICK {
            self.claim = (self.claim * 2).min(LARGEST_CLAIM);
        } else {
            self.claim = (self.claim / 2).max(FIRST_CLAIM);
        }
        self.claimed_at = Instant::now();
        let mut limit = self.claim;
        if let Some(steps) = self.rates.in_two_seconds() {
            limit = limit.min(steps);
        }
        let quota = self.quota();
        if let Some(quota) = &quota
            && !self.leaves_something(quota).await?
        {
            self.is_dry = true;
            return Ok(());
        }
        let Some(mut stock) = self.stock.take() else {
            return Ok(());
        };
        let (mailing, claimer) = (self.mailing.clone(), self.claimer.clone());
        let (desk, setup) = (self.desk.clone(), Arc::clone(&self.sender.setup));
        let now = self.sender.clock.milliseconds();
        self.fetching = Some(tokio::spawn(async move {
            let known = stock.known();
            let claimed = desk.ask(move |ledger| {
                let quota = quota.as_ref();
                stock::claim(ledger, &mailing, &claimer, &known, now, limit, quota)
            });
            let claimed = claimed.await??;
            let made = tokio::task::spawn_blocking(move || {
                let parcels = stock.parcels(claimed, &setup);
                (stock, parcels)
            });
            made.await
                .map_err(|error| SendError::Runtime(std::io::Error::other(error)))
        }));
        Ok(())
    }

    /// Waits for a claim, and hears what is told meanwhile.
    async fn take_fetched(&mut self) -> Result<(), SendError> {
        let Some(mut fetching) = self.fetching.take() else {
            return Ok(());
        };
        let fetched = tokio::select! {
            fetched = &mut fetching => fetched,
            told = self.told.recv() => {
                self.fetching = Some(fetching);
                if let Some(told) = told {
                    self.take_in(told);
                }
                return Ok(());
            }
        };
        let fetched = fetched.map_err(|error| SendError::Runtime(std::io::Error::other(error)))?;
        let (stock, parcels) = fetched?;
        self.stock = Some(stock);
        self.is_dry = parcels.is_empty();
        for (key, parcel) in parcels {
            match parcel {
                Ok(parcel) => self.waiting.push_back(parcel),
                Err(Unsendable::Held(why)) => {
                    self.note(format!("a message cannot be made, and is held: {why}"));
                    self.desk.settle(key, Settlement::Held(why));
                }
                Err(Unsendable::Nothing(why)) => {
                    self.desk.settle(key, Settlement::CalledOff(why));
                }
                Err(Unsendable::Never(why)) => {
                    self.run.failed += 1;
                    self.note(why.clone());
                    self.desk.settle(key, Settlement::Failed(why));
                }
            }
        }
        Ok(())
    }

    /// Nothing is in hand and nothing is due. The end, or `None` after a nap.
    async fn idle(&mut self, patience: Patience) -> Result<Option<End>, SendError> {
        let mailing = self.mailing.clone();
        // What a clock put off that was put back since may wait far too long.
        let longest = match self.sender.clock.was_put_back() {
            true => 0,
            false => self.sender.longest(),
        };
        let now = self.sender.clock.now();
        let asked = self.desk.ask(move |ledger| {
            // A clock that jumped may have put something far ahead.
            ledger.release_deliveries(&mailing, now.timestamp_millis(), longest, false)?;
            let counts = ledger.delivery_counts(&mailing)?;
            let failures = ledger.delivery_failures(&mailing, 1)?;
            Ok::<_, LedgerError>((counts, ledger.next_delivery(&mailing)?, failures))
        });
        let (counts, next, failures) = asked.await??;
        self.counts = counts;
        self.watcher.progress(&self.counts);
        let Some(mut due) = next.map(crate::entry::from_milliseconds) else {
            if counts.claimed + counts.flying > 0 {
                // Another process has the rest in hand, or has just died with it.
                let wait = Duration::from_secs(1);
                return Ok(match patience {
                    Patience::AtMost(most) if most < wait => Some(End::Waits(now + wait)),
                    _ => {
                        self.hear_one(wait).await;
                        self.recover().await?;
                        None
                    }
                });
            }
            if counts.held > 0 {
                let why = failures
                    .into_iter()
                    .next()
                    .map_or_else(String::new, |(why, _)| why);
                return Ok(Some(End::Held(why)));
            }
            // Nothing is left either when the digest was renamed a moment ago.
            self.looked = None;
            return Ok(Some(match self.may_go_on().await? {
                true => End::Done,
                false => End::Withdrawn,
            }));
        };
        if due <= now && self.is_quota_used {
            let tomorrow = now.date_naive().checked_add_days(Days::new(1));
            due = tomorrow.map_or(due, |day| day.and_time(NaiveTime::MIN).and_utc());
        }
        let wait = (due - now).to_std().unwrap_or(NAP);
        if let Patience::AtMost(most) = patience
            && wait > most
        {
            return Ok(Some(End::Waits(due)));
        }
        if wait > Duration::from_secs(2) {
            let at = due.format("%H:%M UTC");
            self.note(format!(
                "what is left waits for another try, the next at {at}"
            ));
        }
        self.hear_one(wait.min(NAP)).await;
        Ok(None)
    }

    /// The time some while from now, in milliseconds since 1970 UTC.
    fn in_a_while(&self, wait: Duration) -> i64 {
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        self.sender.clock.milliseconds().saturating_add(wait)
    }

    async fn recover(&mut self) -> Result<(), SendError> {
        let (folder, resend) = (self.sender.claimers(), self.sender.resends());
        let clock = self.sender.clock.clone();
        let recovered = self
            .desk
            .ask(move |ledger| super::recover(ledger, &folder, resend, &clock));
        recovered.await??;
        Ok(())
    }

    /// Whether the issue may be sent; looked up now and then.
    async fn may_go_on(&mut self) -> Result<bool, SendError> {
        let Mailing::Issue { digest, period } = self.mailing else {
            return Ok(true);
        };
        if self
            .looked
            .is_some_and(|looked| looked.elapsed() < LOOK_AGAIN)
        {
            return Ok(true);
        }
        let (digest, period) = (digest.clone(), period.clone());
        let asked = self
            .desk
            .ask(move |ledger| ledger.is_being_sent(&digest, &period));
        let is_sending = asked.await??;
        if is_sending {
            self.looked = Some(Instant::now());
        }
        Ok(is_sending)
    }

    /// Lets what is on its way come to its end, and puts back the rest.
    async fn finish(&mut self, tasks: &mut JoinSet<()>) -> Result<(), SendError> {
        while self.fetching.is_some() {
            if self.take_fetched().await.is_err() {
                // What it had claimed is recovered by the next run.
                break;
            }
        }
        let now = self.sender.clock.milliseconds();
        for parcel in self.waiting.drain(..) {
            self.desk.settle(parcel.key, Settlement::PutBack(now));
        }
        // With the last sender the lines end after what they have.
        let (closed, _) = mpsc::channel(1);
        self.parcels = closed;
        let longest = self.sender.mail.timeout * 4;
        let deadline = Instant::now() + longest;
        while !tasks.is_empty() && Instant::now() < deadline {
            tokio::select! {
                _ = tasks.join_next() => {}
                () = tokio::time::sleep(NAP) => {}
                told = self.told.recv() => if let Some(told) = told { self.take_in(told) },
            }
        }
        tasks.abort_all();
        self.hear();
        // All that the lines handed in is written once this is answered.
        self.desk.ask(|_| ()).await?;
        match self.trouble.take() {
            Some(Trouble::Error(error)) => Err(error),
            _ => Ok(()),
        }
    }
}
