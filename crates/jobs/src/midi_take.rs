//! A MIDI file becomes a take.
use crate::midi_chords::{Stretch, heard, named};
use crate::parts_take::PartsSpec;
use crate::{BandProvider, CancelToken, Progress, ProviderError};
use library::{MidiFile, MidiReadError, read_midi};
use take::{BarCount, Bpm, Part, SampleRate, StyleId, Take, TakeSpec};
use theory::Key;

/// Which bars of a file, and how they are played.
#[derive(Debug, Clone, PartialEq)]
pub struct MidiImport {
    /// What the take is called where the file has no title: its file name without the ending.
    pub name: String,
    /// Whose sound plays it.
    pub style: StyleId,
    /// First bar, from 0; `None` is the first one with a note.
    pub first_bar: Option<u32>,
    /// How many; `None` is up to the end of the music, 32 at most.
    pub bars: Option<BarCount>,
    /// `None` is the file's.
    pub tempo: Option<Bpm>,
}

/// A take, and what the user should know about how it came from its file.
#[derive(Debug, Clone, PartialEq)]
pub struct MidiTake {
    /// The take.
    pub take: Take,
    /// A sentence each: what was wrong with the file, what was left out, what is a guess.
    pub remarks: Vec<String>,
}

/// Why a MIDI file does not become a take.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MidiTakeError {
    /// The file is refused.
    #[error(transparent)]
    Read(#[from] MidiReadError),
    /// It cannot be played.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl BandProvider {
    /// Everything from the bytes of a MIDI file to a take: reads, cuts whole bars, finds key and chords, renders. The
    /// same bytes and wishes give the same take.
    ///
    /// # Errors
    /// [`MidiTakeError`]; nothing is left behind.
    pub fn take_from_midi(
        &self,
        file: &[u8],
        wanted: &MidiImport,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<MidiTake, MidiTakeError> {
        progress.report(0.0, "reading the MIDI file");
        let file = read_midi(file)?;
        cancel.check().map_err(ProviderError::from)?;
        let mut remarks: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
        let spec = spec_of(&file, wanted, &mut remarks)?;
        cancel.check().map_err(ProviderError::from)?;
        let take = self.take_from_parts(spec, rate, progress, cancel)?;
        Ok(MidiTake { take, remarks })
    }
}

fn spec_of(file: &MidiFile, wanted: &MidiImport, remarks: &mut Vec<String>) -> Result<PartsSpec, ProviderError> {
    let Cut { tempo, bars, parts, stretch, name } = cut_of(file, wanted, remarks)?;
    let key = file.key.unwrap_or_else(|| {
        let key = theory::key_of_parts(&parts).map_or_else(Key::default, |guess| guess.key());
        remarks.push(format!("the file names no key; its notes are nearest to {}", key.short_name()));
        (key.tonic, key.scale)
    });
    let mut chords = named(file, stretch);
    if chords.is_empty() {
        chords = heard(&parts, stretch, key);
    }
    if chords.is_empty() {
        remarks.push("no chords were found in it".to_owned());
    }
    Ok(PartsSpec { name, style: wanted.style.clone(), tempo, meter: file.meter, bars, key, chords, parts, seed: 1 })
}

/// The wanted bars of a file.
pub(crate) struct Cut {
    pub tempo: Bpm,
    pub bars: BarCount,
    /// With beat 0 at the first bar.
    pub parts: Vec<Part>,
    pub stretch: Stretch,
    pub name: String,
}

/// Cuts the wanted bars out of a file; says so where bars are left out.
pub(crate) fn cut_of(file: &MidiFile, wanted: &MidiImport, remarks: &mut Vec<String>) -> Result<Cut, ProviderError> {
    let tempo = wanted.tempo.unwrap_or(file.tempo);
    let first_bar = wanted.first_bar.unwrap_or_else(|| file.first_bar());
    let bars = bars_of(file, wanted, first_bar, tempo)?;
    let last_bar = first_bar.saturating_add(u32::from(bars.get()));
    if first_bar > 0 || last_bar < file.num_bars {
        let (first, last) = (first_bar.saturating_add(1), last_bar);
        remarks.push(format!("of its {} bars, {first} to {last} were taken", file.num_bars));
    }
    let parts = file.cut(first_bar, bars);
    let bar_beats = file.meter.bar_beats().0;
    let stretch =
        Stretch { from: f64::from(first_bar) * bar_beats, num_beats: f64::from(bars.get()) * bar_beats, bar_beats };
    let name = file.title.clone().unwrap_or_else(|| wanted.name.clone());
    Ok(Cut { tempo, bars, parts, stretch, name })
}

/// As many bars as are wanted, else as there are, and as a take can have.
fn bars_of(file: &MidiFile, wanted: &MidiImport, first_bar: u32, tempo: Bpm) -> Result<BarCount, ProviderError> {
    if let Some(bars) = wanted.bars {
        return Ok(bars);
    }
    let there = i64::from(file.num_bars.saturating_sub(first_bar));
    let bar_seconds = file.meter.bar_beats().0 * 60.0 / tempo.get();
    let fitting = ((TakeSpec::MAX_SECONDS / bar_seconds) as i64).max(BarCount::MIN);
    BarCount::new(there.min(BarCount::MAX).min(fitting)).map_err(|_| ProviderError::NoNotes)
}
