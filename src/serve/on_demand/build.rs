//! `/build/`: what was ticked becomes a selection, and the selection a feed to look at.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::query::{DEFAULT_FORMAT, normal, parameter};
use super::{OnDemand, respond, text, unready};
use crate::diagnostic::{Problem, Style, render};
use crate::feed::Format;
use crate::language::LanguageId;
use crate::page::{self, Build, Built, Choice, ChoiceGroup, FeedLink};
use crate::publish::on_demand::{BUILD_PATH, feed_url};
use crate::publish::topic::below;
use crate::selection::{self, Selection};
use crate::serve::files::Answered;
use crate::serve::headers::insert;
use crate::serve::items::{Counts, Current};
use crate::taxonomy::{FacetId, TermId};

/// The most entries of the preview.
const PREVIEW: usize = 10;

/// What a query says.
struct Asked {
    /// `country:albania`
    terms: BTreeSet<String>,
    languages: BTreeSet<String>,
    kinds: BTreeSet<String>,
    format: Format,
    /// A selection written by hand.
    written: Option<String>,
}

impl Asked {
    fn read(query: &str) -> Asked {
        let all = |name: &str| -> BTreeSet<String> {
            url::form_urlencoded::parse(query.as_bytes())
                .filter(|(other, _)| other == name)
                .map(|(_, value)| value.into_owned())
                .collect()
        };
        let format = parameter(query, "format").ok().flatten();
        let format = format.and_then(|word| {
            let mut formats = Format::ALL.into_iter();
            formats.find(|format| format.word() == word)
        });
        Asked {
            terms: all("term"),
            languages: all("language"),
            kinds: all("type"),
            format: format.unwrap_or(DEFAULT_FORMAT),
            written: parameter(query, "select").ok().flatten(),
        }
    }

    /// Any of the ticks under each heading; `None` where nothing was ticked.
    fn selection(&self) -> Option<String> {
        if let Some(written) = &self.written {
            return Some(written.clone());
        }
        let terms = self.terms.iter();
        let terms = terms.map(|term| term.split_once(':').unwrap_or((term, "")));
        let languages = self.languages.iter().map(|value| ("language", &**value));
        let kinds = self.kinds.iter().map(|value| ("type", &**value));
        selection::of_ticks(terms.chain(languages).chain(kinds))
    }
}

impl OnDemand {
    /// The page in a language, with the feed of what was ticked.
    pub(super) fn page(&self, language: LanguageId, query: &str) -> Response<Body> {
        let current = match self.items.current() {
            Ok(current) => current,
            Err(why) => return unready(&why),
        };
        let Some(current) = &*current else {
            return unready("nothing has been published yet");
        };
        let asked = Asked::read(query);
        let path = BUILD_PATH.trim_end_matches('/');
        let mut build = Build {
            groups: groups(current, language, &asked),
            translations: current.publisher().translations_at(path),
            formats: formats(asked.format),
            written: asked.written.clone(),
            ..Build::default()
        };
        let taxonomy = &current.setup().config.taxonomy;
        let selection = asked
            .selection()
            .map(|selection| normal(&selection, taxonomy));
        let mut status = StatusCode::OK;
        let built = match selection {
            None => Ok(None),
            Some(Ok(selection)) => built(current, language, &selection, asked.format).map(Some),
            Some(Err(problem)) => {
                status = StatusCode::BAD_REQUEST;
                build.error = Some(render(&[problem], Style::Plain));
                Ok(None)
            }
        };
        let page = built.and_then(|built| {
            build.built = built;
            let folder = self.folders.get(usize::from(language.0));
            let path = below(folder.map_or("", |folder| folder), path);
            page::build(
                &current.setup().templates,
                current.site(language),
                &path,
                &build,
            )
        });
        match page {
            Ok(page) => self.html(status, page),
            Err(problem) => {
                tracing::error!(
                    "the page for building feeds cannot be made: {}",
                    problem.message
                );
                let words = "This page cannot be made.\n";
                text(StatusCode::INTERNAL_SERVER_ERROR, words)
            }
        }
    }

    fn html(&self, status: StatusCode, page: String) -> Response<Body> {
        let mut response = respond(status, Body::from(page));
        response.extensions_mut().insert(Answered("page"));
        let headers = response.headers_mut();
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, html);
        insert(headers, header::CACHE_CONTROL, &self.cache_control[1]);
        let policy = "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action \
                      'self'; base-uri 'none'; frame-ancestors 'none'";
        insert(headers, header::CONTENT_SECURITY_POLICY, policy);
        let referrer = HeaderValue::from_static("strict-origin-when-cross-origin");
        headers.insert(header::REFERRER_POLICY, referrer);
        response
    }
}

