//! Instances that a host removes while a model runs in them: what is left, and how long it took.
//!
//! Reads threads and memory from Linux's tables of the process.
use crate::host::{Blocks, Plugin, Roll, Song};
use crate::session;
use anyhow::{Context, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest wait for a worker to have worked so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked of deck 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Take the take apart.
    Separate,
    /// Make one with the engine of this name.
    Generate(&'static str),
}

/// How one removal went.
#[derive(Debug, Clone, PartialEq)]
pub struct Removal {
    /// Processor time that workers had spent on the job when the instance went, in milliseconds.
    pub worked_ms: f64,
    /// From the call to remove it until it was gone, in milliseconds.
    pub gone_ms: f64,
    /// Resident memory before the instance was made, when it went, and after, in MiB.
    pub memory_mib: [f64; 3],
    /// The job had not ended.
    pub was_at_work: bool,
    /// Takes in the library that were not there before.
    pub num_new_takes: usize,
}

impl Removal {
    /// One line for people.
    pub fn line(&self) -> String {
        let [before, during, after] = self.memory_mib;
        format!(
            "gone in {:.0} ms (target 250) after {:.0} ms of work; memory {before:.0}, {during:.0}, {after:.0} MiB \
             before, during, after{}",
            self.gone_ms,
            self.worked_ms,
            if self.was_at_work { "" } else { "; the job had ended" },
        )
    }
}

/// Makes an instance with a saved state, presses, waits until its workers have worked for `worked`, and removes it.
///
/// # Errors
/// A plugin that cannot be loaded or used; a job that neither works nor ends.
pub fn remove(clap: &Path, state: &[u8], work: Work, worked: Duration) -> Result<Removal> {
    let song = Song::at(100.0);
    let library = library::Library::new(session::data_dir()?);
    let num_takes_before = library.list()?.len();
    let before_mib = resident_mib()?;
    let mut plugin = Plugin::load_from(clap)?;
    plugin.load_state(state)?;
    plugin.activate(48_000, 512)?;
    if let Work::Generate(engine) = work {
        plugin.set_text("Engine", engine)?;
    }
    session::settle(&mut plugin, &song)?;
    let spent_before = workers_ms()?;
    let history = session::deck_state(&plugin.save_state()?, 1)?.history;
    let button = if work == Work::Separate { "Separate" } else { "Generate" };
    session::press(&mut plugin, &song, &session::deck_param(1, button))?;
    let started = Instant::now();
    let mut worked_ms = 0.0;
    let mut was_at_work = true;
    while was_at_work && worked_ms < worked.as_secs_f64() * 1e3 {
        Roll::new(&song, 64).in_blocks(Blocks::Fixed(64)).stopped().play(&mut plugin)?;
        // Threads that have ended took their time with them.
        worked_ms = (workers_ms()? - spent_before).max(worked_ms);
        was_at_work = session::deck_state(&plugin.save_state()?, 1)?.history == history;
        anyhow::ensure!(started.elapsed() < PATIENCE, "after {} s only {worked_ms:.0} ms of work", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(1));
    }
    let during_mib = resident_mib()?;
    let removed = Instant::now();
    drop(plugin);
    let gone_ms = removed.elapsed().as_secs_f64() * 1e3;
    Ok(Removal {
        worked_ms,
        gone_ms,
        memory_mib: [before_mib, during_mib, resident_mib()?],
        was_at_work,
        num_new_takes: library.list()?.len().saturating_sub(num_takes_before),
    })
}

/// Threads of the plugin's that are there, by name. A thread that was joined is in the system's table for a moment yet:
/// they are looked for again until there is none, or `patience` is over.
///
/// # Errors
/// A system without Linux's tables.
pub fn threads_left(patience: Duration) -> Result<Vec<String>> {
    let started = Instant::now();
    loop {
        let names: Vec<String> = threads()?.into_iter().map(|thread| thread.name).collect();
        if names.is_empty() || started.elapsed() > patience {
            return Ok(names);
        }
        std::thread::yield_now();
    }
}

/// A thread of the plugin's.
struct Thread {
    name: String,
    spent_ms: f64,
}

/// A model's own threads, and those that load it and watch over it.
fn is_of_model(name: &str) -> bool {
    name == "model" || name.starts_with("model ")
}

/// Threads with names of ours.
fn threads() -> Result<Vec<Thread>> {
    let tasks = std::fs::read_dir("/proc/self/task").context("this system has no /proc to read threads from")?;
    let is_ours = |name: &str| name.starts_with("continuo-") || is_of_model(name);
    // A thread that ends meanwhile is left out.
    let found = tasks.flatten().filter_map(|task| {
        let name = std::fs::read_to_string(task.path().join("comm")).ok()?.trim().to_owned();
        let spent = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        let spent_ns: f64 = spent.split_whitespace().next()?.parse().ok()?;
        is_ours(&name).then_some(Thread { name, spent_ms: spent_ns / 1e6 })
    });
    Ok(found.collect())
}

/// Processor time that the plugin's workers have had so far; the studio's and the band's own threads do not count.
///
/// # Errors
/// A system without Linux's tables.
fn workers_ms() -> Result<f64> {
    let is_worker = |name: &str| name.starts_with("continuo-job") || is_of_model(name);
    Ok(threads()?.into_iter().filter(|thread| is_worker(&thread.name)).map(|thread| thread.spent_ms).sum())
}

/// Memory of this process that is in RAM.
fn resident_mib() -> Result<f64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("this system has no /proc to read memory from")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS line")?;
    let kib: f64 = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).context("VmRSS is no number")?;
    Ok(kib / 1024.0)
}
