use std::io::Write;
use std::process::{Command, Stdio};

use super::*;

const RSA: &[u8] = include_bytes!("keys/rsa-pkcs8.pem");
const ED25519: &[u8] = include_bytes!("keys/ed25519.pem");

fn signer(selector: &str, key: &[u8]) -> Signer {
    Signer::new("example.org", selector, Key::read(key).unwrap())
}

#[test]
fn a_domain_vouches_for_itself_and_what_is_below_it() {
    let signer = signer("s1", ED25519);
    assert!(signer.is_aligned("example.org"));
    assert!(signer.is_aligned("News.Example.org"));
    assert!(!signer.is_aligned("anexample.org"));
    assert!(!signer.is_aligned("org"));
}

#[test]
fn keys_are_read_in_every_form_that_tools_write() {
    let pkcs1 = Key::read(include_bytes!("keys/rsa-pkcs1.pem")).unwrap();
    let pkcs8 = Key::read(RSA).unwrap();
    assert_eq!(pkcs1.public(), pkcs8.public());
    assert_eq!(pkcs8.bits(), Some(2048));
    // What OpenSSL writes with `-pubout` is what the record holds.
    let public = include_str!("keys/rsa-public.pem");
    let lines = public.lines().filter(|line| !line.starts_with('-'));
    assert_eq!(pkcs8.public(), lines.collect::<String>());

    let raw = Key::read(&[7; 32]).unwrap();
    let base64 = Key::read(format!("{}\n", STANDARD.encode([7; 32])).as_bytes()).unwrap();
    assert_eq!(raw.public(), base64.public());
    assert_eq!(Key::read(ED25519).unwrap().name(), "ed25519");
    // Version 2 of PKCS#8 holds the public key beside the seed.
    let document =
        ring::signature::Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new());
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(document.unwrap())
    );
    assert_eq!(Key::read(pem.as_bytes()).unwrap().name(), "ed25519");
}

#[test]
fn what_is_no_key_that_can_be_used_is_refused_with_its_mend() {
    let refused = |contents: &[u8]| Key::read(contents).unwrap_err();
    assert_eq!(
        refused(include_bytes!("keys/rsa-small.pem")),
        KeyError::Small
    );
    assert_eq!(
        refused(include_bytes!("keys/rsa-encrypted.pem")),
        KeyError::Encrypted
    );
    assert_eq!(
        refused(include_bytes!("keys/rsa-public.pem")),
        KeyError::Kind
    );
    assert_eq!(refused(include_bytes!("keys/ecdsa.pem")), KeyError::Kind);
    assert_eq!(refused(b""), KeyError::Form);
    assert_eq!(refused(b"hello"), KeyError::Form);
    assert_eq!(refused(&[0xff; 40]), KeyError::Form);
    let cut = &RSA[..400];
    assert_eq!(refused(cut), KeyError::Form);
    let bad = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert!(matches!(refused(bad), KeyError::Rejected(_)));
}

#[test]
fn a_key_is_never_shown() {
    assert_eq!(
        format!("{:?}", signer("s1", RSA)),
        "Signer { domain: \"example.org\", selector: \"s1\", key: Key(rsa-sha256) }"
    );
}

