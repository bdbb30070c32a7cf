//! Keys by weighted profiles: how strongly each pitch class sounds against what listeners expect in a key.
use crate::chord_line::ChordAt;
use crate::spelling::Key;
use take::{Note, Part, PartKind, PitchClass, Scale};

/// How much of each degree a key is expected to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyProfile {
    /// Probe-tone ratings: Krumhansl and Kessler, 1982.
    KrumhanslKessler,
    /// Counted in the examples of Kostka and Payne's harmony book: Temperley, Music and Probability, 2007.
    #[default]
    KostkaPayne,
}

/// Twelve numbers for major, twelve for minor, from the tonic up.
type Profile = [[f64; 12]; 2];

const KRUMHANSL_KESSLER: Profile = [
    [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
    [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
];

const KOSTKA_PAYNE: Profile = [
    [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400],
    [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330],
];

/// Weight of a root against its other chord tones.
const ROOT_WEIGHT: f64 = 1.5;
/// What a dominant that resolves adds to the correlation of its key, and the last chord to that of its own.
const CADENCE_BONUS: f64 = 0.08;
const LAST_CHORD_BONUS: f64 = 0.12;
/// What the last note of a tune adds to the keys whose tonic it is.
const LAST_NOTE_BONUS: f64 = 0.08;

/// A key and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyGuess {
    /// Tonic.
    pub tonic: PitchClass,
    /// [`Scale::Major`] or [`Scale::Minor`].
    pub scale: Scale,
    /// Correlation with the key's profile, -1.0..=1.0; guesses from chords carry their cadences on top.
    pub score: f64,
}

impl KeyGuess {
    /// The key with its usual spelling.
    pub fn key(&self) -> Key {
        Key::new(self.tonic, self.scale)
    }
}

/// All 24 keys, best first. `weights` say how long or how loud each pitch class sounds, C first; any unit, not negative.
/// Weights that are all alike, or not finite, score 0.0 everywhere.
pub fn find_keys(weights: &[f64; 12], profile: KeyProfile) -> [KeyGuess; 24] {
    let table = match profile {
        KeyProfile::KrumhanslKessler => &KRUMHANSL_KESSLER,
        KeyProfile::KostkaPayne => &KOSTKA_PAYNE,
    };
    let mut guesses = std::array::from_fn(|index| {
        let tonic = index / 2;
        let turned: [f64; 12] = std::array::from_fn(|step| weights[(tonic + step) % 12]);
        let scale = if index % 2 == 0 { Scale::Major } else { Scale::Minor };
        KeyGuess { tonic: PitchClass::new(tonic as i32), scale, score: correlation(&turned, &table[index % 2]) }
    });
    guesses.sort_by(|a, b| b.score.total_cmp(&a.score));
    guesses
}

/// Pearson's; 0.0 where it is not defined.
fn correlation(a: &[f64; 12], b: &[f64; 12]) -> f64 {
    let mean = |values: &[f64; 12]| values.iter().sum::<f64>() / 12.0;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| f(a - mean_a, b - mean_b)).sum::<f64>();
    let spread = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    let score = sum(&|a, b| a * b) / spread;
    if score.is_finite() { score } else { 0.0 }
}

/// Beats that each pitch class sounds in a line of chords, roots a little more.
pub fn pitch_weights(chords: &[ChordAt]) -> [f64; 12] {
    let mut weights = [0.0; 12];
    for (chord, beats) in chords.iter().filter_map(|at| Some((at.chord?, at.duration.0))) {
        for (pitch, weight) in weights.iter_mut().enumerate() {
            if chord.mask() >> pitch & 1 == 1 {
                *weight += beats * if usize::from(chord.root.get()) == pitch { ROOT_WEIGHT } else { 1.0 };
            }
        }
    }
    weights
}

/// The key of a line of chords: profile, cadences (a dominant seventh that falls a fifth) and the last chord. `None`
/// where no chord sounds.
pub fn key_of_chords(chords: &[ChordAt]) -> Option<KeyGuess> {
    let sounding: Vec<_> = chords.iter().filter_map(|at| at.chord).collect();
    let last = sounding.last()?;
    let mut guesses = find_keys(&pitch_weights(chords), KeyProfile::default());
    for guess in &mut guesses {
        let is_tonic =
            |root: PitchClass, is_minor: bool| root == guess.tonic && is_minor == (guess.scale == Scale::Minor);
        let cadences = sounding.windows(2).filter(|pair| {
            let falls_a_fifth = pair[0].above_root(5) == pair[1].root;
            pair[0].quality.is_dominant() && falls_a_fifth && is_tonic(pair[1].root, pair[1].quality.is_minor())
        });
        let share = cadences.count() as f64 / sounding.len() as f64;
        guess.score += CADENCE_BONUS * (share * 8.0).min(2.0);
        guess.score += if is_tonic(last.root, last.quality.is_minor()) { LAST_CHORD_BONUS } else { 0.0 };
    }
    guesses.into_iter().max_by(|a, b| a.score.total_cmp(&b.score))
}

