//! `tidings new`: a fresh item.

use std::fs;
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, Utc};
use clap::Args;
use tidings::config::Config;
use tidings::diagnostic::Problem;
use tidings::taxonomy::slug::slug;

use super::{Failure, Outcome, print, setup};

/// Start a new item with its front matter
#[derive(Args)]
#[command(
    after_help = "The item is withheld by an embargo a year ahead until you take that line out.\n\nExample:\n  tidings new \"Officers trained in maritime security\""
)]
pub struct New {
    /// The item's title
    title: String,
}

impl New {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = slug(&title);
        if name.is_empty() {
            return Err(Failure::Usage(
                Problem::error("the title has no letters").help("give the item a title in words"),
            ));
        }
        let now = Utc::now().with_timezone(&setup.config.site.timezone);
        let folder = setup
            .config
            .items
            .folders
            .first()
            .cloned()
            .unwrap_or_default();
        let folder = folder.join(now.format("%Y").to_string());
        fs::create_dir_all(setup.root.join(&folder))?;
        let path = folder.join(format!("{}-{name}.md", now.format("%m-%d")));
        let mut file =
            fs::File::create_new(setup.root.join(&path)).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => Failure::Usage(
                    Problem::error(format!("{} exists already", path.display()))
                        .help("choose another title"),
                ),
                _ => error.into(),
            })?;
        file.write_all(front_matter(&setup.config, &title, now.with_timezone(&Utc)).as_bytes())?;
        print::line(&setup.root.join(&path).display().to_string());
        Ok(Outcome::Fine)
    }
}

/// An item with the facets of the newsroom, each with an example in a comment.
fn front_matter(config: &Config, title: &str, now: DateTime<Utc>) -> String {
    let zone = config.site.timezone;
    let date = now.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z");
    let embargo = (now + chrono::TimeDelta::days(365))
        .with_timezone(&zone)
        .format("%Y-%m-%dT%H:%M:%S%:z")
        .to_string();
    let quoted = serde_json::Value::from(title).to_string();
    let mut text = format!(
        "+++\ntitle = {quoted}\ndate = {date}\nembargo = {embargo}  # take this line out to publish\n"
    );
    for (facet, found) in config.taxonomy.facets() {
        let example = config
            .taxonomy
            .terms_of(facet)
            .find(|(_, term)| !term.closed)
            .map_or("", |(_, term)| &term.name);
        text.push_str(&format!(
            "{} = []  # for example [{}]\n",
            found.key,
            serde_json::Value::from(example)
        ));
    }
    text.push_str("+++\n\nThe first paragraph says who did what, where and when.\n");
    text
}
