//! Private Key and Public Key (KMIP 2.1 sections 2.5 and 2.6).
//!
//! What a key is and how it may be encoded only a scheme knows: the one that claims the algorithm or, where no algorithm
//! is told, the first that recognises the material. A key of an algorithm that no scheme of this server claims is kept
//! in the format in which it came.

use claviger_plugin_sdk::kmip::attributes::{Attributes, CryptographicDomainParameters, kinds};
use claviger_plugin_sdk::kmip::objects::{
    CryptographicParameters, KeyBlock, KeyValue, ManagedObject, PlainKeyValue,
};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{Capability, Cost, Encoding, Formats, KeyDescription, Scheme};

use super::key_value;

/// The rules of one of the two keys of a pair.
struct KeyOfPair(ObjectType);

const PRIVATE_KEYS: KeyOfPair = KeyOfPair(ObjectType::PRIVATE_KEY);
const PUBLIC_KEYS: KeyOfPair = KeyOfPair(ObjectType::PUBLIC_KEY);

register_object_kind!(PRIVATE_KEYS);
register_object_kind!(PUBLIC_KEYS);

impl ObjectKind for KeyOfPair {
    fn object_type(&self) -> ObjectType {
        self.0
    }

    fn check_template(&self, attributes: &Attributes) -> Result<()> {
        match attributes.one::<kinds::CryptographicAlgorithm>() {
            Some(_) => Ok(()),
            None => Err(Error::invalid("a key pair needs the attribute Cryptographic Algorithm")),
        }
    }

    fn check_object(
        &self,
        catalogue: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()> {
        let block = match object {
            ManagedObject::PrivateKey(key) | ManagedObject::PublicKey(key)
                if object.object_type() == self.0 =>
            {
                &key.key_block
            }
            _ => {
                return Err(Error::invalid(format!(
                    "the object is no {:?}, as its Object Type says",
                    self.0
                ))
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
            }
        };
        key_value::agree::<kinds::CryptographicAlgorithm>(block.cryptographic_algorithm, attributes)?;
        key_value::agree::<kinds::CryptographicLength>(block.cryptographic_length, attributes)?;
        if let Some(value) = key_value::plain(block) {
            let material = Material::new(block.key_format_type, value.clone());
            let facts = KeyFacts::of(self.0, Some(block), attributes);
            if let Some(found) = recognised(catalogue, &facts, &material)? {
                self.complete(found, attributes)?;
            }
        }
        if attributes.one::<kinds::CryptographicAlgorithm>().is_none() {
            return Err(Error::invalid(
                "the key does not tell its algorithm to this server: state the Cryptographic Algorithm, in the Key \
                 Block or as attribute",
            ));
        }
        Ok(())
    }

    /// Of a key that does not tell its algorithm every scheme may have to look at the material.
    fn cost(&self, catalogue: &dyn Catalogue, object: &ManagedObject) -> Cost {
        let Some(block) = object.key_block() else { return Cost::Light };
        let Some(value) = key_value::plain(block) else { return Cost::Light };
        let material = Material::new(block.key_format_type, value.clone());
        let none = Attributes::new();
        let facts = KeyFacts::of(self.0, Some(block), &none);
        let schemes = catalogue.schemes(Capability::Formats).into_iter();
        let concerned =
            schemes.filter(|entry| facts.algorithm.is_none() || entry.serves(Capability::Formats, &facts));
        let costs = concerned.filter_map(|entry| match entry.scheme {
            Scheme::Formats(formats) => Some(formats.cost(&facts, &material)),
            _ => None,
        });
        costs.max().unwrap_or(Cost::Light)
    }

    fn formats(&self, catalogue: &dyn Catalogue, key: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        claimed(catalogue, key).map_or(&[], |formats| formats.formats(key))
    }

    fn convert(
        &self,
        catalogue: &dyn Catalogue,
        block: &mut KeyBlock,
        attributes: &Attributes,
        to: Encoding,
    ) -> Result<()> {
        if to == (Encoding { format: block.key_format_type, compression: block.key_compression_type }) {
            return Ok(());
        }
        let value = key_value::plain(block).ok_or_else(key_value::not_here)?;
        let material = Material::new(block.key_format_type, value.clone());
        let facts = KeyFacts::of(self.0, Some(block), attributes);
        let Some(formats) = claimed(catalogue, &facts) else {
            return Err(key_value::unsupported(to.format, &[block.key_format_type]));
        };
        let key_material = formats.convert(&facts, &material, to)?;
        block.key_format_type = to.format;
        block.key_compression_type = to.compression;
        block.key_value = Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None }));
        Ok(())
    }

    fn digest_input(&self, object: &ManagedObject) -> Option<ByteString> {
        key_value::digest_input(object.key_block()?)
    }
}

