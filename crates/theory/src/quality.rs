//! Chord qualities: what is stacked on a root.

/// The kinds of chord that are named, parsed and voiced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the field's own names")]
pub enum Quality {
    Major,
    Minor,
    Diminished,
    Augmented,
    Sus2,
    Sus4,
    Power,
    Six,
    MinorSix,
    SixNine,
    MinorSixNine,
    AddNine,
    MinorAddNine,
    Seven,
    MajorSeven,
    MinorSeven,
    MinorMajorSeven,
    HalfDiminished,
    DiminishedSeven,
    AugmentedSeven,
    SevenSus4,
    Nine,
    MajorNine,
    MinorNine,
    NineSus4,
    SevenFlatNine,
    SevenSharpNine,
    SevenFlatThirteen,
    SevenSharpEleven,
    Altered,
    MinorEleven,
    Thirteen,
    MajorThirteen,
    MinorThirteen,
    MajorSevenSharpEleven,
}

use Quality as Q;

/// Quality, printed suffix, other spellings read, semitones above the root.
type Row = (Quality, &'static str, &'static [&'static str], &'static [u8]);

const TABLE: [Row; 35] = [
    (Q::Major, "", &["maj", "M"], &[0, 4, 7]),
    (Q::Minor, "m", &["min", "-"], &[0, 3, 7]),
    (Q::Diminished, "dim", &["o", "°", "mb5"], &[0, 3, 6]),
    (Q::Augmented, "aug", &["+", "#5"], &[0, 4, 8]),
    (Q::Sus2, "sus2", &[], &[0, 2, 7]),
    (Q::Sus4, "sus4", &["sus"], &[0, 5, 7]),
    (Q::Power, "5", &[], &[0, 7]),
    (Q::Six, "6", &["maj6", "M6"], &[0, 4, 7, 9]),
    (Q::MinorSix, "m6", &["min6", "-6"], &[0, 3, 7, 9]),
    (Q::SixNine, "6/9", &["69"], &[0, 4, 7, 9, 14]),
    (Q::MinorSixNine, "m6/9", &["m69"], &[0, 3, 7, 9, 14]),
    (Q::AddNine, "add9", &["add2"], &[0, 4, 7, 14]),
    (Q::MinorAddNine, "madd9", &["madd2"], &[0, 3, 7, 14]),
    (Q::Seven, "7", &["dom7"], &[0, 4, 7, 10]),
    (Q::MajorSeven, "maj7", &["M7", "Δ", "Δ7"], &[0, 4, 7, 11]),
    (Q::MinorSeven, "m7", &["min7", "-7"], &[0, 3, 7, 10]),
    (Q::MinorMajorSeven, "mMaj7", &["mM7", "mmaj7", "m(maj7)"], &[0, 3, 7, 11]),
    (Q::HalfDiminished, "m7b5", &["ø", "ø7", "min7b5", "-7b5"], &[0, 3, 6, 10]),
    (Q::DiminishedSeven, "dim7", &["o7", "°7"], &[0, 3, 6, 9]),
    (Q::AugmentedSeven, "7#5", &["aug7", "+7"], &[0, 4, 8, 10]),
    (Q::SevenSus4, "7sus4", &["7sus"], &[0, 5, 7, 10]),
    (Q::Nine, "9", &[], &[0, 4, 7, 10, 14]),
    (Q::MajorNine, "maj9", &["M9"], &[0, 4, 7, 11, 14]),
    (Q::MinorNine, "m9", &["min9", "-9"], &[0, 3, 7, 10, 14]),
    (Q::NineSus4, "9sus4", &["9sus", "11"], &[0, 5, 7, 10, 14]),
    (Q::SevenFlatNine, "7b9", &[], &[0, 4, 7, 10, 13]),
    (Q::SevenSharpNine, "7#9", &[], &[0, 4, 7, 10, 15]),
    (Q::SevenFlatThirteen, "7b13", &[], &[0, 4, 7, 10, 20]),
    (Q::SevenSharpEleven, "7#11", &[], &[0, 4, 7, 10, 18]),
    (Q::Altered, "7alt", &["alt"], &[0, 4, 10, 13, 15, 20]),
    (Q::MinorEleven, "m11", &["min11", "-11"], &[0, 3, 7, 10, 14, 17]),
    (Q::Thirteen, "13", &[], &[0, 4, 7, 10, 14, 21]),
    (Q::MajorThirteen, "maj13", &["M13"], &[0, 4, 7, 11, 14, 21]),
    (Q::MinorThirteen, "m13", &["min13", "-13"], &[0, 3, 7, 10, 14, 21]),
    (Q::MajorSevenSharpEleven, "maj7#11", &["M7#11"], &[0, 4, 7, 11, 18]),
];

impl Quality {
    /// Every quality.
    pub fn all() -> impl Iterator<Item = Quality> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Semitones above the root, ascending; extensions lie above 12.
    pub fn intervals(self) -> &'static [u8] {
        self.row().3
    }

    /// What is printed after the root.
    pub fn suffix(self) -> &'static str {
        self.row().1
    }

    /// The quality a suffix names, by its printed or any other usual spelling.
    pub fn parse(suffix: &str) -> Option<Quality> {
        TABLE.iter().find(|row| row.1 == suffix || row.2.contains(&suffix)).map(|row| row.0)
    }

    /// Whether the third is minor.
    pub fn is_minor(self) -> bool {
        self.intervals().contains(&3) && !self.intervals().contains(&4)
    }

    /// Whether it pulls to the chord a fifth below: major third and minor seventh.
    pub fn is_dominant(self) -> bool {
        self.intervals().contains(&4) && self.intervals().contains(&10)
    }

    /// The same chord with at most `num_tones` (3 = triad, 4 = seventh, more = as it is). Suspensions and power
    /// chords stay what they are.
    pub fn simplified(self, num_tones: usize) -> Quality {
        let tones = self.intervals();
        if tones.len() <= num_tones {
            return self;
        }
        let has = |interval: u8| tones.contains(&interval);
        let third = if has(4) {
            4
        } else if has(3) {
            3
        } else {
            5
        };
        let fifth = if has(7) || self == Q::Altered {
            7
        } else if has(6) {
            6
        } else {
            8
        };
        let seventh = tones.iter().copied().find(|tone| (9..=11).contains(tone));
        let wanted: &[u8] = match seventh {
            Some(seventh) if num_tones >= 4 => &[0, third, fifth, seventh],
            _ => &[0, third, fifth],
        };
        Quality::from_intervals(wanted).unwrap_or(self)
    }

    /// The quality with exactly these intervals.
    pub fn from_intervals(wanted: &[u8]) -> Option<Quality> {
        TABLE.iter().find(|row| row.3 == wanted).map(|row| row.0)
    }

    /// One ninth richer where that is safe in every key: m7 -> m9 and the like; others unchanged.
    pub fn enriched(self) -> Quality {
        match self {
            Q::Major => Q::AddNine,
            Q::MinorSeven => Q::MinorNine,
            Q::MajorSeven => Q::MajorNine,
            Q::Seven => Q::Nine,
            Q::SevenSus4 => Q::NineSus4,
            Q::Six => Q::SixNine,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, index, "{:?}", row.0);
        }
    }

    #[test]
    fn every_spelling_reads_back_as_one_quality() {
        for (quality, printed, others, _) in TABLE {
            for spelling in others.iter().chain([&printed]) {
                assert_eq!(Quality::parse(spelling), Some(quality), "{spelling}");
            }
        }
    }

    #[test]
    fn simpler_chords_keep_third_and_seventh() {
        assert_eq!(Q::MinorNine.simplified(4), Q::MinorSeven);
        assert_eq!(Q::Thirteen.simplified(3), Q::Major);
        assert_eq!(Q::NineSus4.simplified(4), Q::SevenSus4);
        assert_eq!(Q::HalfDiminished.simplified(3), Q::Diminished);
        assert_eq!(Q::Altered.simplified(4), Q::Seven);
        assert_eq!(Q::Power.simplified(3), Q::Power);
    }
}
