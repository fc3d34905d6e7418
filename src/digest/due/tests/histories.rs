//! Whole lives of digests, made up: none lost, none repeats.
//!
//! Decisions, reach and steps are the real ones; only disk and database are left out.

use proptest::prelude::*;

use super::*;
use crate::config::Approval;
use crate::digest::gather::{Gathered, leave_to_others, leave_what_is_gone};
use crate::digest::life::{State, Step};

const HOUR: i64 = 3_600_000;

/// Schedules and periods that a digest may change between.
const SCHEDULES: [(&str, Period); 6] = [
    ("Mon 09:00", Period::Week),
    ("daily 02:30", Period::Day),
    ("day 1 09:00", Period::Month),
    ("at once", Period::AtOnce),
    ("Mon,Thu 08:30", Period::Week),
    ("daily 07:00", Period::Week),
];

/// What happens, one thing after the other. Numbers name items and issues, counted round.
#[derive(Debug, Clone)]
enum Event {
    /// So many hours pass.
    Pass(i64),
    /// The machine is on from now on, or off.
    Power(bool),
    /// An item comes that is dated so many hours back, or ahead.
    Come {
        age: i64,
        is_selected: bool,
    },
    Withdraw(usize),
    Return(usize),
    /// A correction moves an item's date by so many hours.
    Redate(usize, i64),
    /// Somebody takes a step with an issue.
    Take(usize, Step),
    /// Somebody asks for the issue of so many days ago, or ahead.
    Ask(i64),
    /// Somebody has an issue made anew.
    Remake(usize),
    /// The digest has another schedule from now on.
    Schedule(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let number = || 0usize..40;
    let steps = prop_oneof![
        Just(Step::Approved),
        Just(Step::Skipped),
        Just(Step::Cancelled),
        Just(Step::Reopened),
        Just(Step::Sending),
        Just(Step::Sent),
    ];
    let age = prop_oneof![
        4 => 0i64..48,
        3 => 48i64..24 * 21,
        1 => 24i64 * 21..24 * 400,
        2 => -24i64 * 9..0,
    ];
    let come = (age, proptest::bool::weighted(0.8));
    prop_oneof![
        8 => (1i64..60).prop_map(Event::Pass),
        1 => any::<bool>().prop_map(Event::Power),
        6 => come.prop_map(|(age, is_selected)| Event::Come { age, is_selected }),
        2 => number().prop_map(Event::Withdraw),
        2 => number().prop_map(Event::Return),
        1 => (number(), -24i64 * 9..24 * 9).prop_map(|(which, hours)| Event::Redate(which, hours)),
        8 => (number(), steps).prop_map(|(which, step)| Event::Take(which, step)),
        1 => (-9i64..40).prop_map(Event::Ask),
        1 => number().prop_map(Event::Remake),
        1 => (0..SCHEDULES.len()).prop_map(Event::Schedule),
    ]
}

struct Item {
    id: String,
    published: i64,
    is_there: bool,
    is_selected: bool,
    /// Its first place in the order in which readers learn of items; 0: it was never published.
    first: u64,
}

struct World {
    digest: Digest,
    items: Vec<Item>,
    issues: Vec<IssueRecord>,
    /// What was frozen of issues, by their periods.
    frozen: Vec<(String, Vec<String>)>,
    progress: Option<DigestProgress>,
    waiting: Option<DateTime<Utc>>,
    sequence: u64,
    is_on: bool,
    now: DateTime<Utc>,
}

impl World {
    fn new(start: &str, quiet: Quiet, approval: Approval) -> World {
        World {
            digest: Digest {
                quiet,
                approval,
                ..weekly()
            },
            items: Vec::new(),
            issues: Vec::new(),
            frozen: Vec::new(),
            progress: None,
            waiting: None,
            sequence: 0,
            is_on: true,
            now: utc(start),
        }
    }

    fn is_published(&self, item: &Item) -> bool {
        item.is_there && item.published <= self.now.timestamp_millis()
    }

    /// The published items, newest first.
    fn published(&self) -> Vec<(News<'_>, bool)> {
        let items = self.items.iter().filter(|item| self.is_published(item));
        let mut all: Vec<(News<'_>, bool)> = items
            .map(|item| {
                let news = News {
                    id: &item.id,
                    published: item.published,
                };
                (news, item.is_selected)
            })
            .collect();
        all.sort_by_key(|(news, _)| std::cmp::Reverse(news.published));
        all
    }

    fn standing(&self) -> Standing<'_> {
        Standing {
            digest: &self.digest,
            progress: self.progress.as_ref(),
            issues: self.issues.iter().collect(),
            last_sequence: self.sequence,
            now: self.now,
        }
    }

