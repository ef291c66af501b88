//! Re-certify (KMIP 2.1 section 6.1.45).
//!
//! The new certificate is for the same key. Whoever issued the existing one issues it, unless the attributes name another
//! issuer. Its validity begins at its Initial Date and the Offset and lasts as long as that of the existing certificate,
//! unless the attributes say something else.

use claviger_plugin_sdk::certificate_attributes::VALIDITY_PERIOD;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::payloads::{ReCertifyRequest, ReCertifyResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::scheme::{CertificateDescription, CertificateScheme, RequestDescription};

use crate::certified_key::CertifiedKey;
use crate::defaults::{self, Origin};
use crate::issuing::{self, ISSUER, Issuer, SIGNING_KEY, Wanted};
use crate::{certificate, links, replacement};

/// Makes a certificate that takes the place of an existing one.
struct ReCertify;

register_operation!(ReCertify);

/// States of a certificate that may be renewed: that of a compromised key is not.
const RENEWABLE: StateSet = StateSet::of(&[State::PRE_ACTIVE, State::ACTIVE, State::DEACTIVATED]);

/// The certificate request.
const REQUEST: Role = Role("certificate request");

impl Operation for ReCertify {
    type Request = ReCertifyRequest;
    type Response = ReCertifyResponse;

    const NAME: &'static str = "ReCertify";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::RE_CERTIFY,
        since: ProtocolVersion::V1_0,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjectsAndTargets,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &ReCertifyRequest) -> Targets {
        let by = OperationCode::RE_CERTIFY;
        let subject = Target::subject(request.unique_identifier.clone(), by)
            .states(RENEWABLE)
            .types(&[ObjectType::CERTIFICATE]);
        let of_request = request
            .certificate_request_unique_identifier
            .clone()
            .map(|id| Target::subject(Some(id), by).role(REQUEST).types(&[ObjectType::CERTIFICATE_REQUEST]));
        let issuer = issuing::issuer_targets(request.attributes.as_ref(), by);
        std::iter::once(subject).chain(of_request).chain(issuer).collect()
    }

    async fn run(&self, cx: &mut Context<'_>, request: ReCertifyRequest) -> Result<ReCertifyResponse> {
        let (replaced, now) = (cx.subject()?, cx.now());
        let asked = issuing::asked(request.attributes.clone().unwrap_or_default())?;
        let existing = certificate::describe(cx.catalogue(), &replaced)?;
        let certificate_type = asked
            .one::<kinds::CertificateType>()
            .or_else(|| replaced.attributes().one::<kinds::CertificateType>())
            .unwrap_or(certificate::USUAL_TYPE);
        let scheme = certificate::known_scheme(cx.catalogue(), certificate_type)?;
        let of_request = request_of(cx, scheme, &request)?;
        let key = CertifiedKey::of(cx, OperationCode::RE_CERTIFY, &replaced).await?;
        check_same_key(&key, of_request.as_ref())?;
        let issuer = issuer(cx, &replaced, &existing, &key).await?;
        let proposed = asked.one::<kinds::UniqueIdentifier>();
        let proposed =
            proposed.as_ref().and_then(UniqueIdentifier::as_text).map(ObjectId::new).transpose()?;
        let id = proposed.unwrap_or_else(|| ObjectId::random(cx.rng()));
        let wanted = Wanted {
            scheme,
            certificate_type,
            asked: &asked,
            request: of_request.as_ref(),
            renewed: Some(&existing),
            key: &key,
            validity: validity(&asked, &existing, request.offset, now),
            id: &id,
        };
        let (object, description) = issuing::issue(cx, wanted, &issuer).await?;
        let asked = issuing::asked_of_object(cx, asked)?;
        let table = cx.catalogue().attribute_table();
        let attributes = replacement::attributes(table, replaced.attributes(), asked, request.offset, now)?;
        // What is copied of the existing certificate's key, the new one says itself.
        let mut attributes = issuing::of_object(attributes);
        defaults::complete(cx, ObjectType::CERTIFICATE, Origin::Object, &mut attributes).await?;
        let mut new =
            issuing::complete(cx, object, attributes, request.protection_storage_masks, (&id, &issuer))?;
        let public = key.public.as_ref().map(|public| public.id().clone());
        let private = key.private.as_ref().map(|private| private.id().clone());
        issuing::link_to_key(&mut new.attributes, public.as_ref(), private.as_ref());
        replacement::mark(&mut new.attributes, &replaced, now);
        replacement::retire(cx, &replaced, &id, now).await?;
        key.link(cx, &id, Some(replaced.id()), &description)?;
        cx.create_in_place_of(&replaced, new).await?;
        Ok(ReCertifyResponse { unique_identifier: id.to_string() })
    }
}

