//! The flat `take.json` of an export, for scripts. Nothing reads it back here; fields are only ever added.
use crate::export::{part_place, stem_place};
use crate::{LibraryError, about};
use serde::Serialize;
use take::{Part, PartKind, Scale, StemKind, Take, TakeId, TakeSpec};

#[derive(Serialize)]
struct Summary<'a> {
    id: TakeId,
    name: &'a str,
    style: &'a str,
    prompt: &'a str,
    engine: &'a str,
    seed: u64,
    tempo_bpm: f64,
    meter: String,
    key: String,
    scale: Scale,
    bars: u8,
    beats: f64,
    energy: f32,
    complexity: f32,
    swing: Option<f32>,
    humanise: f32,
    rate_hz: u32,
    num_frames: usize,
    chords: Vec<Chord<'a>>,
    loudness_lufs: f64,
    true_peak_dbtp: f64,
    mix: &'static str,
    all_midi: &'static str,
    parts: Vec<PartEntry<'a>>,
    stems: Vec<StemEntry>,
    hash: TakeId,
}

#[derive(Serialize)]
struct Chord<'a> {
    start_beats: f64,
    duration_beats: f64,
    symbol: &'a str,
}

#[derive(Serialize)]
struct PartEntry<'a> {
    kind: PartKind,
    name: &'a str,
    file: String,
    channel: u8,
    program: u8,
    notes: usize,
}

#[derive(Serialize)]
struct StemEntry {
    kind: StemKind,
    file: String,
}

pub(crate) fn encode(take: &Take) -> Result<Vec<u8>, LibraryError> {
    let mut bytes = serde_json::to_vec_pretty(&summary(take))
        .map_err(|error| LibraryError::NotSavable { reason: error.to_string() })?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn summary(take: &Take) -> Summary<'_> {
    let TakeSpec { prompt, style, energy, complexity, swing, humanise, seed, .. } = &take.info.spec;
    let stems = StemKind::ALL.into_iter().filter(|&kind| take.original.stems[kind as usize].is_some());
    Summary {
        id: take.id,
        name: &take.info.name,
        style: style.as_str(),
        prompt,
        engine: &take.info.engine,
        seed: *seed,
        tempo_bpm: take.info.tempo.get(),
        meter: take.info.meter.to_string(),
        key: about::tonic(&take.info).to_owned(),
        scale: take.info.scale,
        bars: take.info.bars.get(),
        beats: take.original.loop_beats.0,
        energy: energy.get(),
        complexity: complexity.get(),
        swing: swing.map(take::Amount::get),
        humanise: humanise.get(),
        rate_hz: take.original.rate.get(),
        num_frames: take.original.num_frames(),
        chords: chords(take),
        loudness_lufs: take.info.loudness_lufs,
        true_peak_dbtp: take.info.true_peak_dbtp,
        mix: "mix.wav",
        all_midi: "all.mid",
        parts: take.parts.iter().map(PartEntry::of).collect(),
        stems: stems.map(|kind| StemEntry { kind, file: stem_place(kind) }).collect(),
        hash: take.id,
    }
}

fn chords(take: &Take) -> Vec<Chord<'_>> {
    let spans = take.info.chords.iter();
    spans
        .map(|span| Chord { start_beats: span.start.0, duration_beats: span.duration.0, symbol: &span.symbol })
        .collect()
}

impl<'a> PartEntry<'a> {
    fn of(part: &'a Part) -> Self {
        let Part { kind, name, program, channel, notes } = part;
        Self { kind: *kind, name, file: part_place(*kind), channel: *channel, program: *program, notes: notes.len() }
    }
}
