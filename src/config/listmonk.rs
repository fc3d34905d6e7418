//! `[listmonk]`: the listmonk that issues are handed to as campaigns.

use url::Url;

use super::decode::Section;
use super::notes::Wrong;
use super::values;

/// The environment variable that holds the API user and its token: `user:token`.
pub const TOKEN_VARIABLE: &str = "TIDINGS_LISTMONK_TOKEN";

/// The largest number that listmonk gives to anything.
const LARGEST: u64 = i32::MAX as u64;

/// Where campaigns go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listmonk {
    /// Its address, with a slash at its end: `https://listmonk.example/`.
    pub url: Url,
    /// The numbers of the lists that campaigns are for, where the command names none.
    pub lists: Vec<u64>,
    /// The number of the template that campaigns are put into; `None`: listmonk's default one.
    pub template: Option<u64>,
}

/// `None` where there is no such table.
pub(super) fn read(document: &Section<'_, '_>) -> Option<Listmonk> {
    let section = document.section("listmonk", "listmonk")?;
    section.require("url", "\"https://listmonk.example/\"");
    let url = section.parsed("url", address);
    let lists = section.numbers("lists", 1..=LARGEST);
    let template = section.number("template", 1..=LARGEST);
    section.finish();
    Some(Listmonk {
        url: url?,
        lists: lists.unwrap_or_default(),
        template,
    })
}

fn address(text: &str) -> Result<Url, Wrong> {
    let mut url = values::web_url(text)?;
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}
