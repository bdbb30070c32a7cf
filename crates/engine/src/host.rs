//! What a host says about one block, and where the sound goes. Every field a host may leave out is optional.

/// The host's cycle in beats, `start..end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoopRange {
    /// First beat.
    pub start: f64,
    /// One past the last beat.
    pub end: f64,
}

/// One process call as the host describes it. Anything may be missing, not a number, or wrong by a rounding.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HostBlock {
    /// Frames in this block, 0..=max_frames.
    pub num_frames: usize,
    /// The transport rolls.
    pub is_playing: bool,
    /// Tempo at the first frame, BPM.
    pub tempo: Option<f64>,
    /// Position of the first frame in quarter notes; negative in a pre-roll.
    pub pos_beats: Option<f64>,
    /// Position of the first frame in samples.
    pub pos_samples: Option<i64>,
    /// Start of the current bar in quarter notes. Ardour's is a bar late: trust only a start <= pos_beats.
    pub bar_start_beats: Option<f64>,
    /// Meter as (numerator, denominator).
    pub meter: Option<(i32, i32)>,
    /// The host's cycle, while it is on.
    pub cycle: Option<LoopRange>,
}

/// Where one block of sound goes. Every slice holds `num_frames` frames and is overwritten.
///
/// A bus the host did not connect is `None`.
#[derive(Debug)]
pub struct Outputs<'a> {
    /// Main stereo output: the limited mix.
    pub main: [&'a mut [f32]; 2],
    /// Drums, bass, harmony, melody, other: after deck level, filter and pan, before sends and limiter.
    pub stems: [Option<[&'a mut [f32]; 2]>; 5],
    /// The cue bus.
    pub cue: Option<[&'a mut [f32]; 2]>,
}
