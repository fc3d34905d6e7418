//! Whether every text of a mail stands out from its ground, by day and by night.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html, Selector};

use super::{declarations, pages, select};

/// Foreground and background of every text, in light and in dark.
fn colours(page: &Html, dark: bool) -> BTreeMap<(String, String), String> {
    let css: String = select(page, "style")[0].text().collect();
    let dark_css = css
        .split_once("prefers-color-scheme:")
        .and_then(|(_, rest)| rest.split_once('{'))
        .map_or("", |(_, rules)| rules);
    // Each rule's selectors, and what they set.
    let rules: Vec<(Selector, &str)> = dark_css
        .split('}')
        .filter_map(|rule| rule.split_once('{'))
        .flat_map(|(selectors, declarations)| {
            let selectors = selectors.split(',');
            selectors.map(move |selector| (Selector::parse(selector.trim()).unwrap(), declarations))
        })
        .collect();
    let value = |element: ElementRef<'_>, wanted: &str| {
        let find = |css| {
            declarations(css)
                .filter(|(property, _)| *property == wanted)
                .last()
                .map(|(_, value)| value.replace("!important", "").trim().to_owned())
        };
        let matching = rules
            .iter()
            .filter(|(selector, _)| dark && selector.matches(&element));
        let in_dark = matching.filter_map(|(_, css)| find(css)).next_back();
        in_dark.or_else(|| find(element.attr("style").unwrap_or_default()))
    };
    let inherited = |element: ElementRef<'_>, property| {
        let ancestors = element.ancestors().filter_map(ElementRef::wrap);
        std::iter::once(element)
            .chain(ancestors)
            .find_map(|element| value(element, property))
            .unwrap()
    };
    let mut found = BTreeMap::new();
    for element in select(page, "body *") {
        let is_hidden = element.attr("aria-hidden").is_some();
        let has_text = element
            .children()
            .filter_map(|child| child.value().as_text())
            .any(|text| !text.trim().is_empty());
        if (has_text || element.value().name() == "img") && !is_hidden {
            let pair = (
                inherited(element, "color"),
                inherited(element, "background-color"),
            );
            found.insert(pair, element.html());
        }
    }
    found
}

/// WCAG 2.2, "relative luminance".
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let digits = colour.get(at..at + 2).unwrap_or_else(|| panic!("{colour}"));
        let value = f64::from(u8::from_str_radix(digits, 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// WCAG 2.2, success criterion 1.4.3.
fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_measured_as_wcag_does() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#ffffff") - 4.478).abs() < 1e-3);
}

#[test]
fn every_text_stands_out_in_light_and_in_dark() {
    for page in pages() {
        for dark in [false, true] {
            let colours = colours(&page, dark);
            assert!(colours.len() >= 3, "{colours:?}");
            for ((text, ground), element) in &colours {
                let contrast = contrast(text, ground);
                assert!(
                    contrast >= 4.5,
                    "{text} on {ground} is {contrast:.2}, dark: {dark}: {element}"
                );
                // In the dark nothing keeps the colours of the day.
                let is_dark = luminance(ground) < 0.1;
                assert_eq!(is_dark, dark, "{ground}: {element}");
            }
        }
    }
}
