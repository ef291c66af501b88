//! Attributes of managed objects (KMIP 2.1 sections 4 and 5).
//!
//! [`Attributes`] is the set that an object has, [`AttributeTable`] says what each attribute may be, and
//! [`rules`] checks what clients ask for against it. Nothing here knows one attribute from another but the table.

pub mod kinds;
mod reference;
mod rule;
pub mod rules;
mod set;
mod standard;
mod structures;
mod table;

pub use kinds::AttributeType;
pub(crate) use reference::read_index;
pub use reference::{AffectedAttribute, AttributeKey, AttributeReference, CurrentAttribute, NewAttribute};
pub use rule::{
    AttributeRule, ClientMay, FieldRule, Need, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source,
    Visibility,
};
pub use set::{Attributes, Instance};
pub use structures::{
    AlternativeName, ApplicationSpecificInformation, CertificateIdentifier, CertificateIssuer,
    CertificateSubject, CryptographicDomainParameters, Digest, KeyValueLocation, Link, Name,
    RevocationReason, RngParameters, RotateName, UsageLimits, VendorAttribute, X509CertificateIdentifier,
    X509CertificateIssuer, X509CertificateSubject,
};
pub use table::{AttributeConflict, AttributeTable};
