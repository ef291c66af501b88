//! Reading the Datalog of a check.
//!
//! A check is not run: it is turned into conditions that can be put to a search, too, as a filter. So it may say what these
//! can say, about one fact at a time, and is refused with its token if it says anything else. Nothing of a token is
//! executed, and none of it is overlooked.

use std::collections::{BTreeMap, BTreeSet};

use biscuit_auth::builder::{Binary, Check, CheckKind, Expression, Op, Predicate, Rule, Term, Unary};

use crate::caveat::{Caveat, Condition};
use crate::span::Span;
use crate::values::Values;
use crate::vocabulary::{self, Fact};

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// What may be done.
    Caveat(Caveat),
    /// How often.
    Uses(i64),
}

/// Why a check is refused, for whoever made the token.
type Refusal = String;

/// Conditions that a check may have.
const MOST: usize = 256;

/// Reads a check.
///
/// # Errors
/// It says what cannot be applied to every request and every search.
pub(crate) fn read(check: &Check) -> Result<Meaning, Refusal> {
    if check.queries.len() > MOST {
        return Err(format!("a check has {MOST} alternatives at most"));
    }
    let queries = check.queries.iter().map(query).collect::<Result<Vec<_>, _>>()?;
    if queries.iter().any(|query| query.uses.is_some()) {
        return match (&check.kind, queries.as_slice()) {
            (CheckKind::One, [Query { uses: Some(most), condition, is_never: false }])
                if *condition == Condition::any() =>
            {
                Ok(Meaning::Uses(*most))
            }
            _ => Err("uses stands in a check of its own, without anything else".to_owned()),
        };
    }
    let conditions =
        queries.into_iter().filter(|query| !query.is_never).map(|query| query.condition).collect();
    match check.kind {
        CheckKind::One => Ok(Meaning::Caveat(Caveat::Demands(conditions))),
        // Implementations differ on what it means.
        CheckKind::Reject if check.queries.len() > 1 => {
            Err("`reject if` has one alternative; write several of them".to_owned())
        }
        CheckKind::Reject => Ok(Meaning::Caveat(Caveat::Forbids(conditions))),
        CheckKind::All => Err("`check all` is not supported".to_owned()),
    }
}

/// One alternative of a check.
struct Query {
    condition: Condition,
    uses: Option<i64>,
    /// Whether it cannot be met.
    is_never: bool,
}

/// What a variable stands for, and what is said of it.
struct Bound {
    fact: Fact,
    test: Option<Test>,
}

/// What is said of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Names(Values),
    Time(Span),
    Number(Span),
}

fn query(rule: &Rule) -> Result<Query, Refusal> {
    let mut query = Query { condition: Condition::any(), uses: None, is_never: false };
    let mut variables: BTreeMap<&str, Bound> = BTreeMap::new();
    for predicate in &rule.body {
        let (fact, term) = fact(predicate)?;
        match term {
            Term::Variable(name) => match variables.get(name.as_str()) {
                Some(bound) if bound.fact != fact => {
                    return Err(format!("${name} stands for two different things"));
                }
                Some(_) => {}
                None => drop(variables.insert(name, Bound { fact, test: None })),
            },
            Term::Str(text) => query.ask(fact, Some(Test::Names(Values::one(text))))?,
            other => return Err(format!("{}({other}) is not supported", fact.name())),
        }
    }
    for expression in &rule.expressions {
        match value(expression)? {
            Operand::Term(Term::Bool(is_met)) => query.is_never |= !is_met,
            Operand::Says(name, test) => {
                let bound = variables.get_mut(name.as_str());
                let bound = bound.ok_or_else(|| format!("nothing says what ${name} stands for"))?;
                bound.test = Some(match bound.test.take() {
                    None => test,
                    Some(first) => both(first, test).ok_or_else(|| mixed(&name))?,
                });
            }
            _ => return Err(format!("`{expression}` says nothing")),
        }
    }
    for bound in variables.into_values() {
        query.ask(bound.fact, bound.test)?;
    }
    Ok(query)
}

