//! Style transfer: the melody and the form stay; harmony colour, rhythm section, swing and sound become another
//! style's.
//!
//! The melody keeps its keys (but for whole octaves where another instrument takes it) and its places on the straight
//! grid; the chords keep their roots and their places. Reads and writes no files.
mod colour;
mod swing_heard;

pub use swing_heard::heard_swing;

use crate::Composition;
use crate::arrange::{BandSpec, arrange};
use crate::changes::{Changes, ChangesError};
use crate::harmonise::{HarmoniseError, HarmoniseSpec, Palette, find_key, harmonise};
use colour::recoloured;
use take::{Beats, ChordSpan, Meter, Note, Part, PartKind};
use theory::Key;

/// What is carried over into another style: the parts of a take or of a MIDI file.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The parts, as played.
    pub parts: &'a [Part],
    /// Their chords where they are known; heard from the notes where empty.
    pub chords: &'a [ChordSpan],
    /// Their key; found from the notes where absent.
    pub key: Option<Key>,
    /// Their meter.
    pub meter: Meter,
    /// Their length in bars.
    pub num_bars: usize,
}

/// Material that cannot be carried over.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransferError {
    /// Only drums, or nothing.
    #[error("there is no note with a pitch to carry over")]
    NoNotes,
    /// Its chords or its length.
    #[error(transparent)]
    Changes(#[from] ChangesError),
}

impl From<HarmoniseError> for TransferError {
    fn from(error: HarmoniseError) -> Self {
        match error {
            HarmoniseError::NoNotes => TransferError::NoNotes,
            HarmoniseError::Changes(error) => TransferError::Changes(error),
        }
    }
}

/// `material` in the style of `spec`, at the tempo of `spec`.
///
/// # Errors
/// `NoNotes` where nothing has a pitch; `Changes` for no bars, too many, or a chord symbol that cannot be read.
pub fn transfer(material: &Material, spec: &BandSpec) -> Result<Composition, TransferError> {
    let pitched = pitched_notes(material.parts);
    if pitched.is_empty() {
        return Err(TransferError::NoNotes);
    }
    let all: Vec<Note> = material.parts.iter().flat_map(|part| part.notes.iter().copied()).collect();
    let swing = heard_swing(&all);
    let straight = |note: &Note| {
        let start = swing.straight(note.start, material.meter);
        let end = swing.straight(Beats(note.start.0 + note.duration.0), material.meter);
        Note { start, duration: Beats(end.0 - start.0), ..*note }
    };
    let melody: Vec<Note> = melody_of(material.parts).iter().map(straight).collect();
    let heard = changes_of(material, &pitched, spec)?;
    let changes = recoloured(&heard, spec, &melody)?;
    Ok(arrange(&in_register(melody, spec), &changes, spec))
}

/// Everything that has a pitch, by onset.
fn pitched_notes(parts: &[Part]) -> Vec<Note> {
    let pitched = parts.iter().filter(|part| part.kind != PartKind::Drums);
    let mut notes: Vec<Note> = pitched.flat_map(|part| part.notes.iter().copied()).collect();
    notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
    notes
}

/// The chords of the material: as given, else heard. A lone melody gets chords of the style.
fn changes_of(material: &Material, pitched: &[Note], spec: &BandSpec) -> Result<Changes, TransferError> {
    let key = material.key.unwrap_or_else(|| find_key(pitched));
    if !material.chords.is_empty() {
        return Ok(Changes::from_spans(key, material.meter, material.num_bars, material.chords)?);
    }
    let is_lone = material.parts.iter().filter(|p| p.kind != PartKind::Drums && !p.notes.is_empty()).count() == 1
        && skyline(pitched).len() * 10 > pitched.len() * 9;
    let palette = if is_lone { Palette::Style(spec.style) } else { Palette::Any };
    let spec = HarmoniseSpec { key: Some(key), palette, chords_per_bar: if is_lone { 1 } else { 2 }, seed: spec.seed };
    Ok(harmonise(pitched, material.meter, material.num_bars, &spec)?)
}

/// The line people would sing: the melody parts, else the highest part that is neither drums nor bass; of notes that
/// start together the highest.
fn melody_of(parts: &[Part]) -> Vec<Note> {
    let of_kind = |kind| -> Vec<Note> {
        let mut notes: Vec<Note> =
            parts.iter().filter(|part| part.kind == kind).flat_map(|part| part.notes.iter().copied()).collect();
        notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0));
        notes
    };
    let melody = of_kind(PartKind::Melody);
    if !melody.is_empty() {
        return skyline(&melody);
    }
    let mean = |part: &&Part| {
        part.notes.iter().map(|note| u32::from(note.key)).sum::<u32>() * 16 / part.notes.len().max(1) as u32
    };
    let others = parts.iter().filter(|part| matches!(part.kind, PartKind::Harmony | PartKind::Texture));
    others.filter(|part| !part.notes.is_empty()).max_by_key(mean).map_or_else(Vec::new, |part| skyline(&part.notes))
}

/// Onsets nearer than this are one chord, in beats.
const TOGETHER_BEATS: f64 = 0.06;

/// The highest note of each onset, each ending where the next begins.
fn skyline(notes: &[Note]) -> Vec<Note> {
    let mut line: Vec<Note> = Vec::new();
    for note in notes {
        match line.last_mut().filter(|last| note.start.0 - last.start.0 < TOGETHER_BEATS) {
            Some(last) if note.key > last.key => *last = Note { start: last.start, ..*note },
            Some(_) => {}
            None => line.push(*note),
        }
    }
    for index in 1..line.len() {
        let room = line[index].start.0 - line[index - 1].start.0;
        line[index - 1].duration.0 = line[index - 1].duration.0.min(room);
    }
    line
}

/// Moved by whole octaves into the range of the style's lead, where most of it lies outside.
fn in_register(mut melody: Vec<Note>, spec: &BandSpec) -> Vec<Note> {
    let range = spec.style.melody.range;
    let (Some(low), Some(high)) = (melody.iter().map(|note| note.key).min(), melody.iter().map(|note| note.key).max())
    else {
        return melody;
    };
    let misfit = |octaves: i32| {
        let shift = 12 * octaves;
        let outside = |key: &Note| {
            let key = i32::from(key.key) + shift;
            (i32::from(range.low) - key).max(key - i32::from(range.high)).max(0)
        };
        let is_midi = i32::from(low) + shift >= 0 && i32::from(high) + shift <= 127;
        (!is_midi, melody.iter().map(outside).sum::<i32>(), octaves.abs())
    };
    let shift = 12 * (-5..=5).min_by_key(|&octaves| misfit(octaves)).unwrap_or(0);
    melody.iter_mut().for_each(|note| note.key = (i32::from(note.key) + shift).clamp(0, 127) as u8);
    melody
}
