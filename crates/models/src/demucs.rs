//! Demucs v4 ("hybrid transformer Demucs"): a mix into four stems or six. Numbers and order of steps are those of the
//! `demucs` package (MODELS.md 2.1), so that a file gives here what it gives there; the transforms are ours.
mod layout;
mod overlap;

use crate::spectrum::{PlaneSize, Stft, reflect_padded};
use crate::{ModelError, NamedStem, RunControl, Runtime, Session, Value};
use layout::{Binding, Layout};
use overlap::{Blend, Windows};
use std::path::{Path, PathBuf};

/// The rate that all of these models are made for.
pub const RATE_HZ: u32 = 44_100;
/// Stems of every model, in the order of its rows.
const NAMES: [&str; 6] = ["drums", "bass", "other", "vocals", "guitar", "piano"];
/// Offsets of the shift trick are below half a second, as in the package.
const MAX_SHIFT_FRAMES: usize = RATE_HZ as usize / 2;

/// One file, or the four of a fine-tuned bag.
pub struct Separator {
    members: Vec<Member>,
    num_shifts: usize,
}

/// A model of the bag.
struct Member {
    session: Session,
    layout: Layout,
    /// The only stem that is taken from it; None: all.
    only: Option<usize>,
}

/// What a separator is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// Silence before and after.
    Silent,
    /// The end goes over into the beginning.
    Closed,
}

impl Separator {
    /// Opens a model: a file of any layout, or a folder with one, or a folder with the four files of a fine-tuned bag,
    /// whose names say `drums`, `bass`, `other` and `vocals`.
    ///
    /// # Errors
    /// [`ModelError`]: missing, unreadable, or none of the layouts; names file and tensor.
    pub fn open(runtime: &Runtime, path: &Path, control: &RunControl) -> Result<Separator, ModelError> {
        let mut members = Vec::new();
        for (file, only) in member_files(path)? {
            let session = runtime.open(&file, control)?;
            let layout = Layout::of(&session)?;
            members.push(Member { session, layout, only });
        }
        Ok(Separator { members, num_shifts: 0 })
    }

    /// The same, but the mean of `num_shifts` runs at offsets that are the same every time: the package's `shifts`, some
    /// 0.2 dB better for each doubling of time. 0: one run without an offset.
    #[must_use]
    pub fn with_shifts(self, num_shifts: usize) -> Separator {
        Separator { num_shifts, ..self }
    }

    /// Names of the stems, as far as the file tells them before its first run.
    pub fn stem_names(&self) -> Vec<&'static str> {
        let count = self.members.first().and_then(|member| member.layout.num_stems).unwrap_or(4);
        NAMES[..count.min(NAMES.len())].to_vec()
    }

    /// Takes apart left and right at [`RATE_HZ`], as long as it is.
    ///
    /// # Errors
    /// [`ModelError`]; channels that are empty or not equally long are [`ModelError::Input`].
    pub fn separate(&self, mix: [&[f32]; 2], control: &RunControl) -> Result<Vec<NamedStem>, ModelError> {
        self.separate_with(mix, Ends::Silent, control)
    }

    /// Takes a loop apart: what comes before its beginning is its end. Stems go over into their beginnings as the mix
    /// does, and a loop shorter than the model's 7.8 s costs one run.
    ///
    /// # Errors
    /// As [`Separator::separate`].
    pub fn separate_loop(&self, mix: [&[f32]; 2], control: &RunControl) -> Result<Vec<NamedStem>, ModelError> {
        self.separate_with(mix, Ends::Closed, control)
    }

    fn separate_with(&self, mix: [&[f32]; 2], ends: Ends, control: &RunControl) -> Result<Vec<NamedStem>, ModelError> {
        let level = Level::of(mix)?;
        let normal = mix.map(|channel| channel.iter().map(|value| level.normal(*value)).collect::<Vec<f32>>());
        let num_runs = self.num_shifts.max(1) * self.members.len();
        let mut sums: Vec<Option<[Vec<f32>; 2]>> = Vec::new();
        for (number, member) in self.members.iter().enumerate() {
            for shift in 0..self.num_shifts.max(1) {
                let run = number * self.num_shifts.max(1) + shift;
                let part = control.within(run as f32 / num_runs as f32, (run + 1) as f32 / num_runs as f32);
                let delay = if self.num_shifts == 0 { 0 } else { shift_frames(shift) };
                let stems = member.shifted([&normal[0], &normal[1]], ends, delay, &part)?;
                sums.resize(sums.len().max(stems.len()), None);
                let wanted = |row: &usize| member.only.is_none_or(|only| only == *row);
                for (row, stem) in stems.into_iter().enumerate().filter(|(row, _)| wanted(row)) {
                    add(&mut sums[row], stem);
                }
            }
        }
        let weight = 1.0 / self.num_shifts.max(1) as f32;
        let stems = sums.into_iter().zip(NAMES).filter_map(|(sum, name)| {
            let [left, right] = sum?.map(|channel| channel.iter().map(|value| level.back(value * weight)).collect());
            Some(NamedStem { name: name.to_owned(), left, right })
        });
        Ok(stems.collect())
    }
}

