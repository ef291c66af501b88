//! The tree of KMIP 2.1 as the family's JSON.

use std::io::Write;

use super::RestBody;
use super::names::{self, KeyMaterialForm};
use super::spelling::spelling;
use crate::codec::json_writer::{append_number, append_string};
use crate::codec::{binary, date_time, hex, text_value};
use crate::tables::Enumeration;
use crate::tables::enumerations::{OperationCode, RevocationReasonCode};
use crate::ttlv::{BigInteger, ItemType, Tag, Ttlv, Value};
use crate::vocabulary::Vocabulary;

/// Writes an operation's payload or a message. Items without a place in the form are written as OASIS JSON
/// would name them; leaving out what a client does not know is the caller's business.
pub fn encode(body: &RestBody, material: KeyMaterialForm, vocabulary: &Vocabulary) -> Vec<u8> {
    let (RestBody::Operation { payload: item, .. } | RestBody::Message(item)) = body;
    // Rarely more is needed, so that key material is not left behind in outgrown buffers.
    let mut out = Vec::with_capacity(4 * binary::length(item));
    encode_into(body, material, vocabulary, &mut out);
    out
}

/// Appends an operation's payload or a message to a buffer.
pub fn encode_into(body: &RestBody, material: KeyMaterialForm, vocabulary: &Vocabulary, out: &mut Vec<u8>) {
    let mut writer = Writer { vocabulary, material, out };
    match body {
        RestBody::Operation { operation, payload } => {
            writer.open_named(|writer| writer.operation_name(*operation, payload.tag));
            writer.structure(payload.tag, Some(*operation), payload.children());
            writer.out.push(b'}');
        }
        RestBody::Message(message) => {
            writer.open_named(|writer| writer.out.extend_from_slice(b"Message"));
            writer.structure(message.tag, None, message.children());
            writer.out.push(b'}');
        }
    }
}

