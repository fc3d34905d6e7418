//! The heads of all patterns, as a tree of their letters.
//!
//! A pattern can only stand where a word begins, so that the tree is entered there alone, and most
//! words leave it after two or three letters. How many heads it holds makes no difference.

use std::ops::Range;

/// No head ends here, or there is no table.
const NONE: u32 = u32::MAX;

/// A node that so many bytes lead on from has a table: faster, and larger.
const MANY: u16 = 4;

/// Heads by number, to be found at a place of a text.
#[derive(Debug, Clone)]
pub(super) struct Trie {
    /// The first is the root.
    nodes: Vec<Node>,
    /// The bytes that lead on from a node, those of one node together and in order.
    bytes: Vec<u8>,
    /// The nodes that they lead to.
    targets: Vec<u32>,
    /// For each node that many bytes lead on from, where each leads; 0, the root, for nowhere.
    tables: Vec<[u32; 256]>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    /// The head that ends here.
    head: u32,
    /// Its part of [`Trie::bytes`].
    start: u32,
    count: u16,
    /// Its place in [`Trie::tables`], if it has one.
    table: u32,
}

impl Trie {
    /// The tree of some heads, each once and none empty, numbered in their order.
    pub(super) fn new(heads: &[String]) -> Trie {
        let mut sorted: Vec<(&[u8], u32)> = heads.iter().map(String::as_bytes).zip(0..).collect();
        sorted.sort_unstable();
        let mut trie = Trie {
            nodes: vec![Node::EMPTY],
            bytes: Vec::new(),
            targets: Vec::new(),
            tables: Vec::new(),
        };
        // A node, the heads that begin with its letters, and how many letters these are.
        let mut left = vec![(0_u32, &sorted[..], 0)];
        while let Some((node, mut heads, depth)) = left.pop() {
            if let Some(((head, number), rest)) = heads.split_first()
                && head.len() == depth
            {
                trie.nodes[node as usize].head = *number;
                heads = rest;
            }
            trie.nodes[node as usize].start = trie.bytes.len() as u32;
            for group in heads.chunk_by(|one, other| one.0[depth] == other.0[depth]) {
                let target = trie.nodes.len() as u32;
                trie.nodes.push(Node::EMPTY);
                trie.nodes[node as usize].count += 1;
                trie.bytes.push(group[0].0[depth]);
                trie.targets.push(target);
                left.push((target, group, depth + 1));
            }
        }
        trie.fill_tables();
        trie
    }

    fn fill_tables(&mut self) {
        for node in self.nodes.iter_mut().filter(|node| node.count >= MANY) {
            let mut table = [0; 256];
            for edge in node.edges() {
                table[usize::from(self.bytes[edge])] = self.targets[edge];
            }
            node.table = self.tables.len() as u32;
            self.tables.push(table);
        }
    }

    /// Where a byte leads from a node; 0 for nowhere.
    fn next(&self, node: &Node, byte: u8) -> u32 {
        if let Some(table) = self.tables.get(node.table as usize) {
            return table[usize::from(byte)];
        }
        let found = node.edges().find(|edge| self.bytes[*edge] == byte);
        found.map_or(0, |edge| self.targets[edge])
    }

    /// Calls `found` with every head that `text` begins with, and its length; the shortest first.
    pub(super) fn each(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        let mut node = &self.nodes[0];
        for (at, byte) in text.iter().enumerate() {
            let next = self.next(node, *byte);
            if next == 0 {
                return;
            }
            node = &self.nodes[next as usize];
            if node.head != NONE {
                found(node.head as usize, at + 1);
            }
        }
    }
}

impl Node {
    const EMPTY: Node = Node {
        head: NONE,
        start: 0,
        count: 0,
        table: NONE,
    };

    fn edges(&self) -> Range<usize> {
        self.start as usize..self.start as usize + usize::from(self.count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_head_that_a_text_begins_with_is_found_and_no_other(
            heads in proptest::collection::btree_set("[ab é]{1,5}", 0..12),
            text in "[ab é]{0,8}",
        ) {
            let heads: Vec<String> = heads.into_iter().rev().collect();
            let trie = Trie::new(&heads);
            let mut found = Vec::new();
            trie.each(text.as_bytes(), |head, length| {
                assert_eq!(&text[..length], heads[head]);
                found.push(head);
            });
            let begins = heads.iter().zip(0..).filter(|(head, _)| text.starts_with(*head));
            let expected: BTreeSet<usize> = begins.map(|(_, number)| number).collect();
            prop_assert_eq!(found.len(), expected.len());
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }
}
