//! A record followed to its ends, as a receiver does (RFC 7208, section 4.6), with the limits that
//! receivers keep.

use std::net::IpAddr;

use super::macros::{Facts, Spec};
use super::record::{Directive, Lengths, Mechanism, Record, Said};
use super::{LOOKUPS, one};
use crate::mail::check::resolver::{LookupError, Resolver};

/// The most look-ups that find nothing (RFC 7208, section 4.6.4).
const VOID: usize = 2;
/// The most hosts of an `mx` mechanism, and names of an address that `ptr` looks at.
const HOSTS: usize = 10;

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
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

impl Broken {
    fn because(why: impl Into<String>) -> Broken {
        Broken::Record(why.into())
    }
}

/// A record that is followed.
pub(super) struct Walk<'a> {
    /// Whose message it is; with none, nothing matches and all of it is followed.
    address: Option<IpAddr>,
    sender: &'a str,
    resolver: &'a dyn Resolver,
    /// The domains whose records are open, the first one first.
    open: Vec<String>,
    /// How many includes lead here.
    depth: usize,
    /// How many look-ups it took.
    pub lookups: usize,
    /// Where nothing was found.
    pub voids: Vec<String>,
    /// How the first record ends, or the one that it redirects to.
    pub all: Option<Said>,
    /// A domain that is included and lets everybody send.
    pub includes_everybody: Option<String>,
    pub uses_ptr: bool,
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