struct Writer<'a> {
    vocabulary: &'a Vocabulary,
    material: KeyMaterialForm,
    out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    /// Writes an item up to the name of its type.
    fn open_named(&mut self, name: impl FnOnce(&mut Self)) {
        self.out.extend_from_slice(b"{\"tag\":\"");
        name(self);
        self.out.extend_from_slice(b"\",\"type\":\"");
    }

    fn open(&mut self, parent: Tag, tag: Tag) {
        self.open_named(|writer| writer.name(parent, tag));
    }

    fn operation_name(&mut self, operation: OperationCode, payload: Tag) {
        match self.vocabulary.enumeration_name(Tag::OPERATION, operation.code()) {
            Some("MAC") => self.out.extend_from_slice(b"Mac"),
            Some(name) => self.out.extend_from_slice(name.as_bytes()),
            None => append(self.out, format_args!("{:#010X}", operation.code())),
        }
        if payload == Tag::RESPONSE_PAYLOAD {
            self.out.extend_from_slice(b"Response");
        }
    }

    fn name(&mut self, parent: Tag, tag: Tag) {
        match names::name(parent, tag).or_else(|| self.vocabulary.tag_name(tag)) {
            Some(name) => self.out.extend_from_slice(name.as_bytes()),
            None => text_value::append_hex_tag(self.out, tag),
        }
    }

    /// Writes the children of a structure; those that belong to an array stand in it, where the first of them is.
    fn children(&mut self, parent: Tag, operation: Option<OperationCode>, children: &[Ttlv]) {
        let mut arrays = Vec::new();
        let mut separator: &[u8] = b"";
        let object = self.object_tag(parent, children);
        for child in children {
            let array = array_of(parent, child, operation);
            if array.is_some_and(|array| arrays.contains(&array)) {
                continue;
            }
            self.out.extend_from_slice(separator);
            separator = b",";
            match array {
                None if object == Some(child.tag) && matches!(child.value, Value::Structure(_)) => {
                    self.open_named(|writer| writer.out.extend_from_slice(b"Object"));
                    self.structure(child.tag, operation, child.children());
                    self.out.push(b'}');
                }
                None => self.item(parent, operation, child),
                Some(array) => {
                    arrays.push(array);
                    match array {
                        names::mark::CERTIFICATE_ATTRIBUTES => self.certificate_attributes(children),
                        tag => self.array(parent, tag, operation, children),
                    }
                }
            }
        }
    }

    fn array(&mut self, parent: Tag, tag: Tag, operation: Option<OperationCode>, children: &[Ttlv]) {
        self.open(parent, tag);
        self.out.extend_from_slice(b"Structure\",\"value\":[");
        for (position, child) in children.iter().filter(|child| child.tag == tag).enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            self.item(parent, operation, child);
        }
        self.out.extend_from_slice(b"]}");
    }

    /// All fields are demanded, so that absent attributes are empty texts.
    fn certificate_attributes(&mut self, attributes: &[Ttlv]) {
        self.out.extend_from_slice(b"{\"tag\":\"CertificateAttributes\",\"type\":\"Structure\",\"value\":[");
        for (position, (tag, name)) in names::CERTIFICATE_ATTRIBUTES.iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            let text = attributes.iter().find_map(|attribute| match &attribute.value {
                Value::TextString(text) if attribute.tag == *tag => Some(text.as_str()),
                _ => None,
            });
            append(self.out, format_args!("{{\"tag\":\"{name}\",\"type\":\"TextString\",\"value\":"));
            append_string(self.out, text.unwrap_or_default());
            self.out.push(b'}');
        }
        self.out.extend_from_slice(b"]}");
    }

    fn item(&mut self, parent: Tag, operation: Option<OperationCode>, item: &Ttlv) {
        self.open(parent, item.tag);
        match (item.tag, &item.value) {
            (Tag::REVOCATION_REASON, Value::Structure(fields)) => self.revocation_reason(fields),
            (_, Value::Structure(children)) => match storage_mask(item.tag, children) {
                Some(bits) => self.integer(bits),
                None => self.structure(item.tag, operation.or_else(|| operation_of(item)), children),
            },
            (Tag::KEY_MATERIAL, Value::ByteString(bytes))
                if self.material == KeyMaterialForm::InStructure =>
            {
                self.out.extend_from_slice(b"Structure\",\"value\":[{\"tag\":\"ByteString\",\"type\":\"");
                self.byte_string(bytes);
                self.out.extend_from_slice(b"}]");
            }
            (tag, value) => self.leaf(tag, value),
        }
        self.out.push(b'}');
    }

    /// Writes the rest of an item that has children, without its closing brace.
    fn structure(&mut self, tag: Tag, operation: Option<OperationCode>, children: &[Ttlv]) {
        self.out.extend_from_slice(b"Structure\",\"value\":[");
        self.children(tag, operation, children);
        self.out.push(b']');
    }

    /// Writes type and value of an item that has no children.
    fn leaf(&mut self, tag: Tag, value: &Value) {
        match value {
            Value::Integer(number) if names::is_long(tag) => self.long_integer((*number).into()),
            Value::Integer(number) => self.integer(*number),
            Value::LongInteger(number) => self.long_integer(*number),
            Value::DateTime(seconds) if self.vocabulary.item_type(tag) == Some(ItemType::DateTime) => {
                self.long_integer(*seconds);
            }
            Value::DateTime(seconds) => {
                self.out.extend_from_slice(b"DateTime\",\"value\":\"");
                date_time::append(self.out, *seconds);
                self.out.push(b'"');
            }
            Value::BigInteger(number) => self.big_integer(number),
            Value::Enumeration(value) => self.enumeration(tag, *value),
            Value::Boolean(truth) => append(self.out, format_args!("Boolean\",\"value\":{truth}")),
            Value::TextString(text) => self.text(text),
            Value::ByteString(bytes) => match batch_item_number(tag, bytes) {
                Some(number) => self.integer(number),
                None => self.byte_string(bytes),
            },
            Value::Interval(seconds) => append(self.out, format_args!("Interval\",\"value\":{seconds}")),
            Value::DateTimeExtended(microseconds) => {
                let wide = i128::from(*microseconds);
                append(self.out, format_args!("DateTimeExtended\",\"value\":\"{wide:#034X}\""));
            }
            Value::Structure(_) => {}
        }
    }

    fn integer(&mut self, number: i32) {
        self.out.extend_from_slice(b"Integer\",\"value\":");
        append_number(self.out, number.into());
    }

    fn long_integer(&mut self, number: i64) {
        append(self.out, format_args!("LongInteger\",\"value\":\"{number:#018X}\""));
    }

    /// The family's big integers have no sign, and KMIP has no use for negative ones.
    fn big_integer(&mut self, number: &BigInteger) {
        self.out.extend_from_slice(b"BigInteger\",\"value\":\"0x");
        match number.to_unsigned_be() {
            Some([]) => self.out.extend_from_slice(b"00"),
            Some(bytes) => hex::append(self.out, bytes, hex::Case::Upper),
            None => hex::append(self.out, number.to_signed_be(), hex::Case::Upper),
        }
        self.out.push(b'"');
    }

    fn enumeration(&mut self, tag: Tag, value: u32) {
        self.out.extend_from_slice(b"Enumeration\",\"value\":\"");
        match spelling(self.vocabulary, tag, value) {
            Some(name) => self.out.extend_from_slice(name.as_bytes()),
            None => append(self.out, format_args!("{value:#010X}")),
        }
        self.out.push(b'"');
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(b"TextString\",\"value\":");
        append_string(self.out, text);
    }

    fn byte_string(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(b"ByteString\",\"value\":\"");
        hex::append(self.out, bytes, hex::Case::Upper);
        self.out.push(b'"');
    }

    /// The family tells the code or a message: the code, unless it says nothing. A message that is the name of
    /// a code would be read as that code.
    fn revocation_reason(&mut self, fields: &[Ttlv]) {
        let message = fields.iter().find_map(|field| match &field.value {
            Value::TextString(text) if field.tag == Tag::REVOCATION_MESSAGE => Some(text),
            _ => None,
        });
        let code = fields.iter().find_map(|field| match field.value {
            Value::Enumeration(code) if field.tag == Tag::REVOCATION_REASON_CODE => Some(code),
            _ => None,
        });
        let unspecified = RevocationReasonCode::UNSPECIFIED.code();
        let code = code.unwrap_or(unspecified);
        match message
            .filter(|text| code == unspecified && names::revocation_code(self.vocabulary, text).is_none())
        {
            Some(text) => self.text(text),
            None => self.enumeration(Tag::REVOCATION_REASON_CODE, code),
        }
    }

    /// The tag of the object in a payload, by the Object Type beside it.
    fn object_tag(&self, parent: Tag, payload: &[Ttlv]) -> Option<Tag> {
        if !matches!(parent, Tag::REQUEST_PAYLOAD | Tag::RESPONSE_PAYLOAD) {
            return None;
        }
        let code = payload.iter().find_map(|item| match item.value {
            Value::Enumeration(code) if item.tag == Tag::OBJECT_TYPE => Some(code),
            _ => None,
        });
        self.vocabulary.enumeration_name(Tag::OBJECT_TYPE, code?).and_then(|name| self.vocabulary.tag(name))
    }
}

