//! A language model as a jazz quartet: two bars at a time, in tracker text, from any OpenAI-compatible endpoint.
//!
//! [`Quartet`] writes one section after the other and always has one: where the model fails, the built-in band plays and
//! one sentence says why. [`Ahead`] keeps sections in stock so that whoever plays them never waits. Nothing here plays,
//! and no key leaves for a host it does not belong to.
mod ahead;
mod client;
mod endpoint;
mod failure;
mod prompt;
mod reply;
mod stand_in;
mod tune;

pub use ahead::Ahead;
pub use endpoint::{Endpoint, EndpointError};
pub use prompt::{MAX_CONTEXT_STEPS, MAX_EXTRA_CHARS, PromptStyle};
pub use stand_in::{BandStandIn, StandIn};
pub use tune::Tune;

pub use crate::http::{ApiKey, ApiKeys, KeyFileError};

use crate::http::{Client, wait};
use crate::{CancelToken, Cancelled};
use client::Question;
use composer::Swing;
use composer::style::SwingUnit;
use composer::tracker::{Parsed, Pattern, Voice, Warning, parse_in};
use failure::AskError;
use std::time::{Duration, Instant};
use take::{Amount, Bpm, ChordSpan, Meter, Part};
use theory::Key;

/// Groq's endpoint, and a model there.
pub const GROQ: (&str, &str) = ("https://api.groq.com/openai/v1", "openai/gpt-oss-120b");
/// Ollama's on this machine, and a model that many have.
pub const OLLAMA: (&str, &str) = ("http://localhost:11434/v1", "gpt-oss:20b");

/// Notes from which a section counts as music: one for each player.
const MIN_HITS: usize = 4;
/// Bars of what was played that are kept as context.
const HISTORY_BARS: usize = 8;
/// Most sections that are left to the band after failures in a row, before the model is asked again.
const MAX_SKIPPED: u32 = 8;

/// Whom to ask, and how. Holds no key and no history: fit for a saved project.
#[derive(Debug, Clone, PartialEq)]
pub struct QuartetSettings {
    /// What stands before `/chat/completions`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// Seed of every section; section `n` is asked for with `seed + n`, 31 bits of it.
    pub seed: u64,
    /// Sixteenths of what was played last that are sent along, 0..=[`MAX_CONTEXT_STEPS`].
    pub context_steps: usize,
    /// How the model is asked to play.
    pub prompt_style: PromptStyle,
    /// Words of the user's, [`MAX_EXTRA_CHARS`] at most.
    pub extra_words: String,
    /// 0.0..=2.0.
    pub temperature: f32,
    /// 0.0..=1.0.
    pub top_p: f32,
    /// Longest answer in tokens.
    pub max_tokens: u32,
    /// Longest that a section may take, from the question to the last byte.
    pub timeout: Duration,
    /// What text is played with.
    pub swing: Swing,
}

impl Default for QuartetSettings {
    /// Ollama on this machine; 32 steps of context, temperature 1.05, 15 s, swung eighths as in the jazz style.
    fn default() -> Self {
        Self {
            base_url: OLLAMA.0.to_owned(),
            model: OLLAMA.1.to_owned(),
            seed: 1,
            context_steps: 32,
            prompt_style: PromptStyle::Default,
            extra_words: String::new(),
            temperature: 1.05,
            top_p: 0.99,
            max_tokens: 4500,
            timeout: Duration::from_secs(15),
            swing: Swing { amount: Amount::new(0.85), unit: SwingUnit::Eighth },
        }
    }
}

/// Which section is wanted.
#[derive(Debug, Clone, Copy)]
pub struct SectionRequest<'a> {
    /// Counted from 0; decides the seed.
    pub number: u64,
    /// Length in bars, 1..=8; two is what models write well.
    pub num_bars: usize,
    /// Tempo.
    pub tempo: Bpm,
    /// Meter.
    pub meter: Meter,
    /// Key.
    pub key: Key,
    /// Chords from the section's first beat; a bar more than the section helps the band. Empty: the tonic throughout.
    pub chords: &'a [ChordSpan],
}

/// Who played a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlayedBy {
    /// The model, or most of it.
    Model,
    /// The built-in band.
    Band,
}

/// A section, ready to be played.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// As in the request.
    pub number: u64,
    /// As in the request.
    pub chords: Vec<ChordSpan>,
    /// On the straight grid, as long as the request has it.
    pub pattern: Pattern,
    /// The same swung, from the section's first beat.
    pub parts: Vec<Part>,
    /// Who played it.
    pub by: PlayedBy,
    /// One sentence, where something did not go as wished.
    pub said: Option<String>,
    /// Entries of the model's text that were skipped; the first 100.
    pub warnings: Vec<Warning>,
    /// The model's words as they came.
    pub reply: Option<String>,
}

/// Writes section after section. Call it on a worker: a section takes as long as the model does.
pub struct Quartet {
    settings: QuartetSettings,
    endpoint: Endpoint,
    keys: ApiKeys,
    client: Client,
    stand_in: Box<dyn StandIn>,
    history: Pattern,
    failures: u32,
    /// Sections that the model is not asked for.
    skipped: u32,
}

impl Quartet {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// [`EndpointError`] for a base address nobody can be asked at.
    pub fn new(settings: QuartetSettings, keys: ApiKeys, stand_in: Box<dyn StandIn>) -> Result<Self, EndpointError> {
        let endpoint = Endpoint::parse(&settings.base_url)?;
        let history = Pattern::silent(Meter::FOUR_FOUR, 0);
        Ok(Self { settings, endpoint, keys, client: Client::default(), stand_in, history, failures: 0, skipped: 0 })
    }

