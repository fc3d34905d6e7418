use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::*;

pub(crate) fn mailing() -> Mailing {
    Mailing {
        digest: "weekly".to_owned(),
        title: "The week, in brief".to_owned(),
        period: "2024-W47".to_owned(),
        due: 1_732_521_600_000,
        from: "Press Office <press@news.example>".parse().unwrap(),
        host: "news.example".to_owned(),
        archive: "https://news.example/digests/weekly/".to_owned(),
    }
}

pub(crate) fn rendered() -> Rendered {
    Rendered {
        subject: "The week in brief: 18–24 November".to_owned(),
        html: format!(
            "<!DOCTYPE html>\n<p>Más noticias.</p>\n<p><a href=\"{PREFERENCES}\">Choose</a> or <a href=\"{UNSUBSCRIBE}\">leave</a></p>\n"
        ),
        text: format!("Más noticias.\n\nChoose:\n{PREFERENCES}\nLeave:\n{UNSUBSCRIBE}\n"),
        language: "es".to_owned(),
    }
}

pub(crate) fn recipient() -> Recipient {
    Recipient {
        subscriber: 12,
        generation: 1,
        address: "anna@example.net".parse().unwrap(),
        name: Some("Anna Berg".to_owned()),
    }
}

pub(crate) fn seal() -> Seal {
    let key = SigningKey::new([7; 32]);
    Seal {
        links: Links::new("https://news.example/", key.clone()),
        key,
        bounces: Some("bounces@news.example".parse().unwrap()),
        unsubscribe: Some("unsubscribe@news.example".parse().unwrap()),
        signers: Vec::new(),
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_732_521_661, 0).unwrap()
}

fn message(
    rendered: &Rendered,
    images: &[InlineImage],
    recipient: &Recipient,
) -> (Envelope, String) {
    let prepared = Prepared::new(rendered, images, mailing(), now());
    let (envelope, message) = prepared.message(recipient, &seal(), now()).unwrap();
    (envelope, String::from_utf8(message).unwrap())
}

#[test]
fn a_message_of_an_issue() {
    let (envelope, message) = message(&rendered(), &[], &recipient());
    insta::assert_snapshot!(message.replace("\r\n", "\n"));
    assert_eq!(envelope.to, recipient().address);
    assert!(!envelope.smtputf8);
    let local = envelope.from.split_once('@').unwrap().0;
    let path = ReturnPath::read(local, &SigningKey::new([7; 32]))
        .unwrap()
        .unwrap();
    assert_eq!(path, ReturnPath::new(12, 1, mailing().due));
}

#[test]
fn every_reader_has_their_own_links_in_both_parts_and_in_the_header() {
    let (_, message) = message(&rendered(), &[], &recipient());
    let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
    let links = seal().links;
    let (preferences, unsubscribe) = (links.preferences(12, 1), links.unsubscribe(12, 1, "weekly"));
    for body in [parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap()] {
        assert!(body.contains(&preferences), "{body}");
        assert!(body.contains(&unsubscribe), "{body}");
        assert!(!body.contains("tidings.invalid"));
    }
    assert!(message.contains(&format!(
        "List-Unsubscribe: <{unsubscribe}>,\r\n <mailto:unsubscribe+"
    )));
    assert!(message.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

#[test]
fn the_message_id_is_the_same_for_ever_and_another_s_is_another() {
    let id = |recipient: &Recipient, subject: &str| {
        let rendered = Rendered {
            subject: subject.to_owned(),
            ..rendered()
        };
        let (_, message) = message(&rendered, &[], recipient);
        let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
        parsed.message_id().unwrap().to_owned()
    };
    let other = Recipient {
        subscriber: 13,
        ..recipient()
    };
    assert_eq!(id(&recipient(), "a"), id(&recipient(), "b"));
    assert_ne!(id(&recipient(), "a"), id(&other, "a"));
}

#[test]
fn pictures_go_with_the_html_and_are_named_in_it() {
    let rendered = Rendered {
        html: "<img src=\"cid:a@tidings\" alt=\"A bridge\">".to_owned(),
        ..rendered()
    };
    let image = InlineImage {
        content_id: "a@tidings".to_owned(),
        media_type: "image/png".to_owned(),
        octets: (0..=255).cycle().take(10_000).collect(),
    };
    let (_, message) = message(&rendered, std::slice::from_ref(&image), &recipient());
    let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
    let part = parsed
        .parts
        .iter()
        .find(|part| part.content_id() == Some("a@tidings"))
        .unwrap();
    assert_eq!(part.contents(), image.octets);
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), rendered.html);
    assert!(message.lines().all(|line| line.len() <= 100));
}

