//! What a process needed: time, processor and memory, as Linux tells.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a process needed.
#[derive(Debug, Default)]
pub struct Measured {
    pub took: Duration,
    /// User and system time.
    pub processor: Duration,
    /// The most memory that it had, in bytes.
    pub peak: u64,
}

/// Runs `command` to its end.
pub fn measure(mut command: Command) -> Measured {
    let began = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut measured = Measured::default();
    loop {
        let folder = format!("/proc/{}", child.id());
        if let Ok(status) = std::fs::read_to_string(format!("{folder}/status"))
            && let Some(peak) = peak(&status)
        {
            measured.peak = measured.peak.max(peak);
        }
        if let Ok(stat) = std::fs::read_to_string(format!("{folder}/stat"))
            && let Some(processor) = processor(&stat)
        {
            measured.processor = processor;
        }
        match child.try_wait().expect("it can be waited for") {
            Some(status) => {
                measured.took = began.elapsed();
                assert!(status.success(), "{command:?} failed: {status}");
                return measured;
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}

/// Fields 14 and 15, in hundredths of a second; the name before them may hold spaces.
fn processor(stat: &str) -> Option<Duration> {
    let rest = stat.rsplit_once(')')?.1;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis(10 * (user + system)))
}
