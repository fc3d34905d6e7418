//! `[[digest]]`: newsletters, and whether their schedules fit their periods.

mod model;

use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;

use super::decode::{Section, choose};
use super::former::{self, Former};
use super::look;
use super::notes::{Placed, Wrong};
use super::read::{Slugs, count, facet, selection};
use super::{Site, defaults, values};
use crate::digest::schedule::Schedule;
use crate::selection::Selection;
use crate::taxonomy::Taxonomy;

pub use model::{Approval, Cadence, Digest, MailImages, Period, Quiet, Utm};

/// The most issues that are looked at when a schedule is compared with a period: over a year of
/// daily ones.
const ISSUES_COMPARED: usize = 400;

/// What `tidings digest` takes for commands.
const COMMANDS: [&str; 12] = [
    "approve",
    "cancel",
    "check",
    "edit",
    "help",
    "list",
    "preview",
    "reopen",
    "send",
    "show",
    "skip",
    "unapprove",
];

/// How late an issue may at the most be made to go out unasked, in milliseconds: from nothing to
/// a year.
const STALE_AFTER: std::ops::RangeInclusive<u64> = 0..=366 * 86_400_000;

pub(super) fn read(
    document: &Section<'_, '_>,
    taxonomy: &Taxonomy,
    site: Option<&Site>,
) -> Vec<Digest> {
    let mut slugs = Slugs::default();
    let mut former = Former::default();
    let mut choices = Choices::default();
    let sections = document.sections("digest", "digest");
    let digests = sections
        .into_iter()
        .filter_map(|section| {
            digest(
                section,
                taxonomy,
                site,
                (&mut slugs, &mut former, &mut choices),
            )
        })
        .collect();
    former.check("digest", document.notes());
    digests
}

fn digest(
    section: Section<'_, '_>,
    taxonomy: &Taxonomy,
    site: Option<&Site>,
    (slugs, former, choices): (&mut Slugs, &mut Former, &mut Choices),
) -> Option<Digest> {
    let title = section.required_line("title", "\"The week in brief\"");
    let slug = slugs.take(&section, title.as_ref());
    if let Some(slug) = slug
        .as_ref()
        .filter(|slug| COMMANDS.contains(&slug.as_str()))
    {
        let place = section.line("slug").or(section.line("title"));
        if let Some(place) = place {
            let message = format!("'tidings digest {slug}' is a command, not this digest");
            let help = "give the digest another 'slug', so that its issues can be composed by hand";
            section.notes().warning(&place.span, message, help);
        }
    }
    let was = former::read(&section);
    let introduction = section.text("introduction");
    section.require("schedule", "\"Mon 09:00\"");
    let schedule = section.parsed_in_place("schedule", |text| {
        Schedule::parse(text).map_err(|error| Wrong::new(error.message, error.help))
    });
    let timezone = section
        .parsed("timezone", values::timezone)
        .or(site.map(|site| site.timezone))
        .unwrap_or(defaults::TIMEZONE);
    let periods = [
        ("day", Period::Day),
        ("week", Period::Week),
        ("month", Period::Month),
    ];
    let is_at_once = schedule
        .as_ref()
        .is_some_and(|schedule| schedule.value.is_at_once());
    let period = if is_at_once {
        if let Some(period) = section.line("period") {
            let message = "what comes at once covers no period";
            let help = "remove 'period', or give the digest a schedule: 'daily 07:00'";
            section.notes().error(&period.span, message, help);
        }
        Period::AtOnce
    } else {
        section
            .choice("period", &periods)
            .unwrap_or(defaults::PERIOD)
    };
    let selection = selection(&section, taxonomy).unwrap_or_else(Selection::everything);
    let group_by = section
        .line("group_by")
        .and_then(|name| facet(name, taxonomy, &section));
    let group_limit = section.number("group_limit", 1..=10_000);
    let template = section.parsed("template", values::template_name);
    let quiet = section.choice("quiet", &[("skip", Quiet::Skip), ("send", Quiet::Send)]);
    let sender = sender(&section, site);
    let language = section
        .parsed("language", values::language)
        .or_else(|| site.map(|site| site.language.clone()));
    let approvals = [
        ("automatic", Approval::Automatic),
        ("one", Approval::One),
        ("two", Approval::Two),
    ];
    let approval = section.choice("approval", &approvals).unwrap_or_default();
    let stale_after = section.time("stale_after", STALE_AFTER);
    let mail = section.boolean("mail").unwrap_or(true);
    let choices = choices.read(&section, language.as_deref());
    if let Some(schedule) = schedule.as_ref().filter(|_| !is_at_once) {
        compare(schedule, period, timezone, &section);
    }
    let (utm, images) = (look::utm(&section), look::images(&section));
    section.finish();
    let (slug, title) = (slug?, title?.value);
    Some(Digest {
        was: former.take(&title, &slug, was),
        slug,
        title,
        introduction: introduction.map(|text| text.value),
        schedule: schedule?.value,
        timezone,
        period,
        selection,
        group_by,
        group_limit: count(group_limit.unwrap_or(defaults::GROUP_LIMIT)),
        template: template.unwrap_or_else(|| defaults::DIGEST_TEMPLATE.to_owned()),
        quiet: quiet.unwrap_or(defaults::QUIET),
        sender: sender?,
        language: language.unwrap_or_else(|| defaults::LANGUAGE.to_owned()),
        utm,
        images,
        approval,
        stale_after: stale_after.unwrap_or(Duration::from_millis(defaults::STALE_AFTER)),
        choices,
        mail,
    })
}

