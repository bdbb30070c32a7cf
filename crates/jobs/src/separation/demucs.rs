//! Stems by a Demucs of the user's, at the model's rate and back.
use super::{SeparationError, SeparationSource};
use crate::straight_resample::resample_straight;
use crate::{CancelToken, Progress};
use models::demucs::{RATE_HZ, Separator};
use models::{ModelError, NamedStem, RunControl, Runtime, RuntimeSearch};
use separate::NUM_STEMS;
use std::path::Path;
use take::{AudioClip, SampleRate};

/// What a loop is led in and out by while its rate is changed, in seconds, so that its seam stays closed.
const AROUND_S: f64 = 0.1;

/// Drums, bass, everything else, and vocals, at the source's rate and as long as it. A loop is one for the model too.
///
/// # Errors
/// [`SeparationError`].
pub(super) fn stems(
    source: &SeparationSource<'_>,
    runtime: &RuntimeSearch,
    path: &Path,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<[AudioClip; NUM_STEMS], SeparationError> {
    let is_cancelled = || cancel.is_cancelled();
    let report = |share: f32, stage: &str| progress.report(0.95 * share, stage);
    let control = RunControl::new(&is_cancelled, &report);
    control.report(0.0, "opening the model");
    let separator = Separator::open(&Runtime::find(runtime)?, path, &control.within(0.0, 0.1))?;
    let model_rate = SampleRate::new(RATE_HZ).unwrap_or(SampleRate::DEFAULT);
    let num_frames = source.left.len();
    let num_there = (num_frames as f64 * f64::from(RATE_HZ) / f64::from(source.rate.get())).round().max(1.0) as usize;
    let to_model = |channel: &[f32]| at_rate(channel, source.rate, model_rate, num_there, source.is_loop, cancel);
    let (left, right) = (to_model(source.left)?, to_model(source.right)?);
    let run = control.within(0.1, 0.95);
    let found = match source.is_loop {
        true => separator.separate_loop([&left, &right], &run)?,
        false => separator.separate([&left, &right], &run)?,
    };
    let back = |channel: &[f32]| at_rate(channel, model_rate, source.rate, num_frames, source.is_loop, cancel);
    let mut stems: [AudioClip; NUM_STEMS] = std::array::from_fn(|_| AudioClip::silent(num_frames));
    for NamedStem { name, left, right } in &found {
        // The third takes what the others leave: other, guitar, piano.
        let Some(place) =
            [Some("drums"), Some("bass"), None, Some("vocals")].iter().position(|of| *of == Some(name.as_str()))
        else {
            continue;
        };
        stems[place] = AudioClip { left: back(left)?, right: back(right)? };
    }
    let is_finite = |clip: &AudioClip| clip.left.iter().chain(&clip.right).all(|sample| sample.is_finite());
    if !stems.iter().all(is_finite) {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let reason = format!("`{file}` gave audio with values that are no numbers");
        return Err(SeparationError::Model(ModelError::Input { reason }));
    }
    Ok(stems)
}

/// A channel at another rate in exactly `num_frames`; a loop goes round.
fn at_rate(
    channel: &[f32],
    from: SampleRate,
    to: SampleRate,
    num_frames: usize,
    is_loop: bool,
    cancel: &CancelToken,
) -> Result<Box<[f32]>, SeparationError> {
    if from == to {
        return Ok(channel.into());
    }
    let (from_hz, to_hz) = (f64::from(from.get()), f64::from(to.get()));
    // A whole number of frames at both rates: so much is a whole number of hundredths of a second.
    let around = if is_loop { (AROUND_S * from_hz) as usize } else { 0 };
    let skipped = (around as f64 * to_hz / from_hz).round() as usize;
    let count = channel.len();
    let frame = |n: usize| channel[(n + count * around.div_ceil(count) - around) % count];
    let wrapped: Vec<f32> = match is_loop {
        true => (0..count + 2 * around).map(frame).collect(),
        false => channel.to_vec(),
    };
    let mut there = resample_straight(&wrapped, from, to, cancel)?.into_vec();
    there.drain(..skipped.min(there.len()));
    there.resize(num_frames, 0.0);
    Ok(there.into())
}
