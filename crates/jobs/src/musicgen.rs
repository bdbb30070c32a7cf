//! MusicGen as an engine of takes: words out of the spec, audio out of the model, a perfect loop out of the audio.
use crate::musicgen_prompt::musicgen_prompt;
use crate::retime::restretched;
use crate::{
    BandProvider, CancelToken, LoopSource, PerfectLoopError, Progress, Provider, ProviderError, perfect_loop,
    while_waiting,
};
use models::musicgen::{MusicGen, MusicGenRequest, Precision};
use models::{ModelAudio, ModelError, RunControl, Runtime, RuntimeSearch};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use take::{Bpm, Rendition, SampleRate, StyleId, Take, TakeSpec};

/// Goes up whenever the same spec and files would give another take.
const VERSION: u32 = 1;
/// What is made beyond the loop, in bars: the first beat is seldom at the start, and the seam wants what comes after.
const MARGIN_BARS: f64 = 1.0;
/// The same in seconds, for what the model begins and ends with.
const MARGIN_SECONDS: f64 = 0.5;
/// Share of a job that opening and running the model takes.
const SHARE_MODEL: f32 = 0.93;

/// Which MusicGen, and how it draws.
#[derive(Debug, Clone, PartialEq)]
pub struct MusicGenSettings {
    /// Where ONNX Runtime is looked for.
    pub runtime: RuntimeSearch,
    /// The user's folder with the model's files.
    pub folder: PathBuf,
    /// Number format of the decoder; `None` is the fastest that is there.
    pub precision: Option<Precision>,
    /// 1.0..=20.0; 3.0 is what the model's authors take.
    pub guidance: f32,
    /// 0 is all; 250 is what the model's authors take.
    pub top_k: usize,
    /// 0.0..=10.0; 1.0 is what the model's authors take.
    pub temperature: f32,
}

impl MusicGenSettings {
    /// The model in `folder` with the dials of its authors.
    pub fn new(runtime: RuntimeSearch, folder: PathBuf) -> Self {
        Self { runtime, folder, precision: None, guidance: 3.0, top_k: 250, temperature: 1.0 }
    }
}

/// Makes takes with a MusicGen of the user's. The files are opened with the first take and shared by all instances of
/// the process; a change of `settings` is another provider.
pub struct MusicGenProvider {
    settings: MusicGenSettings,
    band: Arc<BandProvider>,
    opened: Mutex<Option<Arc<Opened>>>,
}

struct Opened {
    model: MusicGen,
    /// First eight hex digits of the SHA-256 over what decides the sound.
    fingerprint: String,
}

impl MusicGenProvider {
    /// Opens nothing yet. `band` knows the styles' names and tempos.
    pub fn new(settings: MusicGenSettings, band: Arc<BandProvider>) -> Self {
        Self { settings, band, opened: Mutex::default() }
    }

    /// What was given to [`MusicGenProvider::new`].
    pub fn settings(&self) -> &MusicGenSettings {
        &self.settings
    }

    fn model(&self, control: &RunControl) -> Result<Arc<Opened>, ProviderError> {
        let cached = || self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = &*cached() {
            return Ok(Arc::clone(opened));
        }
        // The lock is not held: who opens it twice shares the sessions behind it.
        let runtime = Runtime::find(&self.settings.runtime)?;
        let model = MusicGen::open_with(&runtime, &self.settings.folder, self.settings.precision, control)?;
        let opened = Arc::new(Opened { fingerprint: self.fingerprint(&model), model });
        Ok(Arc::clone(cached().get_or_insert(opened)))
    }

    /// Another file, number format or dial is another engine. Files are known by name and size: reading gigabytes for a
    /// name would take seconds.
    fn fingerprint(&self, model: &MusicGen) -> String {
        let mut digest = Sha256::new();
        for file in model.layout().files() {
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            digest.update(file.file_name().unwrap_or_default().as_encoded_bytes());
            digest.update(length.to_le_bytes());
        }
        let MusicGenSettings { guidance, top_k, temperature, .. } = self.settings;
        digest.update(guidance.to_le_bytes());
        digest.update((top_k as u64).to_le_bytes());
        digest.update(temperature.to_le_bytes());
        digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    fn audio(
        &self,
        opened: &Opened,
        prompt: String,
        spec: &TakeSpec,
        control: &RunControl,
    ) -> Result<ModelAudio, ProviderError> {
        let seconds = seconds_for(spec, opened.model.max_seconds())?;
        let MusicGenSettings { guidance, top_k, temperature, .. } = self.settings;
        let request = MusicGenRequest { prompt, seconds, seed: spec.seed, guidance, top_k, temperature };
        Ok(opened.model.generate(&request, control)?)
    }
}

/// What to ask the model for so that the loop can be cut from it: seconds of whole bars and a margin. Where the whole
/// loop is longer than the model can make, half of its bars, a third and so on, which then go round.
///
/// # Errors
/// [`ModelError::Input`] where not even one bar can be made.
fn seconds_for(spec: &TakeSpec, max_seconds: f64) -> Result<f64, ModelError> {
    let bar_seconds = spec.meter.bar_beats().0 * 60.0 / spec.tempo.get();
    let bars = spec.bars.get();
    let lengths =
        (1..=bars).filter(|parts| bars.is_multiple_of(*parts)).map(|parts| f64::from(bars / parts) * bar_seconds);
    let longest = lengths.into_iter().find(|seconds| *seconds <= max_seconds);
    let Some(seconds) = longest else {
        let reason = format!(
            "a bar of {} at {:.0} BPM is {bar_seconds:.1} seconds, and MusicGen makes {max_seconds:.1} at most: take a \
             faster tempo",
            spec.meter,
            spec.tempo.get()
        );
        return Err(ModelError::Input { reason });
    };
    Ok((seconds + MARGIN_BARS * bar_seconds + MARGIN_SECONDS).min(max_seconds))
}

impl From<ModelError> for ProviderError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Cancelled => ProviderError::Cancelled,
            error => ProviderError::Model(error),
        }
    }
}

