//! `tidings taxonomy`: facets in the forms of others, and what is doubtful about them.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::{Args, Subcommand, ValueEnum};
use tidings::config::{self, Config};
use tidings::diagnostic::{Problem, Severity};
use tidings::pipeline::inspect;
use tidings::setup::CONFIG_FILE;
use tidings::taxonomy::TermId;
use tidings::taxonomy::slug::slug;
use tidings::vocabulary::{self, Context, Format};

use super::{Failure, Outcome, facet, print, setup};

/// Bring in, hand out and look after the terms of facets
#[derive(Args)]
#[command(after_help = "\
Examples:
  tidings taxonomy export --facet field_of_work --format turtle > fields.ttl
  tidings taxonomy import topics.csv --facet topic           print what would be added
  tidings taxonomy import topics.rdf --facet topic --write   add it to feeds.toml
  tidings taxonomy check                                     terms that nothing uses, and more")]
pub struct Taxonomy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(Import),
    Export(Export),
    Check(Check),
}

/// Turn SKOS (Turtle, RDF/XML) or CSV into terms for feeds.toml
///
/// The terms that the facet does not have yet are printed as TOML, to be looked at and put at the
/// end of feeds.toml; --write does that. Terms that are there already are never changed: where the
/// file says otherwise, you are told.
#[derive(Args)]
struct Import {
    /// The file; its ending says what it is, unless --format does
    file: PathBuf,
    /// The key of the facet, which need not exist yet
    #[arg(long, value_name = "KEY")]
    facet: String,
    /// What the file is
    #[arg(long, value_enum)]
    format: Option<Form>,
    /// The IRI of the one scheme to take from a file that holds several
    #[arg(long, value_name = "IRI")]
    scheme: Option<String>,
    /// Add the terms to feeds.toml, at its end; nothing else in it changes
    #[arg(long)]
    write: bool,
}

/// Print a facet as SKOS (Turtle, RDF/XML) or CSV
#[derive(Args)]
struct Export {
    /// The facet's key or slug
    #[arg(long, value_name = "KEY")]
    facet: String,
    /// The form
    #[arg(long, value_enum, default_value = "turtle")]
    format: Form,
}

/// Find terms that no item has, and names that items cannot use
#[derive(Args)]
struct Check {
    /// Print the problems as a JSON array
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// SKOS as Turtle
    Turtle,
    /// SKOS as RDF/XML
    Rdfxml,
    /// A table: slug, name, aliases, parent, keywords, was, closed, replaced_by, matches
    Csv,
}

impl From<Form> for Format {
    fn from(form: Form) -> Format {
        match form {
            Form::Turtle => Format::Turtle,
            Form::Rdfxml => Format::RdfXml,
            Form::Csv => Format::Csv,
        }
    }
}

impl Taxonomy {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Import(command) => command.run(directory),
            Command::Export(command) => command.run(directory),
            Command::Check(command) => command.run(directory),
        }
    }
}

impl Import {
    fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let file = directory.join(CONFIG_FILE);
        let source = fs::read_to_string(&file)
            .map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?;
        let (config, _) =
            config::read(&source, Path::new(CONFIG_FILE)).map_err(Failure::Problems)?;
        let format = self.format()?;
        let bytes = fs::read(&self.file)
            .map_err(|error| Failure::Failed(format!("{}: {error}", self.file.display())))?;

        let present = config.taxonomy.facet_named(&self.facet);
        let scheme = match present {
            Some(facet) => config.taxonomy.facet(facet).scheme.clone(),
            None => format!("{}{}/", config.site.base_url, slug(&self.facet)),
        };
        let tags = languages(&config);
        let context = Context {
            languages: &tags,
            scheme: &scheme,
        };
        let reading = vocabulary::read(&bytes, format, context, self.scheme.as_deref())
            .map_err(|problems| Failure::Problems(self.in_file(problems)))?;
        let key = match present {
            Some(facet) => config.taxonomy.facet(facet).key.clone(),
            None => self.facet.clone(),
        };
        let added = vocabulary::additions(&reading.vocabulary, &key, &config.taxonomy, present);
        let mut problems = self.in_file(reading.problems);
        problems.extend(self.in_file(added.problems));

