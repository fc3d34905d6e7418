//! SPF (RFC 7208): whether the domain of the return path lets the relay send for it. Pure but for
//! the resolver.

mod macros;
mod record;
mod walk;

use std::net::IpAddr;

use self::record::{Record, Said};
use self::walk::{Broken, Walk};
use super::resolver::Resolver;
use super::{Finding, Sender, Verdict};

/// The most look-ups that a record may cause (RFC 7208, section 4.6.4).
const LOOKUPS: usize = 10;

const AREA: &str = "SPF";

/// What the SPF record of the return path's domain says, of the addresses of the relay too, where those are known.
pub(super) fn check(
    sender: &Sender<'_>,
    relay: &[IpAddr],
    resolver: &dyn Resolver,
) -> Vec<Finding> {
    let domain = sender.bounces;
    let record = match one(domain, resolver) {
        Ok(Some(record)) => record,
        Ok(None) => {
            let finding = Finding::new(
                AREA,
                Verdict::Bad,
                format!("{domain}, the domain of the return path, has no SPF record"),
            );
            return vec![
                finding
                    .help("publish who sends for it; your relay's provider may name an 'include:' to add")
                    .record(domain, "TXT", suggestion(relay)),
            ];
        }
        Err(broken) => return vec![said(domain, &broken)],
    };
    let read = match Record::read(&record) {
        Ok(read) => read,
        Err(why) => return vec![said(domain, &Broken::Record(why))],
    };
    // With an address that no mechanism matches, everything is looked up.
    let mut walk = Walk::new(None, domain, resolver);
    if let Err(broken) = walk.record(domain, &read) {
        return vec![said(domain, &broken)];
    }
    let mut findings = remarks(&walk, domain, &record, &read);
    if relay.is_empty() {
        findings.push(
            Finding::new(
                AREA,
                Verdict::Unknown,
                format!("{domain} has the SPF record '{record}', with {} look-ups of {LOOKUPS}; whether it lets your relay send cannot be told", walk.lookups),
            )
            .help("the relay's public address is not known here; compare the record with what its provider says"),
        );
    }
    for address in relay {
        let result = Walk::new(Some(*address), domain, resolver).record(domain, &read);
        let finding = of_relay(domain, *address, result, &record);
        findings.push(match is_own(sender) || finding.verdict != Verdict::Bad {
            true => finding,
            // A provider takes mail in at one address, and may send it from others.
            false => Finding {
                verdict: Verdict::Doubtful,
                ..finding
            },
        });
    }
    findings
}

/// Whether the relay is the sender's own, by the last two parts of its name.
fn is_own(sender: &Sender<'_>) -> bool {
    let end = |name: &str| {
        let parts: Vec<String> = name
            .rsplit('.')
            .take(2)
            .map(str::to_ascii_lowercase)
            .collect();
        parts
    };
    sender
        .relay
        .is_some_and(|relay| end(relay) == end(sender.bounces))
}

fn of_relay(
    domain: &str,
    address: IpAddr,
    result: Result<Option<Said>, Broken>,
    record: &str,
) -> Finding {
    let help = "add it, unless the relay hands mail on to other hosts: then its provider names what to add";
    let adding = || {
        let mechanism = mechanism(address);
        let (head, tail) = record.split_once(' ').unwrap_or((record, ""));
        format!("{head} {mechanism} {tail}").trim_end().to_owned()
    };
    match result {
        Ok(Some(Said::Pass)) => {
            let message = format!("{domain} lets the relay ({address}) send for it: '{record}'");
            Finding::new(AREA, Verdict::Good, message)
        }
        Ok(Some(Said::Fail)) => {
            let message =
                format!("{domain} forbids the relay ({address}) to send for it: '{record}'");
            Finding::new(AREA, Verdict::Bad, message)
                .help(help)
                .record(domain, "TXT", adding())
        }
        Ok(Some(Said::SoftFail | Said::Neutral) | None) => {
            let message = format!(
                "{domain} does not say that the relay ({address}) may send for it: '{record}'"
            );
            Finding::new(AREA, Verdict::Bad, message)
                .help(help)
                .record(domain, "TXT", adding())
        }
        Ok(Some(Said::Depends)) => {
            let message = format!(
                "whether {domain} lets the relay ({address}) send depends on each message: '{record}'"
            );
            Finding::new(AREA, Verdict::Unknown, message)
        }
        Err(broken) => said(domain, &broken),
    }
}

