//! The audio thread of a busy session while models run flat out: blocks paced in real time, as a sound card asks for them.
//!
//! Linux only: it reads the workers' time from the process's tables and may ask for a real-time priority.
use crate::host::{Playhead, Plugin, Song, Stepper};
use crate::removal::{self, Work};
use crate::session::{self, deck_param};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::time::{Duration, Instant};
use thread_priority::{
    NormalThreadSchedulePolicy, RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue,
    ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};

const RATE_HZ: u32 = 48_000;
/// What hosts on a desktop run at: 5.3 ms.
const BLOCK_FRAMES: usize = 256;
const BPM: f64 = 124.0;
/// Between two presses, so that every deck finds its next job.
const PRESS_EVERY_S: f64 = 5.0;
/// Decks that are taken apart, and decks that ask MusicGen. All eight play.
const SEPARATING: [usize; 4] = [1, 2, 3, 4];
const GENERATING: [usize; 2] = [5, 6];
/// A priority that a host's audio thread has where the system lets it.
const FIFO_PRIORITY: u8 = 70;

/// How one run went.
#[derive(Debug, Clone, Default)]
struct Run {
    /// Time in the plugin of each block, in milliseconds, sorted.
    took_ms: Vec<f64>,
    /// Blocks whose call took longer than their own length.
    num_missed: usize,
    /// Those of them during which the machine below a virtual one kept a core to itself, by Linux's count in steps
    /// of 10 ms.
    num_missed_below: usize,
    /// Blocks that were finished after the next one was due: the wait for a core counts too.
    num_late: usize,
    /// Processor time of all threads but this one, in cores: workers, the studio, the band.
    other_cores: f64,
    /// Time that the machine below a virtual one kept its cores to itself, in milliseconds, all cores together.
    stolen_ms: f64,
}

/// Runs `seconds` with models and a third of that without, each with the usual and with a real-time priority; prints
/// a line each. Then removes an instance in the middle of each model.
///
/// # Errors
/// A plugin that cannot be used, or models that did not run.
pub fn measure(clap: &Path, seconds: f64) -> Result<()> {
    let song = Song::at(BPM);
    let mut plugin = session_of_eight(clap, &song)?;
    let state = plugin.save_state()?;
    println!("8 decks, {BLOCK_FRAMES} frames at {RATE_HZ} Hz: a deadline of {:.2} ms", deadline_ms());
    println!(
        "{:42} {:>7} {:>7} {:>6} {:>6} {:>9} {:>9} {:>9} {:>8} {:>9}",
        "", "blocks", "missed", "below", "late", "median", "99.9 %", "worst", "others", "stolen"
    );
    let policies = [("SCHED_OTHER", false), ("SCHED_FIFO", true)];
    let mut others_alone = 0.0_f64;
    for (has_models, seconds) in [(false, seconds / 3.0), (true, seconds)] {
        for (policy, is_fifo) in policies {
            let what = if has_models { "models flat out" } else { "no model" };
            let title = format!("{what}, {policy}, {seconds:.0} s");
            if is_fifo && !set_priority(true) {
                println!("{title:42} not allowed on this system");
                continue;
            }
            let run = run(&mut plugin, &song, seconds, has_models);
            set_priority(false);
            let run = run?;
            println!("{}", run.line(&title));
            if !has_models {
                others_alone = others_alone.max(run.other_cores);
            }
            // On a machine that is busy with something else they get what is left: the column says how much.
            let of_models = run.other_cores - others_alone;
            ensure!(!has_models || of_models > 0.05, "the models did not run: {of_models:.3} cores");
        }
    }
    let removed = Instant::now();
    drop(plugin);
    let gone_ms = removed.elapsed().as_secs_f64() * 1e3;
    println!("\nthe session itself, removed while all of them ran: gone in {gone_ms:.0} ms (target 250)");
    removals(clap, &state)
}

/// Eight decks with takes of 8 bars; the last four with pitch and effects.
fn session_of_eight(clap: &Path, song: &Song) -> Result<Plugin> {
    let mut plugin = Plugin::load_from(clap)?;
    plugin.activate(RATE_HZ, BLOCK_FRAMES)?;
    for deck in 1..=8 {
        session::generate(&mut plugin, song, deck)?;
        plugin.set_text(&deck_param(deck, "Level"), "-12")?;
    }
    for deck in 5..=8 {
        for (dial, text) in [("Pitch", "2"), ("Reverb", "0.3"), ("Delay", "0.3"), ("Filter", "-0.2")] {
            plugin.set_text(&deck_param(deck, dial), text)?;
        }
    }
    Ok(plugin)
}

