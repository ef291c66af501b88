//! The values of the standard's credentials (KMIP 2.1 section 9.11).

use std::fmt;

use zeroize::Zeroize;

use crate::field::{DateTimeExtended, DecodeError, TtlvValue};
use crate::message::Credential;
use crate::payloads::Ticket;
use crate::structure;
use crate::tables::enumerations::{AttestationType, CredentialType, HashingAlgorithm};
use crate::ttlv::{ByteString, Tag, Value};

/// A credential of one of the standard's types, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialValue {
    /// A user with a password.
    UsernameAndPassword(UsernameAndPassword),
    /// A device.
    Device(Device),
    /// An attestation that answers a nonce of the server.
    Attestation(Attestation),
    /// A user with a password that is good once.
    OneTimePassword(OneTimePassword),
    /// A user with a password that does not travel itself.
    HashedPassword(HashedPassword),
    /// A ticket of Login or Delegated Login.
    Ticket(TicketCredential),
}

impl CredentialValue {
    /// Reads the value of a credential by its type; nothing if the type is not one of the standard's.
    ///
    /// # Errors
    /// Invalid Message, Invalid Data Type: the value is not what the type demands.
    pub fn read(credential: Credential) -> Result<Option<Self>, DecodeError> {
        let Credential { credential_type, credential_value } = credential;
        match credential_type {
            CredentialType::USERNAME_AND_PASSWORD => value(credential_value, Self::UsernameAndPassword),
            CredentialType::DEVICE => value(credential_value, Self::Device),
            CredentialType::ATTESTATION => value(credential_value, Self::Attestation),
            CredentialType::ONE_TIME_PASSWORD => value(credential_value, Self::OneTimePassword),
            CredentialType::HASHED_PASSWORD => value(credential_value, Self::HashedPassword),
            CredentialType::TICKET => value(credential_value, Self::Ticket),
            _ => Ok(None),
        }
    }
}

fn value<T: TtlvValue>(
    value: Value,
    kind: impl FnOnce(T) -> CredentialValue,
) -> Result<Option<CredentialValue>, DecodeError> {
    T::from_value(Tag::CREDENTIAL_VALUE, value).map(kind).map(Some)
}

structure! {
    /// A user with a password.
    pub struct UsernameAndPassword {
        /// The user.
        username: String = USERNAME,
        /// The password.
        password: Option<SecretText> = PASSWORD,
    }
}

structure! {
    /// A device. One field at least must be present.
    pub struct Device {
        /// Its serial number.
        device_serial_number: Option<String> = DEVICE_SERIAL_NUMBER,
        /// A shared secret.
        password: Option<SecretText> = PASSWORD,
        /// Its identifier.
        device_identifier: Option<String> = DEVICE_IDENTIFIER,
        /// The network that it is in.
        network_identifier: Option<String> = NETWORK_IDENTIFIER,
        /// The machine that it is in.
        machine_identifier: Option<String> = MACHINE_IDENTIFIER,
        /// The medium that is in it.
        media_identifier: Option<String> = MEDIA_IDENTIFIER,
    }
}

structure! {
    /// An attestation. One of the two kinds of data must be present.
    pub struct Attestation {
        /// The nonce of the server that it answers.
        nonce: Nonce = NONCE,
        /// What kind of attestation.
        attestation_type: AttestationType = ATTESTATION_TYPE,
        /// What the client measured of itself.
        attestation_measurement: Option<ByteString> = ATTESTATION_MEASUREMENT,
        /// What somebody else says of the client.
        attestation_assertion: Option<ByteString> = ATTESTATION_ASSERTION,
    }
}

structure! {
    /// What an attestation has to answer (section 9.14).
    pub struct Nonce {
        /// Identifies the nonce.
        nonce_id: ByteString = NONCE_ID,
        /// Its value.
        nonce_value: ByteString = NONCE_VALUE,
    }
}

structure! {
    /// A user with a password that is good once.
    pub struct OneTimePassword {
        /// The user.
        username: String = USERNAME,
        /// The lasting password.
        password: Option<SecretText> = PASSWORD,
        /// The password that is good once.
        one_time_password: SecretText = ONE_TIME_PASSWORD,
    }
}

