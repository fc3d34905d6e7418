use std::path::Path;
use std::sync::Mutex;

use super::*;
use crate::digest::compose::compose;
use crate::digest::samples::{digest, entries, utc, week};
use crate::ledger::deliveries::Marks;
use crate::signing::SigningKey;

#[path = "../../../tests/common/relay.rs"]
#[allow(dead_code)]
mod relay;

use relay::{Act, FakeRelay};

mod jumps;
mod warm_up;

const CONFIGURATION: &str = r#"
[site]
title = "Harbour"
base_url = "https://news.harbour.example/"
contact = "press@harbour.example"
[mail]
connections = 3
timeout = "2 s"
retry_after = "1 s"
attempts = 3
[facet.field_of_work]
terms = [{ name = "Elections" }, { name = "Good governance" }, { name = "Public procurement", parent = "good-governance" }, { name = "Youth" }]
[facet.department]
terms = [{ name = "Secretariat" }, { name = "Mission to Port Alba" }]
"#;

struct Newsroom {
    folder: tempfile::TempDir,
    mail: Mail,
}

impl Newsroom {
    /// With subscribers p1 to p`count` of an issue that is being sent.
    fn new(count: i64) -> Newsroom {
        let folder = tempfile::tempdir().unwrap();
        let newsroom = Newsroom {
            folder,
            mail: Mail {
                connections: 3,
                timeout: Duration::from_secs(2),
                retry_after: Duration::from_millis(10),
                longest_pause: Duration::from_millis(50),
                attempts: 3,
                pause_after: 1_000,
                ..Mail::default()
            },
        };
        let mut ledger = newsroom.ledger();
        let mut sql = "INSERT INTO issue (digest, period, due, items, state) \
                       VALUES ('weekly', '2024-W47', 1, '[]', 'sending');"
            .to_owned();
        for id in 1..=count {
            sql.push_str(&format!(
                "INSERT INTO subscriber (id, address, address_key, language, state, created) \
                 VALUES ({id}, 'p{id}@example.org', 'p{id}@example.org', 'en', 'active', 0); \
                 INSERT INTO subscription (id, subscriber, digest, selection, language, confirmed, \
                 created) VALUES ({id}, {id}, 'weekly', '', 'en', 1, 0);"
            ));
        }
        ledger.execute(&sql);
        newsroom
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.folder.path().join(".tidings/ledger.sqlite")).unwrap()
    }

    fn execute(&self, sql: &str) {
        self.ledger().execute(sql);
    }

    fn plan(&self) {
        let key = SigningKey::new([7; 32]);
        let mut ledger = self.ledger();
        ledger
            .plan_deliveries("weekly", "2024-W47", &key, 0)
            .unwrap();
    }

    fn sender(&self, relay: &str) -> Sender {
        let root = self.folder.path().to_owned();
        let setup = Setup::of(root, CONFIGURATION.to_owned(), Path::new("feeds.toml"))
            .unwrap_or_else(|problems| panic!("{problems:?}"));
        let seal = crate::mail::seal::load(&setup, SigningKey::new([7; 32])).unwrap();
        let mut sender = Sender::new(
            Arc::new(setup),
            Arc::new(seal),
            Some(relay),
            Stop::default(),
        )
        .unwrap();
        sender.relay = Relay::new(&self.mail, Some(relay), self.folder.path()).unwrap();
        sender.mail = self.mail.clone();
        sender
    }

    fn run(&self, relay: &str) -> Result<Run, SendError> {
        self.run_with(&self.sender(relay))
    }

    fn run_with(&self, sender: &Sender) -> Result<Run, SendError> {
        self.run_for(sender, Patience::UntilDone)
    }

    fn run_for(&self, sender: &Sender, patience: Patience) -> Result<Run, SendError> {
        let config = &sender.setup.config;
        let issue = compose(
            &digest(),
            &config.taxonomy,
            &config.site,
            &week(),
            entries(),
        );
        let stock = IssueStock::new(
            digest(),
            issue.unwrap(),
            entries(),
            "weekly".to_owned(),
            1_732_521_600_000,
            utc("2024-11-25T08:00:07Z"),
        );
        let stock = Stock::Issue(Box::new(stock));
        sender.run(
            self.ledger(),
            &issue_mailing(),
            stock,
            patience,
            &mut Silent,
        )
    }

    fn counts(&self) -> Counts {
        self.ledger().delivery_counts(&issue_mailing()).unwrap()
    }
}

