//! DMARC (RFC 7489): the policy of the sender's domain, and whether its mail passes. Pure but for
//! the resolver.

use super::resolver::{LookupError, Resolver};
use super::{Finding, Sender, Verdict, dkim};

const AREA: &str = "DMARC";

/// A policy, and the domain that states it: that of the sender or one above it.
struct Policy {
    domain: String,
    tags: Vec<(String, String)>,
}

impl Policy {
    fn tag(&self, name: &str) -> Option<&str> {
        let found = self
            .tags
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn is_strict(&self, name: &str) -> bool {
        self.tag(name)
            .is_some_and(|mode| mode.eq_ignore_ascii_case("s"))
    }

    /// Whether `other` counts as the sender's domain for SPF (`aspf`) or DKIM (`adkim`).
    fn is_aligned(&self, mode: &str, from: &str, other: &str) -> bool {
        if self.is_strict(mode) {
            return from == other;
        }
        let is_below = |domain: &str| {
            domain == self.domain
                || domain
                    .strip_suffix(&self.domain)
                    .is_some_and(|rest| rest.ends_with('.'))
        };
        is_below(from) && is_below(other)
    }
}

pub(super) fn check(
    sender: &Sender<'_>,
    spf: &[Finding],
    keys: &[Finding],
    resolver: &dyn Resolver,
) -> Vec<Finding> {
    let from = sender.from;
    let name = format!("_dmarc.{from}");
    let policy = match policy(from, resolver) {
        Ok(Ok(Some(policy))) => policy,
        Ok(Ok(None)) => {
            let message =
                format!("{from} has no DMARC policy, which large receivers demand of newsletters");
            return vec![
                Finding::new(AREA, Verdict::Bad, message)
                    .help("begin with a policy that only watches, and read the reports")
                    .record(
                        &name,
                        "TXT",
                        format!("v=DMARC1; p=none; rua=mailto:postmaster@{from}"),
                    ),
            ];
        }
        Ok(Err(why)) => return vec![Finding::new(AREA, Verdict::Bad, why)],
        Err(error) => return vec![Finding::new(AREA, Verdict::Unknown, error.to_string())],
    };
    let mut findings = vec![of_policy(&policy, from)];
    if policy.tag("rua").is_none() {
        let message = format!("nobody gets the DMARC reports on {}", policy.domain);
        findings.push(Finding::new(AREA, Verdict::Doubtful, message).help(format!(
            "add 'rua=mailto:…' to the record at _dmarc.{}",
            policy.domain
        )));
    }
    findings.push(passing(&policy, sender, spf, keys));
    findings
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

/// Whether mail passes: by SPF or DKIM of a domain that counts as the sender's.
fn passing(policy: &Policy, sender: &Sender<'_>, spf: &[Finding], keys: &[Finding]) -> Finding {
    let worst = |findings: &[Finding]| {
        let verdicts = findings.iter().map(|finding| finding.verdict);
        verdicts.max().unwrap_or(Verdict::Unknown)
    };
    let by_spf = policy.is_aligned("aspf", sender.from, sender.bounces);
    let by_dkim = sender
        .signers
        .iter()
        .any(|signer| policy.is_aligned("adkim", sender.from, signer.domain()));
    // One of several keys is enough.
    let has_good_key = keys.iter().any(|finding| finding.verdict == Verdict::Good);
    if by_dkim && has_good_key {
        let message = format!("mail from {} passes by its DKIM signature", sender.from);
        return Finding::new(AREA, Verdict::Good, message);
    }
    if by_spf && worst(spf) == Verdict::Good {
        let message = format!(
            "mail from {} passes by SPF alone, and fails where somebody forwards it",
            sender.from
        );
        return Finding::new(AREA, Verdict::Doubtful, message)
            .help("sign it with DKIM: [[mail.dkim]] in feeds.toml, or at the relay");
    }
    let may_pass = by_spf && worst(spf) < Verdict::Bad || sender.signers.is_empty();
    if may_pass {
        let message = format!(
            "whether mail from {} passes cannot be told from here",
            sender.from
        );
        return Finding::new(AREA, Verdict::Unknown, message)
            .help("send one to a mailbox of yours, and look for 'dmarc=pass' in its header");
    }
    let message = format!(
        "mail from {} fails: neither a DKIM signature nor the return path ({}) vouches for that domain",
        sender.from, sender.bounces
    );
    Finding::new(AREA, Verdict::Bad, message)
        .help("mend DKIM or SPF, as said there, or use a return path below the same domain")
}

/// The policy of a domain, or of the nearest domain above it that has one. The inner error is a
/// record that is wrong.
fn policy(
    from: &str,
    resolver: &dyn Resolver,
) -> Result<Result<Option<Policy>, String>, LookupError> {
    let mut domain = from;
    // A top-level domain has no policy for what is below it.
    while domain.contains('.') {
        let mut records = resolver.texts(&format!("_dmarc.{domain}"))?;
        records.retain(|record| {
            let tags = dkim::tags(record);
            tags.first()
                .is_some_and(|(name, value)| name == "v" && value == "DMARC1")
        });
        if records.len() > 1 {
            return Ok(Err(format!(
                "{domain} has {} DMARC records, so that none counts; keep one",
                records.len()
            )));
        }
        if let Some(record) = records.pop() {
            return Ok(Ok(Some(Policy {
                domain: domain.to_owned(),
                tags: dkim::tags(&record),
            })));
        }
        domain = domain.split_once('.').map_or("", |(_, above)| above);
    }
    Ok(Ok(None))
}
