//! MDX-Net, as Ultimate Vocal Remover's users hold it: one file takes one stem out of a mix, and what is left is the
//! other. The graph works on spectra; how long their window was is not in it (MODELS.md 2.3).
mod known;

use crate::spectrum::{PlaneSize, Stft, reflect_padded};
use crate::{Dim, ModelError, NamedStem, RunControl, Runtime, Session, TensorInfo, Value};
use known::KNOWN;
use md5::{Digest, Md5};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The rate that all of these models are made for.
pub const RATE_HZ: u32 = 44_100;
/// From one spectrum to the next, in frames of audio; the same in all of them.
const HOP: usize = 1024;
/// The models were trained without the lowest bins.
const SILENT_BINS: usize = 3;
/// The end of a file that it is known by.
const HASHED_BYTES: u64 = 10_240_000;

/// What a file does not tell about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct MdxSettings {
    /// Frames of audio in a spectrum, 2048..=32768, even. Most have 6144 or 7680, some 4096, 5120, 8192 or 16384.
    pub window_frames: usize,
    /// The output is multiplied by this, 0.5..=2.0.
    pub gain: f32,
    /// What the output is: `vocals`, `instrumental`, `drums`, `bass` or `other`.
    pub stem: String,
}

impl MdxSettings {
    /// Looks a file up in the list of published ones.
    ///
    /// # Errors
    /// [`ModelError::Missing`] if it cannot be read; an unknown one is `Ok(None)`.
    pub fn of_file(file: &Path) -> Result<Option<MdxSettings>, ModelError> {
        let hash = tail_hash(file).map_err(|_| ModelError::Missing { file: file.to_owned() })?;
        let row = KNOWN.iter().find(|(known, ..)| *known == hash);
        let settings = |(_, window_frames, gain, stem): &(u128, usize, f32, &str)| MdxSettings {
            window_frames: *window_frames,
            gain: *gain,
            stem: (*stem).to_owned(),
        };
        Ok(row.map(settings))
    }

    /// The other half of the mix.
    fn rest(&self) -> &'static str {
        match self.stem.as_str() {
            "vocals" => "instrumental",
            "instrumental" => "vocals",
            _ => "rest",
        }
    }
}

/// An open model.
pub struct Separator {
    session: Session,
    settings: MdxSettings,
    input: TensorInfo,
    output: String,
    shape: PlaneSize,
    stft: Stft,
    envelope: Vec<f32>,
}

impl Separator {
    /// Opens a file. `settings` are the user's; without them the file must be one of the published ones.
    ///
    /// # Errors
    /// [`ModelError`]; [`ModelError::Setting`] asks for the window where it is unknown or too short.
    pub fn open(
        runtime: &Runtime,
        file: &Path,
        settings: Option<MdxSettings>,
        control: &RunControl,
    ) -> Result<Separator, ModelError> {
        let session = runtime.open(file, control)?;
        let (input, output, shape) = shape_of(&session)?;
        let settings = match settings {
            Some(settings) => settings,
            None => MdxSettings::of_file(file)?.ok_or_else(|| unknown_window(&session, shape))?,
        };
        let window = settings.window_frames;
        let chunk_frames = HOP * (shape.frames - 1);
        if !window.is_multiple_of(2) || shape.bins > window / 2 + 1 || window >= chunk_frames || window > 32_768 {
            return Err(unknown_window(&session, shape));
        }
        let stft = Stft::new(window, HOP);
        let envelope = stft.envelope(shape.frames);
        Ok(Separator { session, settings, input, output, shape, stft, envelope })
    }

    /// The two stems that come out.
    pub fn stem_names(&self) -> [&str; 2] {
        [&self.settings.stem, self.settings.rest()]
    }

