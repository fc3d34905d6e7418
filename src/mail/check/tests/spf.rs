//! SPF records, as receivers read them.

use super::*;

#[test]
fn every_mistake_in_an_spf_record_is_named() {
    let spf = |to: &str| changed("SPF", "v=spf1 include:_spf.relay.example -all", to);
    let said = [
        spf("v=spf1 -all"),
        spf("v=spf1 a:elsewhere.example ~all"),
        spf("v=spf1 ip4:192.0.2.7 +all"),
        spf("v=spf1 ip4:192.0.2.7"),
        spf("v=spf1 ip4:192.0.2.7 ptr ~all"),
        spf("v=spf1 ip4:192.0.2.999 -all"),
        spf("v=spf1 ipv4:192.0.2.7 -all"),
        spf("v=spf1 include:nothing.example -all"),
        spf("v=spf1 include:bounces.news.example -all"),
        spf("v=spf1 exists:%{i}.relay.news.example -all"),
        spf("v=spf1 redirect=_spf.relay.example"),
        spf("v=spf1 mx/24 -all"),
        spf("v=spf1 ip6:2001:db8::/32 ip4:192.0.2.6/31 -all"),
        spf("v=spf1 -all\"\nbounces.news.example TXT \"v=spf1 ~all"),
        spf("spf2.0/pra -all"),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_provider_s_relay_may_send_from_other_addresses() {
    let signer = signer("news.example");
    let table = sound(&signer).replace("include:_spf.relay.example -all", "-all")
        + "smtp.provider.example A 192.0.2.7\n";
    let findings = look(&table, &[&signer], Some("smtp.provider.example"));
    assert!(
        told(&findings).contains("SPF doubtful: bounces.news.example forbids"),
        "{}",
        told(&findings)
    );
}

/// What is said of an SPF record, beside which there are other records.
fn spf_with(record: &str, others: &str) -> String {
    let to = format!("{record}\"\n{others}\nunused.example TXT \"x");
    changed("SPF", "v=spf1 include:_spf.relay.example -all", &to)
}

#[test]
fn ten_look_ups_are_allowed_and_no_more_also_through_includes() {
    let hosts: String = (0..12)
        .map(|at| format!("h{at}.example A 198.51.100.{at}\n"))
        .collect();
    let of = |number: usize| {
        let hosts: Vec<String> = (0..number).map(|at| format!("a:h{at}.example")).collect();
        hosts.join(" ")
    };
    let alone = |number| spf_with(&format!("v=spf1 {} ip4:192.0.2.7 -all", of(number)), &hosts);
    assert!(alone(10).contains("SPF good"), "{}", alone(10));
    assert!(alone(11).contains("more than 10 look-ups"), "{}", alone(11));
    let included = |number| {
        let table = format!(
            "{hosts}one.example TXT \"v=spf1 include:two.example ?all\"\n\
             two.example TXT \"v=spf1 {} ?all\"",
            of(number)
        );
        spf_with("v=spf1 include:one.example ip4:192.0.2.7 -all", &table)
    };
    assert!(included(8).contains("SPF good"), "{}", included(8));
    assert!(
        included(9).contains("more than 10 look-ups"),
        "{}",
        included(9)
    );
}

#[test]
fn two_look_ups_that_find_nothing_are_allowed_and_no_more() {
    let said = [
        spf_with("v=spf1 a:gone.example ip4:192.0.2.7 -all", ""),
        spf_with(
            "v=spf1 a:gone.example mx:lost.example ip4:192.0.2.7 -all",
            "",
        ),
        // Also behind what matches: for another sender, receivers come to it.
        spf_with(
            "v=spf1 ip4:192.0.2.7 a:a.example a:b.example exists:c.example -all",
            "",
        ),
        spf_with(
            "v=spf1 mx:m.example ip4:192.0.2.7 -all",
            "m.example MX 1 a.m.example\nm.example MX 2 b.m.example\nm.example MX 3 c.m.example",
        ),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn records_that_lead_elsewhere_are_followed_as_receivers_do() {
    let many: String = (0..11)
        .map(|at| format!("many.example MX 1 h{at}.example\nh{at}.example A 198.51.100.1\n"))
        .collect();
    let said = [
        spf_with(
            "v=spf1 include:a.example -all",
            "a.example TXT \"v=spf1 include:b.example -all\"\nb.example TXT \"v=spf1 redirect=a.example\"",
        ),
        spf_with("v=spf1 redirect=bounces.news.example", ""),
        spf_with(
            "v=spf1 redirect=a.example",
            "a.example TXT \"v=spf1 redirect=_spf.relay.example\"",
        ),
        spf_with("v=spf1 redirect=a.example", "a.example TXT \"v=spf1 +all\""),
        spf_with(
            "v=spf1 include:a.example -all",
            "a.example TXT \"v=spf1 +all\"",
        ),
        spf_with(
            "v=spf1 include:a.example -all",
            "a.example TXT \"v=spf1 ip4:x -all\"",
        ),
        spf_with(
            "v=spf1 include:a.example -all",
            "a.example TXT \"v=spf1 -all\"\na.example TXT \"v=spf1 ~all\"",
        ),
        spf_with(
            "v=spf1 redirect=_spf.relay.example exp=a.example exp=b.example",
            "",
        ),
        spf_with(
            "v=spf1 ip4:192.0.2.7 -all a:b.example redirect=a.example",
            "",
        ),
        spf_with("v=spf1 mx:many.example ip4:192.0.2.7 -all", &many),
        // Two strings are one text, without anything between them.
        spf_with("v=spf1 ip4:192.0.2\" \".7 -all", ""),
        spf_with("v=spf1 ip4:192.0.2.7\" \"include:a.example -all", ""),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn macros_and_names_are_followed_where_they_do_not_depend_on_the_message() {
    let listed = "7.2.0.192.in-addr.ok.news.example A 127.0.0.2";
    let said = [
        spf_with("v=spf1 exists:%{ir}.%{v}.ok.%{o2} -all", listed),
        spf_with("v=spf1 exists:%{i}.ok.%{o2} -all", listed),
        spf_with(
            "v=spf1 include:%{d3}.spf.example -all",
            "bounces.news.example.spf.example TXT \"v=spf1 ip4:192.0.2.7 -all\"",
        ),
        spf_with("v=spf1 exists:%{l}.ok.example -all", listed),
        spf_with("v=spf1 exists:%{i.ok.example -all", listed),
        spf_with("v=spf1 ptr:news.example -all", ""),
        spf_with("v=spf1 ptr:other.example -all", ""),
    ];
    insta::assert_snapshot!(said.join("\n"));
}
