//! Certificates that come in one piece: a chain, a list, or with a private key in a container.
//!
//! The object that the request is about is the first, or that to which the others of a chain lead. Each of the others
//! becomes an object, too, with the attributes of the request that several objects can share, and links to the one that
//! issued it.

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{AttributeTable, Attributes, OnRekey, kinds};
use claviger_plugin_sdk::kmip::objects::ManagedObject;
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

use crate::born::Newborn;
use crate::links;

/// Certificates that came with an object.
#[derive(Default)]
pub(crate) struct Further {
    /// The certificates.
    pub(crate) certificates: Vec<ManagedObject>,
    /// Whether the first of them certifies the key that the object is.
    pub(crate) certifies: bool,
}

/// Records an object and the certificates that came with it; returns the identifier of the object.
///
/// # Errors
/// What completing and creating them says.
pub(crate) async fn create(
    cx: &mut Context<'_>,
    mut object: NewObject,
    further: Further,
    making: Making,
) -> Result<ObjectId> {
    if further.certificates.is_empty() {
        return cx.create(object).await;
    }
    let id = object.id.get_or_insert_with(|| ObjectId::random(cx.rng())).clone();
    let beside = beside(cx, &id, &mut object, further, making).await?;
    let id = cx.create(object).await?;
    for object in beside {
        cx.create(object).await?;
    }
    Ok(id)
}

/// Certificates that are kept beside an object with this identifier, all of them linked to one another.
///
/// # Errors
/// What completing them says.
pub(crate) async fn beside(
    cx: &mut Context<'_>,
    id: &ObjectId,
    object: &mut NewObject,
    further: Further,
    making: Making,
) -> Result<Vec<NewObject>> {
    let shared = shared(cx.catalogue().attribute_table(), &object.attributes);
    let mut new = Vec::with_capacity(further.certificates.len());
    for certificate in further.certificates {
        let newborn = Newborn { making, object: certificate, attributes: shared.clone(), storage: None };
        let mut completed = newborn.completed(cx).await?;
        completed.id = Some(ObjectId::random(cx.rng()));
        new.push(completed);
    }
    if let (true, Some(first)) = (further.certifies, new.first_mut()) {
        links::set(&mut first.attributes, LinkType::PRIVATE_KEY_LINK, id);
        if let Some(certificate) = &first.id {
            for link_type in [LinkType::CERTIFICATE_LINK, LinkType::PKCS_12_CERTIFICATE_LINK] {
                links::set(&mut object.attributes, link_type, certificate);
            }
        }
    }
    link_to_issuers(std::iter::once((id.clone(), object)).chain(new.iter_mut().filter_map(|one| {
        let id = one.id.clone()?;
        Some((id, one))
    })));
    Ok(new)
}

/// The attributes that the request gave one object and that others can have, too: those that a replacement would get.
fn shared(table: &AttributeTable, attributes: &Attributes) -> Attributes {
    const OF_ONE: [Tag; 5] = [
        Tag::OBJECT_TYPE,
        Tag::CRYPTOGRAPHIC_ALGORITHM,
        Tag::CRYPTOGRAPHIC_LENGTH,
        Tag::CRYPTOGRAPHIC_USAGE_MASK,
        Tag::KEY_FORMAT_TYPE,
    ];
    let mut shared = attributes.clone();
    shared.retain(|instance| {
        let rule = table.rule(instance.tag);
        !OF_ONE.contains(&instance.tag)
            && rule.is_some_and(|rule| {
                rule.objects.contains(ObjectType::CERTIFICATE)
                    && matches!(rule.rekey, OnRekey::Copied | OnRekey::Shifted)
            })
    });
    shared
}

/// Links each certificate to that of its issuer, if it is among them.
pub(crate) fn link_to_issuers<'o>(all: impl Iterator<Item = (ObjectId, &'o mut NewObject)>) {
    let mut all: Vec<_> = all.collect();
    let subjects: Vec<_> = all
        .iter()
        .map(|(id, one)| (id.clone(), one.attributes.one::<kinds::X509CertificateSubject>()))
        .collect();
    for (position, (_, one)) in all.iter_mut().enumerate() {
        let Some(issuer) = one.attributes.one::<kinds::X509CertificateIssuer>() else { continue };
        let of_issuer = subjects.iter().enumerate().find(|(other, (_, subject))| {
            *other != position
                && subject.as_ref().is_some_and(|subject| {
                    subject.subject_distinguished_name == issuer.issuer_distinguished_name
                })
        });
        if let Some((_, (id, _))) = of_issuer {
            links::set(&mut one.attributes, LinkType::CERTIFICATE_LINK, id);
        }
    }
}