#[test]
fn an_address_beyond_ascii_needs_smtputf8_and_a_domain_does_not() {
    let to = |text: &str| Recipient {
        address: text.parse().unwrap(),
        ..recipient()
    };
    let (envelope, text) = message(&rendered(), &[], &to("info@почта.рф"));
    assert!(!envelope.smtputf8);
    assert!(text.contains("<info@xn--80a1acny.xn--p1ai>") && text.is_ascii());
    let (envelope, text) = message(&rendered(), &[], &to("инфо@почта.рф"));
    assert!(envelope.smtputf8);
    assert!(text.contains("To: Anna Berg <инфо@xn--80a1acny.xn--p1ai>\r\n"));
}

#[test]
fn without_mailboxes_bounces_go_to_the_sender_and_unsubscribing_is_on_the_web() {
    let seal = Seal {
        bounces: None,
        unsubscribe: None,
        ..seal()
    };
    let prepared = Prepared::new(&rendered(), &[], mailing(), now());
    let (envelope, message) = prepared.message(&recipient(), &seal, now()).unwrap();
    assert_eq!(envelope.from, "press@news.example");
    assert!(!String::from_utf8(message).unwrap().contains("mailto:"));
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back_and_no_line_is_too_long(
        subject in "(\\PC|\r\n|é){0,120}",
        name in "(\\PC|\"|\r|\n){0,120}",
        title in "(\\PC|\r\n|,){0,120}",
        text in prop::collection::vec("(\\PC| |=|\\.){0,1200}", 0..4),
    ) {
        let text = text.join("\n") + "\n" + UNSUBSCRIBE + "\n";
        let html = format!("<p>{text}</p>");
        let rendered = Rendered { subject: subject.clone(), html: html.clone(), text: text.clone(), ..rendered() };
        let recipient = Recipient { name: Some(name.clone()), ..recipient() };
        let mailing = Mailing { title: title.clone(), ..mailing() };
        let prepared = Prepared::new(&rendered, &[], mailing, now());
        let (_, message) = prepared.message(&recipient, &seal(), now()).unwrap();
        let unsubscribe = seal().links.unsubscribe(12, 1, "weekly");
        let lines = message.split(|byte| *byte == b'\n');
        for line in lines {
            prop_assert!(line.len() <= 300 && line.is_ascii());
            // A reader that stops at a bare line break must see the same message.
            prop_assert!(line.is_empty() || line.ends_with(b"\r"));
        }
        let parsed = MessageParser::default().parse(&message).unwrap();
        use crate::digest::text::one_line;
        prop_assert_eq!(parsed.subject().unwrap_or_default(), one_line(&subject));
        let to = parsed.to().unwrap().first().unwrap();
        prop_assert_eq!(to.name().unwrap_or_default(), one_line(&name));
        prop_assert_eq!(to.address(), Some("anna@example.net"));
        prop_assert_eq!(parsed.to().unwrap().clone().into_list().len(), 1);
        prop_assert_eq!(parsed.headers().len(), 15);
        let bodies = [(parsed.body_text(0).unwrap(), &text), (parsed.body_html(0).unwrap(), &html)];
        for (body, expected) in bodies {
            let expected = expected.replace(UNSUBSCRIBE, &unsubscribe);
            let body = body.replace("\r\n", "\n");
            prop_assert_eq!(body.trim_end_matches('\n'), expected.trim_end_matches('\n'));
        }
    }
}
