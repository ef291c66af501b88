//! Derive Key, by a method that is made up.

use std::sync::Arc;

use claviger_plugin_sdk::inventory;
use claviger_plugin_sdk::kmip::attributes::{Attributes, Link, NewAttribute, UsageLimits, kinds};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::payloads::{
    DerivationParameters, DeriveKeyRequest, DeriveKeyResponse, GetRequest, GetResponse, SetAttributeRequest,
    SetAttributeResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    DerivationMethod, HashingAlgorithm, LinkType, UsageLimitsUnit,
};
use claviger_plugin_sdk::plugin::{Entry, EntryKind};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};

use crate::every_type::password;
use crate::keys::{EVERY_USE, aes, bytes, plainly, raw};
use crate::server::{START, Server};

/// A method that nobody else has.
const XOR: DerivationMethod = DerivationMethod(0x8000_0D01);
/// The bytes that it gives at most.
const MOST: usize = 64;

/// Adds all base keys and the derivation data without carry, over and over.
struct Xor;

inventory::submit! {
    Entry::new("claviger-operations-kmip", EntryKind::Scheme({
        static ENTRY: SchemeEntry = SchemeEntry {
            name: "toy derivation",
            algorithms: &[],
            claims: |_, parameters| parameters.hashing_algorithm.is_none(),
            effective: SchemeEntry::as_asked,
            scheme: Scheme::Derive(XOR, &Xor),
        };
        &ENTRY
    }))
}

impl DeriveScheme for Xor {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, _: &DeriveInput) -> Cost {
        Cost::Heavy
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        if input.length > MOST {
            return Err(Error::cryptographic("the method does not give so many bytes"));
        }
        let mut derived = vec![0; input.length];
        let keys = input.base.iter().map(|base| base.material.symmetric_key().map(|key| key.to_vec()));
        let data = input.parameters.derivation_data.iter().map(|data| Ok(data.to_vec()));
        for bytes in keys.chain(data) {
            let bytes = bytes?;
            for (place, byte) in derived.iter_mut().enumerate() {
                *byte ^= bytes[place % bytes.len()];
            }
        }
        Ok(derived.into())
    }
}

pub(crate) fn derivation(base: &[&str], attributes: Attributes) -> DeriveKeyRequest {
    DeriveKeyRequest {
        object_type: ObjectType::SYMMETRIC_KEY,
        unique_identifier: base.iter().map(|id| UniqueIdentifier::from(*id)).collect(),
        derivation_method: XOR,
        derivation_parameters: DerivationParameters {
            cryptographic_parameters: None,
            initialization_vector: None,
            derivation_data: Vec::new(),
            salt: None,
            iteration_count: None,
        },
        attributes,
    }
}

fn link(link_type: LinkType, id: &str) -> Link {
    Link { link_type, linked_object_identifier: id.into() }
}

fn sensitive() -> Attributes {
    let mut attributes = derives();
    attributes.put::<kinds::Sensitive>(true);
    attributes
}

fn not_extractable() -> Attributes {
    let mut attributes = derives();
    attributes.put::<kinds::Extractable>(false);
    attributes
}

impl Server {
    pub(crate) async fn derive(&self, request: DeriveKeyRequest) -> Result<String> {
        self.derive_as("alice", request).await
    }

    async fn derive_as(&self, user: &str, request: DeriveKeyRequest) -> Result<String> {
        let answer: DeriveKeyResponse = self.run_as(user, OperationCode::DERIVE_KEY, request).await?;
        Ok(answer.unique_identifier)
    }

    async fn set_extractable(&self, user: &str, id: &str) -> Result<SetAttributeResponse> {
        self.set_as(user, id, Tag::EXTRACTABLE, Value::Boolean(true)).await
    }

    async fn note_as(&self, user: &str, id: &str) -> Result<SetAttributeResponse> {
        self.set_as(user, id, Tag::COMMENT, Value::TextString("derived".into())).await
    }