impl<'a> Walk<'a> {
    /// For mail of `sender`, the domain of the return path.
    pub(super) fn new(
        address: Option<IpAddr>,
        sender: &'a str,
        resolver: &'a dyn Resolver,
    ) -> Walk<'a> {
        Walk {
            address,
            sender,
            resolver,
            open: Vec::new(),
            depth: 0,
            lookups: 0,
            voids: Vec::new(),
            all: None,
            includes_everybody: None,
            uses_ptr: false,
        }
    }

    /// What the record of a domain says; `None` where nothing in it matches.
    pub(super) fn record(&mut self, domain: &str, record: &Record) -> Result<Option<Said>, Broken> {
        self.open.push(domain.to_owned());
        let said = self.opened(domain, record);
        self.open.pop();
        said
    }

    fn opened(&mut self, domain: &str, record: &Record) -> Result<Option<Said>, Broken> {
        for directive in &record.directives {
            if matches!(directive.mechanism, Mechanism::All) {
                if self.depth == 0 {
                    self.all = Some(directive.said);
                }
                return Ok(Some(directive.said));
            }
            match self.matches(domain, directive)? {
                Match::Yes => return Ok(Some(directive.said)),
                Match::Depends if self.address.is_some() => return Ok(Some(Said::Depends)),
                Match::Depends | Match::No => {}
            }
        }
        let Some(redirect) = &record.redirect else {
            return Ok(None);
        };
        self.count()?;
        let Some(target) = self.name(domain, redirect) else {
            return Ok(Some(Said::Depends));
        };
        self.seen(&target, "redirects to")?;
        let record = self.other(&target, "redirects to")?;
        self.record(&target, &record)
    }

    fn matches(&mut self, domain: &str, directive: &Directive) -> Result<Match, Broken> {
        let own = |walk: &Walk<'_>, spec: &Option<Spec>| match spec {
            Some(spec) => walk.name(domain, spec),
            None => Some(domain.to_owned()),
        };
        match &directive.mechanism {
            // What it says was said above.
            Mechanism::All => Ok(Match::Yes),
            Mechanism::Network(network, length) => {
                Ok(Match::of(self.address.is_some_and(|address| {
                    is_within(address, *network, *length)
                })))
            }
            Mechanism::Include(spec) => {
                self.count()?;
                let Some(target) = self.name(domain, spec) else {
                    return Ok(Match::Depends);
                };
                self.seen(&target, "includes")?;
                let record = self.other(&target, "includes")?;
                self.depth += 1;
                let said = self.record(&target, &record);
                self.depth -= 1;
                Ok(match said? {
                    Some(Said::Pass) if self.address.is_some() => Match::Yes,
                    Some(Said::Pass) => {
                        self.includes_everybody = Some(target);
                        Match::No
                    }
                    Some(Said::Depends) => Match::Depends,
                    _ => Match::No,
                })
            }
            Mechanism::A(spec, lengths) => {
                self.count()?;
                let Some(target) = own(self, spec) else {
                    return Ok(Match::Depends);
                };
                self.has_host(&target, *lengths)
            }
            Mechanism::Mx(spec, lengths) => {
                self.count()?;
                let Some(target) = own(self, spec) else {
                    return Ok(Match::Depends);
                };
                let hosts = self.resolver.exchanges(&target)?;
                if hosts.len() > HOSTS {
                    return Err(Broken::because(format!(
                        "'{}' stands for more than {HOSTS} hosts",
                        directive.text
                    )));
                }
                self.found(&target, &hosts)?;
                for host in &hosts {
                    if let Match::Yes = self.has_host(host, *lengths)? {
                        return Ok(Match::Yes);
                    }
                }
                Ok(Match::No)
            }
            Mechanism::Exists(spec) => {
                self.count()?;
                let Some(target) = self.name(domain, spec) else {
                    return Ok(Match::Depends);
                };
                let found = self.resolver.addresses(&target)?;
                self.found(&target, &found)?;
                // Without a sender, it says nothing of one.
                Ok(Match::of(
                    self.address.is_some() && found.iter().any(IpAddr::is_ipv4),
                ))
            }
            Mechanism::Ptr(spec) => {
                self.count()?;
                self.uses_ptr = true;
                match own(self, spec) {
                    Some(target) => Ok(self.is_named(&target)),
                    None => Ok(Match::Depends),
                }
            }
        }
    }

    /// Whether the sender is a host, or near it.
    fn has_host(&mut self, host: &str, lengths: Lengths) -> Result<Match, Broken> {
        let found = self.resolver.addresses(host)?;
        self.found(host, &found)?;
        let is_near = |address: IpAddr| {
            found
                .iter()
                .any(|network| is_within(address, *network, lengths.of(*network)))
        };
        Ok(Match::of(self.address.is_some_and(is_near)))
    }

    /// Whether the sender has a name at or below a domain that leads back to it (section 5.5). What
    /// cannot be looked up is no match.
    fn is_named(&self, target: &str) -> Match {
        let Some(address) = self.address else {
            return Match::No;
        };
        let names = self.resolver.names(address).unwrap_or_default();
        let leads_back = |name: &String| {
            self.resolver
                .addresses(name)
                .is_ok_and(|found| found.contains(&address))
        };
        let is_below = |name: &String| {
            let name = name.to_ascii_lowercase();
            let rest = name.strip_suffix(target);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let mut names = names.iter().take(HOSTS);
        Match::of(names.any(|name| is_below(name) && leads_back(name)))
    }

    /// The domain that a record names; `None` where that depends on the message.
    fn name(&self, domain: &str, spec: &Spec) -> Option<String> {
        spec.expand(&Facts {
            address: self.address,
            domain,
            sender: self.sender,
        })
    }

    /// Another domain's record, which must be there.
    fn other(&self, domain: &str, verb: &str) -> Result<Record, Broken> {
        let Some(text) = one(domain, self.resolver)? else {
            return Err(Broken::because(format!(
                "it {verb} {domain}, which has no SPF record"
            )));
        };
        Record::read(&text).map_err(|why| match self.open.first() {
            Some(first) if first == domain => Broken::Record(why),
            _ => Broken::because(format!("in that of {domain}, {why}")),
        })
    }

    /// Fails where a record leads back to one that is open.
    fn seen(&self, domain: &str, verb: &str) -> Result<(), Broken> {
        let mut open = self.open.iter();
        if !open.any(|open| open.eq_ignore_ascii_case(domain)) {
            return Ok(());
        }
        let way = self.open.join(", ");
        Err(Broken::because(format!(
            "it leads in a circle: {way}, which {verb} {domain}"
        )))
    }

    fn count(&mut self) -> Result<(), Broken> {
        self.lookups += 1;
        if self.lookups > LOOKUPS {
            return Err(Broken::because(format!(
                "it causes more than {LOOKUPS} look-ups (RFC 7208, section 4.6.4); name addresses instead of hosts, or leave out what sends no more"
            )));
        }
        Ok(())
    }

    /// Counts a look-up that found nothing.
    fn found<T>(&mut self, name: &str, found: &[T]) -> Result<(), Broken> {
        if found.is_empty() {
            self.voids.push(name.to_owned());
        }
        if self.voids.len() > VOID {
            return Err(Broken::because(format!(
                "more than {VOID} of its look-ups find nothing (RFC 7208, section 4.6.4): {}; leave them out",
                self.voids.join(", ")
            )));
        }
        Ok(())
    }
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
