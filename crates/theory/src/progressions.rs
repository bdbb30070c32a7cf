//! The library of progressions: `assets/progressions.toml`, read once.
use crate::chord_bars::ChordBars;
use serde::Deserialize;
use std::sync::LazyLock;
use take::Scale;

/// Embedded: the library is part of the program.
const SOURCE: &str = include_str!("../../../assets/progressions.toml");

/// A progression by name; [`ChordBars::realise`] puts it into a key.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedProgression {
    /// Permanent id: `rhythm_changes`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Where it is at home.
    pub family: ProgressionFamily,
    /// What a melody over it is made of.
    pub scale: Scale,
    /// Its numerals.
    pub bars: ChordBars,
}

/// Kinds of progression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the field's own names")]
pub enum ProgressionFamily {
    Common,
    Jazz,
    Blues,
    Modal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    progression: Vec<NamedProgression>,
}

/// The whole library, in the order of the file.
pub fn progressions() -> &'static [NamedProgression] {
    // A test reads the embedded text, so that it is good here; a broken one would be an empty library.
    static LIBRARY: LazyLock<Vec<NamedProgression>> =
        LazyLock::new(|| toml::from_str(SOURCE).map_or_else(|_| Vec::new(), |file: File| file.progression));
    &LIBRARY
}

/// The progression with this id.
pub fn progression(id: &str) -> Option<&'static NamedProgression> {
    progressions().iter().find(|progression| progression.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chord, Key, parse_chord_line, print_chord_line};
    use take::{Beats, PitchClass};

    const BAR: Beats = Beats(4.0);

    fn line(id: &str, tonic: &str) -> String {
        let (tonic, _) = crate::parse_note_name(tonic).unwrap();
        let progression = progression(id).unwrap();
        print_chord_line(&progression.bars.realise(tonic.pitch(), BAR), BAR, &Key::named(tonic, progression.scale))
    }

    #[test]
    fn the_library_can_be_read_and_ids_are_unique() {
        let file: File = toml::from_str(SOURCE).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file.progression.len(), progressions().len());
        for (index, one) in progressions().iter().enumerate() {
            assert!(progressions()[..index].iter().all(|other| other.id != one.id), "{} twice", one.id);
            assert!(one.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", one.id);
        }
        for family in
            [ProgressionFamily::Common, ProgressionFamily::Jazz, ProgressionFamily::Blues, ProgressionFamily::Modal]
        {
            assert!(progressions().iter().filter(|one| one.family == family).count() >= 7, "{family:?}");
        }
    }

    #[test]
    fn known_progressions_come_out_in_their_keys() {
        assert_eq!(line("turnaround", "C"), "Cmaj7 Am7 | Dm7 G7");
        assert_eq!(line("two_five_one", "Ab"), "Bbm7 | Eb7 | Abmaj7 | Abmaj7");
        assert_eq!(line("andalusian", "A"), "Am | G | F | E");
        assert_eq!(line("backdoor", "C"), "Fm7 | Bb7 | Cmaj7 | Cmaj7");
        let giant = "Bmaj7 D7 | Gmaj7 A#7 | D#maj7 | Am7 D7 | Gmaj7 A#7 | D#maj7 F#7 | Bmaj7 | E#m7 A#7";
        assert!(line("coltrane_cycle", "B").starts_with(giant), "{}", line("coltrane_cycle", "B"));
        assert_eq!(line("blues", "E").split(" | ").count(), 12);
        assert_eq!(line("rhythm_changes", "Bb").split(" | ").count(), 32);
        assert!(line("rhythm_changes", "Bb").starts_with("Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 | Bb7 Bb7/D | Eb6 Edim7"));
    }

    #[test]
    fn every_progression_reads_back_from_its_own_print_in_every_key() {
        for progression in progressions() {
            for tonic in (0..12).map(PitchClass::new) {
                for bar in [BAR, Beats(3.5)] {
                    let chords = progression.bars.realise(tonic, bar);
                    let end = chords.last().map_or(0.0, |last| last.start.0 + last.duration.0);
                    assert!((end - progression.bars.0.len() as f64 * bar.0).abs() < 1e-9, "{}", progression.id);
                    let printed = print_chord_line(&chords, bar, &Key::new(tonic, progression.scale));
                    let read = parse_chord_line(&printed, bar).unwrap_or_else(|error| panic!("{printed}: {error}"));
                    let symbols =
                        |line: &[crate::ChordAt]| line.iter().filter_map(|at| at.chord).collect::<Vec<Chord>>();
                    assert_eq!(symbols(&read), symbols(&chords), "{printed}");
                }
            }
        }
    }
}
