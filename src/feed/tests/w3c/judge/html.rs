//! HTML within feeds, and where none may be.

use roxmltree::Node;
use scraper::Html;

use super::{Faults, text, values};

/// Elements that the validator holds to be harmless, of those that HTML has.
const HARMLESS: &str = "a abbr acronym address area article aside audio b bdi big blockquote br \
    button canvas caption center cite code col colgroup command data datagrid datalist dd del \
    details dfn dialog dir div dl dt em eventsource fieldset figcaption figure footer font form \
    header h1 h2 h3 h4 h5 h6 hgroup hr i img input ins keygen kbd label legend li m main map mark \
    menu meter multicol nav nextid ol output optgroup option p picture pre progress q rp rt ruby \
    s samp section select small sound source spacer span strike strong sub summary sup table \
    tbody td template textarea time tfoot th thead tr track tt u ul var video noscript wbr";

/// Elements of HTML that it holds to be dangerous.
const RISKY: &str = "applet base basefont bdo body embed frame frameset head html iframe isindex \
    link listing meta noframes object param plaintext script slot style svg title xmp";

/// Attributes that it lets pass, of those that may come from our sanitiser, and their like.
const ATTRIBUTES: &str = "abbr align alt axis border char charoff cite class clear color cols \
    colspan data datetime dir headers height href hreflang id label lang name open rel reversed \
    rowspan scope size span src srcset start summary target title translate type valign value width";

fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|other| other == word)
}

/// HTML that readers show.
pub fn safe(html: &str, faults: &mut Faults) {
    let tree = Html::parse_fragment(html);
    // What the parser must mend, it does by elements that nobody wrote, or by leaving some out.
    // (A table's body may be left unsaid.)
    let starts = html.split('<').skip(1).filter(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic()) && !rest.starts_with("tbody")
    });
    // The parser stands the fragment in an `html` of its own.
    let nodes = tree.root_element().descendants().skip(1);
    let elements: Vec<_> = nodes.filter_map(|node| node.value().as_element()).collect();
    let built = elements.iter().filter(|element| element.name() != "tbody");
    faults.unless(starts.count() == built.count(), "NotHtml", start(html));
    for element in elements {
        let name = element.name();
        if has(RISKY, name) {
            faults.add("SecurityRisk", name);
        } else if !has(HARMLESS, name) {
            faults.add("NotHtml", name);
        }
        for (attribute, value) in element.attrs() {
            match attribute {
                // One of the few properties that it knows, as tables of Markdown have it.
                "style" if value.starts_with("text-align: ") && is_word(&value[12..]) => {}
                "style" => faults.add("DangerousStyleAttr", value),
                _ if attribute.starts_with("data-") || has(ATTRIBUTES, attribute) => {}
                _ => faults.add("SecurityRiskAttr", attribute),
            }
            let is_address = matches!((name, attribute), ("a", "href") | ("img", "src"));
            if is_address
                && !value
                    .split_once(':')
                    .is_some_and(|(scheme, _)| is_word(scheme))
            {
                let is_uri = values::is_address(value);
                let rule = if is_uri {
                    "ContainsRelRef"
                } else {
                    "InvalidUriChar"
                };
                faults.add(rule, value);
            }
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn start(html: &str) -> &str {
    html.get(..60).unwrap_or(html)
}

/// Plain text, in which nobody expects HTML: neither closing tags of HTML nor references to
/// characters.
pub fn none_in(text: &str, rule: &'static str, faults: &mut Faults) {
    ends(text, rule, faults);
    references(text, rule, faults);
}

fn ends(text: &str, rule: &'static str, faults: &mut Faults) {
    let is_tag = |name: &str| has(HARMLESS, name) || has(RISKY, name);
    let ends = text
        .split("</")
        .skip(1)
        .filter_map(|rest| rest.split_once('>'));
    let tags = ends.filter(|(name, _)| is_tag(&name.to_lowercase()));
    for (name, _) in tags {
        faults.add(rule, format!("</{name}>: {}", start(text)));
    }
}

fn references(text: &str, rule: &'static str, faults: &mut Faults) {
    for rest in text.split('&').skip(1) {
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '#' | '_'))
            .collect();
        let known = ["amp", "lt", "gt", "quot", "apos", "nbsp", "copy", "euro"];
        let is_number = name.len() > 1 && name.starts_with('#');
        if known.contains(&&*name) || is_number {
            faults.add(rule, format!("&{name};: {}", start(text)));
        }
    }
}

/// The plain text of an element of RSS, in which readers might take `<b` for a tag, unless it is
/// written with hexadecimal references.
pub fn plain_rss(node: Node<'_, '_>, faults: &mut Faults) {
    let text = text(node);
    let is_hexadecimal = node.document().input_text()[node.range()].contains("&#x");
    if is_hexadecimal {
        ends(&text, "ContainsHTML", faults);
        return;
    }
    none_in(&text, "ContainsHTML", faults);
    let looks_like_tag =
        |rest: &str| rest.starts_with(|c: char| c == '/' || c.is_ascii_alphabetic());
    if text.split('<').skip(1).any(looks_like_tag) {
        faults.add("CharacterData", start(&text));
    }
}
