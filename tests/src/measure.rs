//! What `cargo xtask bench` wants to know, as JSON: what an idle instance costs, how fast the band is.
use crate::host::{Blocks, Plugin, Roll, Song};
use anyhow::{Context, Result};
use jobs::{BandProvider, CancelToken, Progress, Provider};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;
use take::{BUILT_IN_STYLES, SampleRate, StyleId, TakeSpec};

const RATE_HZ: u32 = 48_000;
const FURTHER_INSTANCES: usize = 8;
const SEEDS: u64 = 3;
const RUNS: usize = 3;

/// Resident memory and construction time of the first instance of a CLAP and of eight further ones beside it, each
/// activated and having played nothing for 0.1 s.
///
/// # Errors
/// A plugin that cannot be loaded, or a system that does not tell the memory of a process.
pub fn instances(clap: &Path) -> Result<Value> {
    let before_kib = resident_kib()?;
    let (first, first_construct_ms) = idle_instance(clap)?;
    let first_kib = resident_kib()?;
    let mut kept = vec![first];
    let mut times_ms = Vec::new();
    for _ in 0..FURTHER_INSTANCES {
        let (instance, construct_ms) = idle_instance(clap)?;
        kept.push(instance);
        times_ms.push(construct_ms);
    }
    let further_kib = resident_kib()?.saturating_sub(first_kib) as f64 / FURTHER_INSTANCES as f64;
    times_ms.sort_by(f64::total_cmp);
    Ok(json!({
        "first_kib": first_kib.saturating_sub(before_kib),
        "further_kib": further_kib,
        "first_construct_ms": first_construct_ms,
        "construct_ms": times_ms[FURTHER_INSTANCES / 2],
        "construct_worst_ms": times_ms[FURTHER_INSTANCES - 1],
    }))
}

/// An instance, and the milliseconds from opening the file to the end of its `init` and the list of its parameters.
fn idle_instance(clap: &Path) -> Result<(Plugin, f64)> {
    let started = Instant::now();
    let mut instance = Plugin::load_from(clap)?;
    let construct_ms = started.elapsed().as_secs_f64() * 1e3;
    instance.activate(RATE_HZ, 512)?;
    Roll::new(&Song::at(120.0), 4800).in_blocks(Blocks::Fixed(512)).stopped().play(&mut instance)?;
    Ok((instance, construct_ms))
}

/// For every built-in style the milliseconds of 8 bars with all stems, from spec to finished take: the slowest of three
/// seeds, each the best of three runs. Processor time of the whole process, and the clock on the wall.
///
/// # Errors
/// A style that does not render.
pub fn styles() -> Result<Value> {
    let band = BandProvider::new(&std::env::temp_dir().join("continuo-has-no-styles-here"));
    let mut told = Vec::new();
    for (style, _) in BUILT_IN_STYLES {
        let id = StyleId::from(style);
        let mut slowest_ms = [0.0f64; 2];
        for seed in 1..=SEEDS {
            let spec = TakeSpec::new(id.clone(), band.tempo_for("", &id), seed);
            let mut best_ms = [f64::INFINITY; 2];
            for _ in 0..RUNS {
                let (wall, cpu) = (Instant::now(), cpu_ms());
                band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())?;
                let took_ms = [cpu_ms() - cpu, wall.elapsed().as_secs_f64() * 1e3];
                best_ms = [best_ms[0].min(took_ms[0]), best_ms[1].min(took_ms[1])];
            }
            slowest_ms = [slowest_ms[0].max(best_ms[0]), slowest_ms[1].max(best_ms[1])];
        }
        told.push(json!({ "style": style, "cpu_ms": slowest_ms[0], "wall_ms": slowest_ms[1] }));
    }
    Ok(Value::Array(told))
}

/// Milliseconds this process has worked, all threads together; where the system does not tell, the wall's.
fn cpu_ms() -> f64 {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
    }
    #[cfg(not(unix))]
    {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
    }
}

/// Memory of this process that is in RAM, from the kernel's own table.
fn resident_kib() -> Result<u64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("this system has no /proc to read memory from")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS line")?;
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).context("VmRSS is no number")
}
