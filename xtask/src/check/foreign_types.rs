//! The SDK speaks in bytes: no type of a cryptography, randomness or database library can appear in its signatures,
//! because it depends on none.

use super::Rule;
use super::tree::Tree;

pub(super) const RULE: Rule = Rule {
    demand: "kmip and plugin-sdk depend on no cryptography, randomness or database library",
    violations,
};

const FOLDERS: &[&str] = &["kmip", "plugin-sdk"];

/// Names of crates, or their beginnings where a whole family shares one.
const FOREIGN: &[&str] = &[
    "aead",
    "aes",
    "argon2",
    "aws-lc",
    "blake2",
    "cbc",
    "chacha20",
    "cipher",
    "const-oid",
    "crypto-",
    "ctr",
    "der",
    "digest",
    "dsa",
    "ecdsa",
    "ed25519",
    "elliptic-curve",
    "generic-array",
    "getrandom",
    "ghash",
    "hkdf",
    "hmac",
    "hybrid-array",
    "hyper",
    "k256",
    "md-5",
    "openssl",
    "p256",
    "p384",
    "p521",
    "pbkdf2",
    "pem-rfc7468",
    "pkcs",
    "poly1305",
    "polyval",
    "rand",
    "redis",
    "ring",
    "rsa",
    "rusqlite",
    "rustls",
    "sec1",
    "sha1",
    "sha2",
    "sha3",
    "signature",
    "spki",
    "sqlx",
    "universal-hash",
    "x25519",
    "x448",
];

fn violations(tree: &Tree) -> Vec<String> {
    let packages = tree.packages.iter().filter(|package| FOLDERS.contains(&package.folder.as_str()));
    let uses = packages.flat_map(|package| package.dependencies.iter().map(move |used| (package, used)));
    uses.filter(|(_, used)| is_foreign(used))
        .map(|(package, used)| format!("{} depends on {used}", package.folder))
        .collect()
}

fn is_foreign(name: &str) -> bool {
    FOREIGN.iter().any(|foreign| {
        name.strip_prefix(foreign)
            .is_some_and(|rest| foreign.ends_with('-') || rest.is_empty() || rest.starts_with(['-', '_']))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::Package;
    use super::*;

    fn sdk_with(dependency: &str) -> Vec<String> {
        let dependencies = vec![dependency.to_owned()];
        let package = Package {
            name: "sdk".to_owned(),
            folder: "plugin-sdk".to_owned(),
            dependencies,
            inside: Vec::new(),
        };
        violations(&Tree { packages: vec![package], ..Tree::default() })
    }

    #[test]
    fn the_sdk_must_not_depend_on_such_a_library() {
        for name in ["aes-gcm", "rand", "rand_core", "sqlx", "aws-lc-rs", "crypto-bigint", "openssl"] {
            assert_eq!(sdk_with(name).len(), 1, "{name}");
        }
    }

    #[test]
    fn other_libraries_are_allowed() {
        for name in ["serde", "thiserror", "inventory", "zeroize", "claviger-kmip"] {
            assert_eq!(sdk_with(name).len(), 0, "{name}");
        }
    }
}
