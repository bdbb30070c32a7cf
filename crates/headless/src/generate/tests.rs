//! Arguments to files, with a provider that is instant and obedient. The real band: tests/generate.rs.
use super::*;
use crate::args::{Command, Parsed, parse};
use jobs::{FakeMode, FakeProvider, Provider, StyleReport};
use std::sync::Arc;
use take::{Amount, Bpm, PitchClass, Rendition, SampleRate, Scale};

/// The fake of `jobs`, with one style file of the user's that works and one that does not.
#[derive(Default)]
struct FakeBand(FakeProvider);

impl Provider for FakeBand {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn tempo_for(&self, prompt: &str, style: &StyleId) -> Bpm {
        let bpm = match (prompt, style.as_str()) {
            ("90bpm", _) => 90.0,
            (_, "dub") => 70.0,
            _ => 126.0,
        };
        Bpm::new(bpm).unwrap()
    }

    fn reload_styles(&self) -> StyleReport {
        StyleReport {
            user_styles: vec![("my_own".into(), "My own".into())],
            problems: vec!["styles/mine.toml line 3: field `tempo` is missing".into()],
        }
    }

    fn generate(
        &self,
        spec: &TakeSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        self.0.generate(spec, rate, progress, cancel)
    }

    fn rerender(
        &self,
        take: &Take,
        tempo: Bpm,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Rendition, ProviderError> {
        self.0.rerender(take, tempo, rate, progress, cancel)
    }
}

fn band(mode: FakeMode) -> Band {
    let fake = FakeBand::default();
    fake.0.set_mode(mode);
    Band::new(Arc::new(fake))
}

fn args(line: &str) -> GenerateArgs {
    let words = ["continuo", "generate"].into_iter().chain(line.split_whitespace());
    match parse(words.map(Into::into)).unwrap() {
        Parsed::Command(command) => match *command {
            Command::Generate(args) => args,
            other => panic!("{other:?}"),
        },
        Parsed::Text(text) => panic!("{text}"),
    }
}

fn spec_of(line: &str) -> TakeSpec {
    spec(&args(&format!("--out o {line}")), &band(FakeMode::Obey)).unwrap()
}

fn run(line: &str, mode: FakeMode, cancel: &CancelToken, terminal: Option<&mut Vec<u8>>) -> Result<(), Failure> {
    let mut out = Vec::new();
    generate(
        &args(line),
        &band(mode),
        cancel,
        Console { out: &mut out, terminal: terminal.map(|terminal| terminal as &mut dyn Write) },
    )
}

#[test]
fn every_argument_reaches_the_spec() {
    let spec = spec_of(
        "--style dub --prompt words --key F#m --bpm 92.5 --meter 7/8 --bars 3 --energy 0.25 --complexity 1 --swing 0 \
         --humanise 0.5 --seed 18446744073709551615",
    );
    assert_eq!((spec.style.as_str(), spec.prompt.as_str()), ("dub", "words"));
    assert_eq!((spec.key, spec.scale), (Some(PitchClass::new(6)), Some(Scale::Minor)));
    assert_eq!((spec.tempo.get(), spec.meter.to_string().as_str(), spec.bars.get()), (92.5, "7/8", 3));
    assert_eq!((spec.energy, spec.complexity), (Amount::new(0.25), Amount::new(1.0)));
    assert_eq!((spec.swing, spec.humanise, spec.seed), (Some(Amount::new(0.0)), Amount::new(0.5), u64::MAX));
}

#[test]
fn without_arguments_the_spec_has_the_defaults_of_the_host_parameters() {
    assert_eq!(spec_of(""), TakeSpec::new("techno_minimal".into(), Bpm::new(126.0).unwrap(), 1));
}

#[test]
fn tempo_comes_from_the_argument_then_the_prompt_then_the_style() {
    assert_eq!(spec_of("--style dub --prompt 90bpm --bpm 100").tempo.get(), 100.0);
    assert_eq!(spec_of("--style dub --prompt 90bpm").tempo.get(), 90.0);
    assert_eq!(spec_of("--style dub").tempo.get(), 70.0);
}

#[test]
fn a_scale_argument_wins_over_the_keys_own() {
    let spec = spec_of("--key Am --scale dorian");
    assert_eq!((spec.key, spec.scale), (Some(PitchClass::new(9)), Some(Scale::Dorian)));
}

#[test]
fn styles_are_found_by_id_and_by_name() {
    for text in ["deep_house", "Deep-House", "DEEP_HOUSE"] {
        assert_eq!(spec_of(&format!("--style {text}")).style.as_str(), "deep_house");
    }
}

#[test]
fn an_unknown_style_names_its_neighbours_and_a_broken_one_its_line() {
    let band = band(FakeMode::Obey);
    let failure = |style: &str| spec(&args(&format!("--out o --style {style}")), &band).unwrap_err();
    let unknown = failure("deep_hose");
    assert_eq!(unknown.exit_code(), 2);
    assert!(unknown.line().starts_with("there is no style `deep_hose`; the nearest are deep_house"), "{unknown}");
    assert_eq!(failure("mine").line(), "styles/mine.toml line 3: field `tempo` is missing");
}

#[test]
fn a_cancelled_run_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let line = format!("--out {}", dir.path().join("new").display());
    let cancel = CancelToken::default();
    let failure = std::thread::scope(|scope| {
        let running = scope.spawn(|| run(&line, FakeMode::Endless, &cancel, None));
        cancel.cancel();
        running.join().unwrap().unwrap_err()
    });
    assert_eq!((failure.exit_code(), failure), (130, Failure::Cancelled));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_terminal_sees_progress_and_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let line = format!("--bars 1 --out {}", dir.path().join("new").display());
    let mut terminal = Vec::new();
    run(&line, FakeMode::Obey, &CancelToken::default(), Some(&mut terminal)).unwrap();
    let shown = String::from_utf8(terminal).unwrap();
    assert!(shown.contains("LUFS, written to"), "{shown}");
    assert!(dir.path().join("new/take.json").is_file());
}

#[test]
fn a_folder_that_cannot_be_made_is_a_failure_not_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "x").unwrap();
    let line = format!("--bars 1 --out {}", dir.path().join("file/new").display());
    let failure = run(&line, FakeMode::Obey, &CancelToken::default(), None).unwrap_err();
    assert_eq!(failure.exit_code(), 1);
}

#[test]
fn styles_are_listed_one_a_line() {
    let mut out = Vec::new();
    let console = Console { out: &mut out, terminal: None };
    generate(&args("--list-styles"), &band(FakeMode::Obey), &CancelToken::default(), console).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.lines().count(), 19);
    assert!(out.starts_with("techno_minimal\tTechno minimal\t126\n"), "{out}");
    assert!(out.contains("\ndub\tDub\t70\n") && out.ends_with("\nmy_own\tMy own\t126\n"), "{out}");
}
