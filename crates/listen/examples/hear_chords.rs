//! Prints the chords heard in WAV files as JSON lines, asked in real time at the end of every span of beats.
//! `cargo run -p listen --example hear_chords -- BPM BEATS_PER_SPAN FILE...`
use anyhow::{Context, Result, ensure};
use listen::AudioChords;
use serde_json::json;
use take::{Bpm, SampleRate};
use theory::{Chord, Quality};

const BLOCK: usize = 512;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    ensure!(args.len() >= 3, "usage: hear_chords BPM BEATS_PER_SPAN FILE...");
    let tempo = Bpm::new(args[0].parse().context("BPM")?)?;
    let beats: f64 = args[1].parse().context("BEATS_PER_SPAN")?;
    ensure!(beats > 0.0, "a span of {beats} beats");
    args[2..].iter().try_for_each(|file| hear(file, tempo, beats).with_context(|| file.clone()))
}

fn hear(file: &str, tempo: Bpm, beats: f64) -> Result<()> {
    let (rate, left, right) = read(file)?;
    let mut listener = AudioChords::new(rate);
    let span_frames = beats * tempo.frames_per_beat(rate);
    let edge = |span: usize| (span as f64 * span_frames).round() as u64;
    let mut span = 0;
    for (left, right) in left.chunks(BLOCK).zip(right.chunks(BLOCK)) {
        listener.push(left, right);
        while listener.num_pushed() >= edge(span + 1) {
            let heard = listener.heard_between(edge(span), edge(span + 1));
            let seconds = |span: usize| edge(span) as f64 / f64::from(rate.get());
            let line = json!({
                "file": file,
                "start": seconds(span),
                "end": seconds(span + 1),
                "chord": heard.map_or("N".to_owned(), |heard| label(heard.chord)),
                "confidence": heard.map_or(0.0, |heard| heard.confidence),
            });
            println!("{line}");
            span += 1;
        }
    }
    Ok(())
}

/// Both channels, full scale 1.0.
fn read(file: &str) -> Result<(SampleRate, Vec<f32>, Vec<f32>)> {
    let mut wav = hound::WavReader::open(file)?;
    let spec = wav.spec();
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => wav.samples::<f32>().collect::<Result<_, _>>()?,
        hound::SampleFormat::Int => {
            let full = (1i64 << (spec.bits_per_sample - 1)) as f32;
            wav.samples::<i32>().map(|sample| Ok(sample? as f32 / full)).collect::<Result<_, hound::Error>>()?
        }
    };
    let channels = usize::from(spec.channels);
    let channel = |index: usize| samples.iter().skip(index).step_by(channels).copied().collect();
    Ok((SampleRate::new(spec.sample_rate)?, channel(0), channel(channels.min(2) - 1)))
}

/// In the notation of Harte et al., "Symbolic representation of musical chords" (ISMIR 2005).
fn label(chord: Chord) -> String {
    const ROOTS: [&str; 12] = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
    let kind = match chord.quality {
        Quality::Minor => "min",
        Quality::Seven => "7",
        Quality::MajorSeven => "maj7",
        Quality::MinorSeven => "min7",
        Quality::Diminished => "dim",
        Quality::Augmented => "aug",
        Quality::Sus2 => "sus2",
        Quality::Sus4 => "sus4",
        _ => "maj",
    };
    format!("{}:{kind}", ROOTS[usize::from(chord.root.get())])
}
