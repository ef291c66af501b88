//! Access policies: boolean expressions over attributes, as `Department::HR && (Level::Low || Level::Top)`.
//!
//! They are read here, and not by the libraries, whose parsers recurse as deep as the text goes and cut it at bytes
//! where it has letters. The text means what it means to them: operators bind from the right, and `&&` no more than
//! `||`, so `A::a && B::b || C::c` is `A::a && (B::b || C::c)`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use claviger_plugin_sdk::Result;

use crate::generation::{MOST_DIMENSIONS, wrong};

/// The longest policy in bytes.
const LONGEST: usize = 64 * 1024;
/// The most attributes in a policy, each `*` counted.
const MOST_ATTRIBUTES: usize = 512;
/// How deep parentheses nest.
const DEEPEST: usize = 64;
/// The most conjunctions into which a policy may be expanded.
const MOST_CLAUSES: usize = 256;

/// An attribute of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Attribute {
    /// The dimension.
    pub(crate) dimension: String,
    /// Its name within it.
    pub(crate) name: String,
}

impl Attribute {
    /// Reads `Dimension::name`.
    ///
    /// # Errors
    /// Invalid Attribute Value.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut parts = text.split("::").map(str::trim);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(dimension), Some(name), None) if is_name(dimension) && is_name(name) => {
                Ok(Self { dimension: dimension.into(), name: name.into() })
            }
            _ => Err(wrong(format!("{:?} is no attribute; write Dimension::name", shortened(text)))),
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.dimension, self.name)
    }
}

fn is_name(name: &str) -> bool {
    // A colon at its end would be taken for one of the two that follow it.
    let bare = name.trim_matches(':') == name;
    !name.is_empty() && bare && !["(", ")", "&&", "||"].iter().any(|mark| name.contains(mark))
}

/// As much of a client's text as an answer repeats.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// One way to meet a policy: an attribute of each dimension that it names. Any of the dimensions that it does not
/// name is as good as another.
pub(crate) type Clause = BTreeMap<String, String>;

/// A parsed access policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AccessPolicy {
    /// Everybody; from generation 16 on.
    Everybody,
    /// Who has the attribute.
    Attribute(Attribute),
    /// Who meets both.
    And(Box<AccessPolicy>, Box<AccessPolicy>),
    /// Who meets one.
    Or(Box<AccessPolicy>, Box<AccessPolicy>),
}

impl AccessPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// Invalid Attribute Value: it is none, or is too long or too deep.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(wrong(format!("an access policy has at most {LONGEST} bytes")));
        }
        let mut tokens = Tokens { rest: text, attributes: 0 };
        let policy = tokens.expression(0)?;
        match tokens.next()? {
            None => Ok(policy),
            Some(_) => Err(wrong("an access policy has a closing parenthesis without an opening one")),
        }
    }

    /// The ways to meet the policy.
    ///
    /// # Errors
    /// Invalid Attribute Value: there are too many, or one names two attributes of one dimension, which nobody's data
    /// can have both.
    pub(crate) fn clauses(&self) -> Result<BTreeSet<Clause>> {
        match self {
            Self::Everybody => Ok([Clause::new()].into()),
            Self::Attribute(attribute) => {
                Ok([[(attribute.dimension.clone(), attribute.name.clone())].into()].into())
            }
            Self::Or(left, right) => {
                let mut clauses = left.clauses()?;
                clauses.extend(right.clauses()?);
                few_enough(clauses.len())?;
                Ok(clauses)
            }
            Self::And(left, right) => {
                let (left, right) = (left.clauses()?, right.clauses()?);
                few_enough(left.len() * right.len())?;
                left.iter().flat_map(|left| right.iter().map(move |right| joined(left, right))).collect()
            }
        }
    }

    /// Gives an attribute another name; returns whether the policy has it.
    pub(crate) fn rename(&mut self, from: &Attribute, to: &str) -> bool {
        match self {
            Self::Everybody => false,
            Self::Attribute(attribute) if attribute == from => {
                to.clone_into(&mut attribute.name);
                true
            }
            Self::Attribute(_) => false,
            Self::And(left, right) | Self::Or(left, right) => left.rename(from, to) | right.rename(from, to),
        }
    }
}

