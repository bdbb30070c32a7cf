//! Room: RT (all but [`StretchMap::analyse`], [`Stretcher::new`] and [`render_loop`], which allocate)
//! Real-time time-stretching and pitch-shifting of a whole loop in memory: position-driven, no latency.
//!
//! # How to call it, per deck slot
//! Off the audio thread, once per rendition: `StretchMap::analyse(...)` (about 40 ms per stem for 16 s), kept beside
//! the rendition and freed with it. Once per slot: [`Stretcher::new`] (tables are built once per process). Then, while
//! the tempo, the rate or the pitch is not the rendition's, for every piece of a block in which the position moves
//! evenly:
//!
//! ```text
//! stretcher.process(
//!     &StretchSource { stems, map: &map },
//!     &Motion { position, speed, pitch_ratio, rate_ratio },
//!     &mut out,
//! );
//! ```
//! - `position`: where in the loop the first frame of the piece belongs, in source frames; any value, wraps round the
//!   exact loop length. `speed`: source frames per output frame, `host_tempo / take_tempo * rate_ratio`.
//! - Every frame is decided by position: a cycle, a seek or a backward step is just another position. A position that
//!   is more than 3 ms from where the last call ended restarts there with a 5 ms fade; smaller steps (hosts round) are
//!   absorbed.
//! - After [`Stretcher::reset`] the first frame plays the source at `position` at full level: a direct reader can hand
//!   over without a fade. In the other direction: when speed and read rate are both exactly 1 the stretcher finds its
//!   way back (within 0.2 s) until [`Stretcher::is_exact`]; from then on its output is the source at
//!   `round(position)`, bit for bit, and the direct reader can take over without a fade.
//! - Output is the same however it is cut into calls, as long as positions and speeds describe the same line.
//!
//! # How it works
//! Each group of stems is read straight (no windowing) by one voice until the voice has drifted too far from the
//! position; then it is spliced, with a crossfade of constant power, to the best matching place nearby (normalised
//! cross-correlation, coarse at about 6 kHz and then to the frame). Shortly before an onset a new voice is started so
//! that the attack plays exactly on time and whole, and no splice repeats or skips it. Near the original tempo a voice
//! lives for hundreds of milliseconds, so little is changed at all.
//! Stems of one group share every splice and stay phase-coherent; see [`Grouping`].
mod map;
mod offline;
mod onset;
mod search;
mod sinc;
#[cfg(test)]
mod tests;
mod track;
mod voice;

pub use map::{Grouping, StretchMap};
pub use offline::{Stems, render_loop};
pub use onset::detect as detect_onsets;

use track::Track;

/// Stems a source may have.
pub const MAX_STEMS: usize = 5;

/// The loop to play. Slices of one map's source: same number, same length.
#[derive(Debug, Clone, Copy)]
pub struct StretchSource<'a> {
    /// Left and right of each stem; `None` is silent.
    pub stems: [Option<[&'a [f32]; 2]>; MAX_STEMS],
    /// Its analysis.
    pub map: &'a StretchMap,
}

/// How the position moves through one piece of output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// Source frame the first output frame belongs to; any finite value, wraps round the loop.
    pub position: f64,
    /// Source frames the position moves per output frame: tempo ratio times `rate_ratio`. 0.0..=16.0.
    pub speed: f64,
    /// 1.0 keeps the pitch; 2.0 is an octave up. 0.125..=8.0.
    pub pitch_ratio: f64,
    /// Source rate / output rate.
    pub rate_ratio: f64,
}

impl Motion {
    /// Source frames a voice reads per output frame. Exactly 1.0 when within rounding of it.
    fn read_rate(&self) -> f64 {
        let rate = self.pitch_ratio * self.rate_ratio;
        match rate {
            _ if !rate.is_finite() => 1.0,
            _ if (rate - 1.0).abs() < 1.0e-9 => 1.0,
            _ => rate.clamp(0.05, 16.0),
        }
    }
}

/// Left and right per stem, all of one length; overwritten. A stem without a buffer is not rendered.
pub type StretchOut<'a> = [Option<[&'a mut [f32]; 2]>; MAX_STEMS];

/// One slot's stretcher.
#[derive(Debug, Clone)]
pub struct Stretcher {
    tracks: [Track; MAX_STEMS],
    /// Where the next call should start, and whether anything was played yet.
    expected: Option<f64>,
}

impl Stretcher {
    /// `rate` of the output in frames per second. Builds the interpolation tables on the first call in a process.
    pub fn new(rate: f32) -> Self {
        Self { tracks: std::array::from_fn(|_| Track::new(f64::from(rate))), expected: None }
    }

    /// Forgets everything: the next call starts at its position without a fade.
    pub fn reset(&mut self) {
        self.expected = None;
    }

    /// The last frames were the source at `round(position)`, bit for bit, and so will the next be if the motion stays.
    pub fn is_exact(&self, source: &StretchSource<'_>) -> bool {
        self.expected.is_some() && self.tracks.iter().take(source.map.num_groups()).all(Track::is_exact)
    }

    /// Renders as many frames as the first buffer of `out` holds.
    ///
    /// # Realtime
    /// Safe: no allocation, no lock; one search per group in 32 frames at the most.
    pub fn process(&mut self, source: &StretchSource<'_>, motion: &Motion, out: &mut StretchOut<'_>) {
        let num_frames = out.iter().flatten().flatten().map(|channel| channel.len()).min().unwrap_or(0);
        out.iter_mut().flatten().flatten().for_each(|channel| channel.fill(0.0));
        let loop_frames = source.map.loop_frames();
        if num_frames == 0 || loop_frames < 1.0 || !motion.position.is_finite() {
            return;
        }
        let speed = if motion.speed.is_finite() { motion.speed.clamp(0.0, 16.0) } else { 0.0 };
        let position = motion.position.rem_euclid(loop_frames);
        let start = match self.expected {
            None => Start::Fresh,
            Some(expected)
                if map::signed_distance(position, expected, loop_frames).abs() > source.map.jump_frames() =>
            {
                Start::Jump
            }
            Some(_) => Start::Continue,
        };
        for (group, track) in self.tracks.iter_mut().enumerate().take(source.map.num_groups()) {
            let call = track::Call { source, group, position, speed, read_rate: motion.read_rate(), start };
            track.process(&call, out, num_frames);
        }
        self.expected = Some((position + speed * num_frames as f64).rem_euclid(loop_frames));
    }
}

/// How a call relates to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Fresh,
    Jump,
    Continue,
}
