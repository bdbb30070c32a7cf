//! Chords: comping patterns over voicings that move smoothly.
use crate::context::{Context, Extra, Raw, choose, fit};
use crate::dice::{Dice, Stream};
use crate::grid::{SOURCE_STEPS, STEP_BEATS};
use crate::plan::Planned;
use crate::style::ChordPattern;
use take::PartKind;
use theory::{Register, VoicingKind, voice_lead};

pub(crate) fn play(context: &Context) -> Vec<Raw> {
    let mut dice = Dice::new(context.seed, Stream::Harmony);
    let energy = context.part_energy(PartKind::Harmony);
    let complexity = context.part_complexity(PartKind::Harmony);
    let patterns = &context.style.harmony.pattern;
    let Some(main) = choose(patterns, energy, complexity, &mut dice) else { return Vec::new() };
    let turn = choose(patterns, energy, complexity, &mut dice).unwrap_or(main);
    let mut writer = Writer { context, voicings: voicings(context), notes: Vec::new(), held: None };
    for bar in 0..context.num_bars {
        let wants_turn = dice.chance(0.1 + 0.5 * complexity);
        let pattern = if context.ends_phrase(bar) && wants_turn { turn } else { main };
        let marks = bar_marks(context, pattern, bar, &mut dice);
        for (step, mark) in marks.into_iter().enumerate() {
            writer.step(bar, step, mark);
        }
    }
    writer.release(context.loop_beats);
    writer.notes
}

/// One voicing per planned chord. Led twice round the loop, so that the last moves smoothly into the first.
fn voicings(context: &Context) -> Vec<Vec<u8>> {
    let harmony = &context.style.harmony;
    let (low, high) = (harmony.range.low, harmony.range.high);
    let shift = context.register_shift(PartKind::Harmony, low, high);
    let moved = |key: u8| (i32::from(key) + shift).clamp(0, 127) as u8;
    let thin = context.complexity < 0.12 || context.density(PartKind::Harmony) < -0.5;
    let max_voices = if thin { usize::from(harmony.voices.0).min(3) } else { usize::from(harmony.voices.0) };
    let register = Register { low: moved(low), high: moved(high), max_voices };
    let mut voicings: Vec<Vec<u8>> = Vec::with_capacity(context.chords.len());
    let mut previous = Vec::new();
    for _ in 0..2 {
        voicings.clear();
        for planned in &context.chords {
            previous = voice_lead(&planned.chord, voicing_kind(context, planned), register, &previous);
            voicings.push(previous.clone());
        }
    }
    voicings
}

/// The style's voicing; a rootless tonic chord keeps its root, or its third would be heard as the key.
fn voicing_kind(context: &Context, planned: &Planned) -> VoicingKind {
    match context.style.harmony.voicing.into() {
        VoicingKind::Rootless if planned.chord.root == context.key.tonic => VoicingKind::Close,
        kind => kind,
    }
}

fn bar_marks(context: &Context, pattern: &ChordPattern, bar: usize, dice: &mut Dice) -> Vec<u8> {
    let complexity = context.part_complexity(PartKind::Harmony);
    let density = context.density(PartKind::Harmony);
    let mut marks = fit(&context.bar, |step| pattern.steps.at(bar, step, SOURCE_STEPS), Extra::Hold);
    for (step, mark) in marks.iter_mut().enumerate() {
        let roll = dice.unit();
        let is_weak = context.bar.strength(step) <= 1;
        *mark = match *mark {
            b'?' if roll < 0.1 + 0.75 * complexity => b'o',
            b'g' if roll < 0.2 + 0.8 * complexity => b'g',
            b'?' | b'g' => b'.',
            b'.' | b'~' => *mark,
            _ if is_weak && roll < -density * 0.7 => b'~',
            other => other,
        };
    }
    marks
}

/// What sounds until the next mark.
#[derive(Clone, Copy)]
struct Held {
    mark: u8,
    chord: usize,
    start: f64,
    strength: u8,
}

struct Writer<'c, 'a> {
    context: &'c Context<'a>,
    voicings: Vec<Vec<u8>>,
    notes: Vec<Raw>,
    held: Option<Held>,
}

impl Writer<'_, '_> {
    fn step(&mut self, bar: usize, step: usize, mark: u8) {
        let beat = self.context.beat(bar, step);
        let here = self.context.chord_index(beat);
        let strength = self.context.bar.strength(step);
        match (mark, self.held) {
            (b'.', _) => self.release(beat),
            // A held chord that the harmony leaves behind is struck again, and so is one held over the loop's end.
            (b'~', Some(held)) if held.chord == here || held.mark == b'N' => {}
            (b'~', Some(held)) => self.strike(Held { chord: here, start: beat, strength, ..held }),
            (b'~', None) if bar + step == 0 => self.strike(Held { mark: b'x', chord: here, start: beat, strength }),
            (b'~', None) => {}
            (b'N', _) => {
                let chord = self.context.chord_index(beat + 2.0 * STEP_BEATS);
                self.strike(Held { mark, chord, start: beat, strength });
            }
            (mark, _) => self.strike(Held { mark, chord: here, start: beat, strength }),
        }
    }

    fn strike(&mut self, held: Held) {
        self.release(held.start);
        self.held = Some(held);
    }

    /// Ends what is held and writes it down.
    fn release(&mut self, end: f64) {
        let Some(held) = self.held.take() else { return };
        let voicing = &self.voicings[held.chord];
        let keys = sounding(voicing, held.mark);
        let base = match held.mark {
            b'X' => 108.0,
            b'N' => 98.0,
            b'o' => 70.0,
            b'g' => 38.0,
            b'^' => 86.0,
            b'1'..=b'9' => 84.0,
            _ => 92.0,
        };
        let harmony = &self.context.style.harmony;
        let dead = if held.mark == b'g' { 0.3 } else { f64::from(harmony.gate.0) };
        let velocity = (base + f32::from(held.strength) * 2.0) * (0.74 + 0.3 * self.context.energy);
        let count = keys.len().max(2) as f32 - 1.0;
        for (index, key) in keys.into_iter().enumerate() {
            let strum = harmony.strum_ms.0 * index as f32 / count;
            self.notes.push(Raw {
                start: held.start,
                duration: (end - held.start) * dead,
                key,
                // The top voice sings, inner voices stay behind.
                velocity: if index as f32 == count { velocity } else { velocity * 0.93 },
                push_ms: harmony.push_ms.0 + strum,
                is_exact: false,
            });
        }
    }
}

/// The keys of a voicing that a mark plays; voices beyond the last are the same ones an octave higher.
fn sounding(voicing: &[u8], mark: u8) -> Vec<u8> {
    match mark {
        b'B' => vec![voicing[0]],
        b'^' if voicing.len() > 1 => voicing[1..].to_vec(),
        b'1'..=b'9' => {
            let index = usize::from(mark - b'1');
            let octave = 12 * (index / voicing.len()) as u8;
            vec![(voicing[index % voicing.len()] + octave).min(127)]
        }
        _ => voicing.to_vec(),
    }
}
