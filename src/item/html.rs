//! HTML pages: the title, what the head says, labelled blocks, and the main content without
//! everything that pages put around it.

mod labelled;

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Node};

use super::characters::one_line;
use super::draft::Draft;
use super::labels::{Field, is_kind};
use super::metadata::Metadata;
use super::plain::is_block;
use super::{Body, tidy};

/// Reads an HTML page.
pub(super) fn read(draft: &mut Draft<'_>) {
    let tidied = tidy::tidy(draft.source);
    let mut page = Html::parse_document(&tidied.html);
    let metadata = Metadata::collect(&page, &tidied.structured_data);

    let heading = heading(&page);
    if let Some(title) = title(heading, &metadata) {
        let place = draft.find(&title);
        draft.state(Field::Title, &title, place);
    }
    let heading = heading.map(|heading| heading.id());
    metadata.state(draft);

    let around = elements(&page, is_around);
    detach(&mut page, &around);
    for label in labelled::labelled(&page, &draft.reader.lookup) {
        for value in &label.values {
            let place = draft.find_labelled(&label.label, value);
            draft.state(label.field, value, place);
        }
        let around = label
            .nodes
            .first()
            .and_then(|id| page.tree.get(*id)?.parent());
        let around = around.map(|parent| parent.id());
        detach(&mut page, &label.nodes);
        around
            .into_iter()
            .for_each(|parent| prune(&mut page, parent));
    }

    let main = main_content(&page, heading);
    take_date_and_kind(draft, &mut page, main);
    if let Some(heading) = heading {
        detach(&mut page, &[heading]);
    }
    take_repeated_lead(draft, &mut page, main);
    let html = element(&page, main).map(|main| main.inner_html());
    draft.item.body = Body::Html(html.unwrap_or_default().trim().to_owned());
    let opening = draft.item.body.lead();
    draft.dateline(&opening);
}

/// The text of an element on one line.
fn text(element: ElementRef<'_>) -> String {
    one_line(&element.text().collect::<String>())
}

/// The text of an element, unless it is longer than `limit` bytes.
fn short_text(element: ElementRef<'_>, limit: usize) -> Option<String> {
    let mut text = String::new();
    for piece in element.text() {
        text.push_str(piece);
        if text.len() > limit + 1_000 {
            return None;
        }
    }
    let text = one_line(&text);
    (text.len() <= limit && !text.is_empty()).then_some(text)
}

fn element(page: &Html, id: NodeId) -> Option<ElementRef<'_>> {
    page.tree.get(id).and_then(ElementRef::wrap)
}

fn elements(page: &Html, wanted: impl Fn(ElementRef<'_>) -> bool) -> Vec<NodeId> {
    page.root_element()
        .descendent_elements()
        .filter(|element| wanted(*element))
        .map(|element| element.id())
        .collect()
}

fn detach(page: &mut Html, nodes: &[NodeId]) {
    for id in nodes {
        if let Some(mut node) = page.tree.get_mut(*id) {
            node.detach();
        }
    }
}

/// Takes away an element that nothing is left in, and those around it that held nothing else.
fn prune(page: &mut Html, mut id: NodeId) {
    while let Some(element) = element(page, id) {
        let keeps = is_main(element)
            || matches!(element.value().name(), "body" | "html")
            || element.descendants().any(|node| match node.value() {
                Node::Text(text) => !text.trim().is_empty(),
                Node::Element(inner) => matches!(inner.name(), "img" | "audio" | "video" | "h1"),
                _ => false,
            });
        let Some(parent) = element
            .parent()
            .filter(|_| !keeps)
            .map(|parent| parent.id())
        else {
            return;
        };
        detach(page, &[id]);
        id = parent;
    }
}

fn is_within(element: ElementRef<'_>, names: &[&str]) -> bool {
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .any(|ancestor| names.contains(&ancestor.value().name()))
}

fn has_role(element: ElementRef<'_>, roles: &[&str]) -> bool {
    element
        .attr("role")
        .is_some_and(|role| roles.contains(&role))
}

fn is_main(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "article" | "main") || has_role(element, &["main", "article"])
}

/// The heading that is the title: the first `h1` of the main content, else of the page, that of
/// its masthead aside.
fn heading(page: &Html) -> Option<ElementRef<'_>> {
    let headings = || {
        page.root_element()
            .descendent_elements()
            .filter(|element| element.value().name() == "h1" && !text(*element).is_empty())
    };
    let in_main = |heading: &ElementRef<'_>| {
        heading
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(is_main)
    };
    headings().find(in_main).or_else(|| {
        headings().find(|heading| !is_within(*heading, &["header", "nav", "footer", "aside"]))
    })
}

fn title(heading: Option<ElementRef<'_>>, metadata: &Metadata) -> Option<String> {
    heading
        .map(text)
        .or_else(|| metadata.get(&["og:title", "twitter:title"]).map(one_line))
        .or_else(|| metadata.headline().map(one_line))
        .or_else(|| {
            let title = one_line(metadata.title.as_deref()?);
            Some(without_site(&title, metadata.get(&["og:site_name"])))
        })
        .filter(|title| !title.is_empty())
}

