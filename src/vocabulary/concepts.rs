//! Resources to concepts: what SKOS means by what is said.

mod parents;

use std::collections::{BTreeMap, HashMap};

use oxrdf::Term;

use super::notes::{MOST, Notes};
use super::rdf::{Resource, Resources, node};
use super::said::{
    DC, DCTERMS, OWL, RDFS_LABEL, SKOS, is, is_concept, is_in, last_segment, objects, shortened,
    texts,
};
use super::taken::Taken;
use super::{Concept, Context, Reading, Vocabulary};
use crate::diagnostic::Problem;
use crate::language::lies_within;
use crate::taxonomy::slug::{is_slug, slug};

/// What of a concept is understood, or follows from what is, so that nothing is lost with it.
const KNOWN: [&str; 20] = [
    "skos:prefLabel",
    "skos:altLabel",
    "skos:hiddenLabel",
    "skos:notation",
    "skos:broader",
    "skos:narrower",
    "skos:broaderTransitive",
    "skos:narrowerTransitive",
    "skos:inScheme",
    "skos:topConceptOf",
    "skos:exactMatch",
    "skos:historyNote",
    "skos:changeNote",
    "dcterms:replaces",
    "dcterms:isReplacedBy",
    "owl:deprecated",
    "rdf:type",
    "rdfs:label",
    "dcterms:identifier",
    "dc:identifier",
];

/// The concepts of a file.
///
/// # Errors
/// When there is none, or none of the scheme that is asked for.
pub(super) fn of(
    resources: &Resources,
    context: Context<'_>,
    only: Option<&str>,
) -> Result<Reading, Problem> {
    let schemes: Vec<&Resource> = resources
        .all
        .iter()
        .filter(|it| is(it, "ConceptScheme"))
        .collect();
    let chosen: Vec<&Resource> = resources
        .all
        .iter()
        .filter(|it| is_concept(it) && only.is_none_or(|scheme| is_in(it, scheme)))
        .collect();
    if chosen.is_empty() {
        return Err(no_concepts(&schemes, only));
    }
    let mut reader = Reader {
        context,
        places: chosen
            .iter()
            .enumerate()
            .map(|(place, it)| (it.iri.as_str(), place))
            .collect(),
        notes: Notes::default(),
        left_out: BTreeMap::new(),
        languages: BTreeMap::new(),
    };
    if only.is_none() && schemes.len() > 1 {
        let problem = Problem::warning(format!("the file holds {} schemes", schemes.len()));
        let list = schemes.iter().take(MOST).map(|it| it.iri.as_str());
        let help = format!(
            "all were taken together; choose one with --scheme: {}",
            list.collect::<Vec<_>>().join(", ")
        );
        reader.notes.problems.push(problem.help(help));
    }
    let slugs = reader.slugs(&chosen);
    let parents = reader.parents(resources, &chosen);
    let concepts: Vec<Concept> = chosen
        .iter()
        .enumerate()
        .map(|(place, it)| reader.concept(it, &slugs, place, parents[place]))
        .collect();
    let scheme = only.map_or_else(
        || schemes.first().copied(),
        |iri| resources.place(iri).map(|place| &resources.all[place]),
    );
    let name = scheme.and_then(|it| reader.title(it)).unwrap_or_default();
    Ok(Reading {
        vocabulary: Vocabulary { name, concepts },
        problems: reader.finish(),
    })
}

fn no_concepts(schemes: &[&Resource], only: Option<&str>) -> Problem {
    match only {
        Some(scheme) => {
            let list: Vec<&str> = schemes.iter().take(MOST).map(|it| &*it.iri).collect();
            let help = match list.is_empty() {
                true => "the file names no scheme at all: leave out --scheme".to_owned(),
                false => format!("the file has {}", list.join(", ")),
            };
            Problem::error(format!("no concept is in the scheme {scheme}")).help(help)
        }
        None => Problem::error("the file holds no SKOS concepts")
            .help("concepts are of the type skos:Concept and have a skos:prefLabel"),
    }
}

struct Reader<'a> {
    context: Context<'a>,
    /// The places of the chosen concepts.
    places: HashMap<&'a str, usize>,
    notes: Notes,
    /// How often what was said with a predicate that means nothing here.
    left_out: BTreeMap<String, usize>,
    /// How many names are in languages that the site does not have.
    languages: BTreeMap<String, usize>,
}

