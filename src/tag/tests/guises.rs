//! The guises in which bodies, fields and countries are written: under a label, and in a text.

use super::*;

/// Bodies of the sample as pages write them, each with its term's slug.
const BODIES: [(&str, &str); 96] = [
    (
        "Office for Democratic Institutions and Human Rights",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "OSCE Office for Democratic Institutions and Human Rights",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "Office for Democratic Institutions and Human Rights (ODIHR)",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "OSCE Office for Democratic Institutions and Human Rights (ODIHR)",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "OSCE Office for Democratic Institutions and Human Rights (OSCE/ODIHR)",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "Office for Democratic Institutions & Human Rights",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "Office for Democratic Institutions and Human Rights of the OSCE",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "ODIHR",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "OSCE/ODIHR",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "OSCE ODIHR",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "OSCE's Office for Democratic Institutions and Human Rights",
        "office-for-democratic-institutions-and-human-rights",
    ),
    (
        "Special Monitoring Mission to Ukraine",
        "special-monitoring-mission-to-ukraine",
    ),
    (
        "OSCE Special Monitoring Mission to Ukraine",
        "special-monitoring-mission-to-ukraine",
    ),
    (
        "Special Monitoring Mission to Ukraine (SMM)",
        "special-monitoring-mission-to-ukraine",
    ),
    (
        "OSCE Special Monitoring Mission to Ukraine (SMM)",
        "special-monitoring-mission-to-ukraine",
    ),
    (
        "OSCE Special Monitoring Mission (SMM) to Ukraine",
        "special-monitoring-mission-to-ukraine",
    ),
    (
        "OSCE Special Monitoring Mission to Ukraine (closed)",
        "special-monitoring-mission-to-ukraine",
    ),
    (
        "OSCE Special Monitoring Mission to Ukraine (SMM) (closed)",
        "special-monitoring-mission-to-ukraine",
    ),
    ("OSCE SMM", "special-monitoring-mission-to-ukraine"),
    (
        "OSCE SMM to Ukraine",
        "special-monitoring-mission-to-ukraine",
    ),
    (
        "OSCE SPECIAL MONITORING MISSION TO UKRAINE",
        "special-monitoring-mission-to-ukraine",
    ),
    ("OSCE Chairpersonship", "chairpersonship"),
    ("OSCE Chairmanship", "chairpersonship"),
    ("OSCE Chairperson-in-Office", "chairpersonship"),
    ("OSCE Chairman-in-Office", "chairpersonship"),
    ("OSCE Chair-in-Office", "chairpersonship"),
    ("OSCE Chair", "chairpersonship"),
    ("Chairperson-in-Office of the OSCE", "chairpersonship"),
    ("Chairman\u{2010}in\u{2010}Office", "chairpersonship"),
    ("OSCE Secretariat", "secretariat"),
    ("Secretariat of the OSCE", "secretariat"),
    ("OSCE Secretary General", "secretary-general"),
    ("OSCE Secretary-General", "secretary-general"),
    (
        "Transnational Threats Department",
        "transnational-threats-department",
    ),
    (
        "OSCE Transnational Threats Department",
        "transnational-threats-department",
    ),
    (
        "OSCE Transnational Threats Department (TNTD)",
        "transnational-threats-department",
    ),
    (
        "Transnational\u{a0}Threats Department",
        "transnational-threats-department",
    ),
    ("TNTD", "transnational-threats-department"),
    (
        "OSCE Strategic Police Matters Unit",
        "transnational-threats-department",
    ),
    ("Conflict Prevention Centre", "conflict-prevention-centre"),
    (
        "OSCE Conflict Prevention Center",
        "conflict-prevention-centre",
    ),
    (
        "Conflict Prevention Centre (CPC)",
        "conflict-prevention-centre",
    ),
    (
        "Office of the Special Representative and Co-ordinator for Combating Trafficking in Human Beings",
        "co-ordinator-for-combating-trafficking-in-human-beings",
    ),
    (
        "OSCE Office of the Special Representative and Coordinator for Combating Trafficking in Human Beings",
        "co-ordinator-for-combating-trafficking-in-human-beings",
    ),
    (
        "OSCE Special Representative and Co\u{2011}ordinator for Combating Trafficking in Human Beings",
        "co-ordinator-for-combating-trafficking-in-human-beings",
    ),
    (
        "OSCE Special Representative for Combating Trafficking in Human Beings",
        "co-ordinator-for-combating-trafficking-in-human-beings",
    ),
    (
        "Office of the Co-ordinator of OSCE Economic and Environmental Activities",
        "office-of-the-co-ordinator-of-osce-economic-and-environmental-activities",
    ),
    (
        "Office of the Co-ordinator of OSCE Economic & Environmental Activities",
        "office-of-the-co-ordinator-of-osce-economic-and-environmental-activities",
    ),
    (
        "Office of the Coordinator of OSCE Economic and Environmental Activities (OCEEA)",
        "office-of-the-co-ordinator-of-osce-economic-and-environmental-activities",
    ),
    (
        "OSCE Co-ordinator of Economic and Environmental Activities",
        "office-of-the-co-ordinator-of-osce-economic-and-environmental-activities",
    ),
    (
        "OCEEA",
        "office-of-the-co-ordinator-of-osce-economic-and-environmental-activities",
    ),
    ("OSCE Gender Issues Programme", "gender-issues-programme"),
    ("OSCE Gender Issues Program", "gender-issues-programme"),
    (
        "OSCE High Commissioner on National Minorities",
        "high-commissioner-on-national-minorities",
    ),
    (
        "OSCE High Commissioner on National Minorities (HCNM)",
        "high-commissioner-on-national-minorities",
    ),
    ("HCNM", "high-commissioner-on-national-minorities"),
    (
        "Office of the OSCE High Commissioner on National Minorities",
        "high-commissioner-on-national-minorities",
    ),
    (
        "OSCE Representative on Freedom of the Media",
        "representative-on-freedom-of-the-media",
    ),
    (
        "OSCE Representative on Freedom of the Media (RFoM)",
        "representative-on-freedom-of-the-media",
    ),
    (
        "Office of the OSCE Representative on Freedom of the Media",
        "representative-on-freedom-of-the-media",
    ),
    (
        "OSCE Media Freedom Representative",
        "representative-on-freedom-of-the-media",
    ),
    ("OSCE Presence in Albania", "presence-in-albania"),
    ("the OSCE Presence in Albania", "presence-in-albania"),
    ("OSCE Centre in Ashgabat", "centre-in-ashgabat"),
    ("OSCE Center in Ashgabat", "centre-in-ashgabat"),
    (
        "OSCE Programme Office in Astana",
        "programme-office-in-astana",
    ),
    (
        "OSCE Programme Office in Nur-Sultan",
        "programme-office-in-astana",
    ),
    (
        "OSCE Programme Office in Nur\u{2011}Sultan",
        "programme-office-in-astana",
    ),
    (
        "OSCE Program Office in Bishkek",
        "programme-office-in-bishkek",
    ),
    (
        "OSCE Programme Office in Dushanbe (POiD)",
        "programme-office-in-dushanbe",
    ),
    (
        "OSCE Mission to Bosnia and Herzegovina",
        "mission-to-bosnia-and-herzegovina",
    ),
    (
        "OSCE Mission to Bosnia & Herzegovina",
        "mission-to-bosnia-and-herzegovina",
    ),
    ("OSCE Mission to BiH", "mission-to-bosnia-and-herzegovina"),
    ("OSCE Mission in Kosovo", "mission-in-kosovo"),
    ("OSCE Mission in Kosovo (OMiK)", "mission-in-kosovo"),
    ("OMiK", "mission-in-kosovo"),
    ("OSCE Mission to Moldova", "mission-to-moldova"),
    ("OSCE Mission to Skopje", "mission-to-skopje"),
    (
        "OSCE Spillover Monitor Mission to Skopje",
        "mission-to-skopje",
    ),
    (
        "OSCE Project Co-ordinator in Uzbekistan",
        "project-co-ordinator-in-uzbekistan",
    ),
    (
        "OSCE Project Coordinator in Uzbekistan (PCUz)",
        "project-co-ordinator-in-uzbekistan",
    ),
    (
        "OSCE Project Co-ordinator in Ukraine (closed)",
        "project-co-ordinator-in-ukraine",
    ),
    (
        "OSCE Project Co-ordinator in Baku (closed)",
        "project-co-ordinator-in-baku",
    ),
    ("OSCE Office in Baku (closed)", "office-in-baku"),
    ("OSCE Office in Yerevan", "office-in-yerevan"),
    ("OSCE Mission to Georgia (closed)", "mission-to-georgia"),
    ("OSCE Office in Minsk", "office-in-minsk"),
    ("OSCE Centre in Bishkek", "centre-in-bishkek"),
    (
        "OSCE Kosovo Verification Mission (KVM)",
        "kosovo-verification-mission",
    ),
    ("OSCE Minsk Group", "minsk-group"),
    ("Co-Chairs of the OSCE Minsk Group", "minsk-group"),
    ("OSCE Parliamentary Assembly", "parliamentary-assembly"),
    (
        "Parliamentary Assembly of the OSCE",
        "parliamentary-assembly",
    ),
    ("OSCE Permanent Council", "permanent-council"),
    (
        "OSCE Forum for Security Co-operation (FSC)",
        "forum-for-security-co-operation",
    ),
    (
        "OSCE Forum for Security Cooperation",
        "forum-for-security-co-operation",
    ),
];

