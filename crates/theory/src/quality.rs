//! Chord qualities: what is stacked on a root.
use crate::suffix;

/// What is stacked on a root, as the set of intervals in semitones: 0..=11 for the chord itself, 13..=21 for its
/// ninths, elevenths and thirteenths. A raised eleventh (18) is so another thing than a lowered fifth (6).
///
/// Any combination that a chord symbol can name is a quality; the constants are the usual ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quality {
    /// Bit `n` = `n` semitones above the root.
    tones: u32,
}

/// Semitones above the root, ascending; reads as a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tones {
    count: usize,
    steps: [u8; Quality::MAX_INTERVAL as usize + 1],
}

impl std::ops::Deref for Tones {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.steps[..self.count]
    }
}

/// One line a constant: name and semitones.
macro_rules! qualities {
    ($($name:ident: $($tone:literal)+;)*) => {
        #[expect(missing_docs, reason = "the constants are the field's own names")]
        #[expect(non_upper_case_globals, reason = "written and matched like the variants of an enum")]
        impl Quality {
            $(pub const $name: Quality = Quality::of(&[$($tone),+]);)*

            const USUAL: &'static [Quality] = &[$(Quality::$name),*];
        }
    };
}

qualities! {
    Major: 0 4 7;
    Minor: 0 3 7;
    Diminished: 0 3 6;
    Augmented: 0 4 8;
    Sus2: 0 2 7;
    Sus4: 0 5 7;
    Power: 0 7;
    Six: 0 4 7 9;
    MinorSix: 0 3 7 9;
    SixNine: 0 4 7 9 14;
    MinorSixNine: 0 3 7 9 14;
    AddNine: 0 4 7 14;
    MinorAddNine: 0 3 7 14;
    Seven: 0 4 7 10;
    MajorSeven: 0 4 7 11;
    MinorSeven: 0 3 7 10;
    MinorMajorSeven: 0 3 7 11;
    HalfDiminished: 0 3 6 10;
    DiminishedSeven: 0 3 6 9;
    AugmentedSeven: 0 4 8 10;
    SevenSus4: 0 5 7 10;
    Nine: 0 4 7 10 14;
    MajorNine: 0 4 7 11 14;
    MinorNine: 0 3 7 10 14;
    NineSus4: 0 5 7 10 14;
    SevenFlatNine: 0 4 7 10 13;
    SevenSharpNine: 0 4 7 10 15;
    SevenFlatThirteen: 0 4 7 10 20;
    SevenSharpEleven: 0 4 7 10 18;
    Altered: 0 4 10 13 15 20;
    MinorEleven: 0 3 7 10 14 17;
    Thirteen: 0 4 7 10 14 21;
    MajorThirteen: 0 4 7 11 14 21;
    MinorThirteen: 0 3 7 10 14 21;
    MajorSevenSharpEleven: 0 4 7 11 18;
}

impl Quality {
    /// Widest interval above the root: the thirteenth, in semitones.
    pub const MAX_INTERVAL: u8 = 21;

    /// The quality with these semitones above the root, in any order; intervals beyond the thirteenth are left out
    /// and the root is always in.
    pub const fn of(intervals: &[u8]) -> Quality {
        let mut tones = 1;
        let mut index = 0;
        while index < intervals.len() {
            if intervals[index] <= Self::MAX_INTERVAL {
                tones |= 1 << intervals[index];
            }
            index += 1;
        }
        Quality { tones }
    }

    /// The usual qualities: those that have a constant.
    pub fn all() -> impl Iterator<Item = Quality> {
        Self::USUAL.iter().copied()
    }

    /// Semitones above the root, ascending; extensions lie above 12.
    pub fn intervals(self) -> Tones {
        let mut tones = Tones { count: 0, steps: [0; Self::MAX_INTERVAL as usize + 1] };
        for interval in (0..=Self::MAX_INTERVAL).filter(|&interval| self.has(interval)) {
            tones.steps[tones.count] = interval;
            tones.count += 1;
        }
        tones
    }

    /// Whether the tone `interval` semitones above the root is in it. A ninth (14) is not a second (2).
    pub const fn has(self, interval: u8) -> bool {
        interval <= Self::MAX_INTERVAL && self.tones & (1 << interval) != 0
    }

    /// Its tones folded into an octave, bit 0 = root.
    pub const fn pitch_mask(self) -> u16 {
        (self.tones | self.tones >> 12) as u16 & 0xfff
    }

    /// With one tone more.
    pub(crate) const fn with(self, interval: u8) -> Quality {
        Quality { tones: self.tones | 1 << interval }
    }

    /// With one tone less.
    pub(crate) const fn without(self, interval: u8) -> Quality {
        Quality { tones: self.tones & !(1 << interval) }
    }

