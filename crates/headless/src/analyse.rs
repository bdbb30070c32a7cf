//! `continuo analyse`: what an audio file is, for people or as JSON.
use crate::failure::Failure;
use crate::generate::Console;
use crate::progress_bar::with_bar;
use jobs::{Analysis, AudioImportError, CancelToken, Progress, analyse_file};
use serde_json::{Value, json};
use std::path::PathBuf;

/// `continuo analyse`. The same file gives the same words.
#[derive(Debug, clap::Args)]
pub(crate) struct AnalyseArgs {
    /// WAV, AIFF, FLAC, MP3, Ogg Vorbis or M4A file to listen to
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// Print one line of JSON with every beat and onset
    #[arg(long)]
    pub json: bool,
}

/// Prints what was heard.
///
/// # Errors
/// [`Failure`], one line each.
pub(crate) fn analyse(args: &AnalyseArgs, cancel: &CancelToken, console: Console) -> Result<(), Failure> {
    let run = |progress: &Progress| analyse_file(&args.input, progress, cancel);
    let heard = match console.terminal {
        Some(terminal) => with_bar(terminal, run),
        None => run(&Progress::default()),
    };
    let (heard, remarks) = heard.map_err(|error| match error {
        AudioImportError::Cancelled => Failure::Cancelled,
        error => Failure::Failed(error.to_string()),
    })?;
    let text = if args.json { format!("{}\n", as_json(&heard, &remarks)) } else { in_words(&heard, &remarks) };
    // A closed pipe is no failure of the analysis.
    console.out.write_all(text.as_bytes()).ok();
    Ok(())
}

fn in_words(heard: &Analysis, remarks: &[String]) -> String {
    let minutes = (heard.seconds() / 60.0).floor();
    let seconds = heard.seconds() - 60.0 * minutes;
    let mut lines = vec![format!("length    {minutes}:{seconds:05.2}, {} Hz", heard.rate_hz)];
    lines.push(match &heard.tempo {
        None => "tempo     none found".to_owned(),
        Some(tempo) => {
            let others: Vec<String> = tempo.alternatives_bpm.iter().map(|bpm| format!("{bpm:.2}")).collect();
            let moves = if tempo.is_steady { "" } else { ", moving" };
            let sure = 100.0 * tempo.confidence;
            format!("tempo     {:.2} BPM{moves} ({sure:.0} % sure), or {}", tempo.bpm, others.join(", "))
        }
    });
    if let Some(first) = heard.first_downbeat_s {
        lines.push(format!("first bar {first:.3} s"));
    }
    lines.push(format!("beats     {}, onsets {}", heard.beats_s.len(), heard.onsets_s.len()));
    lines.push(match heard.key {
        None => "key       none found".to_owned(),
        Some(heard) => {
            format!("key       {} ({:.0} % ahead of the next)", heard.key.short_name(), 100.0 * heard.confidence)
        }
    });
    lines.push(format!("loudness  {:.1} LUFS, true peak {:.1} dBTP", heard.loudness_lufs, heard.true_peak_dbtp));
    let shares = |named: &[(&str, f32)]| {
        let words: Vec<String> = named.iter().map(|(name, share)| format!("{name} {:.0} %", 100.0 * share)).collect();
        words.join(", ")
    };
    lines.push(format!("bands     {}", shares(&bands(heard))));
    lines.push(format!("roles     {}", shares(&roles(heard))));
    lines.extend(remarks.iter().map(|remark| format!("note      {remark}")));
    lines.join("\n") + "\n"
}

fn bands(heard: &Analysis) -> [(&'static str, f32); 6] {
    let bands = heard.profile.bands;
    [
        ("sub", bands.sub),
        ("low", bands.low),
        ("low-mid", bands.low_mid),
        ("mid", bands.mid),
        ("high", bands.high),
        ("air", bands.air),
    ]
}

fn roles(heard: &Analysis) -> [(&'static str, f32); 4] {
    let roles = heard.profile.roles;
    [("drums", roles.drums), ("bass", roles.bass), ("harmony", roles.harmony), ("melody", roles.melody)]
}

fn as_json(heard: &Analysis, remarks: &[String]) -> Value {
    let shares = |named: &[(&str, f32)]| named.iter().map(|(name, share)| ((*name).to_owned(), json!(share))).collect();
    let (bands, roles): (Value, Value) = (shares(&bands(heard)), shares(&roles(heard)));
    json!({
        "seconds": heard.seconds(),
        "rate_hz": heard.rate_hz,
        "tempo": heard.tempo.as_ref().map(|tempo| json!({
            "bpm": tempo.bpm,
            "confidence": tempo.confidence,
            "is_steady": tempo.is_steady,
            "alternatives_bpm": tempo.alternatives_bpm,
        })),
        "first_downbeat_s": heard.first_downbeat_s,
        "beats_s": heard.beats_s,
        "onsets_s": heard.onsets_s,
        "key": heard.key.map(|heard| json!({ "name": heard.key.short_name(), "confidence": heard.confidence })),
        "loudness_lufs": heard.loudness_lufs,
        "true_peak_dbtp": heard.true_peak_dbtp,
        "bands": bands,
        "roles": roles,
        "remarks": remarks,
    })
}
