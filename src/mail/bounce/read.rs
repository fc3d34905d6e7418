//! One message in, what it means and about whom out. Pure.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use super::fields::{Block, blocks};
use super::plain::{self, shortened};
use super::status::{Severity, Status};
use super::who::{self, Proof, Who};

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A mail of ours could not be delivered.
    Failed {
        /// For now, or for good.
        severity: Severity,
        /// The code, where there is one.
        status: Option<Status>,
        /// What the server said.
        detail: String,
    },
    /// Its reader called it spam.
    Complaint {
        /// `abuse`, `fraud`, ... (RFC 5965, section 7.3).
        kind: String,
    },
    /// Its reader wants no more.
    Unsubscribe,
    /// Nothing that anything follows from: a delay, a receipt, an answering machine.
    Nothing {
        /// What it is.
        what: &'static str,
    },
    /// It cannot be made out; a person must look.
    Unreadable {
        /// Why.
        why: &'static str,
    },
    /// It came to an address that was made up.
    Forged,
}

/// A message that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub report: Report,
    /// About whom; `None` where that cannot be proved.
    pub who: Option<Who>,
}

/// Reads a message that came to the mailbox for bounces or for unsubscribing.
pub fn read(message: &[u8], proof: &Proof) -> Reading {
    let unreadable = |why| Reading {
        report: Report::Unreadable { why },
        who: None,
    };
    let Some(message) = MessageParser::default().parse(message) else {
        return unreadable("it is no mail: it has no header");
    };
    let parts = Parts::of(&message);
    let addressee = match who::addressee(&message, proof) {
        Ok(addressee) => addressee,
        Err(_) => {
            return Reading {
                report: Report::Forged,
                who: None,
            };
        }
    };
    if let (Some(who @ Who::Leaver { .. }), false) = (&addressee, parts.is_report()) {
        // Mail programs that unsubscribe send an empty mail; whatever else it says, its writer
        // wrote to this address.
        let answer = plain::is_automatic_answer(&message) || plain::is_from_a_system(&message);
        return Reading {
            report: match answer {
                true => Report::Nothing {
                    what: "an automatic answer",
                },
                false => Report::Unsubscribe,
            },
            who: Some(who.clone()),
        };
    }
    let report = report(&message, &parts);
    let who = addressee
        .or_else(|| {
            parts
                .feedback
                .as_ref()
                .and_then(|block| feedback_who(block, proof))
        })
        .or_else(|| {
            let originals = parts.originals.iter();
            originals
                .filter_map(|original| who::in_original(original, proof))
                .next()
        });
    let needs_somebody = matches!(report, Report::Failed { .. } | Report::Complaint { .. });
    if needs_somebody && who.is_none() {
        return unreadable(
            "nothing in it shows that it is about a mail of this newsroom, or to whom",
        );
    }
    Reading { report, who }
}

fn feedback_who(block: &Block, proof: &Proof) -> Option<Who> {
    let path = block.get("Original-Mail-From")?;
    who::in_text(path, proof).ok().flatten()
}

fn report(message: &Message<'_>, parts: &Parts) -> Report {
    if let Some(feedback) = &parts.feedback {
        let kind = feedback
            .get("Feedback-Type")
            .unwrap_or("abuse")
            .to_ascii_lowercase();
        return match kind.as_str() {
            "not-spam" => Report::Nothing {
                what: "a reader's word that a mail was no spam",
            },
            // Reports on authentication (RFC 6591) are for whoever keeps the DNS.
            "auth-failure" | "dkim" => Report::Nothing {
                what: "a report on authentication",
            },
            _ => Report::Complaint {
                kind: shortened(&kind),
            },
        };
    }
    if let Some(status) = &parts.status {
        return delivery(status);
    }
    if parts.is_receipt {
        return Report::Nothing { what: "a receipt" };
    }
    if parts.is_hotmail_complaint {
        return Report::Complaint {
            kind: "abuse".to_owned(),
        };
    }
    if plain::is_from_a_system(message) {
        let text = message.body_text(0);
        return match text.as_deref().and_then(plain::code) {
            Some((status, detail)) => Report::Failed {
                severity: status.severity(&detail),
                status: Some(status),
                detail,
            },
            None if plain::is_automatic_answer(message) => Report::Nothing {
                what: "an automatic answer",
            },
            None => Report::Unreadable {
                why: "a mail system wrote it, but gives no code for what went wrong",
            },
        };
    }
    if plain::is_automatic_answer(message) {
        return Report::Nothing {
            what: "an automatic answer",
        };
    }
    Report::Unreadable {
        why: "it is no report of a form that is known; somebody may have written it by hand",
    }
}

