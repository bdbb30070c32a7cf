//! A take or any audio into stems: by a Demucs or an MDX-Net of the user's, or by the built-in separator, which needs
//! nothing.
//!
//! Stems add up to what they came from, sample by sample in 24 bits. Files are read and written elsewhere.
mod audio;
mod by_model;
#[cfg(test)]
mod tests;

pub use audio::{SeparatedStem, SeparationSource, separate_audio};

use crate::{BakeError, CancelToken, Cancelled, Progress, ResampleError, bake};
use audio::{Parted, stems_of};
use models::store::{Kind, ModelStore};
use models::{ModelError, RuntimeError, RuntimeSearch};
use separate::SeparateError;
use std::path::{Path, PathBuf};
use take::{AudioClip, Rendition, StemKind, Take, TakeInfo};

/// Goes up whenever the same audio would give other stems.
const BUILT_IN: &str = "builtin separation/2";
const DEMUCS: &str = "htdemucs separation/1";
const MDX: &str = "mdx separation/1";
/// How what an earlier separation left in the provenance is known.
const MARK: &str = " separation/";
/// A stem under this peak, -80 dBFS, is none; what is in it stays in the harmony.
const SILENCE_PEAK: f32 = 1e-4;

/// Who separates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SeparateBy {
    /// The separator that needs no model.
    #[default]
    BuiltIn,
    /// A Demucs v4 file, or a folder with one or with a bag of four.
    Demucs {
        /// Where ONNX Runtime is looked for.
        runtime: RuntimeSearch,
        /// File or folder.
        path: PathBuf,
    },
    /// An MDX-Net file for its one voice, the built-in separator for the rest.
    Mdx {
        /// Where ONNX Runtime is looked for.
        runtime: RuntimeSearch,
        /// File, or a folder with one.
        path: PathBuf,
    },
}

impl SeparateBy {
    /// The first Demucs in the folder of models in `data_dir`, if there is one. Disk work; opens no model.
    pub fn demucs_in(data_dir: &Path) -> Option<SeparateBy> {
        let path = first_of(Kind::Demucs, data_dir)?;
        Some(SeparateBy::Demucs { runtime: RuntimeSearch::of_system(None, data_dir), path })
    }

    /// The first MDX-Net there. Disk work; opens no model.
    pub fn mdx_in(data_dir: &Path) -> Option<SeparateBy> {
        let path = first_of(Kind::Mdx, data_dir)?;
        Some(SeparateBy::Mdx { runtime: RuntimeSearch::of_system(None, data_dir), path })
    }

    /// Demucs where one is installed, else an MDX-Net, else built-in. Disk work.
    pub fn best_in(data_dir: &Path) -> SeparateBy {
        Self::demucs_in(data_dir).or_else(|| Self::mdx_in(data_dir)).unwrap_or_default()
    }

    /// Who it is, for people.
    pub fn name(&self) -> String {
        let of = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match self {
            Self::BuiltIn => "the built-in separator".to_owned(),
            Self::Demucs { path, .. } | Self::Mdx { path, .. } => of(path),
        }
    }

    /// Where ONNX Runtime is looked for, and the model; `None` where none is needed.
    pub(crate) fn model(&self) -> Option<(&RuntimeSearch, &Path)> {
        match self {
            Self::BuiltIn => None,
            Self::Demucs { runtime, path } | Self::Mdx { runtime, path } => Some((runtime, path)),
        }
    }

    /// What it leaves in the provenance of a take.
    fn mark(&self) -> &'static str {
        match self {
            Self::BuiltIn => BUILT_IN,
            Self::Demucs { .. } => DEMUCS,
            Self::Mdx { .. } => MDX,
        }
    }

    /// Opens the model as a separation would, and closes it again; a sentence of what is there.
    ///
    /// # Errors
    /// [`SeparationError`], as the separation would give it.
    pub(crate) fn test(&self, progress: &Progress, cancel: &CancelToken) -> Result<String, SeparationError> {
        by_model::test(self, progress, cancel)
    }
}

fn first_of(kind: Kind, data_dir: &Path) -> Option<PathBuf> {
    ModelStore::new(data_dir).list().into_iter().find(|model| model.kind == kind).map(|model| model.path)
}

/// The take was taken apart after it was made, going by `take::TakeInfo::engine`.
pub fn is_separated(engine: &str) -> bool {
    engine.contains(MARK)
}

/// It was this separator that made the take's stems.
pub(crate) fn is_separated_by(engine: &str, by: &SeparateBy) -> bool {
    engine.split(" + ").any(|maker| maker == by.mark())
}