structure! {
    /// A user with a password that does not travel itself: `H(H(username ‖ password) ‖ timestamp) ‖ H(password ‖
    /// username)`.
    pub struct HashedPassword {
        /// The user.
        username: String = USERNAME,
        /// The time that went into the hash; each is later than the one before.
        time_stamp: DateTimeExtended = TIME_STAMP,
        /// The hash function; SHA-256 if absent.
        hashing_algorithm: Option<HashingAlgorithm> = HASHING_ALGORITHM,
        /// The hashes.
        hashed_password: ByteString = HASHED_PASSWORD,
    }
}

structure! {
    /// A ticket of Login or Delegated Login.
    pub struct TicketCredential {
        /// The ticket.
        ticket: Ticket = TICKET,
    }
}

/// A secret that travels as text. Zeroized on drop; `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// The secret.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl TtlvValue for SecretText {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        String::from_value(tag, value).map(Self)
    }

    fn into_value(mut self) -> Value {
        Value::TextString(std::mem::take(&mut self.0))
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::DecodeError;
    use crate::ttlv::Ttlv;

    fn text(tag: Tag, text: &str) -> Ttlv {
        Ttlv::new(tag, Value::TextString(text.into()))
    }

    fn bytes(tag: Tag) -> Ttlv {
        Ttlv::new(tag, Value::ByteString(vec![1].into()))
    }

    fn read(
        credential_type: CredentialType,
        fields: Vec<Ttlv>,
    ) -> Result<Option<CredentialValue>, DecodeError> {
        CredentialValue::read(Credential { credential_type, credential_value: Value::Structure(fields) })
    }

    #[test]
    fn a_credential_of_each_type_of_the_standard_is_read() {
        let user = || text(Tag::USERNAME, "Fred");
        let nonce = Ttlv::structure(Tag::NONCE, vec![bytes(Tag::NONCE_ID), bytes(Tag::NONCE_VALUE)]);
        let attestation_type = Ttlv::new(Tag::ATTESTATION_TYPE, Value::Enumeration(1));
        let time = Ttlv::new(Tag::TIME_STAMP, Value::DateTimeExtended(1));
        let ticket_type = Ttlv::new(Tag::TICKET_TYPE, Value::Enumeration(1));
        let ticket = Ttlv::structure(Tag::TICKET, vec![ticket_type, bytes(Tag::TICKET_VALUE)]);
        for (credential_type, fields) in [
            (CredentialType::USERNAME_AND_PASSWORD, vec![user(), text(Tag::PASSWORD, "password1")]),
            (CredentialType::DEVICE, vec![text(Tag::DEVICE_SERIAL_NUMBER, "sn"), text(Tag::PASSWORD, "p")]),
            (CredentialType::ATTESTATION, vec![nonce, attestation_type, bytes(Tag::ATTESTATION_ASSERTION)]),
            (CredentialType::ONE_TIME_PASSWORD, vec![user(), text(Tag::ONE_TIME_PASSWORD, "1")]),
            (CredentialType::HASHED_PASSWORD, vec![user(), time, bytes(Tag::HASHED_PASSWORD)]),
            (CredentialType::TICKET, vec![ticket]),
        ] {
            assert!(read(credential_type, fields).unwrap().is_some(), "{credential_type:?}");
            let empty = read(credential_type, vec![]);
            assert_eq!(empty.is_ok(), credential_type == CredentialType::DEVICE, "{credential_type:?}");
        }
        assert_eq!(read(CredentialType(0x8000_0001), vec![user()]), Ok(None));
    }

    #[test]
    fn passwords_are_never_shown() {
        let fields = vec![text(Tag::USERNAME, "Fred"), text(Tag::PASSWORD, "password1")];
        let shown = format!("{:?}", read(CredentialType::USERNAME_AND_PASSWORD, fields).unwrap());
        assert!(shown.contains("Fred") && !shown.contains("password1"), "{shown}");
    }
}
