//! Basic Pitch's post-processing against the package's own (tools/model_fixtures/basic_pitch.py).
mod common;

use models::basic_pitch::{NUM_KEYS, NoteThresholds, Posteriors, frame_seconds, notes_of};

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
