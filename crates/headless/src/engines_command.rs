//! `continuo engines`, and the choice of an engine for `continuo generate`: servers on other machines.
use crate::failure::Failure;
use crate::generate::{Console, failure_of_provider};
use crate::progress_bar::with_bar;
use clap::{Args, Subcommand};
use jobs::EngineChoice;
use jobs::http::ApiKeys;
use jobs::remote::{Engine, EngineKind, EngineList, RemoteProvider, RemoteStem};
use jobs::{CancelToken, Progress};
use std::io::{Read, Write};
use std::path::Path;

/// What an engine is called that is named by its address only.
const UNNAMED: &str = "remote";
/// Longest key that is read from stdin.
const MAX_KEY_BYTES: u64 = 5000;

/// `continuo engines`.
#[derive(Debug, Args)]
pub(crate) struct EnginesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print every engine as name, kind, address and timeout in seconds
    List,
    /// Ask an engine how it is and whether it takes the key
    Test(TestArgs),
    /// Put an engine into the list
    Add(AddArgs),
    /// Take an engine out of the list
    Remove(RemoveArgs),
}

#[derive(Debug, Args)]
struct TestArgs {
    /// Its name in the list
    #[arg(value_name = "NAME")]
    name: String,
    /// Have it make two bars as well; costs what a take costs there
    #[arg(long)]
    generate: bool,
}

#[derive(Debug, Args)]
struct RemoveArgs {
    /// Its name in the list
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Debug, Args)]
struct AddArgs {
    /// What to call it: letters, digits, - and _
    #[arg(value_name = "NAME")]
    name: String,
    /// Its address, such as http://localhost:8000
    #[arg(long, value_name = "URL")]
    base_url: String,
    #[command(flatten)]
    more: EngineOptions,
    /// Read its key from stdin and keep it in keys.toml, which nobody else may read
    #[arg(long)]
    key_stdin: bool,
    /// Replace the engine of that name
    #[arg(long)]
    replace: bool,
}

/// What an engine may have beside name and address.
#[derive(Debug, Args)]
struct EngineOptions {
    /// What it speaks: auto, dj-ia, obsidian or acestep [default: found out by asking]
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    kind: Option<EngineKind>,
    /// Longest that a take may take, 1 to 3600 [default: 360]
    #[arg(long, value_name = "S")]
    timeout: Option<f64>,
    /// Environment variable that holds its key
    #[arg(long, value_name = "VAR")]
    api_key_env: Option<String>,
    /// Voices to ask DJ-IA for: drums, bass, other, vocals, guitar, piano
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = parse_stem)]
    stems: Vec<RemoteStem>,
    /// The model's name there
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
}

pub(crate) fn parse_engine(text: &str) -> Result<EngineChoice, String> {
    let wanted = text.trim().to_lowercase();
    let found = EngineChoice::ALL.into_iter().find(|choice| choice.id() == wanted);
    found.ok_or_else(|| format!("the engines are {}", EngineChoice::ALL.map(EngineChoice::id).join(", ")))
}

/// Which engine `continuo generate` asks.
#[derive(Debug, Args)]
pub(crate) struct RemoteArgs {
    /// An engine of the list, see `continuo engines list`; with --engine remote
    #[arg(long, value_name = "NAME", conflicts_with = "base_url")]
    server: Option<String>,
    /// A server that is in no list; with --engine remote
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    more: EngineOptions,
}

impl RemoteArgs {
    /// The engine that is meant, over what the list says.
    ///
    /// # Errors
    /// `Usage` where none is named, or none of that name is there.
    pub(crate) fn provider(&self, config_dir: &Path, notes: &mut dyn Write) -> Result<RemoteProvider, Failure> {
        let engine = match (&self.server, &self.base_url) {
            (Some(name), _) => self.more.over(list(config_dir)?.get(name).map_err(usage)?.clone())?,
            (None, Some(base_url)) => {
                self.more.over(Engine::new(UNNAMED, EngineKind::Auto, base_url).map_err(usage)?)?
            }
            (None, None) => {
                let said = "--engine remote needs --server NAME (see `continuo engines list`) or --base-url URL";
                return Err(Failure::Usage(said.to_owned()));
            }
        };
        Ok(RemoteProvider::new(engine, keys(config_dir, notes)))
    }
}

