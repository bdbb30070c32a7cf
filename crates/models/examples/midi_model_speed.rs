//! Writes events with a midi-model and prints how many a second: `midi_model_speed FOLDER THREADS EVENTS`.
//!
//! Opens the files, writes 8 events, then measures EVENTS more. Driven by tools/model_fixtures/midi_model_speed.py.
use models::midi_model::{MidiModel, MidiModelRequest};
use models::{RunControl, RunSettings, Runtime, RuntimeSearch};
use std::path::Path;
use std::time::Instant;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, threads, events] = arguments.as_slice() else {
        anyhow::bail!("midi_model_speed FOLDER THREADS EVENTS")
    };
    let runtime = Runtime::find(&RuntimeSearch::of_system(None, Path::new("/nowhere")))?;
    let settings = RunSettings { num_threads: threads.parse()?, ..RunSettings::default() };
    let model = MidiModel::open(&runtime.with_settings(settings), Path::new(folder))?;
    let request = |num_events: usize| MidiModelRequest {
        programs: vec![33, 4, 80],
        drum_kit: Some(0),
        max_events: Some(num_events),
        ..MidiModelRequest::new(4096.0, 120.0, 1)
    };
    model.generate_rows(&request(8), &RunControl::detached())?;
    let began = Instant::now();
    let rows = model.generate_rows(&request(events.parse()?), &RunControl::detached())?;
    let seconds = began.elapsed().as_secs_f64();
    println!("{} events in {seconds:.2} s, {:.2} events/s", rows.len(), rows.len() as f64 / seconds);
    Ok(())
}
