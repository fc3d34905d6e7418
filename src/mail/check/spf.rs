//! SPF (RFC 7208): whether the domain of the return path lets the relay send for it. Pure but for
//! the resolver.

use std::net::IpAddr;

use super::resolver::{LookupError, Resolver};
use super::{Finding, Sender, Verdict};

/// The most look-ups that a record may cause (RFC 7208, section 4.6.4).
const LOOKUPS: usize = 10;
/// The most hosts of an `mx` mechanism that are looked up.
const EXCHANGES: usize = 10;

const AREA: &str = "SPF";

/// What a record says of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Pass,
    Fail,
    SoftFail,
    Neutral,
    /// It depends on the message: the record holds a macro.
    Depends,
}

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Broken {
    /// The record is wrong: receivers treat it as a permanent error.
    Record(String),
    /// The DNS gave no answer.
    Lookup(LookupError),
}

impl From<LookupError> for Broken {
    fn from(error: LookupError) -> Broken {
        Broken::Lookup(error)
    }
}

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
    // With an address that no mechanism matches, everything is looked up.
    let mut walk = Walk::new(None, resolver);
    if let Err(broken) = walk.record(domain, &record, 0) {
        return vec![said(domain, &broken)];
    }
    let mut findings = walk.remarks(domain, &record);
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
        let result = Walk::new(Some(*address), resolver).record(domain, &record, 0);
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

/// A record that is followed to its ends.
struct Walk<'a> {
    address: Option<IpAddr>,
    resolver: &'a dyn Resolver,
    lookups: usize,
    /// How the first record ends.
    all: Option<Said>,
    uses_ptr: bool,
}