    /// As the ledger answers.
    fn late(&self, beginning: Option<DigestProgress>) -> HashSet<String> {
        let Some(beginning) = beginning else {
            return HashSet::new();
        };
        let since = beginning.since.unwrap_or(i64::MIN);
        let items = self.items.iter();
        let late = items.filter(|item| item.first > beginning.sequence && item.published < since);
        late.map(|item| item.id.clone()).collect()
    }

    /// As a newsroom does that publishes.
    fn look(&mut self) {
        let now = self.now.timestamp_millis();
        for item in &mut self.items {
            if item.first == 0 && item.is_there && item.published <= now {
                self.sequence += 1;
                item.first = self.sequence;
            }
        }
        let standing = self.standing();
        let late = self.late(standing.beginning());
        let wanted = self.published().into_iter();
        let wanted = wanted.filter_map(|(news, is_selected)| is_selected.then_some(news));
        let decision = match standing.open_moment() {
            Some(due) => standing.by_schedule(due, &late, wanted),
            None if self.digest.schedule.is_at_once() => {
                standing.at_once(false, self.waiting, &late, wanted)
            }
            None => return,
        };
        self.waiting = decision.waiting;
        if let Some(begins) = decision.begins {
            self.progress = Some(begins);
        }
        if let Some(planned) = decision.issue {
            self.make(&planned, true);
        }
        if let Some(followed) = decision.followed
            && let Some(begun) = self.standing().beginning()
        {
            self.progress = Some(DigestProgress {
                followed: Some(followed.timestamp_millis()),
                ..begun
            });
        }
    }

    fn make(&mut self, planned: &Planned, is_due: bool) {
        let span = &planned.span;
        let known = self.issues.iter().position(|one| one.period == span.label);
        if known.is_some_and(|at| self.issues[at].begun || !self.issues[at].state.is_open()) {
            return;
        }
        let standing = self.standing();
        let beginning = standing.beginning();
        let beginning = beginning.unwrap_or_else(|| standing.begins(span.start));
        let late = self.late(Some(beginning.clone()));
        let takes_late = is_due || standing.is_newest(span);
        let reach = standing.reach(span, takes_late, &beginning, &late);
        let gathered = Gathered::of(&reach, self.published());
        if gathered.items.is_empty() && self.digest.quiet == Quiet::Skip {
            return;
        }
        self.progress = Some(beginning);
        let approval = self.digest.approval;
        let before = known.map(|at| self.issues[at].state);
        let at = known.unwrap_or_else(|| {
            let due = planned.due.timestamp_millis();
            let now = self.now.timestamp_millis();
            let draft = IssueRecord::draft("weekly", &span.label, due, now);
            self.issues.push(draft);
            self.issues.len() - 1
        });
        let issue = &mut self.issues[at];
        issue.state = Step::Drafted.from(before, approval).unwrap();
        let waits = known.is_some()
            || planned.hold.is_some()
            || Hold::of_backdated(gathered.backdated).is_some()
            || issue.is_stale(self.digest.stale_after);
        issue.items = gathered.items;
        issue.pool = gathered.pool;
        if approval == Approval::Automatic && !waits {
            issue.state = State::Approved;
        }
    }

    fn take(&mut self, which: usize, step: Step) {
        let Some(at) = which.checked_rem(self.issues.len()) else {
            return;
        };
        if step == Step::Sending && !self.is_on {
            return;
        }
        let before = self.issues[at].state;
        let state = step.from(Some(before), self.digest.approval);
        let Some(state) = state.filter(|state| !self.issues[at].begun || !state.is_open()) else {
            return;
        };
        let mut issue = self.issues[at].clone();
        match step {
            Step::Reopened => {
                let others = self.issues.iter().filter(|one| one.period != issue.period);
                let others: Vec<&IssueRecord> = others.collect();
                leave_to_others(&mut issue, &others);
            }
            Step::Sending => {
                let items = self.published().into_iter();
                let there: HashSet<&str> = items.map(|(news, _)| news.id).collect();
                leave_what_is_gone(&mut issue, |id| there.contains(id));
                issue.begun = true;
                let content = issue.items.iter().filter(|id| there.contains(id.as_str()));
                let content = content.cloned().collect();
                self.frozen.push((issue.period.clone(), content));
            }
            _ => {}
        }
        issue.state = state;
        self.issues[at] = issue;
    }

