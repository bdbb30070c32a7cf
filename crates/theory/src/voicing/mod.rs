//! Voicings and smooth voice leading.
mod shapes;

use crate::chord::Chord;
use crate::quality::Quality;
use shapes::{close_span, double_root, lay_out};

/// How the tones of a chord are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoicingKind {
    /// All tones within an octave.
    Close,
    /// Close with the second voice from the top an octave down.
    Drop2,
    /// Close with the third voice from the top an octave down.
    Drop3,
    /// Close with the second and the fourth voice from the top an octave down.
    Drop24,
    /// As many seconds as the chord has: the tones that lie closest together. Plain chords bring their ninth.
    Cluster,
    /// Third, seventh and colours; the bass has the root.
    Rootless,
    /// Third and seventh only.
    Shell,
    /// Root, fifth, octave.
    Power,
    /// Wide: root and fifth low, third and colours above.
    Spread,
    /// Stacked fourths, perfect or augmented, where the chord allows three of them, else drop 2.
    Quartal,
}

/// Where a voicing may lie, and with how many voices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Register {
    /// Lowest MIDI key.
    pub low: u8,
    /// Highest MIDI key, at least 12 above the lowest.
    pub high: u8,
    /// Most voices, 1..=6.
    pub max_voices: usize,
}

/// Voices `chord`, ascending MIDI keys, moving as little as possible from `previous` (empty = start in the middle of
/// the register). Never empty; keys may leave the register only if the chord does not fit into it.
pub fn voice_lead(chord: &Chord, kind: VoicingKind, register: Register, previous: &[u8]) -> Vec<u8> {
    let tones = chosen_tones(chord, kind, register.max_voices.clamp(1, 6));
    let mut best: Option<(i32, Vec<u8>)> = None;
    for inversion in 0..inversions(kind, tones.len()) {
        let mut shape = lay_out(chord, kind, &tones, inversion);
        if kind == VoicingKind::Close && tones.len() == 3 && register.max_voices > 3 {
            double_root(&mut shape);
        }
        for octave in 0..=10 {
            let Some(keys) = placed(&shape, i32::from(chord.root.get()) + octave * 12, register) else { continue };
            let cost = movement(previous, &keys) + placement_cost(&keys, register, previous.is_empty());
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, keys));
            }
        }
    }
    best.map(|(_, keys)| keys).unwrap_or_else(|| squeezed(chord, &tones, register))
}

/// Intervals that sound, most important first is kept, sorted ascending.
fn chosen_tones(chord: &Chord, kind: VoicingKind, max_voices: usize) -> Vec<u8> {
    let all = chord.quality.intervals();
    let third = all.iter().copied().find(|tone| (2..=5).contains(tone));
    let seventh = all.iter().copied().find(|tone| (9..=11).contains(tone));
    let fifth = all.iter().copied().find(|tone| (6..=8).contains(tone)).unwrap_or(7);
    let mut tones: Vec<u8> = match kind {
        VoicingKind::Power => return vec![0, fifth, 12][..max_voices.min(3)].to_vec(),
        VoicingKind::Shell => {
            third.into_iter().chain(seventh.or(Some(fifth))).chain(all.iter().copied().filter(|&t| t > 12)).collect()
        }
        VoicingKind::Rootless if all.len() >= 4 => all[1..].to_vec(),
        VoicingKind::Cluster => return clustered(chord.quality, max_voices),
        _ => all.to_vec(),
    };
    // The fifth says least, then the root: the bass plays it.
    for spare in [7, 0] {
        if tones.len() > max_voices && tones.len() > 3 {
            tones.retain(|&tone| tone != spare);
        }
    }
    while tones.len() > max_voices {
        let middle = tones.len() - 2;
        tones.remove(middle.min(tones.len() - 1));
    }
    tones
}

/// The tones that lie closest together, `max_voices` of them.
fn clustered(quality: Quality, max_voices: usize) -> Vec<u8> {
    let mut tones: Vec<u8> = quality.enriched().intervals().iter().map(|tone| tone % 12).collect();
    tones.sort_unstable();
    tones.dedup();
    let count = max_voices.min(tones.len());
    (0..tones.len())
        .map(|first| (0..count).map(|voice| tones[(first + voice) % tones.len()]).collect::<Vec<u8>>())
        .min_by_key(|tones| close_span(tones))
        .unwrap_or(tones)
}

fn inversions(kind: VoicingKind, num_tones: usize) -> usize {
    match kind {
        VoicingKind::Power | VoicingKind::Spread | VoicingKind::Cluster => 1,
        _ => num_tones,
    }
}

/// The shape as keys with its root on `root_key`, if all of it lies in the register.
fn placed(shape: &[i32], root_key: i32, register: Register) -> Option<Vec<u8>> {
    let keys: Vec<i32> = shape.iter().map(|tone| tone + root_key).collect();
    let fits = keys.iter().all(|&key| (i32::from(register.low)..=i32::from(register.high)).contains(&key));
    fits.then(|| keys.into_iter().map(|key| key as u8).collect())
}

/// Sum of the shortest ways from each new voice to an old one; the top voice counts twice.
fn movement(previous: &[u8], keys: &[u8]) -> i32 {
    if previous.is_empty() {
        return 0;
    }
    let nearest = |key: u8| previous.iter().map(|&old| (i32::from(old) - i32::from(key)).abs()).min().unwrap_or(0);
    let voices: i32 = keys.iter().map(|&key| nearest(key)).sum();
    let top = i32::from(keys[keys.len() - 1]) - i32::from(previous[previous.len() - 1]);
    voices * 4 + top.abs() * 4
}

