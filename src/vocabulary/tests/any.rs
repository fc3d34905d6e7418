//! Whatever a vocabulary holds, and whatever bytes come.

use proptest::prelude::*;

use super::{ALL, concept, context};
use crate::vocabulary::{Concept, Vocabulary, read, write};

/// A line that stands as it is in every format: no white space but single spaces.
fn line() -> impl Strategy<Value = String> {
    "[\\PC]{1,16}".prop_filter_map("nothing but white space", |text| {
        let words: Vec<&str> = text.split_whitespace().collect();
        Some(words.join(" ")).filter(|line| !line.is_empty())
    })
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::hash_set(line(), 0..3).prop_map(|set| set.into_iter().collect())
}

prop_compose! {
    fn any_concept()(
        name in line(),
        russian in prop::option::of(line()),
        aliases in lines(),
        keywords in lines(),
        russian_keywords in lines(),
        former in prop::collection::hash_set("[a-z]{3}x", 0..2),
        closed in any::<bool>(),
        above in any::<prop::sample::Index>(),
        successor in prop::option::of(any::<prop::sample::Index>()),
        has_match in any::<bool>(),
    ) -> (Concept, prop::sample::Index, Option<prop::sample::Index>, Vec<String>) {
        let concept = Concept {
            names: russian
                .filter(|russian| *russian != name)
                .map(|russian| ("ru".to_owned(), russian))
                .into_iter()
                .collect(),
            aliases: aliases.into_iter().filter(|alias| *alias != name).collect(),
            keywords: keywords
                .into_iter()
                .map(|word| (None, word))
                .chain(russian_keywords.into_iter().map(|word| (Some("ru".to_owned()), word)))
                .collect(),
            closed,
            matches: has_match
                .then(|| "http://eurovoc.europa.eu/5482".to_owned())
                .into_iter()
                .collect(),
            name,
            ..Concept::default()
        };
        (concept, above, successor, former.into_iter().collect())
    }
}

fn any_vocabulary() -> impl Strategy<Value = Vocabulary> {
    prop::collection::vec(any_concept(), 1..6).prop_map(|drafts| {
        let mut former_ones = std::collections::HashSet::new();
        let count = drafts.len();
        let concepts = drafts
            .into_iter()
            .enumerate()
            .map(|(place, (mut concept, above, successor, former))| {
                concept.slug = format!("concept-{place}");
                // Above is always an earlier one, so that there is no circle.
                let above = above.index(count);
                concept.parent = (above < place).then(|| format!("concept-{above}"));
                let successor = successor.map(|it| it.index(count));
                if let Some(successor) = successor.filter(|it| *it != place) {
                    concept.replaced_by = vec![format!("concept-{successor}")];
                    concept.closed = true;
                }
                concept.was = former
                    .into_iter()
                    .filter(|slug| former_ones.insert(slug.clone()))
                    .collect();
                concept
            })
            .collect();
        Vocabulary {
            name: "Anything".to_owned(),
            concepts,
        }
    })
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_again(vocabulary in any_vocabulary()) {
        for format in ALL {
            let written = write(&vocabulary, format, context()).unwrap();
            let reading = read(&written, format, context(), None);
            let text = String::from_utf8_lossy(&written).into_owned();
            let reading = reading.unwrap_or_else(|problems| panic!("{format:?} {problems:?}\n{text}"));
            prop_assert_eq!(&reading.vocabulary.concepts, &vocabulary.concepts, "{:?}\n{}", format, text);
        }
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), csv in "(name|slug|parent|;|,|\"|\n|a|b|\\|){0,60}") {
        for format in ALL {
            let _ = read(&bytes, format, context(), None);
            let _ = read(csv.as_bytes(), format, context(), None);
        }
    }

    #[test]
    fn no_damage_to_a_good_file_makes_reading_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let vocabulary = Vocabulary {
            name: "Topics".to_owned(),
            concepts: vec![Concept { was: vec!["wet".to_owned()], ..concept("water", "Water") }, concept("air", "Air")],
        };
        for format in ALL {
            let mut written = write(&vocabulary, format, context()).unwrap();
            let at = at.index(written.len());
            let _ = read(&written[..at], format, context(), None);
            written[at] = byte;
            let _ = read(&written, format, context(), None);
        }
    }
}
