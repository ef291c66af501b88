//! A file is named after the one idea in it, so some names cannot be right.

use super::Rule;
use super::tree::Tree;

pub(super) const RULE: Rule =
    Rule { demand: "no file or folder is called utils, common, helpers, manager or misc", violations };

const SAY_NOTHING: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

fn violations(tree: &Tree) -> Vec<String> {
    tree.files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| path.split('/').any(says_nothing))
        .map(str::to_owned)
        .collect()
}

fn says_nothing(part: &str) -> bool {
    SAY_NOTHING.contains(&part.split('.').next().unwrap_or(part))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree_with;
    use super::*;

    #[test]
    fn a_file_or_folder_with_such_a_name_is_found() {
        assert_eq!(violations(&tree_with("engine/src/utils.rs", "")).len(), 1);
        assert_eq!(violations(&tree_with("server/src/common/tls.rs", "")).len(), 1);
        assert_eq!(violations(&tree_with("server/src/common_name.rs", "")).len(), 0);
    }
}
