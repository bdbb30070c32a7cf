//! Stereo audio into stems that add up to it.
use super::by_model::{by_demucs, by_mdx};
use super::{SeparateBy, SeparationError};
use crate::{CancelToken, Progress};
use separate::{Ends, NUM_STEMS, STEM_NAMES, separate, to_24_bits};
use take::{AudioClip, SampleRate, StemKind};

/// Audio to take apart.
#[derive(Debug, Clone, Copy)]
pub struct SeparationSource<'a> {
    /// Left channel, nominally -1.0..=1.0.
    pub left: &'a [f32],
    /// Right channel, as long as the left.
    pub right: &'a [f32],
    /// 8 kHz to 192 kHz.
    pub rate: SampleRate,
    /// Its end goes over into its beginning.
    pub is_loop: bool,
}

/// One voice of a mix.
#[derive(Debug, Clone, PartialEq)]
pub struct SeparatedStem {
    /// `drums`, `bass`, `harmony`, and `melody` or, of a model that knows them, `vocals`.
    pub name: &'static str,
    /// In 24 bits, as long as the source.
    pub clip: AudioClip,
}

/// What every separation gives: drums, bass, harmony, and a fourth, the kind of which is told.
pub(super) struct Parted {
    pub stems: [Option<AudioClip>; NUM_STEMS],
    pub fourth: StemKind,
}

/// Takes audio apart into four stems of 24 bits, whose integers add up to those of the source.
///
/// # Errors
/// [`SeparationError`].
pub fn separate_audio(
    source: &SeparationSource<'_>,
    by: &SeparateBy,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Vec<SeparatedStem>, SeparationError> {
    let Parted { stems, fourth } = stems_of(source, by, progress, cancel)?;
    let mut names = STEM_NAMES;
    names[3] = if fourth == StemKind::Other { "vocals" } else { STEM_NAMES[3] };
    let named = |(name, clip): (_, Option<AudioClip>)| Some(SeparatedStem { name, clip: clip? });
    Ok(names.into_iter().zip(stems).filter_map(named).collect())
}

pub(super) fn stems_of(
    source: &SeparationSource<'_>,
    by: &SeparateBy,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Parted, SeparationError> {
    cancel.check()?;
    let mix = [source.left, source.right];
    let (mut stems, fourth) = match by {
        SeparateBy::BuiltIn => {
            let ends = if source.is_loop { Ends::Closed } else { Ends::Silent };
            let mut on_progress = |share: f32| {
                progress.report(0.95 * share, "separating");
                cancel.flow()
            };
            (separate(mix, source.rate, ends, &mut on_progress)?, StemKind::Melody)
        }
        SeparateBy::Demucs { runtime, path } => (by_demucs(source, runtime, path, progress, cancel)?, StemKind::Other),
        SeparateBy::Mdx { runtime, path } => by_mdx(source, runtime, path, progress, cancel)?,
    };
    to_24_bits(mix, &mut stems);
    Ok(Parted { stems: stems.map(Some), fourth })
}
