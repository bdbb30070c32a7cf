//! The last step of every take: check it, bring it to 24 bits, draw it, hash it.
use std::sync::Arc;
use take::{AudioClip, Part, Peaks, Rendition, StemKind, Take, TakeId, TakeInfo, dequantise_24, quantise_24};

/// A peak below this is silence: -80 dBFS, far under the softest ambient pad and above any numerical residue.
const SILENCE_PEAK: f32 = 1e-4;

/// What was made is no take.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BakeError {
    /// A stem is shorter or longer than its bars.
    #[error("the {stem} stem has {frames} frames where {expected_frames} make the loop")]
    Length {
        /// Which stem.
        stem: &'static str,
        /// What it has (the channel that is off).
        frames: usize,
        /// What it should have.
        expected_frames: usize,
    },
    /// A sample is infinite or not a number.
    #[error("the {stem} stem is broken at frame {frame}")]
    NotFinite {
        /// Which stem.
        stem: &'static str,
        /// First bad frame.
        frame: usize,
    },
    /// There is nothing to hear.
    #[error("it is silent")]
    Silent,
}

/// Checks and quantises every stem in place, so that what is heard is bit for bit what the library reads back.
///
/// # Errors
/// [`BakeError`]; the rendition is then half-quantised and of no use.
pub fn bake_rendition(rendition: &mut Rendition) -> Result<(), BakeError> {
    let expected_frames = rendition.num_frames();
    let mut peak = 0.0_f32;
    for (kind, stem) in StemKind::ALL.into_iter().zip(&mut rendition.stems) {
        if let Some(clip) = stem {
            peak = peak.max(bake_stem(kind.name(), clip, expected_frames)?);
        }
    }
    if peak < SILENCE_PEAK { Err(BakeError::Silent) } else { Ok(()) }
}

/// Makes a take of what an engine rendered; fills in the id everywhere.
///
/// # Errors
/// As [`bake_rendition`].
pub fn bake(info: TakeInfo, parts: Vec<Part>, mut original: Rendition) -> Result<Take, BakeError> {
    bake_rendition(&mut original)?;
    let id = TakeId::of(&info, &parts, &original);
    original.take = id;
    let peaks = Peaks::of(&original);
    Ok(Take { id, info, parts, original: Arc::new(original), peaks })
}

/// The largest absolute sample.
fn bake_stem(stem: &'static str, clip: &mut AudioClip, expected_frames: usize) -> Result<f32, BakeError> {
    let mut peak = 0.0_f32;
    for channel in [&mut clip.left, &mut clip.right] {
        if channel.len() != expected_frames {
            return Err(BakeError::Length { stem, frames: channel.len(), expected_frames });
        }
        if let Some(frame) = channel.iter().position(|sample| !sample.is_finite()) {
            return Err(BakeError::NotFinite { stem, frame });
        }
        for sample in channel.iter_mut() {
            *sample = dequantise_24(quantise_24(*sample));
            peak = peak.max(sample.abs());
        }
    }
    Ok(peak)
}
