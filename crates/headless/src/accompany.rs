//! `continuo accompany`: a band over a chord line, from the line to files.
use crate::args::AccompanyArgs;
use crate::failure::Failure;
use crate::generate::{Console, failure_of_library, failure_of_provider};
use crate::nearest::{as_id, no_such_style};
use crate::progress_bar::with_bar;
use jobs::{Accompanist, BandProvider, BandScore, BandSettings, CancelToken, PartsSpec, Progress, Provider};
use take::{BarCount, Bpm, StyleId, Take};
use theory::parse_chord_line;

/// Writes mix, stems, parts and take.json. On any failure the output folder is as it was.
///
/// # Errors
/// [`Failure`], one line each.
pub(crate) fn accompany(
    args: &AccompanyArgs,
    band: &BandProvider,
    cancel: &CancelToken,
    console: Console,
) -> Result<(), Failure> {
    let problems = band.reload_styles().problems;
    let styles = band.styles();
    let style = StyleId::from(as_id(&args.style).as_str());
    let ids = || styles.entries().map(|entry| entry.id.as_str());
    let entry = styles.get(&style).map_err(|_| no_such_style(&args.style, ids(), &problems))?;
    let tempo = args.bpm.unwrap_or(entry.style.tempo);
    let bars = bars(args)?;
    let settings = BandSettings {
        style: style.clone(),
        chords: args.chords.clone(),
        intensity: args.energy,
        complexity: args.complexity,
        humanise: args.humanise,
        swing: args.swing,
        key: args.key.map(|key| (key.tonic, key.scale.unwrap_or(take::Scale::Major))),
        seed: args.seed,
        ..BandSettings::default()
    };
    let score = Accompanist::score(styles.clone(), &settings, (tempo, args.meter), bars)
        .map_err(|error| Failure::Usage(format!("--chords: {error}")))?;
    let Console { out, mut terminal } = console;
    let work = |progress: &Progress| render(args, band, (&score, tempo, bars), progress, cancel);
    let take = match &mut terminal {
        Some(terminal) => with_bar(*terminal, work),
        None => work(&Progress::default()),
    }?;
    cancel.check().map_err(|_| Failure::Cancelled)?;
    library::export_take(&take, &args.out).map_err(failure_of_library)?;
    let names: Vec<&str> = take.parts.iter().map(|part| part.name.as_str()).collect();
    // A closed pipe is no failure: the files are written.
    writeln!(
        out,
        "{} over {} bars in {}: {}, written to {}",
        entry.style.name,
        bars.get(),
        score.key,
        names.join(", "),
        args.out.display()
    )
    .ok();
    Ok(())
}

/// As asked for, or the line once, 32 at most.
fn bars(args: &AccompanyArgs) -> Result<BarCount, Failure> {
    if let Some(bars) = args.bars {
        return Ok(bars);
    }
    let bar_beats = args.meter.bar_beats();
    let line =
        parse_chord_line(&args.chords, bar_beats).map_err(|error| Failure::Usage(format!("--chords: {error}")))?;
    let num_beats = line.last().map_or(0.0, |last| last.start.0 + last.duration.0);
    let bars = (num_beats / bar_beats.0 - 1e-6).ceil() as i64;
    Ok(BarCount::new(bars.clamp(BarCount::MIN, BarCount::MAX)).unwrap_or(BarCount::DEFAULT))
}

fn render(
    args: &AccompanyArgs,
    band: &BandProvider,
    (score, tempo, bars): (&BandScore, Bpm, BarCount),
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Take, Failure> {
    let wanted = PartsSpec {
        name: "Band".to_owned(),
        style: StyleId::from(as_id(&args.style).as_str()),
        tempo,
        meter: args.meter,
        bars,
        key: (score.key.tonic, score.key.scale),
        chords: score.chords.clone(),
        parts: score.parts.clone(),
        seed: args.seed,
    };
    band.take_from_parts(wanted, args.rate, progress, cancel).map_err(failure_of_provider)
}
