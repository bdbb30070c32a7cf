//! Room: RT
//! How alike two readings are over a crossfade. That decides the law of the fade: equal material stays equal,
//! unrelated material keeps its power, and neither makes a larger step than it makes itself.
use super::read::Cursor;
use super::voice::Slot;
use take::AudioClip;

/// Places looked at, at most. 8 decks that swap in one block of 64 frames at 48 kHz take 0.15 ms together.
const MAX_PLACES: usize = 128;

/// Who reads, and where.
pub(crate) type Reading<'a> = (&'a Slot, Cursor);

/// Correlation of what two readings bring in the next `num_frames`, 0.0..=1.0: of the samples or of the steps between
/// them, whichever is larger. Readings that work against each other count as unrelated. A function of the positions
/// alone. What the stretcher plays differs in phase from what is read here: an estimate then.
///
/// # Realtime
/// Safe: at most [`MAX_PLACES`] places, whatever the length.
pub(crate) fn correlation(old: Reading<'_>, new: Reading<'_>, num_frames: u32) -> f32 {
    let num_frames = num_frames as usize;
    let stride = num_frames.div_ceil(MAX_PLACES).max(1);
    let (mut samples, mut steps) = (Products::default(), Products::default());
    for start in (0..num_frames).step_by(stride) {
        // Scattered: evenly spaced places take a tone of that spacing for a constant.
        let ahead = start + scatter(start) % stride;
        let [old, new] = [old, new].map(|reading| [mix(reading, ahead), mix(reading, ahead + 1)]);
        for side in 0..2 {
            samples.add(old[0][side], new[0][side]);
            steps.add(old[1][side] - old[0][side], new[1][side] - new[0][side]);
        }
    }
    samples.correlation().max(steps.correlation())
}

/// Any number will do, as long as it is always the same.
fn scatter(start: usize) -> usize {
    ((start as u32).wrapping_mul(0x9E37_79B9) >> 16) as usize
}

/// Left and right of all stems together.
fn mix((slot, cursor): Reading<'_>, ahead: usize) -> [f64; 2] {
    let (index, _) = slot.repeats.locate(cursor.after(ahead).position().floor() as i64);
    let sum = |side: fn(&AudioClip) -> &[f32]| -> f64 {
        let clips = slot.playable.rendition.stems.iter().flatten();
        clips.filter_map(|clip| side(clip).get(index)).map(|sample| f64::from(*sample)).sum()
    };
    [sum(|clip| &clip.left), sum(|clip| &clip.right)]
}

/// Sums of products of two signals.
#[derive(Debug, Default)]
struct Products {
    old: f64,
    new: f64,
    both: f64,
}

impl Products {
    fn add(&mut self, old: f64, new: f64) {
        self.old += old * old;
        self.new += new * new;
        self.both += old * new;
    }

    /// Silent or damaged material is like nothing.
    fn correlation(&self) -> f32 {
        let correlation = self.both / (self.old * self.new).sqrt();
        if correlation.is_nan() { 0.0 } else { correlation.clamp(0.0, 1.0) as f32 }
    }
}
