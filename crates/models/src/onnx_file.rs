//! What an `.onnx` file holds, read without ONNX Runtime: its constants and where their numbers are.
//!
//! ONNX Runtime says little about a file that it refuses. This finds the tensor at which a file is cut off, the data file
//! that is missing beside it, and the first weight that is no number. It reads names and lengths and skips everything
//! else, so that a file of 2 GB takes milliseconds.
mod walk;

use crate::ModelError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use walk::{Stop, Walk};

/// How a tensor's numbers are stored, as far as this module looks at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    F32,
    F16,
    Other,
}

/// A range of bytes in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// `None`: in the model itself. Else the name that the model gives, relative to its folder.
    data_file: Option<String>,
    start: u64,
    /// `None`: to the end of the data file.
    num_bytes: Option<u64>,
}

/// A constant of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tensor {
    name: String,
    element: Element,
    place: Option<Place>,
}

/// The constants of one model file.
#[derive(Debug)]
pub(crate) struct OnnxFile {
    path: PathBuf,
    tensors: Vec<Tensor>,
}

impl OnnxFile {
    /// Reads the list of constants, those of subgraphs included.
    ///
    /// # Errors
    /// `Missing`; `Unreadable` for a file that is cut off, with the tensor where, or no model at all.
    pub(crate) fn read(path: &Path) -> Result<Self, ModelError> {
        let file = File::open(path).map_err(|_| ModelError::Missing { file: path.to_owned() })?;
        let num_bytes = file.metadata().map_err(|error| unreadable(path, error))?.len();
        let mut walk = Walk::new(file);
        let outcome = walk.model(num_bytes);
        match outcome {
            Ok(()) if walk.num_graphs > 0 => Ok(Self { path: path.to_owned(), tensors: walk.tensors }),
            Err(Stop::End) if walk.num_graphs > 0 && walk.current.is_empty() => {
                Err(unreadable(path, "it is cut off; download it again"))
            }
            Err(Stop::End) if walk.num_graphs > 0 => {
                Err(unreadable(path, format!("it is cut off in tensor `{}`; download it again", walk.current)))
            }
            Ok(()) | Err(Stop::End | Stop::Nonsense) => Err(unreadable(path, "it is no ONNX file")),
            Err(Stop::Io(error)) => Err(unreadable(path, error)),
        }
    }

    /// Every data file that the model names is there and long enough.
    ///
    /// # Errors
    /// `Unreadable` with the first tensor whose numbers are missing, and where they should be.
    pub(crate) fn check_data_files(&self) -> Result<(), ModelError> {
        for Tensor { name: tensor, place, .. } in &self.tensors {
            let Some(Place { data_file: Some(name), start, num_bytes }) = place else { continue };
            let length = self.data_path(name).and_then(|path| path.metadata().ok()).map(|meta| meta.len());
            let problem = match length {
                None => "is not there",
                Some(length) if length < start.saturating_add(num_bytes.unwrap_or(0)) => "is cut off",
                Some(_) => continue,
            };
            let reason = format!("tensor `{tensor}` is in `{name}`, which {problem}; put the whole file beside it");
            return Err(unreadable(&self.path, reason));
        }
        Ok(())
    }

    /// Every 32-bit and 16-bit float weight is a number. Reads the whole file: a second for each GB or two.
    ///
    /// # Errors
    /// `Unreadable` with the first tensor that is not.
    pub(crate) fn check_numbers(&self) -> Result<(), ModelError> {
        for tensor in &self.tensors {
            let Some(place) = tensor.place.as_ref().filter(|_| tensor.element != Element::Other) else { continue };
            let file = match &place.data_file {
                None => Some(self.path.clone()),
                Some(name) => self.data_path(name),
            };
            let Some(file) = file else { continue };
            if !are_numbers(&file, place, tensor.element).map_err(|error| unreadable(&self.path, error))? {
                let reason = format!("tensor `{}` has a weight that is not a number; download it again", tensor.name);
                return Err(unreadable(&self.path, reason));
            }
        }
        Ok(())
    }

    /// `None` for a name that leads out of the model's folder.
    fn data_path(&self, name: &str) -> Option<PathBuf> {
        let is_inside =
            Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let folder = self.path.parent().unwrap_or(Path::new(""));
        is_inside.then(|| folder.join(name))
    }
}

fn unreadable(path: &Path, reason: impl ToString) -> ModelError {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    ModelError::Unreadable { file, reason: reason.to_string() }
}

