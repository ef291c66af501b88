//! Unsafe code lives in the modules named `dynamic`, which are the two ends of the C table, and nowhere else.

use super::Rule;
use super::tree::{Tree, code_of, has_word};

pub(super) const RULE: Rule = Rule { demand: "unsafe code only in the modules named dynamic", violations };

/// The crates at the two ends of the C table.
const ENDS: &[&str] = &["plugin-sdk/src/", "engine/src/", "server/src/"];

/// The rules name what they look for.
const RULES: &str = "xtask/src/check/";

fn violations(tree: &Tree) -> Vec<String> {
    let files = tree.rust_files().filter(|file| !is_dynamic(&file.path) && !file.path.starts_with(RULES));
    files.flat_map(|file| file.lines_where(|line| is_unsafe(code_of(line)))).collect()
}

fn is_dynamic(path: &str) -> bool {
    ENDS.iter().any(|end| path.starts_with(end))
        && (path.contains("/dynamic/") || path.ends_with("/dynamic.rs"))
}

fn is_unsafe(code: &str) -> bool {
    has_word(code, "unsafe") || code.contains("allow(unsafe_code")
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree_with;
    use super::*;

    #[test]
    fn an_unsafe_block_elsewhere_is_found() {
        assert_eq!(violations(&tree_with("engine/src/cache.rs", "let x = unsafe { *p };")).len(), 1);
    }

    #[test]
    fn the_dynamic_modules_may_be_unsafe() {
        assert_eq!(
            violations(&tree_with("plugin-sdk/src/dynamic/table.rs", "let x = unsafe { *p };")).len(),
            0
        );
        assert_eq!(violations(&tree_with("plugins/x/src/dynamic.rs", "let x = unsafe { *p };")).len(), 1);
    }

    #[test]
    fn lifting_the_lint_elsewhere_is_found() {
        assert_eq!(violations(&tree_with("kmip/src/lib.rs", "#![allow(unsafe_code)]")).len(), 1);
    }

    #[test]
    fn talking_about_it_is_no_violation() {
        assert_eq!(
            violations(&tree_with("kmip/src/lib.rs", "// nothing unsafe here\n#![deny(unsafe_code)]")).len(),
            0
        );
    }
}
