//! Locate (KMIP 2.1 section 6.1.28).

use claviger_plugin_sdk::kmip::attributes::{Attributes, UsageLimits, VendorAttribute, kinds};
use claviger_plugin_sdk::kmip::payloads::{
    GetUsageAllocationRequest, GetUsageAllocationResponse, LocateRequest, LocateResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{ObjectGroupMember, UsageLimitsUnit};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::settings::Settings;

use crate::keys::{EVERY_USE, aes};
use crate::server::{START, Server};

fn all() -> LocateRequest {
    LocateRequest {
        maximum_items: None,
        offset_items: None,
        storage_status_mask: None,
        object_group_member: None,
        attributes: None,
    }
}

fn with(edit: impl FnOnce(&mut Attributes)) -> LocateRequest {
    let mut attributes = Attributes::new();
    edit(&mut attributes);
    LocateRequest { attributes: Some(attributes), ..all() }
}

impl Server {
    async fn locate(&self, request: LocateRequest) -> LocateResponse {
        self.run(OperationCode::LOCATE, request).await.unwrap()
    }

    async fn in_group(&self, group: &str) -> String {
        let mut attributes = aes(EVERY_USE);
        attributes.push::<kinds::ObjectGroup>(group.to_owned());
        self.create(attributes).await
    }
}

#[tokio::test]
async fn objects_are_found_newest_first_in_pages_with_their_number() {
    let server = Server::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, server.create(aes(EVERY_USE)).await);
    }
    let found = server.locate(all()).await;
    assert_eq!((found.unique_identifier, found.located_items), (ids.clone(), Some(5)));
    let page = server.locate(LocateRequest { maximum_items: Some(2), offset_items: Some(1), ..all() }).await;
    assert_eq!((page.unique_identifier, page.located_items), (ids[1..3].to_vec(), Some(5)));
    let beyond = server.locate(LocateRequest { offset_items: Some(9), ..all() }).await;
    assert_eq!((beyond.unique_identifier, beyond.located_items), (vec![], Some(5)));
}

#[tokio::test]
async fn what_is_left_of_usage_limits_counts_and_not_what_was_left_when_the_object_was_written() {
    let server = Server::new();
    let mut limited = Vec::new();
    for total in [30, 20, 10] {
        let mut attributes = aes(EVERY_USE);
        attributes.put::<kinds::ActivationDate>(DateTime(START));
        attributes.put::<kinds::UsageLimits>(UsageLimits { total, count: None, unit: UsageLimitsUnit::BYTE });
        limited.insert(0, server.create(attributes).await);
    }
    server.create(aes(EVERY_USE)).await;
    let taken = GetUsageAllocationRequest {
        unique_identifier: Some(limited[2].as_str().into()),
        usage_limits_count: 15,
    };
    let _: GetUsageAllocationResponse = server.run(OperationCode::GET_USAGE_ALLOCATION, taken).await.unwrap();
    let left = |count| {
        with(|attributes| {
            let count = Ttlv::new(Tag::USAGE_LIMITS_COUNT, Value::LongInteger(count));
            attributes.add(Tag::USAGE_LIMITS, Value::Structure(vec![count]));
        })
    };
    let found = server.locate(left(10)).await;
    assert_eq!((&found.unique_identifier, found.located_items), (&limited, Some(3)));
    assert_eq!(server.locate(left(15)).await.unique_identifier, limited[1..]);
    let found = server.locate(left(16)).await;
    assert_eq!((&found.unique_identifier[..], found.located_items), (&limited[1..2], Some(1)));
    let page =
        server.locate(LocateRequest { maximum_items: Some(1), offset_items: Some(1), ..left(1) }).await;
    assert_eq!((&page.unique_identifier[..], page.located_items), (&limited[1..2], Some(3)));
}

