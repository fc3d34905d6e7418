//! The command line: arguments, one small file a command, and the one place that prints.

mod build;
mod check;
mod completions;
mod digest;
mod explain;
mod hubs;
mod init;
mod list;
mod mail;
mod new;
mod print;
mod review;
mod send;
mod serve;
mod server_log;
mod snippet;
mod subscribers;
mod tag;
mod taxonomy;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tidings::config::Config;
use tidings::diagnostic::Problem;
use tidings::ledger::LedgerError;
use tidings::pipeline::{Newsroom, PipelineError};
use tidings::serve::ServeError;
use tidings::setup::Setup;
use tidings::taxonomy::FacetId;

/// Problems were found in items, in the configuration or in templates.
const EXIT_PROBLEMS: u8 = 1;
/// The disk, the ledger or the network failed, or another process is at work.
const EXIT_FAILED: u8 = 3;
/// What mail servers understand as: try again later (`EX_TEMPFAIL` of sysexits.h).
const EXIT_LATER: u8 = 75;

const AFTER_HELP: &str = "\
Exit codes:
  0  all is well (warnings do not count)
  1  problems in items, feeds.toml or templates; what could be published was published
  2  wrong usage
  3  the disk, the ledger or the network failed, or another tidings is at work here

Examples:
  tidings init my-newsroom             start a newsroom
  tidings -C my-newsroom watch --serve publish every change, with a preview
  tidings build                        publish once
  tidings explain news/item.md         why an item lands where it lands
  tidings digest weekly --for last     compose the last issue of a newsletter";

/// Publishes topic feeds, pages and digest newsletters from a folder of news items.
#[derive(Parser)]
#[command(name = "tidings", version, about, after_help = AFTER_HELP)]
struct Arguments {
    /// Work on the newsroom in DIR, the folder that holds its feeds.toml
    #[arg(
        short = 'C',
        long = "directory",
        value_name = "DIR",
        default_value = ".",
        global = true
    )]
    directory: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    New(new::New),
    Build(build::Build),
    Watch(watch::Watch),
    Serve(serve::Serve),
    Snippet(snippet::Snippet),
    Subscribers(subscribers::Subscribers),
    Check(check::Check),
    Explain(explain::Explain),
    Digest(digest::Digest),
    Send(send::Send),
    List(list::List),
    Mail(mail::Mail),
    Review(review::Review),
    Tag(tag::Tag),
    Taxonomy(taxonomy::Taxonomy),
    Completions(completions::Completions),
}

/// How a command that went through ended.
enum Outcome {
    /// All is well.
    Fine,
    /// There are problems; they have been printed.
    Problems,
}

/// Why a command could not be carried out.
enum Failure {
    /// Something in the newsroom is wrong.
    Problems(Vec<Problem>),
    /// What was asked for does not exist or does not make sense.
    Usage(Problem),
    /// The disk, the ledger or the network failed.
    Failed(String),
    /// A mail server that runs this command is to try again.
    Later(String),
}

impl From<PipelineError> for Failure {
    fn from(error: PipelineError) -> Failure {
        Failure::Failed(error.to_string())
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        Failure::Failed(error.to_string())
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Failure {
        let help = match &error {
            ServeError::Listen { .. } => {
                "; choose another address with --address, or port with --port"
            }
            ServeError::Tls(_) | ServeError::Start(_) => "",
        };
        Failure::Failed(format!("{error}{help}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Failed(error.to_string())
    }
}

/// Parses the arguments, carries the command out and says how it ended.
pub fn run() -> ExitCode {
    let Arguments { directory, command } = Arguments::parse();
    let result = match command {
        Command::Init(command) => command.run(&directory),
        Command::New(command) => command.run(&directory),
        Command::Build(command) => command.run(&directory),
        Command::Watch(command) => command.run(&directory),
        Command::Serve(command) => command.run(&directory),
        Command::Snippet(command) => command.run(&directory),
        Command::Subscribers(command) => command.run(&directory),
        Command::Check(command) => command.run(&directory),
        Command::Explain(command) => command.run(&directory),
        Command::Digest(command) => command.run(&directory),
        Command::Send(command) => command.run(&directory),
        Command::List(command) => command.run(&directory),
        Command::Mail(command) => command.run(&directory),
        Command::Review(command) => command.run(&directory),
        Command::Tag(command) => command.run(&directory),
        Command::Taxonomy(command) => command.run(&directory),
        Command::Completions(command) => command.run(),
    };
    match result {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(EXIT_PROBLEMS),
        Err(Failure::Problems(problems)) => {
            print::problems(&problems);
            ExitCode::from(EXIT_PROBLEMS)
        }
        Err(Failure::Usage(problem)) => {
            print::problems(&[problem]);
            ExitCode::from(2)
        }
        Err(Failure::Failed(message)) => {
            print::problems(&[Problem::error(message)]);
            ExitCode::from(EXIT_FAILED)
        }
        Err(Failure::Later(message)) => {
            print::problems(&[Problem::error(message)]);
            ExitCode::from(EXIT_LATER)
        }
    }
}

/// Loads the setup of a newsroom and prints its warnings.
fn setup(directory: &std::path::Path) -> Result<Setup, Failure> {
    let setup = Setup::load(directory).map_err(Failure::Problems)?;
    print::problems(&setup.warnings);
    Ok(setup)
}

/// Opens a newsroom to work on it.
fn open(directory: &std::path::Path) -> Result<Newsroom, Failure> {
    Ok(Newsroom::open(setup(directory)?)?)
}

/// The facet that an argument names by its key.
fn facet(config: &Config, name: &str) -> Result<FacetId, Failure> {
    config.taxonomy.facet_named(name).ok_or_else(|| {
        let keys: Vec<&str> = config
            .taxonomy
            .facets
            .iter()
            .map(|facet| facet.key.as_str())
            .collect();
        let help = format!("the facets are {}", keys.join(", "));
        Failure::Usage(Problem::error(format!("there is no facet '{name}'")).help(help))
    })
}