fn fact(predicate: &Predicate) -> Result<(Fact, &Term), Refusal> {
    let unknown =
        || format!("{predicate} is none of operation, object, tag, type, time and uses, with one term");
    let fact = Fact::named(&predicate.name).ok_or_else(unknown)?;
    match predicate.terms.as_slice() {
        [term] => Ok((fact, term)),
        _ => Err(unknown()),
    }
}

impl Query {
    /// Adds that there is such a fact, and what is said of it.
    fn ask(&mut self, fact: Fact, test: Option<Test>) -> Result<(), Refusal> {
        let condition = &mut self.condition;
        let wrong = || format!("this cannot be said of {}", fact.name());
        match (fact, test) {
            (Fact::Operation, None) | (Fact::Time, None) => {}
            (Fact::Operation, Some(Test::Names(names))) => {
                for name in names.names() {
                    vocabulary::operation(name).ok_or_else(|| format!("{name:?} is no operation"))?;
                }
                condition.operation = condition.operation.clone().and(names);
            }
            (Fact::Type, test) => {
                let names = names(test).ok_or_else(wrong)?;
                for name in names.names() {
                    let mut types = vocabulary::types();
                    types.find(|(_, known)| known == name).ok_or_else(|| format!("{name:?} is no type"))?;
                }
                narrow(&mut condition.object_type, names);
            }
            (Fact::Object, test) => narrow(&mut condition.object, names(test).ok_or_else(wrong)?),
            (Fact::Tag, Some(Test::Names(Values::Only(names)))) => condition.tags.push(names),
            (Fact::Tag, _) => return Err("which tag, has to be said by the tags that it may be".to_owned()),
            (Fact::Time, Some(Test::Time(span))) => condition.time = condition.time.and(span),
            (Fact::Uses, Some(Test::Number(Span { from: i64::MIN, to }))) => {
                self.uses = Some(self.uses.map_or(to, |uses| uses.min(to)));
            }
            (Fact::Uses, _) => return Err("of uses it is said how many there may be at most".to_owned()),
            _ => return Err(wrong()),
        }
        Ok(())
    }
}

fn names(test: Option<Test>) -> Option<Values> {
    match test {
        None => Some(Values::all()),
        Some(Test::Names(names)) => Some(names),
        Some(_) => None,
    }
}

fn narrow(known: &mut Option<Values>, by: Values) {
    *known = Some(match known.take() {
        None => by,
        Some(known) => known.and(by),
    });
}

fn both(left: Test, right: Test) -> Option<Test> {
    Some(match (left, right) {
        (Test::Names(left), Test::Names(right)) => Test::Names(left.and(right)),
        (Test::Time(left), Test::Time(right)) => Test::Time(left.and(right)),
        (Test::Number(left), Test::Number(right)) => Test::Number(left.and(right)),
        _ => return None,
    })
}

fn mixed(name: &str) -> Refusal {
    format!("${name} is compared with values of several types")
}

/// What stands between the operators of an expression.
enum Operand<'e> {
    Variable(&'e str),
    Term(Term),
    /// What is said of a variable.
    Says(String, Test),
    /// The right side of `&&` and `||`.
    Later(&'e [Op]),
}

fn value(expression: &Expression) -> Result<Operand<'_>, Refusal> {
    result(&expression.ops).map_err(|why| format!("`{expression}`: {why}"))
}

/// What operators in reverse Polish notation come to.
fn result(ops: &[Op]) -> Result<Operand<'_>, Refusal> {
    let mut stack = Vec::new();
    let broken = || "it cannot be read".to_owned();
    for op in ops {
        let operand = match op {
            Op::Value(Term::Variable(name)) => Operand::Variable(name),
            Op::Value(term) => Operand::Term(term.clone()),
            Op::Closure(parameters, ops) if parameters.is_empty() => Operand::Later(ops),
            Op::Closure(..) => return Err("functions are not supported".to_owned()),
            Op::Unary(operator) => unary(operator, stack.pop().ok_or_else(broken)?)?,
            Op::Binary(operator) => {
                let right = stack.pop().ok_or_else(broken)?;
                binary(operator, stack.pop().ok_or_else(broken)?, right)?
            }
        };
        stack.push(operand);
    }
    match stack.pop() {
        Some(result) if stack.is_empty() => Ok(result),
        _ => Err(broken()),
    }
}

