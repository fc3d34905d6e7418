//! The files of `templates/`, as they are when nobody replaces them.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// The names below `templates/` and their sources.
pub(super) const FILES: &[(&str, &str)] = files![
    "digest-archive.html.hbs",
    "digest-issue.html.hbs",
    "digest.html.hbs",
    "digest.text.hbs",
    "layout.html.hbs",
    "partials/digest-entries.html.hbs",
];
