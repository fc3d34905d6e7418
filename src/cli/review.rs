//! `tidings review`: look at doubtful tags, and accept, reject or add some.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use clap::Args;
use console::{Key, Term};
use serde_json::{Value, json};
use tidings::config::Config;
use tidings::diagnostic::Problem;
use tidings::item::Decision;
use tidings::pipeline::doubts;
use tidings::review::desk::{self, Desk, DeskError};
use tidings::review::{Doubt, Reason, decide, sureness};
use tidings::scan::format_of;
use tidings::setup::Setup;
use tidings::tag::{Tag, decided};
use tidings::taxonomy::{FacetId, TermId};

use super::{Failure, Outcome, print, setup};

const AFTER_HELP: &str = "\
In a terminal, one item is shown after another, and one key decides about each suggestion:
  y accept   n reject   + add another term   s next item   q end

With --serve the same stands on a page, with buttons. The page is for this machine alone, at an
address that is drawn anew each time.

Decisions are kept in the item's file (or beside it: `decisions` under [tags]), hold whatever
rules and the model say, and train the model.

Examples:
  tidings review
  tidings review --serve
  tidings review --list
  tidings review --accept news/bridge.md field_of_work:elections
  tidings review --reject news/bridge.md field_of_work:youth field_of_work:education";

/// Go through items whose tags are missing, unsure or contradicted by their text
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Review {
    /// List the items instead of asking about them; also where the output is no terminal
    #[arg(long)]
    list: bool,
    /// List them as a JSON array
    #[arg(long, conflicts_with = "list")]
    json: bool,
    /// Show them on a page for the browser, with buttons; Ctrl-C ends it
    #[arg(long, conflicts_with_all = ["list", "json"])]
    serve: bool,
    /// Where the page is served: an address of this machine; port 0 takes any that is free
    #[arg(
        long,
        value_name = "IP:PORT",
        default_value = "127.0.0.1:0",
        requires = "serve"
    )]
    address: SocketAddr,
    /// Accept terms for the item in FILE
    #[arg(long, num_args = 2.., value_names = ["FILE", "FACET:TERM"], conflicts_with_all = ["list", "json", "serve"])]
    accept: Vec<String>,
    /// Reject terms: they never come back for the item
    #[arg(long, num_args = 2.., value_names = ["FILE", "FACET:TERM"], conflicts_with_all = ["list", "json", "serve"])]
    reject: Vec<String>,
    /// Add terms that nobody suggested
    #[arg(long, num_args = 2.., value_names = ["FILE", "FACET:TERM"], conflicts_with_all = ["list", "json", "serve"])]
    add: Vec<String>,
}

impl Review {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let commands = [
            (&self.accept, true),
            (&self.reject, false),
            (&self.add, true),
        ];
        if commands.iter().any(|(arguments, _)| !arguments.is_empty()) {
            for (arguments, accepted) in commands {
                if let [file, terms @ ..] = arguments.as_slice() {
                    command(&setup, file, terms, accepted)?;
                }
            }
            return Ok(Outcome::Fine);
        }
        let (doubts, problems) =
            doubts::all(&setup).map_err(|error| Failure::Failed(error.to_string()))?;
        print::problems(&problems);
        let config = &setup.config;
        if self.json {
            let rows: Vec<Value> = doubts.iter().map(|doubt| json_of(config, doubt)).collect();
            print::line(&Value::from(rows).to_string());
        } else if self.serve {
            return serve(setup, doubts, self.address);
        } else if self.list || !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
            for doubt in &doubts {
                print::line(&row(config, doubt));
            }
        } else {
            ask(&setup, &doubts)?;
        }
        Ok(Outcome::Fine)
    }
}

/// Serves the review page until Ctrl-C.
fn serve(setup: Setup, doubts: Vec<Doubt>, address: SocketAddr) -> Result<Outcome, Failure> {
    let Setup {
        root,
        config,
        tagger,
        ..
    } = setup;
    let desk = Desk::new(root, config, tagger, doubts);
    let running = desk::start(desk, address).map_err(|error| match error {
        DeskError::NotLoopback(_) => Failure::Usage(
            Problem::error(error.to_string()).help("name an address such as 127.0.0.1:8090"),
        ),
        _ => Failure::Failed(error.to_string()),
    })?;
    print::line(&format!("Review: {}", running.url()));
    print::line("Ctrl-C ends it.");
    let (sender, receiver) = mpsc::channel();
    super::watch::on_signal(move || {
        // Fails only when we have stopped already.
        let _ = sender.send(());
    })?;
    // Fails only when the handler is gone, and then nothing else could stop us.
    let _ = receiver.recv();
    drop(running);
    print::line("Stopped.");
    Ok(Outcome::Fine)
}

