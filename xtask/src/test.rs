//! `cargo xtask test`: all tests, every feature set, the link proof, and the black-box suites.

use serde_json::Value;

use crate::services::Kept;
use crate::{
    Outcome, acceptance, biscuit, conformance, cosmian, exchange, link_proof, oidc, pykmip, pykmip_source,
    step, workspace,
};

const SERVER: &str = "claviger-server";

#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Only the tests of the workspace
    #[arg(long)]
    quick: bool,
}

/// Runs everything; the black-box suites use the development build of the server.
pub(crate) fn run(options: &Options) -> Outcome {
    let mut tests = step::cargo(["test", "--workspace", "--quiet"]);
    step::announce("database servers for the tests");
    let services = Kept::start()?;
    tests.envs(services.variables.iter().map(|(name, value)| (name, value)));
    if let Some(folder) = workspace::shared() {
        tests.env(workspace::SHARED, folder);
    }
    step::run("all tests", &mut tests)?;
    drop(services);
    if options.quick {
        return Ok(());
    }
    // The tests have built it, with the features that they need: others would have the libraries built once more.
    let binary = workspace::server_binary("debug");
    conformance::score(&binary, &conformance::Options::default())?;
    pykmip::score(&binary, &acceptance::Options::default())?;
    pykmip_source::score(&binary, &acceptance::Options::default())?;
    cosmian::score(&binary, &acceptance::Options::default())?;
    exchange::score(&binary, &acceptance::Options::default())?;
    oidc::score(&binary, &acceptance::Options::default())?;
    biscuit::score(&binary, &acceptance::Options::default())?;
    check_feature_sets()?;
    link_proof::run()
}

/// Checks the server without each of its plugins, and with the permissively licensed ones only.
fn check_feature_sets() -> Outcome {
    let plugins = plugin_features()?;
    for left_out in &plugins {
        let rest: Vec<&str> = plugins.iter().filter(|&each| each != left_out).map(String::as_str).collect();
        check_features(&format!("server without {left_out}"), &rest.join(","))?;
    }
    check_features("server with permissive plugins only", "permissive")
}

fn check_features(title: &str, features: &str) -> Outcome {
    let arguments =
        ["check", "--quiet", "--package", SERVER, "--no-default-features", "--features", features];
    step::run(title, &mut step::cargo(arguments))
}

/// The features of the server that stand for a plugin each: those that bring one of our crates.
fn plugin_features() -> Outcome<Vec<String>> {
    let output = step::cargo(["metadata", "--format-version", "1", "--no-deps", "--offline"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages =
        metadata.get("packages").and_then(Value::as_array).ok_or("cargo metadata lists no packages")?;
    let server = packages.iter().find(|package| package.get("name").and_then(Value::as_str) == Some(SERVER));
    let features = server.and_then(|server| server.get("features")).and_then(Value::as_object);
    let brings_a_plugin = |parts: &Value| {
        let parts = parts.as_array().map(Vec::as_slice).unwrap_or_default();
        parts.iter().filter_map(Value::as_str).any(|part| part.starts_with("dep:claviger-"))
    };
    let features = features.ok_or("the server has no features")?.iter();
    Ok(features.filter(|(_, parts)| brings_a_plugin(parts)).map(|(name, _)| name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_plugin_of_the_server_is_a_feature() {
        let features = plugin_features().unwrap();
        assert!(features.iter().any(|feature| feature == "operations-kmip"), "{features:?}");
        assert!(
            !features.iter().any(|feature| feature == "default" || feature == "permissive"),
            "{features:?}"
        );
    }
}
