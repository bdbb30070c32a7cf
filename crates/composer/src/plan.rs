//! The harmony of the loop: key, scale, progression, chord lengths.
use crate::dice::Dice;
use crate::grid::{BarShape, STEP_BEATS};
use crate::style::{Progression, Style};
use take::{Hints, PitchClass, Scale, TakeSpec};
use theory::{Chord, Key, Numeral, is_minor_like, parent, pitch_mask};

/// A chord with its place in the loop.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    /// First beat.
    pub start: f64,
    /// Beat after the last.
    pub end: f64,
    /// The chord.
    pub chord: Chord,
    /// Its symbol as spelled in the key.
    pub symbol: String,
    /// Pitch classes a melody may use over it, bit 0 = C.
    pub allowed: u16,
}

/// Key, scale and chords of a take.
pub(crate) struct Plan {
    pub key: Key,
    pub chords: Vec<Planned>,
}

/// Chooses tonic, scale and progression, and lays the chords over the bars.
pub(crate) fn plan(
    spec: &TakeSpec,
    style: &Style,
    hints: &Hints,
    bar: &BarShape,
    complexity: f32,
    dice: &mut Dice,
) -> Plan {
    let tonic_choice = dice.pick(&style.keys).map_or(PitchClass::new(0), |tonic| tonic.0);
    let tonic = spec.key.or(hints.key).unwrap_or(tonic_choice);
    let wanted = spec.scale.or(hints.scale);
    let num_bars = usize::from(spec.bars.get());
    let index = dice.weighted(style.progression.iter().map(|p| fitness(p, style, wanted, num_bars, complexity)));
    let progression = &style.progression[index.min(style.progression.len() - 1)];
    let native = progression.scale.unwrap_or(style.scale);
    let scale = wanted.unwrap_or(native);
    let key = Key::new(tonic, scale);
    let colour = Colour { scale, is_native: is_same_family(native, scale), complexity };
    let bars = bar_order(progression.chords.0.len(), num_bars);
    let mut chords: Vec<Planned> = Vec::new();
    for (index, source) in bars.into_iter().enumerate() {
        let written = &progression.chords.0[source];
        for (numeral, from, to) in split(written, bar) {
            let chord = colour.chord(numeral, &key, dice);
            let start = index as f64 * bar.beats + from as f64 * STEP_BEATS;
            let end = if to == bar.num_steps {
                (index + 1) as f64 * bar.beats
            } else {
                start + (to - from) as f64 * STEP_BEATS
            };
            match chords.last_mut().filter(|last| last.chord == chord) {
                Some(last) => last.end = end,
                None => chords.push(planned(chord, &key, start, end)),
            }
        }
    }
    Plan { key, chords }
}

pub(crate) fn planned(chord: Chord, key: &Key, start: f64, end: f64) -> Planned {
    let tones = chord.mask();
    let scale = pitch_mask(key.tonic, key.scale) | pitch_mask(key.tonic, parent(key.scale));
    // A scale note a semitone away from a borrowed chord tone would rub against it.
    let borrowed = tones & !scale;
    let rubbing = ((borrowed << 1) | (borrowed >> 11) | (borrowed >> 1) | (borrowed << 11)) & 0xfff;
    let keeps_blue_notes = key.scale == Scale::Blues;
    let allowed = tones | if keeps_blue_notes { scale } else { scale & !rubbing };
    Planned { start, end, chord, symbol: chord.symbol(key), allowed }
}

/// How well a progression suits: its scale, its length, its complexity.
fn fitness(progression: &Progression, style: &Style, wanted: Option<Scale>, num_bars: usize, complexity: f32) -> f32 {
    let native = progression.scale.unwrap_or(style.scale);
    let by_scale = match wanted {
        None => 1.0,
        Some(scale) if scale == native => 1.0,
        Some(scale) if is_same_family(native, scale) => 0.5,
        Some(scale) if is_minor_like(scale) == is_minor_like(native) => 0.002,
        Some(_) => 0.000_01,
    };
    let length = progression.chords.0.len();
    let by_length = match num_bars {
        bars if bars % length == 0 => 1.0,
        bars if bars < length => 0.05,
        _ => 0.3,
    };
    let by_complexity = if progression.complexity.holds(complexity) { 1.0 } else { 0.02 };
    progression.weight.0 * by_scale * by_length * by_complexity
}

/// Whether chords written in one scale can be played as they are in the other.
pub(crate) fn is_same_family(a: Scale, b: Scale) -> bool {
    a == b || (a != Scale::Blues && b != Scale::Blues && parent(a) == parent(b))
}

/// Which bar of the progression each bar of the loop plays: whole rounds, then the end of the progression, so that
/// the loop closes the way the progression does; a short loop takes its beginning and its end.
pub(crate) fn bar_order(length: usize, num_bars: usize) -> Vec<usize> {
    if num_bars < length {
        let head = num_bars.div_ceil(2);
        return (0..head).chain(length - (num_bars - head)..length).collect();
    }
    let rest = num_bars % length;
    (0..num_bars - rest).map(|bar| bar % length).chain(length - rest..length).collect()
}

/// First and last step of each chord of a bar; changes fall on felt beats where there are enough of them.
pub(crate) fn split<'c>(written: &'c [(Numeral, u8)], bar: &BarShape) -> Vec<(&'c Numeral, usize, usize)> {
    let total: usize = written.iter().map(|(_, weight)| usize::from(*weight)).sum();
    let mut fences = vec![0];
    let mut sum = 0;
    for (_, weight) in &written[..written.len() - 1] {
        sum += usize::from(*weight);
        let ideal = sum * bar.num_steps / total;
        let pulse = bar.pulses.iter().copied().min_by_key(|&at| (at.abs_diff(ideal), at)).unwrap_or(ideal);
        let step = if pulse.abs_diff(ideal) <= 2 { pulse } else { ideal };
        fences.push(step.clamp(fences[fences.len() - 1], bar.num_steps));
    }
    fences.push(bar.num_steps);
    let spans = fences.windows(2).zip(written);
    spans.filter(|(fence, _)| fence[0] < fence[1]).map(|(fence, (numeral, _))| (numeral, fence[0], fence[1])).collect()
}

/// How numerals become chords.
pub(crate) struct Colour {
    pub scale: Scale,
    pub is_native: bool,
    pub complexity: f32,
}

impl Colour {
    pub(crate) fn chord(&self, numeral: &Numeral, key: &Key, dice: &mut Dice) -> Chord {
        let is_rich = dice.chance((self.complexity - 0.6) * 2.0);
        let mut chord = if self.is_native { numeral.in_key(key.tonic) } else { numeral.refit(key.tonic, self.scale) };
        if self.complexity < 0.12 {
            chord.quality = chord.quality.simplified(3);
        } else if self.complexity < 0.35 {
            chord.quality = chord.quality.simplified(4);
        } else if is_rich {
            let richer = Chord { quality: chord.quality.enriched(), ..chord };
            let scale = pitch_mask(key.tonic, parent(key.scale)) | chord.mask();
            if richer.mask() & !scale == 0 {
                chord = richer;
            }
        }
        chord
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_ends_as_its_progression_does() {
        assert_eq!(bar_order(4, 8), [0, 1, 2, 3, 0, 1, 2, 3]);
        assert_eq!(bar_order(4, 6), [0, 1, 2, 3, 2, 3]);
        assert_eq!(bar_order(4, 3), [0, 1, 3]);
        assert_eq!(bar_order(12, 1), [0]);
    }
}
