//! A take played with a SoundFont, as files, for `tests/python/check_soundfont.py`.
//!
//! `soundfont FONT DIR`: two dry-timed bars of the classical style at 100 BPM, 48 kHz.
use jobs::{BandProvider, CancelToken, Progress, Provider};
use std::path::Path;
use take::{Amount, BarCount, Bpm, SampleRate, StyleId, TakeSpec};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [font, dir] = args.as_slice() else { return Err("say FONT and DIR".into()) };
    // No styles but the built-in ones: there is nothing in the folder.
    let band = BandProvider::new(&Path::new(dir).join("config"));
    band.open_soundfont(Path::new(font))?;
    let spec = TakeSpec {
        bars: BarCount::new(2)?,
        humanise: Amount::new(0.0),
        ..TakeSpec::new(StyleId::from("classical"), Bpm::new(100.0)?, 7)
    };
    let take = band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())?;
    library::export_take(&take, Path::new(dir))?;
    Ok(())
}
