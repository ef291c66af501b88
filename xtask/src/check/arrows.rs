//! Dependency arrows: `kmip ← plugin-sdk ← engine ← server`, `plugin-sdk ← plugins ← server`.

use super::Rule;
use super::tree::{Package, Tree};

pub(super) const RULE: Rule = Rule {
    demand: "dependency arrows: kmip <- plugin-sdk <- engine <- server, plugin-sdk <- plugins <- server",
    violations,
};

/// The place of a package in the architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Kmip,
    Sdk,
    Engine,
    Plugin,
    Server,
    /// A third party's plugin, or its shim or custom server: whatever an outsider may write.
    Example,
    /// Developer tools: they may use anything, and nothing may use them but one another.
    Tool,
}

fn violations(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for package in &tree.packages {
        let Some(layer) = layer(&package.folder) else {
            found.push(format!(
                "{}: the folder {} belongs to no layer of the design",
                package.name, package.folder
            ));
            continue;
        };
        let inside = package.inside.iter().filter_map(|name| tree.packages.iter().find(|p| p.name == *name));
        found.extend(inside.filter(|used| !allowed(layer, package, used)).map(|used| {
            format!(
                "{} ({}) must not depend on {} ({})",
                package.name, package.folder, used.name, used.folder
            )
        }));
    }
    found
}

fn layer(folder: &str) -> Option<Layer> {
    let top = folder.split('/').next().unwrap_or(folder);
    Some(match top {
        "kmip" => Layer::Kmip,
        "plugin-sdk" => Layer::Sdk,
        "engine" => Layer::Engine,
        "plugins" => Layer::Plugin,
        "server" => Layer::Server,
        "examples" => Layer::Example,
        "xtask" | "bench" | "fuzz" => Layer::Tool,
        _ => return None,
    })
}

fn allowed(layer: Layer, package: &Package, used: &Package) -> bool {
    use Layer::{Engine, Example, Kmip, Plugin, Sdk, Server, Tool};
    let Some(used_layer) = self::layer(&used.folder) else { return false };
    match layer {
        Kmip => false,
        // The SDK may be split, for instance into its macros; the parts stay below its folder.
        Sdk => matches!(used_layer, Kmip | Sdk),
        Plugin => matches!(used_layer, Kmip | Sdk),
        Engine => matches!(used_layer, Kmip | Sdk),
        Server => matches!(used_layer, Kmip | Sdk | Engine | Plugin),
        Example => {
            matches!(used_layer, Kmip | Sdk | Example) || (used_layer == Server && is_custom_server(package))
        }
        Tool => used_layer != Example,
    }
}

/// An example that assembles a server of its own depends on the server; an example plugin does not.
fn is_custom_server(package: &Package) -> bool {
    package.folder.rsplit('/').next().is_some_and(|name| name.ends_with("-server"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, folder: &str, dependencies: &[&str]) -> Package {
        let dependencies: Vec<_> = dependencies.iter().map(|&name| name.to_owned()).collect();
        let inside = dependencies.clone();
        Package { name: name.to_owned(), folder: folder.to_owned(), dependencies, inside }
    }

    fn with(last: Package) -> Vec<String> {
        let packages = vec![
            package("kmip", "kmip", &["serde"]),
            package("sdk", "plugin-sdk", &["kmip"]),
            package("engine", "engine", &["sdk", "kmip"]),
            package("storage", "plugins/storage-sql", &["sdk", "sqlx"]),
            package("server", "server", &["engine", "storage"]),
            last,
        ];
        violations(&Tree { packages, ..Tree::default() })
    }

    #[test]
    fn the_design_is_allowed() {
        assert_eq!(with(package("hello", "examples/plugins/hello", &["sdk"])), Vec::<String>::new());
        assert_eq!(
            with(package("own", "examples/plugins/hello-server", &["server", "hello"])),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_plugin_must_not_depend_on_the_engine() {
        assert_eq!(with(package("tags", "plugins/tags", &["engine"])).len(), 1);
    }

    #[test]
    fn a_plugin_must_not_depend_on_another_plugin() {
        assert_eq!(with(package("tags", "plugins/tags", &["storage"])).len(), 1);
    }

    #[test]
    fn an_example_plugin_must_not_depend_on_the_server() {
        assert_eq!(with(package("hello", "examples/plugins/hello", &["server"])).len(), 1);
    }

    #[test]
    fn a_folder_outside_the_design_is_refused() {
        assert_eq!(with(package("other", "other", &[])).len(), 1);
    }
}
