//! Engines on other machines: DJ-IA / OBSIDIAN v1 and v2, and ACE-Step's own API server.
//!
//! An [`Engine`] is what its user wrote into `engines.toml`; a [`RemoteProvider`] makes takes with it. Whatever a server
//! answers, a user hears one sentence that names the engine and says what to do ([`RemoteError`]). Keys go to the host
//! they belong to and nowhere else: no redirect is followed, and no message, take or project holds one. Addresses come
//! from the user's own settings or command line, never from a project. Nothing here plays; nothing runs without a job.
mod acestep;
mod answer;
mod audio;
mod call;
mod dj_ia;
mod engine;
mod failure;
mod health;
mod list;
mod make;
mod said;
mod secret;
mod waiting;
mod wish;

pub use call::Patience;
pub use engine::{Engine, EngineError, EngineKind, RemoteStem};
pub use failure::{RemoteError, RemoteFault};
pub use health::{Credits, EngineHealth};
pub use list::{EngineList, EngineListError};

use crate::http::{ApiKey, ApiKeys, Client};
use crate::retime::restretched;
use crate::{CancelToken, Progress, Provider, ProviderError};
use call::Call;
use composer::understand;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use take::{BarCount, Bpm, PitchClass, Rendition, SampleRate, Scale, StyleId, Take, TakeSpec};
use waiting::{SHARE_THERE, Usual, Waiting};
use wish::Wish;

/// Longest that a look at an engine's health takes for each question.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to wait, and how often to ask.
#[derive(Debug, Clone, Copy)]
struct Limits {
    timeout: Duration,
    patience: Patience,
}

/// What an engine has made, not yet looked into.
#[derive(Debug, Clone, PartialEq)]
struct Made {
    /// An audio file.
    bytes: Vec<u8>,
    /// As the server says.
    key: Option<(PitchClass, Scale)>,
    /// As the server hears it.
    bpm: Option<f64>,
    /// What is in it, where that is known.
    stems: Vec<RemoteStem>,
    /// What is kept as provenance, `X-BPM 120` each.
    kept: Vec<String>,
}

/// Largest audio file that is read: stereo floats at 96 kHz for twice as long as asked, and a little.
fn max_audio_bytes(seconds: f64) -> u64 {
    (16 << 20) + (seconds.clamp(0.0, 600.0) * 96_000.0 * 8.0 * 2.0) as u64
}

/// Makes takes with one remote engine. Several jobs may ask it at once.
///
/// Another call with the same spec makes another take: servers draw as they like.
#[derive(Debug)]
pub struct RemoteProvider {
    engine: Engine,
    keys: ApiKeys,
    client: Client,
    patience: Patience,
    /// What [`EngineKind::Auto`] turned out to be.
    found: Mutex<Option<EngineKind>>,
    usual: Usual,
}

impl RemoteProvider {
    /// Opens no connection yet. `keys` are those of the user's keys.toml.
    pub fn new(engine: Engine, keys: ApiKeys) -> Self {
        Self::with_patience(engine, keys, Patience::default())
    }

    /// With other pauses; for tests.
    pub fn with_patience(engine: Engine, keys: ApiKeys, patience: Patience) -> Self {
        let (client, found, usual) = (Client::default(), Mutex::default(), Usual::default());
        Self { engine, keys, client, patience, found, usual }
    }

    /// What was given to [`RemoteProvider::new`].
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether it answers, what it speaks, and whether it takes the key. Makes nothing and costs nothing. For a worker.
    ///
    /// # Errors
    /// [`RemoteError`]; `Cancelled` within 50 ms of it.
    pub fn health(&self, cancel: &CancelToken) -> Result<EngineHealth, RemoteError> {
        let quick = self.quick();
        let kind = self.kind(quick, cancel, &|| {}).map_err(|fault| fault.of(&self.engine))?;
        let key = self.key(kind);
        health::health(&self.call(quick, key.as_ref(), cancel, &|| {}), kind).map_err(|fault| fault.of(&self.engine))
    }

    /// Makes two bars and throws them away; one sentence about it. Costs what a take costs there. For a worker.
    ///
    /// # Errors
    /// [`ProviderError`], as for a take.
    pub fn test(&self, progress: &Progress, cancel: &CancelToken) -> Result<String, ProviderError> {
        let spec = TakeSpec {
            prompt: "drum loop".to_owned(),
            bars: BarCount::new(2).unwrap_or(BarCount::DEFAULT),
            ..TakeSpec::new(StyleId::built_in(0), Bpm::DEFAULT, 1)
        };
        let started = Instant::now();
        let take = self.generate(&spec, SampleRate::DEFAULT, progress, cancel)?;
        let (name, host) = (&self.engine.name, self.engine.address.host());
        let (took_s, loop_s) = (started.elapsed().as_secs_f64(), spec.num_beats() * 60.0 / spec.tempo.get());
        let loudness_lufs = take.info.loudness_lufs;
        Ok(format!("{name} ({host}) made {loop_s:.1} s of music in {took_s:.1} s, at {loudness_lufs:.1} LUFS"))
    }

