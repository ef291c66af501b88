//! Splitting secrets into shares (KMIP 2.1 section 13.1).

mod gf_2_16;
mod gf_2_8;
mod piecewise;
mod plan;
mod polynomial;
mod prime_field;
mod xor;
