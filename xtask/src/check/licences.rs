//! Licences, banned crates and sources, by cargo-deny without a network; and what the permissive build links.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;

use crate::{Outcome, step, workspace};

/// Checks that the permissive build links no crate that `deny.toml` lets through as an exception, then runs cargo-deny where
/// it is installed. It takes longer to build than the whole project, so its absence is only noted.
pub(super) fn check() -> Outcome {
    step::announce("licences of the permissive build");
    let restricted = exceptions(&fs::read_to_string(workspace::root().join("deny.toml"))?);
    let linked =
        |features: &[&str]| linked(features).map(|all| all.intersection(&restricted).cloned().collect());
    permissive(&restricted, &linked(&[])?, &linked(&["--no-default-features", "--features", "permissive"])?)?;
    if !is_installed() {
        step::announce("licences: skipped: cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    step::run("licences", &mut step::cargo(["deny", "--offline", "check", "licenses", "bans", "sources"]))
}

/// # Errors
/// The permissive build links a crate that it must not, or the default one none of those that are named: then they have other
/// names by now, and nothing was checked.
fn permissive(named: &BTreeSet<String>, by_default: &BTreeSet<String>, linked: &BTreeSet<String>) -> Outcome {
    let absent: Vec<_> = named.difference(by_default).cloned().collect();
    if named.is_empty() || !absent.is_empty() {
        return Err(
            format!("deny.toml has exceptions that the default build does not link: {absent:?}").into()
        );
    }
    match linked.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("the permissive build links what is not permissively licensed: {linked:?}").into())
        }
    }
}

/// The crates that are exceptions, without their versions.
fn exceptions(deny: &str) -> BTreeSet<String> {
    let entries =
        deny.lines().skip_while(|line| !line.starts_with("exceptions")).take_while(|line| *line != "]");
    let names = entries.filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split(['@', '"']).next());
    names.map(str::to_owned).collect()
}

/// The crates that the server links with these features.
fn linked(features: &[&str]) -> Outcome<BTreeSet<String>> {
    let tree =
        ["tree", "--offline", "--package", "claviger-server", "--edges", "normal,build", "--prefix", "none"];
    let mut command = step::cargo(tree);
    let output = command.args(["--format", "{p}"]).args(features).output()?;
    if !output.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let lines = String::from_utf8(output.stdout)?;
    Ok(lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

fn is_installed() -> bool {
    let mut probe = step::cargo(["deny", "--version"]);
    probe.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_exceptions_are_read() {
        let deny = "[licenses]\nallow = [\n    \"MIT\",\n]\nexceptions = [\n    { crate = \"a@12\", allow = [\"X\"] },\n    \
                    { crate = \"b\", allow = [\"Y\"] },\n]\ndeny = [\n    { crate = \"rsa\", reason = \"no\" },\n]\n";
        assert_eq!(exceptions(deny), set(&["a", "b"]));
    }

    #[test]
    fn no_exception_is_linked_by_the_permissive_build() {
        let (named, none) = (set(&["a", "b"]), set(&[]));
        assert!(permissive(&named, &named, &none).is_ok());
        assert!(permissive(&named, &named, &set(&["b"])).is_err());
        // Then the names say nothing.
        assert!(permissive(&named, &set(&["a"]), &none).is_err());
        assert!(permissive(&none, &none, &none).is_err());
    }
}
