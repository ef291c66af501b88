//! The JSON of the REST family of clients: TTLV in JSON objects, with habits of its own.
//!
//! What differs from OASIS JSON is translated here as far as the tree alone tells, so that what comes out is a
//! tree of KMIP 2.1 and what goes in may be one:
//!
//! | REST JSON | tree |
//! |---|---|
//! | `Create`, `CreateResponse` at the top | the operation, and its Request Payload or Response Payload |
//! | `Message` with `Header` and `Items` | Request Message or Response Message |
//! | `Link` in `Link`, `VendorAttributes` in `VendorAttributes`, … | siblings |
//! | `VendorAttributes` | Attribute with Vendor Identification, Attribute Name, Attribute Value |
//! | `CertificateAttributes` | the certificate attributes one by one |
//! | `Object`, named by the `ObjectType` beside it | Symmetric Key, Private Key, … |
//! | `KeyMaterial` holding one `ByteString` | Key Material as Byte String |
//! | `RevocationReason` as text or enumeration | Revocation Reason with code and message |
//! | `Certificate` as bytes, `ValidityTime` as text, in `Validate` | Certificate with type and value, Validity Date |
//! | Long Integer where KMIP has Integer or Date Time | the type of KMIP |
//!
//! What needs more than the tree (dates in milliseconds, default values, which fields a client knows) is the
//! business of a dialect. Names that are not known are left out, as the family's servers do; directly inside
//! `Import` they are errors.

mod names;
mod reader;
mod spelling;
mod writer;

#[cfg(test)]
mod tests;

pub use names::KeyMaterialForm;
pub use reader::decode;
pub use spelling::spelling;
pub use writer::{encode, encode_into};

use crate::tables::enumerations::OperationCode;
use crate::ttlv::Ttlv;

/// What one body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestBody {
    /// One operation without an envelope.
    Operation {
        /// Which one.
        operation: OperationCode,
        /// Its Request Payload or Response Payload.
        payload: Ttlv,
    },
    /// A Request Message or a Response Message.
    Message(Ttlv),
}
