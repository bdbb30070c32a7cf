//! The layouts that Demucs is exported in, told apart by shapes: exporters leave names to chance (MODELS.md 2.2).
use crate::spectrum::{PlaneSize, Stft};
use crate::{Dim, ModelError, Session, TensorInfo};

/// 7.8 s at 44.1 kHz: what a model works on that leaves the size open.
const SEGMENT_FRAMES: usize = 343_980;
/// Bins of a model that leaves them open: a window of 4096 without the highest.
const BINS: usize = 2048;

/// Which tensor is what.
pub(super) struct Layout {
    /// `[1, 2, frames]`.
    pub(super) mix: TensorInfo,
    /// `[1, stems, 2, frames]`.
    pub(super) time: TensorInfo,
    pub(super) binding: Binding,
    pub(super) segment_frames: usize,
    /// 4 or 6; None if the file leaves it open.
    pub(super) num_stems: Option<usize>,
}

/// Who makes the spectrum.
pub(super) enum Binding {
    /// Layout A: the graph does.
    Wave,
    /// Layouts B and C: we do. C holds real and imaginary part in a dimension of their own.
    Core {
        /// `[1, 4, bins, frames]` or `[1, 2, 2, bins, frames]`.
        spectrum: TensorInfo,
        /// `[1, stems, 4, bins, frames]` or `[1, stems, 2, 2, bins, frames]`.
        freq: TensorInfo,
        shape: PlaneSize,
        stft: Box<Stft>,
    },
}

impl Layout {
    /// Reads a model's shapes.
    ///
    /// # Errors
    /// [`ModelError::WrongKind`] for a model that is none of the layouts, [`ModelError::Layout`] for one that is almost.
    pub(super) fn of(session: &Session) -> Result<Layout, ModelError> {
        use Dim::{Any, Is};
        let find = |infos: &[TensorInfo], dims: &[&[Dim]]| {
            infos.iter().find(|info| dims.iter().any(|dims| info.matches(dims))).cloned()
        };
        let mix = find(session.inputs(), &[&[Is(1), Is(2), Any]]);
        let spectrum = find(session.inputs(), &[&[Is(1), Is(4), Any, Any], &[Is(1), Is(2), Is(2), Any, Any]]);
        let time = find(session.outputs(), &[&[Is(1), Any, Is(2), Any]]);
        let freq = find(session.outputs(), &[&[Is(1), Any, Is(4), Any, Any], &[Is(1), Any, Is(2), Is(2), Any, Any]]);
        let (Some(mix), Some(time)) = (mix, time) else {
            return Err(wrong_kind(session));
        };
        let segment_frames = mix.dims[2].or(time.dims[3]).unwrap_or(SEGMENT_FRAMES);
        let num_stems = time.dims[1];
        expect(session, &time, &[Is(1), num_stems.map_or(Any, Is), Is(2), Is(segment_frames)])?;
        if num_stems.is_some_and(|count| count != 4 && count != 6) {
            return Err(mismatch(session, &time, "[1, 4 or 6 stems, 2, frames]".to_owned()));
        }
        let binding = match (spectrum, freq, session.inputs().len()) {
            (None, _, 1) => Binding::Wave,
            (Some(spectrum), Some(freq), 2) => core(session, spectrum, freq, segment_frames, num_stems)?,
            _ => return Err(wrong_kind(session)),
        };
        Ok(Layout { mix, time, binding, segment_frames, num_stems })
    }
}

fn core(
    session: &Session,
    spectrum: TensorInfo,
    freq: TensorInfo,
    segment_frames: usize,
    num_stems: Option<usize>,
) -> Result<Binding, ModelError> {
    use Dim::{Any, Is};
    let last = |info: &TensorInfo, back: usize| info.dims[info.dims.len() - back];
    let bins = last(&spectrum, 2).or(last(&freq, 2)).unwrap_or(BINS);
    // A window of twice as many frames as bins, a quarter of it from one to the next.
    let hop = (bins / 2).max(1);
    let shape = PlaneSize { bins, frames: segment_frames.div_ceil(hop) };
    let dims = |lead: &[Dim]| [lead, &[Is(bins), Is(shape.frames)]].concat();
    let stems = num_stems.map_or(Any, Is);
    let lead = if spectrum.dims.len() == 5 { vec![Is(1), Is(2), Is(2)] } else { vec![Is(1), Is(4)] };
    expect(session, &spectrum, &dims(&lead))?;
    let lead = if freq.dims.len() == 6 { vec![Is(1), stems, Is(2), Is(2)] } else { vec![Is(1), stems, Is(4)] };
    expect(session, &freq, &dims(&lead))?;
    Ok(Binding::Core { spectrum, freq, shape, stft: Box::new(Stft::new(2 * bins, hop)) })
}

/// How far the first and last window reach out of the segment: one and a half hops.
pub(super) fn edge_frames(bins: usize) -> usize {
    bins / 2 / 2 * 3
}

fn expect(session: &Session, info: &TensorInfo, dims: &[Dim]) -> Result<(), ModelError> {
    if info.matches(dims) {
        return Ok(());
    }
    let words = dims.iter().map(|dim| match dim {
        Dim::Is(size) => size.to_string(),
        Dim::Any => "?".to_owned(),
    });
    Err(mismatch(session, info, format!("[{}]", words.collect::<Vec<_>>().join(", "))))
}

fn mismatch(session: &Session, info: &TensorInfo, expected: String) -> ModelError {
    let (file, tensor) = (session.file().to_owned(), info.name.clone());
    ModelError::Layout { file, tensor, found: info.to_string(), expected }
}

fn wrong_kind(session: &Session) -> ModelError {
    let (file, kind) = (session.file().to_owned(), "Demucs".to_owned());
    ModelError::WrongKind { file, kind, reason: session.describe() }
}
