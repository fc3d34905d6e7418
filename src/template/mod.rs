//! Templates: Handlebars sources in, text out.
//!
//! The embedded ones stand in `embedded`; files of the newsroom's own may replace each of
//! them. HTML and plain text live in two registries, since only the first escapes. Both are
//! strict: a name that means nothing is a [`Problem`] with its line and column, never an empty
//! string. This room reads no files: sources are handed in.

mod block;
mod embedded;
mod function;
mod phrases;
mod place;
mod problem;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono_tz::Tz;
use handlebars::template::TemplateElement;
use handlebars::{Context, Handlebars, Template};
use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use crate::diagnostic::{Problem, did_you_mean};
use crate::language::Phrasebook;

pub use embedded::FILES as EMBEDDED;
pub use function::shorten;
pub use phrases::Phrase;

/// The end of the names of templates that write HTML.
const HTML: &str = ".html.hbs";
/// The end of the names of templates that write plain text.
const TEXT: &str = ".text.hbs";

/// All templates, with the files that pages need beside them.
pub struct Templates {
    /// Made when it is first needed: a newsroom of feeds alone never waits for it.
    compiled: OnceLock<Compiled>,
    phrases: Arc<Phrasebook>,
    /// Every source by its name below `templates/`, in the order of the names.
    sources: BTreeMap<String, Cow<'static, str>>,
    timezone: Tz,
}

/// The templates in the form in which they are rendered.
struct Compiled {
    html: Handlebars<'static>,
    text: Handlebars<'static>,
}

impl Templates {
    /// Compiles the embedded templates, with `overrides` in the place of those that bear the
    /// same name and beside the rest.
    ///
    /// An override is a name below `templates/` with forward slashes (`item.html.hbs`,
    /// `partials/entry.html.hbs`, `style.css`) and its source. Dates are written in `timezone`.
    ///
    /// # Errors
    ///
    /// Every template that cannot be read, and every name that nothing would ever use. Problems
    /// name files as `templates/…`.
    pub fn new(overrides: Vec<(String, String)>, timezone: Tz) -> Result<Templates, Vec<Problem>> {
        Templates::with_phrases(overrides, timezone, Arc::default())
    }

    /// As [`Templates::new`], saying the words of `phrases`.
    ///
    /// # Errors
    ///
    /// As those of [`Templates::new`].
    pub fn with_phrases(
        overrides: Vec<(String, String)>,
        timezone: Tz,
        phrases: Arc<Phrasebook>,
    ) -> Result<Templates, Vec<Problem>> {
        let mut problems = Vec::new();
        let overridden = !overrides.is_empty();
        let mut sources: BTreeMap<String, Cow<'static, str>> = embedded::FILES
            .iter()
            .map(|&(name, source)| (name.to_owned(), Cow::Borrowed(source)))
            .collect();
        for (name, source) in overrides {
            if name.ends_with(HTML) || name.ends_with(TEXT) || sources.contains_key(&name) {
                sources.insert(name, Cow::Owned(source));
            } else {
                problems.push(problem::unused(&name));
            }
        }

        let templates = Templates {
            compiled: OnceLock::new(),
            phrases,
            sources,
            timezone,
        };
        if overridden {
            problems.extend(templates.prepare().err().into_iter().flatten());
        }
        match problems.is_empty() {
            true => Ok(templates),
            false => Err(problems),
        }
    }

    /// Compiles what is not compiled yet, on all cores.
    ///
    /// # Errors
    ///
    /// Every template that cannot be read; never where all are the embedded ones.
    pub fn prepare(&self) -> Result<(), Vec<Problem>> {
        if self.compiled.get().is_none() {
            let sources: Vec<_> = self.sources.par_iter().filter_map(compile).collect();
            // Another thread may have been quicker; both made the same.
            let _ = self.compiled.set(self.registered(sources)?);
        }
        Ok(())
    }

    fn compiled(&self) -> &Compiled {
        // One by one: whoever waits for other threads here may wait for one that waits for this.
        self.compiled.get_or_init(|| {
            let sources = self.sources.iter().filter_map(compile).collect();
            self.registered(sources)
                .expect("all but the embedded ones, which tests compile, were prepared before")
        })
    }

    fn registered(&self, sources: Vec<Source<'_>>) -> Result<Compiled, Vec<Problem>> {
        let mut html = registry(self.timezone, &self.phrases);
        html.register_escape_fn(escape_html);
        let mut text = registry(self.timezone, &self.phrases);
        text.register_escape_fn(handlebars::no_escape);
        let mut problems = Vec::new();
        for one in sources {
            let registry = match one.name.ends_with(HTML) {
                true => &mut html,
                false => &mut text,
            };
            match one.template {
                Ok(template) => registry.register_template(one.stem, template),
                Err(error) => {
                    problems.push(problem::unreadable(one.name, one.source, &error));
                }
            }
        }
        match problems.is_empty() {
            true => Ok(Compiled { html, text }),
            false => Err(problems),
        }
    }

