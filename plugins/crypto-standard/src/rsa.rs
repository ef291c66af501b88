//! RSA (RFC 8017): keys, their encodings and what is done with them.

mod aes_key_wrap;
mod components;
mod implicit_rejection;
mod key;
mod keys;
#[cfg(test)]
mod known_answers;
mod mask;
mod oaep;
mod pairs;
mod pkcs1;
mod signatures;
#[cfg(test)]
mod trial_keys;
