//! Terms, feeds and digests that have another slug than before.

use crate::config::Config;
use crate::ledger::{Ledger, LedgerError};

/// Tells the ledger which terms, feeds and digests have another slug than before.
pub(super) fn record(config: &Config, ledger: &mut Ledger) -> Result<(), LedgerError> {
    let taxonomy = &config.taxonomy;
    for (facet, found) in taxonomy.facets() {
        for (id, term) in taxonomy.terms_of(facet) {
            for was in &term.was {
                ledger.rename_term(&format!("{}/{was}", found.slug), &taxonomy.path(id))?;
            }
        }
    }
    for feed in &config.selections {
        for was in &feed.was {
            ledger.rename_feed(&format!("feeds/{was}"), &format!("feeds/{}", feed.slug))?;
        }
    }
    for digest in &config.digests {
        for was in &digest.was {
            ledger.rename_digest(was, &digest.slug)?;
        }
    }
    Ok(())
}
