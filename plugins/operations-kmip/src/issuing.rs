//! Issuing certificates: what Certify, Re-certify and Re-Provision share (KMIP 2.1 sections 6.1.6, 6.1.45 and 6.1.48).
//!
//! The issuer is whom the attributes of the request link to: by a Certificate Link to the issuer's certificate, as the new
//! certificate will have it (section 4.31), or by a Private Key Link to the issuer's private key; either leads to the
//! other. Without a link the key of the certificate signs it itself.

use claviger_plugin_sdk::certificate_attributes::{
    AUTHORITY_NAME, EXTENSION_TEXT, OF_REQUESTS, VALIDITY_PERIOD,
};
use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{AttributeKey, Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{Certificate, CryptographicParameters, ManagedObject};
use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateType, LinkType};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, Material, ObjectId};
use claviger_plugin_sdk::scheme::{
    Capability, CertificateDescription, CertificateDraft, CertificatePlan, CertificateScheme,
    RequestDescription, Scheme, SignInput, SignKey,
};
use std::sync::Arc;

use crate::born::{self, Newborn};
use crate::certified_key::{CertifiedKey, if_admitted};
use crate::{certificate, key_use, links};

/// The certificate of the issuer.
pub(crate) const ISSUER: Role = Role("certificate of the issuer");
/// The private key of the issuer.
pub(crate) const SIGNING_KEY: Role = Role("private key of the issuer");

/// How long a certificate is valid if nobody says it: 365 days.
const USUAL_VALIDITY: i64 = 365 * 24 * 3600;

/// The vendor attribute in which a client asks for extensions, in the form of OpenSSL's configuration files: KMIP has no
/// field for them.
const EXTENSIONS: (&str, &str) = (crate::VENDOR, "X.509 Extensions");

/// What a client asks for, with the extensions where the scheme looks for them.
///
/// # Errors
/// Invalid Attribute Value: the extensions are no text.
pub(crate) fn asked(mut attributes: Attributes) -> Result<Attributes> {
    let (vendor, name) = EXTENSIONS;
    let Some(extensions) = attributes.vendor(vendor, name).cloned() else { return Ok(attributes) };
    if !matches!(extensions, Value::TextString(_)) {
        return Err(Error::invalid(format!("the vendor attribute {name} is a Text String"))
            .with_reason(ResultReason::INVALID_ATTRIBUTE_VALUE));
    }
    attributes.retain(|instance| instance.key() != AttributeKey::Vendor { vendor, name });
    attributes.set(EXTENSION_TEXT, extensions);
    Ok(attributes)
}

/// The objects that the attributes of a request name as the issuer's.
pub(crate) fn issuer_targets(attributes: Option<&Attributes>, by: OperationCode) -> Vec<Target> {
    let linked = |link| attributes.and_then(|attributes| links::linked(attributes, link));
    let certificate = linked(LinkType::CERTIFICATE_LINK).map(|id| certificate_target(id, by));
    let key = linked(LinkType::PRIVATE_KEY_LINK).map(|id| key_target(id, by));
    certificate.into_iter().chain(key).collect()
}

fn certificate_target(id: UniqueIdentifier, by: OperationCode) -> Target {
    Target::subject(Some(id), by).role(ISSUER).states(StateSet::ACTIVE).types(&[ObjectType::CERTIFICATE])
}

/// Signing certificates is what the mask has a bit of its own for (section 12.1).
fn key_target(id: UniqueIdentifier, by: OperationCode) -> Target {
    Target::subject(Some(id), by)
        .role(SIGNING_KEY)
        .states(StateSet::ACTIVE)
        .types(&[ObjectType::PRIVATE_KEY])
        .usage(CryptographicUsageMask::CERTIFICATE_SIGN)
        .consumes(0)
}

/// Who signs a certificate.
pub(crate) struct Issuer {
    /// The certificate of the issuer; nothing if the certificate's own key signs it.
    pub(crate) certificate: Option<(ObjectId, CertificateDescription)>,
    key: SigningKey,
}

/// A private key that signs.
pub(crate) enum SigningKey {
    /// One that is stored.
    Stored(Authorized),
    /// One that is made with the certificate.
    New(Box<NewObject>),
}