impl<'a> Walk<'a> {
    fn new(address: Option<IpAddr>, resolver: &'a dyn Resolver) -> Walk<'a> {
        Walk {
            address,
            resolver,
            lookups: 0,
            all: None,
            uses_ptr: false,
        }
    }

    /// What is doubtful about a record that can be used.
    fn remarks(&self, domain: &str, record: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.all == Some(Said::Pass) {
            let message = format!("the SPF record of {domain} lets everybody send for it ('+all')");
            findings.push(
                Finding::new(AREA, Verdict::Bad, message)
                    .help("end it with '~all' or '-all'")
                    .record(domain, "TXT", record.replace("+all", "~all")),
            );
        }
        if self.all.is_none() && !record.contains("redirect=") {
            let message = format!("the SPF record of {domain} says nothing of all other hosts");
            findings.push(
                Finding::new(AREA, Verdict::Doubtful, message)
                    .help("end it with '~all' or '-all'")
                    .record(domain, "TXT", format!("{record} ~all")),
            );
        }
        if self.uses_ptr {
            let message = format!(
                "the SPF record of {domain} uses 'ptr', which receivers may pass over (RFC 7208, section 5.5)"
            );
            findings.push(Finding::new(AREA, Verdict::Doubtful, message));
        }
        findings
    }

    fn count(&mut self) -> Result<(), Broken> {
        self.lookups += 1;
        if self.lookups > LOOKUPS {
            let why = format!(
                "it causes more than {LOOKUPS} look-ups (RFC 7208, section 4.6.4); name addresses instead of hosts, or leave out what sends no more"
            );
            return Err(Broken::Record(why));
        }
        Ok(())
    }

    /// What a record says; `None` where nothing in it matches.
    fn record(&mut self, domain: &str, record: &str, depth: usize) -> Result<Option<Said>, Broken> {
        let mut redirect = None;
        for term in record.split_ascii_whitespace().skip(1) {
            if let Some((name, value)) = modifier(term) {
                if name.eq_ignore_ascii_case("redirect") {
                    redirect = Some(value);
                }
                continue;
            }
            let (result, mechanism) = qualified(term);
            let lowered = mechanism.to_ascii_lowercase();
            if lowered == "all" {
                if depth == 0 {
                    self.all = Some(result);
                }
                return Ok(Some(result));
            }
            match self.matches(domain, mechanism, depth)? {
                Match::Yes => return Ok(Some(result)),
                Match::Depends if self.address.is_some() => return Ok(Some(Said::Depends)),
                Match::Depends | Match::No => {}
            }
        }
        let Some(target) = redirect else {
            return Ok(None);
        };
        self.count()?;
        if target.contains('%') {
            return Ok(Some(Said::Depends));
        }
        match one(target, self.resolver)? {
            Some(record) => self.record(target, &record, depth),
            None => Err(Broken::Record(format!(
                "it redirects to {target}, which has no SPF record"
            ))),
        }
    }

    fn matches(&mut self, domain: &str, mechanism: &str, depth: usize) -> Result<Match, Broken> {
        let name_end = mechanism.find([':', '/']).unwrap_or(mechanism.len());
        let (name, rest) = mechanism.split_at(name_end);
        let (target, prefixes) = match rest.strip_prefix(':') {
            // An address of version 6 holds colons, and a slash before its length.
            Some(value) => value.split_at(value.find('/').unwrap_or(value.len())),
            None => ("", rest),
        };
        let unusable = || Broken::Record(format!("'{mechanism}' is not understood"));
        let depends = target.contains('%');
        let target = if target.is_empty() { domain } else { target };
        match name.to_ascii_lowercase().as_str() {
            "ip4" | "ip6" => {
                let network: IpAddr = target.parse().map_err(|_| unusable())?;
                let length = prefix(prefixes, network).ok_or_else(unusable)?;
                Ok(Match::of(self.address.is_some_and(|address| {
                    is_within(address, network, length)
                })))
            }
            "include" => {
                self.count()?;
                if depends {
                    return Ok(Match::Depends);
                }
                let Some(record) = one(target, self.resolver)? else {
                    return Err(Broken::Record(format!(
                        "it includes {target}, which has no SPF record"
                    )));
                };
                Ok(match self.record(target, &record, depth + 1)? {
                    Some(Said::Pass) if self.address.is_some() => Match::Yes,
                    Some(Said::Depends) => Match::Depends,
                    _ => Match::No,
                })
            }
            "a" | "mx" | "exists" | "ptr" => {
                self.count()?;
                if name.eq_ignore_ascii_case("ptr") {
                    self.uses_ptr = true;
                    return Ok(Match::Depends);
                }
                if depends {
                    return Ok(Match::Depends);
                }
                let Some(address) = self.address else {
                    return Ok(Match::No);
                };
                let hosts = match name.to_ascii_lowercase().as_str() {
                    "mx" => self.resolver.exchanges(target)?,
                    _ => vec![target.to_owned()],
                };
                for host in hosts.iter().take(EXCHANGES) {
                    let found = self.resolver.addresses(host)?;
                    if name.eq_ignore_ascii_case("exists") && !found.is_empty() {
                        return Ok(Match::Yes);
                    }
                    for network in found {
                        let length = prefix(prefixes, network).ok_or_else(unusable)?;
                        if is_within(address, network, length) {
                            return Ok(Match::Yes);
                        }
                    }
                }
                Ok(Match::No)
            }
            _ => Err(unusable()),
        }
    }
}

enum Match {
    Yes,
    No,
    Depends,
}

impl Match {
    fn of(matches: bool) -> Match {
        if matches { Match::Yes } else { Match::No }
    }
}

/// `redirect=example.org`; a mechanism may hold a `=` only behind its `:`.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_name.then_some((name, value))
}

fn qualified(term: &str) -> (Said, &str) {
    let result = match term.as_bytes().first() {
        Some(b'+') => Said::Pass,
        Some(b'-') => Said::Fail,
        Some(b'~') => Said::SoftFail,
        Some(b'?') => Said::Neutral,
        _ => return (Said::Pass, term),
    };
    (result, &term[1..])
}

/// The length of a network that `/24`, `//64` or `/24//64` gives for an address.
fn prefix(text: &str, network: IpAddr) -> Option<u32> {
    let (four, six) = match text.split_once("//") {
        Some((four, six)) => (four.trim_start_matches('/'), six),
        // Behind `ip6:` there is one alone.
        None => (text.trim_start_matches('/'), text.trim_start_matches('/')),
    };
    let (text, most) = match network {
        IpAddr::V4(_) => (four, 32),
        IpAddr::V6(_) => (six, 128),
    };
    if text.is_empty() {
        return Some(most);
    }
    text.parse().ok().filter(|length| *length <= most)
}

fn is_within(address: IpAddr, network: IpAddr, length: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let differing = address.to_bits() ^ network.to_bits();
            length == 0 || differing >> (32 - length) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let differing = address.to_bits() ^ network.to_bits();
            length == 0 || differing >> (128 - length) == 0
        }
        _ => false,
    }
}
