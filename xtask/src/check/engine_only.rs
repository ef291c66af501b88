//! Only the engine admits: the SDK's constructors of proofs of admission are for it alone.

use super::Rule;
use super::tree::{Tree, has_word};

pub(super) const RULE: Rule =
    Rule { demand: "only the engine uses what the SDK marks engine_only", violations };

/// The engine, the SDK that declares the door, and this rule.
const MAY: &[&str] = &["engine/", "plugin-sdk/", "xtask/src/check/"];

fn violations(tree: &Tree) -> Vec<String> {
    let files = tree.rust_files().filter(|file| !MAY.iter().any(|folder| file.path.starts_with(folder)));
    files.flat_map(|file| file.lines_where(|line| has_word(line, "engine_only"))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree_with;
    use super::*;

    #[test]
    fn a_plugin_that_admits_for_itself_is_found() {
        let source = "use claviger_plugin_sdk::engine_only::admit;";
        assert_eq!(violations(&tree_with("plugins/operations-kmip/src/get.rs", source)).len(), 1);
        assert_eq!(violations(&tree_with("engine/src/admission.rs", source)).len(), 0);
    }
}
