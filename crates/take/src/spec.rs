//! What somebody asks for.
use crate::{Amount, BarCount, Bpm, Meter, PitchClass, Scale, StyleId};
use serde::{Deserialize, Serialize};

/// A spec that no provider should be handed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// The prompt is longer than any engine reads.
    #[error("the prompt has {chars} characters, {max_chars} at most are read")]
    PromptTooLong {
        /// How many were given.
        chars: usize,
        /// How many are allowed.
        max_chars: usize,
    },
    /// Bars, meter and tempo make more audio than any machine should hold.
    #[error("that is {seconds:.0} seconds of music, {max_seconds:.0} at most are made: fewer bars or a faster tempo")]
    TooLong {
        /// Length asked for in seconds.
        seconds: f64,
        /// Longest allowed in seconds.
        max_seconds: f64,
    },
}

/// Everything that determines a take. The same spec and engine version give the same bits.
///
/// `None` means "as the prompt says, else as the style has it".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeSpec {
    /// Free words; may be empty.
    #[serde(default)]
    pub prompt: String,
    /// Which style file.
    pub style: StyleId,
    /// Tonic.
    #[serde(default)]
    pub key: Option<PitchClass>,
    /// Scale.
    #[serde(default)]
    pub scale: Option<Scale>,
    /// Tempo the take is rendered at.
    pub tempo: Bpm,
    /// Meter.
    pub meter: Meter,
    /// Length.
    pub bars: BarCount,
    /// How hard the band plays.
    pub energy: Amount,
    /// How much happens.
    pub complexity: Amount,
    /// 0.0 straight ..= 1.0 triplet.
    #[serde(default)]
    pub swing: Option<Amount>,
    /// Looseness of timing and velocity; 0.0 is exactly on the grid.
    pub humanise: Amount,
    /// Seed of every random choice.
    pub seed: u64,
}

impl TakeSpec {
    /// Longest prompt in characters.
    pub const MAX_PROMPT_CHARS: usize = 2000;
    /// Longest take in seconds: 32 bars of 4/4 at the slowest tempo, and a little. Only rare meters ask for more
    /// (32 bars of 32/1 would be three hours, and 24 GB at 48 kHz).
    pub const MAX_SECONDS: f64 = 400.0;

    /// A spec with the defaults of the host parameters: 8 bars of 4/4, energy 0.6, complexity 0.5, humanise 0.3.
    pub fn new(style: StyleId, tempo: Bpm, seed: u64) -> Self {
        Self {
            prompt: String::new(),
            style,
            key: None,
            scale: None,
            tempo,
            meter: Meter::FOUR_FOUR,
            bars: BarCount::DEFAULT,
            energy: Amount::new(0.6),
            complexity: Amount::new(0.5),
            swing: None,
            humanise: Amount::new(0.3),
            seed,
        }
    }

    /// Length in quarter notes.
    pub fn num_beats(&self) -> f64 {
        f64::from(self.bars.get()) * self.meter.bar_beats().0
    }

    /// # Errors
    /// `SpecError::PromptTooLong`, `SpecError::TooLong`. Every other field is valid by its type.
    pub fn check(&self) -> Result<(), SpecError> {
        let chars = self.prompt.chars().count();
        if chars > Self::MAX_PROMPT_CHARS {
            return Err(SpecError::PromptTooLong { chars, max_chars: Self::MAX_PROMPT_CHARS });
        }
        let seconds = self.num_beats() * 60.0 / self.tempo.get();
        if seconds > Self::MAX_SECONDS {
            return Err(SpecError::TooLong { seconds, max_seconds: Self::MAX_SECONDS });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(bars: i64, meter: (i64, i64), bpm: f64) -> TakeSpec {
        let spec = TakeSpec::new(StyleId::built_in(0), Bpm::new(bpm).unwrap(), 1);
        TakeSpec { bars: BarCount::new(bars).unwrap(), meter: Meter::new(meter.0, meter.1).unwrap(), ..spec }
    }

    #[test]
    fn every_length_in_four_four_is_allowed_and_hours_are_not() {
        assert_eq!(spec(32, (4, 4), Bpm::MIN).check(), Ok(()));
        let error = spec(32, (32, 1), Bpm::MIN).check().unwrap_err();
        assert_eq!(error, SpecError::TooLong { seconds: 12_288.0, max_seconds: 400.0 });
    }
}
