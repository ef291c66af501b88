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
use claviger_plugin_sdk::kmip::attributes::{AttributeTable, Attributes, kinds};
use claviger_plugin_sdk::kmip::payloads::{CertifyRequest, CertifyResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateRequestType, LinkType};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::scheme::{CertificateDescription, CertificateScheme, RequestDescription};

use crate::certified_key::{CertifiedKey, public_key_of_new};
use crate::defaults::{self, Origin};
use crate::issuing::{self, Issuer, Wanted};
use crate::key_pair::{self, Pair};
use crate::{certificate, links};

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
        let pair = if makes_pair { Some(new_pair(cx, &asked).await?) } else { None };
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
            create_pair(cx, pair, &id, &description).await?;
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

/// Makes a key pair for a certificate with these attributes.
async fn new_pair(cx: &mut Context<'_>, asked: &Attributes) -> Result<Pair<NewObject>> {
    let mut wanted = pair_attributes(cx.catalogue().attribute_table(), asked);
    key_pair::check_asked(cx.catalogue(), &mut wanted)?;
    key_pair::check_templates(cx.catalogue(), &wanted)?;
    let (objects, attributes) = key_pair::generate(cx, wanted).await?;
    key_pair::complete(cx, objects, attributes, Pair { private: None, public: None })
}

/// What the keys get of the attributes of a certificate: all that keys can have, too, but for what belongs to one object
/// alone; and the uses that go with those of the certificate. A Key Format Type is that of the private key.
fn pair_attributes(table: &AttributeTable, asked: &Attributes) -> Pair<Attributes> {
    const OF_ONE: [Tag; 7] = [
        Tag::UNIQUE_IDENTIFIER,
        Tag::NAME,
        Tag::ALTERNATIVE_NAME,
        Tag::OBJECT_TYPE,
        Tag::LINK,
        Tag::CRYPTOGRAPHIC_USAGE_MASK,
        Tag::DEACTIVATION_DATE,
    ];
    let mut common = asked.clone();
    common.retain(|instance| {
        let rule = table.rule(instance.tag);
        !OF_ONE.contains(&instance.tag)
            && rule.is_some_and(|rule| rule.objects.contains(ObjectType::PRIVATE_KEY))
    });
    let mask = asked.one::<kinds::CryptographicUsageMask>().map(i32::cast_unsigned);
    let with = |mask: u32, format: Option<KeyFormatType>| {
        let mut attributes = common.clone();
        attributes.put::<kinds::CryptographicUsageMask>(mask.cast_signed());
        if let Some(format) = format {
            attributes.put::<kinds::KeyFormatType>(format);
        }
        attributes
    };
    let format = asked.one::<kinds::KeyFormatType>();
    let public = mask.unwrap_or(PUBLIC_USES);
    let private = with_counterparts(public) | if asked.contains(AUTHORITY_NAME) { AUTHORITY_USES } else { 0 };
    Pair { private: with(private, format), public: with(public, format.map(of_public_key)) }
}

/// What a public key is for if nobody says it.
const PUBLIC_USES: u32 = CryptographicUsageMask::VERIFY.0
    | CryptographicUsageMask::ENCRYPT.0
    | CryptographicUsageMask::WRAP_KEY.0
    | CryptographicUsageMask::KEY_AGREEMENT.0;

/// The format of a public key that goes with that of its private key.
fn of_public_key(format: KeyFormatType) -> KeyFormatType {
    match format {
        KeyFormatType::PKCS_8 | KeyFormatType::EC_PRIVATE_KEY => KeyFormatType::X_509,
        KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY => KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY,
        KeyFormatType::TRANSPARENT_DSA_PRIVATE_KEY => KeyFormatType::TRANSPARENT_DSA_PUBLIC_KEY,
        KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY => KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY,
        either => either,
    }
}

/// What the private key of an authority is for.
const AUTHORITY_USES: u32 = CryptographicUsageMask::CERTIFICATE_SIGN.0 | CryptographicUsageMask::CRL_SIGN.0;

/// The uses of a public key, and those of the private key that go with them.
fn with_counterparts(mask: u32) -> u32 {
    use CryptographicUsageMask as Mask;
    let pairs = [
        (Mask::VERIFY.0, Mask::SIGN.0),
        (Mask::ENCRYPT.0, Mask::DECRYPT.0),
        (Mask::WRAP_KEY.0, Mask::UNWRAP_KEY.0),
    ];
    pairs.iter().filter(|(public, _)| mask & public != 0).fold(mask, |mask, (_, private)| mask | private)
}

/// The identifier that the client proposes.
fn proposed(asked: &Attributes) -> Result<Option<ObjectId>> {
    let identifier = asked.one::<kinds::UniqueIdentifier>();
    identifier.as_ref().and_then(UniqueIdentifier::as_text).map(ObjectId::new).transpose()
}

fn ids(stored: Option<&Authorized>, new: Option<&NewObject>) -> Option<ObjectId> {
    stored.map(|stored| stored.id().clone()).or_else(|| new.and_then(|new| new.id.clone()))
}

async fn create_pair(
    cx: &mut Context<'_>,
    pair: Pair<NewObject>,
    certificate: &ObjectId,
    description: &CertificateDescription,
) -> Result<()> {
    for mut key in [pair.private, pair.public] {
        links::add(&mut key.attributes, LinkType::CERTIFICATE_LINK, certificate);
        certificate::put_authority(description, &mut key.attributes);
        cx.create(key).await?;
    }
    Ok(())
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

    #[test]
    fn the_keys_get_what_keys_can_have_and_the_uses_that_go_with_the_certificates() {
        let mut asked = Attributes::new();
        asked.push::<kinds::ObjectGroup>("group".into());
        asked.put::<kinds::CertificateType>(certificate::USUAL_TYPE);
        asked.put::<kinds::CryptographicUsageMask>(CryptographicUsageMask::VERIFY.0.cast_signed());
        links::add(&mut asked, LinkType::CERTIFICATE_LINK, &ObjectId::new("issuer").unwrap());
        let pair = pair_attributes(AttributeTable::standard(), &asked);
        assert_eq!(pair.private.one::<kinds::CryptographicUsageMask>(), Some(3));
        assert_eq!(pair.public.one::<kinds::CryptographicUsageMask>(), Some(2));
        assert_eq!(pair.public.len(), 2);
        assert_eq!(pair.public.one::<kinds::ObjectGroup>(), Some("group".into()));
        asked.put::<kinds::KeyFormatType>(KeyFormatType::PKCS_8);
        let pair = pair_attributes(AttributeTable::standard(), &asked);
        assert_eq!(pair.private.one::<kinds::KeyFormatType>(), Some(KeyFormatType::PKCS_8));
        assert_eq!(pair.public.one::<kinds::KeyFormatType>(), Some(KeyFormatType::X_509));
    }
}