impl Member {
    /// Separates the mix `delay` frames later than it is, and undoes the delay.
    fn shifted(
        &self,
        mix: [&[f32]; 2],
        ends: Ends,
        delay: usize,
        control: &RunControl,
    ) -> Result<Vec<[Vec<f32>; 2]>, ModelError> {
        if delay == 0 {
            return self.whole(mix, ends, control);
        }
        let later = mix.map(|channel| match ends {
            Ends::Silent => [&vec![0.0; delay], channel].concat(),
            Ends::Closed => {
                let cut = channel.len() - delay % channel.len();
                [&channel[cut..], &channel[..cut]].concat()
            }
        });
        let mut stems = self.whole([&later[0], &later[1]], ends, control)?;
        for channel in stems.iter_mut().flatten() {
            match ends {
                Ends::Silent => drop(channel.drain(..delay)),
                Ends::Closed => {
                    let turn = delay % channel.len();
                    channel.rotate_left(turn);
                }
            }
        }
        Ok(stems)
    }

    fn whole(&self, mix: [&[f32]; 2], ends: Ends, control: &RunControl) -> Result<Vec<[Vec<f32>; 2]>, ModelError> {
        let num_frames = mix[0].len();
        let windows = Windows::new(num_frames, self.layout.segment_frames, ends == Ends::Closed);
        let mut blends: Vec<[Blend; 2]> = Vec::new();
        for (number, window) in windows.iter().enumerate() {
            let share = number as f32 / windows.count() as f32;
            control.report(share, &format!("segment {} of {}", number + 1, windows.count()));
            let audio = mix.map(|channel| windows.cut(channel, window));
            let stems = self.segment([&audio[0], &audio[1]], control).map_err(|error| self.session.explain(error))?;
            blends.resize_with(stems.len(), || [Blend::new(num_frames), Blend::new(num_frames)]);
            for (blend, stem) in blends.iter_mut().flatten().zip(stems.iter().flatten()) {
                blend.add(&windows, window, stem);
            }
        }
        control.report(1.0, "separated");
        Ok(blends.into_iter().map(|pair| pair.map(Blend::finish)).collect())
    }

