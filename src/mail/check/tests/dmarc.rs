//! DMARC policies, and what passes them.

use super::*;

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
