//! Bars and parts composed anew beside those that stay.
use super::STYLES;
use composer::regenerate::{Anew, Origin, regenerate};
use composer::{Changes, Composition, compose, understand};
use proptest::prelude::*;
use take::{Note, Part, PartKind, StyleId, TakeSpec};
use theory::Key;

fn take(style: usize, seed: u64) -> (TakeSpec, Composition, Changes) {
    let spec = TakeSpec::new(StyleId::built_in(style), STYLES[style].tempo, seed);
    let composition = compose(&spec, &STYLES[style], &understand(""));
    let key = Key::new(composition.key, composition.scale);
    let changes = Changes::from_spans(key, spec.meter, usize::from(spec.bars.get()), &composition.chords).unwrap();
    (spec, composition, changes)
}

fn bits(notes: impl Iterator<Item = Note>) -> Vec<(u64, u64, u8, u8)> {
    notes.map(|note| (note.start.0.to_bits(), note.duration.0.to_bits(), note.key, note.velocity)).collect()
}

fn split(part: &Part, from: f64, to: f64) -> (Vec<Note>, Vec<Note>) {
    part.notes.iter().partition(|note| (from..to).contains(&note.start.0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn outside_the_chosen_bars_nothing_changes_a_bit(
        style in 0..18usize, seed in any::<u64>(), first in 0..8usize, count in 1..=8usize, kind in 0..5usize,
    ) {
        let (spec, composition, changes) = take(style, seed);
        let kind = PartKind::ALL[kind];
        let anew = Anew { parts: vec![kind], bars: first..first + count };
        let origin = Origin { changes: &changes, spec: &spec, style: &STYLES[style], hints: &understand("") };
        let result = regenerate(&composition.parts, &origin, &anew, seed ^ 77);
        let (from, to) = (first as f64 * 4.0, ((first + count).min(8)) as f64 * 4.0);
        for old in &composition.parts {
            let new = result.iter().find(|part| part.kind == old.kind).expect("a part went away");
            if old.kind != kind {
                prop_assert_eq!(old, new);
                continue;
            }
            let (old_inside, old_outside) = split(old, from, to);
            let (new_inside, new_outside) = split(new, from, to);
            prop_assert_eq!(bits(old_outside.into_iter()), bits(new_outside.into_iter()));
            prop_assert!(new.notes.windows(2).all(|pair| (pair[0].start, pair[0].key) <= (pair[1].start, pair[1].key)));
            // Humanising alone makes two tries differ wherever something is played.
            let is_silent = old_inside.is_empty() && new_inside.is_empty();
            prop_assert!(is_silent || bits(old_inside.into_iter()) != bits(new_inside.into_iter()), "{:?}", kind);
            if matches!(kind, PartKind::Bass | PartKind::Melody) {
                let inside = |note: &Note| (from..to).contains(&note.start.0);
                for pair in new.notes.windows(2).filter(|pair| inside(&pair[0]) || inside(&pair[1])) {
                    prop_assert!(pair[0].start.0 + pair[0].duration.0 <= pair[1].start.0 + 1e-9, "{pair:?}");
                }
            }
        }
    }
}

#[test]
fn a_new_melody_has_other_keys_over_the_same_chords() {
    let jazz = STYLES.iter().position(|style| style.id == "jazz").unwrap();
    let (spec, composition, changes) = take(jazz, 4);
    let origin = Origin { changes: &changes, spec: &spec, style: &STYLES[jazz], hints: &understand("") };
    let anew = Anew { parts: vec![PartKind::Melody], bars: 2..6 };
    let result = regenerate(&composition.parts, &origin, &anew, 99);
    let keys = |parts: &[Part]| -> Vec<u8> {
        let notes = super::part_of(parts, PartKind::Melody).iter().filter(|note| (8.0..24.0).contains(&note.start.0));
        notes.map(|note| note.key).collect()
    };
    assert_ne!(keys(&composition.parts), keys(&result));
    assert!(!keys(&result).is_empty());
}

#[test]
fn a_part_that_was_not_there_is_added() {
    let (spec, mut composition, changes) = take(10, 4);
    composition.parts.retain(|part| part.kind != PartKind::Bass);
    let origin = Origin { changes: &changes, spec: &spec, style: &STYLES[10], hints: &understand("") };
    let anew = Anew { parts: vec![PartKind::Bass], bars: 0..4 };
    let result = regenerate(&composition.parts, &origin, &anew, 1);
    let bass = super::part_of(&result, PartKind::Bass);
    assert!(!bass.is_empty() && bass.iter().all(|note| note.start.0 < 16.0));
}

#[test]
fn a_sparse_part_is_tried_again_until_something_sounds() {
    let dub = STYLES.iter().position(|style| style.id == "dub").unwrap();
    // All this texture plays lies in one bar, and the first other seed leaves that bar empty.
    let seed = 14_073_733_081_570_568_399;
    let (spec, composition, changes) = take(dub, seed);
    let before = super::part_of(&composition.parts, PartKind::Texture);
    assert!(!before.is_empty() && before.iter().all(|note| (24.0..28.0).contains(&note.start.0)));
    let origin = Origin { changes: &changes, spec: &spec, style: &STYLES[dub], hints: &understand("") };
    let anew = Anew { parts: vec![PartKind::Texture], bars: 6..7 };
    let result = regenerate(&composition.parts, &origin, &anew, seed ^ 77);
    let after = super::part_of(&result, PartKind::Texture);
    assert!(!after.is_empty() && after != before);
}
