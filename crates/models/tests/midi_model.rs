//! midi-model against the reference implementation on tiny random models (tools/model_fixtures/midi_model.py), in both
//! versions, and with files that are damaged.
mod common;

use models::midi_model::{Event, EventKind, KeySignature, MidiModel, MidiModelRequest, Row, Version, notes_of};
use models::{ModelError, RunControl, Runtime};
use serde::Deserialize;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use take::{Meter, PitchClass};

/// The reference's own run.
#[derive(Deserialize)]
struct Golden {
    free: Vec<Row>,
    masked: Vec<Row>,
    cases: Vec<Case>,
    song: Song,
}

/// An event as a name and numbers, and its tokens.
#[derive(Deserialize)]
struct Case {
    event: Vec<serde_json::Value>,
    tokens: Row,
}

#[derive(Deserialize)]
struct Song {
    tokens: Vec<Row>,
    ticks_per_beat: f64,
    /// Start in ticks, channel, key, velocity, duration in ticks; sorted.
    notes: Vec<[u32; 5]>,
}

const VERSIONS: [(&str, Version); 2] = [("v1", Version::V1), ("v2", Version::V2)];

fn golden(version: &str) -> Golden {
    let file = common::fixture("midi_model", version).join("golden.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn open(runtime: &Runtime, version: &str) -> MidiModel {
    MidiModel::open(runtime, &common::fixture("midi_model", version)).unwrap()
}

/// What the goldens were made with, but for the instruments: the likeliest token, 40 events wherever they lie.
fn greedy() -> MidiModelRequest {
    MidiModelRequest {
        meter: Some(Meter::new(3, 4).unwrap()),
        key: Some(KeySignature { tonic: PitchClass::new(7), is_minor: true }),
        temperature: 0.0,
        may_end_early: true,
        max_events: Some(40),
        ..MidiModelRequest::new(4096.0, 97.0, 1)
    }
}

fn with_instruments(request: MidiModelRequest) -> MidiModelRequest {
    MidiModelRequest { programs: vec![38, 5, 81], drum_kit: Some(25), ..request }
}

#[test]
fn events_are_those_of_the_reference_with_and_without_given_instruments() {
    let runtime = common::runtime();
    for (name, version) in VERSIONS {
        let (model, golden) = (open(&runtime, name), golden(name));
        assert_eq!(model.version(), version);
        let control = RunControl::detached();
        let free = MidiModelRequest { may_move_controllers: true, ..greedy() };
        let rows = model.generate_rows(&free, &control).unwrap();
        assert_eq!(rows, golden.free, "{name}");
        let rows = model.generate_rows(&with_instruments(greedy()), &control).unwrap();
        assert_eq!(rows, golden.masked, "{name}");
        println!("{name}: {} and {} events are those of the reference", golden.free.len(), golden.masked.len());
    }
}

#[test]
fn events_become_the_reference_s_tokens_and_come_back() {
    for (name, version) in VERSIONS {
        let mut kinds = Vec::new();
        for Case { event, tokens } in golden(name).cases {
            let decoded = version.decode(&tokens).unwrap();
            assert_eq!(shown(&decoded, version), event, "{name}");
            assert_eq!(version.encode(&decoded), Some(tokens), "{name} {event:?}");
            kinds.push(decoded.kind());
        }
        kinds.dedup();
        assert_eq!(kinds.len(), if version == Version::V1 { 4 } else { 6 });
    }
}

/// An event as the reference writes it: its name, then its values in the order of its tokens.
fn shown(event: &Event, version: Version) -> Vec<serde_json::Value> {
    let (name, values) = match *event {
        Event::Note { track, channel, pitch, velocity, duration, .. } => match version {
            Version::V1 => ("note", vec![track, duration, channel, pitch, velocity]),
            Version::V2 => ("note", vec![track, channel, pitch, velocity, duration]),
        },
        Event::PatchChange { track, channel, patch, .. } => ("patch_change", vec![track, channel, patch]),
        Event::ControlChange { track, channel, controller, value, .. } => {
            ("control_change", vec![track, channel, controller, value])
        }
        Event::SetTempo { track, bpm, .. } => ("set_tempo", vec![track, bpm]),
        Event::TimeSignature { track, numerator, denominator, .. } => {
            ("time_signature", vec![track, numerator, denominator])
        }
        Event::KeySignature { track, sharps, mode, .. } => ("key_signature", vec![track, sharps, mode]),
    };
    let (beats, sixteenths) = event.step();
    std::iter::once(name.into()).chain([beats, sixteenths].into_iter().chain(values).map(Into::into)).collect()
}

#[test]
fn notes_that_overlap_on_a_key_end_where_the_reference_ends_them() {
    for (name, version) in VERSIONS {
        let song = golden(name).song;
        let events: Vec<Event> = song.tokens.iter().map(|row| version.decode(row).unwrap()).collect();
        let ticks = |beats: f64| (beats * song.ticks_per_beat) as u32;
        let notes = notes_of(&events).into_iter().map(|note| {
            let [channel, key, velocity] = [note.channel, note.key, note.velocity].map(u32::from);
            [ticks(note.start_beats), channel, key, velocity, ticks(note.duration_beats)]
        });
        let mut notes: Vec<[u32; 5]> = notes.collect();
        notes.sort_unstable();
        assert_eq!(notes, song.notes, "{name}");
    }
}

#[test]
fn a_piece_stops_at_its_length_and_keeps_its_instruments() {
    let runtime = common::runtime();
    let model = open(&runtime, "v2");
    // Any 40 events of random weights leap over hundreds of beats.
    let request = MidiModelRequest { num_beats: 600.0, max_events: Some(60), ..MidiModelRequest::new(16.0, 120.0, 3) };
    let request = with_instruments(request);
    let piece = model.generate(&request, &RunControl::detached()).unwrap();
    let (notes, next_beat) = (piece.notes, piece.next_beat.unwrap());
    assert!(!notes.is_empty() && next_beat >= 600.0);
    assert!(notes.is_sorted_by(|a, b| a.start_beats <= b.start_beats));
    assert!(notes.iter().all(|note| note.start_beats < 600.0 && note.duration_beats > 0.0), "{notes:?}");
    let patches = request.patches();
    assert!(notes.iter().all(|note| patches.contains(&(note.channel, note.program))), "{notes:?}");
    let unlimited = MidiModelRequest { num_beats: 1e3, ..request.clone() };
    let longer = model.generate_rows(&unlimited, &RunControl::detached()).unwrap();
    let rows = model.generate_rows(&request, &RunControl::detached()).unwrap();
    assert_eq!(rows.len(), piece.num_events);
    assert!(longer.starts_with(&rows) && longer.len() > rows.len(), "{} and {}", rows.len(), longer.len());
}

#[test]
fn a_seed_decides_the_piece() {
    let runtime = common::runtime();
    let model = open(&runtime, "v1");
    let make = |seed: u64| {
        let request = MidiModelRequest { max_events: Some(12), ..MidiModelRequest::new(4096.0, 120.0, seed) };
        model.generate_rows(&request, &RunControl::detached()).unwrap()
    };
    assert_eq!(make(5), make(5));
    assert_ne!(make(5), make(6));
    let kinds: Vec<EventKind> =
        make(7).iter().filter_map(|row| Version::V1.decode(row)).map(|event| event.kind()).collect();
    assert!(!kinds.contains(&EventKind::ControlChange), "{kinds:?}");
}

#[test]
fn a_cancel_ends_it_between_two_events() {
    let runtime = common::runtime();
    let model = open(&runtime, "v1");
    let num_events = AtomicUsize::new(0);
    let heard = Mutex::new(Vec::new());
    let note = |share: f32, stage: &str| {
        num_events.fetch_add(1, Ordering::Relaxed);
        heard.lock().unwrap().push((share, stage.to_owned()));
    };
    let cancel = || num_events.load(Ordering::Relaxed) >= 5;
    let request = with_instruments(greedy());
    assert_eq!(model.generate(&request, &RunControl::new(&cancel, &note)), Err(ModelError::Cancelled));
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 5);
    assert!(heard[0].1.ends_with("of 4096"), "{heard:?}");
    assert!(model.generate(&request, &RunControl::detached()).is_ok());
}

