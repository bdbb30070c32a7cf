use super::*;
use crate::{Chord, Register};
use proptest::prelude::*;
use take::PitchClass;

const SATB: Register = Register { low: 41, high: 79, max_voices: 4 };

fn chords(line: &str) -> Vec<Chord> {
    line.split_whitespace().map(|symbol| Chord::parse(symbol).unwrap()).collect()
}

fn up(chords: &[Chord], semitones: i32) -> Vec<Chord> {
    let raised = |pitch: PitchClass| PitchClass::new(i32::from(pitch.get()) + semitones);
    let chord = |chord: &Chord| Chord { root: raised(chord.root), bass: chord.bass.map(raised), ..*chord };
    chords.iter().map(chord).collect()
}

#[test]
fn cadences_in_every_key_break_no_rule() {
    for line in ["C F G C", "C Am Dm G7 C", "Dm7 G7 Cmaj7 A7 Dm7 G7 C6", "Am Dm E7 Am", "C/E F G7 Am", "Bdim7 C E7 Am"]
    {
        for semitones in 0..12 {
            let chords = up(&chords(line), semitones);
            let voices = lead_voices(&chords, SATB, LeadingRules::CHORALE);
            assert_eq!(violations(&chords, &voices, LeadingRules::CHORALE), [], "{line} up {semitones}: {voices:?}");
        }
    }
}

#[test]
fn contrary_motion_is_kept_when_asked_for() {
    let rules = LeadingRules::CHORALE.with(LeadingRule::Contrary);
    let chords = chords("C F G C Am Dm G C");
    let voices = lead_voices(&chords, SATB, rules);
    assert_eq!(violations(&chords, &voices, rules), [], "{voices:?}");
}

#[test]
fn the_checker_names_each_fault() {
    let faults = |line: &str, voices: [[u8; 4]; 2]| -> Vec<(LeadingRule, (usize, usize))> {
        let all = LeadingRule::ALL.into_iter().fold(LeadingRules::NONE, LeadingRules::with);
        let found = violations(&chords(line), &voices.map(Vec::from), all);
        found.iter().map(|fault| (fault.rule, fault.voices)).collect()
    };
    // C E G C -> D F A D: every voice up a tone.
    assert_eq!(
        faults("C Dm", [[48, 52, 55, 60], [50, 53, 57, 62]]),
        [
            (LeadingRule::NoParallelFifths, (0, 2)),
            (LeadingRule::NoParallelOctaves, (0, 3)),
            (LeadingRule::Contrary, (0, 3)),
        ]
    );
    // B falls a third, F rises.
    assert_eq!(
        faults("G7 C", [[43, 53, 59, 62], [48, 55, 55, 64]]),
        [
            (LeadingRule::SeventhsResolve, (1, 1)),
            (LeadingRule::LeadingTonesResolve, (2, 2)),
            (LeadingRule::Contrary, (0, 3)),
        ]
    );
    assert_eq!(faults("C C", [[48, 52, 55, 60], [48, 55, 64, 72]])[0], (LeadingRule::Smooth, (2, 2)));
    assert_eq!(faults("G7 C", [[43, 53, 59, 62], [48, 52, 60, 60]]), []);
}

#[test]
fn dominants_in_a_row_may_slide_down() {
    let chords = chords("E7 A7 D7 G7 C");
    let voices = lead_voices(&chords, Register { low: 40, high: 76, max_voices: 5 }, LeadingRules::JAZZ);
    assert_eq!(violations(&chords, &voices, LeadingRules::JAZZ), [], "{voices:?}");
}

#[test]
fn odd_registers_still_give_voices() {
    let chords = chords("C13 Fm7b5/B G");
    for (low, high, max_voices) in [(0, 12, 6), (120, 127, 4), (127, 0, 3), (60, 60, 0), (0, 127, 99)] {
        let voices = lead_voices(&chords, Register { low, high, max_voices }, LeadingRules::CHORALE);
        assert_eq!(voices.len(), 3);
        assert!(voices.iter().all(|keys| keys.len() == max_voices.clamp(2, 6) && keys.iter().all(|&key| key < 128)));
    }
    assert!(lead_voices(&[], SATB, LeadingRules::NONE).is_empty());
}

const SYMBOLS: [&str; 16] =
    ["C", "Dm", "Em", "F", "G", "Am", "Bdim", "Dm7", "G7", "Cmaj7", "E7", "A7b9", "Bb7", "F#m7b5", "C/E", "G7/F"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rules_are_broken_no_more_than_without_them(picked in prop::collection::vec(prop::sample::select(&SYMBOLS[..]), 2..8)) {
        let chords = chords(&picked.join(" "));
        let count = |rules| {
            let voices = lead_voices(&chords, SATB, rules);
            for (chord, keys) in chords.iter().zip(&voices) {
                prop_assert_eq!(keys[0] % 12, chord.bass_note().get());
                prop_assert!(keys.is_sorted() && keys.iter().all(|key| chord.mask() >> (key % 12) & 1 == 1));
            }
            Ok(violations(&chords, &voices, LeadingRules::CHORALE).len())
        };
        prop_assert!(count(LeadingRules::CHORALE)? <= count(LeadingRules::NONE)?);
    }
}
