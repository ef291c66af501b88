//! Collect, check, settle, freeze.

use std::collections::{BTreeMap, HashMap};

use claviger_kmip::attributes::AttributeTable;
use claviger_kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::plugin::{API_VERSION, Entry, EntryKind, Manifest};

use super::scheme_table::SchemeTable;
use super::{Decision, Registry, RegistryError, RegistryOptions, Report, Verdict};

/// The manifests among entries, by name.
pub(super) fn manifests(entries: &[Entry]) -> Vec<&'static Manifest> {
    let mut manifests: Vec<&'static Manifest> = entries
        .iter()
        .filter_map(
            |entry| if let EntryKind::Manifest(manifest) = entry.kind { Some(manifest) } else { None },
        )
        .collect();
    manifests.sort_by_key(|manifest| manifest.name);
    manifests
}

/// Builds a registry.
pub(super) fn collect(mut entries: Vec<Entry>, options: &RegistryOptions) -> Result<Registry, RegistryError> {
    entries.sort_by_cached_key(|entry| (entry.plugin, entry_name(&entry.kind)));
    let manifests = manifests(&entries);
    check_manifests(&manifests, &entries, options)?;
    check_names(&manifests, &entries, options)?;

    let mut report = Report::default();
    for manifest in &manifests {
        report.plugins.push((manifest, disabled(options, &[manifest.name])));
    }
    let enabled = settle(&entries, options, &mut report)?;
    let manifests: Vec<_> = manifests.into_iter().filter(|m| !is_disabled(options, &[m.name])).collect();
    freeze(manifests, enabled, options, report)
}

/// What an entry is called in the configuration and in reports: without commas, which separate names there.
fn entry_name(kind: &EntryKind) -> String {
    match kind {
        EntryKind::Manifest(manifest) => format!("plugin {}", manifest.name),
        EntryKind::Operation(operation) => format!("operation {}", operation.name()),
        EntryKind::ObjectKind(kind) => format!("object {:?}", kind.object_type()),
        EntryKind::KeyValueEncoding(encoding) => format!("key value encoding {:?}", encoding.option()),
        EntryKind::NewObjectRule(rule) => format!("rule {}", rule.name()),
        EntryKind::Scheme(scheme) => {
            let algorithms: Vec<String> =
                scheme.algorithms.iter().map(|known| format!("{known:?}")).collect();
            format!("scheme {} ({} {:?})", scheme.name, algorithms.join(" "), scheme.scheme.capability())
        }
        EntryKind::Store(store) => format!("store {}", store.name()),
        EntryKind::Authenticator(authenticator) => format!("authenticator {}", authenticator.name()),
        EntryKind::Dialect(dialect) => format!("dialect {}", dialect.name()),
        EntryKind::TagPolicy(policy) => format!("tag policy {}", policy.name()),
        EntryKind::AuditSink(sink) => format!("audit sink {}", sink.name()),
        EntryKind::Routes(routes) => match routes.routes().first() {
            Some(route) => format!("routes {}", route.path),
            None => "routes".to_owned(),
        },
        EntryKind::Timer(timer) => format!("timer {}", timer.name()),
    }
}

/// The key that only one entry may have: operations by code, object kinds by type, the rest by name.
fn exclusive_key(kind: &EntryKind) -> String {
    match kind {
        EntryKind::Operation(operation) => format!("operation {:#010X}", operation.spec().code.0),
        other => entry_name(other),
    }
}

