//! Certify (KMIP 2.1 section 6.1.6).
//!
//! The certificate is for a public key, for the private key that belongs to one, for the key of an existing certificate or
//! of a certificate request or, if the attributes name a Cryptographic Algorithm and the request no object, for a key pair
//! that is made with it.
//!
//! What the certificate says comes from the request, or from the attributes: the subject from Certificate Attributes or from
//! X.509 Certificate Subject, which also has the alternative names (section 4.63: each is the DER of a GeneralName);
//! from when to when it is valid from Activation Date and Deactivation Date, now and 365 days if they are absent; its key
//! usage from the Cryptographic Usage Mask; how it is signed from Digital Signature Algorithm. KMIP has no field for other
//! extensions: they come with a PKCS #10 request, or as text, in the form of OpenSSL's configuration files, in the vendor
//! attribute `X.509 Extensions` of the vendor `Claviger`, which the certificate does not keep.

use claviger_plugin_sdk::certificate_attributes::AUTHORITY_NAME;
use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::payloads::{CertifyRequest, CertifyResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateRequestType, LinkType};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::scheme::{CertificateDescription, CertificateScheme, RequestDescription};

use crate::certified_key::{CertifiedKey, public_key_of_new};
use crate::defaults::{self, Origin};
use crate::issuing::{self, Issuer, Wanted};
use crate::key_pair::Pair;
use crate::{certificate, certified_pair, links};

/// States of a key that may still be certified: neither given up nor compromised.
const CERTIFIABLE: StateSet = StateSet::of(&[State::PRE_ACTIVE, State::ACTIVE]);

/// Makes a certificate.
struct Certify;

register_operation!(Certify);

impl Operation for Certify {
    type Request = CertifyRequest;
    type Response = CertifyResponse;

    const NAME: &'static str = "Certify";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::CERTIFY,
        since: ProtocolVersion::V1_0,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjectsAndTargets,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &CertifyRequest) -> Targets {
        let names_subject = request.unique_identifier.is_some()
            || (request.certificate_request_value.is_none() && !makes_pair(request));
        let subject = names_subject.then(|| {
            let target = Target::subject(request.unique_identifier.clone(), OperationCode::CERTIFY);
            target.states(CERTIFIABLE).types(&[
                ObjectType::PUBLIC_KEY,
                ObjectType::PRIVATE_KEY,
                ObjectType::CERTIFICATE,
                ObjectType::CERTIFICATE_REQUEST,
            ])
        });
        let issuer = issuing::issuer_targets(request.attributes.as_ref(), OperationCode::CERTIFY);
        subject.into_iter().chain(issuer).collect()
    }

    async fn run(&self, cx: &mut Context<'_>, request: CertifyRequest) -> Result<CertifyResponse> {
        let makes_pair = makes_pair(&request);
        let asked = issuing::asked(request.attributes.unwrap_or_default())?;
        if makes_pair && let Some(existing) = existing_authority(cx, &asked).await? {
            return Ok(CertifyResponse { unique_identifier: existing });
        }
        let mut asked = asked;
        defaults::complete(cx, ObjectType::CERTIFICATE, Origin::Object, &mut asked).await?;
        let certificate_type = asked.one::<kinds::CertificateType>().unwrap_or(certificate::USUAL_TYPE);
        let scheme = certificate::known_scheme(cx.catalogue(), certificate_type)?;
        let subject = cx.targets(Role::SUBJECT).into_iter().next();
        let value = request.certificate_request_value;
        let kind = request.certificate_request_type;
        let request_of = request_of(scheme, subject.as_ref(), kind, value)?;
        let pair = if makes_pair { Some(certified_pair::new(cx, &asked).await?) } else { None };
        let key = certified(cx, subject.as_ref(), request_of.as_ref(), pair.as_ref()).await?;
        let renewed = renewed(cx, subject.as_ref())?;
        let new_private = pair.as_ref().map(|pair| &pair.private);
        let issuer = Issuer::of(cx, OperationCode::CERTIFY, &key, new_private).await?;
        let attributes = issuing::asked_of_object(cx, asked.clone())?;
        let id = match proposed(&asked)? {
            Some(id) => id,
            None => ObjectId::random(cx.rng()),
        };
        let wanted = Wanted {
            scheme,
            certificate_type,
            asked: &asked,
            request: request_of.as_ref(),
            renewed: renewed.as_ref(),
            key: &key,
            validity: issuing::validity(&asked, cx.now()),
            id: &id,
        };
        let (object, description) = issuing::issue(cx, wanted, &issuer).await?;
        let storage = request.protection_storage_masks;
        let mut new = issuing::complete(cx, object, attributes, storage, (&id, &issuer))?;
        let public = ids(key.public.as_ref(), pair.as_ref().map(|pair| &pair.public));
        let private = ids(key.private.as_ref(), new_private);
        issuing::link_to_key(&mut new.attributes, public.as_ref(), private.as_ref());
        key.link(cx, &id, None, &description)?;
        if let Some(pair) = pair {
            certified_pair::create(cx, pair, &id, &description).await?;
        }
        let id = cx.create(new).await?;
        Ok(CertifyResponse { unique_identifier: id.to_string() })
    }
}