impl KeyOfPair {
    /// Puts what the material turned out to be into the attributes.
    ///
    /// # Errors
    /// Invalid Field: the attributes say something else.
    fn complete(&self, found: KeyDescription, attributes: &mut Attributes) -> Result<()> {
        if found.object_type != self.0 {
            return Err(Error::invalid(format!(
                "the Key Material is a {:?} where the object is a {:?}",
                found.object_type, self.0
            )));
        }
        told::<kinds::CryptographicAlgorithm>(found.algorithm, attributes)?;
        told::<kinds::CryptographicLength>(found.length, attributes)?;
        let stated = attributes.one::<kinds::CryptographicDomainParameters>();
        if let Some(domain) = domain(found.domain, stated)? {
            attributes.put::<kinds::CryptographicDomainParameters>(domain);
        }
        Ok(())
    }
}

/// Puts the key of a pair into the form that its format has, where it came otherwise, as PEM in place of DER.
pub(crate) fn strip(catalogue: &dyn Catalogue, object: &mut ManagedObject, attributes: &Attributes) {
    let object_type = object.object_type();
    if !matches!(object_type, ObjectType::PRIVATE_KEY | ObjectType::PUBLIC_KEY) {
        return;
    }
    let Some(block) = object.key_block_mut() else { return };
    let Some(value) = key_value::plain(block) else { return };
    let material = Material::new(block.key_format_type, value.clone());
    let formats = claimed(catalogue, &KeyFacts::of(object_type, Some(block), attributes));
    if let Some(bare) = formats.and_then(|formats| formats.bare(&material))
        && let Some(KeyValue::Plain(plain)) = &mut block.key_value
    {
        plain.key_material = bare;
    }
}

/// Puts algorithm and length of a public key, as certificates hold it, into the attributes of what holds it. A key of an
/// algorithm that no scheme knows tells neither.
///
/// # Errors
/// Invalid Field: the key is malformed, or the attributes say something else.
pub(super) fn complete_from_public_key(
    catalogue: &dyn Catalogue,
    public_key: &KeyBlock,
    attributes: &mut Attributes,
) -> Result<()> {
    let Some(value) = key_value::plain(public_key) else { return Ok(()) };
    let material = Material::new(public_key.key_format_type, value.clone());
    let none = Attributes::new();
    let facts = KeyFacts::of(ObjectType::PUBLIC_KEY, Some(public_key), &none);
    if let Some(found) = recognised(catalogue, &facts, &material)? {
        told::<kinds::CryptographicAlgorithm>(found.algorithm, attributes)?;
        told::<kinds::CryptographicLength>(found.length, attributes)?;
    }
    Ok(())
}