fn issue_mailing() -> Mailing {
    Mailing::Issue {
        digest: "weekly".to_owned(),
        period: "2024-W47".to_owned(),
    }
}

struct Silent;

impl Watcher for Silent {
    fn progress(&mut self, _: &Counts) {}
    fn note(&mut self, _: &str) {}
}

fn everybody(count: i64) -> Vec<String> {
    let mut all: Vec<String> = (1..=count).map(|id| format!("p{id}@example.org")).collect();
    all.sort_unstable();
    all
}

#[test]
fn everybody_gets_the_issue_once_with_links_of_their_own() {
    let newsroom = Newsroom::new(40);
    newsroom.plan();
    let relay = FakeRelay::good();
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!((run.end, run.sent, run.counts.sent), (End::Done, 40, 40));
    assert_eq!(relay.recipients(), everybody(40));
    let taken = relay.taken();
    let mut ids: Vec<String> = taken
        .iter()
        .filter_map(|one| one.field("Message-ID"))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40);
    assert!(
        taken
            .iter()
            .all(|one| one.field("List-Unsubscribe").is_some())
    );
    assert!(
        !taken
            .iter()
            .any(|one| one.message.contains("tidings.invalid"))
    );
    // Once is enough.
    let again = newsroom.run(&relay.url()).unwrap();
    assert_eq!((again.end, again.sent), (End::Done, 0));
}

#[test]
fn a_relay_that_closes_after_some_messages_gets_the_rest_on_other_connections() {
    let newsroom = Newsroom::new(30);
    newsroom.plan();
    for act in [
        Act::CloseBefore,
        Act::Recipient("421 4.7.0 too many messages"),
    ] {
        newsroom.execute("UPDATE delivery SET state = 'waiting', due = 0, attempts = 0");
        let relay = FakeRelay::start(move |visit| match visit.number {
            0..3 => Act::Take,
            _ => act.clone(),
        });
        let run = newsroom.run(&relay.url()).unwrap();
        assert_eq!((run.end, run.failed), (End::Done, 0));
        assert_eq!(relay.recipients(), everybody(30));
    }
}

#[test]
fn who_is_put_off_is_tried_again_and_given_up_in_the_end() {
    let newsroom = Newsroom::new(6);
    newsroom.plan();
    let relay = FakeRelay::start(|visit| match (visit.to.as_str(), visit.tried) {
        ("p1@example.org", 0) => Act::Recipient("451 4.7.1 greylisted"),
        ("p2@example.org", 0..2) => Act::Message("452 4.3.1 not now"),
        ("p3@example.org", _) => Act::Recipient("450 4.2.0 never now"),
        _ => Act::Take,
    });
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!((run.end, run.sent, run.failed), (End::Done, 5, 1));
    let failures = newsroom
        .ledger()
        .delivery_failures(&issue_mailing(), 9)
        .unwrap();
    assert_eq!(failures[0].0, "given up after 3 tries: 450 4.2.0 never now");
}

#[test]
fn a_refusal_is_final_and_an_address_that_does_not_exist_gets_nothing_more() {
    let newsroom = Newsroom::new(5);
    newsroom.plan();
    let relay = FakeRelay::start(|visit| match visit.to.as_str() {
        "p1@example.org" => Act::Recipient("550 5.1.1 no such user"),
        "p2@example.org" => Act::Message("554 5.7.1 looks like spam"),
        _ => Act::Take,
    });
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!((run.sent, run.failed), (3, 2));
    assert_eq!(relay.recipients().len(), 3);
    let address = "p1@example.org".parse().unwrap();
    let key = SigningKey::new([7; 32]);
    let find = crate::ledger::subscribers::Find::Address(&address);
    let facts = newsroom.ledger().subscriber_facts(find, &key).unwrap();
    assert!(facts.suppressed.is_some());
}

#[test]
fn what_the_relay_may_have_is_listed_and_not_sent_again() {
    let newsroom = Newsroom::new(8);
    newsroom.plan();
    let relay = FakeRelay::start(|visit| match visit.to.as_str() {
        "p1@example.org" => Act::TakeAndClose,
        "p2@example.org" => Act::TakeAndSay("thanks!"),
        _ => Act::Take,
    });
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!((run.end, run.sent, run.uncertain), (End::Done, 6, 2));
    assert_eq!(relay.recipients(), everybody(8));
    assert_eq!(newsroom.ledger().uncertain_deliveries().unwrap().len(), 2);
}

