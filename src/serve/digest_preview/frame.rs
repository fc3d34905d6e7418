//! A mail as a frame shows it: by day or by night, with or without pictures.

/// How a frame looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// As in a program that is set to dark.
    pub dark: bool,
    /// Whether pictures are shown.
    pub pictures: bool,
}

impl Default for Look {
    fn default() -> Look {
        Look {
            dark: false,
            pictures: true,
        }
    }
}

impl Look {
    /// Nothing runs, nothing is sent, and nothing is fetched but pictures from here.
    pub fn policy(self) -> &'static str {
        match self.pictures {
            true => {
                "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; \
                 form-action 'none'; base-uri 'none'; sandbox allow-same-origin"
            }
            false => {
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; \
                 base-uri 'none'; sandbox allow-same-origin"
            }
        }
    }

    /// `html` with what it says for dark programs in force or not, whatever the browser is set to;
    /// addresses below `base_url` lead to the preview.
    pub fn apply(self, html: &str, base_url: &str) -> String {
        let medium = match self.dark {
            true => "@media all",
            false => "@media not all",
        };
        let html = [
            "@media (prefers-color-scheme: dark)",
            "@media (prefers-color-scheme:dark)",
        ]
        .iter()
        .fold(html.to_owned(), |html, query| html.replace(query, medium));
        let (found, scheme) = (
            "content=\"light dark\"",
            ["light", "dark"][usize::from(self.dark)],
        );
        html.replace(found, &format!("content=\"{scheme}\""))
            .replace(&format!("\"{base_url}"), "\"/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "<meta name=\"color-scheme\" content=\"light dark\">\
        <style>@media (prefers-color-scheme: dark) { a {} }</style>\
        <img src=\"https://news.example/media/a.jpg\"><a href=\"https://other.example/\">";

    #[test]
    fn a_frame_is_dark_or_light_whatever_the_browser_is() {
        let apply = |dark| {
            Look {
                dark,
                pictures: true,
            }
            .apply(MAIL, "https://news.example/")
        };
        assert!(apply(true).contains("@media all { a {} }"));
        assert!(apply(true).contains("content=\"dark\""));
        assert!(apply(false).contains("@media not all { a {} }"));
        assert!(apply(false).contains("content=\"light\""));
        for look in [apply(true), apply(false)] {
            assert!(look.contains("src=\"/media/a.jpg\""), "{look}");
            assert!(look.contains("\"https://other.example/\""), "{look}");
        }
    }
}