/// Which digest carries subscribers' own selections: one for each cadence and language.
#[derive(Default)]
struct Choices {
    /// Cadence, language, and the line that says so.
    known: Vec<(Cadence, String, usize)>,
}

impl Choices {
    fn read(&mut self, section: &Section<'_, '_>, language: Option<&str>) -> Option<Cadence> {
        let line = section.line("choices")?;
        let cadences = Cadence::ALL.map(|cadence| (cadence.name(), cadence));
        let found = section.parse_line(line, |text| choose(text, &cadences))?;
        let language = language.unwrap_or(defaults::LANGUAGE);
        let rival = self
            .known
            .iter()
            .find(|(cadence, other, _)| *cadence == found.value && other == language);
        if let Some((_, _, line)) = rival {
            let name = found.value.name();
            let message =
                format!("the digest in line {line} carries the choices '{name}' in '{language}'");
            let help = "remove 'choices' from one of the two, so that nobody gets an item twice";
            section.notes().error(&found.span, message, help);
            return None;
        }
        let line = section.notes().line(&found.span);
        self.known.push((found.value, language.to_owned(), line));
        Some(found.value)
    }
}

/// The stated sender, or the site's title and contact.
fn sender(section: &Section<'_, '_>, site: Option<&Site>) -> Option<String> {
    if section.has("sender") {
        return section.parsed("sender", values::mailbox);
    }
    // Asked for all the same, so that it is among the known keys.
    section.line("sender");
    let site = site?;
    let Some(contact) = &site.contact else {
        section.require("sender", "\"News <news@example.org>\"");
        return None;
    };
    let with_name = values::mailbox(&format!("{} <{contact}>", site.title));
    Some(with_name.unwrap_or_else(|_| contact.clone()))
}

/// Warns where following the schedule leaves periods out, or comes to one twice.
fn compare(schedule: &Placed<Schedule>, period: Period, zone: Tz, section: &Section<'_, '_>) {
    let name = match period {
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::AtOnce => return,
    };
    let Some(start) = a_new_year(zone) else {
        return;
    };
    let first = schedule.value.next_after(start);
    let issues: Vec<i64> = std::iter::successors(first, |due| schedule.value.next_after(*due))
        .take(ISSUES_COMPARED)
        .map(|due| number(due.date_naive(), period))
        .collect();
    let steps = || issues.windows(2).map(|pair| pair[1] - pair[0]);
    if steps().any(|step| step > 1) {
        let message = format!("this schedule leaves out what is published in some {name}s");
        let help = format!("an issue covers one {name}: choose a longer 'period'");
        section.notes().warning(&schedule.span, message, help);
    } else if steps().any(|step| step == 0) {
        let message = format!("this schedule comes to the same {name} more than once");
        let help =
            format!("an issue covers one {name} and is sent once: choose a shorter 'period'");
        section.notes().warning(&schedule.span, message, help);
    }
}

/// Any moment serves to start from; a fixed one gives the same warnings every day.
fn a_new_year(zone: Tz) -> Option<DateTime<Tz>> {
    let day = NaiveDate::from_ymd_opt(2024, 1, 1)?;
    zone.from_local_datetime(&day.and_time(NaiveTime::MIN))
        .earliest()
}

/// The number of the period that holds a day, counted from some fixed one.
fn number(day: NaiveDate, period: Period) -> i64 {
    let days = i64::from(day.num_days_from_ce());
    match period {
        Period::Day => days,
        // Day 1 of the common era was a Monday.
        Period::Week => (days - 1).div_euclid(7),
        Period::Month => i64::from(day.year()) * 12 + i64::from(day.month0()),
        Period::AtOnce => days,
    }
}
