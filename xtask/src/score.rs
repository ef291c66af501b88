//! The score of a black-box suite, and what it should have been.
//!
//! The suites print one line a case: `ok NAME`, `FAIL NAME reason` or `skip NAME reason`; then `N passed, N failed`, and end with
//! exit code 1 if a case failed. One that ends otherwise broke off, and what it did not come to counts as nothing. Cases that
//! need what this version of the server does not have yet, or that are wrong themselves, are listed in
//! `acceptance/later.tsv`, so the list is visible and can only shrink: a listed case that passes everywhere has to be taken off
//! it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::{Outcome, workspace};

/// What became of the cases of one or more runs.
#[derive(Default)]
pub(crate) struct Score {
    passed: BTreeSet<String>,
    failed: BTreeSet<String>,
    failures: Vec<String>,
    results: Vec<CaseResult>,
    passed_count: usize,
    failed_count: usize,
    skipped_count: usize,
    expected_count: usize,
}

/// The result of one case in one run.
pub(crate) struct CaseResult {
    /// Which run.
    pub(crate) run: String,
    /// Which case.
    pub(crate) case: String,
    /// Whether it passed.
    pub(crate) passed: bool,
}

/// The cases that are not expected to pass yet.
pub(crate) struct Later(Vec<String>);

impl Later {
    /// Reads the list.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn read() -> Outcome<Self> {
        let path = workspace::root().join("xtask/acceptance/later.tsv");
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.filter_map(|line| line.split('\t').next()).map(str::to_owned).collect())
    }

    fn contains(&self, case: &str) -> bool {
        self.0.iter().any(|listed| listed == case)
    }
}

impl Score {
    /// Runs a suite and adds what it printed. `label` says which run it was.
    ///
    /// # Errors
    /// The suite cannot be started, or broke off.
    pub(crate) fn add_run(&mut self, label: &str, suite: &mut Command, later: &Later) -> Outcome {
        self.add_lines(label, &lines_of(label, suite)?, later);
        Ok(())
    }

    /// Adds what a suite printed, which may be gathered from several runs.
    pub(crate) fn add_lines(&mut self, label: &str, lines: &[String], later: &Later) {
        let before = (self.passed_count, self.failed_count, self.expected_count);
        lines.iter().for_each(|line| self.add_line(label, line, later));
        let (passed, failed, expected) =
            (self.passed_count - before.0, self.failed_count - before.1, self.expected_count - before.2);
        println!("{label:<24} {passed:>4} passed {failed:>4} failed {expected:>4} for later");
    }

    fn add_line(&mut self, label: &str, line: &str, later: &Later) {
        let (verdict, rest) = line.split_once(' ').unwrap_or((line, ""));
        let case = rest.split([' ', ':']).next().unwrap_or(rest).to_owned();
        if let "ok" | "FAIL" = verdict {
            let passed = verdict == "ok";
            self.results.push(CaseResult { run: label.to_owned(), case: case.clone(), passed });
        }
        match verdict {
            "ok" => {
                self.passed_count += 1;
                self.passed.insert(case);
            }
            "FAIL" if later.contains(&case) => {
                self.expected_count += 1;
                self.failed.insert(case);
            }
            "FAIL" => {
                self.failed_count += 1;
                self.failures.push(format!("{label}: {rest}"));
                self.failed.insert(case);
            }
            "skip" => self.skipped_count += 1,
            _ => {}
        }
    }

    /// The result of each case that was run.
    pub(crate) fn results(&self) -> &[CaseResult] {
        &self.results
    }

    /// Demands that so many cases ran, or more: a suite that has lost some is no success.
    ///
    /// # Errors
    /// Fewer did.
    pub(crate) fn demand_cases(&self, run: &str, least: usize) -> Outcome {
        let ran = self.results.iter().filter(|result| result.run == run).count();
        match ran < least {
            true => Err(format!("{run}: {ran} cases ran, of {least} that are known").into()),
            false => Ok(()),
        }
    }

    /// Prints the total, and every case that is not as it should be.
    ///
    /// # Errors
    /// A case failed that should pass, or a case that is listed for later passed in every run.
    pub(crate) fn conclude(&self, suite: &str, later: &Later) -> Outcome {
        for failure in &self.failures {
            println!("FAIL {failure}");
        }
        println!(
            "{suite}: {} passed, {} failed, {} skipped",
            self.passed_count,
            self.failed_count,
            self.skipped_count()
        );
        if self.failed_count > 0 {
            return Err(format!("{suite}: {} cases failed", self.failed_count).into());
        }
        let outdated = self.outdated(later);
        if !outdated.is_empty() {
            let list = outdated.join("\n  ");
            return Err(
                format!("these cases pass now; take them off xtask/acceptance/later.tsv:\n  {list}").into()
            );
        }
        Ok(())
    }

