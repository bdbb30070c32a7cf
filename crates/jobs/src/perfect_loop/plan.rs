//! Which stretch of the audio becomes the loop, and at which tempo it is.
use super::PerfectLoopError;
use listen::Analysis;
use take::{AudioClip, Beats, Bpm, SampleRate, TakeSpec};

/// Tempi that are less clear than this are not believed.
const CLEAR: f32 = 0.25;
/// A file this near to a whole number of bars is a loop, in seconds at either end.
const WHOLE_S: f64 = 0.035;
/// And this near in tempo where nothing is heard, as a share.
const WHOLE_SHARE: f64 = 0.01;
/// A bar may lack this share of its end.
const LACKING_BARS: f64 = 0.03;
/// An onset this near to a beat is what the beat means, in seconds.
const NEAR_S: f64 = 0.030;
/// Lengths that differ by less are the same, in seconds.
const SAME_S: f64 = 0.002;
/// What looks for the best seam compares this long, in pieces of this.
const COMPARED_S: f64 = 0.5;
const PIECE_S: f64 = 0.01;

/// What is cut out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// Tempo of the audio, BPM.
    pub source_bpm: f64,
    /// First frame, to a fraction.
    pub start_frame: f64,
    /// Bars taken; a divisor of those that are wanted.
    pub num_bars: u8,
    /// Source frames per frame of the loop.
    pub speed: f64,
    /// All of the audio is taken: its end leads to its beginning.
    pub is_round: bool,
}

/// Beats of the audio: one is at `phase_s`, and a bar begins there.
#[derive(Debug, Clone, Copy)]
struct Grid {
    bpm: f64,
    phase_s: f64,
    /// The audio is a loop of so many bars.
    whole_bars: Option<u32>,
}

impl Plan {
    pub fn new(
        audio: &AudioClip,
        rate: SampleRate,
        heard: &Analysis,
        spec: &TakeSpec,
        near: Option<Bpm>,
    ) -> Result<Self, PerfectLoopError> {
        let hz = f64::from(rate.get());
        let bar_beats = spec.meter.bar_beats().0;
        let grid = grid(heard, bar_beats, near.unwrap_or(spec.tempo).get());
        let bar_s = bar_beats * 60.0 / grid.bpm;
        let wanted = u32::from(spec.bars.get());
        if grid.whole_bars == Some(wanted) {
            return Ok(Self::finished(grid.bpm, 0.0, wanted, rate, spec, true));
        }
        let whole = if grid.whole_bars.is_some() { 0.0 } else { LACKING_BARS };
        let num_there = |start_s: f64| ((heard.seconds() - start_s) / bar_s + whole.max(1e-6)) as u32;
        let fitting = |start_s: f64| (1..=wanted.min(num_there(start_s))).rev().find(|bars| wanted % bars == 0);
        if let Some(bars) = grid.whole_bars.filter(|bars| wanted % bars == 0) {
            return Ok(Self::finished(grid.bpm, 0.0, bars, rate, spec, true));
        }
        let starts = starts(&grid, bar_beats, heard.seconds());
        let most = starts.iter().filter_map(|(start_s, _)| fitting(*start_s)).max();
        let Some(bars) = most else {
            // One bar that does not begin on a beat is a bar.
            if fitting(0.0).is_some() {
                return Ok(Self::finished(grid.bpm, 0.0, 1, rate, spec, false));
            }
            return Err(PerfectLoopError::TooShort { seconds: heard.seconds(), bpm: grid.bpm, bar_s });
        };
        let loop_s = f64::from(bars) * bar_s;
        let levels = levels(audio, rate);
        let mut best = (f64::NEG_INFINITY, 0.0);
        for (start_s, is_bar) in starts.into_iter().filter(|(start_s, _)| fitting(*start_s) == Some(bars)) {
            // A bar line is worth more than any seam; of seams that are alike the earliest.
            let score = alike(&levels, start_s, start_s + loop_s) + if is_bar { 2.0 } else { 0.0 } - 0.01 * start_s;
            if score > best.0 {
                best = (score, start_s);
            }
        }
        let start_frame = on_attack(audio, hz, best.1);
        Ok(Self::finished(grid.bpm, start_frame, bars, rate, spec, false))
    }

    fn finished(bpm: f64, start_frame: f64, bars: u32, rate: SampleRate, spec: &TakeSpec, is_round: bool) -> Self {
        let bar_beats = spec.meter.bar_beats().0;
        let frames_at = |bpm: f64| f64::from(bars) * bar_beats * 60.0 * f64::from(rate.get()) / bpm;
        let (from, to) = (frames_at(bpm), frames_at(spec.tempo.get()));
        let is_same = (from - to).abs() < SAME_S * f64::from(rate.get());
        // A loop that goes round must be taken to its last frame.
        let speed = if is_same && !is_round { 1.0 } else { from / to };
        Self { source_bpm: bpm, start_frame, num_bars: bars.min(255) as u8, speed, is_round }
    }
}

