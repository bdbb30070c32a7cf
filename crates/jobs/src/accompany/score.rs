//! The band written down: what it plays over a typed chord line, bar by bar, as it would live.
use super::{Accompanist, BandSettings, Bars, PHRASE_BARS};
use crate::style_book::StyleBook;
use std::sync::Arc;
use take::{BarCount, Beats, Bpm, ChordSpan, LivePlace, Meter, Part, SampleRate};
use theory::{ChordLineError, Key, parse_chord_line};

/// What the band plays, from beat 0 on.
#[derive(Debug, Clone, PartialEq)]
pub struct BandScore {
    /// The key the chords are read in.
    pub key: Key,
    /// The chords over the bars; without the stretches that have none.
    pub chords: Vec<ChordSpan>,
    /// The parts that play.
    pub parts: Vec<Part>,
}

impl Accompanist {
    /// Writes down `bars` bars over the settings' chord line. The same notes as live over the same typed line, at the
    /// same tempo and with the same settings.
    ///
    /// # Errors
    /// [`ChordLineError`] for a line nobody can read.
    pub fn score(
        styles: Arc<StyleBook>,
        settings: &BandSettings,
        (tempo, meter): (Bpm, Meter),
        bars: BarCount,
    ) -> Result<BandScore, ChordLineError> {
        parse_chord_line(&settings.chords, meter.bar_beats())?;
        let mut band = Accompanist::new(styles, SampleRate::DEFAULT);
        band.set(settings);
        let place = LivePlace {
            beat: 0.0,
            is_playing: false,
            tempo: tempo.get(),
            meter: (i32::from(meter.numerator()), i32::from(meter.denominator())),
            bar_origin: 0.0,
            cycle: None,
            heard_frames: 0,
        };
        let grid = Bars { meter, bar_beats: meter.bar_beats().0, origin: 0.0 };
        band.ears.set_bar_beats(grid.bar_beats);
        band.place = Some(place);
        let num_beats = f64::from(bars.get()) * grid.bar_beats;
        let line = band.chords(0.0, num_beats);
        let key = band.key_of(&line);
        let chords = line.iter().filter_map(|at| {
            let symbol = at.chord?.symbol(&key);
            Some(ChordSpan { start: at.start, duration: Beats(at.duration.0.min(num_beats - at.start.0)), symbol })
        });
        let chords = chords.collect();
        let mut parts: Vec<Part> = Vec::new();
        if let Some(entry) = band.entry() {
            for number in (0..).take_while(|number| number * PHRASE_BARS < i64::from(bars.get())) {
                let start = grid.start_of(number * PHRASE_BARS);
                let phrase = band.phrase(number, start, &grid, &entry.style, tempo);
                phrase.into_iter().for_each(|part| append(&mut parts, part, start, num_beats));
            }
        }
        parts.sort_by_key(|part| part.kind);
        Ok(BandScore { key, chords, parts })
    }
}

/// Puts a phrase's part behind what its player has played.
fn append(parts: &mut Vec<Part>, phrase: Part, start: f64, num_beats: f64) {
    let moved = phrase.notes.iter().map(|note| take::Note { start: Beats(note.start.0 + start), ..*note });
    let notes: Vec<_> = moved.filter(|note| note.start.0 < num_beats).collect();
    match parts.iter_mut().find(|part| part.kind == phrase.kind) {
        Some(part) => part.notes.extend(notes),
        None if notes.is_empty() => {}
        None => parts.push(Part { notes, ..phrase }),
    }
}