#[tokio::test]
async fn no_request_looks_at_what_is_left_of_any_number_of_usage_limits() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    let unit = UsageLimitsUnit::BYTE;
    attributes.put::<kinds::UsageLimits>(UsageLimits { total: 10, count: None, unit });
    for _ in 0..4096 {
        server.create(attributes.clone()).await;
    }
    let left = || {
        with(|attributes| {
            let count = Ttlv::new(Tag::USAGE_LIMITS_COUNT, Value::LongInteger(10));
            attributes.add(Tag::USAGE_LIMITS, Value::Structure(vec![count]));
        })
    };
    let page = LocateRequest { maximum_items: Some(1), ..left() };
    let found = server.locate(page).await;
    assert_eq!((found.unique_identifier.len(), found.located_items), (1, Some(4096)));
    server.create(attributes).await;
    let refused: Result<LocateResponse> = server.run(OperationCode::LOCATE, left()).await;
    assert_eq!(refused.unwrap_err().reason(), ResultReason::RESPONSE_TOO_LARGE);
}

fn fresh_member(group: &str) -> LocateRequest {
    let in_group = with(|attributes| {
        attributes.push::<kinds::ObjectGroup>(group.to_owned());
    });
    LocateRequest { object_group_member: Some(ObjectGroupMember::GROUP_MEMBER_FRESH), ..in_group }
}

#[tokio::test]
async fn a_fresh_member_of_the_default_group_is_made_when_there_is_none() {
    let settings = || Settings::new("/".into(), [("default-group-key", "AES-256".to_owned())]);
    let server = Server::with_settings(settings());
    let found = server.locate(fresh_member("default")).await;
    let [first] = &found.unique_identifier[..] else { panic!("{found:?}") };
    let attributes = server.attributes(first).await;
    assert_eq!(attributes.one::<kinds::Fresh>(), Some(true));
    assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(256));
    assert_eq!(attributes.one::<kinds::State>(), Some(State::PRE_ACTIVE));
    // It is there now, until it is served.
    assert_eq!(server.locate(fresh_member("default")).await.unique_identifier, std::slice::from_ref(first));
    server.get(first).await.unwrap();
    let second = server.locate(fresh_member("default")).await.unique_identifier;
    assert!(second.len() == 1 && second[0] != *first);
    // Nobody else's, not of another kind, not of another group, and not where no operator wants it.
    let of_bob: LocateResponse =
        server.run_as("bob", OperationCode::LOCATE, fresh_member("default")).await.unwrap();
    assert!(of_bob.unique_identifier.len() == 1 && of_bob.unique_identifier != second);
    server.get(&second[0]).await.unwrap();
    let mut shorter = fresh_member("default");
    shorter.attributes.as_mut().unwrap().put::<kinds::CryptographicLength>(128);
    assert!(server.locate(shorter).await.unique_identifier.is_empty());
    assert!(server.locate(fresh_member("other")).await.unique_identifier.is_empty());
    assert!(Server::new().locate(fresh_member("default")).await.unique_identifier.is_empty());
}

#[tokio::test]
async fn a_wrong_kind_of_members_of_the_default_group_stops_no_search_for_others() {
    let settings = Settings::new("/".into(), [("default-group-key", "AES".to_owned())]);
    let server = Server::with_settings(settings);
    assert!(server.locate(fresh_member("other")).await.unique_identifier.is_empty());
    let refused: Result<LocateResponse> = server.run(OperationCode::LOCATE, fresh_member("default")).await;
    assert_eq!(refused.unwrap_err().class(), ErrorClass::Server);
}

#[tokio::test]
async fn attributes_narrow_the_search() {
    let server = Server::new();
    let encrypts = server.create(aes(0x4)).await;
    server.clock.advance(100);
    let both = server.create(aes(0xC)).await;
    server.activate(&both).await;
    let found = |request| async { server.locate(request).await.unique_identifier };
    let mask = found(with(|attributes| attributes.put::<kinds::CryptographicUsageMask>(0x8))).await;
    assert_eq!(mask, [both.as_str()]);
    let state = found(with(|attributes| attributes.put::<kinds::State>(State::PRE_ACTIVE))).await;
    assert_eq!(state, [encrypts.as_str()]);
    let early = found(with(|attributes| {
        attributes.push::<kinds::InitialDate>(DateTime(START - 1));
        attributes.push::<kinds::InitialDate>(DateTime(START + 1));
    }));
    assert_eq!(early.await, [encrypts.as_str()]);
    let id = found(with(|attributes| attributes.put::<kinds::UniqueIdentifier>(both.as_str().into()))).await;
    assert_eq!(id, [both]);
    let other = found(with(|attributes| attributes.put::<kinds::ObjectType>(ObjectType::SECRET_DATA))).await;
    assert!(other.is_empty());
}

