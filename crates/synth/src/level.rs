//! Finished audio, brought to the loudness of everything else the band plays.
use crate::circle::Circle;
use crate::master::master;
use crate::progress::{Cancelled, Ticker};
use std::ops::ControlFlow;
use take::{AudioClip, Rendition};

/// Loudness and peak of a mix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixLevels {
    /// Integrated loudness (BS.1770-4), LUFS; -200 for silence.
    pub loudness_lufs: f64,
    /// True peak (BS.1770-4), dBTP; -200 for silence.
    pub true_peak_dbtp: f64,
}

/// Gives every stem of a rendition one gain curve, so that their sum has the band's loudness (-16 LUFS) and keeps below
/// -1 dBTP. Round the loop's seam as everywhere else.
///
/// # Errors
/// [`Cancelled`]; the rendition is then of no use.
pub fn level(
    rendition: &mut Rendition,
    on_progress: &mut dyn FnMut(f32, &str) -> ControlFlow<()>,
) -> Result<MixLevels, Cancelled> {
    let num_frames = rendition.num_frames();
    let num_round = ((rendition.loop_frames() + 1e-6) as usize).clamp(1, num_frames);
    let circle = |clip: AudioClip| Circle {
        left: clip.left.into_vec().into_iter().take(num_round).collect(),
        right: clip.right.into_vec().into_iter().take(num_round).collect(),
    };
    let mut stems = std::mem::take(&mut rendition.stems).map(|stem| stem.map(circle));
    let mut ticker = Ticker::new(on_progress);
    ticker.stage("setting the level", 1.0)?;
    let levels = master(&mut stems, 0.0, rendition.rate.get() as f32, &mut ticker)?;
    rendition.stems = stems.map(|stem| stem.map(|circle| circle.into_clip(num_frames)));
    Ok(MixLevels { loudness_lufs: levels.loudness_lufs, true_peak_dbtp: levels.true_peak_dbtp })
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::{Beats, Bpm, SampleRate, StemKind, TakeId};

    #[test]
    fn loud_and_quiet_loops_end_up_alike() {
        for gain in [0.01_f32, 0.9] {
            let tone = |n: usize| gain * libm::sinf(std::f32::consts::TAU * 1000.0 * n as f32 / 48_000.0);
            let mut rendition = Rendition {
                take: TakeId([0; 32]),
                tempo: Bpm::DEFAULT,
                rate: SampleRate::DEFAULT,
                loop_beats: Beats(4.0),
                bar_beats: Beats(4.0),
                stems: Default::default(),
            };
            let channel: Box<[f32]> = (0..rendition.num_frames()).map(tone).collect();
            rendition.stems[StemKind::Other as usize] = Some(AudioClip { left: channel.clone(), right: channel });
            let levels = level(&mut rendition, &mut |_, _| ControlFlow::Continue(())).expect("not cancelled");
            assert!((levels.loudness_lufs + 16.0).abs() < 0.1, "{levels:?}");
            assert_eq!(rendition.stems[4].as_ref().map(AudioClip::num_frames), Some(96_000));
        }
    }
}
