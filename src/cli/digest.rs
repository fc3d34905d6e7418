//! `tidings digest`: compose one issue of a newsletter.

use std::path::Path;

use chrono::Utc;
use clap::Args;
use tidings::diagnostic::{Problem, did_you_mean};
use tidings::digest::period::Span;
use tidings::pipeline::Report;
use tidings::pipeline::issues::Composed;

use super::{Failure, Outcome, open, print};

/// Compose an issue of a digest: web page, HTML mail, text and .eml
#[derive(Args)]
#[command(
    after_help = "An issue that was composed before is composed anew.\n\nExamples:\n  tidings digest weekly --for 2024-W47\n  tidings digest weekly --for 2024-11-22\n  tidings digest monthly --for last"
)]
pub struct Digest {
    /// The digest's slug in feeds.toml
    slug: String,
    /// The period: a week (2024-W47), a month (2024-11), a date in it, or `last`
    #[arg(long = "for", value_name = "PERIOD", default_value = "last")]
    period: String,
}

impl Digest {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let mut newsroom = open(directory)?;
        let setup = newsroom.setup();
        let digests = &setup.config.digests;
        if !setup.config.pages.enabled {
            return Err(Failure::Usage(
                Problem::error("this newsroom publishes feeds only, and so no digests")
                    .help("set `enabled = true` under [pages] in feeds.toml"),
            ));
        }
        let at = digests
            .iter()
            .position(|digest| digest.slug == self.slug)
            .ok_or_else(|| {
                let slugs = digests.iter().map(|digest| digest.slug.as_str());
                let problem =
                    Problem::error(format!("there is no digest '{}' in feeds.toml", self.slug));
                Failure::Usage(match did_you_mean(&self.slug, slugs.clone()) {
                    Some(slug) => problem.help(format!("did you mean '{slug}'?")),
                    None => problem.help(format!(
                        "there are: {}",
                        slugs.collect::<Vec<_>>().join(", ")
                    )),
                })
            })?;
        let digest = &digests[at];
        let now = Utc::now();
        let span = Span::parse(&self.period, digest.period, digest.timezone, now)
            .map_err(|error| Failure::Usage(error.into()))?;
        let period = span.in_words(setup.config.site.phrases.words(&digest.language));
        let folder = setup
            .root
            .join(&setup.config.output.folder)
            .join("digests")
            .join(&digest.slug)
            .join(&span.label);
        let bar = print::Bar::new();
        let mut report: Report = newsroom.build(now, &bar)?;
        let edition = newsroom.compose_issue(at, &span, "unknown", &bar, &mut report)?;
        let mut problems = report.problems;
        problems.extend(newsroom.problems());
        print::problems(&problems);
        match edition {
            Composed::Published(edition) => {
                print::line(&edition.issue.subject);
                for name in ["index.html", "mail.html", "mail.txt", "mail.eml"] {
                    print::line(&format!("  {}", folder.join(name).display()));
                }
            }
            Composed::Draft(edition, _) => print::line(&edition.issue.subject),
            Composed::Settled(state) => print::line(&format!("It is {state}.")),
            Composed::Silent => print::line(&format!(
                "No news in {period}: no issue, as `quiet = \"skip\"` asks."
            )),
        }
        Ok(print::outcome(&problems))
    }
}