#[test]
fn what_the_relay_may_have_is_sent_again_under_the_same_id_where_that_is_asked_for() {
    let mut newsroom = Newsroom::new(3);
    newsroom.mail.after_crash = AfterCrash::Resend;
    newsroom.plan();
    let relay = FakeRelay::start(|visit| match (visit.to.as_str(), visit.tried) {
        ("p1@example.org", 0) => Act::TakeAndClose,
        _ => Act::Take,
    });
    newsroom.run(&relay.url()).unwrap();
    let taken = relay.taken();
    let first = taken.iter().filter(|one| one.to == "p1@example.org");
    let ids: Vec<_> = first.map(|one| one.field("Message-ID")).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_relay_that_stalls_or_is_slow_or_talks_nonsense_loses_nothing() {
    let mut newsroom = Newsroom::new(6);
    newsroom.mail.timeout = Duration::from_millis(150);
    newsroom.plan();
    let relay = FakeRelay::start(|visit| match (visit.to.as_str(), visit.tried) {
        ("p1@example.org", 0) => Act::Stall,
        ("p2@example.org", 0) => Act::Recipient("SSH-2.0-OpenSSH_9.2"),
        ("p3@example.org", _) => Act::Slowly,
        _ => Act::Take,
    });
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!((run.end, run.sent), (End::Done, 6));
    assert_eq!(relay.recipients(), everybody(6));
}

#[test]
fn too_large_a_share_of_failures_ends_the_run_with_the_reason() {
    let mut newsroom = Newsroom::new(60);
    newsroom.mail.pause_after = 10;
    newsroom.mail.pause_at = 0.5;
    newsroom.plan();
    let relay = FakeRelay::start(|_| Act::Recipient("550 5.7.1 your host is blocked"));
    let run = newsroom.run(&relay.url()).unwrap();
    let End::TooManyFailures(why) = run.end else {
        panic!("{:?}", run.end);
    };
    assert!(why.contains("550 5.7.1 your host is blocked"), "{why}");
    assert!(run.counts.waiting > 30, "{:?}", run.counts);
}

#[test]
fn a_relay_that_cannot_be_reached_is_an_error_and_everything_waits() {
    let newsroom = Newsroom::new(5);
    newsroom.plan();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = newsroom.run(&url).unwrap_err();
    assert!(error.to_string().contains("cannot be reached"), "{error}");
    assert_eq!(newsroom.counts().waiting, 5);
}

#[test]
fn a_relay_that_does_not_speak_tls_is_an_error_at_once_and_everything_waits() {
    let newsroom = Newsroom::new(5);
    newsroom.plan();
    let relay = FakeRelay::good();
    let url = format!("smtps://{}", relay.address);
    let error = newsroom.run(&url).unwrap_err();
    assert!(matches!(error, SendError::Relay(_)), "{error:?}");
    assert_eq!(newsroom.counts().waiting, 5);
    assert!(relay.taken().is_empty());
}

#[test]
fn a_clock_that_was_wrong_holds_nothing_up() {
    let newsroom = Newsroom::new(3);
    newsroom.plan();
    // Put off when the clock was ten years ahead.
    newsroom.execute("UPDATE delivery SET due = 2000000000000 + 315360000000");
    let relay = FakeRelay::good();
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!((run.end, run.sent), (End::Done, 3));
}

#[test]
fn choices_that_cannot_be_rendered_are_held_and_go_once_that_is_mended() {
    let newsroom = Newsroom::new(4);
    newsroom.execute("UPDATE subscription SET selection = 'field_of_work:gone' WHERE id = 2");
    newsroom.execute("UPDATE subscription SET selection = 'field_of_work:youth' WHERE id = 3");
    newsroom.plan();
    let relay = FakeRelay::good();
    let run = newsroom.run(&relay.url()).unwrap();
    assert!(
        matches!(&run.end, End::Held(why) if why.contains("gone")),
        "{:?}",
        run.end
    );
    assert_eq!((run.sent, run.counts.held), (3, 1));
    let youth = relay.taken();
    let youth = youth.iter().find(|one| one.to == "p3@example.org").unwrap();
    assert!(!youth.message.contains("lighthouse"));
    newsroom.execute("UPDATE delivery_choices SET choices = '[\"\"]' WHERE choices LIKE '%gone%'");
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!((run.end, run.sent), (End::Done, 1));
    assert_eq!(relay.recipients(), everybody(4));
}

#[test]
fn two_senders_at_once_share_the_work() {
    let newsroom = Newsroom::new(80);
    newsroom.plan();
    let relay = FakeRelay::good();
    let url = relay.url();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let run = newsroom.run(&url).unwrap();
                assert_eq!(run.end, End::Done);
            });
        }
    });
    assert_eq!(relay.recipients(), everybody(80));
}

