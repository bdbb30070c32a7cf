//! Stretches the chosen bars and closes the loop.
use super::plan::Plan;
use crate::{CancelToken, Cancelled};
use dsp::stretch::{Grouping, Motion, StretchMap, StretchSource, Stretcher};
use take::{AudioClip, Rendition, SampleRate, StemKind, TakeSpec};

/// Frames between two looks at the cancel token; some milliseconds of work.
const CHUNK_FRAMES: usize = 4096;
/// What is played before the loop begins, where there is something.
const RUN_UP_S: f64 = 0.5;
/// Length of the fade at the seam.
const SEAM_S: f64 = 0.02;
/// Silence behind the source, so that its end does not lead to its start.
const GAP_S: f64 = 0.1;
const STEM: usize = StemKind::Other as usize;

/// The step at the seam and the largest elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seam {
    pub seam_step: f32,
    pub largest_step: f32,
}

/// A clip of `spec.bars` at `spec.tempo`.
///
/// # Errors
/// [`Cancelled`].
pub(super) fn cut(
    audio: &AudioClip,
    rate: SampleRate,
    plan: &Plan,
    spec: &TakeSpec,
    report: &impl Fn(f32, &str),
    cancel: &CancelToken,
) -> Result<AudioClip, Cancelled> {
    let hz = f64::from(rate.get());
    let frames_per_bar = spec.meter.bar_beats().0 * spec.tempo.frames_per_beat(rate);
    let round_frames = f64::from(plan.num_bars) * frames_per_bar;
    let num_round = (round_frames - 1e-6).ceil().max(1.0) as usize;
    let excerpt = Excerpt::of(audio, plan, round_frames * plan.speed, hz);
    let [left, right] = if plan.speed == 1.0 && excerpt.num_run_up > 0 {
        excerpt.plain(num_round)
    } else {
        report(0.0, "stretching");
        excerpt.stretched(num_round, plan.speed, hz, report, cancel)?
    };
    let num_lead = left.len() - num_round;
    let closed = |channel: Vec<f32>| close_seam(&channel, num_lead, (SEAM_S * hz) as usize);
    let (left, right) = (closed(left), closed(right));
    let num_frames = (f64::from(spec.bars.get()) * frames_per_bar - 1e-6).ceil().max(1.0) as usize;
    let fill = |channel: &[f32]| tiled(channel, round_frames, num_frames);
    Ok(AudioClip { left: fill(&left), right: fill(&right) })
}

/// The bars with what leads up to them.
struct Excerpt {
    channels: [Vec<f32>; 2],
    /// Frames in front of the first bar, where that is a whole frame.
    num_run_up: usize,
    /// Position of the first bar.
    start: f64,
    is_round: bool,
}

impl Excerpt {
    fn of(audio: &AudioClip, plan: &Plan, num_source: f64, hz: f64) -> Self {
        let whole = [&audio.left, &audio.right];
        if plan.is_round {
            let channels = whole.map(|channel| channel.to_vec());
            return Self { channels, num_run_up: 0, start: 0.0, is_round: true };
        }
        let start = plan.start_frame.floor() as usize;
        let num_run_up = start.min((RUN_UP_S * hz) as usize);
        let end = (start + (num_source + RUN_UP_S * hz) as usize).min(audio.num_frames());
        let gap = (GAP_S * hz) as usize + (start + num_source.ceil() as usize).saturating_sub(end);
        let channels = whole.map(|channel| {
            let inside = channel[start - num_run_up..end].iter().copied();
            inside.chain(std::iter::repeat_n(0.0, gap)).collect()
        });
        let start = num_run_up as f64 + plan.start_frame.fract();
        Self { channels, num_run_up, start, is_round: false }
    }

    /// As they are.
    fn plain(&self, num_frames: usize) -> [Vec<f32>; 2] {
        let piece = |channel: &Vec<f32>| {
            let inside = channel.iter().copied().chain(std::iter::repeat(0.0));
            inside.take(self.num_run_up + num_frames).collect()
        };
        [piece(&self.channels[0]), piece(&self.channels[1])]
    }

