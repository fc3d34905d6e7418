//! Links to the site's own pages say that they were followed from a digest, where its editors ask
//! for it: `utm_source`, `utm_medium` and `utm_campaign`, which programs that count visits know.
//!
//! They are the same in every mail, so that they tell of the digest and never of its reader. Links
//! that lead elsewhere, to files, and the reader's own ones stay as they are.

use std::borrow::Cow;

use linkify::{LinkFinder, LinkKind};
use url::form_urlencoded::byte_serialize;

use crate::config::Utm;
use crate::digest::compose::Issue;
use crate::digest::view::PersonalLinks;
use crate::media;

/// Marks the links of one mail.
pub struct Tagger<'a> {
    /// The parameters that are added, encoded.
    pairs: Vec<(&'static str, String)>,
    /// The address of the site, with a slash at its end.
    base_url: &'a str,
    links: Option<&'a PersonalLinks>,
}

impl<'a> Tagger<'a> {
    /// One for the mails of `issue`: `{digest}` and `{period}` in a value stand for its own.
    pub fn new(
        utm: &Utm,
        issue: &Issue,
        base_url: &'a str,
        links: Option<&'a PersonalLinks>,
    ) -> Tagger<'a> {
        let value = |text: &str| {
            let text = text
                .replace("{digest}", &issue.slug)
                .replace("{period}", &issue.span.label);
            byte_serialize(text.as_bytes()).collect::<String>()
        };
        let pairs = [
            ("utm_source", &utm.source),
            ("utm_medium", &utm.medium),
            ("utm_campaign", &utm.campaign),
        ];
        let stated = pairs
            .into_iter()
            .filter_map(|(key, text)| Some((key, value(text.as_deref()?))));
        Tagger {
            pairs: stated.collect(),
            base_url,
            links,
        }
    }

    /// `html` with its links marked. It must come from a serialiser, which writes every attribute
    /// in double quotes.
    pub fn html(&self, html: &str) -> String {
        let mut marked = String::with_capacity(html.len() + html.len() / 8);
        let mut rest = html;
        while let Some(start) = rest.find("<a ") {
            let Some(value) = rest[start..].find(" href=\"").map(|at| start + at + 7) else {
                break;
            };
            let Some(end) = rest[value..].find('"').map(|at| value + at) else {
                break;
            };
            marked.push_str(&rest[..value]);
            let url = rest[value..end].replace("&amp;", "&");
            marked.push_str(&self.url(&url).replace('&', "&amp;"));
            rest = &rest[end..];
        }
        marked.push_str(rest);
        marked
    }

    /// `text` with its links marked.
    pub fn text(&self, text: &str) -> String {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url]);
        finder
            .spans(text)
            .map(|span| match span.kind() {
                Some(_) => self.url(span.as_str()),
                None => Cow::Borrowed(span.as_str()),
            })
            .collect()
    }

    /// `url`, marked if it is a page of the site. What its query and its fragment say stays.
    fn url<'u>(&self, url: &'u str) -> Cow<'u, str> {
        let is_page = url
            .strip_prefix(self.base_url)
            .is_some_and(|path| !is_file(path));
        let is_personal = self.links.is_some_and(|links| {
            [&links.preferences, &links.unsubscribe].contains(&&url.to_owned())
        });
        if !is_page || is_personal {
            return Cow::Borrowed(url);
        }
        let (address, fragment) = match url.split_once('#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (url, None),
        };
        let mut tagged = address.to_owned();
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let stated = |key: &str| {
            query
                .split('&')
                .any(|pair| pair.split('=').next() == Some(key))
        };
        for (key, value) in self.pairs.iter().filter(|(key, _)| !stated(key)) {
            tagged.push(match tagged.contains('?') {
                false => '?',
                true => '&',
            });
            tagged.push_str(&format!("{key}={value}"));
        }
        if let Some(fragment) = fragment {
            tagged.push('#');
            tagged.push_str(fragment);
        }
        Cow::Owned(tagged)
    }
}