#[test]
fn a_pause_from_elsewhere_holds_and_resuming_goes_on() {
    let mut newsroom = Newsroom::new(60);
    newsroom.mail.rate_per_second = Some(20);
    newsroom.plan();
    let file = newsroom.folder.path().join(".tidings/ledger.sqlite");
    let other = Mutex::new(Some(Ledger::open(&file).unwrap()));
    let relay = FakeRelay::start(move |visit| {
        // Once: several may see the tenth, or none.
        if visit.taken >= 10
            && let Some(mut other) = other.lock().unwrap().take()
        {
            other.execute("UPDATE issue SET state = 'paused'");
        }
        Act::Take
    });
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!(run.end, End::Withdrawn);
    let counts = newsroom.counts();
    assert!(
        counts.waiting > 0 && counts.claimed + counts.flying == 0,
        "{counts:?}"
    );
    newsroom.execute("UPDATE issue SET state = 'sending'");
    newsroom.mail.rate_per_second = None;
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!(run.end, End::Done);
    assert_eq!(relay.recipients(), everybody(60));
}

#[test]
fn a_ledger_that_cannot_be_written_stops_sending_before_anything_flies() {
    let newsroom = Newsroom::new(30);
    newsroom.plan();
    newsroom.execute(
        "CREATE TRIGGER full BEFORE UPDATE OF state ON delivery \
         WHEN NEW.state = 'flying' AND NEW.subscriber > 10 \
         BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
    );
    let relay = FakeRelay::good();
    let error = newsroom.run(&relay.url()).unwrap_err();
    assert!(error.to_string().contains("disk is full"), "{error}");
    newsroom.execute("DROP TRIGGER full");
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!(run.end, End::Done);
    assert_eq!(relay.recipients(), everybody(30));
}

#[test]
fn what_somebody_else_had_in_hand_and_died_with_is_taken_over() {
    let newsroom = Newsroom::new(6);
    newsroom.plan();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let name = format!("{}.dead", boot.trim().replace('-', ""));
    let mut ledger = newsroom.ledger();
    let claimed = ledger
        .claim_deliveries("weekly", "2024-W47", &name, 1, 4, None)
        .unwrap();
    let flying = Marks {
        flying: &[claimed[0].subscriber],
        now: 1,
        ..Marks::default()
    };
    ledger
        .mark_deliveries(&issue_mailing(), &name, &flying)
        .unwrap();
    drop(ledger);
    let relay = FakeRelay::good();
    let run = newsroom.run(&relay.url()).unwrap();
    assert_eq!((run.end, run.sent), (End::Done, 5));
    assert_eq!(run.counts.uncertain, 1);
}

#[test]
fn letters_go_the_same_way() {
    let newsroom = Newsroom::new(0);
    newsroom.execute(
        "INSERT INTO letter (id, address, address_key, kind, return_path, message, state, due, \
         created) VALUES (5, 'a@example.org', 'a@example.org', 'confirm', 'b@example.org', \
         'U3ViamVjdDogeA0KDQp5DQo=', 'waiting', 1, 1)",
    );
    let relay = FakeRelay::good();
    let sender = newsroom.sender(&relay.url());
    let run = sender
        .run(
            newsroom.ledger(),
            &Mailing::Letters,
            Stock::Letters,
            Patience::UntilDone,
            &mut Silent,
        )
        .unwrap();
    assert_eq!((run.end, run.sent), (End::Done, 1));
    let taken = relay.taken();
    assert_eq!(
        (taken[0].from.as_str(), taken[0].message.as_str()),
        ("b@example.org", "Subject: x\r\n\r\ny\r\n")
    );
}
