//! The attribute table against the rules tables of KMIP 2.1 section 4, which `attribute_rules.tsv` holds as they are.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use claviger_kmip::attributes::{
    AttributeRule, AttributeTable, ClientMay, ObjectTypes, Occurs, Presence, Source,
};
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode as Op};

/// One rules table.
struct Row {
    name: &'static str,
    always: &'static str,
    set_by: &'static str,
    modifies: &'static str,
    deletes: &'static str,
    multiple: &'static str,
    implicit: &'static str,
    objects: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("attribute_rules.tsv").lines().skip(1);
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, name, always, set_by, _, modifies, deletes, multiple, implicit, objects] = cells[..] else {
            panic!("{line}");
        };
        Row { name, always, set_by, modifies, deletes, multiple, implicit, objects }
    });
    rows.collect()
}

/// The attributes that a rules table is about: section 4.6 has 24 of one kind.
fn rules(name: &str) -> Vec<AttributeRule> {
    let table = AttributeTable::standard();
    if name != "Certificate Attributes" {
        let name = if name == "Vendor Attribute" { "Custom Attribute" } else { name };
        return vec![*table.by_name(name).unwrap_or_else(|| panic!("{name} has no row"))];
    }
    let is_of_4_6 = |rule: &&AttributeRule| {
        let of_a_name =
            rule.name.strip_prefix("Certificate Subject ").or(rule.name.strip_prefix("Certificate Issuer "));
        of_a_name.is_some()
    };
    table.iter().filter(is_of_4_6).copied().collect()
}

fn client_may(text: &str) -> ClientMay {
    match text {
        _ if text.starts_with("No") => ClientMay::Never,
        _ if text.contains("Get Usage Allocation has not been performed") => ClientMay::UntilAllocated,
        _ if text.contains("as long as the") => ClientMay::UntilReached,
        _ if text.contains("Pre-Active or Active") => ClientMay::WhileUsable,
        _ if text.contains("Pre-Active") => ClientMay::WhilePreActive,
        "Yes" => ClientMay::Always,
        _ => panic!("{text}"),
    }
}

/// The operations that a cell lists; none if it says something else.
fn operations(text: &str) -> Vec<Op> {
    // Longest first, since the specification lost a comma or two.
    const NAMES: [(&str, Op); 18] = [
        ("Get Usage Allocation", Op::GET_USAGE_ALLOCATION),
        ("Re-key Key Pair", Op::RE_KEY_KEY_PAIR),
        ("Create Key Pair", Op::CREATE_KEY_PAIR),
        ("Modify Attribute", Op::MODIFY_ATTRIBUTE),
        ("Delete Attribute", Op::DELETE_ATTRIBUTE),
        ("Add Attribute", Op::ADD_ATTRIBUTE),
        ("Derive Key", Op::DERIVE_KEY),
        ("Re-certify", Op::RE_CERTIFY),
        ("Register", Op::REGISTER),
        ("Activate", Op::ACTIVATE),
        ("Certify", Op::CERTIFY),
        ("Destroy", Op::DESTROY),
        ("Archive", Op::ARCHIVE),
        ("Recover", Op::RECOVER),
        ("Re-key", Op::RE_KEY),
        ("Create", Op::CREATE),
        ("Revoke", Op::REVOKE),
        ("Never", Op(0)),
    ];
    let mut rest = text.to_owned();
    let mut found = Vec::new();
    for (name, operation) in NAMES {
        if rest.contains(name) {
            rest = rest.replace(name, "");
            found.push(operation);
        }
    }
    found.retain(|operation| *operation != Op(0));
    found.sort_unstable();
    found
}

#[test]
fn every_row_says_what_its_rules_table_says() {
    let rows = rows();
    assert_eq!(rows.len(), 62);
    let mut compared = 0;
    for row in &rows {
        for rule in rules(row.name) {
            compared += 1;
            let name = rule.name;
            let many = if row.multiple.starts_with("Yes") { Occurs::Many } else { Occurs::Once };
            assert_eq!(rule.occurs, many, "{name}: {}", row.multiple);
            assert_eq!(rule.modify, client_may(row.modifies), "{name}: {}", row.modifies);
            assert_eq!(rule.delete, client_may(row.deletes), "{name}: {}", row.deletes);
            let by_client = row.set_by.contains("Client");
            let by_server = row.set_by.contains("Server");
            let source = match rule.source {
                // A request may name the value that it wants the server to set.
                Source::Server | Source::Proposed => (false, true),
                Source::Client => (true, false),
                Source::Either => (true, true),
            };
            assert_eq!(source, (by_client, by_server), "{name}: {}", row.set_by);
        }
    }
    assert_eq!(compared, 61 + 24);
}

/// "Yes" without exception is what the table calls Always. Where the specification makes exceptions, the operations
/// decide, and their tests tell.
#[test]
fn what_an_object_always_has_is_called_so() {
    // Only of certificates that are X.509, and of keys whose signatures the server reads.
    const OF_SOME: [&str; 4] = [
        "Digital Signature Algorithm",
        "X.509 Certificate Identifier",
        "X.509 Certificate Issuer",
        "X.509 Certificate Subject",
    ];
    for row in rows() {
        for rule in rules(row.name) {
            let always = row.always == "Yes" && !OF_SOME.contains(&row.name);
            assert_eq!(rule.presence == Presence::Always, always, "{}: {}", rule.name, row.always);
        }
    }
}

#[test]
fn an_attribute_applies_to_the_objects_that_the_specification_names() {
    for row in rows() {
        let expected = match row.objects {
            "All Objects" => ObjectTypes::All,
            "Certificates" | "X.509 Certificates" => ObjectTypes::Only(&[ObjectType::CERTIFICATE]),
            "Certificates, PGP keys" => ObjectTypes::Only(&[ObjectType::CERTIFICATE, ObjectType::PGP_KEY]),
            "Opaque Objects" => ObjectTypes::Only(&[ObjectType::OPAQUE_OBJECT]),
            "Public Keys, Private Keys" => {
                ObjectTypes::Only(&[ObjectType::PUBLIC_KEY, ObjectType::PRIVATE_KEY])
            }
            other => panic!("{other}"),
        };
        for rule in rules(row.name) {
            assert_eq!(rule.objects, expected, "{}", rule.name);
        }
    }
}

#[test]
fn the_operations_that_set_an_attribute_unasked_are_those_that_the_specification_lists() {
    let mut compared = 0;
    for row in rows() {
        let listed = operations(row.implicit);
        // Others say when, and not by which operation.
        if listed.is_empty() {
            continue;
        }
        for rule in rules(row.name) {
            let mut implicit = rule.implicit.to_vec();
            implicit.sort_unstable();
            assert_eq!(implicit, listed, "{}: {}", rule.name, row.implicit);
            compared += 1;
        }
    }
    assert!(compared > 50);
}