fn check_manifests(
    manifests: &[&'static Manifest],
    entries: &[Entry],
    options: &RegistryOptions,
) -> Result<(), RegistryError> {
    for pair in manifests.windows(2) {
        if let [first, second] = pair
            && first.name == second.name
        {
            return Err(RegistryError::TwoManifests(first.name));
        }
    }
    for expected in &options.expected {
        if !manifests.iter().any(|manifest| manifest.name == *expected) {
            return Err(RegistryError::NotLinked(expected));
        }
    }
    for manifest in manifests {
        let (major, minor) = manifest.api;
        if major != API_VERSION.0 || minor > API_VERSION.1 {
            return Err(RegistryError::Api { name: manifest.name, api: manifest.api });
        }
    }
    match entries.iter().find(|entry| !manifests.iter().any(|manifest| manifest.name == entry.plugin)) {
        Some(entry) => Err(RegistryError::NoManifest(entry.plugin, entry_name(&entry.kind))),
        None => Ok(()),
    }
}

/// Refuses names in the configuration that mean nothing: a misspelt `disable` must not leave something enabled.
fn check_names(
    manifests: &[&'static Manifest],
    entries: &[Entry],
    options: &RegistryOptions,
) -> Result<(), RegistryError> {
    let plugins: Vec<String> = manifests.iter().map(|manifest| manifest.name.to_owned()).collect();
    let names: Vec<String> = entries
        .iter()
        .filter(|entry| !matches!(entry.kind, EntryKind::Manifest(_)))
        .map(|entry| entry_name(&entry.kind))
        .collect();
    let unknown = |key, name: &String, known: &[String]| {
        Err(RegistryError::Unknown { key, name: name.clone(), known: known.join(", ") })
    };
    for name in &options.disabled {
        if !plugins.contains(name) && !names.contains(name) {
            return unknown("disable", name, &[plugins.clone(), names.clone()].concat());
        }
    }
    for (name, plugin) in &options.prefer {
        if !names.contains(name) {
            return unknown("prefer", name, &names);
        }
        // Preferring a plugin that does not bring the entry would leave nobody who does.
        let claimants: Vec<String> = claimants(entries, name).map(|entry| entry.plugin.to_owned()).collect();
        if !claimants.contains(plugin) {
            return unknown("prefer", plugin, &claimants);
        }
    }
    let ordered: Vec<String> = entries.iter().filter_map(|entry| ordered_name(&entry.kind)).collect();
    match options.order.iter().find(|name| !ordered.contains(name)) {
        Some(name) => unknown("order", name, &ordered),
        None => Ok(()),
    }
}

/// The entries that claim the same as the entry with this name.
fn claimants<'e>(entries: &'e [Entry], name: &str) -> impl Iterator<Item = &'e Entry> {
    let claimed = |entry: &&Entry| entry_name(&entry.kind) == name;
    let key = entries.iter().find(claimed).map(|entry| exclusive_key(&entry.kind));
    entries.iter().filter(move |entry| key.as_ref() == Some(&exclusive_key(&entry.kind)))
}

/// What `order` calls an entry of which there may be several in a row.
fn ordered_name(kind: &EntryKind) -> Option<String> {
    match kind {
        EntryKind::TagPolicy(policy) => Some(policy.name().to_owned()),
        EntryKind::Authenticator(authenticator) => Some(authenticator.name().to_owned()),
        EntryKind::AuditSink(sink) => Some(sink.name().to_owned()),
        _ => None,
    }
}

fn disabled(options: &RegistryOptions, names: &[&str]) -> Verdict {
    match options.disabled.iter().find(|name| names.contains(&name.as_str())) {
        Some(name) => Verdict::Disabled(name.clone()),
        None => Verdict::Enabled,
    }
}

fn is_disabled(options: &RegistryOptions, names: &[&str]) -> bool {
    disabled(options, names) != Verdict::Enabled
}

/// Takes out what is disabled and settles who has what several claim.
fn settle<'e>(
    entries: &'e [Entry],
    options: &RegistryOptions,
    report: &mut Report,
) -> Result<Vec<&'e Entry>, RegistryError> {
    let mut winners: BTreeMap<String, &'e Entry> = BTreeMap::new();
    for entry in entries {
        if matches!(entry.kind, EntryKind::Manifest(_)) {
            continue;
        }
        let name = entry_name(&entry.kind);
        let preferred = preferred(entries, options, entry);
        let mut verdict = disabled(options, &[entry.plugin, &name]);
        if verdict == Verdict::Enabled
            && let Some(preferred) = preferred
            && preferred != entry.plugin
        {
            verdict = Verdict::Overruled(preferred.to_owned());
        }
        if verdict == Verdict::Enabled
            && let Some(other) = winners.insert(exclusive_key(&entry.kind), entry)
        {
            return Err(RegistryError::Conflict { entry: name, first: other.plugin, second: entry.plugin });
        }
        report.decisions.push(Decision { entry: name, plugin: entry.plugin, verdict });
    }
    Ok(winners.into_values().collect())
}

