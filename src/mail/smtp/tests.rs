use tokio::io::{AsyncBufReadExt, BufReader, DuplexStream, duplex};

use super::*;

fn envelope() -> Envelope {
    Envelope {
        from: "news@example.org".to_owned(),
        to: "anna@example.org".parse().unwrap(),
        smtputf8: false,
    }
}

fn connection(stream: DuplexStream, pipelines: bool) -> Connection {
    Connection::new(Box::new(stream), Duration::from_secs(5), pipelines, false)
}

/// What a scripted relay heard; it answers each line of commands with the next of `answers`, and
/// closes when there is none left.
async fn relay(stream: DuplexStream, answers: Vec<&'static str>) -> Vec<String> {
    let mut stream = BufReader::new(stream);
    let mut heard = Vec::new();
    let mut in_data = false;
    for answer in answers {
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap() == 0 {
                return heard;
            }
            let line = line.trim_end().to_owned();
            let is_end = !in_data || line == ".";
            heard.push(line);
            if is_end {
                break;
            }
        }
        in_data = answer.starts_with("354");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    heard
}

async fn send(pipelines: bool, answers: Vec<&'static str>) -> (Fate, bool, Vec<String>) {
    let (ours, theirs) = duplex(1 << 16);
    let mut connection = connection(ours, pipelines);
    let server = tokio::spawn(relay(theirs, answers));
    let may_fly = async { Ok::<(), ()>(()) };
    let message = b"Subject: x\r\n\r\n.dot\r\n";
    let fate = connection
        .send(&envelope(), message, may_fly)
        .await
        .unwrap();
    let is_usable = connection.is_usable();
    drop(connection);
    (fate, is_usable, server.await.unwrap())
}

const TAKEN: [&str; 4] = ["250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 queued\r\n"];

#[tokio::test]
async fn a_message_is_sent_with_its_dots_doubled_with_and_without_pipelining() {
    for pipelines in [true, false] {
        let (fate, is_usable, heard) = send(pipelines, TAKEN.to_vec()).await;
        assert!(matches!(fate, Fate::Taken(_)), "{fate:?}");
        assert!(is_usable);
        assert_eq!(
            heard,
            [
                "MAIL FROM:<news@example.org>",
                "RCPT TO:<anna@example.org>",
                "DATA",
                "Subject: x",
                "",
                "..dot",
                "."
            ]
        );
    }
}

#[tokio::test]
async fn what_is_refused_says_what_it_was_about_and_whether_for_good() {
    let no = "550 5.1.1 no such user\r\n";
    let later = "451 later\r\n";
    for (answers, about, is_final) in [
        (
            vec![no, "503 first MAIL\r\n", "503 first MAIL\r\n"],
            About::Sender,
            true,
        ),
        (
            vec!["250 ok\r\n", no, "554 no recipient\r\n"],
            About::Recipient,
            true,
        ),
        // A server that takes DATA all the same gets an empty message for nobody.
        (
            vec!["250 ok\r\n", no, "354 go\r\n", "554 no recipient\r\n"],
            About::Recipient,
            true,
        ),
        (
            vec!["250 ok\r\n", later, "503 no\r\n"],
            About::Recipient,
            false,
        ),
        (
            vec!["250 ok\r\n", "250 ok\r\n", later],
            About::Message,
            false,
        ),
        (
            vec!["250 ok\r\n", "250 ok\r\n", "354 go\r\n", no],
            About::Message,
            true,
        ),
    ] {
        let (fate, is_usable, _) = send(true, answers.clone()).await;
        match fate {
            Fate::Refused(found, _) => assert!(is_final && found == about, "{answers:?}"),
            Fate::PutOff(found, _) => assert!(!is_final && found == about, "{answers:?}"),
            other => panic!("{answers:?}: {other:?}"),
        }
        assert!(is_usable, "{answers:?}");
    }
}