fn run(plugin: &mut Plugin, song: &Song, seconds: f64, has_models: bool) -> Result<Run> {
    if has_models {
        plugin.set_text("Engine", "MusicGen")?;
    }
    let block = Duration::from_secs_f64(BLOCK_FRAMES as f64 / f64::from(RATE_HZ));
    let num_blocks = (seconds / block.as_secs_f64()).round() as usize;
    let press_every = (PRESS_EVERY_S / block.as_secs_f64()) as usize;
    let mut head = Playhead::at_beat(song, 0.0, f64::from(RATE_HZ));
    let mut card = Stepper::new(plugin)?;
    let mut run = Run { took_ms: Vec::with_capacity(num_blocks), ..Run::default() };
    let mut stolen_by_ms = Vec::with_capacity(num_blocks + 1);
    stolen_by_ms.push(stolen_ms()?);
    let (others_before, started) = (others_ms()?, Instant::now());
    for number in 0..num_blocks {
        let due = started + block * number as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let phase = number % press_every;
        let moves = if has_models && phase < 2 { presses(phase == 0) } else { Vec::new() };
        let took = card.block(plugin, song, &mut head, BLOCK_FRAMES, &moves)?;
        run.num_late += usize::from(Instant::now() > due + 2 * block);
        run.took_ms.push(took.as_secs_f64() * 1e3);
        stolen_by_ms.push(stolen_ms()?);
    }
    let missed = run.took_ms.iter().enumerate().filter(|(_, took_ms)| **took_ms > deadline_ms());
    let missed: Vec<usize> = missed.map(|(number, _)| number).collect();
    run.num_missed = missed.len();
    // What is counted in steps of 10 ms may show a block later.
    let is_from_below = |number: usize| stolen_by_ms[(number + 3).min(num_blocks)] > stolen_by_ms[number];
    run.num_missed_below = missed.into_iter().filter(|number| is_from_below(*number)).count();
    run.other_cores = (others_ms()? - others_before) / 1e3 / started.elapsed().as_secs_f64();
    run.stolen_ms = stolen_by_ms[num_blocks] - stolen_by_ms[0];
    run.took_ms.sort_by(f64::total_cmp);
    Ok(run)
}

/// Every deck's button down, or up again.
fn presses(is_down: bool) -> Vec<(String, f64)> {
    let value = if is_down { 1.0 } else { 0.0 };
    let separating = SEPARATING.map(|deck| (deck_param(deck, "Separate"), value));
    separating.into_iter().chain(GENERATING.map(|deck| (deck_param(deck, "Generate"), value))).collect()
}

impl Run {
    fn line(&self, title: &str) -> String {
        let at = |share: f64| self.took_ms[((self.took_ms.len() - 1) as f64 * share) as usize];
        format!(
            "{title:42} {:>7} {:>7} {:>6} {:>6} {:>6.2} ms {:>6.2} ms {:>6.2} ms {:>8.2} {:>6.0} ms",
            self.took_ms.len(),
            self.num_missed,
            self.num_missed_below,
            self.num_late,
            at(0.5),
            at(0.999),
            at(1.0),
            self.other_cores,
            self.stolen_ms
        )
    }
}

/// Processor time of this process without this thread's, those included that have ended.
fn others_ms() -> Result<f64> {
    let spent = |file: &str| -> Result<f64> {
        let text = std::fs::read_to_string(file).with_context(|| format!("this system has no {file}"))?;
        // After the name, which may have spaces: user and system time are the 12th and 13th, in hundredths of a second.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok());
        Ok(10.0 * (ticks(11).zip(ticks(12)).map(|(user, system)| user + system)).context("no times there")?)
    };
    Ok(spent("/proc/self/stat")? - spent("/proc/thread-self/stat")?)
}

/// What a virtual machine was kept waiting for a core so far, in milliseconds.
fn stolen_ms() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/stat").context("this system has no /proc/stat")?;
    let ticks = text.lines().next().and_then(|line| line.split_whitespace().nth(8)?.parse::<f64>().ok());
    Ok(10.0 * ticks.context("/proc/stat does not say")?)
}

fn deadline_ms() -> f64 {
    BLOCK_FRAMES as f64 / f64::from(RATE_HZ) * 1e3
}

/// This thread's: false where the system refuses.
fn set_priority(is_fifo: bool) -> bool {
    let (policy, priority) = match is_fifo {
        true => (ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo), FIFO_PRIORITY),
        // 49 of 100 is a nice value of 0.
        false => (ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other), 49),
    };
    let Ok(priority) = ThreadPriorityValue::try_from(priority) else { return false };
    set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Crossplatform(priority), policy).is_ok()
}

/// One instance removed while it separates, one while it generates, early and late in the job.
fn removals(clap: &Path, state: &[u8]) -> Result<()> {
    println!("an instance removed while its model runs");
    let models = session::data_dir()?.join("models");
    let names: Vec<String> = std::fs::read_dir(&models)
        .with_context(|| format!("no models in {}", models.display()))?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    for (work, worked_ms) in [(Work::Generate("MusicGen"), 6000), (Work::Separate, 6000), (Work::Separate, 1500)] {
        let removal = removal::remove(clap, state, work, Duration::from_millis(worked_ms))?;
        println!("{:24} {}", format!("{work:?}"), removal.line());
    }
    println!("models: {}", names.join(", "));
    Ok(())
}
