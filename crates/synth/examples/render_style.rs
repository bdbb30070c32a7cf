//! Renders a hand-made band with a style's sound: raw 32-bit float stereo, one file per stem.
//! `cargo run --release -p synth --example render_style -- OUT_DIR [style...]`; all styles where none is named.
mod band;

use std::ops::ControlFlow;
use std::path::Path;
use synth::{RenderRequest, Sound, render};
use take::{Amount, AudioClip, Beats, Bpm, Hints, SampleRate, StemKind};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: render_style OUT_DIR [style...]")?;
    let wanted: Vec<String> = args.collect();
    std::fs::create_dir_all(&out)?;
    for (id, _) in take::BUILT_IN_STYLES {
        if wanted.is_empty() || wanted.iter().any(|w| w == id) {
            write_style(id, Path::new(&out))?;
        }
    }
    Ok(())
}

fn write_style(id: &str, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let file = format!("{}/../../assets/styles/{id}.toml", env!("CARGO_MANIFEST_DIR"));
    let sound = Sound::parse(id, &file, &std::fs::read_to_string(&file)?)?;
    let request = RenderRequest {
        parts: &band::band(4),
        tempo: Bpm::new(120.0)?,
        bar_beats: Beats(4.0),
        loop_beats: Beats(16.0),
        rate: SampleRate::DEFAULT,
        sound: &sound,
        hints: &Hints::default(),
        energy: Amount::new(0.6),
        tuning: take::Tuning::EQUAL,
        seed: 1,
    };
    let rendered = render(&request, &mut |_, _| ControlFlow::Continue(()))?;
    println!("{id:<20} {:.2} LUFS {:.2} dBTP", rendered.loudness_lufs, rendered.true_peak_dbtp);
    for (kind, clip) in StemKind::ALL.iter().zip(&rendered.stems) {
        if let Some(clip) = clip {
            std::fs::write(out.join(format!("{id}.{}.f32", kind.name())), interleaved(clip))?;
        }
    }
    Ok(())
}

fn interleaved(clip: &AudioClip) -> Vec<u8> {
    clip.left.iter().zip(&clip.right).flat_map(|(l, r)| [l.to_le_bytes(), r.to_le_bytes()].concat()).collect()
}
