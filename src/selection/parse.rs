//! Text to [`Query`]: a scanner over words and marks, and a descent of bounded depth.

use std::ops::Range;

use chrono::NaiveDate;

use super::{DEPTH_LIMIT, LENGTH_LIMIT, Query, RESERVED, SelectionError};
use crate::diagnostic::did_you_mean;
use crate::taxonomy::slug::slug;
use crate::taxonomy::{FacetId, Taxonomy};

/// What a bare word means: inside `facet:( )`, a value of that facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Any,
    Facet(FacetId),
    Language,
    Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Open,
    Close,
    Colon,
    Word(&'t str),
    End,
}

struct Parser<'t> {
    text: &'t str,
    taxonomy: &'t Taxonomy,
    token: Token<'t>,
    /// The bytes of `token`.
    span: Range<usize>,
    depth: usize,
}

pub(super) fn parse(text: &str, taxonomy: &Taxonomy) -> Result<Query, SelectionError> {
    if text.len() > LENGTH_LIMIT {
        return Err(SelectionError {
            span: 0..0,
            message: format!("a selection has at most {LENGTH_LIMIT} bytes"),
            help: Some("use a term higher up, or divide the selection".to_owned()),
        });
    }
    let mut parser = Parser {
        text,
        taxonomy,
        token: Token::End,
        span: 0..0,
        depth: 0,
    };
    parser.advance();
    if parser.token == Token::End {
        return Err(parser.error("the selection is empty", "write '*' for every item"));
    }
    let query = parser.either(Scope::Any)?;
    match parser.token {
        Token::End => Ok(query),
        Token::Close => Err(parser.error("this parenthesis closes nothing", "remove it")),
        _ => Err(parser.error(
            "expected 'and' or 'or' here",
            "join the conditions with one",
        )),
    }
}

impl<'t> Parser<'t> {
    fn advance(&mut self) {
        let rest = &self.text[self.span.end..];
        let start = self.text.len() - rest.trim_start().len();
        let rest = &self.text[start..];
        let is_mark = |c: char| matches!(c, '(' | ')' | ':');
        let (token, length) = match rest.chars().next() {
            None => (Token::End, 0),
            Some('(') => (Token::Open, 1),
            Some(')') => (Token::Close, 1),
            Some(':') => (Token::Colon, 1),
            Some(_) => {
                let length = rest
                    .find(|c: char| c.is_whitespace() || is_mark(c))
                    .unwrap_or(rest.len());
                (Token::Word(&rest[..length]), length)
            }
        };
        self.token = token;
        self.span = start..start + length;
    }

    /// Whether the token is this word, in any letter case.
    fn is_word(&self, expected: &str) -> bool {
        matches!(self.token, Token::Word(word) if word.eq_ignore_ascii_case(expected))
    }

