//! Loudness and true peak after ITU-R BS.1770-4, measured by the `ebur128` crate.
use ebur128::{EbuR128, Mode};

/// Shortest audio that the gate of BS.1770 can judge, in seconds.
const GATE_S: f64 = 0.4;
/// Frames handed over at once.
const BLOCK: usize = 4096;

/// Measures stereo audio that comes in pieces.
pub(crate) struct Loudness {
    meter: Option<EbuR128>,
    rate_hz: u32,
    num_frames: u64,
}

impl Loudness {
    pub fn new(rate_hz: u32) -> Self {
        Self { meter: EbuR128::new(2, rate_hz, Mode::I | Mode::TRUE_PEAK).ok(), rate_hz, num_frames: 0 }
    }

    /// Frames of both channels; finite.
    pub fn push(&mut self, left: &[f32], right: &[f32]) {
        self.num_frames += left.len() as u64;
        if let Some(meter) = &mut self.meter
            && meter.add_frames_planar_f32(&[left, right]).is_err()
        {
            self.meter = None;
        }
    }

    /// Loudness in LUFS and true peak in dBTP; minus infinity for silence and for rates nobody measures.
    pub fn finish(mut self) -> (f64, f64) {
        let missing = (GATE_S * f64::from(self.rate_hz)).ceil() as u64;
        let padding = missing.saturating_sub(self.num_frames);
        let seconds = self.num_frames as f64 / f64::from(self.rate_hz);
        let silence = [0.0f32; BLOCK];
        let mut left = if self.num_frames == 0 { 0 } else { padding as usize + 1 };
        while left > 0 && padding > 0 {
            let now = left.min(BLOCK);
            self.push(&silence[..now], &silence[..now]);
            left -= now;
        }
        let Some(meter) = self.meter else { return (f64::NEG_INFINITY, f64::NEG_INFINITY) };
        let lufs = meter.loudness_global().unwrap_or(f64::NEG_INFINITY);
        // Too short for a gating block: what was padded took energy away.
        let lufs = if padding > 0 { lufs + 10.0 * libm::log10(GATE_S / seconds.max(1e-9)) } else { lufs };
        let peak = [0, 1].into_iter().filter_map(|channel| meter.true_peak(channel).ok()).fold(0.0, f64::max);
        (lufs, 20.0 * libm::log10(peak))
    }
}