/// Why nothing was separated. Every sentence is for the user.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SeparationError {
    /// The owner changed its mind.
    #[error("cancelled")]
    Cancelled,
    /// The same separator has made these stems.
    #[error("its stems are from {by} already")]
    Already {
        /// Who.
        by: String,
    },
    /// The audio is refused.
    #[error("it cannot be separated: {0}")]
    Audio(SeparateError),
    /// ONNX Runtime is not there or does not work.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The user's model.
    #[error(transparent)]
    Model(ModelError),
    /// A rate that cannot be brought to the model's.
    #[error(transparent)]
    Resample(ResampleError),
    /// The stems are no take.
    #[error("what came of it is not usable: {0}")]
    Bake(#[from] BakeError),
}

impl From<Cancelled> for SeparationError {
    fn from(_: Cancelled) -> Self {
        SeparationError::Cancelled
    }
}

impl From<SeparateError> for SeparationError {
    fn from(error: SeparateError) -> Self {
        if error == SeparateError::Cancelled { SeparationError::Cancelled } else { SeparationError::Audio(error) }
    }
}

impl From<ModelError> for SeparationError {
    fn from(error: ModelError) -> Self {
        if error == ModelError::Cancelled { SeparationError::Cancelled } else { SeparationError::Model(error) }
    }
}

impl From<ResampleError> for SeparationError {
    fn from(error: ResampleError) -> Self {
        match error {
            ResampleError::Cancelled(_) => SeparationError::Cancelled,
            error => SeparationError::Resample(error),
        }
    }
}

/// The same take with other stems: its mix taken apart into drums, bass, harmony, and melody (built-in) or other (the
/// vocals of a model). Name, loudness, notes, chords and mix stay; provenance says who separated. What would be silent is
/// no stem. The same take gives the same stems.
///
/// # Errors
/// [`SeparationError`]; the take is untouched.
pub fn separate_take(
    take: &Take,
    by: &SeparateBy,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Take, SeparationError> {
    progress.report(0.0, "separating");
    let original = &*take.original;
    let mix = mix_of(original);
    let source = SeparationSource { left: &mix.left, right: &mix.right, rate: original.rate, is_loop: true };
    let Parted { mut stems, fourth } = stems_of(&source, by, progress, cancel)?;
    cancel.check()?;
    progress.report(0.97, "finishing");
    leave_out_silence(&mut stems);
    let mut separated = Rendition { stems: Default::default(), ..original.clone() };
    let kinds = [StemKind::Drums, StemKind::Bass, StemKind::Harmony, fourth];
    for (kind, stem) in kinds.into_iter().zip(stems) {
        separated.stems[kind as usize] = stem;
    }
    let info = TakeInfo { engine: provenance(&take.info.engine, by.mark()), ..take.info.clone() };
    Ok(bake(info, take.parts.clone(), separated)?)
}

/// The sum of the stems.
fn mix_of(rendition: &Rendition) -> AudioClip {
    let sum = |channel: fn(&AudioClip) -> &[f32]| {
        let mut sum = vec![0.0_f64; rendition.num_frames()];
        for stem in rendition.stems.iter().flatten() {
            sum.iter_mut().zip(channel(stem)).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        sum.into_iter().map(|value| value as f32).collect()
    };
    AudioClip { left: sum(|clip| &clip.left), right: sum(|clip| &clip.right) }
}

/// Silent stems go, and what is in them goes to one that stays, the harmony if it can: the sum is the same.
fn leave_out_silence(stems: &mut [Option<AudioClip>; separate::NUM_STEMS]) {
    let is_silent = |clip: &AudioClip| clip.left.iter().chain(&clip.right).all(|sample| sample.abs() < SILENCE_PEAK);
    let is_heard = |stem: &usize| stems[*stem].as_ref().is_some_and(|clip| !is_silent(clip));
    let harmony = StemKind::Harmony as usize;
    let Some(home) = [harmony, 0, 1, 3].into_iter().find(is_heard) else { return };
    for number in (0..stems.len()).filter(|number| *number != home) {
        let merged = match (&stems[home], &stems[number]) {
            (Some(heard), Some(silent)) if is_silent(silent) => added(heard, silent),
            _ => None,
        };
        if merged.is_some() {
            stems[home] = merged;
            stems[number] = None;
        }
    }
}

/// The sum of two clips of 24 bits, or `None` where it leaves their range.
fn added(a: &AudioClip, b: &AudioClip) -> Option<AudioClip> {
    let sum = |a: &[f32], b: &[f32]| -> Option<Box<[f32]>> {
        a.iter().zip(b).map(|(a, b)| Some(a + b).filter(|sum| sum.abs() < 1.0)).collect()
    };
    Some(AudioClip { left: sum(&a.left, &b.left)?, right: sum(&a.right, &b.right)? })
}

/// `band/1` becomes `band/1 + builtin separation/2`; a separation before this one no longer counts.
fn provenance(engine: &str, by: &str) -> String {
    let makers = engine.split(" + ").filter(|maker| !maker.contains(MARK));
    makers.chain([by]).collect::<Vec<_>>().join(" + ")
}