#[tokio::test]
async fn what_goes_wrong_before_the_dot_is_untried_and_after_it_unknown() {
    for (answers, is_unknown) in [
        (vec![], false),
        (vec!["250 ok\r\n"], false),
        (vec!["421 too many messages\r\n"], false),
        (vec!["HTTP/1.1 400 Bad\r\n"], false),
        (vec!["250 ok\r\n", "250 ok\r\n", "250 ok\r\n"], false),
        (vec!["250 ok\r\n", "250 ok\r\n", "354 go\r\n", ""], true),
        (
            vec!["250 ok\r\n", "250 ok\r\n", "354 go\r\n", "what?\r\n"],
            true,
        ),
        (
            vec!["250 ok\r\n", "250 ok\r\n", "354 go\r\n", "354 go on\r\n"],
            true,
        ),
    ] {
        let (fate, is_usable, _) = send(true, answers.clone()).await;
        match fate {
            Fate::Unknown(_) => assert!(is_unknown, "{answers:?}"),
            Fate::Untried(_) => assert!(!is_unknown, "{answers:?}"),
            other => panic!("{answers:?}: {other:?}"),
        }
        assert!(!is_usable);
    }
}

#[tokio::test]
async fn a_relay_that_closes_instead_of_taking_a_message_did_not_take_it() {
    let mut answers = TAKEN.to_vec();
    answers[3] = "421 4.3.2 shutting down\r\n";
    let (fate, is_usable, _) = send(true, answers).await;
    assert!(matches!(fate, Fate::PutOff(About::Message, _)), "{fate:?}");
    assert!(!is_usable);
}

#[tokio::test]
async fn a_relay_that_falls_silent_is_given_up() {
    let (ours, _theirs) = duplex(1 << 16);
    let mut connection = connection(ours, true);
    connection.timeout = Duration::from_millis(20);
    let may_fly = async { Ok::<(), ()>(()) };
    let fate = connection.send(&envelope(), b"x", may_fly).await.unwrap();
    assert!(
        matches!(fate, Fate::Untried(SmtpError::Silent(_))),
        "{fate:?}"
    );
}

#[tokio::test]
async fn the_dot_never_leaves_where_the_ledger_does_not_know_of_it() {
    let (ours, theirs) = duplex(1 << 16);
    let mut connection = connection(ours, true);
    let server = tokio::spawn(relay(theirs, TAKEN.to_vec()));
    let refused = async { Err::<(), _>("the disk is full") };
    let fate = connection.send(&envelope(), b"x\r\n", refused).await;
    assert_eq!(fate.unwrap_err(), "the disk is full");
    assert!(!connection.is_usable());
    drop(connection);
    assert_eq!(server.await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_refused_recipient_does_not_spoil_the_next_message() {
    let (ours, theirs) = duplex(1 << 16);
    let mut connection = connection(ours, true);
    let mut answers = vec!["250 ok\r\n", "450 later\r\n", "503 no\r\n", "250 reset\r\n"];
    answers.extend(TAKEN);
    let server = tokio::spawn(relay(theirs, answers));
    let mut fates = Vec::new();
    for _ in 0..2 {
        let may_fly = async { Ok::<(), ()>(()) };
        fates.push(
            connection
                .send(&envelope(), b"x\r\n", may_fly)
                .await
                .unwrap(),
        );
    }
    assert!(matches!(fates[0], Fate::PutOff(About::Recipient, _)));
    assert!(matches!(fates[1], Fate::Taken(_)), "{:?}", fates[1]);
    drop(connection);
    assert_eq!(server.await.unwrap()[3], "RSET");
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_relay_that_takes_it() {
    let (ours, _theirs) = duplex(1 << 16);
    let mut connection = connection(ours, true);
    let envelope = Envelope {
        to: "почта@example.org".parse().unwrap(),
        smtputf8: true,
        ..envelope()
    };
    let may_fly = async { Ok::<(), ()>(()) };
    let fate = connection.send(&envelope, b"x", may_fly).await.unwrap();
    assert!(matches!(fate, Fate::NoUtf8));
    assert!(connection.is_usable());
}
