//! The conformance report: per profile, cases passed of cases run, over each wire form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::score::CaseResult;

/// What a group of cases is called, by the beginning of their names; the first that fits counts.
const PROFILES: &[(&str, &str)] = &[
    ("AKLC", "Asymmetric Key Lifecycle"),
    ("AX", "AES XTS"),
    ("BL", "Baseline"),
    ("CS-AC", "Advanced Cryptographic"),
    ("CS-BC", "Basic Cryptographic"),
    ("CS-RNG", "RNG Cryptographic"),
    ("MSGENC-JSON", "JSON"),
    ("MSGENC-XML", "XML"),
    ("OMOS", "Opaque Managed Object Store"),
    ("PKCS11", "PKCS#11"),
    ("QS", "Quantum Safe"),
    ("SASED", "Storage Array with Self-Encrypting Drive"),
    ("SKFF", "Symmetric Key Foundry for FIPS 140"),
    ("SKLC", "Symmetric Key Lifecycle"),
    ("SUITEB", "Suite B"),
    ("TL", "Tape Library"),
    ("TC", "test case documents"),
];

/// The report as a page of Markdown: a table with a row a profile and a column a wire form, and the cases that do not
/// pass.
pub(crate) fn page(results: &[CaseResult]) -> String {
    let forms: BTreeSet<&str> = results.iter().map(|result| form(&result.run)).collect();
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for result in results {
        let (passed, run) = counts.entry((profile(&result.case), form(&result.run))).or_default();
        *run += 1;
        *passed += usize::from(result.passed);
    }
    let mut page = String::from(INTRODUCTION);
    let columns: Vec<&str> = forms.iter().copied().collect();
    line(&mut page, "profile", &columns);
    line(&mut page, "---", &vec!["---:"; columns.len()]);
    let profiles: BTreeSet<&str> = counts.keys().map(|(profile, _)| *profile).collect();
    for profile in profiles {
        let cells: Vec<String> = columns
            .iter()
            .map(|form| {
                counts
                    .get(&(profile, *form))
                    .map_or_else(String::new, |(passed, run)| format!("{passed} of {run}"))
            })
            .collect();
        line(&mut page, profile, &cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    failures(&mut page, results);
    page.push_str(NEEDS_SETTINGS);
    page.push_str(PYKMIP);
    page
}

const INTRODUCTION: &str = "# Conformance

Cases of the OASIS profiles and test case documents that this server passes, of those that were run, for all versions
from 1.0 to 2.1. `cargo xtask conformance --report` runs them and writes this page; the cases themselves are OASIS's and
not part of the repository.

";

/// What of the specification an operator has to set up first.
const NEEDS_SETTINGS: &str = "
Re-Provision, which replaces the certificate by which a client proves itself, needs the private key of the authority that
issues these certificates: `--client-issuer` names it. Without it the answer is Feature Not Supported.
";

/// What another client's checks find.
const PYKMIP: &str = "
## PyKMIP

`cargo xtask pykmip` runs the client of PyKMIP 0.11.0 as two users on the TLS socket, for 1.0 to 2.0. It passes all checks but
these, in which the client is wrong; `xtask/acceptance/later.tsv` lists them, too:

- a key that is wrapped by NIST Key Wrap, in all versions: the client reads a wrapped Key Value as a structure, where the
  specification and the test case TC-141 have a Byte String;
- all attributes of a key at once, in 1.3, 1.4 and 2.0: the client cannot read Random Number Generator, an attribute of 1.3 and
  1.4, nor Key Format Type in 2.0, an attribute that every key has;
- Delete Attribute in 2.0: the check asks for the attribute Name of the vendor `x`, and expects that the object's own Name goes.
";

fn line(page: &mut String, first: &str, cells: &[&str]) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "| {first} | {} |", cells.join(" | "));
}

/// The cases that fail somewhere, each with the runs in which it does.
fn failures(page: &mut String, results: &[CaseResult]) {
    let mut failing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for result in results.iter().filter(|result| !result.passed) {
        failing.entry(&result.case).or_default().push(&result.run);
    }
    if failing.is_empty() {
        page.push_str("\nEvery case that was run passes.\n");
        return;
    }
    page.push_str("\nCases that do not pass, each with its reason, are in `xtask/acceptance/later.tsv`:\n\n");
    for (case, runs) in failing {
        let _ = writeln!(page, "- {case} ({})", runs.join(", "));
    }
}

/// The wire form of a run: its label without the version.
fn form(run: &str) -> &str {
    run.rsplit_once(' ').map_or(run, |(form, _)| form)
}

fn profile(case: &str) -> &'static str {
    let name = case.rsplit('/').next().unwrap_or(case).replace('_', "-");
    PROFILES
        .iter()
        .find(|(beginning, _)| name.starts_with(beginning))
        .map_or("others", |(_, profile)| profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(run: &str, case: &str, passed: bool) -> CaseResult {
        CaseResult { run: run.to_owned(), case: case.to_owned(), passed }
    }

    #[test]
    fn each_profile_has_its_score_on_each_wire_form() {
        let page = page(&[
            result("HTTP xml 1.4", "oasis/v1.4/mandatory/CS-BC-M-1-14", true),
            result("HTTP xml 2.1", "oasis/v2.1/mandatory/CS-BC-M-1-21", false),
            result("TTLV socket 2.1", "oasis/v2.1/mandatory/CS-BC-M-1-21", true),
            result("HTTP xml 1.1", "ovh/v1.1/CS_BC_M_2_11", true),
        ]);
        assert!(page.contains("| profile | HTTP xml | TTLV socket |"), "{page}");
        assert!(page.contains("| Basic Cryptographic | 2 of 3 | 1 of 1 |"), "{page}");
        assert!(page.contains("- oasis/v2.1/mandatory/CS-BC-M-1-21 (HTTP xml 2.1)"), "{page}");
    }
}