    async fn set_as(&self, user: &str, id: &str, tag: Tag, value: Value) -> Result<SetAttributeResponse> {
        let new_attribute = NewAttribute { tag, value };
        let request = SetAttributeRequest { unique_identifier: Some(id.into()), new_attribute };
        self.run_as(user, OperationCode::SET_ATTRIBUTE, request).await
    }

    async fn not_derived(&self, request: DeriveKeyRequest) -> ResultReason {
        self.derive(request).await.unwrap_err().reason()
    }

    /// An Active key that may be derived from.
    async fn base(&self, key: &[u8]) -> String {
        self.register(raw(key), derives()).await.unwrap()
    }
}

fn derives() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicUsageMask>(0x200);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes
}

#[tokio::test]
async fn a_key_is_derived_from_several_objects_and_linked_to_each() {
    let server = Server::new();
    let one = server.base(&[0x0F; 32]).await;
    let other = server.register(password(&[0xF0; 8]), derives()).await.unwrap();
    let mut request = derivation(&[&one, &other], aes(EVERY_USE));
    request.derivation_parameters.derivation_data = vec![vec![0xAA; 4].into()];
    let id = server.derive(request).await.unwrap();
    // 0F ^ F0 ^ AA.
    assert_eq!(bytes(&server.get(&id).await.unwrap()), [0x55; 32]);
    let attributes = server.attributes(&id).await;
    assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::AES));
    assert_eq!(attributes.one::<kinds::State>(), Some(State::PRE_ACTIVE));
    assert!(attributes.contains(Tag::DIGEST));
    let links: Vec<_> = attributes.all::<kinds::Link>().collect();
    let bases = [&one, &other].map(|id| link(LinkType::DERIVATION_BASE_OBJECT_LINK, id));
    assert_eq!(links, bases);
    for base in [&one, &other] {
        let linked = server.attributes(base).await.one::<kinds::Link>();
        assert_eq!(linked, Some(link(LinkType::DERIVED_KEY_LINK, &id)));
    }
}

