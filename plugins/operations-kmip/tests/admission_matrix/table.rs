//! What the specification says of every operation on an object: who may call it, and in which states. The tests of the
//! operations run it in the engine, those of the server over HTTP.

// Each of them needs a part of it.
#![allow(dead_code)]

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::objects::{Certificate, Key, ManagedObject};
use claviger_plugin_sdk::kmip::payloads::access::{
    CHANGE_OWNER, EXPLAIN, GRANT, LIST_RIGHTS, OBTAINED, OWNED, PURGE, REVOKE_RIGHT,
};
use claviger_plugin_sdk::kmip::payloads::encapsulation::{DECAPSULATE, ENCAPSULATE};
use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateType, RevocationReasonCode};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;
use claviger_plugin_sdk::testkit::RecordBuilder;

use super::requests::*;

/// How far a call gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Past admission, whatever the operation says then.
    Past,
    /// As if there were no object.
    NotFound,
    /// The caller may know of the object and not do this.
    Denied,
    /// The state does not allow it.
    WrongState,
    /// The object is destroyed.
    Destroyed,
    /// The object is archived.
    Archived,
    /// The identifier belongs to an object.
    Taken,
    /// The caller proves nobody.
    Nobody,
}

impl Outcome {
    /// How far a call got that failed for this reason.
    pub(crate) fn of(reason: ResultReason) -> Self {
        match reason {
            ResultReason::OBJECT_NOT_FOUND | ResultReason::WRAPPING_OBJECT_NOT_FOUND => NotFound,
            ResultReason::PERMISSION_DENIED => Denied,
            ResultReason::WRONG_KEY_LIFECYCLE_STATE => WrongState,
            ResultReason::OBJECT_DESTROYED | ResultReason::WRAPPING_OBJECT_DESTROYED => Destroyed,
            ResultReason::OBJECT_ARCHIVED | ResultReason::WRAPPING_OBJECT_ARCHIVED => Archived,
            ResultReason::OBJECT_ALREADY_EXISTS => Taken,
            _ => Past,
        }
    }
}

use Outcome::{Archived, Denied, Destroyed, NotFound, Past, Taken, WrongState};

/// Pre-Active, Active, Deactivated, Compromised, Destroyed, Destroyed Compromised.
pub(crate) type ByState = [Outcome; 6];

pub(crate) const STATES: [State; 6] = [
    State::PRE_ACTIVE,
    State::ACTIVE,
    State::DEACTIVATED,
    State::COMPROMISED,
    State::DESTROYED,
    State::DESTROYED_COMPROMISED,
];

/// Attributes outlive the object (KMIP 2.1 section 6.1.15), and so do the rights on it.
pub(crate) const ALWAYS: ByState = [Past; 6];
/// The material is there until it is destroyed.
pub(crate) const UNTIL_DESTROYED: ByState = [Past, Past, Past, Past, Destroyed, Destroyed];
/// Applying protection: Active alone (section 4.57).
pub(crate) const PROTECTING: ByState = [WrongState, Past, WrongState, WrongState, Destroyed, Destroyed];
/// Processing what is protected: also Deactivated and Compromised (section 4.57).
pub(crate) const PROCESSING: ByState = [WrongState, Past, Past, Past, Destroyed, Destroyed];

/// Who has to hold which right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// The owner, or holder of a grant for this operation.
    Operation(OperationCode),
    /// The owner alone; holders of other grants are denied.
    Owner,
    /// The owner, or holder of any grant.
    Any,
}

/// What the specification says of one operation on one object.
pub(crate) struct Row {
    /// The operation, and what of it if it has several rows.
    pub(crate) name: &'static str,
    pub(crate) code: OperationCode,
    pub(crate) right: Right,
    pub(crate) by_state: ByState,
    /// What a caller without any right is told.
    pub(crate) stranger: Outcome,
    /// Whether it is the request by which the operation is explained.
    pub(crate) is_usual: bool,
    /// Whether an operator may, who holds no right.
    pub(crate) operator: bool,
    /// Whether it makes objects, which not everybody may.
    pub(crate) makes: bool,
    /// Whether an archived object is let through.
    pub(crate) archived: bool,
    /// The object in place of an AES key.
    pub(crate) object: Option<fn() -> ManagedObject>,
    pub(crate) request: fn(&str) -> Value,
}

