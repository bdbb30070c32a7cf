//! Promises of the built-in band as a provider.
use jobs::{BandProvider, CancelToken, Progress, Provider, ProviderError, StyleBook, stretch_map};
use std::fs;
use take::{BUILT_IN_STYLES, BarCount, Bpm, SampleRate, StemKind, StyleId, Take, TakeSpec};

fn band() -> (BandProvider, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (BandProvider::new(dir.path()), dir)
}

fn spec(style: &str, prompt: &str) -> TakeSpec {
    let spec = TakeSpec::new(StyleId::from(style), Bpm::DEFAULT, 3);
    TakeSpec { prompt: prompt.to_owned(), bars: BarCount::new(1).unwrap(), ..spec }
}

fn generate(band: &BandProvider, spec: &TakeSpec) -> Take {
    band.generate(spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap()
}

fn rerender(band: &BandProvider, take: &Take, bpm: f64, hz: u32) -> take::Rendition {
    let (tempo, rate) = (Bpm::new(bpm).unwrap(), SampleRate::new(hz).unwrap());
    band.rerender(take, tempo, rate, &Progress::default(), &CancelToken::default()).unwrap()
}

#[test]
fn every_built_in_style_is_in_the_book_in_permanent_order() {
    let book = StyleBook::built_in();
    let ids: Vec<_> = book.entries().map(|entry| entry.id.as_str().to_owned()).collect();
    assert_eq!(ids, BUILT_IN_STYLES.map(|(id, _)| id));
    for (id, _) in BUILT_IN_STYLES {
        assert!(book.get(&StyleId::from(id)).is_ok());
    }
}

#[test]
fn the_same_spec_is_the_same_take_and_another_seed_is_another() {
    let (band, _dir) = band();
    let spec = spec("deep_house", "");
    let take = generate(&band, &spec);
    assert_eq!(take, generate(&band, &spec));
    assert_ne!(take.id, generate(&band, &TakeSpec { seed: 4, ..spec }).id);
    assert!(!take.parts.is_empty() && take.original.stems.iter().flatten().count() > 1);
}

#[test]
fn playing_again_at_the_same_tempo_and_rate_gives_the_same_bits() {
    let (band, _dir) = band();
    let take = generate(&band, &spec("techno_minimal", "dark"));
    assert_eq!(rerender(&band, &take, 120.0, 48_000), *take.original);
}

#[test]
fn another_tempo_and_rate_keep_id_notes_and_length_in_beats() {
    let (band, _dir) = band();
    let take = generate(&band, &spec("techno_minimal", ""));
    let mut foreign = take.clone();
    foreign.info.engine = "band/0".to_owned();
    for take in [take, foreign] {
        for (bpm, hz) in [(140.0, 44_100), (120.0, 96_000), (90.0, 48_000)] {
            let made = rerender(&band, &take, bpm, hz);
            assert_eq!((made.take, made.loop_beats, made.rate.get()), (take.id, take.original.loop_beats, hz));
            for clip in made.stems.iter().flatten() {
                assert_eq!(clip.num_frames(), made.num_frames());
            }
        }
    }
}

#[test]
fn a_foreign_take_is_stretched_with_its_clicks_on_the_grid_and_its_seam_closed() {
    let (band, _dir) = band();
    let fake = jobs::FakeProvider::default();
    let spec = TakeSpec { bars: BarCount::new(2).unwrap(), ..spec("fake", "") };
    let take = fake.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap();
    let made = rerender(&band, &take, 130.0, 48_000);
    let bass = &made.stems[1].as_ref().unwrap().left;
    let level = take.original.stems[1].as_ref().unwrap().left[0];
    let worst = bass.iter().map(|sample| (sample - level).abs()).fold(0.0, f32::max);
    assert!(worst < 0.01, "a constant is no longer one: off by {worst}");
    let drums = &made.stems[0].as_ref().unwrap().left;
    let frames_per_beat = made.tempo.frames_per_beat(made.rate);
    for beat in 1..8 {
        let at = (f64::from(beat) * frames_per_beat).round() as usize;
        let near = drums[at - 96..at + 96].iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        assert!(near > 0.2, "no click within 2 ms of beat {beat}");
    }
}

#[test]
fn the_stretcher_gets_the_notes_of_a_band_take_and_listens_to_a_foreign_one() {
    let (band, _dir) = band();
    let take = generate(&band, &spec("techno_minimal", ""));
    for rendition in [(*take.original).clone(), rerender(&band, &take, 140.0, 44_100)] {
        let map = stretch_map(&take, &rendition);
        let stems: Vec<_> =
            StemKind::ALL.into_iter().filter(|&stem| rendition.stems[stem as usize].is_some()).collect();
        assert_eq!(map.num_groups(), stems.len(), "every stem for itself");
        let frames_per_beat = rendition.tempo.frames_per_beat(rendition.rate);
        for (stem, onsets) in stems.into_iter().zip(map.onsets()) {
            let parts = take.parts.iter().filter(|part| StemKind::from(part.kind) == stem);
            let starts: Vec<f64> =
                parts.flat_map(|part| &part.notes).map(|note| note.start.0 * frames_per_beat).collect();
            let is_a_note = |onset: &f64| starts.iter().any(|start| (start - onset).abs() <= 0.5);
            assert!(!onsets.is_empty() && onsets.iter().all(is_a_note), "{}: {onsets:?}", stem.name());
        }
    }
    let mut foreign = take;
    foreign.info.engine = "somebody/1".to_owned();
    assert_eq!(stretch_map(&foreign, &foreign.original).num_groups(), 1, "stems that may bleed stay together");
}

#[test]
fn the_words_fill_the_tempo_that_nobody_named() {
    let (band, _dir) = band();
    assert_eq!(band.tempo_for("a loop at 90 bpm", &StyleId::from("jazz")).get(), 90.0);
    let book = StyleBook::built_in();
    let own = book.get(&StyleId::from("jazz")).unwrap().style.tempo;
    assert_eq!(band.tempo_for("", &StyleId::from("jazz")), own);
    assert_eq!(band.tempo_for("", &StyleId::from("nobody's")), Bpm::DEFAULT);
}

#[test]
fn a_cancelled_job_ends_without_a_take() {
    let (band, _dir) = band();
    let cancel = CancelToken::default();
    cancel.cancel();
    let spec = spec("jazz", "");
    let made = band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &cancel);
    assert_eq!(made, Err(ProviderError::Cancelled));
}

