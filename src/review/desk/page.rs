//! The desk as HTML: plain forms, no script.

use handlebars::html_escape;

use super::Desk;
use crate::review::{Doubt, sureness};
use crate::tag::{Evidence, Part};
use crate::taxonomy::TermId;

/// How many items stand on one page.
pub(super) const ON_PAGE: usize = 25;

/// More terms than this are not offered while one types: a page stays small.
const MOST_OFFERED: usize = 1_000;

pub(super) const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{max-width:48rem;margin:0 auto;padding:1rem}\
article{border:1px solid #8888;border-radius:.5rem;padding:1rem;margin:1rem 0}\
h1{font-size:1.3rem}h2{font-size:1.1rem;margin:0}\
form{display:inline}button{font:inherit;padding:.3rem .8rem;min-height:2.2rem}\
input{font:inherit;padding:.3rem;max-width:100%}\
ul{padding-left:1.2rem}li{margin:.5rem 0}\
.path,.why{color:#767676;overflow-wrap:anywhere}\
.message{border-left:.3rem solid #c60;padding:.3rem .8rem}\
mark{background:#fd68;color:inherit}\n";

impl Desk {
    /// One page of the list, from 0. `message` is what the last button came to, if it failed.
    pub(super) fn page(&self, number: usize, message: Option<&str>) -> String {
        let left = self.doubts.len();
        let pages = left.div_ceil(ON_PAGE).max(1);
        let number = number.min(pages - 1);
        let title = &self.config.site.title;
        let mut html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <title>Review – {title}</title><link rel=\"stylesheet\" href=\"style.css\"></head>\n\
             <body>\n<h1>{title}: {left} to review, {} decided</h1>\n",
            self.decided,
            title = html_escape(title),
        );
        if let Some(message) = message {
            html += &format!(
                "<p class=\"message\" role=\"alert\">{}</p>\n",
                html_escape(message)
            );
        }
        if left == 0 {
            html += "<p>Nothing to review.</p>\n";
        }
        if self.decided > 0 {
            html += "<p>The next <code>tidings build</code> publishes what was decided; \
                     <code>watch</code> does so at once.</p>\n";
        }
        let shown = self.doubts.iter().skip(number * ON_PAGE).take(ON_PAGE);
        let shown: Vec<&Doubt> = shown.collect();
        for doubt in &shown {
            self.doubt(doubt, number, &mut html);
        }
        self.offered(&shown, &mut html);
        if pages > 1 {
            html += "<nav aria-label=\"Pages\">";
            for page in 0..pages {
                html += &match page == number {
                    true => format!("<strong>{}</strong> ", page + 1),
                    false => format!("<a href=\"./?page={page}\">{}</a> ", page + 1),
                };
            }
            html += "</nav>\n";
        }
        html + "</body>\n</html>\n"
    }

    fn doubt(&self, doubt: &Doubt, page: usize, html: &mut String) {
        let facet = self.config.taxonomy.facet(doubt.facet);
        let given: Vec<String> = doubt
            .given
            .iter()
            .map(|(term, _)| html_escape(self.name(*term)))
            .collect();
        let given = match given.is_empty() {
            true => "none".to_owned(),
            false => given.join(", "),
        };
        let why = doubt.reason.in_words();
        *html += &format!(
            "<article>\n<h2>{}</h2>\n<p class=\"path\">{}</p>\n<p>{}</p>\n<p>{}: {given} \
             <span class=\"why\">({why})</span></p>\n",
            html_escape(&doubt.title),
            html_escape(&doubt.path),
            html_escape(&doubt.lead),
            html_escape(&facet.plural),
        );
        if let Some(unseen) = &doubt.unseen {
            *html += &format!(
                "<p class=\"why\">The model has not learned the language of this text ({}): \
                 suggestions are those of rules.</p>\n",
                html_escape(unseen)
            );
        }
        *html += "<ul>\n";
        for tag in &doubt.suggested {
            let key = html_escape(&self.key(tag.term));
            *html += &format!(
                "<li>{} <span class=\"why\">({})</span> {}<br>{}</li>\n",
                html_escape(self.name(tag.term)),
                sureness(tag),
                evidence(&tag.evidence),
                self.form(
                    doubt,
                    page,
                    &format!(
                        "<button name=\"accept\" value=\"{key}\">Accept</button> \
                         <button name=\"reject\" value=\"{key}\">Reject</button>"
                    )
                )
            );
        }
        let facet_key = html_escape(&facet.key);
        let add = format!(
            "<label>Another {}: <input name=\"add\" list=\"{facet_key}\" required \
             autocomplete=\"off\"></label> <button>Add</button>",
            html_escape(&facet.name.to_lowercase())
        );
        *html += &format!(
            "</ul>\n<div>{}</div>\n<div>{}</div>\n</article>\n",
            self.form(doubt, page, &add),
            self.form(
                doubt,
                page,
                "<button name=\"skip\" value=\"1\">Later</button>"
            ),
        );
    }

    fn form(&self, doubt: &Doubt, page: usize, inside: &str) -> String {
        format!(
            "<form method=\"post\" action=\"decide\"><input type=\"hidden\" name=\"path\" \
             value=\"{}\"><input type=\"hidden\" name=\"facet\" value=\"{}\"><input \
             type=\"hidden\" name=\"page\" value=\"{page}\">{inside}</form>",
            html_escape(&doubt.path),
            html_escape(&self.config.taxonomy.facet(doubt.facet).key),
        )
    }

    /// The names of the terms of all facets that are shown, for who types one.
    fn offered(&self, shown: &[&Doubt], html: &mut String) {
        let taxonomy = &self.config.taxonomy;
        for (facet, described) in taxonomy.facets() {
            if shown.iter().all(|doubt| doubt.facet != facet) {
                continue;
            }
            *html += &format!("<datalist id=\"{}\">", html_escape(&described.key));
            let open = taxonomy.terms_of(facet).filter(|(_, term)| !term.closed);
            for (_, term) in open.take(MOST_OFFERED) {
                *html += &format!("<option value=\"{}\">", html_escape(&term.name));
            }
            *html += "</datalist>\n";
        }
    }

    fn name(&self, term: TermId) -> &str {
        &self.config.taxonomy.term(term).name
    }
}

fn evidence(evidence: &[Evidence]) -> String {
    let spans = evidence.iter().map(|it| {
        let part = match it.part {
            Part::Label => "label",
            Part::Title => "title",
            Part::Lead => "lead",
            Part::Body => "text",
        };
        format!(
            "<mark>{}</mark> <span class=\"why\">{:+.1}, {part}</span>",
            html_escape(&it.text),
            it.weight
        )
    });
    spans.collect::<Vec<_>>().join(" · ")
}
