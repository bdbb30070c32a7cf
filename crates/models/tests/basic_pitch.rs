//! Basic Pitch against the package itself (tools/model_fixtures/basic_pitch.py): windows, post-processing, and the whole way
//! from audio to notes through a stand-in for its model.
mod common;

use models::basic_pitch::{BasicPitch, NUM_KEYS, NoteThresholds, Posteriors, frame_seconds, notes_of, num_frames};
use models::{ModelError, RunControl};

/// Notes, then onsets, a byte each.
fn posteriors(file: &str) -> Posteriors {
    let bytes = std::fs::read(common::fixture("basic_pitch", file)).unwrap();
    let values: Vec<f32> = bytes.iter().map(|byte| f32::from(*byte) / 255.0).collect();
    let (notes, onsets) = values.split_at(values.len() / 2);
    Posteriors { notes: notes.to_vec(), onsets: onsets.to_vec() }
}

#[test]
fn notes_are_those_of_the_package() {
    let manifest = common::manifest("basic_pitch");
    let mut num_notes = 0;
    for case in manifest["cases"].as_array().unwrap() {
        let Some(file) = case["file"].as_str() else { continue };
        let posteriors = posteriors(file);
        assert_eq!(Some(posteriors.num_frames() as u64), case["num_frames"].as_u64());
        let thresholds = NoteThresholds {
            onset: case["onset"].as_f64().unwrap() as f32,
            frame: case["frame"].as_f64().unwrap() as f32,
            min_frames: case["min_frames"].as_u64().unwrap() as usize,
            infers_onsets: case["infers_onsets"].as_bool().unwrap(),
            has_second_pass: case["has_second_pass"].as_bool().unwrap(),
        };
        let found = notes_of(&posteriors, &thresholds);
        let wanted: Vec<Vec<f64>> = serde_json::from_value(case["notes"].clone()).unwrap();
        let place = |row: &Vec<f64>| [row[0] as usize, row[1] as usize, row[2] as usize - 21];
        let places: Vec<[usize; 3]> = found.iter().map(|note| [note.start, note.end, note.key]).collect();
        assert_eq!(places, wanted.iter().map(place).collect::<Vec<_>>(), "{file} {thresholds:?}");
        for (note, row) in found.iter().zip(&wanted) {
            assert!((f64::from(note.amplitude) - row[3]).abs() < 1e-6, "{file}: {note:?} and {row:?}");
        }
        num_notes += found.len();
    }
    println!("{num_notes} notes are those of the package");
    assert!(num_notes > 500);
}

#[test]
fn frames_begin_when_the_package_says() {
    let manifest = common::manifest("basic_pitch");
    let times = manifest["cases"].as_array().unwrap().iter().find_map(|case| case["times"].as_array()).unwrap();
    for pair in times {
        let (frame, wanted) = (pair[0].as_u64().unwrap() as usize, pair[1].as_f64().unwrap());
        assert!((frame_seconds(frame) - wanted).abs() < 1e-9, "frame {frame}");
    }
}

#[test]
fn silence_and_next_to_nothing_have_no_notes() {
    for num_frames in [0, 1, 2, 40] {
        let silence = vec![0.0; num_frames * NUM_KEYS];
        let posteriors = Posteriors { notes: silence.clone(), onsets: silence };
        assert_eq!(notes_of(&posteriors, &NoteThresholds::default()), []);
    }
}

/// MELODY of the script, bit for bit.
fn melody(case: &serde_json::Value) -> Vec<f32> {
    let mut made = vec![0.0_f64; case["num_samples"].as_u64().unwrap() as usize];
    let notes: Vec<(usize, usize, usize, f64)> = serde_json::from_value(case["melody"].clone()).unwrap();
    for (start, length, period, level) in notes {
        for n in 0..length {
            let triangle = 4.0 * ((n % period) as f64 / period as f64 - 0.5).abs() - 1.0;
            let fade = (n as f64 / 200.0).min((length - n) as f64 / 200.0).min(1.0);
            made[start + n] += level * fade * triangle;
        }
    }
    made.into_iter().map(|sample| sample as f32).collect()
}

fn case_with(field: &str) -> serde_json::Value {
    let cases = common::manifest("basic_pitch")["cases"].as_array().unwrap().clone();
    cases.into_iter().find(|case| !case[field].is_null()).unwrap()
}

