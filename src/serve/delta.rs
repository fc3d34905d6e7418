//! Feed deltas: RFC 3229 with the instance manipulation `feed`, by which a client that says which
//! version of a feed it has gets only the entries that are new or changed since.
//!
//! Pure: bytes in, bytes out. An entry is known by the fingerprint of its bytes, so that any
//! change of it counts.

use std::collections::HashSet;
use std::ops::Range;

use axum::http::HeaderMap;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use crate::feed::Format;

/// Whether the client understands deltas of feeds: `A-IM: feed` (RFC 3229, section 10.5.3).
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let values = headers.get_all("a-im").iter();
    let mut manipulations = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    manipulations.any(|manipulation| {
        let (name, parameters) = manipulation.split_once(';').unwrap_or((manipulation, ""));
        let weight = parameters.split_once('=').map(|(_, weight)| weight.trim());
        let is_refused = weight
            .and_then(|weight| weight.parse::<f32>().ok())
            .is_some_and(|weight| weight <= 0.0);
        name.trim().eq_ignore_ascii_case("feed") && !is_refused
    })
}

/// The fingerprints of a feed's entries; none where it cannot be read.
pub fn entries(format: Format, feed: &[u8]) -> Vec<u64> {
    match format {
        Format::Json => {
            let feed: Option<Value> = serde_json::from_slice(feed).ok();
            let items = feed.as_ref().and_then(|feed| feed["items"].as_array());
            items.into_iter().flatten().map(fingerprint).collect()
        }
        Format::Rss | Format::Atom => {
            let ranges = ranges(format, feed).unwrap_or_default();
            let entries = ranges.into_iter();
            entries.map(|range| xxh3_64(&feed[range])).collect()
        }
    }
}

/// The feed with those of its entries that are not among the `known`; `None` where none is known,
/// so that nothing would be saved, or where the feed cannot be read.
pub fn delta(format: Format, feed: &[u8], known: &[u64]) -> Option<Vec<u8>> {
    let known: HashSet<u64> = known.iter().copied().collect();
    match format {
        Format::Json => {
            let mut feed: Value = serde_json::from_slice(feed).ok()?;
            let items = feed.get_mut("items")?.as_array_mut()?;
            let all = items.len();
            items.retain(|item| !known.contains(&fingerprint(item)));
            if items.len() == all {
                return None;
            }
            serde_json::to_vec(&feed).ok()
        }
        Format::Rss | Format::Atom => {
            let mut delta = Vec::new();
            let mut from = 0;
            for range in ranges(format, feed)? {
                if known.contains(&xxh3_64(&feed[range.clone()])) {
                    delta.extend_from_slice(feed[from..range.start].trim_ascii_end());
                    from = range.end;
                }
            }
            delta.extend_from_slice(&feed[from..]);
            (from > 0).then_some(delta)
        }
    }
}

fn fingerprint(item: &Value) -> u64 {
    xxh3_64(item.to_string().as_bytes())
}

/// Where the entries of a feed in XML stand.
fn ranges(format: Format, feed: &[u8]) -> Option<Vec<Range<usize>>> {
    // An entry is a child of the feed, an item one of the channel.
    let (name, depth): (&[u8], usize) = match format {
        Format::Atom => (b"entry", 1),
        Format::Rss => (b"item", 2),
        Format::Json => return None,
    };
    let mut reader = Reader::from_reader(feed);
    let mut ranges = Vec::new();
    let mut level = 0;
    let mut start = None;
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        match reader.read_event().ok()? {
            Event::Start(element) => {
                if level == depth && element.name().as_ref() == name {
                    start = Some(before);
                }
                level += 1;
            }
            Event::End(_) => {
                level = level.checked_sub(1)?;
                if level == depth
                    && let Some(start) = start.take()
                {
                    ranges.push(start..usize::try_from(reader.buffer_position()).ok()?);
                }
            }
            Event::Eof => return Some(ranges),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn wanted(value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("a-im", HeaderValue::from_str(value).unwrap());
        is_wanted(&headers)
    }

    #[test]
    fn deltas_are_for_those_who_ask_for_feeds() {
        for yes in [
            "feed",
            "Feed",
            "vcdiff, feed",
            "feed;q=0.5",
            "gzip, feed ;q=1",
        ] {
            assert!(wanted(yes), "{yes}");
        }
        for no in ["vcdiff", "feed;q=0", "feeds", ""] {
            assert!(!wanted(no), "{no}");
        }
    }

    /// A feed of these entries, each with the text that it has.
    fn feed(format: Format, entries: &[(&str, &str)]) -> Vec<u8> {
        let entry = |(id, text): &(&str, &str)| match format {
            Format::Atom => {
                format!(
                    "\n <entry><id>{id}</id><content><![CDATA[</entry>{text}]]></content></entry>"
                )
            }
            Format::Rss => format!("\n<item><guid>{id}</guid><item>{text}</item></item>"),
            Format::Json => format!("{{\"id\": \"{id}\", \"content_html\": \"{text}\"}}"),
        };
        let entries: Vec<String> = entries.iter().map(entry).collect();
        match format {
            Format::Atom => format!(
                "<?xml version=\"1.0\"?>\n<feed><title>News</title>{}\n</feed>\n",
                entries.concat()
            ),
            Format::Rss => format!(
                "<rss><channel><title>News</title>{}\n</channel></rss>",
                entries.concat()
            ),
            Format::Json => format!(
                "{{\"title\": \"News\", \"items\": [{}]}}",
                entries.join(",")
            ),
        }
        .into_bytes()
    }

    #[test]
    fn only_new_and_changed_entries_are_sent() {
        for format in Format::ALL {
            let old = feed(format, &[("c", "3"), ("b", "2"), ("a", "1")]);
            let new = feed(format, &[("d", "4"), ("c", "3"), ("b", "corrected")]);
            let known = entries(format, &old);
            assert_eq!(known.len(), 3);
            let delta = String::from_utf8(delta(format, &new, &known).unwrap()).unwrap();
            assert!(delta.contains("News") && delta.contains('4'), "{delta}");
            assert!(
                delta.contains("corrected") && !delta.contains('3'),
                "{delta}"
            );
            assert_eq!(entries(format, delta.as_bytes()).len(), 2);
        }
    }

    #[test]
    fn a_feed_without_news_is_empty_but_whole() {
        for format in Format::ALL {
            let feed = feed(format, &[("b", "2"), ("a", "1")]);
            let delta = delta(format, &feed, &entries(format, &feed)).unwrap();
            assert!(entries(format, &delta).is_empty());
            assert!(String::from_utf8(delta).unwrap().contains("News"));
        }
    }

    #[test]
    fn where_nothing_would_be_saved_there_is_no_delta() {
        for format in Format::ALL {
            let feed = feed(format, &[("b", "2")]);
            assert_eq!(delta(format, &feed, &[]), None);
            assert_eq!(delta(format, &feed, &[1, 2, 3]), None);
            assert_eq!(delta(format, b"<feed><entry></feed>", &[1]), None);
        }
    }
}
