use super::resolver::Table;
use super::*;
use crate::mail::dkim::Key;

const RSA: &[u8] = include_bytes!("../dkim/keys/rsa-pkcs8.pem");

fn signer(domain: &str) -> Signer {
    Signer::new(domain, "s1", Key::read(RSA).unwrap())
}

/// `area verdict: message`, with the help and the record below it.
fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (area, verdict) = (finding.area, finding.verdict.word());
        text.push_str(&format!("{area} {verdict}: {}\n", finding.message));
        text.extend(finding.help.iter().map(|help| format!("    {help}\n")));
        text.extend(
            finding
                .record
                .iter()
                .map(|record| format!("    {}\n", record.zone_line())),
        );
    }
    text
}

fn look(table: &str, signers: &[&Signer], relay: Option<&str>) -> Vec<Finding> {
    let table = Table::read(table).unwrap();
    let sender = Sender {
        from: "news.example",
        bounces: "bounces.news.example",
        mailboxes: Vec::new(),
        relay,
        signers: signers.to_vec(),
    };
    records(&sender, &table)
}

/// A table in which all is well.
fn sound(signer: &Signer) -> String {
    format!(
        "news.example MX 10 mx.news.example.\n\
         bounces.news.example MX 10 mx.news.example.\n\
         mx.news.example A 192.0.2.1\n\
         relay.news.example A 192.0.2.7\n\
         192.0.2.7 PTR relay.news.example.\n\
         bounces.news.example TXT \"v=spf1 include:_spf.relay.example -all\"\n\
         _spf.relay.example TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"\n\
         _dmarc.news.example TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@news.example\"\n\
         {} TXT \"{}\"\n",
        signer.record_name(),
        signer.record()
    )
}

#[test]
fn a_sender_that_did_everything_right_is_told_so() {
    let signer = signer("news.example");
    let findings = look(&sound(&signer), &[&signer], Some("relay.news.example"));
    insta::assert_snapshot!(told(&findings));
    assert!(
        findings
            .iter()
            .all(|finding| finding.verdict == Verdict::Good)
    );
}

#[test]
fn a_sender_that_did_nothing_is_told_every_record_to_add() {
    let signer = signer("news.example");
    let table = "relay.news.example A 192.0.2.7\n";
    insta::assert_snapshot!(told(&look(table, &[&signer], Some("relay.news.example"))));
}

#[test]
fn what_the_dns_does_not_answer_is_unknown_and_not_wrong() {
    let signer = signer("news.example");
    let names = [
        "news.example",
        "bounces.news.example",
        "_dmarc.news.example",
        "s1._domainkey.news.example",
        "relay.news.example",
    ];
    let table: String = names
        .iter()
        .map(|name| format!("{name} FAIL x\n"))
        .collect();
    let findings = look(&table, &[&signer], Some("relay.news.example"));
    assert!(
        findings
            .iter()
            .all(|finding| finding.verdict == Verdict::Unknown),
        "{}",
        told(&findings)
    );
}

/// What is said in an area of a table that is sound but for one change.
fn changed(area: &str, from: &str, to: &str) -> String {
    let signer = signer("news.example");
    let table = sound(&signer);
    assert!(table.contains(from), "{from}");
    let findings = look(
        &table.replace(from, to),
        &[&signer],
        Some("relay.news.example"),
    );
    told(
        &findings
            .into_iter()
            .filter(|finding| finding.area == area)
            .collect::<Vec<_>>(),
    )
}

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

