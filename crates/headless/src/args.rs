//! The command line, parsed into our own types. Nothing here touches a disk or composes.
use crate::analyse::AnalyseArgs;
use crate::convert::ConvertArgs;
use crate::engines_command::{EnginesArgs, RemoteArgs, parse_engine};
use crate::failure::Failure;
use crate::jazz::JazzArgs;
use crate::key::{KeyArg, parse_key, parse_scale};
use crate::models_command::ModelsCommand;
use crate::notes::NotesArgs;
use crate::separate::SeparateArgs;
use clap::{Args, Parser, Subcommand};
use jobs::EngineChoice;
use std::ffi::OsString;
use std::path::PathBuf;
use take::{Amount, BarCount, Bpm, Meter, SampleRate, Scale};

/// Rates that a take is rendered at. The engine's own limits are wider for the sake of tests.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

#[derive(Debug, Parser)]
#[command(name = "continuo", version, about = "Loops, stems and MIDI accompaniment from the terminal")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compose and render one loop: mix.wav, stems/, parts/, all.mid and take.json
    Generate(GenerateArgs),
    /// Let the band play over a line of chords: mix.wav, stems/, parts/, all.mid and take.json
    Accompany(AccompanyArgs),
    /// Let a language model play a jazz quartet: quartet.txt, MIDI and WAV. Without one the built-in band plays
    Jazz(JazzArgs),
    /// Turn tracker text, MIDI and WAV into each other
    Convert(ConvertArgs),
    /// Carry a MIDI file over into another style: its melody and form stay, the rest is the style's
    Transfer(TransferArgs),
    /// List, test, add and remove engines on other machines
    Engines(EnginesArgs),
    /// Listen to an audio file: tempo, beats, onsets, key, loudness, bands and roles
    Analyse(AnalyseArgs),
    /// Take an audio file apart into drums, bass, harmony and melody: a WAV file for every stem
    Separate(SeparateArgs),
    /// Hear the notes of an audio file with a Basic Pitch of yours and write them as MIDI
    Notes(NotesArgs),
    /// The models that run in process: say what is there, take them in and out, get the library
    #[command(subcommand)]
    Models(ModelsCommand),
}

/// `continuo generate`. The same arguments give the same bytes.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct GenerateArgs {
    /// Folder to write to; made if need be
    #[arg(long, value_name = "DIR", required_unless_present = "list_styles")]
    pub out: Option<PathBuf>,
    /// Style, see --list-styles
    #[arg(long, value_name = "STYLE", default_value = take::BUILT_IN_STYLES[0].0)]
    pub style: String,
    /// Words that change what is heard, such as "deep sub bass, sparse, 90 bpm"
    #[arg(long, value_name = "WORDS", default_value = "", allow_hyphen_values = true)]
    pub prompt: String,
    /// Tonic, with a scale if you like: C, F#, Bbm, "D dorian" [default: the prompt's, else the style's]
    #[arg(long, value_name = "KEY", value_parser = parse_key)]
    pub key: Option<KeyArg>,
    /// Scale; wins over one in --key [default: the prompt's, else the style's]
    #[arg(long, value_name = "SCALE", value_parser = parse_scale)]
    pub scale: Option<Scale>,
    /// Tempo in quarter notes per minute, 20 to 400 [default: the prompt's, else the style's]
    #[arg(long, value_name = "BPM", value_parser = parse_bpm)]
    pub bpm: Option<Bpm>,
    /// Meter
    #[arg(long, value_name = "N/D", default_value = "4/4", value_parser = parse_meter)]
    pub meter: Meter,
    /// Length in bars, 1 to 32
    #[arg(long, value_name = "BARS", default_value = "8", value_parser = parse_bars)]
    pub bars: BarCount,
    /// How hard the band plays, 0 to 1
    #[arg(long, value_name = "0..1", default_value = "0.6", value_parser = parse_amount)]
    pub energy: Amount,
    /// How much happens, 0 to 1
    #[arg(long, value_name = "0..1", default_value = "0.5", value_parser = parse_amount)]
    pub complexity: Amount,
    /// 0 straight to 1 triplets [default: the prompt's, else the style's]
    #[arg(long, value_name = "0..1", value_parser = parse_amount)]
    pub swing: Option<Amount>,
    /// Looseness of timing and velocity, 0 to 1
    #[arg(long, value_name = "0..1", default_value = "0.3", value_parser = parse_amount)]
    pub humanise: Amount,
    /// Number behind every random choice; another number, another take
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub seed: u64,
    /// Sample rate in Hz, 8000 to 192000
    #[arg(long, value_name = "HZ", default_value = "48000", value_parser = parse_rate)]
    pub rate: SampleRate,
    /// Play with the instruments of this SoundFont (.sf2) in place of the built-in ones; needs 16000 Hz at least
    #[arg(long, value_name = "FILE")]
    pub soundfont: Option<PathBuf>,
    /// Print every style as id, name and tempo, and do nothing else
    #[arg(long)]
    pub list_styles: bool,
    /// Who makes it: band (built in), musicgen or midi-model (your model's files, see `continuo models`), or remote (another machine, see --server and --base-url)
    #[arg(long, value_name = "ENGINE", default_value = "band", value_parser = parse_engine)]
    pub engine: EngineChoice,
    #[command(flatten)]
    pub remote: RemoteArgs,
}

