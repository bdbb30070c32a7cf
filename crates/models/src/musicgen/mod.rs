//! MusicGen: a text into seconds of audio.
//!
//! Source: Copet et al., "Simple and Controllable Music Generation" (2023). The files are those that people export and
//! share ([`Layout`]); the steps are those of the `transformers` implementation, and without chance they give its tokens
//! ([`MusicGenRequest::temperature`] 0). A continuation of audio and melody conditioning are not here: no published set
//! of files has what they need.
mod config;
mod decoder;
mod delay;
mod encodec;
mod layout;
pub(crate) mod open_file;
mod request;
mod sampling;
#[cfg(test)]
mod tests;
mod text;
mod tokens;

pub use layout::{DecoderFiles, Layout, Precision};
pub use request::MusicGenRequest;

use crate::{ModelAudio, ModelError, RunControl, Runtime};
use config::Config;
use decoder::Decoder;
use delay::{DelayPattern, MAX_DELAY};
use encodec::Encodec;
use sampling::{Sampler, Sampling};
use std::path::Path;
use text::{Conditioning, TextEncoder};
use tokens::TextTokens;

/// A MusicGen whose files are open and checked. Copies of its sessions are shared in the process.
pub struct MusicGen {
    layout: Layout,
    config: Config,
    tokens: TextTokens,
    text: TextEncoder,
    decoder: Decoder,
    encodec: Encodec,
}

impl MusicGen {
    /// Opens the MusicGen in `folder` with its fastest decoder; may take seconds.
    ///
    /// # Errors
    /// [`ModelError`] with the file, and the tensor or value that is missing or wrong; nothing stays open.
    pub fn open(runtime: &Runtime, folder: &Path) -> Result<Self, ModelError> {
        Self::open_with(runtime, folder, None, &RunControl::detached())
    }

    /// As [`Self::open`], with the decoder in one number format, and with progress and cancel.
    ///
    /// # Errors
    /// As [`Self::open`], and `Cancelled`.
    pub fn open_with(
        runtime: &Runtime,
        folder: &Path,
        precision: Option<Precision>,
        control: &RunControl,
    ) -> Result<Self, ModelError> {
        let layout = Layout::find(folder, precision)?;
        let config = Config::read(&layout.config)?;
        let tokens = TextTokens::read(&layout.tokenizer)?;
        control.report(0.0, "opening MusicGen");
        let text = TextEncoder::open(runtime, &layout.text_encoder, &config, control)?;
        control.report(0.2, "opening MusicGen");
        let decoder = Decoder::open(runtime, &layout.decoder, &config, control)?;
        control.report(0.9, "opening MusicGen");
        let encodec = Encodec::open(runtime, &layout.encodec, &config, control)?;
        control.report(1.0, "opening MusicGen");
        Ok(Self { layout, config, tokens, text, decoder, encodec })
    }

    /// Which files it is made of.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// 1 or 2.
    pub fn num_channels(&self) -> usize {
        self.config.num_channels
    }

    /// Frames per second of what it makes: 32 000.
    pub fn rate_hz(&self) -> u32 {
        self.config.rate_hz
    }

    /// Threads that a step of the decoder takes now: fewer than set where other programs hold the processor.
    pub fn num_threads(&self) -> usize {
        self.decoder.later_session().num_threads()
    }

    /// The longest it can make in one piece, in seconds: 40.9. It was trained on 30.
    pub fn max_seconds(&self) -> f64 {
        self.config.max_positions.saturating_sub(MAX_DELAY) as f64 / self.config.frame_hz()
    }

    /// Makes `request.seconds` of audio, rounded up to whole EnCodec frames (1/50 s). The same request, files and number
    /// of threads give the same audio.
    ///
    /// # Errors
    /// `Cancelled` within 250 ms; `Input` for a request out of range, longer than [`Self::max_seconds`] above all;
    /// what running the files gives.
    pub fn generate(&self, request: &MusicGenRequest, control: &RunControl) -> Result<ModelAudio, ModelError> {
        let codes = self.generate_codes(request, &control.within(0.0, 0.9))?;
        control.report(0.9, "decoding the sound");
        let num_channels = codes.len();
        let decode = |(channel, codes): (usize, Vec<i64>)| {
            let share = |channel: usize| 0.9 + 0.1 * channel as f32 / num_channels as f32;
            self.encodec.decode(codes, &control.within(share(channel), share(channel + 1)))
        };
        let channels: Result<Vec<_>, _> = codes.into_iter().enumerate().map(decode).collect();
        let channels = channels.map_err(|error| self.explain(error))?;
        control.report(1.0, "done");
        Ok(ModelAudio { rate_hz: self.config.rate_hz, channels })
    }

    /// The EnCodec tokens of every channel: four rows, codebook after codebook.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub fn generate_codes(&self, request: &MusicGenRequest, control: &RunControl) -> Result<Vec<Vec<i64>>, ModelError> {
        request.check(self.max_seconds())?;
        let num_frames = request.num_frames(self.config.frame_hz());
        control.report(0.0, "reading the text");
        let text = self.read_text(request, control).map_err(|error| self.explain(error))?;
        let pattern = self.walk(request, &text, num_frames, control).map_err(|error| self.explain(error))?;
        Ok((0..self.config.num_channels).map(|channel| pattern.codes(channel)).collect())
    }

    fn read_text(&self, request: &MusicGenRequest, control: &RunControl) -> Result<Conditioning, ModelError> {
        let ids = self.tokens.encode(&request.prompt)?;
        let hidden = self.text.encode(&ids, control)?;
        Conditioning::new(hidden, ids.len(), self.decoder.first_session(), request.is_guided())
    }

    /// All steps of the decoder.
    fn walk(
        &self,
        request: &MusicGenRequest,
        text: &Conditioning,
        num_frames: usize,
        control: &RunControl,
    ) -> Result<DelayPattern, ModelError> {
        let Config { num_codebooks, vocab, pad, .. } = self.config;
        let MusicGenRequest { guidance, top_k, temperature, .. } = *request;
        let mut sampler = Sampler::new(Sampling { guidance, top_k, temperature }, request.seed);
        let mut pattern = DelayPattern::new(num_codebooks, num_frames, pad);
        let mut steps = self.decoder.start(text);
        let num_steps = pattern.num_steps();
        for step in 0..num_steps {
            control.check()?;
            control.report(step as f32 / num_steps as f32, &format!("step {} of {num_steps}", step + 1));
            let scores = steps.step(pattern.last_column(), control)?;
            let (with_text, without) = scores.split_at(num_codebooks * vocab);
            pattern.push(&sampler.draw(with_text, without, vocab));
        }
        Ok(pattern)
    }

    /// Damaged weights are looked for only once they have made themselves felt.
    fn explain(&self, error: ModelError) -> ModelError {
        open_file::explain(error, &self.layout.files())
    }
}
