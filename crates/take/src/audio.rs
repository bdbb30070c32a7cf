//! Finished material: stems as audio, the parts behind them, and where it all came from.
use crate::{Beats, Bpm, ChordSpan, Meter, Part, PartKind, Peaks, PitchClass, SampleRate, Scale, TakeSpec};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The audio voices of a take, in the fixed order of the output buses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StemKind {
    /// Kit.
    Drums,
    /// Bass.
    Bass,
    /// Chords.
    Harmony,
    /// Lead.
    Melody,
    /// Texture, vocals, anything else.
    Other,
}

impl StemKind {
    /// Every stem, in bus order.
    pub const ALL: [StemKind; 5] =
        [StemKind::Drums, StemKind::Bass, StemKind::Harmony, StemKind::Melody, StemKind::Other];

    /// Lower-case file and bus name.
    pub fn name(self) -> &'static str {
        match self {
            StemKind::Drums => "drums",
            StemKind::Bass => "bass",
            StemKind::Harmony => "harmony",
            StemKind::Melody => "melody",
            StemKind::Other => "other",
        }
    }
}

impl From<PartKind> for StemKind {
    fn from(kind: PartKind) -> Self {
        match kind {
            PartKind::Drums => StemKind::Drums,
            PartKind::Bass => StemKind::Bass,
            PartKind::Harmony => StemKind::Harmony,
            PartKind::Melody => StemKind::Melody,
            PartKind::Texture => StemKind::Other,
        }
    }
}

/// Stereo audio; both channels have the same number of frames.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AudioClip {
    /// Left channel, nominally -1.0..=1.0.
    pub left: Box<[f32]>,
    /// Right channel, as long as the left.
    pub right: Box<[f32]>,
}

impl AudioClip {
    /// Silence.
    pub fn silent(num_frames: usize) -> Self {
        Self { left: vec![0.0; num_frames].into(), right: vec![0.0; num_frames].into() }
    }

    /// Length in frames.
    pub fn num_frames(&self) -> usize {
        self.left.len()
    }
}

/// A sample as the 24-bit integer it is saved as, -8 388 608..=8 388 607: `round(sample * 2^23)`, clipped; NaN is 0.
pub fn quantise_24(sample: f32) -> i32 {
    // In f64 the product is exact, so that rounding happens once: `as` cuts towards 0 and turns NaN into 0. `round`
    // would be a call per sample on processors without SSE 4.1, the baseline.
    let scaled = f64::from(sample) * FULL_SCALE_24;
    (scaled + 0.5_f64.copysign(scaled)).clamp(-FULL_SCALE_24, FULL_SCALE_24 - 1.0) as i32
}

/// The sample behind a 24-bit integer; exact, since 24 bits fit the significand of an `f32`.
pub fn dequantise_24(value: i32) -> f32 {
    (f64::from(value) / FULL_SCALE_24) as f32
}

/// 2^23: one step of 24-bit audio is 1 / 2^23.
const FULL_SCALE_24: f64 = 8_388_608.0;

/// Content hash of a take (SHA-256 over its info, parts and 24-bit stems); 64 hex digits in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TakeId(pub [u8; 32]);

impl std::fmt::Display for TakeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<TakeId> for String {
    fn from(id: TakeId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for TakeId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("`{text}` is not a take id (64 hex digits)");
        // `from_str_radix` would also take a sign.
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(bad());
        }
        let mut bytes = [0u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).map_err(|_| bad())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}

/// A take's audio at one tempo and sample rate. What the engine plays.
///
/// The loop is `loop_beats` long, which is seldom a whole number of frames; every stem holds
/// `loop_frames().ceil()` frames, and a player starts repeat `k` at frame `round(k * loop_frames())`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendition {
    /// The take this is a rendition of.
    pub take: TakeId,
    /// Tempo of the audio.
    pub tempo: Bpm,
    /// Rate of the audio.
    pub rate: SampleRate,
    /// Length of the loop in beats.
    pub loop_beats: Beats,
    /// Length of one bar in beats.
    pub bar_beats: Beats,
    /// Stems in [`StemKind`] order; `None` is a stem the take does not have. Their sum is the mix.
    pub stems: [Option<AudioClip>; 5],
}

