//! Audio of any length: one circle where it is short, overlapping sections where it is long.
use crate::masks::{REST, rest, separate_circle};
use crate::{Ends, NUM_STEMS, RATES_HZ, SeparateError, stft};
use std::ops::ControlFlow;
use take::{AudioClip, SampleRate};

/// Loops up to this length are separated in one, in seconds; what is longer comes in sections of so much, which bounds
/// the memory for spectra.
const SECTION_S: f64 = 40.0;
/// Sections fade into each other for so long.
const OVERLAP_S: f64 = 2.0;

/// Takes left and right apart into stems in the order of [`crate::STEM_NAMES`], which add up to the mix but for rounding
/// (see [`crate::to_24_bits`]). `on_progress` gets a share of 0.0..=1.0 and is asked every few milliseconds. The same audio
/// gives the same stems.
///
/// # Errors
/// [`SeparateError`]: `Cancelled` when `on_progress` breaks, else what is wrong with the audio.
pub fn separate(
    mix: [&[f32]; 2],
    rate: SampleRate,
    ends: Ends,
    on_progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<[AudioClip; NUM_STEMS], SeparateError> {
    check(mix, rate)?;
    let num_frames = mix[0].len();
    let section = Section::of(num_frames, rate, ends);
    if section.is_all {
        return separate_circle(mix, rate, on_progress);
    }
    let mut stems: [AudioClip; NUM_STEMS] = std::array::from_fn(|_| AudioClip::silent(num_frames));
    for number in 0..section.count {
        let from = number as f32 / section.count as f32;
        let cut = mix.map(|channel| section.cut(channel, number));
        let mut report = |share: f32| on_progress(from + share / section.count as f32);
        let parts = separate_circle([&cut[0], &cut[1]], rate, &mut report)?;
        for (stem, part) in stems.iter_mut().zip(&parts) {
            section.add(&mut stem.left, &part.left, number);
            section.add(&mut stem.right, &part.right, number);
        }
    }
    // The fades' rounding goes where the rest goes.
    stems[REST] = rest(mix, &stems);
    Ok(stems)
}

fn check([left, right]: [&[f32]; 2], rate: SampleRate) -> Result<(), SeparateError> {
    if left.len() != right.len() {
        return Err(SeparateError::Channels { left_frames: left.len(), right_frames: right.len() });
    }
    if left.is_empty() {
        return Err(SeparateError::Empty);
    }
    if !RATES_HZ.contains(&rate.get()) {
        let (min_hz, max_hz) = (*RATES_HZ.start(), *RATES_HZ.end());
        return Err(SeparateError::Rate { rate_hz: rate.get(), min_hz, max_hz });
    }
    let broken = left.iter().zip(right).position(|(left, right)| !(left.is_finite() && right.is_finite()));
    broken.map_or(Ok(()), |frame| Err(SeparateError::NotFinite { frame }))
}

/// How audio is cut: `count` sections that begin `step` frames after each other, on a circle of `total` frames.
struct Section {
    is_all: bool,
    count: usize,
    step: usize,
    overlap: usize,
    /// Frames of the audio, and of the silence that closes it where it has ends.
    total: usize,
    /// Silence behind every section, so that a section's end is not heard at its start.
    gap: usize,
}

impl Section {
    fn of(num_frames: usize, rate: SampleRate, ends: Ends) -> Section {
        let frames = |seconds: f64| (seconds * f64::from(rate.get())) as usize;
        let (longest, overlap, gap) = (frames(SECTION_S), frames(OVERLAP_S), stft::window_size(rate));
        let total = if ends == Ends::Closed { num_frames } else { num_frames + overlap };
        if ends == Ends::Closed && num_frames <= longest {
            return Section { is_all: true, count: 1, step: num_frames, overlap: 0, total, gap: 0 };
        }
        let count = total.div_ceil(longest);
        Section { is_all: false, count, step: total.div_ceil(count), overlap, total, gap }
    }

    /// A section, its overlap with the next one, and the gap.
    fn cut(&self, channel: &[f32], number: usize) -> Vec<f32> {
        let start = number * self.step;
        let mut cut: Vec<f32> = (start..start + self.step + self.overlap)
            .map(|frame| channel.get(frame % self.total).copied().unwrap_or(0.0))
            .collect();
        cut.resize(cut.len() + self.gap, 0.0);
        cut
    }

    /// Adds a separated section to its stem, faded in and out over the overlaps.
    fn add(&self, stem: &mut [f32], part: &[f32], number: usize) {
        let start = number * self.step;
        // The last section is shorter where the count does not divide the whole.
        let end = (start + self.step).min(self.total);
        for frame in start..end + self.overlap {
            let Some(out) = stem.get_mut(frame % self.total) else { continue };
            let rising = ((frame - start) as f32 + 0.5) / self.overlap as f32;
            let falling = ((end + self.overlap - frame) as f32 - 0.5) / self.overlap as f32;
            *out += part[frame - start] * rising.min(falling).min(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_put_together_are_the_audio() {
        let rate = SampleRate::new(8_000).unwrap();
        for num_frames in [5, 319_999, 320_001, 1_000_003] {
            for ends in [Ends::Silent, Ends::Closed] {
                let section = Section::of(num_frames, rate, ends);
                if section.is_all {
                    continue;
                }
                let audio: Vec<f32> = (0..num_frames).map(|n| (n % 1000) as f32 * 0.001).collect();
                let mut back = vec![0.0; num_frames];
                (0..section.count).for_each(|number| section.add(&mut back, &section.cut(&audio, number), number));
                let worst = audio.iter().zip(&back).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
                assert!(worst < 1e-6, "{num_frames} {ends:?}: {worst}");
            }
        }
    }
}
