//! A token whose signatures are verified, read block by block.

use biscuit_auth::UnverifiedBiscuit;
use biscuit_auth::builder::{Check, Convert as _, Fact, Term};
use biscuit_auth::datalog::SymbolTable;
use biscuit_auth::format::convert;
use biscuit_auth::format::schema::{self, public_key::Algorithm};
use claviger_plugin_sdk::authentication::Principal;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::caveat::Caveat;
use crate::datalog::{self, Meaning};
use crate::form;
use crate::keys::RootKeys;
use crate::restriction;
use crate::span::Span;

/// Blocks that a token may have, the first one included.
const BLOCKS: usize = 16;
/// Checks that a token may have.
const CHECKS: usize = 256;
/// Letters that a name may have.
const NAME_LENGTH: usize = 255;
/// Groups that a token may name.
const GROUPS: usize = 256;

/// What a token says. Whatever it is made with, its signatures are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// As whom it acts.
    pub(crate) user: String,
    /// The groups of the user.
    pub(crate) groups: Vec<String>,
    /// What narrows it.
    pub(crate) caveats: Vec<Caveat>,
    /// Its blocks, the first first.
    pub(crate) blocks: Vec<Block>,
}

/// One block: what can be revoked and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Its revocation identifier, which is its signature.
    pub(crate) revocation_id: Vec<u8>,
    /// How often tokens with it may be used.
    pub(crate) uses: Option<i64>,
    /// When all tokens with it are over, by what it and the blocks before it say. Blocks behind it only say less.
    pub(crate) span: Span,
}

impl Block {
    /// The name of what servers keep about it.
    pub(crate) fn document(&self) -> String {
        document(&self.revocation_id)
    }
}

/// The name of what servers keep about the block with a revocation identifier.
pub(crate) fn document(revocation_id: &[u8]) -> String {
    hex::encode(Sha256::digest(revocation_id))
}

impl Token {
    /// Verifies and reads a token.
    ///
    /// # Errors
    /// It is none, no root key has signed it, or it says what cannot be applied. The text is for the log.
    pub(crate) fn verify(bytes: &[u8], keys: &RootKeys) -> Result<Self, String> {
        let token = parsed(bytes)?;
        let token =
            token.verify(|id| keys.get(id)).map_err(|error| format!("its signature is no good: {error}"))?;
        let ids = token.revocation_identifiers();
        Self::read(&token.container().to_proto(), ids)
    }

    /// Reads a token that nobody has verified: it proves nothing.
    ///
    /// # Errors
    /// It says what cannot be applied.
    pub(crate) fn unverified(token: &UnverifiedBiscuit) -> Result<Self, String> {
        let bytes = token.to_vec().map_err(|error| error.to_string())?;
        let decoded = schema::Biscuit::decode(&*bytes).map_err(|error| error.to_string())?;
        Self::read(&decoded, token.revocation_identifiers())
    }

    fn read(token: &schema::Biscuit, ids: Vec<Vec<u8>>) -> Result<Self, String> {
        let (authority, blocks) = contents(token)?;
        let mut read =
            Self { user: String::new(), groups: Vec::new(), caveats: Vec::new(), blocks: Vec::new() };
        read.identity(&authority.facts)?;
        let checks = std::iter::once(&authority.checks).chain(blocks.iter().map(|block| &block.checks));
        if checks.clone().map(Vec::len).sum::<usize>() > CHECKS {
            return Err(format!("it has more than {CHECKS} checks"));
        }
        for (checks, revocation_id) in checks.zip(ids) {
            let mut uses: Option<i64> = None;
            for check in checks {
                match datalog::read(check).map_err(|why| format!("`{check}`: {why}"))? {
                    Meaning::Caveat(caveat) => read.caveats.push(caveat),
                    Meaning::Uses(most) => uses = Some(uses.map_or(most, |uses| uses.min(most))),
                }
            }
            let span = restriction::span(&read.caveats);
            read.blocks.push(Block { revocation_id, uses, span });
        }
        if blocks.iter().any(|block| !block.facts.is_empty()) {
            return Err("facts in other blocks than the first are not supported".to_owned());
        }
        Ok(read)
    }