    /// What the template `name` (`item.html`, `digest.text`: its file's name without `.hbs`)
    /// makes of `context`.
    ///
    /// # Errors
    ///
    /// The template does not exist, or it names a variable, a partial or a helper that does not
    /// exist; with the file and the place.
    pub fn render(&self, name: &str, context: &impl Serialize) -> Result<String, Problem> {
        let (registry, stem, suffix) =
            match (name.strip_suffix(".html"), name.strip_suffix(".text")) {
                (Some(stem), _) => (&self.compiled().html, stem, HTML),
                (_, Some(stem)) => (&self.compiled().text, stem, TEXT),
                _ => return Err(self.unknown(name)),
            };
        if !registry.has_template(stem) {
            return Err(self.unknown(name));
        }
        let context = Context::wraps(context).map_err(|error| {
            Problem::error(format!("'{name}' cannot be given its values: {error}"))
        })?;
        registry
            .render_with_context(stem, &context)
            .map_err(|error| {
                let file = error.template_name.as_deref().unwrap_or(stem);
                let file = format!("{file}{suffix}");
                let source = self.sources.get(&file).map_or("", |source| source);
                let names = registry.get_templates().keys().map(String::as_str);
                problem::failed(&file, source, &error, context.data(), names)
            })
    }

    /// The text of a file that pages link to: `style.css`, `icon.svg`.
    pub fn asset(&self, name: &str) -> Option<&str> {
        self.sources.get(name).map(|source| &**source)
    }

    /// The names of all templates that [`Templates::render`] knows, in order: `item.html`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources
            .keys()
            .filter_map(|name| name.strip_suffix(".hbs"))
    }

    /// A number that changes when any source, or the zone of dates, changes.
    pub fn fingerprint(&self) -> u64 {
        let mut hash = Xxh3::new();
        for part in self
            .sources
            .iter()
            .flat_map(|(name, source)| [name.as_str(), source])
            .chain([self.timezone.name()])
        {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.digest()
    }

    fn unknown(&self, name: &str) -> Problem {
        let problem = Problem::error(format!("there is no template '{name}.hbs'"));
        match did_you_mean(name, self.names()) {
            Some(near) => problem.help(format!("did you mean '{near}.hbs'?")),
            None => problem.help("templates end in '.html.hbs' or '.text.hbs'"),
        }
    }
}

/// A strict registry with our functions and blocks, without templates.
fn registry(timezone: Tz, phrases: &Arc<Phrasebook>) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    block::register(&mut registry);
    function::register(&mut registry, timezone, phrases);
    registry
}

/// A source, compiled.
struct Source<'s> {
    name: &'s str,
    source: &'s str,
    /// What it is called in its registry.
    stem: &'s str,
    template: Result<Template, Box<handlebars::TemplateError>>,
}

/// Compiles a source, if it is one of a template.
fn compile<'s>((name, source): (&'s String, &'s Cow<'static, str>)) -> Option<Source<'s>> {
    let stem = name.strip_suffix(HTML).or(name.strip_suffix(TEXT))?;
    Some(Source {
        name,
        source,
        stem,
        template: template(stem, source).map_err(Box::new),
    })
}

fn template(name: &str, source: &str) -> Result<Template, handlebars::TemplateError> {
    let mut alone = Handlebars::new();
    // Otherwise a partial's indentation is put before each of its lines, those of <pre> too.
    alone.set_prevent_indent(true);
    alone.register_template_string(name, source)?;
    // It has just been registered under this name.
    let mut template = alone.get_template(name).cloned().unwrap_or_default();
    name_inline_partials(&mut template, name);
    Ok(template)
}

/// Writes the file's name into the inline partials of a template: an error in one of them would
/// otherwise be said to stand in the layout that calls it.
fn name_inline_partials(template: &mut Template, name: &str) {
    for element in &mut template.elements {
        match element {
            TemplateElement::DecoratorBlock(decorator) => {
                if let Some(inner) = &mut decorator.template {
                    inner.name = Some(name.to_owned());
                    name_inline_partials(inner, name);
                }
            }
            TemplateElement::PartialBlock(block) => {
                if let Some(inner) = &mut block.template {
                    name_inline_partials(inner, name);
                }
            }
            TemplateElement::HelperBlock(block) => {
                for inner in [&mut block.template, &mut block.inverse]
                    .into_iter()
                    .flatten()
                {
                    name_inline_partials(inner, name);
                }
            }
            _ => {}
        }
    }
}

/// Escapes what could end a text or a quoted attribute value in HTML.
pub(crate) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        escaped.push_str(&rest[..at]);
        escaped.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    escaped.push_str(rest);
    escaped
}