        // What is printed must be right where it is going to stand.
        let mut whole = source.clone();
        if !whole.is_empty() && !whole.ends_with('\n') {
            whole.push('\n');
        }
        whole.push_str(&added.toml);
        let trial = config::read(&whole, Path::new(CONFIG_FILE));
        let refused = trial.is_err();
        problems.extend(trial.err().into_iter().flatten());
        print::problems(&problems);
        let told = format!(
            "{} concepts: {} new terms, {} there already",
            reading.vocabulary.concepts.len(),
            added.terms,
            added.known
        );
        if !self.write {
            print::line(added.toml.trim());
            print::note(&told);
            return Ok(print::outcome(&problems));
        }
        if refused {
            return Err(Failure::Failed(format!(
                "{CONFIG_FILE} was not changed: with these terms it could not be read"
            )));
        }
        if added.terms > 0 {
            append(&file, &whole)?;
        }
        print::line(&told);
        Ok(print::outcome(&problems))
    }

    fn format(&self) -> Result<Format, Failure> {
        if let Some(form) = self.format {
            return Ok(form.into());
        }
        let ending = self.file.extension().and_then(|ending| ending.to_str());
        ending.and_then(Format::of).ok_or_else(|| {
            let message = format!("'{}' may be anything", self.file.display());
            let help = "say what it is: --format turtle, rdfxml or csv";
            Failure::Usage(Problem::error(message).help(help))
        })
    }

    fn in_file(&self, problems: Vec<Problem>) -> Vec<Problem> {
        let problems = problems.into_iter();
        problems.map(|it| it.in_file(&self.file)).collect()
    }
}

/// Replaces the file at once, so that a crash leaves the old one or the new one.
fn append(file: &Path, whole: &str) -> Result<(), Failure> {
    let beside = file.with_extension("toml.new");
    let mut new = fs::File::create(&beside)?;
    new.write_all(whole.as_bytes())?;
    if let Ok(metadata) = fs::metadata(file) {
        new.set_permissions(metadata.permissions())?;
    }
    new.sync_all()?;
    fs::rename(&beside, fs::canonicalize(file)?)?;
    Ok(())
}

impl Export {
    fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let config = setup(directory)?.config;
        let facet = facet(&config, &self.facet)?;
        let tags = languages(&config);
        let context = Context {
            languages: &tags,
            scheme: &config.taxonomy.facet(facet).scheme,
        };
        let vocabulary = vocabulary::of_facet(&config.taxonomy, facet, context);
        let written = vocabulary::write(&vocabulary, self.format.into(), context)
            .map_err(|problem| Failure::Problems(vec![problem]))?;
        print::line(String::from_utf8_lossy(&written).trim_end());
        Ok(Outcome::Fine)
    }
}

impl Check {
    fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let inspection =
            inspect::all(&setup, Utc::now()).map_err(|error| Failure::Failed(error.to_string()))?;
        let mut problems = Vec::new();
        let taxonomy = &setup.config.taxonomy;
        let mut used = vec![0usize; taxonomy.terms.len()];
        for (_, record) in inspection.catalog.records() {
            for tag in record.terms.iter() {
                used[usize::from(tag.term.0)] += 1;
            }
        }
        let parents: HashSet<TermId> = taxonomy.terms.iter().filter_map(|it| it.parent).collect();
        for (facet_id, facet) in taxonomy.facets() {
            for (id, term) in taxonomy.terms_of(facet_id) {
                if used[usize::from(id.0)] == 0 && !parents.contains(&id) && !term.closed {
                    let message = format!("no item has {}:{}", facet.key, term.slug);
                    let help =
                        "it has no feed and no page; give it aliases and keywords, or close it";
                    problems.push(Problem::warning(message).help(help));
                }
            }
        }
        for clash in tidings::taxonomy::names::clashes(taxonomy) {
            let names: Vec<&str> = clash
                .terms
                .iter()
                .map(|id| taxonomy.term(*id).slug.as_str())
                .collect();
            let message = format!("'{}' names {}", clash.name, names.join(" and "));
            let help = "an item that states it gets none of them: take it from all but one";
            problems.push(Problem::warning(message).help(help));
        }
        let unknown = inspection.problems.into_iter();
        problems.extend(unknown.filter(|it| it.message.starts_with("unknown ")));
        if self.json {
            print::line(&tidings::diagnostic::json(&problems).to_string());
        } else {
            print::problems(&problems);
            let terms = taxonomy.terms.len();
            print::line(&format!(
                "{terms} terms checked: {} doubtful",
                problems.len()
            ));
        }
        let worst = problems.iter().map(|it| it.severity).max();
        Ok(match worst {
            Some(Severity::Error) => Outcome::Problems,
            _ => Outcome::Fine,
        })
    }
}

fn languages(config: &Config) -> Vec<&str> {
    let languages = config.site.languages.iter();
    languages.map(|language| language.tag.as_str()).collect()
}
