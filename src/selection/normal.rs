//! The normal form: one text for one meaning, so that a selection has one address and one cache
//! entry however it was written.
//!
//! A selection is a function of its conditions. Of every function we know all *prime implicants*:
//! the shortest lists of conditions that each suffice for an item to be selected. There is one
//! set of them (A. Blake, 1937), whatever the function was written like; P. Tison's method finds
//! it. The same is done for the opposite, which gives the shortest lists of which one condition
//! must hold each. The shorter of the two, in a fixed order, is the normal form.
//!
//! Conditions are not free of one another: an item has one language and one type, and what came
//! after March came after January. Such pairs that can never hold together go into the reckoning
//! as if they were selected, and are taken out of its result.

mod literal;

use chrono::NaiveDate;

use literal::{Literal, join};

use super::{Query, Selection};
use crate::taxonomy::TermId;

/// The most different conditions of a selection that has a normal form: one bit each.
const CONDITION_LIMIT: usize = 64;

/// The most lists of conditions that are kept at a time.
const PRODUCT_LIMIT: usize = 512;

/// The most comparisons of two lists: some milliseconds.
const WORK_LIMIT: usize = 2_000_000;

/// Why a selection has no normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooComplex {
    /// It has more different conditions than are allowed.
    #[error("{0} different conditions are more than {CONDITION_LIMIT}")]
    Conditions(usize),
    /// Its conditions are entangled.
    #[error("this selection is too entangled")]
    Work,
}

impl Selection {
    /// The selection that means the same, in the one way in which that is written; its text is
    /// the shortest of it.
    ///
    /// # Errors
    ///
    /// When it has more than 64 different conditions, or would take too long.
    pub fn normal(&self) -> Result<Selection, TooComplex> {
        let mut normal = normal_once(&self.query)?;
        // Once is enough but for what is nearly too entangled, where the limit may have cut off
        // the shorter way only when it was written the longer one.
        for _ in 0..3 {
            let again = normal_once(&normal.query)?;
            if again.text == normal.text {
                break;
            }
            normal = again;
        }
        Ok(normal)
    }

    /// Whether no item can ever be selected, as far as a normal form shows it.
    pub fn is_empty(&self) -> bool {
        matches!(&self.query, Query::Not(inner) if **inner == Query::All)
    }

    /// Whether every item is selected, as far as a normal form shows it.
    pub fn is_everything(&self) -> bool {
        self.query == Query::All
    }
}

fn normal_once(query: &Query) -> Result<Selection, TooComplex> {
    let conditions = Conditions::of(query)?;
    let sufficient = conditions.primes(query, true);
    let necessary = conditions.primes(query, false);
    let length = |found: &Result<Vec<Product>, TooComplex>| {
        found.as_ref().map_or(u32::MAX, |products| {
            products.iter().map(|product| product.length()).sum()
        })
    };
    if length(&sufficient) < length(&necessary) {
        Ok(conditions.write(&sufficient?, false))
    } else {
        Ok(conditions.write(&necessary?, true))
    }
}

/// A condition that stands for itself. Ordered as it is written, by names rather than numbers, so
/// that a term added to the taxonomy moves no other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Atom {
    Term {
        facet: String,
        slug: String,
        id: TermId,
    },
    Language(String),
    Kind(String),
    /// `before` is its opposite.
    After(NaiveDate),
}

impl Atom {
    /// `None` for what is no single condition.
    fn of(query: &Query) -> Option<Atom> {
        match query {
            Query::Term { id, facet, slug } => Some(Atom::Term {
                facet: facet.clone(),
                slug: slug.clone(),
                id: *id,
            }),
            Query::Language(range) => Some(Atom::Language(range.clone())),
            Query::Kind(kind) => Some(Atom::Kind(kind.clone())),
            Query::After(day) | Query::Before(day) => Some(Atom::After(*day)),
            Query::All | Query::Not(_) | Query::And(_) | Query::Or(_) => None,
        }
    }

    fn to_query(&self) -> Query {
        match self {
            Atom::Term { facet, slug, id } => Query::Term {
                id: *id,
                facet: facet.clone(),
                slug: slug.clone(),
            },
            Atom::Language(range) => Query::Language(range.clone()),
            Atom::Kind(kind) => Query::Kind(kind.clone()),
            Atom::After(day) => Query::After(*day),
        }
    }
}

/// Conditions that hold together: bits of [`Conditions::atoms`] that must be true, and that must
/// be false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Product {
    yes: u64,
    no: u64,
}

