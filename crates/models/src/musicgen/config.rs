//! The numbers of `config.json` that decoding needs.
use super::delay::CODEBOOKS_PER_CHANNEL;
use crate::ModelError;
use serde::Deserialize;
use std::path::Path;

/// A MusicGen in numbers, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Codebook rows: 4 for each channel.
    pub num_codebooks: usize,
    /// 1 or 2.
    pub num_channels: usize,
    /// Transformer layers of the decoder.
    pub num_layers: usize,
    /// Attention heads of the decoder.
    pub num_heads: usize,
    /// Width of a head.
    pub head_width: usize,
    /// Tokens of one codebook; the token for "nothing" is one past the last.
    pub vocab: usize,
    /// What stands where nothing is decided.
    pub pad: i64,
    /// Steps that the decoder can count.
    pub max_positions: usize,
    /// Width of the text encoder's output.
    pub text_width: usize,
    /// Frames per second of the audio, in hertz.
    pub rate_hz: u32,
    /// Audio frames of one EnCodec frame.
    pub hop: usize,
}

/// Newer versions of `transformers` leave out what is the default of MusicGen-small.
#[derive(Deserialize)]
struct File {
    decoder: Decoder,
    text_encoder: TextEncoder,
    audio_encoder: AudioEncoder,
}

#[derive(Deserialize)]
#[serde(default)]
struct Decoder {
    num_hidden_layers: usize,
    num_attention_heads: usize,
    hidden_size: usize,
    num_codebooks: usize,
    audio_channels: usize,
    vocab_size: usize,
    pad_token_id: i64,
    max_position_embeddings: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            num_hidden_layers: 24,
            num_attention_heads: 16,
            hidden_size: 1024,
            num_codebooks: 4,
            audio_channels: 1,
            vocab_size: 2048,
            pad_token_id: 2048,
            max_position_embeddings: 2048,
        }
    }
}

#[derive(Deserialize)]
#[serde(default)]
struct TextEncoder {
    d_model: usize,
}

impl Default for TextEncoder {
    fn default() -> Self {
        // T5-base, which every published MusicGen reads its text with.
        Self { d_model: 768 }
    }
}

#[derive(Deserialize)]
#[serde(default)]
struct AudioEncoder {
    sampling_rate: u32,
    upsampling_ratios: Vec<usize>,
}

impl Default for AudioEncoder {
    fn default() -> Self {
        Self { sampling_rate: 32_000, upsampling_ratios: vec![8, 5, 4, 4] }
    }
}

impl Config {
    /// Reads and checks a `config.json`.
    ///
    /// # Errors
    /// `Missing`; `Setting` with the value that no MusicGen has.
    pub fn read(path: &Path) -> Result<Config, ModelError> {
        let text = std::fs::read_to_string(path).map_err(|_| ModelError::Missing { file: path.to_owned() })?;
        Self::parse(&text).map_err(|reason| ModelError::Setting {
            file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            reason,
        })
    }

    fn parse(text: &str) -> Result<Config, String> {
        let File { decoder, text_encoder, audio_encoder } =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let hop = audio_encoder.upsampling_ratios.iter().try_fold(1_usize, |hop, ratio| hop.checked_mul(*ratio));
        let config = Config {
            num_codebooks: decoder.num_codebooks,
            num_channels: decoder.audio_channels,
            num_layers: decoder.num_hidden_layers,
            num_heads: decoder.num_attention_heads,
            head_width: decoder.hidden_size.checked_div(decoder.num_attention_heads).unwrap_or(0),
            vocab: decoder.vocab_size,
            pad: decoder.pad_token_id,
            max_positions: decoder.max_position_embeddings,
            text_width: text_encoder.d_model,
            rate_hz: audio_encoder.sampling_rate,
            hop: hop.unwrap_or(0),
        };
        config.check()?;
        Ok(config)
    }

    /// Sizes beyond these are damage: the largest MusicGen has 48 layers of 32 heads.
    fn check(&self) -> Result<(), String> {
        let in_range = |name: &str, value: usize, max: usize| {
            if (1..=max).contains(&value) { Ok(()) } else { Err(format!("`{name}` is {value}, expected 1 to {max}")) }
        };
        in_range("decoder.audio_channels", self.num_channels, 2)?;
        let expected = self.num_channels * CODEBOOKS_PER_CHANNEL;
        if self.num_codebooks != expected {
            let (found, channels) = (self.num_codebooks, self.num_channels);
            let hint = format!(
                "expected {expected} with `decoder.audio_channels` {channels}; 4 (mono) and 8 (stereo) can be played"
            );
            return Err(format!("`decoder.num_codebooks` is {found}, {hint}"));
        }
        in_range("decoder.num_hidden_layers", self.num_layers, 1024)?;
        in_range("decoder.num_attention_heads", self.num_heads, 1024)?;
        in_range("decoder.hidden_size / num_attention_heads", self.head_width, 65_536)?;
        in_range("decoder.vocab_size", self.vocab, 1 << 20)?;
        in_range("decoder.max_position_embeddings", self.max_positions, 1 << 20)?;
        in_range("text_encoder.d_model", self.text_width, 65_536)?;
        in_range("audio_encoder.sampling_rate", self.rate_hz as usize, 384_000)?;
        in_range("audio_encoder.upsampling_ratios", self.hop, self.rate_hz as usize)?;
        if self.pad == self.vocab as i64 {
            return Ok(());
        }
        Err(format!("`decoder.pad_token_id` is {}, expected `decoder.vocab_size`, {}", self.pad, self.vocab))
    }

    /// EnCodec frames per second, rounded up as the codec does: 50.
    pub fn frame_hz(&self) -> f64 {
        f64::from(self.rate_hz) / self.hop as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAN: &str = r#"{"decoder": {}, "text_encoder": {}, "audio_encoder": {}}"#;

    #[test]
    fn what_is_left_out_is_the_small_model() {
        let config = Config::parse(LEAN).unwrap();
        assert_eq!((config.num_layers, config.head_width, config.pad, config.hop), (24, 64, 2048, 640));
        assert_eq!(config.frame_hz(), 50.0);
    }

    #[test]
    fn what_cannot_be_played_is_named() {
        let error = |decoder: &str| Config::parse(&LEAN.replacen("{}", decoder, 1)).unwrap_err();
        let codebooks = error(r#"{"num_codebooks": 6}"#);
        assert!(codebooks.contains("`decoder.num_codebooks` is 6, expected 4"), "{codebooks}");
        assert!(error(r#"{"num_codebooks": 4, "audio_channels": 2}"#).contains("expected 8"));
        assert!(error(r#"{"num_attention_heads": 0}"#).contains("num_attention_heads"));
        assert!(error(r#"{"pad_token_id": 0}"#).contains("pad_token_id"));
        assert!(Config::parse("{}").unwrap_err().contains("decoder"));
    }
}