impl Issuer {
    /// The issuer that the request names, else the key itself.
    ///
    /// # Errors
    /// What admission says of the issuer's key. Invalid Field: the issuer's certificate or key is not known, or the
    /// certificate is out of date.
    pub(crate) async fn of(
        cx: &mut Context<'_>,
        by: OperationCode,
        own: &CertifiedKey,
        new: Option<&NewObject>,
    ) -> Result<Self> {
        let certificate = cx.targets(ISSUER).into_iter().next();
        let key = cx.targets(SIGNING_KEY).into_iter().next();
        match (certificate, key) {
            (Some(certificate), Some(key)) => Self::authority(cx, &certificate, key).await,
            (Some(certificate), None) => Self::of_certificate(cx, by, &certificate).await,
            (None, Some(key)) if own.private.as_ref().is_some_and(|own| own.id() == key.id()) => {
                Ok(Self { certificate: None, key: SigningKey::Stored(key) })
            }
            (None, Some(key)) => {
                let certificate = certificate_of(cx, by, &key).await?;
                Self::authority(cx, &certificate, key).await
            }
            (None, None) => Self::itself(cx, by, own, new).await,
        }
    }

    /// The authority that a certificate is of.
    ///
    /// # Errors
    /// As [`Issuer::of`].
    async fn of_certificate(
        cx: &mut Context<'_>,
        by: OperationCode,
        certificate: &Authorized,
    ) -> Result<Self> {
        let key = CertifiedKey::of(cx, by, certificate).await?.private;
        let id = match &key {
            Some(key) => Some(key.id().clone()),
            None => {
                links::from(cx, LinkType::CERTIFICATE_LINK, certificate.id(), ObjectType::PRIVATE_KEY).await?
            }
        };
        let id = id.ok_or_else(|| {
            Error::certificate("the private key of the issuer's certificate is not here for this caller")
        })?;
        let key = cx.load_one(key_target(id.as_str().into(), by)).await?;
        Self::authority(cx, certificate, key).await
    }

    /// The authority whose certificate a link names.
    ///
    /// # Errors
    /// As [`Issuer::of`].
    pub(crate) async fn of_linked(
        cx: &mut Context<'_>,
        by: OperationCode,
        id: UniqueIdentifier,
    ) -> Result<Self> {
        let certificate = cx.load_one(Target { right: Right::Any, ..certificate_target(id, by) }).await?;
        Self::of_certificate(cx, by, &certificate).await
    }

    /// The issuer whose certificate or private key has this identifier.
    ///
    /// # Errors
    /// As [`Issuer::of`].
    pub(crate) async fn named(cx: &mut Context<'_>, by: OperationCode, id: &str) -> Result<Self> {
        let either = Target::subject(Some(id.into()), by)
            .role(ISSUER)
            .states(StateSet::ACTIVE)
            .types(&[ObjectType::CERTIFICATE, ObjectType::PRIVATE_KEY]);
        let found = cx.load_one(either).await?;
        if found.object_type() == ObjectType::CERTIFICATE {
            return Self::of_certificate(cx, by, &found).await;
        }
        let key = cx.load_one(key_target(id.into(), by)).await?;
        let certificate = certificate_of(cx, by, &key).await?;
        Self::authority(cx, &certificate, key).await
    }

    /// The key of the certificate.
    async fn itself(
        cx: &mut Context<'_>,
        by: OperationCode,
        own: &CertifiedKey,
        new: Option<&NewObject>,
    ) -> Result<Self> {
        let key = match (&own.private, new) {
            (_, Some(new)) => SigningKey::New(Box::new(new.clone())),
            (Some(private), None) => {
                SigningKey::Stored(cx.load_one(key_target(private.id().as_str().into(), by)).await?)
            }
            (None, None) => {
                return Err(Error::certificate(
                    "nobody can sign the certificate: name the issuer by a Certificate Link or a Private Key Link among \
                     the attributes",
                ));
            }
        };
        Ok(Self { certificate: None, key })
    }

    async fn authority(cx: &mut Context<'_>, certificate: &Authorized, key: Authorized) -> Result<Self> {
        let description = certificate::describe(cx.catalogue(), certificate)?;
        let now = cx.now();
        if now < description.not_before || description.not_after < now {
            return Err(Error::certificate("the certificate of the issuer has expired, or is not yet valid"));
        }
        let certificate = Some((certificate.id().clone(), description));
        Ok(Self { certificate, key: SigningKey::Stored(key) })
    }

    /// The parameters of the key that signs.
    fn parameters(&self) -> CryptographicParameters {
        match &self.key {
            SigningKey::Stored(key) => key_use::parameters(key, None),
            SigningKey::New(new) => new
                .attributes
                .one::<kinds::CryptographicParameters>()
                .unwrap_or(CryptographicParameters::NONE),
        }
    }

