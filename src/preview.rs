//! A local preview of the output over HTTP, for the eyes of whoever edits: pages reload by
//! themselves, and links to the site's own address lead back to the preview.
//!
//! Listens on the loopback interface only. Files come from the output as they are; only what is
//! sent is changed.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::media::percent_decode;

/// Where a page asks whether there is something new.
const VERSION_PATH: &str = "/_tidings/version";

/// Waits for the next version and reloads; tries again when the preview was stopped meanwhile.
const RELOAD_SCRIPT: &str = "<script>(async()=>{let seen=null;for(;;){try{\
const answer=await fetch('/_tidings/version'+(seen===null?'':'?after='+seen));\
const version=await answer.text();if(seen!==null&&version!==seen)location.reload();seen=version;\
}catch{await new Promise(done=>setTimeout(done,1000))}}})()</script>";

/// A running preview. Ends with the process.
#[derive(Debug)]
pub struct Preview {
    address: SocketAddr,
    version: watch::Sender<u64>,
    _runtime: tokio::runtime::Runtime,
}

struct Site {
    output: PathBuf,
    base_url: String,
    local_url: String,
    version: watch::Receiver<u64>,
}

impl Preview {
    /// Serves the folder `output`, whose files speak of themselves as being at `base_url`, on a
    /// port of the loopback interface; port 0 takes any that is free.
    ///
    /// # Errors
    /// When the port is taken, or a thread cannot be started.
    pub fn start(output: &Path, base_url: &str, port: u16) -> io::Result<Preview> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))?;
        let address = listener.local_addr()?;
        let (version, receiver) = watch::channel(0);
        let site = Site {
            output: output.to_owned(),
            base_url: base_url.to_owned(),
            local_url: format!("http://{address}/"),
            version: receiver,
        };
        let router = Router::new()
            .route(VERSION_PATH, get(next_version))
            .fallback(file)
            .with_state(Arc::new(site));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Preview {
            address,
            version,
            _runtime: runtime,
        })
    }

    /// Where it listens: `http://127.0.0.1:8080/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Makes the pages that are open reload.
    pub fn reload(&self) {
        self.version.send_modify(|version| *version += 1);
    }
}

/// Answers with the version's number: at once, or when it is no longer the one in `after=`.
async fn next_version(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> String {
    let mut receiver = site.version.clone();
    let after = query.and_then(|query| query.strip_prefix("after=")?.parse::<u64>().ok());
    if let Some(after) = after {
        // Fails only when the preview ends.
        let _ = receiver.wait_for(|version| *version != after).await;
    }
    let version = *receiver.borrow();
    version.to_string()
}

async fn file(State(site): State<Arc<Site>>, method: Method, uri: Uri) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        return answer(
            StatusCode::METHOD_NOT_ALLOWED,
            "text/plain; charset=utf-8",
            "only GET and HEAD".into(),
        );
    }
    let Some(path) = local_path(&site.output, uri.path()) else {
        return not_found(&site);
    };
    if path.is_dir() {
        if !uri.path().ends_with('/') {
            let mut response = answer(
                StatusCode::MOVED_PERMANENTLY,
                "text/plain; charset=utf-8",
                Vec::new(),
            );
            if let Ok(location) = HeaderValue::from_str(&format!("{}/", uri.path())) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            return response;
        }
        return send(&site, &path.join("index.html"));
    }
    send(&site, &path)
}

/// The file that a request's path stands for; `None` for one that would leave the folder or
/// look into hidden ones.
fn local_path(output: &Path, path: &str) -> Option<PathBuf> {
    let path = percent_decode(path)?;
    let mut local = output.to_owned();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if segment.starts_with('.') || segment.contains(['\\', '\0']) {
            return None;
        }
        local.push(segment);
    }
    Some(local)
}

fn send(site: &Site, path: &Path) -> Response<Body> {
    match std::fs::read(path) {
        Ok(bytes) => answer(
            StatusCode::OK,
            media_type(path),
            localised(site, path, bytes),
        ),
        Err(_) => not_found(site),
    }
}

