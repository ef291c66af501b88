//! What came in: a message in the tree that every form shares, or in binary TTLV.

use claviger_kmip::codec::binary::Checked;
use claviger_kmip::field::{self, TtlvValue};
use claviger_kmip::message::RequestMessage;
use claviger_kmip::payload::{Encoded, Form, Payload};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::error::Result;

use super::{data_reference, request_attributes, resolve};

/// A body that may be a request message.
pub enum Received {
    /// In the tree that every form shares.
    Tree(Ttlv),
    /// In binary TTLV. Of operations whose payload has nothing that a version or the batch has a say in, there never is a
    /// tree.
    Binary(Checked),
}

impl Received {
    /// The version of a message of which nothing else is known yet.
    pub(crate) fn version(&self) -> Option<ProtocolVersion> {
        match self {
            Self::Tree(_) => {
                let version = self.header_field(Tag::PROTOCOL_VERSION)?;
                ProtocolVersion::from_value(Tag::PROTOCOL_VERSION, version).ok()
            }
            Self::Binary(checked) => {
                let header = checked.item().child(Tag::REQUEST_HEADER)?;
                ProtocolVersion::read(header.child(Tag::PROTOCOL_VERSION)?)
            }
        }
    }

    /// The bound that a request has for its response, if it can be read so far.
    pub(crate) fn bound(&self) -> Option<usize> {
        match self.header_field(Tag::MAXIMUM_RESPONSE_SIZE)? {
            Value::Integer(bytes) => usize::try_from(bytes).ok(),
            _ => None,
        }
    }

    /// The tag of the whole.
    pub(crate) fn tag(&self) -> Tag {
        match self {
            Self::Tree(tree) => tree.tag,
            Self::Binary(checked) => checked.item().tag,
        }
    }

    /// The form in which a client of this version is answered best.
    pub(crate) fn answers(&self, version: ProtocolVersion) -> Form {
        match self {
            Self::Binary(_) if version == ProtocolVersion::V2_1 => Form::Encoded,
            _ => Form::Tree,
        }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// It has not the fields of one.
    pub(crate) fn message(self, version: ProtocolVersion) -> Result<RequestMessage> {
        let checked = match self {
            Self::Tree(tree) => return Ok(RequestMessage::from_value(tree.tag, tree.value)?),
            Self::Binary(checked) => checked,
        };
        let mut message: RequestMessage = field::read(checked.item())?;
        for item in &mut message.batch_item {
            settle(&mut item.request_payload, version);
        }
        Ok(message)
    }

    fn header_field(&self, tag: Tag) -> Option<Value> {
        match self {
            Self::Tree(tree) => Some(tree.child(Tag::REQUEST_HEADER)?.child(tag)?.value.clone()),
            Self::Binary(checked) => Some(checked.item().child(Tag::REQUEST_HEADER)?.child(tag)?.to_value()),
        }
    }
}

/// Makes a tree of a payload in which anything stands that a step before the operation's own decoder looks for. So a
/// payload that stays encoded passes those steps as it is.
fn settle(payload: &mut Payload, version: ProtocolVersion) {
    let Payload::Encoded(encoded) = payload else { return };
    if version < ProtocolVersion::V2_0 || is_looked_into(encoded) {
        *payload = Payload::Tree(encoded.to_value());
    }
}

fn is_looked_into(payload: &Encoded) -> bool {
    payload.items().any_below(&mut |item| {
        item.tag == Tag::TEMPLATE
            || request_attributes::is_checked(item.tag, item.item_type)
            || resolve::is_a_place(item.tag, item.item_type)
            || data_reference::is_reference(item.tag, item.item_type)
    })
}
