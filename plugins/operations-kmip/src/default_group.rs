//! The object group `default`, whose members the server makes when an operator says of what kind they are (KMIP 2.1
//! section 6.1.28: what a client finds when there is no fresh member left is the server's policy).

use claviger_plugin_sdk::kmip::attributes::{Attributes, Instance, kinds};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::settings::{KeyToMake, Setting, SettingKind};

use crate::generated;

/// What the members are; none are made if absent.
pub(crate) const DEFAULT_GROUP_KEY: Setting = Setting {
    flag: FLAG,
    variable: "KMS_DEFAULT_GROUP_KEY",
    variable_aliases: &[],
    section: "objects",
    kind: SettingKind::Key,
    default: None,
    help: "Which keys the server makes when a client looks for a fresh member of the object group `default` and owns \
           none, such as AES-256; none when absent",
};

const FLAG: &str = "default-group-key";

/// The name that KMIP 1.1 to 1.4 reserve.
const GROUP: &str = "default";

/// Makes a member for a client that looks for one with these attributes; nothing if the server makes none, or none such.
///
/// # Errors
/// Permission Denied: the credentials do not allow the caller to create. What Create says. Internal Server Error: the
/// setting names no key, which the server finds when it starts.
pub(crate) async fn new_member(cx: &mut Context<'_>, wanted: &Attributes) -> Result<Option<ObjectId>> {
    if !wanted.all::<kinds::ObjectGroup>().any(|group| group == GROUP) {
        return Ok(None);
    }
    let Some(setting) = cx.catalogue().settings().text(FLAG) else { return Ok(None) };
    let member = member(setting)?;
    if !wanted.iter().all(|instance| has(&member, instance)) {
        return Ok(None);
    }
    generated::create(cx, ObjectType::SYMMETRIC_KEY, member, None).await.map(Some)
}

/// The attributes of a member.
fn member(setting: &str) -> Result<Attributes> {
    let key = KeyToMake::parse(setting).ok_or_else(|| {
        Error::server(format!("--{FLAG} takes an algorithm and a length in bits, such as AES-256"))
    })?;
    let uses = CryptographicUsageMask::ENCRYPT | CryptographicUsageMask::DECRYPT;
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(key.algorithm);
    attributes.put::<kinds::CryptographicLength>(key.length);
    attributes.put::<kinds::CryptographicUsageMask>(uses.0.cast_signed());
    attributes.push::<kinds::ObjectGroup>(GROUP.to_owned());
    Ok(attributes)
}

/// Whether a member is found by this attribute.
fn has(member: &Attributes, wanted: &Instance) -> bool {
    match (wanted.tag, &wanted.value) {
        (Tag::OBJECT_TYPE, value) => *value == Value::Enumeration(ObjectType::SYMMETRIC_KEY.0),
        (tag, value) => member.instances(tag).any(|instance| instance.value == *value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_names_an_algorithm_and_a_length() {
        let attributes = member("AES-192").unwrap();
        assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::AES));
        assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(192));
        for wrong in ["AES", "AES-", "AES-long", "Nothing-256", ""] {
            assert_eq!(member(wrong).unwrap_err().class(), ErrorClass::Server, "{wrong:?}");
        }
    }
}