impl Rendition {
    /// Exact length of the loop in frames; not rounded.
    pub fn loop_frames(&self) -> f64 {
        self.loop_beats.0 * self.tempo.frames_per_beat(self.rate)
    }

    /// Frames every stem holds: `loop_frames().ceil()`, at least 1. A loop within 1e-6 frame of a whole number is
    /// taken as whole.
    pub fn num_frames(&self) -> usize {
        ((self.loop_frames() - 1e-6).ceil() as usize).max(1)
    }
}

/// Everything about a take but its sound and notes. Saved as `take.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeInfo {
    /// Name for people, for example `Deep house 124 Am #3f2a`.
    pub name: String,
    /// What was asked for.
    pub spec: TakeSpec,
    /// Who made it: `band` and the version that decides its bits, for example `band/1`.
    pub engine: String,
    /// Tonic that was used.
    pub key: PitchClass,
    /// Scale that was used.
    pub scale: Scale,
    /// Tempo of the original rendition (the prompt may have named one).
    pub tempo: Bpm,
    /// Meter.
    pub meter: Meter,
    /// Length in bars.
    pub bars: crate::BarCount,
    /// Chords over the loop; empty where none are known.
    pub chords: Vec<ChordSpan>,
    /// Integrated loudness of the mix (ITU-R BS.1770-4), LUFS.
    pub loudness_lufs: f64,
    /// True peak of the mix (BS.1770-4 annex 2), dBTP.
    pub true_peak_dbtp: f64,
}

/// One finished piece of material.
#[derive(Debug, Clone, PartialEq)]
pub struct Take {
    /// Content hash.
    pub id: TakeId,
    /// About it.
    pub info: TakeInfo,
    /// The MIDI behind it; empty where unknown.
    pub parts: Vec<Part>,
    /// The audio as made.
    pub original: Arc<Rendition>,
    /// For drawing.
    pub peaks: Peaks,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_id_reads_back_as_printed() {
        let id = TakeId([0xa5; 32]);
        assert_eq!(TakeId::try_from(id.to_string()), Ok(id));
        assert!(TakeId::try_from("xyz".to_owned()).is_err());
        assert!(TakeId::try_from("é".repeat(32)).is_err());
        assert!(TakeId::try_from("+a".repeat(32)).is_err());
    }

    #[test]
    fn every_24_bit_value_survives_as_a_sample() {
        for value in (-8_388_608..=8_388_607).step_by(997).chain([-8_388_608, -1, 0, 1, 8_388_607]) {
            assert_eq!(quantise_24(dequantise_24(value)), value);
        }
        assert_eq!([1.0, -2.0, f32::NAN, f32::INFINITY].map(quantise_24), [8_388_607, -8_388_608, 0, 8_388_607]);
    }

    #[test]
    fn halves_round_away_from_zero_and_less_does_not() {
        let step = |steps: f32| steps / 8_388_608.0;
        for whole in [0.0_f32, 1.0, 2.0, 1000.0] {
            assert_eq!(quantise_24(step(whole + 0.5)), whole as i32 + 1);
            assert_eq!(quantise_24(-step(whole + 0.5)), -(whole as i32) - 1);
            assert_eq!(quantise_24(step((whole + 0.5).next_down())), whole as i32);
            assert_eq!(quantise_24(-step((whole + 0.5).next_down())), -(whole as i32));
        }
    }

    #[test]
    fn a_loop_that_is_no_whole_number_of_frames_is_rounded_up() {
        let rendition = Rendition {
            take: TakeId([0; 32]),
            tempo: Bpm::new(126.0).unwrap(),
            rate: SampleRate::DEFAULT,
            loop_beats: Beats(32.0),
            bar_beats: Beats(4.0),
            stems: Default::default(),
        };
        assert_eq!(rendition.num_frames(), 731_429);
    }
}
