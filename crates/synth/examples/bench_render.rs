//! Milliseconds of one core (CPU time, so that other work on the machine does not count) for 8 bars of a hand-made band at 124 BPM and 48 kHz, per style file, and the share of each stage.
//! `cargo run --release -p synth --example bench_render [style...]`
mod band;

use std::ops::ControlFlow;
use synth::{RenderRequest, Sound, render};
use take::{Amount, Beats, Bpm, Hints, SampleRate};

const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/styles");
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(|file| file.file_name());
    let parts = band::band(8);
    println!("{:<22}{:>8}   per stage, best of {RUNS}", "style", "ms");
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        if !wanted.is_empty() && !wanted.iter().any(|w| name.starts_with(w.as_str())) {
            continue;
        }
        let text = std::fs::read_to_string(file.path())?;
        let sound = Sound::parse(&name, &name, &text)?;
        let request = RenderRequest {
            parts: &parts,
            tempo: Bpm::new(124.0)?,
            bar_beats: Beats(4.0),
            loop_beats: Beats(32.0),
            rate: SampleRate::DEFAULT,
            sound: &sound,
            hints: &Hints::default(),
            energy: Amount::new(0.6),
            tuning: take::Tuning::EQUAL,
            seed: 1,
        };
        let mut best: Option<(f64, Vec<(String, f64)>)> = None;
        for _ in 0..RUNS {
            let run = timed(&request)?;
            if best.as_ref().is_none_or(|(ms, _)| run.0 < *ms) {
                best = Some(run);
            }
        }
        let (ms, stages) = best.unwrap_or_default();
        let shares: Vec<String> =
            stages.iter().map(|(stage, part)| format!("{stage} {:.0}%", 100.0 * part / ms)).collect();
        println!("{name:<22}{ms:>8.1}   {}", shares.join("  "));
    }
    Ok(())
}

/// CPU time of this process so far, milliseconds.
fn cpu_ms() -> f64 {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 * 1e-6
    }
    // The wall's clock, where the system does not tell.
    #[cfg(not(unix))]
    {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64() * 1e3
    }
}

/// Milliseconds in all and per stage.
fn timed(request: &RenderRequest<'_>) -> Result<(f64, Vec<(String, f64)>), synth::Cancelled> {
    let start = cpu_ms();
    let mut stages: Vec<(String, f64)> = Vec::new();
    let mut last = start;
    render(request, &mut |_, stage| {
        let now = cpu_ms();
        // What has passed since the last call belongs to the stage before.
        if let Some((_, sum)) = stages.last_mut() {
            *sum += now - last;
        }
        if stages.last().is_none_or(|(name, _)| name != stage) {
            stages.push((stage.to_owned(), 0.0));
        }
        last = now;
        ControlFlow::Continue(())
    })?;
    Ok((cpu_ms() - start, stages))
}