/// Opens a copy whose file `name` was changed by `change`, and makes a piece if it opens.
fn damaged(runtime: &Runtime, name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let root = tempfile::tempdir().unwrap();
    for file in ["config.json", "model_base.onnx", "model_token.onnx"] {
        std::fs::copy(common::fixture("midi_model", "v1").join(file), root.path().join(file)).unwrap();
    }
    let path = root.path().join(name);
    std::fs::write(&path, change(std::fs::read(&path).unwrap())).unwrap();
    let made = MidiModel::open(runtime, Path::new(root.path()))
        .and_then(|model| model.generate(&greedy(), &RunControl::detached()));
    made.expect_err(name).to_string()
}

fn assert_names(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "`{word}` is missing in: {message}");
    }
}

#[test]
fn files_that_do_not_fit_are_named_with_tensor_or_value() {
    let runtime = common::runtime();
    let text = |from: &'static str, to: &'static str| {
        move |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(from, to).into_bytes()
    };
    let layers = damaged(&runtime, "config.json", text("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"));
    assert_names(&layers, &["`model_base.onnx`", "`past_key_values.2.key`", "not there"]);
    let version = damaged(&runtime, "config.json", text("\"version\": \"v1\"", "\"version\": \"v2\""));
    assert_names(&version, &["`model_token.onnx`", "`y`", "3239", "expected [?, ?, 3406]"]);
    let cut = damaged(&runtime, "model_base.onnx", |bytes| bytes[..bytes.len() / 2].to_vec());
    assert_names(&cut, &["`model_base.onnx`", "tensor `", "cut off"]);
    let page = damaged(&runtime, "model_token.onnx", |_| b"<!DOCTYPE html><p>Not Found".to_vec());
    assert_names(&page, &["`model_token.onnx`"]);
}

#[test]
fn weights_that_are_no_numbers_are_named() {
    let runtime = common::runtime();
    // The embedding of the token that begins a piece: 8 numbers a row, behind name, tag and two bytes of length.
    let change = |mut bytes: Vec<u8>| {
        let name = b"net.embed_tokens.weight\x4a";
        let found = bytes.windows(name.len()).position(|window| window == name).expect("no such tensor");
        let row = found + name.len() + 3 + 8 * 4;
        bytes[row..row + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        bytes
    };
    let message = damaged(&runtime, "model_base.onnx", change);
    assert_names(&message, &["`model_base.onnx`", "`net.embed_tokens.weight`", "not a number"]);
}
