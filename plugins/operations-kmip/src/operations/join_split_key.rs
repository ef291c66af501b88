//! Join Split Key (KMIP 2.1 section 6.1.27).
//!
//! The whole is at least as protected as its parts: if one of them is Sensitive or not Extractable, so is the whole, and it
//! has no use that one of them does not have.

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{Key, KeyBlock, ManagedObject, SecretData, SplitKey};
use claviger_plugin_sdk::kmip::payloads::{JoinSplitKeyRequest, JoinSplitKeyResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::SecretDataType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::scheme::{Share, SplitPlan};

use crate::born::{self, Newborn};
use crate::defaults::{self, Origin};
use crate::{protection, split, wrapping};

/// Makes an object of the parts into which a key was split.
struct JoinSplitKey;

register_operation!(JoinSplitKey);

impl Operation for JoinSplitKey {
    type Request = JoinSplitKeyRequest;
    type Response = JoinSplitKeyResponse;

    const NAME: &'static str = "JoinSplitKey";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::JOIN_SPLIT_KEY,
        since: ProtocolVersion::V1_2,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjects,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &JoinSplitKeyRequest) -> Targets {
        let part = |id: &UniqueIdentifier| {
            // Whoever owns the whole has the parts.
            Target::subject(Some(id.clone()), OperationCode::JOIN_SPLIT_KEY)
                .owner_only()
                .types(&[ObjectType::SPLIT_KEY])
        };
        let wrapping_key = request.attributes.as_ref().and_then(wrapping::by_link);
        request.unique_identifier.iter().map(part).chain(wrapping_key).collect()
    }

    fn about(object: &str) -> Option<JoinSplitKeyRequest> {
        Some(JoinSplitKeyRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            unique_identifier: vec![object.into()],
            secret_data_type: None,
            attributes: None,
            protection_storage_masks: None,
        })
    }

    async fn run(&self, cx: &mut Context<'_>, request: JoinSplitKeyRequest) -> Result<JoinSplitKeyResponse> {
        let object_type = request.object_type;
        let into_object = form(object_type, request.secret_data_type)?;
        let mut attributes = request.attributes.unwrap_or_default();
        defaults::complete(cx, object_type, Origin::Object, &mut attributes).await?;
        born::check_attributes(cx.catalogue(), Making::Registered, object_type, &attributes)?;
        let targets = cx.targets(Role::SUBJECT);
        inherit(&mut attributes, &targets);
        let bytes = join(cx, &targets).await?;
        let object = split::whole(cx, &bytes, &attributes, into_object)?;
        let wanted = attributes.one::<kinds::UniqueIdentifier>();
        let storage = request.protection_storage_masks;
        let newborn = Newborn { making: Making::Registered, object, attributes, storage };
        let new = newborn.complete(cx.catalogue(), cx.now())?;
        let mut new = wrapping::wrap_new(cx, Role::WRAPPING_KEY, new).await?;
        new.id = wanted.as_ref().and_then(UniqueIdentifier::as_text).map(ObjectId::new).transpose()?;
        Ok(JoinSplitKeyResponse { unique_identifier: cx.create(new).await?.to_string() })
    }
}

/// How an object of a type is made of a key block.
///
/// # Errors
/// Invalid Object Type: it is not one that can be split. Invalid Field: a Secret Data Type for something else.
fn form(
    object_type: ObjectType,
    secret_data_type: Option<SecretDataType>,
) -> Result<impl Fn(KeyBlock) -> ManagedObject> {
    if !split::DIVISIBLE.contains(&object_type) {
        return Err(Error::invalid(format!("parts do not join to an object of type {object_type:?}"))
            .with_reason(ResultReason::INVALID_OBJECT_TYPE));
    }
    if secret_data_type.is_some() && object_type != ObjectType::SECRET_DATA {
        return Err(Error::invalid("only Secret Data have a Secret Data Type"));
    }
    Ok(move |key_block| match object_type {
        ObjectType::SECRET_DATA => ManagedObject::SecretData(SecretData {
            secret_data_type: secret_data_type.unwrap_or(SecretDataType::SEED),
            key_block,
        }),
        ObjectType::PRIVATE_KEY => ManagedObject::PrivateKey(Key { key_block }),
        _ => ManagedObject::SymmetricKey(Key { key_block }),
    })
}

/// Gives the whole what its parts tell and the request does not, and their protection.
fn inherit(attributes: &mut Attributes, parts: &[Authorized]) {
    let parts = || parts.iter().map(Authorized::attributes);
    for part in parts() {
        for tag in [Tag::CRYPTOGRAPHIC_ALGORITHM, Tag::CRYPTOGRAPHIC_LENGTH] {
            if let (false, Some(value)) = (attributes.contains(tag), part.get(tag)) {
                attributes.set(tag, value.clone());
            }
        }
    }
    let asked = attributes.one::<kinds::CryptographicUsageMask>();
    // A part without a mask, which somebody registered, says nothing of the uses.
    let masks = parts().filter_map(|part| part.one::<kinds::CryptographicUsageMask>());
    if let Some(uses) = masks.chain(asked).reduce(common_uses) {
        attributes.put::<kinds::CryptographicUsageMask>(uses);
    }
    protection::inherit(attributes, parts());
}

