//! In which language a text is, and the stems of its words.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};
use whatlang::Lang;

/// The bytes of a text that are enough to tell its language.
const ENOUGH: usize = 1_000;
/// The fewest letters that tell anything.
const FEWEST_LETTERS: usize = 60;

/// Small words of languages. Where one in ten words is of them, nothing else needs to be asked,
/// which is a hundred times cheaper.
const SMALL_WORDS: [(&str, &[&str]); 4] = [
    (
        "en",
        &[
            "the", "of", "and", "to", "in", "for", "on", "with", "by", "that", "is", "at",
        ],
    ),
    (
        "fr",
        &[
            "les", "des", "et", "du", "une", "dans", "pour", "est", "sur", "aux",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "den", "von", "mit", "für", "ist", "zur",
        ],
    ),
    (
        "ru",
        &["и", "в", "на", "с", "по", "для", "что", "из", "от", "при"],
    ),
];

/// The primary subtag of a BCP 47 tag, in small letters: `sr` of `sr-Latn`.
pub fn primary(tag: &str) -> String {
    let subtag = tag.split(['-', '_']).next().unwrap_or(tag);
    subtag.to_ascii_lowercase()
}

/// The language of a text that states none, as an ISO 639 code; `usual` where the text is short or
/// cannot be told from it.
pub fn detect(text: &str, usual: &str) -> Cow<'static, str> {
    let usual = || Cow::Owned(primary(usual));
    let mut end = text.len().min(ENOUGH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    // Plain letters are counted faster, and most texts have enough of them.
    let mut plain = text.bytes().filter(u8::is_ascii_alphabetic);
    let mut letters = text.chars().filter(|it| it.is_alphabetic());
    let last = FEWEST_LETTERS - 1;
    if plain.nth(last).is_none() && letters.nth(last).is_none() {
        return usual();
    }
    let own = usual();
    let share = share_of_small_words(text, &own);
    if share.is_some_and(|percent| percent >= 10) {
        return own;
    }
    match whatlang::detect(text) {
        // Between languages that are alike (Serbian and Croatian) none is sure; but it is not ours.
        Some(found) if found.is_reliable() || share.is_some_and(|percent| percent < 2) => {
            Cow::Borrowed(code(found.lang()))
        }
        _ => own,
    }
}

/// So many small words settle it: the bytes that are looked at seldom hold two hundred words.
const SETTLED: usize = 20;

/// How many in a hundred words are small words of `language`, if those are known; of the words up
/// to the last of the small ones that settle it.
fn share_of_small_words(text: &str, language: &str) -> Option<usize> {
    let (_, small) = SMALL_WORDS.iter().find(|(code, _)| *code == language)?;
    let longest = small.iter().map(|word| word.len()).max().unwrap_or(0);
    let small: Vec<u64> = small.iter().map(|word| packed(word)).collect();
    let (mut all, mut found) = (0, 0);
    let (mut length, mut word) = (0, 0);
    let is_small =
        |length: usize, word: u64| length > 0 && length <= longest && small.contains(&word);
    for byte in text.bytes() {
        if byte > b' ' || !byte.is_ascii_whitespace() {
            word = word << 8 | u64::from(byte);
            length += 1;
        } else {
            all += usize::from(length > 0);
            found += usize::from(is_small(length, word));
            (length, word) = (0, 0);
            if found == SETTLED {
                break;
            }
        }
    }
    all += usize::from(length > 0);
    found += usize::from(is_small(length, word));
    Some(found * 100 / all.max(1))
}

/// A word of at most eight bytes as a number, which is compared at once.
fn packed(word: &str) -> u64 {
    let byte = |number: u64, byte: u8| number << 8 | u64::from(byte);
    word.bytes().fold(0, byte)
}

/// The code that BCP 47 uses: ISO 639-1 where there is one.
fn code(language: Lang) -> &'static str {
    match language {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "no",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

/// The stems of the words of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stems(Algorithm);

impl Stems {
    /// Those of the language with this BCP 47 tag, if it has any.
    pub fn of(tag: &str) -> Option<Stems> {
        let algorithm = match primary(tag).as_str() {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "no" | "nb" | "nn" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return None,
        };
        Some(Stems(algorithm))
    }

    /// The stem of a word in small letters.
    pub fn stem<'w>(&self, word: &'w str) -> Cow<'w, str> {
        Stemmer::create(self.0).stem(word)
    }

    /// How many letters at the end of a stem may differ between the forms of one word: `polici` is
    /// the stem of `policy` and `policies`.
    pub(super) fn letters_that_change(self) -> usize {
        match self.0 {
            Algorithm::English => 1,
            _ => 2,
        }
    }
}

