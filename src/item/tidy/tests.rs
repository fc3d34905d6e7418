use super::*;

fn tidied(html: &str) -> String {
    tidy(html).html
}

#[test]
fn balanced_html_passes_through() {
    let html = "<p class=\"a > b\">A <b title='x\"y'>b</b> c<br>d</p><ul><li>e</li></ul>";
    assert_eq!(tidied(html), html);
}

#[test]
fn tags_are_closed_in_order() {
    assert_eq!(tidied("<div><b>x</div>y"), "<div><b>x</b></div>y");
    assert_eq!(
        tidied("<ul><li>a<li>b</ul>"),
        "<ul><li>a</li><li>b</li></ul>"
    );
    assert_eq!(tidied("<p>a<p>b<div>c"), "<p>a</p><p>b</p><div>c</div>");
    assert_eq!(tidied("a</b></p>c"), "ac");
    assert_eq!(
        tidied("<table><tr><td>a</div>b<td>c</table>"),
        "<table><tr><td>ab</td><td>c</td></tr></table>"
    );
}

#[test]
fn what_is_not_text_is_left_out() {
    let html = "<!doctype html><!-- <p> --><!--> a<script>if (1<2) '</p>'</script >b<style>x</style>\
                <svg><title>t</title><svg/><p></svg>c<?php x > ?>d<template><p>e</template><![CDATA[f]]>g";
    assert_eq!(tidied(html), " abc ?>dg");
    assert_eq!(tidied("<svg>never closed <svg>text"), "never closed text");
}

#[test]
fn titles_and_structured_data_are_kept() {
    let page =
        "<title>A <b> & c</title><script type='application/LD+json'>{\"a\":\"<b>\"}</script>";
    let tidied = tidy(page);
    assert_eq!(tidied.html, "<title>A &lt;b> & c</title>");
    assert_eq!(tidied.structured_data, ["{\"a\":\"<b>\"}"]);
}

#[test]
fn a_stray_angle_bracket_never_becomes_a_tag() {
    assert_eq!(
        tidied("1 < 2 <<p> <é <plaintext>script"),
        "1 &lt; 2 &lt;<p> &lt;é script</p>"
    );
    assert_eq!(tidied("<a href=\"x"), "");
    assert_eq!(tidied("a<"), "a&lt;");
}

#[test]
fn depth_and_attributes_are_bounded() {
    let deep = format!("{}x{}y", "<div>".repeat(10_000), "</div>".repeat(10_000));
    let shallow = format!("{}x{}y", "<div>".repeat(DEPTH), "</div>".repeat(DEPTH));
    assert_eq!(tidied(&deep), shallow);
    let many: String = (0..1_000).map(|k| format!(" a{k}=1")).collect();
    assert_eq!(tidied(&format!("<p{many}>x</p>")), "<p>x</p>");
}

#[test]
fn attributes_are_found_as_browsers_find_them() {
    let found: Vec<_> = attributes("a = \"1 > 2\" b='x' c=y/ d e== =f g\"h").collect();
    assert_eq!(
        found,
        [
            ("a", "1 > 2"),
            ("b", "x"),
            ("c", "y/"),
            ("d", ""),
            ("e", "="),
            ("=f", ""),
            ("g\"h", "")
        ]
    );
}

proptest::proptest! {
    #[test]
    fn whatever_comes_in_goes_out_balanced(html in "[<>/!a-c \"'=&é-]{0,60}|(<(div|p|b|li|td|table|svg|/div|/p|/b|/table|/svg)>|x){0,40}") {
        let html = tidied(&html);
        let mut open = Vec::new();
        for token in Tokens::new(&html) {
            match token {
                Token::Start { name, .. } if !VOID.contains(&name) => open.push(name),
                Token::End { name } => proptest::prop_assert_eq!(open.pop(), Some(name)),
                _ => {}
            }
        }
        proptest::prop_assert!(open.is_empty());
        proptest::prop_assert_eq!(tidied(&html), html);
    }
}
