//! A waiting line that is fair to hosts: each takes its turn, so that one with a thousand
//! requests, or one that never answers, keeps nobody else waiting.
//!
//! Pure. What is taken out is under way until it is said to be done.

use std::collections::{HashMap, VecDeque};

/// Things to do, by the host that each is for.
#[derive(Debug)]
pub(super) struct Line<T> {
    /// The most under way at a time, in all and for one host.
    most: usize,
    most_of_host: usize,
    under_way: usize,
    waiting: usize,
    hosts: HashMap<String, Host<T>>,
    /// The hosts that something waits for and that may have one more under way.
    turns: VecDeque<String>,
}

#[derive(Debug)]
struct Host<T> {
    waiting: VecDeque<T>,
    under_way: usize,
    has_turn: bool,
}

impl<T> Line<T> {
    /// An empty line; `most` may be at work at a time, `most_of_host` of them for one host.
    pub fn new(most: usize, most_of_host: usize) -> Line<T> {
        Line {
            most,
            most_of_host,
            under_way: 0,
            waiting: 0,
            hosts: HashMap::new(),
            turns: VecDeque::new(),
        }
    }

    /// Puts a thing at the end of the line.
    pub fn push(&mut self, host: &str, thing: T) {
        let entry = self.hosts.entry(host.to_owned()).or_insert_with(|| Host {
            waiting: VecDeque::new(),
            under_way: 0,
            has_turn: false,
        });
        entry.waiting.push_back(thing);
        self.waiting += 1;
        self.give_turn(host);
    }

    /// The next thing to do, if there may be one more under way.
    pub fn take(&mut self) -> Option<T> {
        if self.under_way >= self.most {
            return None;
        }
        let name = self.turns.pop_front()?;
        let host = self.hosts.get_mut(&name)?;
        host.has_turn = false;
        let thing = host.waiting.pop_front()?;
        host.under_way += 1;
        self.under_way += 1;
        self.waiting -= 1;
        self.give_turn(&name);
        Some(thing)
    }

    /// One thing for this host is no longer under way.
    pub fn done(&mut self, host: &str) {
        let Some(found) = self.hosts.get_mut(host) else {
            return;
        };
        found.under_way = found.under_way.saturating_sub(1);
        self.under_way = self.under_way.saturating_sub(1);
        if found.under_way == 0 && found.waiting.is_empty() {
            self.hosts.remove(host);
        } else {
            self.give_turn(host);
        }
    }

    /// How many things wait or are under way.
    pub fn len(&self) -> usize {
        self.waiting + self.under_way
    }

    /// How many of them are for one host.
    pub fn len_of(&self, host: &str) -> usize {
        let found = self.hosts.get(host);
        found.map_or(0, |host| host.waiting.len() + host.under_way)
    }

    fn give_turn(&mut self, name: &str) {
        let Some(host) = self.hosts.get_mut(name) else {
            return;
        };
        if !host.has_turn && !host.waiting.is_empty() && host.under_way < self.most_of_host {
            host.has_turn = true;
            self.turns.push_back(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_take_turns() {
        let mut line = Line::new(10, 10);
        for number in 0..3 {
            line.push("busy", format!("busy {number}"));
        }
        line.push("quiet", "quiet 0".to_owned());
        let order: Vec<String> = std::iter::from_fn(|| line.take()).collect();
        assert_eq!(order, ["busy 0", "quiet 0", "busy 1", "busy 2"]);
    }

    #[test]
    fn a_host_that_does_not_answer_keeps_nobody_waiting() {
        let mut line = Line::new(3, 2);
        for number in 0..100 {
            line.push("hangs", number);
        }
        line.push("quick", 1_000);
        assert_eq!(line.take(), Some(0));
        assert_eq!(line.take(), Some(1_000));
        assert_eq!(line.take(), Some(1));
        assert_eq!(line.take(), None);
        line.done("quick");
        // Its two are under way: there is room, but none for it.
        assert_eq!(line.take(), None);
        line.push("quick", 1_001);
        assert_eq!(line.take(), Some(1_001));
        line.done("hangs");
        assert_eq!(line.take(), Some(2));
        assert_eq!((line.len(), line.len_of("quick")), (100, 1));
    }

    #[test]
    fn nothing_is_kept_of_a_host_that_is_done() {
        let mut line = Line::new(3, 2);
        line.push("a", ());
        line.take();
        line.done("a");
        assert_eq!((line.len(), line.hosts.len(), line.turns.len()), (0, 0, 0));
    }
}
