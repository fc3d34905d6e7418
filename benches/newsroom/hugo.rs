//! The same work done by Hugo, where it is installed: a feed in RSS and one in Atom of all items
//! and of each topic, full text, the 50 newest.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::corpus;
use crate::process::{Measured, measure};

/// Runs of each, in turn; the medians are compared.
const RUNS: usize = 3;

const CONFIGURATION: &str = r#"
baseURL = "https://news.example.org/"
title = "Benchmark"
disableKinds = ["section", "taxonomy", "404", "sitemap", "robotsTXT"]
[taxonomies]
department = "departments"
field = "fields"
[outputs]
home = ["RSS", "ATOM"]
term = ["RSS", "ATOM"]
page = []
[mediaTypes."application/atom+xml"]
suffixes = ["xml"]
[outputFormats.ATOM]
mediaType = "application/atom+xml"
baseName = "atom"
"#;

const RSS: &str = r#"{{ printf "<?xml version=\"1.0\" encoding=\"utf-8\"?>" | safeHTML }}
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{{ .Title | default site.Title }}</title><link>{{ .Permalink }}</link><description>{{ site.Title }}</description>{{ with .OutputFormats.Get "RSS" }}<atom:link href="{{ .Permalink }}" rel="self" type="application/rss+xml"/>{{ end }}
{{- $pages := .Pages }}{{ if .IsHome }}{{ $pages = site.RegularPages }}{{ end }}
{{- range first 50 $pages.ByDate.Reverse }}
<item><title>{{ .Title }}</title><link>{{ .Permalink }}</link><guid isPermaLink="false">{{ .Slug }}</guid><pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate>{{ range .Params.departments }}<dc:creator>{{ . }}</dc:creator>{{ end }}{{ range .Params.fields }}<category>{{ . }}</category>{{ end }}<description>{{ .Summary | plainify | transform.XMLEscape | safeHTML }}</description><content:encoded>{{ printf "<![CDATA[%s]]>" .Content | safeHTML }}</content:encoded></item>
{{- end }}</channel></rss>
"#;

const ATOM: &str = r#"{{ printf "<?xml version=\"1.0\" encoding=\"utf-8\"?>" | safeHTML }}
<feed xmlns="http://www.w3.org/2005/Atom"><title>{{ .Title | default site.Title }}</title><id>{{ .Permalink }}</id><link href="{{ .Permalink }}"/>
{{- $pages := .Pages }}{{ if .IsHome }}{{ $pages = site.RegularPages }}{{ end }}
{{- range first 50 $pages.ByDate.Reverse }}
<entry><title>{{ .Title }}</title><id>{{ .Slug }}</id><link href="{{ .Permalink }}"/><published>{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}</published><updated>{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}</updated>{{ range .Params.departments }}<author><name>{{ . }}</name></author>{{ end }}{{ range .Params.fields }}<category term="{{ . }}"/>{{ end }}<summary>{{ .Summary | plainify | transform.XMLEscape | safeHTML }}</summary><content type="html">{{ .Content | transform.XMLEscape | safeHTML }}</content></entry>
{{- end }}</feed>
"#;

/// How long Hugo takes to begin. Where `hugo` is a script that finds the program first, that is no
/// part of its work.
fn start(folder: &Path) -> Duration {
    let runs = (0..RUNS).map(|_| measure("hugo", &["version"], folder).time);
    runs.min().unwrap_or_default()
}

/// Builds the same items with Hugo and with Tidings in turn, and prints both medians and the ratio.
pub fn compare(folder: &Path, items: usize, tidings: impl Fn() -> Measured, first: Measured) {
    if !Command::new("hugo")
        .arg("version")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        println!("{:>9}  (hugo is not installed: no comparison)", "");
        return;
    }
    for k in 0..items {
        let item = corpus::item(k);
        let below = folder.join("content/news").join((k / 1_000).to_string());
        fs::create_dir_all(&below).expect("a folder for items");
        let text = corpus::markdown(&item, "slug", "departments", "fields");
        fs::write(below.join(format!("{}.md", item.name)), text).expect("an item");
    }
    fs::create_dir_all(folder.join("layouts")).expect("a folder for templates");
    fs::write(folder.join("hugo.toml"), CONFIGURATION).expect("a configuration");
    for kind in ["home", "term"] {
        fs::write(folder.join(format!("layouts/{kind}.rss.xml")), RSS).expect("a template");
        fs::write(folder.join(format!("layouts/{kind}.atom.xml")), ATOM).expect("a template");
    }
    let start = start(folder);
    let mut ours = vec![first.time];
    let mut theirs = Vec::new();
    let mut memory = 0;
    for run in 0..RUNS {
        if run > 0 {
            crate::put_aside(folder, "public");
        }
        let run = measure(
            "hugo",
            &["--quiet", "--source", &folder.to_string_lossy()],
            folder,
        );
        theirs.push(run.time.saturating_sub(start));
        memory = memory.max(run.peak_bytes);
        ours.push(tidings().time);
    }
    ours.sort();
    theirs.sort();
    let (ours, theirs) = (
        ours[ours.len() / 2].as_secs_f64(),
        theirs[theirs.len() / 2].as_secs_f64(),
    );
    println!(
        "{items:>9}  hugo {theirs:.3} s (its start of {:.3} s taken off) and {:.0} MB, tidings {ours:.3} s (medians of {RUNS}): {:.1} times faster",
        start.as_secs_f64(),
        memory as f64 / 1e6,
        theirs / ours
    );
}
