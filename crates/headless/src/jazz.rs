//! `continuo jazz`: a language model as a quartet, into tracker text, MIDI and WAV.
use crate::args::{parse_amount, parse_bars, parse_bpm, parse_meter, parse_rate, parse_seed};
use crate::failure::Failure;
use crate::files::write_file;
use crate::generate::{failure_of_library, failure_of_provider};
use crate::key::{KeyArg, parse_key};
use crate::progress_bar::with_bar;
use clap::Args;
use jobs::quartet::{
    ApiKeys, BandStandIn, Endpoint, GROQ, MAX_CONTEXT_STEPS, OLLAMA, PlayedBy, PromptStyle, Quartet, QuartetSettings,
    Section, SectionRequest, Tune,
};
use jobs::{BandProvider, CancelToken, PartsSpec, Progress};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use take::{Amount, BarCount, Beats, Bpm, Meter, SampleRate, Scale, StyleId};

/// `continuo jazz`. The same answers give the same bytes.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct JazzArgs {
    /// Folder to write to; made if need be
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// OpenAI-compatible address [default: Groq's if there is a key for it, else Ollama's on this machine]
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// The model's name there [default: gpt-oss in the service's own spelling]
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Number behind every random choice, the model's as far as it keeps to it
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub seed: u64,
    /// Sixteenths of what was played last that the model is shown, 0 to 64
    #[arg(long, value_name = "N", default_value = "32", value_parser = parse_context)]
    pub context_steps: usize,
    /// Words for the model, such as "sparse, like late night radio"
    #[arg(long, value_name = "WORDS", default_value = "", allow_hyphen_values = true)]
    pub prompt: String,
    /// How the model is asked to play: default or experimental
    #[arg(long, value_name = "STYLE", default_value = "default", value_parser = parse_prompt_style)]
    pub prompt_style: PromptStyle,
    /// Tempo in quarter notes per minute, 20 to 400
    #[arg(long, visible_alias = "bpm", value_name = "BPM", default_value = "140", value_parser = parse_bpm)]
    pub tempo: Bpm,
    /// Meter
    #[arg(long, value_name = "N/D", default_value = "4/4", value_parser = parse_meter)]
    pub meter: Meter,
    /// Key [default: the chords', else drawn by the seed]
    #[arg(long, value_name = "KEY", value_parser = parse_key)]
    pub key: Option<KeyArg>,
    /// Chords that go round, such as "Dm7 G7 | Cmaj7" [default: a jazz progression drawn by the seed]
    #[arg(long, value_name = "CHORDS")]
    pub chords: Option<String>,
    /// Length in bars, 1 to 32
    #[arg(long, value_name = "BARS", default_value = "8", value_parser = parse_bars)]
    pub bars: BarCount,
    /// 0 straight to 1 triplets
    #[arg(long, value_name = "0..1", default_value = "0.85", value_parser = parse_amount)]
    pub swing: Amount,
    /// Seconds a section of two bars may take before the built-in band plays it, 1 to 600
    #[arg(long, value_name = "S", default_value = "30", value_parser = parse_timeout)]
    pub timeout: Duration,
    /// Keep the model's own words too, in replies/
    #[arg(long)]
    pub save_output: bool,
    /// Sample rate in Hz, 8000 to 192000
    #[arg(long, value_name = "HZ", default_value = "48000", value_parser = parse_rate)]
    pub rate: SampleRate,
}

/// Bars that are asked for at once.
const SECTION_BARS: usize = 2;

/// Writes what `continuo generate` writes, `quartet.txt` and, if wanted, `replies/`. Where the model fails the built-in
/// band plays, and `notes` hears one line about it; that is no failure.
///
/// # Errors
/// [`Failure`], one line each; the folder is then as it was.
pub(crate) fn jazz(
    args: &JazzArgs,
    band: &BandProvider,
    config_dir: &Path,
    cancel: &CancelToken,
    (notes, mut terminal): (&mut dyn Write, Option<&mut dyn Write>),
) -> Result<(), Failure> {
    let tune = tune(args, band)?;
    let (keys, problem) = ApiKeys::load(config_dir);
    if let Some(problem) = problem {
        writeln!(notes, "continuo: {problem}").ok();
    }
    let mut quartet = quartet(args, keys.trusting_the_address(), band)?;
    let mut work = |progress: &Progress| play(args, &tune, &mut quartet, cancel, progress);
    let sections = match &mut terminal {
        Some(terminal) => with_bar(*terminal, work),
        None => work(&Progress::default()),
    }?;
    sections.iter().for_each(|section| tell(section, notes));
    write_all(args, &tune, &sections, band, cancel)?;
    if let Some(terminal) = terminal {
        let by_model = sections.iter().filter(|section| section.by == PlayedBy::Model).count();
        let (all, dir) = (sections.len(), args.out.display());
        writeln!(terminal, "{by_model} of {all} sections by the model, written to {dir}").ok();
    }
    Ok(())
}

/// What did not go as wished, in one line for the section and one for what was skipped in its text.
fn tell(section: &Section, notes: &mut dyn Write) {
    let number = section.number + 1;
    // Nobody to tell if stderr is gone.
    if let Some(said) = &section.said {
        writeln!(notes, "continuo: section {number}: {said}").ok();
    }
    if let Some(first) = section.warnings.first().filter(|_| section.by == PlayedBy::Model) {
        let and_more = match section.warnings.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        writeln!(notes, "continuo: section {number}: skipped {first}{and_more}").ok();
    }
}

