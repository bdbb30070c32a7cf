//! MIDI files and takes in other styles.
use jobs::{
    BandProvider, CancelToken, MidiImport, MidiTake, Progress, Provider, ProviderError, TargetStyle, TransferTakeError,
};
use take::{BarCount, Bpm, Part, PartKind, PitchClass, SampleRate, Scale, StyleId, Take, TakeSpec};

fn band() -> (BandProvider, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (BandProvider::new(dir.path()), dir)
}

fn generated(band: &BandProvider, style: &str) -> Take {
    let spec = TakeSpec {
        prompt: "melody".to_owned(),
        key: Some(PitchClass::new(2)),
        scale: Some(Scale::Minor),
        bars: BarCount::new(4).unwrap(),
        ..TakeSpec::new(StyleId::from(style), Bpm::new(100.0).unwrap(), 5)
    };
    band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap()
}

/// The take's own `all.mid`.
fn exported(take: &Take) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::read(library::export_all_parts(take, 1, dir.path()).unwrap()).unwrap()
}

fn transferred(band: &BandProvider, file: &[u8], to: &str) -> Result<MidiTake, TransferTakeError> {
    let wanted =
        MidiImport { name: "song".into(), style: StyleId::from("jazz"), first_bar: None, bars: None, tempo: None };
    let to = band.target_style(to).unwrap();
    band.transfer_midi(file, &wanted, &to, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())
}

fn part(take: &Take, kind: PartKind) -> &Part {
    take.parts.iter().find(|part| part.kind == kind).unwrap_or_else(|| panic!("no {kind:?}"))
}

fn steps(part: &Part) -> Vec<i32> {
    part.notes.windows(2).map(|pair| i32::from(pair[1].key) - i32::from(pair[0].key)).collect()
}

#[test]
fn a_midi_file_comes_back_in_another_style_with_its_melody() {
    let (band, _dir) = band();
    let pop = generated(&band, "pop");
    let file = exported(&pop);
    let latin = transferred(&band, &file, "bossa").unwrap().take;
    let rock = transferred(&band, &file, "rock").unwrap().take;
    for take in [&latin, &rock] {
        assert_eq!(steps(part(take, PartKind::Melody)), steps(part(&pop, PartKind::Melody)));
        assert_eq!((take.info.tempo.get(), take.info.bars.get()), (100.0, 4));
        assert_eq!((take.info.key, take.info.scale), (PitchClass::new(2), Scale::Minor));
    }
    assert_eq!(latin.info.spec.style, StyleId::from("latin"));
    assert_ne!(part(&latin, PartKind::Drums).notes, part(&rock, PartKind::Drums).notes);
    assert_ne!(part(&latin, PartKind::Bass).notes, part(&rock, PartKind::Bass).notes);
    assert_eq!(transferred(&band, &file, "bossa").unwrap().take.id, latin.id, "the same again");
}

#[test]
fn a_take_comes_over_into_another_style() {
    let (band, _dir) = band();
    let pop = generated(&band, "pop");
    let to = TargetStyle { seed: 9, ..band.target_style("jazz").unwrap() };
    let (progress, cancel) = (Progress::default(), CancelToken::default());
    let jazz = band.transfer_take(&pop, &to, SampleRate::DEFAULT, &progress, &cancel).unwrap();
    assert_eq!(steps(part(&jazz, PartKind::Melody)), steps(part(&pop, PartKind::Melody)));
    assert_ne!(part(&jazz, PartKind::Drums).notes, part(&pop, PartKind::Drums).notes);
    assert_eq!(jazz.info.spec.style, StyleId::from("jazz"));
}

#[test]
fn styles_are_meant_by_id_or_groove() {
    let (band, _dir) = band();
    let target = |name: &str| band.target_style(name).map(|target| (target.id.0, target.groove));
    assert_eq!(target("Deep House"), Some(("deep_house".into(), None)));
    assert_eq!(target("bossa"), Some(("latin".into(), Some("bossa".into()))));
    assert_eq!(target("bossa nova"), target("bossa"));
    assert_eq!(target("salsa").unwrap().0, "latin");
    assert_eq!(target("polkka"), None);
    assert_eq!(target(""), None);
}

#[test]
fn what_is_no_music_is_refused() {
    let (band, _dir) = band();
    assert!(matches!(transferred(&band, b"RIFF", "jazz"), Err(TransferTakeError::Read(_))));
    let to = TargetStyle { id: StyleId::from("nowhere"), groove: None, seed: 1 };
    let (progress, cancel) = (Progress::default(), CancelToken::default());
    let refused = band.transfer_take(&generated(&band, "pop"), &to, SampleRate::DEFAULT, &progress, &cancel);
    assert!(matches!(refused, Err(TransferTakeError::Provider(ProviderError::UnknownStyle { .. }))));
    cancel.cancel();
    let pop = generated(&band, "pop");
    let refused =
        band.transfer_take(&pop, &band.target_style("jazz").unwrap(), SampleRate::DEFAULT, &progress, &cancel);
    assert!(matches!(refused, Err(TransferTakeError::Provider(ProviderError::Cancelled))));
}
