//! What the tests share.
#[path = "../../examples/band/mod.rs"]
pub mod band;

use std::ops::ControlFlow;
use synth::{RenderRequest, Rendered, Sound, render};
use take::{Amount, Beats, Bpm, Hints, Part, SampleRate, StemKind, Tuning};

/// A request that tests change where they must.
pub struct Setup {
    pub parts: Vec<Part>,
    pub bpm: f64,
    pub rate: u32,
    pub bars: usize,
    pub sound: Sound,
    pub hints: Hints,
    pub tuning: Tuning,
    pub seed: u64,
}

impl Setup {
    pub fn new(bars: usize) -> Self {
        Self {
            parts: band::band(bars),
            bpm: 126.0,
            rate: 48_000,
            bars,
            sound: Sound::fallback(),
            hints: Hints::default(),
            tuning: Tuning::EQUAL,
            seed: 1,
        }
    }

    pub fn loop_frames(&self) -> f64 {
        self.bars as f64 * 4.0 * 60.0 / self.bpm * f64::from(self.rate)
    }

    pub fn render(&self) -> Rendered {
        let request = RenderRequest {
            parts: &self.parts,
            tempo: Bpm::new(self.bpm).unwrap(),
            bar_beats: Beats(4.0),
            loop_beats: Beats(self.bars as f64 * 4.0),
            rate: SampleRate::new(self.rate).unwrap(),
            sound: &self.sound,
            hints: &self.hints,
            energy: Amount::new(0.6),
            tuning: self.tuning,
            seed: self.seed,
        };
        render(&request, &mut |_, _| ControlFlow::Continue(())).unwrap()
    }
}

/// Left channel of a stem.
pub fn left(rendered: &Rendered, stem: StemKind) -> &[f32] {
    &rendered.stems[stem as usize].as_ref().expect("the stem is there").left
}

/// The plain sum of the stems, left and right.
pub fn mix(rendered: &Rendered) -> [Vec<f32>; 2] {
    let stems: Vec<_> = rendered.stems.iter().flatten().collect();
    let frames = stems[0].num_frames();
    let sum = |side: &dyn Fn(&take::AudioClip) -> &[f32]| {
        (0..frames).map(|n| stems.iter().map(|stem| side(stem)[n]).sum()).collect()
    };
    [sum(&|clip| &clip.left), sum(&|clip| &clip.right)]
}

/// Every style file's text, by name.
pub fn style_files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/styles");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Root mean square.
pub fn rms(samples: &[f32]) -> f64 {
    (samples.iter().map(|s| f64::from(s * s)).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}
