//! What the documentation names is there: who moves a file takes along what is written of it.

use std::collections::BTreeSet;
use std::iter::successors;

use super::Rule;
use super::tree::{SourceFile, Tree};
use crate::workspace;

pub(super) const RULE: Rule =
    Rule { demand: "files and folders that the documentation names exist", violations };

fn violations(tree: &Tree) -> Vec<String> {
    let places = Places::of(tree);
    let pages = tree.files.iter().filter(|file| file.path.ends_with(".md"));
    pages.flat_map(|page| missing(page, &places)).collect()
}

/// The files of the checkout, and the folders that they are in.
struct Places<'t>(BTreeSet<&'t str>);

impl<'t> Places<'t> {
    fn of(tree: &'t Tree) -> Self {
        let paths = tree.files.iter().map(|file| file.path.as_str());
        Self(paths.flat_map(|path| successors(Some(path), |inner| folder_of(inner))).collect())
    }

    fn has(&self, path: &str) -> bool {
        // What is no text, such as a picture, is not in the tree.
        self.0.contains(path) || workspace::root().join(path).exists()
    }

    /// Whether a path begins with a folder at the root, so that it is meant from there.
    fn begins(&self, path: &str) -> bool {
        path.split_once('/').is_some_and(|(top, _)| self.0.contains(top))
    }
}

fn folder_of(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folder, _)| folder)
}

fn missing(page: &SourceFile, places: &Places<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    for (index, line) in page.text.lines().enumerate() {
        let is_gone = |link: &&str| resolved(&page.path, link).is_none_or(|path| !places.has(&path));
        let linked = links(line).filter(is_gone);
        let quoted = quoted_paths(line).filter(|path| places.begins(path) && !places.has(path));
        let named = linked.chain(quoted);
        missing.extend(named.map(|name| format!("{}:{}: {name} is not there", page.path, index + 1)));
    }
    missing
}

/// Where the links of a line lead, those to other sites aside.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c == ')' || c == '#' || c.is_whitespace();
    let targets = line.split("](").skip(1).filter_map(move |rest| rest.split(ends).next());
    targets.filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:"))
}

/// What stands between backticks and looks like a path.
fn quoted_paths(line: &str) -> impl Iterator<Item = &str> {
    let is_part_of_path = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let quoted = line.split('`').skip(1).step_by(2).filter(move |text| text.chars().all(is_part_of_path));
    quoted.map(|path| path.trim_end_matches('/'))
}

/// The path from the root that a link on a page means; nothing if it leads out of the checkout.
fn resolved(page: &str, link: &str) -> Option<String> {
    // A fragment becomes a part of the changelog, which is at the root.
    let folder = folder_of(page).filter(|folder| *folder != "changelog.d").unwrap_or_default();
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree_with;
    use super::*;

    fn found(page: &str, text: &str) -> Vec<String> {
        let mut tree = tree_with(page, text);
        let file = |path: &str| SourceFile { path: path.to_owned(), text: String::new() };
        tree.files.extend(["made-up/src/one.rs", "made-up/two.md"].map(file));
        violations(&tree)
    }

    #[test]
    fn a_file_that_moved_and_is_still_named_is_found() {
        for text in ["see `made-up/src/gone.rs`", "see [it](../src/gone.rs)", "[it](../../../outside.md)"] {
            let found = found("made-up/docs/page.md", &format!("first\n{text}\n"));
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with("made-up/docs/page.md:2: "), "{found:?}");
        }
    }

    #[test]
    fn files_folders_and_places_in_them_are_known() {
        let text =
            "`made-up/src/`, `made-up/src/one.rs`, [a](../src/one.rs) and [b](../two.md#there \"title\")";
        assert_eq!(found("made-up/docs/page.md", text), [""; 0]);
    }

    #[test]
    fn what_is_no_path_of_the_checkout_is_left_alone() {
        let text =
            "`application/json`, `made-up/*/x`, `and/or`, [site](https://example.org/a), [here](#there)";
        assert_eq!(found("made-up/docs/page.md", text), [""; 0]);
    }

    #[test]
    fn links_of_changelog_fragments_are_meant_from_the_root() {
        assert_eq!(found("changelog.d/1.x.added.md", "[it](made-up/two.md)"), [""; 0]);
        assert_eq!(found("changelog.d/1.x.added.md", "[it](../made-up/two.md)").len(), 1);
    }
}