/// Keeps what the arguments decide about one item.
fn command(setup: &Setup, file: &str, terms: &[String], accepted: bool) -> Result<(), Failure> {
    let path = item(setup, file)?;
    let mut decisions = Vec::new();
    for text in terms {
        let term =
            decided::term_of(&setup.config.taxonomy, text).ok_or_else(|| no_term(setup, text))?;
        decisions.push(Decision::new(accepted, key(&setup.config, term)));
    }
    keep(setup, &path, &decisions).map(drop)
}

/// The item's file, as the arguments name it: from here or from the newsroom's folder.
fn item(setup: &Setup, file: &str) -> Result<PathBuf, Failure> {
    let named = Path::new(file);
    let path = named
        .canonicalize()
        .or_else(|_| setup.root.join(named).canonicalize())
        .map_err(|error| Failure::Usage(Problem::error(format!("{file}: {error}"))))?;
    let is_item = !setup.scanner.below(&path).found.is_empty() && format_of(&path).is_some();
    if is_item && path.is_file() {
        Ok(path)
    } else {
        let problem = Problem::error(format!("{file} is not an item of this newsroom"));
        Err(Failure::Usage(
            problem.help("name one file below the items' folders"),
        ))
    }
}

fn no_term(setup: &Setup, text: &str) -> Failure {
    let taxonomy = &setup.config.taxonomy;
    let (facet, name) = text.split_once(':').unwrap_or(("", text));
    let facets: Vec<&str> = taxonomy
        .facets
        .iter()
        .map(|facet| facet.key.as_str())
        .collect();
    let help = match taxonomy.facet_named(facet) {
        None => format!("write facet:term; the facets are {}", facets.join(", ")),
        Some(facet) => match setup.tagger.nearest(facet, name) {
            Some(term) => format!("did you mean {}?", key(&setup.config, term)),
            None => "`tidings list terms` lists all terms".to_owned(),
        },
    };
    Failure::Usage(Problem::error(format!("there is no term '{text}'")).help(help))
}

/// Writes decisions, and says where.
fn keep(setup: &Setup, path: &Path, decisions: &[Decision]) -> Result<bool, Failure> {
    let Some(format) = format_of(path) else {
        return Ok(false);
    };
    let written = decide::decide(path, format, setup.config.tags.decisions, decisions)
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let shown = |path: &Path| {
        let path = path.strip_prefix(&setup.root).unwrap_or(path);
        path.display().to_string()
    };
    match &written {
        Some(file) => print::line(&format!("kept in {}", shown(file))),
        None => print::line(&format!("{}: decided so already", shown(path))),
    }
    Ok(written.is_some())
}

/// Shows one item after another and asks about each suggestion.
fn ask(setup: &Setup, doubts: &[Doubt]) -> Result<(), Failure> {
    if doubts.is_empty() {
        print::line("Nothing to review.");
        return Ok(());
    }
    let terminal = Term::stdout();
    let mut changed = false;
    'items: for (number, doubt) in (1..).zip(doubts) {
        print::line(&format!(
            "\n[{number} of {}] {}",
            doubts.len(),
            full(&setup.config, doubt)
        ));
        let mut decisions: Vec<Decision> = Vec::new();
        let mut ends = false;
        let mut left = doubt.suggested.iter();
        let mut suggestion = left.next();
        loop {
            match suggestion {
                Some(tag) => print::line(&format!(
                    "  {}?  y accept, n reject, + add another, s next item, q end",
                    shown(&setup.config, tag)
                )),
                None => print::line("  + add a term, s next item, q end"),
            }
            let answer = match terminal.read_key_raw()? {
                Key::Char(letter) => letter.to_ascii_lowercase(),
                Key::Escape | Key::CtrlC => 'q',
                Key::Enter | Key::ArrowDown | Key::ArrowRight => 's',
                _ => continue,
            };
            match (answer, suggestion) {
                ('y' | 'n', Some(tag)) => {
                    let term = key(&setup.config, tag.term);
                    decisions.push(Decision::new(answer == 'y', term));
                    suggestion = left.next();
                }
                ('+' | 'a', _) => decisions.extend(added(setup, doubt.facet)?),
                ('s' | ' ', _) => break,
                ('q', _) => {
                    ends = true;
                    break;
                }
                _ => continue,
            }
            if suggestion.is_none() && !doubt.suggested.is_empty() && !decisions.is_empty() {
                break;
            }
        }
        // What was decided is kept item by item: ending early loses nothing.
        if !decisions.is_empty() {
            changed |= keep(setup, &setup.root.join(&doubt.path), &decisions)?;
        }
        if ends {
            break 'items;
        }
    }
    if changed {
        print::line(
            "\nThe next `tidings build` publishes what was decided; `watch` does so at once.",
        );
    }
    Ok(())
}