#[test]
fn an_unknown_style_is_a_sentence() {
    let (band, _dir) = band();
    let spec = spec("polka_of_doom", "");
    let error = band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap_err();
    assert!(error.to_string().contains("no style `polka_of_doom`"), "{error}");
}

#[test]
fn a_users_style_plays_and_an_edited_one_is_another_engine() {
    let (band, dir) = band();
    let styles = dir.path().join("styles");
    fs::create_dir(&styles).unwrap();
    let text = include_str!("../../../assets/styles/jazz.toml");
    fs::write(styles.join("mine.toml"), text).unwrap();
    band.reload_styles();
    let take = generate(&band, &spec("mine", ""));
    fs::write(styles.join("mine.toml"), format!("{text}\n# edited\n")).unwrap();
    assert_eq!(band.reload_styles().user_styles.len(), 1);
    let edited = generate(&band, &spec("mine", ""));
    assert_ne!(take.info.engine, edited.info.engine);
}

#[test]
fn a_broken_style_file_is_named_with_line_and_field() {
    let (band, dir) = band();
    let styles = dir.path().join("styles");
    fs::create_dir(&styles).unwrap();
    let text = include_str!("../../../assets/styles/jazz.toml");
    fs::write(styles.join("wrong.toml"), format!("colour = 3\n{text}")).unwrap();
    fs::write(styles.join("jazz.toml"), text).unwrap();
    fs::write(styles.join("noise.toml"), [0xff, 0xfe, 0x00]).unwrap();
    fs::create_dir(styles.join("folder.toml")).unwrap();
    let problems = band.reload_styles().problems;
    assert_eq!(problems.len(), 4, "{problems:#?}");
    let about = |file: &str| problems.iter().find(|text| text.contains(file)).expect(file);
    assert!(about("wrong.toml").contains("colour") && about("wrong.toml").contains('1'), "{problems:#?}");
    assert!(about("jazz.toml").contains("built-in style"), "{problems:#?}");
    let spec = spec("wrong", "");
    let error = band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap_err();
    assert!(error.to_string().contains("wrong.toml"), "{error}");
}
