//! Claims what is due, has it made into messages, and hands it to the lines at the pace that is
//! allowed.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveTime, Utc};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, JoinSet};

use super::desk::{Closed, Desk};
use super::limits::{DomainLimits, Pace, day_of, warm_up_quota};
use super::line::{Lines, Told};
use super::stock::{self, Parcel, Stock, Unsendable};
use super::{End, Patience, Run, SendError, Sender, Watcher};
use crate::ledger::LedgerError;
use crate::ledger::deliveries::{Counts, Mailing, Settlement};
use crate::ledger::subscribers::Reason;
use crate::mail::address::Address;
use crate::subscribers::registrar::Registrar;

/// The first claim, and the most that are claimed at a time. A claim is flushed to the disk, and
/// what is claimed is in doubt after a power cut.
const FIRST_CLAIM: usize = 32;
const LARGEST_CLAIM: usize = 512;
/// A claim that was used up within this time is followed by one of twice its size.
const QUICK: Duration = Duration::from_millis(500);
/// How often it is looked up whether the issue may still be sent.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often progress is told.
const TELL_AGAIN: Duration = Duration::from_millis(100);
/// How often it is looked whether something has fallen due.
const NAP: Duration = Duration::from_millis(200);
/// How often in a row the relay may be unreachable, and not for one connection alone.
const UNREACHABLE_LIMIT: usize = 8;

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
        pace: Pace::new(sender.mail.rate_per_second, sender.mail.rate_per_hour),
        domains: DomainLimits::new(&sender.mail),
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
    pace: Option<Pace>,
    domains: DomainLimits,
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
        let wait = self.domains.admit(domain, parcel.key, now);
        if wait > Duration::ZERO {
            self.desk
                .settle(parcel.key, Settlement::PutBack(in_a_while(wait)));
            return;
        }
        if let Some(pace) = &mut self.pace {
            let at = pace.take(now);
            // The time that it takes is used to hear and to look whether it may be sent still.
            while at > Instant::now() {
                let rest = at.saturating_duration_since(Instant::now());
                self.hear_one(rest.min(NAP)).await;
                let may_go_on = self.may_go_on().await;
                let is_over = self.trouble.is_some()
                    || self.sender.stop.is_stopped()
                    || !matches!(may_go_on, Ok(true));
                if is_over {
                    self.waiting.push_front(parcel);
                    return;
                }
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
        if let Some(pace) = self.two_seconds_of_pace() {
            limit = limit.min(pace);
        }
        let Some(left) = self.left_today().await? else {
            self.is_dry = true;
            return Ok(());
        };
        limit = limit.min(left);
        let Some(mut stock) = self.stock.take() else {
            return Ok(());
        };
        let (mailing, claimer) = (self.mailing.clone(), self.claimer.clone());
        let (desk, setup) = (self.desk.clone(), Arc::clone(&self.sender.setup));
        self.fetching = Some(tokio::spawn(async move {
            let known = stock.known();
            let now = Utc::now().timestamp_millis();
            let claimed = desk
                .ask(move |ledger| stock::claim(ledger, &mailing, &claimer, &known, now, limit));
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

    /// What two seconds of the pace need, where there is one.
    fn two_seconds_of_pace(&self) -> Option<usize> {
        let mail = &self.sender.mail;
        let hour = mail.rate_per_hour.map(|rate| rate / 3_600);
        let rate = [mail.rate_per_second, hour].into_iter().flatten().min()?;
        Some(
            usize::try_from(rate)
                .unwrap_or(usize::MAX)
                .saturating_mul(2)
                .max(2),
        )
    }

    /// How many messages the warm-up allows today still; `None`: no more.
    async fn left_today(&mut self) -> Result<Option<usize>, SendError> {
        let Some(warm_up) = self.sender.mail.warm_up.clone() else {
            return Ok(Some(usize::MAX));
        };
        let now = Utc::now();
        let Some(quota) = warm_up_quota(&warm_up, now.date_naive()) else {
            return Ok(Some(usize::MAX));
        };
        if *self.mailing == Mailing::Letters {
            // Somebody waits for it.
            return Ok(Some(usize::MAX));
        }
        let day = day_of(now);
        let sent = self.desk.ask(move |ledger| ledger.messages_of_day(&day));
        let under_way = self.in_hand + self.waiting.len();
        let sent = sent.await?? + under_way as u64;
        let left = quota.saturating_sub(sent);
        self.is_quota_used = left == 0;
        if left == 0 && under_way == 0 {
            self.note(format!(
                "the warm-up allows {quota} messages today: the rest goes tomorrow (UTC)"
            ));
        }
        Ok((left > 0).then(|| usize::try_from(left).unwrap_or(usize::MAX)))
    }

    /// Nothing is in hand and nothing is due. The end, or `None` after a nap.
    async fn idle(&mut self, patience: Patience) -> Result<Option<End>, SendError> {
        let mailing = self.mailing.clone();
        let longest = self.sender.longest();
        let now = Utc::now();
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

    async fn recover(&mut self) -> Result<(), SendError> {
        let (folder, resend) = (self.sender.claimers(), self.sender.resends());
        let recovered = self
            .desk
            .ask(move |ledger| super::recover(ledger, &folder, resend));
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

    /// Takes in all that was told.
    fn hear(&mut self) {
        while let Ok(told) = self.told.try_recv() {
            self.take_in(told);
        }
        if self.shown.elapsed() >= TELL_AGAIN {
            self.shown = Instant::now();
            self.watcher.progress(&self.counts);
        }
    }

    /// Waits for one thing that is told, for a while.
    async fn hear_one(&mut self, longest: Duration) {
        if let Ok(Some(told)) = tokio::time::timeout(longest, self.told.recv()).await {
            self.take_in(told);
        }
    }

    fn take_in(&mut self, told: Told) {
        self.in_hand = self.in_hand.saturating_sub(1);
        if !matches!(told, Told::Unreachable(_)) {
            self.unreachable = 0;
        }
        match told {
            Told::Sent => {
                self.run.sent += 1;
                self.counts.sent += 1;
                self.counts.waiting = self.counts.waiting.saturating_sub(1);
            }
            Told::Later(why) => self.note(format!("put off: {why}")),
            Told::Failed(why) => self.failed(&why),
            Told::NoSuchAddress(address, why) => {
                self.suppress(address);
                self.failed(&why);
            }
            Told::Unknown(why) => {
                self.run.uncertain += 1;
                self.note(format!(
                    "nobody knows whether the relay has a message: {why}"
                ));
                self.judge(&why);
            }
            Told::Held(why) => self.note(format!("a message cannot be made, and is held: {why}")),
            Told::SenderRefused(why) => {
                let why = format!("the relay refuses the sender: {why}");
                self.trouble
                    .get_or_insert(Trouble::End(End::TooManyFailures(why)));
            }
            Told::Unreachable(error) => {
                self.unreachable += 1;
                let is_over = error.is_setting()
                    || self.unreachable >= UNREACHABLE_LIMIT.max(2 * self.sender.mail.connections);
                if is_over {
                    self.trouble.get_or_insert(Trouble::Error(error.into()));
                } else {
                    self.note(error.to_string());
                }
            }
            // Its digest was renamed: what waits goes out under the new name.
            Told::LedgerFailed(error) if matches!(*error, LedgerError::NotInHand(_)) => {
                self.trouble.get_or_insert(Trouble::End(End::Withdrawn));
            }
            Told::LedgerFailed(error) => {
                self.trouble
                    .get_or_insert(Trouble::Error(SendError::Ledger(error)));
            }
        }
    }

    fn failed(&mut self, why: &str) {
        self.run.failed += 1;
        self.counts.failed += 1;
        self.counts.waiting = self.counts.waiting.saturating_sub(1);
        self.note(format!("refused: {why}"));
        self.judge(why);
    }

    /// Ends the run when too large a share has failed. Letters are many matters, not one.
    fn judge(&mut self, why: &str) {
        let mail = &self.sender.mail;
        let bad = self.run.failed + self.run.uncertain;
        let all = bad + self.run.sent;
        // Numbers of messages are far below what a float holds exactly.
        let share = bad as f64 / all as f64;
        let is_issue = *self.mailing != Mailing::Letters;
        if is_issue && all >= mail.pause_after as u64 && share >= mail.pause_at {
            let why = format!(
                "{bad} of {all} messages failed ({:.0} %), the last with: {why}",
                share * 100.0
            );
            self.trouble
                .get_or_insert(Trouble::End(End::TooManyFailures(why)));
        }
    }

    /// Nothing more goes to an address that does not exist.
    fn suppress(&mut self, address: Address) {
        let (setup, seal) = (
            Arc::clone(&self.sender.setup),
            Arc::clone(&self.sender.seal),
        );
        let desk = self.desk.clone();
        tokio::spawn(async move {
            let now = Utc::now().timestamp_millis();
            let done = desk.ask(move |ledger| {
                Registrar::new(&setup, &seal).suppress(ledger, &address, Reason::Bounce, now)
            });
            // Where it fails, the next message to it is refused again.
            let _ = done.await;
        });
    }

    /// Tells the same only once.
    fn note(&mut self, text: String) {
        if self.noted.len() < 100 && self.noted.insert(text.clone()) {
            self.watcher.note(&text);
        }
    }

    /// Lets what is on its way come to its end, and puts back the rest.
    async fn finish(&mut self, tasks: &mut JoinSet<()>) -> Result<(), SendError> {
        while self.fetching.is_some() {
            if self.take_fetched().await.is_err() {
                // What it had claimed is recovered by the next run.
                break;
            }
        }
        let now = Utc::now().timestamp_millis();
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

fn in_a_while(wait: Duration) -> i64 {
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    Utc::now().timestamp_millis().saturating_add(wait)
}
