//! Nothing lands unfinished: what is left to do is an issue, not a mark in the source.

use super::Rule;
use super::tree::{Tree, has_word};

pub(super) const RULE: Rule = Rule { demand: "no markers of unfinished work", violations };

// In two parts, so that this file does not break its own rule.
const WORDS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("HA", "CK")];
const MACROS: &[&str] = &[concat!("to", "do!("), concat!("unimple", "mented!(")];
const KINDS: &[&str] = &[".rs", ".toml", ".sh", ".py", "/dev", "/run"];

fn violations(tree: &Tree) -> Vec<String> {
    let files = tree.files.iter().filter(|file| KINDS.iter().any(|kind| file.path.ends_with(kind)));
    files.flat_map(|file| file.lines_where(is_marked)).collect()
}

fn is_marked(line: &str) -> bool {
    WORDS.iter().any(|word| has_word(line, word)) || MACROS.iter().any(|call| line.contains(call))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree_with;
    use super::*;

    #[test]
    fn a_marker_is_found() {
        let comment = format!("// {}: later", WORDS[0]);
        let call = format!("fn later() {{ {}) }}", MACROS[0]);
        assert_eq!(violations(&tree_with("engine/src/lib.rs", &comment)).len(), 1);
        assert_eq!(violations(&tree_with("engine/src/lib.rs", &call)).len(), 1);
        assert_eq!(violations(&tree_with("engine/src/lib.rs", "let todos = 1;")).len(), 0);
    }
}
