//! Scale intervals.
use take::{PitchClass, Scale};

/// What a scale is made of.
struct Row {
    /// Semitones above the tonic, ascending, starting with 0.
    steps: &'static [u8],
    /// Letters above the tonic's for each step: 2 = a third.
    letters: &'static [usize],
    parent: Scale,
}

const SEVEN_LETTERS: &[usize] = &[0, 1, 2, 3, 4, 5, 6];

/// Seven notes, one a letter, and their own parent.
const fn seven(scale: Scale, steps: &'static [u8; 7]) -> Row {
    Row { steps, letters: SEVEN_LETTERS, parent: scale }
}

/// The table. Thaats after Bhatkhande; maqamat with the lower and upper jins that are named first in the books, in the
/// nearest tempered notes ([`take::Tuning`] has the rest); In, Yo, Hirajoshi and Iwato as tuned on the koto from
/// the first note of their usual listing; Gypsy is the Hungarian one with a minor seventh.
fn row(scale: Scale) -> Row {
    use Scale as S;
    let part = |steps, letters, parent| Row { steps, letters, parent };
    match scale {
        S::Major => seven(scale, &[0, 2, 4, 5, 7, 9, 11]),
        S::Minor => seven(scale, &[0, 2, 3, 5, 7, 8, 10]),
        S::HarmonicMinor => seven(scale, &[0, 2, 3, 5, 7, 8, 11]),
        S::MelodicMinor => seven(scale, &[0, 2, 3, 5, 7, 9, 11]),
        S::Dorian => seven(scale, &[0, 2, 3, 5, 7, 9, 10]),
        S::Phrygian => seven(scale, &[0, 1, 3, 5, 7, 8, 10]),
        S::Lydian => seven(scale, &[0, 2, 4, 6, 7, 9, 11]),
        S::Mixolydian => seven(scale, &[0, 2, 4, 5, 7, 9, 10]),
        S::Locrian => seven(scale, &[0, 1, 3, 5, 6, 8, 10]),
        S::MajorPentatonic => part(&[0, 2, 4, 7, 9], &[0, 1, 2, 4, 5], S::Major),
        S::MinorPentatonic => part(&[0, 3, 5, 7, 10], &[0, 2, 3, 4, 6], S::Minor),
        S::Blues => part(&[0, 3, 5, 6, 7, 10], &[0, 2, 3, 3, 4, 6], S::Minor),
        S::MajorBlues => part(&[0, 2, 3, 4, 7, 9], &[0, 1, 2, 2, 4, 5], S::Major),
        S::BebopDominant => part(&[0, 2, 4, 5, 7, 9, 10, 11], &[0, 1, 2, 3, 4, 5, 6, 6], S::Mixolydian),
        S::BebopMajor => part(&[0, 2, 4, 5, 7, 8, 9, 11], &[0, 1, 2, 3, 4, 4, 5, 6], S::Major),
        S::BebopMinor => part(&[0, 2, 3, 4, 5, 7, 9, 10], &[0, 1, 2, 2, 3, 4, 5, 6], S::Dorian),
        S::Altered => seven(scale, &[0, 1, 3, 4, 6, 8, 10]),
        S::HalfWholeDiminished => part(&[0, 1, 3, 4, 6, 7, 9, 10], &[0, 1, 2, 2, 3, 4, 5, 6], S::Mixolydian),
        S::WholeHalfDiminished => part(&[0, 2, 3, 5, 6, 8, 9, 11], &[0, 1, 2, 3, 4, 5, 5, 6], S::HarmonicMinor),
        S::WholeTone => part(&[0, 2, 4, 6, 8, 10], &[0, 1, 2, 3, 4, 5], S::Lydian),
        S::In => part(&[0, 1, 5, 7, 8], &[0, 1, 3, 4, 5], S::Phrygian),
        S::Yo => part(&[0, 2, 5, 7, 9], &[0, 1, 3, 4, 5], S::Mixolydian),
        S::Hirajoshi => part(&[0, 2, 3, 7, 8], &[0, 1, 2, 4, 5], S::Minor),
        S::Iwato => part(&[0, 1, 5, 6, 10], &[0, 1, 3, 4, 6], S::Locrian),
        S::Bhairav => seven(scale, &[0, 1, 4, 5, 7, 8, 11]),
        S::Kafi => seven(scale, &[0, 2, 3, 5, 7, 9, 10]),
        S::Todi => seven(scale, &[0, 1, 3, 6, 7, 8, 11]),
        S::Marwa => seven(scale, &[0, 1, 4, 6, 7, 9, 11]),
        S::Hijaz => seven(scale, &[0, 1, 4, 5, 7, 8, 10]),
        S::Nahawand => seven(scale, &[0, 2, 3, 5, 7, 8, 11]),
        S::Saba => seven(scale, &[0, 2, 3, 4, 7, 8, 10]),
        S::Rast => seven(scale, &[0, 2, 4, 5, 7, 9, 11]),
        S::HungarianMinor => seven(scale, &[0, 2, 3, 6, 7, 8, 11]),
        S::Gypsy => seven(scale, &[0, 2, 3, 6, 7, 8, 10]),
    }
}

/// Semitones above the tonic, ascending, starting with 0.
pub fn intervals(scale: Scale) -> &'static [u8] {
    row(scale).steps
}

/// Letters above the tonic's letter for each of [`intervals`]: the third of A minor is 2 above A.
pub(crate) fn letters(scale: Scale) -> &'static [usize] {
    row(scale).letters
}

/// The seven-note scale that harmonises `scale`: itself, or the one that a scale of five, six or eight notes is heard in.
pub fn parent(scale: Scale) -> Scale {
    row(scale).parent
}

/// Whether the third degree of the parent scale is a minor third.
pub fn is_minor_like(scale: Scale) -> bool {
    degree_interval(scale, 3) == 3
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
            assert_eq!(parent(parent(scale)), parent(scale), "{scale:?}");
            assert_eq!(letters(scale).len(), steps.len(), "{scale:?}");
            assert!(letters(scale).is_sorted() && letters(scale).iter().all(|&letter| letter < 7), "{scale:?}");
        }
    }

    #[test]
    fn modes_are_rotations_of_the_scale_they_come_from() {
        let check = |root_scale, modes: &[(i32, Scale)]| {
            let notes = pitch_mask(PitchClass::new(0), root_scale);
            for &(tonic, scale) in modes {
                assert_eq!(pitch_mask(PitchClass::new(tonic), scale), notes, "{scale:?}");
            }
        };
        let church = [(2, Scale::Dorian), (4, Scale::Phrygian), (5, Scale::Lydian), (7, Scale::Mixolydian)];
        check(Scale::Major, &church);
        check(Scale::Major, &[(9, Scale::Minor), (11, Scale::Locrian)]);
        check(Scale::MelodicMinor, &[(11, Scale::Altered)]);
        check(Scale::HarmonicMinor, &[(7, Scale::Hijaz)]);
        check(Scale::Bhairav, &[(5, Scale::HungarianMinor)]);
        check(Scale::WholeHalfDiminished, &[(2, Scale::HalfWholeDiminished), (3, Scale::WholeHalfDiminished)]);
        check(Scale::MajorPentatonic, &[(9, Scale::MinorPentatonic), (7, Scale::Yo)]);
        check(Scale::MajorBlues, &[(9, Scale::Blues)]);
        check(Scale::In, &[(5, Scale::Hirajoshi), (7, Scale::Iwato)]);
    }
}
