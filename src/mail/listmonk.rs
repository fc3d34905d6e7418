//! An issue handed to listmonk, for those whose subscribers are there: a draft of a campaign,
//! through its public HTTP API. Nothing is sent: a person starts the campaign.
//!
//! A campaign is known by its tag, so that pushing an issue again changes the draft that is there.
//! One that was scheduled or sent is left alone. What an issue says can be no instruction to
//! listmonk's templates, and its links are not counted.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::config::Listmonk;
use crate::config::listmonk::TOKEN_VARIABLE;
use crate::digest::text::one_line;
use crate::mail::message::{PREFERENCES, UNSUBSCRIBE};
use crate::websub::client::tls;

/// How long one request may take, from the first byte to the last.
const TIME: Duration = Duration::from_secs(30);
/// The most bytes of an answer: a list of a thousand campaigns without their bodies.
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;
/// The most characters of listmonk's own words that are repeated.
const WORDS: usize = 300;

/// Why an issue was not handed over. Names no secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListmonkError {
    /// Nobody said as whom to come.
    #[error("listmonk wants to know who asks: set {TOKEN_VARIABLE} in the environment")]
    NoToken,
    /// The token has another form.
    #[error("{TOKEN_VARIABLE} is not of the form user:token")]
    BadToken,
    /// No list is named.
    #[error("no list of listmonk is named")]
    NoList,
    /// listmonk does not know the user or the token, or the user may not do it.
    #[error("listmonk refuses the user of {TOKEN_VARIABLE} (status {status}): {words}")]
    Unauthorized {
        /// The status.
        status: u16,
        /// What it said.
        words: String,
    },
    /// There is no such list.
    #[error("listmonk has no list {0}")]
    UnknownList(u64),
    /// The campaign is no draft any more.
    #[error("listmonk has this issue as campaign {id}, which is {status}: it was left alone")]
    Settled {
        /// The campaign's number.
        id: u64,
        /// What listmonk says of it.
        status: String,
    },
    /// listmonk found something wrong with the campaign.
    #[error("listmonk refused the campaign (status {status}): {words}")]
    Refused {
        /// The status.
        status: u16,
        /// What it said.
        words: String,
    },
    /// Something went wrong in listmonk itself.
    #[error("listmonk failed (status {status}): {words}")]
    Failed {
        /// The status.
        status: u16,
        /// What it said.
        words: String,
    },
    /// What answers is not listmonk.
    #[error("what answers at {0} is not listmonk's API: {1}")]
    Nonsense(Url, String),
    /// There was no answer in time.
    #[error("listmonk at {0} gave no answer within {seconds} seconds", seconds = TIME.as_secs())]
    TimedOut(Url),
    /// There is no connection.
    #[error("listmonk at {0} cannot be reached: {1}")]
    Unreachable(Url, String),
}

impl ListmonkError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            ListmonkError::NoToken | ListmonkError::BadToken => {
                "make an API user in listmonk under Admin > Users, and write its name, a colon and its token"
            }
            ListmonkError::NoList => "set `lists` under [listmonk] in feeds.toml, or give --list",
            ListmonkError::Unauthorized { .. } => {
                "it must be an API user of listmonk 4 or later, with the permissions lists:get_all, campaigns:get and campaigns:manage"
            }
            ListmonkError::UnknownList(_) => {
                "listmonk shows the number of each list under Lists; mend `lists` in feeds.toml"
            }
            ListmonkError::Settled { .. } => {
                "clone the campaign in listmonk if it must go out once more"
            }
            ListmonkError::Refused { .. } => "mend what it names, and push the issue again",
            ListmonkError::Failed { .. } => {
                "listmonk's own log says more; push the issue again once it is mended"
            }
            ListmonkError::Nonsense(..)
            | ListmonkError::TimedOut(_)
            | ListmonkError::Unreachable(..) => "see whether `url` under [listmonk] is right",
        }
    }
}

/// An issue, as a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its name in listmonk, for people.
    pub name: String,
    /// What it is known by, for ever: `tidings-weekly-2024-W47`.
    pub tag: String,
    /// Plain text.
    pub subject: String,
    /// `Name <address>`.
    pub from: String,
    /// A whole document, with [`PREFERENCES`] and [`UNSUBSCRIBE`] in it.
    pub html: String,
    /// The same as text.
    pub text: String,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// There is a new draft, at this address for people.
    Created(Url),
    /// The draft that was there has the issue as it is now.
    Updated(Url),
}

#[derive(Serialize)]
struct Body<'a> {
    name: &'a str,
    subject: String,
    lists: &'a [u64],
    from_email: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    content_type: &'static str,
    messenger: &'static str,
    body: String,
    altbody: String,
    tags: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<u64>,
}