/// The slugs of the tags of one facet that do not follow from others.
fn own(tagging: &Tagging, facet: &str) -> Vec<&'static str> {
    let facet = SAMPLE.facet_named(facet).unwrap();
    let tags = tagging.tags.iter().filter(|tag| tag.through.is_none());
    let tags = tags.filter(|tag| SAMPLE.term(tag.term).facet == facet);
    tags.map(|tag| &*SAMPLE.term(tag.term).slug).collect()
}

#[test]
fn bodies_are_known_under_a_label_in_every_guise() {
    for (guise, slug) in BODIES {
        let tagging = tagged(&sample_item("", &[("department", guise)]), "");
        assert_eq!(own(&tagging, "department"), [slug], "{guise}");
        assert_eq!(tagging.unknown, [], "{guise}");
    }
}

#[test]
fn bodies_are_known_in_a_text_in_every_guise() {
    for (guise, slug) in BODIES {
        let text = format!("A seminar organized by the {guise} ended today. Forty judges came.");
        let tagging = tagged(&sample_item("Judges meet", &[]), &text);
        let given = own(&tagging, "department");
        assert!(given.contains(&slug), "{text}: {given:?}");
    }
}

#[test]
fn values_of_several_bodies_are_taken_apart_in_every_guise() {
    let first = "OSCE Office for Democratic Institutions and Human Rights (ODIHR)";
    let second = "Office of the Special Representative and Co-ordinator for Combating Trafficking in Human Beings";
    let third = "OSCE Special Monitoring Mission to Ukraine (SMM) (closed)";
    let slugs = [
        "co-ordinator-for-combating-trafficking-in-human-beings",
        "office-for-democratic-institutions-and-human-rights",
        "special-monitoring-mission-to-ukraine",
    ];
    for mark in [", ", "; ", " ;", " | ", "\n", " • ", ",\u{a0}"] {
        let value = [first, second, third].join(mark);
        let tagging = tagged(&sample_item("", &[("department", &value)]), "");
        assert_eq!(own(&tagging, "department"), slugs, "{value}");
        assert_eq!(tagging.unknown, [], "{value}");
    }
}