#[tokio::test]
async fn a_destroyed_object_is_found_only_by_who_asks_for_destroyed_ones() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.destroy(&id).await.unwrap();
    assert!(server.locate(all()).await.unique_identifier.is_empty());
    let found = server.locate(LocateRequest { storage_status_mask: Some(4), ..all() }).await;
    assert_eq!(found.unique_identifier, [id]);
}

#[tokio::test]
async fn fresh_members_of_a_group_are_handed_out_oldest_first_and_then_no_more() {
    let server = Server::new();
    let (first, second) = (server.in_group("g").await, server.in_group("g").await);
    let fresh = || LocateRequest {
        maximum_items: Some(1),
        object_group_member: Some(ObjectGroupMember::GROUP_MEMBER_FRESH),
        ..with(|attributes| attributes.put::<kinds::ObjectGroup>("g".to_owned()))
    };
    for expected in [first, second] {
        let found = server.locate(fresh()).await.unique_identifier;
        assert_eq!(found, [expected.as_str()]);
        server.get(&expected).await.unwrap();
    }
    assert!(server.locate(fresh()).await.unique_identifier.is_empty());
}

#[tokio::test]
async fn the_default_member_of_a_group_takes_turns() {
    let server = Server::new();
    let (first, second) = (server.in_group("g").await, server.in_group("g").await);
    let default = || LocateRequest {
        object_group_member: Some(ObjectGroupMember::GROUP_MEMBER_DEFAULT),
        ..with(|attributes| attributes.put::<kinds::ObjectGroup>("g".to_owned()))
    };
    for expected in [&first, &second, &first] {
        assert_eq!(server.locate(default()).await.unique_identifier, [expected.as_str()]);
        server.get(expected).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_finds_what_is_not_his() {
    let server = Server::new();
    server.create(aes(EVERY_USE)).await;
    let found: LocateResponse = server.run_as("bob", OperationCode::LOCATE, all()).await.unwrap();
    assert_eq!(found.located_items, Some(0));
}

#[tokio::test]
async fn a_search_for_an_unknown_attribute_is_refused() {
    let server = Server::new();
    let request = with(|attributes| {
        attributes.add(Tag(0x54_1234), Value::Integer(1));
    });
    let refused: Result<LocateResponse> = server.run(OperationCode::LOCATE, request).await;
    assert_eq!(refused.unwrap_err().reason(), ResultReason::INVALID_ATTRIBUTE);
}

#[tokio::test]
async fn a_vendor_attribute_that_is_a_structure_is_found_as_a_whole() {
    let server = Server::new();
    let structure = |colour: &str| {
        let colour = Ttlv::new(Tag::COMMENT, Value::TextString(colour.into()));
        let size = Ttlv::new(Tag::SHORT_UNIQUE_IDENTIFIER, Value::Integer(7));
        VendorAttribute::value_of("test", "paint", Value::Structure(vec![colour, size]))
    };
    let mut attributes = aes(EVERY_USE);
    attributes.add(Tag::ATTRIBUTE, structure("blue"));
    let id = server.create(attributes).await;
    let seek = |value: Value| {
        with(|attributes| {
            attributes.add(Tag::ATTRIBUTE, value);
        })
    };
    assert_eq!(server.locate(seek(structure("blue"))).await.unique_identifier, [id]);
    assert!(server.locate(seek(structure("red"))).await.unique_identifier.is_empty());
}
