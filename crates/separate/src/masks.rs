//! One stretch of audio: its masks, and the stems they make.
use crate::bands::{Bands, NUM_BANDS};
use crate::cues::Cues;
use crate::network::{NUM_ROWS, Network};
use crate::stft::{Spectra, Stft};
use crate::{NUM_STEMS, SeparateError, weights};
use fourier::num_complex::Complex;
use std::ops::ControlFlow;
use take::{AudioClip, SampleRate};

/// Told how far the work is, 0.0..=1.0; breaks when it is no longer wanted. Asked every few milliseconds.
pub(crate) type GoOn<'a> = &'a mut dyn FnMut(f32) -> ControlFlow<()>;

/// Where the harmony is among the stems; it is what the others leave.
pub(crate) const REST: usize = 2;

/// Takes a circle of audio apart. The stems add up to it but for rounding.
///
/// # Errors
/// `Cancelled`; `Weights`, which a test rules out.
pub(crate) fn separate_circle(
    mix: [&[f32]; 2],
    rate: SampleRate,
    go_on: GoOn<'_>,
) -> Result<[AudioClip; NUM_STEMS], SeparateError> {
    let network = Network::new(weights::BUILT_IN)?;
    stems_of(mix, rate, &network, go_on).ok_or(SeparateError::Cancelled)
}

fn stems_of(mix: [&[f32]; 2], rate: SampleRate, network: &Network, go_on: GoOn<'_>) -> Option<[AudioClip; NUM_STEMS]> {
    let stft = Stft::new(mix[0].len(), rate);
    let [left, right] = mix.map(|channel| stft.spectra(channel, &mut || go_on(0.0)));
    let spectra = [left?, right?];
    let bands = Bands::new();
    let cues = Cues::of([&spectra[0], &spectra[1]], stft.num_bins(), &bands, &mut |share| go_on(0.1 + 0.2 * share))?;
    let shares = network.shares(&cues, stft.num_frames(), &mut |share| go_on(0.3 + 0.5 * share))?;
    let mut stems: [AudioClip; NUM_STEMS] = std::array::from_fn(|_| AudioClip::default());
    for stem in (0..NUM_STEMS).filter(|stem| *stem != REST) {
        let mut audio = |channel: usize| {
            let mut poll = || go_on(0.8 + 0.06 * stem as f32);
            let row =
                |frame: usize| &shares[(frame * NUM_ROWS + channel * NUM_STEMS + stem) * NUM_BANDS..][..NUM_BANDS];
            stft.audio(|frame, bins| mask(&stft, &spectra[channel], &bands, row(frame), frame, bins), &mut poll)
        };
        stems[stem] = AudioClip { left: audio(0)?.into(), right: audio(1)?.into() };
    }
    stems[REST] = rest(mix, &stems);
    Some(stems)
}

/// Writes a stem's bins of a frame.
fn mask(stft: &Stft, spectra: &Spectra, bands: &Bands, shares: &[f32], frame: usize, bins: &mut [Complex<f32>]) {
    let num_bins = stft.num_bins();
    let spectrum = &spectra[frame * num_bins..][..num_bins];
    for (band, share) in shares.iter().enumerate() {
        // At higher rates everything above the last band goes with it.
        let range = bands.bins(band, num_bins);
        let range = if band + 1 == NUM_BANDS { range.start..num_bins } else { range };
        for (out, bin) in bins[range.clone()].iter_mut().zip(&spectrum[range]) {
            *out = bin * share;
        }
    }
}

/// The mix without the other stems.
pub(crate) fn rest(mix: [&[f32]; 2], stems: &[AudioClip; NUM_STEMS]) -> AudioClip {
    let without = |mix: &[f32], channel: fn(&AudioClip) -> &[f32]| {
        let mut rest = mix.to_vec();
        for stem in stems.iter().enumerate().filter(|(number, _)| *number != REST).map(|(_, stem)| stem) {
            rest.iter_mut().zip(channel(stem)).for_each(|(rest, value)| *rest -= value);
        }
        rest.into_boxed_slice()
    };
    AudioClip { left: without(mix[0], |stem| &stem.left), right: without(mix[1], |stem| &stem.right) }
}
