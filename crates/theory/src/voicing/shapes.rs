//! How the tones of a chord are laid over each other: semitones above the root, before octave and register.
use super::VoicingKind;
use crate::chord::Chord;
use crate::quality::Quality;

/// Ascending semitones above the root of octave 0 for one inversion.
pub(super) fn lay_out(chord: &Chord, kind: VoicingKind, tones: &[u8], inversion: usize) -> Vec<i32> {
    match kind {
        VoicingKind::Power => tones.iter().map(|&tone| i32::from(tone)).collect(),
        VoicingKind::Spread => spread(tones),
        VoicingKind::Quartal => quartal(chord).unwrap_or_else(|| dropped(close(tones, inversion), 2)),
        VoicingKind::Drop2 => dropped(close(tones, inversion), 2),
        VoicingKind::Drop3 => dropped(close(tones, inversion), 3),
        VoicingKind::Drop24 => dropped(dropped(close(tones, inversion), 4), 2),
        VoicingKind::Cluster => packed(tones),
        VoicingKind::Close | VoicingKind::Rootless | VoicingKind::Shell => close(tones, inversion),
    }
}

/// The tones folded into an octave, then the lowest `inversion` ones moved up an octave.
fn close(tones: &[u8], inversion: usize) -> Vec<i32> {
    let mut keys: Vec<i32> = tones.iter().map(|&tone| i32::from(tone % 12)).collect();
    keys.sort_unstable();
    keys.dedup();
    let count = inversion % keys.len().max(1);
    keys[..count].iter_mut().for_each(|key| *key += 12);
    keys.sort_unstable();
    keys
}

/// Adds the root an octave above where it lies: triads in four voices.
pub(super) fn double_root(keys: &mut Vec<i32>) {
    if let Some(root) = keys.iter().copied().find(|key| key % 12 == 0) {
        keys.push(root + 12);
        keys.sort_unstable();
    }
}

/// The `nth` voice from the top an octave lower, where there are that many above another.
fn dropped(mut keys: Vec<i32>, nth: usize) -> Vec<i32> {
    if keys.len() > nth {
        let index = keys.len() - nth;
        keys[index] -= 12;
        keys.sort_unstable();
    }
    keys
}

fn spread(tones: &[u8]) -> Vec<i32> {
    let third_up = |tone: u8| if (2..=5).contains(&tone) { i32::from(tone) + 12 } else { i32::from(tone) };
    let mut keys: Vec<i32> = tones.iter().map(|&tone| third_up(tone)).collect();
    keys.sort_unstable();
    keys
}

/// Tones in their order, each the next one above the one before.
fn packed(tones: &[u8]) -> Vec<i32> {
    let mut keys: Vec<i32> = Vec::with_capacity(tones.len());
    for &tone in tones {
        let from = keys.last().copied().unwrap_or(0);
        keys.push(from + (i32::from(tone) - from).rem_euclid(12));
    }
    keys
}

/// Semitones from the lowest to the highest of tones packed in their order.
pub(super) fn close_span(tones: &[u8]) -> i32 {
    let keys = packed(tones);
    keys.last().zip(keys.first()).map_or(0, |(high, low)| high - low)
}

/// So-what stack on minor sevenths, sixth-ninth stack on plain major chords, else fourths of the chord's own tones.
fn quartal(chord: &Chord) -> Option<Vec<i32>> {
    let quality = chord.quality;
    if quality.has(3) && quality.has(10) && quality.has(7) {
        Some(vec![0, 5, 10, 15])
    } else if quality.has(4) && quality.has(7) && !quality.has(10) {
        Some(vec![4, 9, 14, 19])
    } else {
        stacked_fourths(quality)
    }
}

/// Three or four tones of the chord, each a fourth above the one before, the third among them where there is one.
fn stacked_fourths(quality: Quality) -> Option<Vec<i32>> {
    let has = |key: i32| quality.pitch_mask() >> (key.rem_euclid(12)) & 1 == 1;
    let stack_on = |bottom: i32| {
        let mut stack = vec![bottom];
        while stack.len() < 4 {
            let top = stack[stack.len() - 1];
            let Some(next) = [top + 5, top + 6].into_iter().find(|&key| has(key) && !stack.contains(&(key - 12)))
            else {
                break;
            };
            stack.push(next);
        }
        stack
    };
    let third = [4, 3].into_iter().find(|&third| quality.has(third));
    let says_chord = |stack: &Vec<i32>| third.is_none_or(|third| stack.iter().any(|key| key % 12 == i32::from(third)));
    let stacks = (0..12).filter(|&bottom| has(bottom)).map(stack_on);
    // The first of the longest.
    stacks.filter(|stack| stack.len() >= 3 && says_chord(stack)).rev().max_by_key(Vec::len)
}
