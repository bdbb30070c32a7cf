//! Chords from MIDI notes as they are played.
//!
//! The notes of the last bars are read as a sequence of onsets, each a strum or a single note. A Viterbi search over
//! every chord of the theory crate finds the most likely sequence of chords: notes cost what their chord makes them,
//! and a change of chord costs more off the beat and for a single note than for a chord struck together. So passing
//! notes do not flip the chord, and a change is taken on its own beat. Sustain pedals and MIDI channels are the
//! caller's business.
mod bass;
mod onsets;
mod search;

use crate::Heard;
use crate::shapes::{self, Shape};
use onsets::Onset;
use search::Search;

/// Notes kept; the oldest released one goes first.
const MAX_NOTES: usize = 128;
/// How far back the search looks, in bars.
const SEARCH_BARS: f64 = 2.0;
/// A step back in time by more than this many beats is a seek.
const SEEK_BEATS: f64 = 0.25;

/// A note as played, times in beats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Played {
    /// MIDI key 0..=127.
    pub key: u8,
    /// MIDI velocity 1..=127.
    pub velocity: u8,
    /// Onset.
    pub on: f64,
    /// Release, `None` while held.
    pub off: Option<f64>,
}

impl Played {
    /// 0..12, C = 0.
    pub fn pitch(&self) -> usize {
        usize::from(self.key % 12)
    }

    /// Whether it sounds at `beat`.
    pub fn sounds_at(&self, beat: f64) -> bool {
        self.on <= beat && self.off.is_none_or(|off| off > beat)
    }
}

/// Recognises the chord that a player's MIDI notes make. Allocates in `new` only.
#[derive(Debug)]
pub struct NoteChords {
    notes: Vec<Played>,
    bar_beats: f64,
    latest: f64,
    shapes: Vec<Shape>,
    onsets: Vec<Onset>,
    search: Search,
}

impl Default for NoteChords {
    fn default() -> Self {
        Self::new()
    }
}

impl NoteChords {
    /// Has heard nothing; bars of four beats.
    pub fn new() -> Self {
        let shapes = shapes::all();
        let search = Search::new(shapes.len());
        Self {
            notes: Vec::with_capacity(MAX_NOTES),
            bar_beats: 4.0,
            latest: f64::NEG_INFINITY,
            shapes,
            onsets: Vec::with_capacity(MAX_NOTES),
            search,
        }
    }

    /// Length of the host's bar in quarter notes, 0.25..=128; anything else changes nothing. Bars begin at multiples
    /// of it.
    pub fn set_bar_beats(&mut self, bar_beats: f64) {
        if (0.25..=128.0).contains(&bar_beats) {
            self.bar_beats = bar_beats;
        }
    }

    /// A key 0..=127 goes down at `beat`; velocity 0 is a release. A key that is down already is struck again.
    /// A beat that is not finite changes nothing.
    pub fn note_on(&mut self, beat: f64, key: u8, velocity: u8) {
        self.note_off(beat, key);
        if velocity == 0 || key > 127 || !beat.is_finite() {
            return;
        }
        self.make_room();
        if self.notes.len() < MAX_NOTES {
            self.notes.push(Played { key, velocity: velocity.min(127), on: beat, off: None });
        }
    }

    /// The key comes up at `beat`.
    pub fn note_off(&mut self, beat: f64, key: u8) {
        if !beat.is_finite() {
            return;
        }
        self.move_to(beat);
        for note in self.notes.iter_mut().filter(|note| note.key == key && note.off.is_none()) {
            note.off = Some(beat.max(note.on));
        }
    }

    /// Forgets everything, held notes too: after a panic, a stop or a bypass.
    pub fn forget(&mut self) {
        self.notes.clear();
        self.latest = f64::NEG_INFINITY;
    }

    /// The chord at `beat`, from what is held and what was played in the last bars. `None` when less than two
    /// different notes make it, and one bar after the last sound.
    pub fn heard(&mut self, beat: f64) -> Option<Heard> {
        if !beat.is_finite() {
            return None;
        }
        self.move_to(beat);
        self.notes.retain(|note| note.off.is_none_or(|off| off >= beat - SEARCH_BARS * self.bar_beats));
        let is_recent = |note: &Played| note.off.is_none_or(|off| off >= beat - self.bar_beats);
        if !self.notes.iter().any(is_recent) {
            return None;
        }
        onsets::collect(&self.notes, beat, self.bar_beats, &mut self.onsets);
        let found = self.search.best(&self.shapes, &self.onsets)?;
        let chord = self.shapes[found.shape].chord(found.root);
        let chord = bass::with_slash(&self.notes, found.since, beat, chord);
        Some(Heard { chord, confidence: found.confidence })
    }

    /// After a step back in time what was released is another place's music, and what is held begins here.
    fn move_to(&mut self, beat: f64) {
        if beat < self.latest - SEEK_BEATS {
            self.notes.retain(|note| note.off.is_none());
            self.notes.iter_mut().for_each(|note| note.on = note.on.min(beat));
            self.latest = beat;
        }
        self.latest = self.latest.max(beat);
    }

    fn make_room(&mut self) {
        if self.notes.len() >= MAX_NOTES
            && let Some(oldest) = self.notes.iter().position(|note| note.off.is_some())
        {
            self.notes.remove(oldest);
        }
    }
}
