//! Deterministic items: item k depends on k alone.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

pub const DEBOUNCE: Duration = Duration::from_millis(80);

pub const FIELDS: [&str; 23] = [
    "Arms control",
    "Border management",
    "Combating trafficking in human beings",
    "Conflict prevention and resolution",
    "Countering terrorism",
    "Cyber/ICT Security",
    "Democratization",
    "Economic activities",
    "Education",
    "Elections",
    "Environmental activities",
    "Gender equality",
    "Good governance",
    "Human rights",
    "Media freedom and development",
    "Migration",
    "National minority issues",
    "Policing",
    "Reform and co-operation in the security sector",
    "Roma and Sinti",
    "Rule of law",
    "Tolerance and non-discrimination",
    "Youth",
];

pub const DEPARTMENTS: [&str; 30] = [
    "Secretary General",
    "Office of the Secretary General",
    "Conflict Prevention Centre",
    "Transnational Threats Department",
    "Anti-trafficking Office",
    "Economic and Environmental Office",
    "Gender Issues Programme",
    "Opportunities for Youth",
    "Department of Human Resources",
    "Department of Management and Finance",
    "Office of Internal Oversight",
    "Documentation Centre in Prague",
    "Presence in Albania",
    "Centre in Ashgabat",
    "Programme Office in Astana",
    "Programme Office in Bishkek",
    "Mission to Bosnia and Herzegovina",
    "Programme Office in Dushanbe",
    "Mission in Kosovo",
    "Mission to Moldova",
    "Mission to Montenegro",
    "Mission to Serbia",
    "Mission to Skopje",
    "Project Co-ordinator in Uzbekistan",
    "Parliamentary Assembly",
    "Court of Conciliation and Arbitration",
    "Chairpersonship",
    "Office for Democratic Institutions and Human Rights",
    "High Commissioner on National Minorities",
    "Representative on Freedom of the Media",
];

const WORDS: &str = "officials experts regional conference dialogue resilience border security \
training participants government mission programme support workshop national institutions \
practices international co-operation development civil society human rights elections monitoring \
policy strategy framework implementation challenges women youth media legislation judges \
prosecutors police community environmental energy water digital cyber threats trafficking \
prevention assistance delegation ambassador minister secretariat report recommendations exchange \
partners capacity sustainable inclusive transparency accountability trust confidence measures \
stability project meeting visit discussion";

const PLACES: [&str; 6] = [
    "ASHGABAT",
    "VIENNA",
    "SARAJEVO",
    "TIRANA",
    "CHIȘINĂU",
    "BISHKEK",
];

/// One item, apart from the form of its front matter.
pub struct Item {
    pub name: String,
    pub title: String,
    pub date: String,
    pub fields: Vec<&'static str>,
    pub departments: Vec<&'static str>,
    pub body: String,
}

/// Steps of a splitmix generator: enough for words, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as usize % sides
    }

    fn sentence(&mut self, words: &[&str]) -> String {
        let length = 9 + self.roll(16);
        let mut sentence: Vec<&str> = (0..length).map(|_| words[self.roll(words.len())]).collect();
        let first = sentence[0][..1].to_uppercase() + &sentence[0][1..];
        sentence[0] = &first;
        sentence.join(" ") + "."
    }
}

/// Item `k`.
pub fn item(k: usize) -> Item {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut dice = Dice(k as u64);
    let day = k * 7_919 % 3_650;
    let (year, month, day) = (2015 + day / 365, 1 + day % 365 / 31, 1 + day % 28);
    let fields = (0..[1, 1, 1, 2, 2, 3][dice.roll(6)])
        .map(|_| FIELDS[dice.roll(23)])
        .collect();
    let departments = (0..[1, 1, 1, 2][dice.roll(4)])
        .map(|_| DEPARTMENTS[dice.roll(30)])
        .collect();
    let title: String = dice.sentence(&words).chars().take(60).collect();
    let mut body = format!("{}, {day}/{month} {year} – ", PLACES[dice.roll(6)]);
    for _ in 0..4 + dice.roll(6) {
        for _ in 0..3 + dice.roll(4) {
            body += &dice.sentence(&words);
            body += " ";
        }
        if dice.roll(5) == 0 {
            body += "See [the project page](https://www.example.org/projects/1?a=1&b=2).";
        }
        body += "\n\n";
    }
    Item {
        name: format!("item-{k:07}"),
        title: format!("{title} & “partnership” ({k})"),
        date: format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:00Z",
            6 + dice.roll(12),
            dice.roll(60)
        ),
        fields,
        departments,
        body,
    }
}

