//! What is collected, refused, settled and reported.

use claviger_engine::registry::{Registry, RegistryError, RegistryOptions, Verdict};
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::plugin::{API_VERSION, Catalogue, Entry, EntryKind, Manifest};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{Capability, Scheme, SchemeEntry};
use claviger_plugin_sdk::tag_policy::TagPolicy;

use crate::support::dialect::Narrow;
use crate::support::operations::{self, Create};
use crate::support::plugin::{self, named};
use crate::support::schemes::Xor;
use crate::support::world::entries;

const OTHER: &str = "other-plugin";

fn create_from(plugin: &'static str) -> Entry {
    Entry::new(plugin, EntryKind::Operation(&Create))
}

/// The tests' plugin and another one that brings Create, too.
fn contested() -> Vec<Entry> {
    let mut entries = entries();
    entries.extend([plugin::other_manifest(), create_from(OTHER)]);
    entries
}

fn build(entries: Vec<Entry>, options: RegistryOptions) -> Result<Registry, RegistryError> {
    Registry::build(entries, &options)
}

fn refused(entries: Vec<Entry>, options: RegistryOptions) -> RegistryError {
    match build(entries, options) {
        Ok(_) => panic!("the registry was built"),
        Err(error) => error,
    }
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn disabling(names: &[&str]) -> RegistryOptions {
    RegistryOptions { disabled: strings(names), ..RegistryOptions::default() }
}

fn preferring(entry: &str, plugin: &str) -> RegistryOptions {
    let prefer = vec![(entry.to_owned(), plugin.to_owned())];
    RegistryOptions { prefer, ..RegistryOptions::default() }
}

#[test]
fn a_conflict_stops_the_start_and_names_both_plugins() {
    let error = refused(contested(), RegistryOptions::default());
    let text = error.to_string();
    assert!(matches!(error, RegistryError::Conflict { .. }), "{text}");
    assert!(
        text.contains(OTHER) && text.contains(plugin::NAME) && text.contains("operation Create"),
        "{text}"
    );
    let preferring = format!("prefer = [\"operation Create={}\"]", plugin::NAME.min(OTHER));
    assert!(text.contains(&preferring), "{text}");
}

#[test]
fn a_preference_settles_a_conflict() {
    for preferred in [OTHER, plugin::NAME] {
        let registry = build(contested(), preferring("operation Create", preferred)).unwrap();
        assert!(registry.operation(OperationCode::CREATE).is_some());
        let explained = registry.report().explain("operation Create");
        for decision in explained.into_iter().filter(|decision| decision.entry == "operation Create") {
            let expected = if decision.plugin == preferred {
                Verdict::Enabled
            } else {
                Verdict::Overruled(preferred.to_owned())
            };
            assert_eq!(decision.verdict, expected);
        }
    }
}

/// Claims the code of Create under another name.
struct Make;

impl Operation for Make {
    type Request = operations::Ask;
    type Response = operations::Tell;
    const NAME: &'static str = "Make";
    const SPEC: OperationSpec = Create::SPEC;
    fn targets(_: &Self::Request) -> Targets {
        Targets::none()
    }
    async fn run(&self, _: &mut Context<'_>, _: Self::Request) -> Result<Self::Response, Error> {
        Err(Error::unsupported("not for use"))
    }
}

#[test]
fn two_names_for_one_code_are_a_conflict_that_either_name_settles() {
    let contested = || {
        let mut entries = entries();
        entries.extend([plugin::other_manifest(), Entry::new(OTHER, EntryKind::Operation(&Make))]);
        entries
    };
    assert!(matches!(refused(contested(), RegistryOptions::default()), RegistryError::Conflict { .. }));
    for name in ["operation Make", "operation Create"] {
        for (winner, expected) in [(OTHER, "Make"), (plugin::NAME, "Create")] {
            let registry = build(contested(), preferring(name, winner)).unwrap();
            assert_eq!(registry.operation(OperationCode::CREATE).unwrap().name(), expected);
        }
    }
}

#[test]
fn a_preference_for_a_plugin_that_does_not_bring_the_entry_is_refused() {
    let mut entries = contested();
    static THIRD: Manifest = named("third-plugin");
    entries.push(Entry::new(THIRD.name, EntryKind::Manifest(&THIRD)));
    let error = refused(entries, preferring("operation Create", THIRD.name));
    assert!(matches!(error, RegistryError::Unknown { key: "prefer", .. }), "{error}");
}

#[test]
fn disabling_one_of_two_settles_a_conflict_too() {
    let registry = build(contested(), disabling(&[OTHER])).unwrap();
    assert!(registry.operation(OperationCode::CREATE).is_some());
}

#[test]
fn a_plugin_or_an_entry_can_be_disabled() {
    let registry = build(entries(), disabling(&["operation Get"])).unwrap();
    assert!(registry.operation(OperationCode::GET).is_none());
    assert!(registry.operation(OperationCode::CREATE).is_some());
    assert!(!registry.operations().iter().any(|(code, _)| *code == OperationCode::GET));

    let registry = build(entries(), disabling(&[plugin::NAME])).unwrap();
    assert!(registry.operations().is_empty() && registry.plugins().is_empty());
}

#[test]
fn unknown_names_in_the_configuration_are_refused_with_the_known_ones() {
    let cases = [
        (disabling(&["operation Gett"]), "disable"),
        (preferring("operation Gett", plugin::NAME), "prefer"),
        (preferring("operation Get", "nobody"), "prefer"),
        (RegistryOptions { order: strings(&["grops"]), ..RegistryOptions::default() }, "order"),
    ];
    for (options, expected) in cases {
        let error = refused(entries(), options);
        assert!(matches!(&error, RegistryError::Unknown { key, .. } if *key == expected), "{error}");
    }
    let text = refused(entries(), disabling(&["operation Gett"])).to_string();
    assert!(text.contains("operation Get,"), "{text}");
}

#[test]
fn a_plugin_that_the_linker_dropped_stops_the_start() {
    let options =
        RegistryOptions { expected: vec![plugin::NAME, "claviger-dropped"], ..RegistryOptions::default() };
    let error = refused(entries(), options);
    assert_eq!(error, RegistryError::NotLinked("claviger-dropped"));
    assert!(error.to_string().contains("claviger-dropped"));
}

#[test]
fn a_plugin_for_another_api_is_refused() {
    static NEXT_MAJOR: Manifest = Manifest { api: (API_VERSION.0 + 1, 0), ..named("major") };
    static NEXT_MINOR: Manifest = Manifest { api: (API_VERSION.0, API_VERSION.1 + 1), ..named("minor") };
    static OLDER_MINOR: Manifest = Manifest { api: (API_VERSION.0, 0), ..named("older") };
    let with = |manifest: &'static Manifest| vec![Entry::new(manifest.name, EntryKind::Manifest(manifest))];
    assert!(matches!(
        refused(with(&NEXT_MAJOR), RegistryOptions::default()),
        RegistryError::Api { name: "major", .. }
    ));
    assert!(matches!(
        refused(with(&NEXT_MINOR), RegistryOptions::default()),
        RegistryError::Api { name: "minor", .. }
    ));
    assert!(build(with(&OLDER_MINOR), RegistryOptions::default()).is_ok());
}

#[test]
fn entries_need_a_manifest_and_a_plugin_has_one() {
    let error = refused(vec![create_from("nameless")], RegistryOptions::default());
    assert!(matches!(error, RegistryError::NoManifest("nameless", _)), "{error}");
    let error = refused(vec![plugin::manifest(), plugin::manifest()], RegistryOptions::default());
    assert_eq!(error, RegistryError::TwoManifests(plugin::NAME));
}

struct Named(&'static str);

impl TagPolicy for Named {
    fn name(&self) -> &'static str {
        self.0
    }
    fn user_tags(&self, _: &Attributes) -> Result<Option<Vec<String>>, Error> {
        Ok(None)
    }
    fn check_user_tag(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }
    fn system_tags(&self, _: &KeyFacts<'_>) -> Option<Vec<String>> {
        None
    }
}

#[test]
fn tag_policies_are_asked_in_the_configured_order_and_then_by_name() {
    static POLICIES: [Named; 4] = [Named("d"), Named("b"), Named("c"), Named("a")];
    let entries = || {
        let policies = POLICIES.iter().map(|policy| Entry::new(plugin::NAME, EntryKind::TagPolicy(policy)));
        policies.chain([plugin::manifest()]).collect::<Vec<_>>()
    };
    let names = |options| {
        let registry = build(entries(), options).unwrap();
        registry.tag_policies().iter().map(|policy| policy.name()).collect::<String>()
    };
    assert_eq!(names(RegistryOptions::default()), "abcd");
    assert_eq!(names(RegistryOptions { order: strings(&["d", "b"]), ..RegistryOptions::default() }), "dbac");
}

#[test]
fn the_scheme_that_claims_a_key_is_found_whatever_the_order_of_linking() {
    static SHORT: SchemeEntry = SchemeEntry {
        name: "short keys",
        algorithms: &[CryptographicAlgorithm::AES],
        claims: |facts, _| facts.length == Some(128),
        effective: SchemeEntry::as_asked,
        scheme: Scheme::Cipher(&Xor),
    };
    static LONG: SchemeEntry = SchemeEntry {
        name: "long keys",
        algorithms: &[CryptographicAlgorithm::AES],
        claims: |facts, _| facts.length == Some(256),
        effective: SchemeEntry::as_asked,
        scheme: Scheme::Cipher(&Xor),
    };
    let schemes = [&SHORT, &LONG].map(|scheme| Entry::new(plugin::NAME, EntryKind::Scheme(scheme)));
    let registry =
        build(schemes.into_iter().chain([plugin::manifest()]).collect(), RegistryOptions::default());
    let registry = registry.unwrap();
    let attributes = Attributes::new();
    let facts = |algorithm, length| KeyFacts {
        object_type: ObjectType::SYMMETRIC_KEY,
        algorithm,
        length: Some(length),
        format: None,
        attributes: &attributes,
    };
    let find = |capability, algorithm, length| {
        let found =
            registry.scheme_entry(capability, &facts(algorithm, length), &CryptographicParameters::NONE);
        found.map(|entry| entry.name)
    };
    let aes = Some(CryptographicAlgorithm::AES);
    assert_eq!(find(Capability::Cipher, aes, 128), Some("short keys"));
    assert_eq!(find(Capability::Cipher, aes, 256), Some("long keys"));
    assert_eq!(find(Capability::Cipher, aes, 192), None);
    assert_eq!(find(Capability::Wrap, aes, 128), None);
    assert_eq!(find(Capability::Cipher, Some(CryptographicAlgorithm::RSA), 128), None);
    assert_eq!(find(Capability::Cipher, None, 128), None);
}

#[test]
fn the_report_tells_every_decision_with_its_reason() {
    let mut entries = contested();
    entries.push(Entry::new(plugin::NAME, EntryKind::Dialect(&Narrow)));
    let options = RegistryOptions {
        disabled: strings(&["operation Get"]),
        ..preferring("operation Create", plugin::NAME)
    };
    let registry = build(entries, options).unwrap();
    let text = registry.report().to_string();
    for line in [
        "test-plugin 1.2.3 (Apache-2.0): For tests.",
        "  dialect narrow",
        "  operation Create",
        "  operation Get: disabled by the configuration (plugins.disable has \"operation Get\")",
        "  operation Create: not used: the configuration prefers test-plugin",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is missing in\n{text}");
    }
    let explained: Vec<String> =
        registry.report().explain("create").iter().map(|decision| decision.to_string()).collect();
    assert!(explained.contains(&"operation Create from test-plugin: enabled".to_owned()), "{explained:?}");
    assert!(registry.report().explain("nothing of that name").is_empty());
}

#[test]
fn a_disabled_plugin_is_reported_as_disabled() {
    let text = build(entries(), disabling(&[plugin::NAME])).unwrap().report().to_string();
    assert!(text.contains("  disabled by the configuration (plugins.disable has \"test-plugin\")"), "{text}");
}

#[test]
fn the_name_of_no_entry_has_a_comma_which_separates_names_in_the_configuration() {
    let registry = build(crate::support::world::entries(), RegistryOptions::default()).unwrap();
    let decisions = registry.report().decisions();
    assert!(decisions.iter().any(|decision| decision.entry.starts_with("scheme ")));
    for decision in decisions {
        assert!(!decision.entry.contains(','), "{}", decision.entry);
    }
}