fn few_enough(clauses: usize) -> Result<()> {
    match clauses <= MOST_CLAUSES {
        true => Ok(()),
        false => Err(wrong(format!("an access policy expands into at most {MOST_CLAUSES} conjunctions"))),
    }
}

fn joined(left: &Clause, right: &Clause) -> Result<Clause> {
    let mut clause = left.clone();
    for (dimension, name) in right {
        match clause.get(dimension) {
            Some(other) if other != name => {
                return Err(wrong(format!(
                    "{dimension}::{other} and {dimension}::{name} cannot both be demanded; write || between attributes \
                     of one dimension"
                )));
            }
            _ => clause.insert(dimension.clone(), name.clone()),
        };
    }
    match clause.len() <= MOST_DIMENSIONS {
        true => Ok(clause),
        false => Err(wrong(format!("an access policy demands at most {MOST_DIMENSIONS} dimensions at once"))),
    }
}

impl fmt::Display for AccessPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("*"),
            Self::Attribute(attribute) => attribute.fmt(f),
            // Operators bind from the right: the same one again needs no parentheses there.
            Self::And(left, right) => match **right {
                Self::Or(..) => write!(f, "{} && ({right})", Operand(left)),
                _ => write!(f, "{} && {right}", Operand(left)),
            },
            Self::Or(left, right) => match **right {
                Self::And(..) => write!(f, "{} || ({right})", Operand(left)),
                _ => write!(f, "{} || {right}", Operand(left)),
            },
        }
    }
}

/// A left operand, in parentheses where it is no attribute.
struct Operand<'a>(&'a AccessPolicy);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            AccessPolicy::And(..) | AccessPolicy::Or(..) => write!(f, "({})", self.0),
            one => one.fmt(f),
        }
    }
}

/// The text that is not read yet.
struct Tokens<'a> {
    rest: &'a str,
    attributes: usize,
}

enum Token<'a> {
    Open,
    Close,
    And,
    Or,
    Text(&'a str),
}