    /// Asks what is spoken there where the user left it open, once.
    fn kind(&self, limits: Limits, cancel: &CancelToken, meanwhile: &dyn Fn()) -> Result<EngineKind, RemoteFault> {
        let known = *self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = known.or(Some(self.engine.kind).filter(|kind| *kind != EngineKind::Auto)) {
            return Ok(kind);
        }
        // Version 1 is the only one that is asked with a key here.
        let key = self.key(EngineKind::DjIa);
        let kind = health::discover(&self.call(limits, key.as_ref(), cancel, meanwhile))?;
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(kind);
        Ok(kind)
    }

    fn key(&self, kind: EngineKind) -> Option<ApiKey> {
        secret::key_for(&self.engine, kind, &self.keys, |name| std::env::var(name).ok())
    }

    /// For a take.
    fn limits(&self) -> Limits {
        Limits { timeout: self.engine.timeout, patience: self.patience }
    }

    /// For a question that somebody waits for: once, and not for long.
    fn quick(&self) -> Limits {
        let timeout = self.engine.timeout.min(HEALTH_TIMEOUT);
        Limits { timeout, patience: Patience { max_tries: 1, ..self.patience } }
    }

    fn call<'a>(
        &'a self,
        limits: Limits,
        key: Option<&'a ApiKey>,
        cancel: &'a CancelToken,
        meanwhile: &'a dyn Fn(),
    ) -> Call<'a> {
        let (engine, client, Limits { timeout, patience }) = (&self.engine, &self.client, limits);
        Call { engine, client, key, timeout, deadline: Instant::now() + timeout, patience, cancel, meanwhile }
    }

    fn ask(&self, wish: &Wish, progress: &Progress, cancel: &CancelToken) -> Result<(EngineKind, Made), RemoteFault> {
        let started = Instant::now();
        let usual = self.usual.of(wish.loop_seconds);
        let waiting = Waiting { progress, engine: &self.engine.name, started, usual };
        let meanwhile = || waiting.report();
        let kind = self.kind(self.limits(), cancel, &meanwhile)?;
        let key = self.key(kind);
        let made = if kind == EngineKind::AceStep {
            // This one says itself how far it is.
            let report = |share: f32, stage: &str| {
                progress.report(share * SHARE_THERE, &format!("{}: {stage}", self.engine.name));
            };
            acestep::generate(&self.call(self.limits(), key.as_ref(), cancel, &|| {}), wish, &report)?
        } else {
            dj_ia::generate(&self.call(self.limits(), key.as_ref(), cancel, &meanwhile), kind, wish)?
        };
        self.usual.remember(started.elapsed(), wish.loop_seconds);
        Ok((kind, made))
    }
}

impl Provider for RemoteProvider {
    fn id(&self) -> &str {
        "remote"
    }

    fn tempo_for(&self, prompt: &str, style: &StyleId) -> Bpm {
        let own = || crate::StyleBook::built_in().get(style).map_or(Bpm::DEFAULT, |entry| entry.style.tempo);
        understand(prompt).tempo.unwrap_or_else(own)
    }

    /// Asks how the server is.
    fn try_out(&self, _: &Progress, cancel: &CancelToken) -> Result<String, ProviderError> {
        Ok(format!("{}.", self.health(cancel)?.sentence))
    }

    fn generate(
        &self,
        spec: &TakeSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        spec.check()?;
        cancel.check()?;
        let failed = |fault: RemoteFault| match fault {
            RemoteFault::Cancelled => ProviderError::Cancelled,
            fault => ProviderError::Remote(fault.of(&self.engine)),
        };
        let wish = Wish::of(spec, &self.engine, rate.get()).map_err(failed)?;
        let (kind, made) = self.ask(&wish, progress, cancel).map_err(failed)?;
        let request = make::MakeRequest { engine: &self.engine, kind, wish: &wish, spec, rate };
        let report = progress.within(SHARE_THERE, 1.0);
        make::take_of(&made, &request, &report, cancel).map_err(failed)
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
mod tests;
