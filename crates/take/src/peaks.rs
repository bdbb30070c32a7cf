//! Drawing data of a take.
use crate::{AudioClip, Rendition};

/// Largest absolute value per column and stem, for drawing; 0.0..=1.0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Peaks {
    /// Per stem, [`Peaks::COLUMNS`] values over the whole loop; empty where the take does not have the stem.
    pub stems: [Vec<f32>; 5],
}

impl Peaks {
    /// Columns over the whole loop.
    pub const COLUMNS: usize = 1024;

    /// Peaks of every stem, both channels together.
    pub fn of(rendition: &Rendition) -> Self {
        Self { stems: rendition.stems.each_ref().map(|stem| stem.as_ref().map(columns).unwrap_or_default()) }
    }
}

/// A loop with fewer frames than columns repeats its frames; an empty one draws as silence.
fn columns(clip: &AudioClip) -> Vec<f32> {
    let num_frames = clip.num_frames();
    let column = |index: usize| {
        let start = index * num_frames / Peaks::COLUMNS;
        let end = ((index + 1) * num_frames / Peaks::COLUMNS).max(start + 1);
        [&clip.left, &clip.right]
            .into_iter()
            .filter_map(|channel| channel.get(start..end))
            .flatten()
            // NaN loses against any number in `max`.
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()))
            .min(1.0)
    };
    (0..Peaks::COLUMNS).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Beats, Bpm, SampleRate, TakeId};

    fn peaks_of(left: Vec<f32>, right: Vec<f32>) -> Vec<f32> {
        let clip = AudioClip { left: left.into(), right: right.into() };
        let rendition = Rendition {
            take: TakeId([0; 32]),
            tempo: Bpm::DEFAULT,
            rate: SampleRate::DEFAULT,
            loop_beats: Beats(4.0),
            bar_beats: Beats(4.0),
            stems: [Some(clip), None, None, None, None],
        };
        let peaks = Peaks::of(&rendition);
        assert!(peaks.stems[1..].iter().all(Vec::is_empty));
        peaks.stems.into_iter().next().unwrap()
    }

    #[test]
    fn every_frame_lies_in_exactly_one_column() {
        for num_frames in [1024, 1025, 5000] {
            for frame in [0, 1, num_frames / 2, num_frames - 1] {
                let mut left = vec![0.0; num_frames];
                left[frame] = -0.5;
                let peaks = peaks_of(left, vec![0.0; num_frames]);
                assert_eq!(peaks.len(), Peaks::COLUMNS);
                let lit: Vec<_> = (0..Peaks::COLUMNS).filter(|&column| peaks[column] == 0.5).collect();
                assert_eq!(lit.len(), 1, "frame {frame} of {num_frames} drew {lit:?}");
                assert!((lit[0] as f64 - frame as f64 / num_frames as f64 * 1024.0).abs() <= 1.0);
            }
        }
    }

    #[test]
    fn short_and_broken_audio_still_draws() {
        assert_eq!(peaks_of(vec![0.25], vec![0.75]), vec![0.75; Peaks::COLUMNS]);
        assert_eq!(peaks_of(vec![], vec![]), vec![0.0; Peaks::COLUMNS]);
        assert_eq!(peaks_of(vec![f32::NAN], vec![f32::INFINITY]), vec![1.0; Peaks::COLUMNS]);
    }
}