/// The scheme that knows the encodings of keys of this algorithm.
pub(crate) fn claimed(catalogue: &dyn Catalogue, key: &KeyFacts<'_>) -> Option<&'static dyn Formats> {
    match catalogue.scheme(Capability::Formats, key, &CryptographicParameters::NONE) {
        Some(Scheme::Formats(formats)) => Some(*formats),
        _ => None,
    }
}

/// What the material is; nothing if no scheme of this server can tell.
///
/// # Errors
/// Invalid Field: it is malformed, or no key of the algorithm that is told.
fn recognised(
    catalogue: &dyn Catalogue,
    key: &KeyFacts<'_>,
    material: &Material,
) -> Result<Option<KeyDescription>> {
    if let Some(algorithm) = key.algorithm {
        let Some(formats) = claimed(catalogue, key) else { return Ok(None) };
        let found = formats.recognise(key, material)?.ok_or_else(|| {
            Error::invalid(format!(
                "the Key Material is no {algorithm:?} key in the format {:?}, as the request says",
                material.format()
            ))
        });
        return found.map(Some);
    }
    for entry in catalogue.schemes(Capability::Formats) {
        if let Scheme::Formats(formats) = entry.scheme
            && let Some(found) = formats.recognise(key, material)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The fact that the material tells, put into the attributes.
fn told<A>(found: A::Value, attributes: &mut Attributes) -> Result<()>
where
    A: claviger_plugin_sdk::kmip::attributes::AttributeType,
    A::Value: Copy + PartialEq + std::fmt::Debug,
{
    match attributes.one::<A>() {
        Some(stated) if stated != found => Err(Error::invalid(format!(
            "{:?} is {found:?} in the Key Material and {stated:?} in the request",
            A::TAG
        ))),
        _ => {
            attributes.put::<A>(found);
            Ok(())
        }
    }
}

/// The domain parameters of the material with those of the request, which may say more.
fn domain(
    found: Option<CryptographicDomainParameters>,
    stated: Option<CryptographicDomainParameters>,
) -> Result<Option<CryptographicDomainParameters>> {
    let (Some(found), Some(stated)) = (&found, &stated) else { return Ok(found.or(stated)) };
    let contradicted =
        (found.qlength.is_some() && stated.qlength.is_some() && found.qlength != stated.qlength)
            || (found.recommended_curve.is_some()
                && stated.recommended_curve.is_some()
                && found.recommended_curve != stated.recommended_curve);
    if contradicted {
        return Err(Error::invalid(
            "the Cryptographic Domain Parameters of the request are not those of the Key Material",
        ));
    }
    Ok(Some(CryptographicDomainParameters {
        qlength: found.qlength.or(stated.qlength),
        recommended_curve: found.recommended_curve.or(stated.recommended_curve),
    }))
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::Key;
    use claviger_plugin_sdk::kmip::tables::enumerations::RecommendedCurve;
    use claviger_plugin_sdk::testkit::TestCatalogue;

    use super::super::examples::symmetric;
    use super::*;

    fn private(algorithm: Option<CryptographicAlgorithm>) -> ManagedObject {
        let mut key_block = symmetric(&[1; 16]).key_block().unwrap().clone();
        key_block.key_format_type = KeyFormatType::PKCS_8;
        key_block.cryptographic_algorithm = algorithm;
        key_block.cryptographic_length = None;
        ManagedObject::PrivateKey(Key { key_block })
    }

    fn checked(kind: &KeyOfPair, object: &ManagedObject) -> Result<Attributes> {
        let mut attributes = Attributes::new();
        kind.check_object(&TestCatalogue::default(), object, &mut attributes).map(|()| attributes)
    }

    #[test]
    fn a_key_that_no_scheme_knows_is_kept_as_it_came_if_its_algorithm_is_told() {
        let told = private(Some(CryptographicAlgorithm::MCELIECE));
        let attributes = checked(&PRIVATE_KEYS, &told).unwrap();
        assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::MCELIECE));
        let refused = checked(&PRIVATE_KEYS, &private(None)).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
        let mut block = told.key_block().unwrap().clone();
        let catalogue = TestCatalogue::default();
        PRIVATE_KEYS.convert(&catalogue, &mut block, &attributes, KeyFormatType::PKCS_8.into()).unwrap();
        let refused = PRIVATE_KEYS
            .convert(&catalogue, &mut block, &attributes, KeyFormatType::PKCS_1.into())
            .unwrap_err();
        assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    }

    #[test]
    fn an_object_of_another_type_is_refused() {
        let private = private(Some(CryptographicAlgorithm::MCELIECE));
        for object in [&private, &symmetric(&[1; 16])] {
            let refused = checked(&PUBLIC_KEYS, object).unwrap_err();
            assert_eq!(refused.reason(), ResultReason::INVALID_OBJECT_TYPE);
        }
    }

    #[test]
    fn domain_parameters_complete_one_another_and_must_not_differ() {
        let curve = |curve| CryptographicDomainParameters { qlength: None, recommended_curve: Some(curve) };
        let length = CryptographicDomainParameters { qlength: Some(256), recommended_curve: None };
        let both = CryptographicDomainParameters {
            qlength: Some(256),
            recommended_curve: Some(RecommendedCurve::P_256),
        };
        assert_eq!(domain(Some(curve(RecommendedCurve::P_256)), Some(length)).unwrap(), Some(both.clone()));
        assert_eq!(domain(None, Some(both.clone())).unwrap(), Some(both.clone()));
        assert!(domain(Some(curve(RecommendedCurve::P_384)), Some(both)).is_err());
    }
}
