//! Writes what the network learns from: `training_cues OUT EVERY DRUMS.wav BASS.wav HARMONY.wav MELODY.wav`, stereo floats
//! of equal length. OUT is 32-bit floats, little-endian; tools/separator_training reads it.
use anyhow::{Context, Result, ensure};
use hound::WavReader;
use std::io::{BufWriter, Write};
use take::SampleRate;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    ensure!(args.len() == 6, "OUT EVERY and four files");
    let mut rate_hz = 0;
    let mut stems = Vec::new();
    for file in &args[2..] {
        let mut reader = WavReader::open(file).with_context(|| file.clone())?;
        rate_hz = reader.spec().sample_rate;
        let samples = reader.samples::<f32>().collect::<Result<Vec<_>, _>>()?;
        let channel = |number: usize| samples.iter().skip(number).step_by(2).copied().collect::<Vec<f32>>();
        stems.push([channel(0), channel(1)]);
    }
    let stems = std::array::from_fn(|stem| stems[stem].each_ref().map(|channel| channel.as_slice()));
    let mut out = BufWriter::new(std::fs::File::create(&args[0])?);
    let mut failed = None;
    separate::training::frames(stems, SampleRate::new(rate_hz)?, args[1].parse()?, |values| {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        failed = failed.take().or(out.write_all(&bytes).err());
    })?;
    out.flush()?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}
