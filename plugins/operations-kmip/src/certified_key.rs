//! The key that a certificate is for, and the objects that hold it.

use claviger_plugin_sdk::certificate_attributes::KEY_IDENTIFIER;
use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, ManagedObject, PlainKeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, Material, ObjectId};
use claviger_plugin_sdk::scheme::{CertificateDescription, Encoding, Formats};

use crate::kinds::key_pair::claimed;
use crate::{born, certificate, links};

/// A key to certify.
pub(crate) struct CertifiedKey {
    /// The public key, as certificates hold it.
    pub(crate) public_key: KeyBlock,
    /// The object that holds the public key.
    pub(crate) public: Option<Authorized>,
    /// The object that holds the private key.
    pub(crate) private: Option<Authorized>,
}

impl CertifiedKey {
    /// The key that an object holds: a public or private key, or a certificate. The other objects of the pair are those
    /// that it links to, as far as the caller may change them by this operation.
    ///
    /// # Errors
    /// Invalid Object Type: it is none of them. Key Format Type Not Supported: certificates cannot hold such keys.
    pub(crate) async fn of(cx: &mut Context<'_>, by: OperationCode, object: &Authorized) -> Result<Self> {
        let linked = object.attributes();
        match object.object_type() {
            ObjectType::PUBLIC_KEY => Ok(Self {
                public_key: public_key(cx, object).await?,
                private: counterpart(cx, by, linked, LinkType::PRIVATE_KEY_LINK).await?,
                public: Some(object.clone()),
            }),
            ObjectType::PRIVATE_KEY => Ok(Self {
                public_key: public_key(cx, object).await?,
                public: counterpart(cx, by, linked, LinkType::PUBLIC_KEY_LINK).await?,
                private: Some(object.clone()),
            }),
            ObjectType::CERTIFICATE => {
                let public_key = certificate::describe(cx.catalogue(), object)?.public_key;
                let public = counterpart(cx, by, linked, LinkType::PUBLIC_KEY_LINK).await?;
                let of_public = public.as_ref().map_or(linked, |public| public.attributes());
                let private = counterpart(cx, by, of_public, LinkType::PRIVATE_KEY_LINK).await?;
                Ok(Self { public_key, public, private })
            }
            other => Err(Error::invalid(format!("an object of type {other:?} holds no key to certify"))
                .with_reason(ResultReason::INVALID_OBJECT_TYPE)),
        }
    }

    /// The key of a request that no object holds.
    pub(crate) fn of_request(public_key: KeyBlock) -> Self {
        Self { public_key, public: None, private: None }
    }

