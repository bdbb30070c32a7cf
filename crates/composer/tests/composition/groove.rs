//! Groove transfer and humanising.
use super::notes;
use composer::groove::{Groove, humanise, transfer_groove};
use proptest::prelude::*;
use take::{Amount, Beats, Bpm, Meter, Note};

fn straight_eighths() -> Vec<Note> {
    notes(&(0..16).map(|step| (f64::from(step) * 0.5, 60)).collect::<Vec<_>>(), 0.5)
}

/// Off-beats late by 0.1 and soft.
fn leaning() -> Vec<Note> {
    let lean = |(index, note): (usize, Note)| match index % 2 {
        0 => Note { velocity: 110, ..note },
        _ => Note { start: Beats(note.start.0 + 0.1), velocity: 50, ..note },
    };
    straight_eighths().into_iter().enumerate().map(lean).collect()
}

#[test]
fn a_groove_is_laid_onto_another_part() {
    let played = transfer_groove(&leaning(), &straight_eighths(), Meter::FOUR_FOUR, Amount::FULL, Amount::FULL);
    for (index, note) in played.iter().enumerate() {
        let late = note.start.0 - index as f64 * 0.5;
        let wished = if index % 2 == 0 { 0.0 } else { 0.1 };
        assert!((late - wished).abs() < 1e-9, "{index}: {late}");
    }
    // 80 is the mean of 110 and 50; accents are relative to it.
    assert_eq!((played[0].velocity, played[1].velocity), (124, 56));
    let halfway = transfer_groove(&leaning(), &straight_eighths(), Meter::FOUR_FOUR, Amount::new(0.5), Amount::NONE);
    assert!((halfway[1].start.0 - 0.55).abs() < 1e-9 && halfway[1].velocity == 90);
}

#[test]
fn steps_nobody_played_lean_like_their_place_in_other_beats() {
    let mut source = leaning();
    source.retain(|note| note.start.0.fract() < 0.5 || note.start.0 < 1.0);
    let groove = Groove::of(&source, Meter::FOUR_FOUR);
    for off_beat in [2, 6, 10, 14] {
        assert!((groove.late_beats(off_beat) - 0.1).abs() < 1e-9, "{off_beat}");
    }
    assert_eq!(groove.late_beats(4), 0.0);
}

#[test]
fn a_note_just_before_the_bar_line_belongs_to_it() {
    let early = notes(&[(3.96, 60), (7.96, 60)], 0.25);
    let groove = Groove::of(&early, Meter::FOUR_FOUR);
    assert!((groove.late_beats(0) + 0.04).abs() < 1e-9);
    let played = groove.applied(&notes(&[(4.0, 60)], 1.0), Amount::FULL, Amount::NONE);
    assert!((played[0].start.0 - 3.96).abs() < 1e-9);
}

#[test]
fn no_groove_and_no_amount_change_nothing() {
    let straight = straight_eighths();
    assert_eq!(transfer_groove(&[], &straight, Meter::FOUR_FOUR, Amount::FULL, Amount::FULL), straight);
    assert_eq!(transfer_groove(&leaning(), &straight, Meter::FOUR_FOUR, Amount::NONE, Amount::NONE), straight);
    assert_eq!(humanise(&straight, Amount::NONE, Bpm::DEFAULT, 3), straight);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn humanising_keeps_order_chords_and_bounds(
        written in prop::collection::vec((0..64u8, 0..128u8), 1..60), amount in 0.0f32..=1.0, seed in any::<u64>(),
    ) {
        let mut written: Vec<(f64, u8)> = written.into_iter().map(|(step, key)| (f64::from(step) * 0.25, key)).collect();
        written.sort_by(|a, b| a.0.total_cmp(&b.0));
        let before = notes(&written, 0.25);
        let after = humanise(&before, Amount::new(amount), Bpm::DEFAULT, seed);
        prop_assert_eq!(&after, &humanise(&before, Amount::new(amount), Bpm::DEFAULT, seed));
        for (index, (old, new)) in before.iter().zip(&after).enumerate() {
            // 14 ms at 120 BPM.
            prop_assert!((old.start.0 - new.start.0).abs() <= 0.028 + 1e-9);
            prop_assert!(new.start.0 >= 0.0 && (1..=127).contains(&new.velocity) && new.key == old.key);
            if index > 0 {
                prop_assert!(after[index - 1].start <= new.start);
                prop_assert_eq!(before[index - 1].start == old.start, after[index - 1].start == new.start || before[index - 1].start == old.start);
                if before[index - 1].start == old.start {
                    prop_assert_eq!(after[index - 1].start, new.start);
                }
            }
        }
    }

    #[test]
    fn grooves_fit_every_meter(seed in any::<u64>(), upper in 1..=12i64, power in 2..=4u32) {
        let meter = Meter::new(upper, 1 << power).unwrap();
        let loose = humanise(&straight_eighths(), Amount::FULL, Bpm::DEFAULT, seed);
        let played = transfer_groove(&loose, &straight_eighths(), meter, Amount::FULL, Amount::FULL);
        prop_assert_eq!(played.len(), 16);
        for (old, new) in straight_eighths().iter().zip(&played) {
            prop_assert!((old.start.0 - new.start.0).abs() < 0.26, "{old:?} {new:?}");
        }
    }
}
