//! Working memory that is kept between uses, so that work that is done again and again allocates
//! nothing. There is as much of it as threads ever worked at once.

use std::sync::{Mutex, PoisonError};

/// Some working memory that nobody uses now. What is left in it must mean nothing to who takes it
/// next, or the same to all: it changes how fast an answer is found, never the answer.
#[derive(Debug, Default)]
pub(crate) struct Spare<T>(Mutex<Vec<T>>);

impl<T: Default> Spare<T> {
    /// Does some work with memory that nobody else uses meanwhile.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        // Taking and giving back are whole steps: whoever panicked left nothing half-done here.
        let spare = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = spare().pop().unwrap_or_default();
        let result = work(&mut taken);
        spare().push(taken);
        result
    }
}

/// A copy begins with no memory of its own.
impl<T> Clone for Spare<T> {
    fn clone(&self) -> Spare<T> {
        Spare(Mutex::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_but_never_by_two_at_once() {
        let spare: Spare<Vec<u8>> = Spare::default();
        spare.with(|outer| {
            outer.push(1);
            spare.with(|inner| inner.extend([2, 2]));
        });
        let lengths = spare.with(|one| spare.with(|other| [one.len(), other.len()]));
        assert_eq!(lengths, [1, 2]);
        spare.with(|one| assert_eq!(one, &[1]));
        assert!(spare.clone().with(|fresh| fresh.is_empty()));
    }
}
