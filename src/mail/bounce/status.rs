//! Enhanced status codes (RFC 3463), and what they say about an address. Pure.

use std::fmt;
use std::str::FromStr;

/// `5.1.1`: class, subject and detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Status {
    /// 2: done, 4: not now, 5: never.
    pub class: u8,
    /// What it is about: 1 the address, 2 the mailbox, 7 policy.
    pub subject: u16,
    /// What exactly.
    pub detail: u16,
}

/// What a failure means for the next issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may go better next time.
    Soft,
    /// There is no such mailbox, and there will be none.
    Hard,
}

/// What servers say where nobody has a mailbox of that name, whatever their codes.
const NO_MAILBOX: [&str; 14] = [
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "no mailbox here",
    "does not exist",
    "doesn't exist",
    "unknown recipient",
    "recipient unknown",
    "invalid recipient",
    "recipient not found",
    "recipientnotfound",
    "account has been disabled",
];

impl Status {
    /// The first status code that stands in a text: `550-5.1.1 The email account …`.
    pub fn find(text: &str) -> Option<Status> {
        let is_apart = |c: char| c.is_whitespace() || "-()[]<>,;:#".contains(c);
        text.split(is_apart).find_map(|word| word.parse().ok())
    }

    /// What a code of three digits says by itself: `550` for `5.0.0`.
    pub fn find_basic(text: &str) -> Option<Status> {
        let is_apart = |c: char| c.is_whitespace() || "-()[]<>,;:#.".contains(c);
        let mut words = text.split(is_apart);
        words.find_map(|word| {
            let is_code = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
            let code: u16 = is_code.then(|| word.parse().ok()).flatten()?;
            let class = match code {
                400..=499 => 4,
                500..=559 => 5,
                _ => return None,
            };
            Some(Status {
                class,
                subject: 0,
                detail: 0,
            })
        })
    }

    /// What it means, with what the server said beside it.
    ///
    /// Permanent failures end a subscription only where they are about the address. A full
    /// mailbox (5.2.2), a message that is too long, a server that is out of order and above all
    /// policy (5.7.x: the sender is on a list, the message looks like spam) say nothing of
    /// whether somebody reads mail there: one listing of the relay must not empty the list of
    /// subscribers.
    pub fn severity(self, said: &str) -> Severity {
        if self.class != 5 {
            return Severity::Soft;
        }
        let said = said.to_ascii_lowercase();
        let has_no_mailbox = NO_MAILBOX.iter().any(|words| said.contains(words));
        match (self.subject, self.detail) {
            // The sender's own address.
            (1, 7 | 8) => Severity::Soft,
            (1, _) => Severity::Hard,
            // Disabled; the domain has no host for mail.
            (2, 1) | (4, 4) => Severity::Hard,
            // Codes that say nothing, or that servers use for unknown recipients too.
            (0, _) | (2, 0) | (4, 1) | (5, 0) if has_no_mailbox => Severity::Hard,
            (4, 1) if said.contains("recipient address rejected") => Severity::Hard,
            _ => Severity::Soft,
        }
    }
}

impl FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Status, ()> {
        let mut parts = text.trim().splitn(3, '.');
        let mut number = |digits: usize| {
            let part = parts.next().ok_or(())?;
            let is_number = (1..=digits).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number {
                part.parse::<u16>().map_err(|_| ())
            } else {
                Err(())
            }
        };
        let class = match number(1)? {
            2 => 2,
            4 => 4,
            5 => 5,
            _ => return Err(()),
        };
        Ok(Status {
            class,
            subject: number(3)?,
            detail: number(3)?,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_what_servers_say() {
        let find = |text| Status::find(text).map(|status| status.to_string());
        assert_eq!(
            find("550-5.1.1 The email account").as_deref(),
            Some("5.1.1")
        );
        assert_eq!(
            find("smtp; 550 #5.1.0 Address rejected").as_deref(),
            Some("5.1.0")
        );
        assert_eq!(
            find("host mx[192.0.2.1] said: 452 4.2.2 full").as_deref(),
            Some("4.2.2")
        );
        assert_eq!(find("see 1.2.3 and 192.0.2.1"), None);
        assert_eq!(find("5.1.1234"), None);
        assert_eq!(
            Status::find_basic("said: 550 no").unwrap().to_string(),
            "5.0.0"
        );
        assert_eq!(Status::find_basic("in 2550 minutes, 600"), None);
    }

    #[test]
    fn only_what_is_about_the_address_is_hard() {
        let severity = |code: &str, said| code.parse::<Status>().unwrap().severity(said);
        for code in ["5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.4.4"] {
            assert_eq!(severity(code, ""), Severity::Hard, "{code}");
        }
        for code in [
            "5.2.2", "5.2.3", "5.7.1", "5.3.0", "5.1.8", "4.1.1", "4.4.7", "5.0.0",
        ] {
            assert_eq!(severity(code, ""), Severity::Soft, "{code}");
        }
        assert_eq!(severity("5.0.0", "550 User unknown"), Severity::Hard);
        assert_eq!(severity("5.7.1", "user unknown"), Severity::Soft);
        assert_eq!(
            severity("5.4.1", "Recipient address rejected: Access denied"),
            Severity::Hard
        );
    }
}
