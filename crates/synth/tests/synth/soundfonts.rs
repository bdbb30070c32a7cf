//! Playing with a SoundFont in place of the built-in instruments.
use crate::common::{left, rms};
use std::ops::ControlFlow;
use std::path::Path;
use synth::{
    Preset, RenderError, RenderRequest, Rendered, Sound, SoundFontBank, SoundFontError, render_with_soundfont,
};
use take::{Amount, Beats, Bpm, Hints, Note, Part, PartKind, PitchClass, SampleRate, Scale, StemKind, Tuning};

#[path = "../../examples/tiny_soundfont/mod.rs"]
mod tiny_soundfont;
use tiny_soundfont::tiny_soundfont;

/// No effect that would blur where a note begins.
const DRY: &str = "[sound.drums]\nreverb = 0\necho = 0\n[sound.melody]\nreverb = 0\necho = 0\nduck_db = 0\n[sound.master]\nglue = 0\n";

fn bank() -> SoundFontBank {
    SoundFontBank::read(Path::new("tiny.sf2"), &tiny_soundfont()).unwrap()
}

fn part(kind: PartKind, program: u8, notes: &[(f64, f64, u8)]) -> Part {
    let note = |&(start, duration, key): &(f64, f64, u8)| Note {
        start: Beats(start),
        duration: Beats(duration),
        key,
        velocity: 100,
    };
    Part { kind, name: String::new(), program, channel: 0, notes: notes.iter().map(note).collect() }
}

struct Loop {
    parts: Vec<Part>,
    bpm: f64,
    rate_hz: u32,
    tuning: Tuning,
}

impl Loop {
    fn of(parts: Vec<Part>) -> Self {
        Self { parts, bpm: 120.0, rate_hz: 48_000, tuning: Tuning::EQUAL }
    }

    fn render(&self, bank: &SoundFontBank, flow: ControlFlow<()>) -> Result<Rendered, RenderError> {
        let request = RenderRequest {
            parts: &self.parts,
            tempo: Bpm::new(self.bpm).unwrap(),
            bar_beats: Beats(4.0),
            loop_beats: Beats(4.0),
            rate: SampleRate::new(self.rate_hz).unwrap(),
            sound: &Sound::parse("dry", "dry.toml", DRY).unwrap(),
            hints: &Hints::default(),
            energy: Amount::new(0.6),
            tuning: self.tuning,
            seed: 1,
        };
        render_with_soundfont(&request, bank, &mut |_, _| flow)
    }

    fn rendered(&self) -> Rendered {
        self.render(&bank(), ControlFlow::Continue(())).unwrap()
    }
}

/// Rising zero crossings per second.
fn pitch_hz(samples: &[f32], rate_hz: f64) -> f64 {
    let crossings = samples.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    crossings as f64 * rate_hz / samples.len() as f64
}

#[test]
fn a_soundfont_names_its_presets() {
    let preset = |bank, program, name: &str| Preset { bank, program, name: name.into() };
    assert_eq!(bank().presets(), [preset(0, 0, "Sine"), preset(0, 33, "High sine"), preset(128, 0, "Kit")]);
    assert_eq!((bank().name(), bank().fingerprint().len()), ("Tiny", 8));
}

#[test]
fn a_quarter_tone_bends_the_notes_it_belongs_to() {
    let render = |tuning, key| {
        let held = part(PartKind::Melody, 0, &[(0.0, 4.0, key)]);
        pitch_hz(&left(&Loop { tuning, ..Loop::of(vec![held]) }.rendered(), StemKind::Melody)[..48_000], 48_000.0)
    };
    let rast = Tuning::of(PitchClass::new(0), Scale::Rast);
    let cents = |key| 1200.0 * (render(rast, key) / render(Tuning::EQUAL, key)).log2();
    assert!(cents(72).abs() < 1.0 && (cents(76) + 50.0).abs() < 4.0, "C {} E {}", cents(72), cents(76));
}

