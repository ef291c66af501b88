//! Create Split Key (KMIP 2.1 section 6.1.10).
//!
//! Parts of a key are as secret as the key: they inherit Sensitive and Extractable. As with Create, a client may have
//! them kept wrapped, by the key that a Wrapping Key Link among the attributes names.

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{Attributes, Occurs, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, ManagedObject, PlainKeyValue, SplitKey};
use claviger_plugin_sdk::kmip::payloads::{CreateSplitKeyRequest, CreateSplitKeyResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::SplitPlan;

use crate::born::{self, Newborn};
use crate::defaults::{self, Origin};
use crate::{generated, protection, split, wrapping};

/// Splits a key, or one that it makes for the purpose and keeps in no other form.
struct CreateSplitKey;

register_operation!(CreateSplitKey);

/// Parts that one request may ask for.
const MOST_PARTS: u32 = 255;

impl Operation for CreateSplitKey {
    type Request = CreateSplitKeyRequest;
    type Response = CreateSplitKeyResponse;

    const NAME: &'static str = "CreateSplitKey";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::CREATE_SPLIT_KEY,
        since: ProtocolVersion::V1_2,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjects,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &CreateSplitKeyRequest) -> Targets {
        let key = request
            .unique_identifier
            .clone()
            .map(|id| Target::subject(Some(id), OperationCode::CREATE_SPLIT_KEY))
            // Whoever owns all parts has the key.
            .map(|target| target.owner_only().types(split::DIVISIBLE));
        let wrapping_key = wrapping::by_link(&request.attributes);
        key.into_iter().chain(wrapping_key).collect()
    }

    fn about(object: &str) -> Option<CreateSplitKeyRequest> {
        Some(CreateSplitKeyRequest {
            object_type: ObjectType::SPLIT_KEY,
            unique_identifier: Some(object.into()),
            split_key_parts: 2,
            split_key_threshold: 2,
            split_key_method: SplitKeyMethod::XOR,
            prime_field_size: None,
            attributes: Attributes::new(),
            protection_storage_masks: None,
        })
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: CreateSplitKeyRequest,
    ) -> Result<CreateSplitKeyResponse> {
        if request.object_type != ObjectType::SPLIT_KEY {
            return Err(Error::invalid("Create Split Key makes objects of type SplitKey")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        }
        let plan = plan(&request)?;
        let origin = match request.unique_identifier {
            Some(_) => Origin::Object,
            None => Origin::Template,
        };
        let mut request = request;
        defaults::complete(cx, ObjectType::SPLIT_KEY, origin, &mut request.attributes).await?;
        let kind = born::kind(cx.catalogue(), ObjectType::SPLIT_KEY)?;
        born::check_attributes(
            cx.catalogue(),
            Making::Generated,
            ObjectType::SPLIT_KEY,
            &request.attributes,
        )?;
        check_one_for_many(&request.attributes)?;
        kind.check_template(&request.attributes)?;
        let scheme = split::scheme(cx, request.split_key_method)?;
        let (secret, attributes) = match request.unique_identifier {
            Some(_) => existing(cx, request.attributes).await?,
            None => new(cx, request.attributes)?,
        };
        let cost = scheme.cost(&plan, secret.len());
        let (prime_field_size, shares) = cx
            .compute(cost, move |rng| {
                let plan = scheme.complete(plan, secret.len())?;
                let shares = scheme.split(&secret, &plan, rng)?;
                Ok((plan.prime_field_size, shares))
            })
            .await?;
        let mut unique_identifier = Vec::with_capacity(shares.len());
        for (identifier, share) in (1..).zip(shares) {
            let object = ManagedObject::SplitKey(SplitKey {
                split_key_parts: request.split_key_parts,
                key_part_identifier: identifier,
                split_key_threshold: request.split_key_threshold,
                split_key_method: request.split_key_method,
                prime_field_size: prime_field_size.clone(),
                key_block: part_block(share, &attributes),
            });
            let part = Newborn {
                making: Making::Generated,
                object,
                attributes: attributes.clone(),
                storage: request.protection_storage_masks.clone(),
            };
            let new = part.complete(cx.catalogue(), cx.now())?;
            let new = wrapping::wrap_new(cx, Role::WRAPPING_KEY, new).await?;
            unique_identifier.push(cx.create(new).await?.to_string());
        }
        Ok(CreateSplitKeyResponse { unique_identifier })
    }
}

/// The numbers of the request, as far as they do not depend on the method.
fn plan(request: &CreateSplitKeyRequest) -> Result<SplitPlan> {
    let number = |number: i32| u32::try_from(number).ok().filter(|number| *number > 0);
    let (Some(parts), Some(threshold)) =
        (number(request.split_key_parts), number(request.split_key_threshold))
    else {
        return Err(Error::invalid("Split Key Parts and Split Key Threshold are 1 or more"));
    };
    if threshold > parts {
        return Err(Error::invalid("the Split Key Threshold is at most the number of Split Key Parts"));
    }
    if parts > MOST_PARTS {
        return Err(Error::invalid(format!("this server splits a key into {MOST_PARTS} parts at most"))
            .with_reason(ResultReason::SERVER_LIMIT_EXCEEDED));
    }
    Ok(SplitPlan { parts, threshold, prime_field_size: request.prime_field_size.clone() })
}

/// An identifier is one object's; it cannot be proposed for all parts.
fn check_one_for_many(attributes: &Attributes) -> Result<()> {
    if attributes.contains(Tag::UNIQUE_IDENTIFIER) {
        return Err(Error::invalid("the parts of a key cannot share a Unique Identifier: leave it out")
            .with_reason(ResultReason::INVALID_ATTRIBUTE_VALUE));
    }
    Ok(())
}

/// The bytes of the key that the request names, and the attributes of its parts: where the key has a value for what the
/// request says, it counts more.
async fn existing(cx: &mut Context<'_>, mut attributes: Attributes) -> Result<(ByteString, Attributes)> {
    let target = cx.subject()?;
    let material = cx.material(&target).await?;
    let mut object = target.without_material().object;
    if let Some(block) = object.key_block_mut() {
        block.key_format_type = material.format();
        block.key_value =
            Some(KeyValue::Plain(PlainKeyValue { key_material: material.value().clone(), attributes: None }));
        block.key_wrapping_data = None;
    }
    let secret = split::divisible_bytes(cx, &object, target.attributes())?;
    let table = cx.catalogue().attribute_table();
    let once = |tag| table.rule(tag).is_some_and(|rule| rule.occurs == Occurs::Once);
    for instance in target.attributes() {
        if ALWAYS_OF_THE_KEY.contains(&instance.tag)
            || once(instance.tag) && attributes.contains(instance.tag)
        {
            attributes.set(instance.tag, instance.value.clone());
        }
    }
    // The parts have a type and a format of their own.
    attributes.remove(Tag::OBJECT_TYPE);
    attributes.remove(Tag::KEY_FORMAT_TYPE);
    protection::inherit(&mut attributes, std::iter::once(target.attributes()));
    Ok((secret, attributes))
}

/// What the parts tell of the key.
const ALWAYS_OF_THE_KEY: [Tag; 3] =
    [Tag::CRYPTOGRAPHIC_ALGORITHM, Tag::CRYPTOGRAPHIC_LENGTH, Tag::CRYPTOGRAPHIC_USAGE_MASK];

/// The bytes of a new symmetric key, with the attributes of its parts.
fn new(cx: &mut Context<'_>, attributes: Attributes) -> Result<(ByteString, Attributes)> {
    born::kind(cx.catalogue(), ObjectType::SYMMETRIC_KEY)?.check_template(&attributes)?;
    let key = generated::symmetric_key(cx, &attributes)?;
    let mut attributes = attributes;
    if let Some(bits) = key.key_block().and_then(|block| block.cryptographic_length) {
        attributes.put::<kinds::CryptographicLength>(bits);
    }
    let secret = split::divisible_bytes(cx, &key, &attributes)?;
    Ok((secret, attributes))
}

fn part_block(share: ByteString, attributes: &Attributes) -> KeyBlock {
    KeyBlock {
        key_format_type: KeyFormatType::RAW,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: Value::ByteString(share),
            attributes: None,
        })),
        cryptographic_algorithm: attributes.one::<kinds::CryptographicAlgorithm>(),
        cryptographic_length: attributes.one::<kinds::CryptographicLength>(),
        key_wrapping_data: None,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        CreateSplitKey,
        request(5, 3),
        CreateSplitKeyRequest {
            unique_identifier: Some("a".into()),
            prime_field_size: None,
            ..request(2, 2)
        },
    );

    fn request(split_key_parts: i32, split_key_threshold: i32) -> CreateSplitKeyRequest {
        CreateSplitKeyRequest {
            object_type: ObjectType::SPLIT_KEY,
            unique_identifier: None,
            split_key_parts,
            split_key_threshold,
            split_key_method: SplitKeyMethod::XOR,
            prime_field_size: Some(claviger_plugin_sdk::kmip::BigInteger::from_signed_be(&[17])),
            attributes: Attributes::new(),
            protection_storage_masks: Some(ProtectionStorageMasks { protection_storage_mask: vec![1] }),
        }
    }

    #[test]
    fn a_key_is_split_into_as_many_parts_as_restore_it_or_more() {
        assert_eq!(plan(&request(5, 3)).map(|plan| (plan.parts, plan.threshold)).unwrap(), (5, 3));
        for (parts, threshold) in [(0, 0), (5, 0), (3, 4), (-1, -1), (i32::MIN, 1)] {
            let refused = plan(&request(parts, threshold)).unwrap_err();
            assert_eq!(refused.reason(), ResultReason::INVALID_FIELD, "{parts} {threshold}");
        }
        let refused = plan(&request(256, 2)).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    }
}
