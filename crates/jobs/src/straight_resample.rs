//! Audio with a beginning and an end at another sample rate, in one piece or piece by piece. Loops: `resample`.
use crate::resample::chunk_frames;
use crate::{CancelToken, ResampleError};
use fourier::ChunkResampler;
use take::SampleRate;

/// One channel that comes in pieces. Every frame keeps its time: frame 0 stays frame 0.
pub(crate) struct StraightResampler {
    /// `None` where both rates are the same.
    resampler: Option<ChunkResampler>,
    rates_hz: (u32, u32),
    waiting: Vec<f32>,
    made: Vec<f32>,
    num_in: u64,
    num_out: u64,
    /// Frames of the filter's delay that are still to be left out.
    num_skipped: usize,
}

impl StraightResampler {
    /// # Errors
    /// `Refused`.
    pub fn new(from: SampleRate, to: SampleRate) -> Result<Self, ResampleError> {
        let rates_hz = (from.get(), to.get());
        let (from_hz, to_hz) = (from.get() as usize, to.get() as usize);
        let resampler = match from == to {
            true => None,
            false => {
                let chunk = chunk_frames(from_hz, to_hz);
                let made = ChunkResampler::new(from_hz, to_hz, chunk);
                Some(made.map_err(|reason| refused(rates_hz, reason))?)
            }
        };
        let num_skipped = resampler.as_ref().map_or(0, ChunkResampler::delay_frames);
        let made = vec![0.0; resampler.as_ref().map_or(0, ChunkResampler::num_out)];
        Ok(Self { resampler, rates_hz, waiting: Vec::new(), made, num_in: 0, num_out: 0, num_skipped })
    }

    /// Appends what is ready to `out`.
    ///
    /// # Errors
    /// `Refused`.
    pub fn push(&mut self, input: &[f32], out: &mut Vec<f32>) -> Result<(), ResampleError> {
        self.num_in += input.len() as u64;
        self.feed(input, out)
    }

    /// Appends the rest: in all as many frames as the input is long.
    ///
    /// # Errors
    /// `Refused`.
    pub fn finish(mut self, out: &mut Vec<f32>) -> Result<(), ResampleError> {
        let (from_hz, to_hz) = self.rates_hz;
        let wanted = (self.num_in as f64 * f64::from(to_hz) / f64::from(from_hz)).round() as u64;
        let silence = [0.0; 1024];
        while self.num_out < wanted {
            self.feed(&silence, out)?;
        }
        let surplus = (self.num_out - wanted) as usize;
        out.truncate(out.len().saturating_sub(surplus));
        Ok(())
    }

    fn feed(&mut self, input: &[f32], out: &mut Vec<f32>) -> Result<(), ResampleError> {
        let Some(resampler) = &mut self.resampler else {
            out.extend_from_slice(input);
            self.num_out += input.len() as u64;
            return Ok(());
        };
        self.waiting.extend_from_slice(input);
        let chunk = resampler.num_in();
        let num_made = self.made.len();
        let mut used = 0;
        while self.waiting.len() - used >= chunk {
            let piece = &self.waiting[used..used + chunk];
            resampler.process(piece, &mut self.made).map_err(|reason| refused(self.rates_hz, reason))?;
            used += chunk;
            let skipped = self.num_skipped.min(num_made);
            self.num_skipped -= skipped;
            out.extend_from_slice(&self.made[skipped..]);
            self.num_out += (num_made - skipped) as u64;
        }
        self.waiting.drain(..used);
        Ok(())
    }
}

/// One channel at another rate.
///
/// # Errors
/// [`ResampleError`].
pub(crate) fn resample_straight(
    channel: &[f32],
    from: SampleRate,
    to: SampleRate,
    cancel: &CancelToken,
) -> Result<Box<[f32]>, ResampleError> {
    let mut resampler = StraightResampler::new(from, to)?;
    let num_frames = (channel.len() as f64 * f64::from(to.get()) / f64::from(from.get())) as usize;
    let mut out = Vec::with_capacity(num_frames + 4096);
    for piece in channel.chunks(4096) {
        cancel.check()?;
        resampler.push(piece, &mut out)?;
    }
    resampler.finish(&mut out)?;
    Ok(out.into())
}

fn refused((from_hz, to_hz): (u32, u32), reason: String) -> ResampleError {
    ResampleError::Refused { from_hz, to_hz, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_place_whatever_the_pieces() {
        for (from_hz, to_hz) in [(44_100, 48_000), (192_000, 48_000), (22_050, 48_000), (48_000, 48_000)] {
            let (from, to) = (SampleRate::new(from_hz).unwrap(), SampleRate::new(to_hz).unwrap());
            let tone = |n: usize, hz: u32| (std::f64::consts::TAU * 1000.0 * n as f64 / f64::from(hz)).sin() as f32;
            let input: Vec<f32> = (0..from_hz as usize / 2).map(|n| tone(n, from_hz)).collect();
            let whole = resample_straight(&input, from, to, &CancelToken::default()).unwrap();
            assert_eq!(whole.len(), to_hz as usize / 2);
            for (n, sample) in whole.iter().enumerate().skip(2_000).take(18_000) {
                assert!((sample - tone(n, to_hz)).abs() < 2e-3, "{from_hz} to {to_hz}, frame {n}");
            }
            let (mut resampler, mut pieces) = (StraightResampler::new(from, to).unwrap(), Vec::new());
            input.chunks(777).for_each(|piece| resampler.push(piece, &mut pieces).unwrap());
            resampler.finish(&mut pieces).unwrap();
            assert_eq!(pieces, *whole);
        }
    }
}
