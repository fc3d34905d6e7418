//! `robots.txt` (RFC 9309).

/// Lets everybody fetch everything, but for what `rules` says, and names the sitemap, if any.
pub fn render(rules: &[String], sitemap: Option<&str>) -> Vec<u8> {
    let mut text = String::from("User-agent: *\nDisallow:\n");
    if !rules.is_empty() {
        text.push('\n');
    }
    for rule in rules {
        // A group begins after an empty line, for people; the standard needs none.
        if is_agent(rule) && !text.ends_with("\n\n") && !ends_with_agent(&text) {
            text.push('\n');
        }
        text.push_str(rule);
        text.push('\n');
    }
    if let Some(sitemap) = sitemap {
        text.push_str(&format!("\nSitemap: {sitemap}\n"));
    }
    text.into_bytes()
}

fn is_agent(line: &str) -> bool {
    line.to_ascii_lowercase().starts_with("user-agent:")
}

fn ends_with_agent(text: &str) -> bool {
    text.lines().last().is_some_and(is_agent)
}

/// Whether a line is a rule: a name, a colon and a value, or a comment.
pub fn is_rule(line: &str) -> bool {
    let name = line.split_once(':').map_or("", |(name, _)| name);
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    line.starts_with('#') || is_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_in_groups_of_their_own() {
        let rules = [
            "User-agent: GPTBot",
            "User-agent: Other",
            "Disallow: /",
            "User-agent: *",
            "Crawl-delay: 5",
        ];
        let text = render(
            &rules.map(str::to_owned),
            Some("https://a.example/sitemap.xml"),
        );
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "User-agent: *\nDisallow:\n\nUser-agent: GPTBot\nUser-agent: Other\nDisallow: /\n\nUser-agent: *\nCrawl-delay: 5\n\nSitemap: https://a.example/sitemap.xml\n"
        );
        assert!(is_rule("Disallow: /x") && is_rule("# why"));
        assert!(!is_rule("/x") && !is_rule("no crawling please") && !is_rule(": x"));
    }
}