    /// The next section: the model's, else the band's.
    ///
    /// After two failures in a row the model is left alone for one section, then for two, four and eight.
    ///
    /// # Errors
    /// [`Cancelled`] within 50 ms of it; nothing was played and nothing is remembered.
    pub fn next_section(&mut self, request: &SectionRequest<'_>, cancel: &CancelToken) -> Result<Section, Cancelled> {
        cancel.check()?;
        let request = &SectionRequest { num_bars: request.num_bars.clamp(1, 8), ..*request };
        let section = if self.skipped > 0 {
            self.skipped -= 1;
            self.band_section(request, None)
        } else {
            match self.ask(request, cancel) {
                Ok(words) => self.model_section(request, words),
                Err(AskError::Cancelled) => return Err(Cancelled),
                Err(error) => self.failed_section(request, &error),
            }
        };
        self.remember(&section.pattern);
        Ok(section)
    }

    fn ask(&mut self, request: &SectionRequest<'_>, cancel: &CancelToken) -> Result<String, AskError> {
        let settings = &self.settings;
        let context = prompt::context(&self.history, settings.context_steps);
        let messages = prompt::messages(settings.prompt_style, &settings.extra_words, request, context.as_deref());
        let question = Question {
            endpoint: &self.endpoint,
            key: self.keys.key_for(&self.endpoint),
            model: &settings.model,
            system: &messages.system,
            user: &messages.user,
            temperature: settings.temperature.clamp(0.0, 2.0),
            top_p: settings.top_p.clamp(0.0, 1.0),
            max_tokens: settings.max_tokens,
            // Some servers count seeds in 32 bits with a sign.
            seed: (settings.seed.wrapping_add(request.number) & 0x7fff_ffff) as u32,
        };
        let deadline = Instant::now() + settings.timeout;
        let first = question.ask(&self.client, deadline, cancel);
        let pause = first.as_ref().err().and_then(AskError::retry_after);
        match pause {
            Some(pause) if Instant::now() + pause < deadline => {
                wait(pause, cancel).map_err(|Cancelled| AskError::Cancelled)?;
                question.ask(&self.client, deadline, cancel)
            }
            _ => first,
        }
    }

    /// What the model wrote, if it is music; voices it left out are the band's.
    fn model_section(&mut self, request: &SectionRequest<'_>, words: String) -> Section {
        let Parsed { mut pattern, warnings, num_more_warnings, has_voice } = parse_in(request.meter, &words);
        pattern.resize_bars(request.num_bars);
        let num_hits = pattern.num_hits();
        if num_hits < MIN_HITS || warnings.len() + num_more_warnings > num_hits {
            let failed = self.failed_section(request, &AskError::NoMusic);
            return Section { warnings, reply: Some(words), ..failed };
        }
        self.failures = 0;
        let missing: Vec<Voice> = Voice::ALL.into_iter().filter(|voice| !has_voice[*voice as usize]).collect();
        let said = (!missing.is_empty()).then(|| {
            let band = stand_in::pattern(&mut *self.stand_in, request, self.settings.seed);
            missing.iter().for_each(|voice| pattern.take_lane(*voice, &band));
            let names: Vec<_> = missing.iter().map(|voice| voice.header().to_lowercase()).collect();
            format!("The model left out {}; the band plays it.", names.join(" and "))
        });
        let section = self.section(request, pattern, PlayedBy::Model);
        Section { said, warnings, reply: Some(words), ..section }
    }

    fn failed_section(&mut self, request: &SectionRequest<'_>, error: &AskError) -> Section {
        self.failures = self.failures.saturating_add(1);
        self.skipped = if self.failures < 2 { 0 } else { (1 << (self.failures - 2).min(8)).min(MAX_SKIPPED) };
        let sentence = error.sentence(self.endpoint.host(), self.settings.timeout);
        let and_next = match self.skipped {
            0 => String::new(),
            1 => " and the next".to_owned(),
            more => format!(" and the next {more}"),
        };
        self.band_section(request, Some(format!("{sentence}; the band plays this section{and_next}.")))
    }

    fn band_section(&mut self, request: &SectionRequest<'_>, said: Option<String>) -> Section {
        let pattern = stand_in::pattern(&mut *self.stand_in, request, self.settings.seed);
        Section { said, ..self.section(request, pattern, PlayedBy::Band) }
    }

    fn section(&self, request: &SectionRequest<'_>, pattern: Pattern, by: PlayedBy) -> Section {
        section(request, pattern, by, self.settings.swing)
    }

    fn remember(&mut self, pattern: &Pattern) {
        if self.history.meter() != pattern.meter() {
            self.history = Pattern::silent(pattern.meter(), 0);
        }
        self.history.append(pattern);
        self.history.keep_last_bars(HISTORY_BARS);
    }
}

impl std::fmt::Debug for Quartet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quartet").field("settings", &self.settings).field("failures", &self.failures).finish()
    }
}

fn section(request: &SectionRequest<'_>, mut pattern: Pattern, by: PlayedBy, swing: Swing) -> Section {
    (pattern.tempo, pattern.swing) = (Some(request.tempo), Some(swing));
    Section {
        number: request.number,
        chords: request.chords.to_vec(),
        parts: pattern.parts(swing),
        pattern,
        by,
        said: None,
        warnings: Vec::new(),
        reply: None,
    }
}

#[cfg(test)]
mod tests;
