//! Measures tagging and training and prints the figures: `cargo bench --bench tagging`.
//!
//! Items of some 3 kB are composed from the paragraphs of the evaluation set, so that their words
//! are those of real pages. All of an item's work is measured: its text taken from Markdown, what
//! it states resolved, rules, and the model. `-- 20000` trains on that many items rather than on
//! 1,000, 10,000 and 100,000; `tagged=500` tags so many rather than 20,000. Nothing is asserted: times belong to the machine.

use std::fs;
use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use tidings::item::{Body, Format, Item, Reader};
use tidings::learn::{self, Aim, Clue, Example, Known, Model, Text, Trained};
use tidings::setup::Setup;
use tidings::tag::{Passages, Tagger};
use tidings::taxonomy::{FacetId, Taxonomy};

/// How large an item is.
const SIZE: usize = 3_000;

/// How many items are tagged at a time.
const TAGGED: usize = 20_000;

/// What stands below the labels of an item, and its labels.
struct Source {
    item: Item,
    paragraphs: Vec<String>,
}

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    let tagged = std::env::args().find_map(|it| it.strip_prefix("tagged=")?.parse().ok());
    let tagged: usize = tagged.unwrap_or(TAGGED);
    let sizes = if sizes.is_empty() {
        vec![1_000, 10_000, 100_000]
    } else {
        sizes
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let setup = Setup::load(root)
        .unwrap_or_else(|problems| panic!("the sample's configuration: {problems:?}"));
    let sources = sources(&setup, &root.join("tests/evaluation/items"));
    let taxonomy = &setup.config.taxonomy;
    let facet = taxonomy
        .facet_named("field_of_work")
        .expect("the sample's facet");
    println!(
        "{} cores; items of {SIZE} bytes, in Markdown\n",
        rayon::current_num_threads()
    );
    println!(
        "{:>9}  {:<44}{:>10}{:>12}{:>12}",
        "items", "training", "time", "memory", "model"
    );
    let mut model = None;
    for size in sizes {
        let before = resident();
        let start = Instant::now();
        let trained = train(&setup.tagger, taxonomy, facet, &sources, size).expect("enough items");
        let time = start.elapsed().as_secs_f64();
        let file = postcard::to_stdvec(&trained)
            .expect("a model can be written")
            .len();
        println!(
            "{size:>9}  {:<44}{time:>9.2}s{:>9.0} MB{:>9.1} MB",
            "from texts to thresholds",
            resident().saturating_sub(before) as f64 / 1e6,
            file as f64 / 1e6
        );
        model = Some(trained);
    }
    let model = model.expect("a size").ready(taxonomy);
    println!(
        "\n{:>9}  {:<44}{:>10}{:>16}",
        "items", "tagging", "time", "items/second"
    );
    let stated: Vec<Item> = (0..tagged)
        .map(|number| item(&sources, number, true))
        .collect();
    let open: Vec<Item> = (0..tagged)
        .map(|number| item(&sources, number, false))
        .collect();
    for (what, items, model) in [
        ("stated fields, issuer from the text", &stated, None),
        ("nothing stated: rules alone", &open, None),
        ("nothing stated: rules and model", &open, Some(&model)),
    ] {
        let before = resident();
        let start = Instant::now();
        let tags: usize = items
            .par_iter()
            .map(|item| tag(&setup.tagger, taxonomy, model, item))
            .sum();
        let time = start.elapsed().as_secs_f64();
        println!(
            "{tagged:>9}  {what:<44}{time:>9.2}s{:>16.0}   {:.1} tags an item, {:.0} MB more memory",
            tagged as f64 / time,
            tags as f64 / tagged as f64,
            resident().saturating_sub(before) as f64 / 1e6
        );
    }
}

fn tag(tagger: &Tagger, taxonomy: &Taxonomy, model: Option<&Model>, item: &Item) -> usize {
    let text = item.body.to_text();
    let mut tagging = tagger.tag(taxonomy, item, || text.as_str().into());
    if let Some(model) = model {
        let passages = Passages::new(item, &text);
        learn::complete(model, taxonomy, (&passages, &[]), &mut tagging, false);
    }
    tagging.tags.len()
}

fn train(
    tagger: &Tagger,
    taxonomy: &Taxonomy,
    facet: FacetId,
    sources: &[Source],
    count: usize,
) -> Option<Trained> {
    let aim = Aim {
        facets: vec![facet],
        precision: 0.9,
        clue: Clue::Both,
        language: "en".to_owned(),
        least: learn::LEAST_ITEMS,
    };
    let example = |number: usize| {
        let mut item = item(sources, number, true);
        let stated = tagger.tag(taxonomy, &item, || "".into());
        let own = stated.tags.iter().filter(|tag| tag.through.is_none());
        let yes = own
            .map(|tag| tag.term)
            .filter(|term| taxonomy.term(*term).facet == facet);
        let yes = yes.collect();
        item.stated.clear();
        let text = item.body.to_text();
        let (given, suggested) = tagger.propose(taxonomy, &[facet], &Passages::new(&item, &text));
        let rules = given
            .iter()
            .chain(&suggested)
            .map(|tag| (tag.term, tag.score));
        Some(Example {
            rules: rules.collect(),
            text: Text::of(&item),
            known: vec![Known {
                yes,
                no: Vec::new(),
            }],
        })
    };
    learn::train(taxonomy, &aim, count, &example)
}

fn sources(setup: &Setup, folder: &Path) -> Vec<Source> {
    let reader = Reader::new((&setup.config).into());
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the evaluation set")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let bytes = fs::read(file).expect("an item");
            let reading = reader.read(&bytes, Format::Text, &setup.config.site.base_url);
            let item = reading.expect("a good item").item;
            let text = item.body.to_text();
            Source {
                paragraphs: text.split("\n\n").map(str::to_owned).collect(),
                item,
            }
        })
        .collect()
}

/// The item of a number: one of the set with its labels, its text made longer by paragraphs of
/// others, which differ from number to number.
fn item(sources: &[Source], number: usize, with_labels: bool) -> Item {
    let source = &sources[number % sources.len()];
    let mut item = source.item.clone();
    let mut text = source.paragraphs.join("\n\n");
    let mut next = number;
    while text.len() < SIZE {
        next = next
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let other = &sources[(next >> 33) % sources.len()];
        let paragraph = &other.paragraphs[(next >> 20) % other.paragraphs.len()];
        text.push_str("\n\n");
        text.push_str(paragraph);
    }
    item.body = Body::Markdown(text);
    if !with_labels {
        item.stated.clear();
    }
    item
}

/// The memory of this process, in bytes; 0 where that cannot be told.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}
