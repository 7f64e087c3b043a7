//! The work that a text is worth.

/// The steps that every text has: as many for each byte, and no more than this. A step takes about 6 ns in a release build, and a text without encodings
/// takes about one for each byte.
const OWN_PER_BYTE: usize = 8;
const MOST_OWN: usize = 32 << 10;

/// The additional steps that a text may take from the reserve of the run: a number, and as many for each byte.
const FROM_RESERVE: usize = 128 << 10;
const FROM_RESERVE_PER_BYTE: usize = 3;

/// The steps that all texts of a run share. They take less than 0.3 s, so thousands of hostile answers can't hold up a run.
pub(super) const RESERVE: usize = 32 << 20;

/// The steps that are left for the search of one text. They bound the time and the memory of the search, whatever the text and the secrets are.
pub(super) struct Budget {
    own: usize,
    reserve: usize,
    /// The steps that the text took from the reserve of the run.
    taken: usize,
}

impl Budget {
    /// Returns the budget for a text of `length` bytes, in a run that has this reserve left.
    pub(super) fn new(length: usize, reserve: usize) -> Self {
        let extra = FROM_RESERVE.saturating_add(length.saturating_mul(FROM_RESERVE_PER_BYTE));
        Self {
            own: length.saturating_mul(OWN_PER_BYTE).min(MOST_OWN),
            reserve: reserve.min(extra),
            taken: 0,
        }
    }

    /// Takes steps from the budget. Returns `None` if too few are left.
    pub(super) fn spend(&mut self, steps: usize) -> Option<()> {
        let extra = steps.saturating_sub(self.own);
        self.reserve = self.reserve.checked_sub(extra)?;
        self.own = self.own.saturating_sub(steps);
        self.taken += extra;
        Some(())
    }

    /// Returns `None` if fewer steps than these are left.
    pub(super) fn check(&self, steps: usize) -> Option<()> {
        (steps <= self.own.saturating_add(self.reserve)).then_some(())
    }

    /// Returns the number of steps that the text took from the reserve of the run.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_spends_its_own_steps_before_it_takes_from_the_reserve() {
        let mut budget = Budget::new(10, RESERVE);
        assert_eq!(budget.spend(10 * OWN_PER_BYTE), Some(()));
        assert_eq!(budget.taken(), 0);
        assert_eq!(budget.spend(7), Some(()));
        assert_eq!(budget.taken(), 7);
        assert_eq!(
            budget.spend(FROM_RESERVE + 10 * FROM_RESERVE_PER_BYTE),
            None
        );
        assert_eq!(budget.taken(), 7);
    }

    #[test]
    fn without_a_reserve_a_short_text_can_still_be_searched() {
        let mut budget = Budget::new(1000, 0);
        assert_eq!(budget.spend(8000), Some(()));
        assert_eq!(budget.spend(1), None);
        assert_eq!(Budget::new(1 << 20, 0).spend(1 << 20), None);
    }
}
