//! Reading and writing WAV files.
use anyhow::{Context, Result};
use std::path::Path;

/// Writes 32-bit float stereo.
///
/// # Errors
/// Whatever the file system says.
pub fn write(path: &Path, channels: [&[f32]; 2], rate_hz: u32) -> Result<()> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer =
        hound::WavWriter::create(path, spec).with_context(|| format!("cannot write {}", path.display()))?;
    for (left, right) in channels[0].iter().zip(channels[1]) {
        writer.write_sample(*left)?;
        writer.write_sample(*right)?;
    }
    Ok(writer.finalize()?)
}

/// Integrated loudness in LUFS, and true peak in dBTP.
///
/// # Errors
/// When the meter refuses the rate.
pub fn loudness(channels: [&[f32]; 2], rate_hz: u32) -> Result<(f64, f64)> {
    let mut meter = ebur128::EbuR128::new(2, rate_hz, ebur128::Mode::I | ebur128::Mode::TRUE_PEAK)?;
    meter.add_frames_planar_f32(&channels)?;
    let peak = meter.true_peak(0)?.max(meter.true_peak(1)?);
    Ok((meter.loudness_global()?, 20.0 * peak.max(1e-9).log10()))
}