/// `continuo accompany`. The same arguments give the same bytes.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct AccompanyArgs {
    /// Chords, bars between |, such as "Dm7 G7 | Cmaj7" or "Dm7b5 | G7alt | Cm6 | %"; N.C. is silence
    #[arg(long, value_name = "CHORDS")]
    pub chords: String,
    /// Folder to write to; made if need be
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Style, see generate --list-styles
    #[arg(long, value_name = "STYLE", default_value = "pop")]
    pub style: String,
    /// Length in bars, 1 to 32; the line goes round [default: the line once, 32 at most]
    #[arg(long, value_name = "BARS", value_parser = parse_bars)]
    pub bars: Option<BarCount>,
    /// Tempo in quarter notes per minute, 20 to 400 [default: the style's]
    #[arg(long, value_name = "BPM", value_parser = parse_bpm)]
    pub bpm: Option<Bpm>,
    /// Meter
    #[arg(long, value_name = "N/D", default_value = "4/4", value_parser = parse_meter)]
    pub meter: Meter,
    /// Key the chords are read in [default: the one they fit]
    #[arg(long, value_name = "KEY", value_parser = parse_key)]
    pub key: Option<KeyArg>,
    /// How hard the band plays, 0 to 1
    #[arg(long, value_name = "0..1", default_value = "0.6", value_parser = parse_amount)]
    pub energy: Amount,
    /// How much happens, 0 to 1
    #[arg(long, value_name = "0..1", default_value = "0.5", value_parser = parse_amount)]
    pub complexity: Amount,
    /// 0 straight to 1 triplets [default: the style's]
    #[arg(long, value_name = "0..1", value_parser = parse_amount)]
    pub swing: Option<Amount>,
    /// Looseness of timing and velocity, 0 to 1
    #[arg(long, value_name = "0..1", default_value = "0.3", value_parser = parse_amount)]
    pub humanise: Amount,
    /// Number behind every random choice; another number, another band
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub seed: u64,
    /// Sample rate in Hz, 8000 to 192000
    #[arg(long, value_name = "HZ", default_value = "48000", value_parser = parse_rate)]
    pub rate: SampleRate,
    /// Play with the instruments of this SoundFont (.sf2) in place of the built-in ones; needs 16000 Hz at least
    #[arg(long, value_name = "FILE")]
    pub soundfont: Option<PathBuf>,
}

