use super::*;
use crate::style_book::StyleBook;
use models::midi_model::{DRUM_CHANNEL, MidiModelNote};
use take::{Amount, BarCount, Meter, PartKind, PitchClass, Scale};

fn entry(style: &str) -> Arc<StyleEntry> {
    let dir = tempfile::tempdir().unwrap();
    StyleBook::load(dir.path()).get(&StyleId::from(style)).unwrap()
}

fn spec(style: &str, prompt: &str) -> TakeSpec {
    let spec = TakeSpec::new(StyleId::from(style), Bpm::DEFAULT, 3);
    TakeSpec {
        prompt: prompt.to_owned(),
        bars: BarCount::new(2).unwrap(),
        key: Some(PitchClass::new(0)),
        scale: Some(Scale::Major),
        ..spec
    }
}

fn asked(spec: &TakeSpec) -> Result<Asked, ProviderError> {
    let settings = MidiModelSettings::new(RuntimeSearch::default(), PathBuf::new());
    Asked::of(spec, &entry(spec.style.as_str()), &settings)
}

fn note(channel: u8, start_beats: f64, key: u8) -> MidiModelNote {
    MidiModelNote { channel, program: 0, start_beats, duration_beats: 0.5, key, velocity: 90 }
}

/// Two notes in every beat of two bars, in C major.
fn plenty(channel: u8) -> Vec<MidiModelNote> {
    (0..16).map(|index| note(channel, f64::from(index) / 2.0, 60 + [0, 4, 7, 11][index as usize % 4])).collect()
}

fn made(spec: &TakeSpec, notes: Vec<MidiModelNote>, next_beat: Option<f64>) -> Result<Vec<Part>, ProviderError> {
    let piece = MidiModelPiece { num_events: notes.len() + 2, notes, next_beat };
    usable(&piece, &asked(spec)?, spec, &entry(spec.style.as_str()))
}

fn keys(part: &Part) -> Vec<u8> {
    part.notes.iter().map(|note| note.key).collect()
}

#[test]
fn the_model_is_asked_for_exactly_the_bars_of_the_spec() {
    let spec = TakeSpec { meter: Meter::new(7, 8).unwrap(), ..spec("jazz", "") };
    let Asked { request, voices, key, .. } = asked(&spec).unwrap();
    assert_eq!((request.num_beats, request.meter, request.bpm, request.seed), (7.0, Some(spec.meter), 120.0, 3));
    assert_eq!((key, request.key.unwrap().is_minor), ((PitchClass::new(0), Scale::Major), false));
    let channels: Vec<u8> = voices.iter().map(|voice| voice.channel).collect();
    let mut patches: Vec<u8> = request.patches().into_iter().map(|(channel, _)| channel).collect();
    patches.rotate_right(1);
    assert_eq!(channels, patches, "drums come first in a take and last in a prompt");
    assert_eq!(channels[0], DRUM_CHANNEL);
}

#[test]
fn words_choose_the_players() {
    let Asked { voices, request, .. } = asked(&spec("jazz", "no drums, organ")).unwrap();
    assert!(voices.iter().all(|voice| voice.kind != PartKind::Drums));
    assert_eq!(request.drum_kit, None);
    let harmony = voices.iter().find(|voice| voice.kind == PartKind::Harmony).unwrap();
    assert!((16..24).contains(&harmony.program), "an organ is program 16 to 23, not {}", harmony.program);
}

#[test]
fn words_that_leave_nobody_are_refused() {
    let error = asked(&spec("jazz", "no drums, no bass, no chords, no melody")).map(|asked| asked.voices.len());
    assert_eq!(error, Err(ProviderError::NoNotes));
}

