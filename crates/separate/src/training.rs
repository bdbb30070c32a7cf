//! What the network is trained on: cues of mixes whose stems are known. Feature `training`; see tools/separator_training.
use crate::bands::{Bands, NUM_BANDS};
use crate::cues::Cues;
use crate::stft::Stft;
use crate::{NUM_STEMS, SeparateError};
use realfft::num_complex::Complex;
use std::ops::ControlFlow;
use take::SampleRate;

/// For every `every`th frame of a loop: its cues, its context, the share of each stem in each band, the power in each
/// band in octaves, then for each stem its energy, and for each what no mask of bands reaches.
///
/// # Errors
/// None but for the type of [`Cues::of`].
pub fn frames(
    stems: [[&[f32]; 2]; NUM_STEMS],
    rate: SampleRate,
    every: usize,
    mut write: impl FnMut(&[f32]),
) -> Result<(), SeparateError> {
    let num_samples = stems[0][0].len();
    let stft = Stft::new(num_samples, rate);
    let spectra = |channel| stft.spectra(channel, &mut || ControlFlow::Continue(())).unwrap_or_default();
    let parts = stems.map(|stem| stem.map(spectra));
    let mix: [Vec<Complex<f32>>; 2] = std::array::from_fn(|channel| {
        (0..parts[0][0].len()).map(|bin| parts.iter().map(|part| part[channel][bin]).sum()).collect()
    });
    let bands = Bands::new();
    let cues = Cues::of([&mix[0], &mix[1]], stft.num_bins(), &bands, &mut |_| ControlFlow::Continue(()));
    let cues = cues.ok_or(SeparateError::Cancelled)?;
    let energy = |spectra: &[Vec<Complex<f32>>; 2]| -> f64 {
        spectra.iter().flatten().map(|bin| f64::from(bin.norm_sqr())).sum()
    };
    let scale = (mix[0].len() as f64 / energy(&mix).max(1e-30)) as f32;
    for frame in (0..stft.num_frames()).step_by(every) {
        let mut cue_rows = vec![0.0; crate::cues::NUM_CUES * NUM_BANDS];
        cues.frame(frame, &mut cue_rows);
        write(&cue_rows);
        let mut context = vec![0.0; crate::cues::NUM_CONTEXT];
        cues.context(frame, &mut context);
        write(&context);
        let mut shares = vec![0.0; NUM_STEMS * NUM_BANDS];
        let mut levels = vec![0.0; NUM_BANDS];
        let mut sums = [[0.0_f32; NUM_STEMS]; 2];
        for band in 0..NUM_BANDS {
            let (mut power, mut common, mut own) = (0.0_f32, [0.0_f32; NUM_STEMS], [0.0_f32; NUM_STEMS]);
            for bin in bands.bins(band, stft.num_bins()).map(|bin| frame * stft.num_bins() + bin) {
                for channel in 0..2 {
                    power += mix[channel][bin].norm_sqr();
                    for stem in 0..NUM_STEMS {
                        own[stem] += parts[stem][channel][bin].norm_sqr();
                        common[stem] += (parts[stem][channel][bin] * mix[channel][bin].conj()).re;
                    }
                }
            }
            levels[band] = libm::log2f(power * scale + 1e-12);
            for stem in 0..NUM_STEMS {
                let share = common[stem] / (power + 1e-20);
                shares[stem * NUM_BANDS + band] = share;
                sums[0][stem] += own[stem] * scale;
                sums[1][stem] += (own[stem] - share * common[stem]).max(0.0) * scale;
            }
        }
        write(&shares);
        write(&levels);
        write(&sums[0]);
        write(&sums[1]);
    }
    Ok(())
}
