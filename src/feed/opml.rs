//! OPML 2.0 (opml.org/spec2.opml): the list of all feeds, as readers import it.

use std::io;

use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::{ElementWriter, Writer};

use super::text::line;
use super::{Branch, Format, Outline};

/// The subscription list of `outlines`: those of no group first, then each group with its own, in
/// the order in which the groups first appear. No date is written: the list says nothing of when.
pub fn render(title: &str, outlines: &[Outline]) -> Vec<u8> {
    write(title, outlines)
        .expect("the writer fails only when its output does, and a Vec never does")
}

fn write(title: &str, outlines: &[Outline]) -> io::Result<Vec<u8>> {
    let mut groups: Vec<&str> = Vec::new();
    for group in outlines
        .iter()
        .filter_map(|outline| outline.group.as_deref())
    {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    let of_group = |group: Option<&str>| {
        let group = group.map(str::to_owned);
        outlines
            .iter()
            .filter(move |outline| outline.group == group)
    };

    document(title, |writer| {
        of_group(None).try_for_each(|outline| write_outline(writer, outline))?;
        for group in &groups {
            writer
                .create_element("outline")
                .with_attribute(("text", line(group).as_ref()))
                .write_inner_content(|writer| {
                    of_group(Some(group)).try_for_each(|outline| write_outline(writer, outline))
                })?;
        }
        Ok(())
    })
}

/// The directory of topics: each under the one above it, as deep as they go. Programs that import
/// feeds may take only one level; the list of [`render`] is for them.
pub fn directory(title: &str, branches: &[Branch]) -> Vec<u8> {
    let written = document(title, |writer| {
        branches
            .iter()
            .try_for_each(|branch| write_branch(writer, branch))
    });
    written.expect("the writer fails only when its output does, and a Vec never does")
}

fn write_branch(writer: &mut Writer<Vec<u8>>, branch: &Branch) -> io::Result<()> {
    let title = line(&branch.title);
    let element = match &branch.feed {
        Some(feed) => with_feed(writer.create_element("outline"), feed),
        None => writer
            .create_element("outline")
            .with_attribute(("text", title.as_ref())),
    };
    if branch.children.is_empty() {
        element.write_empty()?;
    } else {
        element.write_inner_content(|writer| {
            let mut children = branch.children.iter();
            children.try_for_each(|child| write_branch(writer, child))
        })?;
    }
    Ok(())
}

fn document(
    title: &str,
    body: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    writer
        .create_element("opml")
        .with_attribute(("version", "2.0"))
        .write_inner_content(|writer| {
            writer
                .create_element("head")
                .write_inner_content(|writer| {
                    let title = line(title);
                    writer
                        .create_element("title")
                        .write_text_content(BytesText::new(&title))?;
                    writer
                        .create_element("docs")
                        .write_text_content(BytesText::new("http://opml.org/spec2.opml"))?;
                    Ok(())
                })?;
            writer.create_element("body").write_inner_content(body)?;
            Ok(())
        })?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn write_outline(writer: &mut Writer<Vec<u8>>, outline: &Outline) -> io::Result<()> {
    with_feed(writer.create_element("outline"), outline).write_empty()?;
    Ok(())
}

fn with_feed<'w>(
    element: ElementWriter<'w, Vec<u8>>,
    outline: &Outline,
) -> ElementWriter<'w, Vec<u8>> {
    let title = line(&outline.title);
    let feed_url = line(&outline.feed_url);
    let page_url = line(&outline.page_url);
    // Readers look for `rss` and find out the format for themselves; `version` knows only RSS.
    let version = (outline.format == Format::Rss).then_some(("version", "RSS"));
    let attributes = [
        ("type", "rss"),
        ("text", title.as_ref()),
        ("title", title.as_ref()),
        ("xmlUrl", feed_url.as_ref()),
        ("htmlUrl", page_url.as_ref()),
    ];
    element.with_attributes(attributes.into_iter().chain(version))
}