    fn error(&self, message: impl Into<String>, help: impl Into<String>) -> SelectionError {
        SelectionError {
            span: self.span.clone(),
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// `x or y or z`
    fn either(&mut self, scope: Scope) -> Result<Query, SelectionError> {
        let mut members = vec![self.both(scope)?];
        while self.is_word("or") {
            self.advance();
            members.push(self.both(scope)?);
        }
        Ok(Query::or(members))
    }

    /// `x and y and z`
    fn both(&mut self, scope: Scope) -> Result<Query, SelectionError> {
        let mut members = vec![self.negation(scope)?];
        while self.is_word("and") {
            self.advance();
            members.push(self.negation(scope)?);
        }
        Ok(Query::and(members))
    }

    /// `not not x`, without a call for each `not`.
    fn negation(&mut self, scope: Scope) -> Result<Query, SelectionError> {
        let mut negated = false;
        while self.is_word("not") {
            self.advance();
            negated = !negated;
        }
        let query = self.single(scope)?;
        Ok(if negated { Query::not(query) } else { query })
    }

    fn single(&mut self, scope: Scope) -> Result<Query, SelectionError> {
        let word = match self.token {
            Token::Open => return self.parentheses(scope),
            Token::Word(word) if !["and", "or"].contains(&word.to_ascii_lowercase().as_str()) => {
                word
            }
            _ => return Err(self.error("expected a condition here", self.example(scope))),
        };
        let span = self.span.clone();
        self.advance();
        if scope != Scope::Any {
            if self.token == Token::Colon {
                return Err(SelectionError {
                    span: span.start..self.span.end,
                    message: "a facet cannot be named inside another's parentheses".to_owned(),
                    help: Some("close the parentheses first".to_owned()),
                });
            }
            return self.value(scope, word, span);
        }
        if self.token == Token::Colon {
            self.advance();
            return self.condition(word, span);
        }
        if word == "*" || word.eq_ignore_ascii_case("all") {
            return Ok(Query::All);
        }
        Err(SelectionError {
            span,
            message: format!("'{word}' is not a condition"),
            help: Some(self.condition_with(word)),
        })
    }

    fn parentheses(&mut self, scope: Scope) -> Result<Query, SelectionError> {
        if self.depth == DEPTH_LIMIT {
            return Err(self.error(
                format!("more than {DEPTH_LIMIT} parentheses within one another"),
                "take out those that are not needed",
            ));
        }
        self.depth += 1;
        let open = self.span.clone();
        self.advance();
        let query = self.either(scope)?;
        match self.token {
            Token::Close => self.advance(),
            Token::End => {
                return Err(SelectionError {
                    span: open,
                    message: "this parenthesis is never closed".to_owned(),
                    help: Some("add ')'".to_owned()),
                });
            }
            _ => {
                return Err(self.error(
                    "expected 'and', 'or' or ')' here",
                    "join the conditions with one",
                ));
            }
        }
        self.depth -= 1;
        Ok(query)
    }

    /// What stands behind `name:`.
    fn condition(&mut self, name: &str, span: Range<usize>) -> Result<Query, SelectionError> {
        let lowered = name.to_ascii_lowercase();
        let scope = match lowered.as_str() {
            "after" => return self.date(&lowered).map(Query::After),
            "before" => return self.date(&lowered).map(Query::Before),
            "language" | "lang" => Scope::Language,
            "type" => Scope::Kind,
            key => match self.taxonomy.facet_named(key) {
                Some(facet) => Scope::Facet(facet),
                None => return Err(self.unknown_facet(name, span)),
            },
        };
        match self.token {
            Token::Open => self.parentheses(scope),
            Token::Word(word) => {
                let span = self.span.clone();
                self.advance();
                self.value(scope, word, span)
            }
            _ => Err(self.error(
                format!("expected a value after '{name}:'"),
                self.example(scope),
            )),
        }
    }

    fn value(&self, scope: Scope, word: &str, span: Range<usize>) -> Result<Query, SelectionError> {
        let wrong = |message: String, help: String| SelectionError {
            span: span.clone(),
            message,
            help: Some(help),
        };
        match scope {
            Scope::Facet(facet) => {
                let key = &self.taxonomy.facet(facet).key;
                let lowered = word.to_lowercase();
                let Some(id) = self.taxonomy.term_named(facet, &lowered) else {
                    return Err(wrong(
                        format!("unknown term '{word}' in {key}"),
                        self.nearest_term(facet, word),
                    ));
                };
                Ok(Query::Term {
                    id,
                    facet: key.clone(),
                    slug: lowered,
                })
            }
            Scope::Language if is_language_range(word) => {
                Ok(Query::Language(word.to_ascii_lowercase()))
            }
            Scope::Language => Err(wrong(
                format!("'{word}' is not a language tag"),
                "write a tag such as 'en', 'ru' or 'sr-Latn'".to_owned(),
            )),
            Scope::Kind => {
                let kind = slug(word);
                if kind.is_empty() {
                    return Err(wrong(
                        format!("'{word}' is not a type"),
                        "write the type's words with hyphens: 'press-release'".to_owned(),
                    ));
                }
                Ok(Query::Kind(kind))
            }
            // `single` asks for values within a scope only.
            Scope::Any => Err(wrong(
                format!("'{word}' is not a condition"),
                self.example(scope),
            )),
        }
    }

    fn date(&mut self, name: &str) -> Result<NaiveDate, SelectionError> {
        let help = format!("write the day as year, month and day: '{name}:2024-01-31'");
        let Token::Word(word) = self.token else {
            return Err(self.error(format!("expected a date after '{name}:'"), help));
        };
        // Four digits and two pairs: chrono alone would take shorter forms and signs, which are
        // not written back as they were.
        let date = is_date_shaped(word)
            .then(|| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok())
            .flatten();
        let Some(date) = date else {
            return Err(self.error(format!("'{word}' is not a date"), help));
        };
        self.advance();
        Ok(date)
    }

    fn unknown_facet(&self, name: &str, span: Range<usize>) -> SelectionError {
        let facets = self.taxonomy.facets.iter();
        let names = facets.clone().flat_map(|facet| [&facet.key, &facet.slug]);
        let own = RESERVED.iter().skip_while(|word| **word != "language");
        let help = match did_you_mean(name, names.map(String::as_str).chain(own.copied())) {
            Some(near) => format!("did you mean '{near}'?"),
            None => {
                let keys: Vec<&str> = facets.map(|facet| facet.key.as_str()).collect();
                if keys.is_empty() {
                    "there are no facets; add a [facet.…] table".to_owned()
                } else {
                    format!("the facets are {}", keys.join(", "))
                }
            }
        };
        SelectionError {
            span,
            message: format!("unknown facet '{name}'"),
            help: Some(help),
        }
    }

    /// What was meant by a word that is no term of `facet`: a term with that name or nearly that
    /// slug, or the same term in another facet.
    fn nearest_term(&self, facet: FacetId, word: &str) -> String {
        let terms = || self.taxonomy.terms_of(facet).map(|(_, term)| term);
        let folded = slug(word);
        let named = terms().find(|term| slug(&term.name) == folded);
        let near = named
            .map(|term| term.slug.as_str())
            .or_else(|| did_you_mean(word, terms().map(|term| term.slug.as_str())));
        if let Some(near) = near {
            return format!("did you mean '{near}'?");
        }
        match self.elsewhere(&folded) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => {
                let key = &self.taxonomy.facet(facet).key;
                format!("add the term to [facet.{key}], or name one that it has")
            }
        }
    }

    /// Help for a word that stands without a facet.
    fn condition_with(&self, word: &str) -> String {
        match self.elsewhere(&slug(word)) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => self.example(Scope::Any),
        }
    }

