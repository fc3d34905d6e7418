//! The files of `templates/`, as they are when nobody replaces them.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// The names below `templates/` and their sources.
pub(super) const FILES: &[(&str, &str)] = files!["layout.html.hbs",];