    fn skipped_count(&self) -> usize {
        self.skipped_count + self.expected_count
    }

    fn outdated<'a>(&'a self, later: &Later) -> Vec<&'a str> {
        let passed = self.passed.difference(&self.failed).map(String::as_str);
        passed.filter(|case| later.contains(case)).collect()
    }
}

/// What a suite prints, line by line.
///
/// # Errors
/// The suite cannot be started, or ended without the result of any case, or before its end.
pub(crate) fn lines_of(label: &str, suite: &mut Command) -> Outcome<Vec<String>> {
    // The suites' folder is not ours to write in.
    let output = suite
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .map_err(|error| format!("{label}: cannot start the suite: {error}"))?;
    let lines: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let count = |verdict| lines.iter().filter(|line| line.starts_with(verdict)).count();
    let (passed, failed) = (count("ok "), count("FAIL "));
    let errors = || String::from_utf8_lossy(&output.stderr);
    if passed + failed == 0 {
        return Err(format!("{label}: no case ran: {}", errors()).into());
    }
    let total = format!("{passed} passed, {failed} failed");
    let is_total = |line: &String| {
        line.strip_prefix(&total).is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
    };
    if !lines.iter().any(is_total) || output.status.code() != Some(i32::from(failed > 0)) {
        let status = output.status;
        return Err(format!("{label}: the suite broke off after {total}, with {status}: {}", errors()).into());
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# needs\nB-2\tCreateKeyPair\nC-3\tHash\n";

    fn score(output: &str) -> (Score, Later) {
        let (mut score, later) = (Score::default(), Later::parse(LIST));
        output.lines().for_each(|line| score.add_line("run", line, &later));
        (score, later)
    }

    /// What comes of a suite that does this.
    fn suite(script: &str) -> Outcome<Vec<String>> {
        lines_of("run", Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn a_suite_says_how_many_passed_and_ends_with_its_exit_code() {
        for whole in [
            "echo ok A-1; echo '1 passed, 0 failed'",
            "echo ok A-1; echo skip A-2 why; echo '1 passed, 0 failed, 1 skipped'",
            "echo ok A-1; echo FAIL A-2 why; echo '1 passed, 1 failed'; exit 1",
        ] {
            assert!(suite(whole).is_ok(), "{whole}");
        }
    }

    #[test]
    fn a_suite_that_breaks_off_is_no_success() {
        for broken in [
            "echo nothing",
            "echo ok A-1",
            "echo ok A-1; exit 1",
            "echo ok A-1; echo FAIL A-2 why; exit 1",
            "echo ok A-1; echo '1 passed, 0 failed'; exit 1",
            "echo ok A-1; echo '1 passed, 0 failed'; kill -9 $$",
            "echo ok A-1; echo FAIL A-2 why; echo '1 passed, 1 failed'",
            "echo ok A-1; echo '11 passed, 0 failed'",
            "echo ok A-1; echo '1 passed, 0 failed too late'",
        ] {
            assert!(suite(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_suite_that_has_lost_cases_is_no_success() {
        let (score, _) = score("ok A-1\nFAIL A-2: no\nskip A-3: reason\n");
        assert!(score.demand_cases("run", 2).is_ok());
        assert!(score.demand_cases("run", 3).is_err());
        assert!(score.demand_cases("another", 1).is_err());
    }

    #[test]
    fn cases_for_later_may_fail() {
        let (score, later) = score("ok A-1\nFAIL B-2: step 1: no\nskip D-4: reason\n2 passed, 1 failed");
        assert!(score.conclude("suite", &later).is_ok());
        assert_eq!((score.passed_count, score.failed_count, score.skipped_count()), (1, 0, 2));
    }

    #[test]
    fn other_cases_must_pass() {
        let (score, later) = score("FAIL A-1: step 1: no");
        assert!(score.conclude("suite", &later).is_err());
    }

    #[test]
    fn the_list_must_shrink_when_a_case_passes() {
        let (score, later) = score("ok B-2\n");
        assert!(score.conclude("suite", &later).unwrap_err().to_string().contains("B-2"));
    }

    #[test]
    fn a_case_that_passes_only_on_some_transports_stays_on_the_list() {
        let (score, later) = score("ok B-2\nFAIL B-2: step 1: no\n");
        assert!(score.conclude("suite", &later).is_ok());
    }
}
