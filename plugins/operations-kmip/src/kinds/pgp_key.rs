//! PGP Key (KMIP 2.1 section 2.4): text that the server does not look into.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, ManagedObject};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{Cost, Encoding};

use super::key_value;

/// The rules of PGP keys.
struct PgpKeyKind;

register_object_kind!(PgpKeyKind);

/// Raw is the default (KMIP 2.1 section 4.26).
const FORMATS: &[KeyFormatType] = &[KeyFormatType::RAW, KeyFormatType::OPAQUE];

/// The versions that section 2.4 names.
const VERSIONS: std::ops::RangeInclusive<i32> = 3..=4;

impl ObjectKind for PgpKeyKind {
    fn object_type(&self) -> ObjectType {
        ObjectType::PGP_KEY
    }

    fn check_template(&self, _: &Attributes) -> Result<()> {
        Err(Error::invalid("the server cannot make a PGP Key: Register one")
            .with_reason(ResultReason::INVALID_OBJECT_TYPE))
    }

    fn check_object(
        &self,
        _: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()> {
        let ManagedObject::PgpKey(key) = object else {
            return Err(Error::invalid("the object is no PGP Key, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        if !VERSIONS.contains(&key.pgp_key_version) {
            return Err(Error::invalid("the PGP Key Version is 3 or 4"));
        }
        let block = &key.key_block;
        key_value::check_format(block, FORMATS)?;
        key_value::agree::<kinds::CryptographicAlgorithm>(block.cryptographic_algorithm, attributes)?;
        key_value::agree::<kinds::CryptographicLength>(block.cryptographic_length, attributes)?;
        key_value::check_bytes(block)
    }

    fn cost(&self, _: &dyn Catalogue, _: &ManagedObject) -> Cost {
        Cost::Light
    }

    fn formats(&self, _: &dyn Catalogue, _: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        FORMATS
    }

    fn convert(&self, _: &dyn Catalogue, block: &mut KeyBlock, _: &Attributes, to: Encoding) -> Result<()> {
        key_value::rename_format(block, to, FORMATS)
    }

    fn digest_input(&self, object: &ManagedObject) -> Option<ByteString> {
        key_value::digest_input(object.key_block()?)
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::PgpKey;
    use claviger_plugin_sdk::testkit::TestCatalogue;

    use super::super::examples::{password, symmetric};
    use super::*;

    fn checked(object: &ManagedObject) -> Result<()> {
        PgpKeyKind.check_object(&TestCatalogue::default(), object, &mut Attributes::new())
    }

    fn pgp_key(pgp_key_version: i32) -> ManagedObject {
        let key_block = password(b"-----BEGIN PGP PUBLIC KEY BLOCK-----").key_block().unwrap().clone();
        ManagedObject::PgpKey(PgpKey { pgp_key_version, key_block })
    }

    #[test]
    fn a_pgp_key_is_kept_without_being_read() {
        assert!(checked(&pgp_key(4)).is_ok());
    }

    #[test]
    fn other_versions_and_other_objects_are_refused() {
        assert_eq!(checked(&pgp_key(2)).unwrap_err().reason(), ResultReason::INVALID_FIELD);
        assert_eq!(checked(&symmetric(&[1; 16])).unwrap_err().reason(), ResultReason::INVALID_OBJECT_TYPE);
    }
}
