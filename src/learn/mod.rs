//! Tags learned from the newsroom's own items.
//!
//! A [`Model`] reads a text as a vector of words and pairs of words, scores every term by a linear
//! model of them, and joins that with what the rules say and with what the taxonomy itself says of
//! the term, to a calibrated probability. From a term's threshold on it is given; below, it is
//! suggested. Each threshold is set by cross-validation for the precision that the newsroom asks.
//!
//! Pure: `train` gets its examples from a function, [`store`] alone touches the disk. A model is
//! trained on what items state and editors decided, never on its own guesses.

mod combine;
mod complete;
mod counting;
mod definition;
mod example;
mod features;
mod logistic;
mod model;
pub mod store;
mod tally;
#[cfg(test)]
mod tests;
mod threshold;
mod train;
mod vector;
mod vocabulary;
mod words;

pub use combine::Clue;
pub use complete::{complete, is_open};
pub use definition::definition;
pub use example::{Example, Known, Text};
pub use model::{Guess, Model, Reading, Trained};
pub use train::{Aim, LEAST_ITEMS, is_enough, train};
