//! `[[digest]]`.

use std::path::Path;

use super::{SITE, WHOLE, good};
use crate::config::{Approval, Cadence, Period, read};
use crate::diagnostic::Severity;

#[test]
fn a_schedule_that_does_not_fit_its_period_is_a_warning() {
    let digest = |schedule: &str, period: &str| {
        let source = format!(
            "{SITE}contact = \"a@example.org\"\n[[digest]]\ntitle = \"D\"\nschedule = \"{schedule}\"\nperiod = \"{period}\"\n"
        );
        let (config, warnings) = read(&source, Path::new("feeds.toml")).unwrap();
        assert_eq!(config.digests[0].sender, "News <a@example.org>");
        assert!(
            warnings
                .iter()
                .all(|warning| warning.severity == Severity::Warning)
        );
        warnings
            .into_iter()
            .map(|warning| warning.message)
            .collect::<Vec<_>>()
    };
    for (schedule, period) in [
        ("Mon 09:00", "week"),
        ("daily 07:00", "day"),
        ("day 1 09:00", "month"),
        ("last day 09:00", "month"),
    ] {
        assert!(digest(schedule, period).is_empty(), "{schedule} {period}");
    }
    assert_eq!(
        digest("Mon,Fri 09:00", "day"),
        ["this schedule leaves out what is published in some days"]
    );
    assert_eq!(
        digest("day 1 09:00", "week"),
        ["this schedule leaves out what is published in some weeks"]
    );
    assert_eq!(
        digest("* * * * *", "day"),
        ["this schedule comes to the same day more than once"]
    );
    assert_eq!(
        digest("Mon,Thu 09:00", "week"),
        ["this schedule comes to the same week more than once"]
    );
}

/// The problems of digests, each with these keys below a good title, schedule and sender.
fn problems_of_digests(digests: &[&str]) -> Vec<String> {
    let digest = |(number, keys): (usize, &&str)| {
        format!("[[digest]]\ntitle = 'D{number}'\nsender = 'a@example.org'\n{keys}\n")
    };
    let digests: Vec<String> = digests.iter().enumerate().map(digest).collect();
    let source = format!("{SITE}{}", digests.concat());
    let problems = match read(&source, Path::new("feeds.toml")) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    problems
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

#[test]
fn a_digest_says_who_approves_and_what_is_stale() {
    let source = format!(
        "{SITE}[[digest]]\ntitle = 'D'\nsender = 'a@example.org'\nschedule = 'at once'\n\
         approval = 'two'\nstale_after = '3 days'\nchoices = 'at once'\nmail = false\n"
    );
    let config = good(&source);
    let digest = &config.digests[0];
    assert_eq!(digest.approval, Approval::Two);
    assert_eq!(digest.stale_after.as_secs(), 3 * 86_400);
    assert_eq!(digest.choices, Some(Cadence::AtOnce));
    assert_eq!((digest.period, digest.mail), (Period::AtOnce, false));
    assert!(digest.schedule.is_at_once());
    assert!(!config.is_mailed(digest));
    let weekly = "schedule = 'Mon 09:00'\n";
    for (keys, message) in [
        ("approval = 'three'", "unknown value 'three'"),
        ("choices = 'yearly'", "unknown value 'yearly'"),
        ("stale_after = '400 days'", "400 days is out of range"),
        ("mail = 'no'", "expected true or false"),
        ("slug = 'list'", "'tidings digest list' is a command"),
    ] {
        let problems = problems_of_digests(&[&format!("{weekly}{keys}")]);
        assert!(
            problems.iter().any(|one| one.contains(message)),
            "{keys}: {problems:?}"
        );
    }
    let problems = problems_of_digests(&["schedule = 'at once'\nperiod = 'day'"]);
    assert_eq!(problems, ["what comes at once covers no period"]);
}

#[test]
fn one_digest_carries_the_choices_of_a_cadence_in_a_language() {
    let weekly = "schedule = 'Mon 09:00'\nchoices = 'weekly'";
    let russian = format!("{weekly}\nlanguage = 'ru'");
    let daily = "schedule = 'daily 07:00'\nperiod = 'day'\nchoices = 'daily'";
    assert_eq!(
        problems_of_digests(&[weekly, &russian, daily]),
        Vec::<String>::new()
    );
    assert_eq!(
        problems_of_digests(&[weekly, weekly]),
        ["the digest in line 8 carries the choices 'weekly' in 'en'"]
    );
}

#[test]
fn a_digest_inherits_from_the_site() {
    let config = good(WHOLE);
    let month = &config.digests[1];
    assert_eq!(month.slug, "the-month");
    assert_eq!(month.period, Period::Month);
    assert_eq!(month.sender, "Tidings of the Assembly <press@example.org>");
    assert_eq!(month.language, "en-GB");
    assert_eq!(month.timezone, chrono_tz::Europe::Vienna);
}
