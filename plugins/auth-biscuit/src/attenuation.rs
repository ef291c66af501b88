//! What a token is narrowed to, as options of commands and requests say it.

use biscuit_auth::builder::{
    Binary, Check, CheckKind, Expression, Op, Predicate, Rule, Term, pred, string, var,
};
use biscuit_auth::{BlockBuilder, builder};
use claviger_plugin_sdk::{Error, Result};

use crate::token::Token;
use crate::vocabulary::{self, Fact};
use crate::{form, token};

/// Things that it may name.
const MOST: usize = 256;

/// What narrows a token. What is left empty narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attenuation {
    /// One of these operations, named like `GetAttributes`; a vendor's like `0x80000A01`.
    pub operations: Vec<String>,
    /// On one of these objects, by their identifiers.
    pub objects: Vec<String>,
    /// On objects that have all of these tags.
    pub tags: Vec<String>,
    /// On objects of one of these types, named like `SymmetricKey`.
    pub types: Vec<String>,
    /// Before this time, in seconds since 1970.
    pub until: Option<i64>,
    /// So many operations.
    pub uses: Option<i64>,
}

impl Attenuation {
    /// Adds its checks to a block.
    ///
    /// # Errors
    /// Invalid Field: there is no such operation or type; a number or a time is negative; it names too much.
    pub(crate) fn add_to(&self, mut block: BlockBuilder) -> Result<BlockBuilder> {
        let Self { operations, objects, tags, types, until, uses } = self;
        if operations.len() + objects.len() + tags.len() + types.len() > MOST {
            return Err(Error::invalid(format!("a token is narrowed to {MOST} things at most at once")));
        }
        if let Some(wrong) = operations.iter().find(|name| vocabulary::operation(name).is_none()) {
            return Err(Error::invalid(format!(
                "{wrong:?} is no operation; they are named like `GetAttributes`, those of vendors like `0x80000A01`"
            )));
        }
        let is_type = |name: &&String| !vocabulary::types().any(|(_, known)| known == name.as_str());
        if let Some(wrong) = types.iter().find(is_type) {
            return Err(Error::invalid(format!(
                "{wrong:?} is no object type; they are named like `SymmetricKey`"
            )));
        }
        let one_of = [(Fact::Operation, operations), (Fact::Object, objects), (Fact::Type, types)];
        let one_of = one_of.iter().filter(|(_, names)| !names.is_empty());
        let mut checks: Vec<Check> = one_of.map(|(fact, names)| is_one_of(*fact, names)).collect();
        checks.extend(tags.iter().map(|tag| is_one_of(Fact::Tag, std::slice::from_ref(tag))));
        if let Some(until) = until {
            let until = u64::try_from(*until).map_err(|_| Error::invalid("the end is before 1970"))?;
            checks.push(compares(Fact::Time, Binary::LessThan, Term::Date(until)));
        }
        if let Some(uses) = uses {
            if *uses < 1 {
                return Err(Error::invalid("a token has one use at least"));
            }
            checks.push(compares(Fact::Uses, Binary::LessOrEqual, builder::int(*uses)));
        }
        for check in checks {
            block = block.check(check).map_err(not_made)?;
        }
        Ok(block)
    }

    /// Narrows a token further. It needs no key.
    ///
    /// # Errors
    /// Invalid Field: the text is no token, or one that cannot be narrowed; as for the options.
    pub fn narrow(&self, text: &str) -> Result<String> {
        if *self == Self::default() {
            return Err(Error::invalid("say what the token is narrowed to"));
        }
        let wrong = |why: String| Error::invalid(format!("the token is no good: {why}"));
        let bytes = form::decode(text.trim()).map_err(|why| wrong(why.to_owned()))?;
        let token = token::parsed(&bytes).map_err(wrong)?;
        let block = self.add_to(BlockBuilder::new())?;
        let narrowed = token.append(block).and_then(|token| token.to_vec());
        let narrowed = narrowed.map_err(|error| wrong(error.to_string()))?;
        // A token that the server would refuse is not made.
        let token = token::parsed(&narrowed).map_err(wrong)?;
        Token::unverified(&token).map_err(wrong)?;
        Ok(form::encode(&narrowed))
    }
}

/// `check if fact("a") or fact("b")`.
fn is_one_of(fact: Fact, names: &[String]) -> Check {
    let alternatives = names.iter().map(|name| alternative(pred(fact.name(), &[string(name)]), Vec::new()));
    Check { queries: alternatives.collect(), kind: CheckKind::One }
}

/// `check if fact($value), $value OPERATOR term`.
fn compares(fact: Fact, operator: Binary, term: Term) -> Check {
    let ops = vec![Op::Value(var("value")), Op::Value(term), Op::Binary(operator)];
    let query = alternative(pred(fact.name(), &[var("value")]), vec![Expression { ops }]);
    Check { queries: vec![query], kind: CheckKind::One }
}

fn alternative(predicate: Predicate, expressions: Vec<Expression>) -> Rule {
    let head: &[Term] = &[];
    Rule::new(pred("query", head), vec![predicate], expressions, Vec::new())
}

/// The library refuses nothing that is made here.
pub(crate) fn not_made(error: biscuit_auth::error::Token) -> Error {
    Error::server("the token was not made").because(error.to_string())
}
