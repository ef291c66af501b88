//! `cargo xtask ha`: servers, databases and connections are killed again and again.

use crate::services::Kept;
use crate::{Outcome, step};

#[derive(clap::Args, Default)]
#[command(after_help = "Examples:
  cargo xtask ha                         all databases, as often as ci --full has it
  cargo xtask ha --database postgresql   only one of them
  cargo xtask ha --only killed           only the tests with this in their names")]
pub(crate) struct Options {
    /// Only the servers on this database, by the name of its tests, such as redis_findex
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// Only the tests whose names contain this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Only a few times, as in the gate
    #[arg(long)]
    quick: bool,
}

/// Runs the tests of high availability, each by itself and as often as it takes to trust them.
pub(crate) fn run(options: &Options) -> Outcome {
    let database = options.database.as_deref().unwrap_or_default();
    // With the features that all tests are built with, so that nothing is built twice.
    let mut tests = step::cargo(["test", "--workspace", "--test", "black_box", "--"]);
    // One by one, so that what each prints can be read, and none is slowed down by another.
    tests.args(["--nocapture", "--test-threads=1"]).env("CLAVIGER_TEST_SERVICES_REQUIRED", "1");
    if !options.quick {
        tests.env("CLAVIGER_LONG_TESTS", "1");
    }
    tests.args(names(database, &options.only)?);
    step::run("high availability", &mut tests)?;
    if options.database.is_none() && options.only.is_empty() && !options.quick {
        two_servers()
    } else {
        Ok(())
    }
}

/// Ten thousand updates of two servers on one SQL database, and how it searches in many objects.
fn two_servers() -> Outcome {
    let services = Kept::start()?;
    let mut tests = step::cargo(["test", "--package", "claviger-storage-sql", "--lib", "--"]);
    // The plans are shown.
    tests.args(["two_servers", "plans", "search_costs", "--nocapture", "--test-threads=1"]);
    tests.envs(services.variables.iter().map(|(name, value)| (name, value))).env("CLAVIGER_LONG_TESTS", "1");
    step::run("two servers on one database, and searches among 100,000 objects", &mut tests)
}

/// The names of the tests, which are to be taken as a whole.
fn names(database: &str, only: &str) -> Outcome<Vec<String>> {
    let mut list = step::cargo(["test", "--quiet", "--workspace", "--test", "black_box"]);
    let listed = list.args(["--", "--list", "--format=terse", "high_availability::"]).output()?;
    if !listed.status.success() {
        return Err(
            format!("the tests cannot be listed:\n{}", String::from_utf8_lossy(&listed.stderr)).into()
        );
    }
    let listed = String::from_utf8(listed.stdout)?;
    let all = listed.lines().filter_map(|line| line.strip_suffix(": test"));
    let of_database = format!("::{database}");
    let chosen: Vec<String> =
        all.filter(|name| name.contains(&of_database) && name.contains(only)).map(str::to_owned).collect();
    if chosen.is_empty() {
        return Err("there is no such test".into());
    }
    Ok(std::iter::once("--exact".to_owned()).chain(chosen).collect())
}
