//! The chords: typed, or heard from the player's keys or sound, and what is expected of the coming bars.
use super::{BandSettings, ChordSource};
use listen::{AudioChords, ChordLane, NoteChords};
use std::collections::BTreeMap;
use take::{Beats, LivePlace, SampleRate};
use theory::{Chord, ChordAt, parse_chord_line};

/// What is heard in sound with less certainty than this is not believed. Keys leave no doubt about what was struck.
const MIN_CONFIDENCE: f32 = 0.3;
/// Grid on which chords begin, in quarter notes.
const GRID_BEATS: f64 = 0.5;
/// Span of sound that is heard at a time, in quarter notes.
const SOUND_BEATS: f64 = 1.0;

/// Hears, remembers and expects chords.
pub(super) struct Ears {
    source: ChordSource,
    is_locked: bool,
    notes: NoteChords,
    held: BTreeMap<u8, u8>,
    last_onset: f64,
    /// The lane knows everything before this beat.
    told_to: f64,
    sound: AudioChords,
    rate: SampleRate,
    lane: ChordLane,
    /// The typed line, and the text and bar length it was read from.
    typed: Vec<ChordAt>,
    text: String,
    bar_beats: f64,
}

impl Ears {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            source: ChordSource::default(),
            is_locked: false,
            notes: NoteChords::new(),
            held: BTreeMap::new(),
            last_onset: f64::NEG_INFINITY,
            told_to: f64::NEG_INFINITY,
            sound: AudioChords::new(rate),
            rate,
            lane: ChordLane::new(),
            typed: Vec::new(),
            text: String::new(),
            bar_beats: 4.0,
        }
    }

    /// Takes over what the user has set. A typed line that cannot be read leaves the one before: whoever took it in has
    /// said so.
    pub(super) fn set(&mut self, settings: &BandSettings) {
        self.source = settings.source;
        self.is_locked = settings.is_locked;
        self.lane.set_locked(settings.is_locked);
        if self.text != settings.chords {
            self.text.clone_from(&settings.chords);
            self.read_line();
        }
    }

    pub(super) fn set_bar_beats(&mut self, bar_beats: f64) {
        if self.bar_beats != bar_beats {
            self.bar_beats = bar_beats;
            self.notes.set_bar_beats(bar_beats);
            self.lane.set_bar_beats(bar_beats);
            self.read_line();
        }
    }

    fn read_line(&mut self) {
        match parse_chord_line(&self.text, Beats(self.bar_beats)) {
            Ok(line) => self.typed = line,
            Err(_) if self.text.trim().is_empty() => self.typed.clear(),
            Err(_) => {}
        }
    }

    pub(super) fn note_on(&mut self, beat: f64, key: u8, velocity: u8) {
        self.held.insert(key, velocity);
        self.last_onset = beat;
        self.notes.note_on(beat, key, velocity);
    }

    pub(super) fn note_off(&mut self, beat: f64, key: u8) {
        self.held.remove(&key);
        self.notes.note_off(beat, key);
    }

    pub(super) fn sound(&mut self, left: &[f32], right: &[f32]) {
        self.sound.push(left, right);
    }

    /// The music went on elsewhere: what lies behind says nothing any more, what is held does.
    pub(super) fn moved(&mut self, place: &LivePlace) {
        self.lane.jump();
        self.told_to = f64::NEG_INFINITY;
        self.notes.forget();
        for (&key, &velocity) in &self.held {
            self.notes.note_on(place.beat, key, velocity);
        }
        self.last_onset = place.beat;
        if place.is_playing {
            self.hear(place);
        }
    }

    /// Listens to what has sounded up to now.
    pub(super) fn hear(&mut self, place: &LivePlace) {
        let now = place.beat;
        let (heard, start) = match self.source {
            ChordSource::Typed => return,
            ChordSource::Midi => {
                let is_recent = (now - self.last_onset).abs() < 1.0;
                let onset = if is_recent { self.last_onset } else { now };
                // Players are early and late by a little: a chord belongs to the nearest place of the grid.
                (self.notes.heard(now), (onset / GRID_BEATS).round() * GRID_BEATS)
            }
            ChordSource::Sidechain => {
                let to = place.heard_frames.min(self.sound.num_pushed());
                let frames_per_beat = 60.0 * f64::from(self.rate.get()) / place.tempo;
                let from = to.saturating_sub((SOUND_BEATS * frames_per_beat) as u64);
                let heard = self.sound.heard_between(from, to).filter(|heard| heard.confidence >= MIN_CONFIDENCE);
                (heard, ((now - 0.5 * SOUND_BEATS) / GRID_BEATS).round() * GRID_BEATS)
            }
        };
        let Some(heard) = heard else { return };
        if self.lane.chord_at(now) != Some(heard.chord) {
            self.lane.hear(start.max(self.told_to).min(now), heard.chord);
        }
        self.told_to = now;
        self.lane.hear(now, heard.chord);
    }

    /// Chords of `from..to`, as far as they are known or expected, by start.
    pub(super) fn expect(&self, from: f64, to: f64) -> Vec<ChordAt> {
        if self.source != ChordSource::Typed {
            return self.lane.forecast(from, to, self.bar_beats);
        }
        let Some(length) = self.typed.last().map(|last| last.start.0 + last.duration.0).filter(|beats| *beats > 0.0)
        else {
            return Vec::new();
        };
        let first = (from / length).floor() as i64;
        let last = (to / length).ceil() as i64;
        let shifted = |round: i64| {
            let shift = round as f64 * length;
            self.typed.iter().map(move |at| ChordAt { start: Beats(at.start.0 + shift), ..*at })
        };
        let all = (first..last).flat_map(shifted);
        all.filter(|at| at.start.0 < to && at.start.0 + at.duration.0 > from).collect()
    }

    /// The chord of a beat, as far as it is known or expected.
    pub(super) fn chord_at(&self, beat: f64) -> Option<Chord> {
        let is_there = |at: &ChordAt| (at.start.0..at.start.0 + at.duration.0).contains(&beat);
        self.expect(beat, beat + 1e-3).into_iter().rfind(is_there).and_then(|at| at.chord)
    }
}
