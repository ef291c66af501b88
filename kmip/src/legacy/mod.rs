//! Messages of KMIP 1.0 to 2.0 as messages of KMIP 2.1, and back.
//!
//! Handlers see 2.1 only. What differs is rewritten on the tree, going in and going out:
//!
//! | 1.x | 2.1 |
//! |---|---|
//! | `Attribute` with a name and a value | the attribute under its own tag |
//! | `Attribute` called `x-…` or `y-…` | a vendor attribute of the vendor `x` or `y` with the name after the dash |
//! | `Template-Attribute`, `Common Template-Attribute`, … | `Attributes`, `Common Attributes`, … |
//! | repeated `Attribute` in Locate, Import, Export, Get Attributes, Notify, Put and in a key value | `Attributes` |
//! | `Attribute Name` in Get Attributes and Get Attribute List | `Attribute Reference` |
//! | `Attribute` in Add Attribute | `New Attribute` |
//! | `Attribute` with an index in Modify Attribute | `New Attribute`, and a `Current Attribute` with the index |
//! | `Attribute Name` with an index in Delete Attribute | `Current Attribute` with the index |
//! | `Attribute` in the answers of those three | `Current Attribute` with the index |
//! | `Attribute` without a value in Notify | `Attribute Reference` |
//! | `Certificate Request` bytes in Certify and Re-certify | `Certificate Request Value` |
//! | `Template` with `Attribute`s | `Template` with `Attributes`, and its names among its attributes |
//! | `Name` in a `Template-Attribute` | `Template` among the attributes: see [`apply_templates`] |
//! | Boolean `Asynchronous Indicator` | the enumeration |
//! | Integer `Extension Type` in Query's answer | the enumeration |
//!
//! The forms of `Current Attribute` with an index, and an `Attribute Index` that follows an attribute in `Attributes`,
//! exist inside the server only ([`CurrentAttribute::Instance`](crate::attributes::CurrentAttribute::Instance),
//! [`AffectedAttribute`](crate::attributes::AffectedAttribute)): they carry the 1.x index through, and no answer to a
//! 2.x client has them.
//!
//! Attributes of other vendors have no 1.x name and are left out of 1.x answers, as is everything that the client's
//! version does not know: attributes by the attribute table, other items by the version that introduced their tag,
//! Query's operations and object types, and enumeration values such as links of a new type, unless an older value means
//! the same. Result reasons become those of the error tables of
//! KMIP 1.4 section 11.

mod attribute;
mod reason;
mod request;
mod response;
mod since;
mod template;
mod value;

pub use request::{ItemViolation, key_value_to_2_1, request_payload_to_2_1, request_to_2_1};
pub use response::{
    key_value_from_2_1, request_from_2_1, response_from_2_1, response_payload_from_2_1, settled_response,
};
pub use template::{apply_templates, templates_named};

#[cfg(test)]
mod tests;
