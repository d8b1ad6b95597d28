//! What the kernel has accounted to a process: processor time and memory.
//!
//! In: a process id. Out: nanoseconds and KiB. Read before and after each measurement. Source: Linux,
//! `proc(5)`, `/proc/pid/task/tid/schedstat` and `/proc/pid/smaps_rollup`.

use std::fs;
use std::io;
use std::time::Duration;

/// User and system time of all threads that a process has now.
///
/// # Errors
///
/// When there is no such process, or no schedstat in this kernel.
pub fn cpu(pid: u32) -> io::Result<Duration> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        sum += text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(sum))
}

/// Resident memory of a process, in KiB.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub struct Memory {
    /// Pages in memory.
    pub rss: u64,
    /// The same, each page divided by how many processes share it.
    pub pss: u64,
}

/// Reads the memory of a process.
///
/// # Errors
///
/// When there is no such process, or it is not ours.
pub fn memory(pid: u32) -> io::Result<Memory> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| io::Error::other(format!("no {name} in smaps_rollup")))
    };
    Ok(Memory { rss: field("Rss:")?, pss: field("Pss:")? })
}
