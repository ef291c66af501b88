//! Processes by number: whether one is still the one that was started, and how it ends.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;

/// How long a server may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that was started at some time. Numbers are used again, so the number alone does not name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) pid: u32,
    /// When it started, as the system counts, and in which run of the system.
    pub(super) since: String,
}

impl Identity {
    /// The process that has this number now; `None` when there is none, or it has ended and waits to be noticed.
    pub(super) fn of(pid: u32) -> Option<Self> {
        let fields = fields(pid)?;
        if matches!(fields.first().map(String::as_str), Some("Z" | "X")) {
            return None;
        }
        let run = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(Self { pid, since: format!("{} {}", run.trim(), fields.get(START)?) })
    }

    pub(super) fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// Asks it to end by the signal, and kills it when it does not.
    pub(super) fn stop(&self, signal: &str) -> Outcome {
        for signal in [signal, "KILL"] {
            let asked = Instant::now();
            if self.is_alive() {
                send(self.pid, signal);
            }
            while self.is_alive() && asked.elapsed() < PATIENCE {
                thread::sleep(Duration::from_millis(10));
            }
        }
        if self.is_alive() {
            return Err(format!("process {} does not end", self.pid).into());
        }
        Ok(())
    }
}

/// Sends a signal, such as `TERM`. That the process has ended meanwhile is no error.
pub(super) fn send(pid: u32, signal: &str) {
    // Its complaint about a process that is not there any more would look like one of ours.
    let _ = Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]).output();
}

/// The processes that this one started and that it has not noticed the end of.
pub(super) fn children(pid: u32) -> Vec<u32> {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = pid.to_string();
    numbers.filter(|&each| fields(each).is_some_and(|fields| fields.get(PARENT) == Some(&parent))).collect()
}

/// Places among the [`fields`].
const PARENT: usize = 1;
const START: usize = 19;

/// What the system says of a process, from its state on (proc(5), the third field of `stat`). The name before it may
/// hold anything.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_used_again_is_another_process() {
        let this = Identity::of(std::process::id()).unwrap();
        assert!(this.is_alive());
        let earlier = Identity { since: format!("{}0", this.since), ..this };
        assert!(!earlier.is_alive());
        earlier.stop("KILL").unwrap();
    }

    #[test]
    fn a_process_that_is_stopped_is_known_to_have_ended() {
        let mut process = Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(process.id()).unwrap();
        assert!(children(std::process::id()).contains(&process.id()));
        identity.stop("TERM").unwrap();
        assert!(!identity.is_alive());
        process.wait().unwrap();
    }
}
