//! Notes for takes that came as audio, through the stand-in for Basic Pitch (tools/model_fixtures/basic_pitch.py).
use super::bed::{Bed, deck, spec};
use crate::Command;
use engine::SwapAt;
use jobs::{BandProvider, Engines, bake};
use std::path::Path;
use std::sync::Arc;
use take::{
    AudioClip, Beats, Meter, PartKind, PitchClass, Rendition, SampleRate, Scale, StemKind, Take, TakeId, TakeInfo,
};

const HZ: u32 = 22_050;

/// A bar at 120 BPM with an A of one beat on its second, and no notes.
fn whistle() -> Take {
    let spec = spec(1);
    let (frames_per_beat, num_frames) = (11_025, 44_100);
    let tone = |n: usize| (0.4 * (std::f64::consts::TAU * 440.0 * n as f64 / f64::from(HZ)).sin()) as f32;
    let is_on = |n: &usize| (frames_per_beat..2 * frames_per_beat).contains(n);
    let mono: Box<[f32]> = (0..num_frames).map(|n| if is_on(&n) { tone(n) } else { 0.0 }).collect();
    let mut original = Rendition {
        take: TakeId([0; 32]),
        tempo: spec.tempo,
        rate: SampleRate::new(HZ).unwrap(),
        loop_beats: Beats(4.0),
        bar_beats: Beats(4.0),
        stems: Default::default(),
    };
    original.stems[StemKind::Other as usize] = Some(AudioClip { left: mono.clone(), right: mono });
    let info = TakeInfo {
        name: "Whistle".to_owned(),
        engine: "import/1".to_owned(),
        key: PitchClass::new(9),
        scale: Scale::Minor,
        tempo: spec.tempo,
        meter: Meter::FOUR_FOUR,
        bars: spec.bars,
        chords: Vec::new(),
        loudness_lufs: -16.0,
        true_peak_dbtp: -8.0,
        spec,
    };
    bake(info, Vec::new(), original).unwrap()
}

/// An instance with the whistle playing on deck 1; with a Basic Pitch installed, or with next to nothing.
fn bed(has_model: bool) -> (Bed, TakeId) {
    let mut bed = Bed::active();
    if has_model {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures/basic_pitch/nmp.onnx");
        std::fs::create_dir_all(bed.dir.path().join("models")).unwrap();
        std::fs::copy(model, bed.dir.path().join("models").join("nmp.onnx")).unwrap();
        let band = Arc::new(BandProvider::new(bed.dir.path()));
        bed.core.env.engines = Arc::new(Engines::new(band, bed.dir.path(), bed.dir.path()));
    }
    let take = whistle();
    bed.core.env.library.save(&take).unwrap();
    // It came behind the back of the listing.
    bed.core.obey(Command::Search { query: Some(crate::LibraryQuery::default()) });
    bed.run();
    bed.core.obey(Command::LoadTake { deck: deck(0), take: take.id, at: SwapAt::Now });
    bed.run();
    assert_eq!(bed.view(0).current, Some(take.id));
    (bed, take.id)
}

#[test]
fn the_same_audio_with_its_notes_takes_the_place_of_a_take() {
    let (mut bed, source) = bed(true);
    bed.core.obey(Command::HearNotes { deck: deck(0) });
    // Once more while it is under way is once.
    bed.core.obey(Command::HearNotes { deck: deck(0) });
    bed.tick();
    assert!(bed.view(0).hearing.is_some());
    bed.run();
    let view = bed.view(0);
    assert_eq!(bed.notices(), []);
    let rows: Vec<_> = view.history.iter().map(|row| row.id).collect();
    assert_eq!((rows.len(), rows[0], view.current, view.hearing), (2, source, Some(rows[1]), None));
    let take = view.take.expect("it is in memory");
    assert_eq!((take.parts.len(), take.parts[0].kind), (1, PartKind::Harmony));
    let notes = &take.parts[0].notes;
    assert_eq!((notes.len(), notes[0].key), (1, 69));
    assert!((notes[0].start.0 - 1.0).abs() < 0.1 && (notes[0].duration.0 - 1.0).abs() < 0.2, "{notes:?}");
    assert!(bed.core.env.library.contains(take.id), "it is saved");
    // It has its notes now.
    bed.core.obey(Command::HearNotes { deck: deck(0) });
    bed.run();
    assert!(bed.notices()[0].text.contains("`Whistle` has its notes already"), "{:?}", bed.notices());
}

#[test]
fn without_the_model_the_notice_has_the_command() {
    let (mut bed, source) = bed(false);
    bed.core.obey(Command::HearNotes { deck: deck(0) });
    bed.run();
    assert_eq!(bed.view(0).current, Some(source));
    assert!(bed.notices()[0].text.contains("`continuo models fetch-basic-pitch`"), "{:?}", bed.notices());
    bed.core.obey(Command::HearNotes { deck: deck(1) });
    bed.run();
    assert!(bed.notices()[1].text.contains("Deck 2: there is no take on it"), "{:?}", bed.notices());
}

#[test]
fn a_cancel_stops_the_listening() {
    let (mut bed, source) = bed(true);
    bed.core.obey(Command::HearNotes { deck: deck(0) });
    bed.core.obey(Command::Cancel { deck: deck(0) });
    bed.run();
    let view = bed.view(0);
    assert_eq!((view.history.len(), view.current, view.hearing), (1, Some(source), None));
    assert_eq!(bed.notices(), []);
}
