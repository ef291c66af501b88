//! Derive Key (KMIP 2.1 section 6.1.14).
//!
//! What is derived is at least as Sensitive, and as little Extractable, as all that it is derived from. The Cryptographic
//! Usage Mask is not inherited: what a key is derived for is another use than being derived from.
//!
//! Deriving applies protection (section 4.57): it takes one use, or as many bytes as are derived, from the Usage Limits of
//! all that it derives from, and ends at their Protect Stop Date.

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::payloads::{DerivationParameters, DeriveKeyRequest, DeriveKeyResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{DerivationMethod, LinkType};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::scheme::{BaseKey, Capability, DeriveInput, DeriveScheme, Scheme};

use crate::born::{self, Newborn};
use crate::defaults::{self, Origin};
use crate::{generated, links, protection, wrapping};

/// Derives a symmetric key or secret data from keys and secret data that stay on the server.
struct DeriveKey;

register_operation!(DeriveKey);

impl Operation for DeriveKey {
    type Request = DeriveKeyRequest;
    type Response = DeriveKeyResponse;

    const NAME: &'static str = "DeriveKey";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::DERIVE_KEY,
        since: ProtocolVersion::V1_0,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjectsAndTargets,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &DeriveKeyRequest) -> Targets {
        let base = request.unique_identifier.iter().map(|id| {
            Target::subject(Some(id.clone()), OperationCode::DERIVE_KEY)
                .states(StateSet::ACTIVE)
                .types(&[
                    ObjectType::SYMMETRIC_KEY,
                    ObjectType::SECRET_DATA,
                    ObjectType::PRIVATE_KEY,
                    ObjectType::PUBLIC_KEY,
                ])
                .usage(CryptographicUsageMask::DERIVE_KEY)
                .consumes(0)
        });
        base.chain(wrapping::by_link(&request.attributes)).collect()
    }

    fn about(object: &str) -> Option<DeriveKeyRequest> {
        Some(DeriveKeyRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            unique_identifier: vec![object.into()],
            derivation_method: DerivationMethod::HASH,
            derivation_parameters: DerivationParameters {
                cryptographic_parameters: None,
                initialization_vector: None,
                derivation_data: Vec::new(),
                salt: None,
                iteration_count: None,
            },
            attributes: Attributes::new(),
        })
    }

    async fn run(&self, cx: &mut Context<'_>, request: DeriveKeyRequest) -> Result<DeriveKeyResponse> {
        let DeriveKeyRequest {
            object_type, derivation_method, derivation_parameters, mut attributes, ..
        } = request;
        defaults::complete(cx, object_type, Origin::Template, &mut attributes).await?;
        let base = cx.targets(Role::SUBJECT);
        born::check_template(cx.catalogue(), object_type, &attributes)?;
        protection::inherit_derived(&mut attributes, &base, &cx.principal().user);
        let length = generated::byte_length(cx, &attributes)?;
        for base in &base {
            cx.consume_bytes(base, length).await?;
        }
        let derived = derive(cx, &base, derivation_method, derivation_parameters, length).await?;
        let object = generated::of_bytes(cx.catalogue(), object_type, derived, &attributes)?;
        let proposed = generated::proposed_identifier(&attributes)?;
        let newborn = Newborn { making: Making::Generated, object, attributes, storage: None };
        let mut new = newborn.complete(cx.catalogue(), cx.now())?;
        let id = proposed.unwrap_or_else(|| ObjectId::random(cx.rng()));
        new.id = Some(id.clone());
        for base in &base {
            links::add(&mut new.attributes, LinkType::DERIVATION_BASE_OBJECT_LINK, base.id());
            cx.update(base, |attributes| {
                links::add(attributes, LinkType::DERIVED_KEY_LINK, &id);
                Ok(())
            })?;
        }
        let new = wrapping::wrap_new(cx, Role::WRAPPING_KEY, new).await?;
        cx.create(new).await?;
        Ok(DeriveKeyResponse { unique_identifier: id.to_string() })
    }
}

/// Has the scheme of the method derive bytes.
async fn derive(
    cx: &mut Context<'_>,
    base: &[Authorized],
    method: DerivationMethod,
    mut parameters: DerivationParameters,
    length: usize,
) -> Result<ByteString> {
    let Some(first) = base.first() else {
        return Err(Error::invalid("Derive Key needs the Unique Identifier of a key or of secret data")
            .with_reason(ResultReason::INVALID_MESSAGE));
    };
    parameters.cryptographic_parameters = parameters
        .cryptographic_parameters
        .or_else(|| first.attributes().one::<kinds::CryptographicParameters>());
    let none = CryptographicParameters::NONE;
    let cryptographic = parameters.cryptographic_parameters.as_ref().unwrap_or(&none);
    let scheme: &'static dyn DeriveScheme =
        match cx.scheme(Capability::Derive(method), &first.key_facts(), cryptographic)? {
            Scheme::Derive(_, scheme) => *scheme,
            _ => return Err(Error::server("a scheme that derives keys does something else")),
        };
    let prepared = match scheme.builds_on() {
        Some(capability) => Some(cx.prepared(first, capability, cryptographic).await?),
        None => None,
    };
    let mut keys = Vec::with_capacity(base.len());
    for object in base {
        keys.push(BaseKey {
            object_type: object.object_type(),
            algorithm: object.key_facts().algorithm,
            domain: object.attributes().one::<kinds::CryptographicDomainParameters>(),
            material: cx.material(object).await?,
        });
    }
    let input = DeriveInput { base: keys, prepared, parameters, length };
    let cost = scheme.cost(&input);
    let derived = cx.compute(cost, move |_| scheme.derive(&input)).await?;
    if derived.len() != length {
        return Err(Error::server("a scheme derived another length than it was asked for"));
    }
    Ok(derived)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        DeriveKey,
        DeriveKeyRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            unique_identifier: vec!["a".into(), "b".into()],
            derivation_method: DerivationMethod::PBKDF2,
            derivation_parameters: DerivationParameters {
                cryptographic_parameters: Some(CryptographicParameters::NONE),
                initialization_vector: Some(vec![1].into()),
                derivation_data: vec![vec![2].into(), vec![3].into()],
                salt: Some(vec![4].into()),
                iteration_count: Some(5),
            },
            attributes: Attributes::new(),
        },
    );
}
