//! Subscribers that editors enter, one by one or by a table: with the consent that they state, and
//! never against what the person said themselves.

use thiserror::Error;

use super::decide::{Source, confirmed, consent};
use super::wish::Wish;
use crate::ledger::subscribers::{Amendment, Choice, Facts, Reason, State, Subscriber};
use crate::mail::address::Address;

/// Somebody to enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where mail goes.
    pub address: Address,
    /// As they are called.
    pub name: Option<String>,
    /// BCP 47 tag of letters.
    pub language: String,
    /// Whether they left everything elsewhere, so that nobody adds them here.
    pub has_left: bool,
    /// Until when nothing is sent.
    pub paused_until: Option<i64>,
    /// What they get.
    pub wishes: Vec<Wish>,
    /// What they gave up elsewhere.
    pub left: Vec<Wish>,
    /// When they agreed, in milliseconds since 1970 UTC.
    pub at: i64,
    /// `imported`, `added`.
    pub act: &'static str,
    /// Where they agreed.
    pub source: String,
    /// To which words.
    pub wording: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// A new subscriber.
    Added,
    /// Something more for a known one, or less.
    Changed,
    /// Nothing.
    Unchanged,
}

/// Why somebody, or something of theirs, is not entered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotEntered {
    /// No mail is ever sent there.
    #[error("the address is never mailed again ({})", .0.word())]
    Suppressed(Reason),
    /// They left everything.
    #[error("they have unsubscribed; only they themselves may subscribe again")]
    Left,
    /// They left this.
    #[error("they have unsubscribed from '{0}'; only they themselves may subscribe to it again")]
    LeftChoice(String),
}

/// Enters somebody at `now`; the last value says what of it was left out.
///
/// # Errors
/// When they must not be entered at all.
pub fn enter(
    facts: &Facts,
    entry: &Entry,
    fresh_id: i64,
    now: i64,
) -> Result<(Amendment, Entered, Vec<NotEntered>), NotEntered> {
    if let Some(reason) = facts.suppressed {
        return Err(NotEntered::Suppressed(reason));
    }
    let known = facts.subscriber.as_ref();
    if known.is_some_and(|known| known.state == State::Ended) && !entry.has_left {
        return Err(NotEntered::Left);
    }
    let mut subscriber = known.cloned().unwrap_or_else(|| Subscriber {
        id: fresh_id,
        address: entry.address.clone(),
        name: None,
        language: entry.language.clone(),
        state: State::Pending,
        paused_until: entry.paused_until.filter(|until| *until > now),
        generation: 0,
        created: entry.at,
        choices: Vec::new(),
    });
    if subscriber.name.is_none() {
        subscriber.name.clone_from(&entry.name);
    }
    let mut refused = Vec::new();
    let mut added = Vec::new();
    for wish in &entry.wishes {
        if entry.has_left {
            break;
        }
        let found = subscriber.choices.iter_mut().find(|choice| wish.is(choice));
        match found {
            Some(choice) if choice.is_confirmed() => continue,
            Some(choice) if choice.ended.is_some() => {
                refused.push(NotEntered::LeftChoice(wish.digest.clone()));
                continue;
            }
            Some(choice) => choice.confirmed = Some(entry.at),
            None => subscriber.choices.push(confirmed(wish, entry.at)),
        }
        added.push(wish);
    }
    let mut left: Vec<&Wish> = Vec::new();
    for wish in &entry.left {
        let is_known = subscriber.choices.iter().any(|choice| wish.is(choice));
        if !is_known {
            subscriber.choices.push(given_up(wish, entry.at));
            left.push(wish);
        }
    }
    if entry.has_left {
        for choice in &mut subscriber.choices {
            if choice.ended.is_none() {
                (choice.confirmed, choice.ended) = (None, Some(now.max(choice.created)));
            }
        }
    }
    let is_active = subscriber.choices.iter().any(Choice::is_confirmed);
    if is_active {
        subscriber.state = State::Active;
    } else if entry.has_left {
        subscriber.state = State::Ended;
    }
    if !is_active && !entry.has_left {
        // All of it was given up before.
        return Ok((Amendment::default(), Entered::Unchanged, refused));
    }
    if known == Some(&subscriber) {
        return Ok((Amendment::default(), Entered::Unchanged, refused));
    }
    let source = Source {
        place: &entry.source,
        wording: &entry.wording,
    };
    let mut consents = Vec::new();
    if !added.is_empty() || known.is_none() {
        consents.push(consent(entry.act, &added, source, entry.at));
    }
    if entry.has_left || !left.is_empty() {
        let source = Source {
            wording: "",
            ..source
        };
        consents.push(consent("unsubscribed", &left, source, now));
    }
    let entered = match known {
        Some(_) => Entered::Changed,
        None => Entered::Added,
    };
    let amendment = Amendment {
        subscriber: Some(subscriber),
        consents,
        ..Amendment::default()
    };
    Ok((amendment, entered, refused))
}

fn given_up(wish: &Wish, at: i64) -> Choice {
    Choice {
        confirmed: None,
        ended: Some(at),
        ..confirmed(wish, at)
    }
}
