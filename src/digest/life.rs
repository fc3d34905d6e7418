//! The life of an issue: the states that it goes through, the steps between them, and how many
//! people must approve it.
//!
//! Pure: states, steps and names in, states out. Who keeps them is [`crate::ledger`].

use std::fmt;

use crate::config::Approval;

/// Where an issue stands. An issue that is planned has no state yet: it is the next one that is
/// due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Made, and waiting for approval.
    Draft,
    /// Ready to be sent as it is.
    Approved,
    /// On its way: its content is frozen.
    Sending,
    /// On its way, and held up for now.
    Paused,
    /// With all its subscribers; or, where the digest is not mailed, published.
    Sent,
    /// Left out. Its items go into the next issue.
    Skipped,
    /// Called off. Its items are spent.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: [State; 7] = [
        State::Draft,
        State::Approved,
        State::Sending,
        State::Paused,
        State::Sent,
        State::Skipped,
        State::Cancelled,
    ];

    /// Its name in the ledger, in JSON and to people: `draft`.
    pub fn name(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Approved => "approved",
            State::Sending => "sending",
            State::Paused => "paused",
            State::Sent => "sent",
            State::Skipped => "skipped",
            State::Cancelled => "cancelled",
        }
    }

    /// The state with this name.
    pub fn named(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether readers may see the issue: on the web, in its feed.
    pub fn is_public(self) -> bool {
        matches!(self, State::Sending | State::Paused | State::Sent)
    }

    /// Whether its content may still change.
    pub fn is_open(self) -> bool {
        matches!(self, State::Draft | State::Approved)
    }

    /// Whether its items are no longer to be had by another issue.
    pub fn holds_items(self) -> bool {
        self != State::Skipped
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What happens to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Made, or made anew with what is there now.
    Drafted,
    /// Somebody changed it.
    Edited,
    /// One of its items was corrected or withdrawn.
    Changed,
    /// Somebody approved it; where two must, the first of them.
    Endorsed,
    /// Approved by all who must.
    Approved,
    /// The approval was taken back.
    Unapproved,
    /// Left out, its items kept for the next.
    Skipped,
    /// Called off.
    Cancelled,
    /// Made a draft again.
    Reopened,
    /// Published without being mailed.
    Published,
    /// Its content was frozen, and sending began.
    Sending,
    /// Sending was held up.
    Paused,
    /// Sending went on.
    Resumed,
    /// All deliveries are settled.
    Sent,
}

impl Step {
    /// All of them.
    pub const ALL: [Step; 14] = [
        Step::Drafted,
        Step::Edited,
        Step::Changed,
        Step::Endorsed,
        Step::Approved,
        Step::Unapproved,
        Step::Skipped,
        Step::Cancelled,
        Step::Reopened,
        Step::Published,
        Step::Sending,
        Step::Paused,
        Step::Resumed,
        Step::Sent,
    ];

    /// Its name in the ledger, in JSON and to people: `edited`.
    pub fn name(self) -> &'static str {
        match self {
            Step::Drafted => "drafted",
            Step::Edited => "edited",
            Step::Changed => "changed",
            Step::Endorsed => "endorsed",
            Step::Approved => "approved",
            Step::Unapproved => "unapproved",
            Step::Skipped => "skipped",
            Step::Cancelled => "cancelled",
            Step::Reopened => "reopened",
            Step::Published => "published",
            Step::Sending => "sending",
            Step::Paused => "paused",
            Step::Resumed => "resumed",
            Step::Sent => "sent",
        }
    }

    /// The step with this name.
    pub fn named(name: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.name() == name)
    }

    /// Where an issue stands after this step; `None` where the step cannot be taken. `before` is
    /// `None` for one that was only planned.
    ///
    /// An approval does not outlive a change of what was approved: only where approval is
    /// automatic does an approved issue stay so.
    pub fn from(self, before: Option<State>, approval: Approval) -> Option<State> {
        use State::{Approved, Cancelled, Draft, Paused, Sending, Sent, Skipped};
        match (self, before) {
            (Step::Drafted, None) => Some(Draft),
            (Step::Drafted | Step::Edited | Step::Changed, Some(state)) if state.is_open() => {
                Some(match approval {
                    Approval::Automatic => state,
                    Approval::One | Approval::Two => Draft,
                })
            }
            // Published without mail, and so not in anybody's hands.
            (Step::Drafted, Some(Sent)) => Some(Sent),
            (Step::Endorsed, Some(Draft)) => Some(Draft),
            (Step::Approved, Some(Draft)) => Some(Approved),
            (Step::Unapproved, Some(Approved)) => Some(Draft),
            (Step::Skipped, Some(Draft | Approved)) => Some(Skipped),
            (Step::Cancelled, Some(Draft | Approved | Sending | Paused)) => Some(Cancelled),
            (Step::Reopened, Some(Skipped | Cancelled)) => Some(Draft),
            (Step::Published | Step::Sending, Some(Approved)) => Some(match self {
                Step::Published => Sent,
                _ => Sending,
            }),
            (Step::Paused, Some(Sending)) => Some(Paused),
            (Step::Resumed, Some(Paused)) => Some(Sending),
            (Step::Sent, Some(Sending)) => Some(Sent),
            _ => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Whoever acts by the clock rather than by hand, as steps name it. No person may use it.
pub const SCHEDULE: &str = "schedule";

/// The people who approved an issue as it is now, each once, by its steps in order: an approval
/// counts until the issue changes or the approval is taken back.
pub fn approvers<'a>(steps: impl IntoIterator<Item = (Step, &'a str)>) -> Vec<&'a str> {
    let mut approvers: Vec<&str> = Vec::new();
    for (step, who) in steps {
        match step {
            Step::Endorsed | Step::Approved => {
                if !approvers.contains(&who) {
                    approvers.push(who);
                }
            }
            Step::Drafted
            | Step::Edited
            | Step::Changed
            | Step::Unapproved
            | Step::Skipped
            | Step::Cancelled
            | Step::Reopened => approvers.clear(),
            Step::Published | Step::Sending | Step::Paused | Step::Resumed | Step::Sent => {}
        }
    }
    approvers
}

