//! Sets of names, which may be all but a few.

use std::collections::BTreeSet;

/// A set of names. It is closed under everything that a condition does with sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// These.
    Only(BTreeSet<String>),
    /// All but these.
    AllBut(BTreeSet<String>),
}

impl Values {
    /// Every name.
    pub(crate) fn all() -> Self {
        Self::AllBut(BTreeSet::new())
    }

    /// One name.
    pub(crate) fn one(name: &str) -> Self {
        Self::Only(BTreeSet::from([name.to_owned()]))
    }

    /// Whether a name is in it.
    pub(crate) fn contains(&self, name: &str) -> bool {
        match self {
            Self::Only(names) => names.contains(name),
            Self::AllBut(names) => !names.contains(name),
        }
    }

    /// The names by which it is written.
    pub(crate) fn names(&self) -> &BTreeSet<String> {
        let (Self::Only(names) | Self::AllBut(names)) = self;
        names
    }

    /// All names that are not in it.
    pub(crate) fn inverted(self) -> Self {
        match self {
            Self::Only(names) => Self::AllBut(names),
            Self::AllBut(names) => Self::Only(names),
        }
    }

    /// What is in both.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(left), Self::Only(right)) => Self::Only(&left & &right),
            (Self::Only(only), Self::AllBut(but)) | (Self::AllBut(but), Self::Only(only)) => {
                Self::Only(&only - &but)
            }
            (Self::AllBut(left), Self::AllBut(right)) => Self::AllBut(&left | &right),
        }
    }

    /// What is in one of them at least.
    pub(crate) fn or(self, other: Self) -> Self {
        self.inverted().and(other.inverted()).inverted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All sets over two names and whatever else there is.
    fn sets() -> Vec<Values> {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let subsets = [of(&[]), of(&["a"]), of(&["b"]), of(&["a", "b"])];
        let inverted = subsets.iter().cloned().map(Values::AllBut);
        subsets.iter().cloned().map(Values::Only).chain(inverted).collect()
    }

    #[test]
    fn sets_combine_as_their_members_say() {
        for left in sets() {
            for right in sets() {
                for name in ["a", "b", "c"] {
                    let (in_left, in_right) = (left.contains(name), right.contains(name));
                    assert_eq!(left.clone().and(right.clone()).contains(name), in_left && in_right);
                    assert_eq!(left.clone().or(right.clone()).contains(name), in_left || in_right);
                    assert_ne!(left.clone().inverted().contains(name), in_left);
                }
            }
        }
    }
}