/// A page's `title` without the name of the site behind it.
fn without_site(title: &str, site: Option<&str>) -> String {
    for divider in [" | ", " :: ", " — ", " – ", " - ", " « "] {
        if let Some((front, back)) = title.rsplit_once(divider) {
            let names_site = site.map_or(back.len() < front.len(), |site| one_line(site) == back);
            if names_site && !front.trim().is_empty() {
                return front.trim().to_owned();
            }
        }
    }
    title.to_owned()
}

/// What pages put around their content. A header within the content may hold its lead.
fn is_around(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    matches!(
        name,
        "nav" | "footer" | "form" | "button" | "dialog" | "menu"
    ) || (name == "header"
        && !element
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(is_main))
        || has_role(
            element,
            &["navigation", "banner", "contentinfo", "search", "menu"],
        )
        || element.attr("hidden").is_some()
        || element.attr("aria-hidden") == Some("true")
}

/// The element that holds the item's text.
fn main_content(page: &Html, heading: Option<NodeId>) -> NodeId {
    let root = page.root_element();
    let all = || root.descendent_elements();
    let holds_heading = |element: &ElementRef<'_>| {
        heading.is_some_and(|heading| element.descendants().any(|node| node.id() == heading))
    };
    let article = |element: &ElementRef<'_>| element.value().name() == "article";
    all()
        .find(|element| element.attr("itemprop") == Some("articleBody"))
        .or_else(|| all().find(|element| article(element) && holds_heading(element)))
        .or_else(|| {
            all().find(|element| element.value().name() == "main" || has_role(*element, &["main"]))
        })
        .or_else(|| all().find(article))
        .or_else(|| biggest_text(root))
        .map_or(root.id(), |element| element.id())
}

/// The element whose own paragraphs are longest in sum; the body where there are none.
fn biggest_text(root: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let own = |element: &ElementRef<'_>| -> usize {
        element
            .child_elements()
            .filter(|child| child.value().name() == "p")
            .flat_map(|paragraph| paragraph.text())
            .map(str::len)
            .sum()
    };
    root.descendent_elements()
        .filter(|element| !is_within(*element, &["aside"]) && element.value().name() != "aside")
        .map(|element| (own(&element), element))
        .filter(|(length, _)| *length > 0)
        // The first of equals.
        .min_by_key(|(length, _)| std::cmp::Reverse(*length))
        .map(|(_, element)| element)
        .or_else(|| {
            root.child_elements()
                .find(|child| child.value().name() == "body")
        })
}

/// Takes away the lines above the text that say when and what sort of news, and states them.
fn take_date_and_kind(draft: &mut Draft<'_>, page: &mut Html, main: NodeId) {
    let mut taken = Vec::new();
    let Some(root) = element(page, main) else {
        return;
    };
    let mut seen_text = false;
    for element in root.descendent_elements() {
        let name = element.value().name();
        if name == "p"
            && short_text(element, 100).is_none()
            && element.text().any(|t| !t.trim().is_empty())
        {
            seen_text = true;
        }
        if matches!(name, "script" | "style" | "aside") {
            taken.push(element.id());
        } else if name == "time" {
            if let Some(date) = element.attr("datetime")
                && draft.item.published.is_none()
            {
                let place = draft.find(date);
                if let Some(date) = draft.machine_date(date, &place) {
                    draft.item.published = Some((date, super::DateOrigin::Stated));
                }
            }
            if !seen_text && !is_within(element, &["p", "li", "td"]) {
                taken.push(element.id());
            }
        } else if !seen_text
            && !matches!(name, "h1" | "a")
            && let Some(line) = short_text(element, 40).filter(|line| is_kind(line))
        {
            draft.state(Field::Kind, &line, None);
            taken.push(element.id());
        }
    }
    detach(page, &taken);
}

/// Whether it is a block that holds no other.
fn is_leaf(element: &ElementRef<'_>) -> bool {
    is_block(element.value().name())
        && !element
            .descendent_elements()
            .skip(1)
            .any(|child| is_block(child.value().name()))
}

/// Takes away a lead that the text repeats; it becomes the summary where none is stated.
fn take_repeated_lead(draft: &mut Draft<'_>, page: &mut Html, main: NodeId) {
    let Some(root) = element(page, main) else {
        return;
    };
    let mut paragraphs = root
        .descendent_elements()
        .filter(is_leaf)
        .filter_map(|element| {
            let text = text(element);
            (text.len() >= 40).then_some((element.id(), text))
        });
    let Some((lead, words)) = paragraphs.next() else {
        return;
    };
    let start = words.trim_end_matches(['.', '…', ' ']);
    let repeated = paragraphs
        .take(3)
        .any(|(_, other)| other.starts_with(start));
    if repeated {
        let whole = words.clone();
        detach(page, &[lead]);
        draft.state(Field::Summary, &whole, None);
    }
}

#[cfg(test)]
mod tests;