fn built(
    current: &Current,
    language: LanguageId,
    selection: &Selection,
    format: Format,
) -> Result<Built, Problem> {
    let config = &current.setup().config;
    let publisher = current.publisher();
    let items: Vec<_> = publisher.selected(selection).collect();
    let newest = items.iter().take(PREVIEW);
    let newest = newest.map(|item| publisher.entry(*item));
    let words = config.site.phrases.words(&current.site(language).language);
    let words = selection.words_in(&config.taxonomy, language, words);
    let link = |format: Format| FeedLink {
        title: words.clone(),
        format: format.name(),
        media_type: format.media_type(),
        url: feed_url(&config.site.base_url, &selection.text, format),
    };
    Ok(Built {
        newest: newest.collect::<Result<_, Problem>>()?,
        total: items.len(),
        selection: selection.text.clone(),
        feed: link(format),
        feeds: Format::ALL.map(link).into(),
        words,
    })
}

fn formats(chosen: Format) -> Vec<Choice> {
    let choice = |format: Format| Choice {
        value: format.word().to_owned(),
        name: format.name().to_owned(),
        items: None,
        depth: 0,
        checked: format == chosen,
    };
    Format::ALL.map(choice).into()
}

/// All that there is to tick: the terms that have items, languages and types where there are
/// several.
fn groups(current: &Current, language: LanguageId, asked: &Asked) -> Vec<ChoiceGroup> {
    let config = &current.setup().config;
    let Counts {
        terms: _,
        languages,
        kinds,
    } = current.counts();
    let mut groups: Vec<ChoiceGroup> = config
        .taxonomy
        .facets()
        .map(|(id, facet)| {
            let mut choices = Vec::new();
            let name = facet.plural_in(language).to_owned();
            terms((current, language, asked), id, None, 0, &mut choices);
            group(name, "term", choices)
        })
        .collect();
    let choice = |value: &str, name: &str, items: usize, ticked: &BTreeSet<String>| Choice {
        value: value.to_owned(),
        name: name.to_owned(),
        items: Some(items),
        depth: 0,
        checked: ticked.contains(value),
    };
    let kinds = kinds.iter().filter(|(value, _)| !value.is_empty());
    let kinds = kinds.map(|(value, (name, items))| choice(value, name, *items, &asked.kinds));
    let languages = languages
        .iter()
        .map(|(value, items)| choice(value, value, *items, &asked.languages));
    let words = config.site.phrases.words(&current.site(language).language);
    let words = |text: &str| words.say(text).to_owned();
    groups.push(group(words("Types"), "type", kinds.collect()));
    groups.push(group(words("Languages"), "language", languages.collect()));
    // One choice is none, unless somebody made it.
    groups.retain(|group| group.choices.len() > 1 || group.open || group.parameter == "term");
    groups.retain(|group| !group.choices.is_empty());
    groups
}

fn group(name: String, parameter: &'static str, choices: Vec<Choice>) -> ChoiceGroup {
    ChoiceGroup {
        open: choices.iter().any(|choice| choice.checked),
        name,
        parameter,
        choices,
    }
}

/// The terms of a facet below `parent` that have items, in the order of the taxonomy, each with
/// those below it. Ends, since configuration refuses cycles.
fn terms(
    (current, language, asked): (&Current, LanguageId, &Asked),
    facet: FacetId,
    parent: Option<TermId>,
    depth: usize,
    choices: &mut Vec<Choice>,
) {
    let taxonomy = &current.setup().config.taxonomy;
    let key = &taxonomy.facet(facet).key;
    for (id, term) in taxonomy.terms_of(facet) {
        if term.parent != parent {
            continue;
        }
        if let Some(items) = current.counts().terms.get(&id) {
            let value = format!("{key}:{}", term.slug);
            choices.push(Choice {
                name: term.name_in(language).to_owned(),
                items: Some(*items),
                depth: depth.min(3),
                checked: asked.terms.contains(&value),
                value,
            });
        }
        terms(
            (current, language, asked),
            facet,
            Some(id),
            depth + 1,
            choices,
        );
    }
}
