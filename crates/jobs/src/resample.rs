//! A loop at another sample rate. The seam is continuous, since the loop is fed with its
//! own end in front and its own start behind.
use crate::{CancelToken, Cancelled};
use fourier::ChunkResampler;
use take::{AudioClip, Rendition, SampleRate};

/// Frames per step, about: 43 ms at 48 kHz. A long block makes a steep filter, and a cancel is polled after each.
const CHUNK_FRAMES: usize = 2048;

/// The step for two rates. A whole, even number of the smallest blocks that the ratio allows: the resampler's delay is
/// half a block, and half of an odd block would put every frame half a frame beside its place.
pub(crate) fn chunk_frames(from_hz: usize, to_hz: usize) -> usize {
    let smallest = from_hz / gcd(from_hz, to_hz);
    smallest * CHUNK_FRAMES.div_ceil(smallest).next_multiple_of(2)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Why a loop was not resampled.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResampleError {
    /// The owner changed its mind.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The resampler refuses the two rates.
    #[error("{from_hz} Hz cannot be brought to {to_hz} Hz ({reason})")]
    Refused {
        /// Rate of the audio.
        from_hz: u32,
        /// Wanted rate.
        to_hz: u32,
        /// What it said.
        reason: String,
    },
}

/// `source` at `rate`; tempo, pitch and id stay. Every frame keeps its time: frame 0 stays frame 0.
///
/// # Errors
/// [`ResampleError`].
pub fn resample(source: &Rendition, rate: SampleRate, cancel: &CancelToken) -> Result<Rendition, ResampleError> {
    let Rendition { take, tempo, loop_beats, bar_beats, .. } = *source;
    let mut target = Rendition { take, tempo, rate, loop_beats, bar_beats, stems: Default::default() };
    let num_frames = target.num_frames();
    for (from, to) in source.stems.iter().zip(&mut target.stems) {
        let Some(clip) = from else { continue };
        let channel = |channel: &[f32]| resample_channel(channel, source, rate, num_frames, cancel);
        *to = Some(AudioClip { left: channel(&clip.left)?, right: channel(&clip.right)? });
    }
    Ok(target)
}

fn resample_channel(
    channel: &[f32],
    source: &Rendition,
    rate: SampleRate,
    num_frames: usize,
    cancel: &CancelToken,
) -> Result<Box<[f32]>, ResampleError> {
    let refused = |reason| ResampleError::Refused { from_hz: source.rate.get(), to_hz: rate.get(), reason };
    let (from_hz, to_hz) = (source.rate.get() as usize, rate.get() as usize);
    let mut resampler = ChunkResampler::new(from_hz, to_hz, chunk_frames(from_hz, to_hz)).map_err(refused)?;
    let (chunk_in, chunk_out) = (resampler.num_in(), resampler.num_out());
    // One chunk in front is a whole number of frames on both sides, and longer than the filter.
    let num_skipped = chunk_out + resampler.delay_frames();
    let mut output = Vec::with_capacity(num_skipped + num_frames + chunk_out);
    let (mut chunk, mut made) = (vec![0.0; chunk_in], vec![0.0; chunk_out]);
    let period = (source.loop_frames().round() as i64).max(1);
    let mut next = -(chunk_in as i64);
    while output.len() < num_skipped + num_frames {
        cancel.check()?;
        for sample in &mut chunk {
            *sample = wrapped(channel, next, period);
            next += 1;
        }
        resampler.process(&chunk, &mut made).map_err(refused)?;
        output.extend_from_slice(&made);
    }
    Ok(output[num_skipped..num_skipped + num_frames].into())
}

/// The loop as it goes on before its first frame and after its last.
fn wrapped(channel: &[f32], frame: i64, period: i64) -> f32 {
    let inside = usize::try_from(frame).ok().and_then(|frame| channel.get(frame));
    let around = || channel.get(frame.rem_euclid(period) as usize);
    inside.or_else(around).copied().unwrap_or(0.0)
}
