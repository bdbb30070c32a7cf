//! Chords under melodies.
use super::{STYLES, notes, style};
use composer::harmonise::{HarmoniseError, HarmoniseSpec, Palette, harmonise};
use composer::{Changes, ChangesError};
use proptest::prelude::*;
use take::{Meter, Note, PitchClass, Scale};
use theory::{Chord, Key};

const C_MAJOR: (i32, Scale) = (0, Scale::Major);

fn spec<'s>((tonic, scale): (i32, Scale), palette: Palette<'s>) -> HarmoniseSpec<'s> {
    HarmoniseSpec { key: Some(Key::new(PitchClass::new(tonic), scale)), palette, chords_per_bar: 1, seed: 1 }
}

fn symbols(changes: &Changes) -> Vec<String> {
    changes.spans().into_iter().map(|span| span.symbol).collect()
}

/// Share of the sounding time that is in the chord.
fn share_in_chords(melody: &[Note], changes: &Changes) -> f64 {
    let total: f64 = melody.iter().map(|note| note.duration.0).sum();
    let inside = melody.iter().filter(|note| changes.tones_at(note.start) & 1 << (note.key % 12) != 0);
    inside.map(|note| note.duration.0).sum::<f64>() / total
}

/// Frere Jacques, eight bars of 4/4 in C.
fn frere_jacques() -> Vec<Note> {
    let quarters = [60, 62, 64, 60, 60, 62, 64, 60, 64, 65, 67, 67, 64, 65, 67, 67];
    let mut tune = notes(&quarters.iter().enumerate().map(|(i, key)| (i as f64, *key)).collect::<Vec<_>>(), 1.0);
    for bar in [4.0, 5.0] {
        let run = [(0.0, 67), (0.5, 69), (1.0, 67), (1.5, 65), (2.0, 64), (3.0, 60)];
        tune.extend(notes(&run.map(|(at, key)| (bar * 4.0 + at, key)), 0.5));
    }
    for bar in [6.0, 7.0] {
        tune.extend(notes(&[(0.0, 60), (1.0, 55), (2.0, 60)].map(|(at, key)| (bar * 4.0 + at, key)), 1.0));
    }
    tune
}

#[test]
fn a_cadence_is_found_under_a_melody_that_spells_it() {
    // C E G, F A C, G B D, C: one chord a bar.
    let spelled = [
        (0.0, 60),
        (1.0, 64),
        (2.0, 67),
        (4.0, 65),
        (5.0, 69),
        (6.0, 72),
        (8.0, 67),
        (9.0, 71),
        (10.0, 74),
        (12.0, 72),
    ];
    let melody = notes(&spelled, 1.0);
    let changes = harmonise(&melody, Meter::FOUR_FOUR, 4, &spec(C_MAJOR, Palette::Functional)).unwrap();
    assert_eq!(symbols(&changes)[..2], ["C", "F"]);
    assert!(["G", "G7"].contains(&symbols(&changes)[2].as_str()), "{:?}", symbols(&changes));
    assert_eq!(symbols(&changes)[3], "C");
}

#[test]
fn a_folk_tune_is_heard_in_its_key_and_fits() {
    let melody = frere_jacques();
    let free = HarmoniseSpec { key: None, ..spec(C_MAJOR, Palette::Functional) };
    let changes = harmonise(&melody, Meter::FOUR_FOUR, 8, &free).unwrap();
    assert_eq!((changes.key.tonic.get(), changes.key.scale), (0, Scale::Major));
    assert!(share_in_chords(&melody, &changes) > 0.7, "{:?}", symbols(&changes));
    assert_eq!(symbols(&changes).last().unwrap(), "C");
}

#[test]
fn styles_harmonise_with_their_own_chords() {
    let melody = frere_jacques();
    let sevenths = |id: &str| {
        let changes = harmonise(&melody, Meter::FOUR_FOUR, 8, &spec(C_MAJOR, Palette::Style(style(id)))).unwrap();
        let chords: Vec<Chord> = changes.chords().map(|(_, chord)| chord).collect();
        chords.iter().filter(|chord| chord.quality.intervals().len() > 3).count() as f64 / chords.len() as f64
    };
    assert!(sevenths("jazz") > 0.9, "{}", sevenths("jazz"));
    assert!(sevenths("rock") < 0.5, "{}", sevenths("rock"));
}

#[test]
fn a_played_texture_is_heard_as_what_it_is() {
    let chords = ["Dm7", "G7", "Cmaj7", "A7"];
    let mut texture = Vec::new();
    for (bar, symbol) in chords.iter().enumerate() {
        let chord = Chord::parse(symbol).unwrap();
        let at = bar as f64 * 4.0;
        texture.extend(notes(&[(at, 36 + chord.root.get())], 4.0));
        let intervals = chord.quality.intervals();
        let tones: Vec<(f64, u8)> = intervals.iter().map(|tone| (at, 60 + (chord.root.get() + tone) % 12)).collect();
        texture.extend(notes(&tones, 4.0));
    }
    let heard = harmonise(&texture, Meter::FOUR_FOUR, 4, &spec(C_MAJOR, Palette::Any)).unwrap();
    assert_eq!(symbols(&heard), chords);
}

#[test]
fn silence_and_endless_music_are_refused() {
    let spec = spec(C_MAJOR, Palette::Functional);
    assert_eq!(harmonise(&[], Meter::FOUR_FOUR, 4, &spec).unwrap_err(), HarmoniseError::NoNotes);
    let refused = harmonise(&frere_jacques(), Meter::FOUR_FOUR, 2000, &spec).unwrap_err();
    assert_eq!(refused, HarmoniseError::Changes(ChangesError::Length { bars: 2000 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_melody_gets_chords_that_close_on_the_tonic(
        keys in prop::collection::vec(48..84u8, 4..40), style in 0..19usize, tonic in 0..12i32, minor: bool, two: bool,
    ) {
        let melody = notes(&keys.iter().enumerate().map(|(i, key)| (i as f64 / 2.0, *key)).collect::<Vec<_>>(), 0.5);
        let scale = if minor { Scale::Minor } else { Scale::Major };
        let palette = STYLES.get(style).map_or(Palette::Functional, Palette::Style);
        let spec = HarmoniseSpec { chords_per_bar: if two { 2 } else { 1 }, ..spec((tonic, scale), palette) };
        let changes = harmonise(&melody, Meter::FOUR_FOUR, 6, &spec).unwrap();
        prop_assert_eq!(changes.num_bars, 6);
        if style >= 18 {
            let last = changes.chords().last().unwrap().1;
            prop_assert_eq!(i32::from(last.root.get()), tonic);
        }
        prop_assert_eq!(symbols(&changes), symbols(&harmonise(&melody, Meter::FOUR_FOUR, 6, &spec).unwrap()));
    }
}
