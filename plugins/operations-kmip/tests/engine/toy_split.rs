//! A made-up method of splitting keys, so that these tests ask what operations do and not what a method does. Every share
//! is the whole secret behind its number; it hides nothing.

use claviger_plugin_sdk::inventory;
use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
use claviger_plugin_sdk::plugin::{Entry, EntryKind};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, Scheme, SchemeEntry, Share, SplitPlan, SplitScheme};

/// The method, which nobody else has here.
pub(crate) const TOY_SPLIT: SplitKeyMethod = SplitKeyMethod(0x8000_0001);

inventory::submit! {
    Entry::new("claviger-operations-kmip", EntryKind::Scheme({
        static ENTRY: SchemeEntry = SchemeEntry {
            name: "toy split",
            algorithms: &[],
            claims: |_, _| true,
            effective: SchemeEntry::as_asked,
            scheme: Scheme::Split(TOY_SPLIT, &Toy),
        };
        &ENTRY
    }))
}

struct Toy;

impl SplitScheme for Toy {
    /// Finding a prime takes long, so a plan is completed where heavy work is done.
    fn complete(&self, plan: SplitPlan, _: usize) -> Result<SplitPlan> {
        let current = std::thread::current();
        if current.name().is_some_and(|name| name.starts_with("tokio-r")) {
            Ok(plan)
        } else {
            Err(Error::server("a plan is completed on a thread that serves requests"))
        }
    }

    fn cost(&self, _: &SplitPlan, _: usize) -> Cost {
        Cost::Heavy
    }

    fn split(&self, secret: &[u8], plan: &SplitPlan, _: &mut dyn RandomSource) -> Result<Vec<ByteString>> {
        let share = |number: u32| ByteString::from([&number.to_be_bytes(), secret].concat());
        Ok((1..=plan.parts).map(share).collect())
    }

    fn join(&self, shares: &[Share], _: &SplitPlan) -> Result<ByteString> {
        let secrets: Vec<&[u8]> = shares
            .iter()
            .filter_map(|share| share.value.strip_prefix(&share.identifier.to_be_bytes()))
            .collect();
        let same = secrets.windows(2).all(|pair| pair[0] == pair[1]);
        if secrets.len() < shares.len() || !same {
            return Err(Error::cryptographic("the shares do not belong together"));
        }
        Ok(secrets[0].into())
    }
}
