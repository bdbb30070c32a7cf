//! `continuo notes`: the notes of an audio file as MIDI, heard by a Basic Pitch.
use crate::args::{parse_amount, parse_bpm};
use crate::convert::{Music, likely_key, write_midi};
use crate::failure::Failure;
use crate::generate::Console;
use crate::progress_bar::with_bar;
use clap::Args;
use jobs::{CancelToken, HearNotesError, HeardFile, NoteHearer, Progress, Swing, analyse_file, notes_of_file};
use models::RuntimeSearch;
use models::basic_pitch::{HeardNote, NoteThresholds};
use std::path::{Path, PathBuf};
use take::{Amount, Beats, Bpm, Meter, Note, Part, PartKind};

/// Frames of the model in a second.
const FRAMES_PER_SECOND: f64 = 86.0;
/// Ticks of a beat that notes are written on.
const TICKS: f64 = 960.0;

/// `continuo notes`. The same file and arguments give the same bytes.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct NotesArgs {
    /// WAV, AIFF, FLAC, MP3, M4A or Ogg Vorbis file to listen to
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// MIDI file to write; notes keep their times in seconds
    #[arg(long, value_name = "OUT.mid")]
    pub out: PathBuf,
    /// Basic Pitch's nmp.onnx, or a folder or Python environment with it [default: the one that is installed]
    #[arg(long, value_name = "PATH")]
    pub model: Option<PathBuf>,
    /// Tempo of the MIDI file's beats [default: the one that is heard, else 120]
    #[arg(long, visible_alias = "tempo", value_name = "BPM", value_parser = parse_bpm)]
    pub bpm: Option<Bpm>,
    /// How sure the model must be that a note begins, 0 to 1; lower finds more
    #[arg(long, value_name = "0..1", default_value = "0.5", value_parser = parse_amount)]
    pub onset: Amount,
    /// How sure it must be that a note sounds, 0 to 1; lower makes them longer
    #[arg(long, value_name = "0..1", default_value = "0.3", value_parser = parse_amount)]
    pub frame: Amount,
    /// Shortest note in milliseconds
    #[arg(long, value_name = "MS", default_value = "127.7", value_parser = parse_shortest)]
    pub shortest: f64,
}

fn parse_shortest(text: &str) -> Result<f64, String> {
    let ms = text.parse().ok().filter(|ms| (0.0..=10_000.0).contains(ms));
    ms.ok_or_else(|| "it is a number of milliseconds from 0 to 10000".to_owned())
}

/// Writes the MIDI file.
///
/// # Errors
/// [`Failure`], one line each; OUT is then as it was.
pub(crate) fn notes(args: &NotesArgs, data_dir: &Path, cancel: &CancelToken, console: Console) -> Result<(), Failure> {
    let by = match &args.model {
        Some(model) => NoteHearer { runtime: RuntimeSearch::of_system(None, data_dir), model: model.clone() },
        None => NoteHearer::installed(data_dir).map_err(failure_of)?,
    };
    let thresholds = NoteThresholds {
        onset: args.onset.get(),
        frame: args.frame.get(),
        // As the package rounds it.
        min_frames: (args.shortest / 1000.0 * FRAMES_PER_SECOND).round_ties_even() as usize,
        ..NoteThresholds::default()
    };
    let mut terminal = console.terminal;
    let work = |progress: &Progress| notes_of_file(&args.input, &by, &thresholds, progress, cancel);
    let heard = match &mut terminal {
        Some(terminal) => with_bar(*terminal, work),
        None => work(&Progress::default()),
    };
    let heard = heard.map_err(failure_of)?;
    if heard.notes.is_empty() {
        let name = args.input.display().to_string();
        return Err(failure_of(HearNotesError::Nothing { name }));
    }
    let tempo = args.bpm.or_else(|| heard_tempo(args, cancel)).unwrap_or(Bpm::DEFAULT);
    cancel.check().map_err(|_| Failure::Cancelled)?;
    write_midi(music(args, &heard, tempo), &args.out)?;
    let (count, out) = (heard.notes.len(), args.out.display());
    let notes = if count == 1 { "1 note".to_owned() } else { format!("{count} notes") };
    // A closed pipe is no failure: the file is written.
    writeln!(console.out, "{notes} in {:.1} s at {:.2} BPM, written to {out}", heard.seconds, tempo.get()).ok();
    if let Some(terminal) = terminal {
        heard.remarks.iter().for_each(|remark| drop(writeln!(terminal, "{remark}")));
    }
    Ok(())
}

/// Only the ticks hang on it, so what cannot be heard is no failure.
fn heard_tempo(args: &NotesArgs, cancel: &CancelToken) -> Option<Bpm> {
    let (heard, _) = analyse_file(&args.input, &Progress::default(), cancel).ok()?;
    Bpm::new(heard.tempo?.bpm).ok()
}

fn music(args: &NotesArgs, heard: &HeardFile, tempo: Bpm) -> Music {
    let beats_per_second = tempo.get() / 60.0;
    let ticks = |seconds: f64| (seconds * beats_per_second * TICKS).round() / TICKS;
    let note = |note: &HeardNote| Note {
        start: Beats(ticks(note.start_seconds)),
        duration: Beats(ticks(note.duration_seconds).max(1.0 / TICKS)),
        key: note.key,
        velocity: note.velocity,
    };
    let (name, notes) = ("Notes".to_owned(), heard.notes.iter().map(note).collect());
    let parts = vec![Part { kind: PartKind::Melody, name, program: 0, channel: 0, notes }];
    let bar_beats = Meter::FOUR_FOUR.bar_beats().0;
    Music {
        name: args.input.file_stem().map_or_else(|| "Notes".to_owned(), |name| name.to_string_lossy().into_owned()),
        tempo,
        meter: Meter::FOUR_FOUR,
        num_bars: ((heard.seconds * beats_per_second / bar_beats).ceil() as usize).max(1),
        key: likely_key(&parts),
        swing: Swing::STRAIGHT,
        parts,
    }
}

fn failure_of(error: HearNotesError) -> Failure {
    match error {
        HearNotesError::Cancelled => Failure::Cancelled,
        error => Failure::Failed(error.to_string()),
    }
}
