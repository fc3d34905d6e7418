//! The configuration of Caddy: a Caddyfile.

use std::fmt::Write;

use super::{FEEDS, Site, written};
use crate::serve::kind::{FOREIGN_POLICY, PAGE_POLICY};
use crate::serve::path;

/// The output served by Caddy 2.
pub fn caddy(site: &Site) -> String {
    written(|text| write(text, site))
}

fn write(text: &mut String, site: &Site) -> std::fmt::Result {
    let mount = site.mount();
    let cache = &site.cache;
    writeln!(
        text,
        "# Made by `tidings snippet caddy`. Make it anew when addresses move or items are\n\
         # withdrawn, and have Caddy read it again: caddy reload."
    )?;
    writeln!(text, "{} {{", site.host())?;
    writeln!(text, "\troot * {}", quoted(&site.output.to_string_lossy()))?;
    writeln!(text, "\tencode zstd gzip\n")?;
    if !mount.is_empty() {
        writeln!(text, "\t# The site stands below {mount}/.")?;
        writeln!(text, "\tredir {mount} {mount}/ permanent")?;
        writeln!(text, "\turi strip_prefix {mount}\n")?;
    }
    writeln!(text, "\troute {{")?;
    writeln!(
        text,
        "\t\t# What Tidings keeps for itself, and all other hidden files.\n\t\t@hidden {{\n\t\t\tpath */.*\n\t\t\tnot path /.well-known/*\n\t\t}}\n\t\terror @hidden 404"
    )?;
    for (at, page) in site.addresses.gone.iter().enumerate() {
        let page = glob(page.trim_end_matches('/'));
        writeln!(
            text,
            "\t\t@gone{at} path /{page} /{page}/ /{page}/index.html\n\t\terror @gone{at} 410"
        )?;
    }
    for (at, (from, to)) in site.moved().into_iter().enumerate() {
        let to = path::encode(&to);
        if let Some(folder) = from.strip_suffix('/') {
            let folder = pattern(folder);
            writeln!(
                text,
                "\t\t@moved{at} path_regexp moved{at} ^/{folder}(?:/(.*))?$\n\t\tredir @moved{at} {mount}/{to}{{re.moved{at}.1}} permanent"
            )?;
        } else {
            writeln!(
                text,
                "\t\t@moved{at} path /{}\n\t\tredir @moved{at} {mount}/{to} permanent",
                glob(from)
            )?;
        }
    }
    for (name, media_type) in FEEDS {
        let (tag, _) = name.split_once('.').unwrap_or((name, ""));
        let charset = match media_type.ends_with("json") {
            true => "",
            false => "; charset=utf-8",
        };
        writeln!(
            text,
            "\t\t@{tag} path */{name}\n\t\theader @{tag} {{\n\t\t\tContent-Type \"{media_type}{charset}\"\n\t\t\tAccess-Control-Allow-Origin *\n\t\t\tAccess-Control-Expose-Headers ETag\n\t\t\tCache-Control {}\n\t\t}}",
            quoted(&cache.feeds)
        )?;
        writeln!(
            text,
            "\t\t@{tag}preflight {{\n\t\t\tmethod OPTIONS\n\t\t\tpath */{name}\n\t\t}}\n\t\theader @{tag}preflight Access-Control-Allow-Headers \"Accept, If-Modified-Since, If-None-Match, Range\"\n\t\trespond @{tag}preflight 204"
        )?;
    }
    for (tag, matcher, value) in [
        (
            "archive",
            "path_regexp /archive/[0-9]+/[^/]+$",
            &cache.archives,
        ),
        ("media", "path /media/*", &cache.media),
        ("page", "path */ *.html", &cache.pages),
        ("asset", "path *.css *.svg *.txt *.ico", &cache.assets),
    ] {
        writeln!(
            text,
            "\t\t@{tag} {matcher}\n\t\theader @{tag} Cache-Control {}",
            quoted(value)
        )?;
    }
    writeln!(text, "\t\theader X-Content-Type-Options nosniff")?;
    writeln!(
        text,
        "\t\theader @page Content-Security-Policy \"{PAGE_POLICY}\"\n\t\theader @page Referrer-Policy strict-origin-when-cross-origin"
    )?;
    writeln!(
        text,
        "\t\t@foreign path_regexp ^/media/.*\\.(svg|x?html?|xml)$\n\t\theader @foreign Content-Security-Policy \"{FOREIGN_POLICY}\""
    )?;
    if mount.is_empty() {
        writeln!(text, "\t\tfile_server\n\t}}\n")?;
    } else {
        writeln!(
            text,
            "\t\t@unfinished {{\n\t\t\tfile {{path}}/index.html\n\t\t\tnot path */\n\t\t}}\n\t\tredir @unfinished {mount}{{path}}/ permanent\n\t\tfile_server {{\n\t\t\tdisable_canonical_uris\n\t\t}}\n\t}}\n"
        )?;
    }
    let strip = match mount {
        "" => String::new(),
        mount => format!("\t\turi strip_prefix {mount}\n"),
    };
    writeln!(
        text,
        "\thandle_errors {{\n{strip}\t\t@gone expression `{{err.status_code}} == 410`\n\t\thandle @gone {{\n\t\t\ttry_files {{path}}/index.html {{path}} /404.html\n\t\t\tfile_server {{\n\t\t\t\tdisable_canonical_uris\n\t\t\t}}\n\t\t}}\n\t\t@missing expression `{{err.status_code}} == 404`\n\t\thandle @missing {{\n\t\t\trewrite * /404.html\n\t\t\tfile_server\n\t\t}}\n\t}}\n}}"
    )
}

/// Text between quotation marks.
fn quoted(text: &str) -> String {
    let plain = text.replace(|c: char| c.is_control() || "{}".contains(c), "_");
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A path that a path matcher fits; what would mean more than itself fits anything.
fn glob(path: &str) -> String {
    path.chars()
        .map(|c| match c {
            c if c.is_alphanumeric() || "-._/~".contains(c) => c,
            _ => '*',
        })
        .collect()
}

/// A pattern that fits this text and holds no space or brace.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || "-_/~".contains(c) => pattern.push(c),
            '.' => pattern.push_str("\\."),
            _ => pattern.push('.'),
        }
    }
    pattern
}