const MARKS: [(&str, Token<'static>); 4] =
    [("(", Token::Open), (")", Token::Close), ("&&", Token::And), ("||", Token::Or)];

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Result<Option<Token<'a>>> {
        self.rest = self.rest.trim_start();
        for (mark, token) in MARKS {
            if let Some(rest) = self.rest.strip_prefix(mark) {
                self.rest = rest;
                return Ok(Some(token));
            }
        }
        let end = MARKS.iter().filter_map(|(mark, _)| self.rest.find(mark)).min().unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        Ok(Some(Token::Text(text.trim_end())).filter(|_| !text.is_empty()))
    }

    /// Operands and operators up to the end or a closing parenthesis, which it leaves.
    fn expression(&mut self, depth: usize) -> Result<AccessPolicy> {
        let mut before: Vec<(AccessPolicy, bool)> = Vec::new();
        loop {
            let operand = self.operand(depth)?;
            let here = self.rest;
            match self.next()? {
                Some(Token::And) => before.push((operand, true)),
                Some(Token::Or) => before.push((operand, false)),
                None | Some(Token::Close) => {
                    self.rest = here;
                    return Ok(before.into_iter().rfold(operand, |right, (left, and)| match and {
                        true => AccessPolicy::And(Box::new(left), Box::new(right)),
                        false => AccessPolicy::Or(Box::new(left), Box::new(right)),
                    }));
                }
                Some(Token::Open | Token::Text(_)) => {
                    return Err(wrong("an access policy lacks && or || between two of its parts"));
                }
            }
        }
    }

    fn operand(&mut self, depth: usize) -> Result<AccessPolicy> {
        match self.next()? {
            Some(Token::Text(text)) => {
                // Whatever it is: every operand makes the tree deeper, and so what recurses over it.
                self.attributes += 1;
                match text {
                    _ if self.attributes > MOST_ATTRIBUTES => {
                        Err(wrong(format!("an access policy has at most {MOST_ATTRIBUTES} attributes")))
                    }
                    "*" => Ok(AccessPolicy::Everybody),
                    text => Ok(AccessPolicy::Attribute(Attribute::parse(text)?)),
                }
            }
            Some(Token::Open) if depth < DEEPEST => {
                let inner = self.expression(depth + 1)?;
                match self.next()? {
                    Some(Token::Close) => Ok(inner),
                    _ => Err(wrong("an access policy lacks a closing parenthesis")),
                }
            }
            Some(Token::Open) => {
                Err(wrong(format!("parentheses of an access policy nest at most {DEEPEST} deep")))
            }
            Some(Token::And | Token::Or | Token::Close) | None => {
                Err(wrong("an access policy lacks an attribute where one belongs; write Dimension::name"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clauses(text: &str) -> Vec<String> {
        let clause =
            |clause: &Clause| clause.iter().map(|(d, n)| format!("{d}::{n}")).collect::<Vec<_>>().join(" ");
        AccessPolicy::parse(text).unwrap().clauses().unwrap().iter().map(clause).collect()
    }

    #[test]
    fn names_keep_their_spaces_and_single_marks() {
        assert_eq!(clauses("  Security Level :: Top Secret "), ["Security Level::Top Secret"]);
        assert_eq!(clauses("Département::R&D|x"), ["Département::R&D|x"]);
    }

    /// As the published libraries read them.
    #[test]
    fn operators_bind_from_the_right() {
        assert_eq!(clauses("A::a && B::b || C::c"), ["A::a B::b", "A::a C::c"]);
        assert_eq!(clauses("(A::a && B::b) || C::c"), ["A::a B::b", "C::c"]);
        assert_eq!(clauses("A::a || B::b && C::c"), ["A::a", "B::b C::c"]);
        assert_eq!(clauses("(A::a || A::b) && ((C::c))"), ["A::a C::c", "A::b C::c"]);
    }

    #[test]
    fn everybody_meets_a_star() {
        assert_eq!(clauses("*"), [""]);
        assert_eq!(clauses("* && A::a"), ["A::a"]);
    }

    #[test]
    fn two_attributes_of_a_dimension_cannot_both_be_demanded() {
        let policy = AccessPolicy::parse("A::a && (A::b || B::b)").unwrap();
        assert!(policy.clauses().unwrap_err().message().contains("A::a and A::b"));
        assert_eq!(clauses("A::a && A::a"), ["A::a"]);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for text in [
            "",
            " ",
            "A",
            "A::",
            "::a",
            "A::a::b",
            "A::a &&",
            "&& A::a",
            "A::a &&& ",
            "(A::a",
            "A::a)",
            "()",
            "A::a (B::b)",
            "(A::a)(B::b)",
            "A::a || || B::b",
            "A::a B::b::c",
        ] {
            assert!(AccessPolicy::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn policies_too_large_to_expand_are_refused() {
        let product = (0..12).map(|d| format!("(D{d}::a || D{d}::b)")).collect::<Vec<_>>().join(" && ");
        assert!(AccessPolicy::parse(&product).unwrap().clauses().is_err());
        let dimensions = |count| {
            let all = (0..count).map(|d| format!("D{d}::a")).collect::<Vec<_>>().join(" && ");
            AccessPolicy::parse(&all).unwrap().clauses()
        };
        assert!(dimensions(MOST_DIMENSIONS).is_ok() && dimensions(MOST_DIMENSIONS + 1).is_err());
        assert!(AccessPolicy::parse(&format!("{}A::a{}", "(".repeat(65), ")".repeat(65))).is_err());
        assert!(AccessPolicy::parse(&"(".repeat(60_000)).is_err());
        for operand in ["A::a", "*"] {
            let policy = |operands| AccessPolicy::parse(&vec![operand; operands].join("||"));
            assert!(policy(MOST_ATTRIBUTES).unwrap().clauses().is_ok());
            for operands in [MOST_ATTRIBUTES + 1, 10_000] {
                assert!(policy(operands).is_err_and(|error| error.message().contains("at most")));
            }
        }
    }

    #[test]
    fn a_renamed_attribute_stands_in_the_text() {
        let mut policy = AccessPolicy::parse("A::a && (A::a || B::b && C::a)").unwrap();
        assert!(policy.rename(&Attribute::parse("A::a").unwrap(), "z"));
        assert!(!policy.rename(&Attribute::parse("A::a").unwrap(), "z"));
        assert_eq!(policy.to_string(), "A::z && (A::z || (B::b && C::a))");
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_what_is_written_reads_the_same(text in "[AB:ab()&| *é]{0,40}") {
            if let Ok(policy) = AccessPolicy::parse(&text) {
                prop_assert_eq!(AccessPolicy::parse(&policy.to_string()).unwrap(), policy);
            }
        }
    }
}