#[tokio::test]
async fn what_is_derived_is_as_protected_as_all_that_it_comes_from() {
    let server = Server::new();
    let key = server.base(&[0x0F; 32]).await;
    let protections = [
        (sensitive(), ResultReason::SENSITIVE, [true, true]),
        (not_extractable(), ResultReason::NOT_EXTRACTABLE, [false, false]),
    ];
    for (protection, refused, [is_sensitive, is_extractable]) in protections {
        let secret = server.register(password(&[0xF0; 8]), protection).await.unwrap();
        for base in [&[&*secret][..], &[&key, &secret], &[&secret, &key]] {
            let mut asked = aes(EVERY_USE);
            asked.put::<kinds::Sensitive>(false);
            asked.put::<kinds::Extractable>(true);
            let id = server.derive(derivation(base, asked)).await.unwrap();
            assert_eq!(server.get(&id).await.unwrap_err().reason(), refused);
            let inherited = server.attributes(&id).await;
            assert_eq!(inherited.one::<kinds::Sensitive>(), Some(is_sensitive));
            assert_eq!(inherited.one::<kinds::Extractable>(), Some(is_extractable));
            // The key, which was neither, may be known outside, and what is derived from it with it.
            let of_secret_alone = base.len() == 1;
            let always = inherited.one::<kinds::AlwaysSensitive>();
            assert_eq!(always, Some(is_sensitive && of_secret_alone));
            let never = inherited.one::<kinds::NeverExtractable>();
            assert_eq!(never, Some(!is_extractable && of_secret_alone));
            // All of it is alice's, who may say otherwise later, as for what she derived it from.
            server.set_extractable("alice", &id).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_somebody_derives_from_anothers_protected_key_never_leaves() {
    let server = Server::new();
    for protection in [sensitive(), not_extractable()] {
        let base = server.register(raw(&[0x0F; 32]), protection).await.unwrap();
        server.grant(&base, "bob", OperationCode::DERIVE_KEY).await;
        let derives_on = {
            let mut attributes = aes(EVERY_USE | 0x200);
            attributes.put::<kinds::ActivationDate>(DateTime(START));
            attributes
        };
        let first = server.derive_as("bob", derivation(&[&base], derives_on)).await.unwrap();
        // Nor does what he derives from that, which is his own.
        let second = server.derive_as("bob", derivation(&[&first], aes(EVERY_USE))).await.unwrap();
        for id in [first, second] {
            let refused = server.set_extractable("bob", &id).await.unwrap_err();
            assert_eq!(refused.reason(), ResultReason::PERMISSION_DENIED);
            let get = GetRequest { unique_identifier: Some(id.as_str().into()), ..plainly() };
            let refused: Result<GetResponse> = server.run_as("bob", OperationCode::GET, get).await;
            assert_eq!(refused.unwrap_err().reason(), ResultReason::NOT_EXTRACTABLE);
            server.note_as("bob", &id).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_somebody_derives_from_anothers_open_key_is_his() {
    let server = Server::new();
    let base = server.base(&[0x0F; 32]).await;
    server.grant(&base, "bob", OperationCode::DERIVE_KEY).await;
    let id = server.derive_as("bob", derivation(&[&base], aes(EVERY_USE))).await.unwrap();
    let get = GetRequest { unique_identifier: Some(id.as_str().into()), ..plainly() };
    let got: GetResponse = server.run_as("bob", OperationCode::GET, get).await.unwrap();
    assert_eq!(bytes(&got.object), [0x0F; 32]);
}

#[tokio::test]
async fn secret_data_of_any_whole_length_are_derived() {
    let server = Server::new();
    let base = server.base(&[0x0F; 32]).await;
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicLength>(5 * 8);
    let request =
        DeriveKeyRequest { object_type: ObjectType::SECRET_DATA, ..derivation(&[&base], attributes) };
    let id = server.derive(request).await.unwrap();
    let object = server.get(&id).await.unwrap();
    assert_eq!((object.object_type(), bytes(&object)), (ObjectType::SECRET_DATA, vec![0x0F; 5]));
}

#[tokio::test]
async fn lengths_and_types_that_cannot_be_derived_are_refused() {
    let server = Server::new();
    let base = server.base(&[0x0F; 32]).await;
    let of_length = |bits: Option<i32>| {
        let mut attributes = aes(EVERY_USE);
        attributes.remove(Tag::CRYPTOGRAPHIC_LENGTH);
        if let Some(bits) = bits {
            attributes.put::<kinds::CryptographicLength>(bits);
        }
        derivation(&[&base], attributes)
    };
    for bits in [None, Some(0), Some(-8), Some(129), Some(i32::MAX - 7)] {
        assert_eq!(server.not_derived(of_length(bits)).await, ResultReason::INVALID_FIELD, "{bits:?}");
    }
    let too_long = of_length(Some(65 * 8));
    assert_eq!(server.not_derived(too_long).await, ResultReason::CRYPTOGRAPHIC_FAILURE);
    let mut no_algorithm = aes(EVERY_USE);
    no_algorithm.remove(Tag::CRYPTOGRAPHIC_ALGORITHM);
    let no_algorithm = derivation(&[&base], no_algorithm);
    assert_eq!(server.not_derived(no_algorithm).await, ResultReason::INVALID_FIELD);
    let opaque = DeriveKeyRequest {
        object_type: ObjectType::OPAQUE_OBJECT,
        ..derivation(&[&base], Attributes::new())
    };
    assert_eq!(server.not_derived(opaque).await, ResultReason::INVALID_OBJECT_TYPE);
}

#[tokio::test]
async fn the_placeholder_does_not_stand_in_for_a_base_object() {
    let server = Server::new();
    let request = derivation(&[], aes(EVERY_USE));
    assert_eq!(server.not_derived(request).await, ResultReason::INVALID_MESSAGE);
}

#[tokio::test]
async fn every_base_object_must_be_there_active_and_allowed_to_be_derived_from() {
    let server = Server::new();
    let base = server.base(&[0x0F; 32]).await;
    let absent = derivation(&[&base, "nobody"], aes(EVERY_USE));
    assert_eq!(server.not_derived(absent).await, ResultReason::OBJECT_NOT_FOUND);
    let encrypts = server.active().await;
    let wrong_use = derivation(&[&base, &encrypts], aes(EVERY_USE));
    assert_eq!(server.not_derived(wrong_use).await, ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
    let mut asleep = derives();
    asleep.remove(Tag::ACTIVATION_DATE);
    let asleep = server.register(raw(&[1; 32]), asleep).await.unwrap();
    let asleep = derivation(&[&asleep], aes(EVERY_USE));
    assert_eq!(server.not_derived(asleep).await, ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}

#[tokio::test]
async fn a_method_that_nobody_has_is_refused_and_parameters_of_the_key_count() {
    let server = Server::new();
    let base = server.base(&[0x0F; 32]).await;
    let unknown = DeriveKeyRequest {
        derivation_method: DerivationMethod(0x8000_0D02),
        ..derivation(&[&base], aes(EVERY_USE))
    };
    assert_eq!(server.not_derived(unknown).await, ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
    // The toy takes no parameters that name a hash; those of the key are taken where the request has none.
    let mut hashing = derives();
    hashing.push::<kinds::CryptographicParameters>(CryptographicParameters {
        hashing_algorithm: Some(HashingAlgorithm::SHA_256),
        ..CryptographicParameters::NONE
    });
    let hashing = server.register(raw(&[1; 32]), hashing).await.unwrap();
    let mut request = derivation(&[&hashing], aes(EVERY_USE));
    assert_eq!(server.not_derived(request.clone()).await, ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
    request.derivation_parameters.cryptographic_parameters = Some(CryptographicParameters::NONE);
    assert!(server.derive(request).await.is_ok());
}

#[tokio::test]
async fn derivations_from_one_key_at_a_time_all_leave_their_links() {
    let server = Arc::new(Server::new());
    let base = server.base(&[0x0F; 32]).await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (server, base) = (server.clone(), base.clone());
        tasks.push(tokio::spawn(async move { server.derive(derivation(&[&base], aes(EVERY_USE))).await }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(server.attributes(&base).await.all::<kinds::Link>().count(), 8);
}

/// Sections 4.41, 4.57 and 4.59: deriving applies protection.
#[tokio::test]
async fn deriving_takes_from_usage_limits_and_ends_at_the_protect_stop_date() {
    let server = Server::new();
    let limited = |total, unit| {
        let mut attributes = derives();
        attributes.put::<kinds::UsageLimits>(UsageLimits { total, count: None, unit });
        attributes
    };
    for (total, unit, left) in
        [(3, UsageLimitsUnit::OBJECT, [2, 1, 0]), (110, UsageLimitsUnit::BYTE, [78, 46, 14])]
    {
        let base = server.register(raw(&[1; 32]), limited(total, unit)).await.unwrap();
        for left in left {
            server.derive(derivation(&[&base], aes(EVERY_USE))).await.unwrap();
            assert_eq!(server.left(&base).await, left);
        }
        let refused = server.not_derived(derivation(&[&base], aes(EVERY_USE))).await;
        assert_eq!(refused, ResultReason::USAGE_LIMIT_EXCEEDED);
    }
    let mut stopping = derives();
    stopping.put::<kinds::ProtectStopDate>(DateTime(START + 10));
    let base = server.register(raw(&[1; 32]), stopping).await.unwrap();
    server.derive(derivation(&[&base], aes(EVERY_USE))).await.unwrap();
    server.clock.advance(10);
    let refused = server.not_derived(derivation(&[&base], aes(EVERY_USE))).await;
    assert_eq!(refused, ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}
