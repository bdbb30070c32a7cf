//! Melodies over chords.
use super::{STYLES, changes, notes};
use composer::Changes;
use composer::tune::{Character, Contour, TuneError, TuneSpec, answer, generate, go_on, interpolate};
use proptest::prelude::*;
use take::{Amount, Beats, Meter, Note, Scale};

const LINES: [(&str, i32, Scale); 4] = [
    ("Cmaj7 Am7 Dm7 G7 Em7 A7 Dm7 G7", 0, Scale::Major),
    ("Am F C G Am F E7 Am", 9, Scale::Minor),
    ("F7 Bb7 F7 F7 Bb7 Bb7 F7 C7", 5, Scale::Mixolydian),
    ("Ebm9 Ab13 Dbmaj7 Gbmaj7 Cm7b5 F7b9 Bbm Bbm", 1, Scale::Major),
];

fn line(index: usize, meter: Meter) -> Changes {
    let (symbols, tonic, scale) = LINES[index];
    changes(tonic, scale, meter, symbols)
}

fn is_in(mask: u16, note: &Note) -> bool {
    mask & 1 << (note.key % 12) != 0
}

/// The line's keys of scale and chords, and chord tones on strong beats.
fn assert_fits(tune: &[Note], changes: &Changes) {
    for note in tune {
        let is_on_grid = (note.start.0 * 4.0).fract() == 0.0;
        let is_strong = is_on_grid && changes.strength_at(note.start) >= 2 || note.duration.0 >= 1.0;
        if is_strong {
            assert!(is_in(changes.tones_at(note.start), note), "{note:?} on {:?}", changes.chord_at(note.start));
        }
        let next = Beats(note.start.0 + 0.5);
        assert!(is_in(changes.allowed_at(note.start) | changes.tones_at(next), note), "{note:?}");
    }
}

fn assert_sings(tune: &[Note], end: f64) {
    for pair in tune.windows(2) {
        assert!(pair[0].start.0 + pair[0].duration.0 <= pair[1].start.0 + 1e-9, "{pair:?}");
    }
    assert!(tune.iter().all(|note| note.duration.0 > 0.0 && note.start.0 < end), "{tune:?}");
}

/// How alike two sequences rise and fall, -1.0..=1.0 (Pearson).
fn likeness(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (a_mean, b_mean) = (mean(a), mean(b));
    let product =
        |x: &[f64], xm: f64, y: &[f64], ym: f64| -> f64 { x.iter().zip(y).map(|(x, y)| (x - xm) * (y - ym)).sum() };
    product(a, a_mean, b, b_mean) / (product(a, a_mean, a, a_mean) * product(b, b_mean, b, b_mean)).sqrt()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tunes_fit_their_chords_and_stay_in_their_range(
        which in 0..4usize, style in 0..18usize, seed in any::<u64>(), contour in 0..5usize, dial in 0.0f32..=1.0,
        meter in prop::sample::select(vec![(4, 4), (3, 4), (6, 8), (7, 8)]),
    ) {
        let changes = line(which, Meter::new(meter.0, meter.1).unwrap());
        let character = Character::of_style(&STYLES[style], &changes);
        let spec = TuneSpec { contour: Contour::ALL[contour], complexity: Amount::new(dial), ..TuneSpec::new(seed) };
        let tune = generate(&changes, &character, &spec);
        prop_assert!(!tune.is_empty());
        assert_fits(&tune, &changes);
        assert_sings(&tune, changes.num_beats().0);
        prop_assert!(tune.iter().all(|note| (character.low..=character.high).contains(&note.key)), "{tune:?}");
        prop_assert_eq!(&tune, &generate(&changes, &character, &spec));
        let widest = tune.windows(2).map(|pair| pair[0].key.abs_diff(pair[1].key)).max().unwrap_or(0);
        prop_assert!(widest <= 12, "a leap of {widest}");
    }

    #[test]
    fn going_on_keeps_what_was_given_and_its_register(which in 0..4usize, style in 0..18usize, seed in any::<u64>()) {
        let changes = line(which, Meter::FOUR_FOUR);
        let character = Character::of_style(&STYLES[style], &changes);
        let mut given = generate(&changes, &character, &TuneSpec::new(seed));
        given.retain(|note| note.start.0 < 8.0);
        prop_assume!(!given.is_empty());
        let whole = go_on(&given, &changes, seed ^ 1).unwrap();
        prop_assert_eq!(&whole[..given.len()], &given[..]);
        let fresh = &whole[given.len()..];
        prop_assert!(!fresh.is_empty());
        let bar_after = given.iter().map(|note| (note.start.0 / 4.0).floor() * 4.0 + 4.0).fold(0.0, f64::max);
        prop_assert!(fresh.iter().all(|note| note.start.0 >= bar_after), "{fresh:?}");
        assert_fits(fresh, &changes);
        let (low, high) = given.iter().fold((127, 0), |(low, high), note| (note.key.min(low), note.key.max(high)));
        let room = 8;
        prop_assert!(fresh.iter().all(|note| (low - room..=high + room).contains(&note.key)), "{low} {high} {fresh:?}");
    }

    #[test]
    fn an_answer_takes_the_bars_after_the_call_and_closes(which in 0..4usize, style in 0..18usize, seed in any::<u64>()) {
        let changes = line(which, Meter::FOUR_FOUR);
        let character = Character::of_style(&STYLES[style], &changes);
        let mut call = generate(&changes, &character, &TuneSpec::new(seed));
        call.retain(|note| note.start.0 < 8.0);
        prop_assume!(call.iter().any(|note| note.start.0 >= 4.0) && call.iter().any(|note| note.start.0 < 3.0));
        let response = answer(&call, &changes, seed).unwrap();
        prop_assert!(!response.is_empty());
        prop_assert!(response.iter().all(|note| (8.0..16.0).contains(&note.start.0)), "{response:?}");
        assert_fits(&response, &changes);
        let last = response.last().unwrap();
        prop_assert!(is_in(changes.tones_at(last.start), last));
        // The rhythm of the call is heard again, but for the breath at the end.
        let rhythm: Vec<f64> = call.iter().map(|note| note.start.0 + 8.0).filter(|start| *start < 15.0).collect();
        let answered: Vec<f64> = response.iter().map(|note| note.start.0).collect();
        if !rhythm.is_empty() {
            prop_assert_eq!(answered, rhythm);
        }
    }

    #[test]
    fn each_step_between_two_tunes_is_nearer_to_the_second(
        which in 0..4usize, styles in (0..18usize, 0..18usize), seed in any::<u64>(), num_steps in 3..9usize,
    ) {
        let changes = line(which, Meter::FOUR_FOUR);
        let tune = |style: usize, seed| generate(&changes, &Character::of_style(&STYLES[style], &changes), &TuneSpec::new(seed));
        let (a, b) = (tune(styles.0, seed), tune(styles.1, seed.wrapping_add(1)));
        let steps = interpolate(&a, &b, &changes, num_steps);
        prop_assert_eq!(steps.len(), num_steps);
        prop_assert_eq!(&steps[0], &a);
        prop_assert_eq!(&steps[num_steps - 1], &b);
        for step in &steps {
            assert_sings(step, changes.num_beats().0);
            for note in step {
                let is_an_end = a.iter().chain(&b).any(|end| end.key == note.key);
                prop_assert!(is_an_end || is_in(changes.allowed_at(note.start), note), "{note:?}");
            }
        }
        // Notes that both tunes share are there all the way; foreign ones of the first never come back.
        let only_first = |step: &[Note]| a.iter().filter(|note| !b.contains(note) && step.contains(note)).count();
        let only_second = |step: &[Note]| b.iter().filter(|note| !a.contains(note) && step.contains(note)).count();
        let (first, last) = (&steps[1], &steps[num_steps - 2]);
        prop_assert!(only_first(first) >= only_first(last), "{} < {}", only_first(first), only_first(last));
        prop_assert!(only_second(first) <= only_second(last), "{} > {}", only_second(first), only_second(last));
    }
}

