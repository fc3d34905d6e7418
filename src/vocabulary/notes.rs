//! What is worth telling of a vocabulary that was read, without telling it a thousand times.

use std::collections::BTreeMap;

use crate::diagnostic::Problem;

/// The most messages of one sort; the others are counted.
pub(super) const MOST: usize = 10;

/// Problems of which only the first of each sort are told one by one.
#[derive(Default)]
pub(super) struct Notes {
    pub problems: Vec<Problem>,
    counts: BTreeMap<&'static str, usize>,
}

impl Notes {
    /// Adds a problem of a sort; `many` is what the sort's others are called: "more parents".
    pub fn add(&mut self, many: &'static str, problem: Problem) {
        let count = self.counts.entry(many).or_default();
        *count += 1;
        if *count <= MOST {
            self.problems.push(problem);
        }
    }

    /// All that was noted, and how many more there are of each sort.
    pub fn finish(mut self) -> Vec<Problem> {
        for (many, count) in self.counts {
            if count > MOST {
                let message = format!("{} more of these: {many}", count - MOST);
                self.problems.push(Problem::warning(message));
            }
        }
        self.problems
    }
}
