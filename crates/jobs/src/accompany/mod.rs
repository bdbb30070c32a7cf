//! The live band: follows chords and composes ahead of the music, a few bars at a time.
//!
//! Stepped by whoever carries the messages of the audio thread: what is heard goes in, sections of timed notes with
//! their sounds come out. Deterministic from what it is told and the seed. Keeps no clock and no thread.
mod coverage;
mod dynamics;
mod ears;
mod score;
mod section;
mod settings;

pub use score::BandScore;
pub use settings::{BandSettings, ChordSource};

use crate::style_book::{StyleBook, StyleEntry};
use composer::{Changes, PhraseRequest, accompany};
use coverage::{CELL_BEATS, Coverage, cell_of};
use dynamics::Dynamics;
use ears::Ears;
use section::Sections;
use std::collections::BTreeSet;
use std::sync::Arc;
use take::{Amount, Beats, Bpm, LivePlace, LiveSection, Meter, Part, SampleRate, Tuning};
use theory::{Chord, ChordAt, Key};

/// Bars of a phrase.
const PHRASE_BARS: i64 = 4;
/// Every so many bars the drummer fills.
const FILL_BARS: i64 = 8;
/// Bars composed beyond the present one.
const AHEAD_BARS: f64 = 2.0;
/// Stretches of music looked at when a host cycle is shorter than what is composed ahead.
const MAX_STRETCHES: usize = 8;

/// One instance's live band.
pub struct Accompanist {
    styles: Arc<StyleBook>,
    settings: BandSettings,
    ears: Ears,
    dynamics: Dynamics,
    coverage: Coverage,
    sections: Sections,
    /// Goes up with everything but chords that makes the coming music other.
    version: u64,
    /// From which cell on the version counts: what is under way is not torn up for a dial.
    version_from: i64,
    shift: f32,
    /// Bars, counted from the bar line at or after beat 0, whose end is filled on request.
    fills: BTreeSet<i64>,
    place: Option<LivePlace>,
    said: Vec<String>,
}

