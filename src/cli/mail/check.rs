//! `tidings mail check`: whether mail will arrive, before the first one is sent.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::Utc;
use clap::Args;
use serde_json::json;
use tidings::config::Digest;
use tidings::config::mail::{RELAY_VARIABLE, relay};
use tidings::diagnostic::{Problem, did_you_mean};
use tidings::mail::check::resolver::{Dns, Table};
use tidings::mail::check::sample::{foremost, made_up, of_issue};
use tidings::mail::check::{Finding, Resolver, Sender, Verdict, inspect, records};
use tidings::mail::header::Mailbox;
use tidings::mail::message::Seal;
use tidings::mail::seal;
use tidings::pipeline::issues::reader::IssueReader;
use tidings::setup::Setup;

use super::super::{Failure, Outcome, print, setup};

/// Where name servers listen.
const DNS_PORT: u16 = 53;
/// How long a name server that was named may take for one answer, each time that it is asked.
const PATIENCE: Duration = Duration::from_secs(3);

/// Tell whether mail will arrive: SPF, DKIM, DMARC and MX records, and the message itself
#[derive(Args)]
#[command(
    after_help = "The message that is looked at is that of the issue which goes out next, else of the last one, else\nof a made-up one. Every record that is missing is printed as a line of a zone file. Nothing is sent.\nExits with 1 where mail will be refused or taken for spam.\n\nExamples:\n  tidings mail check\n  tidings mail check weekly --json\n  tidings mail check --records new.zone   try records before they are published\n  tidings mail check --name-server 9.9.9.9   ask another name server than the system does"
)]
pub struct Check {
    /// The digest's slug; all digests where none is named
    digest: Option<String>,
    /// Look records up in a file of lines `name TYPE value` instead of the DNS
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// Ask this name server instead of those that the system is set up for: 9.9.9.9, 127.0.0.1:5353
    #[arg(long, value_name = "ADDRESS", value_parser = name_server, conflicts_with = "records")]
    name_server: Option<SocketAddr>,
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
        let mut reader = IssueReader::open(&setup)?;
        let key = reader.ledger().signing_key()?;
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
            findings.extend(messages(&setup, digest, &seal, &mut reader)?);
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
            let dns = match self.name_server {
                Some(server) => Dns::at(server, PATIENCE),
                None => Dns::of_system(),
            };
            return Ok(Box::new(
                dns.map_err(|error| Failure::Failed(error.to_string()))?,
            ));
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

/// What is to be said of a digest's message, behind the name of the issue that it is of.
fn messages(
    setup: &Setup,
    digest: &Digest,
    seal: &Seal,
    reader: &mut IssueReader,
) -> Result<Vec<Finding>, Failure> {
    let now = Utc::now();
    let slug = &digest.slug;
    let records = reader.records()?;
    let mut findings = Vec::new();
    let mut found = None;
    if let Some(record) = foremost(&records, slug) {
        let name = format!("issue {} of {slug} ({})", record.period, record.state);
        let read = reader.read(Some(slug), Some(&record.period), |read| {
            Ok(of_issue(read.setup, read.digest, read.edition, seal, now))
        });
        match read {
            Ok(message) => found = Some((name, message)),
            Err(problem) => findings.push(Finding::new(
                "message",
                Verdict::Unknown,
                format!("{name} cannot be looked at: {}", problem.message),
            )),
        }
    }
    let (name, message) = found.unwrap_or_else(|| {
        let name = format!("a made-up issue of {slug}");
        (name, made_up(setup, digest, seal, now))
    });
    let (envelope, message) = message.map_err(|problem| Failure::Problems(vec![problem]))?;
    let told = inspect(&envelope, &message).into_iter();
    findings.extend(told.map(|finding| Finding {
        message: format!("{name}: {}", finding.message),
        ..finding
    }));
    Ok(findings)
}

/// `9.9.9.9`, `127.0.0.1:5353`, `[2620:fe::fe]:53`
fn name_server(text: &str) -> Result<SocketAddr, String> {
    let bare = text.parse::<IpAddr>();
    bare.map(|address| SocketAddr::new(address, DNS_PORT))
        .or_else(|_| text.parse())
        .map_err(|_| {
            "write the address of a name server, as in 9.9.9.9 or 127.0.0.1:5353".to_owned()
        })
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
