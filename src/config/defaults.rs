//! What `feeds.toml` means where it says nothing: every default in one place.

use chrono_tz::Tz;

use super::mail::AfterCrash;
use super::{Archiving, Decisions, Labels, Period, Quiet, Root};

/// `site.language`
pub const LANGUAGE: &str = "en";
/// `site.root`: a feed that somebody follows keeps what it promised when a language is added.
pub const ROOT: Root = Root::All;
/// `site.timezone`
pub const TIMEZONE: Tz = Tz::UTC;
/// The date in `site.tag_authority`; the authority is the base URL's host.
pub const TAG_DATE: &str = "2024";

/// `items.folders`
pub const ITEMS_FOLDERS: [&str; 1] = ["news"];
/// `items.size_limit`: 10 MB.
pub const SIZE_LIMIT: u64 = 10_000_000;
/// `items.day_first`
pub const DAY_FIRST: bool = true;

/// `output.folder`
pub const OUTPUT_FOLDER: &str = "public";

/// `watch.debounce`, in milliseconds.
pub const DEBOUNCE: u64 = 80;
/// `watch.mode`: `native`.
pub const POLL: bool = false;
/// `watch.rescan`, in milliseconds.
pub const RESCAN: u64 = 60_000;

/// `ledger.file`
pub const LEDGER_FILE: &str = ".tidings/ledger.sqlite";

/// `facet.*.issues`
pub const ISSUES: bool = false;
/// `facet.*.places`
pub const PLACES: bool = false;
/// `facet.*.inherit`
pub const INHERIT: bool = false;
/// `facet.*.rule_threshold`: one match in the title, or three in the body.
pub const RULE_THRESHOLD: u64 = 3;
/// `facet.*.rule_limit`
pub const RULE_LIMIT: u64 = 3;

/// `facet.*.rule_share`: however far behind the best.
pub const RULE_SHARE: f32 = 0.0;

/// `tags.precision`
pub const PRECISION: f32 = 0.9;
/// `tags.decisions`: `front-matter`.
pub const DECISIONS: Decisions = Decisions::FrontMatter;

/// `feeds.limit`
pub const FEED_LIMIT: u64 = 50;
/// `feeds.tombstones`, in milliseconds: 90 days.
pub const TOMBSTONES: u64 = 90 * 86_400_000;
/// `feeds.archives`: `all`, so that nobody misses anything unless a newsroom says so.
pub const ARCHIVES: Archiving = Archiving::All;
/// `feeds.content`: `full`.
pub const FULL_TEXT: bool = true;
/// `feeds.ttl`, in minutes.
pub const TTL: u64 = 60;

/// `pages.enabled`
pub const PAGES: bool = true;
/// `pages.templates`
pub const TEMPLATES: &str = "templates";
/// `pages.limit`
pub const PAGE_LIMIT: u64 = 50;

/// `websub.batch`
pub const WEBSUB_BATCH: u64 = 200;
/// `websub.lease`, in milliseconds: ten days, as the recommendation advises.
pub const WEBSUB_LEASE: u64 = 10 * 86_400_000;
/// `websub.shortest_lease`, in milliseconds: an hour.
pub const WEBSUB_SHORTEST_LEASE: u64 = 3_600_000;
/// `websub.longest_lease`, in milliseconds: thirty days.
pub const WEBSUB_LONGEST_LEASE: u64 = 30 * 86_400_000;
/// `websub.subscriptions`
pub const WEBSUB_SUBSCRIPTIONS: u64 = 10_000;
/// `websub.subscriptions_per_host`
pub const WEBSUB_SUBSCRIPTIONS_PER_HOST: u64 = 1_000;

/// `mail.connections`
pub const MAIL_CONNECTIONS: u64 = 4;
/// `mail.timeout`, in milliseconds: RFC 5321, section 4.5.3.2 gives the end of the data ten
/// minutes, but a relay that is one's own is quicker.
pub const MAIL_TIMEOUT: u64 = 60_000;
/// `mail.attempts`: with the pauses below, some two days.
pub const MAIL_ATTEMPTS: u32 = 14;
/// `mail.retry_after`, in milliseconds: greylisting lasts five minutes as a rule.
pub const MAIL_RETRY_AFTER: u64 = 5 * 60_000;
/// `mail.longest_pause`, in milliseconds: six hours.
pub const MAIL_LONGEST_PAUSE: u64 = 6 * 3_600_000;
/// `mail.pause_at`
pub const MAIL_PAUSE_AT: f64 = 0.1;
/// `mail.pause_after`
pub const MAIL_PAUSE_AFTER: u64 = 100;
/// `mail.after_crash`: a mail too few is better than one too many.
pub const MAIL_AFTER_CRASH: AfterCrash = AfterCrash::List;
/// `mail.warm_up.first_day`
pub const WARM_UP_FIRST_DAY: u32 = 500;
/// `mail.warm_up.growth`
pub const WARM_UP_GROWTH: f64 = 1.5;
/// `mail.warm_up.until`
pub const WARM_UP_UNTIL: u32 = 100_000;

/// `mail.bounces.soft_limit`
pub const SOFT_BOUNCES: u64 = 5;
/// `mail.bounces.soft_window`, in milliseconds: 90 days.
pub const SOFT_BOUNCE_WINDOW: u64 = 90 * 86_400_000;

/// `subscriptions.confirm_within`, in milliseconds: three days, over a weekend.
pub const CONFIRM_WITHIN: u64 = 3 * 86_400_000;
/// `subscriptions.consent`
pub const CONSENT: &str = "I want to get these newsletters from {site} by mail. I can leave them at any time, by a link in each.";
/// `subscriptions.letters_per_day`
pub const LETTERS_PER_DAY: u64 = 3;
/// `subscriptions.requests_per_hour`
pub const REQUESTS_PER_HOUR: u64 = 30;

/// `discovery.sitemaps`
pub const SITEMAPS: bool = true;
/// `discovery.robots`
pub const ROBOTS: bool = true;

/// `digest.period`
pub const PERIOD: Period = Period::Week;
/// `digest.stale_after`, in milliseconds: a day.
pub const STALE_AFTER: u64 = 24 * 3_600_000;
/// `digest.group_limit`
pub const GROUP_LIMIT: u64 = 10;
/// `digest.template`
pub const DIGEST_TEMPLATE: &str = "digest";
/// `digest.quiet`
pub const QUIET: Quiet = Quiet::Skip;

/// The names under which items state what is not a facet, before those of `[items.labels]`.
pub fn labels() -> Labels {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Labels {
        title: list(&["title", "headline"]),
        published: list(&[
            "date",
            "published",
            "Issued on",
            "Publishing date",
            "Date published",
        ]),
        updated: list(&["updated", "Last updated", "modified", "lastmod"]),
        embargo: list(&["embargo", "publish_at", "Embargoed until"]),
        kind: list(&["type", "kind", "Content type"]),
        language: list(&["language", "lang"]),
        summary: list(&["summary", "description", "lead"]),
    }
}