#[test]
fn notes_lie_on_the_grid_and_in_the_loop() {
    let places = [0.0625, 0.3125, 0.375, 0.6875, 1.9375, 3.9375];
    let notes = places.iter().enumerate().map(|(index, beat)| note(0, *beat, 60 + 2 * (index as u8 % 3)));
    let spec = TakeSpec { bars: BarCount::new(1).unwrap(), ..spec("jazz", "") };
    let parts = made(&spec, notes.collect(), None).unwrap();
    let starts: Vec<f64> = parts[0].notes.iter().map(|note| note.start.0).collect();
    // The last one is nearest to the end, which is the beginning.
    assert_eq!(starts, [0.0, 0.0, 1.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0, 2.0]);
    assert!(parts[0].notes.iter().all(|note| note.duration.0 >= 0.0625 && note.duration.0 <= 4.0));
}

#[test]
fn a_swing_that_is_asked_for_moves_straight_notes_only() {
    let spec = TakeSpec { swing: Some(Amount::new(1.0)), ..spec("jazz", "") };
    let parts = made(&spec, [plenty(0), vec![note(0, 2.0 / 3.0, 72)]].concat(), None).unwrap();
    let starts: Vec<f64> = parts[0].notes.iter().map(|note| note.start.0).filter(|start| *start < 1.0).collect();
    assert_eq!(starts.len(), 3);
    assert!((starts[1] - 2.0 / 3.0).abs() < 1e-9 && (starts[2] - 2.0 / 3.0).abs() < 1e-9, "{starts:?}");
}

#[test]
fn single_notes_outside_the_key_go_to_the_nearest_one_and_drums_stay() {
    let odd = [note(0, 0.0, 61), note(DRUM_CHANNEL, 0.0, 37)];
    let parts = made(&spec("jazz", ""), [plenty(0), odd.to_vec()].concat(), None).unwrap();
    let of = |kind: PartKind| parts.iter().find(|part| part.kind == kind).unwrap();
    assert_eq!(keys(of(PartKind::Drums)), [37]);
    assert!(!keys(of(PartKind::Bass)).contains(&61));
    assert_eq!(keys(of(PartKind::Bass))[..2], [60, 64], "the same as one that is there already is one");
}

#[test]
fn a_piece_in_another_key_is_moved_as_a_whole() {
    let moved: Vec<MidiModelNote> =
        plenty(0).into_iter().map(|note| MidiModelNote { key: note.key + 1, ..note }).collect();
    let parts = made(&spec("jazz", ""), moved, None).unwrap();
    assert_eq!(keys(&parts[0])[..4], [60, 64, 67, 71]);
}

#[test]
fn styles_without_a_key_keep_every_note() {
    let style = composer_styles_without_key();
    let odd: Vec<MidiModelNote> = (0..16).map(|index| note(0, f64::from(index) / 2.0, 60 + index as u8)).collect();
    let parts = made(&spec(&style, ""), odd, None).unwrap();
    assert_eq!(keys(&parts[0]), (60..76).collect::<Vec<u8>>());
}

fn composer_styles_without_key() -> String {
    let found = take::BUILT_IN_STYLES.iter().find(|(id, _)| !entry(id).style.is_tonal);
    found.expect("a built-in style that wants no key").0.to_owned()
}

#[test]
fn a_poor_answer_says_what_came() {
    let spec = TakeSpec { bars: BarCount::new(8).unwrap(), ..spec("jazz", "") };
    let said = |notes: Vec<MidiModelNote>, next: Option<f64>| made(&spec, notes, next).unwrap_err().to_string();
    let nothing = said(Vec::new(), Some(128.0));
    assert_eq!(
        nothing,
        "midi-model wrote nothing usable: it wrote 2 events and no note in 8 bars; then it went on in bar 33; another \
         seed gives another answer"
    );
    let few = said(vec![note(0, 0.0, 60), note(0, 30.0, 64)], None);
    assert!(few.contains("it wrote 2 notes in 8 bars; another"), "{few}");
    let short = said(plenty(0), Some(40.0));
    assert!(short.contains("its notes end in bar 2 of 8; then it went on in bar 11"), "{short}");
    // A channel that nobody was given is nobody's.
    assert!(said(plenty(8), None).contains("no note"));
}
