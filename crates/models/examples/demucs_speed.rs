//! Runs one segment of a Demucs model for each line `run` on stdin and prints the seconds it took; for `cancel`, the
//! milliseconds from a cancel a second into a run to its end. Driven by tools/model_fixtures/speed.py.
//!
//!     demucs_speed MODEL THREADS        with ORT_DYLIB_PATH, or a library where a user has it
use anyhow::{Context, Result};
use models::demucs::Separator;
use models::{RunControl, RunSettings, Runtime, RuntimeSearch};
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest loop that is one run of the model: three quarters of 7.8 s.
const LOOP_FRAMES: usize = 257_985;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, model, threads] = arguments.as_slice() else { anyhow::bail!("demucs_speed MODEL THREADS") };
    let settings = RunSettings { num_threads: threads.parse()?, ..RunSettings::default() };
    let runtime = Runtime::find(&RuntimeSearch::of_system(None, Path::new("/")))?.with_settings(settings);
    let separator = Separator::open(&runtime, Path::new(model), &RunControl::detached())?;
    let audio: Vec<f32> = (0..LOOP_FRAMES).map(|i| ((i * 7919 % 10_007) as f32 / 5003.5 - 1.0) * 0.5).collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready")?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let started = Instant::now();
        let answer = match line?.as_str() {
            "run" => {
                let stems = separator.separate_loop([&audio, &audio], &RunControl::detached())?;
                stems.first().context("no stems")?;
                format!("{:.4}", started.elapsed().as_secs_f64())
            }
            "cancel" => {
                let wait = Duration::from_secs(1);
                let cancel = || started.elapsed() >= wait;
                let ended = separator.separate_loop([&audio, &audio], &RunControl::new(&cancel, &|_, _| {}));
                anyhow::ensure!(ended.is_err(), "it was done before it was cancelled");
                format!("{:.0}", (started.elapsed() - wait).as_secs_f64() * 1000.0)
            }
            other => anyhow::bail!("`{other}` is neither run nor cancel"),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