impl EngineOptions {
    /// Those that are given in place of the engine's own.
    fn over(&self, engine: Engine) -> Result<Engine, Failure> {
        let mut engine = match self.timeout {
            Some(seconds) => engine.with_timeout_s(seconds).map_err(usage)?,
            None => engine,
        };
        if let Some(variable) = &self.api_key_env {
            engine = engine.with_key_variable(variable).map_err(usage)?;
        }
        engine.kind = self.kind.unwrap_or(engine.kind);
        engine.model = self.model.clone().or(engine.model);
        if !self.stems.is_empty() {
            engine.preferred_stems = self.stems.clone();
        }
        Ok(engine)
    }
}

/// Lists, tests, adds or removes.
///
/// # Errors
/// [`Failure`], one line each; the list is then as it was.
pub(crate) fn engines(
    args: &EnginesArgs,
    config_dir: &Path,
    cancel: &CancelToken,
    console: Console,
    (stdin, notes): (&mut dyn Read, &mut dyn Write),
) -> Result<(), Failure> {
    match &args.action {
        Action::List => print_list(&list(config_dir)?, console.out, notes),
        Action::Test(args) => test(args, config_dir, cancel, console, notes)?,
        Action::Add(args) => add(args, config_dir, stdin)?,
        Action::Remove(args) => EngineList::remove(config_dir, &args.name).map_err(usage)?,
    }
    Ok(())
}

/// A closed pipe (`| head`) is no failure.
fn print_list(list: &EngineList, out: &mut dyn Write, notes: &mut dyn Write) {
    for engine in &list.engines {
        let (name, kind, url, timeout_s) =
            (&engine.name, engine.kind.id(), engine.address.base(), engine.timeout.as_secs_f64());
        if writeln!(out, "{name}\t{kind}\t{url}\t{timeout_s}").is_err() {
            return;
        }
    }
    list.problems.iter().for_each(|problem| drop(writeln!(notes, "continuo: {problem}")));
}

fn test(
    args: &TestArgs,
    config_dir: &Path,
    cancel: &CancelToken,
    console: Console,
    notes: &mut dyn Write,
) -> Result<(), Failure> {
    let engine = list(config_dir)?.get(&args.name).map_err(usage)?.clone();
    let provider = RemoteProvider::new(engine, keys(config_dir, notes));
    let health = provider.health(cancel).map_err(|error| failure_of_provider(error.into()))?;
    writeln!(console.out, "{}", health.sentence).ok();
    if args.generate {
        let work = |progress: &Progress| provider.test(progress, cancel);
        let said = match console.terminal {
            Some(terminal) => with_bar(terminal, work),
            None => work(&Progress::default()),
        };
        writeln!(console.out, "{}", said.map_err(failure_of_provider)?).ok();
    }
    Ok(())
}

fn add(args: &AddArgs, config_dir: &Path, stdin: &mut dyn Read) -> Result<(), Failure> {
    let engine = Engine::new(&args.name, EngineKind::Auto, &args.base_url).map_err(usage)?;
    let engine = args.more.over(engine)?;
    if args.replace {
        EngineList::put(config_dir, &engine).map_err(usage)?;
    } else {
        EngineList::add(config_dir, &engine).map_err(usage)?;
    }
    if args.key_stdin {
        let mut key = String::new();
        let read = stdin.take(MAX_KEY_BYTES).read_to_string(&mut key);
        read.map_err(|error| Failure::Failed(format!("the key cannot be read: {error}")))?;
        if key.trim().is_empty() {
            return Err(Failure::Usage("there is no key on stdin; the engine was added without one".to_owned()));
        }
        ApiKeys::save(config_dir, &engine.address, key.trim()).map_err(usage)?;
    }
    Ok(())
}

fn list(config_dir: &Path) -> Result<EngineList, Failure> {
    EngineList::load(config_dir).map_err(usage)
}

/// A file of keys that cannot be used is told; keys of the environment still count.
fn keys(config_dir: &Path, notes: &mut dyn Write) -> ApiKeys {
    let (keys, problem) = ApiKeys::load(config_dir);
    if let Some(problem) = problem {
        writeln!(notes, "continuo: {problem}").ok();
    }
    keys
}

fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::Usage(error.to_string())
}

fn parse_kind(text: &str) -> Result<EngineKind, String> {
    EngineKind::from_id(text).ok_or_else(|| "the kinds are auto, dj-ia, obsidian and acestep".to_owned())
}

fn parse_stem(text: &str) -> Result<RemoteStem, String> {
    let names: Vec<&str> = RemoteStem::ALL.iter().map(|stem| stem.id()).collect();
    RemoteStem::from_id(text).ok_or_else(|| format!("the stems are {}", names.join(", ")))
}