#[test]
fn a_note_in_brackets_that_is_no_name_of_the_body_is_reported_not_guessed() {
    for value in [
        "OSCE Mission to Skopje (SMM)",
        "OSCE Secretariat (ODIHR)",
        "OSCE Mission to Georgia (Vienna)",
    ] {
        let tagging = tagged(&sample_item("", &[("department", value)]), "");
        assert_eq!(own(&tagging, "department"), [""; 0], "{value}");
        assert_eq!(tagging.unknown.len(), 1, "{value}");
    }
}

#[test]
fn fields_and_countries_are_known_in_every_guise() {
    for (facet, guise, slug) in [
        ("field_of_work", "Democratisation", "democratization"),
        (
            "field_of_work",
            "CO-OPERATION IN THE SECURITY SECTOR, REFORM",
            "",
        ),
        (
            "field_of_work",
            "Reform and cooperation in the security sector",
            "reform-and-co-operation-in-the-security-sector",
        ),
        (
            "field_of_work",
            "Reform & co\u{2010}operation in the security sector",
            "reform-and-co-operation-in-the-security-sector",
        ),
        ("field_of_work", "Roma & Sinti", "roma-and-sinti"),
        ("field_of_work", "Cyber/ICT security", "cyber-ict-security"),
        ("field_of_work", "Cyber ICT Security", "cyber-ict-security"),
        (
            "field_of_work",
            "Tolerance & non-discrimination",
            "tolerance-and-non-discrimination",
        ),
        (
            "field_of_work",
            "Tolerance and nondiscrimination",
            "tolerance-and-non-discrimination",
        ),
        (
            "field_of_work",
            "Combatting trafficking in human beings",
            "combating-trafficking-in-human-beings",
        ),
        ("country", "Türkiye", "turkiye"),
        ("country", "Turkey", "turkiye"),
        ("country", "TÜRKİYE", "turkiye"),
        ("country", "Turkiye", "turkiye"),
        ("country", "Bosnia & Herzegovina", "bosnia-and-herzegovina"),
        ("country", "Czech Republic", "czechia"),
        ("country", "The Netherlands", "the-netherlands"),
        ("country", "Kyrgyz Republic", "kyrgyzstan"),
    ] {
        let tagging = tagged(&sample_item("", &[(facet, guise)]), "");
        match slug {
            "" => assert!(!tagging.unknown.is_empty(), "{guise}"),
            slug => assert_eq!(own(&tagging, facet), [slug], "{guise}"),
        }
    }
}