#[test]
fn stems_have_the_frames_of_the_rendition_and_the_loudness_of_every_mix() {
    for (bpm, rate_hz) in [(126.0, 48_000), (97.3, 44_100), (174.0, 96_000)] {
        let held = part(PartKind::Melody, 0, &[(0.0, 4.0, 69)]);
        let rendered = Loop { bpm, rate_hz, ..Loop::of(vec![held]) }.rendered();
        let expected = (4.0 * 60.0 / bpm * f64::from(rate_hz) - 1e-6).ceil() as usize;
        assert_eq!(left(&rendered, StemKind::Melody).len(), expected, "{bpm} BPM at {rate_hz} Hz");
        assert!((rendered.loudness_lufs + 16.0).abs() < 0.3, "{} LUFS", rendered.loudness_lufs);
        assert!(rendered.stems[StemKind::Drums as usize].is_none());
    }
}

#[test]
fn notes_start_on_their_frame() {
    let starts = [0.37, 1.0, 2.0 / 3.0 + 1.0, 3.123_456];
    let hits: Vec<_> = starts.iter().map(|&start| (start, 0.1, 60)).collect();
    let rendered = Loop { bpm: 121.7, ..Loop::of(vec![part(PartKind::Drums, 0, &hits)]) }.rendered();
    let drums = left(&rendered, StemKind::Drums);
    let peak = drums.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    for start in starts {
        let frame = (start * 60.0 / 121.7 * 48_000.0).round() as usize;
        assert!(drums[frame - 200..frame].iter().all(|sample| sample.abs() < 1e-3 * peak), "before {start}");
        assert!(drums[frame..frame + 2].iter().any(|sample| sample.abs() > 0.05 * peak), "at {start}");
    }
}

#[test]
fn programs_and_keys_choose_what_is_heard() {
    for (program, key, expected_hz) in [(0, 69, 441.0), (0, 57, 220.5), (33, 69, 882.0), (99, 69, 441.0)] {
        let rendered = Loop::of(vec![part(PartKind::Melody, program, &[(0.0, 3.0, key)])]).rendered();
        let heard_hz = pitch_hz(&left(&rendered, StemKind::Melody)[4800..60_000], 48_000.0);
        assert!((heard_hz / expected_hz - 1.0).abs() < 0.01, "program {program}, key {key}: {heard_hz} Hz");
    }
    let two = vec![part(PartKind::Melody, 0, &[(0.0, 1.0, 69)]), part(PartKind::Melody, 33, &[(2.0, 1.0, 69)])];
    let rendered = Loop::of(two).rendered();
    let melody = left(&rendered, StemKind::Melody);
    let heard = [pitch_hz(&melody[4800..19_200], 48_000.0), pitch_hz(&melody[52_800..67_200], 48_000.0)];
    assert!((heard[0] / 441.0 - 1.0).abs() < 0.01 && (heard[1] / 882.0 - 1.0).abs() < 0.01, "{heard:?}");
}

#[test]
fn what_rings_past_the_end_comes_in_at_the_start() {
    let rendered = Loop::of(vec![part(PartKind::Melody, 0, &[(3.5, 1.5, 69)])]).rendered();
    let melody = left(&rendered, StemKind::Melody);
    let level = |from: usize, to: usize| rms(&melody[from..to]);
    assert!((level(0, 20_000) / level(86_000, 96_000) - 1.0).abs() < 0.1, "held over the seam");
    assert!(level(30_000, 80_000) < 1e-3 * level(0, 20_000), "and let go");
}

#[test]
fn a_closed_hat_stops_an_open_one() {
    let open = Loop::of(vec![part(PartKind::Drums, 0, &[(0.0, 1.0, 46)])]);
    let mut choked = part(PartKind::Drums, 0, &[(0.0, 1.0, 46), (0.01, 1.0, 42)]);
    // At velocity 1 the closed hat itself is below what is heard.
    choked.notes[1].velocity = 1;
    // Key 46 lasts 977 frames; shut at frame 240, its fade of 8 ms is over at frame 625.
    let levels = [open, Loop::of(vec![choked])].map(|hats| {
        let rendered = hats.rendered();
        let drums = left(&rendered, StemKind::Drums);
        rms(&drums[700..900]) / rms(&drums[..240])
    });
    // What is left is the slow recovery of the strip's high-pass filter.
    assert!(levels[0] > 0.2 && levels[1] < 0.06, "{levels:?}");
}