impl Product {
    fn one(atom: usize, yes: bool) -> Product {
        let bit = 1 << atom;
        if yes {
            Product { yes: bit, no: 0 }
        } else {
            Product { yes: 0, no: bit }
        }
    }

    fn and(self, other: Product) -> Product {
        Product {
            yes: self.yes | other.yes,
            no: self.no | other.no,
        }
    }

    fn is_contradiction(self) -> bool {
        self.yes & self.no != 0
    }

    /// Whether it asks for all that `other` asks for.
    fn implies(self, other: Product) -> bool {
        self.yes & other.yes == other.yes && self.no & other.no == other.no
    }

    fn opposite(self) -> Product {
        Product {
            yes: self.no,
            no: self.yes,
        }
    }

    fn length(self) -> u32 {
        self.yes.count_ones() + self.no.count_ones()
    }

    /// What both say together when `bit` decides between them; `None` where more does.
    fn consensus(self, other: Product, bit: u64) -> Option<Product> {
        let both = Product {
            yes: (self.yes | other.yes) & !bit,
            no: (self.no | other.no) & !bit,
        };
        (!both.is_contradiction()).then_some(both)
    }
}

struct Conditions {
    atoms: Vec<Atom>,
    /// Pairs that no item can meet.
    impossible: Vec<[Product; 2]>,
}

impl Conditions {
    fn of(query: &Query) -> Result<Conditions, TooComplex> {
        let mut atoms = Vec::new();
        collect(query, &mut atoms);
        atoms.sort_unstable();
        atoms.dedup();
        if atoms.len() > CONDITION_LIMIT {
            return Err(TooComplex::Conditions(atoms.len()));
        }
        let mut impossible = Vec::new();
        for (a, first) in atoms.iter().enumerate() {
            for (b, second) in atoms.iter().enumerate().skip(a + 1) {
                if let Some((yes, other_yes)) = excluded(first, second) {
                    impossible.push([Product::one(a, yes), Product::one(b, other_yes)]);
                }
            }
        }
        Ok(Conditions { atoms, impossible })
    }

    fn is_impossible(&self, product: Product) -> bool {
        self.impossible
            .iter()
            .any(|[a, b]| product.implies(*a) && product.implies(*b))
    }

    /// With all that follows from it for any item. One round is enough: what follows from a
    /// consequence follows from its cause, too.
    fn with_consequences(&self, product: Product) -> Product {
        self.impossible.iter().fold(product, |all, [a, b]| {
            let all = if product.implies(*a) {
                all.and(b.opposite())
            } else {
                all
            };
            if product.implies(*b) {
                all.and(a.opposite())
            } else {
                all
            }
        })
    }

    /// The shortest lists of conditions that each suffice for the query to be `wanted`.
    fn primes(&self, query: &Query, wanted: bool) -> Result<Vec<Product>, TooComplex> {
        let mut products = self.products(query, wanted)?;
        products.extend(self.impossible.iter().map(|[a, b]| a.and(*b)));
        let mut work = 0;
        absorb(&mut products, &mut work)?;
        for atom in 0..self.atoms.len() {
            let bit = 1 << atom;
            let mut found: Vec<Product> = Vec::new();
            for yes in products.iter().filter(|product| product.yes & bit != 0) {
                for no in products.iter().filter(|product| product.no & bit != 0) {
                    work += 1;
                    if work > WORK_LIMIT || found.len() > PRODUCT_LIMIT * 8 {
                        return Err(TooComplex::Work);
                    }
                    found.extend(yes.consensus(*no, bit));
                }
            }
            products.extend(found);
            absorb(&mut products, &mut work)?;
        }
        products.retain(|product| !self.is_impossible(*product));
        let all = products.clone();
        products.retain(|product| {
            let meant = self.with_consequences(*product);
            !all.iter()
                .any(|other| other != product && meant.implies(*other))
        });
        Ok(products)
    }

    /// The query, or its opposite, as lists of conditions of which one must hold whole.
    fn products(&self, query: &Query, wanted: bool) -> Result<Vec<Product>, TooComplex> {
        let (members, together) = match query {
            Query::All if wanted => return Ok(vec![Product::default()]),
            Query::All => return Ok(Vec::new()),
            Query::Not(inner) => return self.products(inner, !wanted),
            Query::And(members) => (members, wanted),
            Query::Or(members) => (members, !wanted),
            single => {
                let is_opposite = matches!(single, Query::Before(_));
                let place = Atom::of(single).and_then(|atom| self.atoms.binary_search(&atom).ok());
                let products = place.map(|place| Product::one(place, wanted != is_opposite));
                return Ok(products.into_iter().collect());
            }
        };
        let mut work = 0;
        let mut all: Vec<Product> = if together {
            vec![Product::default()]
        } else {
            Vec::new()
        };
        for member in members {
            let some = self.products(member, wanted)?;
            if together {
                let pairs = all
                    .iter()
                    .flat_map(|one| some.iter().map(move |other| one.and(*other)));
                all = pairs
                    .filter(|product| !product.is_contradiction() && !self.is_impossible(*product))
                    .take(PRODUCT_LIMIT * 8)
                    .collect();
            } else {
                all.extend(some);
            }
            absorb(&mut all, &mut work)?;
        }
        Ok(all)
    }

