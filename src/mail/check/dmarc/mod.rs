//! DMARC (RFC 7489): the policy of the sender's domain, and whether its mail passes. Pure but for
//! the resolver.

mod policy;

use self::policy::{Alignment, Policy, Stated, alignment, nearest};
use super::resolver::{LookupError, Resolver};
use super::{Finding, Sender, Verdict};

const AREA: &str = "DMARC";

/// `keys` begins with what is to be said of each of the sender's keys, in their order.
pub(super) fn check(
    sender: &Sender<'_>,
    spf: &[Finding],
    keys: &[Finding],
    resolver: &dyn Resolver,
) -> Vec<Finding> {
    let from = sender.from;
    let policy = match nearest(from, resolver) {
        Ok((_, Stated::Policy(policy))) => policy,
        Ok((domain, found)) => return vec![without_policy(from, &domain, &found)],
        Err(error) => return vec![unknown(&error)],
    };
    let mut findings = vec![of_policy(&policy, from)];
    findings.extend(of_tags(&policy));
    findings.extend(reports(&policy, resolver));
    findings.push(
        passing(&policy, sender, spf, keys, resolver).unwrap_or_else(|error| unknown(&error)),
    );
    findings
}

fn unknown(error: &LookupError) -> Finding {
    Finding::new(AREA, Verdict::Unknown, error.to_string())
}

fn doubtful(message: String) -> Finding {
    Finding::new(AREA, Verdict::Doubtful, message)
}

fn without_policy(from: &str, domain: &str, found: &Stated) -> Finding {
    let record = || format!("v=DMARC1; p=none; rua=mailto:postmaster@{from}");
    match found {
        Stated::Several(number) => {
            let message =
                format!("{domain} has {number} DMARC records, so that none counts; keep one");
            Finding::new(AREA, Verdict::Bad, message)
        }
        Stated::Other(text) => {
            let message = format!(
                "what stands at _dmarc.{domain} is no DMARC policy, since it does not begin with 'v=DMARC1': '{text}'"
            );
            Finding::new(AREA, Verdict::Bad, message)
                .help("put a policy in its place")
                .record(&format!("_dmarc.{domain}"), "TXT", record())
        }
        Stated::Nothing | Stated::Policy(_) => {
            let message =
                format!("{from} has no DMARC policy, which large receivers demand of newsletters");
            Finding::new(AREA, Verdict::Bad, message)
                .help("begin with a policy that only watches, and read the reports")
                .record(&format!("_dmarc.{from}"), "TXT", record())
        }
    }
}

fn of_policy(policy: &Policy, from: &str) -> Finding {
    let domain = &policy.domain;
    let stated = if domain == from {
        policy.tag("p")
    } else {
        policy.tag("sp").or(policy.tag("p"))
    };
    match stated.unwrap_or_default().to_ascii_lowercase().as_str() {
        word @ ("none" | "quarantine" | "reject") => {
            let place = if domain == from {
                String::new()
            } else {
                format!(", stated by {domain}")
            };
            Finding::new(
                AREA,
                Verdict::Good,
                format!("the policy of {from} is '{word}'{place}"),
            )
        }
        _ => {
            let message =
                format!("the DMARC record of {domain} states no policy that is known ('p=')");
            Finding::new(AREA, Verdict::Bad, message).help("write p=none, p=quarantine or p=reject")
        }
    }
}

/// What is odd about a policy that is known.
fn of_tags(policy: &Policy) -> Vec<Finding> {
    let domain = &policy.domain;
    let mut findings = Vec::new();
    for mode in ["aspf", "adkim"] {
        if let Some(value) = policy.tag(mode)
            && !policy.is(mode, "r")
            && !policy.is(mode, "s")
        {
            findings.push(doubtful(format!(
                "the DMARC record of {domain} says '{mode}={value}', which is neither 'r' nor 's' and counts as 'r'"
            )));
        }
    }
    if let Some(part) = policy.tag("pct")
        && part != "100"
    {
        findings.push(
            doubtful(format!(
                "the DMARC record of {domain} asks for its policy to be kept for {part} of 100 mails"
            ))
            .help("take 'pct' out: newer receivers pass over it"),
        );
    }
    if policy.is("t", "y") {
        findings.push(doubtful(format!(
            "the DMARC record of {domain} says that its policy is only tried out ('t=y')"
        )));
    }
    findings
}

