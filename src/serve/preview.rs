//! The local preview: pages that reload by themselves, and links that lead back to it.
//!
//! A layer over the server, which has everything else: texts are changed as they are read, before
//! they are fingerprinted and compressed, and two addresses of its own tell pages of news.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::watch;

use super::routes::Routes;

/// Where a page asks whether there is something new.
const VERSION: &str = "/_tidings/version";
/// The script that does.
const SCRIPT: &str = "/_tidings/reload.js";
/// What stands in every page.
const ELEMENT: &str = "<script src=\"/_tidings/reload.js\" defer></script>";

/// Waits for the next version and reloads; tries again when the preview was stopped meanwhile.
const RELOAD: &str = "(async()=>{let seen=null;for(;;){try{\
const answer=await fetch('/_tidings/version'+(seen===null?'':'?after='+seen));\
const version=await answer.text();if(seen!==null&&version!==seen)location.reload();seen=version;\
}catch{await new Promise(done=>setTimeout(done,1000))}}})()\n";

/// Changes texts so that they speak of the preview.
#[derive(Debug, Clone)]
pub struct Localise {
    base_url: String,
    local_url: String,
}

impl Localise {
    /// Puts `local_url` where texts say `base_url`.
    pub fn new(base_url: &str, local_url: &str) -> Localise {
        Localise {
            base_url: base_url.to_owned(),
            local_url: local_url.to_owned(),
        }
    }

    /// The bytes of a file as the preview sends them.
    pub fn apply(&self, path: &str, bytes: Vec<u8>) -> Vec<u8> {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !matches!(extension, "html" | "xml" | "json" | "opml" | "txt") {
            return bytes;
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text.replace(&self.base_url, &self.local_url),
            Err(error) => return error.into_bytes(),
        };
        match (extension, text.rfind("</body>")) {
            ("html", Some(end)) => {
                format!("{}{ELEMENT}{}", &text[..end], &text[end..]).into_bytes()
            }
            _ => text.into_bytes(),
        }
    }
}

/// Makes the pages that are open reload.
#[derive(Debug, Clone)]
pub struct Reload(Arc<watch::Sender<u64>>);

impl Reload {
    /// No page is open yet.
    pub fn new() -> Reload {
        Reload(Arc::new(watch::channel(0).0))
    }

    /// There is something new.
    pub fn reload(&self) {
        self.0.send_modify(|version| *version += 1);
    }

    /// The addresses of the preview's own.
    pub fn routes(&self) -> Routes {
        Routes::new()
            .route(VERSION, get(next_version).with_state(self.clone()))
            .route(SCRIPT, get(script))
    }
}

impl Default for Reload {
    fn default() -> Reload {
        Reload::new()
    }
}

async fn script() -> impl IntoResponse {
    let kind = "text/javascript; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], RELOAD)
}

/// Answers with the version's number: at once, or when it is no longer the one in `after=`.
async fn next_version(State(reload): State<Reload>, RawQuery(query): RawQuery) -> Response {
    let mut receiver = reload.0.subscribe();
    let after = query.and_then(|query| query.strip_prefix("after=")?.parse::<u64>().ok());
    if let Some(after) = after {
        // Fails only when the preview ends.
        let _ = receiver.wait_for(|version| *version != after).await;
    }
    let version = *receiver.borrow();
    ([(header::CACHE_CONTROL, "no-store")], version.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_get_the_script_and_texts_the_local_address() {
        let localise = Localise::new("https://example.org/", "http://127.0.0.1:8080/");
        let page = "<body><a href=\"https://example.org/a\">a</a></body>";
        let local = localise.apply("index.html", page.into());
        assert_eq!(
            String::from_utf8(local).unwrap(),
            format!("<body><a href=\"http://127.0.0.1:8080/a\">a</a>{ELEMENT}</body>")
        );
        let feed = localise.apply("atom.xml", "<id>https://example.org/b</id>".into());
        assert_eq!(feed, b"<id>http://127.0.0.1:8080/b</id>");
        let picture = localise.apply("a.jpg", b"https://example.org/".into());
        assert_eq!(picture, b"https://example.org/");
        let broken = localise.apply("a.html", vec![0xff, 0xfe]);
        assert_eq!(broken, [0xff, 0xfe]);
    }
}