    /// `facet:term` for the first term of any facet with this slug.
    fn elsewhere(&self, slug: &str) -> Option<String> {
        self.taxonomy
            .facets()
            .find_map(|(id, facet)| self.taxonomy.term_named(id, slug).map(|_| &facet.key))
            .map(|key| format!("{key}:{slug}"))
    }

    fn example(&self, scope: Scope) -> String {
        let facet = match scope {
            Scope::Language => return "write a language tag such as 'en'".to_owned(),
            Scope::Kind => return "write a type such as 'press-release'".to_owned(),
            Scope::Any => None,
            Scope::Facet(facet) => Some(facet),
        };
        let term = self
            .taxonomy
            .terms
            .iter()
            .find(|term| facet.is_none_or(|facet| term.facet == facet));
        match (term, facet) {
            (Some(term), Some(_)) => format!("write a term such as '{}'", term.slug),
            (Some(term), None) => format!(
                "write a facet and a term, such as '{}:{}', or '*' for every item",
                self.taxonomy.facet(term.facet).key,
                term.slug
            ),
            (None, _) => "there are no terms yet; '*' means every item".to_owned(),
        }
    }
}

/// Whether the text can begin a BCP 47 tag: words of letters and digits joined by hyphens.
fn is_language_range(text: &str) -> bool {
    text.split('-').all(|word| {
        (1..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn is_date_shaped(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