/// RFC 8463, appendix A.
#[test]
fn the_signature_is_that_of_the_standard_s_example() {
    let key = Key::read(b"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
    assert_eq!(key.public(), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    let body = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
    let hash = STANDARD.encode(body_hash(body.as_bytes()));
    assert_eq!(hash, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    let header = "From: Joe SixPack <joe@football.example.com>\r\n\
                  To: Suzie Q <suzie@shopping.example.net>\r\n\
                  Subject: Is dinner ready?\r\n\
                  Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
                  Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";
    let mut signed = String::new();
    for (name, value) in canonical::fields(header) {
        signed.push_str(&canonical::field(name, value));
        signed.push_str("\r\n");
    }
    let signature = " v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n \
         d=football.example.com; i=@football.example.com;\r\n \
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n \
         subject : date : message-id : from : subject : date;\r\n \
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
    signed.push_str(&canonical::field("DKIM-Signature", signature));
    assert_eq!(
        key.sign(signed.as_bytes()).unwrap(),
        "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    );
}

const HEADER: &str = "From: Press Office <press@example.org>\r\n\
     To: anna@example.net\r\n\
     Subject: =?utf-8?Q?No=C3=ABl?=\r\n  and more\r\n\
     Date: Mon, 25 Nov 2024 08:00:00 +0000\r\n\
     Message-ID: <a@example.org>\r\n\
     MIME-Version: 1.0\r\n\
     Content-Type: text/plain; charset=utf-8\r\n\
     List-Unsubscribe: <https://news.example/unsubscribe?token=1>,\r\n <mailto:u@example.org>\r\n\
     List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
const BODY: &str = "One  line \t with\tspaces   \r\n\r\n.\r\nlast\r\n\r\n\r\n";

fn signed(signers: &[Signer]) -> String {
    let hash = body_hash(BODY.as_bytes());
    let fields = signers
        .iter()
        .map(|signer| signer.sign(HEADER, &hash, 1_732_521_600));
    let fields: String = fields.map(Result::unwrap).collect();
    format!("{fields}{HEADER}\r\n{BODY}")
}

#[test]
fn a_signature_names_what_it_covers_in_short_lines() {
    let message = signed(&[signer("s1", ED25519)]);
    let (field, _) = message.split_once("\r\nFrom: ").unwrap();
    assert!(field.lines().all(|line| line.len() <= 78));
    insta::assert_snapshot!(field.split_once("bh=").unwrap().0.replace("\r\n", "\n"));
}

/// Whether each signature of a message holds, as Python's dkimpy says; `None` where that is not
/// installed.
fn dkimpy(message: &str, signers: &[Signer]) -> Option<String> {
    const CHECK: &str = "import sys, dkim\n\
        records = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n\
        def look_up(name, timeout=5): return records[name.decode().rstrip('.')].encode()\n\
        d = dkim.DKIM(sys.stdin.buffer.read(), minkey=2048)\n\
        for at in range(len(records)):\n\
        \x20   try: print('good' if d.verify(at, dnsfunc=look_up) else 'bad')\n\
        \x20   except dkim.DKIMException as error: print('bad', error)\n";
    let python = |arguments: &[&str]| Command::new("python3").args(arguments).output();
    if !python(&["-c", "import dkim, nacl"]).is_ok_and(|output| output.status.success()) {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI installs dkimpy and pynacl"
        );
        eprintln!("no dkimpy here: nothing tested");
        return None;
    }
    let records = signers
        .iter()
        .flat_map(|signer| [signer.record_name(), signer.record()]);
    let mut child = Command::new("python3")
        .args(["-c", CHECK])
        .args(records)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(message.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn an_independent_verifier_agrees_with_both_algorithms() {
    let signers = [signer("r1", RSA), signer("e1", ED25519)];
    let message = signed(&signers);
    let Some(said) = dkimpy(&message, &signers) else {
        return;
    };
    assert_eq!(said, "good\ngood\n");
    // What relays may do to white space does not count.
    let relayed = message
        .replace("  and more", "\tand  more")
        .replace(" \t with", " with");
    assert_eq!(dkimpy(&relayed, &signers).unwrap(), "good\ngood\n");
}

#[test]
fn what_is_changed_or_added_on_the_way_breaks_the_signature() {
    let signers = [signer("e1", ED25519)];
    let message = signed(&signers);
    let changes = [
        message.replace("last", "lost"),
        message.replace("token=1", "token=2"),
        message.replace("Subject:", "Subject: Another\r\nSubject:"),
        message.replace("To: anna", "Cc: all@example.net\r\nTo: anna"),
        message.replace("From:", "From: Other <o@example.net>\r\nFrom:"),
        message.replace(
            "One-Click\r\n",
            "One-Click\r\nList-Unsubscribe: <https://evil.example/>\r\n",
        ),
    ];
    for changed in changes {
        assert_ne!(changed, message);
        let Some(said) = dkimpy(&changed, &signers) else {
            return;
        };
        assert!(said.starts_with("bad"), "{changed}");
    }
}

#[test]
fn a_whole_message_of_an_issue_is_verified() {
    use crate::mail::message::tests::{mailing, now, recipient, rendered, seal};
    use crate::mail::message::{Prepared, Seal};
    let sign = |selector, key| Signer::new("news.example", selector, Key::read(key).unwrap());
    let signers = vec![sign("r1", RSA), sign("e1", ED25519)];
    let seal = Seal { signers, ..seal() };
    let prepared = Prepared::new(&rendered(), &[], mailing(), now());
    let (_, message) = prepared.message(&recipient(), &seal, now()).unwrap();
    let message = String::from_utf8(message).unwrap();
    if let Some(said) = dkimpy(&message, &seal.signers) {
        assert_eq!(said, "good\ngood\n", "{message}");
    }
}
