//! The operations on tokens. KMIP has none for tokens of this kind, so they have extension codes.
//!
//! | operation | code | what it does |
//! |---|---|---|
//! | Mint Token | 0x80000C01 | gives the caller a token that acts as he |
//! | Revoke Token | 0x80000C02 | ends a token and all that were made from it; for whoever has it |
//! | Revoke Token Identifier | 0x80000C03 | the same by a revocation identifier; for operators |

use std::sync::Arc;

use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::kmip::payloads::Ticket;
use claviger_plugin_sdk::kmip::tables::enumerations::TicketType;
use claviger_plugin_sdk::prelude::*;

use crate::attenuation::Attenuation;
use crate::configuration::Configuration;
use crate::restriction::span;
use crate::span::Span;
use crate::token::{self, Token};
use crate::{mint, moment, revocation, vocabulary};

/// The code of Mint Token.
pub const MINT_TOKEN: OperationCode = OperationCode(0x8000_0C01);
/// The code of Revoke Token.
pub const REVOKE_TOKEN: OperationCode = OperationCode(0x8000_0C02);
/// The code of Revoke Token Identifier.
pub const REVOKE_TOKEN_IDENTIFIER: OperationCode = OperationCode(0x8000_0C03);

/// The type of a ticket that is such a token: its value is the token in bytes.
pub const TICKET_TYPE: TicketType = TicketType(0x8000_0C01);

structure! {
    /// What a token is to be good for: everything that the caller may do, where nothing is said.
    pub struct MintTokenRequest {
        /// For how long.
        lifetime: Option<Interval> = LEASE_TIME,
        /// One of these operations.
        operation: Vec<OperationCode> = OPERATION,
        /// On one of these objects.
        object: Vec<String> = UNIQUE_IDENTIFIER,
        /// On objects that have all of these tags.
        tag: Vec<String> = COMMENT,
        /// On objects of one of these types.
        object_type: Vec<ObjectType> = OBJECT_TYPE,
        /// So many operations.
        uses: Option<i64> = USAGE_LIMITS_COUNT,
    }
}

structure! {
    /// A token.
    pub struct MintTokenResponse {
        /// The token.
        ticket: Ticket = TICKET,
        /// When it ends.
        until: DateTime = VALIDITY_DATE,
    }
}

structure! {
    /// The token that is to end.
    pub struct RevokeTokenRequest {
        /// The token.
        ticket: Ticket = TICKET,
    }
}

structure! {
    /// The tokens that are to end.
    pub struct RevokeTokenIdentifierRequest {
        /// The revocation identifier of one of their blocks.
        identifier: ByteString = TICKET_VALUE,
    }
}

struct MintToken;

register_operation!(MintToken);

impl Operation for MintToken {
    type Request = MintTokenRequest;
    type Response = MintTokenResponse;

    const NAME: &'static str = "MintToken";
    const SPEC: OperationSpec = OperationSpec {
        code: MINT_TOKEN,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &MintTokenRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: MintTokenRequest) -> Result<MintTokenResponse> {
        let configured = configured(cx)?;
        let mint = configured.as_ref().and_then(|configured| configured.mint.as_ref());
        let mint = mint.ok_or_else(|| Error::unsupported("this server has no root key that makes tokens"))?;
        let caller = cx.principal();
        // What narrows the caller would not narrow the token, and a ticket must not outlive itself as one.
        let by_ticket = caller.proven_by.as_deref() == Some(Principal::BY_TICKET);
        let is_narrowed = caller.restriction.is_some() || by_ticket;
        if is_narrowed || caller.proven_by.is_none() {
            return Err(Error::denied(
                "a token is given for credentials that allow everything; narrow the token that you have yourself",
            ));
        }
        if caller.bound {
            return Err(Error::denied(
                "a token is good on every connection; none is given for a credential that is bound to some",
            ));
        }
        let lifetime = request.lifetime.map_or(mint.lifetime, |lifetime| i64::from(lifetime.0));
        if !(1..=mint.longest).contains(&lifetime) {
            return Err(Error::invalid(format!("a token is good for 1 to {} seconds", mint.longest)));
        }
        let until = cx.now().0.saturating_add(lifetime);
        let narrowed = Attenuation {
            operations: request.operation.into_iter().map(vocabulary::operation_name).collect(),
            objects: request.object,
            tags: request.tag,
            types: request.object_type.into_iter().map(type_name).collect::<Result<_>>()?,
            until: Some(until),
            uses: request.uses,
        };
        let minted = mint::token(mint, &caller.user, &caller.groups, &narrowed)?;
        // An operator who wants to end it does not have it.
        let revocation_id = hex::encode(&minted.revocation_id);
        tracing::info!(user = ?caller.user, until = %moment::text(until), revocation_id, "a token was made");
        cx.audit_detail(REVOCATION_ID, revocation_id);
        let ticket = Ticket { ticket_type: TICKET_TYPE, ticket_value: minted.token.into() };
        Ok(MintTokenResponse { ticket, until: DateTime(until) })
    }
}

