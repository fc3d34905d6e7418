//! The files of `templates/`, as they are when nobody replaces them.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// The names below `templates/` and their sources.
pub const FILES: &[(&str, &str)] = files![
    "build.html.hbs",
    "confirm.html.hbs",
    "digest-archive.html.hbs",
    "digest-issue.html.hbs",
    "digest.html.hbs",
    "digest.text.hbs",
    "facet.html.hbs",
    "gone.html.hbs",
    "home.html.hbs",
    "icon.svg",
    "item.html.hbs",
    "layout.html.hbs",
    "letter-confirm.html.hbs",
    "letter-confirm.text.hbs",
    "letter-known.html.hbs",
    "letter-known.text.hbs",
    "letter-new-address.html.hbs",
    "letter-new-address.text.hbs",
    "letter-old-address.html.hbs",
    "letter-old-address.text.hbs",
    "moved.html.hbs",
    "not_found.html.hbs",
    "partials/addresses.html.hbs",
    "partials/choices.html.hbs",
    "partials/digest-entries.html.hbs",
    "partials/feeds.html.hbs",
    "partials/footer.html.hbs",
    "partials/header.html.hbs",
    "partials/languages.html.hbs",
    "partials/letter.html.hbs",
    "partials/mistake.html.hbs",
    "partials/teaser.html.hbs",
    "partials/topics.html.hbs",
    "preferences.html.hbs",
    "sign-up.html.hbs",
    "style.css",
    "subscribe.html.hbs",
    "subscription-notice.html.hbs",
    "topic.html.hbs",
    "unsubscribe.html.hbs",
];
