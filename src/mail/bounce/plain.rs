//! Bounces that are written for people alone, as qmail and older systems write them. Pure.

use mail_parser::Message;

use super::status::Status;

/// The most characters of what a server said that are kept.
const DETAIL_LENGTH: usize = 300;

/// Whether a message comes from a mail system rather than from a person.
pub fn is_from_a_system(message: &Message<'_>) -> bool {
    let from = message
        .from()
        .and_then(|from| from.first())
        .and_then(|from| from.address())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_daemon = ["mailer-daemon", "postmaster", "mail-daemon", "mdaemon"]
        .iter()
        .any(|name| from.starts_with(name));
    let raw = |name: &str| {
        let mut headers = message.headers_raw();
        let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    };
    is_daemon || raw("Return-Path") == Some("<>") || raw("X-Failed-Recipients").is_some()
}

/// Whether a message is an answer that a machine gives for a person: on holiday, received.
pub fn is_automatic_answer(message: &Message<'_>) -> bool {
    message.headers_raw().any(|(name, value)| {
        let value = value.trim().to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "auto-submitted" => value.starts_with("auto-replied"),
            "precedence" => value == "auto_reply",
            "x-autoreply" | "x-autorespond" | "x-auto-response-suppress" => true,
            _ => false,
        }
    })
}

/// The code in the text of a bounce, and the line it stands in.
pub fn code(text: &str) -> Option<(Status, String)> {
    // What the bounce is about follows the explanation, and may hold anything.
    let mut lines = text.lines().map(str::trim).take_while(|line| {
        let is_original = line.starts_with("--- Below this line is a copy")
            || line.starts_with("------ This is a copy of the message")
            || line.starts_with("Return-Path: <");
        !is_original
    });
    lines
        .clone()
        .find_map(|line| Some((Status::find(line)?, shortened(line))))
        .or_else(|| lines.find_map(|line| Some((Status::find_basic(line)?, shortened(line)))))
}

/// What a server said, on one line of bounded length.
pub fn shortened(text: &str) -> String {
    crate::template::shorten(&crate::digest::text::one_line(text), DETAIL_LENGTH)
}
