//! A plucked string: a delay line that damps itself (Karplus and Strong 1983, with the tuning of Jaffe and Smith 1983).

/// What a string sounds like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StringTone {
    /// Time in which the fundamental falls by 60 dB, seconds.
    pub decay_s: f32,
    /// Time in which harmonics near 4 kHz fall by 60 dB, seconds; shorter is duller.
    pub bright_decay_s: f32,
}

/// One string. The excitation is handed in sample by sample.
#[derive(Debug, Clone)]
pub struct PluckedString {
    line: Vec<f32>,
    write: usize,
    whole: usize,
    /// Third-order Lagrange weights of the fractional delay.
    weights: [f32; 4],
    damp: f32,
    feedback: f32,
    x1: f32,
    x2: f32,
}

impl PluckedString {
    /// A string at rest. Frequencies above an eighth of `rate` are played as that. `frequency_hz` and `rate` in Hz.
    pub fn new(frequency_hz: f32, tone: StringTone, rate: f32) -> Self {
        let frequency = f64::from(frequency_hz).clamp(8.0, f64::from(rate) / 8.0);
        let period = f64::from(rate) / frequency;
        // The damping filter is symmetric over three samples: one frame of delay at every frequency.
        let delay = period - 1.0;
        let whole = delay as usize - 1;
        let d = delay - whole as f64; // 1.0..2.0, where a third-order Lagrange is at its best
        let weights = [
            -(d - 1.0) * (d - 2.0) * (d - 3.0) / 6.0,
            d * (d - 2.0) * (d - 3.0) / 2.0,
            -d * (d - 1.0) * (d - 3.0) / 2.0,
            d * (d - 1.0) * (d - 2.0) / 6.0,
        ];
        let loss = |t60: f32| libm::pow(10.0, -3.0 / (frequency * f64::from(t60.max(0.01))));
        let feedback = loss(tone.decay_s);
        let reference = (4000.0 / f64::from(rate)).min(0.25) * std::f64::consts::TAU;
        let wanted = (loss(tone.bright_decay_s) / feedback).min(1.0);
        let damp = ((1.0 - wanted) / (2.0 * (1.0 - libm::cos(reference)))).clamp(0.0, 0.25);
        Self {
            line: vec![0.0; (whole + 8).next_power_of_two()],
            write: 0,
            whole,
            weights: weights.map(|w| w as f32),
            damp: damp as f32,
            feedback: feedback as f32,
            x1: 0.0,
            x2: 0.0,
        }
    }

    /// Damps the string by hand: from now on it falls by 60 dB in `decay_s` seconds. `rate` in Hz.
    pub fn mute(&mut self, decay_s: f32, rate: f32) {
        let period = (self.whole as f32 + 2.5) / rate;
        self.feedback = self.feedback.min(libm::powf(10.0, -3.0 * period / decay_s.max(0.005)));
    }

    /// One sample of excitation in, one sample of the string out.
    #[inline(always)]
    pub fn process(&mut self, excitation: f32) -> f32 {
        let mask = self.line.len() - 1;
        let read = self.write.wrapping_sub(self.whole);
        let tap = |n: usize| self.line[read.wrapping_sub(n) & mask];
        let [w0, w1, w2, w3] = self.weights;
        let x0 = w0 * tap(0) + w1 * tap(1) + w2 * tap(2) + w3 * tap(3);
        let damped = self.x1 + self.damp * (x0 - 2.0 * self.x1 + self.x2);
        (self.x2, self.x1) = (self.x1, x0);
        let out = excitation + self.feedback * damped;
        self.line[self.write & mask] = if out.is_finite() { out } else { 0.0 };
        self.write = self.write.wrapping_add(1);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frequency from the strongest autocorrelation lag near the expected one, refined by a parabola.
    fn measured_hz(x: &[f32], rate: f32, about_hz: f32) -> f32 {
        let lag = (rate / about_hz) as usize;
        let correlation = |lag: usize| -> f64 { x.iter().zip(&x[lag..]).map(|(a, b)| f64::from(a * b)).sum() };
        let (low, high) = (lag * 9 / 10, lag * 11 / 10 + 2);
        let best = (low..high).max_by(|a, b| correlation(*a).total_cmp(&correlation(*b))).unwrap();
        let (a, b, c) = (correlation(best - 1), correlation(best), correlation(best + 1));
        rate / (best as f32 + ((a - c) / (2.0 * (a - 2.0 * b + c))) as f32)
    }

    #[test]
    fn strings_are_in_tune() {
        for hz in [41.2, 110.0, 329.63, 880.0] {
            for rate in [44_100.0, 96_000.0] {
                let mut string = PluckedString::new(hz, StringTone { decay_s: 4.0, bright_decay_s: 0.5 }, rate);
                let mut noise = crate::noise::Noise::new(3);
                let period = (rate / hz) as usize;
                let x: Vec<f32> =
                    (0..24_000).map(|n| string.process(if n < period { noise.white() } else { 0.0 })).collect();
                let cents = 1200.0 * (measured_hz(&x[4000..], rate, hz) / hz).log2();
                assert!(cents.abs() < 4.0, "{hz} Hz at {rate}: {cents} cents");
            }
        }
    }

    #[test]
    fn decay_time_is_kept_and_mute_shortens_it() {
        let mut string = PluckedString::new(200.0, StringTone { decay_s: 1.0, bright_decay_s: 0.3 }, 48_000.0);
        let peak_of = |string: &mut PluckedString, frames: usize, kick: f32| {
            (0..frames).fold(0.0f32, |peak, n| {
                let drive = if n < 240 { kick * libm::sinf(n as f32 / 240.0 * std::f32::consts::TAU) } else { 0.0 };
                if n + 480 > frames {
                    peak.max(string.process(drive).abs())
                } else {
                    string.process(drive);
                    peak
                }
            })
        };
        let start = peak_of(&mut string, 960, 1.0);
        let later = peak_of(&mut string, 24_000, 0.0);
        let db = 20.0 * (later / start).log10();
        assert!((db + 30.0).abs() < 3.0, "{db} dB after half a second");
        string.mute(0.05, 48_000.0);
        assert!(peak_of(&mut string, 4800, 0.0) < later * 0.01);
    }
}