    /// The selection of products of which one must hold, or where `necessary`, of the opposites
    /// of their conditions, of which one of each must.
    fn write(&self, products: &[Product], necessary: bool) -> Selection {
        let mut lists: Vec<Vec<Literal<'_>>> = products
            .iter()
            .map(|product| {
                self.literals(if necessary {
                    product.opposite()
                } else {
                    *product
                })
            })
            .collect();
        lists.sort();
        let (inner, outer) = if necessary {
            ("or", "and")
        } else {
            ("and", "or")
        };
        let queries = lists.iter().map(|list| {
            let members = list.iter().map(Literal::to_query).collect();
            if necessary {
                Query::or(members)
            } else {
                Query::and(members)
            }
        });
        let is_constant = lists.is_empty() || lists.iter().any(Vec::is_empty);
        let (text, query) = match (is_constant, lists.is_empty() == necessary) {
            (true, true) => ("*".to_owned(), Query::All),
            (true, false) => ("not *".to_owned(), Query::not(Query::All)),
            (false, _) => {
                let alone = lists.len() == 1;
                let texts: Vec<String> = lists
                    .iter()
                    .map(|list| join(list, inner, necessary && !alone))
                    .collect();
                let queries = queries.collect();
                let query = if necessary {
                    Query::and(queries)
                } else {
                    Query::or(queries)
                };
                (self.outer(&texts, &lists, outer), query)
            }
        };
        Selection { text, query }
    }

    /// The lists joined; lists of one condition each are one list.
    fn outer(&self, texts: &[String], lists: &[Vec<Literal<'_>>], word: &str) -> String {
        if lists.iter().all(|list| list.len() == 1) {
            let flat: Vec<Literal<'_>> = lists.iter().flatten().cloned().collect();
            return join(&flat, word, false);
        }
        texts.join(&format!(" {word} "))
    }

    fn literals(&self, product: Product) -> Vec<Literal<'_>> {
        let mut literals: Vec<Literal<'_>> = self
            .atoms
            .iter()
            .enumerate()
            .filter_map(|(place, atom)| {
                let bit = 1 << place;
                let holds = product.yes & bit != 0;
                (holds || product.no & bit != 0).then_some(Literal::new(atom, holds))
            })
            .collect();
        literals.sort();
        literals
    }
}

fn collect(query: &Query, atoms: &mut Vec<Atom>) {
    match query {
        Query::Not(inner) => collect(inner, atoms),
        Query::And(members) | Query::Or(members) => {
            for member in members {
                collect(member, atoms);
            }
        }
        single => atoms.extend(Atom::of(single)),
    }
}

/// Whether two conditions exclude one another: holding or not, each, as the answer says. The
/// first comes before the second in their order.
fn excluded(first: &Atom, second: &Atom) -> Option<(bool, bool)> {
    match (first, second) {
        // The second day is later: what came after it came after the first.
        (Atom::After(_), Atom::After(_)) => Some((false, true)),
        (Atom::Kind(_), Atom::Kind(_)) => Some((true, true)),
        (Atom::Language(wide), Atom::Language(narrow)) => {
            let within = narrow.strip_prefix(wide.as_str());
            let is_within = within.is_some_and(|rest| rest.starts_with('-'));
            Some((!is_within, true))
        }
        _ => None,
    }
}

/// Takes out what asks for all that another asks for, and more.
fn absorb(products: &mut Vec<Product>, work: &mut usize) -> Result<(), TooComplex> {
    products.sort_unstable_by_key(|product| (product.length(), product.yes, product.no));
    products.dedup();
    let mut kept: Vec<Product> = Vec::new();
    for product in products.iter() {
        *work += kept.len();
        if *work > WORK_LIMIT || kept.len() > PRODUCT_LIMIT {
            return Err(TooComplex::Work);
        }
        if !kept.iter().any(|shorter| product.implies(*shorter)) {
            kept.push(*product);
        }
    }
    *products = kept;
    Ok(())
}

#[cfg(test)]
mod tests;
