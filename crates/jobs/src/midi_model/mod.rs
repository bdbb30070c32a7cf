//! SkyTNT's midi-model as an engine of takes: the style's instruments in, notes out, played by the band.
//!
//! The dials for complexity and humanise are not read: how much happens and how loosely is the model's.
mod arrange;
mod ask;
#[cfg(test)]
mod tests;

use crate::midi_chords::{Stretch, heard};
use crate::style_book::StyleEntry;
use crate::{BandProvider, CancelToken, PartsSpec, Progress, Provider, ProviderError};
use arrange::{Frame, parts};
use ask::Asked;
use composer::Swing;
use models::midi_model::{MidiModel, MidiModelPiece};
use models::{RunControl, Runtime, RuntimeSearch};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use take::{Bpm, Part, Rendition, SampleRate, StyleId, Take, TakeSpec};

/// Goes up whenever the same spec and files would give another take.
const VERSION: u32 = 1;
/// Share of a job that opening and running the model takes.
const SHARE_MODEL: f32 = 0.85;

/// Which midi-model, and how it draws.
#[derive(Debug, Clone, PartialEq)]
pub struct MidiModelSettings {
    /// Where ONNX Runtime is looked for.
    pub runtime: RuntimeSearch,
    /// The user's folder with the model's files.
    pub folder: PathBuf,
    /// 0.0..=10.0; default 1.0, as the model's authors have it.
    pub temperature: f32,
    /// 0.0..=1.0; default 0.94, as the model's authors have it.
    pub top_p: f32,
    /// Draws from so many of the likeliest tokens; 0 is all, default 20, as the model's authors have it.
    pub top_k: usize,
}

impl MidiModelSettings {
    /// The model in `folder` with the dials of its authors.
    pub fn new(runtime: RuntimeSearch, folder: PathBuf) -> Self {
        Self { runtime, folder, temperature: 1.0, top_p: 0.94, top_k: 20 }
    }
}

/// Makes takes with a midi-model of the user's and the band's instruments. The files are opened with the first take and
/// shared by all instances of the process; a change of `settings` is another provider.
pub struct MidiModelProvider {
    settings: MidiModelSettings,
    band: Arc<BandProvider>,
    opened: Mutex<Option<Arc<Opened>>>,
}

struct Opened {
    model: MidiModel,
    /// First eight hex digits of the SHA-256 over what decides the notes.
    fingerprint: String,
}

impl MidiModelProvider {
    /// Opens nothing yet. `band` knows the styles and plays the notes.
    pub fn new(settings: MidiModelSettings, band: Arc<BandProvider>) -> Self {
        Self { settings, band, opened: Mutex::default() }
    }

    /// What was given to [`MidiModelProvider::new`].
    pub fn settings(&self) -> &MidiModelSettings {
        &self.settings
    }

    fn model(&self, control: &RunControl) -> Result<Arc<Opened>, ProviderError> {
        let cached = || self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = &*cached() {
            return Ok(Arc::clone(opened));
        }
        // The lock is not held: who opens it twice shares the sessions behind it.
        let runtime = Runtime::find(&self.settings.runtime)?;
        let model = MidiModel::open_with(&runtime, &self.settings.folder, control)?;
        let opened = Arc::new(Opened { fingerprint: self.fingerprint(&model), model });
        Ok(Arc::clone(cached().get_or_insert(opened)))
    }

