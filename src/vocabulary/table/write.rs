//! A vocabulary to a table.

use csv::WriterBuilder;

use crate::diagnostic::Problem;
use crate::vocabulary::{Context, Vocabulary};

/// Writes a table with commas and LF, in UTF-8.
pub(in crate::vocabulary) fn write(
    vocabulary: &Vocabulary,
    context: Context<'_>,
) -> Result<Vec<u8>, Problem> {
    let others = context.languages.get(1..).unwrap_or_default();
    let mut in_languages: Vec<&str> = Vec::new();
    let keyword_languages = vocabulary
        .concepts
        .iter()
        .flat_map(|concept| &concept.keywords)
        .filter_map(|(language, _)| language.as_deref());
    for language in keyword_languages {
        if !in_languages.contains(&language) {
            in_languages.push(language);
        }
    }
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let failed =
        |error: csv::Error| Problem::error(format!("the table cannot be written: {error}"));
    let mut head = vec!["slug".to_owned(), "name".to_owned()];
    head.extend(others.iter().map(|tag| format!("name@{tag}")));
    head.extend(["aliases", "parent", "keywords"].map(str::to_owned));
    head.extend(in_languages.iter().map(|tag| format!("keywords@{tag}")));
    head.extend(["was", "closed", "replaced_by", "matches"].map(str::to_owned));
    writer.write_record(&head).map_err(failed)?;
    for concept in &vocabulary.concepts {
        let name_in = |tag: &&str| {
            let found = concept.names.iter().find(|(other, _)| other == *tag);
            found.map_or(String::new(), |(_, name)| name.clone())
        };
        let keywords = |language: Option<&str>| {
            let words = concept.keywords.iter();
            joined(
                words
                    .filter(|(other, _)| other.as_deref() == language)
                    .map(|(_, word)| word.as_str()),
            )
        };
        let texts = |list: &[String]| joined(list.iter().map(String::as_str));
        let mut row = vec![concept.slug.clone(), concept.name.clone()];
        row.extend(others.iter().map(name_in));
        row.push(texts(&concept.aliases));
        row.push(concept.parent.clone().unwrap_or_default());
        row.push(keywords(None));
        row.extend(in_languages.iter().map(|tag| keywords(Some(tag))));
        row.push(texts(&concept.was));
        row.push(if concept.closed { "yes" } else { "" }.to_owned());
        row.push(texts(&concept.replaced_by));
        row.push(texts(&concept.matches));
        writer.write_record(&row).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|error| Problem::error(format!("the table cannot be written: {error}")))
}

/// A list as one cell; a bar at its end where a semicolon would divide it otherwise.
fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<String> = texts
        .map(|text| text.replace('\\', "\\\\").replace('|', "\\|"))
        .collect();
    let cell = texts.join("|");
    match cell.contains(';') && texts.len() == 1 {
        true => cell + "|",
        false => cell,
    }
}
