//! Create Key Pair: one set of attributes for both keys, and the encodings that clients of the family read.

use claviger_plugin_sdk::kmip::tables::enumerations::RecommendedCurve;
use claviger_plugin_sdk::prelude::*;

use crate::cover_crypt;
use crate::fields;
use crate::generation::{Birth, Generation};
use crate::request::birth::{self, Origin};
use crate::vocabulary::{CURVE_ED448, CURVE_ED25519};

/// What each key may have for itself; everything else is alike, as the first set that a request has says it.
const OWN: [Tag; 2] = [Tag::UNIQUE_IDENTIFIER, Tag::CRYPTOGRAPHIC_USAGE_MASK];

/// Completes a request.
///
/// # Errors
/// Invalid Field: it has no attributes.
pub(crate) fn completed(request: &mut Vec<Ttlv>, now: DateTime) -> Result<()> {
    let mut set = |tag| fields::take(request, tag).map(fields::children).transpose();
    let common = set(Tag::COMMON_ATTRIBUTES)?;
    let private = set(Tag::PRIVATE_KEY_ATTRIBUTES)?;
    let public = set(Tag::PUBLIC_KEY_ATTRIBUTES)?;
    let (mut of_private, mut of_public) = (own(private.as_deref()), own(public.as_deref()));
    let mut shared = common
        .or(private)
        .or(public)
        .ok_or_else(|| Error::invalid("Create Key Pair needs Common Attributes"))?;
    if let Some(identifier) = fields::take(&mut shared, Tag::UNIQUE_IDENTIFIER) {
        fields::default(&mut of_private, Tag::UNIQUE_IDENTIFIER, identifier);
    }
    // They are those of one of the two objects at most.
    shared.retain(|attribute| ![Tag::OBJECT_TYPE, Tag::KEY_FORMAT_TYPE].contains(&attribute.tag));
    name_the_curve(&mut shared);
    birth::complete(&mut shared, None, Origin::Generated, now);
    birth::link_wrapping_key(&mut shared);
    state_the_algorithm(&mut shared);
    let (private_format, public_format) = formats(&shared);
    fields::set(&mut of_private, Tag::KEY_FORMAT_TYPE, Value::Enumeration(private_format.0));
    fields::set(&mut of_public, Tag::KEY_FORMAT_TYPE, Value::Enumeration(public_format.0));
    request.push(Ttlv::structure(Tag::COMMON_ATTRIBUTES, shared));
    request.push(Ttlv::structure(Tag::PRIVATE_KEY_ATTRIBUTES, of_private));
    request.push(Ttlv::structure(Tag::PUBLIC_KEY_ATTRIBUTES, of_public));
    Ok(())
}

fn own(set: Option<&[Ttlv]>) -> Vec<Ttlv> {
    set.into_iter().flatten().filter(|attribute| OWN.contains(&attribute.tag)).cloned().collect()
}

/// To the family a pair for agreement is on Curve25519 unless its client names another curve, and a curve of its own
/// tells keys for signatures; to KMIP the algorithm tells them.
pub(super) fn name_the_curve(attributes: &mut Vec<Ttlv>) {
    let algorithm = fields::code(attributes, Tag::CRYPTOGRAPHIC_ALGORITHM).map(CryptographicAlgorithm);
    let domain = fields::inner_mut(attributes, Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS);
    let curve = domain
        .as_deref()
        .and_then(|domain| fields::code(domain, Tag::RECOMMENDED_CURVE))
        .map(RecommendedCurve);
    let (algorithm, curve) = match (algorithm, curve) {
        (_, Some(CURVE_ED25519)) => (CryptographicAlgorithm::ED25519, RecommendedCurve::CURVE25519),
        (_, Some(CURVE_ED448)) => (CryptographicAlgorithm::ED448, RecommendedCurve::CURVE448),
        (Some(CryptographicAlgorithm::ECDH), None) => {
            (CryptographicAlgorithm::ECDH, RecommendedCurve::CURVE25519)
        }
        _ => return,
    };
    fields::set(attributes, Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(algorithm.0));
    let curve = Ttlv::new(Tag::RECOMMENDED_CURVE, Value::Enumeration(curve.0));
    fields::set(attributes, Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS, Value::Structure(vec![curve]));
}