/// Hands `campaign` over for these lists; `token` is `user:token`.
///
/// # Errors
/// As [`ListmonkError`] lists them.
pub fn push(
    listmonk: &Listmonk,
    token: Option<&str>,
    lists: &[u64],
    campaign: &Campaign,
) -> Result<Pushed, ListmonkError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let unreachable = |error: String| ListmonkError::Unreachable(listmonk.url.clone(), error);
    let runtime = runtime.map_err(|error| unreachable(error.to_string()))?;
    let client = Client::new(&listmonk.url, token)?;
    runtime.block_on(client.push(listmonk.template, lists, campaign))
}

struct Client {
    http: reqwest::Client,
    url: Url,
    authorization: HeaderValue,
}

impl Client {
    fn new(url: &Url, token: Option<&str>) -> Result<Client, ListmonkError> {
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        let token = token.ok_or(ListmonkError::NoToken)?;
        let has_both = |(user, secret): (&str, &str)| !user.is_empty() && !secret.is_empty();
        if !token.split_once(':').is_some_and(has_both) {
            return Err(ListmonkError::BadToken);
        }
        let mut authorization = HeaderValue::from_str(&format!("token {token}"))
            .map_err(|_| ListmonkError::BadToken)?;
        authorization.set_sensitive(true);
        let http = tls().and_then(|tls| {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls)
                // A redirect could carry the token elsewhere.
                .redirect(reqwest::redirect::Policy::none())
                .timeout(TIME)
                .user_agent("Tidings")
                .build()
                .map_err(|error| error.to_string())
        });
        Ok(Client {
            http: http.map_err(|error| ListmonkError::Unreachable(url.clone(), error))?,
            url: url.clone(),
            authorization,
        })
    }

    async fn push(
        &self,
        template: Option<u64>,
        lists: &[u64],
        campaign: &Campaign,
    ) -> Result<Pushed, ListmonkError> {
        if lists.is_empty() {
            return Err(ListmonkError::NoList);
        }
        for list in lists {
            self.see_list(*list).await?;
        }
        let body = Body {
            name: &campaign.name,
            subject: quoted(&campaign.subject),
            lists,
            from_email: &campaign.from,
            kind: "regular",
            content_type: "html",
            messenger: "email",
            body: with_links(&quoted_in_html(&campaign.html)),
            altbody: with_links(&quoted(&campaign.text)),
            tags: [&campaign.tag],
            template_id: template,
        };
        let body = serde_json::to_value(&body)
            .map_err(|error| ListmonkError::Nonsense(self.url.clone(), error.to_string()))?;
        match self.find(&campaign.tag).await? {
            Some(id) => {
                let path = format!("api/campaigns/{id}");
                self.call(Method::PUT, &path, Some(&body)).await?;
                Ok(Pushed::Updated(self.page(id)))
            }
            None => {
                let answer = self
                    .call(Method::POST, "api/campaigns", Some(&body))
                    .await?;
                let id = answer["data"]["id"].as_u64();
                let id = id.ok_or_else(|| self.nonsense("a campaign without a number"))?;
                Ok(Pushed::Created(self.page(id)))
            }
        }
    }

    async fn see_list(&self, list: u64) -> Result<(), ListmonkError> {
        let found = self
            .call(Method::GET, &format!("api/lists/{list}"), None)
            .await;
        match found {
            Ok(answer) if answer["data"]["id"].as_u64() == Some(list) => Ok(()),
            Ok(_) => Err(self.nonsense("a list without a number")),
            // It has said 400 for a list that does not exist.
            Err(ListmonkError::Refused {
                status: 400 | 404, ..
            }) => Err(ListmonkError::UnknownList(list)),
            Err(error) => Err(error),
        }
    }

    /// The draft with this tag.
    async fn find(&self, tag: &str) -> Result<Option<u64>, ListmonkError> {
        // listmonk's documentation calls the filter `tags`, its releases read `tag`; each passes
        // over what it does not know.
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("tag", tag)
            .append_pair("tags", tag)
            .append_pair("no_body", "true")
            .append_pair("per_page", "all")
            .finish();
        let answer = self
            .call(Method::GET, &format!("api/campaigns?{query}"), None)
            .await?;
        let results = answer["data"]["results"].as_array();
        let results = results.ok_or_else(|| self.nonsense("no list of campaigns"))?;
        let mut settled = None;
        for campaign in results {
            let tags = campaign["tags"].as_array().into_iter().flatten();
            let is_ours = tags
                .filter_map(Value::as_str)
                .any(|found| found.eq_ignore_ascii_case(tag));
            let Some(id) = campaign["id"].as_u64().filter(|_| is_ours) else {
                continue;
            };
            match campaign["status"].as_str() {
                Some("draft") => return Ok(Some(id)),
                status => {
                    let status = shown(status.unwrap_or("in a state that it does not tell"));
                    settled = Some(ListmonkError::Settled { id, status });
                }
            }
        }
        settled.map_or(Ok(None), Err)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ListmonkError> {
        let url = self
            .url
            .join(path)
            .map_err(|error| self.nonsense(&error.to_string()))?;
        let mut request = self
            .http
            .request(method, url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json");
        if let Some(body) = body {
            request = request.json(body);
        }
        let failed = |error: reqwest::Error| match error.is_timeout() {
            true => ListmonkError::TimedOut(self.url.clone()),
            false => ListmonkError::Unreachable(self.url.clone(), innermost(&error)),
        };
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > ANSWER_LIMIT {
                return Err(self.nonsense("the answer has no end"));
            }
            bytes.extend_from_slice(&chunk);
        }
        let answer: Option<Value> = serde_json::from_slice(&bytes).ok();
        // Every failure of listmonk's is JSON with a message; proxies before it send pages.
        let words = answer
            .as_ref()
            .and_then(|answer| answer["message"].as_str());
        let words = words.map(shown);
        let (number, silent) = (status.as_u16(), || "it does not say why".to_owned());
        match (status, answer, words) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _, words) => {
                Err(ListmonkError::Unauthorized {
                    status: number,
                    words: words.unwrap_or_else(silent),
                })
            }
            (_, Some(answer), _) if status.is_success() => Ok(answer),
            (_, Some(_), words) if status.is_client_error() => Err(ListmonkError::Refused {
                status: number,
                words: words.unwrap_or_else(silent),
            }),
            (_, _, Some(words)) if status.is_server_error() => Err(ListmonkError::Failed {
                status: number,
                words,
            }),
            _ => Err(self.nonsense(&format!("status {number}, and no JSON that it sends"))),
        }
    }

    /// Where people see a campaign.
    fn page(&self, id: u64) -> Url {
        let mut page = self.url.clone();
        page.set_path(&format!("{}admin/campaigns/{id}", self.url.path()));
        page
    }

    fn nonsense(&self, why: &str) -> ListmonkError {
        ListmonkError::Nonsense(self.url.clone(), why.to_owned())
    }
}

