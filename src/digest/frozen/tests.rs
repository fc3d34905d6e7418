use super::*;
use crate::digest::edits::{Edit, Edits};
use crate::digest::samples::{digest, due, entries, entry, site, taxonomy, week};

fn issue() -> Issue {
    let mut edits = Edits::default();
    let introduction = Edit::Introduction(Some("A *busy* week.".to_owned()));
    edits.make(introduction).unwrap();
    let headline = Edit::Headline(Some(entries()[1].id.clone()));
    edits.make(headline).unwrap();
    let composed = edits.compose(&digest(), &taxonomy(), &site(), &week(), entries());
    composed.unwrap()
}

fn thawed(json: &str) -> Result<Thawed, FrozenError> {
    thaw(json, &digest(), &taxonomy(), &site(), &week())
}

/// Without the texts of items, which are not kept.
fn without_content(entries: Vec<Arc<Entry>>) -> Vec<Arc<Entry>> {
    let bare = entries.into_iter().map(|entry| Entry {
        content: String::new(),
        ..(*entry).clone()
    });
    bare.map(Arc::new).collect()
}

#[test]
fn an_issue_thaws_as_it_was_frozen() {
    let mut issue = issue();
    let mut pool = entries();
    pool.push(Arc::new(entry("other", "Not selected", &[4])));
    let json = freeze(&issue, &pool);
    let thawed = thawed(&json).unwrap();
    let headline = issue
        .headline
        .take()
        .map(|entry| without_content(vec![entry]));
    issue.headline = headline.and_then(|mut entries| entries.pop());
    for group in &mut issue.groups {
        group.entries = without_content(std::mem::take(&mut group.entries));
    }
    assert_eq!(thawed.issue, issue);
    let mut pool = without_content(pool);
    pool.sort_by(|a, b| (b.published.cmp(&a.published)).then_with(|| a.id.cmp(&b.id)));
    assert_eq!(thawed.pool, pool);
    assert_eq!(freeze(&thawed.issue, &thawed.pool).len(), json.len());
}

#[test]
fn an_entry_of_the_issue_that_the_pool_lacks_is_kept() {
    let json = freeze(&issue(), &[]);
    assert_eq!(thawed(&json).unwrap().pool.len(), entries().len());
}

#[test]
fn terms_are_found_again_when_their_numbers_have_changed() {
    let json = freeze(&issue(), &entries());
    let mut changed = taxonomy();
    // Elections are gone, and so all other terms have another number.
    changed.terms.remove(0);
    changed.facets[0].terms = 0..3;
    changed.facets[1].terms = 3..5;
    let thawed = thaw(&json, &digest(), &changed, &site(), &week()).unwrap();
    let of = |slug: &str| {
        let mut pool = thawed.pool.iter();
        let entry = pool.find(|entry| entry.id.ends_with(slug)).unwrap();
        let terms = entry.categories.iter();
        terms
            .map(|category| (category.term.0, category.slug.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of("observers"), [(2, "youth".to_owned())]);
    assert_eq!(of("lamp"), [(4, "mission-to-port-alba".to_owned())]);
    // What was approved stays as it was read.
    assert!(
        thawed
            .issue
            .groups
            .iter()
            .any(|group| group.heading.as_deref() == Some("Elections"))
    );
}

#[test]
fn on_the_web_a_sent_issue_says_in_its_place_what_was_taken_back() {
    let mut sent = thawed(&freeze(&issue(), &entries())).unwrap().issue;
    sent.subject = "An editor names the lamp".to_owned();
    let headline = sent.headline.clone().unwrap();
    let mut now = entries();
    now.retain(|entry| entry.id != headline.id && !entry.id.ends_with("youth-forum"));
    let corrected = now.iter_mut().find(|entry| entry.id.ends_with("observers"));
    let corrected = corrected.unwrap();
    *corrected = Arc::new(Entry {
        title: "Corrected".to_owned(),
        ..(**corrected).clone()
    });
    let now: HashMap<&str, &Arc<Entry>> =
        now.iter().map(|entry| (entry.id.as_str(), entry)).collect();
    let later = due().timestamp_millis();
    let gone = HashMap::from([(headline.id.clone(), later)]);
    let shown = refresh(sent.clone(), &now, &gone);
    let note = shown.headline.clone().unwrap();
    assert_eq!(note.title, "This item was withdrawn");
    assert_eq!((&note.id, &note.url), (&headline.id, &headline.url));
    assert_eq!(note.updated.timestamp_millis(), later, "readers are told");
    assert_eq!((note.summary.as_str(), note.image.as_ref()), ("", None));
    assert_eq!(shown.total, 3, "what is still there");
    assert_eq!(shown.groups[0].entries[0].title, "Corrected");
    let youth = shown
        .groups
        .iter()
        .find(|group| group.heading.as_deref() == Some("Youth"));
    assert_eq!(youth.unwrap().entries[0].title, "This item was withdrawn");
    assert!(
        !shown.preheader.contains("withdrawn"),
        "{}",
        shown.preheader
    );
    assert!(!shown.preheader.contains(&headline.title));
    // What an editor wrote is what everybody has read.
    assert_eq!(
        (&shown.subject, &shown.opening),
        (&sent.subject, &sent.opening)
    );
    // All of it gone is no quiet week.
    assert!(!refresh(sent, &HashMap::new(), &gone).quiet);
}

#[test]
fn damaged_or_foreign_content_is_refused_by_the_issues_name() {
    for json in ["", "{}", "[1]", "{\"form\":1}"] {
        let error = thawed(json).unwrap_err().to_string();
        assert!(
            error.contains("issue weekly 2024-W47 is damaged"),
            "{error}"
        );
    }
    let json = freeze(&issue(), &entries());
    let later = json.replacen("\"form\":1", "\"form\":2", 1);
    let error = thawed(&later).unwrap_err().to_string();
    assert!(error.contains("has form 2"), "{error}");
    let torn = json.replace("\"entries\":[0", "\"entries\":[900");
    if torn != json {
        assert!(thawed(&torn).is_err());
    }
}