/// No NaN in a range of a file. Infinities pass: attention masks have them on purpose.
fn are_numbers(file: &Path, place: &Place, element: Element) -> std::io::Result<bool> {
    let mut input = File::open(file)?;
    input.seek(SeekFrom::Start(place.start))?;
    let mut input = input.take(place.num_bytes.unwrap_or(u64::MAX));
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        let num_bytes = fill(&mut input, &mut buffer)?;
        let bytes = &buffer[..num_bytes];
        let is_fine = match element {
            Element::F32 => bytes.chunks_exact(4).all(|b| !f32::from_le_bytes([b[0], b[1], b[2], b[3]]).is_nan()),
            // NaN: all ones in the exponent and anything in the fraction.
            Element::F16 => bytes.chunks_exact(2).all(|b| u16::from_le_bytes([b[0], b[1]]) & 0x7fff <= 0x7c00),
            Element::Other => true,
        };
        if !is_fine || num_bytes < buffer.len() {
            return Ok(is_fine);
        }
    }
}

/// Reads until the buffer is full or the input ends.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match input.read(&mut buffer[done..])? {
            0 => break,
            got => done += got,
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        // A length in two bytes, as writers of protobuf may: 7 bits in each, the first marked as not the last.
        let length = [bytes.len() as u8 | 0x80, (bytes.len() >> 7) as u8];
        [&[number << 3 | 2], &length[..], bytes].concat()
    }

    /// A tensor of 32-bit floats: data type 1, name, raw data.
    fn tensor(name: &str, values: &[f32]) -> Vec<u8> {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        [vec![2 << 3, 1], field(8, name.as_bytes()), field(9, &raw)].concat()
    }

    /// A tensor whose numbers are bytes `start..start + 8` of `weights.bin`.
    fn elsewhere(name: &str, start: &str) -> Vec<u8> {
        let entry =
            |key: &str, value: &str| field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat());
        let entries = [entry("location", "weights.bin"), entry("offset", start), entry("length", "8")].concat();
        [vec![2 << 3, 1], field(8, name.as_bytes()), entries].concat()
    }

    /// A model whose graph has these constants, the last one inside the branch of a node.
    fn model(tensors: &[Vec<u8>]) -> Vec<u8> {
        let (last, first) = tensors.split_last().unwrap();
        let branch = field(1, &field(5, &field(6, &field(5, last))));
        let graph: Vec<u8> = first.iter().flat_map(|tensor| field(5, tensor)).chain(branch).collect();
        [vec![1 << 3, 8], field(7, &graph)].concat()
    }

    fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.onnx");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn a_cut_file_names_the_tensor_at_the_cut() {
        let whole = model(&[tensor("first", &[1.0, 2.0]), tensor("second", &[3.0])]);
        let (_folder, path) = written(&whole);
        assert_eq!(OnnxFile::read(&path).unwrap().tensors.len(), 2);
        for (missing, tensor) in [(1, "second"), (33, "first")] {
            let (_folder, path) = written(&whole[..whole.len() - missing]);
            let error = OnnxFile::read(&path).unwrap_err().to_string();
            assert!(error.contains("`m.onnx`") && error.contains(&format!("`{tensor}`")), "{missing}: {error}");
        }
    }

    #[test]
    fn every_cut_is_an_error_and_none_panics() {
        let whole = model(&[tensor("first", &[1.0, 2.0]), elsewhere("second", "0")]);
        for length in 0..whole.len() {
            let (_folder, path) = written(&whole[..length]);
            assert!(OnnxFile::read(&path).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn what_is_no_model_says_so() {
        for bytes in [&b"<html>not found</html>"[..], &[0; 64], &[0xff; 64]] {
            let (_folder, path) = written(bytes);
            assert!(OnnxFile::read(&path).unwrap_err().to_string().contains("no ONNX file"));
        }
    }

    #[test]
    fn data_files_that_are_missing_or_cut_are_named_with_the_tensor() {
        let (folder, path) = written(&model(&[elsewhere("first", "0"), elsewhere("second", "8")]));
        let check = || OnnxFile::read(&path).unwrap().check_data_files().map_err(|error| error.to_string());
        let error = check().unwrap_err();
        assert!(error.contains("`first` is in `weights.bin`, which is not there"), "{error}");
        std::fs::write(folder.path().join("weights.bin"), [0; 12]).unwrap();
        let error = check().unwrap_err();
        assert!(error.contains("`second` is in `weights.bin`, which is cut off"), "{error}");
        std::fs::write(folder.path().join("weights.bin"), [0; 16]).unwrap();
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn the_first_weight_that_is_no_number_is_named() {
        let (_folder, path) = written(&model(&[tensor("mask", &[f32::NEG_INFINITY]), tensor("bad", &[1.0, f32::NAN])]));
        let error = OnnxFile::read(&path).unwrap().check_numbers().unwrap_err().to_string();
        assert!(error.contains("`bad`") && error.contains("`m.onnx`"), "{error}");
        let (folder, path) = written(&model(&[elsewhere("fine", "0"), elsewhere("bad", "8")]));
        let numbers: Vec<u8> = [1.0, 2.0, f32::NAN, 4.0_f32].iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(folder.path().join("weights.bin"), numbers).unwrap();
        let error = OnnxFile::read(&path).unwrap().check_numbers().unwrap_err().to_string();
        assert!(error.contains("`bad`"), "{error}");
    }
}
