//! The configuration of nginx: a file for `conf.d`.

use std::fmt::Write;

use super::{FEEDS, Site, written};
use crate::serve::kind::{FOREIGN_POLICY, PAGE_POLICY};
use crate::serve::path;

/// The output served by nginx, which needs no modules but those that it comes with.
pub fn nginx(site: &Site) -> String {
    written(|text| write(text, site))
}

fn write(text: &mut String, site: &Site) -> std::fmt::Result {
    let mount = site.mount();
    let cache = &site.cache;
    writeln!(
        text,
        "# Made by `tidings snippet nginx`. Make it anew when addresses move or items are\n\
         # withdrawn, and have nginx read it again: nginx -s reload."
    )?;
    writeln!(text, "map $uri $tidings_moved {{\n    default \"\";")?;
    for (from, to) in site.moved() {
        let to = path::encode(&to);
        if let Some(folder) = from.strip_suffix('/') {
            writeln!(text, "    {} \"{mount}/{to}\";", exact(folder))?;
            let pattern = format!("~^/{}(?<tidings_rest>.*)$", pattern(from));
            writeln!(text, "    \"{pattern}\" \"{mount}/{to}$tidings_rest\";")?;
        } else {
            writeln!(text, "    {} \"{mount}/{to}\";", exact(from))?;
        }
    }
    writeln!(text, "}}\nmap $uri $tidings_gone {{\n    default 0;")?;
    for page in &site.addresses.gone {
        writeln!(text, "    {} 1;", exact(page))?;
        // A feed has one name; nginx refuses one that is there twice.
        if let Some(bare) = page.strip_suffix('/') {
            writeln!(text, "    {} 1;", exact(bare))?;
            writeln!(text, "    {} 1;", exact(&format!("{page}index.html")))?;
        }
    }
    let names = FEEDS.map(|(name, _)| name.replace('.', "\\."));
    let feed = format!("~/({})$", names.join("|"));
    writeln!(text, "}}\nmap $uri $tidings_cache {{")?;
    writeln!(
        text,
        "    \"~/archive/[0-9]+/[^/]+$\" {};",
        quoted(&cache.archives)
    )?;
    writeln!(text, "    \"{feed}\" {};", quoted(&cache.feeds))?;
    writeln!(text, "    \"~^/media/\" {};", quoted(&cache.media))?;
    writeln!(text, "    \"~(/|\\.html)$\" {};", quoted(&cache.pages))?;
    writeln!(text, "    default {};\n}}", quoted(&cache.assets))?;
    writeln!(
        text,
        "map $uri $tidings_origin {{\n    \"{feed}\" \"*\";\n    default \"\";\n}}"
    )?;
    writeln!(
        text,
        "map $uri $tidings_exposed {{\n    \"{feed}\" \"ETag\";\n    default \"\";\n}}"
    )?;
    writeln!(
        text,
        "map \"$request_method $uri\" $tidings_allowed {{\n    \"~^OPTIONS .*/({})$\" \"Accept, If-Modified-Since, If-None-Match, Range\";\n    default \"\";\n}}",
        names.join("|")
    )?;
    writeln!(
        text,
        "map $uri $tidings_policy {{\n    \"~^/media/.*\\.(svg|x?html?|xml)$\" \"{FOREIGN_POLICY}\";\n    \"~(/|\\.html)$\" \"{PAGE_POLICY}\";\n    default \"\";\n}}"
    )?;
    writeln!(
        text,
        "map $uri $tidings_referrer {{\n    \"~(/|\\.html)$\" \"strict-origin-when-cross-origin\";\n    default \"\";\n}}\n"
    )?;
    server(text, site)
}

fn server(text: &mut String, site: &Site) -> std::fmt::Result {
    let mount = site.mount();
    writeln!(
        text,
        "server {{\n    listen 80;\n    # listen 443 ssl;\n    # ssl_certificate /etc/ssl/{0}.pem;\n    # ssl_certificate_key /etc/ssl/{0}.key;\n    server_name {0};\n    root {1};",
        site.host(),
        quoted(&site.output.to_string_lossy()),
    )?;
    writeln!(
        text,
        "    index index.html;\n    charset utf-8;\n    charset_types text/plain text/css text/xml text/x-opml application/xml application/rss+xml application/atom+xml;\n    absolute_redirect off;\n    etag on;\n\n    gzip on;\n    gzip_vary on;\n    gzip_comp_level 6;\n    gzip_min_length 256;\n    gzip_proxied any;\n    gzip_types text/plain text/css text/xml text/x-opml application/xml application/json application/rss+xml application/atom+xml application/feed+json image/svg+xml;\n"
    )?;
    writeln!(
        text,
        "    add_header Cache-Control $tidings_cache;\n    add_header Access-Control-Allow-Origin $tidings_origin;\n    add_header Access-Control-Expose-Headers $tidings_exposed;\n    add_header Access-Control-Allow-Headers $tidings_allowed;\n    add_header X-Content-Type-Options nosniff always;\n    add_header Content-Security-Policy $tidings_policy always;\n    add_header Referrer-Policy $tidings_referrer always;\n"
    )?;
    if !mount.is_empty() {
        writeln!(text, "    # The site stands below {mount}/.")?;
        writeln!(text, "    rewrite ^{}$ {mount}/ permanent;", pattern(mount))?;
        writeln!(text, "    rewrite ^{}(/.*)$ $1;", pattern(mount))?;
    }
    writeln!(
        text,
        "    if ($tidings_gone) {{ return 410; }}\n    if ($tidings_moved) {{ return 301 $tidings_moved$is_args$args; }}\n    error_page 404 /404.html;\n    error_page 410 @gone;\n    location @gone {{ try_files ${{uri}}index.html $uri/index.html $uri /404.html =410; }}\n"
    )?;
    writeln!(
        text,
        "    # What Tidings keeps for itself, and all other hidden files.\n    location ~ /\\.(?!well-known/) {{ return 404; }}"
    )?;
    for (name, media_type) in FEEDS {
        let name = name.replace('.', "\\.");
        writeln!(
            text,
            "    location ~ /{name}$ {{\n        types {{ }}\n        default_type {media_type};\n        if ($request_method = OPTIONS) {{ return 204; }}\n    }}"
        )?;
    }
    if !mount.is_empty() {
        writeln!(
            text,
            "    location / {{\n        if (-d $request_filename) {{ rewrite ^(.*[^/])$ {mount}$1/ permanent; }}\n    }}"
        )?;
    }
    writeln!(text, "}}")
}

/// A path in a map that fits exactly.
fn exact(path: &str) -> String {
    // Without the mark a name such as `default` or one with a star would mean something else; a
    // slash stands in front of all of them.
    quoted(&format!("/{path}"))
}

/// Text between quotation marks, which neither ends them nor names a variable.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // No way to write them is safe, and no address of ours has them.
            '$' | '{' | '}' | ';' => quoted.push('_'),
            c if c.is_control() => quoted.push('_'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A pattern that fits this text, to stand between quotation marks.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || "-_/~%".contains(c) => pattern.push(c),
            '"' | '\\' | '$' | '{' | '}' | ';' => pattern.push('.'),
            c if c.is_control() => pattern.push('.'),
            c => pattern.extend(['\\', c]),
        }
    }
    pattern
}
