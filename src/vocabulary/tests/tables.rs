//! Tables.

use super::{context, said, slugs};
use crate::vocabulary::{Format, read, write};

#[test]
fn a_table_from_a_spreadsheet_is_read() {
    let table = "\u{feff}Name;Notation;Alt. label;Broader;name@ru\r\n\
        \"Water; rivers\";water;\"H2O|Aqua\";;Вода\r\n\
        \r\n\
        Lakes;;\"Ponds\nPools\";\"Water; rivers\"\r\n\
        \"The \"\"big\"\" sea\";Big Sea;;water;\r\n";
    let reading = read(table.as_bytes(), Format::Csv, context(), None).unwrap();
    assert_eq!(said(&reading.problems), ["6: 'Big Sea' is no slug"]);
    let concepts = reading.vocabulary.concepts;
    assert_eq!(concepts[0].aliases, ["H2O", "Aqua"]);
    assert_eq!(concepts[0].names, [("ru".to_owned(), "Вода".to_owned())]);
    assert_eq!(concepts[1].aliases, ["Ponds", "Pools"]);
    assert_eq!(concepts[1].parent.as_deref(), Some("water"));
    assert_eq!(concepts[2].slug, "the-big-sea");
    assert_eq!(concepts[2].parent.as_deref(), Some("water"));
}

#[test]
fn rows_that_are_wrong_are_reported_with_their_lines_and_the_others_are_read() {
    let table = "slug,name,parent,closed,colour,replaced_by\n\
        a,Air,,no,,\n\
        b,,,,,\n\
        c,Clouds,air,perhaps,,Air;storms\n\
        d,Dust,e,,,\n\
        e,Earth,d,yes,brown,,too,many\n\
        a,Another,,,,\n";
    let reading = read(table.as_bytes(), Format::Csv, context(), None).unwrap();
    assert_eq!(
        said(&reading.problems),
        [
            "1: unknown column 'colour'",
            "3: the row has no name",
            "4: 'closed' cannot be 'perhaps'",
            "6: the row has 8 cells, the head 6",
            "7: the slug 'a' stands twice",
            "5: parents in a circle: d > e > d",
            "4: the successor 'storms' is not in the table",
        ]
    );
    assert_eq!(slugs(&reading), ["a", "c", "d", "e", "a-2"]);
    let clouds = &reading.vocabulary.concepts[1];
    assert_eq!(clouds.parent.as_deref(), Some("a"));
    assert!(clouds.closed && clouds.replaced_by == ["a"]);
    let quote = read(
        b"name,parent\n\"Air,\nWater,\nEarth,\n",
        Format::Csv,
        context(),
        None,
    );
    assert!(quote.unwrap_err()[0].message.contains("several lines"));
    let latin = read(b"name\nVer\xf6ffentlichung\n", Format::Csv, context(), None).unwrap();
    assert_eq!(latin.vocabulary.concepts[0].name, "Veröffentlichung");
    assert_eq!(latin.problems.len(), 1);
}

#[test]
fn ten_thousand_concepts_of_one_name_are_all_kept() {
    let mut table = "name,parent\n".to_owned();
    for _ in 0..10_000 {
        table.push_str("Water,\n");
    }
    let reading = read(table.as_bytes(), Format::Csv, context(), None).unwrap();
    assert_eq!(reading.vocabulary.concepts.len(), 10_000);
    assert_eq!(reading.vocabulary.concepts[9_999].slug, "water-10000");
    assert_eq!(
        said(&reading.problems).last().unwrap(),
        "9989 more of these: slugs"
    );
    let written = write(&reading.vocabulary, Format::RdfXml, context()).unwrap();
    let again = read(&written, Format::RdfXml, context(), None).unwrap();
    assert_eq!(again.vocabulary.concepts, reading.vocabulary.concepts);
}
