mod dmarc;
mod spf;

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
