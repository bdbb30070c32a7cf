//! The band's bits do not change by accident. `UPDATE_GOLDEN=1` rewrites tests/golden/takes.json.
//!
//! Every style once, plus prompts and odd meters. Where the files were made (Linux on x86-64) hashes must be equal; on
//! other systems the loudness of every eighth of a loop may differ by a tenth of a decibel.
use jobs::{BandProvider, CancelToken, Progress, Provider};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use take::{BUILT_IN_STYLES, BarCount, Meter, Part, SampleRate, StemKind, StyleId, Take, TakeSpec};

/// Eighths of a loop whose loudness is kept.
const NUM_SLICES: usize = 8;
const TOLERANCE_DB: f64 = 0.1;

fn golden_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/takes.json")
}

fn specs(band: &BandProvider) -> Vec<(String, TakeSpec)> {
    let of = |style: &str, prompt: &str| {
        let id = StyleId::from(style);
        let mut spec = TakeSpec::new(id.clone(), band.tempo_for(prompt, &id), 1);
        spec.prompt = prompt.to_owned();
        spec.bars = BarCount::new(2).expect("two bars");
        spec
    };
    let mut specs: Vec<_> = BUILT_IN_STYLES.iter().map(|(style, _)| (style.to_string(), of(style, ""))).collect();
    specs.push(("prompt".to_owned(), of("deep_house", "dark and sparse, sub bass, no melody, in D minor")));
    specs.push(("seven_eight".to_owned(), TakeSpec { meter: Meter::new(7, 8).expect("7/8"), ..of("jazz", "") }));
    specs
}

fn made(band: &BandProvider, spec: &TakeSpec) -> Take {
    band.generate(spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).expect("the band plays")
}

/// Loudness of every eighth of the mix in decibels, and how many notes each part has.
fn fingerprint(take: &Take) -> Value {
    let num_frames = take.original.num_frames();
    let mix = |frame: usize| -> f64 {
        let clips = StemKind::ALL.iter().filter_map(|stem| take.original.stems[*stem as usize].as_ref());
        clips.map(|clip| f64::from(clip.left[frame]) + f64::from(clip.right[frame])).sum()
    };
    let slice = num_frames / NUM_SLICES;
    let level_db = |index: usize| {
        let power: f64 = (index * slice..(index + 1) * slice).map(|frame| mix(frame).powi(2)).sum();
        let db = 10.0 * (power / slice as f64 + 1e-12).log10();
        (db * 100.0).round() / 100.0
    };
    let notes = |part: &Part| (part.kind.name().to_owned(), Value::from(part.notes.len()));
    json!({
        "id": take.id.to_string(),
        "levels_db": (0..NUM_SLICES).map(level_db).collect::<Vec<_>>(),
        "notes": take.parts.iter().map(notes).collect::<Map<_, _>>(),
    })
}

fn is_near(now: &Value, golden: &Value) -> bool {
    let levels = |value: &Value| -> Vec<f64> {
        value["levels_db"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
    };
    let (now_db, golden_db) = (levels(now), levels(golden));
    now["notes"] == golden["notes"]
        && now_db.len() == golden_db.len()
        && now_db.iter().zip(&golden_db).all(|(a, b)| (a - b).abs() <= TOLERANCE_DB)
}

#[test]
fn takes_are_what_they_were() {
    let config = tempfile::tempdir().expect("a temporary folder");
    let band = BandProvider::new(config.path());
    let now: Map<String, Value> =
        specs(&band).into_iter().map(|(name, spec)| (name, fingerprint(&made(&band, &spec)))).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(golden_path().parent().expect("a folder")).expect("the folder can be made");
        let text = serde_json::to_string_pretty(&now).expect("JSON") + "\n";
        std::fs::write(golden_path(), text).expect("the golden file can be written");
        return;
    }
    let text = std::fs::read_to_string(golden_path()).expect("tests/golden/takes.json; make it with UPDATE_GOLDEN=1");
    let golden: Map<String, Value> = serde_json::from_str(&text).expect("the golden file is JSON");
    let is_exact = cfg!(all(target_os = "linux", target_arch = "x86_64"));
    let same = |name: &String, now: &Value| {
        golden.get(name).is_some_and(|golden| if is_exact { golden == now } else { is_near(now, golden) })
    };
    let changed: Vec<&String> = now.iter().filter(|(name, now)| !same(name, now)).map(|(name, _)| name).collect();
    assert!(changed.is_empty() && golden.len() == now.len(), "takes have changed: {changed:?}");
}

#[test]
fn the_same_seed_gives_the_same_take_and_another_seed_other_notes() {
    let config = tempfile::tempdir().expect("a temporary folder");
    let band = BandProvider::new(config.path());
    for (name, spec) in specs(&band).into_iter().take(6) {
        let (one, same) = (made(&band, &spec), made(&band, &spec));
        assert_eq!(one.id, same.id, "{name}");
        let other = made(&band, &TakeSpec { seed: 2, ..spec });
        assert_ne!(one.parts, other.parts, "{name}");
    }
}
