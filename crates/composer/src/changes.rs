//! Chords over bars in a key: what melodies, harmonies, forms and bands are written over.
use crate::context::{Context, Fills};
use crate::grid::{BarShape, STEP_BEATS};
use crate::plan::{Planned, planned};
use crate::style::Style;
use crate::texture;
use take::{Beats, ChordSpan, Hints, Meter};
use theory::{Chord, ChordError, Key, Quality};

/// A chord line over a number of bars: every beat has a chord, or is marked as having none.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Tonic and scale.
    pub key: Key,
    /// Meter.
    pub meter: Meter,
    /// Length in bars, 1..=[`Changes::MAX_BARS`].
    pub num_bars: usize,
    bar: BarShape,
    chords: Vec<Planned>,
    /// Half-open ranges in beats where nobody plays a chord.
    rests: Vec<(f64, f64)>,
}

/// A chord line nobody can play over.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChangesError {
    /// Too few or too many bars.
    #[error("{bars} bars; 1 to {max} are allowed", max = Changes::MAX_BARS)]
    Length {
        /// How many were given.
        bars: usize,
    },
    /// A symbol that is none.
    #[error(transparent)]
    Chord(#[from] ChordError),
}

impl Changes {
    /// Most bars: half an hour of music.
    pub const MAX_BARS: usize = 1024;

    /// Chords by their first beat, in any order; each lasts until the next one, the first also backwards to the
    /// start. `None` is a place without a chord. No chord at all is the tonic chord throughout.
    ///
    /// # Errors
    /// `Length` for no bars or more than [`Changes::MAX_BARS`].
    pub fn new(
        key: Key,
        meter: Meter,
        num_bars: usize,
        chords: impl IntoIterator<Item = (Beats, Option<Chord>)>,
    ) -> Result<Self, ChangesError> {
        if !(1..=Self::MAX_BARS).contains(&num_bars) {
            return Err(ChangesError::Length { bars: num_bars });
        }
        let bar = BarShape::new(meter);
        let end = bar.beats * num_bars as f64;
        let mut changes = Self { key, meter, num_bars, bar, chords: Vec::new(), rests: Vec::new() };
        let mut starts: Vec<(f64, Option<Chord>)> = chords.into_iter().map(|(at, chord)| (at.0, chord)).collect();
        starts.retain(|(at, _)| at.is_finite() && *at < end - 1e-9);
        starts.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (index, &(at, chord)) in starts.iter().enumerate() {
            let from = if index == 0 { 0.0 } else { at.max(0.0) };
            let to = starts.get(index + 1).map_or(end, |next| next.0.max(0.0));
            if to > from + 1e-9 {
                changes.push(from, to, chord);
            }
        }
        changes.close_gaps(end);
        Ok(changes)
    }

    /// From the chords a take carries.
    ///
    /// # Errors
    /// As [`Changes::new`], and `Chord` for a symbol that cannot be read.
    pub fn from_spans(key: Key, meter: Meter, num_bars: usize, spans: &[ChordSpan]) -> Result<Self, ChangesError> {
        let read = |span: &ChordSpan| Ok((span.start, Some(Chord::parse(&span.symbol)?)));
        let chords = spans.iter().map(read).collect::<Result<Vec<_>, ChordError>>()?;
        Self::new(key, meter, num_bars, chords)
    }

    fn push(&mut self, from: f64, to: f64, chord: Option<Chord>) {
        let Some(chord) = chord else {
            self.rests.push((from, to));
            return;
        };
        match self.chords.last_mut().filter(|last| last.chord == chord && (last.end - from).abs() < 1e-9) {
            Some(last) => last.end = to,
            None => self.chords.push(planned(chord, &self.key, from, to)),
        }
    }

    /// Over a rest the chord before it goes on in the line's ear, at the start the one after it.
    fn close_gaps(&mut self, end: f64) {
        if self.chords.is_empty() {
            self.chords.push(planned(tonic_chord(&self.key), &self.key, 0.0, end));
        }
        for index in 0..self.chords.len() {
            let next = self.chords.get(index + 1).map_or(end, |next| next.start);
            self.chords[index].end = next;
        }
        self.chords[0].start = 0.0;
    }

    pub(crate) fn of_planned(key: Key, meter: Meter, num_bars: usize, chords: Vec<Planned>) -> Self {
        Self { key, meter, num_bars, bar: BarShape::new(meter), chords, rests: Vec::new() }
    }

    /// Some of the bars, counted from their own first beat, in another key's spelling and scale.
    pub(crate) fn excerpt(&self, key: Key, first_bar: usize, num_bars: usize) -> Self {
        let from = first_bar as f64 * self.bar.beats;
        let to = from + num_bars as f64 * self.bar.beats;
        let inside = |start: f64, end: f64| (start.max(from) - from, end.min(to) - from);
        let chords = self.chords.iter().filter(|chord| chord.start < to - 1e-9 && chord.end > from + 1e-9);
        let chords = chords.map(|chord| {
            let (start, end) = inside(chord.start, chord.end);
            Planned { start, end, ..chord.clone() }
        });
        let rests = self.rests.iter().filter(|rest| rest.0 < to && rest.1 > from).map(|rest| inside(rest.0, rest.1));
        let (chords, rests, bar) = (chords.collect(), rests.collect(), self.bar.clone());
        Self { key, meter: self.meter, num_bars, bar, chords, rests }
    }

    /// Length of a bar.
    pub fn bar_beats(&self) -> Beats {
        Beats(self.bar.beats)
    }