impl std::fmt::Debug for Accompanist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accompanist").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Accompanist {
    /// A band that plays at `rate` in the styles of `styles`. Silent until it is told where the music is.
    pub fn new(styles: Arc<StyleBook>, rate: SampleRate) -> Self {
        Self {
            styles,
            settings: BandSettings::default(),
            ears: Ears::new(rate),
            dynamics: Dynamics::default(),
            coverage: Coverage::default(),
            sections: Sections::new(rate),
            version: 0,
            version_from: i64::MIN,
            shift: 0.0,
            fills: BTreeSet::new(),
            place: None,
            said: Vec::new(),
        }
    }

    /// Takes over what the user has set. Another style, seed or key is heard from the next cell on, the dials from the
    /// next bar on. While the transport stands, what is ready is made anew at once.
    pub fn set(&mut self, settings: &BandSettings) -> Vec<LiveSection> {
        if *settings == self.settings {
            return Vec::new();
        }
        let is_other_band = settings.style != self.settings.style
            || settings.seed != self.settings.seed
            || settings.key != self.settings.key;
        let is_other_playing = settings.intensity != self.settings.intensity
            || settings.complexity != self.settings.complexity
            || settings.humanise != self.settings.humanise
            || settings.swing != self.settings.swing;
        self.settings = settings.clone();
        self.ears.set(settings);
        if is_other_band {
            self.change_from(None);
        } else if is_other_playing {
            self.change_from(self.next_bar());
        }
        let stands = self.place.filter(|place| !place.is_playing);
        stands.map_or_else(Vec::new, |place| self.look_ahead(place.beat, &place))
    }

    /// A key of the player; velocity 0 lets it go.
    pub fn note(&mut self, beat: f64, key: u8, velocity: u8) {
        if velocity == 0 {
            self.ears.note_off(beat, key);
        } else {
            self.ears.note_on(beat, key, velocity);
            self.dynamics.note_on(beat, velocity);
        }
    }

    /// Side-chain sound, as counted in [`LivePlace::heard_frames`].
    pub fn sound(&mut self, left: &[f32], right: &[f32]) {
        self.ears.sound(left, right);
    }

    /// The drummer fills the end of the bar that is played now.
    pub fn fill(&mut self) {
        let Some(place) = self.place else { return };
        let (Some(bars), beat) = (Bars::of(&place), place.beat) else { return };
        let bar = bars.bar_of(beat);
        // A fill needs a beat to be one.
        let is_too_late = bars.start_of(bar + 1) - beat < 1.25;
        self.fills.insert(if is_too_late { bar + 1 } else { bar });
        self.change_from(None);
    }

    /// The music started, stopped, jumped or changed its tempo, meter or cycle: what should be played from here on, as
    /// far as it has not been given yet.
    pub fn placed(&mut self, place: &LivePlace, is_jump: bool) -> Vec<LiveSection> {
        let is_other_meter = self
            .place
            .is_some_and(|last| last.meter != place.meter || (last.bar_origin - place.bar_origin).abs() > 1e-3);
        self.place = Some(*place);
        if let Some(bars) = Bars::of(place) {
            self.ears.set_bar_beats(bars.bar_beats);
        }
        if is_other_meter {
            self.coverage.clear();
        }
        if is_jump {
            self.ears.moved(place);
            self.dynamics.forget();
        }
        self.look_ahead(place.beat, place)
    }

    /// The music reaches `beat`, a place on the grid, in a moment: what should be played from there on, as far as it is
    /// not what has been given.
    pub fn tick(&mut self, beat: f64, place: &LivePlace) -> Vec<LiveSection> {
        self.place = Some(*place);
        self.ears.hear(place);
        let shift = self.dynamics.shift(place.beat);
        if shift != self.shift {
            self.shift = shift;
            self.change_from(self.next_bar());
        }
        self.look_ahead(beat, place)
    }

    /// The chord of a beat, as far as it is known or expected.
    pub fn chord_at(&self, beat: f64) -> Option<Chord> {
        self.ears.chord_at(beat)
    }

    /// Chords of `from..to`, as far as they are known or expected.
    pub fn chords(&self, from: f64, to: f64) -> Vec<ChordAt> {
        self.ears.expect(from, to)
    }

    /// Nobody else holds a sound of this band's: it may be dropped.
    pub fn is_unused(&self) -> bool {
        self.sections.is_unused()
    }

    /// Sentences for the user since the last call.
    pub fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said)
    }

    fn change_from(&mut self, cell: Option<i64>) {
        self.version += 1;
        self.version_from = cell.unwrap_or(i64::MIN);
    }

    /// First cell of the next bar.
    fn next_bar(&self) -> Option<i64> {
        let place = self.place?;
        let bars = Bars::of(&place)?;
        Some(cell_of(bars.start_of(bars.bar_of(place.beat) + 1)))
    }

    fn look_ahead(&mut self, beat: f64, place: &LivePlace) -> Vec<LiveSection> {
        let Some(bars) = Bars::of(place) else { return Vec::new() };
        let Some(entry) = self.entry() else { return Vec::new() };
        let mut sections = Vec::new();
        let mut left = bars.start_of(bars.bar_of(beat) + 1) - beat + AHEAD_BARS * bars.bar_beats;
        let mut from = match place.cycle {
            Some((start, end)) if (end - 1e-6..end + CELL_BEATS).contains(&beat) => start + (beat - end),
            _ => beat,
        };
        for _ in 0..MAX_STRETCHES {
            let to = match place.cycle {
                Some((_, end)) if from < end => (from + left).min(end),
                _ => from + left,
            };
            sections.extend(self.cover(from, to, &bars, &entry));
            left -= to - from;
            match place.cycle {
                Some((start, end)) if left > 0.0 && to == end => from = start,
                _ => break,
            }
        }
        sections
    }

    /// Composes what is missing or other than expected in `from..to`.
    fn cover(&mut self, from: f64, to: f64, bars: &Bars, entry: &Arc<StyleEntry>) -> Option<LiveSection> {
        let (first, end) = (cell_of(from), cell_of(to - 1e-6) + 1);
        let wanted: Vec<Option<Chord>> =
            (first..end).map(|cell| self.chord_at((cell as f64 + 0.5) * CELL_BEATS)).collect();
        let is_good = |cell: i64| {
            let given = self.coverage.get(cell);
            given.is_some_and(|given| {
                let is_current = given.version == self.version || cell < self.version_from;
                is_current && wanted.get((cell - first) as usize) == Some(&given.chord)
            })
        };
        let bad = (first..end).find(|&cell| !is_good(cell))?;
        // What is missing at the far end can wait until there is a bar of it: fewer, longer sections.
        let is_far = (bad - first) as f64 * CELL_BEATS > AHEAD_BARS * bars.bar_beats - CELL_BEATS;
        if is_far && self.coverage.get(bad).is_none() {
            return None;
        }
        let start = if bad == first { from } else { bad as f64 * CELL_BEATS };
        let version = self.version;
        let section = self.compose(start, to, bars, entry);
        self.coverage.set(bad, end, |cell| (wanted.get((cell - first) as usize).copied().flatten(), version));
        Some(section)
    }

    fn compose(&mut self, from: f64, to: f64, bars: &Bars, entry: &Arc<StyleEntry>) -> LiveSection {
        let tempo = self.place.and_then(|place| Bpm::new(place.tempo).ok()).unwrap_or(Bpm::DEFAULT);
        let first = bars.bar_of(from).div_euclid(PHRASE_BARS);
        let last = bars.bar_of(to - 1e-6).div_euclid(PHRASE_BARS);
        let mut music = Vec::new();
        for number in first..=last {
            let start = bars.start_of(number * PHRASE_BARS);
            music.push((start, self.phrase(number, start, bars, &entry.style, tempo)));
        }
        self.sections.tuning = self.settings.key.map_or(Tuning::EQUAL, |(tonic, scale)| Tuning::of(tonic, scale));
        self.sections.make(from..to, &music, entry, tempo)
    }

    fn phrase(&self, number: i64, start: f64, bars: &Bars, style: &composer::Style, tempo: Bpm) -> Vec<Part> {
        let num_bars = PHRASE_BARS as usize;
        let span = (num_bars + 1) as f64 * bars.bar_beats;
        let line = self.ears.expect(start, start + span);
        let key = self.key_of(&line);
        let changes = Changes::new(key, bars.meter, num_bars + 1, chart(&line, start, span));
        let Ok(changes) = changes else { return Vec::new() };
        let is_filled = |bar: &i64| self.fills.contains(bar) || (bar + 1).rem_euclid(FILL_BARS) == 0;
        let first_bar = number * PHRASE_BARS;
        let fill_bar = (first_bar..first_bar + PHRASE_BARS).find(is_filled).map(|bar| (bar - first_bar) as usize);
        accompany(&PhraseRequest {
            style,
            changes: &changes,
            num_bars,
            tempo,
            number,
            intensity: Amount::new(self.settings.intensity.get() + self.shift),
            complexity: self.settings.complexity,
            humanise: self.settings.humanise,
            swing: self.settings.swing,
            seed: self.settings.seed,
            fill_bar,
        })
    }

    /// The key the chords are read and written in: the user's, or the one they fit.
    pub fn key_of(&self, line: &[ChordAt]) -> Key {
        match self.settings.key {
            Some((tonic, scale)) => Key::new(tonic, scale),
            None => theory::key_of_chords(line).map_or_else(Key::default, |guess| guess.key()),
        }
    }

    /// The style; without a usable one the first built-in style plays, and one sentence says so.
    fn entry(&mut self) -> Option<Arc<StyleEntry>> {
        match self.styles.get(&self.settings.style) {
            Ok(entry) => Some(entry),
            Err(problem) => {
                let id = self.settings.style.as_str().to_owned();
                let reason = problem.map_or("there is no such style".to_owned(), |problem| problem.to_string());
                let entry = self.styles.entries().next().cloned()?;
                self.said
                    .push(format!("The band cannot play `{id}` ({reason}); it plays {} instead.", entry.style.name));
                self.settings.style = entry.id.clone();
                Some(entry)
            }
        }
    }
}

