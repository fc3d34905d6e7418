//! Reports of bounces and complaints over HTTP: `POST /mail/bounces`, signed JSON. And the maildir
//! of bounces, looked at while the server runs.
//!
//! The ledger's calls block, and so are made on threads that may.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use chrono::Utc;

use super::Task;
use super::files::text;
use super::routes::Routes;
use crate::config::Bounces;
use crate::ledger::Ledger;
use crate::ledger::bounces::Kind;
use crate::mail::bounce::Proof;
use crate::mail::bounce::desk::{Desk, Taken};
use crate::mail::bounce::maildir;
use crate::mail::bounce::notice::{self, NoticeError, SIGNATURE_HEADER};

/// Where reports are sent, below the site's root.
pub const PATH: &str = "/mail/bounces";

/// How often the maildir is looked at.
const MAILDIR_EVERY: Duration = Duration::from_secs(60);

/// Takes reports in for a newsroom.
#[derive(Debug, Clone)]
pub struct Door {
    ledger: PathBuf,
    proof: Proof,
    limits: Bounces,
    secret: String,
}

impl Door {
    /// Reports go to the ledger in this file. Requests are signed with `secret`; without one,
    /// all are refused.
    pub fn new(ledger: PathBuf, proof: Proof, limits: Bounces, secret: String) -> Door {
        Door {
            ledger,
            proof,
            limits,
            secret,
        }
    }

    /// The address that takes reports.
    pub fn routes(&self) -> Routes {
        let door = Arc::new(self.clone());
        Routes::new().route(PATH, post(answer).with_state(door))
    }

    /// Looks at the maildir at `folder` for as long as the server runs.
    pub fn collect(&self, folder: PathBuf) -> Task {
        let door = self.clone();
        Box::pin(async move {
            loop {
                let (door, folder) = (door.clone(), folder.clone());
                // Fails only when the program ends.
                let _ = tokio::task::spawn_blocking(move || door.collect_once(&folder)).await;
                tokio::time::sleep(MAILDIR_EVERY).await;
            }
        })
    }

    fn collect_once(&self, folder: &std::path::Path) {
        let files = match maildir::waiting(folder) {
            Ok(files) => files,
            Err(problem) => return tracing::error!("{}", problem.message),
        };
        if files.is_empty() {
            return;
        }
        let mut ledger = match Ledger::open(&self.ledger) {
            Ok(ledger) => ledger,
            Err(error) => return tracing::error!("{error}; bounces wait in the maildir"),
        };
        let mut desk = Desk::new(&mut ledger, &self.proof, &self.limits);
        for file in files {
            let waiting = match maildir::read(&file) {
                Ok(Some(waiting)) => waiting,
                Ok(None) => continue,
                Err(problem) => {
                    tracing::error!("{}", problem.message);
                    continue;
                }
            };
            let now = Utc::now().timestamp_millis();
            match desk.take(&waiting.message, "maildir", now) {
                Ok(taken) => {
                    note(&taken);
                    if let Err(problem) = waiting.done(taken.is_open()) {
                        tracing::error!("{}", problem.message);
                    }
                }
                Err(error) => return tracing::error!("{error}; bounces wait in the maildir"),
            }
        }
    }
}

/// Says that somebody must look at a report. Addresses of people stay out of the log.
fn note(taken: &Taken) {
    if taken.is_open() {
        tracing::warn!(
            id = taken.fingerprint,
            "a report was {} and waits in `tidings mail bounces --open`",
            if taken.kind == Kind::Forged {
                "made up"
            } else {
                "not understood"
            }
        );
    }
}

async fn answer(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let signature = headers.get(SIGNATURE_HEADER);
    let signature = signature.and_then(|value| value.to_str().ok());
    let now = Utc::now();
    let notices = notice::verify(&door.secret, signature, &body, now.timestamp())
        .and_then(|()| notice::read(&body));
    let notices = match notices {
        Ok(notices) => notices,
        Err(error) => {
            tracing::warn!("a report of bounces was refused: {error}");
            let status = match error {
                NoticeError::Body(_) => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::UNAUTHORIZED,
            };
            return text(status, format!("{error}\n"));
        }
    };
    let number = notices.len();
    let taken = tokio::task::spawn_blocking(move || {
        let mut ledger = Ledger::open(&door.ledger)?;
        let mut desk = Desk::new(&mut ledger, &door.proof, &door.limits);
        for notice in &notices {
            let taken = desk.take_notice(notice, now.timestamp_millis())?;
            note(&taken);
        }
        Ok::<(), crate::ledger::LedgerError>(())
    });
    match taken.await {
        Ok(Ok(())) => text(StatusCode::OK, format!("{number} taken\n")),
        Ok(Err(error)) => {
            tracing::error!("{error}");
            let again = "The ledger cannot be used just now; send the same again.\n";
            text(StatusCode::SERVICE_UNAVAILABLE, again)
        }
        Err(_) => text(StatusCode::SERVICE_UNAVAILABLE, "Send the same again.\n"),
    }
}