fn unary<'e>(operator: &Unary, operand: Operand<'e>) -> Result<Operand<'e>, Refusal> {
    match (operator, operand) {
        (Unary::Parens, operand) => Ok(operand),
        (Unary::Negate, Operand::Says(name, Test::Names(names))) => {
            Ok(Operand::Says(name, Test::Names(names.inverted())))
        }
        (Unary::Negate, Operand::Term(Term::Bool(is_met))) => Ok(Operand::Term(Term::Bool(!is_met))),
        _ => Err("this operator is not supported here".to_owned()),
    }
}

fn binary<'e>(operator: &Binary, left: Operand<'e>, right: Operand<'e>) -> Result<Operand<'e>, Refusal> {
    let unsupported = || "this operator is not supported here".to_owned();
    match (left, right) {
        (left, Operand::Later(ops)) => match operator {
            Binary::LazyAnd | Binary::LazyOr => binary(operator, left, result(ops)?),
            _ => Err(unsupported()),
        },
        (Operand::Says(one, first), Operand::Says(other, second)) => {
            if one != other {
                return Err("it is about several things; write alternatives with `or`".to_owned());
            }
            let test = match operator {
                Binary::And | Binary::LazyAnd => both(first, second).ok_or_else(|| mixed(&one))?,
                Binary::Or | Binary::LazyOr => match (first, second) {
                    (Test::Names(first), Test::Names(second)) => Test::Names(first.or(second)),
                    _ => return Err(unsupported()),
                },
                _ => return Err(unsupported()),
            };
            Ok(Operand::Says(one, test))
        }
        (Operand::Variable(name), Operand::Term(term)) => {
            let test = comparison(operator, &term).ok_or_else(unsupported)?;
            Ok(Operand::Says(name.to_owned(), test))
        }
        (Operand::Term(term), Operand::Variable(name)) => {
            let test = match operator {
                Binary::Contains => members(&term).map(Test::Names),
                other => mirrored(other).and_then(|mirrored| comparison(&mirrored, &term)),
            };
            Ok(Operand::Says(name.to_owned(), test.ok_or_else(unsupported)?))
        }
        _ => Err(unsupported()),
    }
}

/// What `$variable OPERATOR term` says.
fn comparison(operator: &Binary, term: &Term) -> Option<Test> {
    match term {
        Term::Str(text) => Some(Test::Names(match operator {
            Binary::Equal | Binary::HeterogeneousEqual => Values::one(text),
            Binary::NotEqual | Binary::HeterogeneousNotEqual => Values::one(text).inverted(),
            _ => return None,
        })),
        Term::Date(date) => span(operator, i64::try_from(*date).ok()?).map(Test::Time),
        Term::Integer(number) => span(operator, *number).map(Test::Number),
        _ => None,
    }
}

fn span(operator: &Binary, number: i64) -> Option<Span> {
    Some(match operator {
        Binary::LessThan => Span::below(number),
        Binary::LessOrEqual => Span { to: number, ..Span::ALL },
        Binary::GreaterThan => Span::above(number),
        Binary::GreaterOrEqual => Span { from: number, ..Span::ALL },
        _ => return None,
    })
}

/// The operator that says the same with its sides exchanged.
fn mirrored(operator: &Binary) -> Option<Binary> {
    Some(match operator {
        Binary::LessThan => Binary::GreaterThan,
        Binary::LessOrEqual => Binary::GreaterOrEqual,
        Binary::GreaterThan => Binary::LessThan,
        Binary::GreaterOrEqual => Binary::LessOrEqual,
        Binary::Equal | Binary::HeterogeneousEqual | Binary::NotEqual | Binary::HeterogeneousNotEqual => {
            operator.clone()
        }
        _ => return None,
    })
}

/// The texts in a set or an array.
fn members(term: &Term) -> Option<Values> {
    let text = |term: &Term| match term {
        Term::Str(text) => Some(text.clone()),
        _ => None,
    };
    let texts: Option<BTreeSet<String>> = match term {
        Term::Set(terms) => terms.iter().map(text).collect(),
        Term::Array(terms) => terms.iter().map(text).collect(),
        _ => None,
    };
    texts.map(Values::Only)
}
