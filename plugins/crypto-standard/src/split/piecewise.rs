//! Sharing over a field of 2^8 or 2^16 elements: the secret is shared in pieces of 1 or 2 bytes, and a share is the
//! shares of all pieces in a row.

use std::marker::PhantomData;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, Share, SplitPlan, SplitScheme};
use claviger_plugin_sdk::{Error, Result};
use zeroize::{Zeroize, Zeroizing};

use super::plan::{check_plan, check_secret, check_shares, check_steps, not_together, steps};
use super::polynomial::{Field, value, weighted, weights};

/// A field whose elements are the values of some bytes.
pub(super) trait BinaryField: Field<Element: Copy + PartialEq + Zeroize> + Default {
    /// The bytes of a piece.
    const PIECE: usize;

    /// The most parts, less than the field has elements.
    const MOST_PARTS: u32;

    /// The element that a whole piece stands for.
    fn read(piece: &[u8]) -> Self::Element;

    /// Appends the piece that stands for an element.
    fn write(element: Self::Element, piece: &mut Vec<u8>);
}

/// Sharing over a field.
pub(super) struct Piecewise<F>(pub(super) PhantomData<F>);

/// A polynomial, or values of some; cleared on drop.
type Elements<F> = Zeroizing<Vec<<F as Field>::Element>>;

impl<F: BinaryField + Send + Sync> SplitScheme for Piecewise<F> {
    fn complete(&self, plan: SplitPlan, secret: usize) -> Result<SplitPlan> {
        check_plan(&plan, F::MOST_PARTS)?;
        check_secret(secret)?;
        if plan.prime_field_size.is_some() {
            return Err(Error::invalid(
                "Prime Field Size belongs to Polynomial Sharing Prime Field; leave it out",
            ));
        }
        if !secret.is_multiple_of(F::PIECE) {
            return Err(Error::invalid(format!(
                "this Split Key Method splits pieces of {} bytes and the secret has {secret}; split it over GF(2^8)",
                F::PIECE
            )));
        }
        check_steps(&plan, secret)?;
        Ok(plan)
    }

    fn cost(&self, plan: &SplitPlan, secret: usize) -> Cost {
        if steps(plan, secret) < 1 << 15 { Cost::Light } else { Cost::Heavy }
    }

    fn split(&self, secret: &[u8], plan: &SplitPlan, rng: &mut dyn RandomSource) -> Result<Vec<ByteString>> {
        let plan = self.complete(plan.clone(), secret.len())?;
        let field = F::default();
        // Never to move: what moves leaves a copy behind.
        let mut shares = vec![Vec::with_capacity(secret.len()); plan.parts as usize];
        for piece in secret.chunks_exact(F::PIECE) {
            let random = rng.bytes((plan.threshold as usize - 1) * F::PIECE);
            let coefficients: Elements<F> = Zeroizing::new(
                std::iter::once(piece).chain(random.chunks_exact(F::PIECE)).map(F::read).collect(),
            );
            for (identifier, share) in (1..).zip(&mut shares) {
                F::write(value(&field, &coefficients, &field.element(identifier)?)?, share);
            }
        }
        Ok(shares.into_iter().map(Into::into).collect())
    }

    fn join(&self, shares: &[Share], plan: &SplitPlan) -> Result<ByteString> {
        check_plan(plan, F::MOST_PARTS)?;
        check_shares(shares, plan)?;
        let length = shares.first().map_or(0, |share| share.value.len());
        check_steps(plan, length)?;
        if !length.is_multiple_of(F::PIECE) {
            return Err(not_together());
        }
        let (shares, more) = shares.split_at_checked(plan.threshold as usize).ok_or_else(not_together)?;
        let field = F::default();
        let points =
            shares.iter().map(|share| field.element(share.identifier)).collect::<Result<Vec<_>>>()?;
        let values: Vec<Elements<F>> = shares.iter().map(|share| elements::<F>(share)).collect();
        for share in more {
            let weights = weights(&field, &points, &field.element(share.identifier)?)?;
            if *combined(&field, &weights, &values)? != *elements::<F>(share) {
                return Err(not_together());
            }
        }
        let weights = weights(&field, &points, &field.element(0)?)?;
        let mut secret = Vec::with_capacity(length);
        for element in combined(&field, &weights, &values)?.iter() {
            F::write(*element, &mut secret);
        }
        Ok(secret.into())
    }
}

fn elements<F: BinaryField>(share: &Share) -> Elements<F> {
    Zeroizing::new(share.value.chunks_exact(F::PIECE).map(F::read).collect())
}

/// What the weights make of the values of all shares, piece by piece.
fn combined<F: BinaryField>(
    field: &F,
    weights: &[F::Element],
    values: &[Elements<F>],
) -> Result<Elements<F>> {
    let pieces = values.first().map_or(0, |values| values.len());
    let piece = |place: usize| weighted(field, weights, values.iter().filter_map(|values| values.get(place)));
    (0..pieces).map(piece).collect::<Result<Vec<_>>>().map(Zeroizing::new)
}
