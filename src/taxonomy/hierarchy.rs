//! Terms under terms: a hierarchy without circles.

use std::ops::Range;

/// Reports each circle once, from its first member on, and takes the parents from its members.
pub(crate) fn break_circles(parents: &mut [Option<usize>], mut report: impl FnMut(&[usize])) {
    /// Which walk met the term first.
    const UNSEEN: usize = usize::MAX;
    let mut seen = vec![UNSEEN; parents.len()];
    for walk in 0..parents.len() {
        let mut path = Vec::new();
        let mut next = Some(walk);
        while let Some(place) = next {
            if seen[place] == walk {
                let Range { start, end } = circle_within(&path, place);
                let mut circle = path[start..end].to_vec();
                let first = circle.iter().enumerate().min_by_key(|(_, place)| **place);
                let turn = first.map_or(0, |(at, _)| at);
                circle.rotate_left(turn);
                report(&circle);
                for member in circle {
                    parents[member] = None;
                }
                break;
            }
            if seen[place] != UNSEEN {
                break;
            }
            seen[place] = walk;
            path.push(place);
            next = parents[place];
        }
    }
}

/// The part of a path that begins with `place`.
fn circle_within(path: &[usize], place: usize) -> Range<usize> {
    let start = path.iter().position(|member| *member == place);
    start.unwrap_or(path.len())..path.len()
}
