//! What becomes of a subscriber: facts and a wish in, an amendment out.
//!
//! Pure, so that every rule on consent stands here and is tested without a ledger.

use super::links::Holder;
use super::wish::Wish;
use crate::ledger::subscribers::{Amendment, Choice, Consent, Facts, Reason, State, Subscriber};
use crate::mail::address::Address;

/// Where something was agreed to or taken back, and in which words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// `form`, `preferences`, `one-click`, `import: fair 2024`.
    pub place: &'a str,
    /// What was agreed to, as it was shown; empty where something was taken back.
    pub wording: &'a str,
}

/// Somebody asks for mail to an address, which may not be theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignUp {
    /// The address.
    pub address: Address,
    /// BCP 47 tag of the form.
    pub language: String,
    /// What is asked for.
    pub wishes: Vec<Wish>,
}

/// The letter that is the answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Asks to confirm.
    Confirm,
    /// Says that everything asked for is subscribed to already.
    Known,
    /// None: the address is not to be written to, or got enough letters today.
    Silence,
}

/// Records that somebody asked. Nothing is sent but a letter, until its link is used.
///
/// Whoever had themselves erased, or whose mail came back, may ask again: their own confirmation
/// is what counts. An address whose owner complained, or that an editor barred, is left alone.
pub fn sign_up(
    facts: &Facts,
    request: &SignUp,
    source: Source<'_>,
    letters_per_day: u64,
    fresh_id: i64,
    now: i64,
) -> (Amendment, Reply) {
    let is_barred = matches!(facts.suppressed, Some(Reason::Complaint | Reason::Editor));
    if is_barred || facts.letters >= letters_per_day {
        return (Amendment::default(), Reply::Silence);
    }
    let mut subscriber = match &facts.subscriber {
        Some(known) if known.state != State::Pending => known.clone(),
        // What a stranger may have asked for before is replaced, and its links are void.
        pending => Subscriber {
            id: pending.as_ref().map_or(fresh_id, |pending| pending.id),
            address: request.address.clone(),
            name: None,
            language: request.language.clone(),
            state: State::Pending,
            paused_until: None,
            generation: pending.as_ref().map_or(0, |pending| pending.generation + 1),
            created: now,
            choices: Vec::new(),
        },
    };
    withdraw_pending(&mut subscriber);
    let mut asked = Vec::new();
    for wish in &request.wishes {
        let known = subscriber.choices.iter_mut().find(|choice| wish.is(choice));
        match known {
            Some(choice) if choice.is_confirmed() => continue,
            // It waits again; that it was given up is known until it is confirmed.
            Some(choice) => {
                choice.created = now.max(choice.ended.unwrap_or(i64::MIN).saturating_add(1));
            }
            None => subscriber.choices.push(Choice {
                digest: wish.digest.clone(),
                selection: wish.selection.clone(),
                language: wish.language.clone(),
                confirmed: None,
                ended: None,
                created: now,
            }),
        }
        asked.push(wish);
    }
    if asked.is_empty() {
        let reply = match subscriber.state {
            State::Active => Reply::Known,
            State::Pending | State::Ended => Reply::Silence,
        };
        return (Amendment::default(), reply);
    }
    let consent = consent("asked", &asked, source, now);
    let amendment = Amendment {
        subscriber: Some(subscriber),
        consents: vec![consent],
        ..Amendment::default()
    };
    (amendment, Reply::Confirm)
}

/// What came of a link that confirms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// Mail will come.
    Done(Subscriber),
    /// It was done before.
    Already(Subscriber),
    /// Something else was asked for since the page was shown: it must be shown anew.
    Changed(Subscriber),
    /// Nothing is known of this any more.
    Gone,
}

/// Confirms what waits to be confirmed. `shown` is the [`fingerprint`] of the choices that were
/// on the page whose button was pressed.
pub fn confirm(
    facts: &Facts,
    holder: Holder,
    shown: &str,
    source: Source<'_>,
    now: i64,
) -> (Amendment, Confirmation) {
    let nothing = |confirmation| (Amendment::default(), confirmation);
    let barred = matches!(facts.suppressed, Some(Reason::Complaint | Reason::Editor));
    let Some(known) = current(facts, holder).filter(|_| !barred) else {
        return nothing(Confirmation::Gone);
    };
    let waiting = pending(known);
    if waiting.is_empty() {
        return nothing(match known.state {
            State::Active => Confirmation::Already(known.clone()),
            State::Pending | State::Ended => Confirmation::Gone,
        });
    }
    if fingerprint(&waiting) != shown {
        return nothing(Confirmation::Changed(known.clone()));
    }
    let mut subscriber = known.clone();
    for choice in &mut subscriber.choices {
        if choice.is_pending() {
            (choice.confirmed, choice.ended) = (Some(now), None);
        }
    }
    subscriber.state = State::Active;
    let wishes: Vec<&Wish> = waiting.iter().collect();
    let amendment = Amendment {
        consents: vec![consent("confirmed", &wishes, source, now)],
        // The person's own word ends what mail that came back, or their own erasure, began.
        lift: facts.suppressed.map(|_| subscriber.address.clone()),
        subscriber: Some(subscriber.clone()),
        ..Amendment::default()
    };
    (amendment, Confirmation::Done(subscriber))
}