/// Whether somebody gets the reports (RFC 7489, sections 6.3 and 7.1).
fn reports(policy: &Policy, resolver: &dyn Resolver) -> Vec<Finding> {
    let domain = &policy.domain;
    let stated_addresses = policy.tag("rua").unwrap_or_default();
    let addresses: Vec<&str> = stated_addresses
        .split(',')
        .filter_map(|uri| uri.trim().strip_prefix("mailto:"))
        .filter_map(|address| Some(address.split('!').next()?.rsplit_once('@')?.1))
        .collect();
    if addresses.is_empty() {
        let message = match stated_addresses {
            "" => format!("nobody gets the DMARC reports on {domain}"),
            stated => {
                format!("nobody gets the DMARC reports on {domain}: '{stated}' is no address")
            }
        };
        let help = format!("add 'rua=mailto:…' to the record at _dmarc.{domain}");
        return vec![doubtful(message).help(help)];
    }
    let elsewhere = addresses.into_iter().filter_map(|other| {
        match alignment(domain, other, false, resolver) {
            // Another organisation has to say that it wants them.
            Ok(Alignment::No) => {}
            Ok(Alignment::Yes | Alignment::Perhaps) => return None,
            Err(error) => return Some(unknown(&error)),
        }
        let name = format!("{domain}._report._dmarc.{other}");
        let texts = match resolver.texts(&name) {
            Ok(texts) => texts,
            Err(error) => return Some(unknown(&error)),
        };
        let is_willing = texts.iter().any(|text| text.trim_start().starts_with("v=DMARC1"));
        let message = format!(
            "the DMARC reports on {domain} are meant for {other}, which does not say that it takes them, so that nobody sends them"
        );
        (!is_willing).then(|| {
            doubtful(message)
                .help("have this published there, or name an address of your own in 'rua='")
                .record(&name, "TXT", "v=DMARC1")
        })
    });
    elsewhere.collect()
}

/// Whether mail passes: by SPF or DKIM of a domain that counts as the sender's.
fn passing(
    policy: &Policy,
    sender: &Sender<'_>,
    spf: &[Finding],
    keys: &[Finding],
    resolver: &dyn Resolver,
) -> Result<Finding, LookupError> {
    let from = sender.from;
    let worst = |findings: &[Finding]| {
        let verdicts = findings.iter().map(|finding| finding.verdict);
        verdicts.max().unwrap_or(Verdict::Unknown)
    };
    let by_spf = alignment(from, sender.bounces, policy.is("aspf", "s"), resolver)?;
    let has_spf = worst(spf) == Verdict::Good;
    // Of several keys, one is enough.
    let mut by_dkim = (Alignment::No, from);
    for (signer, key) in sender.signers.iter().zip(keys) {
        // Others do not sign this mail.
        if key.verdict == Verdict::Good && signer.is_aligned(from) {
            let is_strict = policy.is("adkim", "s");
            let found = alignment(from, signer.domain(), is_strict, resolver)?;
            by_dkim = by_dkim.max((found, signer.domain()));
        }
    }
    if by_dkim.0 == Alignment::Yes {
        let message = format!("mail from {from} passes by its DKIM signature");
        return Ok(Finding::new(AREA, Verdict::Good, message));
    }
    if by_spf == Alignment::Yes && has_spf {
        let message =
            format!("mail from {from} passes by SPF alone, and fails where somebody forwards it");
        return Ok(doubtful(message)
            .help("sign it with DKIM: [[mail.dkim]] in feeds.toml, or at the relay"));
    }
    let perhaps = match (by_dkim.0, by_spf) {
        (Alignment::Perhaps, _) => Some(by_dkim.1),
        (_, Alignment::Perhaps) if has_spf => Some(sender.bounces),
        _ => None,
    };
    if let Some(other) = perhaps {
        let message = format!(
            "mail from {from} passes where receivers take {other} for the same organisation by a list of public suffixes; by the DNS alone it is another"
        );
        return Ok(doubtful(message).help(
            "publish a DMARC record at the domain that both lie below, or sign for the sender's own domain",
        ));
    }
    let may_pass = by_spf > Alignment::No && worst(spf) < Verdict::Bad || sender.signers.is_empty();
    if may_pass {
        let message = format!("whether mail from {from} passes cannot be told from here");
        return Ok(Finding::new(AREA, Verdict::Unknown, message)
            .help("send one to a mailbox of yours, and look for 'dmarc=pass' in its header"));
    }
    let message = format!(
        "mail from {from} fails: neither a DKIM signature nor the return path ({}) vouches for that domain",
        sender.bounces
    );
    Ok(Finding::new(AREA, Verdict::Bad, message)
        .help("mend DKIM or SPF, as said there, or use a return path below the same domain"))
}
