//! Takes steps of a MusicGen on command and prints how long each took: `musicgen_steps FOLDER THREADS PAST`.
//!
//! First PAST steps are taken, then a line `ready` is printed. Every line of input is a number of steps; the answer is a
//! line with the milliseconds of each, and the number of threads now. Driven by tools/model_fixtures/musicgen_speed.py.
use models::musicgen::{MusicGen, MusicGenRequest};
use models::{RunControl, RunSettings, Runtime, RuntimeSearch};
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What the pause between two steps remembers.
struct Pace {
    allowed: usize,
    resumed: Option<Instant>,
    times_ms: Vec<f64>,
    is_ready: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, threads, past] = arguments.as_slice() else { anyhow::bail!("musicgen_steps FOLDER THREADS PAST") };
    let runtime = Runtime::find(&RuntimeSearch::of_system(None, Path::new("/nowhere")))?;
    let settings = RunSettings { num_threads: threads.parse()?, ..RunSettings::default() };
    let model = MusicGen::open(&runtime.with_settings(settings), Path::new(folder))?;
    let pace =
        Mutex::new(Pace { allowed: past.parse::<usize>()? + 1, resumed: None, times_ms: Vec::new(), is_ready: false });
    let is_over = AtomicBool::new(false);
    let between = |_: f32, stage: &str| {
        if stage.starts_with("step") && !pause(&mut pace.lock().unwrap(), &model) {
            is_over.store(true, Ordering::Relaxed);
        }
    };
    let cancel = || is_over.load(Ordering::Relaxed);
    // The words make 16 tokens, as many as the reference is given.
    let request = MusicGenRequest::new("warm house loop", model.max_seconds().min(30.0), 1);
    match model.generate_codes(&request, &RunControl::new(&cancel, &between)) {
        Ok(_) | Err(models::ModelError::Cancelled) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Notes the step that has ended; where no more are allowed, answers and waits for the next line. False at the end of
/// the input.
fn pause(pace: &mut Pace, model: &MusicGen) -> bool {
    if let Some(resumed) = pace.resumed {
        pace.times_ms.push(resumed.elapsed().as_secs_f64() * 1e3);
    }
    if pace.allowed == 0 {
        let times: Vec<String> = pace.times_ms.drain(..).map(|ms| format!("{ms:.3}")).collect();
        let answer =
            if pace.is_ready { format!("{} {}", times.join(" "), model.num_threads()) } else { "ready".to_owned() };
        pace.is_ready = true;
        println!("{answer}");
        std::io::stdout().flush().ok();
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(read) if read > 0 => pace.allowed = line.trim().parse().unwrap_or(1),
            _ => return false,
        }
    }
    pace.allowed -= 1;
    pace.resumed = Some(Instant::now());
    true
}