    /// Links the objects that hold the key to its certificate: to a new one, or to that which replaces another.
    ///
    /// # Errors
    /// What recording the change says.
    pub(crate) fn link(
        &self,
        cx: &mut Context<'_>,
        to: &ObjectId,
        in_place_of: Option<&ObjectId>,
        description: &CertificateDescription,
    ) -> Result<()> {
        for object in self.public.iter().chain(&self.private) {
            cx.update(object, |attributes| {
                if let Some(replaced) = in_place_of {
                    links::remove(attributes, LinkType::CERTIFICATE_LINK, replaced);
                }
                links::add(attributes, LinkType::CERTIFICATE_LINK, to);
                if description.authority.is_some() {
                    certificate::put_authority(description, attributes);
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// The other key of a pair, if the caller may change it.
async fn counterpart(
    cx: &mut Context<'_>,
    by: OperationCode,
    attributes: &Attributes,
    link: LinkType,
) -> Result<Option<Authorized>> {
    let types: &[ObjectType] = match link {
        LinkType::PUBLIC_KEY_LINK => &[ObjectType::PUBLIC_KEY],
        _ => &[ObjectType::PRIVATE_KEY],
    };
    let Some(id) = links::linked(attributes, link) else { return Ok(None) };
    let target = Target::subject(Some(id), by).role(Role::LINKED).types(types).cardinality(Cardinality::One);
    if_admitted(cx, target).await
}

/// An object that does not matter if the caller may not use it, or if it is not there.
///
/// # Errors
/// The server fails.
pub(crate) async fn if_admitted(cx: &mut Context<'_>, target: Target) -> Result<Option<Authorized>> {
    match cx.load(target).await {
        Ok(found) => Ok(found.into_iter().next()),
        Err(error) if error.is_internal() => Err(error),
        Err(_) => Ok(None),
    }
}

/// The public key of a stored key of either kind, as certificates hold it.
async fn public_key(cx: &mut Context<'_>, key: &Authorized) -> Result<KeyBlock> {
    let material = cx.material(key).await?;
    public_key_of(cx.catalogue(), &key.key_facts(), &material)
}

/// The public key of an object that is not stored yet, as certificates hold it.
///
/// # Errors
/// Key Format Type Not Supported, Key Value Not Present.
pub(crate) fn public_key_of_new(catalogue: &dyn Catalogue, key: &NewObject) -> Result<KeyBlock> {
    let facts = KeyFacts::of(key.object.object_type(), key.object.key_block(), &key.attributes);
    public_key_of(catalogue, &facts, &Material::of(&key.object)?)
}

fn public_key_of(catalogue: &dyn Catalogue, facts: &KeyFacts<'_>, material: &Material) -> Result<KeyBlock> {
    let formats = claimed(catalogue, facts).ok_or_else(|| {
        Error::unsupported("this server cannot put a key of this algorithm into a certificate")
            .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)
    })?;
    if facts.object_type == ObjectType::PUBLIC_KEY {
        return in_certificates(formats, facts, material);
    }
    let block = formats.public_key(facts, material)?;
    let material = match &block.key_value {
        Some(KeyValue::Plain(plain)) => Material::new(block.key_format_type, plain.key_material.clone()),
        _ => return Err(Error::server("a scheme told a public key without its value")),
    };
    in_certificates(formats, &KeyFacts::of(ObjectType::PUBLIC_KEY, Some(&block), facts.attributes), &material)
}

fn in_certificates(formats: &dyn Formats, facts: &KeyFacts<'_>, material: &Material) -> Result<KeyBlock> {
    let key_material = formats.convert(facts, material, Encoding::from(KeyFormatType::X_509))?;
    Ok(KeyBlock {
        key_format_type: KeyFormatType::X_509,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None })),
        cryptographic_algorithm: facts.algorithm,
        cryptographic_length: facts.length,
        key_wrapping_data: None,
    })
}

/// Puts an imported private key into the format that its attributes name, if a dialect asks for an identifier of the key:
/// its clients send keys in whatever form they have them.
///
/// # Errors
/// What the scheme says of the key.
pub(crate) fn in_stated_format(
    catalogue: &dyn Catalogue,
    object: &mut ManagedObject,
    attributes: &Attributes,
) -> Result<()> {
    if !attributes.contains(KEY_IDENTIFIER) || !matches!(object, ManagedObject::PrivateKey(_)) {
        return Ok(());
    }
    let Some(format) = attributes.one::<kinds::KeyFormatType>() else { return Ok(()) };
    let kind = born::kind(catalogue, object.object_type())?;
    let mut known = attributes.clone();
    kind.check_object(catalogue, object, &mut known)?;
    match object.key_block_mut() {
        Some(block) => kind.convert(catalogue, block, &known, format.into()),
        None => Ok(()),
    }
}

/// Gives an imported private key the identifier that its certificate would state, if a dialect asks for that by an empty
/// one, and links it to its certificate if that is here.
///
/// # Errors
/// What the scheme says of the key.
pub(crate) async fn complete_imported(cx: &mut Context<'_>, new: &mut NewObject) -> Result<()> {
    if !new.attributes.contains(KEY_IDENTIFIER) || !matches!(new.object, ManagedObject::PrivateKey(_)) {
        return Ok(());
    }
    let scheme = certificate::known_scheme(cx.catalogue(), certificate::USUAL_TYPE)?;
    let identifier = scheme.key_identifier(&public_key_of_new(cx.catalogue(), new)?)?;
    let same = FieldTest { field: None, compare: Compare::Equal(IndexValue::Bytes(identifier.to_vec())) };
    new.attributes.set(KEY_IDENTIFIER, Value::ByteString(identifier));
    let filter = Filter::Type(vec![ObjectType::CERTIFICATE])
        .and(Filter::Attribute { tag: KEY_IDENTIFIER, tests: vec![same] });
    for certificate in cx.locate(filter, Page::first(1)).await?.ids {
        links::add(&mut new.attributes, LinkType::CERTIFICATE_LINK, &certificate);
    }
    Ok(())
}