    async fn sign(&self, cx: &mut Context<'_>, draft: &CertificateDraft) -> Result<ByteString> {
        let parameters = draft.parameters.clone();
        let key: Arc<dyn SignKey> = match &self.key {
            SigningKey::Stored(key) => key_use::sign(cx, key, &parameters).await?,
            SigningKey::New(new) => {
                let facts = KeyFacts::of(ObjectType::PRIVATE_KEY, new.object.key_block(), &new.attributes);
                match cx.scheme(Capability::Sign, &facts, &parameters)? {
                    Scheme::Sign(scheme) => scheme.prepare(&facts, &Material::of(&new.object)?)?,
                    _ => return Err(Error::server("a scheme that signs does something else")),
                }
            }
        };
        let to_be_signed = draft.to_be_signed.clone();
        if let SigningKey::Stored(stored) = &self.key {
            cx.consume_bytes(stored, to_be_signed.len()).await?;
        }
        cx.compute(key.cost(), move |rng| key.sign(SignInput::Data(&to_be_signed), &parameters, rng)).await
    }
}

/// The certificate of an issuer's private key: the latest of those that it or its public key links to and that may be
/// used.
async fn certificate_of(cx: &mut Context<'_>, by: OperationCode, key: &Authorized) -> Result<Authorized> {
    let own = CertifiedKey::of(cx, by, key).await?;
    let mut ids: Vec<UniqueIdentifier> = Vec::new();
    for object in own.public.iter().chain(&own.private) {
        ids.extend(links::all_linked(object.attributes(), LinkType::CERTIFICATE_LINK));
    }
    for id in ids.into_iter().rev() {
        let target = Target { right: Right::Any, ..certificate_target(id, by) }.cardinality(Cardinality::One);
        if let Some(certificate) = if_admitted(cx, target).await? {
            return Ok(certificate);
        }
    }
    Err(Error::certificate(
        "the issuer's private key links to no certificate that may be used: name it by a Certificate Link",
    ))
}

/// What a certificate is made from.
pub(crate) struct Wanted<'w> {
    /// The scheme of its type.
    pub(crate) scheme: &'static dyn CertificateScheme,
    /// Its type.
    pub(crate) certificate_type: CertificateType,
    /// What the client asks for.
    pub(crate) asked: &'w Attributes,
    /// The request for it.
    pub(crate) request: Option<&'w RequestDescription>,
    /// The certificate that it renews.
    pub(crate) renewed: Option<&'w CertificateDescription>,
    /// Its key.
    pub(crate) key: &'w CertifiedKey,
    /// From when to when it is valid.
    pub(crate) validity: (DateTime, DateTime),
    /// Its identifier, from which its serial number follows if the server chose it.
    pub(crate) id: &'w ObjectId,
}

/// Makes a certificate and has the issuer sign it.
///
/// # Errors
/// What the scheme says of the plan, what signing says.
pub(crate) async fn issue(
    cx: &mut Context<'_>,
    wanted: Wanted<'_>,
    issuer: &Issuer,
) -> Result<(ManagedObject, CertificateDescription)> {
    let serial = serial(cx, wanted.id);
    let (not_before, not_after) = wanted.validity;
    let parameters = issuer.parameters();
    let draft = wanted.scheme.draft(&CertificatePlan {
        attributes: wanted.asked,
        request: wanted.request,
        renewed: wanted.renewed,
        public_key: &wanted.key.public_key,
        issuer: issuer.certificate.as_ref().map(|(_, description)| description),
        parameters: &parameters,
        serial: &serial,
        not_before,
        not_after,
    })?;
    let signature = issuer.sign(cx, &draft).await?;
    let certificate_value = wanted.scheme.finish(&draft, &signature)?;
    let description = wanted.scheme.read(&certificate_value)?.pop();
    let description = description.ok_or_else(|| Error::server("a new certificate cannot be read"))?;
    let certificate = Certificate { certificate_type: wanted.certificate_type, certificate_value };
    Ok((ManagedObject::Certificate(certificate), description))
}

/// The serial number is the identifier as a number, so that either leads to the other; a random one, if the client chose
/// an identifier that is no UUID.
fn serial(cx: &mut Context<'_>, id: &ObjectId) -> [u8; 16] {
    let digits: Option<String> = Some(id.as_str().replace('-', "")).filter(|digits| digits.len() == 32);
    match digits.and_then(|digits| u128::from_str_radix(&digits, 16).ok()).filter(|number| *number != 0) {
        Some(number) => number.to_be_bytes(),
        None => {
            let mut random = [1; 16];
            cx.rng().fill(&mut random);
            random
        }
    }
}

