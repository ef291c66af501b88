//! Certificates that come in one piece: a chain or a list.
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

/// Records an object and the certificates that came with it; returns the identifier of the object.
///
/// # Errors
/// What completing and creating them says.
pub(crate) async fn create(
    cx: &mut Context<'_>,
    mut object: NewObject,
    further: Vec<ManagedObject>,
    making: Making,
) -> Result<ObjectId> {
    if further.is_empty() {
        return cx.create(object).await;
    }
    let mut all = beside(cx, &object.attributes, further, making)?;
    object.id.get_or_insert_with(|| ObjectId::random(cx.rng()));
    all.insert(0, object);
    link_to_issuers(&mut all);
    let mut ids = Vec::with_capacity(all.len());
    for object in all {
        ids.push(cx.create(object).await?);
    }
    ids.into_iter().next().ok_or_else(|| Error::server("nothing was created"))
}

/// Certificates that are kept beside an object with these attributes.
///
/// # Errors
/// What completing them says.
pub(crate) fn beside(
    cx: &mut Context<'_>,
    attributes: &Attributes,
    certificates: Vec<ManagedObject>,
    making: Making,
) -> Result<Vec<NewObject>> {
    let shared = shared(cx.catalogue().attribute_table(), attributes);
    let mut new = Vec::with_capacity(certificates.len());
    for object in certificates {
        let newborn = Newborn { making, object, attributes: shared.clone(), storage: None };
        let mut completed = newborn.complete(cx.catalogue(), cx.now())?;
        completed.id = Some(ObjectId::random(cx.rng()));
        new.push(completed);
    }
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
pub(crate) fn link_to_issuers(all: &mut [NewObject]) {
    let subjects: Vec<_> = all
        .iter()
        .map(|one| (one.id.clone(), one.attributes.one::<kinds::X509CertificateSubject>()))
        .collect();
    for (position, one) in all.iter_mut().enumerate() {
        let Some(issuer) = one.attributes.one::<kinds::X509CertificateIssuer>() else { continue };
        let of_issuer = subjects.iter().enumerate().find(|(other, (_, subject))| {
            *other != position
                && subject.as_ref().is_some_and(|subject| {
                    subject.subject_distinguished_name == issuer.issuer_distinguished_name
                })
        });
        if let Some((_, (Some(id), _))) = of_issuer {
            links::set(&mut one.attributes, LinkType::CERTIFICATE_LINK, id);
        }
    }
}
