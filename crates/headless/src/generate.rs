//! `continuo generate`: one take, from arguments to files.
use crate::args::GenerateArgs;
use crate::band::Band;
use crate::failure::Failure;
use crate::nearest::{as_id, no_such_style};
use crate::progress_bar::with_bar;
use jobs::{CancelToken, Progress, ProviderError};
use library::LibraryError;
use std::io::Write;
use take::{StyleId, Take, TakeSpec};

/// Where words for people go.
pub(crate) struct Console<'a> {
    /// What was asked for: the list of styles.
    pub out: &'a mut dyn Write,
    /// A terminal for progress; `None` when nobody watches.
    pub terminal: Option<&'a mut dyn Write>,
}

/// Writes the take, or lists the styles. On any failure the output folder is as it was.
///
/// # Errors
/// [`Failure`], one line each.
pub(crate) fn generate(
    args: &GenerateArgs,
    band: &Band,
    cancel: &CancelToken,
    console: Console,
) -> Result<(), Failure> {
    let Some(dir) = args.out.as_deref().filter(|_| !args.list_styles) else {
        list_styles(band, console);
        return Ok(());
    };
    let spec = spec(args, band)?;
    let work = |progress: &Progress| band.provider.generate(&spec, args.rate, progress, cancel);
    let Console { mut terminal, .. } = console;
    let take = match &mut terminal {
        Some(terminal) => with_bar(*terminal, work),
        None => work(&Progress::default()),
    }
    .map_err(failure_of_provider)?;
    // The last moment to turn back: what follows writes all files beside their places and moves them in at once.
    cancel.check().map_err(|_| Failure::Cancelled)?;
    library::export_take(&take, dir).map_err(failure_of_library)?;
    if let Some(terminal) = terminal {
        say_done(terminal, &take, &dir.display().to_string());
    }
    Ok(())
}

/// Broken style files are told to people, not to scripts. A closed pipe (`| head`) is no failure.
fn list_styles(band: &Band, console: Console) {
    for style in &band.styles {
        if writeln!(console.out, "{}\t{}\t{}", style.id, style.name, style.tempo.get()).is_err() {
            return;
        }
    }
    if let Some(terminal) = console.terminal {
        band.problems.iter().for_each(|problem| drop(writeln!(terminal, "{problem}")));
    }
}

fn spec(args: &GenerateArgs, band: &Band) -> Result<TakeSpec, Failure> {
    let wanted = as_id(&args.style);
    let style = band.styles.iter().find(|style| style.id == wanted || style.id == args.style);
    let style = style
        .ok_or_else(|| no_such_style(&args.style, band.styles.iter().map(|style| style.id.as_str()), &band.problems))?;
    let id = StyleId::from(style.id.as_str());
    let tempo = args.bpm.unwrap_or_else(|| band.provider.tempo_for(&args.prompt, &id));
    let spec = TakeSpec {
        prompt: args.prompt.clone(),
        key: args.key.map(|key| key.tonic),
        scale: args.scale.or(args.key.and_then(|key| key.scale)),
        meter: args.meter,
        bars: args.bars,
        energy: args.energy,
        complexity: args.complexity,
        swing: args.swing,
        humanise: args.humanise,
        ..TakeSpec::new(id, tempo, args.seed)
    };
    spec.check().map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(spec)
}

pub(crate) fn failure_of_provider(error: ProviderError) -> Failure {
    match error {
        ProviderError::Cancelled => Failure::Cancelled,
        ProviderError::UnknownStyle { .. }
        | ProviderError::BrokenStyle { .. }
        | ProviderError::Spec(_)
        | ProviderError::SoundFont(_)
        | ProviderError::NoNotes => Failure::Usage(error.to_string()),
        // An engine, its files or its server.
        _ => Failure::Failed(error.to_string()),
    }
}

/// A take too long for a WAV file was asked for; everything else is the disk.
pub(crate) fn failure_of_library(error: LibraryError) -> Failure {
    match error {
        LibraryError::NotSavable { .. } => Failure::Usage(error.to_string()),
        _ => Failure::Failed(error.to_string()),
    }
}

fn say_done(terminal: &mut dyn Write, take: &Take, dir: &str) {
    let (name, loudness_lufs) = (&take.info.name, take.info.loudness_lufs);
    // Nobody to tell if the terminal is gone.
    writeln!(terminal, "{name}, {loudness_lufs:.1} LUFS, written to {dir}").ok();
}

#[cfg(test)]
mod tests;
