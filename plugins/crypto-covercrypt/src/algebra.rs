//! A user key opens a message exactly when the algebra of policies says so: before and after every change of the master key,
//! whether or not the user key was refreshed with it.
//!
//! The algebra is worked out here on sets, apart from the generations: a right is a set of attributes, a secret of it has a
//! number; a message has the current secrets of its rights, a user key those that it was given and that were not taken from
//! it. What it says is compared with the schemes: what they open and encrypt, what they refuse, which user keys they change,
//! and which they name since they cannot.

mod act;
mod policy;
mod structure;
mod world;

use std::time::{SystemTime, UNIX_EPOCH};

use structure::Rules;
use world::{Seen, World};

/// How many worlds a test makes.
const WORLDS: u64 = 24;
/// How many changes of the master key a world sees.
const CHANGES: usize = 5;

/// Tells random worlds. `CLAVIGER_TEST_SEED` names a single one; a failure prints it with all that happened before.
fn run(rules: Rules) {
    let seed = std::env::var("CLAVIGER_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = seed.map_or_else(
        || {
            let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let first = u64::try_from(time.as_micros()).unwrap_or_default();
            first..first + WORLDS
        },
        |seed| seed..seed + 1,
    );
    let mut seen = Seen::default();
    for seed in seeds {
        let mut world = World::new(rules, seed);
        for _ in 0..CHANGES {
            world.add_users_and_messages();
            world.check();
            world.change();
            world.check();
        }
        seen.stale += world.seen.stale;
        seen.refreshed += world.seen.refreshed;
        seen.refused += world.seen.refused;
    }
    // A single world need not have everything.
    assert!(seed.is_some() || seen.stale > 0 && seen.refreshed > 0 && seen.refused > 0, "{seen:?}");
}

#[test]
fn generation_12_follows_the_algebra() {
    run(Rules::Twelve);
}

#[test]
fn generation_14_follows_the_algebra() {
    run(Rules::Fourteen);
}

#[test]
fn generation_16_follows_the_algebra() {
    run(Rules::Sixteen);
}
