//! The four wire forms behind one face.

use claviger_kmip::codec::binary::Checked;
use claviger_kmip::codec::error::CodecError;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::rest_json::{KeyMaterialForm, RestBody};
use claviger_kmip::codec::{binary, json, rest_json, xml};
use claviger_kmip::vocabulary::Vocabulary;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Binary,
    Xml,
    Json,
    RestJson,
}

pub(crate) const FORMS: [Form; 4] = [Form::Binary, Form::Xml, Form::Json, Form::RestJson];

impl Form {
    /// The folder of the fuzzing corpus.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Xml => "xml",
            Self::Json => "json",
            Self::RestJson => "rest_json",
        }
    }

    /// Reads a message and writes it again.
    pub(crate) fn rewrite(self, bytes: &[u8]) -> Result<Vec<u8>, CodecError> {
        let (limits, vocabulary) = (Limits::default(), Vocabulary::standard());
        Ok(match self {
            Self::Binary => {
                let decoded = binary::decode(bytes, &limits);
                let checked = Checked::new(bytes.to_vec().into(), &limits);
                assert_eq!(checked.map(|checked| checked.to_tree()), decoded);
                binary::encode(&decoded?)
            }
            Self::Xml => xml::encode(&xml::decode(bytes, &limits, vocabulary)?),
            Self::Json => json::encode(&json::decode(bytes, &limits, vocabulary)?),
            Self::RestJson => {
                let body: RestBody = rest_json::decode(bytes, &limits, vocabulary)?;
                rest_json::encode(&body, KeyMaterialForm::InStructure, vocabulary)
            }
        })
    }
}
