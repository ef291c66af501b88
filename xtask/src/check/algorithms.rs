//! The engine, the SDK and the operations ask the registry for a capability: they never look at which algorithm it is.

use super::Rule;
use super::tree::{SourceFile, Tree, code_of};

pub(super) const RULE: Rule = Rule {
    demand: "engine, plugin-sdk and operations-kmip match on no algorithm, mode or curve",
    violations,
};

const FOLDERS: &[&str] = &["engine/src/", "plugin-sdk/src/", "plugins/operations-kmip/src/"];

/// What tests are made of, suites for plugins among them.
const OF_TESTS: &[&str] = &["/testkit/", "/tests/", "/tests.rs", "/examples.rs"];

/// Enumerations whose values belong to schemes.
const ENUMERATIONS: &[&str] = &[
    "BlockCipherMode",
    "CryptographicAlgorithm",
    "DigitalSignatureAlgorithm",
    "PaddingMethod",
    "RecommendedCurve",
];

fn violations(tree: &Tree) -> Vec<String> {
    let bound = tree.rust_files().filter(|file| is_bound(file));
    bound.flat_map(|file| file.before_its_tests().lines_where(|line| names_a_value(code_of(line)))).collect()
}

fn is_bound(file: &SourceFile) -> bool {
    FOLDERS.iter().any(|folder| file.path.starts_with(folder))
        && !OF_TESTS.iter().any(|part| file.path.contains(part))
}

/// Whether the code has `Enumeration::VALUE`; types and functions of the enumeration are in lower or mixed case.
fn names_a_value(code: &str) -> bool {
    ENUMERATIONS.iter().any(|enumeration| {
        code.split(&format!("{enumeration}::")).skip(1).any(|after| {
            let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            !name.is_empty() && !name.contains(|c: char| c.is_lowercase()) && name != "VALUES"
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree_with;
    use super::*;

    const MATCH: &str = "if algorithm == CryptographicAlgorithm::AES {";

    #[test]
    fn a_handler_that_knows_an_algorithm_is_found() {
        assert_eq!(
            violations(&tree_with("plugins/operations-kmip/src/operations/create.rs", MATCH)).len(),
            1
        );
        assert_eq!(violations(&tree_with("engine/src/registry/scheme_table.rs", MATCH)).len(), 1);
    }

    #[test]
    fn tests_and_schemes_may_name_algorithms() {
        let tested = format!("fn f() {{}}\n\n#[cfg(test)]\nmod tests {{\n    {MATCH}\n}}\n");
        assert_eq!(violations(&tree_with("engine/src/pipeline/item.rs", &tested)).len(), 0);
        assert_eq!(violations(&tree_with("plugin-sdk/src/testkit/scheme/toy.rs", MATCH)).len(), 0);
        assert_eq!(violations(&tree_with("plugins/crypto-standard/src/aes_cbc.rs", MATCH)).len(), 0);
    }

    #[test]
    fn a_module_of_tests_in_a_file_of_its_own_hides_nothing() {
        let source = format!("#[cfg(test)]\nmod tests;\n\n{MATCH}\n");
        assert_eq!(violations(&tree_with("engine/src/pipeline/item.rs", &source)).len(), 1);
    }

    #[test]
    fn types_and_tables_of_algorithms_are_allowed() {
        for code in ["CryptographicAlgorithm::from_code(1)", "kinds::CryptographicAlgorithm>()"] {
            assert_eq!(violations(&tree_with("engine/src/lib.rs", code)).len(), 0, "{code}");
        }
    }
}