/// Whether a path of the site is something else than a page: a file that an item points at, a
/// feed, a picture.
fn is_file(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with(&format!("{}/", media::FOLDER))
        || name.contains('.') && !name.ends_with(".html")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::digest::compose::compose;
    use crate::digest::samples::{digest, entries, site, taxonomy, week};

    const BASE: &str = "https://news.harbour.example/";

    fn issue() -> Issue {
        compose(&digest(), &taxonomy(), &site(), &week(), entries()).unwrap()
    }

    fn utm() -> Utm {
        Utm {
            source: Some("digest".to_owned()),
            medium: Some("e-mail & more".to_owned()),
            campaign: Some("{digest}-{period}".to_owned()),
        }
    }

    fn tagged(url: &str) -> String {
        Tagger::new(&utm(), &issue(), BASE, None)
            .url(url)
            .into_owned()
    }

    const ADDED: &str = "utm_source=digest&utm_medium=e-mail+%26+more&utm_campaign=weekly-2024-W47";

    #[test]
    fn pages_of_the_site_are_marked() {
        assert_eq!(tagged(BASE), format!("{BASE}?{ADDED}"));
        assert_eq!(
            tagged(&format!("{BASE}a/?x=1#here")),
            format!("{BASE}a/?x=1&{ADDED}#here")
        );
        assert_eq!(
            tagged(&format!("{BASE}a/?utm_source=poster")),
            format!(
                "{BASE}a/?utm_source=poster&{}",
                &ADDED["utm_source=digest&".len()..]
            )
        );
    }

    #[test]
    fn other_sites_files_and_what_is_no_page_stay_as_they_are() {
        for url in [
            "https://elsewhere.example/",
            "https://news.harbour.example.evil.example/",
            "mailto:press@harbour.example",
            "https://news.harbour.example/media/news/a.pdf",
            "https://news.harbour.example/atom.xml",
            "{{ UnsubscribeURL }}",
        ] {
            assert_eq!(tagged(url), url);
        }
    }

    #[test]
    fn the_readers_own_links_are_never_marked() {
        let links = PersonalLinks {
            preferences: format!("{BASE}subscriptions?token=a"),
            unsubscribe: format!("{BASE}unsubscribe?token=b&x=c"),
        };
        let issue = issue();
        let utm = utm();
        let tagger = Tagger::new(&utm, &issue, BASE, Some(&links));
        let html = format!(
            "<a class=\"x\" href=\"{BASE}unsubscribe?token=b&amp;x=c\">stop</a> <a href=\"{}\">",
            links.preferences
        );
        assert_eq!(tagger.html(&html), html);
        let text = format!("Stop: {}\n{}\n", links.unsubscribe, links.preferences);
        assert_eq!(tagger.text(&text), text);
    }

    #[test]
    fn links_in_html_and_in_text_are_found_and_words_are_not() {
        let issue = issue();
        let utm = utm();
        let tagger = Tagger::new(&utm, &issue, BASE, None);
        assert_eq!(
            tagger.html("<p>x href=\"https://news.harbour.example/\"</p><img src=\"https://news.harbour.example/\"><a style=\"a\" href=\"https://news.harbour.example/?a=1&amp;b=2\">https://news.harbour.example/</a>"),
            format!("<p>x href=\"https://news.harbour.example/\"</p><img src=\"https://news.harbour.example/\"><a style=\"a\" href=\"https://news.harbour.example/?a=1&amp;b=2&amp;{}\">https://news.harbour.example/</a>", ADDED.replace('&', "&amp;"))
        );
        assert_eq!(
            tagger.text("See https://news.harbour.example/a/. Or (https://b.example/)"),
            format!("See https://news.harbour.example/a/?{ADDED}. Or (https://b.example/)")
        );
    }

    proptest! {
        #[test]
        fn path_query_and_fragment_are_kept(
            path in "[a-z/%0-9]{0,20}",
            query in proptest::option::of("[a-z0-9=&;%+?]{0,20}"),
            fragment in proptest::option::of("[a-z0-9/?&=]{0,20}"),
        ) {
            let mut url = format!("{BASE}{path}");
            if let Some(query) = &query {
                url.push_str(&format!("?{query}"));
            }
            if let Some(fragment) = &fragment {
                url.push_str(&format!("#{fragment}"));
            }
            let (before, after) = (Url::parse(&url).unwrap(), Url::parse(&tagged(&url)).unwrap());
            prop_assert_eq!(before.path(), after.path());
            prop_assert_eq!(before.fragment(), after.fragment());
            let kept = before.query_pairs().collect::<Vec<_>>();
            let all = after.query_pairs().collect::<Vec<_>>();
            prop_assert_eq!(&all[..kept.len()], &kept[..]);
            prop_assert_eq!(all.len(), kept.len() + 3);
            // Marking twice changes nothing more.
            prop_assert_eq!(tagged(&tagged(&url)), tagged(&url));
        }
    }
}
