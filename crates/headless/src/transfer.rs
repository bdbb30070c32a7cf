//! `continuo transfer`: a MIDI file in another style, from file to files.
use crate::args::TransferArgs;
use crate::failure::Failure;
use crate::generate::{Console, failure_of_library, failure_of_provider};
use crate::nearest::no_such_style;
use crate::progress_bar::with_bar;
use jobs::{BandProvider, CancelToken, MidiImport, MidiTake, Progress, Provider, TargetStyle, TransferTakeError};
use std::io::Read;
use std::path::Path;

/// Writes the take and says what became of the file. On any failure the output folder is as it was.
///
/// # Errors
/// [`Failure`], one line each.
pub(crate) fn transfer(
    args: &TransferArgs,
    band: &BandProvider,
    cancel: &CancelToken,
    console: Console,
) -> Result<(), Failure> {
    let problems = band.reload_styles().problems;
    let target = target(args, band, &problems)?;
    let file = read(&args.input)?;
    let wanted = MidiImport {
        name: name_of(&args.input),
        style: target.id.clone(),
        first_bar: args.first_bar,
        bars: args.bars,
        tempo: args.bpm,
    };
    let work = |progress: &Progress| band.transfer_midi(&file, &wanted, &target, args.rate, progress, cancel);
    let Console { out, mut terminal } = console;
    let made = match &mut terminal {
        Some(terminal) => with_bar(*terminal, work),
        None => work(&Progress::default()),
    };
    let MidiTake { take, remarks } = made.map_err(|error| failure(args, error))?;
    cancel.check().map_err(|_| Failure::Cancelled)?;
    library::export_take(&take, &args.out).map_err(failure_of_library)?;
    // A closed pipe is no failure: the files are written.
    remarks.iter().for_each(|remark| drop(writeln!(out, "{remark}")));
    writeln!(out, "{}: {} bars, written to {}", as_what(args, &target), take.info.bars.get(), args.out.display()).ok();
    Ok(())
}

fn target(args: &TransferArgs, band: &BandProvider, problems: &[String]) -> Result<TargetStyle, Failure> {
    let found = band.target_style(&args.to).map(|target| TargetStyle { seed: args.seed, ..target });
    let styles = band.styles();
    found.ok_or_else(|| no_such_style(&args.to, styles.entries().map(|entry| entry.id.as_str()), problems))
}

/// One byte more than a MIDI file may have: enough for the reader to refuse it.
const MOST_BYTES: u64 = (32 << 20) + 1;

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    read.map_err(|error| Failure::Failed(format!("{} cannot be read: {error}", path.display())))?;
    Ok(bytes)
}

/// `bossa is the groove "bossa" of latin`, or the style alone.
fn as_what(args: &TransferArgs, target: &TargetStyle) -> String {
    match &target.groove {
        Some(groove) => format!("{} is the groove \"{groove}\" of {}", args.to, target.id.as_str()),
        None => target.id.as_str().to_owned(),
    }
}

fn failure(args: &TransferArgs, error: TransferTakeError) -> Failure {
    match error {
        TransferTakeError::Provider(error) => failure_of_provider(error),
        TransferTakeError::Read(error) => Failure::Failed(format!("{}: {error}", args.input.display())),
        TransferTakeError::Transfer(error) => Failure::Failed(format!("{}: {error}", args.input.display())),
    }
}

/// The file name without its ending.
fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(|| "MIDI".to_owned(), |stem| stem.to_string_lossy().into_owned())
}
