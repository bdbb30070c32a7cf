//! Imports audio files and prints a JSON line for each: `import_files FILE...`. For tests/python/check_import.py.
use jobs::{AudioImport, CancelToken, Progress, import_audio};
use serde_json::json;
use std::path::Path;
use take::{SampleRate, StyleId};

fn main() {
    let wanted = AudioImport::new(StyleId::built_in(0));
    for path in std::env::args().skip(1) {
        let (progress, cancel) = (Progress::default(), CancelToken::default());
        let told = match import_audio(Path::new(&path), &wanted, SampleRate::DEFAULT, &progress, &cancel) {
            Err(error) => json!({ "file": path, "error": error.to_string() }),
            Ok(taken) => {
                let (made, info) = (&taken.made, &taken.made.take.info);
                json!({
                    "file": path,
                    "bpm": info.tempo.get(),
                    "alternatives": taken.alternatives_bpm,
                    "bars": info.bars.get(),
                    "key": theory::Key::new(info.key, info.scale).short_name(),
                    "has_key": taken.heard.key.is_some(),
                    "stretch": made.stretch,
                    "start": made.start_s,
                    "seam_step": made.seam_step,
                    "largest_step": made.largest_step,
                    "loudness": info.loudness_lufs,
                    "true_peak": info.true_peak_dbtp,
                    "seconds": taken.heard.seconds(),
                    "remarks": taken.remarks,
                    "peak_memory_kb": peak_memory_kb(),
                })
            }
        };
        println!("{told}");
    }
}

/// Most memory this process ever had, where the system tells.
fn peak_memory_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
