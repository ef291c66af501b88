//! Spans of time, and of numbers.

/// All whole numbers from one to another, both included; none if the first is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first.
    pub(crate) from: i64,
    /// The last.
    pub(crate) to: i64,
}

impl Span {
    /// Every number.
    pub(crate) const ALL: Self = Self { from: i64::MIN, to: i64::MAX };
    /// No number.
    const NONE: Self = Self { from: 1, to: 0 };

    /// What is less than a number.
    pub(crate) fn below(number: i64) -> Self {
        number.checked_sub(1).map_or(Self::NONE, |to| Self { to, ..Self::ALL })
    }

    /// What is greater than a number.
    pub(crate) fn above(number: i64) -> Self {
        number.checked_add(1).map_or(Self::NONE, |from| Self { from, ..Self::ALL })
    }

    /// What is in both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// The last number from one on that is in it, if that one is, or is not, if that one is not.
    pub(crate) fn holds_until(self, from: i64) -> i64 {
        match from {
            _ if from < self.from => self.from.saturating_sub(1),
            _ if from <= self.to => self.to,
            _ => i64::MAX,
        }
    }

    /// Whether a number is in it.
    pub(crate) fn contains(self, number: i64) -> bool {
        (self.from..=self.to).contains(&number)
    }
}