impl Row {
    pub(crate) const fn new(
        name: &'static str,
        code: OperationCode,
        by_state: ByState,
        request: fn(&str) -> Value,
    ) -> Self {
        let right = Right::Operation(code);
        Self {
            name,
            code,
            right,
            by_state,
            stranger: NotFound,
            is_usual: true,
            operator: false,
            makes: false,
            archived: false,
            object: None,
            request,
        }
    }

    pub(crate) const fn on(self, object: fn() -> ManagedObject) -> Self {
        Self { object: Some(object), ..self }
    }

    pub(crate) const fn unusual(self) -> Self {
        Self { is_usual: false, ..self }
    }

    const fn for_operators(self) -> Self {
        Self { operator: true, ..self }
    }

    pub(crate) const fn makes_objects(self) -> Self {
        Self { makes: true, ..self }
    }

    pub(crate) const fn also_archived(self) -> Self {
        Self { archived: true, ..self }
    }

    pub(crate) const fn right(self, right: Right) -> Self {
        Self { right, ..self }
    }

    pub(crate) const fn stranger(self, stranger: Outcome) -> Self {
        Self { stranger, ..self }
    }

    /// Whether the grant of a right is enough: with it come others if it is for Get, and the uses of a key as well where
    /// Get implies them.
    pub(crate) fn is_allowed_by(&self, held: OperationCode, get_implies_use: bool) -> bool {
        match self.right {
            Right::Owner => false,
            Right::Any => true,
            Right::Operation(needed) => {
                let is_implied = BY_GET.contains(&needed) || get_implies_use && USES.contains(&needed);
                held == needed || held == OperationCode::GET && is_implied
            }
        }
    }
}

/// What the right to get an object lets one read of it.
const BY_GET: &[OperationCode] =
    &[OperationCode::GET_ATTRIBUTES, OperationCode::GET_ATTRIBUTE_LIST, OperationCode::CHECK];

/// The uses of a key that Get implies on servers that are set up so.
const USES: &[OperationCode] = &[
    OperationCode::ENCRYPT,
    OperationCode::DECRYPT,
    OperationCode::SIGN,
    OperationCode::SIGNATURE_VERIFY,
    OperationCode::MAC,
    OperationCode::MAC_VERIFY,
    OperationCode::DERIVE_KEY,
    OperationCode::EXPORT,
    ENCAPSULATE,
    DECAPSULATE,
];

