//! The profiles that the server names in Query: those whose published cases it passes, none of which may be on the list
//! of cases that may fail.

use std::collections::BTreeSet;

use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::message::{RequestHeader, RequestMessage};
use claviger_kmip::payloads::QueryRequest;
use claviger_kmip::tables::enumerations::{OperationCode, QueryFunction};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{Tag, Ttlv, Value};
use xtask::workspace;

use crate::server_process::ServerProcess;

/// The profiles and the beginnings of the names of their cases.
const CASES: &[(&str, &str)] = &[
    ("AESXTS", "AX"),
    ("AdvancedCryptographic", "CS-AC"),
    ("AsymmetricKeyLifecycle", "AKLC"),
    ("Baseline", "BL"),
    ("BasicCryptographic", "CS-BC"),
    ("JSON", "MSGENC-JSON"),
    ("OpaqueManagedObjectStore", "OMOS"),
    ("PKCS_11", "PKCS11"),
    ("QuantumSafe", "QS"),
    ("RNGCryptographic", "CS-RNG"),
    ("StorageArrayWithSelfEncryptingDrive", "SASED"),
    ("SuiteBMinLOS_128", "SUITEB-128"),
    ("SymmetricKeyFoundry", "SKFF"),
    ("SymmetricKeyLifecycle", "SKLC"),
    ("TapeLibrary", "TL"),
    ("XML", "MSGENC-XML"),
];

/// A profile in a version of KMIP, such as 14 for 1.4.
type Claim = (&'static str, u32);

#[test]
fn no_case_of_a_profile_that_the_server_names_may_fail() {
    let may_fail = std::fs::read_to_string(workspace::root().join("xtask/acceptance/later.tsv")).unwrap();
    let may_fail: Vec<&str> = may_fail.lines().filter_map(|line| line.split('\t').next()).collect();
    for claim in claims() {
        let failing: Vec<_> = may_fail.iter().filter(|case| is_case_of(case, claim)).collect();
        assert!(failing.is_empty(), "{claim:?} is named, and these may fail: {failing:?}");
    }
}

#[test]
fn every_profile_that_has_cases_is_named_where_they_pass_and_none_else() {
    let Some(published) = published() else {
        println!("skipped: no folder of published cases");
        return;
    };
    let with_cases: BTreeSet<Claim> = CASES
        .iter()
        .flat_map(|(profile, _)| [10, 11, 12, 13, 14, 20, 21].map(|version| (*profile, version)))
        .filter(|claim| published.iter().any(|case| is_case_of(case, *claim)))
        // In these versions the profile has no name.
        .filter(|claim| *claim != ("AESXTS", 14))
        .collect();
    assert_eq!(claims(), with_cases);
}

#[test]
fn a_case_belongs_to_the_profile_and_the_version_in_its_name() {
    let is = is_case_of;
    assert!(is("oasis/v1.3/mandatory/CS-RNG-M-1-13", ("RNGCryptographic", 13)));
    assert!(!is("oasis/v1.3/mandatory/CS-RNG-M-1-13", ("RNGCryptographic", 14)));
    assert!(is("oasis/v1.3/mandatory/CS-BC-M-4-12-3DES-13", ("BasicCryptographic", 13)));
    assert!(!is("oasis/v1.4/optional/CS-RNG-O-3-14", ("RNGCryptographic", 14)), "it is optional");
    assert!(is("oasis/v1.4/optional/OMOS-O-1-14", ("OpaqueManagedObjectStore", 14)), "it has no others");
    assert!(is("ovh/v1.0/SASED_M_2_10_storage_array", ("StorageArrayWithSelfEncryptingDrive", 10)));
    assert!(is("oasis/v1.4/mandatory/SUITEB_128-M-1-14", ("SuiteBMinLOS_128", 14)));
}

/// What the server names, by the version that the names state.
fn claims() -> BTreeSet<Claim> {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let mut claims = BTreeSet::new();
    // Query tells of profiles since 1.3; a name of 1.x tells its version.
    for version in [ProtocolVersion::V1_4, ProtocolVersion::V2_0, ProtocolVersion::V2_1] {
        let query = QueryRequest { query_function: vec![QueryFunction::QUERY_PROFILES], object_groups: None };
        let item = RequestBatchItem::new(OperationCode::QUERY, query.into_value());
        let message =
            RequestMessage { request_header: RequestHeader::new(version, 1), batch_item: vec![item] };
        let response = client.kmip(&Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value()));
        let mut names = Vec::new();
        collect_names(&response, &mut names);
        assert!(!names.is_empty(), "{response:?}");
        claims.extend(names.iter().map(|name| claim(name, version)));
    }
    claims
}

fn collect_names(item: &Ttlv, names: &mut Vec<String>) {
    if let (Tag::PROFILE_NAME, Value::Enumeration(code)) = (item.tag, &item.value) {
        names.push(Vocabulary::standard().enumeration_name(Tag::PROFILE_NAME, *code).unwrap().to_owned());
    }
    item.children().iter().for_each(|child| collect_names(child, names));
}

fn claim(name: &str, version: ProtocolVersion) -> Claim {
    let (profile, stated) = match name.split_once("ServerKMIPV") {
        Some((profile, stated)) => (profile, stated.replace('_', "").parse().unwrap()),
        None => (name.strip_suffix("Server").unwrap(), (version.major * 10 + version.minor) as u32),
    };
    let (profile, _) = CASES.iter().find(|(known, _)| *known == profile).expect("a profile without cases");
    (*profile, stated)
}

/// Whether a case has to pass for a claim: it is mandatory, or the profile has optional ones alone.
fn is_case_of(case: &str, (profile, version): Claim) -> bool {
    let (_, beginning) = CASES.iter().find(|(known, _)| *known == profile).unwrap();
    let name = case.rsplit('/').next().unwrap_or(case).replace('_', "-");
    let kind = if profile == "OpaqueManagedObjectStore" { "-O-" } else { "-M-" };
    let Some(rest) = name.strip_prefix(&format!("{beginning}{kind}")) else { return false };
    let versions = ["10", "11", "12", "13", "14", "20", "21"];
    // The first part is the number of the case; the version is the last that is one.
    let parts = rest.split('-').skip(1).filter(|part| versions.contains(part));
    parts.last().and_then(|part| part.parse().ok()) == Some(version)
}

/// The published cases, under the names that the list gives them.
fn published() -> Option<Vec<String>> {
    let mut cases = Vec::new();
    let mut folders = vec![workspace::shared()?.join("conformance/suites")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()? {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "xml") {
                cases.push(path.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    Some(cases)
}