fn not_found(site: &Site) -> Response<Body> {
    let page = site.output.join("404.html");
    let bytes = std::fs::read(&page).unwrap_or_else(|_| b"not found".to_vec());
    answer(
        StatusCode::NOT_FOUND,
        "text/html; charset=utf-8",
        localised(site, &page, bytes),
    )
}

fn answer(status: StatusCode, media_type: &'static str, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Texts with the site's address replaced by the preview's, and pages with the script.
fn localised(site: &Site, path: &Path, bytes: Vec<u8>) -> Vec<u8> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    if !matches!(extension, Some("html" | "xml" | "json" | "opml")) {
        return bytes;
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Vec::new();
    };
    let text = text.replace(&site.base_url, &site.local_url);
    match (extension, text.rfind("</body>")) {
        (Some("html"), Some(end)) => {
            format!("{}{RELOAD_SCRIPT}{}", &text[..end], &text[end..]).into_bytes()
        }
        _ => text.into_bytes(),
    }
}

fn media_type(path: &Path) -> &'static str {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    match name {
        "rss.xml" => "application/rss+xml; charset=utf-8",
        "atom.xml" => "application/atom+xml; charset=utf-8",
        "feed.json" => "application/feed+json; charset=utf-8",
        "feeds.opml" => "text/x-opml; charset=utf-8",
        "mail.eml" => "message/rfc822",
        _ => match mime_guess::from_path(path).first_raw() {
            Some("text/html") => "text/html; charset=utf-8",
            Some("text/css") => "text/css; charset=utf-8",
            Some("text/plain") => "text/plain; charset=utf-8",
            Some(other) => other,
            None => "application/octet-stream",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    fn get(preview: &Preview, path: &str) -> String {
        let mut stream = TcpStream::connect(preview.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn preview() -> (tempfile::TempDir, Preview) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("out/topic")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        std::fs::create_dir_all(folder.path().join("out/.tidings")).unwrap();
        std::fs::write(folder.path().join("out/.tidings/manifest"), "secret").unwrap();
        std::fs::write(
            folder.path().join("out/topic/index.html"),
            "<body>https://example.org/a</body>",
        )
        .unwrap();
        std::fs::write(
            folder.path().join("out/topic/atom.xml"),
            "<feed>https://example.org/b</feed>",
        )
        .unwrap();
        let preview =
            Preview::start(&folder.path().join("out"), "https://example.org/", 0).unwrap();
        (folder, preview)
    }

    #[test]
    fn pages_reload_by_themselves_and_link_to_the_preview() {
        let (_folder, preview) = preview();
        let page = get(&preview, "/topic/");
        assert!(page.contains("200 OK") && page.contains(RELOAD_SCRIPT));
        assert!(page.contains(&format!("{}a", preview.url())));
        assert!(get(&preview, "/topic").contains("location: /topic/"));
    }

    #[test]
    fn feeds_have_their_types() {
        let (_folder, preview) = preview();
        let feed = get(&preview, "/topic/atom.xml");
        assert!(feed.contains("content-type: application/atom+xml; charset=utf-8"));
        assert!(!feed.contains("<script>"));
    }

    #[test]
    fn nothing_outside_the_output_is_served() {
        let (_folder, preview) = preview();
        for path in [
            "/../secret",
            "/%2e%2e/secret",
            "/topic/%2E%2E/%2e./secret",
            "/.tidings/manifest",
            "/%zz",
            "/a%00b",
        ] {
            let answer = get(&preview, path);
            assert!(
                answer.contains("404") && !answer.contains("secret"),
                "{path}: {answer}"
            );
        }
    }

    #[test]
    fn a_waiting_page_is_told_of_a_new_version() {
        let (_folder, preview) = preview();
        assert!(get(&preview, "/_tidings/version").ends_with("\r\n\r\n0"));
        let waiting = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| get(&preview, "/_tidings/version?after=0"));
            preview.reload();
            waiting.join().unwrap()
        });
        assert!(waiting.ends_with("\r\n\r\n1"));
    }
}