/// What it means that `who` approves an issue that `before` have approved: the last approval that
/// is needed or one before; `None` when `who` is among them already.
pub fn approve(before: &[&str], who: &str, approval: Approval) -> Option<Step> {
    if before.contains(&who) {
        return None;
    }
    let needed = match approval {
        // One that was made too late waits for a person all the same.
        Approval::Automatic | Approval::One => 1,
        Approval::Two => 2,
    };
    Some(if before.len() + 1 >= needed {
        Step::Approved
    } else {
        Step::Endorsed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_steps_are_known_by_their_names() {
        for state in State::ALL {
            assert_eq!(State::named(state.name()), Some(state));
        }
        for step in Step::ALL {
            assert_eq!(Step::named(step.name()), Some(step));
        }
        assert_eq!(State::named("planned"), None);
    }

    /// Every pair of state and step, and where it leads.
    #[test]
    fn what_may_happen_to_an_issue() {
        let mut table = String::new();
        let states = std::iter::once(None).chain(State::ALL.map(Some));
        for before in states {
            let name = before.map_or("planned", State::name);
            for step in Step::ALL {
                let one = step.from(before, Approval::One);
                let automatic = step.from(before, Approval::Automatic);
                let Some(after) = one else {
                    assert_eq!(automatic, None);
                    continue;
                };
                table.push_str(&format!("{name}: {step} -> {after}"));
                if let Some(automatic) = automatic.filter(|automatic| *automatic != after) {
                    table.push_str(&format!(" ({automatic} where approval is automatic)"));
                }
                table.push('\n');
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn nothing_leads_back_from_what_was_sent() {
        for step in Step::ALL {
            for approval in [Approval::Automatic, Approval::One, Approval::Two] {
                let after = step.from(Some(State::Sent), approval);
                assert!(after.is_none_or(|after| after == State::Sent), "{step}");
            }
        }
    }

    #[test]
    fn two_must_be_two_people() {
        assert_eq!(approve(&[], "ana", Approval::Two), Some(Step::Endorsed));
        assert_eq!(approve(&["ana"], "ana", Approval::Two), None);
        assert_eq!(
            approve(&["ana"], "ben", Approval::Two),
            Some(Step::Approved)
        );
        assert_eq!(approve(&[], "ana", Approval::One), Some(Step::Approved));
        assert_eq!(
            approve(&[], "ana", Approval::Automatic),
            Some(Step::Approved)
        );
    }

    #[test]
    fn an_approval_counts_until_the_issue_changes() {
        let steps = [
            (Step::Drafted, SCHEDULE),
            (Step::Endorsed, "ana"),
            (Step::Edited, "ben"),
            (Step::Endorsed, "ben"),
        ];
        assert_eq!(approvers(steps), ["ben"]);
        assert_eq!(approvers(steps[..2].to_vec()), ["ana"]);
        for step in [Step::Changed, Step::Unapproved, Step::Reopened] {
            let steps = steps.into_iter().chain([(step, SCHEDULE)]);
            assert_eq!(approvers(steps), Vec::<&str>::new());
        }
    }
}