    /// One run of the model on exactly one segment.
    fn segment(&self, audio: [&[f32]; 2], control: &RunControl) -> Result<Vec<[Vec<f32>; 2]>, ModelError> {
        let (layout, segment) = (&self.layout, self.layout.segment_frames);
        let mix = Value::numbers(layout.mix.element, &[1, 2, segment], audio.concat())?;
        let Binding::Core { spectrum, freq, shape, stft } = &layout.binding else {
            let mut outputs = self.session.run(&[(&layout.mix.name, &mix)], control)?;
            return self.time_stems(&mut outputs);
        };
        let planes = self.spectrum(stft, shape, audio);
        let dims = [1, 4, shape.bins, shape.frames];
        let split = [1, 2, 2, shape.bins, shape.frames];
        let planes = Value::numbers(spectrum.element, if spectrum.dims.len() == 5 { &split } else { &dims }, planes)?;
        let mut outputs = self.session.run(&[(&layout.mix.name, &mix), (&spectrum.name, &planes)], control)?;
        let mut stems = self.time_stems(&mut outputs)?;
        let dims: Vec<usize> = if freq.dims.len() == 6 {
            vec![1, stems.len(), 2, 2, shape.bins, shape.frames]
        } else {
            vec![1, stems.len(), 4, shape.bins, shape.frames]
        };
        let freq = outputs.take_checked(&freq.name, &dims)?;
        let freq = freq.numbers_in_place().unwrap_or_default();
        for (stem, planes) in stems.iter_mut().zip(freq.chunks_exact(4 * shape.bins * shape.frames)) {
            control.check()?;
            self.add_spectrum(stft, *shape, planes, stem);
        }
        Ok(stems)
    }

    fn time_stems(&self, outputs: &mut crate::Outputs) -> Result<Vec<[Vec<f32>; 2]>, ModelError> {
        let segment = self.layout.segment_frames;
        let time = outputs.take(&self.layout.time.name)?;
        let num_stems = time.shape().get(1).copied().unwrap_or(0);
        let expected = self.layout.num_stems.unwrap_or(if num_stems == 6 { 6 } else { 4 });
        let time = outputs.checked(&self.layout.time.name, time, &[1, expected, 2, segment])?;
        let values = time.numbers_in_place().unwrap_or_default();
        Ok(values.chunks_exact(2 * segment).map(|pair| [pair[..segment].to_vec(), pair[segment..].to_vec()]).collect())
    }

    /// Padded so that there are as many frames as hops in the segment, none of them before it or after it.
    fn spectrum(&self, stft: &Stft, shape: &PlaneSize, audio: [&[f32]; 2]) -> Vec<f32> {
        let (left, total) = (layout::edge_frames(shape.bins), stft.num_samples(shape.frames));
        let padded = audio.map(|channel| reflect_padded(channel, left, total - left - channel.len()));
        // Both ways carry 1 / sqrt of the window's length.
        stft.planes([&padded[0], &padded[1]], *shape, 1.0 / (2.0 * shape.bins as f32).sqrt())
    }

    fn add_spectrum(&self, stft: &Stft, shape: PlaneSize, planes: &[f32], stem: &mut [Vec<f32>; 2]) {
        let (left, total) = (layout::edge_frames(shape.bins), stft.num_samples(shape.frames));
        let mut padded = [vec![0.0; total], vec![0.0; total]];
        let [a, b] = &mut padded;
        // 1.5: what squared Hann windows a quarter apart add up to.
        stft.add_planes(planes, shape, 1.0 / ((2.0 * shape.bins as f32).sqrt() * 1.5), [a, b]);
        for (out, found) in stem.iter_mut().zip(&padded) {
            for (out, value) in out.iter_mut().zip(&found[left..]) {
                *out += value;
            }
        }
    }
}

/// The mix's mean and spread, which the package takes out first and puts back at the end.
struct Level {
    mean: f32,
    spread: f32,
}

impl Level {
    fn of([left, right]: [&[f32]; 2]) -> Result<Level, ModelError> {
        let refused = |reason: &str| Err(ModelError::Input { reason: reason.to_owned() });
        if left.len() != right.len() || left.is_empty() {
            return refused("audio to be separated needs two channels of the same length, and at least one frame");
        }
        let mono = || left.iter().zip(right).map(|(left, right)| f64::from(0.5 * (left + right)));
        let count = left.len() as f64;
        let mean = mono().sum::<f64>() / count;
        let variance = mono().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0).max(1.0);
        if !variance.is_finite() {
            return refused("the audio holds values that are no numbers");
        }
        Ok(Level { mean: mean as f32, spread: variance.sqrt() as f32 + 1e-8 })
    }

    fn normal(&self, value: f32) -> f32 {
        (value - self.mean) / self.spread
    }

    fn back(&self, value: f32) -> f32 {
        value * self.spread + self.mean
    }
}

