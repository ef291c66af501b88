//! What is written is read back, in every form.

use claviger_kmip::codec::binary::Checked;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::rest_json::{KeyMaterialForm, RestBody};
use claviger_kmip::codec::{binary, json, rest_json, xml};
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{Tag, Ttlv};
use proptest::prelude::*;

use crate::forms::{FORMS, Form};
use crate::trees;

proptest! {
    #[test]
    fn any_tree_survives_binary_xml_and_json(tree in trees::tree()) {
        let (limits, vocabulary) = (Limits::default(), Vocabulary::standard());
        let encoded = binary::encode(&tree);
        prop_assert_eq!(binary::length(&tree), encoded.len());
        prop_assert_eq!(&binary::decode(&encoded, &limits).unwrap(), &tree);
        prop_assert_eq!(&Checked::new(encoded.into(), &limits).unwrap().to_tree(), &tree);
        prop_assert_eq!(&json::decode(&json::encode(&tree), &limits, vocabulary).unwrap(), &tree);
        prop_assert_eq!(&xml::decode(&xml::encode(&tree), &limits, vocabulary).unwrap(), &tree);
    }

    #[test]
    fn attributes_of_known_types_survive_all_four_forms(attributes in trees::attributes()) {
        let (limits, vocabulary) = (Limits::default(), Vocabulary::standard());
        let payload = Ttlv::structure(Tag::REQUEST_PAYLOAD, vec![attributes]);
        prop_assert_eq!(&binary::decode(&binary::encode(&payload), &limits).unwrap(), &payload);
        prop_assert_eq!(&json::decode(&json::encode(&payload), &limits, vocabulary).unwrap(), &payload);
        prop_assert_eq!(&xml::decode(&xml::encode(&payload), &limits, vocabulary).unwrap(), &payload);
        let body = RestBody::Operation { operation: OperationCode::CREATE, payload };
        let written = rest_json::encode(&body, KeyMaterialForm::Bare, vocabulary);
        prop_assert_eq!(&rest_json::decode(&written, &limits, vocabulary).unwrap(), &body);
    }

    #[test]
    fn what_rest_json_reads_of_any_tree_is_written_stably(tree in trees::tree()) {
        // OASIS JSON is read as the REST form when its top is an operation.
        let children = json::encode(&Ttlv::structure(Tag::ATTRIBUTES, vec![tree]));
        let request = String::from_utf8(children).unwrap().replacen("\"Attributes\"", "\"Create\"", 1);
        if let Ok(once) = Form::RestJson.rewrite(request.as_bytes()) {
            let twice = Form::RestJson.rewrite(&once).unwrap();
            prop_assert_eq!(String::from_utf8(once).unwrap(), String::from_utf8(twice).unwrap());
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for form in FORMS {
            let _ = form.rewrite(&bytes);
        }
    }
}