/// The record that would let the relay send.
fn suggestion(relay: &[IpAddr]) -> String {
    if relay.is_empty() {
        return "v=spf1 mx ~all".to_owned();
    }
    let mechanisms: Vec<String> = relay.iter().map(|address| mechanism(*address)).collect();
    format!("v=spf1 {} ~all", mechanisms.join(" "))
}

fn mechanism(address: IpAddr) -> String {
    match address {
        IpAddr::V4(_) => format!("ip4:{address}"),
        IpAddr::V6(_) => format!("ip6:{address}"),
    }
}

fn said(domain: &str, broken: &Broken) -> Finding {
    match broken {
        Broken::Record(why) => {
            let message = format!(
                "the SPF record of {domain} is broken, and receivers ignore it or refuse: {why}"
            );
            Finding::new(AREA, Verdict::Bad, message)
        }
        Broken::Lookup(error) => Finding::new(AREA, Verdict::Unknown, error.to_string()),
    }
}

/// The one SPF record of a domain.
fn one(domain: &str, resolver: &dyn Resolver) -> Result<Option<String>, Broken> {
    let mut found = resolver.texts(domain)?;
    found.retain(|text| {
        let lowered = text.to_ascii_lowercase();
        lowered == "v=spf1" || lowered.starts_with("v=spf1 ")
    });
    if found.len() > 1 {
        let why = format!("{domain} has {} of them; join them into one", found.len());
        return Err(Broken::Record(why));
    }
    Ok(found.pop())
}

/// What is doubtful about a record that can be used.
fn remarks(walk: &Walk<'_>, domain: &str, text: &str, record: &Record) -> Vec<Finding> {
    let mut findings = Vec::new();
    let doubtful = |message: String| Finding::new(AREA, Verdict::Doubtful, message);
    if walk.all == Some(Said::Pass) {
        let message = format!("the SPF record of {domain} lets everybody send for it ('+all')");
        let terms = text
            .split(' ')
            .map(|term| match term.to_ascii_lowercase().as_str() {
                "all" | "+all" => "~all",
                _ => term,
            });
        let mended = terms.collect::<Vec<&str>>().join(" ");
        let finding = Finding::new(AREA, Verdict::Bad, message);
        findings.push(match mended == text {
            true => {
                finding.help("see that the record which it redirects to ends with '~all' or '-all'")
            }
            false => finding
                .help("end it with '~all' or '-all'")
                .record(domain, "TXT", mended),
        });
    }
    if let Some(included) = &walk.includes_everybody {
        let message = format!(
            "the SPF record of {domain} lets everybody send for it: it includes {included}, which ends with '+all'"
        );
        findings.push(Finding::new(AREA, Verdict::Bad, message).help("leave that out"));
    }
    if walk.all.is_none() && record.redirect.is_none() {
        let message = format!("the SPF record of {domain} says nothing of all other hosts");
        findings.push(
            doubtful(message)
                .help("end it with '~all' or '-all'")
                .record(domain, "TXT", format!("{text} ~all")),
        );
    }
    if walk.uses_ptr {
        findings.push(doubtful(format!(
            "the SPF record of {domain} uses 'ptr', which receivers may pass over (RFC 7208, section 5.5)"
        )));
    }
    if let Some(all) = record.all() {
        let behind = record.directives[all + 1..].iter();
        let mut behind: Vec<&str> = behind.map(|directive| directive.text.as_str()).collect();
        behind.extend(record.redirect.is_some().then_some("redirect="));
        if !behind.is_empty() {
            let message = format!(
                "the SPF record of {domain} holds what nobody looks at, since it has 'all': {}",
                behind.join(" ")
            );
            findings.push(doubtful(message).help("move 'all' to the end, or leave that out"));
        }
    }
    if !walk.voids.is_empty() {
        let message = format!(
            "the SPF record of {domain} names what does not exist: {}",
            walk.voids.join(", ")
        );
        findings.push(doubtful(message).help(
            "leave it out: after two look-ups that find nothing, receivers give the record up (RFC 7208, section 4.6.4)",
        ));
    }
    findings
}