    /// What is printed after the root: `m7b5`, `7(b9,#11)`; empty for a major triad.
    pub fn suffix(self) -> String {
        suffix::print(self)
    }

    /// The quality a suffix names, by its printed or any other usual spelling.
    pub fn parse(suffix: &str) -> Option<Quality> {
        suffix::parse(suffix)
    }

    /// Whether the third is minor.
    pub fn is_minor(self) -> bool {
        self.has(3) && !self.has(4)
    }

    /// Whether it pulls to the chord a fifth below: major third and minor seventh.
    pub fn is_dominant(self) -> bool {
        self.has(4) && self.has(10)
    }

    /// The seventh in semitones: 10, 11, or 9 of a diminished seventh chord.
    pub fn seventh(self) -> Option<u8> {
        let is_diminished = self.has(3) && self.has(6) && !self.has(7);
        [10, 11, 9].into_iter().find(|&tone| self.has(tone) && (tone != 9 || is_diminished))
    }

    /// Letter steps from the root to the tone `interval` semitones above it, 0..=6: a third is 2 whatever its size.
    pub fn letter_steps(self, interval: u8) -> usize {
        match interval % 24 {
            0 | 12 => 0,
            1 | 2 | 13..=15 => 1,
            3 | 4 => 2,
            5 | 17 | 18 => 3,
            6..=8 => 4,
            9 if self.seventh() == Some(9) => 6,
            9 | 20 | 21 => 5,
            _ => 6,
        }
    }

    /// The same chord with at most `num_tones` (3 = triad, 4 = seventh, more = as it is). Suspensions and power
    /// chords stay what they are.
    pub fn simplified(self, num_tones: usize) -> Quality {
        let tones = self.intervals();
        if tones.len() <= num_tones {
            return self;
        }
        let third = [4, 3].into_iter().find(|&third| self.has(third)).unwrap_or(5);
        // An altered chord has no fifth of its own; its triad is the plain one.
        let is_plain = self.has(7) || self == Quality::Altered;
        let fifth = if is_plain { 7 } else { [6, 8].into_iter().find(|&fifth| self.has(fifth)).unwrap_or(8) };
        let seventh = tones.iter().copied().find(|tone| (9..=11).contains(tone));
        let simple = match seventh {
            Some(seventh) if num_tones >= 4 => Quality::of(&[third, fifth, seventh]),
            _ => Quality::of(&[third, fifth]),
        };
        if simple.is_usual() { simple } else { self }
    }

    /// The usual quality with exactly these intervals.
    pub fn from_intervals(wanted: &[u8]) -> Option<Quality> {
        let quality = Self::of(wanted);
        (quality.is_usual() && quality.intervals().len() == wanted.len()).then_some(quality)
    }

    fn is_usual(self) -> bool {
        Self::USUAL.contains(&self)
    }

    /// One ninth richer where that is safe in every key: m7 -> m9 and the like; others unchanged.
    pub fn enriched(self) -> Quality {
        match self {
            Self::Major | Self::MinorSeven | Self::MajorSeven | Self::Seven | Self::SevenSus4 | Self::Six => {
                self.with(14)
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quality as Q;

    #[test]
    fn simpler_chords_keep_third_and_seventh() {
        assert_eq!(Q::MinorNine.simplified(4), Q::MinorSeven);
        assert_eq!(Q::Thirteen.simplified(3), Q::Major);
        assert_eq!(Q::NineSus4.simplified(4), Q::SevenSus4);
        assert_eq!(Q::HalfDiminished.simplified(3), Q::Diminished);
        assert_eq!(Q::Altered.simplified(4), Q::Seven);
        assert_eq!(Q::Power.simplified(3), Q::Power);
    }

    #[test]
    fn richer_chords_are_usual_ones() {
        assert_eq!(Q::Major.enriched(), Q::AddNine);
        assert_eq!(Q::Six.enriched(), Q::SixNine);
        assert!(Q::all().all(|quality| Q::all().any(|other| other == quality.enriched())));
    }

    #[test]
    fn intervals_come_back_ascending() {
        assert_eq!(*Q::of(&[21, 4, 14, 10]).intervals(), [0, 4, 10, 14, 21]);
        assert_eq!(Q::from_intervals(&[0, 3, 7]), Some(Q::Minor));
        assert_eq!(Q::from_intervals(&[0, 1, 2]), None);
    }

    #[test]
    fn a_ninth_semitone_is_a_seventh_only_over_a_diminished_triad() {
        assert_eq!((Q::DiminishedSeven.seventh(), Q::Six.seventh(), Q::MinorSix.seventh()), (Some(9), None, None));
        assert_eq!((Q::DiminishedSeven.letter_steps(9), Q::Six.letter_steps(9)), (6, 5));
    }
}
