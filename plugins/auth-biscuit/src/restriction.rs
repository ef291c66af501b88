//! What a token narrows, as the engine applies it.

use std::sync::Arc;

use claviger_plugin_sdk::authentication::{Principal, Restriction};
use claviger_plugin_sdk::clock::Clock;
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::{BoxFuture, Error, Result};

use crate::caveat::{Caveat, all_of, everything, nothing};
use crate::operations::REVOKE_TOKEN;
use crate::span::Span;
use crate::token::{Block, Token};
use crate::vocabulary::operation_name;
use crate::{revocation, uses};

/// The caveats of a token, and what its blocks count.
pub(crate) struct TokenRestriction {
    caveats: Vec<Caveat>,
    blocks: Vec<Block>,
    clock: Arc<dyn Clock>,
}

impl TokenRestriction {
    /// The principal of a token, narrowed to what the token allows.
    ///
    /// # Errors
    /// The token is over, or not yet good. The text is for the log.
    pub(crate) fn principal(token: Token, clock: &Arc<dyn Clock>) -> std::result::Result<Principal, String> {
        let mut principal = token.principal();
        let restriction = Self { caveats: token.caveats, blocks: token.blocks, clock: clock.clone() };
        if !restriction.span().contains(seconds(clock.now_millis())) {
            return Err("its time is over, or has not come".to_owned());
        }
        principal.restriction = Some(Arc::new(restriction));
        Ok(principal)
    }

    /// When it is good.
    fn span(&self) -> Span {
        span(&self.caveats)
    }

    fn now(&self) -> i64 {
        seconds(self.clock.now_millis())
    }
}

/// When a token with these caveats is good for anything, as far as they say so for all operations alike.
pub(crate) fn span(caveats: &[Caveat]) -> Span {
    caveats.iter().map(Caveat::span).fold(Span::ALL, Span::and)
}

fn seconds(millis: i64) -> i64 {
    millis.div_euclid(1_000)
}

impl Restriction for TokenRestriction {
    fn allows(&self, operation: OperationCode) -> bool {
        self.objects(operation) != nothing() || self.without_objects(operation)
    }

    fn objects(&self, operation: OperationCode) -> Filter {
        if operation == REVOKE_TOKEN {
            return everything();
        }
        let (operation, now) = (operation_name(operation), self.now());
        all_of(self.caveats.iter().map(|caveat| caveat.filter(&operation, now)))
    }

    fn without_objects(&self, operation: OperationCode) -> bool {
        // A token can always be given back.
        if operation == REVOKE_TOKEN {
            return true;
        }
        let (operation, now) = (operation_name(operation), self.now());
        self.caveats.iter().all(|caveat| caveat.without_objects(&operation, now))
    }

    fn holds_until(&self, operation: OperationCode) -> Option<i64> {
        let (operation, now) = (operation_name(operation), self.now());
        let until = self.caveats.iter().map(|caveat| caveat.holds_until(&operation, now)).min();
        until.filter(|until| *until != i64::MAX)
    }

    fn begin<'a>(&'a self, cx: &'a mut CredentialContext<'_>, items: usize) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if !self.span().contains(seconds(cx.now_millis())) {
                return Err(refused("a token whose time is over"));
            }
            for block in &self.blocks {
                if revocation::is_revoked(cx, &block.document()).await? {
                    return Err(refused("a token that was revoked"));
                }
            }
            let counted = self.blocks.iter().rev().filter_map(|block| {
                let most = block.uses?;
                Some(uses::Counter { document: block.document(), most, span: block.span })
            });
            let items = i64::try_from(items).unwrap_or(i64::MAX);
            uses::take(cx, &counted.collect::<Vec<_>>(), items).await
        })
    }
}

/// The client is not told what is wrong; the log is.
pub(crate) fn refused(why: &'static str) -> Error {
    Error::unproven().because(format!("refused by {}: {why}", crate::NAME))
}