/// The certificate request: the value in the payload, or the object that is named.
fn request_of(
    cx: &Context<'_>,
    scheme: &dyn CertificateScheme,
    request: &ReCertifyRequest,
) -> Result<Option<RequestDescription>> {
    let object = cx.targets(REQUEST).into_iter().next();
    match (&request.certificate_request_value, object) {
        (Some(_), Some(_)) => Err(Error::invalid(
            "a request has either a Certificate Request Value or the identifier of a request",
        )),
        (Some(value), None) => {
            let kind = request.certificate_request_type.ok_or_else(|| {
                Error::invalid("a Certificate Request Value needs its Certificate Request Type")
            })?;
            scheme.read_request(kind, value).map(Some)
        }
        (None, Some(object)) => certificate::read_request(scheme, &object).map(Some),
        (None, None) => Ok(None),
    }
}

/// A certificate is renewed for the same key pair.
fn check_same_key(key: &CertifiedKey, request: Option<&RequestDescription>) -> Result<()> {
    match request {
        Some(request) if request.public_key.key_value != key.public_key.key_value => {
            Err(Error::certificate("the certificate request is for another key than the certificate")
                .with_reason(ResultReason::INVALID_CSR))
        }
        _ => Ok(()),
    }
}

/// The issuer that the request names, else that of the existing certificate.
async fn issuer(
    cx: &mut Context<'_>,
    replaced: &Authorized,
    existing: &CertificateDescription,
    key: &CertifiedKey,
) -> Result<Issuer> {
    let by = OperationCode::RE_CERTIFY;
    let names_issuer = !cx.targets(ISSUER).is_empty() || !cx.targets(SIGNING_KEY).is_empty();
    if names_issuer || existing.is_self_issued() {
        return Issuer::of(cx, by, key, None).await;
    }
    let linked = links::linked(replaced.attributes(), LinkType::CERTIFICATE_LINK).ok_or_else(|| {
        Error::certificate(
            "the certificate does not link to that of its issuer: name it by a Certificate Link",
        )
    })?;
    Issuer::of_linked(cx, by, linked).await
}

/// From when to when the new certificate is valid.
fn validity(
    asked: &Attributes,
    existing: &CertificateDescription,
    offset: Option<Interval>,
    now: DateTime,
) -> (DateTime, DateTime) {
    let dates = [Tag::ACTIVATION_DATE, Tag::DEACTIVATION_DATE, VALIDITY_PERIOD];
    if dates.into_iter().any(|date| asked.contains(date)) {
        return issuing::validity(asked, now);
    }
    let not_before = now.0.saturating_add(offset.map_or(0, |Interval(offset)| i64::from(offset)));
    issuing::as_long_as(existing, not_before)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::kmip::tables::enumerations::CertificateRequestType;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        ReCertify,
        ReCertifyRequest {
            unique_identifier: Some("a".into()),
            certificate_request_unique_identifier: Some("b".into()),
            certificate_request_type: Some(CertificateRequestType::PKCS_10),
            certificate_request_value: Some(vec![1].into()),
            offset: Some(Interval(1)),
            attributes: Some(Attributes::new()),
            protection_storage_masks: Some(ProtectionStorageMasks { protection_storage_mask: vec![1] }),
        },
    );
}