    /// Who it is about, by the facts of the first block.
    fn identity(&mut self, facts: &[Fact]) -> Result<(), String> {
        for fact in facts {
            let name = match fact.predicate.terms.as_slice() {
                [Term::Str(name)] if is_name(name) => name.clone(),
                _ => return Err(format!("{fact} names nobody")),
            };
            match fact.predicate.name.as_str() {
                "user" if self.user.is_empty() => self.user = name,
                "user" => return Err("it names two users".to_owned()),
                "group" => self.groups.push(name),
                _ => return Err(format!("{fact} is not known")),
            }
        }
        match (self.user.is_empty(), self.groups.len() > GROUPS) {
            (true, _) => Err("it names no user".to_owned()),
            (_, true) => Err(format!("it names more than {GROUPS} groups")),
            _ => Ok(()),
        }
    }

    /// As whom it acts, with nothing that narrows it.
    pub(crate) fn principal(&self) -> Principal {
        let groups: Vec<&str> = self.groups.iter().map(String::as_str).collect();
        Principal::new(&self.user, &groups, Some(crate::NAME))
    }
}

/// The token of these bytes, before its signatures are verified.
///
/// # Errors
/// It is none, or of a kind that is refused whoever signed it. The text is for the log.
pub(crate) fn parsed(bytes: &[u8]) -> Result<UnverifiedBiscuit, String> {
    if bytes.len() > form::LONGEST {
        return Err("it is too long".to_owned());
    }
    let token = UnverifiedBiscuit::from(bytes).map_err(|error| format!("it cannot be read: {error}"))?;
    if token.block_count() > BLOCKS {
        return Err(format!("it has more than {BLOCKS} blocks"));
    }
    if token.external_public_keys().iter().any(Option::is_some) {
        return Err("blocks of third parties are not supported".to_owned());
    }
    Ok(token)
}

/// What a block has that counts.
struct Content {
    facts: Vec<Fact>,
    checks: Vec<Check>,
}

/// The contents of the first block and of the others.
fn contents(token: &schema::Biscuit) -> Result<(Content, Vec<Content>), String> {
    let mut symbols = SymbolTable::new();
    let authority = content(&token.authority, &mut symbols)?;
    let blocks = token.blocks.iter().map(|block| content(block, &mut symbols)).collect::<Result<_, _>>()?;
    Ok((authority, blocks))
}

/// The content of a block, which knows the names of those before it.
fn content(signed: &schema::SignedBlock, symbols: &mut SymbolTable) -> Result<Content, String> {
    // Signatures of other kinds can be changed without being broken, and with them revocation identifiers.
    if signed.next_key.algorithm != Algorithm::Ed25519 as i32 {
        return Err("keys of other kinds than Ed25519 are not supported".to_owned());
    }
    let broken = |error: &dyn std::fmt::Display| format!("a block cannot be read: {error}");
    let block = schema::Block::decode(&*signed.block).map_err(|error| broken(&error))?;
    if !block.rules.is_empty() {
        return Err("rules are not supported".to_owned());
    }
    // Facts are those of the request alone. Whoever names blocks to trust has others in mind.
    let mut queries = block.checks.iter().flat_map(|check| &check.queries);
    if !block.scope.is_empty() || queries.any(|query| !query.scope.is_empty()) {
        return Err("`trusting` is not supported".to_owned());
    }
    // What its version does not allow, which is nothing that is looked at below.
    convert::proto_block_to_token_block(&block, None).map_err(|error| broken(&error))?;
    let names = SymbolTable::from(block.symbols).map_err(|error| broken(&error))?;
    symbols.extend(&names).map_err(|error| broken(&error))?;
    let version = block.version.unwrap_or(0);
    let facts = block.facts.iter().map(|fact| {
        let fact = convert::proto_fact_to_token_fact(fact)?;
        Fact::convert_from(&fact, symbols)
    });
    let facts = facts.collect::<Result<_, _>>().map_err(|error| broken(&error))?;
    let checks = block.checks.iter().map(|check| {
        let check = convert::proto_check_to_token_check(check, version)?;
        Check::convert_from(&check, symbols)
    });
    let checks = checks.collect::<Result<_, _>>().map_err(|error| broken(&error))?;
    Ok(Content { facts, checks })
}

/// Whether somebody may be called so. `*` stands for everyone.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "*" && name.chars().count() <= NAME_LENGTH && !name.contains(char::is_control)
}
