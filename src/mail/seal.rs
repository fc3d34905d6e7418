//! Loads what messages are sealed with: keys from the files that `feeds.toml` names.

use std::fs;

use super::dkim::{Key, Signer};
use super::message::Seal;
use crate::config::Dkim;
use crate::diagnostic::Problem;
use crate::setup::Setup;
use crate::signing::SigningKey;
use crate::subscribers::links::Links;

/// The seal of a newsroom, whose ledger holds `key`.
///
/// # Errors
/// Every DKIM key that cannot be read.
pub fn load(setup: &Setup, key: SigningKey) -> Result<Seal, Vec<Problem>> {
    let mut seal = Seal {
        links: Links::new(setup.config.site.base_url.as_str(), key.clone()),
        key,
        bounces: None,
        unsubscribe: None,
        signers: Vec::new(),
    };
    let Some(mail) = &setup.config.mail else {
        return Ok(seal);
    };
    seal.bounces = mail.bounces.address.clone();
    seal.unsubscribe = mail.bounces.unsubscribe.clone();
    let mut problems = Vec::new();
    for dkim in &mail.dkim {
        match signer(setup, dkim) {
            Ok(signer) => seal.signers.push(signer),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(seal)
    } else {
        Err(problems)
    }
}

/// One key.
///
/// # Errors
/// When its file cannot be read, or holds no key.
pub fn signer(setup: &Setup, dkim: &Dkim) -> Result<Signer, Problem> {
    let file = setup.root.join(&dkim.key);
    let named = format!("the DKIM key {}", file.display());
    let contents = fs::read(&file).map_err(|error| {
        Problem::error(format!("{named} cannot be read: {error}"))
            .help("look at 'key' under [[mail.dkim]] in feeds.toml")
    })?;
    let key = Key::read(&contents)
        .map_err(|error| Problem::error(format!("{named} cannot be used: {error}")))?;
    Ok(Signer::new(&dkim.domain, &dkim.selector, key))
}
