//! The rules, and the checker that finds where they are broken.
use crate::chord::Chord;

/// A rule of voice leading between two chords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeadingRule {
    /// No voice but the lowest moves more than a fourth, the lowest not more than an octave.
    Smooth,
    /// The outer voices do not move the same way.
    Contrary,
    /// No two voices go from a fifth to a fifth.
    NoParallelFifths,
    /// No two voices go from an octave or unison to another.
    NoParallelOctaves,
    /// The third of a dominant, and the root of a leading-tone chord, rises a semitone where the chord resolves; it may
    /// stay, or fall a semitone into the seventh of the next chord.
    LeadingTonesResolve,
    /// A seventh falls by a step where the root changes, or stays.
    SeventhsResolve,
}

impl LeadingRule {
    /// Every rule.
    pub const ALL: [LeadingRule; 6] = [
        LeadingRule::Smooth,
        LeadingRule::Contrary,
        LeadingRule::NoParallelFifths,
        LeadingRule::NoParallelOctaves,
        LeadingRule::LeadingTonesResolve,
        LeadingRule::SeventhsResolve,
    ];
}

/// A set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeadingRules {
    bits: u8,
}

impl LeadingRules {
    /// No rule at all.
    pub const NONE: LeadingRules = LeadingRules { bits: 0 };
    /// Four-part writing: all but the outer voices' contrary motion.
    pub const CHORALE: LeadingRules = LeadingRules::NONE
        .with(LeadingRule::Smooth)
        .with(LeadingRule::NoParallelFifths)
        .with(LeadingRule::NoParallelOctaves)
        .with(LeadingRule::LeadingTonesResolve)
        .with(LeadingRule::SeventhsResolve);
    /// Jazz and pop: parallels are part of the sound, resolutions are kept.
    pub const JAZZ: LeadingRules = LeadingRules::NONE
        .with(LeadingRule::Smooth)
        .with(LeadingRule::LeadingTonesResolve)
        .with(LeadingRule::SeventhsResolve);

    /// With one rule more.
    pub const fn with(self, rule: LeadingRule) -> Self {
        Self { bits: self.bits | 1 << rule as u8 }
    }

    /// Whether the rule is in the set.
    pub const fn has(self, rule: LeadingRule) -> bool {
        self.bits >> rule as u8 & 1 == 1
    }
}

/// A broken rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    /// Index of the chord that is moved to, 1 = from the first to the second.
    pub at: usize,
    /// Which rule.
    pub rule: LeadingRule,
    /// The voices it is about, 0 = lowest; the same twice where it is about one.
    pub voices: (usize, usize),
}

/// Every place where `voicings` (one a chord, ascending MIDI keys, equally many in each) break `rules`. Voicings
/// beyond the last chord, and voices that the other chord of a pair lacks, are not looked at.
pub fn violations(chords: &[Chord], voicings: &[Vec<u8>], rules: LeadingRules) -> Vec<Violation> {
    let mut found = Vec::new();
    for (at, (pair, keys)) in chords.windows(2).zip(voicings.windows(2)).enumerate() {
        let step = Step { from: &pair[0], to: &pair[1], old: &keys[0], new: &keys[1] };
        step.each_violation(rules, |rule, voices| found.push(Violation { at: at + 1, rule, voices }));
    }
    found
}

/// Two chords and their voices.
pub(super) struct Step<'v> {
    pub from: &'v Chord,
    pub to: &'v Chord,
    pub old: &'v [u8],
    pub new: &'v [u8],
}

impl Step<'_> {
    pub(super) fn count_violations(&self, rules: LeadingRules) -> usize {
        let mut count = 0;
        self.each_violation(rules, |_, _| count += 1);
        count
    }

    fn each_violation(&self, rules: LeadingRules, mut found: impl FnMut(LeadingRule, (usize, usize))) {
        let num_voices = self.old.len().min(self.new.len());
        let resolving = leading_tone(self.from, self.to).filter(|_| rules.has(LeadingRule::LeadingTonesResolve));
        let seventh = falling_seventh(self.from, self.to).filter(|_| rules.has(LeadingRule::SeventhsResolve));
        for voice in 0..num_voices {
            let (pitch, moved) = (self.old[voice] % 12, self.moved(voice));
            let furthest = if voice == 0 { 12 } else { 5 };
            if rules.has(LeadingRule::Smooth) && moved.abs() > furthest {
                found(LeadingRule::Smooth, (voice, voice));
            }
            if resolving == Some(pitch) && !(matches!(moved, 0 | 1) || moved == -1 && self.is_seventh_of_next(voice)) {
                found(LeadingRule::LeadingTonesResolve, (voice, voice));
            }
            if seventh == Some(pitch) && !(-2..=0).contains(&moved) {
                found(LeadingRule::SeventhsResolve, (voice, voice));
            }
            for higher in voice + 1..num_voices {
                self.parallels(rules, voice, higher, &mut found);
            }
        }
        let is_similar = num_voices > 1 && self.moved(0).signum() * self.moved(num_voices - 1).signum() > 0;
        if rules.has(LeadingRule::Contrary) && is_similar {
            found(LeadingRule::Contrary, (0, num_voices - 1));
        }
    }

    fn parallels(
        &self,
        rules: LeadingRules,
        low: usize,
        high: usize,
        found: &mut impl FnMut(LeadingRule, (usize, usize)),
    ) {
        let interval = |keys: &[u8]| keys[high].abs_diff(keys[low]) % 12;
        let before = interval(self.old);
        if before != interval(self.new) || self.moved(low) == 0 || self.moved(high) == 0 {
            return;
        }
        if before == 7 && rules.has(LeadingRule::NoParallelFifths) {
            found(LeadingRule::NoParallelFifths, (low, high));
        }
        if before == 0 && rules.has(LeadingRule::NoParallelOctaves) {
            found(LeadingRule::NoParallelOctaves, (low, high));
        }
    }

    /// Semitones up (positive) or down.
    fn moved(&self, voice: usize) -> i32 {
        i32::from(self.new[voice]) - i32::from(self.old[voice])
    }

    fn is_seventh_of_next(&self, voice: usize) -> bool {
        self.to.quality.seventh().is_some_and(|seventh| self.to.above_root(seventh).get() == self.new[voice] % 12)
    }
}

/// Pitch class of the leading tone where `from` resolves to `to`: a dominant (or major triad) a fifth above, or a
/// diminished chord a semitone below.
fn leading_tone(from: &Chord, to: &Chord) -> Option<u8> {
    let up = (to.root.get() + 12 - from.root.get()) % 12;
    let is_diminished = from.quality.has(3) && from.quality.has(6) && !from.quality.has(7);
    match up {
        5 if from.quality.has(4) && !from.quality.has(11) => Some(from.above_root(4).get()),
        1 if is_diminished => Some(from.root.get()),
        _ => None,
    }
}

/// Pitch class of the seventh of `from` where the root changes. The major seventh of a tonic chord is free: it is
/// colour, and its step down is the sixth.
fn falling_seventh(from: &Chord, to: &Chord) -> Option<u8> {
    let seventh = from.quality.seventh().filter(|&seventh| seventh != 11)?;
    (from.root != to.root).then(|| from.above_root(seventh).get())
}
