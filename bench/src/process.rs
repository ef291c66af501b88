//! What a process has used, from the kernel's accounts.

use std::fs;
use std::time::Duration;

use xtask::Outcome;

/// Length of a clock tick in `/proc/PID/stat`: 100 a second on every Linux that Rust supports.
const TICK: Duration = Duration::from_millis(10);

/// Processor time that the process has used so far, in user and system mode, by all its threads; to 10 ms.
pub(crate) fn processor_time(pid: u32) -> Outcome<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the program's name in parentheses and may contain blanks.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<u32> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks.as_slice() {
        [user, system] => Ok(TICK * (user + system)),
        _ => Err(format!("/proc/{pid}/stat does not have the expected fields").into()),
    }
}

/// Resident memory of the process in KiB.
pub(crate) fn resident_kib(pid: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS in /proc/PID/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_its_processor_time_grows() {
        let pid = std::process::id();
        assert!(resident_kib(pid).unwrap() > 100);
        let before = processor_time(pid).unwrap();
        let start = std::time::Instant::now();
        while start.elapsed() < Duration::from_millis(200) {
            std::hint::spin_loop();
        }
        assert!(processor_time(pid).unwrap() > before);
    }
}
