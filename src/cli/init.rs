//! `tidings init`: a new newsroom.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use tidings::diagnostic::Problem;
use tidings::setup::CONFIG_FILE;

use super::{Failure, Outcome, print};

/// Start a newsroom: feeds.toml, a folder for items, and a first item
#[derive(Args)]
#[command(
    after_help = "Asks nothing: what it guesses stands in feeds.toml, with comments. Nothing that exists is touched.\n\nExamples:\n  tidings init\n  tidings init newsroom --templates"
)]
pub struct Init {
    /// The folder; made when it does not exist
    folder: Option<PathBuf>,
    /// Also copy the embedded templates, to change them
    #[arg(long)]
    templates: bool,
}

impl Init {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let folder = self
            .folder
            .as_ref()
            .map_or_else(|| directory.to_owned(), |folder| directory.join(folder));
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        if folder.join(CONFIG_FILE).exists() {
            return Err(Failure::Usage(
                Problem::error(format!(
                    "{} exists already",
                    folder.join(CONFIG_FILE).display()
                ))
                .help("choose another folder"),
            ));
        }
        write_new(&folder.join(CONFIG_FILE), &configuration(&folder))?;
        write_new(&folder.join("news/welcome.md"), &first_item())?;
        write_new(&folder.join(".gitignore"), "/public\n/.tidings\n")?;
        if self.templates {
            for (name, source) in tidings::template::EMBEDDED {
                write_new(&folder.join("templates").join(name), source)?;
            }
        }
        print::line(&format!("A newsroom in {}.", folder.display()));
        print::line(
            "Next: mend the names in feeds.toml, then `tidings watch --serve` and drop items into news/.",
        );
        Ok(Outcome::Fine)
    }
}

/// Writes a file that must not be there yet; one that is stays as it is.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::File::create_new(path) {
        Ok(mut file) => Ok(file.write_all(text.as_bytes())?),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The zone of this machine, where it says so in the usual place.
fn timezone() -> String {
    let link = fs::read_link("/etc/localtime").unwrap_or_default();
    let name = link
        .to_string_lossy()
        .split_once("zoneinfo/")
        .map(|(_, name)| name.to_owned());
    name.filter(|name| name.parse::<chrono_tz::Tz>().is_ok())
        .unwrap_or_else(|| "UTC".to_owned())
}

fn configuration(folder: &Path) -> String {
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("newsroom");
    let mut title = name.replace(['-', '_'], " ");
    if let Some(first) = title.get(..1) {
        title = format!("{}{}", first.to_uppercase(), &title[1..]);
    }
    include_str!("init.toml")
        .replace("\"{title}\"", &serde_json::Value::from(title).to_string())
        .replace("{timezone}", &timezone())
        .replace("{year}", &Utc::now().format("%Y").to_string())
}

fn first_item() -> String {
    let date = Utc::now().format("%Y-%m-%d");
    format!(
        "+++\ntitle = \"Our newsroom is open\"\ndate = {date}\ntopics = [\"Announcements\"]\ndepartment = [\"Press office\"]\n+++\n\nThis is the first item. Change it, or drop another file into this folder: Markdown, plain text,\nHTML or JSON.\n\nEvery topic and every department has a page and feeds of its own.\n"
    )
}
