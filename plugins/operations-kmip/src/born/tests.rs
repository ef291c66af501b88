//! Expected values: KMIP 2.1 sections 4.3, 4.21, 4.23, 4.24, 4.33, 4.55 and 4.59; digests from `sha256sum`.

use claviger_plugin_sdk::kmip::attributes::AttributeReference;
use claviger_plugin_sdk::kmip::tables::enumerations::UsageLimitsUnit;

use super::*;
use claviger_plugin_sdk::testkit::TestCatalogue;

use crate::kinds::SymmetricKeyKind;
use crate::kinds::examples::{symmetric, transparent};

fn protected(making: Making, edit: impl FnOnce(&mut Attributes)) -> Attributes {
    let mut attributes = Attributes::new();
    edit(&mut attributes);
    complete_protection(making, &mut attributes);
    attributes
}

#[test]
fn a_key_is_neither_sensitive_nor_kept_inside_unless_its_maker_says_so() {
    let attributes = protected(Making::Registered, |_| ());
    assert_eq!(attributes.one::<kinds::Sensitive>(), Some(false));
    assert_eq!(attributes.one::<kinds::AlwaysSensitive>(), Some(false));
    assert_eq!(attributes.one::<kinds::Extractable>(), Some(true));
    assert_eq!(attributes.one::<kinds::NeverExtractable>(), Some(false));
    assert_eq!(attributes.one::<kinds::Fresh>(), Some(true));
}

#[test]
fn import_can_lower_the_histories_of_protection_and_not_raise_them() {
    let lowered = protected(Making::Imported, |attributes| {
        attributes.put::<kinds::Sensitive>(true);
        attributes.put::<kinds::AlwaysSensitive>(false);
        attributes.put::<kinds::Extractable>(false);
        attributes.put::<kinds::NeverExtractable>(false);
    });
    assert_eq!(lowered.one::<kinds::AlwaysSensitive>(), Some(false));
    assert_eq!(lowered.one::<kinds::NeverExtractable>(), Some(false));
    let raised = protected(Making::Imported, |attributes| {
        attributes.put::<kinds::AlwaysSensitive>(true);
        attributes.put::<kinds::NeverExtractable>(true);
    });
    assert_eq!(raised.one::<kinds::AlwaysSensitive>(), Some(false));
    assert_eq!(raised.one::<kinds::NeverExtractable>(), Some(false));
}

#[test]
fn an_object_that_was_served_elsewhere_is_imported_as_not_fresh() {
    let served =
        |making| protected(making, |attributes| attributes.put::<kinds::Fresh>(false)).one::<kinds::Fresh>();
    assert_eq!(served(Making::Imported), Some(false));
    assert_eq!(served(Making::Registered), Some(false));
    assert_eq!(served(Making::Generated), Some(true));
}

#[test]
fn usage_limits_start_at_their_total_whatever_the_client_says_of_the_count() {
    let limits = UsageLimits { total: 10, count: Some(3), unit: UsageLimitsUnit::BYTE };
    let full = UsageLimits::from_value(Tag::USAGE_LIMITS, full_limits(limits.into_value()).unwrap()).unwrap();
    assert_eq!(full.count, Some(10));
}

#[test]
fn application_data_that_the_server_would_have_to_make_is_refused() {
    let information =
        ApplicationSpecificInformation { application_namespace: "ssl".into(), application_data: None };
    let error = with_application_data(information.into_value()).unwrap_err();
    assert_eq!(error.reason(), ResultReason::APPLICATION_NAMESPACE_NOT_SUPPORTED);
}

#[test]
fn the_digest_is_that_of_the_raw_key_and_of_the_format_in_which_the_key_is_kept() {
    // printf '\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f' | sha256sum
    let raw = "be45cb2605bf36bebde684841a28f0fd43c69850a3dce5fedba69928ee3a8991";
    let bytes: Vec<u8> = (0..16).collect();
    let digest = |object: &ManagedObject| {
        digests(&TestCatalogue::default(), &SymmetricKeyKind, object, &Attributes::new()).unwrap()
    };
    let of_raw = digest(&symmetric(&bytes));
    assert_eq!(of_raw.len(), 1);
    assert_eq!(hex::encode(&**of_raw[0].digest_value.as_ref().unwrap()), raw);
    assert_eq!(of_raw[0].key_format_type, Some(KeyFormatType::RAW));
    let of_transparent = digest(&transparent(&bytes));
    assert_eq!(of_transparent[0], of_raw[0]);
    // The TTLV encoding of Key Material { Key }: 42 00 43 01 00000018, 42 00 3F 08 00000010, the key.
    let ttlv =
        [&hex::decode("4200430100000018 42003f0800000010".replace(' ', "")).unwrap()[..], &bytes].concat();
    assert_eq!(of_transparent[1].digest_value.as_deref(), Some(&Sha256::digest(&ttlv)[..]));
    assert_eq!(of_transparent[1].key_format_type, Some(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY));
}

#[test]
fn a_key_without_value_has_no_digest_and_says_that_its_value_is_absent() {
    let mut object = symmetric(&[0; 16]);
    object.key_block_mut().unwrap().key_value = None;
    let mut attributes = Attributes::new();
    complete_from_key(&TestCatalogue::default(), &SymmetricKeyKind, &object, &mut attributes).unwrap();
    assert_eq!(attributes.one::<kinds::KeyValuePresent>(), Some(false));
    assert!(!attributes.contains(&AttributeReference::Tagged(Tag::DIGEST)));
}
