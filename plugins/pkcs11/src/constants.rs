//! Numbers of PKCS#11 3.0 under its names.

#![allow(dead_code)] // a table is easier to check whole

use claviger_plugin_sdk::kmip::tables::enumerations::Pkcs11Function as Function;

macro_rules! functions {
    ($($name:ident)*) => {
        functions!(@ 1u32; $($name)*);
    };
    (@ $number:expr; $name:ident $($rest:ident)*) => {
        pub(crate) const $name: Function = Function($number);
        functions!(@ $number + 1; $($rest)*);
    };
    (@ $number:expr;) => {
        /// The number behind the last function of the interface.
        pub(crate) const FUNCTIONS_END: u32 = $number;
    };
}

// CK_FUNCTION_LIST_3_0 in its order, counted from 1 (KMIP 2.1 section 11.38).
functions! {
    INITIALIZE FINALIZE GET_INFO GET_FUNCTION_LIST GET_SLOT_LIST GET_SLOT_INFO GET_TOKEN_INFO GET_MECHANISM_LIST
    GET_MECHANISM_INFO INIT_TOKEN INIT_PIN SET_PIN OPEN_SESSION CLOSE_SESSION CLOSE_ALL_SESSIONS GET_SESSION_INFO
    GET_OPERATION_STATE SET_OPERATION_STATE LOGIN LOGOUT CREATE_OBJECT COPY_OBJECT DESTROY_OBJECT GET_OBJECT_SIZE
    GET_ATTRIBUTE_VALUE SET_ATTRIBUTE_VALUE FIND_OBJECTS_INIT FIND_OBJECTS FIND_OBJECTS_FINAL ENCRYPT_INIT ENCRYPT
    ENCRYPT_UPDATE ENCRYPT_FINAL DECRYPT_INIT DECRYPT DECRYPT_UPDATE DECRYPT_FINAL DIGEST_INIT DIGEST DIGEST_UPDATE
    DIGEST_KEY DIGEST_FINAL SIGN_INIT SIGN SIGN_UPDATE SIGN_FINAL SIGN_RECOVER_INIT SIGN_RECOVER VERIFY_INIT VERIFY
    VERIFY_UPDATE VERIFY_FINAL VERIFY_RECOVER_INIT VERIFY_RECOVER DIGEST_ENCRYPT_UPDATE DECRYPT_DIGEST_UPDATE
    SIGN_ENCRYPT_UPDATE DECRYPT_VERIFY_UPDATE GENERATE_KEY GENERATE_KEY_PAIR WRAP_KEY UNWRAP_KEY DERIVE_KEY SEED_RANDOM
    GENERATE_RANDOM GET_FUNCTION_STATUS CANCEL_FUNCTION WAIT_FOR_SLOT_EVENT GET_INTERFACE_LIST GET_INTERFACE LOGIN_USER
    SESSION_CANCEL MESSAGE_ENCRYPT_INIT ENCRYPT_MESSAGE ENCRYPT_MESSAGE_BEGIN ENCRYPT_MESSAGE_NEXT MESSAGE_ENCRYPT_FINAL
    MESSAGE_DECRYPT_INIT DECRYPT_MESSAGE DECRYPT_MESSAGE_BEGIN DECRYPT_MESSAGE_NEXT MESSAGE_DECRYPT_FINAL
    MESSAGE_SIGN_INIT SIGN_MESSAGE SIGN_MESSAGE_BEGIN SIGN_MESSAGE_NEXT MESSAGE_SIGN_FINAL MESSAGE_VERIFY_INIT
    VERIFY_MESSAGE VERIFY_MESSAGE_BEGIN VERIFY_MESSAGE_NEXT MESSAGE_VERIFY_FINAL
}

/// CKA_…
pub(crate) mod attribute {
    pub(crate) const CLASS: u64 = 0x000;
    pub(crate) const TOKEN: u64 = 0x001;
    pub(crate) const PRIVATE: u64 = 0x002;
    pub(crate) const LABEL: u64 = 0x003;
    pub(crate) const VALUE: u64 = 0x011;
    pub(crate) const CERTIFICATE_TYPE: u64 = 0x080;
    pub(crate) const KEY_TYPE: u64 = 0x100;
    pub(crate) const ID: u64 = 0x102;
    pub(crate) const SENSITIVE: u64 = 0x103;
    pub(crate) const ENCRYPT: u64 = 0x104;
    pub(crate) const DECRYPT: u64 = 0x105;
    pub(crate) const WRAP: u64 = 0x106;
    pub(crate) const UNWRAP: u64 = 0x107;
    pub(crate) const SIGN: u64 = 0x108;
    pub(crate) const VERIFY: u64 = 0x10A;
    pub(crate) const DERIVE: u64 = 0x10C;
    pub(crate) const START_DATE: u64 = 0x110;
    pub(crate) const END_DATE: u64 = 0x111;
    pub(crate) const MODULUS_BITS: u64 = 0x121;
    pub(crate) const PRIVATE_EXPONENT: u64 = 0x123;
    pub(crate) const VALUE_LEN: u64 = 0x161;
    pub(crate) const EXTRACTABLE: u64 = 0x162;
    pub(crate) const LOCAL: u64 = 0x163;
    pub(crate) const NEVER_EXTRACTABLE: u64 = 0x164;
    pub(crate) const ALWAYS_SENSITIVE: u64 = 0x165;
    pub(crate) const MODIFIABLE: u64 = 0x170;
    pub(crate) const COPYABLE: u64 = 0x171;
    pub(crate) const DESTROYABLE: u64 = 0x172;
}

/// CKO_…
pub(crate) mod class {
    pub(crate) const CERTIFICATE: u64 = 1;
    pub(crate) const PUBLIC_KEY: u64 = 2;
    pub(crate) const PRIVATE_KEY: u64 = 3;
    pub(crate) const SECRET_KEY: u64 = 4;
}

/// CKF_…
pub(crate) mod flag {
    // Of slots.
    pub(crate) const TOKEN_PRESENT: u64 = 0x1;
    // Of tokens.
    pub(crate) const RNG: u64 = 0x1;
    pub(crate) const WRITE_PROTECTED: u64 = 0x2;
    pub(crate) const TOKEN_INITIALIZED: u64 = 0x400;
    // Of sessions.
    pub(crate) const RW_SESSION: u64 = 0x2;
    pub(crate) const SERIAL_SESSION: u64 = 0x4;
    // Of mechanisms.
    pub(crate) const ENCRYPT: u64 = 0x100;
    pub(crate) const DECRYPT: u64 = 0x200;
    pub(crate) const DIGEST: u64 = 0x400;
    pub(crate) const SIGN: u64 = 0x800;
    pub(crate) const VERIFY: u64 = 0x2000;
}

/// CK_UNAVAILABLE_INFORMATION.
pub(crate) const UNAVAILABLE: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_their_places_in_the_list() {
        // CK_FUNCTION_LIST_3_0 of PKCS#11 3.0: 68 functions of 2.40, and 24 of 3.0.
        assert_eq!((INITIALIZE.0, GET_INFO.0, GET_SLOT_LIST.0, OPEN_SESSION.0), (1, 3, 5, 13));
        assert_eq!((SIGN.0, GENERATE_RANDOM.0, WAIT_FOR_SLOT_EVENT.0), (44, 65, 68));
        assert_eq!((GET_INTERFACE_LIST.0, MESSAGE_VERIFY_FINAL.0, FUNCTIONS_END), (69, 92, 93));
        assert_eq!(INITIALIZE, Function::C_INITIALIZE);
    }
}