#[test]
fn every_mistake_in_a_dkim_record_is_named() {
    let dkim = |from: &str, to: &str| changed("DKIM", from, to);
    let said = [
        dkim("s1._domainkey", "s2._domainkey"),
        dkim("p=", "p=; x="),
        dkim("p=", "x="),
        dkim("k=rsa", "k=ed25519"),
        dkim("p=", "p=A"),
        dkim("p=", "p=AAAA"),
        dkim("p=", "P="),
        dkim("v=DKIM1; k=rsa", "k=rsa; v=DKIM1"),
        dkim("k=rsa", "k=rsa; k=rsa"),
        dkim("v=DKIM1; ", ""),
        dkim("k=rsa", "k=rsa; t=y:s"),
        dkim("k=rsa", "k=rsa; h=sha1"),
        dkim("k=rsa", "k=rsa; s=tlsrpt"),
        dkim("v=DKIM1", "v=DKIM2"),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_dmarc_policy_is_found_above_and_what_fails_it_is_named() {
    let dmarc = |from: &str, to: &str| changed("DMARC", from, to);
    let said = [
        dmarc("_dmarc.news.example", "_dmarc.example"),
        dmarc("p=quarantine", "p=perhaps"),
        dmarc("; rua=mailto:dmarc@news.example", ""),
        dmarc("v=DMARC1;", "v=DMARC2;"),
        dmarc("v=DMARC1;", "p=none; v=DMARC1;"),
        dmarc(
            "v=DMARC1; p=quarantine",
            "v=DMARC1; p=reject\"\n_dmarc.news.example TXT \"v=DMARC1; p=none",
        ),
        dmarc("p=quarantine", "p=quarantine; aspf=x; adkim=R; pct=20; t=y"),
        dmarc("mailto:dmarc@news.example", "https://news.example/dmarc"),
        dmarc(
            "mailto:dmarc@news.example",
            "mailto:a@sub.news.example!10m, mailto:b@reports.example, mailto:c@other.example\"\n\
             news.example._report._dmarc.reports.example TXT \"v=DMARC1",
        ),
        // Without the key, the return path must be of the very same domain.
        dmarc("k=rsa", "k=ed25519"),
        changed("DMARC", "s1._domainkey.news.example TXT", "x TXT")
            .replace("passes by SPF alone", "passes by SPF alone (relaxed)"),
    ];
    insta::assert_snapshot!(said.join("\n"));
    let signer = signer("news.example");
    let strict = sound(&signer)
        .replace("p=quarantine", "p=reject; aspf=s")
        .replace("k=rsa", "k=ed25519");
    let findings = look(&strict, &[&signer], Some("relay.news.example"));
    assert!(
        told(&findings).contains("DMARC bad: mail from news.example fails"),
        "{}",
        told(&findings)
    );
}

/// How mail passes DMARC, with these policies, and a good SPF record of the return path's domain.
fn passes(policies: &[(&str, &str)], from: &str, bounces: &str, signer: &Signer) -> String {
    let mut table = format!(
        "{bounces} TXT \"v=spf1 ip4:192.0.2.7 -all\"\n{} TXT \"{}\"\n",
        signer.record_name(),
        signer.record()
    );
    for (domain, tags) in policies {
        table.push_str(&format!("_dmarc.{domain} TXT \"v=DMARC1; {tags}\"\n"));
    }
    let sender = Sender {
        from,
        bounces,
        mailboxes: Vec::new(),
        relay: Some("192.0.2.7"),
        signers: vec![signer],
    };
    let findings = records(&sender, &Table::read(&table).unwrap());
    let mut found = findings.iter().filter(|finding| finding.area == "DMARC");
    let last = found.next_back().unwrap();
    format!("{}: {}", last.verdict.word(), last.message)
}

#[test]
fn what_counts_as_the_sender_s_domain_follows_modes_and_organisations() {
    let (above, own) = ("org.example", "news.org.example");
    let (both, elsewhere) = (signer(above), signer("else.example"));
    let cases = [
        // Both lie below the one policy.
        (
            &[(above, "p=none")][..],
            own,
            "x.example",
            &both,
            "good: mail from news.org.example passes by its DKIM",
        ),
        (
            &[(above, "p=none"), (own, "p=none")],
            own,
            "x.example",
            &both,
            "good: mail from news.org.example passes by its DKIM",
        ),
        // The sender has a policy of its own, and nothing in the DNS tells that it belongs to more.
        (
            &[(own, "p=none")],
            own,
            "x.example",
            &both,
            "doubtful: mail from news.org.example passes where receivers take org.example",
        ),
        (
            &[(above, "p=none"), (own, "p=none; psd=n")],
            own,
            "x.example",
            &both,
            "doubtful: mail from news.org.example passes where receivers take org.example",
        ),
        // To the letter, a domain above is another one.
        (
            &[(above, "p=none; adkim=s")],
            own,
            "x.example",
            &both,
            "bad: mail from news.org.example fails",
        ),
        (
            &[(above, "p=none; adkim=s")],
            own,
            own,
            &both,
            "doubtful: mail from news.org.example passes by SPF alone",
        ),
        (
            &[(above, "p=none")],
            own,
            "b.news.org.example",
            &elsewhere,
            "doubtful: mail from news.org.example passes by SPF alone",
        ),
        (
            &[(above, "p=none; aspf=s")],
            own,
            "b.news.org.example",
            &elsewhere,
            "bad: mail from news.org.example fails",
        ),
        (
            &[(above, "p=none")],
            own,
            "sibling.org.example",
            &elsewhere,
            "doubtful: mail from news.org.example passes by SPF alone",
        ),
        // Neighbours below a registry are strangers.
        (
            &[(above, "p=none; psd=y"), (own, "p=none")],
            own,
            "sibling.org.example",
            &elsewhere,
            "doubtful: mail from news.org.example passes where receivers take sibling",
        ),
        (
            &[(own, "p=none")],
            own,
            "else.example",
            &elsewhere,
            "bad: mail from news.org.example fails",
        ),
    ];
    for (policies, from, bounces, signer, expected) in cases {
        let told = passes(policies, from, bounces, signer);
        assert!(told.starts_with(expected), "{policies:?} {bounces}: {told}");
    }
}

#[test]
fn a_key_that_many_receivers_cannot_check_is_not_enough() {
    let new = Signer::new("news.example", "s2", Key::read(&[7; 32]).unwrap());
    let old = signer("news.example");
    let record = format!("{} TXT \"{}\"\n", new.record_name(), new.record());
    let table = sound(&old) + &record;
    let both = told(&look(&table, &[&old, &new], None));
    assert!(!both.contains("Ed25519, which"), "{both}");
    let alone = told(&look(&table, &[&new], None));
    assert!(
        alone.contains("DKIM doubtful: all keys are of Ed25519, which many receivers cannot check"),
        "{alone}"
    );
}

#[test]
fn a_key_of_another_domain_does_not_vouch_for_the_sender() {
    let other = signer("example.net");
    let findings = look(&sound(&other), &[&other], None);
    assert!(
        told(&findings).contains("no DKIM key vouches for news.example"),
        "{}",
        told(&findings)
    );
}

#[test]
fn mailboxes_and_hosts_that_cannot_be_reached_are_named() {
    let said = [
        changed(
            "MX",
            "news.example MX 10 mx.news.example.\n",
            "news.example MX 0 .\n",
        ),
        changed("MX", "mx.news.example A 192.0.2.1\n", ""),
        changed(
            "MX",
            "bounces.news.example MX 10 mx.news.example.\n",
            "bounces.news.example A 192.0.2.9\n",
        ),
        changed("host", "192.0.2.7 PTR relay.news.example.\n", ""),
        changed("host", "PTR relay.news.example.", "PTR other.example."),
        changed(
            "host",
            "relay.news.example A 192.0.2.7",
            "relay.news.example A 10.0.0.1",
        ),
        changed(
            "host",
            "relay.news.example A 192.0.2.7",
            "nothing.example A 192.0.2.7",
        ),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_long_key_is_cut_into_strings() {
    let key = Key::read(RSA).unwrap();
    let signer = Signer::new("news.example", "r1", key);
    let record = Record {
        name: signer.record_name(),
        kind: "TXT",
        value: signer.record(),
    };
    let line = record.zone_line();
    assert!(line.starts_with("r1._domainkey.news.example. IN TXT \"v=DKIM1; k=rsa; p="));
    let table = Table::read(&line).unwrap();
    assert_eq!(
        table.texts(&signer.record_name()).unwrap(),
        [signer.record()]
    );
}

#[test]
fn a_message_is_inspected_as_a_receiver_would() {
    use crate::mail::message::Prepared;
    use crate::mail::message::tests::{mailing, now, recipient, rendered, seal};
    let inspect = |html: &str, text: &str| {
        let mut rendered = rendered();
        rendered.html.push_str(html);
        if !text.is_empty() {
            rendered.text = text.to_owned();
        }
        let prepared = Prepared::new(&rendered, &[], mailing(), now());
        let (envelope, message) = prepared.message(&recipient(), &seal(), now()).unwrap();
        told(&super::inspect(&envelope, &message))
    };
    let sound = inspect(
        "<img src=\"https://news.example/a.png\" alt=\"\" width=\"2\" height=\"2\">",
        "",
    );
    assert!(
        sound.starts_with("message good: the message is sound"),
        "{sound}"
    );
    assert_eq!(sound.lines().count(), 1, "{sound}");
    let said = [
        inspect("<img src=\"a.png\">", ""),
        inspect(
            "<img src=\"https://x.example/p\" alt=\"\" width=\"1\" height=\"1\">",
            "",
        ),
        inspect("<script>1</script><a href=\"/news\">x</a>", ""),
        inspect(&"<p>long</p>".repeat(10_000), "no link"),
    ];
    insta::assert_snapshot!(said.join("\n"));
}