/// The bars of the host.
struct Bars {
    meter: Meter,
    bar_beats: f64,
    origin: f64,
}

impl Bars {
    /// `None` for a meter nobody can count.
    fn of(place: &LivePlace) -> Option<Self> {
        let meter = Meter::new(i64::from(place.meter.0), i64::from(place.meter.1)).ok()?;
        let is_there = place.beat.is_finite() && place.beat.abs() < 1e7;
        is_there.then_some(Self { meter, bar_beats: meter.bar_beats().0, origin: place.bar_origin })
    }

    fn bar_of(&self, beat: f64) -> i64 {
        ((beat - self.origin) / self.bar_beats + 1e-6).floor() as i64
    }

    fn start_of(&self, bar: i64) -> f64 {
        self.origin + bar as f64 * self.bar_beats
    }
}

/// The line as [`Changes`] take it: starts from the phrase's first beat, rests where nothing is known.
fn chart(line: &[ChordAt], start: f64, span: f64) -> Vec<(Beats, Option<Chord>)> {
    let mut chart = Vec::with_capacity(line.len() + 2);
    let mut known_to = 0.0;
    for at in line {
        let from = (at.start.0 - start).max(0.0);
        if from > known_to + 1e-6 {
            chart.push((Beats(known_to), None));
        }
        chart.push((Beats(from), at.chord));
        known_to = at.start.0 + at.duration.0 - start;
    }
    if known_to < span - 1e-6 {
        chart.push((Beats(known_to), None));
    }
    chart
}

#[cfg(test)]
mod tests;
