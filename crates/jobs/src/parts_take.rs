//! Notes that are there already, played by a style's instruments.
use crate::band::{BandProvider, Origin, engine_name, render_with, rendition_of};
use crate::{CancelToken, Progress, ProviderError, bake};
use composer::{effective_energy, understand};
use synth::RenderRequest;
use take::{
    BarCount, Beats, Bpm, ChordSpan, Meter, Part, PartKind, PitchClass, SampleRate, Scale, StyleId, Take, TakeId,
    TakeInfo, TakeSpec, Tuning,
};

/// The notes of a take, and everything a take has to say about them.
#[derive(Debug, Clone, PartialEq)]
pub struct PartsSpec {
    /// What people call it; tempo and key are put behind it.
    pub name: String,
    /// Whose sound plays it.
    pub style: StyleId,
    /// Tempo of the audio.
    pub tempo: Bpm,
    /// Meter.
    pub meter: Meter,
    /// Length.
    pub bars: BarCount,
    /// Tonic and scale.
    pub key: (PitchClass, Scale),
    /// Chords over the bars; empty where none are known.
    pub chords: Vec<ChordSpan>,
    /// The notes. What does not begin within the bars is left out; what rings past them comes in at the start again.
    pub parts: Vec<Part>,
    /// Seed of noise in the instruments.
    pub seed: u64,
}

impl BandProvider {
    /// Renders notes with a style's sound, or with the SoundFont in use. The same spec gives the same bits.
    ///
    /// # Errors
    /// [`ProviderError`]; `NoNotes` when nothing is left to play.
    pub fn take_from_parts(
        &self,
        wanted: PartsSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        let spec = spec_of(&wanted);
        self.take_of(wanted, spec, "", rate, progress, cancel)
    }

    /// As [`BandProvider::take_from_parts`], for another engine's notes: `spec` is what they were made from, and
    /// `engine`, such as `midi-model/1-`, goes before the name of the sound.
    pub(crate) fn take_of(
        &self,
        wanted: PartsSpec,
        spec: TakeSpec,
        engine: &str,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        spec.check()?;
        let entry = self.style(&spec.style)?;
        let loop_beats = Beats(spec.num_beats());
        let parts = playable(wanted.parts, loop_beats);
        if parts.is_empty() {
            return Err(ProviderError::NoNotes);
        }
        let hints = understand(&spec.prompt);
        let request = RenderRequest {
            parts: &parts,
            tempo: spec.tempo,
            bar_beats: spec.meter.bar_beats(),
            loop_beats,
            rate,
            sound: &entry.sound,
            hints: &hints,
            energy: effective_energy(&spec, &hints),
            tuning: Tuning::of(wanted.key.0, wanted.key.1),
            seed: spec.seed,
        };
        let soundfont = self.soundfont();
        let rendered = render_with(&request, soundfont.as_ref(), progress, cancel)?;
        progress.report(0.95, "finishing");
        let original = rendition_of(&request, rendered.stems, TakeId([0; 32]));
        let info = TakeInfo {
            name: name_of(&wanted.name, &spec, wanted.key),
            engine: format!("{engine}{}", engine_name(Origin::Midi, &entry, soundfont.as_ref())),
            key: wanted.key.0,
            scale: wanted.key.1,
            tempo: spec.tempo,
            meter: spec.meter,
            bars: spec.bars,
            chords: wanted.chords,
            loudness_lufs: rendered.loudness_lufs,
            true_peak_dbtp: rendered.true_peak_dbtp,
            spec,
        };
        bake(info, parts, original).map_err(|source| ProviderError::Bake { engine: "the band".to_owned(), source })
    }
}

fn spec_of(wanted: &PartsSpec) -> TakeSpec {
    TakeSpec {
        key: Some(wanted.key.0),
        scale: Some(wanted.key.1),
        meter: wanted.meter,
        bars: wanted.bars,
        ..TakeSpec::new(wanted.style.clone(), wanted.tempo, wanted.seed)
    }
}

/// Parts as a take has them: sorted notes within the loop and within MIDI's ranges, drums on their channel.
fn playable(parts: Vec<Part>, loop_beats: Beats) -> Vec<Part> {
    let tidy = |mut part: Part| {
        let is_heard = |start: f64, duration: f64| (0.0..loop_beats.0).contains(&start) && duration > 0.0;
        part.notes.retain(|note| is_heard(note.start.0, note.duration.0) && note.duration.0.is_finite());
        for note in &mut part.notes {
            note.key = note.key.min(127);
            note.velocity = note.velocity.clamp(1, 127);
        }
        part.notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
        part.channel = if part.kind == PartKind::Drums { 9 } else { part.channel.min(15) };
        part.program = part.program.min(127);
        part
    };
    parts.into_iter().map(tidy).filter(|part| !part.notes.is_empty()).collect()
}

fn name_of(name: &str, spec: &TakeSpec, (tonic, scale): (PitchClass, Scale)) -> String {
    let key = theory::Key::new(tonic, scale).short_name();
    let bpm = (spec.tempo.get() * 100.0).round() / 100.0;
    format!("{name} {bpm} {key}")
}
