//! Deriving keys (KMIP 2.1 sections 6.1.14 and 7.12).

mod argon2id;
mod aws_signature;
mod counter;
mod double_pipeline;
mod encrypt;
mod feedback;
mod hash;
mod hkdf;
mod hmac;
mod input;
mod pbkdf2;
mod prf;

pub(crate) use argon2id::ARGON2ID;
