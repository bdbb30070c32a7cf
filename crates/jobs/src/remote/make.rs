//! From the audio file of an engine to a take: decoded, heard, brought to rate and length, its loudness set, baked.
use super::audio::{at_rate, decode, looped};
use super::{Engine, EngineKind, Made, RemoteFault, Wish};
use crate::{CancelToken, bake};
use listen::analyse;
use std::fmt::Write;
use take::{
    BUILT_IN_STYLES, Beats, PitchClass, Rendition, SampleRate, Scale, StemKind, Take, TakeId, TakeInfo, TakeSpec,
};
use theory::Key;

/// A peak below this is silence, as in the bake.
const SILENCE_PEAK: f32 = 1e-4;
/// Loudness of a take in LUFS, and what its true peak stays below in dBTP: those of the band's mixes.
const LOUDNESS_LUFS: f64 = -16.0;
const CEILING_DBTP: f64 = -1.0;
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
/// [`RemoteFault`]: `BadAudio`, `Silent`, `NoLoop`, `Cancelled`.
pub(super) fn take_of(
    made: &Made,
    request: &MakeRequest<'_>,
    report: &dyn Fn(f32, &str),
    cancel: &CancelToken,
) -> Result<Take, RemoteFault> {
    let MakeRequest { spec, rate, wish, .. } = *request;
    report(0.0, "reading");
    let audio = decode(&made.bytes)?;
    let peak = audio.left.iter().chain(&audio.right).fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if peak < SILENCE_PEAK {
        return Err(RemoteFault::Silent);
    }
    report(0.2, "bringing it to rate and length");
    let audio = at_rate(audio, rate, cancel)?;
    let (loop_beats, bar_beats) = (Beats(spec.num_beats()), spec.meter.bar_beats());
    let take = TakeId([0; 32]);
    let mut original = Rendition { take, tempo: spec.tempo, rate, loop_beats, bar_beats, stems: Default::default() };
    let mut clip = looped(&audio, &original, wish)?;
    cancel.check().map_err(|_| RemoteFault::Cancelled)?;
    report(0.6, "listening");
    let heard = analyse(&clip.left, &clip.right, rate);
    let gain_db = (LOUDNESS_LUFS - heard.loudness_lufs).min(CEILING_DBTP - heard.true_peak_dbtp);
    // Too soft to be measured and yet not silent: as it is.
    let gain_db = if gain_db.is_finite() { gain_db } else { 0.0 };
    let gain = 10.0_f64.powf(gain_db / 20.0) as f32;
    clip.left.iter_mut().chain(&mut clip.right).for_each(|sample| *sample *= gain);
    let key = made.key.or(wish.key).or(heard.key.map(|key| (key.key.tonic, key.key.scale)));
    let (key, scale) = key.unwrap_or((PitchClass::new(0), Scale::Minor));
    let level = |level: f64| if level.is_finite() { level + gain_db } else { -100.0 };
    let info = TakeInfo {
        name: name_of(request, key, scale),
        spec: spec.clone(),
        engine: provenance(made, request),
        key,
        scale,
        tempo: spec.tempo,
        meter: spec.meter,
        bars: spec.bars,
        chords: Vec::new(),
        loudness_lufs: level(heard.loudness_lufs),
        true_peak_dbtp: level(heard.true_peak_dbtp),
    };
    original.stems[stem_of(made) as usize] = Some(clip);
    report(0.9, "finishing");
    bake(info, Vec::new(), original).map_err(|error| match error {
        crate::BakeError::Silent => RemoteFault::Silent,
        error => RemoteFault::NoLoop { reason: error.to_string() },
    })
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