    fn happen(&mut self, event: Event) {
        let count = self.items.len();
        let item = |which: usize| which.checked_rem(count);
        match event {
            Event::Pass(hours) => self.now += TimeDelta::hours(hours),
            Event::Power(is_on) => self.is_on = is_on,
            Event::Come { age, is_selected } => self.items.push(Item {
                id: format!("{count}"),
                published: self.now.timestamp_millis() - age * HOUR,
                is_there: true,
                is_selected,
                first: 0,
            }),
            Event::Withdraw(which) => {
                if let Some(at) = item(which) {
                    self.items[at].is_there = false;
                }
            }
            Event::Return(which) => {
                if let Some(at) = item(which) {
                    self.items[at].is_there = true;
                }
            }
            Event::Redate(which, hours) => {
                if let Some(at) = item(which) {
                    self.items[at].published += hours * HOUR;
                }
            }
            Event::Take(which, step) => self.take(which, step),
            Event::Ask(days) => {
                let moment = self.now - TimeDelta::days(days);
                let span = Span::containing(moment, self.digest.period, self.digest.timezone);
                self.ask(span);
            }
            Event::Remake(which) => {
                if let Some(at) = which.checked_rem(self.issues.len()) {
                    let zone = self.digest.timezone;
                    let span = Span::labelled(&self.issues[at].period, zone).unwrap();
                    self.ask(span);
                }
            }
            Event::Schedule(which) => {
                let (schedule, period) = SCHEDULES[which];
                self.digest.schedule = Schedule::parse(schedule).unwrap();
                self.digest.period = period;
                self.waiting = None;
            }
        }
        if self.is_on {
            self.look();
        }
    }

    fn ask(&mut self, span: Span) {
        if span.period != self.digest.period {
            return;
        }
        // Who asks has everything published first.
        self.look();
        let due = span.due(&self.digest.schedule);
        let planned = Planned {
            due: due.unwrap_or(span.start),
            span,
            hold: None,
        };
        self.make(&planned, false);
    }

    /// The periods of the issues that hold an item and may be sent or were.
    fn holders(&self, id: &str) -> Vec<&str> {
        let issues = self.issues.iter().filter(|one| one.state.holds_items());
        let holders = issues.filter(|issue| issue.holdings().any(|held| held == id));
        holders.map(|issue| issue.period.as_str()).collect()
    }

    fn assert_none_repeats(&self) -> Result<(), TestCaseError> {
        for item in &self.items {
            let holders = self.holders(&item.id);
            prop_assert!(holders.len() <= 1, "{} stands in {holders:?}", item.id);
            let sent = self.frozen.iter().filter(|(_, ids)| ids.contains(&item.id));
            let sent: Vec<&String> = sent.map(|(period, _)| period).collect();
            prop_assert!(sent.len() <= 1, "{} was sent with {sent:?}", item.id);
        }
        Ok(())
    }

    fn assert_none_is_lost(&self) -> Result<(), TestCaseError> {
        let Some(begun) = &self.progress else {
            return Ok(());
        };
        let since = begun.since.unwrap_or(i64::MIN);
        for item in self.items.iter().filter(|item| self.is_published(item)) {
            let is_new = item.published >= since || item.first > begun.sequence;
            if !item.is_selected || !is_new {
                continue;
            }
            let id = &item.id;
            let holders = self.holders(id);
            prop_assert_eq!(holders.len(), 1, "{} is lost", id);
            let holder = self.issues.iter().find(|one| one.period == holders[0]);
            let holder = holder.unwrap();
            prop_assert!(holder.items.contains(id), "{id} is in the pool only");
            if holder.begun {
                let mut frozen = self.frozen.iter();
                let frozen = frozen.find(|(period, _)| *period == holder.period);
                prop_assert!(frozen.unwrap().1.contains(id), "{id} was not sent");
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_item_is_lost_and_none_repeats(
        // The weeks about both changes of the clock.
        start in prop_oneof![Just("2024-03-20T10:00:00Z"), Just("2024-10-16T10:00:00Z")],
        is_loud in any::<bool>(),
        approval in prop_oneof![Just(Approval::Automatic), Just(Approval::One)],
        archive in proptest::collection::vec(0i64..24 * 60, 0..5),
        events in proptest::collection::vec(event(), 1..80),
    ) {
        let quiet = if is_loud { Quiet::Send } else { Quiet::Skip };
        let mut world = World::new(start, quiet, approval);
        world.is_on = false;
        for age in archive {
            world.happen(Event::Come { age, is_selected: true });
        }
        world.is_on = true;
        for event in events {
            world.happen(event);
            world.assert_none_repeats()?;
        }
        // In the end all is calm: what was dated ahead is published, something new comes after it
        // (which alone brings on an issue at once where one was skipped), and the longest period
        // ends twice.
        world.is_on = true;
        while world.items.iter().any(|item| item.published > world.now.timestamp_millis()) {
            world.happen(Event::Pass(24));
        }
        world.happen(Event::Come { age: 0, is_selected: true });
        for _ in 0..70 {
            world.happen(Event::Pass(24));
        }
        world.assert_none_repeats()?;
        world.assert_none_is_lost()?;
    }
}
