//! Scale intervals.
use take::{PitchClass, Scale};

/// Semitones above the tonic, ascending, starting with 0.
pub fn intervals(scale: Scale) -> &'static [u8] {
    match scale {
        Scale::Major => &[0, 2, 4, 5, 7, 9, 11],
        Scale::Minor => &[0, 2, 3, 5, 7, 8, 10],
        Scale::HarmonicMinor => &[0, 2, 3, 5, 7, 8, 11],
        Scale::MelodicMinor => &[0, 2, 3, 5, 7, 9, 11],
        Scale::Dorian => &[0, 2, 3, 5, 7, 9, 10],
        Scale::Phrygian => &[0, 1, 3, 5, 7, 8, 10],
        Scale::Lydian => &[0, 2, 4, 6, 7, 9, 11],
        Scale::Mixolydian => &[0, 2, 4, 5, 7, 9, 10],
        Scale::Locrian => &[0, 1, 3, 5, 6, 8, 10],
        Scale::MajorPentatonic => &[0, 2, 4, 7, 9],
        Scale::MinorPentatonic => &[0, 3, 5, 7, 10],
        Scale::Blues => &[0, 3, 5, 6, 7, 10],
    }
}

/// The seven-note scale that harmonises `scale`: itself, or the key a pentatonic or blues scale is heard in.
pub fn parent(scale: Scale) -> Scale {
    match scale {
        Scale::MajorPentatonic => Scale::Major,
        Scale::MinorPentatonic | Scale::Blues => Scale::Minor,
        seven => seven,
    }
}

/// Whether the scale's third is minor.
pub fn is_minor_like(scale: Scale) -> bool {
    intervals(scale).contains(&3)
}

/// Semitones from the tonic to `degree` (1..=7) of the parent scale; degrees beyond 7 fold into the octave.
pub fn degree_interval(scale: Scale, degree: u8) -> u8 {
    intervals(parent(scale))[usize::from(degree.max(1) - 1) % 7]
}

/// The scale's pitch classes.
pub fn pitches(tonic: PitchClass, scale: Scale) -> impl Iterator<Item = PitchClass> {
    intervals(scale).iter().map(move |&semitones| PitchClass::new(i32::from(tonic.get()) + i32::from(semitones)))
}

/// The scale's pitch classes as bits, bit 0 = C.
pub fn pitch_mask(tonic: PitchClass, scale: Scale) -> u16 {
    pitches(tonic, scale).fold(0, |mask, pitch| mask | 1 << pitch.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_starts_on_its_tonic_and_ascends() {
        for scale in Scale::ALL {
            let steps = intervals(scale);
            assert_eq!(steps[0], 0, "{scale:?}");
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]) && steps.iter().all(|&s| s < 12), "{scale:?}");
            assert_eq!(intervals(parent(scale)).len(), 7, "{scale:?}");
        }
    }

    #[test]
    fn modes_are_rotations_of_the_major_scale() {
        let white = pitch_mask(PitchClass::new(0), Scale::Major);
        for (tonic, scale) in [
            (2, Scale::Dorian),
            (4, Scale::Phrygian),
            (5, Scale::Lydian),
            (7, Scale::Mixolydian),
            (9, Scale::Minor),
            (11, Scale::Locrian),
        ] {
            assert_eq!(pitch_mask(PitchClass::new(tonic), scale), white, "{scale:?}");
        }
    }
}