#[test]
fn the_same_request_gives_the_same_bits() {
    let parts = || {
        vec![part(PartKind::Melody, 0, &[(0.1, 1.0, 69), (1.5, 0.3, 71)]), part(PartKind::Drums, 0, &[(0.0, 1.0, 36)])]
    };
    assert_eq!(Loop::of(parts()).rendered(), Loop::of(parts()).rendered());
}

#[test]
fn a_render_stops_when_it_is_told_to() {
    let held = Loop::of(vec![part(PartKind::Melody, 0, &[(0.0, 4.0, 69)])]);
    assert_eq!(held.render(&bank(), ControlFlow::Break(())), Err(RenderError::Cancelled(synth::Cancelled)));
    let low = Loop { rate_hz: 8000, ..held };
    let refused = low.render(&bank(), ControlFlow::Continue(())).unwrap_err();
    assert_eq!(refused.to_string(), "SoundFonts are played at 16000 to 192000 Hz, not at 8000 Hz");
}

#[test]
fn what_is_no_soundfont_is_refused_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.sf2");
    assert!(matches!(SoundFontBank::open(&path), Err(SoundFontError::Missing { .. })));
    assert!(matches!(SoundFontBank::open(dir.path()), Err(SoundFontError::NotSoundFont { .. })));
    let open = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        SoundFontBank::open(&path)
    };
    for bytes in [&b""[..], b"RIFF", b"MThd\0\0\0\x06\0\0\0\x01\0\x60", b"RIFF\x04\0\0\0WAVE"] {
        assert!(matches!(open(bytes), Err(SoundFontError::NotSoundFont { .. })));
    }
    let whole = tiny_soundfont();
    assert!(open(&whole).is_ok());
    for end in (12..whole.len()).step_by(whole.len() / 100) {
        let error = open(&whole[..end]).unwrap_err();
        assert!(matches!(error, SoundFontError::CutOff { .. }), "{end} of {} bytes: {error}", whole.len());
        assert!(error.to_string().contains("x.sf2") && !error.to_string().contains('\n'));
    }
    // A file that says it ends earlier than its tables do.
    let mut short = whole[..whole.len() - 300].to_vec();
    short.splice(4..8, ((whole.len() - 308) as u32).to_le_bytes());
    assert!(open(&short).is_err());
    let mut ogg = whole.clone();
    let at = ogg.windows(4).position(|word| word == b"smpl").unwrap() + 8;
    ogg.splice(at..at + 4, *b"OggS");
    assert!(matches!(open(&ogg), Err(SoundFontError::Compressed { .. })));
}

/// Numbers of a linear congruential generator (Numerical Recipes); a fixed seed gives the same files everywhere.
fn numbers(seed: u32) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    }
}

#[test]
fn three_hundred_damaged_soundfonts_are_refused_or_played() {
    let whole = tiny_soundfont();
    let tables = whole.windows(4).position(|word| word == b"pdta").unwrap();
    let band =
        Loop::of(vec![part(PartKind::Melody, 33, &[(0.0, 0.2, 127)]), part(PartKind::Drums, 0, &[(0.0, 0.1, 127)])]);
    let (mut refused, mut played) = (0, 0);
    for seed in 0..300 {
        let mut number = numbers(seed);
        let mut bytes = whole.clone();
        for _ in 0..1 + number(4) {
            // Mostly the tables: the samples may be anything.
            let at = if number(4) == 0 { number(whole.len()) } else { tables + number(whole.len() - tables) };
            bytes[at] = number(256) as u8;
        }
        let Ok(bank) = SoundFontBank::read(Path::new("damaged.sf2"), &bytes) else {
            refused += 1;
            continue;
        };
        match band.render(&bank, ControlFlow::Continue(())) {
            Ok(rendered) => {
                let samples = rendered.stems.iter().flatten().flat_map(|clip| clip.left.iter().chain(&clip.right));
                assert!(samples.into_iter().all(|sample| sample.is_finite()), "seed {seed}");
                played += 1;
            }
            Err(error) => {
                assert!(
                    matches!(error, RenderError::SoundFont(SoundFontError::Damaged { .. })),
                    "seed {seed}: {error}"
                );
                refused += 1;
            }
        }
    }
    assert!(refused > 20 && played > 20, "{refused} refused, {played} played");
}
