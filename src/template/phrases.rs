//! The texts that templates say through `t` and `count`, so that those without a translation are
//! known before a reader meets them.

use std::collections::BTreeMap;

use handlebars::Template;
use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use serde_json::Value;

use super::{HTML, TEXT, Templates};
use crate::diagnostic::Problem;
use crate::language::{OWN_PHRASES, Words};

/// A text of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// In English, as it stands in the template; of a counted word, its singular.
    pub text: String,
    /// The first template that says it, `home.html.hbs`; `None` for the program itself.
    pub file: Option<String>,
}

impl Templates {
    /// Every text that the templates and the program say, once, in the order of the templates'
    /// names.
    pub fn phrases(&self) -> Vec<Phrase> {
        let compiled = self.compiled();
        let mut found: BTreeMap<String, Phrase> = BTreeMap::new();
        for name in self.sources.keys() {
            let template = if let Some(stem) = name.strip_suffix(HTML) {
                compiled.html.get_template(stem)
            } else if let Some(stem) = name.strip_suffix(TEXT) {
                compiled.text.get_template(stem)
            } else {
                None
            };
            let mut texts = Vec::new();
            if let Some(template) = template {
                of_template(template, &mut texts);
            }
            for text in texts {
                let file = Some(name.clone());
                found.entry(text.clone()).or_insert(Phrase { text, file });
            }
        }
        let own = OWN_PHRASES.map(|text| Phrase {
            text: text.to_owned(),
            file: None,
        });
        for phrase in own {
            found.entry(phrase.text.clone()).or_insert(phrase);
        }
        let mut phrases: Vec<Phrase> = found.into_values().collect();
        phrases.sort_by(|a, b| (&a.file, &a.text).cmp(&(&b.file, &b.text)));
        phrases
    }

    /// A warning that names the texts which `words` cannot say, if there are any; they are said
    /// in English.
    pub fn untranslated(&self, words: &Words) -> Option<Problem> {
        let missing: Vec<Phrase> = self
            .phrases()
            .into_iter()
            .filter(|phrase| !words.knows(&phrase.text))
            .collect();
        let first = missing.first()?;
        let language = words.language();
        let texts = match missing.len() {
            1 => "1 text of the templates is".to_owned(),
            count => format!("{count} texts of the templates are"),
        };
        let problem = Problem::warning(format!(
            "{texts} not translated into '{language}', and said in English: \"{}\"{}",
            first.text,
            if missing.len() > 1 { ", ..." } else { "" },
        ))
        .help(format!(
            "add '\"{}\" = \"...\"' under [language.{language}.strings]; 'tidings list strings' shows all of them",
            first.text
        ));
        Some(problem)
    }
}

fn of_template(template: &Template, texts: &mut Vec<String>) {
    for element in &template.elements {
        of_element(element, texts);
    }
}

fn of_element(element: &TemplateElement, texts: &mut Vec<String>) {
    match element {
        TemplateElement::Expression(call)
        | TemplateElement::HtmlExpression(call)
        | TemplateElement::HelperBlock(call) => of_call(call, texts),
        TemplateElement::DecoratorBlock(block)
        | TemplateElement::DecoratorExpression(block)
        | TemplateElement::PartialExpression(block)
        | TemplateElement::PartialBlock(block) => {
            for parameter in block.params.iter().chain(block.hash.values()) {
                of_parameter(parameter, texts);
            }
            if let Some(inner) = &block.template {
                of_template(inner, texts);
            }
        }
        _ => {}
    }
}

fn of_call(call: &HelperTemplate, texts: &mut Vec<String>) {
    let place = match call.name.as_name() {
        Some("t") => Some(0),
        Some("count") => Some(1),
        _ => None,
    };
    let literal = place.and_then(|place| call.params.get(place));
    if let Some(Parameter::Literal(Value::String(text))) = literal {
        texts.push(text.clone());
    }
    for parameter in call.params.iter().chain(call.hash.values()) {
        of_parameter(parameter, texts);
    }
    for inner in [&call.template, &call.inverse].into_iter().flatten() {
        of_template(inner, texts);
    }
}

fn of_parameter(parameter: &Parameter, texts: &mut Vec<String>) {
    if let Parameter::Subexpression(inner) = parameter {
        of_element(&inner.element, texts);
    }
}