pub(crate) fn rows() -> Vec<Row> {
    use OperationCode as Op;
    vec![
        // Transition 4 of section 4.57.
        Row::new(
            "Activate",
            Op::ACTIVATE,
            [Past, WrongState, WrongState, WrongState, Destroyed, Destroyed],
            only_id,
        ),
        // Transitions 2, 7 and 9.
        Row::new("Destroy", Op::DESTROY, [Past, WrongState, Past, Past, Destroyed, Destroyed], only_id),
        Row::new("Destroy: remove", Op::DESTROY, [Past, WrongState, Past, Past, Past, Past], remove)
            .unusual()
            .right(Right::Owner),
        // Transition 6.
        Row::new("Revoke: superseded", Op::REVOKE, PROTECTING, |id| {
            revoke(id, RevocationReasonCode::SUPERSEDED)
        }),
        // Transitions 3, 5, 8 and 10.
        Row::new("Revoke: compromised", Op::REVOKE, [Past, Past, Past, WrongState, Past, Destroyed], |id| {
            revoke(id, RevocationReasonCode::KEY_COMPROMISE)
        })
        .unusual(),
        Row::new("Encrypt", Op::ENCRYPT, PROTECTING, with_data),
        Row::new("Decrypt", Op::DECRYPT, PROCESSING, with_data),
        Row::new("Sign", Op::SIGN, PROTECTING, with_data).on(private_key),
        Row::new("Signature Verify", Op::SIGNATURE_VERIFY, PROCESSING, with_signature).on(private_key),
        // A key is replaced until it is destroyed (section 6.1.46); the matrix has only one key of each pair.
        Row::new("Re-key", Op::RE_KEY, UNTIL_DESTROYED, only_id).makes_objects(),
        Row::new("Re-key Key Pair", Op::RE_KEY_KEY_PAIR, UNTIL_DESTROYED, only_private_id)
            .makes_objects()
            .on(private_key),
        // To derive is to apply protection, as the conformance suite of operations has it.
        Row::new("Derive Key", Op::DERIVE_KEY, PROTECTING, derive).makes_objects(),
        Row::new("Encapsulate", ENCAPSULATE, PROTECTING, encapsulate)
            .makes_objects()
            .on(public_key)
            .right(Right::Operation(Op::ENCRYPT)),
        Row::new("Decapsulate", DECAPSULATE, PROCESSING, decapsulate)
            .makes_objects()
            .on(private_key)
            .right(Right::Operation(Op::DECRYPT)),
        // What is given up or compromised is not certified anew.
        Row::new("Certify", Op::CERTIFY, [Past, Past, WrongState, WrongState, Destroyed, Destroyed], only_id)
            .makes_objects()
            .on(public_key),
        Row::new("Re-certify", Op::RE_CERTIFY, [Past, Past, Past, WrongState, Destroyed, Destroyed], only_id)
            .makes_objects()
            .on(certificate),
        Row::new("Validate", Op::VALIDATE, UNTIL_DESTROYED, only_id).on(certificate),
        Row::new("MAC", Op::MAC, PROTECTING, with_data),
        Row::new("MAC Verify", Op::MAC_VERIFY, PROCESSING, with_mac),
        Row::new("Get", Op::GET, UNTIL_DESTROYED, only_id),
        // Wrapping is protection, and takes the right to get the wrapping key.
        Row::new("Get: the wrapping key", Op::GET, PROTECTING, get_wrapped_by).unusual(),
        Row::new("Get: the key that authenticates", Op::GET, PROTECTING, get_authenticated_by).unusual(),
        // Unwrapping processes what was protected.
        Row::new("Import: the unwrapping key", Op::IMPORT, PROCESSING, import_wrapped_by)
            .unusual()
            .makes_objects()
            .right(Right::Operation(Op::GET)),
        Row::new("Import: the key that verifies", Op::IMPORT, PROCESSING, import_authenticated_by)
            .unusual()
            .makes_objects()
            .right(Right::Operation(Op::GET)),
        // A destroyed object is exported without its material (section 6.1.18).
        Row::new("Export", Op::EXPORT, ALWAYS, only_id),
        Row::new("Check", Op::CHECK, UNTIL_DESTROYED, only_id).for_operators(),
        Row::new("Get Attributes", Op::GET_ATTRIBUTES, ALWAYS, only_id).for_operators().also_archived(),
        Row::new("Get Attribute List", Op::GET_ATTRIBUTE_LIST, ALWAYS, only_id)
            .for_operators()
            .also_archived(),
        Row::new("Add Attribute", Op::ADD_ATTRIBUTE, ALWAYS, with_attribute),
        Row::new("Modify Attribute", Op::MODIFY_ATTRIBUTE, ALWAYS, with_attribute),
        Row::new("Set Attribute", Op::SET_ATTRIBUTE, ALWAYS, with_attribute),
        Row::new("Adjust Attribute", Op::ADJUST_ATTRIBUTE, ALWAYS, adjust_attribute),
        Row::new("Delete Attribute", Op::DELETE_ATTRIBUTE, ALWAYS, delete_attribute),
        Row::new("Import: replace", Op::IMPORT, ALWAYS, import)
            .unusual()
            .makes_objects()
            .right(Right::Owner)
            .stranger(Taken),
        // No lease for what is compromised (the case TC-95).
        Row::new(
            "Obtain Lease",
            Op::OBTAIN_LEASE,
            [Past, Past, Past, WrongState, Destroyed, Destroyed],
            only_id,
        )
        .for_operators(),
        Row::new("Get Usage Allocation", Op::GET_USAGE_ALLOCATION, PROTECTING, allocate),
        Row::new("Create Split Key", Op::CREATE_SPLIT_KEY, UNTIL_DESTROYED, split)
            .makes_objects()
            .right(Right::Owner),
        Row::new("Join Split Key", Op::JOIN_SPLIT_KEY, UNTIL_DESTROYED, join)
            .makes_objects()
            .right(Right::Owner),
        Row::new("Archive", Op::ARCHIVE, UNTIL_DESTROYED, only_id),
        Row::new("Recover", Op::RECOVER, UNTIL_DESTROYED, only_id).also_archived(),
        Row::new("Grant", GRANT, ALWAYS, grant).right(Right::Owner).also_archived(),
        Row::new("Revoke Right", REVOKE_RIGHT, ALWAYS, grant).right(Right::Owner).also_archived(),
        Row::new("Change Owner", CHANGE_OWNER, ALWAYS, change_owner)
            .for_operators()
            .right(Right::Owner)
            .also_archived(),
        Row::new("Explain", EXPLAIN, ALWAYS, explain).for_operators().right(Right::Owner).also_archived(),
        Row::new("Explain: oneself", EXPLAIN, ALWAYS, explain_oneself)
            .unusual()
            .for_operators()
            .right(Right::Any)
            .also_archived(),
        Row::new("List Rights", LIST_RIGHTS, ALWAYS, only_id)
            .for_operators()
            .right(Right::Owner)
            .also_archived(),
    ]
}

