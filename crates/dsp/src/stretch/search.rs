//! Room: RT
//! Where does the sound go on as it does here? Normalised cross-correlation, coarse and then fine.
use super::map::Group;
use super::{StretchSource, sinc::dot};

/// Longest stretch of coarse signal looked at: 40 ms of template and 80 ms of candidates at 6 kHz.
const MAX_COARSE: usize = 768;
const MAX_COARSE_TEMPLATE: usize = 240;
/// Full-rate frames compared in the fine search; every one up to this many.
const MAX_FINE_TEMPLATE: usize = 768;
const FINE_REACH: usize = 6;

/// What to look for. Everything in source frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Where the old voice reads.
    pub from: f64,
    /// Frames compared from there on.
    pub template_frames: f64,
    /// Shifts allowed, relative to `from`.
    pub lowest: f64,
    pub highest: f64,
    /// The shift liked best, and how much correlation a miss by `spread` costs.
    pub liked: f64,
    pub spread: f64,
    pub cost: f64,
}

/// A place to go on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Whole frames to add to the old voice's place.
    pub shift: f64,
    /// Correlation there, -1.0..=1.0.
    pub correlation: f32,
}

/// Scratch memory of the searches.
#[derive(Debug, Clone)]
pub(super) struct Searcher {
    template: Box<[f32]>,
    region: Box<[f32]>,
}

impl Searcher {
    pub fn new() -> Self {
        let len = MAX_COARSE.max(MAX_FINE_TEMPLATE + 2 * FINE_REACH) + 8;
        Self { template: vec![0.0; len].into(), region: vec![0.0; len].into() }
    }

    /// The best place within the allowed shifts.
    pub fn find(&mut self, source: &StretchSource<'_>, group: &Group, wanted: &Wanted) -> Found {
        let coarse = self.coarse(group, wanted);
        self.fine(source, group, wanted, coarse)
    }

    /// How alike two places are, by the coarse signal; -1.0..=1.0.
    pub fn likeness(&mut self, group: &Group, from: f64, to: f64, frames: f64) -> f32 {
        let count = coarse_len(frames / group.thin_step);
        copy_wrapped(&group.thin, libm::floor(from / group.thin_step) as isize, &mut self.template, count);
        copy_wrapped(&group.thin, libm::floor(to / group.thin_step) as isize, &mut self.region, count);
        let (Some(a), Some(b)) = (self.template.get(..count), self.region.get(..count)) else { return 0.0 };
        normalised(dot(a, b), dot(a, a), dot(b, b))
    }

    /// Best shift on the coarse grid, refined by a parabola; in source frames.
    fn coarse(&mut self, group: &Group, wanted: &Wanted) -> f64 {
        let step = group.thin_step;
        let count = coarse_len(wanted.template_frames / step);
        let lowest = libm::ceil(wanted.lowest / step) as isize;
        let span =
            (libm::floor(wanted.highest / step) as isize - lowest).clamp(0, (MAX_COARSE - count) as isize) as usize;
        let from = libm::floor(wanted.from / step) as isize;
        copy_wrapped(&group.thin, from, &mut self.template, count);
        copy_wrapped(&group.thin, from + lowest, &mut self.region, count + span);
        let Some(template) = self.template.get(..count) else { return wanted.liked };
        let own = dot(template, template);
        let mut best = (f64::MIN, 0usize);
        let mut around = [0.0f32; 3];
        let mut last = 0.0f32;
        for shift in 0..=span {
            let Some(candidate) = self.region.get(shift..shift + count) else { break };
            let likeness = normalised(dot(template, candidate), own, dot(candidate, candidate));
            let miss = ((lowest + shift as isize) as f64 * step - wanted.liked) / wanted.spread;
            let score = f64::from(likeness) - wanted.cost * miss * miss;
            if best.1 + 1 == shift {
                around[2] = likeness;
            }
            if score > best.0 {
                best = (score, shift);
                around = [last, likeness, likeness];
            }
            last = likeness;
        }
        let mut shift = (lowest + best.1 as isize) as f64;
        if best.1 > 0 && best.1 < span {
            let [a, b, c] = around.map(f64::from);
            let bend = a - 2.0 * b + c;
            if bend < -1.0e-9 {
                shift += (0.5 * (a - c) / bend).clamp(-0.5, 0.5);
            }
        }
        (shift * step).clamp(wanted.lowest, wanted.highest)
    }

    /// Best whole-frame shift around `near`, on the full signal.
    fn fine(&mut self, source: &StretchSource<'_>, group: &Group, wanted: &Wanted, near: f64) -> Found {
        let count = ((wanted.template_frames as usize).clamp(64, MAX_FINE_TEMPLATE) / 8) * 8;
        let near = libm::round(near) as isize;
        let from = libm::floor(wanted.from) as isize;
        let reach = FINE_REACH as isize;
        mono(source, group, from, &mut self.template, count);
        mono(source, group, from + near - reach, &mut self.region, count + 2 * FINE_REACH);
        let fallback = Found { shift: near as f64, correlation: 0.0 };
        let Some(template) = self.template.get(..count) else { return fallback };
        let own = dot(template, template);
        let mut best = Found { correlation: f32::MIN, ..fallback };
        for offset in 0..=2 * FINE_REACH {
            let Some(candidate) = self.region.get(offset..offset + count) else { break };
            let likeness = normalised(dot(template, candidate), own, dot(candidate, candidate));
            if likeness > best.correlation {
                best = Found { shift: (near - reach + offset as isize) as f64, correlation: likeness };
            }
        }
        best
    }
}

/// A multiple of 8 within what the scratch memory holds.
fn coarse_len(frames: f64) -> usize {
    ((frames as usize).clamp(16, MAX_COARSE_TEMPLATE) / 8) * 8
}

/// Two silences are alike.
fn normalised(product: f32, a: f32, b: f32) -> f32 {
    let power = a * b;
    if power > 1.0e-18 {
        product / power.sqrt()
    } else if a.max(b) < 1.0e-8 {
        1.0
    } else {
        0.0
    }
}

fn copy_wrapped(signal: &[f32], start: isize, out: &mut [f32], count: usize) {
    let len = signal.len().max(1);
    let mut at = start.rem_euclid(len as isize) as usize;
    for slot in out.iter_mut().take(count) {
        *slot = signal.get(at).copied().unwrap_or(0.0);
        at += 1;
        if at >= len {
            at = 0;
        }
    }
}

/// Sum of all channels of a group.
fn mono(source: &StretchSource<'_>, group: &Group, start: isize, out: &mut [f32], count: usize) {
    out.iter_mut().take(count).for_each(|slot| *slot = 0.0);
    let len = source.map.num_frames().max(1);
    let first = start.rem_euclid(len as isize) as usize;
    for channel in group.stems.iter().filter_map(|stem| source.stems.get(*stem).copied().flatten()).flatten() {
        let mut at = first;
        for slot in out.iter_mut().take(count) {
            *slot += crate::guard::clean(channel.get(at).copied().unwrap_or(0.0));
            at += 1;
            if at >= len {
                at = 0;
            }
        }
    }
}
