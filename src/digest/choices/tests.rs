use super::*;
use crate::digest::samples::{digest, entries, site, taxonomy, week};

fn issue(digest: &Digest, entries: Vec<Arc<Entry>>) -> Issue {
    compose::compose(digest, &taxonomy(), &site(), &week(), entries).unwrap()
}

fn composed(choices: &[&str], issue: &Issue, digest: &Digest) -> Option<Issue> {
    let choices: Vec<String> = choices.iter().map(|text| (*text).to_owned()).collect();
    let mut pool = entries();
    pool.sort_by_key(|entry| std::cmp::Reverse(entry.published));
    compose_for(&choices, issue, &pool, digest, &taxonomy(), &site()).unwrap()
}

fn outline(issue: &Issue) -> Vec<(Option<&str>, Vec<&str>)> {
    let last = |entry: &Arc<Entry>| entry.id.rfind(':').map_or(0, |at| at + 1);
    issue
        .groups
        .iter()
        .map(|group| {
            let entries = group.entries.iter().map(|entry| &entry.id[last(entry)..]);
            (group.heading.as_deref(), entries.collect())
        })
        .collect()
}

#[test]
fn the_digest_as_it_is_stays_as_it_is() {
    let issue = issue(&digest(), entries());
    assert_eq!(composed(&[""], &issue, &digest()), Some(issue));
}

#[test]
fn own_topics_are_headings_and_each_item_stands_once() {
    let issue = issue(&digest(), entries());
    let own = [
        "field_of_work:youth",
        "field_of_work:elections or field_of_work:youth",
    ];
    let composed = composed(&own, &issue, &digest()).unwrap();
    assert_eq!(
        outline(&composed),
        [
            (Some("Elections"), vec!["observers", "registers"]),
            (Some("Youth"), vec!["procurement", "youth-forum"]),
        ]
    );
    assert_eq!(composed.total, 4);
    // What counts items counts these.
    assert!(composed.subject.contains("4 items"), "{}", composed.subject);
}

#[test]
fn a_topic_is_a_heading_of_its_own_for_the_items_of_its_children() {
    let issue = issue(&digest(), entries());
    let composed = composed(&["field_of_work:good-governance"], &issue, &digest()).unwrap();
    assert_eq!(
        outline(&composed),
        [(Some("Good governance"), vec!["procurement"])]
    );
}

#[test]
fn what_the_digest_shows_already_is_not_added_again() {
    let few = entries()
        .into_iter()
        .filter(|entry| entry.id.ends_with("observers"));
    let issue = issue(&digest(), few.collect());
    let composed = composed(&["", "field_of_work:elections"], &issue, &digest()).unwrap();
    assert_eq!(
        outline(&composed),
        [(Some("Elections"), vec!["observers", "registers"])]
    );
}

#[test]
fn an_editors_subject_stays() {
    let mut issue = issue(&digest(), entries());
    issue.subject = "Elections everywhere".to_owned();
    let composed = composed(&["field_of_work:youth"], &issue, &digest()).unwrap();
    assert_eq!(composed.subject, "Elections everywhere");
}

#[test]
fn who_chose_what_has_no_news_gets_nothing_from_a_digest_that_is_silent_then() {
    let quiet = Digest {
        quiet: Quiet::Skip,
        ..digest()
    };
    let issue = issue(&quiet, entries());
    let own = ["field_of_work:youth and department:secretariat"];
    assert_eq!(composed(&own, &issue, &quiet), None);
    assert!(composed(&own, &issue, &digest()).unwrap().quiet);
}

#[test]
fn a_selection_of_what_is_not_there_any_more_is_an_error() {
    let issue = issue(&digest(), entries());
    let choices = ["field_of_work:alchemy".to_owned()];
    let result = compose_for(&choices, &issue, &[], &digest(), &taxonomy(), &site());
    assert!(result.is_err());
}