#[test]
fn the_contour_is_heard() {
    let changes = line(0, Meter::FOUR_FOUR);
    let character = Character::of_style(super::style("jazz"), &changes);
    for contour in [Contour::Arch, Contour::Valley, Contour::Rising, Contour::Falling] {
        let mut total = 0.0;
        for seed in 0..40 {
            let spec = TuneSpec { contour, span_semitones: 7.0, ..TuneSpec::new(seed) };
            let tune = generate(&changes, &character, &spec);
            let keys: Vec<f64> = tune.iter().map(|note| f64::from(note.key)).collect();
            let wished: Vec<f64> = tune
                .iter()
                .map(|note| f64::from(contour.height((note.start.0 / changes.num_beats().0) as f32)))
                .collect();
            total += likeness(&keys, &wished);
        }
        assert!(total / 40.0 > 0.5, "{contour:?}: {}", total / 40.0);
    }
}

#[test]
fn other_seeds_give_other_tunes() {
    let changes = line(1, Meter::FOUR_FOUR);
    let character = Character::of_style(super::style("pop"), &changes);
    let tunes: Vec<Vec<Note>> = (0..20).map(|seed| generate(&changes, &character, &TuneSpec::new(seed))).collect();
    let different = tunes.iter().enumerate().filter(|(index, tune)| !tunes[..*index].contains(tune)).count();
    assert!(different >= 18, "{different} of 20");
}

#[test]
fn silence_and_full_bars_cannot_be_gone_on_with() {
    let changes = line(0, Meter::FOUR_FOUR);
    assert_eq!(go_on(&[], &changes, 1), Err(TuneError::NoNotes));
    assert_eq!(answer(&[], &changes, 1), Err(TuneError::NoNotes));
    let full = notes(&[(0.0, 60), (31.0, 64)], 1.0);
    assert_eq!(go_on(&full, &changes, 1), Err(TuneError::NoRoom { given: 8, bars: 8 }));
}

#[test]
fn halfway_notes_pass_through_the_scale_in_order() {
    let changes = changes(0, Scale::Major, Meter::FOUR_FOUR, "C");
    let (a, b) = (notes(&[(0.0, 60)], 1.0), notes(&[(0.0, 72)], 1.0));
    let keys: Vec<u8> = interpolate(&a, &b, &changes, 5).iter().map(|step| step[0].key).collect();
    assert!([0, 2, 4, 5, 7, 9, 11].contains(&(keys[2] % 12)), "{keys:?}");
    assert_eq!((keys[0], keys[4]), (60, 72));
    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
}
