//! `tidings mail check`: whether mail will arrive, before the first one is sent.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use serde_json::json;
use tidings::config::Digest;
use tidings::config::mail::{RELAY_VARIABLE, relay};
use tidings::diagnostic::{Problem, did_you_mean};
use tidings::ledger::Ledger;
use tidings::mail::check::resolver::{System, Table};
use tidings::mail::check::sample::sample;
use tidings::mail::check::{Finding, Resolver, Sender, Verdict, inspect, records};
use tidings::mail::header::Mailbox;
use tidings::mail::message::Seal;
use tidings::mail::seal;
use tidings::setup::Setup;

use super::super::{Failure, Outcome, print, setup};

/// Tell whether mail will arrive: SPF, DKIM, DMARC and MX records, and the message itself
#[derive(Args)]
#[command(
    after_help = "Every record that is missing is printed as a line of a zone file. Nothing is sent.\nExits with 1 where mail will be refused or taken for spam.\n\nExamples:\n  tidings mail check\n  tidings mail check weekly --json\n  tidings mail check --records new.zone   try records before they are published"
)]
pub struct Check {
    /// The digest's slug; all digests where none is named
    digest: Option<String>,
    /// Look records up in a file of lines `name TYPE value` instead of the DNS
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// Print what was found as a JSON array
    #[arg(long)]
    json: bool,
}

impl Check {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let Some(mail) = &setup.config.mail else {
            return Err(Failure::Usage(
                Problem::error("this newsroom sends no mail: feeds.toml has no [mail]")
                    .help("add [mail] to feeds.toml, at least as an empty table"),
            ));
        };
        let digests = self.digests(&setup)?;
        let resolver = self.resolver()?;
        let key = Ledger::open(&setup.root.join(&setup.config.ledger.file))?.signing_key()?;
        let seal = seal::load(&setup, key).map_err(Failure::Problems)?;
        let relay = mail.relay.clone().or_else(|| {
            let stated = std::env::var(RELAY_VARIABLE).ok()?;
            relay(&stated).ok()
        });
        let relay = relay.as_ref().and_then(|relay| relay.host_str());
        let mut findings = Vec::new();
        let mut senders = Vec::new();
        for digest in &digests {
            let sender = domain(digest)?;
            if !senders.contains(&sender) {
                senders.push(sender);
            }
        }
        for from in &senders {
            let sender = Sender {
                from,
                bounces: seal
                    .bounces
                    .as_ref()
                    .map_or(from, |mailbox| mailbox.ascii_domain()),
                mailboxes: seal
                    .unsubscribe
                    .iter()
                    .map(|mailbox| mailbox.ascii_domain())
                    .collect(),
                relay,
                signers: seal.signers.iter().collect(),
            };
            findings.extend(records(&sender, resolver.as_ref()));
        }
        findings.extend(key_files(&setup));
        for digest in &digests {
            findings.extend(messages(&setup, digest, &seal)?);
        }
        let mut seen: Vec<Finding> = Vec::new();
        for finding in findings {
            if !seen.contains(&finding) {
                seen.push(finding);
            }
        }
        self.print(&seen);
        Ok(
            match seen.iter().any(|finding| finding.verdict == Verdict::Bad) {
                true => Outcome::Problems,
                false => Outcome::Fine,
            },
        )
    }

    fn digests<'a>(&self, setup: &'a Setup) -> Result<Vec<&'a Digest>, Failure> {
        let all = &setup.config.digests;
        let Some(slug) = &self.digest else {
            if all.is_empty() {
                return Err(Failure::Usage(
                    Problem::error("there is no digest in feeds.toml")
                        .help("add a [[digest]], whose sender is looked at"),
                ));
            }
            return Ok(all.iter().collect());
        };
        if let Some(digest) = all.iter().find(|digest| digest.slug == *slug) {
            return Ok(vec![digest]);
        }
        let slugs = all.iter().map(|digest| digest.slug.as_str());
        let problem = Problem::error(format!("there is no digest '{slug}' in feeds.toml"));
        Err(Failure::Usage(match did_you_mean(slug, slugs.clone()) {
            Some(near) => problem.help(format!("did you mean '{near}'?")),
            None => problem.help(format!(
                "there are: {}",
                slugs.collect::<Vec<_>>().join(", ")
            )),
        }))
    }

    fn resolver(&self) -> Result<Box<dyn Resolver>, Failure> {
        let Some(file) = &self.records else {
            let system = System::new().map_err(|error| Failure::Failed(error.to_string()))?;
            return Ok(Box::new(system));
        };
        let text = fs::read_to_string(file).map_err(|error| {
            Failure::Failed(format!("{} cannot be read: {error}", file.display()))
        })?;
        let table = Table::read(&text).map_err(|(line, why)| {
            Failure::Usage(
                Problem::error(format!(
                    "line {line} of {} is no record: {why}",
                    file.display()
                ))
                .help("write 'example.org. IN TXT \"v=spf1 -all\"'"),
            )
        })?;
        Ok(Box::new(table))
    }

    fn print(&self, findings: &[Finding]) {
        if self.json {
            let list: Vec<_> = findings.iter().map(as_json).collect();
            return print::line(&json!(list).to_string());
        }
        for finding in findings {
            let mark = match finding.verdict {
                Verdict::Good => "ok   ",
                Verdict::Unknown => "?    ",
                Verdict::Doubtful => "warn ",
                Verdict::Bad => "BAD  ",
            };
            print::line(&format!("{mark} {:<8} {}", finding.area, finding.message));
            if let Some(help) = &finding.help {
                print::line(&format!("{:15}{help}", ""));
            }
            if let Some(record) = &finding.record {
                print::line(&format!("{:15}{}", "", record.zone_line()));
            }
        }
        let count = |verdict| {
            findings
                .iter()
                .filter(|finding| finding.verdict == verdict)
                .count()
        };
        print::line(&format!(
            "{} good, {} bad, {} doubtful, {} that cannot be told from here",
            count(Verdict::Good),
            count(Verdict::Bad),
            count(Verdict::Doubtful),
            count(Verdict::Unknown)
        ));
    }
}

