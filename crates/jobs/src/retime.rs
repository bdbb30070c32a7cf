//! A finished loop at another tempo and rate, when nobody can play it again: resampled, then stretched at its pitch.
use crate::{CancelToken, Progress, ProviderError, ResampleError, bake_rendition, resample, stretch_map};
use dsp::stretch::{Motion, StretchSource, Stretcher};
use take::{AudioClip, Bpm, Rendition, SampleRate, Take};

/// Frames between two looks at the cancel token; some milliseconds of work.
const CHUNK_FRAMES: usize = 4096;
/// What is played before the loop begins, so that the seam is as smooth as the inside.
const RUN_UP_SECONDS: f64 = 0.5;
/// Length of the fade at the seam.
const SEAM_SECONDS: f64 = 0.02;

/// `take` at `tempo` and `rate`; pitch and id stay.
///
/// # Errors
/// `Cancelled`, and `Rerender` where a rate is refused.
pub(crate) fn retime(
    take: &Take,
    tempo: Bpm,
    rate: SampleRate,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Rendition, ProviderError> {
    let failed = |error: ResampleError| match error {
        ResampleError::Cancelled(_) => ProviderError::Cancelled,
        error => ProviderError::Rerender {
            name: take.info.name.clone(),
            bpm: tempo.get(),
            rate_hz: rate.get(),
            reason: error.to_string(),
        },
    };
    progress.report(0.0, "resampling");
    let source = match take.original.rate == rate {
        true => (*take.original).clone(),
        false => resample(&take.original, rate, cancel).map_err(failed)?,
    };
    if source.tempo == tempo {
        return Ok(source);
    }
    progress.report(0.3, "stretching");
    stretch(take, &source, tempo, &progress.within(0.4, 1.0), cancel)
}

/// [`retime`], baked: a whole [`crate::Provider::rerender`] for engines that cannot play a take again.
///
/// # Errors
/// As [`retime`]; `Rerender` also where nothing audible is left.
pub(crate) fn restretched(
    take: &Take,
    tempo: Bpm,
    rate: SampleRate,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Rendition, ProviderError> {
    let mut rendition = retime(take, tempo, rate, progress, cancel)?;
    bake_again(take, &mut rendition)?;
    Ok(rendition)
}

/// Bakes another rendition of a take.
///
/// # Errors
/// `Rerender`.
pub(crate) fn bake_again(take: &Take, rendition: &mut Rendition) -> Result<(), ProviderError> {
    bake_rendition(rendition).map_err(|source| ProviderError::Rerender {
        name: take.info.name.clone(),
        bpm: rendition.tempo.get(),
        rate_hz: rendition.rate.get(),
        reason: source.to_string(),
    })
}

fn stretch(
    take: &Take,
    source: &Rendition,
    tempo: Bpm,
    report: &impl Fn(f32, &str),
    cancel: &CancelToken,
) -> Result<Rendition, ProviderError> {
    let Rendition { rate, loop_beats, bar_beats, .. } = *source;
    let mut target = Rendition { take: take.id, tempo, rate, loop_beats, bar_beats, stems: Default::default() };
    let stems = source.stems.each_ref().map(|stem| stem.as_ref().map(|clip| [&*clip.left, &*clip.right]));
    let hz = f64::from(rate.get());
    cancel.check()?;
    let map = stretch_map(take, source);
    let mut stretcher = Stretcher::new(hz as f32);
    let speed = tempo.get() / source.tempo.get();
    let num_run_up = (hz * RUN_UP_SECONDS) as usize;
    let num_all = num_run_up + target.num_frames();
    let mut made = stems.map(|stem| stem.map(|_| [vec![0.0_f32; num_all], vec![0.0; num_all]]));
    for start in (0..num_all).step_by(CHUNK_FRAMES) {
        cancel.check()?;
        report(start as f32 / num_all as f32, "stretching");
        let end = (start + CHUNK_FRAMES).min(num_all);
        let position = (start as f64 - num_run_up as f64) * speed;
        let motion = Motion { position, speed, pitch_ratio: 1.0, rate_ratio: 1.0 };
        let mut out = made.each_mut().map(|stem| stem.as_mut().map(|[l, r]| [&mut l[start..end], &mut r[start..end]]));
        stretcher.process(&StretchSource { stems, map: &map }, &motion, &mut out);
    }
    let num_seam = ((hz * SEAM_SECONDS) as usize).min(num_run_up).min(target.num_frames());
    let closed = |channel: Vec<f32>| close_seam(&channel, num_run_up, num_seam);
    target.stems = made.map(|stem| stem.map(|[left, right]| AudioClip { left: closed(left), right: closed(right) }));
    Ok(target)
}

/// The loop behind its run-up. Its last frames fade into the run-up's last ones, which lead to its first frame.
fn close_seam(channel: &[f32], num_run_up: usize, num_seam: usize) -> Box<[f32]> {
    let mut body: Box<[f32]> = channel[num_run_up..].into();
    let tail = body.len() - num_seam;
    let lead_in = &channel[num_run_up - num_seam..num_run_up];
    for (index, (sample, lead)) in body[tail..].iter_mut().zip(lead_in).enumerate() {
        // Both are the same music at the same place: a linear fade keeps its level.
        let share = (index + 1) as f32 / num_seam as f32;
        *sample += (lead - *sample) * share;
    }
    body
}