/// Whether a key pair is to be made: the request says of which algorithm, and names neither key nor request.
fn makes_pair(request: &CertifyRequest) -> bool {
    request.unique_identifier.is_none()
        && request.certificate_request_value.is_none()
        && request.attributes.as_ref().is_some_and(|asked| asked.contains(Tag::CRYPTOGRAPHIC_ALGORITHM))
}

/// The certificate of the authority of this name that the caller has already, if one is asked for by name.
async fn existing_authority(cx: &mut Context<'_>, asked: &Attributes) -> Result<Option<String>> {
    let Some(Value::TextString(name)) = asked.get(AUTHORITY_NAME) else { return Ok(None) };
    let same_name = FieldTest { field: None, compare: Compare::Equal(IndexValue::Text(name.clone())) };
    let filter = Filter::All(vec![
        Filter::Type(vec![ObjectType::PRIVATE_KEY]),
        Filter::Attribute { tag: AUTHORITY_NAME, tests: vec![same_name] },
        Filter::State { any_of: StateSet::ACTIVE, at: cx.now() },
    ]);
    let keys = cx.search(filter, Page::first(2)).await?.objects;
    match keys.as_slice() {
        [] => Ok(None),
        [key] => {
            let certificate = links::linked(key.attributes(), LinkType::CERTIFICATE_LINK);
            Ok(certificate.as_ref().and_then(UniqueIdentifier::as_text).map(str::to_owned))
        }
        _ => Err(Error::invalid(format!("too many authorities are called {name}"))),
    }
}

/// The certificate request: the value in the payload, or the object that is named.
fn request_of(
    scheme: &dyn CertificateScheme,
    subject: Option<&Authorized>,
    kind: Option<CertificateRequestType>,
    value: Option<ByteString>,
) -> Result<Option<RequestDescription>> {
    if let Some(value) = value {
        let kind = kind.ok_or_else(|| {
            Error::invalid("a Certificate Request Value needs its Certificate Request Type")
        })?;
        return scheme.read_request(kind, &value).map(Some);
    }
    match subject {
        Some(subject) if subject.object_type() == ObjectType::CERTIFICATE_REQUEST => {
            certificate::read_request(scheme, subject).map(Some)
        }
        _ => Ok(None),
    }
}

/// The key that the certificate is for.
async fn certified(
    cx: &mut Context<'_>,
    subject: Option<&Authorized>,
    request: Option<&RequestDescription>,
    pair: Option<&Pair<NewObject>>,
) -> Result<CertifiedKey> {
    if let Some(pair) = pair {
        return public_key_of_new(cx.catalogue(), &pair.public).map(CertifiedKey::of_request);
    }
    let key = match subject {
        Some(subject) if subject.object_type() != ObjectType::CERTIFICATE_REQUEST => {
            Some(CertifiedKey::of(cx, OperationCode::CERTIFY, subject).await?)
        }
        _ => None,
    };
    match (key, request) {
        (Some(key), None) => Ok(key),
        (None, Some(request)) => Ok(CertifiedKey::of_request(request.public_key.clone())),
        (Some(key), Some(request)) if key.public_key.key_value == request.public_key.key_value => Ok(key),
        (Some(_), Some(_)) => {
            Err(Error::certificate("the certificate request is for another key than the one that is named")
                .with_reason(ResultReason::INVALID_CSR))
        }
        (None, None) => Err(Error::server("a certificate is to be made for no key")),
    }
}

/// What an existing certificate, for whose key another is made, says.
fn renewed(cx: &Context<'_>, subject: Option<&Authorized>) -> Result<Option<CertificateDescription>> {
    match subject {
        Some(subject) if subject.object_type() == ObjectType::CERTIFICATE => {
            certificate::describe(cx.catalogue(), subject).map(Some)
        }
        _ => Ok(None),
    }
}

/// The identifier that the client proposes.
fn proposed(asked: &Attributes) -> Result<Option<ObjectId>> {
    let identifier = asked.one::<kinds::UniqueIdentifier>();
    identifier.as_ref().and_then(UniqueIdentifier::as_text).map(ObjectId::new).transpose()
}

fn ids(stored: Option<&Authorized>, new: Option<&NewObject>) -> Option<ObjectId> {
    stored.map(|stored| stored.id().clone()).or_else(|| new.and_then(|new| new.id.clone()))
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Certify,
        CertifyRequest {
            unique_identifier: Some("a".into()),
            certificate_request_type: Some(CertificateRequestType::PKCS_10),
            certificate_request_value: Some(vec![1].into()),
            attributes: Some(Attributes::new()),
            protection_storage_masks: Some(ProtectionStorageMasks { protection_storage_mask: vec![1] }),
        },
    );

    fn request(asked: Attributes) -> CertifyRequest {
        CertifyRequest {
            unique_identifier: None,
            certificate_request_type: None,
            certificate_request_value: None,
            attributes: Some(asked),
            protection_storage_masks: None,
        }
    }

    #[test]
    fn a_request_that_names_no_object_is_about_the_placeholder_unless_it_names_an_algorithm() {
        let mut asked = Attributes::new();
        assert_eq!(Certify::targets(&request(asked.clone())).iter().count(), 1);
        asked.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::ED25519);
        assert_eq!(Certify::targets(&request(asked)), Targets::none());
        let value =
            CertifyRequest { certificate_request_value: Some(vec![1].into()), ..request(Attributes::new()) };
        assert_eq!(Certify::targets(&value), Targets::none());
    }
}
