//! Stems by a model of the user's, at the model's rate and back.
use super::{SeparateBy, SeparationError, SeparationSource};
use crate::straight_resample::resample_straight;
use crate::{CancelToken, Progress, while_waiting};
use models::mdx::MdxSettings;
use models::{ModelError, NamedStem, RunControl, Runtime, RuntimeSearch, demucs, mdx};
use separate::{Ends, NUM_STEMS, separate};
use std::path::{Path, PathBuf};
use take::{AudioClip, SampleRate, StemKind};

/// What a loop is led in and out by while its rate is changed, in seconds, so that its seam stays closed.
const AROUND_S: f64 = 0.1;
/// Every model here is made for this rate.
const MODEL_RATE_HZ: u32 = 44_100;
const _: () = assert!(demucs::RATE_HZ == MODEL_RATE_HZ && mdx::RATE_HZ == MODEL_RATE_HZ);

/// Drums, bass, everything else, and vocals, at the source's rate and as long as it. A loop is one for the model too.
///
/// # Errors
/// [`SeparationError`].
pub(super) fn by_demucs(
    source: &SeparationSource<'_>,
    runtime: &RuntimeSearch,
    path: &Path,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<[AudioClip; NUM_STEMS], SeparationError> {
    let found = named_stems(source, path, progress, cancel, |control, mix| {
        let separator = demucs::Separator::open(&Runtime::find(runtime)?, path, &control.within(0.0, 0.1))?;
        let run = control.within(0.1, 0.95);
        Ok(match source.is_loop {
            true => separator.separate_loop(mix, &run)?,
            false => separator.separate(mix, &run)?,
        })
    })?;
    let mut stems: [AudioClip; NUM_STEMS] = std::array::from_fn(|_| AudioClip::silent(source.left.len()));
    for (name, clip) in found {
        // The third takes what the others leave: other, guitar, piano.
        let places = [Some("drums"), Some("bass"), None, Some("vocals")];
        if let Some(place) = places.iter().position(|of| *of == Some(name.as_str())) {
            stems[place] = clip;
        }
    }
    Ok(stems)
}

/// An MDX-Net knows one voice. It takes that; the built-in separator takes what is left apart, and what it finds of the
/// model's voice goes to its neighbour. The kind of the fourth stem comes with them.
///
/// # Errors
/// [`SeparationError`].
pub(super) fn by_mdx(
    source: &SeparationSource<'_>,
    runtime: &RuntimeSearch,
    path: &Path,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<([AudioClip; NUM_STEMS], StemKind), SeparationError> {
    let file = file_in(path);
    let found = named_stems(source, &file, progress, cancel, |control, mix| {
        let (runtime, settings) = (Runtime::find(runtime)?, settings_beside(&file)?);
        let separator = mdx::Separator::open(&runtime, &file, settings, &control.within(0.0, 0.1))?;
        let run = control.within(0.1, 0.85);
        Ok(match source.is_loop {
            true => separator.separate_loop(mix, &run)?,
            false => separator.separate(mix, &run)?,
        })
    })?;
    let (place, clip) = voice_of(found, &file)?;
    let rest = |mix: &[f32], stem: &[f32]| mix.iter().zip(stem).map(|(mix, stem)| mix - stem).collect::<Vec<f32>>();
    let (left, right) = (rest(source.left, &clip.left), rest(source.right, &clip.right));
    let ends = if source.is_loop { Ends::Closed } else { Ends::Silent };
    let mut on_progress = |share: f32| {
        progress.report(0.85 + 0.1 * share, "separating the rest");
        cancel.flow()
    };
    let mut stems = separate([&left, &right], source.rate, ends, &mut on_progress)?;
    let doubled = std::mem::replace(&mut stems[place], clip);
    let neighbour = if place == 2 { 3 } else { 2 };
    add(&mut stems[neighbour], &doubled);
    Ok((stems, if place == 3 { StemKind::Other } else { StemKind::Melody }))
}

/// Opens the model and lets it go again.
///
/// # Errors
/// [`SeparationError`].
pub(super) fn test(by: &SeparateBy, progress: &Progress, cancel: &CancelToken) -> Result<String, SeparationError> {
    let is_cancelled = || cancel.is_cancelled();
    let report = |share: f32, stage: &str| progress.report(share, stage);
    let control = RunControl::new(&is_cancelled, &report);
    let stems = while_waiting(|| -> Result<Vec<String>, SeparationError> {
        Ok(match by {
            SeparateBy::BuiltIn => Vec::new(),
            SeparateBy::Demucs { runtime, path } => {
                let separator = demucs::Separator::open(&Runtime::find(runtime)?, path, &control)?;
                separator.stem_names().into_iter().map(str::to_owned).collect()
            }
            SeparateBy::Mdx { runtime, path } => {
                let (runtime, file) = (Runtime::find(runtime)?, file_in(path));
                let separator = mdx::Separator::open(&runtime, &file, settings_beside(&file)?, &control)?;
                separator.stem_names().map(str::to_owned).to_vec()
            }
        })
    })?;
    Ok(match stems.is_empty() {
        true => format!("{} needs no model", by.name()),
        false => format!("{} opens and gives {}", by.name(), stems.join(", ")),
    })
}

/// The model's own voice, by its place among drums, bass, harmony and the fourth.
fn voice_of(found: Vec<(String, AudioClip)>, file: &Path) -> Result<(usize, AudioClip), SeparationError> {
    // Of `instrumental` and what is left of the mix, what is left is the voice.
    let place = |name: &str| ["drums", "bass", "other", "vocals"].iter().position(|known| *known == name);
    let names: Vec<String> = found.iter().map(|(name, _)| name.clone()).collect();
    let voice = found.into_iter().find_map(|(name, clip)| Some((place(&name)?, clip)));
    voice.ok_or_else(|| {
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        let reason = format!("`{file}` gives {}, of which no stem can be made", names.join(" and "));
        SeparationError::Model(ModelError::Input { reason })
    })
}

fn add(sum: &mut AudioClip, more: &AudioClip) {
    let pairs = [(&mut sum.left, &more.left), (&mut sum.right, &more.right)];
    for (sum, more) in pairs {
        sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}

/// The model in a folder of its own, or the file itself.
fn file_in(path: &Path) -> PathBuf {
    let is_model = |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
    let inside = || std::fs::read_dir(path).ok()?.flatten().map(|entry| entry.path()).filter(is_model).min();
    if path.is_dir() { inside().unwrap_or_else(|| path.to_owned()) } else { path.to_owned() }
}

/// What a user knows of an MDX-Net that is none of the published ones: `name.toml` beside `name.onnx`, with
/// `window_frames`, `gain` (1 where it is left out) and `stem`.
fn settings_beside(file: &Path) -> Result<Option<MdxSettings>, SeparationError> {
    let beside = file.with_extension("toml");
    let Ok(text) = std::fs::read_to_string(&beside) else { return Ok(None) };
    let refused = |reason: String| {
        let file = beside.file_name().unwrap_or_default().to_string_lossy().into_owned();
        SeparationError::Model(ModelError::Setting { file, reason })
    };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| refused(error.message().to_owned()))?;
    let window_frames = table.get("window_frames").and_then(toml::Value::as_integer).unwrap_or(0);
    let number = |value: &toml::Value| value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
    let gain = table.get("gain").map_or(Some(1.0), number).unwrap_or(0.0);
    let stem = table.get("stem").and_then(toml::Value::as_str).unwrap_or_default();
    let stems = ["vocals", "instrumental", "drums", "bass", "other"];
    if !(2048..=32_768).contains(&window_frames) || !(0.5..=2.0).contains(&gain) || !stems.contains(&stem) {
        let reason =
            format!("it wants window_frames (2048 to 32768), gain (0.5 to 2) and stem (one of {})", stems.join(", "));
        return Err(refused(reason));
    }
    Ok(Some(MdxSettings { window_frames: window_frames as usize, gain: gain as f32, stem: stem.to_owned() }))
}

/// Runs a model on the mix at its own rate; what comes out is back at the source's rate, finite and as long.
fn named_stems(
    source: &SeparationSource<'_>,
    path: &Path,
    progress: &Progress,
    cancel: &CancelToken,
    run: impl FnOnce(&RunControl<'_>, [&[f32]; 2]) -> Result<Vec<NamedStem>, SeparationError>,
) -> Result<Vec<(String, AudioClip)>, SeparationError> {
    let is_cancelled = || cancel.is_cancelled();
    let report = |share: f32, stage: &str| progress.report(0.95 * share, stage);
    let control = RunControl::new(&is_cancelled, &report);
    control.report(0.0, "opening the model");
    let model_rate = SampleRate::new(MODEL_RATE_HZ).unwrap_or(SampleRate::DEFAULT);
    let num_frames = source.left.len();
    let (from_hz, to_hz) = (f64::from(source.rate.get()), f64::from(MODEL_RATE_HZ));
    let num_there = (num_frames as f64 * to_hz / from_hz).round().max(1.0) as usize;
    let to_model = |channel: &[f32]| at_rate(channel, source.rate, model_rate, num_there, source.is_loop, cancel);
    let (left, right) = (to_model(source.left)?, to_model(source.right)?);
    // Minutes at low priority: nobody else's load or save waits behind them.
    let found = while_waiting(|| run(&control, [&left, &right]))?;
    let back = |channel: &[f32]| at_rate(channel, model_rate, source.rate, num_frames, source.is_loop, cancel);
    let clips = found
        .into_iter()
        .map(|NamedStem { name, left, right }| Ok((name, AudioClip { left: back(&left)?, right: back(&right)? })));
    let clips: Vec<(String, AudioClip)> = clips.collect::<Result<_, SeparationError>>()?;
    let is_finite = |clip: &AudioClip| clip.left.iter().chain(&clip.right).all(|sample| sample.is_finite());
    if !clips.iter().all(|(_, clip)| is_finite(clip)) {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let reason = format!("`{file}` gave audio with values that are no numbers");
        return Err(SeparationError::Model(ModelError::Input { reason }));
    }
    Ok(clips)
}

/// A channel at another rate in exactly `num_frames`; a loop goes round.
fn at_rate(
    channel: &[f32],
    from: SampleRate,
    to: SampleRate,
    num_frames: usize,
    is_loop: bool,
    cancel: &CancelToken,
) -> Result<Box<[f32]>, SeparationError> {
    if from == to {
        return Ok(channel.into());
    }
    let (from_hz, to_hz) = (f64::from(from.get()), f64::from(to.get()));
    // A whole number of frames at both rates: so much is a whole number of hundredths of a second.
    let around = if is_loop { (AROUND_S * from_hz) as usize } else { 0 };
    let skipped = (around as f64 * to_hz / from_hz).round() as usize;
    let count = channel.len();
    let frame = |n: usize| channel[(n + count * around.div_ceil(count) - around) % count];
    let wrapped: Vec<f32> = match is_loop {
        true => (0..count + 2 * around).map(frame).collect(),
        false => channel.to_vec(),
    };
    let mut there = resample_straight(&wrapped, from, to, cancel)?.into_vec();
    there.drain(..skipped.min(there.len()));
    there.resize(num_frames, 0.0);
    Ok(there.into())
}
