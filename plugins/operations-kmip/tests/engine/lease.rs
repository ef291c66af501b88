//! Obtain Lease (KMIP 2.1 sections 4.30 and 6.1.35).

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::{ObtainLeaseRequest, ObtainLeaseResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::RevocationReasonCode;
use claviger_plugin_sdk::prelude::*;

use crate::server::{START, Server};

impl Server {
    async fn lease(&self, id: &str) -> Result<ObtainLeaseResponse> {
        let request = ObtainLeaseRequest { unique_identifier: Some(id.into()) };
        self.run(OperationCode::OBTAIN_LEASE, request).await
    }
}

#[tokio::test]
async fn a_lease_has_the_length_of_the_attribute_and_tells_the_last_change() {
    let server = Server::new();
    for (object_type, id) in server.one_of_each().await {
        server.clock.advance(10);
        let lease = server.lease(&id).await.unwrap();
        let attributes = server.attributes(&id).await;
        assert_eq!(Some(lease.lease_time), attributes.one::<kinds::LeaseTime>(), "{object_type:?}");
        assert_eq!(Some(lease.last_change_date), attributes.one::<kinds::LastChangeDate>());
        assert_eq!(lease.unique_identifier, id);
    }
}

#[tokio::test]
async fn a_lease_is_no_change() {
    let server = Server::new();
    let id = server.active().await;
    server.clock.advance(10);
    server.lease(&id).await.unwrap();
    assert_eq!(server.lease(&id).await.unwrap().last_change_date, DateTime(START));
}

#[tokio::test]
async fn there_is_no_lease_for_what_is_compromised_or_destroyed() {
    let server = Server::new();
    let id = server.active().await;
    server.revoke(&id, RevocationReasonCode::KEY_COMPROMISE).await.unwrap();
    assert_eq!(server.lease(&id).await.unwrap_err().reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    server.destroy(&id).await.unwrap();
    assert_eq!(server.lease(&id).await.unwrap_err().reason(), ResultReason::OBJECT_DESTROYED);
}
