//! Room: RT
//! Judges the host's position against our own prediction of it.
//!
//! Real hosts round: Ardour to 1/1920 beat, Qtractor to 1/7680 and then to a 32-bit float. One measurement can
//! therefore be off by half a tick, and successive ones step back and forth. Each measurement allows an interval of
//! true positions; their intersection closes in on the truth, so that an unlucky first one leaves no lasting offset.

/// Coarsest grid of a known host (Ardour), ticks per beat.
const TICKS_PER_BEAT: f64 = 1920.0;
/// Grid of Qtractor.
const FINE_TICKS_PER_BEAT: f64 = 7680.0;
/// Relative half-spacing of 32-bit floats, for hosts that pass positions through one.
const FLOAT_ERROR: f64 = 6.0e-8;

/// What the host said about a block's first frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    pub(crate) beats: f64,
    pub(crate) samples: Option<f64>,
    pub(crate) frames_per_beat: f64,
}

impl Said {
    /// Position in frames.
    fn frames(&self) -> f64 {
        self.beats * self.frames_per_beat
    }

    /// Largest rounding error of any known host either way, in frames.
    fn worst_error_frames(&self) -> f64 {
        self.error_of(TICKS_PER_BEAT)
    }

    /// Largest rounding error of a host that rounds like this one.
    fn error_frames(&self) -> f64 {
        let is_float = f64::from(self.beats as f32) == self.beats;
        self.error_of(if is_float && !self.is_on_tick() { FINE_TICKS_PER_BEAT } else { TICKS_PER_BEAT })
    }

    fn error_of(&self, ticks_per_beat: f64) -> f64 {
        (0.5 / ticks_per_beat + FLOAT_ERROR * self.beats.abs()) * self.frames_per_beat + 0.01
    }

    fn is_on_tick(&self) -> bool {
        let ticks = self.beats * TICKS_PER_BEAT;
        (ticks - ticks.round()).abs() < 1.0e-6
    }
}

/// What to do about the prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Agreement {
    /// It stands.
    Keep,
    /// Go to this frame: a jump, or a correction of a few frames.
    Move(i64),
    /// The tempo is moving: gain this many frames over the block.
    Lean(f64),
}

/// Memory of earlier measurements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// The true position minus the prediction lies in `low..=high`, frames.
    low: f64,
    high: f64,
    /// The sample position explains the beats: it is used as it is.
    trusts_samples: bool,
}

impl Default for Clock {
    fn default() -> Self {
        Self { low: f64::NEG_INFINITY, high: f64::INFINITY, trusts_samples: false }
    }
}

impl Clock {
    /// Earlier measurements belong to another tempo.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Takes a first measurement at its word.
    pub(crate) fn place(&mut self, said: &Said) -> i64 {
        self.forget();
        if let Some(samples) = self.exact(said) {
            return samples;
        }
        let frame = said.frames().round();
        self.narrow(said.frames() - frame, said.error_frames());
        frame as i64
    }

    /// Compares a measurement with the `predicted` frame and part of a frame; `ramp_frames` more may be due to a
    /// tempo that has just moved.
    pub(crate) fn compare(&mut self, said: &Said, predicted: (i64, f64), ramp_frames: f64) -> Agreement {
        let residual = said.frames() - (predicted.0 as f64 + predicted.1);
        let error = said.error_frames();
        // The prediction may itself rest on a rounded measurement: twice the error, and a quarter for good measure.
        if residual.abs() > 2.5 * said.worst_error_frames() + 1.0 + ramp_frames {
            return Agreement::Move(self.place(said));
        }
        if ramp_frames == 0.0
            && let Some(samples) = self.exact(said)
        {
            return if samples == predicted.0 { Agreement::Keep } else { Agreement::Move(samples) };
        }
        if ramp_frames > 0.0 {
            self.forget();
            self.narrow(residual, error + ramp_frames);
            return if residual.abs() > error { Agreement::Lean(residual) } else { Agreement::Keep };
        }
        self.narrow(residual, error);
        self.correct(predicted.0)
    }

    /// The sample position, when together with a constant tempo it explains the beats.
    fn exact(&mut self, said: &Said) -> Option<i64> {
        let samples = said.samples?;
        let distance = (said.frames() - samples).abs();
        let tick = said.frames_per_beat / TICKS_PER_BEAT + 0.5;
        self.trusts_samples = distance <= 0.5 || (distance <= tick && (self.trusts_samples || said.is_on_tick()));
        self.trusts_samples.then_some(samples as i64)
    }

    /// Intersects with the interval that one measurement allows.
    fn narrow(&mut self, residual: f64, error: f64) {
        let (low, high) = (self.low.max(residual - error), self.high.min(residual + error));
        // Empty: the host's tempo is not what it says; only the newest measurement counts.
        (self.low, self.high) = if low <= high { (low, high) } else { (residual - error, residual + error) };
    }

    /// Moves the prediction when the measurements rule it out.
    fn correct(&mut self, frame: i64) -> Agreement {
        // Half a frame of grace: the position is a whole number of frames, the truth need not be.
        if self.low <= 0.5 && self.high >= -0.5 {
            return Agreement::Keep;
        }
        let middle = (0.5 * (self.low + self.high)).round();
        self.low -= middle;
        self.high -= middle;
        Agreement::Move(frame + middle as i64)
    }
}
