//! Where a domain's policy stands, and which domains count as one organisation. Pure but for the
//! resolver.
//!
//! RFC 7489 finds the organisation in a list of public suffixes; its successor finds it in the DNS
//! alone, by walking up the tree to the highest record. Here is no such list: what only it could
//! tell is called so.

use super::super::dkim;
use super::super::resolver::{LookupError, Resolver};

/// A policy, and the domain that states it: that of the sender or one above it.
pub(super) struct Policy {
    pub domain: String,
    tags: Vec<(String, String)>,
}

impl Policy {
    pub(super) fn tag(&self, name: &str) -> Option<&str> {
        let found = self
            .tags
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.tag(name)
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    }
}

/// What stands at `_dmarc.` of a domain.
pub(super) enum Stated {
    Policy(Policy),
    Nothing,
    /// A text that receivers do not take for a policy.
    Other(String),
    /// So many policies, of which none counts.
    Several(usize),
}

/// Looks at one domain alone.
fn stated(domain: &str, resolver: &dyn Resolver) -> Result<Stated, LookupError> {
    let records = resolver.texts(&format!("_dmarc.{domain}"))?;
    let is_policy = |record: &&String| {
        let tags = dkim::tags(record);
        tags.first()
            .is_some_and(|(name, value)| name == "v" && value == "DMARC1")
    };
    let policies: Vec<&String> = records.iter().filter(is_policy).collect();
    Ok(match (policies.as_slice(), records.first()) {
        ([record], _) => Stated::Policy(Policy {
            domain: domain.to_owned(),
            tags: dkim::tags(record),
        }),
        ([], None) => Stated::Nothing,
        ([], Some(other)) => Stated::Other(other.clone()),
        (several, _) => Stated::Several(several.len()),
    })
}

/// What a domain states, or the nearest domain above it that states something, and which that is.
pub(super) fn nearest(
    from: &str,
    resolver: &dyn Resolver,
) -> Result<(String, Stated), LookupError> {
    for domain in upwards(from) {
        match stated(domain, resolver)? {
            Stated::Nothing => {}
            found => return Ok((domain.to_owned(), found)),
        }
    }
    Ok((from.to_owned(), Stated::Nothing))
}

/// Whether two domains count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alignment {
    No,
    /// Only where a receiver asks a list of public suffixes.
    Perhaps,
    Yes,
}

/// Whether `other` counts as the sender's domain (RFC 7489, section 3.1).
pub(super) fn alignment(
    from: &str,
    other: &str,
    is_strict: bool,
    resolver: &dyn Resolver,
) -> Result<Alignment, LookupError> {
    if from.eq_ignore_ascii_case(other) {
        return Ok(Alignment::Yes);
    }
    if is_strict {
        return Ok(Alignment::No);
    }
    if organisation(from, resolver)? == organisation(other, resolver)? {
        return Ok(Alignment::Yes);
    }
    let end = |domain: &str| {
        let labels: Vec<String> = domain
            .rsplit('.')
            .take(2)
            .map(str::to_ascii_lowercase)
            .collect();
        labels
    };
    Ok(match end(from) == end(other) {
        true => Alignment::Perhaps,
        false => Alignment::No,
    })
}

/// The highest domain above one that has a policy, itself where none has; `psd=` says where a
/// registry's domains end.
fn organisation(domain: &str, resolver: &dyn Resolver) -> Result<String, LookupError> {
    let domain = domain.to_ascii_lowercase();
    let mut highest = domain.as_str();
    let mut below = domain.as_str();
    for above in upwards(&domain) {
        if let Stated::Policy(policy) = stated(above, resolver)? {
            if policy.is("psd", "y") {
                return Ok(below.to_owned());
            }
            highest = above;
            if policy.is("psd", "n") {
                break;
            }
        }
        below = above;
    }
    Ok(highest.to_owned())
}

/// A domain and those above it, but no top-level domain: it has no policy for what is below it.
fn upwards(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| Some(domain.split_once('.')?.1))
        .filter(|domain| domain.contains('.'))
}
