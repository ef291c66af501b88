//! What admission notes while it decides: nothing, unless somebody asks for the reasons.

/// A rule that admission asks, in the order in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Who may call the operation at all.
    Access,
    /// Ownership and grants.
    Right,
    /// What the proof of the caller narrows.
    Restriction,
    /// What the family of clients is shown.
    Dialect,
    /// The effective state.
    State,
    /// Whether it is archived.
    Archive,
    /// The type.
    Type,
    /// What the scheme says that the key is for.
    Purpose,
    /// The Cryptographic Usage Mask.
    UsageMask,
    /// Protect Stop Date and Process Start Date.
    Dates,
    /// The Usage Limits.
    UsageLimits,
    /// The operator's policy for algorithms.
    AlgorithmPolicy,
}

impl Rule {
    /// What it is called where decisions are explained.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Right => "right",
            Self::Restriction => "restriction",
            Self::Dialect => "dialect",
            Self::State => "state",
            Self::Archive => "archive",
            Self::Type => "object type",
            Self::Purpose => "purpose",
            Self::UsageMask => "usage mask",
            Self::Dates => "dates",
            Self::UsageLimits => "usage limits",
            Self::AlgorithmPolicy => "algorithm policy",
        }
    }
}

/// Takes notes.
pub(crate) trait Notes {
    /// The rule that is asked next. If admission refuses, the last one decided.
    fn asks(&mut self, rule: Rule);

    /// Why this rule lets the caller go on. The text is made only if it is noted.
    fn passes(&mut self, why: impl FnOnce() -> String);
}

/// Notes nothing, and costs nothing.
pub(crate) struct NoNotes;

impl Notes for NoNotes {
    #[inline]
    fn asks(&mut self, _: Rule) {}

    #[inline]
    fn passes(&mut self, _: impl FnOnce() -> String) {}
}

/// Every rule that was asked, with what it said.
#[derive(Debug, Default)]
pub(crate) struct Protocol(Vec<(Rule, Option<String>)>);

impl Protocol {
    /// The rules, in order; the last one without a text decided against it, if admission refused.
    pub(crate) fn into_steps(self) -> Vec<(Rule, Option<String>)> {
        self.0
    }
}

impl Notes for Protocol {
    fn asks(&mut self, rule: Rule) {
        self.0.push((rule, None));
    }

    fn passes(&mut self, why: impl FnOnce() -> String) {
        if let Some((_, said)) = self.0.last_mut() {
            *said = Some(why());
        }
    }
}
