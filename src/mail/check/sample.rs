//! A message as a digest would send it, of a made-up issue to nobody in particular.

use chrono::{DateTime, Utc};

use crate::config::Digest;
use crate::diagnostic::Problem;
use crate::digest::message::{Addressed, PersonalLinks, bodies};
use crate::digest::sample_issue;
use crate::mail::message::{
    Envelope, Mailing, PREFERENCES, Prepared, Recipient, Rendered, Seal, UNSUBSCRIBE,
};
use crate::setup::Setup;

/// Makes it, as of `now`.
///
/// # Errors
/// When a template fails, the sender is no address, or the message cannot be signed.
pub fn sample(
    setup: &Setup,
    digest: &Digest,
    seal: &Seal,
    now: DateTime<Utc>,
) -> Result<(Envelope, Vec<u8>), Problem> {
    let site = &setup.config.site;
    let issue = sample_issue(digest, site, true, now);
    let links = PersonalLinks {
        preferences: PREFERENCES.to_owned(),
        unsubscribe: UNSUBSCRIBE.to_owned(),
    };
    let addressed = Addressed {
        links: Some(&links),
        embed: false,
    };
    let bodies = bodies(digest, &issue, site, &setup.templates, addressed)?;
    let rendered = Rendered {
        subject: issue.subject.clone(),
        html: bodies.html,
        text: bodies.text,
        language: issue.language.clone(),
    };
    let from = digest.sender.parse().map_err(|error| {
        Problem::error(format!(
            "mail cannot be sent from '{}', the sender of digest '{}': {error}",
            digest.sender, digest.slug
        ))
        .help("write 'sender' as 'Name <name@example.org>'")
    })?;
    let mailing = Mailing {
        digest: digest.slug.clone(),
        title: issue.title.clone(),
        period: issue.span.label.clone(),
        due: now.timestamp_millis(),
        from,
        host: site.base_url.host_str().unwrap_or("localhost").to_owned(),
        archive: issue.home.clone(),
    };
    let recipient = Recipient {
        subscriber: 0,
        generation: 0,
        address: "reader@example.org"
            .parse()
            .map_err(|error| Problem::error(format!("the sample's address is wrong: {error}")))?,
        name: None,
    };
    let prepared = Prepared::new(&rendered, &[], mailing, now);
    prepared
        .message(&recipient, seal, now)
        .map_err(|error| Problem::error(error.to_string()))
}
