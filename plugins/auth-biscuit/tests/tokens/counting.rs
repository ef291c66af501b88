//! What servers keep about tokens: how often they were used.

use std::sync::Arc;

use biscuit_auth::Biscuit;
use claviger_plugin_sdk::authentication::Restriction;
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::testkit::credential::Desk;

use super::{World, moment, now, with};

fn restriction(world: &World, token: &Biscuit) -> Arc<dyn Restriction> {
    world.ask(token).unwrap().restriction.unwrap()
}

/// Shows a token for a message of so many items.
fn begin(desk: &mut Desk, restriction: &dyn Restriction, items: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(restriction.begin(&mut CredentialContext::new(desk), items))
}

fn is_refused(result: Result<()>) -> bool {
    result.is_err_and(|error| error.reason() == ResultReason::AUTHENTICATION_NOT_SUCCESSFUL)
}

#[test]
fn two_servers_on_a_storage_count_together() {
    let (world, mut first) = (World::new(), Desk::at(now()));
    let mut second = Desk::at(now());
    second.store = first.store.clone();
    let token = world.token("check if uses($n), $n <= 4;");
    let (here, there) = (restriction(&world, &token), restriction(&world, &token));
    assert!(begin(&mut first, &*here, 1).is_ok());
    assert!(begin(&mut second, &*there, 2).is_ok());
    // A message is let in with all of its items or not at all.
    assert!(is_refused(begin(&mut first, &*here, 2)));
    assert!(begin(&mut second, &*there, 1).is_ok());
    assert!(is_refused(begin(&mut first, &*here, 1)) && is_refused(begin(&mut second, &*there, 1)));
}

#[test]
fn a_token_made_from_another_takes_from_both() {
    let (world, mut desk) = (World::new(), Desk::at(now()));
    let parent = world.token("check if uses($n), $n < 4;");
    let child = with(&parent, "check if uses($n), 1 >= $n;");
    let sibling = with(&parent, "check if operation(\"Get\");");
    assert!(begin(&mut desk, &*restriction(&world, &child), 1).is_ok());
    // What is used up takes nothing from what it was made from.
    assert!(is_refused(begin(&mut desk, &*restriction(&world, &child), 1)));
    assert!(begin(&mut desk, &*restriction(&world, &sibling), 1).is_ok());
    assert!(begin(&mut desk, &*restriction(&world, &parent), 1).is_ok());
    for used_up in [&parent, &child, &sibling] {
        assert!(is_refused(begin(&mut desk, &*restriction(&world, used_up), 1)));
    }
    // Another token that says the same counts for itself.
    assert!(begin(&mut desk, &*restriction(&world, &world.token("check if uses($n), $n < 4;")), 3).is_ok());
}

#[test]
fn a_count_outlives_the_shorter_lived_tokens_made_from_the_one_that_is_counted() {
    let (world, mut desk) = (World::new(), Desk::at(now()));
    let parent =
        world.token(&format!("check if uses($n), $n <= 2; check if time($t), $t < {};", moment(1_000_000)));
    let child = with(&parent, &format!("check if time($t), $t < {};", moment(60)));
    assert!(begin(&mut desk, &*restriction(&world, &parent), 1).is_ok());
    assert!(begin(&mut desk, &*restriction(&world, &child), 1).is_ok());
    let mut later = Desk::at(now() + 900_000);
    later.store = desk.store.clone();
    assert!(is_refused(begin(&mut later, &*restriction(&world, &parent), 1)));
}

#[test]
fn a_connection_does_not_outlive_its_token() {
    let world = World::new();
    let token = world.token(&format!("check if time($t), $t < {};", moment(60)));
    let restriction = restriction(&world, &token);
    assert!(begin(&mut Desk::at(now()), &*restriction, 1).is_ok());
    assert!(is_refused(begin(&mut Desk::at(now() + 61), &*restriction, 1)));
}
