//! The payloads of the operations (KMIP 2.1 section 6.1), one file an operation.
//!
//! Requests and responses have the fields of 2.1 whatever version a client speaks; [`legacy`](crate::legacy) adapts
//! them. Ping, and the answers of Interop and Log, have no fields: [`Empty`](crate::field::Empty).

pub mod access;
mod activate;
mod add_attribute;
mod check;
mod create;
mod decrypt;
mod delete_attribute;
mod destroy;
mod discover_versions;
mod encrypt;
mod export;
mod get;
mod get_attribute_list;
mod get_attributes;
mod import;
mod interop;
mod locate;
mod log;
mod modify_attribute;
mod protection_storage_masks;
mod query;
mod register;
mod revoke;
mod rng_retrieve;
mod set_attribute;

pub use activate::{ActivateRequest, ActivateResponse};
pub use add_attribute::{AddAttributeRequest, AddAttributeResponse};
pub use check::{CheckRequest, CheckResponse};
pub use create::{CreateRequest, CreateResponse};
pub use decrypt::{DecryptRequest, DecryptResponse};
pub use delete_attribute::{DeleteAttributeRequest, DeleteAttributeResponse};
pub use destroy::{DestroyRequest, DestroyResponse};
pub use discover_versions::{DiscoverVersionsRequest, DiscoverVersionsResponse};
pub use encrypt::{EncryptRequest, EncryptResponse};
pub use export::{ExportRequest, ExportResponse};
pub use get::{GetRequest, GetResponse};
pub use get_attribute_list::{GetAttributeListRequest, GetAttributeListResponse};
pub use get_attributes::{GetAttributesRequest, GetAttributesResponse};
pub use import::{ImportRequest, ImportResponse};
pub use interop::InteropRequest;
pub use locate::{LocateRequest, LocateResponse};
pub use log::LogRequest;
pub use modify_attribute::{ModifyAttributeRequest, ModifyAttributeResponse};
pub use protection_storage_masks::ProtectionStorageMasks;
pub use query::{
    CapabilityInformation, DefaultsInformation, ExtensionInformation, ObjectDefaults, ObjectGroups,
    ProfileInformation, ProfileVersion, QueryRequest, QueryResponse,
};
pub use register::{RegisterRequest, RegisterResponse};
pub use revoke::{RevokeRequest, RevokeResponse};
pub use rng_retrieve::{RngRetrieveRequest, RngRetrieveResponse};
pub use set_attribute::{SetAttributeRequest, SetAttributeResponse};
