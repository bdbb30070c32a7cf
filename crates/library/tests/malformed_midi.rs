//! Two hundred MIDI files that nobody should have written: refused or read, never a panic, never for long.
mod common;
use common::*;
use library::{MidiFile, MidiReadError, export_all_parts, read_midi};
use std::fs;

/// Numbers of a linear congruential generator (Numerical Recipes); a fixed seed gives the same files everywhere.
fn numbers(seed: u32) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    }
}

/// A file that is well: two parts, a conductor track with every meta event that we write.
fn good() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    fs::read(export_all_parts(&take(), 1, dir.path()).unwrap()).unwrap()
}

fn file(format: u16, division: u16, tracks: &[&[u8]]) -> Vec<u8> {
    let mut file = b"MThd\0\0\0\x06".to_vec();
    [format, tracks.len() as u16, division].iter().for_each(|word| file.extend(word.to_be_bytes()));
    for track in tracks {
        file.extend(b"MTrk");
        file.extend((track.len() as u32).to_be_bytes());
        file.extend(*track);
    }
    file
}

/// What everybody who uses a file relies on.
fn check(file: &MidiFile, name: &str) {
    let finite = |beats: f64| beats.is_finite() && beats >= 0.0;
    assert!(finite(file.num_beats.0) && file.parts.len() <= 500_000, "{name}");
    assert_eq!(file.parts.is_empty(), file.num_bars == 0, "{name}");
    for part in &file.parts {
        assert!(!part.notes.is_empty() && part.channel < 16 && part.program < 128, "{name}: {part:?}");
        assert!(part.notes.is_sorted_by_key(|note| (note.start, note.key)), "{name}");
        for note in &part.notes {
            let length = note.duration.0;
            assert!(finite(note.start.0) && length > 0.0 && length.is_finite(), "{name}: {note:?}");
            assert!(note.key < 128 && (1..128).contains(&note.velocity), "{name}: {note:?}");
        }
    }
    let texts =
        file.texts.iter().map(|text| &text.text).chain(&file.title).chain(file.parts.iter().map(|part| &part.name));
    for text in texts {
        assert!(!text.chars().any(char::is_control) && text.chars().count() <= 600, "{name}: {text:?}");
    }
    for warning in &file.warnings {
        assert!(!warning.to_string().is_empty() && !warning.to_string().contains('\n'), "{name}");
    }
    // A cut at any place is safe too.
    for first_bar in [0, file.first_bar(), u32::MAX] {
        let parts = file.cut(first_bar, take::BarCount::DEFAULT);
        let bars = 8.0 * file.meter.bar_beats().0;
        assert!(parts.iter().flat_map(|part| &part.notes).all(|note| (0.0..bars).contains(&note.start.0)), "{name}");
    }
}