/// `continuo transfer`. The same file and arguments give the same bytes.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct TransferArgs {
    /// MIDI file to read
    #[arg(value_name = "IN.mid")]
    pub input: PathBuf,
    /// Style to play it in: an id (see generate --list-styles) or a groove's name, such as bossa
    #[arg(long, value_name = "STYLE")]
    pub to: String,
    /// Folder to write to; made if need be
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// First bar to take, from 1 [default: the first with a note]
    #[arg(long, value_name = "BAR", value_parser = parse_first_bar)]
    pub first_bar: Option<u32>,
    /// How many bars, 1 to 32 [default: to the end, 32 at most]
    #[arg(long, value_name = "BARS", value_parser = parse_bars)]
    pub bars: Option<BarCount>,
    /// Tempo in quarter notes per minute, 20 to 400 [default: the file's]
    #[arg(long, value_name = "BPM", value_parser = parse_bpm)]
    pub bpm: Option<Bpm>,
    /// Number behind every random choice; another number, another band
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub seed: u64,
    /// Sample rate in Hz, 8000 to 192000
    #[arg(long, value_name = "HZ", default_value = "48000", value_parser = parse_rate)]
    pub rate: SampleRate,
}

/// What the command line turned out to be.
#[derive(Debug)]
pub(crate) enum Parsed {
    Command(Box<Command>),
    /// `--help` or `--version`: text for stdout.
    Text(String),
}

/// # Errors
/// `Failure::Usage` with one line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Parsed, Failure> {
    use clap::error::ErrorKind;
    match Cli::try_parse_from(args) {
        Ok(cli) => Ok(Parsed::Command(Box::new(cli.command))),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Ok(Parsed::Text(error.to_string()))
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err(Failure::Usage("say what to do, for example `continuo generate --out DIR`; see --help".to_owned()))
        }
        Err(error) => Err(Failure::Usage(one_line(&error.to_string()))),
    }
}

/// What clap says before its first empty line is the error; tips and usage come after it.
fn one_line(message: &str) -> String {
    let error = message.split("\n\n").next().unwrap_or_default().trim_start_matches("error:");
    error.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn parse_bpm(text: &str) -> Result<Bpm, String> {
    let bpm: f64 = text.parse().map_err(|_| "a tempo is a number from 20 to 400".to_owned())?;
    Bpm::new(bpm).map_err(|error| error.to_string())
}

pub(crate) fn parse_meter(text: &str) -> Result<Meter, String> {
    let form = || "a meter is two numbers such as 4/4 or 7/8".to_owned();
    let (numerator, denominator) = text.split_once('/').ok_or_else(form)?;
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| form());
    Meter::new(number(numerator)?, number(denominator)?).map_err(|error| error.to_string())
}

pub(crate) fn parse_bars(text: &str) -> Result<BarCount, String> {
    let bars: i64 = text.parse().map_err(|_| "bars are a whole number from 1 to 32".to_owned())?;
    BarCount::new(bars).map_err(|error| error.to_string())
}

/// Bars are counted from 1 for people, from 0 inside.
fn parse_first_bar(text: &str) -> Result<u32, String> {
    let bar: Option<u32> = text.parse().ok();
    bar.and_then(|bar| bar.checked_sub(1)).ok_or_else(|| "bars are counted from 1".to_owned())
}

/// Stricter than `Amount`, which clamps: a script that says 60 meant something else.
pub(crate) fn parse_amount(text: &str) -> Result<Amount, String> {
    let value = text.parse().ok().filter(|value| (0.0..=1.0).contains(value));
    value.map(Amount::new).ok_or_else(|| "it is a number from 0 to 1".to_owned())
}

pub(crate) fn parse_seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

pub(crate) fn parse_rate(text: &str) -> Result<SampleRate, String> {
    let (min, max) = (RATES_HZ.start(), RATES_HZ.end());
    let hz = text.parse().ok().filter(|hz| RATES_HZ.contains(hz));
    hz.and_then(|hz| SampleRate::new(hz).ok())
        .ok_or_else(|| format!("a sample rate is a whole number of Hz from {min} to {max}"))
}