    /// Length of the whole.
    pub fn num_beats(&self) -> Beats {
        Beats(self.bar.beats * self.num_bars as f64)
    }

    fn planned_at(&self, beat: f64) -> &Planned {
        let index = self.chords.partition_point(|chord| chord.start <= beat + 1e-6).saturating_sub(1);
        &self.chords[index]
    }

    /// The chord in the ear at `beat`; before the start the first, past the end the last.
    pub fn chord_at(&self, beat: Beats) -> Chord {
        self.planned_at(beat.0).chord
    }

    /// Chord tones at `beat` as bits, bit 0 = C.
    pub fn tones_at(&self, beat: Beats) -> u16 {
        self.planned_at(beat.0).chord.mask()
    }

    /// What a melody may use at `beat`: chord tones, and the scale but for what rubs against a borrowed tone.
    pub fn allowed_at(&self, beat: Beats) -> u16 {
        self.planned_at(beat.0).allowed
    }

    /// How strong a place in the bar is: 4 = first of the bar, 3 = its middle, 2 = other felt beats, 1 = eighths,
    /// 0 = everything else.
    pub fn strength_at(&self, beat: Beats) -> u8 {
        let within = (beat.0 + 1e-6).rem_euclid(self.bar.beats);
        let step = (within / STEP_BEATS) as usize;
        let is_on_step = within - step as f64 * STEP_BEATS < 2e-6;
        if is_on_step { self.bar.strength(step.min(self.bar.num_steps - 1)) } else { 0 }
    }

    /// The chords without gaps, for a take; a rest is told by the chord before it.
    pub fn spans(&self) -> Vec<ChordSpan> {
        let span = |chord: &Planned| ChordSpan {
            start: Beats(chord.start),
            duration: Beats(chord.end - chord.start),
            symbol: chord.symbol.clone(),
        };
        self.chords.iter().map(span).collect()
    }

    /// First beat and chord of each change.
    pub fn chords(&self) -> impl Iterator<Item = (Beats, Chord)> + '_ {
        self.chords.iter().map(|chord| (Beats(chord.start), chord.chord))
    }

    /// Whether no chord was written for `beat`.
    pub fn is_rest(&self, beat: Beats) -> bool {
        self.rests.iter().any(|&(from, to)| (from..to).contains(&(beat.0 + 1e-6)))
    }

    /// Half-open stretches in beats where nobody plays a chord.
    pub fn rests(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.rests.iter().copied()
    }

    pub(crate) fn bar_shape(&self) -> &BarShape {
        &self.bar
    }

    /// What the players of the band need to know to play these changes.
    pub(crate) fn context<'a>(&self, style: &'a Style, hints: &'a Hints, dials: Dials) -> Context<'a> {
        Context {
            style,
            hints,
            num_bars: self.num_bars,
            loop_beats: self.num_beats().0,
            bar: self.bar.clone(),
            energy: dials.energy,
            complexity: dials.complexity,
            seed: dials.seed,
            parent_mask: theory::pitch_mask(self.key.tonic, theory::parent(self.key.scale)),
            key: self.key,
            texture: texture::chosen(style, hints),
            chords: self.chords.clone(),
            fills: Fills::ByChance,
        }
    }
}

/// How the band plays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dials {
    /// 0.0..=1.0.
    pub energy: f32,
    /// 0.0..=1.0.
    pub complexity: f32,
    pub seed: u64,
}

/// The plain triad on the tonic.
pub(crate) fn tonic_chord(key: &Key) -> Chord {
    let is_minor = theory::is_minor_like(key.scale);
    Chord::new(key.tonic, if is_minor { Quality::Minor } else { Quality::Major })
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::{PitchClass, Scale};

    fn c_major() -> Key {
        Key::new(PitchClass::new(0), Scale::Major)
    }

    fn at(beat: f64, symbol: &str) -> (Beats, Option<Chord>) {
        (Beats(beat), Chord::parse(symbol).ok())
    }

    #[test]
    fn every_beat_has_a_chord_whatever_was_left_out() {
        let line = [at(6.0, "G7"), at(2.0, "Dm7"), (Beats(8.0), None), at(99.0, "C")];
        let changes = Changes::new(c_major(), Meter::FOUR_FOUR, 3, line).unwrap();
        let symbols: Vec<String> = changes.spans().into_iter().map(|span| span.symbol).collect();
        assert_eq!(symbols, ["Dm7", "G7"]);
        assert_eq!(changes.chord_at(Beats(0.0)), Chord::parse("Dm7").unwrap());
        assert_eq!(changes.chord_at(Beats(11.9)), Chord::parse("G7").unwrap());
        assert!(changes.is_rest(Beats(8.0)) && !changes.is_rest(Beats(7.9)));
        let none = Changes::new(c_major(), Meter::FOUR_FOUR, 1, []).unwrap();
        assert_eq!(none.chord_at(Beats(0.0)), Chord::parse("C").unwrap());
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for bars in [0, 1025] {
            let refused = Changes::new(c_major(), Meter::FOUR_FOUR, bars, []);
            assert!(matches!(refused, Err(ChangesError::Length { bars: told }) if told == bars));
        }
        let span = ChordSpan { start: Beats(0.0), duration: Beats(4.0), symbol: "H7".into() };
        assert!(matches!(Changes::from_spans(c_major(), Meter::FOUR_FOUR, 1, &[span]), Err(ChangesError::Chord(_))));
    }
}