impl Reader<'_> {
    /// The best text for the main language: in it, in none, in English, in any.
    fn main_text<'t>(&self, texts: &'t [(Option<&str>, String)]) -> Option<&'t str> {
        let main = self.context.main();
        let in_range = |range: &str| {
            let exact = texts
                .iter()
                .find(|(tag, _)| tag.is_some_and(|tag| tag.eq_ignore_ascii_case(range)));
            exact.or_else(|| {
                texts
                    .iter()
                    .find(|(tag, _)| tag.is_some_and(|tag| lies_within(tag, range)))
            })
        };
        in_range(main)
            .or_else(|| texts.iter().find(|(tag, _)| tag.is_none()))
            .or_else(|| in_range("en"))
            .or_else(|| texts.first())
            .map(|(_, text)| text.as_str())
    }

    fn title(&self, scheme: &Resource) -> Option<String> {
        let names = [
            format!("{SKOS}prefLabel"),
            format!("{DCTERMS}title"),
            format!("{DC}title"),
            RDFS_LABEL.to_owned(),
        ];
        names
            .iter()
            .find_map(|name| self.main_text(&texts(scheme, name)).map(str::to_owned))
    }

    /// The name, from labels or, failing these, from the IRI.
    fn name(&self, it: &Resource) -> String {
        let labels = ["prefLabel", RDFS_LABEL];
        let found = labels
            .iter()
            .find_map(|label| self.main_text(&texts(it, label)).map(str::to_owned));
        found.unwrap_or_else(|| last_segment(&it.iri).to_owned())
    }

    /// A slug for each concept, all different.
    fn slugs(&mut self, chosen: &[&Resource]) -> Vec<String> {
        let mut taken = Taken::default();
        let mut slugs = Vec::with_capacity(chosen.len());
        for it in chosen {
            let name = self.name(it);
            let notations = texts(it, "notation");
            let stated = notations
                .iter()
                .find(|(_, notation)| is_stated_slug(notation));
            if let (None, Some((_, notation))) = (stated, notations.first()) {
                let message = format!("the notation '{notation}' of '{name}' is no slug");
                self.notes.add(
                    "notations that are no slugs",
                    Problem::warning(message).help("the slug was made from the name"),
                );
            }
            let wanted = match stated {
                Some((_, notation)) => notation.clone(),
                None => Some(slug(&name))
                    .filter(|slug| !slug.is_empty())
                    .or_else(|| Some(slug(last_segment(&it.iri))).filter(|it| !it.is_empty()))
                    .unwrap_or_else(|| "concept".to_owned()),
            };
            let own = taken.give(&wanted);
            if own != wanted {
                let what = match stated {
                    Some(_) => "notation",
                    None => "slug",
                };
                let message = format!("the {what} '{wanted}' of '{name}' is taken by another");
                let help = format!("it was given '{own}'; change it before feeds live under it");
                self.notes.add(
                    "notations that stand twice",
                    Problem::warning(message).help(help),
                );
            }
            slugs.push(own);
        }
        slugs
    }

    fn concept(
        &mut self,
        it: &Resource,
        slugs: &[String],
        place: usize,
        parent: Option<usize>,
    ) -> Concept {
        let name = self.name(it);
        let preferred = texts(it, "prefLabel");
        if preferred.is_empty() {
            let message = format!("{} has no skos:prefLabel", it.iri);
            let help = format!("it is called '{name}'");
            self.notes.add(
                "concepts without a label",
                Problem::warning(message).help(help),
            );
        }
        let mut concept = Concept {
            slug: slugs[place].clone(),
            parent: parent.map(|at| slugs[at].clone()),
            closed: objects(it, &format!("{OWL}deprecated"))
                .any(|it| matches!(it, Term::Literal(it) if matches!(it.value(), "true" | "1"))),
            ..Concept::default()
        };
        for (language, text) in &preferred {
            let Some(language) = language.filter(|_| *text != name) else {
                continue;
            };
            match self.site_language(language) {
                Some(tag) if concept.names.iter().all(|(other, _)| *other != tag) => {
                    concept.names.push((tag, text.clone()));
                }
                Some(_) => push_new(&mut concept.aliases, text.clone()),
                None if lies_within(language, self.context.main()) => {
                    push_new(&mut concept.aliases, text.clone());
                }
                None => *self.languages.entry(language.to_owned()).or_default() += 1,
            }
        }
        // The site's order, whatever the file's.
        concept.names.sort_by_key(|(tag, _)| {
            self.context
                .languages
                .iter()
                .position(|language| language == tag)
        });
        for (language, text) in texts(it, "altLabel") {
            if text == name {
                continue;
            }
            match language {
                None => push_new(&mut concept.aliases, text),
                Some(language)
                    if lies_within(language, self.context.main())
                        || self.site_language(language).is_some() =>
                {
                    push_new(&mut concept.aliases, text);
                }
                Some(language) => *self.languages.entry(language.to_owned()).or_default() += 1,
            }
        }
        for (language, text) in texts(it, "hiddenLabel") {
            let language = language
                .filter(|language| !lies_within(language, self.context.main()))
                .map(str::to_owned);
            push_new(&mut concept.keywords, (language, text));
        }
        self.links(it, slugs, &name, &mut concept);
        self.count_left_out(it);
        concept.name = name;
        concept
    }

    /// The IRIs of other concepts: the same elsewhere, former ones, successors.
    fn links(&mut self, it: &Resource, slugs: &[String], name: &str, concept: &mut Concept) {
        let base = self.context.base();
        for object in objects(it, &format!("{SKOS}exactMatch")) {
            match object {
                Term::NamedNode(node) => push_new(&mut concept.matches, node.as_str().to_owned()),
                _ => {
                    *self
                        .left_out
                        .entry("skos:exactMatch".to_owned())
                        .or_default() += 1
                }
            }
        }
        for object in objects(it, &format!("{DCTERMS}replaces")).filter_map(node) {
            let former = object
                .strip_prefix(&base)
                .unwrap_or_else(|| last_segment(&object));
            if is_slug(former) && !slugs.iter().any(|slug| slug == former) {
                push_new(&mut concept.was, former.to_owned());
            } else {
                let message = format!("'{name}' replaces {object}, whose former slug is not known");
                let help = "add it to 'was' if feeds lived under it";
                self.notes
                    .add("former concepts", Problem::warning(message).help(help));
            }
        }
        for object in objects(it, &format!("{DCTERMS}isReplacedBy")).filter_map(node) {
            match self.places.get(object.as_str()) {
                Some(at) if slugs[*at] != concept.slug => {
                    push_new(&mut concept.replaced_by, slugs[*at].clone());
                    concept.closed = true;
                }
                _ => {
                    let message = format!("'{name}' is replaced by {object}, which is not here");
                    self.notes.add("successors", Problem::warning(message));
                }
            }
        }
    }

    /// The site's language, other than the main one, that a tag belongs to.
    fn site_language(&self, language: &str) -> Option<String> {
        let others = self.context.languages.get(1..).unwrap_or_default();
        let exact = others.iter().find(|tag| tag.eq_ignore_ascii_case(language));
        exact
            .or_else(|| others.iter().find(|tag| lies_within(language, tag)))
            .map(|tag| (*tag).to_owned())
    }

    fn count_left_out(&mut self, it: &Resource) {
        for (predicate, _) in &it.said {
            let short = shortened(predicate);
            if !KNOWN.contains(&short.as_str()) {
                *self.left_out.entry(short).or_default() += 1;
            }
        }
    }

    fn finish(self) -> Vec<Problem> {
        let mut problems = self.notes.finish();
        let listed = |counts: &BTreeMap<String, usize>| {
            let each = counts
                .iter()
                .map(|(what, count)| format!("{what} ({count})"));
            each.collect::<Vec<_>>().join(", ")
        };
        if !self.languages.is_empty() {
            let message = format!(
                "names in other languages were left out: {}",
                listed(&self.languages)
            );
            let help = "add a language to [site] languages to keep its names";
            problems.push(Problem::warning(message).help(help));
        }
        if !self.left_out.is_empty() {
            let message = format!("not understood and left out: {}", listed(&self.left_out));
            problems.push(
                Problem::warning(message)
                    .help("a term has no place for these; nothing else is lost"),
            );
        }
        problems
    }
}

/// A notation that people would have as a slug: not a bare number or code.
fn is_stated_slug(notation: &str) -> bool {
    is_slug(notation) && notation.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
