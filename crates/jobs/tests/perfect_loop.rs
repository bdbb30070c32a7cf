//! Audio becomes loops: any tempo, any start, with and without a beat, and what is refused.
use jobs::{
    AudioImport, AudioImportError, CancelToken, ImportTempo, LoopSource, PerfectLoop, PerfectLoopError, Progress,
    analyse_file, import_audio, perfect_loop,
};
use std::path::Path;
use take::{BarCount, Bpm, SampleRate, StyleId, TakeSpec};

const RATE_HZ: u32 = 44_100;

/// Kick on every beat, snare on two and four, hat on every eighth, after `lead_s` of silence.
fn drums(bpm: f64, num_beats: usize, lead_s: f64) -> Vec<f32> {
    let hz = f64::from(RATE_HZ);
    let beat = 60.0 / bpm * hz;
    let mut out = vec![0.0f32; ((lead_s * hz) + num_beats as f64 * beat).round() as usize];
    let mut state = 1u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    for eighth in 0..2 * num_beats {
        let start = (lead_s * hz + eighth as f64 * 0.5 * beat).round() as usize;
        let beat_in_bar = eighth / 2 % 4;
        let is_beat = eighth % 2 == 0;
        for n in 0..6_000.min(out.len() - start) {
            let t = n as f32 / RATE_HZ as f32;
            let hat = 0.1 * noise() * (-t * 120.0).exp();
            let accent = if beat_in_bar == 0 { 0.7 } else { 0.5 };
            let kick = accent
                * (std::f32::consts::TAU * (50.0 * t + 4.0 * (1.0 - (-t * 40.0).exp()))).sin()
                * (-t * 18.0).exp();
            let snare = 0.4 * noise() * (-t * 30.0).exp();
            let is_snare = is_beat && beat_in_bar % 2 == 1;
            out[start + n] += hat + if is_beat && !is_snare { kick } else { 0.0 } + if is_snare { snare } else { 0.0 };
        }
    }
    out
}

fn spec(bpm: f64, bars: i64) -> TakeSpec {
    let spec = TakeSpec::new(StyleId::built_in(0), Bpm::new(bpm).unwrap(), 1);
    TakeSpec { bars: BarCount::new(bars).unwrap(), ..spec }
}

fn looped(samples: &[f32], wanted: &TakeSpec) -> Result<PerfectLoop, PerfectLoopError> {
    let rate = SampleRate::new(RATE_HZ).unwrap();
    let source = LoopSource { left: samples, right: samples, rate, name: "Test", engine: "test/1", near_tempo: None };
    perfect_loop(&source, wanted, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())
}

/// The loop's own beat, by ear: how far from the grid at the wanted tempo, seconds, and the tempo.
fn beat_of(made: &PerfectLoop) -> (f64, f64) {
    let clip = made.take.original.stems[4].as_ref().unwrap();
    let heard = listen::analyse(&clip.left, &clip.right, made.take.original.rate);
    let bpm = heard.tempo.expect("a beat").bpm;
    let beat_s = 60.0 / made.take.info.tempo.get();
    let off = heard.beats_s.iter().map(|at| (at / beat_s - (at / beat_s).round()).abs() * beat_s);
    (off.fold(0.0, f64::max), bpm)
}

#[test]
fn drums_of_any_tempo_land_on_the_grid() {
    for (bpm, wanted_bpm, lead_s) in
        [(100.0, 120.0, 0.0), (97.3, 92.0, 0.31), (140.0, 126.5, 1.07), (120.0, 120.0, 0.5)]
    {
        let made = looped(&drums(bpm, 36, lead_s), &spec(wanted_bpm, 4)).unwrap();
        let rendition = &made.take.original;
        assert_eq!(rendition.stems[4].as_ref().unwrap().num_frames(), rendition.num_frames());
        assert!((made.source_tempo_bpm / bpm - 1.0).abs() < 0.003, "{bpm} heard as {}", made.source_tempo_bpm);
        let (off_s, _) = beat_of(&made);
        assert!(off_s < 0.020, "{bpm} to {wanted_bpm}: beats are up to {:.1} ms off", off_s * 1e3);
        assert!(made.seam_step <= made.largest_step, "{bpm}: {} against {}", made.seam_step, made.largest_step);
        assert!((made.take.info.loudness_lufs + 16.0).abs() < 0.5, "{}", made.take.info.loudness_lufs);
        assert!(made.take.info.true_peak_dbtp <= -1.0, "{}", made.take.info.true_peak_dbtp);
    }
}

#[test]
fn a_finished_loop_stays_as_it_is() {
    let samples = drums(110.0, 16, 0.0);
    let made = looped(&samples, &spec(110.0, 4)).unwrap();
    assert_eq!((made.num_source_bars, made.start_s), (4, 0.0));
    assert!((made.stretch - 1.0).abs() < 1e-4, "{}", made.stretch);
}