/// Distance from the middle of the register, and mud: close intervals below C3 and bare semitones on top.
fn placement_cost(keys: &[u8], register: Register, is_first: bool) -> i32 {
    let middle = i32::from(register.low) + i32::from(register.high);
    let own_middle = 2 * keys.iter().map(|&key| i32::from(key)).sum::<i32>() / keys.len() as i32;
    let off_centre = (own_middle - middle).abs() * if is_first { 4 } else { 1 };
    let mud: i32 = keys.windows(2).filter(|pair| pair[0] < 50 && pair[1] - pair[0] < 5).count() as i32 * 24;
    let bite = keys.windows(2).next_back().is_some_and(|pair| pair[1] - pair[0] == 1);
    off_centre + mud + if bite { 16 } else { 0 }
}

/// For registers too narrow for any inversion: each tone at its lowest place in the register.
fn squeezed(chord: &Chord, tones: &[u8], register: Register) -> Vec<u8> {
    let mut keys: Vec<u8> = tones
        .iter()
        .map(|&tone| {
            let pitch = chord.above_root(tone).get();
            let above = (pitch + 120 - register.low) % 12;
            (register.low + above).min(127)
        })
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::Quality;
    use take::PitchClass;

    const KINDS: [VoicingKind; 10] = [
        VoicingKind::Close,
        VoicingKind::Drop2,
        VoicingKind::Drop3,
        VoicingKind::Drop24,
        VoicingKind::Cluster,
        VoicingKind::Rootless,
        VoicingKind::Shell,
        VoicingKind::Power,
        VoicingKind::Spread,
        VoicingKind::Quartal,
    ];

    fn shape(symbol: &str, kind: VoicingKind) -> Vec<u8> {
        let register = Register { low: 36, high: 84, max_voices: 4 };
        let keys = voice_lead(&Chord::parse(symbol).unwrap(), kind, register, &[60]);
        keys.iter().map(|key| key - keys[0]).collect()
    }

    #[test]
    fn dropped_voices_lie_an_octave_below_their_close_place() {
        for symbol in ["Cmaj7", "Am7", "F#m7b5", "Bb7", "Ebdim7"] {
            let is_inversion = |tones: &[u8], kind: VoicingKind| {
                // Raised back, the voices lie within an octave.
                let raised: &[usize] = match kind {
                    VoicingKind::Drop24 => &[0, 1],
                    _ => &[0],
                };
                let mut keys = tones.to_vec();
                raised.iter().for_each(|&voice| keys[voice] += 12);
                keys.sort_unstable();
                keys[3] - keys[0] < 12 && tones[3] - tones[0] > 12
            };
            for kind in [VoicingKind::Drop2, VoicingKind::Drop3, VoicingKind::Drop24] {
                assert!(is_inversion(&shape(symbol, kind), kind), "{symbol} {kind:?} {:?}", shape(symbol, kind));
            }
        }
    }

    #[test]
    fn clusters_are_packed_and_fourths_are_stacked() {
        for symbol in ["C", "Dm7", "G7", "Fmaj9", "Am"] {
            let cluster = shape(symbol, VoicingKind::Cluster);
            assert!(cluster[cluster.len() - 1] <= 7, "{symbol}: {cluster:?}");
        }
        for symbol in ["Dm7", "C", "G13", "A7sus4", "E7#9", "Fmaj13", "Bb7alt"] {
            let stack = shape(symbol, VoicingKind::Quartal);
            assert!(stack.len() >= 3, "{symbol}: {stack:?}");
            assert!(stack.windows(2).take(2).all(|pair| matches!(pair[1] - pair[0], 5 | 6)), "{symbol}: {stack:?}");
        }
    }

    #[test]
    fn voicings_ascend_inside_the_register_and_hold_only_tones_of_the_chord() {
        let register = Register { low: 48, high: 79, max_voices: 5 };
        for kind in KINDS.into_iter().filter(|kind| !matches!(kind, VoicingKind::Quartal | VoicingKind::Power)) {
            for quality in Quality::all() {
                for root in (0..12).map(PitchClass::new) {
                    let chord = Chord::new(root, quality);
                    let keys = voice_lead(&chord, kind, register, &[]);
                    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{kind:?} {chord:?} {keys:?}");
                    assert!(keys.iter().all(|key| (48..=79).contains(key)), "{kind:?} {chord:?} {keys:?}");
                    let ninth = if kind == VoicingKind::Cluster { quality.enriched() } else { quality };
                    let mask = Chord::new(root, ninth).mask();
                    let only_tones = keys.iter().all(|key| mask & 1 << (key % 12) != 0);
                    let fifth_for_shell = kind == VoicingKind::Shell;
                    assert!(only_tones || fifth_for_shell, "{kind:?} {chord:?} {keys:?}");
                }
            }
        }
    }

    #[test]
    fn a_cadence_moves_each_voice_by_a_step_or_less() {
        let register = Register { low: 50, high: 74, max_voices: 4 };
        let mut previous = Vec::new();
        for symbol in ["Dm7", "G7", "Cmaj7", "Am7", "Dm7"] {
            let keys = voice_lead(&Chord::parse(symbol).unwrap(), VoicingKind::Close, register, &previous);
            if !previous.is_empty() {
                let moves = keys.iter().zip(&previous).map(|(a, b)| a.abs_diff(*b));
                assert!(moves.clone().all(|step| step <= 4), "{symbol}: {previous:?} -> {keys:?}");
            }
            previous = keys;
        }
    }
}
