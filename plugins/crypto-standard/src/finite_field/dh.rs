//! Diffie-Hellman keys: with the order of the group as X9.42 has them (RFC 3279 section 2.3.3), without it as PKCS #3
//! does.

use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::key_material::{TransparentDhPrivateKey, TransparentDhPublicKey};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};
use der::asn1::ObjectIdentifier;

use super::family::{FiniteField, Key};
use super::group::Group;
use crate::encoding::{AsFormats, Half};

const FORMATS: SchemeEntry = SchemeEntry {
    name: "Diffie-Hellman key formats",
    algorithms: &[CryptographicAlgorithm::DH],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Formats(&AsFormats(DH)),
};
register_scheme!(FORMATS);

/// `dhKeyAgreement` (PKCS #3): prime and generator.
const PKCS_3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.3.1");

/// `dhpublicnumber` (X9.42): prime, generator, order and, at times, cofactor.
const X9_42: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10046.2.1");

/// The keys of Diffie-Hellman.
const DH: FiniteField = FiniteField {
    name: "Diffie-Hellman",
    algorithm: CryptographicAlgorithm::DH,
    private_formats: &[KeyFormatType::TRANSPARENT_DH_PRIVATE_KEY, KeyFormatType::PKCS_8],
    public_formats: &[KeyFormatType::TRANSPARENT_DH_PUBLIC_KEY, KeyFormatType::X_509],
    group: |oid, numbers| {
        let mut numbers = numbers.into_iter();
        let (p, g) = (numbers.next()?, numbers.next()?);
        match oid {
            PKCS_3 => Some(Group { p, q: None, g, j: None }),
            X9_42 => Some(Group { p, q: Some(numbers.next()?), g, j: numbers.next() }),
            _ => None,
        }
    },
    parameters: |group| match &group.q {
        None => (PKCS_3, vec![&group.p, &group.g]),
        Some(q) => (X9_42, [&group.p, &group.g, q].into_iter().chain(&group.j).collect()),
    },
    read: |half, value| {
        Ok(match half {
            Half::Private => {
                let key = TransparentDhPrivateKey::from_value(Tag::KEY_MATERIAL, value)?;
                Key { half, group: Group { p: key.p, q: key.q, g: key.g, j: key.j }, number: key.x }
            }
            Half::Public => {
                let key = TransparentDhPublicKey::from_value(Tag::KEY_MATERIAL, value)?;
                Key { half, group: Group { p: key.p, q: key.q, g: key.g, j: key.j }, number: key.y }
            }
        })
    },
    write: |Key { half, group: Group { p, q, g, j }, number }| {
        Some(match half {
            Half::Private => TransparentDhPrivateKey { p, q, g, j, x: number }.into_value(),
            Half::Public => TransparentDhPublicKey { p, q, g, j, y: number }.into_value(),
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
    use openssl::dh::Dh;
    use openssl::pkey::PKey;

    use super::super::trial_keys::{convert_as_openssl, facts, next_dh_pair, strangers};
    use super::*;

    scheme_conformance!(formats suite: FormatsSubject { entry: FORMATS, pair: next_dh_pair, strangers });

    #[test]
    fn openssl_and_this_crate_write_the_same_bytes_without_an_order() {
        let dh = Dh::generate_params(512, 2).unwrap().generate_key().unwrap();
        let KeyDescription { algorithm, length, domain, .. } =
            convert_as_openssl(DH, &PKey::from_dh(dh).unwrap());
        assert_eq!((algorithm, length, domain), (CryptographicAlgorithm::DH, 512, None));
    }

    #[test]
    fn openssl_and_this_crate_write_the_same_bytes_with_an_order() {
        let dh = Dh::get_2048_224().unwrap().generate_key().unwrap();
        let KeyDescription { length, domain, .. } = convert_as_openssl(DH, &PKey::from_dhx(dh).unwrap());
        assert_eq!((length, domain.unwrap().qlength), (2048, Some(224)));
    }

    /// A key in the group of RFC 5114 section 2.2.
    #[test]
    fn the_public_key_is_the_generator_to_the_power_of_the_private_one() {
        let TransparentDhPrivateKey { p, q, g, j, x } = key();
        let public = Group { p, q, g, j }.public_key(&x).unwrap();
        let expected = hex::decode(
            "0082c165bb576243ecf46d58c3d1501616955fca0320fa95ea11d2e6c1b9cf217676720dc1c08c85bf20c4d232b60a29a1e51c7b773bc645014587c525c86151b30d75486ec7b6c98efb5f74955b83116d01d0af1232af89213c2de574369d701aba9357300b920d3d8b98252d46c46952c16a5f33554b38317809c7b9add4701f5c158c1b7035e9fe39366ececb90d2896b78c523c4a577287ef5ba7a2663ed58aa20b5ec66e30f316610dfaa38583e495ab6af771c284387e660edbef4edb872e2e80e1d244ee95622e76d028e61c1e887c2aa792717362139f4dd26eafd49b2366eeb2350b01fe1b56022a2809e379559c37b375ba01c4eaacc14fd1b247837",
        );
        assert_eq!(public, BigInteger::from_unsigned_be(&expected.unwrap()));
    }

    #[test]
    fn numbers_that_do_not_belong_together_are_refused() {
        let recognise = |key: TransparentDhPrivateKey| {
            let material = Material::new(KeyFormatType::TRANSPARENT_DH_PRIVATE_KEY, key.into_value());
            AsFormats(DH).recognise(&facts(ObjectType::PRIVATE_KEY, CryptographicAlgorithm::DH), &material)
        };
        assert!(recognise(key()).unwrap().is_some());
        let seven = || BigInteger::from_signed_be(&[7]);
        let wrong = [
            TransparentDhPrivateKey { j: Some(seven()), ..key() },
            TransparentDhPrivateKey { j: Some(seven()), q: None, ..key() },
            TransparentDhPrivateKey { q: Some(seven()), ..key() },
            TransparentDhPrivateKey { g: seven(), ..key() },
            TransparentDhPrivateKey { x: key().q.unwrap(), ..key() },
            TransparentDhPrivateKey { x: key().p, q: None, ..key() },
        ];
        for key in wrong {
            assert_eq!(recognise(key).unwrap_err().reason(), ResultReason::INVALID_FIELD);
        }
        assert!(recognise(TransparentDhPrivateKey { q: None, g: seven(), ..key() }).unwrap().is_some());
    }

    fn key() -> TransparentDhPrivateKey {
        let integer = |digits: &str| BigInteger::from_unsigned_be(&hex::decode(digits).unwrap());
        TransparentDhPrivateKey {
            p: integer(
                "ad107e1e9123a9d0d660faa79559c51fa20d64e5683b9fd1b54b1597b61d0a75e6fa141df95a56dbaf9a3c407ba1df15eb3d688a309c180e1de6b85a1274a0a66d3f8152ad6ac2129037c9edefda4df8d91e8fef55b7394b7ad5b7d0b6c12207c9f98d11ed34dbf6c6ba0b2c8bbc27be6a00e0a0b9c49708b3bf8a317091883681286130bc8985db1602e714415d9330278273c7de31efdc7310f7121fd5a07415987d9adc0a486dcdf93acc44328387315d75e198c641a480cd86a1b9e587e8be60e69cc928b2b9c52172e413042e9b23f10b0e16e79763c9b53dcf4ba80a29e3fb73c16b8e75b97ef363e2ffa31f71cf9de5384e71b81c0ac4dffe0c10e64f",
            ),
            q: Some(integer("801c0d34c58d93fe997177101f80535a4738cebcbf389a99b36371eb")),
            g: integer(
                "ac4032ef4f2d9ae39df30b5c8ffdac506cdebe7b89998caf74866a08cfe4ffe3a6824a4e10b9a6f0dd921f01a70c4afaab739d7700c29f52c57db17c620a8652be5e9001a8d66ad7c17669101999024af4d027275ac1348bb8a762d0521bc98ae247150422ea1ed409939d54da7460cdb5f6c6b250717cbef180eb34118e98d119529a45d6f834566e3025e316a330efbb77a86f0c1ab15b051ae3d428c8f8acb70a8137150b8eeb10e183edd19963ddd9e263e4770589ef6aa21e7f5f2ff381b539cce3409d13cd566afbb48d6c019181e1bcfe94b30269edfe72fe9b6aa4bd7b5a0f1c71cfff4c19c418e1f6ec017981bc087f2a7065b384b890d3191f2bfa",
            ),
            j: None,
            x: integer("4460fcc2777435b2cab674710eb687a8e8a3b5655b3a592d8b15fdf1"),
        }
    }
}
