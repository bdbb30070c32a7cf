//! One stretch of audio: its masks, and the stems they make.
use crate::bands::{Bands, NUM_BANDS};
use crate::cues::Cues;
use crate::stft::{POLLED_FRAMES, Spectra, Stft};
use crate::{NUM_STEMS, SeparateError, rules};
use realfft::num_complex::Complex;
use std::ops::ControlFlow;
use take::{AudioClip, SampleRate};

/// Told how far the work is, 0.0..=1.0; breaks when it is no longer wanted. Asked every few milliseconds.
pub(crate) type GoOn<'a> = &'a mut dyn FnMut(f32) -> ControlFlow<()>;

/// Where the harmony is among the stems; it is what the others leave.
pub(crate) const REST: usize = 2;

/// Takes a circle of audio apart. The stems add up to it but for rounding.
///
/// # Errors
/// `Cancelled`.
pub(crate) fn separate_circle(
    mix: [&[f32]; 2],
    rate: SampleRate,
    go_on: GoOn<'_>,
) -> Result<[AudioClip; NUM_STEMS], SeparateError> {
    stems_of(mix, rate, go_on).ok_or(SeparateError::Cancelled)
}

fn stems_of(mix: [&[f32]; 2], rate: SampleRate, go_on: GoOn<'_>) -> Option<[AudioClip; NUM_STEMS]> {
    let stft = Stft::new(mix[0].len(), rate);
    let [left, right] = mix.map(|channel| stft.spectra(channel, &mut || go_on(0.0)));
    let spectra = [left?, right?];
    let bands = Bands::new();
    let cues = Cues::of([&spectra[0], &spectra[1]], stft.num_bins(), &bands, &mut |share| go_on(0.1 + 0.3 * share))?;
    let mut shares = vec![0.0; stft.num_frames() * NUM_STEMS * NUM_BANDS];
    for (frame, out) in shares.chunks_exact_mut(NUM_STEMS * NUM_BANDS).enumerate() {
        if frame % POLLED_FRAMES == 0 {
            go_on(0.4 + 0.3 * frame as f32 / stft.num_frames() as f32).continue_value()?;
        }
        rules::masks(&cues, &bands, frame, out);
    }
    let mut stems: [AudioClip; NUM_STEMS] = std::array::from_fn(|_| AudioClip::default());
    for stem in (0..NUM_STEMS).filter(|stem| *stem != REST) {
        let audio = |spectra: &Spectra, go_on: GoOn<'_>| {
            let mut poll = || go_on(0.7 + 0.1 * stem.min(REST) as f32);
            stft.audio(|frame, bins| mask(&stft, spectra, &bands, &shares, (frame, stem), bins), &mut poll)
        };
        stems[stem] = AudioClip { left: audio(&spectra[0], go_on)?.into(), right: audio(&spectra[1], go_on)?.into() };
    }
    stems[REST] = rest(mix, &stems);
    Some(stems)
}

/// Writes a stem's bins of a frame.
fn mask(
    stft: &Stft,
    spectra: &Spectra,
    bands: &Bands,
    shares: &[f32],
    (frame, stem): (usize, usize),
    bins: &mut [Complex<f32>],
) {
    let num_bins = stft.num_bins();
    let shares = &shares[(frame * NUM_STEMS + stem) * NUM_BANDS..][..NUM_BANDS];
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