#[test]
fn words_that_a_name_may_lack_are_found_with_and_without_them_inside_names() {
    let taxonomy = fixture::from_toml(
        "[facet.body]\nname = 'Body'\nissues = true\nrule_threshold = 3\n\
         optional_words = ['ACME', 'Regional']\n\
         terms = [{ name = 'Co-ordinator of ACME Economic Works' }, { name = 'Centre for Trade' }]",
    );
    let tagger = Tagger::new(&taxonomy);
    for (guise, term) in [
        ("Co-ordinator of ACME Economic Works", 0),
        ("Co-ordinator of Economic Works", 0),
        ("ACME Co-ordinator of Economic Works", 0),
        ("ACME Coordinator of ACME Economic Works", 0),
        ("Centre for Trade", 1),
        ("ACME Regional Centre for Trade", 1),
        ("Regional Centre for Trade", 1),
    ] {
        let stated = tagger.tag(&taxonomy, &item("", &[(FacetId(0), guise)]), || "".into());
        assert_eq!(stated.terms(), [TermId(term)], "stated: {guise}");
        let text = format!("A fair organized by the {guise} opened today.");
        let read = tagger.tag(&taxonomy, &item("", &[]), || text.as_str().into());
        assert_eq!(read.terms(), [TermId(term)], "in a text: {guise}");
    }
}

#[test]
fn people_and_things_of_a_country_are_written_with_a_capital() {
    let taxonomy = fixture::from_toml(
        "[facet.country]\nname = 'Country'\nplaces = true\nrule_threshold = 1\n\
         terms = [{ name = 'Poland' }, { name = 'Türkiye' }]",
    );
    let tagger = Tagger::new(&taxonomy);
    let terms = |text: &str| {
        let tagging = tagger.tag(&taxonomy, &item("", &[]), || text.into());
        tagging.terms()
    };
    assert_eq!(
        terms("Polish officers met to discuss the draft."),
        [TermId(0)]
    );
    assert_eq!(terms("POLISH OFFICERS MET."), [TermId(0)]);
    assert_eq!(terms("Editors met to polish the draft."), []);
    assert_eq!(terms("“Turkish coffee,” they said."), [TermId(1)]);
    // A name of a country is one however it is written.
    assert_eq!(terms("Officers from poland met."), [TermId(0)]);
}