fn add(sum: &mut Option<[Vec<f32>; 2]>, stem: [Vec<f32>; 2]) {
    let Some(sum) = sum else {
        *sum = Some(stem);
        return;
    };
    for (sum, value) in sum.iter_mut().flatten().zip(stem.iter().flatten()) {
        *sum += value;
    }
}

/// Offsets spread evenly, none at 0, the same in every run.
fn shift_frames(number: usize) -> usize {
    // The golden ratio's multiples are far from each other, however many there are.
    let share = ((number + 1) as f64 * 0.618_033_988_749_895).fract();
    1 + (share * (MAX_SHIFT_FRAMES - 1) as f64) as usize
}

/// The files of a path and the stem each is for.
fn member_files(path: &Path) -> Result<Vec<(PathBuf, Option<usize>)>, ModelError> {
    if !path.is_dir() {
        return Ok(vec![(path.to_owned(), None)]);
    }
    let entries = std::fs::read_dir(path).map_err(|_| ModelError::Missing { file: path.to_owned() })?;
    let is_model = |file: &PathBuf| file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_model).collect();
    files.sort();
    if let [only] = files.as_slice() {
        return Ok(vec![(only.clone(), None)]);
    }
    let named = |name: &str| {
        let has =
            |file: &&PathBuf| file.file_stem().is_some_and(|stem| stem.to_string_lossy().to_lowercase().contains(name));
        files.iter().find(has)
    };
    let bag: Vec<_> =
        NAMES[..4].iter().enumerate().filter_map(|(row, name)| Some((named(name)?.clone(), Some(row)))).collect();
    if bag.len() == 4 {
        return Ok(bag);
    }
    Err(ModelError::WrongKind {
        file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        kind: "stem separation".to_owned(),
        reason: format!(
            "the folder holds {} model files; it takes one, or four whose names say drums, bass, other and vocals",
            files.len()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_are_inside_half_a_second_and_differ() {
        let mut shifts: Vec<usize> = (0..20).map(shift_frames).collect();
        assert!(shifts.iter().all(|shift| (1..MAX_SHIFT_FRAMES).contains(shift)));
        shifts.sort();
        shifts.dedup();
        assert_eq!(shifts.len(), 20);
    }

    #[test]
    fn a_folder_of_two_files_is_no_bag() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["htdemucs_ft_drums.onnx", "htdemucs_ft_bass.onnx"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let said = member_files(dir.path()).unwrap_err().to_string();
        assert!(said.contains("holds 2 model files"), "{said}");
        for name in ["htdemucs_ft_vocals.onnx", "htdemucs_ft_other.onnx"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let rows: Vec<_> = member_files(dir.path())
            .unwrap()
            .into_iter()
            .map(|(file, row)| (file.file_name().unwrap().to_string_lossy().into_owned(), row.unwrap()))
            .collect();
        assert_eq!(rows[0], ("htdemucs_ft_drums.onnx".to_owned(), 0));
        assert_eq!(rows[3], ("htdemucs_ft_vocals.onnx".to_owned(), 3));
    }

    #[test]
    fn audio_that_is_no_audio_is_refused() {
        assert!(Level::of([&[], &[]]).is_err());
        assert!(Level::of([&[0.0, 1.0], &[0.0]]).is_err());
        assert!(Level::of([&[0.0, f32::NAN], &[0.0, 0.0]]).is_err());
        assert_eq!(Level::of([&[0.5], &[0.5]]).unwrap().normal(0.5), 0.0);
    }
}
