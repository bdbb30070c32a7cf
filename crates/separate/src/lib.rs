//! Takes a mix apart into drums, bass, harmony and melody, with no model file: a small network is built in.
//!
//! [`separate`] does it; its stems add up to the mix. [`to_24_bits`] makes that exact in 24-bit audio. Nothing here reads
//! files or runs on the audio thread; stems by a user's model are the models room's.
mod bands;
mod cues;
mod dense;
mod exact;
mod masks;
mod network;
mod sections;
mod stft;
#[cfg(test)]
mod tests;
mod weights;

pub use exact::to_24_bits;
pub use sections::separate;
pub use weights::WeightsError;

/// Number of stems.
pub const NUM_STEMS: usize = 4;
/// Their names, in order. Melody is whatever leads: a solo instrument or a voice.
pub const STEM_NAMES: [&str; NUM_STEMS] = ["drums", "bass", "harmony", "melody"];

/// Shorter or longer ones are refused, Hz.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// What lies before the first sample and behind the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Silence.
    Silent,
    /// It is a loop: its end goes over into its beginning, in every stem as in the mix.
    Closed,
}

/// Why nothing was separated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SeparateError {
    /// The caller no longer wants it.
    #[error("cancelled")]
    Cancelled,
    /// Two channels of different lengths.
    #[error("the left channel has {left_frames} frames and the right one {right_frames}")]
    Channels {
        /// Frames of the left one.
        left_frames: usize,
        /// Frames of the right one.
        right_frames: usize,
    },
    /// Nothing there.
    #[error("there is no audio to separate")]
    Empty,
    /// A sample is infinite or not a number.
    #[error("the audio is broken at frame {frame}")]
    NotFinite {
        /// The first such frame.
        frame: usize,
    },
    /// The network that is built in cannot be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A rate that is not taken.
    #[error("{rate_hz} Hz is no rate to separate at; {min_hz} to {max_hz} Hz are")]
    Rate {
        /// What was given.
        rate_hz: u32,
        /// Lowest.
        min_hz: u32,
        /// Highest.
        max_hz: u32,
    },
}
