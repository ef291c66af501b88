//! DSA keys (FIPS 186-4).

use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::key_material::{TransparentDsaPrivateKey, TransparentDsaPublicKey};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};
use der::asn1::ObjectIdentifier;

use super::family::{FiniteField, Key};
use super::group::Group;
use crate::encoding::{AsFormats, Half};

const FORMATS: SchemeEntry = SchemeEntry {
    name: "DSA key formats",
    algorithms: &[CryptographicAlgorithm::DSA],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Formats(&AsFormats(DSA)),
};
register_scheme!(FORMATS);

/// `id-dsa` (RFC 3279 section 2.3.2).
const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// The keys of DSA.
pub(super) const DSA: FiniteField = FiniteField {
    name: "DSA",
    algorithm: CryptographicAlgorithm::DSA,
    private_formats: &[KeyFormatType::TRANSPARENT_DSA_PRIVATE_KEY, KeyFormatType::PKCS_8],
    public_formats: &[KeyFormatType::TRANSPARENT_DSA_PUBLIC_KEY, KeyFormatType::X_509],
    group: |oid, numbers| {
        let [p, q, g] = numbers.try_into().ok()?;
        (oid == OID).then_some(Group { p, q: Some(q), g, j: None })
    },
    parameters: |group| (OID, [&group.p].into_iter().chain(&group.q).chain([&group.g]).collect()),
    read: |half, value| {
        Ok(match half {
            Half::Private => {
                let key = TransparentDsaPrivateKey::from_value(Tag::KEY_MATERIAL, value)?;
                Key { half, group: Group { p: key.p, q: Some(key.q), g: key.g, j: None }, number: key.x }
            }
            Half::Public => {
                let key = TransparentDsaPublicKey::from_value(Tag::KEY_MATERIAL, value)?;
                Key { half, group: Group { p: key.p, q: Some(key.q), g: key.g, j: None }, number: key.y }
            }
        })
    },
    write: |Key { half, group: Group { p, q, g, .. }, number }| {
        let q = q?;
        Some(match half {
            Half::Private => TransparentDsaPrivateKey { p, q, g, x: number }.into_value(),
            Half::Public => TransparentDsaPublicKey { p, q, g, y: number }.into_value(),
        })
    },
};

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::BigInteger;
    use claviger_plugin_sdk::kmip::tables::enumerations::{ObjectType, ResultReason};
    use claviger_plugin_sdk::record::Material;
    use claviger_plugin_sdk::scheme::{Formats, KeyDescription};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::FormatsSubject;
    use openssl::dsa::Dsa;
    use openssl::pkey::{PKey, Private};

    use super::super::trial_keys::{convert_as_openssl, facts, next_dsa_pair, strangers};
    use super::*;
    use crate::encoding::big_integer;

    scheme_conformance!(formats suite: FormatsSubject { entry: FORMATS, pair: next_dsa_pair, strangers });

    #[test]
    fn openssl_and_this_crate_write_the_same_bytes() {
        let openssl = PKey::from_dsa(Dsa::generate(1024).unwrap()).unwrap();
        let KeyDescription { algorithm, length, domain, .. } = convert_as_openssl(DSA, &openssl);
        assert_eq!((algorithm, length), (CryptographicAlgorithm::DSA, 1024));
        assert_eq!(domain.unwrap().qlength, Some(160));
    }

    #[test]
    fn keys_and_groups_of_no_use_are_refused() {
        let dsa = Dsa::generate(1024).unwrap();
        let small = |number: u8| BigInteger::from_signed_be(&[number]);
        let refused = |key: TransparentDsaPublicKey| {
            let material = Material::new(KeyFormatType::TRANSPARENT_DSA_PUBLIC_KEY, key.into_value());
            let facts = facts(ObjectType::PUBLIC_KEY, CryptographicAlgorithm::DSA);
            AsFormats(DSA).recognise(&facts, &material).expect_err("the key is refused").reason()
        };
        let key = public(&dsa);
        let less_one = {
            let mut less = dsa.p().to_owned().unwrap();
            less.sub_word(1).unwrap();
            big_integer(&less)
        };
        for y in [small(0), small(1), small(2), less_one, key.p.clone(), small(0xFF)] {
            let key = TransparentDsaPublicKey { y, ..key.clone() };
            assert_eq!(refused(key), ResultReason::INVALID_FIELD);
        }
        for q in [small(0), small(1), small(7), key.p.clone(), small(0xFF)] {
            let key = TransparentDsaPublicKey { q, ..key.clone() };
            assert_eq!(refused(key), ResultReason::INVALID_FIELD);
        }
        for g in [small(0), small(1), small(2), key.p.clone()] {
            let key = TransparentDsaPublicKey { g, ..key.clone() };
            assert_eq!(refused(key), ResultReason::INVALID_FIELD);
        }
        for p in [small(0), small(1), small(23), key.q.clone(), small(0xFF)] {
            let key = TransparentDsaPublicKey { p, ..key.clone() };
            assert_eq!(refused(key), ResultReason::INVALID_FIELD);
        }
        for x in [small(0), key.q.clone(), small(0xFF)] {
            let TransparentDsaPublicKey { p, q, g, .. } = key.clone();
            let value = TransparentDsaPrivateKey { p, q, g, x }.into_value();
            let material = Material::new(KeyFormatType::TRANSPARENT_DSA_PRIVATE_KEY, value);
            let facts = facts(ObjectType::PRIVATE_KEY, CryptographicAlgorithm::DSA);
            let error = AsFormats(DSA).recognise(&facts, &material).expect_err("the key is refused");
            assert_eq!(error.reason(), ResultReason::INVALID_FIELD);
        }
    }

    fn public(dsa: &Dsa<Private>) -> TransparentDsaPublicKey {
        TransparentDsaPublicKey {
            p: big_integer(dsa.p()),
            q: big_integer(dsa.q()),
            g: big_integer(dsa.g()),
            y: big_integer(dsa.pub_key()),
        }
    }
}
