//! XOR: all shares together are the secret; all but one are random.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, Scheme, SchemeEntry, Share, SplitPlan, SplitScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use super::plan::{check_plan, check_secret, check_shares, check_steps, steps};

struct Xor;

/// Each is an object of the store.
const MOST_PARTS: u32 = 255;

const SPLIT: SchemeEntry = SchemeEntry {
    name: "XOR",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Split(SplitKeyMethod::XOR, &Xor),
};
register_scheme!(SPLIT);

impl SplitScheme for Xor {
    fn complete(&self, plan: SplitPlan, secret: usize) -> Result<SplitPlan> {
        check_xor(&plan)?;
        check_secret(secret)?;
        if plan.prime_field_size.is_some() {
            return Err(Error::invalid(
                "Prime Field Size belongs to Polynomial Sharing Prime Field; leave it out",
            ));
        }
        check_steps(&plan, secret)?;
        Ok(plan)
    }

    fn cost(&self, plan: &SplitPlan, secret: usize) -> Cost {
        if steps(plan, secret) < 1 << 20 { Cost::Light } else { Cost::Heavy }
    }

    fn split(&self, secret: &[u8], plan: &SplitPlan, rng: &mut dyn RandomSource) -> Result<Vec<ByteString>> {
        let plan = self.complete(plan.clone(), secret.len())?;
        let mut shares: Vec<ByteString> = (1..plan.parts).map(|_| rng.bytes(secret.len())).collect();
        shares.push(sum(std::iter::once(secret).chain(shares.iter().map(|share| &share[..])), secret.len()));
        Ok(shares)
    }

    fn join(&self, shares: &[Share], plan: &SplitPlan) -> Result<ByteString> {
        check_xor(plan)?;
        check_shares(shares, plan)?;
        let length = shares.first().map_or(0, |share| share.value.len());
        Ok(sum(shares.iter().map(|share| &share.value[..]), length))
    }
}

fn check_xor(plan: &SplitPlan) -> Result<()> {
    check_plan(plan, MOST_PARTS)?;
    if plan.threshold == plan.parts {
        return Ok(());
    }
    Err(Error::invalid(
        "XOR needs all parts: set Split Key Threshold to Split Key Parts, or use Polynomial Sharing",
    ))
}

fn sum<'a>(parts: impl Iterator<Item = &'a [u8]>, length: usize) -> ByteString {
    let mut sum = vec![0; length];
    for part in parts {
        for (byte, other) in sum.iter_mut().zip(part) {
            *byte ^= other;
        }
    }
    sum.into()
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::BigInteger;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::SplitSubject;

    use super::*;
    use crate::known_answers::*;

    fn plan(parts: u32, threshold: u32) -> SplitPlan {
        SplitPlan { parts, threshold, prime_field_size: None }
    }

    scheme_conformance!(split conformance: SplitSubject {
        entry: SPLIT,
        plans: || vec![plan(2, 2), plan(3, 3), plan(10, 10)],
        refused: || vec![
            plan(1, 1),
            plan(3, 2),
            plan(256, 256),
            SplitPlan { prime_field_size: Some(BigInteger::from_unsigned_be(&[7])), ..plan(3, 3) },
        ],
        lengths: &[1, 16, 33],
    });

    #[test]
    fn the_sum_of_the_shares_is_the_secret() {
        let shares = [[0x0F, 0x33], [0xF0, 0x0C], [0x55, 0xAA]];
        let shares: Vec<Share> = (1..)
            .zip(shares)
            .map(|(identifier, value)| Share { identifier, value: value[..].into() })
            .collect();
        assert_eq!(splitter(&SPLIT).join(&shares, &plan(3, 3)).unwrap()[..], [0xAA, 0x95]);
    }
}
