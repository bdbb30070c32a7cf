//! What `tests/python/check_midi.py` compares other libraries with.
//!
//! `write DIR` exports takes as MIDI files and prints what they hold; `read FILE...` prints what is read of files. Both
//! print JSON; the notes of `write` are the take's own, not what the encoder made of them.
use anyhow::{Context, Result, bail};
use library::{MidiFile, export_all_parts, export_part, read_midi};
use serde_json::{Value, json};
use std::path::Path;
use take::{BarCount, Beats, Bpm, ChordSpan, Meter, Note, Part, PartKind, PitchClass, Scale, Take};

#[path = "../tests/common/mod.rs"]
mod common;
use common::take_with;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let answer = match args.split_first() {
        Some((word, [dir])) if word == "write" => write(Path::new(dir))?,
        Some((word, files)) if word == "read" => files.iter().map(read).collect::<Result<Value>>()?,
        _ => bail!("write DIR, or read FILE..."),
    };
    println!("{answer}");
    Ok(())
}

fn write(dir: &Path) -> Result<Value> {
    let mut files = Vec::new();
    for (number, take) in (1..).zip(takes()) {
        let all = export_all_parts(&take, number, dir)?;
        files.push(described(&take, &PartKind::ALL, &all));
        for part in &take.parts {
            files.push(described(&take, &[part.kind], &export_part(&take, part.kind, number, dir)?));
        }
    }
    Ok(files.into())
}

fn described(take: &Take, kinds: &[PartKind], file: &Path) -> Value {
    let info = &take.info;
    let chords = if kinds.len() > 1 { &info.chords[..] } else { &[] };
    json!({
        "file": file, "title": info.name, "tempo": info.tempo.get(), "loop_beats": take.original.loop_beats.0,
        "meter": [info.meter.numerator(), info.meter.denominator()],
        "key": info.key.get(), "is_minor": matches!(info.scale, Scale::Minor | Scale::Dorian),
        "scale": info.scale.name(),
        "chords": chords.iter().map(|chord| json!([chord.start.0, chord.symbol])).collect::<Vec<_>>(),
        "parts": take.parts.iter().filter(|part| kinds.contains(&part.kind)).map(part).collect::<Vec<_>>(),
    })
}

fn part(part: &Part) -> Value {
    let note = |note: &Note| json!([note.start.0, note.duration.0, note.key, note.velocity]);
    json!({
        "kind": part.kind.name(), "name": part.name, "program": part.program, "channel": part.channel,
        "notes": part.notes.iter().map(note).collect::<Vec<_>>(),
    })
}

fn read(file: &String) -> Result<Value> {
    let bytes = std::fs::read(file).with_context(|| file.clone())?;
    let MidiFile { format, tempo, meter, key, num_beats, num_bars, parts, title, texts, warnings, .. } =
        read_midi(&bytes).with_context(|| file.clone())?;
    Ok(json!({
        "file": file, "format": format, "tempo": tempo.get(), "meter": [meter.numerator(), meter.denominator()],
        "key": key.map(|(tonic, scale)| json!([tonic.get(), scale.name()])), "num_beats": num_beats.0,
        "num_bars": num_bars, "parts": parts.iter().map(part).collect::<Vec<_>>(), "title": title,
        "texts": texts.iter().map(|text| json!([text.start.0, text.text])).collect::<Vec<_>>(),
        "warnings": warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }))
}

/// Takes of different tempos, meters and keys; swung, humanised, with chords, with notes that ring past the loop.
fn takes() -> Vec<Take> {
    let settings = [
        (124.0, (4, 4), 9, Scale::Minor),
        (92.5, (7, 8), 6, Scale::Minor),
        (174.0, (3, 4), 1, Scale::Major),
        (66.6, (6, 8), 2, Scale::Dorian),
        (240.0, (5, 4), 7, Scale::Mixolydian),
    ];
    settings
        .into_iter()
        .filter_map(|(bpm, meter, key, scale)| {
            let (tempo, meter) = (Bpm::new(bpm).ok()?, Meter::new(meter.0, meter.1).ok()?);
            let bar = meter.bar_beats().0;
            Some(take_with(|info, parts, original| {
                (info.tempo, info.meter, info.key, info.scale) = (tempo, meter, PitchClass::new(key), scale);
                info.bars = BarCount::new(2).unwrap_or(BarCount::DEFAULT);
                info.name = format!("Loop {bpm}, für {meter}");
                let chord = |start: f64, symbol: &str| ChordSpan {
                    start: Beats(start),
                    duration: Beats(bar),
                    symbol: symbol.to_owned(),
                };
                info.chords = vec![chord(0.0, "Am7"), chord(bar, "F#m7b5/E")];
                (original.tempo, original.loop_beats, original.bar_beats) = (tempo, Beats(2.0 * bar), Beats(bar));
                original.stems = Default::default();
                parts.retain(|part| part.kind == PartKind::Drums);
                parts[0].notes.retain(|note| note.start.0 < 2.0 * bar);
                parts.extend([lead(2.0 * bar), chords(bar)]);
            }))
        })
        .collect()
}

/// A swung line: off-beats two thirds into the beat, a little late each.
fn lead(num_beats: f64) -> Part {
    let notes = (0..(num_beats * 2.0) as u32).map(|step| {
        let late = f64::from(step % 5) * 0.003_7;
        let start = f64::from(step / 2) + f64::from(step % 2) * 2.0 / 3.0 + late;
        // Every fourth key is held until after it is struck again, the last ones beyond the loop.
        let duration = if step % 4 == 3 { 2.9 } else { 0.31 };
        Note { start: Beats(start), duration: Beats(duration), key: 60 + (step % 6) as u8, velocity: 40 + step as u8 }
    });
    Part { kind: PartKind::Melody, name: "Läd".into(), program: 65, channel: 3, notes: notes.collect() }
}

fn chords(bar: f64) -> Part {
    let strike = |index: u8| {
        [57, 60, 64, 67].map(|key| Note {
            start: Beats(f64::from(index) * bar),
            duration: Beats(bar * 0.97),
            key: key + index,
            velocity: 70 + index,
        })
    };
    let notes = (0..2).flat_map(strike).collect();
    Part { kind: PartKind::Harmony, name: "Piano".into(), program: 4, channel: 3, notes }
}