/// What a delivery status says: the worst of its recipients, since ours have one each.
fn delivery(text: &str) -> Report {
    let mut nothing = None;
    let mut worst: Option<(Severity, Option<Status>, String)> = None;
    for block in blocks(text) {
        let Some(action) = block.get("Action") else {
            continue;
        };
        match action.to_ascii_lowercase().as_str() {
            "failed" => {}
            "delayed" => {
                nothing = Some("a delay: the server still tries");
                continue;
            }
            _ => {
                nothing = Some("a delivery");
                continue;
            }
        }
        let said = block.typed("Diagnostic-Code").unwrap_or_default();
        let status = status(&block, said);
        let severity = status.map_or(Severity::Soft, |status| status.severity(said));
        if worst.as_ref().is_none_or(|(known, ..)| *known < severity) {
            worst = Some((severity, status, shortened(said)));
        }
    }
    match (worst, nothing) {
        (Some((severity, status, detail)), _) => Report::Failed {
            severity,
            status,
            detail,
        },
        (None, Some(what)) => Report::Nothing { what },
        (None, None) => Report::Unreadable {
            why: "its delivery status says of no recipient what became of the mail",
        },
    }
}

/// The status of a recipient: what the server said, where the field says less.
fn status(block: &Block, said: &str) -> Option<Status> {
    let stated: Option<Status> = block
        .get("Status")
        // Some write a comment behind it.
        .and_then(|value| value.split([' ', '(']).next()?.parse().ok());
    let is_vague = |status: &Status| status.subject == 0 && status.detail == 0;
    let found = Status::find(said).or_else(|| Status::find_basic(said));
    match (stated, found) {
        (Some(stated), Some(found)) if is_vague(&stated) && !is_vague(&found) => Some(found),
        (Some(stated), _) => Some(stated),
        (None, found) => found,
    }
}

/// The parts of a message that reports are made of.
#[derive(Debug, Default)]
struct Parts {
    /// `message/delivery-status`
    status: Option<String>,
    /// `message/feedback-report`
    feedback: Option<Block>,
    /// `message/disposition-notification`
    is_receipt: bool,
    /// The message that it is about, or its header.
    originals: Vec<String>,
    /// Outlook.com's reports are plain mails with the message attached.
    is_hotmail_complaint: bool,
}

impl Parts {
    fn of(message: &Message<'_>) -> Parts {
        let mut parts = Parts::default();
        for part in &message.parts {
            let content_type = part.content_type();
            let kind = content_type.map_or(String::new(), |kind| {
                let subtype = kind.subtype().unwrap_or_default();
                format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase()
            });
            let text = || match &part.body {
                PartType::Message(message) => {
                    String::from_utf8_lossy(message.raw_message()).into_owned()
                }
                _ => String::from_utf8_lossy(part.contents()).into_owned(),
            };
            match kind.as_str() {
                "message/delivery-status" | "message/global-delivery-status" => {
                    parts.status = Some(text());
                }
                "message/feedback-report" => {
                    parts.feedback = blocks(&text()).into_iter().next();
                }
                "message/disposition-notification" => parts.is_receipt = true,
                "message/rfc822"
                | "message/global"
                | "text/rfc822-headers"
                | "message/rfc822-headers"
                | "message/global-headers" => {
                    let original = text();
                    let header = original.to_ascii_lowercase();
                    parts.is_hotmail_complaint |= header.contains("x-hmxmroriginalrecipient:");
                    parts.originals.push(original);
                }
                _ => {}
            }
        }
        parts
    }

    fn is_report(&self) -> bool {
        self.status.is_some() || self.feedback.is_some() || self.is_receipt
    }
}
