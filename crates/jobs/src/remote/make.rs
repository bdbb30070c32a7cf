//! From the audio file of an engine to a take: decoded, made a loop, named.
use super::audio::decode;
use super::{Engine, EngineKind, Made, RemoteFault, Wish};
use crate::{CancelToken, LoopSource, PerfectLoopError, Progress, bake, perfect_loop};
use std::fmt::Write;
use std::sync::Arc;
use take::{BUILT_IN_STYLES, Bpm, PitchClass, SampleRate, Scale, StemKind, Take, TakeSpec};
use theory::Key;

/// Goes up whenever what is asked for, or what is made of an answer, changes.
const VERSION: u32 = 1;
/// Longest provenance.
const MAX_PROVENANCE_CHARS: usize = 1200;

/// What a take is made by.
pub(super) struct MakeRequest<'a> {
    pub engine: &'a Engine,
    pub kind: EngineKind,
    pub wish: &'a Wish,
    pub spec: &'a TakeSpec,
    pub rate: SampleRate,
}

/// The take.
///
/// # Errors
/// [`RemoteFault`]: `BadAudio`, `CutOff`, `Silent`, `NoLoop`, `Cancelled`.
pub(super) fn take_of(
    made: &Made,
    request: &MakeRequest<'_>,
    report: &dyn Fn(f32, &str),
    cancel: &CancelToken,
) -> Result<Take, RemoteFault> {
    let MakeRequest { spec, rate, .. } = *request;
    report(0.0, "reading");
    let audio = decode(&made.bytes, cancel)?;
    report(0.3, "making a loop of it");
    let near_tempo = made.bpm.and_then(|bpm| Bpm::new(bpm).ok()).or(Some(spec.tempo));
    let engine = provenance(made, request);
    let source =
        LoopSource { left: &audio.left, right: &audio.right, rate: audio.rate, name: "", engine: &engine, near_tempo };
    let looped = perfect_loop(&source, spec, rate, &Progress::default(), cancel).map_err(|error| match error {
        PerfectLoopError::Cancelled => RemoteFault::Cancelled,
        PerfectLoopError::Silent => RemoteFault::Silent,
        error => RemoteFault::NoLoop { reason: error.to_string() },
    })?;
    report(0.9, "finishing");
    named(looped.take, made, request)
}

/// With the engine's own word about key and stem, which the ear does not have.
fn named(take: Take, made: &Made, request: &MakeRequest<'_>) -> Result<Take, RemoteFault> {
    let Take { mut info, original, .. } = take;
    let mut original = Arc::unwrap_or_clone(original);
    (info.key, info.scale) = made.key.or(request.wish.key).unwrap_or((info.key, info.scale));
    info.name = name_of(request, info.key, info.scale);
    original.stems.swap(StemKind::Other as usize, stem_of(made) as usize);
    bake(info, Vec::new(), original).map_err(|error| RemoteFault::NoLoop { reason: error.to_string() })
}

/// The stem that it belongs to, where everything in it does.
fn stem_of(made: &Made) -> StemKind {
    let mut kinds = made.stems.iter().map(|stem| stem.kind());
    let first = kinds.next();
    first.filter(|first| kinds.all(|kind| kind == *first)).unwrap_or(StemKind::Other)
}

/// For example `Dub 120 Am (studio) #0007`.
fn name_of(request: &MakeRequest<'_>, key: PitchClass, scale: Scale) -> String {
    let MakeRequest { engine, spec, .. } = request;
    let style = BUILT_IN_STYLES.iter().find(|(id, _)| *id == spec.style.as_str());
    let style = style.map_or(spec.style.as_str(), |(_, name)| name);
    let bpm = (spec.tempo.get() * 100.0).round() / 100.0;
    let key = Key::new(key, scale).short_name();
    format!("{style} {bpm} {key} ({}) #{:04x}", engine.name, spec.seed & 0xffff)
}

/// Who made it, what was sent and what was said about it. Holds no address and no key.
fn provenance(made: &Made, request: &MakeRequest<'_>) -> String {
    let MakeRequest { engine, kind, wish, .. } = request;
    let mut text = format!("{}/{VERSION} ({}; prompt sent: {}", kind.id(), engine.name, wish.prompt);
    for kept in &made.kept {
        // Writing to a string cannot fail.
        write!(text, "; {kept}").ok();
    }
    text.push(')');
    text.chars().take(MAX_PROVENANCE_CHARS).collect()
}
