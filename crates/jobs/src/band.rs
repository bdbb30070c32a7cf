//! The built-in band: composer, synth and bake as one provider.
use crate::retime::{bake_again, retime};
use crate::style_book::{StyleBook, StyleEntry};
use crate::{CancelToken, Progress, Provider, ProviderError, StyleReport, bake};
use composer::{Composition, compose, effective_energy, understand};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use synth::{RenderError, RenderRequest, Rendered, SoundFontBank, render, render_with_soundfont};
use take::{Bpm, Rendition, SampleRate, StyleId, Take, TakeId, TakeInfo, TakeSpec, Tuning};

/// Goes up whenever composer, lexicon, synth or bake give other bits for the same spec. Changes of style files are
/// seen by their fingerprint.
const BAND_VERSION: u32 = 2;

/// Composes and renders on this machine, with nothing but its style files.
#[derive(Debug)]
pub struct BandProvider {
    config_dir: PathBuf,
    /// `None` until somebody needs it: constructing touches no disk.
    book: RwLock<Option<Arc<StyleBook>>>,
    /// Plays in place of the built-in instruments.
    soundfont: RwLock<Option<SoundFontBank>>,
}

impl BandProvider {
    /// A band whose user styles lie in `<config_dir>/styles`. No disk access yet.
    pub fn new(config_dir: &Path) -> Self {
        Self { config_dir: config_dir.to_owned(), book: RwLock::default(), soundfont: RwLock::default() }
    }

    /// From now on plays with a user's SoundFont, or with the built-in instruments again. Takes made with another one
    /// keep their sound; at another tempo they are stretched and not played again.
    pub fn use_soundfont(&self, bank: Option<SoundFontBank>) {
        *self.soundfont.write().unwrap_or_else(PoisonError::into_inner) = bank;
    }

    /// Reads a SoundFont and plays with it from now on; disk work.
    ///
    /// # Errors
    /// `ProviderError::SoundFont`; what was in use stays in use.
    pub fn open_soundfont(&self, file: &Path) -> Result<(), ProviderError> {
        self.use_soundfont(Some(SoundFontBank::open(file)?));
        Ok(())
    }

    /// What it plays with, when it is not the built-in instruments.
    pub fn soundfont(&self) -> Option<SoundFontBank> {
        self.soundfont.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The styles as they were read last.
    pub fn styles(&self) -> Arc<StyleBook> {
        let known = self.book.read().unwrap_or_else(PoisonError::into_inner).clone();
        known.unwrap_or_else(|| self.read_styles())
    }

    fn read_styles(&self) -> Arc<StyleBook> {
        let book = Arc::new(StyleBook::load(&self.config_dir));
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Some(book.clone());
        book
    }

    pub(crate) fn style(&self, id: &StyleId) -> Result<Arc<StyleEntry>, ProviderError> {
        self.styles().get(id).map_err(|problem| match problem {
            Some(problem) => ProviderError::BrokenStyle { reason: problem.to_string() },
            None => ProviderError::UnknownStyle { style: id.as_str().to_owned() },
        })
    }
}

/// Where the notes of a take come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The composer.
    Band,
    /// A MIDI file, or other notes that were there before.
    Midi,
}

/// Who makes takes in this style: the same name gives the same bits.
pub(crate) fn engine_name(origin: Origin, style: &StyleEntry, soundfont: Option<&SoundFontBank>) -> String {
    let id = if origin == Origin::Band { "band" } else { "midi" };
    let sound = soundfont.map_or_else(String::new, |bank| format!("-sf2-{}", bank.fingerprint()));
    format!("{id}/{BAND_VERSION}-{}{sound}", style.fingerprint)
}

impl Provider for BandProvider {
    fn id(&self) -> &str {
        "band"
    }

    fn tempo_for(&self, prompt: &str, style: &StyleId) -> Bpm {
        let own = || self.style(style).map_or(Bpm::DEFAULT, |entry| entry.style.tempo);
        understand(prompt).tempo.unwrap_or_else(own)
    }

    fn reload_styles(&self) -> StyleReport {
        self.read_styles().report()
    }