/// The key of a tune, from its notes in the order of their onsets: MIDI key and beats each. Probe-tone ratings, and a
/// little for the last note being the tonic. `None` without notes.
pub fn key_of_notes(notes: impl IntoIterator<Item = (u8, f64)>) -> Option<KeyGuess> {
    let mut weights = [0.0; 12];
    let mut last = None;
    for (key, beats) in notes {
        weights[usize::from(key % 12)] += beats;
        last = Some(PitchClass::new(i32::from(key)));
    }
    let last = last?;
    let mut guesses = find_keys(&weights, KeyProfile::KrumhanslKessler);
    for guess in guesses.iter_mut().filter(|guess| guess.tonic == last) {
        guess.score += LAST_NOTE_BONUS;
    }
    // The first of equals, as `find_keys` sorts them.
    guesses.into_iter().reduce(|best, guess| if guess.score > best.score { guess } else { best })
}

/// The key of pitched parts together, as [`key_of_notes`] finds it; of notes that begin together the lowest is the last.
/// `None` where only drums play.
pub fn key_of_parts(parts: &[Part]) -> Option<KeyGuess> {
    let pitched = parts.iter().filter(|part| part.kind != PartKind::Drums);
    let mut notes: Vec<&Note> = pitched.flat_map(|part| &part.notes).collect();
    notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(b.key.cmp(&a.key)));
    key_of_notes(notes.into_iter().map(|note| (note.key, note.duration.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_chord_line, progressions};
    use take::Beats;

    fn key_of(line: &str) -> String {
        key_of_chords(&parse_chord_line(line, Beats(4.0)).unwrap()).unwrap().key().short_name()
    }

    #[test]
    fn keys_of_plain_progressions_are_found() {
        let cases = [
            ("C Am F G", "C"),
            ("Am F C G Am", "Am"),
            ("Dm7 G7 | Cmaj7", "C"),
            ("Bm7b5 E7 | Am6", "Am"),
            ("G Em C D7 | G", "G"),
            ("Ebmaj7 Cm7 | Fm7 Bb7 | Ebmaj7", "Eb"),
            ("F#m D A E | F#m", "F#m"),
            ("Cm Fm | G7 Cm", "Cm"),
            ("N.C. | D A D", "D"),
        ];
        for (line, key) in cases {
            assert_eq!(key_of(line), key, "{line}");
        }
        assert_eq!(key_of_chords(&parse_chord_line("N.C.", Beats(4.0)).unwrap()), None);
    }

    #[test]
    fn keys_of_tunes_are_found() {
        // The first lines of Twinkle Twinkle Little Star, and a minor scale down to its tonic.
        let twinkle = [60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60].map(|key| (key, 1.0));
        assert_eq!(key_of_notes(twinkle).unwrap().key().short_name(), "C");
        let falling = [81, 79, 77, 76, 74, 72, 71, 69].map(|key| (key, 1.0));
        assert_eq!(key_of_notes(falling).unwrap().key().short_name(), "Am");
        assert_eq!(key_of_notes([]), None);
    }

    #[test]
    fn a_scale_finds_its_own_key_by_either_profile() {
        for profile in [KeyProfile::KrumhanslKessler, KeyProfile::KostkaPayne] {
            for tonic in (0..12).map(PitchClass::new) {
                for scale in [Scale::Major, Scale::HarmonicMinor] {
                    let mask = crate::pitch_mask(tonic, scale);
                    let mut weights: [f64; 12] = std::array::from_fn(|pitch| f64::from(mask >> pitch & 1));
                    weights[usize::from(tonic.get())] += 0.5;
                    let best = find_keys(&weights, profile)[0];
                    let wanted = if scale == Scale::Major { Scale::Major } else { Scale::Minor };
                    assert_eq!((best.tonic, best.scale), (tonic, wanted), "{profile:?} {scale:?}");
                }
            }
        }
        assert!(find_keys(&[f64::NAN; 12], KeyProfile::default()).iter().all(|guess| guess.score == 0.0));
    }

    #[test]
    fn transposing_chords_transposes_the_key() {
        for progression in progressions() {
            let keys: Vec<_> = (0..12)
                .map(|up| {
                    let chords = progression.bars.realise(PitchClass::new(up), Beats(4.0));
                    let guess = key_of_chords(&chords).unwrap();
                    (PitchClass::new(i32::from(guess.tonic.get()) - up), guess.scale)
                })
                .collect();
            assert!(keys.iter().all(|key| *key == keys[0]), "{}: {keys:?}", progression.id);
        }
    }
}
