//! The payloads of the operations (KMIP 2.1 sections 6.1 and 6.2), one file an operation, and the structures of
//! section 7 that they share.
//!
//! Requests and responses have the fields of 2.1 whatever version a client speaks; [`legacy`](crate::legacy) adapts
//! them. A payload without fields is [`Empty`](crate::field::Empty): the requests of Ping and Get Constraints and the
//! answers of Interop, Log, Logout, Notify, Ping, Process, Put, Set Constraints and Set Defaults. Poll is answered by
//! the payload of the operation that it asks after.

pub mod access;
mod activate;
mod add_attribute;
mod adjust_attribute;
mod archive;
mod cancel;
mod certify;
mod check;
mod constraints;
mod create;
mod create_key_pair;
mod create_split_key;
mod decrypt;
mod delegated_login;
mod delete_attribute;
mod derive_key;
mod destroy;
mod discover_versions;
pub mod encapsulation;
mod encrypt;
mod export;
mod get;
mod get_attribute_list;
mod get_attributes;
mod get_constraints;
mod get_usage_allocation;
mod hash;
mod import;
mod interop;
mod join_split_key;
mod locate;
mod log;
mod login;
mod logout;
mod mac;
mod mac_verify;
mod modify_attribute;
mod notify;
mod obtain_lease;
mod pkcs_11;
mod poll;
mod process;
mod protection_storage_masks;
mod put;
mod query;
mod query_asynchronous_requests;
mod re_certify;
mod re_key;
mod re_key_key_pair;
mod re_provision;
mod recover;
mod register;
mod revoke;
mod rights;
mod rng_retrieve;
mod rng_seed;
mod set_attribute;
mod set_constraints;
mod set_defaults;
mod set_endpoint_role;
mod sign;
mod signature_verify;
mod ticket;
mod validate;

pub use activate::{ActivateRequest, ActivateResponse};
pub use add_attribute::{AddAttributeRequest, AddAttributeResponse};
pub use adjust_attribute::{AdjustAttributeRequest, AdjustAttributeResponse};
pub use archive::{ArchiveRequest, ArchiveResponse};
pub use cancel::{CancelRequest, CancelResponse};
pub use certify::{CertifyRequest, CertifyResponse};
pub use check::{CheckRequest, CheckResponse};
pub use constraints::{Constraint, Constraints, ObjectTypes};
pub use create::{CreateRequest, CreateResponse};
pub use create_key_pair::{CreateKeyPairRequest, CreateKeyPairResponse};
pub use create_split_key::{CreateSplitKeyRequest, CreateSplitKeyResponse};
pub use decrypt::{DecryptRequest, DecryptResponse};
pub use delegated_login::{DelegatedLoginRequest, DelegatedLoginResponse};
pub use delete_attribute::{DeleteAttributeRequest, DeleteAttributeResponse};
pub use derive_key::{DerivationParameters, DeriveKeyRequest, DeriveKeyResponse};
pub use destroy::{DestroyRequest, DestroyResponse};
pub use discover_versions::{DiscoverVersionsRequest, DiscoverVersionsResponse};
pub use encrypt::{EncryptRequest, EncryptResponse};
pub use export::{ExportRequest, ExportResponse};
pub use get::{GetRequest, GetResponse};
pub use get_attribute_list::{GetAttributeListRequest, GetAttributeListResponse};
pub use get_attributes::{GetAttributesRequest, GetAttributesResponse};
pub use get_constraints::GetConstraintsResponse;
pub use get_usage_allocation::{GetUsageAllocationRequest, GetUsageAllocationResponse};
pub use hash::{HashRequest, HashResponse};
pub use import::{ImportRequest, ImportResponse};
pub use interop::InteropRequest;
pub use join_split_key::{JoinSplitKeyRequest, JoinSplitKeyResponse};
pub use locate::{LocateRequest, LocateResponse};
pub use log::LogRequest;
pub use login::{LoginRequest, LoginResponse};
pub use logout::LogoutRequest;
pub use mac::{MacRequest, MacResponse};
pub use mac_verify::{MacVerifyRequest, MacVerifyResponse};
pub use modify_attribute::{ModifyAttributeRequest, ModifyAttributeResponse};
pub use notify::NotifyRequest;
pub use obtain_lease::{ObtainLeaseRequest, ObtainLeaseResponse};
pub use pkcs_11::{Pkcs11FunctionId, Pkcs11Request, Pkcs11Response};
pub use poll::PollRequest;
pub use process::ProcessRequest;
pub use protection_storage_masks::ProtectionStorageMasks;
pub use put::PutRequest;
pub use query::{
    CapabilityInformation, DefaultedTypes, DefaultsInformation, ExtensionInformation, ObjectDefaults,
    ObjectGroups, ProfileInformation, ProfileVersion, QueryRequest, QueryResponse, ValidationInformation,
};
pub use query_asynchronous_requests::{
    AsynchronousCorrelationValues, AsynchronousRequest, QueryAsynchronousRequestsRequest,
    QueryAsynchronousRequestsResponse,
};
pub use re_certify::{ReCertifyRequest, ReCertifyResponse};
pub use re_key::{ReKeyRequest, ReKeyResponse};
pub use re_key_key_pair::{ReKeyKeyPairRequest, ReKeyKeyPairResponse};
pub use re_provision::{ReProvisionRequest, ReProvisionResponse};
pub use recover::{RecoverRequest, RecoverResponse};
pub use register::{RegisterRequest, RegisterResponse};
pub use revoke::{RevokeRequest, RevokeResponse};
pub use rights::{Objects, Operations, Right, Rights};
pub use rng_retrieve::{RngRetrieveRequest, RngRetrieveResponse};
pub use rng_seed::{RngSeedRequest, RngSeedResponse};
pub use set_attribute::{SetAttributeRequest, SetAttributeResponse};
pub use set_constraints::SetConstraintsRequest;
pub use set_defaults::SetDefaultsRequest;
pub use set_endpoint_role::{SetEndpointRoleRequest, SetEndpointRoleResponse};
pub use sign::{SignRequest, SignResponse};
pub use signature_verify::{SignatureVerifyRequest, SignatureVerifyResponse};
pub use ticket::{Ticket, TicketLease};
pub use validate::{ValidateRequest, ValidateResponse};