    /// Takes apart left and right at [`RATE_HZ`]: the model's stem, then what is left of the mix.
    ///
    /// # Errors
    /// [`ModelError`]; channels that are empty or not equally long are [`ModelError::Input`].
    pub fn separate(&self, mix: [&[f32]; 2], control: &RunControl) -> Result<Vec<NamedStem>, ModelError> {
        let stem = self.stem(mix, control)?;
        let rest =
            [0, 1].map(|channel| mix[channel].iter().zip(&stem[channel]).map(|(mix, stem)| mix - stem).collect());
        let [[left, right], [rest_left, rest_right]] = [stem, rest];
        Ok(vec![
            NamedStem { name: self.settings.stem.clone(), left, right },
            NamedStem { name: self.settings.rest().to_owned(), left: rest_left, right: rest_right },
        ])
    }

    /// Takes a loop apart: what comes before its beginning is its end.
    ///
    /// # Errors
    /// As [`Separator::separate`].
    pub fn separate_loop(&self, mix: [&[f32]; 2], control: &RunControl) -> Result<Vec<NamedStem>, ModelError> {
        let num_frames = mix[0].len();
        let margin = HOP * (self.shape.frames - 1);
        let around = mix.map(|channel| {
            let start = channel.len() - margin % channel.len().max(1);
            channel.iter().cycle().skip(start).take(num_frames + 2 * margin).copied().collect::<Vec<f32>>()
        });
        let mut stems = self.separate([&around[0], &around[1]], control)?;
        for channel in stems.iter_mut().flat_map(|stem| [&mut stem.left, &mut stem.right]) {
            channel.drain(..margin.min(channel.len()));
            channel.truncate(num_frames);
        }
        Ok(stems)
    }

    fn stem(&self, mix: [&[f32]; 2], control: &RunControl) -> Result<[Vec<f32>; 2], ModelError> {
        let num_frames = mix[0].len();
        if num_frames == 0 || mix[1].len() != num_frames {
            let reason = "audio to be separated needs two channels of the same length, and at least one frame";
            return Err(ModelError::Input { reason: reason.to_owned() });
        }
        let (chunk, trim) = (HOP * (self.shape.frames - 1), self.settings.window_frames / 2);
        // Half a window of silence first, and after the end as much as completes a chunk.
        let inner = chunk - 2 * trim;
        let total = trim + num_frames + inner + trim - num_frames % inner;
        let padded = mix.map(|channel| {
            let mut padded = vec![0.0; total];
            padded[trim..trim + num_frames].copy_from_slice(channel);
            padded
        });
        let mut sums = [vec![0.0f32; total], vec![0.0f32; total]];
        let mut weights = vec![0.0f32; total];
        let starts: Vec<usize> = (0..total).step_by(chunk * 3 / 4).collect();
        for (number, start) in starts.iter().copied().enumerate() {
            let share = number as f32 / starts.len() as f32;
            control.report(share, &format!("chunk {} of {}", number + 1, starts.len()));
            let end = total.min(start + chunk);
            let made = self.chunk([&padded[0][start..end], &padded[1][start..end]], chunk, control)?;
            let fade = hann(end - start);
            for (sum, made) in sums.iter_mut().zip(&made) {
                for ((sum, value), weight) in sum[start..end].iter_mut().zip(made).zip(&fade) {
                    *sum += value * weight;
                }
            }
            for (sum, weight) in weights[start..end].iter_mut().zip(&fade) {
                *sum += weight;
            }
        }
        control.report(1.0, "separated");
        let gain = self.settings.gain;
        Ok(sums.map(|sum| {
            let values = sum.iter().zip(&weights).skip(trim).take(num_frames);
            values.map(|(sum, weight)| if *weight > 0.0 { sum / weight * gain } else { 0.0 }).collect()
        }))
    }

