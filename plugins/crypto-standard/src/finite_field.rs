//! Keys of the discrete logarithm in finite fields: DSA (FIPS 186-4) and Diffie-Hellman (SP 800-56A). They are kept,
//! converted and, for DSA, used; new ones are not made, since the curves have taken their place.

mod dh;
mod dsa;
mod family;
mod group;
mod signatures;
#[cfg(test)]
mod trial_keys;