/// From when to when a new certificate is valid: as long as the client asks for.
pub(crate) fn validity(asked: &Attributes, now: DateTime) -> (DateTime, DateTime) {
    let not_before = asked.one::<kinds::ActivationDate>().unwrap_or(now);
    let until = |seconds: i64| DateTime(not_before.0.saturating_add(seconds));
    let not_after = match asked.get(VALIDITY_PERIOD) {
        Some(Value::Interval(seconds)) => until(i64::from(*seconds)),
        _ => asked.one::<kinds::DeactivationDate>().unwrap_or_else(|| until(USUAL_VALIDITY)),
    };
    (not_before, not_after)
}

/// From when to when a certificate is valid that begins at a time and lasts as long as the one that it renews.
pub(crate) fn as_long_as(renewed: &CertificateDescription, not_before: i64) -> (DateTime, DateTime) {
    let duration = renewed.not_after.0.saturating_sub(renewed.not_before.0);
    (DateTime(not_before), DateTime(not_before.saturating_add(duration)))
}

/// The attributes that the new object gets of those that the client asked for.
///
/// # Errors
/// What the attribute table says of them.
pub(crate) fn asked_of_object(cx: &Context<'_>, asked: Attributes) -> Result<Attributes> {
    let asked = of_object(asked);
    born::check_attributes(cx.catalogue(), Making::Generated, ObjectType::CERTIFICATE, &asked)?;
    Ok(asked)
}

/// Attributes without those that only say how a certificate is made, or that it says itself.
pub(crate) fn of_object(mut asked: Attributes) -> Attributes {
    asked.retain(|instance| {
        !SAYS_HOW.contains(&instance.tag)
            && !OF_REQUESTS.contains(&instance.tag)
            && instance.tag != AUTHORITY_NAME
    });
    links::remove_all(&mut asked, LinkType::CERTIFICATE_LINK);
    links::remove_all(&mut asked, LinkType::PRIVATE_KEY_LINK);
    asked
}

/// What the certificate and its key say themselves.
const SAYS_HOW: &[Tag] = &[
    Tag::X_509_CERTIFICATE_SUBJECT,
    Tag::CERTIFICATE_SUBJECT_CN,
    Tag::CERTIFICATE_SUBJECT_O,
    Tag::CERTIFICATE_SUBJECT_OU,
    Tag::CERTIFICATE_SUBJECT_EMAIL,
    Tag::CERTIFICATE_SUBJECT_C,
    Tag::CERTIFICATE_SUBJECT_ST,
    Tag::CERTIFICATE_SUBJECT_L,
    Tag::CERTIFICATE_SUBJECT_UID,
    Tag::CERTIFICATE_SUBJECT_SERIAL_NUMBER,
    Tag::CERTIFICATE_SUBJECT_TITLE,
    Tag::CERTIFICATE_SUBJECT_DC,
    Tag::CERTIFICATE_SUBJECT_DN_QUALIFIER,
    Tag::DIGITAL_SIGNATURE_ALGORITHM,
    Tag::CRYPTOGRAPHIC_ALGORITHM,
    Tag::CRYPTOGRAPHIC_LENGTH,
    Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS,
    Tag::CRYPTOGRAPHIC_PARAMETERS,
    Tag::KEY_FORMAT_TYPE,
];

/// Completes the new object and gives it its links: to the objects that hold its key, and to the issuer's certificate.
///
/// # Errors
/// What completing says.
pub(crate) fn complete(
    cx: &mut Context<'_>,
    object: ManagedObject,
    attributes: Attributes,
    storage: Option<ProtectionStorageMasks>,
    (id, issuer): (&ObjectId, &Issuer),
) -> Result<NewObject> {
    let newborn = Newborn { making: Making::Generated, object, attributes, storage };
    let mut new = newborn.complete(cx.catalogue(), cx.now())?;
    new.id = Some(id.clone());
    if let Some((issuer, _)) = &issuer.certificate {
        links::set(&mut new.attributes, LinkType::CERTIFICATE_LINK, issuer);
    }
    Ok(new)
}

/// Links a certificate to the objects that hold its key.
pub(crate) fn link_to_key(
    attributes: &mut Attributes,
    public: Option<&ObjectId>,
    private: Option<&ObjectId>,
) {
    match (public, private) {
        (Some(public), _) => links::set(attributes, LinkType::PUBLIC_KEY_LINK, public),
        (None, Some(private)) => links::set(attributes, LinkType::PRIVATE_KEY_LINK, private),
        (None, None) => {}
    }
}