/// What the server has read when it started. Elsewhere, as in tools, it is read now; what is wrong with it then is not for the
/// client.
fn configured(cx: &Context<'_>) -> Result<Option<Arc<Configuration>>> {
    let configured = Configuration::of(cx.catalogue().settings());
    configured.map_err(|error| Error::server("the root keys of tokens cannot be read").because(error))
}

fn type_name(object_type: ObjectType) -> Result<String> {
    let known = vocabulary::types().find(|(known, _)| *known == object_type);
    let known = known.ok_or_else(|| Error::invalid(format!("{object_type:?} is no object type")))?;
    Ok(known.1.to_owned())
}

struct RevokeToken;

register_operation!(RevokeToken);

impl Operation for RevokeToken {
    type Request = RevokeTokenRequest;
    type Response = Empty;

    const NAME: &'static str = "RevokeToken";
    const SPEC: OperationSpec = OperationSpec {
        code: REVOKE_TOKEN,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &RevokeTokenRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: RevokeTokenRequest) -> Result<Empty> {
        let unknown = |why: String| {
            let reason = ResultReason::INVALID_TICKET;
            Error::new(reason, ErrorClass::Request, "this is no token of this server").because(why)
        };
        let configured = configured(cx)?.ok_or_else(|| unknown("there are no root keys".to_owned()))?;
        let token = Token::verify(&request.ticket.ticket_value, &configured.keys).map_err(unknown)?;
        let last = token.blocks.last().ok_or_else(|| unknown("it has no block".to_owned()))?;
        cx.audit_detail(REVOCATION_ID, hex::encode(&last.revocation_id));
        revocation::revoke(cx, &last.document(), span(&token.caveats)).await?;
        Ok(Empty {})
    }
}

struct RevokeTokenIdentifier;

register_operation!(RevokeTokenIdentifier);

/// What audit records call the identifier of a token that was made or ended.
const REVOCATION_ID: &str = "revocation_id";

/// Bytes of a revocation identifier, which is a signature by Ed25519.
const IDENTIFIER: usize = 64;

impl Operation for RevokeTokenIdentifier {
    type Request = RevokeTokenIdentifierRequest;
    type Response = Empty;

    const NAME: &'static str = "RevokeTokenIdentifier";
    const SPEC: OperationSpec = OperationSpec {
        code: REVOKE_TOKEN_IDENTIFIER,
        since: ProtocolVersion::V2_1,
        access: Access::Operator,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &RevokeTokenIdentifierRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: RevokeTokenIdentifierRequest) -> Result<Empty> {
        if request.identifier.len() != IDENTIFIER {
            return Err(Error::invalid(format!("a revocation identifier has {IDENTIFIER} bytes")));
        }
        cx.audit_detail(REVOCATION_ID, hex::encode(&request.identifier));
        // How long the token is good is not known here.
        revocation::revoke(cx, &token::document(&request.identifier), Span::ALL).await?;
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    fn ticket() -> Ticket {
        Ticket { ticket_type: TICKET_TYPE, ticket_value: vec![1].into() }
    }

    mod mint {
        use super::*;

        operation_conformance!(
            MintToken,
            MintTokenRequest {
                lifetime: Some(Interval(60)),
                operation: vec![OperationCode::GET],
                object: vec!["k".into()],
                tag: vec!["t".into()],
                object_type: vec![ObjectType::SYMMETRIC_KEY],
                uses: Some(1),
            },
        );
    }

    mod revoke {
        use super::*;

        operation_conformance!(RevokeToken, RevokeTokenRequest { ticket: ticket() },);
    }

    mod revoke_identifier {
        use super::*;

        operation_conformance!(
            RevokeTokenIdentifier,
            RevokeTokenIdentifierRequest { identifier: vec![7; IDENTIFIER].into() },
        );
    }
}