/// Everything that the page of preferences says, when it is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// What the subscriber wants from now on.
    pub wishes: Vec<Wish>,
    /// BCP 47 tag of pages and letters.
    pub language: String,
    /// As they call themselves.
    pub name: Option<String>,
    /// Until when nothing is sent.
    pub paused_until: Option<i64>,
}

/// Saves preferences; who opens the page by a link of their own need not confirm again. `None`
/// where the link holds no more.
pub fn save(
    facts: &Facts,
    holder: Holder,
    preferences: &Preferences,
    source: Source<'_>,
    now: i64,
) -> Option<(Amendment, Subscriber)> {
    let known = current(facts, holder)?;
    let mut subscriber = Subscriber {
        language: preferences.language.clone(),
        name: preferences.name.clone(),
        paused_until: preferences.paused_until.filter(|until| *until > now),
        ..known.clone()
    };
    let mut left = Vec::new();
    for choice in &mut subscriber.choices {
        let is_wanted = preferences.wishes.iter().any(|wish| wish.is(choice));
        if !is_wanted && choice.is_confirmed() {
            (choice.confirmed, choice.ended) = (None, Some(now));
            left.push(Wish::of(choice));
        }
    }
    withdraw_pending(&mut subscriber);
    let mut added = Vec::new();
    for wish in &preferences.wishes {
        let found = subscriber.choices.iter_mut().find(|choice| wish.is(choice));
        match found {
            Some(choice) if choice.is_confirmed() => continue,
            Some(choice) => (choice.confirmed, choice.ended) = (Some(now), None),
            None => subscriber.choices.push(confirmed(wish, now)),
        }
        added.push(wish);
    }
    settle(&mut subscriber);
    let left: Vec<&Wish> = left.iter().collect();
    let mut consents = Vec::new();
    if !left.is_empty() {
        consents.push(consent("unsubscribed", &left, bare(source), now));
    }
    if !added.is_empty() {
        consents.push(consent("confirmed", &added, source, now));
    }
    if known.paused_until != subscriber.paused_until {
        let act = if subscriber.paused_until.is_some() {
            "paused"
        } else {
            "resumed"
        };
        consents.push(consent(act, &[], bare(source), now));
    }
    let lifts = facts.suppressed == Some(Reason::Bounce) && !added.is_empty();
    let amendment = Amendment {
        lift: lifts.then(|| subscriber.address.clone()),
        subscriber: (subscriber != *known).then(|| subscriber.clone()),
        consents,
        ..Amendment::default()
    };
    Some((amendment, subscriber))
}

/// Leaves a digest with all selections that go out with it, or everything. Done twice, it is done
/// once. `None` where there is no such subscriber.
pub fn leave(
    facts: &Facts,
    digest: Option<&str>,
    place: &str,
    now: i64,
) -> Option<(Amendment, Subscriber)> {
    let known = facts.subscriber.as_ref()?;
    let mut subscriber = known.clone();
    let mut left = Vec::new();
    for choice in &mut subscriber.choices {
        let is_meant = digest.is_none_or(|digest| digest == choice.digest);
        if is_meant && (choice.is_confirmed() || choice.is_pending()) {
            left.push(Wish::of(choice));
            (choice.confirmed, choice.ended) = (None, Some(now.max(choice.created)));
        }
    }
    settle(&mut subscriber);
    if left.is_empty() && subscriber == *known {
        return Some((Amendment::default(), subscriber));
    }
    let left: Vec<&Wish> = left.iter().collect();
    let source = Source { place, wording: "" };
    let amendment = Amendment {
        subscriber: Some(subscriber.clone()),
        consents: vec![consent("unsubscribed", &left, source, now)],
        ..Amendment::default()
    };
    Some((amendment, subscriber))
}

/// Ends all mail to an address for good.
pub fn suppress(facts: &Facts, address: &Address, reason: Reason, now: i64) -> Amendment {
    let left = leave(facts, None, reason.word(), now).map(|(amendment, _)| amendment);
    Amendment {
        suppress: Some((address.clone(), reason)),
        ..left.unwrap_or_default()
    }
}

