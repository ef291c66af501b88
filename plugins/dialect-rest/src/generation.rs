//! Generations of clients, which expect different answers to the same request.
//!
//! An object answers as the generation of the client that made it. That is decided when the object is created or
//! imported, and kept in an attribute that no client sees; an object that came in another way has none and answers as
//! the newer generation does.

use claviger_plugin_sdk::kmip::attributes::{
    AttributeRule, Attributes, ClientMay, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source, Visibility,
};
use claviger_plugin_sdk::kmip::ttlv::ItemType;
use claviger_plugin_sdk::prelude::*;

use crate::fields;

/// The generation of the client that made an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Until 4.8: transparent keys, attributes as they were sent.
    Older,
    /// As recorded at 4.22: raw keys, and `Sensitive` always among the attributes.
    Newer,
}

/// How an object was born: the value of the attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Birth {
    /// Generated for an older client.
    OlderGenerated,
    /// Imported by an older client, which sees its tags among the attributes again.
    OlderImported,
    /// Made by a newer client, or by one of another family.
    Newer,
}

/// The attribute that keeps the birth.
pub(crate) const TAG: Tag = Tag(0x54_5201);

/// Its row in the attribute table.
pub(crate) const RULE: AttributeRule = AttributeRule {
    tag: TAG,
    name: "REST Generation",
    shape: Shape::OneOf(&[ItemType::Enumeration]),
    occurs: Occurs::Once,
    presence: Presence::Maybe,
    source: Source::Server,
    modify: ClientMay::Never,
    delete: ClientMay::Never,
    rekey: OnRekey::Copied,
    since: ProtocolVersion::V2_1,
    until: None,
    objects: ObjectTypes::All,
    implicit: &[],
    visibility: Visibility::ServerOnly,
};

impl Birth {
    /// The birth that an object's attributes tell.
    pub(crate) fn of(attributes: &Attributes) -> Self {
        Self::of_value(attributes.get(TAG))
    }

    /// The birth that the attributes of a request tell, once they are completed.
    pub(crate) fn of_items(attributes: &[Ttlv]) -> Self {
        Self::of_value(fields::get(attributes, TAG))
    }

    fn of_value(value: Option<&Value>) -> Self {
        match value {
            Some(Value::Enumeration(1)) => Self::OlderGenerated,
            Some(Value::Enumeration(2)) => Self::OlderImported,
            _ => Self::Newer,
        }
    }

    /// The item to put among the attributes of a new object.
    pub(crate) fn into_item(self) -> Ttlv {
        let code = match self {
            Self::OlderGenerated => 1,
            Self::OlderImported => 2,
            Self::Newer => 3,
        };
        Ttlv::new(TAG, Value::Enumeration(code))
    }

    /// The generation of the client.
    pub(crate) fn generation(self) -> Generation {
        match self {
            Self::OlderGenerated | Self::OlderImported => Generation::Older,
            Self::Newer => Generation::Newer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_without_the_mark_answers_as_the_newer_generation() {
        assert_eq!(Birth::of(&Attributes::new()).generation(), Generation::Newer);
    }

    #[test]
    fn every_birth_is_read_back_from_its_item() {
        for birth in [Birth::OlderGenerated, Birth::OlderImported, Birth::Newer] {
            let item = birth.into_item();
            let mut attributes = Attributes::new();
            attributes.add(item.tag, item.value);
            assert_eq!(Birth::of(&attributes), birth);
        }
    }
}
