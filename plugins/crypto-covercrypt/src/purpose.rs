//! What keys of Covercrypt are for: master keys and user keys are both private keys.

use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{KeyPurpose, Scheme, SchemeEntry};

use crate::generation::KeyKind;
use crate::key::{self, COVERCRYPT};

const PURPOSE: SchemeEntry = SchemeEntry {
    name: "Covercrypt",
    algorithms: &[COVERCRYPT],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Purpose(&Purpose),
};
register_scheme!(PURPOSE);

struct Purpose;

impl KeyPurpose for Purpose {
    fn usable_for(&self, operation: OperationCode, facts: &KeyFacts<'_>) -> bool {
        match (operation, key::kind(facts)) {
            (OperationCode::DECRYPT, kind) => kind == KeyKind::User,
            (OperationCode::ENCRYPT, kind) => kind == KeyKind::MasterPublic,
            (OperationCode::CREATE | OperationCode::RE_KEY_KEY_PAIR, kind) => kind != KeyKind::User,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::tables::enumerations::ObjectType;

    use super::*;

    #[test]
    fn a_master_key_cannot_decrypt_and_a_user_key_cannot_issue() {
        let mut master = Attributes::new();
        let policy = claviger_plugin_sdk::kmip::Value::ByteString(b"{}".to_vec().into());
        master.set_vendor("cosmian", "cover_crypt_policy", policy);
        let user = key::with_access_policy("A::a");
        let usable = |operation, object_type, attributes| {
            Purpose.usable_for(operation, &KeyFacts::of(object_type, None, attributes))
        };
        let (private, public) = (ObjectType::PRIVATE_KEY, ObjectType::PUBLIC_KEY);
        assert!(
            !usable(OperationCode::DECRYPT, private, &master)
                && usable(OperationCode::DECRYPT, private, &user)
        );
        assert!(
            !usable(OperationCode::CREATE, private, &user) && usable(OperationCode::CREATE, private, &master)
        );
        assert!(!usable(OperationCode::RE_KEY_KEY_PAIR, private, &user));
        assert!(
            usable(OperationCode::ENCRYPT, public, &master)
                && !usable(OperationCode::ENCRYPT, private, &master)
        );
        assert!(usable(OperationCode::GET, private, &master) && usable(OperationCode::GET, private, &user));
    }
}