#[test]
fn a_short_loop_goes_round_until_the_bars_are_full() {
    let made = looped(&drums(120.0, 8, 0.0), &spec(120.0, 8)).unwrap();
    assert_eq!(made.num_source_bars, 2);
    let clip = made.take.original.stems[4].as_ref().unwrap();
    let round = 4 * 48_000;
    // Two bars at 120 BPM are four seconds.
    assert_eq!(clip.left[..round / 2], clip.left[round..round + round / 2]);
}

#[test]
fn music_without_a_beat_is_cut_and_closed() {
    let tone = |n: usize| {
        let t = n as f32 / RATE_HZ as f32;
        0.3 * (std::f32::consts::TAU * 220.3 * t).sin() + 0.2 * (std::f32::consts::TAU * 331.7 * t).sin()
    };
    let samples: Vec<f32> = (0..10 * RATE_HZ as usize).map(tone).collect();
    let made = looped(&samples, &spec(90.0, 2)).unwrap();
    assert_eq!(made.stretch, 1.0);
    assert!(made.seam_step <= made.largest_step, "{} against {}", made.seam_step, made.largest_step);
}

#[test]
fn what_is_no_music_is_refused_in_words() {
    let sentence = |samples: &[f32]| looped(samples, &spec(120.0, 4)).unwrap_err().to_string();
    assert_eq!(sentence(&vec![0.0; 100_000]), "it is silent");
    let mut broken = drums(120.0, 16, 0.0);
    broken[44_100] = f32::NAN;
    assert_eq!(sentence(&broken), "it is broken 1.00 s from its start: a sample there is no number");
    let short = sentence(&drums(120.0, 2, 0.0));
    assert!(short.starts_with("it is 1.00 s long; one bar at 1") && short.contains("BPM takes"), "{short}");
}

#[test]
fn cancelled_is_cancelled() {
    let (cancel, rate) = (CancelToken::default(), SampleRate::new(RATE_HZ).unwrap());
    cancel.cancel();
    let samples = drums(120.0, 16, 0.0);
    let source = LoopSource { left: &samples, right: &samples, rate, name: "", engine: "test/1", near_tempo: None };
    let made = perfect_loop(&source, &spec(120.0, 4), rate, &Progress::default(), &cancel);
    assert_eq!(made.unwrap_err(), PerfectLoopError::Cancelled);
}

fn write_wav(path: &Path, samples: &[f32]) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples.iter().for_each(|sample| (0..2).for_each(|_| writer.write_sample(*sample).unwrap()));
    writer.finalize().unwrap();
}

#[test]
fn a_file_becomes_a_take_at_its_own_tempo() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("My loop.flac");
    write_wav(&path, &drums(103.0, 32, 0.0));
    let (progress, cancel) = (Progress::default(), CancelToken::default());
    let wanted = AudioImport::new(StyleId::built_in(0));
    let taken = import_audio(&path, &wanted, SampleRate::DEFAULT, &progress, &cancel).unwrap();
    let info = &taken.made.take.info;
    assert!((info.tempo.get() - 103.0).abs() < 0.05, "{}", info.tempo.get());
    assert_eq!((info.bars.get(), info.engine.as_str()), (8, "import/1"));
    assert_eq!(info.spec.prompt, "imported from My loop.flac");
    assert!(info.name.starts_with("My loop 103"), "{}", info.name);
    assert!(taken.remarks.is_empty(), "{:?}", taken.remarks);
    assert!(taken.alternatives_bpm.iter().any(|bpm| (bpm - 51.5).abs() < 0.1));
    let half = AudioImport { tempo: ImportTempo::Half, play_at: Bpm::new(60.0).ok(), ..wanted };
    let taken = import_audio(&path, &half, SampleRate::DEFAULT, &progress, &cancel).unwrap();
    assert_eq!((taken.made.take.info.bars.get(), taken.made.take.info.tempo.get()), (4, 60.0));
    let (heard, _) = analyse_file(&path, &progress, &cancel).unwrap();
    assert!((heard.tempo.unwrap().bpm - 103.0).abs() < 0.3);
}

#[test]
fn files_that_cannot_become_loops_say_why() {
    let dir = tempfile::tempdir().unwrap();
    let sentence = |name: &str, samples: &[f32]| {
        let path = dir.path().join(name);
        write_wav(&path, samples);
        let wanted = AudioImport::new(StyleId::built_in(0));
        let (progress, cancel) = (Progress::default(), CancelToken::default());
        import_audio(&path, &wanted, SampleRate::DEFAULT, &progress, &cancel).unwrap_err().to_string()
    };
    assert!(
        sentence("short.wav", &drums(120.0, 1, 0.0)[..8_820]).starts_with("short cannot become a loop: it is 0.20 s")
    );
    assert_eq!(sentence("still.wav", &vec![0.0; 200_000]), "still cannot become a loop: it is silent");
    let missing = import_audio(
        &dir.path().join("none.wav"),
        &AudioImport::new(StyleId::built_in(0)),
        SampleRate::DEFAULT,
        &Progress::default(),
        &CancelToken::default(),
    );
    assert!(matches!(missing, Err(AudioImportError::Read(_))));
}