    /// Another file or dial is another engine. Files are known by name and size: reading gigabytes for a name would take
    /// seconds.
    fn fingerprint(&self, model: &MidiModel) -> String {
        let mut digest = Sha256::new();
        for file in model.layout().files() {
            digest.update(file.file_name().unwrap_or_default().as_encoded_bytes());
            digest.update(file.metadata().map_or(0, |metadata| metadata.len()).to_le_bytes());
        }
        let MidiModelSettings { temperature, top_p, top_k, .. } = self.settings;
        digest.update(temperature.to_le_bytes());
        digest.update(top_p.to_le_bytes());
        digest.update((top_k as u64).to_le_bytes());
        digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Provider for MidiModelProvider {
    fn id(&self) -> &str {
        "midi-model"
    }

    fn tempo_for(&self, prompt: &str, style: &StyleId) -> Bpm {
        self.band.tempo_for(prompt, style)
    }

    fn try_out(&self, progress: &Progress, cancel: &CancelToken) -> Result<String, ProviderError> {
        let is_cancelled = || cancel.is_cancelled();
        let report = |share: f32, stage: &str| progress.report(share, stage);
        let control = RunControl::new(&is_cancelled, &report);
        crate::while_waiting(|| self.model(&control))?;
        let folder = self.settings.folder.file_name().unwrap_or_default().to_string_lossy();
        Ok(format!("{folder} opens."))
    }

    fn generate(
        &self,
        spec: &TakeSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        spec.check()?;
        let entry = self.band.style(&spec.style)?;
        let asked = Asked::of(spec, &entry, &self.settings)?;
        let is_cancelled = || cancel.is_cancelled();
        let report = |share: f32, stage: &str| progress.report(share * SHARE_MODEL, stage);
        let control = RunControl::new(&is_cancelled, &report);
        let opened = self.model(&control.within(0.0, 0.05))?;
        let piece = opened.model.generate(&asked.request, &control.within(0.05, 1.0))?;
        let parts = usable(&piece, &asked, spec, &entry)?;
        let bar_beats = spec.meter.bar_beats().0;
        let stretch = Stretch { from: 0.0, num_beats: spec.num_beats(), bar_beats };
        let wanted = PartsSpec {
            name: format!("{} (midi-model) #{:04x}", entry.style.name, spec.seed & 0xffff),
            style: spec.style.clone(),
            tempo: spec.tempo,
            meter: spec.meter,
            bars: spec.bars,
            key: asked.key,
            chords: heard(&parts, stretch, asked.key),
            parts,
            seed: spec.seed,
        };
        let engine = format!("{}/{VERSION}-{}-", self.id(), opened.fingerprint);
        // The band's own progress starts at nothing; the little it takes is one stage here.
        progress.report(SHARE_MODEL, "playing the notes");
        self.band.take_of(wanted, spec.clone(), &engine, rate, &Progress::default(), cancel)
    }

    /// The band plays the notes again.
    fn rerender(
        &self,
        take: &Take,
        tempo: Bpm,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Rendition, ProviderError> {
        self.band.rerender(take, tempo, rate, progress, cancel)
    }
}

/// The parts of a piece, if it is enough of one.
///
/// # Errors
/// [`ProviderError::PoorAnswer`] says what came: no note, next to none, or a piece that ends before half of the loop.
fn usable(
    piece: &MidiModelPiece,
    asked: &Asked,
    spec: &TakeSpec,
    entry: &StyleEntry,
) -> Result<Vec<Part>, ProviderError> {
    let frame = Frame {
        loop_beats: spec.num_beats(),
        meter: spec.meter,
        scale_mask: entry.style.is_tonal.then(|| theory::pitch_mask(asked.key.0, theory::parent(asked.key.1))),
        swing: spec.swing.or(asked.swing).map(|amount| Swing { amount, unit: entry.style.swing_unit }),
    };
    let parts = parts(&piece.notes, &asked.voices, &frame);
    match lack_of(piece, &parts, spec) {
        Some(reason) => Err(ProviderError::PoorAnswer { engine: "midi-model".to_owned(), reason }),
        None => Ok(parts),
    }
}

/// Why the parts are no music, if so.
fn lack_of(piece: &MidiModelPiece, parts: &[Part], spec: &TakeSpec) -> Option<String> {
    let (bars, bar_beats) = (spec.bars.get(), spec.meter.bar_beats().0);
    let bars_word = if bars == 1 { "1 bar".to_owned() } else { format!("{bars} bars") };
    let bar_of = |beat: f64| (beat / bar_beats).floor() as u64 + 1;
    let leap = piece.next_beat.map_or_else(String::new, |beat| format!("; then it went on in bar {}", bar_of(beat)));
    let num_notes: usize = parts.iter().map(|part| part.notes.len()).sum();
    if num_notes == 0 {
        let wrote = match piece.num_events {
            0 => "nothing".to_owned(),
            1 => "one event and no note".to_owned(),
            events => format!("{events} events and no note"),
        };
        return Some(format!("it wrote {wrote} in {bars_word}{leap}"));
    }
    if num_notes < usize::from(bars) {
        let notes = if num_notes == 1 { "one note".to_owned() } else { format!("{num_notes} notes") };
        return Some(format!("it wrote {notes} in {bars_word}{leap}"));
    }
    let notes = parts.iter().flat_map(|part| &part.notes);
    let end = notes.map(|note| note.start.0 + note.duration.0).fold(0.0, f64::max);
    let is_short = bars > 1 && end < spec.num_beats() / 2.0;
    is_short.then(|| format!("its notes end in bar {} of {bars}{leap}", bar_of((end - 1e-9).max(0.0))))
}
