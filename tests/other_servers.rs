//! The same output under other servers, with the configuration that Tidings makes for them, each
//! started for real on a port of this machine; where one is not installed, its test says so.

mod common;

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::http::{Answer, PATIENCE};
use common::{CONFIGURATION, Newsroom};

/// A server of somebody else's, ended when the test ends.
struct Other {
    child: Child,
    address: String,
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Other {
    fn start(mut command: Command, address: &str) -> Other {
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut other = Other {
            child,
            address: address.to_owned(),
        };
        let end = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < end, "it does not answer");
            assert_eq!(other.child.try_wait().unwrap(), None, "it ended");
            std::thread::sleep(Duration::from_millis(20));
        }
        other
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        use std::io::Write;
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: news.example.org\r\nConnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::read(&bytes)
    }

    fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[])
    }
}

fn is_installed(program: &str, version: &str) -> bool {
    let run = Command::new(program)
        .arg(version)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let is_there = run.is_ok();
    if !is_there {
        eprintln!("skipped: {program} is not installed");
    }
    is_there
}

fn newsroom(mount: &str) -> Newsroom {
    let newsroom = Newsroom::new();
    newsroom.write(
        "feeds.toml",
        CONFIGURATION.replace("example.org/\"", &format!("example.org{mount}/\"")),
    );
    newsroom.item(
        "news/a.md",
        "First",
        &"A text about the river. ".repeat(100),
    );
    newsroom.build();
    newsroom.write("public/news/2023/gone/index.html", "<h1>Withdrawn</h1>");
    newsroom.write(
        "public/.tidings/addresses.json",
        r#"{"gone": ["news/2023/gone/"], "moved": {"topic/old/": "topic/water/", "topic/older/": "topic/old/"}}"#,
    );
    newsroom
}

fn snippet(newsroom: &Newsroom, server: &str) -> String {
    common::stdout(&newsroom.tidings(&["snippet", server]).assert().success())
}

/// A port that was free a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// What every server must do with the output.
fn serves_as_we_do(newsroom: &Newsroom, other: &Other, mount: &str) {
    for (path, media_type) in [
        ("/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        (
            "/topic/water/atom.xml",
            "application/atom+xml; charset=utf-8",
        ),
        ("/feed.json", "application/feed+json"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
    ] {
        let answer = other.get(&format!("{mount}{path}"));
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("content-type").to_ascii_lowercase(),
            media_type,
            "{path}"
        );
        assert!(
            answer
                .header("cache-control")
                .contains("stale-while-revalidate"),
            "{path}: {answer:?}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let feed = format!("{mount}/atom.xml");
    let plain = other.get(&feed);
    assert_eq!(plain.text(), newsroom.read("atom.xml"));
    assert_eq!(plain.header("access-control-allow-origin"), "*");
    let etag = plain.header("etag");
    let again = other.request("GET", &feed, &[("If-None-Match", etag)]);
    assert_eq!(again.status, 304);
    let gzip = other.request("GET", &feed, &[("Accept-Encoding", "gzip")]);
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert!(gzip.header("vary").eq_ignore_ascii_case("accept-encoding"));
    let preflight = [("Access-Control-Request-Method", "GET")];
    let preflight = other.request("OPTIONS", &feed, &preflight);
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("If-None-Match")
    );
    let page = other.get(&format!("{mount}/"));
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(page.header("access-control-allow-origin"), "");
    for (path, target) in [
        ("/topic/old/atom.xml", "/topic/water/atom.xml"),
        ("/topic/old/", "/topic/water/"),
        ("/topic/old", "/topic/water/"),
        ("/topic/older/feed.json", "/topic/water/feed.json"),
        ("/topic/water", "/topic/water/"),
    ] {
        let moved = other.get(&format!("{mount}{path}"));
        let location = moved.header("location");
        assert!(matches!(moved.status, 301 | 308), "{path}: {moved:?}");
        assert_eq!(location, format!("{mount}{target}"), "{path}");
    }
    for path in [
        "/news/2023/gone/",
        "/news/2023/gone",
        "/news/2023/gone/index.html",
    ] {
        let gone = other.get(&format!("{mount}{path}"));
        assert_eq!(gone.status, 410, "{path}: {gone:?}");
        assert_eq!(gone.text(), "<h1>Withdrawn</h1>", "{path}");
    }
    for path in [
        "/nothing",
        "/topic/fire/",
        "/.tidings/manifest",
        "/.tidings/addresses.json",
    ] {
        let missing = other.get(&format!("{mount}{path}"));
        assert_eq!(missing.status, 404, "{path}: {missing:?}");
        assert_eq!(missing.text(), newsroom.read("404.html"), "{path}");
    }
}

fn nginx(newsroom: &Newsroom) -> Other {
    let address = free_address();
    let folder = newsroom.path("nginx");
    let site = snippet(newsroom, "nginx").replace("listen 80;", &format!("listen {address};"));
    newsroom.write("nginx/news.conf", site);
    let at = |name: &str| folder.join(name).display().to_string();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {};\n", at(kind)))
        .concat();
    newsroom.write(
        "nginx/nginx.conf",
        format!(
            "daemon off;\nmaster_process off;\npid {};\nerror_log stderr warn;\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\naccess_log off;\n{temporary}include {};\n}}\n",
            at("pid"),
            at("news.conf")
        ),
    );
    let mut command = Command::new("nginx");
    command
        .args(["-e", "stderr", "-p"])
        .arg(&folder)
        .arg("-c")
        .arg(folder.join("nginx.conf"));
    Other::start(command, &address)
}

#[test]
fn nginx_serves_the_output_as_we_do() {
    if !is_installed("nginx", "-v") {
        return;
    }
    for mount in ["", "/press"] {
        let newsroom = newsroom(mount);
        serves_as_we_do(&newsroom, &nginx(&newsroom), mount);
    }
}

#[test]
fn caddy_serves_the_output_as_we_do() {
    if !is_installed("caddy", "version") {
        return;
    }
    for mount in ["", "/press"] {
        let newsroom = newsroom(mount);
        let address = free_address();
        let site = snippet(&newsroom, "caddy").replace(
            "news.example.org {",
            &format!(
                "http://:{} {{\n\tbind 127.0.0.1",
                address.rsplit(':').next().unwrap()
            ),
        );
        let file = newsroom.path("Caddyfile");
        fs::write(
            &file,
            format!("{{\n\tadmin off\n\tauto_https off\n}}\n{site}"),
        )
        .unwrap();
        let mut command = Command::new("caddy");
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&file)
            .env("HOME", newsroom.root())
            .env("XDG_CONFIG_HOME", newsroom.root())
            .env("XDG_DATA_HOME", newsroom.root())
            .stderr(Stdio::null());
        let other = Other::start(command, &address);
        serves_as_we_do(&newsroom, &other, mount);
    }
}

#[test]
fn the_rules_of_a_cdn_name_files_that_are_there() {
    let newsroom = newsroom("");
    let headers = snippet(&newsroom, "cdn-headers");
    for path in headers
        .lines()
        .filter(|line| line.starts_with('/') && !line.contains('*'))
    {
        let file = if path.ends_with('/') {
            format!("{path}index.html")
        } else {
            path.to_owned()
        };
        assert!(
            Path::new(&newsroom.path("public"))
                .join(&file[1..])
                .exists(),
            "{path}"
        );
    }
    let redirects = snippet(&newsroom, "cdn-redirects");
    assert!(redirects.contains("/topic/old/* /topic/water/:splat 301"));
    assert!(redirects.contains("/news/2023/gone/ /news/2023/gone/index.html 410!"));
}
