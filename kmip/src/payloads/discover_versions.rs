//! Discover Versions (KMIP 2.1 section 6.1.16).

use crate::structure;
use crate::version::ProtocolVersion;

structure! {
    /// The versions that the client speaks, preferred ones first; none means that it wants to know all.
    pub struct DiscoverVersionsRequest {
        /// One version.
        protocol_version: Vec<ProtocolVersion> = PROTOCOL_VERSION,
    }
}

structure! {
    /// The versions that both speak, preferred ones first.
    pub struct DiscoverVersionsResponse {
        /// One version.
        protocol_version: Vec<ProtocolVersion> = PROTOCOL_VERSION,
    }
}
