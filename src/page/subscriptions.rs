//! The pages of subscribers: the form, and what personal links lead to.
//!
//! They are made when somebody asks for them, and none holds more than its reader may see.

use serde::Serialize;

use super::build::{Choice, ChoiceGroup};
use super::site::{Page, Site};
use crate::diagnostic::Problem;
use crate::entry::Translation;
use crate::template::Templates;

/// What is wrong with what somebody sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mistake {
    /// The address is none.
    Address,
    /// Nothing was chosen.
    Nothing,
    /// Topics were ticked, and how often they come was not.
    Cadence,
    /// What was chosen is not offered any more.
    Choice,
    /// There are too many selections of one's own.
    TooMany,
    /// The form was open for too long.
    Stale,
    /// The name is none.
    Name,
    /// The box was not ticked that says that everything is to be erased.
    Unsure,
}

/// The public form.
#[derive(Debug, Clone, Serialize)]
pub struct SignUp {
    /// Shows that the form was handed out here.
    pub token: String,
    /// As it was typed.
    pub address: String,
    /// The digests to tick.
    pub digests: Vec<Choice>,
    /// The digests that carry selections of one's own.
    pub carriers: Vec<Choice>,
    /// What such selections are made of.
    pub groups: Vec<ChoiceGroup>,
    /// What is agreed to.
    pub consent: String,
    /// Why it is shown again.
    pub mistake: Option<Mistake>,
}

/// The page of a link that confirms; its button does.
#[derive(Debug, Clone, Serialize)]
pub struct Confirm {
    /// The link's.
    pub token: String,
    /// Tells what is shown from what may be asked for meanwhile.
    pub shown: String,
    /// What waits to be confirmed, in words.
    pub choices: Vec<String>,
    /// What is agreed to.
    pub consent: String,
    /// The new address, where that is confirmed.
    pub address: Option<String>,
}

/// The page of preferences.
#[derive(Debug, Clone, Serialize)]
pub struct Preferences {
    /// The link's.
    pub token: String,
    /// Where mail goes.
    pub address: String,
    /// As the subscriber calls themselves, or nothing.
    pub name: String,
    /// The digests to tick.
    pub digests: Vec<Choice>,
    /// Selections of one's own to keep.
    pub own: Vec<Choice>,
    /// The digests that carry selections of one's own.
    pub carriers: Vec<Choice>,
    /// What such selections are made of.
    pub groups: Vec<ChoiceGroup>,
    /// The languages of pages and letters.
    pub languages: Vec<Choice>,
    /// The day until which nothing is sent, `2024-12-24`; or nothing.
    pub paused_until: String,
    /// Whether mail to the address came back or was reported, so that nothing is sent.
    pub suppressed: bool,
    /// Whether it was just saved.
    pub saved: bool,
    /// Why it was not.
    pub mistake: Option<Mistake>,
}

/// The page of a link to unsubscribe; its button does.
#[derive(Debug, Clone, Serialize)]
pub struct Unsubscribe {
    /// The link's.
    pub token: String,
    /// What is left, in words.
    pub digest: String,
}

/// What is said when something is done, or cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// A letter is on its way, perhaps.
    Asked,
    /// Mail will come.
    Confirmed,
    /// The new address holds.
    Moved,
    /// Another subscriber has the new address.
    Taken,
    /// No more mail of a digest.
    Left,
    /// Nothing is kept any more.
    Erased,
    /// A letter went to the new address, perhaps.
    AskedNewAddress,
    /// The link is not whole, or was not made here.
    Foreign,
    /// The link's time is over, or it was used or replaced.
    Expired,
    /// Too many requests.
    TooMany,
}

impl Notice {
    /// All of them.
    pub const ALL: [Notice; 10] = [
        Notice::Asked,
        Notice::Confirmed,
        Notice::Moved,
        Notice::Taken,
        Notice::Left,
        Notice::Erased,
        Notice::AskedNewAddress,
        Notice::Foreign,
        Notice::Expired,
        Notice::TooMany,
    ];
}

/// What a notice says beside.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// What is said.
    pub kind: Notice,
    /// The page of preferences, for whoever may see it.
    pub preferences: Option<String>,
}

#[derive(Serialize)]
struct Context<'a, T> {
    site: &'a Site,
    page: Page,
    form: &'a T,
}

