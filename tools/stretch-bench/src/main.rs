//! Stretches WAV files with one of several engines, for bench.py. Not part of the product.
//!
//! `stretch-bench ENGINE SPEED SEMITONES OUT.wav IN.wav...`; the inputs are the stems of one loop (32-bit float, stereo).
//! Writes the second of two passes round the loop, mixed. Prints the processor time spent, in seconds of audio.
use std::error::Error;

type Stereo = [Vec<f32>; 2];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [engine, speed, semitones, out, inputs @ ..] = args.as_slice() else {
        return Err("usage: stretch-bench ENGINE SPEED SEMITONES OUT.wav IN.wav...".into());
    };
    let (speed, semitones): (f64, f64) = (speed.parse()?, semitones.parse()?);
    let read: Vec<(Stereo, u32)> = inputs.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let rate = read[0].1;
    let stems: Vec<Stereo> = read.into_iter().map(|(stem, _)| stem).collect();
    let num_frames = (stems[0][0].len() as f64 / speed).round() as usize;
    let begin = processor_s();
    let both = match engine.as_str() {
        "apart" => ours(&stems, rate, speed, semitones, num_frames * 2, dsp::stretch::Grouping::Apart),
        "together" => ours(&stems, rate, speed, semitones, num_frames * 2, dsp::stretch::Grouping::Together),
        "signalsmith" => signalsmith(&twice(&mix(&stems)), rate, speed, semitones, num_frames * 2),
        "timestretch" => timestretch(&twice(&mix(&stems)), rate, speed, semitones)?,
        other => return Err(format!("unknown engine {other}").into()),
    };
    println!("{:.6}", (processor_s() - begin) / (2.0 * num_frames as f64 / f64::from(rate)));
    write(out, rate, &both.map(|channel| channel.into_iter().skip(num_frames).take(num_frames).collect()))
}

/// Time this thread has had a processor, seconds.
fn processor_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) * 1e-9
}

fn ours(
    stems: &[Stereo],
    rate: u32,
    speed: f64,
    semitones: f64,
    num_frames: usize,
    grouping: dsp::stretch::Grouping,
) -> Stereo {
    use dsp::stretch::{MAX_STEMS, Motion, StretchMap, StretchOut, StretchSource, Stretcher};
    let slices: [Option<[&[f32]; 2]>; MAX_STEMS] =
        std::array::from_fn(|index| stems.get(index).map(|[left, right]| [left.as_slice(), right.as_slice()]));
    let none = [const { Vec::new() }; MAX_STEMS];
    let map = StretchMap::analyse(&slices, stems[0][0].len() as f64, f64::from(rate), grouping, &none);
    let source = StretchSource { stems: slices, map: &map };
    let mut stretcher = Stretcher::new(rate as f32);
    let mut mixed: Stereo = [vec![0.0; num_frames], vec![0.0; num_frames]];
    let mut buffers = [[[0.0f32; 64]; 2]; MAX_STEMS];
    for start in (0..num_frames).step_by(64) {
        let count = 64.min(num_frames - start);
        let mut out: StretchOut<'_> = [const { None }; MAX_STEMS];
        for (slot, [left, right]) in out.iter_mut().zip(&mut buffers).take(stems.len()) {
            *slot = Some([&mut left[..count], &mut right[..count]]);
        }
        let position = start as f64 * speed;
        let motion = Motion { position, speed, pitch_ratio: (semitones / 12.0).exp2(), rate_ratio: 1.0 };
        stretcher.process(&source, &motion, &mut out);
        for stem in buffers.iter().take(stems.len()) {
            for (mixed, stem) in mixed.iter_mut().zip(stem) {
                mixed[start..start + count].iter_mut().zip(stem).for_each(|(sum, x)| *sum += x);
            }
        }
    }
    mixed
}

fn signalsmith(input: &Stereo, rate: u32, speed: f64, semitones: f64, num_frames: usize) -> Stereo {
    let mut stretch = ssstretch::Stretch::with_seed(1);
    stretch.preset_default(2, rate as f32);
    stretch.set_transpose_semitones(semitones as f32, None);
    let latency = (f64::from(stretch.input_latency()) / speed) as usize + stretch.output_latency() as usize;
    let mut result: Stereo = [Vec::new(), Vec::new()];
    let (mut fed, mut turn) = (0usize, 0usize);
    while result[0].len() < num_frames + latency {
        turn += 1;
        let due = (turn as f64 * 256.0 * speed) as usize;
        let count = due - fed;
        let piece: Vec<Vec<f32>> =
            input.iter().map(|channel| (fed..due).map(|n| channel[n % channel.len()]).collect()).collect();
        let mut out = vec![vec![0.0f32; 256]; 2];
        stretch.process_vec(&piece, count as i32, &mut out, 256);
        for (result, out) in result.iter_mut().zip(&out) {
            result.extend_from_slice(out);
        }
        fed = due;
    }
    result.map(|channel| channel[latency..].to_vec())
}

fn timestretch(input: &Stereo, rate: u32, speed: f64, semitones: f64) -> Result<Stereo, Box<dyn Error>> {
    use timestretch::{Parameters, PitchRatio, SessionConfig, TempoRate};
    let frames: Vec<f32> = input[0].iter().zip(&input[1]).flat_map(|(l, r)| [*l, *r]).collect();
    let parameters = Parameters {
        tempo: TempoRate::from_bpm(100.0, 100.0 * speed)?,
        pitch: PitchRatio::from_semitones(semitones)?,
        ..Parameters::default()
    };
    let config = SessionConfig {
        source_sample_rate: rate,
        output_sample_rate: rate,
        channels: 2,
        parameters,
        ..SessionConfig::default()
    };
    let audio = timestretch::render(&frames, config)?;
    Ok([0, 1].map(|side| audio.samples.iter().skip(side).step_by(2).copied().collect()))
}

fn mix(stems: &[Stereo]) -> Stereo {
    let mut sum = stems[0].clone();
    for stem in &stems[1..] {
        for (sum, channel) in sum.iter_mut().zip(stem) {
            sum.iter_mut().zip(channel).for_each(|(sum, x)| *sum += x);
        }
    }
    sum
}

fn twice(audio: &Stereo) -> Stereo {
    audio.clone().map(|channel| [channel.clone(), channel].concat())
}

fn read(path: &str) -> Result<(Stereo, u32), Box<dyn Error>> {
    let mut reader = hound::WavReader::open(path)?;
    let rate = reader.spec().sample_rate;
    let all: Vec<f32> = reader.samples::<f32>().collect::<Result<_, _>>()?;
    Ok(([0, 1].map(|side| all.iter().skip(side).step_by(2).copied().collect()), rate))
}

fn write(path: &str, rate: u32, audio: &Stereo) -> Result<(), Box<dyn Error>> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec)?;
    for (left, right) in audio[0].iter().zip(&audio[1]) {
        writer.write_sample(*left)?;
        writer.write_sample(*right)?;
    }
    Ok(writer.finalize()?)
}