/// The domain that a digest is sent from.
fn domain(digest: &Digest) -> Result<String, Failure> {
    let sender = digest.sender.parse::<Mailbox>();
    let sender = sender.map_err(|error| {
        let message = format!(
            "mail cannot be sent from '{}', the sender of digest '{}': {error}",
            digest.sender, digest.slug
        );
        let help = "write 'sender' as 'Name <name@example.org>'";
        Failure::Problems(vec![Problem::error(message).help(help)])
    })?;
    Ok(sender.address.ascii_domain().to_owned())
}

/// What is to be said of a digest's message, with its name where there are several.
fn messages(setup: &Setup, digest: &Digest, seal: &Seal) -> Result<Vec<Finding>, Failure> {
    let sample = sample(setup, digest, seal, Utc::now());
    let (envelope, message) = sample.map_err(|problem| Failure::Problems(vec![problem]))?;
    let mut findings = inspect(&envelope, &message);
    for finding in &mut findings {
        if setup.config.digests.len() > 1 {
            finding.message = format!("{}: {}", digest.slug, finding.message);
        }
    }
    Ok(findings)
}

/// Keys that everybody on this machine may read.
#[cfg(unix)]
fn key_files(setup: &Setup) -> Vec<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let keys = setup.config.mail.iter().flat_map(|mail| &mail.dkim);
    let files = keys.map(|dkim| setup.root.join(&dkim.key));
    let open = files.filter(|file| {
        let metadata = fs::metadata(file);
        metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
    });
    open.map(|file| {
        let message = format!(
            "everybody on this machine can read the key {}",
            file.display()
        );
        Finding::new("DKIM", Verdict::Doubtful, message)
            .help(format!("chmod o-r {}", file.display()))
    })
    .collect()
}

#[cfg(not(unix))]
fn key_files(_setup: &Setup) -> Vec<Finding> {
    Vec::new()
}

fn as_json(finding: &Finding) -> serde_json::Value {
    let record = finding.record.as_ref();
    json!({
        "area": finding.area,
        "verdict": finding.verdict.word(),
        "message": finding.message,
        "help": finding.help,
        "record": record.map(|record| json!({
            "name": record.name,
            "type": record.kind,
            "value": record.value,
            "zone_line": record.zone_line(),
        })),
    })
}