    /// One run of the model.
    fn chunk(&self, audio: [&[f32]; 2], chunk: usize, control: &RunControl) -> Result<[Vec<f32>; 2], ModelError> {
        let half = self.settings.window_frames / 2;
        let centred = audio.map(|channel| {
            let mut whole = channel.to_vec();
            whole.resize(chunk, 0.0);
            reflect_padded(&whole, half, half)
        });
        let mut planes = self.stft.planes([&centred[0], &centred[1]], self.shape, 1.0);
        let PlaneSize { bins, frames } = self.shape;
        for plane in planes.chunks_exact_mut(bins * frames) {
            plane[..SILENT_BINS.min(bins) * frames].fill(0.0);
        }
        let dims = [1, 4, bins, frames];
        let planes = Value::numbers(self.input.element, &dims, planes)?;
        let mut outputs = self.session.run(&[(&self.input.name, &planes)], control)?;
        let made = outputs.take_checked(&self.output, &dims).map_err(|error| self.session.explain(error))?;
        let mut sound = [vec![0.0; chunk + 2 * half], vec![0.0; chunk + 2 * half]];
        let [left, right] = &mut sound;
        let scale = 1.0 / self.settings.window_frames as f32;
        self.stft.add_planes(&made.numbers_in_place().unwrap_or_default(), self.shape, scale, [left, right]);
        Ok(sound.map(|channel| {
            let pairs = channel.iter().zip(&self.envelope).skip(half).take(chunk);
            pairs.map(|(value, weight)| value / weight.max(1e-8)).collect()
        }))
    }
}

/// The tensors of a model with one input and one output of four planes.
fn shape_of(session: &Session) -> Result<(TensorInfo, String, PlaneSize), ModelError> {
    use Dim::{Any, Is};
    let wrong = || ModelError::WrongKind {
        file: session.file().to_owned(),
        kind: "MDX-Net".to_owned(),
        reason: session.describe(),
    };
    let ([input], [output]) = (session.inputs(), session.outputs()) else { return Err(wrong()) };
    if !input.matches(&[Any, Is(4), Any, Any]) || !output.matches(&[Any, Is(4), Any, Any]) {
        return Err(wrong());
    }
    let size = |place: usize| input.dims[place].or(output.dims[place]).filter(|size| *size > 1);
    let (Some(bins), Some(frames)) = (size(2), size(3)) else { return Err(wrong()) };
    session.require_output(&output.name, &[Any, Is(4), Is(bins), Is(frames)])?;
    Ok((input.clone(), output.name.clone(), PlaneSize { bins, frames }))
}

fn unknown_window(session: &Session, shape: PlaneSize) -> ModelError {
    ModelError::Setting {
        file: session.file().to_owned(),
        reason: format!(
            "the window that it was trained with is not in the file; give one that is even, at least {} and less than {}: \
             with {} bins most have {}",
            2 * shape.bins - 2,
            HOP * (shape.frames - 1),
            shape.bins,
            if shape.bins >= 3072 { "7680 or 6144" } else { "6144, some 5120, 4096, 8192 or 16384" }
        ),
    }
}

fn tail_hash(file: &Path) -> std::io::Result<u128> {
    let mut file = File::open(file)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(HASHED_BYTES)))?;
    let mut hasher = Md5::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block)? {
            0 => break,
            count => hasher.update(&block[..count]),
        }
    }
    Ok(u128::from_be_bytes(hasher.finalize().into()))
}

/// A Hann window whose ends are both 0.
fn hann(num_frames: usize) -> Vec<f32> {
    let turn = std::f64::consts::TAU / num_frames.saturating_sub(1).max(1) as f64;
    (0..num_frames).map(|i| (0.5 - 0.5 * libm::cos(turn * i as f64)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_last_ten_million_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let (long, end) = (dir.path().join("long"), dir.path().join("end"));
        let bytes: Vec<u8> = (0..HASHED_BYTES + 7).map(|i| (i % 251) as u8).collect();
        std::fs::write(&long, &bytes).unwrap();
        std::fs::write(&end, &bytes[7..]).unwrap();
        assert_eq!(tail_hash(&long).unwrap(), tail_hash(&end).unwrap());
        std::fs::write(&end, "abc").unwrap();
        // RFC 1321's own test.
        assert_eq!(tail_hash(&end).unwrap(), 0x9001_5098_3cd2_4fb0_d696_3f7d_28e1_7f72);
        assert_eq!(MdxSettings::of_file(&end).unwrap(), None);
    }

    #[test]
    fn every_known_window_is_even_and_every_hash_there_once() {
        assert!(KNOWN.iter().all(|(_, window, gain, _)| window % 2 == 0 && (0.5..=2.0).contains(gain)));
        assert!(KNOWN.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
