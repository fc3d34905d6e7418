//! Which column of a table holds what, by its first line.

use csv::StringRecord;

use super::import::{ImportError, shown};

/// Which column holds what.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub address: usize,
    pub name: Option<usize>,
    pub language: Option<usize>,
    pub state: Option<usize>,
    pub paused_until: Option<usize>,
    pub choices: Option<usize>,
    pub left: Option<usize>,
    pub consented: Option<usize>,
    pub source: Option<usize>,
    pub wording: Option<usize>,
}

/// Where a column is kept.
type Place = fn(&mut Columns) -> &mut Option<usize>;

/// The names that columns have, compared without spaces, hyphens and underscores.
const NAMES: [(&str, &[&str], Place); 9] = [
    ("name", &["name", "fullname", "имя"], |columns| {
        &mut columns.name
    }),
    ("language", &["language", "lang", "язык"], |columns| {
        &mut columns.language
    }),
    ("state", &["state", "status"], |columns| &mut columns.state),
    ("paused_until", &["pauseduntil"], |columns| {
        &mut columns.paused_until
    }),
    (
        "choices",
        &[
            "choices",
            "digests",
            "digest",
            "newsletters",
            "newsletter",
            "lists",
            "list",
            "subscriptions",
        ],
        |columns| &mut columns.choices,
    ),
    ("left", &["left"], |columns| &mut columns.left),
    (
        "consented",
        &["consented", "consentdate", "consentat"],
        |columns| &mut columns.consented,
    ),
    ("consent_source", &["consentsource", "source"], |columns| {
        &mut columns.source
    }),
    (
        "consent_wording",
        &["consentwording", "wording"],
        |columns| &mut columns.wording,
    ),
];
/// Those of the one that must be there.
const ADDRESS: [&str; 7] = [
    "address",
    "email",
    "emailaddress",
    "mail",
    "адрес",
    "почта",
    "электроннаяпочта",
];

/// Finds the columns; those of other names are passed over.
///
/// # Errors
/// There is none for addresses, or two say the same.
pub(super) fn columns(record: &StringRecord) -> Result<Columns, ImportError> {
    let mut columns = Columns::default();
    let mut address = None;
    for (place, cell) in record.iter().enumerate() {
        let plain: String = cell
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '\u{feff}'))
            .flat_map(char::to_lowercase)
            .collect();
        if ADDRESS.contains(&plain.as_str()) {
            if address.replace(place).is_some() {
                return Err(ImportError::Twice("address"));
            }
            continue;
        }
        let found = NAMES
            .iter()
            .find(|(_, names, _)| names.contains(&plain.as_str()));
        if let Some((name, _, column)) = found
            && column(&mut columns).replace(place).is_some()
        {
            return Err(ImportError::Twice(name));
        }
    }
    let Some(address) = address else {
        let found: Vec<String> = record
            .iter()
            .take(10)
            .map(|cell| format!("'{}'", shown(cell)))
            .collect();
        return Err(ImportError::Columns {
            found: found.join(", "),
        });
    };
    columns.address = address;
    Ok(columns)
}
