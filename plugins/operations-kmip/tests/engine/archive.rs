//! Archive and Recover (KMIP 2.1 sections 4.5, 6.1.4 and 6.1.42).

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::{
    ArchiveRequest, ArchiveResponse, LocateRequest, LocateResponse, RecoverRequest, RecoverResponse,
};
use claviger_plugin_sdk::prelude::*;

use crate::server::{START, Server};

impl Server {
    async fn archive(&self, id: &str) -> Result<String> {
        let request = ArchiveRequest { unique_identifier: Some(id.into()) };
        let answer: ArchiveResponse = self.run(OperationCode::ARCHIVE, request).await?;
        Ok(answer.unique_identifier)
    }

    async fn recover(&self, id: &str) -> Result<String> {
        let request = RecoverRequest { unique_identifier: Some(id.into()) };
        let answer: RecoverResponse = self.run(OperationCode::RECOVER, request).await?;
        Ok(answer.unique_identifier)
    }

    async fn stored_as(&self, mask: Option<i32>) -> Vec<String> {
        let request = LocateRequest {
            maximum_items: None,
            offset_items: None,
            storage_status_mask: mask,
            object_group_member: None,
            attributes: None,
        };
        let found: LocateResponse = self.run(OperationCode::LOCATE, request).await.unwrap();
        found.unique_identifier
    }
}

#[tokio::test]
async fn an_archived_object_of_any_type_is_at_hand_again_when_it_is_recovered() {
    let server = Server::new();
    for (object_type, id) in server.one_of_each().await {
        let before = server.get(&id).await.unwrap();
        server.clock.advance(5);
        assert_eq!(server.archive(&id).await.unwrap(), id);
        assert_eq!(
            server.get(&id).await.unwrap_err().reason(),
            ResultReason::OBJECT_ARCHIVED,
            "{object_type:?}"
        );
        let attributes = server.attributes(&id).await;
        let archived = attributes.one::<kinds::ArchiveDate>().unwrap();
        assert_eq!(attributes.one::<kinds::LastChangeDate>(), Some(archived));
        assert_eq!(server.recover(&id).await.unwrap(), id);
        assert_eq!(server.get(&id).await.unwrap(), before);
        assert!(!server.attributes(&id).await.contains(Tag::ARCHIVE_DATE));
    }
}

#[tokio::test]
async fn an_object_is_archived_once_and_recovered_at_any_time() {
    let server = Server::new();
    let id = server.active().await;
    server.recover(&id).await.unwrap();
    server.archive(&id).await.unwrap();
    assert_eq!(server.archive(&id).await.unwrap_err().reason(), ResultReason::OBJECT_ARCHIVED);
    server.recover(&id).await.unwrap();
    server.archive(&id).await.unwrap();
    assert_eq!(server.attributes(&id).await.one::<kinds::ArchiveDate>(), Some(DateTime(START)));
}

#[tokio::test]
async fn a_search_finds_archived_objects_only_if_it_asks_for_them() {
    let server = Server::new();
    let (kept, archived, destroyed) =
        (server.active().await, server.active().await, server.destroyed().await);
    server.archive(&archived).await.unwrap();
    let expect = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<Vec<_>>();
    assert_eq!(server.stored_as(None).await, expect(&[&kept]));
    assert_eq!(server.stored_as(Some(2)).await, expect(&[&archived]));
    assert_eq!(server.stored_as(Some(3)).await, expect(&[&archived, &kept]));
    assert_eq!(server.stored_as(Some(6)).await, expect(&[&destroyed, &archived]));
}

#[tokio::test]
async fn strangers_neither_archive_nor_recover() {
    let server = Server::new();
    let id = server.active().await;
    for operation in [OperationCode::ARCHIVE, OperationCode::RECOVER] {
        let request = ArchiveRequest { unique_identifier: Some(id.as_str().into()) };
        let refused: Result<ArchiveResponse> = server.run_as("bob", operation, request).await;
        assert_eq!(refused.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    }
}

impl Server {
    async fn destroyed(&self) -> String {
        let id = self.create(crate::keys::aes(crate::keys::EVERY_USE)).await;
        self.destroy(&id).await.unwrap();
        id
    }
}
