//! What happens after the instruments, all of it on the circle.
mod duck;
mod glitch;
mod inserts;
mod moving;
mod resample;
mod room;
mod sends;

pub use duck::apply_nodes;
pub use duck::{DuckSettings, duck};
pub use glitch::glitch;
pub use inserts::{InsertContext, run_inserts};
pub use sends::{Sender, Space, add_sends};

use dsp::shape::soft_clip;

/// Saturates in place; `amount` 0.0..=1.0. A sample of 1.0 stays 1.0.
pub fn drive(samples: &mut [f32], amount: f32) {
    if amount <= 0.0 {
        return;
    }
    let (gain, makeup) = drive_gains(amount);
    samples.iter_mut().for_each(|sample| *sample = soft_clip(*sample * gain) * makeup);
}

/// Gain before and after the saturation.
fn drive_gains(amount: f32) -> (f32, f32) {
    let gain = 1.0 + 8.0 * amount * amount + amount;
    (gain, 1.0 / soft_clip(gain))
}

/// Fewer samples and fewer bits, in place; `amount` 0.0..=1.0. The first sample is kept.
pub fn crush(samples: &mut [f32], amount: f32, rate: f32) {
    if amount <= 0.0 {
        return;
    }
    let hold = hold_frames(amount, rate);
    let mut held = 0.0;
    for (n, sample) in samples.iter_mut().enumerate() {
        if n % hold == 0 {
            held = quantise(*sample, amount);
        }
        *sample = held;
    }
}

/// Frames a sample is held: down to a rate of 6 kHz.
fn hold_frames(amount: f32, rate: f32) -> usize {
    let target = 26_000.0 * libm::powf(6.0 / 26.0, amount);
    (libm::roundf(rate / target) as usize).max(1)
}

/// From 13 bits down to 5.
fn quantise(sample: f32, amount: f32) -> f32 {
    let steps = libm::exp2f(12.0 - 8.0 * amount);
    libm::roundf(sample * steps) / steps
}
