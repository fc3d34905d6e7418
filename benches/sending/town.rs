//! A newsroom with many subscribers.

use std::path::PathBuf;
use std::process::Command;

use sqlx::{AssertSqlSafe, Connection, Row};

#[path = "../../tests/common/relay.rs"]
#[allow(dead_code)]
mod relay;

const TOPICS: usize = 40;
const ITEMS: usize = 60;
/// How many subscribers one statement adds.
const AT_A_TIME: usize = 500;

pub struct Town {
    folder: tempfile::TempDir,
    subscribers: usize,
    choices: usize,
}

impl Town {
    /// Writes items of a week and puts subscribers into the ledger, each with one of `choices`
    /// sets of topics.
    pub fn found(subscribers: usize, choices: usize, connections: usize) -> Town {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let town = Town {
            folder,
            subscribers,
            choices,
        };
        town.configure(&format!("connections = {connections}"));
        town.write_items();
        town.subscribe();
        town
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn configure(&self, mail: &str) {
        let terms: Vec<String> = (0..TOPICS)
            .map(|number| format!("{{ name = \"Topic {number}\" }}"))
            .collect();
        let text = format!(
            "[site]\ntitle = \"Town\"\nbase_url = \"https://news.example.org/\"\n\
             contact = \"press@example.org\"\n[items]\nfolders = [\"news\"]\n\
             [facet.topic]\nterms = [{}]\n\
             [[digest]]\nslug = \"weekly\"\ntitle = \"Weekly digest\"\nschedule = \"Mon 09:00\"\n\
             period = \"week\"\ngroup_by = \"topic\"\nstale_after = \"366 days\"\n\
             choices = \"weekly\"\n[mail]\n{mail}\n",
            terms.join(", ")
        );
        std::fs::write(self.path("feeds.toml"), text).expect("feeds.toml is written");
    }

    fn write_items(&self) {
        std::fs::create_dir_all(self.path("news")).expect("a folder");
        let day = (chrono::Utc::now() - chrono::TimeDelta::days(14)).date_naive();
        let sentence = "The council of the town met on the bank of the river and agreed on what is \
                        to be done for the bridges before the winter comes. ";
        for number in 0..ITEMS {
            let text = format!(
                "---\ntitle: What happened in the matter of number {number}\ndate: {day}\n\
                 topic: Topic {}\n---\n{}\n",
                number % TOPICS,
                sentence.repeat(12)
            );
            std::fs::write(self.path(&format!("news/{number}.md")), text).expect("an item");
        }
    }

    /// The selection of a set of choices: the first is the digest as it is, each other one names
    /// two or three topics.
    fn selection(&self, set: usize) -> String {
        if set == 0 {
            return String::new();
        }
        let (a, b) = (set % TOPICS, (set / TOPICS + set + 1) % TOPICS);
        let c = (set / TOPICS) % TOPICS;
        format!("topic:(topic-{a} or topic-{b} or topic-{c})")
    }

    fn subscribe(&self) {
        let file = self.path(".tidings/ledger.sqlite");
        drop(tidings::ledger::Ledger::open(&file).expect("a ledger"));
        self.with_ledger(async |connection| {
            execute(connection, "PRAGMA synchronous=OFF; BEGIN").await;
            let ids: Vec<usize> = (1..=self.subscribers).collect();
            for chunk in ids.chunks(AT_A_TIME) {
                let people: Vec<String> = chunk
                    .iter()
                    .map(|id| {
                        format!(
                            "({id}, 'reader{id}@d{}.example.net', 'reader{id}@d{}.example.net', \
                             'en', 'active', 0)",
                            id % 97,
                            id % 97
                        )
                    })
                    .collect();
                let people = format!(
                    "INSERT INTO subscriber (id, address, address_key, language, state, created) \
                     VALUES {}",
                    people.join(",")
                );
                execute(connection, &people).await;
                let choices: Vec<String> = chunk
                    .iter()
                    .map(|id| {
                        // Neighbours choose differently.
                        let set = (id * 7919) % self.choices;
                        format!(
                            "({id}, {id}, 'weekly', '{}', 'en', 1, 0)",
                            self.selection(set)
                        )
                    })
                    .collect();
                let choices = format!(
                    "INSERT INTO subscription (id, subscriber, digest, selection, language, \
                     confirmed, created) VALUES {}",
                    choices.join(",")
                );
                execute(connection, &choices).await;
            }
            execute(connection, "COMMIT").await;
        });
    }

    pub fn command(&self, arguments: &[&str], relay: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.arg("-C").arg(self.folder.path()).args(arguments);
        command.env("TIDINGS_SMTP_URL", relay);
        command
    }

    pub fn tidings(&self, arguments: &[&str], relay: &str) {
        let output = self.command(arguments, relay).output().expect("it starts");
        assert!(output.status.success(), "{output:?}");
    }

    /// The mean size of the messages of a small town with as many sorts of them.
    pub fn message_size(&self) -> usize {
        let small = Town::found(self.choices.min(50), self.choices.min(50), 2);
        let sink = relay::FakeRelay::good();
        small.tidings(&["send"], &sink.url());
        let taken = sink.taken();
        let all: usize = taken.iter().map(|taken| taken.message.len()).sum();
        all / taken.len().max(1)
    }

    pub fn sent(&self) -> u64 {
        self.with_ledger(async |connection| {
            let sql = "SELECT COUNT(*) AS number FROM delivery WHERE state = 'sent'";
            let row = sqlx::query(sql)
                .fetch_one(connection)
                .await
                .expect("a count");
            row.get::<i64, _>("number").cast_unsigned()
        })
    }

    /// All files of the ledger, in bytes.
    pub fn ledger_size(&self) -> u64 {
        ["ledger.sqlite", "ledger.sqlite-wal"]
            .iter()
            .filter_map(|name| std::fs::metadata(self.path(&format!(".tidings/{name}"))).ok())
            .map(|metadata| metadata.len())
            .sum()
    }

    fn with_ledger<T>(&self, work: impl AsyncFnOnce(&mut sqlx::AnyConnection) -> T) -> T {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}", self.path(".tidings/ledger.sqlite").display());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let mut connection = sqlx::AnyConnection::connect(&url)
                .await
                .expect("the ledger");
            work(&mut connection).await
        })
    }
}

async fn execute(connection: &mut sqlx::AnyConnection, sql: &str) {
    let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    query.execute(connection).await.expect("the SQL is right");
}