fn tune(args: &JazzArgs, band: &BandProvider) -> Result<Tune, Failure> {
    let key = args.key.map(|key| (key.tonic, key.scale.unwrap_or(Scale::Major)));
    if let Some(chords) = &args.chords {
        return Tune::over_chords(chords, key, args.meter, args.tempo)
            .map_err(|error| Failure::Usage(format!("--chords: {error}")));
    }
    Ok(Tune::of_style(&*jazz_style(band)?, key, (args.meter, args.tempo, args.bars), args.seed))
}

fn jazz_style(band: &BandProvider) -> Result<std::sync::Arc<jobs::StyleEntry>, Failure> {
    band.styles().get(&StyleId::from("jazz")).map_err(|_| Failure::Failed("the jazz style cannot be read".to_owned()))
}

fn quartet(args: &JazzArgs, keys: ApiKeys, band: &BandProvider) -> Result<Quartet, Failure> {
    let has_groq_key = Endpoint::parse(GROQ.0).is_ok_and(|groq| keys.has_key_for(&groq));
    let base_url = args.base_url.as_deref().unwrap_or(if has_groq_key { GROQ.0 } else { OLLAMA.0 });
    let is_groq = Endpoint::parse(base_url).is_ok_and(|endpoint| endpoint.host() == "api.groq.com");
    let model = args.model.as_deref().unwrap_or(if is_groq { GROQ.1 } else { OLLAMA.1 });
    let defaults = QuartetSettings::default();
    let settings = QuartetSettings {
        base_url: base_url.to_owned(),
        model: model.to_owned(),
        seed: args.seed,
        context_steps: args.context_steps,
        prompt_style: args.prompt_style,
        extra_words: args.prompt.clone(),
        timeout: args.timeout,
        swing: jobs::Swing { amount: args.swing, ..defaults.swing },
        ..defaults
    };
    let stand_in = Box::new(BandStandIn::new(jazz_style(band)?));
    Quartet::new(settings, keys, stand_in).map_err(|error| Failure::Usage(error.to_string()))
}

fn play(
    args: &JazzArgs,
    tune: &Tune,
    quartet: &mut Quartet,
    cancel: &CancelToken,
    progress: &Progress,
) -> Result<Vec<Section>, Failure> {
    let num_bars = usize::from(args.bars.get());
    let bar_beats = args.meter.bar_beats().0;
    let num_sections = num_bars.div_ceil(SECTION_BARS);
    let mut sections = Vec::with_capacity(num_sections);
    for index in 0..num_sections {
        progress.report(index as f32 / num_sections as f32, &format!("bars {} to ...", index * SECTION_BARS + 1));
        let from = Beats((index * SECTION_BARS) as f64 * bar_beats);
        let chords = tune.chords(from, Beats((SECTION_BARS + 1) as f64 * bar_beats));
        let request = SectionRequest {
            number: index as u64,
            num_bars: SECTION_BARS.min(num_bars - index * SECTION_BARS),
            tempo: tune.tempo,
            meter: tune.meter,
            key: tune.key,
            chords: &chords,
        };
        sections.push(quartet.next_section(&request, cancel).map_err(|_| Failure::Cancelled)?);
    }
    Ok(sections)
}

fn write_all(
    args: &JazzArgs,
    tune: &Tune,
    sections: &[Section],
    band: &BandProvider,
    cancel: &CancelToken,
) -> Result<(), Failure> {
    let Some((first, rest)) = sections.split_first() else { return Ok(()) };
    let mut whole = first.pattern.clone();
    // 32 bars in one meter always fit.
    for section in rest {
        whole.append(&section.pattern);
    }
    let swing = whole.swing.unwrap_or(jobs::Swing::STRAIGHT);
    let spec = PartsSpec {
        name: "Quartet".to_owned(),
        style: StyleId::from("jazz"),
        tempo: tune.tempo,
        meter: tune.meter,
        bars: args.bars,
        key: (tune.key.tonic, tune.key.scale),
        chords: tune.chords(Beats(0.0), whole.num_beats()),
        parts: whole.parts(swing),
        seed: args.seed,
    };
    let take = band.take_from_parts(spec, args.rate, &Progress::default(), cancel).map_err(failure_of_provider)?;
    cancel.check().map_err(|_| Failure::Cancelled)?;
    library::export_take(&take, &args.out).map_err(failure_of_library)?;
    write_file(&args.out.join("quartet.txt"), whole.print().as_bytes())?;
    let replies = sections.iter().filter_map(|section| Some((section.number, section.reply.as_ref()?)));
    for (number, reply) in replies.filter(|_| args.save_output) {
        let name = format!("section_{:02}.txt", number + 1);
        write_file(&args.out.join("replies").join(name), reply.as_bytes())?;
    }
    Ok(())
}

fn parse_context(text: &str) -> Result<usize, String> {
    let steps = text.parse().ok().filter(|steps| *steps <= MAX_CONTEXT_STEPS);
    steps.ok_or_else(|| format!("it is a whole number of sixteenths from 0 to {MAX_CONTEXT_STEPS}"))
}

fn parse_prompt_style(text: &str) -> Result<PromptStyle, String> {
    let found = PromptStyle::ALL.into_iter().find(|style| style.id() == text.trim().to_lowercase());
    found.ok_or_else(|| "the prompt styles are default and experimental".to_owned())
}

fn parse_timeout(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (1.0..=600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "it is a number of seconds from 1 to 600".to_owned())
}
