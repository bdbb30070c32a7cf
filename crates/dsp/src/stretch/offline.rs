//! Whole loops at another tempo, off the audio thread: for takes that cannot be played anew.
use super::{MAX_STEMS, Motion, StretchOut, StretchSource, Stretcher};

/// Crossfade from the loop's end into what leads up to its start.
const SEAM_S: f64 = 0.012;
/// Frames per call; any number gives the same bits.
const BLOCK: usize = 4_096;

/// Stems in `take::StemKind` order; `None` where the source has none.
pub type Stems = [Option<[Vec<f32>; 2]>; MAX_STEMS];

/// One pass round the loop, `num_frames` long, that can be repeated without a seam.
///
/// The motion starts at `motion.position`; `speed * num_frames` should be the length of the loop. `rate` of the output
/// in frames per second. The same engine as live, so that a take sounds the same before and after its re-render.
pub fn render_loop(source: &StretchSource<'_>, motion: &Motion, rate: f32, num_frames: usize) -> Stems {
    let seam = ((SEAM_S * f64::from(rate)) as usize).min(num_frames / 2);
    let total = seam + num_frames;
    let mut stems: Stems = source.stems.map(|stem| stem.map(|_| [vec![0.0; total], vec![0.0; total]]));
    let mut stretcher = Stretcher::new(rate);
    let mut start = 0;
    while start < total {
        let end = (start + BLOCK).min(total);
        let mut out: StretchOut<'_> = [const { None }; MAX_STEMS];
        for (slot, stem) in out.iter_mut().zip(&mut stems) {
            *slot = stem.as_mut().map(|channels| channels.each_mut().map(|channel| &mut channel[start..end]));
        }
        let position = motion.position + motion.speed * (start as f64 - seam as f64);
        stretcher.process(source, &Motion { position, ..*motion }, &mut out);
        start = end;
    }
    for channel in stems.iter_mut().flatten().flatten() {
        close_seam(channel, seam);
    }
    stems
}

/// The first `seam` frames lead up to the start: they take over at the end, and leave the front.
fn close_seam(channel: &mut Vec<f32>, seam: usize) {
    let end = channel.len();
    for index in 0..seam {
        let t = (index as f32 + 0.5) / seam as f32;
        let rise = t * t * (3.0 - 2.0 * t);
        channel[end - seam + index] += (channel[index] - channel[end - seam + index]) * rise;
    }
    channel.drain(..seam);
}
