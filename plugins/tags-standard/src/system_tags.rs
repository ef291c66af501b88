//! Tags that tell the type of an object, and how certificates and their keys belong together.

use claviger_plugin_sdk::certificate_attributes::{AUTHORITY_NAME, KEY_IDENTIFIER, PARENT_AUTHORITY_NAME};
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;

/// The system tags of an object; types without one are left to other policies.
pub(crate) fn of(facts: &KeyFacts<'_>) -> Option<Vec<String>> {
    let own = match facts.object_type {
        ObjectType::SYMMETRIC_KEY => "_kk",
        ObjectType::PRIVATE_KEY => "_sk",
        ObjectType::PUBLIC_KEY => "_pk",
        ObjectType::CERTIFICATE => "_cert",
        _ => return None,
    };
    let mut tags = vec![own.to_owned()];
    if facts.object_type != ObjectType::SYMMETRIC_KEY {
        tags.extend(of_key_identifier(facts));
        tags.extend(text(facts, AUTHORITY_NAME).map(|name| format!("_cert_ca={name}")));
        tags.extend(text(facts, PARENT_AUTHORITY_NAME).map(|name| format!("_ca_parent={name}")));
    }
    if matches!(facts.object_type, ObjectType::PRIVATE_KEY | ObjectType::PUBLIC_KEY) {
        tags.extend(certificates(facts).map(|id| format!("_cert_uid={id}")));
    }
    Some(tags)
}

/// The identifier of a certificate's key. A private key has one if it came the way of certificates, and then their tag, too.
fn of_key_identifier(facts: &KeyFacts<'_>) -> Vec<String> {
    match facts.attributes.get(KEY_IDENTIFIER) {
        Some(Value::ByteString(identifier)) if !identifier.is_empty() => {
            let digits: String = identifier.iter().map(|byte| format!("{byte:02x}")).collect();
            let came_as_certificate =
                (facts.object_type == ObjectType::PRIVATE_KEY).then(|| "_cert".to_owned());
            came_as_certificate.into_iter().chain([format!("_cert_spki={digits}")]).collect()
        }
        _ => Vec::new(),
    }
}

fn text<'f>(facts: &KeyFacts<'f>, tag: Tag) -> Option<&'f str> {
    match facts.attributes.get(tag) {
        Some(Value::TextString(text)) => Some(text),
        _ => None,
    }
}

/// The certificates that a key links to.
fn certificates(facts: &KeyFacts<'_>) -> impl Iterator<Item = String> {
    let links =
        facts.attributes.all::<kinds::Link>().filter(|link| link.link_type == LinkType::CERTIFICATE_LINK);
    links.filter_map(|link| link.linked_object_identifier.as_text().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::{Attributes, Link};

    use super::*;

    fn tags(object_type: ObjectType, attributes: &Attributes) -> Option<String> {
        of(&KeyFacts::of(object_type, None, attributes)).map(|tags| tags.join(" "))
    }

    fn of_authority() -> Attributes {
        let mut attributes = Attributes::new();
        attributes.set(KEY_IDENTIFIER, Value::ByteString(vec![0x0A, 0xFF].into()));
        attributes.set(AUTHORITY_NAME, Value::TextString("Sub".into()));
        attributes.set(PARENT_AUTHORITY_NAME, Value::TextString("Root".into()));
        attributes
    }

    #[test]
    fn each_type_has_the_tag_that_clients_select_by() {
        let tag = |object_type| tags(object_type, &Attributes::new());
        assert_eq!(tag(ObjectType::SYMMETRIC_KEY).as_deref(), Some("_kk"));
        assert_eq!(tag(ObjectType::PRIVATE_KEY).as_deref(), Some("_sk"));
        assert_eq!(tag(ObjectType::PUBLIC_KEY).as_deref(), Some("_pk"));
        assert_eq!(tag(ObjectType::CERTIFICATE).as_deref(), Some("_cert"));
        assert_eq!(tag(ObjectType::OPAQUE_OBJECT), None);
    }

    #[test]
    fn the_certificate_of_an_authority_tells_its_key_its_name_and_its_parent() {
        assert_eq!(
            tags(ObjectType::CERTIFICATE, &of_authority()).as_deref(),
            Some("_cert _cert_spki=0aff _cert_ca=Sub _ca_parent=Root")
        );
    }

    #[test]
    fn a_key_tells_its_certificate_and_whether_it_came_as_one() {
        let mut attributes = of_authority();
        attributes.push::<kinds::Link>(Link {
            link_type: LinkType::CERTIFICATE_LINK,
            linked_object_identifier: "the-certificate".into(),
        });
        assert_eq!(
            tags(ObjectType::PRIVATE_KEY, &attributes).as_deref(),
            Some("_sk _cert _cert_spki=0aff _cert_ca=Sub _ca_parent=Root _cert_uid=the-certificate")
        );
        attributes.remove(KEY_IDENTIFIER);
        attributes.remove(AUTHORITY_NAME);
        attributes.remove(PARENT_AUTHORITY_NAME);
        assert_eq!(
            tags(ObjectType::PUBLIC_KEY, &attributes).as_deref(),
            Some("_pk _cert_uid=the-certificate")
        );
        assert_eq!(tags(ObjectType::SYMMETRIC_KEY, &of_authority()).as_deref(), Some("_kk"));
    }
}
