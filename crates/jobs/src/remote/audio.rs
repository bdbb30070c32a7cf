//! The audio of an answer at the rate and the length of its take.
use super::{RemoteFault, Wish};
use crate::{CancelToken, ResampleError, resample};
use std::io::Cursor;
use take::{AudioClip, Beats, Bpm, Rendition, SampleRate, TakeId};

/// Length of the fade at the seam.
const SEAM_SECONDS: f64 = 0.02;

/// A stereo recording of any length.
pub(super) struct Audio {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
    pub rate: SampleRate,
}

/// Reads a WAV of any usual form; a mono one is on both sides, of more channels the first two are taken.
///
/// # Errors
/// [`RemoteFault::BadAudio`].
pub(super) fn decode(bytes: &[u8]) -> Result<Audio, RemoteFault> {
    let bad = |reason: &dyn std::fmt::Display| {
        let words = crate::http::one_line(&reason.to_string(), 100);
        RemoteFault::BadAudio { reason: words.unwrap_or_default() }
    };
    let reader = hound::WavReader::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    let spec = reader.spec();
    let rate = SampleRate::new(spec.sample_rate).map_err(|error| bad(&error))?;
    let samples: Result<Vec<f32>, hound::Error> = match spec.sample_format {
        hound::SampleFormat::Float => reader.into_samples::<f32>().collect(),
        hound::SampleFormat::Int => {
            let scale = 0.5_f32.powi(i32::from(spec.bits_per_sample) - 1);
            reader.into_samples::<i32>().map(|sample| sample.map(|value| value as f32 * scale)).collect()
        }
    };
    let samples = samples.map_err(|error| bad(&error))?;
    let num_channels = usize::from(spec.channels).max(1);
    let channel = |at: usize| samples.chunks_exact(num_channels).map(|frame| clean(frame[at])).collect();
    Ok(Audio { left: channel(0), right: channel(1.min(num_channels - 1)), rate })
}

fn clean(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-8.0, 8.0) } else { 0.0 }
}

/// The recording at another rate.
///
/// # Errors
/// [`RemoteFault`]: `Cancelled`, `BadAudio` for a rate that cannot be brought there.
pub(super) fn at_rate(audio: Audio, rate: SampleRate, cancel: &CancelToken) -> Result<Audio, RemoteFault> {
    if audio.rate == rate || audio.left.is_empty() {
        return Ok(Audio { rate, ..audio });
    }
    // A loop of so many seconds at a beat a second.
    let seconds = Beats(audio.left.len() as f64 / f64::from(audio.rate.get()));
    let tempo = Bpm::new(60.0).unwrap_or(Bpm::DEFAULT);
    let clip = AudioClip { left: audio.left.into(), right: audio.right.into() };
    let (loop_beats, bar_beats, take) = (seconds, seconds, TakeId([0; 32]));
    let stems = [Some(clip), None, None, None, None];
    let source = Rendition { take, tempo, rate: audio.rate, loop_beats, bar_beats, stems };
    let mut target = resample(&source, rate, cancel).map_err(|error| match error {
        ResampleError::Cancelled(_) => RemoteFault::Cancelled,
        error => RemoteFault::BadAudio { reason: error.to_string() },
    })?;
    let clip = target.stems[0].take().unwrap_or_default();
    Ok(Audio { left: clip.left.into(), right: clip.right.into(), rate })
}

/// The first whole bars of the recording at the asked tempo, again and again up to the take's length, the seams faded.
///
/// # Errors
/// [`RemoteFault::NoLoop`] for less than a bar.
pub(super) fn looped(audio: &Audio, target: &Rendition, wish: &Wish) -> Result<AudioClip, RemoteFault> {
    let hz = f64::from(audio.rate.get());
    let bar_frames = wish.bar_seconds * hz;
    let num_bars = ((audio.left.len() as f64 + 1.0) / bar_frames).floor().min(f64::from(wish.bars));
    if num_bars < 1.0 {
        let (held_s, bar_s) = (audio.left.len() as f64 / hz, wish.bar_seconds);
        let reason = format!("it is {held_s:.1} s long, and one bar is {bar_s:.1} s; choose a faster tempo");
        return Err(RemoteFault::NoLoop { reason });
    }
    let round_frames = num_bars * bar_frames;
    let num_seam = ((hz * SEAM_SECONDS) as usize).min(audio.left.len() / 2);
    let channel =
        |source: &[f32]| (0..target.num_frames()).map(|at| seamless(source, at, round_frames, num_seam)).collect();
    Ok(AudioClip { left: channel(&audio.left), right: channel(&audio.right) })
}

/// Sample `at` of a loop of `round_frames`, whose first frames grow out of what followed its last.
fn seamless(source: &[f32], at: usize, round_frames: f64, num_seam: usize) -> f32 {
    let inside = (at as f64 % round_frames).round() as usize;
    let behind = inside + round_frames.round() as usize;
    let sample = source.get(inside).copied().unwrap_or(0.0);
    if inside >= num_seam {
        return sample;
    }
    let share = (inside as f32 + 0.5) / num_seam as f32;
    let lead = source.get(behind).copied().unwrap_or(0.0);
    lead + (sample - lead) * share
}
