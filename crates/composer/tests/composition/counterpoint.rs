//! Species counterpoint: what is written against what the judge says, and the judge against known faults.
use super::notes;
use composer::counterpoint::{Cantus, CounterpointError, Rule, Side, Species, check, counterpoint};
use proptest::prelude::*;
use take::{PitchClass, Scale};
use theory::Key;

/// Fux's cantus in D.
fn fux() -> Cantus {
    let key = Key::new(PitchClass::new(2), Scale::Dorian);
    Cantus { key, keys: vec![62, 65, 64, 62, 67, 65, 69, 67, 65, 64, 62] }
}

const SCALES: [Scale; 5] = [Scale::Major, Scale::Minor, Scale::Dorian, Scale::Mixolydian, Scale::Phrygian];

fn whole_notes(keys: &[u8]) -> Vec<take::Note> {
    notes(&keys.iter().enumerate().map(|(bar, key)| (bar as f64 * 4.0, *key)).collect::<Vec<_>>(), 4.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_line_keeps_every_rule(
        tonic in 0..12i32, scale in 0..5usize, bars in 6..14usize, seed in any::<u64>(), species in 0..5usize, above: bool,
    ) {
        let key = Key::new(PitchClass::new(tonic), SCALES[scale]);
        let cantus = Cantus::by_chance(key, 55, bars, seed);
        let side = if above { Side::Above } else { Side::Below };
        let species = Species::ALL[species];
        let line = match counterpoint(&cantus, species, side, seed) {
            Ok(line) => line,
            Err(CounterpointError::NoLine) => return Ok(()),
            Err(other) => return Err(TestCaseError::fail(format!("{other}: {cantus:?}"))),
        };
        let faults = check(&cantus, &line, species, side);
        let keys: Vec<_> = line.iter().map(|note| (note.start.0, note.key)).collect();
        prop_assert!(faults.is_empty(), "{species:?} {side:?} {faults:?}\n{:?}\n{keys:?}", cantus.keys);
    }
}

#[test]
fn lines_are_found_against_nearly_every_cantus() {
    for species in Species::ALL {
        for side in [Side::Above, Side::Below] {
            let mut found = 0;
            for seed in 0..40 {
                let key = Key::new(PitchClass::new(seed as i32 % 12), SCALES[seed as usize % 5]);
                found += usize::from(counterpoint(&Cantus::by_chance(key, 55, 11, seed), species, side, seed).is_ok());
            }
            assert!(found >= 38, "{species:?} {side:?}: {found} of 40");
        }
    }
}

#[test]
fn fux_is_answered_in_every_species_above_and_below() {
    for species in Species::ALL {
        for side in [Side::Above, Side::Below] {
            let line =
                counterpoint(&fux(), species, side, 7).unwrap_or_else(|error| panic!("{species:?} {side:?}: {error}"));
            assert_eq!(check(&fux(), &line, species, side), []);
            let again = counterpoint(&fux(), species, side, 7).unwrap();
            assert_eq!(line, again);
        }
    }
}

#[test]
fn the_species_differ_in_their_rhythm() {
    let count = |species| counterpoint(&fux(), species, Side::Above, 3).unwrap().len();
    let counts = [Species::First, Species::Second, Species::Third, Species::Fourth].map(count);
    // Eleven bars: one note each; halves after a half rest; quarters after a quarter rest; a tie in each but the ends.
    assert_eq!(counts, [11, 20, 40, 11]);
    let florid = counterpoint(&fux(), Species::Fifth, Side::Above, 3).unwrap();
    let lengths: std::collections::BTreeSet<i64> = florid.iter().map(|note| note.duration.0 as i64).collect();
    assert!(lengths.len() >= 2, "{lengths:?}");
}

#[test]
fn fuxs_own_answer_has_no_fault() {
    // Gradus ad Parnassum, first species above the cantus in D.
    let line = whole_notes(&[69, 69, 67, 69, 71, 72, 72, 71, 74, 73, 74]);
    assert_eq!(check(&fux(), &line, Species::First, Side::Above), []);
}

/// The judge has to find what is wrong with `keys`, one note a bar above Fux's cantus.
fn rules_broken(keys: &[u8]) -> Vec<Rule> {
    check(&fux(), &whole_notes(keys), Species::First, Side::Above).into_iter().map(|fault| fault.rule).collect()
}

#[test]
fn the_judge_hears_each_fault() {
    let good = [69, 69, 67, 69, 71, 72, 72, 71, 74, 73, 74];
    let with = |changes: &[(usize, u8)]| {
        let mut keys = good;
        changes.iter().for_each(|&(bar, key)| keys[bar] = key);
        rules_broken(&keys)
    };
    // D-A then F-C and E-B: fifths in a row.
    assert!(with(&[(1, 72), (2, 71)]).contains(&Rule::Parallels));
    assert!(with(&[(1, 70)]).contains(&Rule::StrongDissonance), "a fourth");
    assert!(with(&[(1, 70)]).contains(&Rule::Scale), "B flat in D dorian");
    assert!(with(&[(9, 72)]).contains(&Rule::Close), "the leading tone is not raised");
    assert!(with(&[(10, 69)]).contains(&Rule::Close), "ends on the fifth");
    assert!(with(&[(0, 65)]).contains(&Rule::Opening), "begins on a third");
    assert!(with(&[(4, 79)]).contains(&Rule::Interval), "a leap of a minor seventh");
    assert!(with(&[(3, 60)]).contains(&Rule::Distance), "crosses");
    // F up to G in the cantus, A up to D above it: an octave by similar motion.
    assert!(with(&[(3, 69), (4, 79)]).contains(&Rule::DirectMotion));
    assert!(
        with(&[(1, 69), (2, 69), (3, 69)]).contains(&Rule::Repetition) || with(&[(2, 69)]).contains(&Rule::Repetition)
    );
}

#[test]
fn the_judge_hears_a_suspension_that_does_not_fall() {
    let cantus = fux();
    let mut line = counterpoint(&cantus, Species::Fourth, Side::Above, 5).unwrap();
    let held = |note: &take::Note| {
        let next = cantus.keys[(note.start.0 / 4.0) as usize + 1];
        !matches!(note.key.abs_diff(next) % 12, 0 | 3 | 4 | 7 | 8 | 9)
    };
    let index =
        (0..line.len() - 2).find(|&index| line[index].duration.0 == 4.0 && held(&line[index])).expect("a suspension");
    line[index + 1].key = line[index].key + 3;
    let faults = check(&cantus, &line, Species::Fourth, Side::Above);
    assert!(faults.iter().any(|fault| fault.rule == Rule::Suspension), "{faults:?}");
}

#[test]
fn the_judge_hears_a_leap_from_a_dissonance_and_a_wrong_rhythm() {
    let cantus = fux();
    let mut line = counterpoint(&cantus, Species::Third, Side::Above, 5).unwrap();
    let is_dissonant = |note: &take::Note| {
        let under = cantus.keys[(note.start.0 / 4.0) as usize];
        !matches!(note.key.abs_diff(under) % 12, 0 | 3 | 4 | 7 | 8 | 9)
    };
    let index = line.iter().position(is_dissonant).expect("a passing note");
    line[index + 1].key = line[index].key + 5;
    assert!(check(&cantus, &line, Species::Third, Side::Above).iter().any(|fault| fault.rule == Rule::WeakDissonance));
    let halves = counterpoint(&cantus, Species::Second, Side::Above, 5).unwrap();
    assert!(check(&cantus, &halves, Species::First, Side::Above).iter().any(|fault| fault.rule == Rule::Rhythm));
    assert_eq!(check(&cantus, &[], Species::First, Side::Above)[0].rule, Rule::Rhythm);
}

#[test]
fn a_phrygian_close_raises_nothing() {
    let key = Key::new(PitchClass::new(4), Scale::Phrygian);
    let cantus = Cantus { key, keys: vec![64, 67, 69, 67, 65, 64] };
    let plain = whole_notes(&[71, 71, 72, 71, 74, 76]);
    let raised = whole_notes(&[71, 71, 72, 71, 75, 76]);
    let scale_faults = |line: &[take::Note]| {
        check(&cantus, line, Species::First, Side::Above).iter().filter(|fault| fault.rule == Rule::Scale).count()
    };
    assert_eq!((scale_faults(&plain), scale_faults(&raised)), (0, 1));
    for species in Species::ALL {
        let line = counterpoint(&cantus, species, Side::Above, 1).unwrap();
        assert_eq!(line[line.len() - 2].key % 12, 2, "{species:?}");
    }
}

#[test]
fn bad_cantus_are_refused() {
    let key = Key::new(PitchClass::new(0), Scale::Major);
    let refused =
        |keys: &[u8]| counterpoint(&Cantus { key, keys: keys.to_vec() }, Species::First, Side::Above, 1).unwrap_err();
    assert_eq!(refused(&[60, 62, 60]), CounterpointError::Length { bars: 3 });
    assert_eq!(refused(&[60, 62, 64, 67]), CounterpointError::NoClose);
    assert_eq!(refused(&[120, 122, 122, 120]), CounterpointError::NoRoom);
}
