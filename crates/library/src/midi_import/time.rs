//! Ticks to beats, and which tempo and meter a file mostly has.
use super::bytes::Division;
use super::track::TrackRead;
use take::{Beats, Bpm, Meter};

/// Ticks per quarter note of a file that gives no usable number.
pub const FALLBACK_TICKS: f64 = 96.0;
/// What a file without a tempo has by the specification: 120 BPM.
const DEFAULT_MICROS: u32 = 500_000;
/// Different tempos or meters that are compared; a file with more follows somebody's hands and has no main one.
const MAX_VALUES: usize = 64;

impl Division {
    /// A bar of 4/4 at 120 BPM.
    pub fn bar_ticks(self) -> u64 {
        match self {
            Division::PerBeat(ticks) => (ticks * 4.0) as u64,
            Division::PerSecond(ticks) => (ticks * 2.0) as u64,
        }
    }
}

/// Where a pattern of a format 2 file begins: on the bar line at or after the end of the one before.
pub fn next_bar(before: &TrackRead, division: Division) -> u64 {
    let meter = before.meters.last().map_or(Meter::FOUR_FOUR, |(_, meter)| *meter);
    let bar_ticks = (division.bar_ticks() as f64 * meter.bar_beats().0 / 4.0).max(1.0) as u64;
    before.start + (before.end - before.start).div_ceil(bar_ticks) * bar_ticks
}

/// How ticks become beats.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    ticks_per_beat: f64,
    /// Sorted, one per tick, the last of those that a tick has.
    pub tempos: Vec<(u64, u32)>,
    pub meters: Vec<(u64, Meter)>,
    pub end: u64,
}

impl Clock {
    pub fn of(division: Division, tracks: &[TrackRead]) -> Self {
        let tempos = sorted(tracks.iter().flat_map(|track| track.tempos.iter().copied()).collect());
        let meters = sorted(tracks.iter().flat_map(|track| track.meters.iter().copied()).collect());
        let ticks_per_beat = match division {
            Division::PerBeat(ticks) => ticks,
            // Such ticks are seconds, whatever the tempo: the first tempo says how many beats they are.
            Division::PerSecond(ticks) => {
                ticks * f64::from(tempos.first().map_or(DEFAULT_MICROS, |(_, micros)| *micros)) / 1e6
            }
        };
        let end = tracks.iter().map(|track| track.end).max().unwrap_or(0);
        Self { ticks_per_beat, tempos, meters, end }
    }

    pub fn beats(&self, tick: u64) -> Beats {
        Beats(tick as f64 / self.ticks_per_beat)
    }

    /// The tempo that most of the music has, in BPM; the mean when none has half of it. Not within the limits of `Bpm`.
    pub fn main_bpm(&self) -> f64 {
        let spans = spans(&self.tempos, DEFAULT_MICROS, self.end.max(1));
        let seconds = |&(micros, ticks): &(u32, u64)| f64::from(micros) * ticks as f64;
        let all: f64 = spans.iter().map(seconds).sum();
        match longest(&spans, seconds) {
            Some((micros, share)) if share * 2.0 >= all => bpm_of(micros),
            _ => 60e6 * spans.iter().map(|(_, ticks)| *ticks as f64).sum::<f64>() / all,
        }
    }

    /// The meter that most of the music has.
    pub fn main_meter(&self) -> Meter {
        let spans = spans(&self.meters, Meter::FOUR_FOUR, self.end.max(1));
        longest(&spans, |(_, ticks)| *ticks as f64).map_or(Meter::FOUR_FOUR, |(meter, _)| meter)
    }
}

/// Sorted by tick; of several at one tick the last one counts.
fn sorted<T: Copy>(mut changes: Vec<(u64, T)>) -> Vec<(u64, T)> {
    changes.sort_by_key(|(tick, _)| *tick);
    let mut kept: Vec<(u64, T)> = Vec::with_capacity(changes.len());
    for change in changes {
        match kept.last_mut() {
            Some(last) if last.0 == change.0 => *last = change,
            _ => kept.push(change),
        }
    }
    kept
}

/// What holds how many ticks up to `end`; `default` does until the first change.
fn spans<T: Copy>(changes: &[(u64, T)], default: T, end: u64) -> Vec<(T, u64)> {
    let first = changes.first().map_or(end, |(tick, _)| *tick).min(end);
    let ends = changes.iter().skip(1).map(|(tick, _)| *tick).chain([end]);
    let held = changes.iter().zip(ends).map(|(&(start, value), next)| (value, next.min(end).saturating_sub(start)));
    let mut spans: Vec<(T, u64)> = [(default, first)].into_iter().chain(held).collect();
    // A file that ends where its only tempo stands still has that tempo.
    if spans.iter().all(|(_, ticks)| *ticks == 0) {
        spans.iter_mut().skip(1).take(1).for_each(|span| span.1 = 1);
    }
    spans
}

/// The value with the largest sum of `weight`, and that sum.
fn longest<T: Copy + PartialEq>(spans: &[(T, u64)], weight: impl Fn(&(T, u64)) -> f64) -> Option<(T, f64)> {
    let mut sums: Vec<(T, f64)> = Vec::new();
    for span in spans {
        if let Some((_, sum)) = sums.iter_mut().find(|(value, _)| *value == span.0) {
            *sum += weight(span);
        } else if sums.len() < MAX_VALUES {
            sums.push((span.0, weight(span)));
        }
    }
    sums.into_iter().reduce(|best, other| if other.1 > best.1 { other } else { best })
}

/// Tempo of so many microseconds per beat; whole hundredths where they have the same microseconds (124 BPM is written
/// as 483 871 microseconds).
pub fn bpm_of(micros: u32) -> f64 {
    let exact = 60e6 / f64::from(micros);
    let short = (exact * 100.0).round() / 100.0;
    if (60e6 / short).round() == f64::from(micros) { short } else { exact }
}

/// The nearest tempo that takes can have.
pub fn within_limits(bpm: f64) -> Bpm {
    Bpm::new(bpm.clamp(Bpm::MIN, Bpm::MAX)).unwrap_or(Bpm::DEFAULT)
}
