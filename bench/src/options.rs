//! The command line of the benchmark.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::attack::Attack;

/// Measures the release server over loopback, on SQLite if no other database is named
#[derive(clap::Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
#[command(after_help = "Examples:
  cargo xtask bench                             all scenarios at 1, 16 and 64 connections
  cargo xtask bench --quick                     16 connections, one second each, up to 10,000 keys
  cargo xtask bench --only 'Encrypt' --json encrypt.json
  cargo xtask bench --locate --keys 1000,100000,1000000
                                                Locate by tag, name, attribute and owner, on SQLite
  cargo xtask bench --locate --database-type postgresql
                                                the same on a PostgreSQL that is started for it
  cargo xtask bench --only Create --database-type mysql --database-url mysql://USER:PASSWORD@HOST/DATABASE
                                                on a database that is there; all that it holds is DELETED
  cargo xtask bench --crypto                    signatures and encryption against the library's bare calls
  cargo xtask bench --attack                    how long others wait while the server is attacked
  cargo xtask bench --audit                     throughput with and without the audit log
  cargo xtask bench --soak                      growth of memory over a million requests")]
pub(crate) struct CommandLine {
    /// Measure with so many connections at once, in turn
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<usize>,
    /// Measure Locate among so many keys, in turn; ascending
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000])]
    keys: Vec<usize>,
    /// Seconds that each measurement takes
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// 16 connections, one second a measurement, at most 10,000 keys
    #[arg(long)]
    quick: bool,
    /// Only the scenarios whose name contains this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// Instead: Locate by tag, name, attribute and owner, with 1 and 10 hits each, binary TTLV on the TLS socket
    #[arg(long)]
    pub(crate) locate: bool,
    /// The store of the server: sqlite, postgresql, mysql or redis-findex
    #[arg(long, value_name = "NAME", default_value = "sqlite")]
    pub(crate) database_type: String,
    /// Where its database is, all of which is DELETED; without this, one is started for the run
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Also write the results to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Instead: growth of resident memory over so many requests
    #[arg(long, value_name = "REQUESTS", num_args = 0..=1, default_missing_value = "1000000")]
    pub(crate) soak: Option<u64>,
    /// Instead: cryptographic operations against the library's bare calls
    #[arg(long)]
    pub(crate) crypto: bool,
    /// Instead: encapsulation and decapsulation of Covercrypt against the library's bare calls
    #[cfg(feature = "covercrypt")]
    #[arg(long)]
    pub(crate) covercrypt: bool,
    /// Instead: how long others wait while the server is attacked, and its memory
    #[arg(long)]
    pub(crate) attack: bool,
    /// Instead: throughput with the audit log against that without it
    #[arg(long)]
    pub(crate) audit: bool,
    /// Measure this server binary instead of building the release
    #[arg(long, value_name = "FILE")]
    pub(crate) server: Option<PathBuf>,
    /// Be the bare handler (started by the benchmark itself)
    #[arg(long, hide = true, value_name = "ADDRESS")]
    pub(crate) bare_handler: Option<SocketAddr>,
    /// Be an attacker (started by the benchmark itself)
    #[arg(long, hide = true, value_name = "ATTACK")]
    pub(crate) attacker: Option<Attack>,
    /// Whom the attacker attacks
    #[arg(long, hide = true, value_name = "ADDRESS")]
    pub(crate) attacked_http: Option<SocketAddr>,
    /// The same on the TTLV socket
    #[arg(long, hide = true, value_name = "ADDRESS")]
    pub(crate) attacked_ttlv: Option<SocketAddr>,
    /// Certificates of the attacker
    #[arg(long, hide = true, value_name = "FOLDER")]
    pub(crate) certificates: Option<PathBuf>,
}

impl CommandLine {
    /// The numbers of connections to measure with.
    pub(crate) fn connections(&self) -> Vec<usize> {
        if self.quick { vec![16] } else { self.connections.clone() }
    }

    /// The numbers of keys to measure Locate among.
    pub(crate) fn keys(&self) -> Vec<usize> {
        let all = self.keys.iter().copied();
        if self.quick { all.filter(|&keys| keys <= 10_000).collect() } else { all.collect() }
    }

    /// How long each measurement takes.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs_f64(if self.quick { 1.0 } else { self.seconds })
    }
}
