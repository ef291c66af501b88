//! Keys and messages of the published libraries, in `vectors/`.
//!
//! Those of generations 14 and 12 were made by the Python packages `cover-crypt` 14.0.0 and 12.0.1: a policy of two dimensions (`Level`, ordered, of
//! `Low` and the hybridized `Top`; `Department` of `FIN` and `HR`), a master pair, a user key for
//! `Department::FIN && Level::Top`, messages for `Department::FIN && Level::Low` (with metadata and data to authenticate) and
//! for `Level::Top`; then `Department::FIN` was rotated, and one more message made.
//!
//! Those of generation 16 were made in the same way by this plugin itself, on `cosmian_cover_crypt` 16.0.1, in November 2026,
//! since nothing else is published that could make them. They show that what was made once is read later, and no more than that.

use crate::generation::{Generation, KeyKind, User, not_allowed};
use crate::generation_12::Generation12;
use crate::generation_14::Generation14;
use crate::generation_16::Generation16;
use crate::{key, message};

struct Vectors {
    generation: &'static dyn Generation,
    policy: &'static [u8],
    private: &'static [u8],
    public: &'static [u8],
    user: &'static [u8],
    message: &'static [u8],
    hybrid_message: &'static [u8],
    rotated_policy: &'static [u8],
    rotated_private: &'static [u8],
    rotated_message: &'static [u8],
}

macro_rules! vectors {
    ($generation:expr, $folder:literal, $rotated:literal) => {
        Vectors {
            generation: &$generation,
            policy: include_bytes!(concat!("vectors/", $folder, "/policy.json")),
            private: include_bytes!(concat!("vectors/", $folder, "/private.bin")),
            public: include_bytes!(concat!("vectors/", $folder, "/public.bin")),
            user: include_bytes!(concat!("vectors/", $folder, "/user.bin")),
            message: include_bytes!(concat!("vectors/", $folder, "/message.bin")),
            hybrid_message: include_bytes!(concat!("vectors/", $folder, "/hybrid_message.bin")),
            rotated_policy: include_bytes!(concat!("vectors/", $folder, "/", $rotated)),
            rotated_private: include_bytes!(concat!("vectors/", $folder, "/rotated_private.bin")),
            rotated_message: include_bytes!(concat!("vectors/", $folder, "/rotated_message.bin")),
        }
    };
}

const OF_14: Vectors = vectors!(Generation14, "generation_14", "policy.json");
const OF_16: Vectors = vectors!(Generation16, "generation_16", "policy.json");
const OF_12: Vectors = vectors!(Generation12, "generation_12", "rotated_policy.json");

const POLICY: &str = "Department::FIN && Level::Top";

fn decrypted(
    generation: &dyn Generation,
    user: &[u8],
    data: &[u8],
    additional: &[u8],
) -> Result<Vec<u8>, String> {
    let user = generation.decapsulator(user).unwrap();
    let plain = message::decrypt(&*user, data, additional, false);
    plain.map(|plain| plain.to_vec()).map_err(|error| error.message().to_owned())
}

fn opens_what_the_library_made(vectors: &Vectors) {
    let open = |data, additional| decrypted(vectors.generation, vectors.user, data, additional);
    let authentic = b"the data to authenticate";
    assert_eq!(open(vectors.message, authentic).unwrap(), b"\x0cthe metadatathe plaintext");
    assert_eq!(open(vectors.hybrid_message, b"").unwrap(), b"\0for the top");
    assert!(open(vectors.message, b"other data").is_err());
    assert_eq!(open(vectors.rotated_message, b"").unwrap_err(), not_allowed().message());
}

fn issues_user_keys_of_the_librarys_master_key(vectors: &Vectors) {
    let issued = vectors.generation.user_key(vectors.private, vectors.policy, POLICY).unwrap();
    let opened = decrypted(vectors.generation, &issued.user, vectors.message, b"the data to authenticate");
    assert_eq!(opened.unwrap(), b"\x0cthe metadatathe plaintext");
    let other = vectors.generation.user_key(vectors.private, vectors.policy, "Department::HR").unwrap();
    assert!(
        decrypted(vectors.generation, &other.user, vectors.message, b"the data to authenticate").is_err()
    );
    assert!(decrypted(vectors.generation, &other.user, vectors.hybrid_message, b"").is_ok());
}

fn refreshes_the_librarys_user_key(vectors: &Vectors) {
    let refreshed = vectors
        .generation
        .refresh(vectors.rotated_private, vectors.rotated_policy, &User { key: vectors.user, policy: POLICY })
        .unwrap()
        .unwrap();
    let open = |data, additional| decrypted(vectors.generation, &refreshed, data, additional);
    assert_eq!(open(vectors.rotated_message, b"").unwrap(), b"\0after the rotation");
    assert_eq!(open(vectors.message, b"the data to authenticate").unwrap(), b"\x0cthe metadatathe plaintext");
}

fn knows_the_form_of_each_key(vectors: &Vectors) {
    let keys = [
        (KeyKind::MasterPrivate, vectors.private),
        (KeyKind::MasterPublic, vectors.public),
        (KeyKind::User, vectors.user),
    ];
    for (kind, bytes) in keys {
        for (other, _) in keys {
            assert_eq!(vectors.generation.has_form(other, bytes), kind == other, "{kind:?} as {other:?}");
        }
        assert_eq!(Generation16.has_form(kind, bytes), vectors.generation.name() == Generation16.name());
    }
    let found = key::generation_by_form(KeyKind::User, vectors.user).unwrap();
    assert_eq!(found.name(), vectors.generation.name());
}

macro_rules! with_vectors {
    ($name:ident, $vectors:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn it_opens_what_the_library_made() {
                opens_what_the_library_made(&$vectors);
            }

            #[test]
            fn it_issues_user_keys_of_the_librarys_master_key() {
                issues_user_keys_of_the_librarys_master_key(&$vectors);
            }

            #[test]
            fn it_refreshes_the_librarys_user_key() {
                refreshes_the_librarys_user_key(&$vectors);
            }

            #[test]
            fn it_knows_the_form_of_each_key() {
                knows_the_form_of_each_key(&$vectors);
            }
        }
    };
}

with_vectors!(of_generation_16, OF_16);
with_vectors!(of_generation_14, OF_14);
with_vectors!(of_generation_12, OF_12);
