//! Continuo from the terminal. Exit codes: 0 done, 1 failed, 2 bad arguments, 130 cancelled.
mod accompany;
mod analyse;
mod args;
mod band;
mod convert;
mod engines_command;
mod failure;
mod files;
mod generate;
mod jazz;
mod key;
mod models_command;
mod nearest;
mod notes;
mod progress_bar;
mod separate;
mod transfer;

use args::{Command, Parsed};
use band::Band;
use failure::Failure;
use generate::{Console, failure_of_provider, generate};
use jobs::{BandProvider, CancelToken, EngineChoice, Engines};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use studio::StudioConfig;
use transfer::transfer;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // No panic when stderr is closed: the exit code still tells.
            writeln!(std::io::stderr(), "continuo: {}", failure.line()).ok();
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run() -> Result<(), Failure> {
    let command = match args::parse(std::env::args_os())? {
        Parsed::Command(command) => *command,
        Parsed::Text(text) => {
            write!(std::io::stdout(), "{text}").ok();
            return Ok(());
        }
    };
    let cancel = cancel_on_ctrl_c()?;
    let (mut stdout, mut stderr) = (std::io::stdout().lock(), std::io::stderr());
    let terminal = stderr.is_terminal().then_some(&mut stderr as &mut dyn Write);
    let console = Console { out: &mut stdout, terminal };
    match command {
        Command::Generate(args) => {
            let band = match args.engine {
                EngineChoice::Band => built_in_band(args.soundfont.as_deref())?,
                EngineChoice::Remote => remote_engine(&args)?,
                choice => model_engine(choice, args.soundfont.as_deref())?,
            };
            generate(&args, &band, &cancel, console)
        }
        Command::Jazz(args) => {
            let config_dir = StudioConfig::from_environment().config_dir;
            jazz::jazz(&args, &band_provider(), &config_dir, &cancel, (&mut std::io::stderr(), console.terminal))
        }
        Command::Convert(args) => convert::convert(&args, &band_provider(), &cancel, &mut std::io::stderr()),
        Command::Accompany(args) => {
            accompany::accompany(&args, &band_with(args.soundfont.as_deref())?, &cancel, console)
        }
        Command::Analyse(args) => analyse::analyse(&args, &cancel, console),
        Command::Models(command) => {
            models_command::models_command(&command, &StudioConfig::from_environment().data_dir, console.out)
        }
        Command::Separate(args) => {
            separate::separate(&args, &StudioConfig::from_environment().data_dir, &cancel, console)
        }
        Command::Notes(args) => notes::notes(&args, &StudioConfig::from_environment().data_dir, &cancel, console),
        Command::Transfer(args) => transfer(&args, &band_provider(), &cancel, console),
        Command::Engines(args) => {
            let config_dir = StudioConfig::from_environment().config_dir;
            engines_command::engines(
                &args,
                &config_dir,
                &cancel,
                console,
                (&mut std::io::stdin(), &mut std::io::stderr()),
            )
        }
    }
}

/// The band with the built-in styles and the user's, and with a SoundFont if there is one; reads their files.
fn built_in_band(soundfont: Option<&Path>) -> Result<Band, Failure> {
    Ok(Band::new(Arc::new(band_with(soundfont)?)))
}

/// An engine on another machine; the built-in styles are words for it.
fn remote_engine(args: &args::GenerateArgs) -> Result<Band, Failure> {
    let config_dir = StudioConfig::from_environment().config_dir;
    Ok(Band::new(Arc::new(args.remote.provider(&config_dir, &mut std::io::stderr())?)))
}

/// An engine whose model is in the user's data folder; where the band plays its notes, with a SoundFont if there is one.
fn model_engine(choice: EngineChoice, soundfont: Option<&Path>) -> Result<Band, Failure> {
    let StudioConfig { data_dir, config_dir } = StudioConfig::from_environment();
    let engines = Engines::new(Arc::new(band_with(soundfont)?), &data_dir, &config_dir);
    Ok(Band::new(engines.provider(choice).map_err(failure_of_provider)?))
}

/// The band itself, with a SoundFont if there is one.
fn band_with(soundfont: Option<&Path>) -> Result<BandProvider, Failure> {
    let provider = band_provider();
    if let Some(file) = soundfont {
        provider.open_soundfont(file).map_err(failure_of_provider)?;
    }
    Ok(provider)
}

/// The band itself; reads nothing yet.
fn band_provider() -> BandProvider {
    BandProvider::new(&StudioConfig::from_environment().config_dir)
}

/// Ctrl-C, and what asks a process to end otherwise (SIGTERM, SIGHUP, closing the console).
fn cancel_on_ctrl_c() -> Result<CancelToken, Failure> {
    let cancel = CancelToken::default();
    let on_signal = cancel.clone();
    ctrlc::set_handler(move || on_signal.cancel())
        .map_err(|error| Failure::Failed(format!("Ctrl-C cannot be caught: {error}")))?;
    Ok(cancel)
}
