//! `_headers` and `_redirects`, as Netlify and Cloudflare Pages read them from the folder that is
//! published.

use std::fmt::Write;

use super::{FEEDS, Site, written};
use crate::serve::kind::PAGE_POLICY;
use crate::serve::path;

/// The file `_headers`. Rules add up on both networks, so that no path gets a header from two.
pub fn headers(site: &Site) -> String {
    written(|text| write_headers(text, site))
}

fn write_headers(text: &mut String, site: &Site) -> std::fmt::Result {
    let mount = site.mount();
    let cache = &site.cache;
    writeln!(
        text,
        "# Made by `tidings snippet cdn-headers`: for Netlify and Cloudflare Pages."
    )?;
    writeln!(
        text,
        "{mount}/*\n  X-Content-Type-Options: nosniff\n  Referrer-Policy: strict-origin-when-cross-origin"
    )?;
    for (name, media_type) in FEEDS {
        let charset = match media_type.ends_with("json") {
            true => "",
            false => "; charset=utf-8",
        };
        for place in ["", "*/"] {
            writeln!(
                text,
                "{mount}/{place}{name}\n  Content-Type: {media_type}{charset}\n  Access-Control-Allow-Origin: *\n  Access-Control-Expose-Headers: ETag\n  Cache-Control: {}",
                cache.feeds
            )?;
        }
    }
    for place in ["", "*/", "*/index.html"] {
        writeln!(
            text,
            "{mount}/{place}\n  Content-Security-Policy: {PAGE_POLICY}\n  Cache-Control: {}",
            cache.pages
        )?;
    }
    writeln!(text, "{mount}/style.css\n  Cache-Control: {}", cache.assets)?;
    writeln!(text, "{mount}/media/*\n  Cache-Control: {}", cache.media)
}

/// The file `_redirects`.
pub fn redirects(site: &Site) -> String {
    written(|text| write_redirects(text, site))
}

fn write_redirects(text: &mut String, site: &Site) -> std::fmt::Result {
    let mount = site.mount();
    writeln!(
        text,
        "# Made by `tidings snippet cdn-redirects`. Cloudflare Pages takes 2,000 plain rules and 100\n\
         # with a star, and knows no 410: it sends the notices of withdrawn pages with 200."
    )?;
    let moved = site.moved();
    for (from, to) in &moved {
        let (from, to) = (path::encode(from), path::encode(to));
        writeln!(
            text,
            "{mount}/{} {mount}/{to} 301",
            from.trim_end_matches('/')
        )?;
    }
    for page in &site.addresses.gone {
        // Items leave a notice; topics and feeds that ended do not.
        let notice = match page.starts_with("news/") {
            true => format!("{}index.html", path::encode(page)),
            false => "404.html".to_owned(),
        };
        writeln!(text, "{mount}/{} {mount}/{notice} 410!", path::encode(page))?;
    }
    for (from, to) in moved.iter().filter(|(from, _)| from.ends_with('/')) {
        let (from, to) = (path::encode(from), path::encode(to));
        writeln!(text, "{mount}/{from}* {mount}/{to}:splat 301")?;
    }
    Ok(())
}