fn list(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// An item's file, its lists of departments and of fields under these keys.
pub fn markdown(item: &Item, id_key: &str, department_key: &str, field_key: &str) -> String {
    format!(
        "+++\n{id_key} = \"{}\"\ntitle = \"{}\"\ndate = {}\n{department_key} = {}\n{field_key} = {}\n+++\n\n{}",
        item.name,
        item.title,
        item.date,
        list(&item.departments),
        list(&item.fields),
        item.body
    )
}

/// Writes `count` items from `first` on, a thousand to a folder.
pub fn write(folder: &Path, first: usize, count: usize) {
    for k in first..first + count {
        let below = folder.join((k / 1_000).to_string());
        if k == first || k % 1_000 == 0 {
            fs::create_dir_all(&below).expect("a folder for items");
        }
        let item = item(k);
        let text = markdown(&item, "id", "issued_by", "fields_of_work");
        fs::write(below.join(format!("{}.md", item.name)), text).expect("an item");
    }
}

/// An item of today, a mark that tells it apart, and the feeds that it must appear in.
pub fn dropped(drop: usize) -> (String, String, Vec<String>) {
    let mut item = item(1_000_000_000 + drop);
    let mark = format!("dropped-file-number-{drop}");
    item.name = mark.clone();
    item.title = format!("A {mark}");
    item.date = "2025-06-01T12:00:00Z".replace("12:00", &format!("12:{drop:02}"));
    let slug = |name: &str| name.to_lowercase().replace([' ', '/'], "-");
    item.fields.sort_unstable();
    item.fields.dedup();
    item.departments.sort_unstable();
    item.departments.dedup();
    let fields = item
        .fields
        .iter()
        .map(|field| format!("field-of-work/{}", slug(field)));
    let departments = item
        .departments
        .iter()
        .map(|name| format!("department/{}", slug(name)));
    let pairs = item.fields.iter().flat_map(|field| {
        let departments = item.departments.iter();
        departments
            .map(move |name| format!("field-of-work/{}/department/{}", slug(field), slug(name)))
    });
    let folders: Vec<String> = fields
        .chain(departments)
        .chain(pairs)
        .map(|folder| folder + "/")
        .chain([String::new()])
        .collect();
    let files = folders.iter().flat_map(|folder| {
        ["rss.xml", "atom.xml", "feed.json"].map(|file| format!("{folder}{file}"))
    });
    (
        markdown(&item, "id", "issued_by", "fields_of_work"),
        mark,
        files.collect(),
    )
}

/// `feeds.toml`: with pages, pairs and all formats, or with the feeds of single topics alone.
pub fn configuration(whole: bool) -> String {
    let mut text = format!(
        "[site]\ntitle = \"Benchmark\"\ndescription = \"Measured.\"\nbase_url = \"https://news.example.org/\"\nlanguage = \"en\"\ntimezone = \"Europe/Vienna\"\ncontact = \"press@example.org\"\n\
         [items]\nfolders = [\"news\"]\n[watch]\ndebounce = \"{} ms\"\n[pages]\nenabled = {whole}\n\
         [feeds]\nlimit = 50\nformats = {}\n",
        DEBOUNCE.as_millis(),
        if whole {
            "[\"rss\", \"atom\", \"json\"]\npairs = [[\"field_of_work\", \"department\"]]"
        } else {
            // Hugo keeps no archives.
            "[\"rss\", \"atom\"]\narchives = false"
        },
    );
    for (key, labels, terms) in [
        ("field_of_work", "Fields of work", &FIELDS[..]),
        ("department", "Issued by", &DEPARTMENTS[..]),
    ] {
        write!(
            text,
            "[facet.{key}]\nlabels = [\"{labels}\"]\nissues = {}\nterms = [\n",
            key == "department"
        )
        .expect("a string");
        for term in terms {
            writeln!(text, "  {{ name = \"{term}\" }},").expect("a string");
        }
        text += "]\n";
    }
    if whole {
        text += "[[digest]]\nslug = \"weekly\"\ntitle = \"Weekly\"\nschedule = \"Mon 09:00\"\nperiod = \"week\"\nselect = \"all\"\ngroup_by = \"field_of_work\"\n";
    }
    text
}