/// The uses that two masks allow. Unrestricted allows all of them.
fn common_uses(one: i32, other: i32) -> i32 {
    let unrestricted = CryptographicUsageMask::UNRESTRICTED.0.cast_signed();
    match (one & unrestricted != 0, other & unrestricted != 0) {
        (true, false) => other,
        (false, true) => one,
        _ => one & other,
    }
}

/// The bytes of the whole.
async fn join(cx: &mut Context<'_>, targets: &[Authorized]) -> Result<ByteString> {
    let parts: Vec<SplitKey> =
        targets.iter().map(|target| split_key(target.without_material().object)).collect::<Result<_>>()?;
    let first = parts.first().ok_or_else(|| Error::invalid("name the parts that are to be joined"))?;
    check_parts(first, &parts)?;
    let mut shares = Vec::with_capacity(parts.len());
    for (target, part) in targets.iter().zip(&parts) {
        let value = cx.material(target).await?.symmetric_key()?.clone();
        shares.push(Share { identifier: part.key_part_identifier.unsigned_abs(), value });
    }
    let plan = SplitPlan {
        parts: first.split_key_parts.unsigned_abs(),
        threshold: first.split_key_threshold.unsigned_abs(),
        prime_field_size: first.prime_field_size.clone(),
    };
    let scheme = split::scheme(cx, first.split_key_method)?;
    let cost = scheme.cost(&plan, shares.first().map_or(0, |share| share.value.len()));
    cx.compute(cost, move |_| scheme.join(&shares, &plan)).await
}

fn split_key(object: ManagedObject) -> Result<SplitKey> {
    match object {
        ManagedObject::SplitKey(part) => Ok(part),
        _ => Err(Error::server("a part that was admitted is no Split Key")),
    }
}

/// Checks that the parts are enough, differ, and were split alike.
fn check_parts(first: &SplitKey, parts: &[SplitKey]) -> Result<()> {
    let alike = |part: &SplitKey| {
        part.split_key_parts == first.split_key_parts
            && part.split_key_threshold == first.split_key_threshold
            && part.split_key_method == first.split_key_method
            && part.prime_field_size == first.prime_field_size
            && part.key_block.cryptographic_algorithm == first.key_block.cryptographic_algorithm
            && part.key_block.cryptographic_length == first.key_block.cryptographic_length
    };
    if !parts.iter().all(alike) {
        return Err(Error::cryptographic(
            "the parts were not split from one key: they tell different things of it",
        ));
    }
    let mut identifiers: Vec<i32> = parts.iter().map(|part| part.key_part_identifier).collect();
    identifiers.sort_unstable();
    identifiers.dedup();
    let threshold = usize::try_from(first.split_key_threshold).unwrap_or(usize::MAX);
    if identifiers.len() < threshold {
        return Err(Error::cryptographic(format!(
            "{threshold} different parts are needed to restore the key"
        )));
    }
    if identifiers.len() < parts.len() {
        return Err(Error::cryptographic("two of the parts have the same Key Part Identifier"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;
    use crate::kinds::examples::share;

    operation_conformance!(
        JoinSplitKey,
        JoinSplitKeyRequest {
            object_type: ObjectType::SECRET_DATA,
            unique_identifier: vec!["a".into(), "b".into()],
            secret_data_type: Some(SecretDataType::PASSWORD),
            attributes: Some(Attributes::new()),
            protection_storage_masks: Some(ProtectionStorageMasks { protection_storage_mask: vec![1] }),
        },
    );

    fn part(identifier: u32) -> SplitKey {
        split_key(share(identifier, &[1; 16])).unwrap()
    }

    fn check(parts: &[SplitKey]) -> Option<ResultReason> {
        check_parts(&parts[0], parts).err().map(|error| error.reason())
    }

    #[test]
    fn enough_different_parts_of_one_key_are_joined() {
        assert_eq!(check(&[part(1), part(5), part(3)]), None);
        assert_eq!(check(&[part(1), part(2), part(3), part(4), part(5)]), None);
        let failure = Some(ResultReason::CRYPTOGRAPHIC_FAILURE);
        assert_eq!(check(&[part(1), part(2)]), failure);
        assert_eq!(check(&[part(1), part(2), part(2)]), failure);
        assert_eq!(check(&[part(1), part(2), part(2), part(3)]), failure);
        let other = SplitKey { split_key_parts: 6, ..part(3) };
        assert_eq!(check(&[part(1), part(2), other]), failure);
    }

    #[test]
    fn only_what_can_be_split_can_be_joined() {
        let reason = |object_type, secret| form(object_type, secret).err().map(|error| error.reason());
        assert_eq!(reason(ObjectType::PRIVATE_KEY, None), None);
        assert_eq!(reason(ObjectType::PUBLIC_KEY, None), Some(ResultReason::INVALID_OBJECT_TYPE));
        let password = Some(SecretDataType::PASSWORD);
        assert_eq!(reason(ObjectType::SYMMETRIC_KEY, password), Some(ResultReason::INVALID_FIELD));
    }

    #[test]
    fn a_use_is_common_if_both_masks_have_it_and_unrestricted_has_all() {
        let (encrypt, both, unrestricted) = (0x4, 0xC, 0x0020_0000);
        assert_eq!(common_uses(both, encrypt), encrypt);
        assert_eq!(common_uses(encrypt, 0x8), 0);
        assert_eq!(common_uses(unrestricted, both), both);
        assert_eq!(common_uses(encrypt, unrestricted | 0x8), encrypt);
        assert_eq!(common_uses(unrestricted | 0x4, unrestricted), unrestricted);
    }
}
