//! Takes loops apart: `separate_files IN.wav OUT_DIR [IN.wav OUT_DIR ...]`. Writes drums.wav, bass.wav, harmony.wav and
//! melody.wav in 24 bits, whose integers add up to the file's, and prints one line a file.
use anyhow::{Context, Result, ensure};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use separate::{Ends, STEM_NAMES, separate, to_24_bits};
use std::ops::ControlFlow;
use std::path::Path;
use take::{SampleRate, dequantise_24, quantise_24};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    for pair in args.chunks(2) {
        let [input, folder] = pair else { anyhow::bail!("each file needs a folder behind it") };
        let (rate, [left, right]) = read(Path::new(input)).with_context(|| input.clone())?;
        let mut stems = separate([&left, &right], rate, Ends::Closed, &mut |_| ControlFlow::Continue(()))?;
        to_24_bits([&left, &right], &mut stems);
        std::fs::create_dir_all(folder)?;
        for (name, stem) in STEM_NAMES.iter().zip(&stems) {
            write(&Path::new(folder).join(format!("{name}.wav")), rate, [&stem.left, &stem.right])?;
        }
        println!("{input}: {} frames at {} Hz", left.len(), rate.get());
    }
    Ok(())
}

fn read(path: &Path) -> Result<(SampleRate, [Vec<f32>; 2])> {
    let mut reader = WavReader::open(path)?;
    let spec = reader.spec();
    ensure!(spec.channels == 2, "it is not stereo");
    let samples: Vec<f32> = match (spec.sample_format, spec.bits_per_sample) {
        (SampleFormat::Float, _) => reader.samples::<f32>().collect::<Result<_, _>>()?,
        (SampleFormat::Int, 24) => {
            reader.samples::<i32>().map(|value| value.map(dequantise_24)).collect::<Result<_, _>>()?
        }
        (SampleFormat::Int, bits) => anyhow::bail!("{bits} bits are not read here"),
    };
    let channel = |number: usize| samples.iter().skip(number).step_by(2).copied().collect();
    Ok((SampleRate::new(spec.sample_rate)?, [channel(0), channel(1)]))
}

fn write(path: &Path, rate: SampleRate, [left, right]: [&[f32]; 2]) -> Result<()> {
    let spec = WavSpec { channels: 2, sample_rate: rate.get(), bits_per_sample: 24, sample_format: SampleFormat::Int };
    let mut writer = WavWriter::create(path, spec)?;
    for (left, right) in left.iter().zip(right) {
        writer.write_sample(quantise_24(*left))?;
        writer.write_sample(quantise_24(*right))?;
    }
    Ok(writer.finalize()?)
}