/// The plugin whose claim the configuration prefers to others for what this entry claims.
fn preferred<'o>(entries: &[Entry], options: &'o RegistryOptions, entry: &Entry) -> Option<&'o str> {
    let key = exclusive_key(&entry.kind);
    let about_it = |name: &str| claimants(entries, name).any(|other| exclusive_key(&other.kind) == key);
    options.prefer.iter().find(|(name, _)| about_it(name)).map(|(_, plugin)| plugin.as_str())
}

/// Builds the tables.
fn freeze(
    manifests: Vec<&'static Manifest>,
    enabled: Vec<&Entry>,
    options: &RegistryOptions,
    report: Report,
) -> Result<Registry, RegistryError> {
    let extensions: Vec<_> = manifests.iter().flat_map(|manifest| manifest.vocabulary).cloned().collect();
    let rules: Vec<_> = manifests.iter().flat_map(|manifest| manifest.attributes).cloned().collect();
    let vocabulary = Vocabulary::standard()
        .extended(&extensions)
        .map_err(|conflict| RegistryError::Names(conflict.to_string()))?;
    let attributes = AttributeTable::standard()
        .extended(&rules)
        .map_err(|conflict| RegistryError::Names(conflict.to_string()))?;

    let mut schemes = Vec::new();
    let mut registry = Registry {
        manifests,
        operations: HashMap::default(),
        kinds: BTreeMap::new(),
        schemes: SchemeTable::default(),
        stores: BTreeMap::new(),
        authenticators: Vec::new(),
        dialects: BTreeMap::new(),
        tag_policies: Vec::new(),
        key_value_encodings: BTreeMap::new(),
        new_object_rules: Vec::new(),
        audit_sinks: Vec::new(),
        routes: Vec::new(),
        timers: Vec::new(),
        settings: options.settings.clone(),
        vocabulary,
        attributes,
        report,
    };
    for entry in enabled {
        match entry.kind {
            EntryKind::Manifest(_) => {}
            EntryKind::Operation(operation) => {
                registry.operations.insert(operation.spec().code.0, operation);
            }
            EntryKind::ObjectKind(kind) => {
                registry.kinds.insert(kind.object_type().0, kind);
            }
            EntryKind::Scheme(scheme) => schemes.push(scheme),
            EntryKind::Store(store) => {
                registry.stores.insert(store.name(), store);
            }
            EntryKind::Authenticator(authenticator) => registry.authenticators.push(authenticator),
            EntryKind::Dialect(dialect) => {
                registry.dialects.insert(dialect.name(), dialect);
            }
            EntryKind::KeyValueEncoding(encoding) => {
                registry.key_value_encodings.insert(encoding.option().0, encoding);
            }
            EntryKind::NewObjectRule(rule) => registry.new_object_rules.push(rule),
            EntryKind::TagPolicy(policy) => registry.tag_policies.push(policy),
            EntryKind::AuditSink(sink) => registry.audit_sinks.push(sink),
            EntryKind::Routes(routes) => registry.routes.push(routes),
            EntryKind::Timer(timer) => registry.timers.push(timer),
        }
    }
    registry.schemes = SchemeTable::new(schemes);
    registry.tag_policies.sort_by_key(|policy| place(options, policy.name()));
    registry.timers.sort_by_key(|timer| timer.name());
    registry.audit_sinks.sort_by_key(|sink| place(options, sink.name()));
    registry.authenticators.sort_by_key(|authenticator| place(options, authenticator.name()));
    Ok(registry)
}

/// Configured names first, in their order; then the others by name.
fn place<'n>(options: &RegistryOptions, name: &'n str) -> (usize, &'n str) {
    let position = options.order.iter().position(|ordered| ordered == name);
    (position.unwrap_or(options.order.len()), name)
}