/// The cause of all, which names no address and no header.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    shown(&cause.to_string())
}

/// Somebody else's words, on one line and not too many of them.
fn shown(text: &str) -> String {
    crate::template::shorten(&one_line(text), WORDS)
}

/// listmonk's templates are Go's: what stands in two braces is an instruction.
fn quoted(text: &str) -> String {
    unmarked(text).replace("{{", "{{ \"{{\" }}")
}

/// The same for HTML, where a reference says the same as the brace.
fn quoted_in_html(html: &str) -> String {
    unmarked(html).replace("{{", "{&#123;")
}

/// A link with this behind it would be counted.
fn unmarked(text: &str) -> String {
    text.replace("@TrackLink", "@ TrackLink")
}

/// The reader's own links are listmonk's to fill in.
fn with_links(text: &str) -> String {
    text.replace(PREFERENCES, "{{ ManageURL }}")
        .replace(UNSUBSCRIBE, "{{ UnsubscribeURL }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_issue_says_is_no_instruction() {
        assert_eq!(
            quoted("a {{ .Secret }} {{{b"),
            "a {{ \"{{\" }} .Secret }} {{ \"{{\" }}{b"
        );
        assert_eq!(
            quoted_in_html("<a title=\"{{x}}\">"),
            "<a title=\"{&#123;x}}\">"
        );
        assert_eq!(
            quoted("https://a.example/@TrackLink"),
            "https://a.example/@ TrackLink"
        );
        assert_eq!(
            with_links(&quoted_in_html(&format!("<a href=\"{UNSUBSCRIBE}\">"))),
            "<a href=\"{{ UnsubscribeURL }}\">"
        );
    }

    #[test]
    fn a_token_has_two_halves_and_no_line_break() {
        let url: Url = "https://listmonk.example/".parse().unwrap();
        let error = |token| Client::new(&url, token).err();
        assert_eq!(error(None), Some(ListmonkError::NoToken));
        assert_eq!(error(Some(" ")), Some(ListmonkError::NoToken));
        for token in ["user", ":token", "user:", "user:to\nken"] {
            assert_eq!(error(Some(token)), Some(ListmonkError::BadToken), "{token}");
        }
        assert_eq!(error(Some("user:token")), None);
    }
}