/// Erases a person; nothing is left but the hash of the address, so that nobody brings it back.
pub fn erase(subscriber: &Subscriber) -> Amendment {
    Amendment {
        erase: Some(subscriber.clone()),
        suppress: Some((subscriber.address.clone(), Reason::Erased)),
        ..Amendment::default()
    }
}

/// What came of a link that confirms a new address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Mail goes to the new address; this is the subscriber as before.
    Done(Subscriber),
    /// The address is somebody's who has subscriptions already.
    Taken,
    /// The link holds no more.
    Gone,
}

/// Moves a subscriber to a new address, whose owner has just confirmed it. All links that were
/// handed out before are void, since they lie in the old mailbox.
pub fn move_to(
    facts: &Facts,
    at_new: &Facts,
    holder: Holder,
    address: &Address,
    now: i64,
) -> (Vec<Amendment>, Move) {
    let Some(known) = current(facts, holder) else {
        return (Vec::new(), Move::Gone);
    };
    let mut first = Amendment::default();
    match &at_new.subscriber {
        // Another spelling of the same address is no other person.
        Some(other) if other.id == known.id => {}
        Some(other) if other.state == State::Pending => first.erase = Some(other.clone()),
        Some(_) => return (Vec::new(), Move::Taken),
        None => {}
    }
    if matches!(at_new.suppressed, Some(Reason::Complaint | Reason::Editor)) {
        return (Vec::new(), Move::Taken);
    }
    first.lift = at_new.suppressed.map(|_| address.clone());
    let subscriber = Subscriber {
        address: address.clone(),
        generation: known.generation + 1,
        ..known.clone()
    };
    let source = Source {
        place: "link in a letter",
        wording: "",
    };
    let second = Amendment {
        subscriber: Some(subscriber),
        consents: vec![consent("moved", &[], source, now)],
        ..Amendment::default()
    };
    (vec![first, second], Move::Done(known.clone()))
}

/// The subscriber whom a link is for, unless it was voided.
pub fn current(facts: &Facts, holder: Holder) -> Option<&Subscriber> {
    let known = facts.subscriber.as_ref();
    known.filter(|known| known.id == holder.subscriber && known.generation == holder.generation)
}

/// What waits to be confirmed.
pub fn pending(subscriber: &Subscriber) -> Vec<Wish> {
    let waiting = subscriber
        .choices
        .iter()
        .filter(|choice| choice.is_pending());
    waiting.map(Wish::of).collect()
}

/// What mail comes of.
pub fn chosen(subscriber: &Subscriber) -> Vec<Wish> {
    let choices = subscriber.choices.iter();
    let confirmed = choices.filter(|choice| choice.is_confirmed());
    confirmed.map(Wish::of).collect()
}

/// Tells one list of choices from another.
pub fn fingerprint(wishes: &[Wish]) -> String {
    let mut sorted: Vec<&Wish> = wishes.iter().collect();
    sorted.sort();
    let mut hash = crate::fingerprint::Fingerprint::default();
    for wish in sorted {
        hash = hash.text(&wish.digest).text(&wish.selection);
    }
    format!("{:016x}", hash.finish())
}

/// Takes back what waits to be confirmed; what had been given up before is so still.
fn withdraw_pending(subscriber: &mut Subscriber) {
    subscriber
        .choices
        .retain(|choice| !(choice.is_pending() && choice.ended.is_none()));
    for choice in &mut subscriber.choices {
        if let (true, Some(ended)) = (choice.is_pending(), choice.ended) {
            choice.created = ended;
        }
    }
}

/// Brings the state in line with the choices.
fn settle(subscriber: &mut Subscriber) {
    let has = |is: fn(&Choice) -> bool| subscriber.choices.iter().any(is);
    subscriber.state = if has(Choice::is_confirmed) {
        State::Active
    } else if subscriber.state == State::Pending && has(Choice::is_pending) {
        State::Pending
    } else {
        State::Ended
    };
}

/// A choice that is confirmed at once.
pub(super) fn confirmed(wish: &Wish, now: i64) -> Choice {
    Choice {
        digest: wish.digest.clone(),
        selection: wish.selection.clone(),
        language: wish.language.clone(),
        confirmed: Some(now),
        ended: None,
        created: now,
    }
}

/// An entry of the history.
pub(super) fn consent(act: &str, wishes: &[&Wish], source: Source<'_>, now: i64) -> Consent {
    let choices: Vec<String> = wishes
        .iter()
        .map(|wish| match wish.selection.as_str() {
            "" => wish.digest.clone(),
            selection => format!("{}: {selection}", wish.digest),
        })
        .collect();
    Consent {
        at: now,
        act: act.to_owned(),
        source: source.place.to_owned(),
        wording: source.wording.to_owned(),
        choices: choices.join("; "),
    }
}

fn bare(source: Source<'_>) -> Source<'_> {
    Source {
        wording: "",
        ..source
    }
}
