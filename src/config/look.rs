//! How the mails of a `[[digest]]` look: `utm` and `images`.

use super::decode::Section;
use super::{MailImages, Utm};

/// `utm = { source = "newsletter", medium = "email", campaign = "{digest}-{period}" }`.
pub(super) fn utm(digest: &Section<'_, '_>) -> Option<Utm> {
    let section = digest.section("utm", "utm")?;
    let value = |key| section.line(key).map(|text| text.value);
    let utm = Utm {
        source: value("source"),
        medium: value("medium"),
        campaign: value("campaign"),
    };
    section.finish();
    (utm != Utm::default()).then_some(utm)
}

/// `images = "link"` or `"embed"`.
pub(super) fn images(digest: &Section<'_, '_>) -> MailImages {
    let choices = [("link", MailImages::Link), ("embed", MailImages::Embed)];
    digest.choice("images", &choices).unwrap_or_default()
}