    fn generate(
        &self,
        spec: &TakeSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        spec.check()?;
        let entry = self.style(&spec.style)?;
        progress.report(0.0, "composing");
        cancel.check()?;
        let hints = understand(&spec.prompt);
        let composition = compose(spec, &entry.style, &hints);
        let request = RenderRequest {
            parts: &composition.parts,
            tempo: composition.tempo,
            bar_beats: composition.bar_beats,
            loop_beats: composition.loop_beats,
            rate,
            sound: &entry.sound,
            hints: &hints,
            energy: composition.energy,
            tuning: Tuning::of(composition.key, composition.scale),
            seed: spec.seed,
        };
        let soundfont = self.soundfont();
        let rendered = render_with(&request, soundfont.as_ref(), progress, cancel)?;
        progress.report(0.95, "finishing");
        let original = rendition_of(&request, rendered.stems, TakeId([0; 32]));
        let levels = (rendered.loudness_lufs, rendered.true_peak_dbtp);
        let engine = engine_name(Origin::Band, &entry, soundfont.as_ref());
        let info = TakeInfo { engine, ..info_of(spec, &entry, &composition, levels) };
        bake(info, composition.parts, original)
            .map_err(|source| ProviderError::Bake { engine: "the band".to_owned(), source })
    }

    /// A take that this very band played is played again from its notes; any other is resampled and stretched.
    fn rerender(
        &self,
        take: &Take,
        tempo: Bpm,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Rendition, ProviderError> {
        let soundfont = self.soundfont();
        let is_ours = |entry: &StyleEntry| {
            let names = [Origin::Band, Origin::Midi].map(|origin| engine_name(origin, entry, soundfont.as_ref()));
            // Notes of another engine have its name before the band's.
            let is_name = |name: &String| take.info.engine == *name || take.info.engine.ends_with(&format!("-{name}"));
            names.iter().any(is_name)
        };
        let mut rendition = match self.style(&take.info.spec.style) {
            Ok(entry) if is_ours(&entry) => {
                let player = Player { entry: &entry, soundfont: soundfont.as_ref() };
                play_again(take, player, tempo, rate, progress, cancel)?
            }
            _ => retime(take, tempo, rate, progress, cancel)?,
        };
        bake_again(take, &mut rendition)?;
        Ok(rendition)
    }
}

/// What a take is played with.
struct Player<'a> {
    entry: &'a StyleEntry,
    soundfont: Option<&'a SoundFontBank>,
}

fn play_again(
    take: &Take,
    player: Player<'_>,
    tempo: Bpm,
    rate: SampleRate,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Rendition, ProviderError> {
    let spec = &take.info.spec;
    let hints = understand(&spec.prompt);
    let request = RenderRequest {
        parts: &take.parts,
        tempo,
        bar_beats: take.original.bar_beats,
        loop_beats: take.original.loop_beats,
        rate,
        sound: &player.entry.sound,
        hints: &hints,
        energy: effective_energy(spec, &hints),
        tuning: Tuning::of(take.info.key, take.info.scale),
        seed: spec.seed,
    };
    let rendered = render_with(&request, player.soundfont, progress, cancel)?;
    Ok(rendition_of(&request, rendered.stems, take.id))
}

pub(crate) fn render_with(
    request: &RenderRequest<'_>,
    soundfont: Option<&SoundFontBank>,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Rendered, ProviderError> {
    let report = progress.within(0.05, 0.95);
    let mut hear = |share: f32, stage: &str| {
        report(share, &format!("rendering {stage}"));
        cancel.flow()
    };
    match soundfont {
        None => render(request, &mut hear).map_err(|synth::Cancelled| ProviderError::Cancelled),
        Some(bank) => render_with_soundfont(request, bank, &mut hear).map_err(|error| match error {
            RenderError::Cancelled(_) => ProviderError::Cancelled,
            RenderError::SoundFont(error) => error.into(),
        }),
    }
}

pub(crate) fn rendition_of(
    request: &RenderRequest<'_>,
    stems: [Option<take::AudioClip>; 5],
    take: TakeId,
) -> Rendition {
    let RenderRequest { tempo, rate, loop_beats, bar_beats, .. } = *request;
    Rendition { take, tempo, rate, loop_beats, bar_beats, stems }
}

fn info_of(spec: &TakeSpec, entry: &StyleEntry, composition: &Composition, levels: (f64, f64)) -> TakeInfo {
    let (loudness_lufs, true_peak_dbtp) = levels;
    TakeInfo {
        name: name_of(spec, entry, composition),
        spec: spec.clone(),
        engine: String::new(),
        key: composition.key,
        scale: composition.scale,
        tempo: spec.tempo,
        meter: spec.meter,
        bars: spec.bars,
        chords: composition.chords.clone(),
        loudness_lufs,
        true_peak_dbtp,
    }
}

/// For example `Deep house 124 Am #3f2a`; the digits are the seed's last four in hex.
fn name_of(spec: &TakeSpec, entry: &StyleEntry, composition: &Composition) -> String {
    let key = theory::Key::new(composition.key, composition.scale).short_name();
    let bpm = (spec.tempo.get() * 100.0).round() / 100.0;
    format!("{} {bpm} {key} #{:04x}", entry.style.name, spec.seed & 0xffff)
}
