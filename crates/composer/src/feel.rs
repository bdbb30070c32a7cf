//! From grid notes to played notes: glitches, swing, micro-timing, humanising, tidying up.
use crate::context::{Context, Raw};
use crate::dice::{Dice, Stream};
use crate::style::SwingUnit;
use crate::swing::late;
use take::{Beats, Note, PartKind};

/// How loosely and how swung a part is played.
#[derive(Clone, Copy)]
pub(crate) struct Feel {
    /// 0.0 straight ..= 1.0 triplet.
    pub swing: f32,
    pub unit: SwingUnit,
    /// 0.0 is exactly on the grid.
    pub humanise: f32,
    /// Beats per millisecond.
    pub beats_per_ms: f64,
}

/// Humanise from which written micro-timing is played in full.
const FULL_PUSH: f32 = 0.3;
/// Largest deviation at humanise 1.0.
const JITTER_MS: f32 = 14.0;
/// Largest change of velocity at humanise 1.0.
const JITTER_VELOCITY: f32 = 16.0;
/// Shortest note, a 64th: what a synth can still speak.
const MIN_BEATS: f64 = 0.0625;

/// Plays grid notes: sorted, inside the loop, each key sounding once at a time.
pub(crate) fn play(context: &Context, kind: PartKind, raws: Vec<Raw>, feel: Feel) -> Vec<Note> {
    // One stream for all parts, moved on by the part: hits written together stay apart by part, not by luck.
    let mut dice = Dice::new(context.seed.wrapping_add((kind as u64) << 32), Stream::Feel);
    let length_scale = length_scale(context, kind);
    let mut notes: Vec<Note> =
        raws.into_iter().map(|raw| played(context, &raw, feel, length_scale, &mut dice)).collect();
    notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
    notes.dedup_by(|b, a| a.key == b.key && b.start.0 - a.start.0 < MIN_BEATS / 4.0);
    let is_single_voice = matches!(kind, PartKind::Bass | PartKind::Melody);
    end_before_next(&mut notes, context.loop_beats, is_single_voice);
    notes
}

fn length_scale(context: &Context, kind: PartKind) -> f64 {
    let length = f64::from(context.wishes(kind).length.clamp(-1.0, 1.0));
    if kind == PartKind::Drums {
        1.0
    } else if length < 0.0 {
        1.0 + 0.7 * length
    } else {
        1.0 + 0.8 * length
    }
}

fn played(context: &Context, raw: &Raw, feel: Feel, length_scale: f64, dice: &mut Dice) -> Note {
    let start = late(&context.bar, feel.unit, feel.swing, raw.start);
    let end = late(&context.bar, feel.unit, feel.swing, raw.start + raw.duration);
    let (timing, loudness) = (dice.bell(), dice.bell());
    let push_ms = raw.push_ms * (feel.humanise / FULL_PUSH).min(1.0);
    let jitter_ms = timing * JITTER_MS * feel.humanise;
    let moved_ms = if raw.is_exact { 0.0 } else { push_ms + jitter_ms };
    let latest = context.loop_beats - MIN_BEATS / 8.0;
    let moved = (start + f64::from(moved_ms) * feel.beats_per_ms).clamp(0.0, latest.max(0.0));
    let velocity = raw.velocity + loudness * JITTER_VELOCITY * feel.humanise;
    Note {
        start: Beats(moved),
        duration: Beats(((end - start) * length_scale).max(MIN_BEATS)),
        key: raw.key.min(127),
        velocity: velocity.round().clamp(1.0, 127.0) as u8,
    }
}

/// Shortens notes that would run into the next onset of their key (of any key for a single voice), round the loop too.
fn end_before_next(notes: &mut [Note], loop_beats: f64, is_single_voice: bool) {
    let count = notes.len();
    for index in 0..count {
        let (start, key) = (notes[index].start.0, notes[index].key);
        let after = (1..=count).map(|offset| {
            let at = (index + offset) % count;
            let wraps = index + offset >= count;
            (at, notes[at].start.0 + if wraps { loop_beats } else { 0.0 })
        });
        let blocks = |at: usize, begin: f64| (is_single_voice || notes[at].key == key) && begin > start + 1e-9;
        let next = after
            .take_while(|(_, begin)| *begin < start + notes[index].duration.0)
            .find(|&(at, begin)| blocks(at, begin));
        if let Some((_, begin)) = next {
            notes[index].duration.0 = begin - start;
        }
        notes[index].duration.0 = notes[index].duration.0.min(loop_beats);
    }
}

/// Stutters and gaps, more of them with `amount` (0.0..=1.0). Strong beats stay, so that the pulse does.
pub(crate) fn glitch(context: &Context, kind: PartKind, raws: Vec<Raw>, amount: f32) -> Vec<Raw> {
    if amount <= 0.0 {
        return raws;
    }
    let mut dice = Dice::new(context.seed.wrapping_add((kind as u64) << 32), Stream::Glitch);
    let mut broken = Vec::with_capacity(raws.len() * 2);
    for raw in raws {
        let (fate, repeats) = (dice.unit(), dice.range(2, 4));
        let bar_beat = raw.start % context.bar.beats;
        let is_strong = context.bar.strength((bar_beat * 4.0) as usize) >= 2 && bar_beat.fract() == 0.0;
        if raw.is_exact || (is_strong && fate < amount * 0.9) {
            broken.push(raw);
        } else if fate < amount * 0.3 {
            let length = raw.duration.min(0.5) / f64::from(repeats);
            for repeat in 0..repeats {
                let fade = 1.0 - 0.15 * repeat as f32;
                let start = raw.start + length * f64::from(repeat);
                if start < context.loop_beats - 1e-9 {
                    broken.push(Raw { start, duration: length * 0.8, velocity: raw.velocity * fade, ..raw });
                }
            }
        } else if fate < amount * 0.42 {
            // Left out.
        } else {
            broken.push(raw);
        }
    }
    broken
}