#[test]
fn audio_becomes_the_notes_that_the_package_hears_in_it() {
    let runtime = common::runtime();
    let model = BasicPitch::open(&runtime, &common::fixture("basic_pitch", "nmp.onnx")).unwrap();
    let (case, control) = (case_with("heard"), RunControl::detached());
    let audio = melody(&case);
    let posteriors = model.posteriors(&audio, &control).unwrap();
    assert_eq!(Some(posteriors.num_frames() as u64), case["num_frames"].as_u64());
    let every = case["every"].as_u64().unwrap() as usize;
    let sparse = |values: &[f32]| values.chunks(NUM_KEYS).step_by(every).flatten().copied().collect::<Vec<f32>>();
    let found = [sparse(&posteriors.notes), sparse(&posteriors.onsets)].concat();
    let (worst, loudest) = common::difference(&found, &common::golden("basic_pitch", "melody.f32"));
    println!("posteriors differ by {worst:.1e} at most");
    assert!(worst < 1e-4 && loudest > 0.9, "{worst} of {loudest}");

    let notes = model.transcribe(&audio, &NoteThresholds::default(), &control).unwrap();
    let wanted: Vec<(f64, f64, u8, u8)> = serde_json::from_value(case["heard"].clone()).unwrap();
    assert_eq!(notes.len(), wanted.len());
    for (note, (start, end, key, velocity)) in notes.iter().zip(&wanted) {
        let is_same = (note.start_seconds - start).abs() < 1e-9
            && (note.start_seconds + note.duration_seconds - end).abs() < 1e-9
            && note.key == *key
            && note.velocity.abs_diff(*velocity) <= 1;
        assert!(is_same, "{note:?}, and the package has {:?}", (start, end, key, velocity));
    }
    // What was played is among what is heard, across the joints of the windows too.
    let played: Vec<(usize, usize, usize, f64)> = serde_json::from_value(case["melody"].clone()).unwrap();
    for (start, length, period, _) in played {
        let key = (69.0 + 12.0 * (22_050.0 / period as f64 / 440.0).log2()).round() as u8;
        let is_it = |note: &&models::basic_pitch::HeardNote| {
            note.key == key
                && (note.start_seconds - start as f64 / 22_050.0).abs() < 0.06
                && (note.duration_seconds - length as f64 / 22_050.0).abs() < 0.1
        };
        assert!(notes.iter().any(|note| is_it(&note)), "key {key} from sample {start} is missing in {notes:?}");
    }
}

#[test]
fn audio_of_every_length_has_as_many_frames_as_the_package_counts() {
    let lengths: Vec<(usize, usize)> = serde_json::from_value(case_with("lengths")["lengths"].clone()).unwrap();
    assert!(lengths.len() > 10);
    for (num_samples, wanted) in lengths {
        assert_eq!(num_frames(num_samples), wanted, "{num_samples} samples");
    }
}

#[test]
fn next_to_no_audio_is_one_window_without_notes() {
    let runtime = common::runtime();
    let model = BasicPitch::open(&runtime, &common::fixture("basic_pitch", "nmp.onnx")).unwrap();
    for num_samples in [0, 1, 300] {
        let notes = model.transcribe(&vec![0.1; num_samples], &NoteThresholds::default(), &RunControl::detached());
        assert_eq!(notes, Ok(Vec::new()));
    }
}

#[test]
fn a_cancel_ends_it_between_two_windows() {
    let runtime = common::runtime();
    let model = BasicPitch::open(&runtime, &common::fixture("basic_pitch", "nmp.onnx")).unwrap();
    let stages = std::sync::Mutex::new(Vec::new());
    let hear = |_: f32, stage: &str| stages.lock().unwrap().push(stage.to_owned());
    let cancel = || stages.lock().unwrap().len() >= 2;
    let outcome = model.posteriors(&[0.0; 200_000], &RunControl::new(&cancel, &hear));
    assert_eq!(outcome, Err(ModelError::Cancelled));
    assert_eq!(*stages.lock().unwrap(), ["window 1 of 6", "window 2 of 6"]);
}

#[test]
fn another_model_is_refused_by_its_tensors() {
    let runtime = common::runtime();
    let other = common::fixture("mdx", "tiny.onnx");
    let error = BasicPitch::open(&runtime, &other).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("tiny.onnx") && error.contains("serving_default_input_2:0"), "{error}");
    let nowhere = BasicPitch::open(&runtime, std::path::Path::new("/nowhere/nmp.onnx")).map(|_| ());
    assert!(matches!(nowhere, Err(ModelError::Missing { .. })));
}