/// The stems of words that were met before. To find a stem takes twenty times as long as to look
/// it up, and most words come again.
#[derive(Debug, Default)]
pub(super) struct KnownStems(Vec<(Stems, StemOf)>);

/// The stem of each word.
type StemOf = HashMap<Box<str>, Box<str>>;

/// So many stems are remembered of one language, and none of a word with more bytes.
const REMEMBERED: usize = 8_192;
const LONGEST_REMEMBERED: usize = 64;

impl KnownStems {
    /// Whether `stem` is the stem of a word in small letters.
    pub(super) fn is_of(&mut self, stem: &str, word: &str, stems: Stems) -> bool {
        if word.len() > LONGEST_REMEMBERED {
            return stems.stem(word) == stem;
        }
        let place = self.0.iter().position(|(of, _)| *of == stems);
        let place = place.unwrap_or_else(|| {
            self.0.push((stems, HashMap::new()));
            self.0.len() - 1
        });
        let known = &mut self.0[place].1;
        if let Some(known) = known.get(word) {
            return **known == *stem;
        }
        let found = stems.stem(word);
        let is_it = found == stem;
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(word.into(), found.into());
        is_it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "The officials of twelve countries spoke with experts on the security of \
                           energy networks and on what the police can do for the young.";
    const RUSSIAN: &str = "Представители двенадцати стран обсудили с экспертами безопасность \
                           энергетических сетей и то, что полиция может сделать для молодёжи.";
    const SERBIAN: &str = "Predstavnici dvanaest zemalja razgovarali su sa stručnjacima o \
                           bezbednosti energetskih mreža i o tome šta policija može da učini.";

    #[test]
    fn a_text_is_told_by_its_words_and_a_short_one_is_in_the_usual_language() {
        assert_eq!(detect(ENGLISH, "en-GB"), "en");
        assert_eq!(detect(ENGLISH, "ru"), "en");
        assert_eq!(detect(RUSSIAN, "en"), "ru");
        assert_eq!(detect(RUSSIAN, "ru"), "ru");
        assert_ne!(detect(SERBIAN, "en"), "en");
        assert_eq!(detect("Dialogue", "en"), "en");
        assert_eq!(detect("", "en"), "en");
    }

    #[test]
    fn stems_are_the_same_when_they_are_looked_up_and_no_more_are_kept_than_fit() {
        let mut known = KnownStems::default();
        let (english, german) = (Stems::of("en").unwrap(), Stems::of("de").unwrap());
        for _ in 0..2 {
            assert!(known.is_of("polici", "policies", english));
            assert!(!known.is_of("polici", "police", english));
            assert!(known.is_of("wahl", "wahlen", german));
            assert!(!known.is_of("wahl", "wahlen", english));
        }
        for number in 0..3 * REMEMBERED {
            assert!(!known.is_of("polici", &format!("word{number}"), english));
        }
        assert!(!known.is_of("polici", &"x".repeat(1_000), english));
        let kept = known.0.iter().map(|(_, stems)| stems.len());
        assert!(kept.sum::<usize>() <= 2 * REMEMBERED);
        assert!(known.is_of("polici", "policies", english));
    }

    #[test]
    fn no_small_word_is_too_long_to_be_compared() {
        for (language, small) in SMALL_WORDS {
            assert!(small.iter().all(|word| word.len() <= 8), "{language}");
            let text = format!("{} xyz", small.join(" "));
            let share = small.len() * 100 / (small.len() + 1);
            assert_eq!(share_of_small_words(&text, language), Some(share));
        }
    }

    #[test]
    fn every_language_that_is_told_has_a_code_of_two_letters() {
        for language in Lang::all() {
            assert_eq!(code(*language).len(), 2, "{language:?}");
        }
    }
}
