//! Letters: what is written to one person about their subscriptions.
//!
//! A letter is two templates, `letter-KIND.text.hbs` and `letter-KIND.html.hbs`; the first line of
//! the text is the subject. None says a name, since whoever fills in a form for somebody else
//! could make it say anything.

use chrono::DateTime;
use serde::Serialize;

use crate::config::Config;
use crate::diagnostic::Problem;
use crate::language::{LanguageId, direction};
use crate::ledger::subscribers::Letter;
use crate::mail::address::Address;
use crate::mail::header::Mailbox;
use crate::mail::letter;
use crate::mail::message::Seal;
use crate::page::Site;
use crate::publish;
use crate::template::Templates;

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asks whether it was the owner of the address who asked for mail.
    Confirm,
    /// Says that all that was asked for comes already.
    Known,
    /// Asks whether the owner of a new address wants the mail there.
    NewAddress,
    /// Tells the old address that mail goes elsewhere now.
    OldAddress,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [
        Kind::Confirm,
        Kind::Known,
        Kind::NewAddress,
        Kind::OldAddress,
    ];

    /// Its name, in the ledger and in the names of templates.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Confirm => "confirm",
            Kind::Known => "known",
            Kind::NewAddress => "new-address",
            Kind::OldAddress => "old-address",
        }
    }
}

/// What a letter says; what a kind does not need is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Content {
    /// The link that it is about, an absolute URL.
    pub link: String,
    /// When the link ends, RFC 3339; `None`: never.
    pub expires: Option<String>,
    /// The page of preferences; `None` for somebody who has none yet.
    pub preferences: Option<String>,
    /// What was asked for, or comes already, in words.
    pub choices: Vec<String>,
    /// What is agreed to by confirming.
    pub consent: String,
}

/// What a template of a letter is given.
#[derive(Serialize)]
struct Context<'a> {
    site: &'a Site,
    page: Page<'a>,
    letter: &'a Content,
}

/// The language, as functions of templates look for it.
#[derive(Serialize)]
struct Page<'a> {
    language: &'a str,
    direction: &'static str,
}

/// To whom a letter goes, in which language.
#[derive(Debug, Clone, Copy)]
pub struct To<'a> {
    /// The subscriber's id.
    pub subscriber: i64,
    /// Where it goes.
    pub address: &'a Address,
    /// A language of the site.
    pub language: LanguageId,
}

/// Writes a letter, at `now` (milliseconds since 1970 UTC).
///
/// # Errors
/// A template that is wrong, no sender in the configuration, or a key that cannot sign.
pub fn write(
    config: &Config,
    templates: &Templates,
    seal: &Seal,
    kind: Kind,
    to: To<'_>,
    content: &Content,
    now: i64,
) -> Result<Letter, Problem> {
    let site = publish::site(config, to.language);
    let (subject, text, html) = render(templates, &site, kind, content)?;
    let from = sender(config)?;
    let letter = letter::Letter {
        from,
        subscriber: to.subscriber,
        to: to.address.clone(),
        name: None,
        subject,
        text,
        html: Some(html),
        language: site.language,
        kind: kind.name().to_owned(),
    };
    let at = DateTime::from_timestamp_millis(now).unwrap_or_default();
    let (envelope, message) = letter
        .message(seal, at)
        .map_err(|error| Problem::error(format!("a letter cannot be signed: {error}")))?;
    Ok(Letter {
        address: to.address.clone(),
        kind: kind.name(),
        return_path: envelope.from,
        message,
    })
}

/// Subject, text and HTML.
fn render(
    templates: &Templates,
    site: &Site,
    kind: Kind,
    content: &Content,
) -> Result<(String, String, String), Problem> {
    let context = Context {
        site,
        page: Page {
            language: &site.language,
            direction: direction(&site.language),
        },
        letter: content,
    };
    let name = kind.name();
    let text = templates.render(&format!("letter-{name}.text"), &context)?;
    let html = templates.render(&format!("letter-{name}.html"), &context)?;
    let (subject, text) = text.split_once('\n').unwrap_or((&text, ""));
    Ok((
        subject.trim().to_owned(),
        text.trim_start().to_owned(),
        html,
    ))
}

fn sender(config: &Config) -> Result<Mailbox, Problem> {
    let sender = config.subscriptions.sender.as_ref().ok_or_else(|| {
        Problem::error("nobody is named as the sender of letters")
            .help("add 'sender' under [subscriptions], or 'contact' under [site]")
    })?;
    sender.parse().map_err(|error| {
        Problem::error(format!("the sender of letters is no address: {error}"))
            .help("write it as 'Name <name@host.example>' under [subscriptions]")
    })
}

/// What is wrong with the templates of letters: each is rendered with all values, and without
/// those that may be missing.
pub fn check(templates: &Templates, site: &Site) -> Vec<Problem> {
    let full = Content {
        link: "https://news.example/confirm?token=x".to_owned(),
        expires: Some("2024-11-22T09:00:00Z".to_owned()),
        preferences: Some("https://news.example/subscriptions?token=x".to_owned()),
        choices: vec!["The week".to_owned()],
        consent: "I want it.".to_owned(),
    };
    let mut problems: Vec<Problem> = Vec::new();
    for kind in Kind::ALL {
        for content in [&full, &Content::default()] {
            let problem = render(templates, site, kind, content).err();
            problems.extend(problem.filter(|problem| !problems.contains(problem)));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        Content {
            link: "https://news.example.org/confirm?token=42.0.99.abc".to_owned(),
            expires: Some("2024-11-25T09:00:00Z".to_owned()),
            preferences: None,
            choices: vec![
                "The week in brief".to_owned(),
                "Water <& Energy> – Daily".to_owned(),
            ],
            consent: "I want to get these newsletters.".to_owned(),
        }
    }

    fn config() -> Config {
        let source = "[site]\ntitle = \"News\"\nbase_url = \"https://news.example.org/\"\n\
                      contact = \"press@example.org\"\nlanguages = [\"en\", \"ru\"]\n\
                      timezone = \"Europe/Vienna\"\n";
        let read = crate::config::read(source, std::path::Path::new("feeds.toml"));
        read.unwrap_or_else(|problems| panic!("{problems:?}")).0
    }

    fn templates(config: &Config) -> Templates {
        let phrases = std::sync::Arc::clone(&config.site.phrases);
        Templates::with_phrases(Vec::new(), config.site.timezone, phrases)
            .unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn every_kind_of_letter_says_what_happens_and_what_to_do() {
        let config = config();
        let templates = templates(&config);
        for (id, language) in [(0, "en"), (1, "ru")] {
            let site = publish::site(&config, LanguageId(id));
            let mut all = String::new();
            for kind in Kind::ALL {
                let (subject, text, html) = render(&templates, &site, kind, &content()).unwrap();
                assert!(html.contains(&format!("lang=\"{language}\"")));
                assert!(!html.contains("<& Energy>"), "it is escaped");
                all += &format!("Subject: {subject}\n\n{text}\n=====\n");
            }
            insta::assert_snapshot!(format!("letters_{language}"), all);
        }
    }

    #[test]
    fn the_html_of_a_letter() {
        let config = config();
        let site = publish::site(&config, LanguageId::MAIN);
        let (_, _, html) = render(&templates(&config), &site, Kind::Confirm, &content()).unwrap();
        insta::assert_snapshot!(html);
    }

    #[test]
    fn the_templates_that_come_with_tidings_are_right() {
        let config = config();
        let site = publish::site(&config, LanguageId::MAIN);
        assert_eq!(check(&templates(&config), &site), []);
    }
}