/// The array that an item belongs to.
fn array_of(parent: Tag, item: &Ttlv, operation: Option<OperationCode>) -> Option<Tag> {
    let is_text = matches!(&item.value, Value::TextString(text) if !text.is_empty());
    if names::is_array(parent, item.tag, operation) {
        Some(item.tag)
    } else if is_text && names::holds_attributes(parent) && names::is_certificate_attribute(item.tag) {
        Some(names::mark::CERTIFICATE_ATTRIBUTES)
    } else {
        None
    }
}

/// The operation of a batch item.
fn operation_of(item: &Ttlv) -> Option<OperationCode> {
    match item.child(Tag::OPERATION)?.value {
        Value::Enumeration(code) if item.tag == Tag::BATCH_ITEM => Some(OperationCode::from_code(code)),
        _ => None,
    }
}

/// The one mask of a list of storage masks, which the family writes as a number.
fn storage_mask(tag: Tag, children: &[Ttlv]) -> Option<i32> {
    match children {
        [Ttlv { tag: Tag::PROTECTION_STORAGE_MASK, value: Value::Integer(bits) }]
            if names::is_storage_masks(tag) =>
        {
            Some(*bits)
        }
        _ => None,
    }
}

/// The family numbers the items of a batch.
fn batch_item_number(tag: Tag, bytes: &[u8]) -> Option<i32> {
    let bytes: [u8; 4] = bytes.try_into().ok().filter(|_| tag == Tag::UNIQUE_BATCH_ITEM_ID)?;
    Some(i32::from_be_bytes(bytes))
}

fn append(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a vector cannot fail.
    let _ = out.write_fmt(text);
}
