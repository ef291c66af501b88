//! Re-key Key Pair (KMIP 2.1 section 6.1.47).
//!
//! The caller needs the right on both keys. Owner, grants and wrapping are those of the key that each new one replaces,
//! as with Re-key.
//!
//! A scheme may change a pair in its place instead: what it takes for such a request keeps the identifiers of both keys,
//! and the keys that were made from the pair change with it, whoever owns them.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::payloads::{ReKeyKeyPairRequest, ReKeyKeyPairResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

use crate::key_pair::{self, Pair};
use crate::{links, related_keys, replacement, wrapping};

/// Makes a new key pair that takes the place of an existing one.
struct ReKeyKeyPair;

register_operation!(ReKeyKeyPair);

impl Operation for ReKeyKeyPair {
    type Request = ReKeyKeyPairRequest;
    type Response = ReKeyKeyPairResponse;

    const NAME: &'static str = "ReKeyKeyPair";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::RE_KEY_KEY_PAIR,
        since: ProtocolVersion::V1_1,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::TargetsAndDeclaredByScheme,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &ReKeyKeyPairRequest) -> Targets {
        let id = request.private_key_unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::RE_KEY_KEY_PAIR).types(&[ObjectType::PRIVATE_KEY]))
    }

    fn about(object: &str) -> Option<ReKeyKeyPairRequest> {
        let id = Ttlv::new(Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER, Value::TextString(object.to_owned()));
        ReKeyKeyPairRequest::from_value(Tag::REQUEST_PAYLOAD, Value::Structure(vec![id])).ok()
    }

    async fn run(&self, cx: &mut Context<'_>, request: ReKeyKeyPairRequest) -> Result<ReKeyKeyPairResponse> {
        let private = cx.subject()?;
        replacement::check_value(&private)?;
        let common = request.common_attributes.unwrap_or_default();
        let own = Pair { private: request.private_key_attributes, public: request.public_key_attributes };
        let mut asked = key_pair::with_common(cx.catalogue().attribute_table(), &common, own);
        key_pair::check_asked(cx.catalogue(), &mut asked)?;
        if let Some(Pair { private, public }) = related_keys::rekey(cx, &private, &asked.private).await? {
            return Ok(ReKeyKeyPairResponse {
                private_key_unique_identifier: private.to_string(),
                public_key_unique_identifier: public.to_string(),
            });
        }
        let public = public_key(cx, &private).await?;
        replacement::check_value(&public)?;
        let mut wanted = Pair {
            private: replacing(cx, &private, asked.private, request.offset)?,
            public: replacing(cx, &public, asked.public, request.offset)?,
        };
        key_pair::check_templates(cx.catalogue(), &wanted)?;
        let wrapping_keys = Pair {
            private: replacement::wrapping_key(cx, &private, &mut wanted.private).await?,
            public: replacement::wrapping_key(cx, &public, &mut wanted.public).await?,
        };
        let (objects, attributes) = key_pair::generate(cx, wanted).await?;
        let everywhere = request.common_protection_storage_masks;
        let storage = Pair {
            private: request.private_protection_storage_masks.or_else(|| everywhere.clone()),
            public: request.public_protection_storage_masks.or(everywhere),
        };
        let new = key_pair::complete(cx, objects, attributes, storage)?;
        Ok(ReKeyKeyPairResponse {
            private_key_unique_identifier: replace(cx, &private, wrapping_keys.private, new.private)
                .await?
                .to_string(),
            public_key_unique_identifier: replace(cx, &public, wrapping_keys.public, new.public)
                .await?
                .to_string(),
        })
    }
}

/// The public key that the private key links to.
async fn public_key(cx: &mut Context<'_>, private: &Authorized) -> Result<Authorized> {
    let id = links::linked(private.attributes(), LinkType::PUBLIC_KEY_LINK);
    let target =
        Target::subject(Some(id.ok_or_else(related_keys::no_public_key)?), OperationCode::RE_KEY_KEY_PAIR)
            .role(Role::LINKED)
            .types(&[ObjectType::PUBLIC_KEY]);
    cx.load_one(target).await
}

fn replacing(
    cx: &Context<'_>,
    replaced: &Authorized,
    asked: Attributes,
    offset: Option<Interval>,
) -> Result<Attributes> {
    let table = cx.catalogue().attribute_table();
    replacement::attributes(table, replaced.attributes(), asked, offset, cx.now())
}

/// Puts a new key in the place of an existing one.
async fn replace(
    cx: &mut Context<'_>,
    replaced: &Authorized,
    wrapping_key: Option<Authorized>,
    mut new: NewObject,
) -> Result<ObjectId> {
    let now = cx.now();
    replacement::mark(&mut new.attributes, replaced, now);
    if let Some(wrapping_key) = wrapping_key {
        new = wrapping::wrap_new_with(cx, wrapping_key, new).await?;
    }
    let id = new.id.clone().ok_or_else(|| Error::server("a key of a pair has no identifier"))?;
    replacement::retire(cx, replaced, &id, now).await?;
    cx.create_in_place_of(replaced, new).await
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        ReKeyKeyPair,
        ReKeyKeyPairRequest {
            private_key_unique_identifier: Some("a".into()),
            offset: Some(Interval(1)),
            common_attributes: Some(Attributes::new()),
            private_key_attributes: Some(Attributes::new()),
            public_key_attributes: Some(Attributes::new()),
            common_protection_storage_masks: masks(),
            private_protection_storage_masks: masks(),
            public_protection_storage_masks: masks(),
        },
    );

    fn masks() -> Option<ProtectionStorageMasks> {
        Some(ProtectionStorageMasks { protection_storage_mask: vec![1] })
    }
}
