//! What every player of the band knows before the first note: spec, style, wishes, meter, key and chords.
use crate::dice::Dice;
use crate::grid::{BarShape, STEP_BEATS};
use crate::plan::Planned;
use crate::style::{Band, Style, Texture, Weight};
use take::{Hints, PartHints, PartKind};
use theory::Key;

/// A note on the grid, before swing and humanising.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw {
    /// Onset in beats on the straight grid.
    pub start: f64,
    /// Length in beats.
    pub duration: f64,
    /// MIDI key.
    pub key: u8,
    /// 1.0..=127.0, not yet rounded.
    pub velocity: f32,
    /// Micro-timing in milliseconds at full humanise.
    pub push_ms: f32,
    /// Never moved by humanise: kicks.
    pub is_exact: bool,
}

/// Where the drummer fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fills {
    /// At the ends of phrases, as complexity has it.
    ByChance,
    /// At the end of this bar, or nowhere.
    Only(Option<usize>),
}

/// Shared knowledge of one composition.
#[derive(Clone)]
pub(crate) struct Context<'a> {
    pub style: &'a Style,
    pub hints: &'a Hints,
    pub bar: BarShape,
    pub num_bars: usize,
    pub loop_beats: f64,
    /// 0.0..=1.0, prompt included.
    pub energy: f32,
    /// 0.0..=1.0, prompt included.
    pub complexity: f32,
    pub seed: u64,
    pub key: Key,
    /// Pitch classes of the scale's seven-note parent, bit 0 = C.
    pub parent_mask: u16,
    pub chords: Vec<Planned>,
    /// The style's texture, or a plain one where the prompt asks and the style has none.
    pub texture: Option<Texture>,
    pub fills: Fills,
}

impl Context<'_> {
    /// Start of a step in beats.
    pub(crate) fn beat(&self, bar: usize, step: usize) -> f64 {
        bar as f64 * self.bar.beats + step as f64 * STEP_BEATS
    }

    /// Index of the chord that sounds at `beat`; positions past the loop wrap round.
    pub(crate) fn chord_index(&self, beat: f64) -> usize {
        let beat = beat % self.loop_beats;
        self.chords.partition_point(|chord| chord.start <= beat + 1e-9).saturating_sub(1)
    }

    /// The chord that sounds at `beat`.
    pub(crate) fn chord_at(&self, beat: f64) -> &Planned {
        &self.chords[self.chord_index(beat)]
    }

    /// Wishes for a part.
    pub(crate) fn wishes(&self, kind: PartKind) -> &PartHints {
        self.hints.part(kind)
    }

    /// Asked for density, -1.0..=1.0.
    pub(crate) fn density(&self, kind: PartKind) -> f32 {
        self.wishes(kind).density.clamp(-1.0, 1.0)
    }

    /// Energy as this part feels it: a wish for fewer notes calms it.
    pub(crate) fn part_energy(&self, kind: PartKind) -> f32 {
        (self.energy + 0.35 * self.density(kind)).clamp(0.0, 1.0)
    }

    /// Complexity as this part feels it.
    pub(crate) fn part_complexity(&self, kind: PartKind) -> f32 {
        (self.complexity + 0.3 * self.density(kind)).clamp(0.0, 1.0)
    }

    /// Bars of a phrase: four, or three where the loop is counted in threes (12-bar forms are fours).
    pub(crate) fn phrase_bars(&self) -> usize {
        match self.num_bars {
            bars if bars % 4 == 0 => 4,
            bars if bars % 3 == 0 => 3,
            bars if bars < 4 => bars,
            _ => 4,
        }
    }

    /// Whether `bar` is the last of a phrase or of the loop.
    pub(crate) fn ends_phrase(&self, bar: usize) -> bool {
        bar + 1 == self.num_bars || (bar + 1).is_multiple_of(self.phrase_bars())
    }

    /// A wished-for number of octaves, as semitones that keep `low..=high` inside the playable keys.
    pub(crate) fn register_shift(&self, kind: PartKind, low: u8, high: u8) -> i32 {
        let mut shift = i32::from(self.wishes(kind).register.clamp(-4, 4)) * 12;
        while shift < 0 && i32::from(low) + shift < 16 {
            shift += 12;
        }
        while shift > 0 && i32::from(high) + shift > 115 {
            shift -= 12;
        }
        shift
    }
}

/// Something a style has several of.
pub(crate) trait Choice {
    fn energy(&self) -> Band;
    fn complexity(&self) -> Band;
    fn weight(&self) -> Weight;
}

macro_rules! choice {
    ($($type:ty),*) => {$(
        impl Choice for $type {
            fn energy(&self) -> Band { self.energy }
            fn complexity(&self) -> Band { self.complexity }
            fn weight(&self) -> Weight { self.weight }
        }
    )*};
}
choice!(crate::style::Fill, crate::style::BassPattern, crate::style::ChordPattern, crate::style::Motif);

/// Picks by weight among those meant for this energy and complexity; among all where none is.
pub(crate) fn choose<'s, T: Choice>(items: &'s [T], energy: f32, complexity: f32, dice: &mut Dice) -> Option<&'s T> {
    let fits = |item: &T| item.energy().holds(energy) && item.complexity().holds(complexity);
    let any_fits = items.iter().any(fits);
    let weights = items.iter().map(|item| if fits(item) || !any_fits { item.weight().0 } else { 0.0 });
    let index = dice.weighted(weights);
    items.get(index)
}

/// What a pattern does in the extra steps of a long beat (7/8).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extra {
    /// Goes on like the beat.
    Repeat,
    /// Rests, or holds on.
    Hold,
}

/// Lays one 4/4 bar of a pattern over the bar's meter. `source` gives the character for a step of 0..16.
pub(crate) fn fit(bar: &BarShape, source: impl Fn(usize) -> u8, extra: Extra) -> Vec<u8> {
    let mut steps: Vec<u8> = Vec::with_capacity(bar.num_steps);
    for (step, is_extra) in bar.source_steps() {
        let last = steps.last().copied().unwrap_or(b'.');
        steps.push(match (is_extra, extra) {
            (true, Extra::Hold) if last == b'.' => b'.',
            (true, Extra::Hold) => b'~',
            _ => source(step),
        });
    }
    steps
}
