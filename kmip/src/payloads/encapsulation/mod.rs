//! Claviger's own operations on key encapsulation mechanisms. KMIP 2.1 has none, so they have extension codes.
//!
//! | operation | code | what it does |
//! |---|---|---|
//! | Encapsulate | 0x80000B01 | makes a shared secret for the holder of a private key |
//! | Decapsulate | 0x80000B02 | takes a shared secret out of its ciphertext |
//!
//! The shared secret does not leave the server by either: it becomes a symmetric key.

mod decapsulate;
mod encapsulate;

pub use decapsulate::{DecapsulateRequest, DecapsulateResponse};
pub use encapsulate::{EncapsulateRequest, EncapsulateResponse};

use crate::tables::enumerations::OperationCode;

/// The code of Encapsulate.
pub const ENCAPSULATE: OperationCode = OperationCode(0x8000_0B01);
/// The code of Decapsulate.
pub const DECAPSULATE: OperationCode = OperationCode(0x8000_0B02);