/// Older clients find the algorithm among the parameters of both keys.
pub(super) fn state_the_algorithm(attributes: &mut Vec<Ttlv>) {
    let generation = Birth::of_items(attributes).generation();
    let Some(algorithm) = fields::get(attributes, Tag::CRYPTOGRAPHIC_ALGORITHM).cloned() else { return };
    if generation == Generation::Older && !cover_crypt::are_of_one(attributes) {
        let parameters = Value::Structure(vec![Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, algorithm)]);
        fields::default(attributes, Tag::CRYPTOGRAPHIC_PARAMETERS, parameters);
    }
}

/// The formats in which the family reads the keys of a new pair where its client names none.
pub(super) fn formats(attributes: &[Ttlv]) -> (KeyFormatType, KeyFormatType) {
    match fields::code(attributes, Tag::CRYPTOGRAPHIC_ALGORITHM).map(CryptographicAlgorithm) {
        Some(CryptographicAlgorithm::RSA) => (KeyFormatType::PKCS_1, KeyFormatType::PKCS_1),
        Some(cover_crypt::ALGORITHM) => (cover_crypt::SECRET_KEY, cover_crypt::PUBLIC_KEY),
        _ => (KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY, KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime = DateTime(1_700_000_000);

    fn code(tag: Tag, code: u32) -> Ttlv {
        Ttlv::new(tag, Value::Enumeration(code))
    }

    fn pair(curve: Option<RecommendedCurve>) -> Vec<Ttlv> {
        let mut common = vec![
            code(Tag::CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm::ECDH.0),
            code(Tag::KEY_FORMAT_TYPE, KeyFormatType::EC_PRIVATE_KEY.0),
            code(Tag::OBJECT_TYPE, ObjectType::PRIVATE_KEY.0),
            Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString("mine".into())),
        ];
        common.extend(curve.map(|curve| {
            let curve = code(Tag::RECOMMENDED_CURVE, curve.0);
            Ttlv::structure(Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS, vec![curve])
        }));
        let mut request = vec![Ttlv::structure(Tag::COMMON_ATTRIBUTES, common)];
        completed(&mut request, NOW).unwrap();
        request
    }

    fn set(request: &[Ttlv], tag: Tag) -> &[Ttlv] {
        request.iter().find(|field| field.tag == tag).unwrap().children()
    }

    #[test]
    fn each_key_has_its_own_format_and_the_private_one_the_identifier() {
        let request = pair(None);
        let private = set(&request, Tag::PRIVATE_KEY_ATTRIBUTES);
        let format = fields::code(private, Tag::KEY_FORMAT_TYPE);
        assert_eq!(format, Some(KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY.0));
        assert_eq!(fields::text(private, Tag::UNIQUE_IDENTIFIER), Some("mine"));
        let public = set(&request, Tag::PUBLIC_KEY_ATTRIBUTES);
        let format = fields::code(public, Tag::KEY_FORMAT_TYPE);
        assert_eq!(format, Some(KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY.0));
        assert!(!fields::has(public, Tag::UNIQUE_IDENTIFIER));
        assert!(!fields::has(set(&request, Tag::COMMON_ATTRIBUTES), Tag::OBJECT_TYPE));
    }

    #[test]
    fn the_curve_of_the_family_s_own_becomes_an_algorithm() {
        let algorithm = |curve| {
            let request = pair(curve);
            fields::code(set(&request, Tag::COMMON_ATTRIBUTES), Tag::CRYPTOGRAPHIC_ALGORITHM)
        };
        assert_eq!(algorithm(None), Some(CryptographicAlgorithm::ECDH.0));
        assert_eq!(algorithm(Some(CURVE_ED25519)), Some(CryptographicAlgorithm::ED25519.0));
        assert_eq!(algorithm(Some(CURVE_ED448)), Some(CryptographicAlgorithm::ED448.0));
    }

    #[test]
    fn a_request_without_attributes_is_refused() {
        assert_eq!(completed(&mut vec![], NOW).unwrap_err().reason(), ResultReason::INVALID_FIELD);
    }
}