/// Operations that are about no object that exists.
pub(crate) const NO_OBJECT: &[OperationCode] = &[
    OperationCode::CREATE,
    OperationCode::CREATE_KEY_PAIR,
    OperationCode::REGISTER,
    OperationCode::LOCATE,
    OperationCode::QUERY,
    OperationCode::DISCOVER_VERSIONS,
    OperationCode::RNG_RETRIEVE,
    OperationCode::RNG_SEED,
    OperationCode::HASH,
    OperationCode::INTEROP,
    OperationCode::LOG,
    // About tickets, which are no objects.
    OperationCode::LOGIN,
    OperationCode::LOGOUT,
    OperationCode::DELEGATED_LOGIN,
    OperationCode::PING,
    OperationCode::SET_ENDPOINT_ROLE,
    // About the certificate of the connection; the issuer's key is loaded as any object is.
    OperationCode::RE_PROVISION,
    // About requests of the caller, which are no objects.
    OperationCode::POLL,
    OperationCode::CANCEL,
    OperationCode::PROCESS,
    OperationCode::QUERY_ASYNCHRONOUS_REQUESTS,
    OperationCode::GET_CONSTRAINTS,
    OperationCode::SET_CONSTRAINTS,
    OperationCode::SET_DEFAULTS,
    OWNED,
    OBTAINED,
    PURGE,
];

/// Who calls, and what he holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Owner,
    /// Holds a grant for just this operation.
    Grantee,
    /// Holds a grant for another operation, which implies nothing.
    GranteeOfAnother,
    /// Belongs to a group that holds a grant for just this operation.
    GroupGrantee,
    /// Everyone holds a grant for just this operation.
    Everyone,
    /// Holds a grant for just this operation, and may not make objects.
    NotCreator,
    /// Holds nothing, and is an operator.
    Operator,
    Stranger,
}

