//! Set Endpoint Role (KMIP 2.1 sections 6.1.54 and 6.2.5).

use crate::structure;
use crate::tables::enumerations::EndpointRole;

structure! {
    /// Which role the receiver is to have on this connection from then on.
    pub struct SetEndpointRoleRequest {
        /// Client or server.
        endpoint_role: EndpointRole = ENDPOINT_ROLE,
    }
}

structure! {
    /// The roles were changed.
    pub struct SetEndpointRoleResponse {
        /// The role that the receiver has now.
        endpoint_role: EndpointRole = ENDPOINT_ROLE,
    }
}
