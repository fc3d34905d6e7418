//! British and American spellings: a keyword written in one finds the other.

/// The two spellings of a part of a word, in folded text: British first.
const PAIRS: [(&str, &str); 13] = [
    ("co operat", "cooperat"),
    ("co ordinat", "coordinat"),
    ("programme", "program"),
    ("centre", "center"),
    ("labour", "labor"),
    ("neighbour", "neighbor"),
    ("defence", "defense"),
    ("offence", "offense"),
    ("isation", "ization"),
    ("is\u{1}", "iz\u{1}"), // What may end in any way: `radicalis*`.
    ("organise", "organize"),
    ("ising", "izing"),
    ("judgement", "judgment"),
];

/// A folded text as it stands, and all of it in British and in American spelling where those differ.
pub(super) fn spellings(folded: &str) -> Vec<String> {
    let mut spellings = vec![folded.to_owned()];
    for british in [true, false] {
        let mut respelt = folded.to_owned();
        for (one, other) in PAIRS {
            let (from, to) = if british { (other, one) } else { (one, other) };
            // `programme` begins with `program`: it is not to become `programmeme`.
            if respelt.contains(from) && !(to.starts_with(from) && respelt.contains(to)) {
                respelt = respelt.replace(from, to);
            }
        }
        if !spellings.contains(&respelt) {
            spellings.push(respelt);
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_made_and_none_twice() {
        for (folded, expected) in [
            ("co operation", &["co operation", "cooperation"][..]),
            (
                "project coordinator",
                &["project coordinator", "project co ordinator"],
            ),
            ("programme office", &["programme office", "program office"]),
            ("program center", &["program center", "programme centre"]),
            (
                "labour organization",
                &[
                    "labour organization",
                    "labour organisation",
                    "labor organization",
                ],
            ),
            ("police", &["police"]),
        ] {
            assert_eq!(spellings(folded), expected);
        }
    }
}