/// The public form; `path` is where it stands below the site's root.
///
/// # Errors
/// The template, or one that it includes, is wrong; so it is with all pages.
pub fn sign_up(
    templates: &Templates,
    site: &Site,
    path: &str,
    form: &SignUp,
    translations: &[Translation],
) -> Result<String, Problem> {
    let mut page = page(site, path).translated(site, translations);
    page.canonical = format!("{}{path}", site.base_url);
    page.url.clone_from(&page.canonical);
    let context = Context { site, page, form };
    templates.render("sign-up.html", &context)
}

/// The page of a link that confirms.
///
/// # Errors
/// See [`sign_up`].
pub fn confirm(templates: &Templates, site: &Site, form: &Confirm) -> Result<String, Problem> {
    personal(templates, site, "confirm.html", form)
}

/// The page of preferences.
///
/// # Errors
/// See [`sign_up`].
pub fn preferences(
    templates: &Templates,
    site: &Site,
    form: &Preferences,
) -> Result<String, Problem> {
    personal(templates, site, "preferences.html", form)
}

/// The page of a link to unsubscribe.
///
/// # Errors
/// See [`sign_up`].
pub fn unsubscribe(
    templates: &Templates,
    site: &Site,
    form: &Unsubscribe,
) -> Result<String, Problem> {
    personal(templates, site, "unsubscribe.html", form)
}

/// What is said when something is done, or cannot be; `path` is where.
///
/// # Errors
/// See [`sign_up`].
pub fn notice(
    templates: &Templates,
    site: &Site,
    path: &str,
    said: &Said,
) -> Result<String, Problem> {
    let page = page(site, path);
    let context = Context {
        site,
        page,
        form: said,
    };
    templates.render("subscription-notice.html", &context)
}

fn personal(
    templates: &Templates,
    site: &Site,
    name: &str,
    form: &impl Serialize,
) -> Result<String, Problem> {
    let page = page(site, "subscriptions");
    let context = Context { site, page, form };
    templates.render(name, &context)
}

/// A page that is no folder, and that nobody is to find by itself.
fn page(site: &Site, path: &str) -> Page {
    let mut page = Page::new(site, path, "", "");
    page.root = "../".repeat(path.matches('/').count());
    page.canonical.clear();
    page
}

/// Renders every page once, with all values and without those that may be missing.
pub(super) fn check(templates: &Templates, site: &Site, full: bool) -> Vec<Problem> {
    let text = str::to_owned;
    let choices = || {
        let choice = Choice {
            value: text("weekly"),
            name: text("Weekly"),
            items: None,
            depth: 0,
            checked: full,
        };
        if full { vec![choice] } else { Vec::new() }
    };
    let groups = || {
        let group = ChoiceGroup {
            name: text("Topics"),
            parameter: "term",
            choices: choices(),
            open: full,
        };
        if full { vec![group] } else { Vec::new() }
    };
    let form = SignUp {
        token: text("t"),
        address: text(""),
        digests: choices(),
        carriers: choices(),
        groups: groups(),
        consent: text("I want it."),
        mistake: full.then_some(Mistake::Address),
    };
    let confirmation = Confirm {
        token: text("t"),
        shown: text("s"),
        choices: if full {
            vec![text("Weekly")]
        } else {
            Vec::new()
        },
        consent: text("I want it."),
        address: full.then(|| text("anna@example.org")),
    };
    let saved = Preferences {
        token: text("t"),
        address: text("anna@example.org"),
        name: text(""),
        digests: choices(),
        own: choices(),
        carriers: choices(),
        groups: groups(),
        languages: choices(),
        paused_until: text(""),
        suppressed: full,
        saved: !full,
        mistake: full.then_some(Mistake::Name),
    };
    let left = Unsubscribe {
        token: text("t"),
        digest: text("Weekly"),
    };
    let pages = [
        sign_up(templates, site, "ru/sign-up", &form, &[]),
        confirm(templates, site, &confirmation),
        preferences(templates, site, &saved),
        unsubscribe(templates, site, &left),
    ];
    let notices = Notice::ALL.map(|kind| {
        let preferences = full.then(|| text("https://news.example/subscriptions?token=t"));
        notice(templates, site, "confirm", &Said { kind, preferences })
    });
    let all = pages.into_iter().chain(notices);
    all.filter_map(Result::err).collect()
}
