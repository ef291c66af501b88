//! Secret sharing with polynomials (Shamir, "How to share a secret", 1979), over any field: the secret is the value at
//! zero, and a share is the value at its identifier.

use claviger_plugin_sdk::Result;

/// Where the polynomials live.
pub(super) trait Field {
    /// A value.
    type Element;

    /// The element that stands for a number: 0 and 1 are what they are called.
    fn element(&self, number: u32) -> Result<Self::Element>;

    /// The sum.
    fn add(&self, one: &Self::Element, other: &Self::Element) -> Result<Self::Element>;

    /// The difference.
    fn subtract(&self, one: &Self::Element, other: &Self::Element) -> Result<Self::Element>;

    /// The product.
    fn multiply(&self, one: &Self::Element, other: &Self::Element) -> Result<Self::Element>;

    /// What gives 1 if it is multiplied with the element.
    ///
    /// # Errors
    /// Cryptographic Failure: the element is 0.
    fn inverse(&self, element: &Self::Element) -> Result<Self::Element>;
}

/// The value of a polynomial; the coefficients rise.
pub(super) fn value<F: Field>(field: &F, coefficients: &[F::Element], at: &F::Element) -> Result<F::Element> {
    coefficients
        .iter()
        .rev()
        .try_fold(field.element(0)?, |sum, coefficient| field.add(&field.multiply(&sum, at)?, coefficient))
}

/// The weights with which the values at some points give the value at another (Lagrange).
pub(super) fn weights<F: Field>(
    field: &F,
    points: &[F::Element],
    at: &F::Element,
) -> Result<Vec<F::Element>> {
    let weight = |(place, point): (usize, &F::Element)| {
        let (mut above, mut below) = (field.element(1)?, field.element(1)?);
        for (_, other) in points.iter().enumerate().filter(|(other, _)| *other != place) {
            above = field.multiply(&above, &field.subtract(at, other)?)?;
            below = field.multiply(&below, &field.subtract(point, other)?)?;
        }
        field.multiply(&above, &field.inverse(&below)?)
    };
    points.iter().enumerate().map(weight).collect()
}

/// The sum of values, each with its weight.
pub(super) fn weighted<'a, F: Field>(
    field: &F,
    weights: &[F::Element],
    values: impl Iterator<Item = &'a F::Element>,
) -> Result<F::Element>
where
    F::Element: 'a,
{
    weights
        .iter()
        .zip(values)
        .try_fold(field.element(0)?, |sum, (weight, value)| field.add(&sum, &field.multiply(weight, value)?))
}