pub(crate) const CALLERS: [Caller; 8] = [
    Caller::Owner,
    Caller::Grantee,
    Caller::GranteeOfAnother,
    Caller::GroupGrantee,
    Caller::Everyone,
    Caller::NotCreator,
    Caller::Operator,
    Caller::Stranger,
];

/// The group of the group grantee.
pub(crate) const GROUP: &str = "readers";
/// The operator.
pub(crate) const OPERATOR: &str = "olga";
/// Those who may make objects; the one who may not is not among them.
pub(crate) const CREATORS: [&str; 5] = ["alice", "bob", "carol", OPERATOR, "group:readers"];

impl Caller {
    pub(crate) fn user(self) -> &'static str {
        match self {
            Self::Owner => "alice",
            Self::Grantee | Self::GranteeOfAnother => "bob",
            Self::GroupGrantee => "gwen",
            Self::Stranger | Self::Everyone => "carol",
            Self::NotCreator => "nora",
            Self::Operator => OPERATOR,
        }
    }

    pub(crate) fn groups(self) -> &'static [&'static str] {
        if self == Self::GroupGrantee { &[GROUP] } else { &[] }
    }

    pub(crate) fn holds(self, row: &Row) -> Option<(Subject, OperationCode)> {
        let right = match row.right {
            Right::Operation(code) => code,
            Right::Owner | Right::Any => row.code,
        };
        match self {
            Self::Owner | Self::Stranger | Self::Operator => None,
            Self::Grantee | Self::NotCreator => Some((Subject::User(self.user().into()), right)),
            Self::GranteeOfAnother => Some((Subject::User(self.user().into()), OperationCode::NOTIFY)),
            Self::GroupGrantee => Some((Subject::Group(GROUP.into()), right)),
            Self::Everyone => Some((Subject::Everyone, right)),
        }
    }

    pub(crate) fn expected(self, row: &Row, state: usize) -> Outcome {
        match (self, row.right) {
            (Self::NotCreator, _) if row.makes => Denied,
            (Self::Owner, _) => row.by_state[state],
            (Self::Operator, _) if row.operator => row.by_state[state],
            (Self::Operator | Self::Stranger, _) => row.stranger,
            (_, Right::Any) => row.by_state[state],
            (Self::GranteeOfAnother, _) | (_, Right::Owner) => Denied,
            (_, Right::Operation(_)) => row.by_state[state],
        }
    }
}

/// The object that a row is about.
pub(crate) fn subject(row: &Row, id: &str, state: State) -> RecordBuilder {
    match row.object {
        Some(object) => key(id, state).object(object()),
        None => key(id, state),
    }
}

pub(crate) fn key(id: &str, state: State) -> RecordBuilder {
    let unrestricted = CryptographicUsageMask::UNRESTRICTED.0.cast_signed();
    let key = RecordBuilder::new(id).owner("alice").state(state);
    let key = key.with::<kinds::CryptographicUsageMask>(unrestricted);
    // Time is not to change the state.
    if state == State::PRE_ACTIVE { key.without::<kinds::ActivationDate>() } else { key }
}

/// A private key of an algorithm that no scheme knows.
pub(crate) fn private_key() -> ManagedObject {
    ManagedObject::PrivateKey(unknown_key())
}

/// A public key of an algorithm that no scheme knows.
pub(crate) fn public_key() -> ManagedObject {
    ManagedObject::PublicKey(unknown_key())
}

pub(crate) fn unknown_key() -> Key {
    let mut key_block = RecordBuilder::new("any").build().object.key_block().unwrap().clone();
    key_block.cryptographic_algorithm = Some(CryptographicAlgorithm::MCELIECE);
    Key { key_block }
}

/// A certificate that no scheme reads.
pub(crate) fn certificate() -> ManagedObject {
    ManagedObject::Certificate(Certificate {
        certificate_type: CertificateType::X_509,
        certificate_value: vec![1].into(),
    })
}
