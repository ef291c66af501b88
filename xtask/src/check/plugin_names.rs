//! The crates that everything stands on never name a vendor's scheme, a database or an identity provider.

use super::Rule;
use super::tree::{SourceFile, Tree};

pub(super) const RULE: Rule = Rule {
    demand: "kmip, plugin-sdk, engine and operations-kmip name no vendor scheme, database or identity provider",
    violations,
};

const FOLDERS: &[&str] = &["kmip/", "plugin-sdk/", "engine/", "plugins/operations-kmip/"];

/// KMIP's own enumeration tables may hold a name that a vendor uses, too.
const TABLES: &str = "kmip/src/tables/";

const NAMES: &[&str] = &[
    "auth0",
    "azure",
    "biscuit",
    "cosmian",
    "cover_crypt",
    "covercrypt",
    "findex",
    "jwks",
    "keycloak",
    "mariadb",
    "mongo",
    "mysql",
    "oidc",
    "okta",
    "postgres",
    "redis",
    "sqlcipher",
    "sqlite",
];

fn violations(tree: &Tree) -> Vec<String> {
    tree.files
        .iter()
        .filter(|file| is_bound(file))
        .flat_map(|file| file.lines_where(names_a_plugin))
        .collect()
}

fn is_bound(file: &SourceFile) -> bool {
    FOLDERS.iter().any(|folder| file.path.starts_with(folder)) && !file.path.starts_with(TABLES)
}

fn names_a_plugin(line: &str) -> bool {
    let line = line.to_lowercase();
    NAMES.iter().any(|name| line.contains(name))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree_with;
    use super::*;

    #[test]
    fn the_engine_must_not_name_a_scheme() {
        assert_eq!(
            violations(&tree_with("engine/src/lib.rs", "match name {\n  \"CoverCrypt\" => 1,\n}")).len(),
            1
        );
    }

    #[test]
    fn the_manifest_of_the_sdk_must_not_name_a_database() {
        assert_eq!(violations(&tree_with("plugin-sdk/Cargo.toml", "[features]\nsqlite = []")).len(), 1);
    }

    #[test]
    fn a_plugin_may_name_its_database() {
        assert_eq!(violations(&tree_with("plugins/storage-sql/src/lib.rs", "//! SQLite")).len(), 0);
    }
}
