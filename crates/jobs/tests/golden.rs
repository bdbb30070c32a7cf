//! The guard of `BAND_VERSION` (crates/jobs/src/band.rs): what the band makes is saved by name in people's projects, so
//! that other bits under the same name are a broken promise. `UPDATE_GOLDEN=1` rewrites tests/golden/band.txt.
use jobs::{BandProvider, CancelToken, Progress, Provider};
use std::fmt::Write as _;
use std::path::Path;
use take::{BUILT_IN_STYLES, BarCount, SampleRate, StyleId, TakeSpec};

/// One line a style: style, who made it, id of one bar at the style's own tempo.
fn lines() -> String {
    let dir = tempfile::tempdir().unwrap();
    let band = BandProvider::new(dir.path());
    let mut lines = String::new();
    for (style, _) in BUILT_IN_STYLES {
        let id = StyleId::from(style);
        let spec = TakeSpec::new(id.clone(), band.tempo_for("", &id), 1);
        let spec = TakeSpec { bars: BarCount::new(1).unwrap(), ..spec };
        let take =
            band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).expect(style);
        writeln!(lines, "{style} {} {}", take.info.engine, take.id).unwrap();
    }
    lines
}

/// What is wrong with a style's line, and what to do.
fn complaint(golden: &str, now: &str) -> Option<String> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (golden, now) = (words(golden), words(now));
    match golden.iter().zip(&now).position(|(golden, now)| golden != now) {
        None if golden.len() == now.len() => None,
        Some(2) => Some(format!(
            "{}: other bits under the same name `{}`. If that is on purpose, bump BAND_VERSION in \
             crates/jobs/src/band.rs and run this test with UPDATE_GOLDEN=1",
            now[0], now[1]
        )),
        _ => Some(format!(
            "{}: made by `{}`, the golden file says `{}`. A style file or BAND_VERSION has changed: run this test \
             with UPDATE_GOLDEN=1",
            now[0],
            now[1],
            golden.get(1).map_or("nothing", String::as_str)
        )),
    }
}

#[test]
fn other_bits_need_another_band_version() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/band.txt");
    let now = lines();
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, now).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(&path).expect("tests/golden/band.txt; make it with UPDATE_GOLDEN=1");
    assert_eq!(
        golden.lines().count(),
        BUILT_IN_STYLES.len(),
        "the golden file misses styles; run with UPDATE_GOLDEN=1"
    );
    let complaints: Vec<_> =
        golden.lines().zip(now.lines()).filter_map(|(golden, now)| complaint(golden, now)).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn the_complaint_says_what_to_do() {
    let golden = "jazz band/1-abc 0123";
    assert_eq!(complaint(golden, golden), None);
    let bits = complaint(golden, "jazz band/1-abc 4567").expect("other bits");
    assert!(bits.contains("jazz") && bits.contains("bump BAND_VERSION"), "{bits}");
    for now in ["jazz band/1-def 4567", "jazz band/2-abc 4567", "blues band/1-abc 0123"] {
        let name = complaint(golden, now).expect("another name");
        assert!(name.contains("UPDATE_GOLDEN=1") && !name.contains("bump"), "{name}");
    }
}