/// Nasty by hand; names are for failures.
fn by_hand() -> Vec<(&'static str, Vec<u8>)> {
    let long = |byte: u8| vec![byte; 100_000];
    let ons: Vec<u8> = [0, 0x90].into_iter().chain([60, 64, 0].repeat(50_000)).collect();
    let tempos: Vec<u8> = (0..20_000u32).flat_map(|n| [1, 0xff, 0x51, 3, 7, (n >> 8) as u8, n as u8]).collect();
    let meters: Vec<u8> = (0..5000u32).flat_map(|n| [96, 0xff, 0x58, 4, (n % 40) as u8, (n % 7) as u8, 0, 0]).collect();
    let late = [&[0xff, 0xff, 0xff, 0x7f][..], &[0x90, 60, 1]].concat().repeat(1000);
    let modes: Vec<u8> = [0, 0x90, 60, 9, 0, 0xb0].into_iter().chain([123, 0, 0].repeat(50_000)).collect();
    let texts = [0, 0xff, 1, 3, 0xc3, 0x28, 7].repeat(5000);
    let huge =
        |chunk: &[u8; 4]| [&b"MThd\0\0\0\x06\0\x01\0\x01\0\x60"[..], chunk, &[0xff; 4], &[0, 0x90, 60, 1]].concat();
    vec![
        ("nothing", vec![]),
        ("one byte", vec![0x4d]),
        ("zeros", long(0)),
        ("ones", long(0xff)),
        ("header only", file(1, 96, &[])),
        ("header twice", [file(1, 96, &[]), file(0, 96, &[&[0, 0x90, 60, 9]])].concat()),
        ("empty track", file(0, 96, &[&[]])),
        ("empty tracks", file(1, 96, &[&[][..]; 300])),
        ("format 9", file(9, 96, &[&[0, 0x90, 60, 9]])),
        ("format 2 without a meter", file(2, 1, &[&late, &late])),
        ("no ticks", file(0, 0, &[&[0, 0x90, 60, 9, 9, 60, 0]])),
        ("one tick", file(0, 1, &[&late])),
        ("most ticks", file(0, 0x7fff, &[&[0, 0x90, 60, 9, 1, 60, 0]])),
        ("smpte of 128 frames", file(0, 0x8000, &[&[0, 0x90, 60, 9]])),
        ("smpte without ticks", file(0, 0xe700, &[&[0, 0x90, 60, 9]])),
        ("a track of zeros", file(0, 96, &[&long(0)])),
        ("a track of ones", file(0, 96, &[&long(0xff)])),
        ("a track of status bytes", file(0, 96, &[&long(0x90)])),
        ("a track of realtime bytes", file(0, 96, &[&[0, 0xf8].repeat(5000)])),
        ("a delta that does not end", file(0, 96, &[&long(0x80)])),
        ("notes that do not end", file(0, 96, &[&ons])),
        ("notes a year later", file(0, 1, &[&late])),
        ("a thousand tempos", file(0, 96, &[&tempos, &ons])),
        ("a thousand meters", file(0, 96, &[&meters, &ons])),
        ("notes off without end", file(0, 96, &[&modes])),
        ("texts in no encoding", file(0, 96, &[&texts])),
        ("a text longer than the file", file(0, 96, &[&[0, 0xff, 1, 0xff, 0xff, 0xff, 0x7f, b'x']])),
        ("a meta event without a body", file(0, 96, &[&[0, 0xff]])),
        ("a sysex that does not end", file(0, 96, &[&[0, 0xf0, 0x83, 0x00, 1, 2]])),
        ("a track of four gigabytes", huge(b"MTrk")),
        ("an unknown chunk of four gigabytes", huge(b"XFIH")),
        ("a riff that points outside", [&b"RIFF\xff\xff\xff\xffRMIDdata\xff\xff\xff\xff"[..], &good()].concat()),
        ("a riff of riffs", b"RIFF\x04\0\0\0RMID".repeat(1000)),
        ("a riff with a chunk of nothing", [&b"RIFF\x04\0\0\0RMID"[..], &b"LIST\0\0\0\0".repeat(1000)].concat()),
    ]
}

/// Byte errors, cuts, doublings and swaps of a good file.
fn by_accident() -> Vec<(String, Vec<u8>)> {
    let good = good();
    (0..200)
        .map(|seed| {
            let mut number = numbers(seed);
            let mut bytes = good.clone();
            match seed % 4 {
                0 => bytes.truncate(number(good.len())),
                1 => (0..1 + number(20)).for_each(|_| bytes[number(good.len())] = number(256) as u8),
                2 => {
                    let (from, to) = (number(good.len()), number(good.len()));
                    bytes.splice(to..to, good[from..(from + number(64)).min(good.len())].iter().copied());
                }
                _ => {
                    let from = number(good.len());
                    bytes.drain(from..(from + 1 + number(32)).min(good.len()));
                }
            }
            (format!("accident {seed}"), bytes)
        })
        .collect()
}

#[test]
fn two_hundred_malformed_files_are_refused_or_read() {
    let (mut refused, mut warned, mut read) = (0, 0, 0);
    let by_hand = by_hand().into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    for (name, bytes) in by_hand.chain(by_accident()) {
        match read_midi(&bytes) {
            Ok(file) => {
                check(&file, &name);
                read += 1;
                warned += usize::from(!file.warnings.is_empty());
            }
            Err(error) => {
                assert!(!error.to_string().contains('\n'), "{name}");
                refused += 1;
            }
        }
    }
    assert_eq!(refused + read, 234);
    assert!(refused > 10 && warned > 100, "{refused} refused, {read} read, {warned} of them with a warning");
}

#[test]
fn every_cut_of_a_good_file_is_read_up_to_there_or_refused() {
    let good = good();
    let num_notes = |file: &MidiFile| file.parts.iter().map(|part| part.notes.len()).sum::<usize>();
    let mut last = 0;
    for end in 0..=good.len() {
        match read_midi(&good[..end]) {
            Ok(file) => {
                check(&file, &format!("the first {end} bytes"));
                assert!(num_notes(&file) >= last, "the first {end} bytes lose notes");
                assert!(end == good.len() || !file.warnings.is_empty(), "the first {end} bytes pass as whole");
                last = num_notes(&file);
            }
            Err(error) => assert!(matches!(error, MidiReadError::NotMidi | MidiReadError::NoHeader { .. }), "{error}"),
        }
    }
    assert_eq!(last, 20);
}
