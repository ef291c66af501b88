//! What the audit log says of jobs.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use claviger_engine::RequiredAudit;
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::testkit::RecordBuilder;

use super::scene::*;
use crate::support::operations::{COUNT, PANICS};
use crate::support::world::{facts, item};
use crate::support::{Ask, Setup};

#[tokio::test]
async fn a_job_is_recorded_when_it_is_taken_and_when_it_has_run() {
    let world = world().await;
    let correlation = count_later(&world).await;
    let [taken] = &world.audit.take()[..] else { panic!("one record") };
    assert_eq!((taken.operation, taken.pending, taken.failure), (Some(COUNT), true, None));
    run(&world).await;
    let [record] = &world.audit.take()[..] else { panic!("one record") };
    assert_eq!((record.operation, record.user.as_deref()), (Some(COUNT), Some("alice")));
    assert_eq!((record.proven_by.as_deref(), record.failure), (Some("doorkeeper"), None));
    assert_eq!((record.pending, &record.objects[..]), (false, &[ObjectId::new("k").unwrap()][..]));
    assert_eq!((&record.request, &record.asynchronous), (&taken.request, &named(&correlation)));
    assert_eq!(taken.asynchronous, record.asynchronous);
}

#[tokio::test]
async fn the_run_of_a_job_is_recorded_with_the_address_and_the_request_that_it_came_with() {
    let world = world().await;
    let peer = std::net::SocketAddr::from(([192, 0, 2, 7], 4711));
    let transport = Transport::Https;
    let facts = ConnectionFacts { transport, peer: Some(peer), ..(*facts(&[("user", "alice")])).clone() };
    let caller = world.engine.authenticate(Arc::new(facts)).await.unwrap();
    let id = world.engine.new_request(Some("trace-1".into()));
    let mut request = later(vec![item(COUNT, Ask::of("k")), item(COUNT, Ask::of("k"))]);
    request.request_header.client_correlation_value = Some("mine".to_owned());
    world.engine.handle_in(&caller.asking(id.clone()), &Standard, request).await.unwrap();
    run(&world).await;
    let records = world.audit.take();
    assert_eq!(records.iter().map(|record| record.item).collect::<Vec<_>>(), [0, 1, 0, 1]);
    for record in records {
        assert_eq!((record.transport, record.peer), (transport, Some(peer.ip())));
        assert_eq!((record.request, record.request_id), (id.name.clone(), Some("trace-1".into())));
        assert_eq!(record.client_correlation.as_deref(), Some("mine"));
    }
}

#[tokio::test]
async fn a_job_that_panics_or_is_not_begun_is_recorded_with_why() {
    let world = world().await;
    let panics = submit(&world, "alice", PANICS, Ask::of("k")).await;
    run(&world).await;
    assert_eq!(failed(&world, &panics), (Some(PANICS), Some(ResultReason::INTERNAL_SERVER_ERROR)));

    let message = later(vec![item(COUNT, Ask::of("absent")), item(COUNT, Ask::of("k"))]);
    let jobs = outcomes(&world, "alice", message).await;
    run(&world).await;
    let stopped = jobs[1].pending.clone().unwrap();
    assert_eq!(failed(&world, &stopped), (Some(COUNT), Some(ResultReason::GENERAL_FAILURE)));
}

#[tokio::test]
async fn a_job_that_was_done_is_recorded_although_the_server_did_not_hear_that_it_was_written() {
    let world = world().await;
    let job = count_later(&world).await;
    world.store.unheard.store(1, Ordering::SeqCst);
    run(&world).await;
    assert_eq!((count(&world).await, world.store.unheard.load(Ordering::SeqCst)), (1, 0));
    assert_eq!(failed(&world, &job), (Some(COUNT), None));
    assert!(poll(&world, &job).await.result.is_ok());
}

#[tokio::test]
async fn where_audit_is_required_a_job_that_it_does_not_keep_is_not_made() {
    let storage = Storage::new();
    let world = Setup { required_audit: RequiredAudit::Writes, ..storage.setup() }.start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    world.audit.refuse_intents(true);
    let [refused] = &outcomes(&world, "alice", later(vec![item(COUNT, Ask::of("k"))])).await[..] else {
        panic!()
    };
    assert_eq!(refused.result.as_ref().unwrap_err().reason(), ResultReason::GENERAL_FAILURE);
    assert_eq!(refused.pending, None);
    let [record] = &world.audit.take()[..] else { panic!("one record") };
    assert_eq!((record.operation, record.failure), (Some(COUNT), Some(ResultReason::GENERAL_FAILURE)));
    assert_eq!(record.asynchronous, None, "there is no job");
    world.audit.refuse_intents(false);
    count_later(&world).await;
    let [intent] = &world.audit.take_intents()[..] else { panic!("one intent") };
    assert_eq!((intent.operation, intent.user.as_deref()), (Some(COUNT), Some("alice")));
}

#[tokio::test]
async fn the_intents_of_jobs_that_are_made_together_are_kept_together() {
    let world = Setup { required_audit: RequiredAudit::Writes, ..Storage::new().setup() }.start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let items = (0..20).map(|_| item(COUNT, Ask::of("k"))).collect();
    assert!(outcomes(&world, "alice", later(items)).await.iter().all(|outcome| outcome.pending.is_some()));
    assert_eq!(world.audit.most_unkept(), 20);
}
