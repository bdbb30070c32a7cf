//! `continuo convert`: tracker text, MIDI and WAV into each other, by the files' endings.
use crate::args::{parse_amount, parse_bpm, parse_rate};
use crate::failure::Failure;
use crate::files::{folder_of, read_file, write_file};
use crate::generate::{failure_of_library, failure_of_provider};
use clap::Args;
use jobs::tracker::{self, Parsed, Pattern};
use jobs::{BandProvider, CancelToken, PartsSpec, Progress, Swing, SwingUnit};
use library::read_midi;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use take::{
    Amount, BarCount, Beats, Bpm, Meter, Part, Peaks, PitchClass, Rendition, SampleRate, Scale, StyleId, Take, TakeId,
    TakeInfo, TakeSpec,
};

/// `continuo convert`.
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// What to read: .txt or .tracker (tracker text), .mid or .midi
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// What to write: .txt or .tracker, .mid or .midi, .wav
    #[arg(value_name = "OUT")]
    pub output: PathBuf,
    /// Tempo in quarter notes per minute [default: the file's, else 120]
    #[arg(long, visible_alias = "bpm", value_name = "BPM", value_parser = parse_bpm)]
    pub tempo: Option<Bpm>,
    /// Swung eighths, 0 straight to 1 triplets: put in from tracker text, taken out of MIDI [default: the text's, else 0]
    #[arg(long, value_name = "0..1", value_parser = parse_amount)]
    pub swing: Option<Amount>,
    /// Whose sound plays a WAV, see `continuo generate --list-styles`
    #[arg(long, value_name = "STYLE", default_value = "jazz")]
    pub style: String,
    /// A WAV that loops: exactly as long as its bars, what rings on comes in at the start
    #[arg(long = "loop")]
    pub is_loop: bool,
    /// Sample rate of a WAV in Hz, 8000 to 192000
    #[arg(long, value_name = "HZ", default_value = "48000", value_parser = parse_rate)]
    pub rate: SampleRate,
}

/// Largest MIDI file that is opened; the reader has its own limits.
const MAX_MIDI_BYTES: u64 = 32 << 20;
/// How long the last notes of a WAV that does not loop may ring, in seconds.
const RING_OUT_SECONDS: f64 = 2.0;
/// Warnings that are printed one by one.
const MAX_PRINTED: usize = 10;

/// What lies between two formats.
pub(crate) struct Music {
    pub name: String,
    pub tempo: Bpm,
    pub meter: Meter,
    pub num_bars: usize,
    pub key: (PitchClass, Scale),
    pub swing: Swing,
    pub parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Tracker,
    Midi,
    Wav,
}

/// Converts one file. `notes` hears what was skipped or could not be said in the other format.
///
/// # Errors
/// [`Failure`], one line each; OUT is then as it was.
pub(crate) fn convert(
    args: &ConvertArgs,
    band: &BandProvider,
    cancel: &CancelToken,
    notes: &mut dyn Write,
) -> Result<(), Failure> {
    let (from, to) = (format(&args.input)?, format(&args.output)?);
    let music = match from {
        Format::Tracker => read_tracker(args, notes)?,
        Format::Midi => read_midi_file(args, notes)?,
        Format::Wav => {
            return Err(Failure::Usage("a WAV cannot be turned into notes; IN is tracker text or MIDI".into()));
        }
    };
    match to {
        Format::Tracker => write_tracker(&music, &args.output, notes),
        Format::Midi => write_midi(music, &args.output),
        Format::Wav => {
            let take = render(music, args, band, cancel)?;
            cancel.check().map_err(|_| Failure::Cancelled)?;
            write_take(&take, &args.output, Format::Wav)
        }
    }
}

fn format(path: &Path) -> Result<Format, Failure> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "txt" | "tracker" => Ok(Format::Tracker),
        "mid" | "midi" => Ok(Format::Midi),
        "wav" => Ok(Format::Wav),
        _ => Err(Failure::Usage(format!("{} does not end in .txt, .tracker, .mid or .wav", path.display()))),
    }
}

fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(|| "Music".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn read_tracker(args: &ConvertArgs, notes: &mut dyn Write) -> Result<Music, Failure> {
    let bytes = read_file(&args.input, tracker::MAX_TEXT_BYTES as u64)?;
    let Parsed { pattern, warnings, num_more_warnings, .. } = tracker::parse_bytes(&bytes);
    let input = args.input.display();
    tell(notes, warnings.iter().map(|warning| format!("{input}: {warning}")), num_more_warnings);
    if pattern.num_hits() == 0 {
        return Err(Failure::Failed(format!("{input} holds no note of tracker text")));
    }
    let named = args.swing.map(|amount| Swing { amount, unit: SwingUnit::Eighth });
    let swing = named.or(pattern.swing).unwrap_or(Swing::STRAIGHT);
    let parts = pattern.parts(swing);
    Ok(Music {
        name: name_of(&args.input),
        tempo: args.tempo.or(pattern.tempo).unwrap_or(Bpm::DEFAULT),
        meter: pattern.meter(),
        num_bars: pattern.num_bars(),
        key: likely_key(&parts),
        swing,
        parts,
    })
}

fn read_midi_file(args: &ConvertArgs, notes: &mut dyn Write) -> Result<Music, Failure> {
    let bytes = read_file(&args.input, MAX_MIDI_BYTES)?;
    let input = args.input.display();
    let file = read_midi(&bytes).map_err(|error| Failure::Failed(format!("{input}: {error}")))?;
    tell(notes, file.warnings.iter().map(|warning| format!("{input}: {warning}")), 0);
    if file.parts.iter().all(|part| part.notes.is_empty()) {
        return Err(Failure::Failed(format!("{input} holds no note")));
    }
    Ok(Music {
        name: file.title.clone().unwrap_or_else(|| name_of(&args.input)),
        tempo: args.tempo.unwrap_or(file.tempo),
        meter: file.meter,
        num_bars: file.num_bars as usize,
        key: file.key.unwrap_or_else(|| likely_key(&file.parts)),
        swing: Swing { amount: args.swing.unwrap_or(Amount::NONE), unit: SwingUnit::Eighth },
        parts: file.parts,
    })
}

/// For music that names none.
pub(crate) fn likely_key(parts: &[Part]) -> (PitchClass, Scale) {
    let key = theory::key_of_parts(parts).map_or_else(theory::Key::default, |guess| guess.key());
    (key.tonic, key.scale)
}

/// One line each for the first few; scripts read them as well as people.
fn tell(notes: &mut dyn Write, lines: impl Iterator<Item = String>, num_more: usize) {
    let mut rest = num_more;
    for (index, line) in lines.enumerate() {
        if index < MAX_PRINTED {
            let plain: String = line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
            writeln!(notes, "continuo: {plain}").ok();
        } else {
            rest += 1;
        }
    }
    if rest > 0 {
        writeln!(notes, "continuo: and {rest} more").ok();
    }
}

fn write_tracker(music: &Music, path: &Path, notes: &mut dyn Write) -> Result<(), Failure> {
    let fitted = Pattern::from_parts(&music.parts, music.meter, music.num_bars, music.swing);
    let lost = [
        (fitted.num_moved, "moved to the nearest sixteenth"),
        (fitted.num_reshaped, "given another length"),
        (fitted.num_left_out, "left out"),
    ];
    let lost = lost.into_iter().filter(|(count, _)| *count > 0);
    tell(notes, lost.map(|(count, what)| format!("notes {what} for the text: {count}")), 0);
    let mut pattern = fitted.pattern;
    pattern.tempo = Some(music.tempo);
    pattern.swing = Some(music.swing).filter(|swing| swing.amount > Amount::NONE);
    write_file(path, pattern.print().as_bytes())
}

/// Writes a MIDI file; folders above it are made.
///
/// # Errors
/// `Failed`; the file is then as it was.
pub(crate) fn write_midi(music: Music, path: &Path) -> Result<(), Failure> {
    write_take(&without_audio(music), path, Format::Midi)
}

/// The notes as a take of silence: what MIDI files are written from.
fn without_audio(music: Music) -> Take {
    let bars = BarCount::new((music.num_bars as i64).clamp(BarCount::MIN, BarCount::MAX)).unwrap_or(BarCount::DEFAULT);
    let bar_beats = music.meter.bar_beats();
    let mut original = Rendition {
        take: TakeId([0; 32]),
        tempo: music.tempo,
        rate: SampleRate::DEFAULT,
        loop_beats: Beats(bar_beats.0 * music.num_bars as f64),
        bar_beats,
        stems: Default::default(),
    };
    let spec = TakeSpec { meter: music.meter, bars, ..TakeSpec::new(StyleId::from("jazz"), music.tempo, 0) };
    let info = TakeInfo {
        name: music.name,
        spec,
        engine: "convert".to_owned(),
        key: music.key.0,
        scale: music.key.1,
        tempo: music.tempo,
        meter: music.meter,
        bars,
        chords: Vec::new(),
        loudness_lufs: f64::NEG_INFINITY,
        true_peak_dbtp: f64::NEG_INFINITY,
    };
    let id = TakeId::of(&info, &music.parts, &original);
    original.take = id;
    let peaks = Peaks::of(&original);
    Take { id, info, parts: music.parts, original: Arc::new(original), peaks }
}

fn render(music: Music, args: &ConvertArgs, band: &BandProvider, cancel: &CancelToken) -> Result<Take, Failure> {
    let bar_seconds = music.meter.bar_beats().0 * 60.0 / music.tempo.get();
    let ring_bars = if args.is_loop { 0 } else { (RING_OUT_SECONDS / bar_seconds).ceil() as usize };
    let bars = BarCount::new((music.num_bars + ring_bars) as i64).map_err(|_| {
        let most = BarCount::MAX as usize - ring_bars;
        Failure::Failed(format!("the music is {} bars long; a WAV holds {most} at this tempo", music.num_bars))
    })?;
    let spec = PartsSpec {
        name: music.name,
        style: StyleId::from(args.style.as_str()),
        tempo: music.tempo,
        meter: music.meter,
        bars,
        key: music.key,
        chords: Vec::new(),
        parts: music.parts,
        seed: 1,
    };
    band.take_from_parts(spec, args.rate, &Progress::default(), cancel).map_err(failure_of_provider)
}

/// Through the library's own exports, which name their files themselves, into a folder beside OUT.
fn write_take(take: &Take, path: &Path, format: Format) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Failed(format!("{}: {error}", path.display()));
    let dir = folder_of(path);
    std::fs::create_dir_all(dir).map_err(failed)?;
    let staging = tempfile::Builder::new().prefix(".continuo-").tempdir_in(dir).map_err(failed)?;
    let written = match format {
        Format::Wav => library::export_mix(take, 1, staging.path()),
        Format::Midi | Format::Tracker => library::export_all_parts(take, 1, staging.path()),
    };
    std::fs::rename(written.map_err(failure_of_library)?, path).map_err(failed)
}
