//! Get Usage Allocation (KMIP 2.1 sections 4.59 and 6.1.23).

use claviger_plugin_sdk::kmip::attributes::{Attributes, NewAttribute, UsageLimits, kinds};
use claviger_plugin_sdk::kmip::payloads::{
    EncryptRequest, EncryptResponse, GetUsageAllocationRequest, GetUsageAllocationResponse,
    ModifyAttributeRequest, ModifyAttributeResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::UsageLimitsUnit;
use claviger_plugin_sdk::prelude::*;

use crate::every_type::opaque;
use crate::keys::{EVERY_USE, aes};
use crate::server::{START, Server};

fn limited(total: i64, unit: UsageLimitsUnit) -> Attributes {
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::ActivationDate>(DateTime(1));
    attributes.put::<kinds::UsageLimits>(UsageLimits { total, count: None, unit });
    attributes
}

impl Server {
    async fn allocate(&self, id: &str, usage_limits_count: i64) -> Result<String> {
        let request = GetUsageAllocationRequest { unique_identifier: Some(id.into()), usage_limits_count };
        let answer: GetUsageAllocationResponse =
            self.run(OperationCode::GET_USAGE_ALLOCATION, request).await?;
        Ok(answer.unique_identifier)
    }

    pub(crate) async fn left(&self, id: &str) -> i64 {
        self.attributes(id).await.one::<kinds::UsageLimits>().unwrap().count.unwrap()
    }
}

impl Server {
    async fn encrypt_a_block(&self, id: &str) -> Result<()> {
        let request = EncryptRequest {
            unique_identifier: Some(id.into()),
            cryptographic_parameters: None,
            data: Some(vec![0; 16].into()),
            iv_counter_nonce: None,
            correlation_value: None,
            init_indicator: None,
            final_indicator: None,
            authenticated_encryption_additional_data: None,
        };
        let _: EncryptResponse = self.run(OperationCode::ENCRYPT, request).await?;
        Ok(())
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T>) -> ResultReason {
    result.unwrap_err().reason()
}

#[tokio::test]
async fn units_are_allocated_down_to_none_whatever_they_are() {
    let server = Server::new();
    for unit in [UsageLimitsUnit::BYTE, UsageLimitsUnit::OBJECT] {
        let id = server.create(limited(1000, unit)).await;
        assert_eq!(server.allocate(&id, 500).await.unwrap(), id);
        assert_eq!(server.left(&id).await, 500);
        assert_eq!(reason(server.allocate(&id, 501).await), ResultReason::USAGE_LIMIT_EXCEEDED);
        server.allocate(&id, 500).await.unwrap();
        assert_eq!(server.left(&id).await, 0);
        assert_eq!(reason(server.allocate(&id, 1).await), ResultReason::USAGE_LIMIT_EXCEEDED);
    }
}

#[tokio::test]
async fn an_allocation_changes_the_object_and_ends_changes_of_its_limits() {
    let server = Server::new();
    let id = server.create(limited(1000, UsageLimitsUnit::BYTE)).await;
    server.clock.advance(7);
    server.allocate(&id, 1).await.unwrap();
    let attributes = server.attributes(&id).await;
    assert_eq!(attributes.one::<kinds::LastChangeDate>(), Some(DateTime(START + 7)));
    let limits = UsageLimits { total: 2000, count: None, unit: UsageLimitsUnit::BYTE };
    let request = ModifyAttributeRequest {
        unique_identifier: Some(id.as_str().into()),
        current_attribute: None,
        new_attribute: NewAttribute { tag: Tag::USAGE_LIMITS, value: limits.into_value() },
    };
    let refused: Result<ModifyAttributeResponse> = server.run(OperationCode::MODIFY_ATTRIBUTE, request).await;
    assert_eq!(reason(refused), ResultReason::ATTRIBUTE_READ_ONLY);
}

#[tokio::test]
async fn nothing_is_allocated_without_limits_nor_less_than_one_unit() {
    let server = Server::new();
    let id = server.active().await;
    assert_eq!(reason(server.allocate(&id, 1).await), ResultReason::ATTRIBUTE_NOT_FOUND);
    let id = server.create(limited(10, UsageLimitsUnit::BYTE)).await;
    for count in [0, -1, i64::MIN] {
        assert_eq!(reason(server.allocate(&id, count).await), ResultReason::INVALID_FIELD);
    }
    assert_eq!(reason(server.allocate(&id, i64::MAX).await), ResultReason::USAGE_LIMIT_EXCEEDED);
    assert_eq!(server.left(&id).await, 10);
}

#[tokio::test]
async fn only_what_may_protect_now_is_allocated() {
    let server = Server::new();
    let mut decrypts = limited(10, UsageLimitsUnit::BYTE);
    decrypts.put::<kinds::CryptographicUsageMask>(CryptographicUsageMask::DECRYPT.0.cast_signed());
    let id = server.create(decrypts).await;
    assert_eq!(reason(server.allocate(&id, 1).await), ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
    let mut stopped = limited(10, UsageLimitsUnit::BYTE);
    stopped.put::<kinds::ProtectStopDate>(DateTime(START + 1));
    let id = server.create(stopped).await;
    server.allocate(&id, 1).await.unwrap();
    server.clock.advance(1);
    assert_eq!(reason(server.allocate(&id, 1).await), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    let mut early = limited(10, UsageLimitsUnit::BYTE);
    early.put::<kinds::ActivationDate>(DateTime(START + 100));
    let id = server.create(early).await;
    assert_eq!(reason(server.allocate(&id, 1).await), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    let mut attributes = Attributes::new();
    attributes.put::<kinds::ActivationDate>(DateTime(1));
    let id = server.register(opaque(b"x"), attributes).await.unwrap();
    assert_eq!(reason(server.allocate(&id, 1).await), ResultReason::INVALID_OBJECT_TYPE);
}

#[tokio::test]
async fn allocations_at_once_never_exceed_the_total() {
    let server = std::sync::Arc::new(Server::new());
    let id = server.create(limited(10, UsageLimitsUnit::OBJECT)).await;
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (server, id) = (server.clone(), id.clone());
            tokio::spawn(async move { server.allocate(&id, 2).await.is_ok() })
        })
        .collect();
    let mut allowed = 0;
    for client in clients {
        allowed += i64::from(client.await.unwrap());
    }
    assert_eq!((allowed, server.left(&id).await), (5, 0));
}

#[tokio::test]
async fn servers_that_share_a_store_never_exceed_the_total_together() {
    let one = std::sync::Arc::new(Server::new());
    let other = std::sync::Arc::new(one.another());
    let id = one.create(limited(20, UsageLimitsUnit::OBJECT)).await;
    let clients: Vec<_> = (0..16)
        .map(|number| {
            let server = if number % 2 == 0 { one.clone() } else { other.clone() };
            let id = id.clone();
            tokio::spawn(async move {
                let mut allowed = 0;
                for round in 0..4 {
                    let used = if round % 2 == 0 {
                        server.allocate(&id, 1).await.map(|_| ())
                    } else {
                        server.encrypt_a_block(&id).await
                    };
                    allowed += i64::from(used.is_ok());
                    tokio::task::yield_now().await;
                }
                allowed
            })
        })
        .collect();
    let mut allowed = 0;
    for client in clients {
        allowed += client.await.unwrap();
    }
    assert_eq!((allowed, one.left(&id).await, other.left(&id).await), (20, 0, 0));
    for server in [one, other] {
        assert_eq!(reason(server.encrypt_a_block(&id).await), ResultReason::USAGE_LIMIT_EXCEEDED);
    }
}

#[tokio::test]
async fn a_count_is_ignored_when_a_key_is_made_and_refused_afterwards() {
    let server = Server::new();
    let mut attributes = limited(10, UsageLimitsUnit::OBJECT);
    let with_count = UsageLimits { total: 10, count: Some(3), unit: UsageLimitsUnit::OBJECT };
    attributes.put::<kinds::UsageLimits>(with_count.clone());
    let created = server.create(attributes.clone()).await;
    let registered = server.register(crate::keys::raw(&[1; 32]), attributes).await.unwrap();
    for id in [created, registered] {
        assert_eq!(server.left(&id).await, 10);
        let request = ModifyAttributeRequest {
            unique_identifier: Some(id.as_str().into()),
            current_attribute: None,
            new_attribute: NewAttribute { tag: Tag::USAGE_LIMITS, value: with_count.clone().into_value() },
        };
        let refused: Result<ModifyAttributeResponse> =
            server.run(OperationCode::MODIFY_ATTRIBUTE, request).await;
        assert_eq!(reason(refused), ResultReason::INVALID_ATTRIBUTE_VALUE);
    }
}