/// Tempo of audio near one that is known roughly, BPM, and of how many whole bars it is a loop, if it is one.
pub(crate) fn whole_bars(heard: &Analysis, bar_beats: Beats, near_bpm: f64) -> (f64, Option<u32>) {
    let grid = grid(heard, bar_beats.0, near_bpm);
    (grid.bpm, grid.whole_bars)
}

/// What is heard, brought near a tempo by octaves; the asked tempo where nothing clear is heard.
fn grid(heard: &Analysis, bar_beats: f64, near_bpm: f64) -> Grid {
    let seconds = heard.seconds();
    let whole_at = |bpm: f64| {
        let bars = (seconds * bpm / 60.0 / bar_beats).round().max(1.0);
        (bars as u32, bars * bar_beats * 60.0 / seconds)
    };
    let clear = heard.tempo.as_ref().filter(|tempo| tempo.confidence >= CLEAR);
    let Some(tempo) = clear else {
        let (bars, bpm) = whole_at(near_bpm);
        let is_whole = (bpm / near_bpm - 1.0).abs() < WHOLE_SHARE;
        let bpm = if is_whole { bpm } else { near_bpm };
        return Grid { bpm, phase_s: 0.0, whole_bars: is_whole.then_some(bars) };
    };
    let bpm = folded(tempo.bpm, near_bpm);
    let beat_s = 60.0 / bpm;
    let phase_s = heard.first_downbeat_s.unwrap_or(0.0);
    let (bars, whole_bpm) = whole_at(bpm);
    let off_s = (seconds - f64::from(bars) * bar_beats * beat_s).abs();
    // How far the beats are from one that begins with the file.
    let off_beat_s = (phase_s / beat_s - (phase_s / beat_s).round()).abs() * beat_s;
    if off_s < WHOLE_S && off_beat_s < WHOLE_S {
        return Grid { bpm: whole_bpm, phase_s: 0.0, whole_bars: Some(bars) };
    }
    Grid { bpm, phase_s, whole_bars: None }
}

/// `bpm` doubled or halved until it is nearest to `near_bpm`.
fn folded(bpm: f64, near_bpm: f64) -> f64 {
    bpm * libm::exp2(libm::log2(near_bpm / bpm).round())
}

/// Every beat that a loop may begin on, in seconds, and whether a bar begins there.
fn starts(grid: &Grid, bar_beats: f64, seconds: f64) -> Vec<(f64, bool)> {
    let beat_s = 60.0 / grid.bpm;
    let first = -((grid.phase_s + NEAR_S) / beat_s).floor() as i64;
    let last = ((seconds - grid.phase_s) / beat_s) as i64;
    let start = |beat: i64| {
        let in_bar = (beat as f64).rem_euclid(bar_beats);
        ((grid.phase_s + beat as f64 * beat_s).max(0.0), in_bar < 1e-6 || bar_beats - in_bar < 1e-6)
    };
    (first..=last.max(first)).map(start).collect()
}

/// Loudness of each piece, in decibels above a floor.
fn levels(audio: &AudioClip, rate: SampleRate) -> Vec<f32> {
    let piece = ((PIECE_S * f64::from(rate.get())) as usize).max(1);
    let pieces = audio.left.chunks(piece).zip(audio.right.chunks(piece));
    pieces
        .map(|(left, right)| {
            let power: f32 = left.iter().zip(right).map(|(left, right)| left * left + right * right).sum();
            10.0 * libm::log10f(power / piece as f32 + 1e-6) + 60.0
        })
        .collect()
}

/// How alike two places go on, 0.0..=1.0: what follows the loop's end should be what follows its beginning.
fn alike(levels: &[f32], a_s: f64, b_s: f64) -> f64 {
    let from = |at_s: f64| levels.get((at_s / PIECE_S) as usize..).unwrap_or_default();
    let num = (COMPARED_S / PIECE_S) as usize;
    let pairs: Vec<f32> = from(a_s).iter().zip(from(b_s)).take(num).map(|(a, b)| (a - b).abs()).collect();
    if pairs.len() < num / 2 {
        return 0.5;
    }
    let mean = pairs.iter().sum::<f32>() / pairs.len() as f32;
    f64::from(1.0 - (mean / 30.0).min(1.0))
}

/// The attack that a beat stands for, if there is one near it.
fn on_attack(audio: &AudioClip, hz: f64, start_s: f64) -> f64 {
    let start = start_s * hz;
    let reach = 8.0 * NEAR_S * hz;
    let from = (start - reach).max(0.0) as usize;
    let to = ((start + reach) as usize).min(audio.num_frames());
    let (Some(left), Some(right)) = (audio.left.get(from..to), audio.right.get(from..to)) else { return start };
    let mono: Vec<f32> = left.iter().zip(right).map(|(left, right)| 0.5 * (left + right)).collect();
    let onsets = dsp::stretch::detect_onsets(&mono, hz).into_iter().map(|onset| onset + from as f64);
    let near = onsets.filter(|onset| (onset - start).abs() <= NEAR_S * hz);
    near.min_by(|a, b| (a - start).abs().total_cmp(&(b - start).abs())).unwrap_or(start)
}