/// A term that the editor types, by its name or slug; `None` if it is left empty.
fn added(setup: &Setup, facet: FacetId) -> Result<Option<Decision>, Failure> {
    let taxonomy = &setup.config.taxonomy;
    loop {
        print::line(&format!(
            "  Name of a {}, empty to go back:",
            taxonomy.facet(facet).name.to_lowercase()
        ));
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let name = line.trim();
        if name.is_empty() {
            return Ok(None);
        }
        let found = setup.tagger.named(facet, name);
        match found.or_else(|| decided::term_of(taxonomy, name)) {
            Some(term) => return Ok(Some(Decision::new(true, key(&setup.config, term)))),
            None => match setup.tagger.nearest(facet, name) {
                Some(term) => print::line(&format!(
                    "  Unknown. Did you mean {}?",
                    taxonomy.term(term).name
                )),
                None => print::line("  Unknown."),
            },
        }
    }
}

fn full(config: &Config, doubt: &Doubt) -> String {
    let given: Vec<&str> = doubt
        .given
        .iter()
        .map(|(term, _)| config.taxonomy.term(*term).name.as_str())
        .collect();
    let given = if given.is_empty() {
        "none".to_owned()
    } else {
        given.join(", ")
    };
    let mut text = format!(
        "{}\n{}\n{}\n\n  {}: {given} ({})\n",
        doubt.title,
        doubt.path,
        doubt.lead,
        config.taxonomy.facet(doubt.facet).plural,
        doubt.reason.in_words(),
    );
    if let Some(unseen) = &doubt.unseen {
        text.push_str(&format!(
            "  The model has not learned the language of this text ({unseen}): suggestions are those of rules.\n"
        ));
    }
    text
}

fn name(reason: Reason) -> &'static str {
    match reason {
        Reason::Conflict => "conflict",
        Reason::Missing => "missing",
        Reason::Unsure => "unsure",
    }
}

/// A suggestion with how sure it is: `Elections (41 %, given from 62 %)`.
fn shown(config: &Config, tag: &Tag) -> String {
    format!(
        "{} ({})",
        config.taxonomy.term(tag.term).name,
        sureness(tag)
    )
}

fn key(config: &Config, term: TermId) -> String {
    let term = config.taxonomy.term(term);
    format!("{}:{}", config.taxonomy.facet(term.facet).key, term.slug)
}

/// One line: reason, file, facet, terms given, terms suggested, divided by tabs.
fn row(config: &Config, doubt: &Doubt) -> String {
    let given: Vec<String> = doubt
        .given
        .iter()
        .map(|(term, _)| key(config, *term))
        .collect();
    let suggested: Vec<String> = doubt
        .suggested
        .iter()
        .map(|tag| format!("{}={:.2}", key(config, tag.term), tag.score))
        .collect();
    let or_dash = |cells: Vec<String>| {
        if cells.is_empty() {
            "-".to_owned()
        } else {
            cells.join(" ")
        }
    };
    [
        name(doubt.reason).to_owned(),
        doubt.path.clone(),
        config.taxonomy.facet(doubt.facet).key.clone(),
        or_dash(given),
        or_dash(suggested),
    ]
    .join("\t")
}

fn json_of(config: &Config, doubt: &Doubt) -> Value {
    let given = doubt
        .given
        .iter()
        .map(|(term, origin)| json!({ "term": key(config, *term), "origin": origin }));
    let suggested = doubt.suggested.iter().map(|tag| {
        json!({
            "term": key(config, tag.term),
            "origin": tag.origin,
            "score": tag.score,
            "threshold": tag.threshold,
            "evidence": tag.evidence,
        })
    });
    json!({
        "reason": doubt.reason,
        "path": doubt.path,
        "title": doubt.title,
        "facet": config.taxonomy.facet(doubt.facet).key,
        "given": given.collect::<Vec<_>>(),
        "suggested": suggested.collect::<Vec<_>>(),
        "language_not_learned": doubt.unseen,
    })
}