    /// At another speed, with a run-up in front where there is one to have.
    fn stretched(
        &self,
        num_frames: usize,
        speed: f64,
        hz: f64,
        report: &impl Fn(f32, &str),
        cancel: &CancelToken,
    ) -> Result<[Vec<f32>; 2], Cancelled> {
        let [left, right] = &self.channels;
        let mut stems = [None; dsp::stretch::MAX_STEMS];
        stems[STEM] = Some([left.as_slice(), right.as_slice()]);
        let map = StretchMap::analyse(&stems, left.len() as f64, hz, Grouping::Together, &Default::default());
        let run_up_s = if self.is_round { RUN_UP_S } else { self.num_run_up as f64 / hz / speed };
        let num_run_up = (run_up_s * hz) as usize;
        let num_all = num_run_up + num_frames;
        let (mut left, mut right) = (vec![0.0f32; num_all], vec![0.0f32; num_all]);
        let mut stretcher = Stretcher::new(hz as f32);
        for from in (0..num_all).step_by(CHUNK_FRAMES) {
            cancel.check()?;
            report(from as f32 / num_all as f32, "stretching");
            let to = (from + CHUNK_FRAMES).min(num_all);
            let position = self.start + (from as f64 - num_run_up as f64) * speed;
            let motion = Motion { position, speed, pitch_ratio: 1.0, rate_ratio: 1.0 };
            let mut out = [const { None }; dsp::stretch::MAX_STEMS];
            out[STEM] = Some([&mut left[from..to], &mut right[from..to]]);
            stretcher.process(&StretchSource { stems, map: &map }, &motion, &mut out);
        }
        Ok([left, right])
    }
}

/// The loop behind its run-up. Its last frames fade into those that lead up to its first; where there are none they
/// fade out.
fn close_seam(channel: &[f32], num_lead: usize, num_seam: usize) -> Vec<f32> {
    let mut body = channel[num_lead..].to_vec();
    let num_seam = num_seam.min(body.len() / 2);
    let lead = &channel[num_lead - num_seam.min(num_lead)..num_lead];
    let tail = body.len() - num_seam;
    for (index, sample) in body[tail..].iter_mut().enumerate() {
        let t = (index as f32 + 1.0) / num_seam as f32;
        let share = t * t * (3.0 - 2.0 * t);
        let before = (index + lead.len()).checked_sub(num_seam).and_then(|at| lead.get(at)).copied().unwrap_or(0.0);
        *sample += (before - *sample) * share;
    }
    mend_step(&mut body, num_seam / 4);
    body
}

/// A step at the seam that is larger than those around it is spread over the last frames: files of a whole number of
/// bars do not always end where they begin.
fn mend_step(body: &mut [f32], num_spread: usize) {
    let (Some(first), Some(last)) = (body.first().copied(), body.last().copied()) else { return };
    let num_spread = num_spread.min(body.len() / 2);
    let largest = |part: &[f32]| part.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    let tail = body.len() - num_spread;
    let usual = largest(&body[..num_spread]).max(largest(&body[tail..]));
    let step = first - last;
    if step.abs() <= usual {
        return;
    }
    for (index, sample) in body[tail..].iter_mut().enumerate() {
        let t = (index as f32 + 1.0) / num_spread as f32;
        *sample += step * t * t * (3.0 - 2.0 * t);
    }
}

/// A round of `round_frames` again and again; each begins on the frame nearest to its time.
fn tiled(round: &[f32], round_frames: f64, num_frames: usize) -> Box<[f32]> {
    let mut out = vec![0.0f32; num_frames];
    let starts = (0..).map(|turn| (f64::from(turn) * round_frames).round() as usize);
    for start in starts.take_while(|start| *start < num_frames) {
        let count = round.len().min(num_frames - start);
        out[start..start + count].copy_from_slice(&round[..count]);
    }
    out.into()
}

/// Measures the seam of a finished loop.
pub(super) fn seam_of(rendition: &Rendition) -> Seam {
    let mut seam = Seam { seam_step: 0.0, largest_step: 0.0 };
    for channel in rendition.stems.iter().flatten().flat_map(|clip| [&clip.left, &clip.right]) {
        let inside = channel.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        let step = channel.first().zip(channel.last()).map_or(0.0, |(first, last)| (first - last).abs());
        seam.seam_step = seam.seam_step.max(step);
        seam.largest_step = seam.largest_step.max(inside);
    }
    seam
}
