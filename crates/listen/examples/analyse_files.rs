//! Analyses WAV files and prints a JSON line for each: `analyse_files FILE...`. For tests/python/check_listening.py.
use anyhow::{Context, Result};
use serde_json::json;
use take::SampleRate;

fn main() -> Result<()> {
    for path in std::env::args().skip(1) {
        let mut reader = hound::WavReader::open(&path).with_context(|| path.clone())?;
        let spec = reader.spec();
        let samples: Vec<f32> = match spec.sample_format {
            hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
            hound::SampleFormat::Int => {
                let full = (1i64 << (spec.bits_per_sample - 1)) as f32;
                reader.samples::<i32>().map(|sample| sample.map(|s| s as f32 / full)).collect::<Result<_, _>>()?
            }
        };
        let channel = |index: u16| -> Vec<f32> {
            let index = usize::from(index.min(spec.channels - 1));
            samples.iter().skip(index).step_by(usize::from(spec.channels)).copied().collect()
        };
        let analysis = listen::analyse(&channel(0), &channel(1), SampleRate::new(spec.sample_rate)?);
        let bands = analysis.profile.bands;
        let roles = analysis.profile.roles;
        println!(
            "{}",
            json!({
                "file": path,
                "seconds": analysis.seconds(),
                "bpm": analysis.tempo.as_ref().map(|tempo| tempo.bpm),
                "confidence": analysis.tempo.as_ref().map(|tempo| tempo.confidence),
                "is_steady": analysis.tempo.as_ref().map(|tempo| tempo.is_steady),
                "alternatives": analysis.tempo.as_ref().map(|tempo| tempo.alternatives_bpm.clone()),
                "beats": analysis.beats_s,
                "downbeat": analysis.first_downbeat_s,
                "onsets": analysis.onsets_s,
                "key": analysis.key.map(|heard| heard.key.short_name()),
                "loudness": analysis.loudness_lufs,
                "true_peak": analysis.true_peak_dbtp,
                "bands": [bands.sub, bands.low, bands.low_mid, bands.mid, bands.high, bands.air],
                "roles": [roles.drums, roles.bass, roles.harmony, roles.melody],
            })
        );
    }
    Ok(())
}
