//! Tags that tell the type of an object.

use claviger_plugin_sdk::prelude::*;

/// The system tags of an object type; types without one are left to other policies.
pub(crate) fn of(object_type: ObjectType) -> Option<Vec<String>> {
    let tag = match object_type {
        ObjectType::SYMMETRIC_KEY => "_kk",
        ObjectType::PRIVATE_KEY => "_sk",
        ObjectType::PUBLIC_KEY => "_pk",
        ObjectType::CERTIFICATE => "_cert",
        _ => return None,
    };
    Some(vec![tag.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_the_tag_that_clients_select_by() {
        let tag = |object_type| of(object_type).map(|tags| tags.join(" "));
        assert_eq!(tag(ObjectType::SYMMETRIC_KEY).as_deref(), Some("_kk"));
        assert_eq!(tag(ObjectType::PRIVATE_KEY).as_deref(), Some("_sk"));
        assert_eq!(tag(ObjectType::PUBLIC_KEY).as_deref(), Some("_pk"));
        assert_eq!(tag(ObjectType::CERTIFICATE).as_deref(), Some("_cert"));
        assert_eq!(tag(ObjectType::OPAQUE_OBJECT), None);
    }
}