impl From<PerfectLoopError> for ProviderError {
    fn from(error: PerfectLoopError) -> Self {
        match error {
            PerfectLoopError::Cancelled => ProviderError::Cancelled,
            source => ProviderError::Loop { engine: "MusicGen".to_owned(), source },
        }
    }
}

impl Provider for MusicGenProvider {
    fn id(&self) -> &str {
        "musicgen"
    }

    fn tempo_for(&self, prompt: &str, style: &StyleId) -> Bpm {
        self.band.tempo_for(prompt, style)
    }

    fn try_out(&self, progress: &Progress, cancel: &CancelToken) -> Result<String, ProviderError> {
        let is_cancelled = || cancel.is_cancelled();
        let report = |share: f32, stage: &str| progress.report(share, stage);
        let control = RunControl::new(&is_cancelled, &report);
        let opened = while_waiting(|| self.model(&control))?;
        let folder = self.settings.folder.file_name().unwrap_or_default().to_string_lossy();
        Ok(format!("{folder} opens and makes up to {:.0} seconds at a time.", opened.model.max_seconds()))
    }

    fn generate(
        &self,
        spec: &TakeSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        spec.check()?;
        let is_cancelled = || cancel.is_cancelled();
        let report = |share: f32, stage: &str| progress.report(share * SHARE_MODEL, stage);
        let control = RunControl::new(&is_cancelled, &report);
        let style = self.band.style(&spec.style)?;
        let prompt = musicgen_prompt(spec, &style.style.name);
        // Minutes at low priority: nobody else's load or save waits behind them.
        let (opened, audio) = while_waiting(|| {
            let opened = self.model(&control.within(0.0, 0.05))?;
            let audio = self.audio(&opened, prompt, spec, &control.within(0.05, 1.0))?;
            Ok::<_, ProviderError>((opened, audio))
        })?;
        let engine = format!("musicgen/{VERSION}-{}", opened.fingerprint);
        let (left, right) = (&audio.channels[0], &audio.channels[audio.channels.len() - 1]);
        let source = LoopSource {
            left,
            right,
            rate: SampleRate::new(audio.rate_hz).unwrap_or(SampleRate::DEFAULT),
            name: &format!("{} (MusicGen) #{:04x}", style.style.name, spec.seed & 0xffff),
            engine: &engine,
            near_tempo: Some(spec.tempo),
        };
        progress.report(SHARE_MODEL, "closing the loop");
        // Its own progress starts at nothing; the little it takes is one stage here.
        let made = perfect_loop(&source, spec, rate, &Progress::default(), cancel)?;
        Ok(made.take)
    }

    fn rerender(
        &self,
        take: &Take,
        tempo: Bpm,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Rendition, ProviderError> {
        restretched(take, tempo, rate, progress, cancel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::{BarCount, Meter};

    fn spec(bars: i64, bpm: f64) -> TakeSpec {
        let spec = TakeSpec::new(StyleId::built_in(0), Bpm::new(bpm).unwrap(), 1);
        TakeSpec { bars: BarCount::new(bars).unwrap(), ..spec }
    }

    #[test]
    fn a_bar_and_a_half_second_more_than_the_loop_are_made() {
        assert_eq!(seconds_for(&spec(4, 120.0), 40.9), Ok(8.0 + 2.0 + 0.5));
        let waltz = TakeSpec { meter: Meter::new(3, 4).unwrap(), ..spec(4, 120.0) };
        assert_eq!(seconds_for(&waltz, 40.9), Ok(6.0 + 1.5 + 0.5));
    }

    #[test]
    fn the_margin_ends_where_the_model_does() {
        assert_eq!(seconds_for(&spec(16, 96.0), 40.9), Ok(40.9));
    }

    #[test]
    fn of_a_loop_that_is_too_long_a_whole_part_is_made() {
        // 32 bars at 120 are 64 s: 16 of them, 32 s, and the margin.
        assert_eq!(seconds_for(&spec(32, 120.0), 40.9), Ok(34.5));
        // 7 bars at 40 are 42 s, and 7 has no half.
        assert_eq!(seconds_for(&spec(7, 40.0), 40.9), Ok(12.5));
    }

    #[test]
    fn a_bar_that_is_too_long_is_refused_with_both_lengths() {
        let endless = TakeSpec { meter: Meter::new(32, 1).unwrap(), ..spec(1, 100.0) };
        let error = seconds_for(&endless, 40.9).unwrap_err().to_string();
        assert!(error.contains("32/1 at 100 BPM is 76.8 seconds") && error.contains("40.9"), "{error}");
    }
}
