//! Which files of a folder make a MusicGen. People keep them as the publishers do:
//!
//! - `config.json`, `tokenizer.json` and the models in one folder, or the models in its subfolder `onnx`;
//! - several number formats side by side, told apart by an ending such as `_quantized`;
//! - the decoder as one merged file or as a pair (first step, later steps);
//! - `small` with the settings beside `small_fp32`, `small_i8`, `small_fp16` with the models, where `small_i8` has the
//!   decoder alone.
use crate::ModelError;
use std::path::{Path, PathBuf};

/// The number format of a model file, by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32-bit floating point; no ending.
    Fp32,
    /// `_fp16`.
    Fp16,
    /// `_int8`.
    Int8,
    /// `_uint8`.
    Uint8,
    /// `_quantized`: 8 bits, signed or not.
    Quantized,
    /// `_q4`: 4-bit weights.
    Q4,
    /// `_q4f16`: 4-bit weights, 16-bit arithmetic.
    Q4F16,
    /// `_bnb4`: 4-bit weights of another kind.
    Bnb4,
}

impl Precision {
    /// What follows the model's name.
    pub fn suffix(self) -> &'static str {
        match self {
            Precision::Fp32 => "",
            Precision::Fp16 => "_fp16",
            Precision::Int8 => "_int8",
            Precision::Uint8 => "_uint8",
            Precision::Quantized => "_quantized",
            Precision::Q4 => "_q4",
            Precision::Q4F16 => "_q4f16",
            Precision::Bnb4 => "_bnb4",
        }
    }

    /// Fastest first on a processor: a step reads every weight, so small ones win (MODELS.md 8.2); 16-bit arithmetic is
    /// emulated there and comes last.
    const FOR_DECODER: [Precision; 8] = [
        Precision::Q4,
        Precision::Quantized,
        Precision::Int8,
        Precision::Uint8,
        Precision::Bnb4,
        Precision::Fp32,
        Precision::Fp16,
        Precision::Q4F16,
    ];
    /// Best first: these two run once, and what they lose is heard.
    const FOR_THE_REST: [Precision; 8] = [
        Precision::Fp32,
        Precision::Fp16,
        Precision::Quantized,
        Precision::Int8,
        Precision::Uint8,
        Precision::Q4,
        Precision::Q4F16,
        Precision::Bnb4,
    ];
}

/// The decoder's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecoderFiles {
    /// One file for the first and the later steps.
    Merged(PathBuf),
    /// A file for each.
    Split {
        /// `decoder_model`.
        first: PathBuf,
        /// `decoder_with_past_model`.
        later: PathBuf,
    },
}

/// The files of one MusicGen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// `config.json`.
    pub config: PathBuf,
    /// `tokenizer.json`.
    pub tokenizer: PathBuf,
    /// `text_encoder`.
    pub text_encoder: PathBuf,
    /// The decoder.
    pub decoder: DecoderFiles,
    /// `encodec_decode`.
    pub encodec: PathBuf,
}

/// Name of the sound decoder's file.
const ENCODEC: &str = "encodec_decode";
const TEXT_ENCODER: &str = "text_encoder";
const MERGED: &str = "decoder_model_merged";
const FIRST: &str = "decoder_model";
const LATER: &str = "decoder_with_past_model";
/// Endings of sibling folders with the models of `small`, `medium` or `large`; fastest first.
const SIBLINGS: [&str; 3] = ["_i8", "_fp32", "_fp16"];

impl Layout {
    /// Every file, settings first.
    pub fn files(&self) -> Vec<&Path> {
        let mut files = vec![self.config.as_path(), &self.tokenizer, &self.text_encoder, &self.encodec];
        match &self.decoder {
            DecoderFiles::Merged(file) => files.push(file),
            DecoderFiles::Split { first, later } => files.extend([first.as_path(), later]),
        }
        files
    }

    /// Looks into `folder` and around it. `wanted` asks for a number format of the decoder; otherwise the fastest that is
    /// there is taken.
    ///
    /// # Errors
    /// `Missing` with the first file that is not there; `WrongKind` for a folder without any, or a decoder that is only
    /// half there.
    pub fn find(folder: &Path, wanted: Option<Precision>) -> Result<Layout, ModelError> {
        if !folder.is_dir() {
            return Err(ModelError::Missing { file: folder.to_owned() });
        }
        let places = model_folders(folder);
        let wanted_only = wanted.map(|precision| [precision]);
        let precisions: &[Precision] = wanted_only.as_ref().map_or(&Precision::FOR_DECODER, |only| only);
        let decoder = places.iter().find_map(|place| decoder_in(place, precisions));
        let Some(decoder) = decoder else { return Err(no_decoder(folder, &places, wanted)) };
        let rest = |name: &str| {
            let found = places.iter().find_map(|place| model_in(place, name, &Precision::FOR_THE_REST));
            found.ok_or_else(|| ModelError::Missing { file: places[0].join(format!("{name}.onnx")) })
        };
        let settings = settings_folders(folder);
        let setting = |name: &str| {
            let found = settings.iter().map(|place| place.join(name)).find(|file| file.is_file());
            found.ok_or_else(|| ModelError::Missing { file: settings[0].join(name) })
        };
        Ok(Layout {
            config: setting("config.json")?,
            tokenizer: setting("tokenizer.json")?,
            text_encoder: rest(TEXT_ENCODER)?,
            decoder,
            encodec: rest(ENCODEC)?,
        })
    }
}

/// Where model files may be, in the order they are preferred.
fn model_folders(folder: &Path) -> Vec<PathBuf> {
    let mut places = vec![folder.to_owned(), folder.join("onnx")];
    if let Some((parent, name)) = parent_and_name(folder) {
        let size = size_of(&name).unwrap_or(&name);
        places.extend(SIBLINGS.iter().map(|ending| parent.join(format!("{size}{ending}"))));
    }
    places.retain(|place| place.is_dir());
    places
}

/// Where `config.json` and `tokenizer.json` may be.
fn settings_folders(folder: &Path) -> Vec<PathBuf> {
    let mut places = vec![folder.to_owned()];
    if let Some((parent, name)) = parent_and_name(folder) {
        if let Some(size) = size_of(&name) {
            places.push(parent.join(size));
        }
        // Somebody pointed at the subfolder `onnx` itself.
        places.push(parent);
    }
    places
}

fn parent_and_name(folder: &Path) -> Option<(PathBuf, String)> {
    let folder = std::path::absolute(folder).ok()?;
    Some((folder.parent()?.to_owned(), folder.file_name()?.to_str()?.to_owned()))
}

/// `small` of `small_i8`.
fn size_of(name: &str) -> Option<&str> {
    SIBLINGS.iter().find_map(|ending| name.strip_suffix(ending))
}

fn decoder_in(place: &Path, precisions: &[Precision]) -> Option<DecoderFiles> {
    precisions.iter().find_map(|precision| {
        let file = |name: &str| Some(place.join(format!("{name}{}.onnx", precision.suffix()))).filter(|f| f.is_file());
        // The pair holds nearly every weight twice.
        let merged = file(MERGED).map(DecoderFiles::Merged);
        merged.or_else(|| Some(DecoderFiles::Split { first: file(FIRST)?, later: file(LATER)? }))
    })
}

fn model_in(place: &Path, name: &str, precisions: &[Precision]) -> Option<PathBuf> {
    let files = precisions.iter().map(|precision| place.join(format!("{name}{}.onnx", precision.suffix())));
    files.into_iter().find(|file| file.is_file())
}

/// The sentence for a folder without a whole decoder.
fn no_decoder(folder: &Path, places: &[PathBuf], wanted: Option<Precision>) -> ModelError {
    let precisions = wanted.map_or(Precision::FOR_DECODER.to_vec(), |only| vec![only]);
    let half = |name: &str| places.iter().find_map(|place| model_in(place, name, &precisions));
    for (here, missing) in [(FIRST, LATER), (LATER, FIRST)] {
        if let Some(file) = half(here) {
            let name = file.file_name().unwrap_or_default().to_string_lossy().replace(here, missing);
            return ModelError::Missing { file: file.with_file_name(name) };
        }
    }
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
    let suffix = wanted.map_or("", Precision::suffix);
    ModelError::WrongKind {
        file: name,
        kind: "MusicGen".to_owned(),
        reason: format!(
            "neither `{MERGED}{suffix}.onnx` nor `{FIRST}{suffix}.onnx` is in it or in its subfolder `onnx`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        root
    }

    fn found(root: &Path, folder: &str, wanted: Option<Precision>) -> Result<Vec<String>, ModelError> {
        let layout = Layout::find(&root.join(folder), wanted)?;
        let root = std::path::absolute(root).unwrap();
        let shown = |file: &Path| file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        Ok(layout.files().into_iter().map(shown).collect())
    }

    #[test]
    fn the_fastest_decoder_of_an_onnx_folder_is_taken_with_the_best_of_the_rest() {
        let root = folder(&[
            "config.json",
            "tokenizer.json",
            "onnx/text_encoder.onnx",
            "onnx/text_encoder_fp16.onnx",
            "onnx/encodec_decode_fp16.onnx",
            "onnx/decoder_model_merged.onnx",
            "onnx/decoder_model_merged_fp16.onnx",
            "onnx/decoder_model_merged_quantized.onnx",
        ]);
        let rest = ["config.json", "tokenizer.json", "onnx/text_encoder.onnx", "onnx/encodec_decode_fp16.onnx"];
        let with = |decoder: &str| rest.iter().map(ToString::to_string).chain([decoder.to_owned()]).collect::<Vec<_>>();
        assert_eq!(found(root.path(), "", None), Ok(with("onnx/decoder_model_merged_quantized.onnx")));
        assert_eq!(found(root.path(), "onnx", None), Ok(with("onnx/decoder_model_merged_quantized.onnx")));
        assert_eq!(found(root.path(), "", Some(Precision::Fp16)), Ok(with("onnx/decoder_model_merged_fp16.onnx")));
        let error = found(root.path(), "", Some(Precision::Q4)).unwrap_err().to_string();
        assert!(error.contains("decoder_model_merged_q4.onnx"), "{error}");
    }

    #[test]
    fn every_ending_is_known() {
        for precision in Precision::FOR_DECODER {
            let decoder = format!("decoder_model_merged{}.onnx", precision.suffix());
            let root = folder(&["config.json", "tokenizer.json", "text_encoder.onnx", "encodec_decode.onnx", &decoder]);
            assert_eq!(found(root.path(), "", None).unwrap()[4], decoder);
        }
    }

    #[test]
    fn an_eight_bit_folder_borrows_from_its_sibling() {
        let root = folder(&[
            "small/config.json",
            "small/tokenizer.json",
            "small_fp32/text_encoder.onnx",
            "small_fp32/encodec_decode.onnx",
            "small_fp32/decoder_model_merged.onnx",
            "small_i8/decoder_model.onnx",
            "small_i8/decoder_with_past_model.onnx",
        ]);
        let rest = [
            "small/config.json",
            "small/tokenizer.json",
            "small_fp32/text_encoder.onnx",
            "small_fp32/encodec_decode.onnx",
        ];
        let with = |decoder: &[&str]| rest.iter().chain(decoder).map(ToString::to_string).collect::<Vec<_>>();
        let eight_bits = with(&["small_i8/decoder_model.onnx", "small_i8/decoder_with_past_model.onnx"]);
        assert_eq!(found(root.path(), "small_i8", None), Ok(eight_bits.clone()));
        assert_eq!(found(root.path(), "small", None), Ok(eight_bits));
        assert_eq!(found(root.path(), "small_fp32", None), Ok(with(&["small_fp32/decoder_model_merged.onnx"])));
    }

    #[test]
    fn what_is_missing_is_named() {
        let root = folder(&["config.json", "text_encoder.onnx", "encodec_decode.onnx", "decoder_model.onnx"]);
        let error = |root: &Path| found(root, "", None).unwrap_err().to_string();
        assert!(error(root.path()).ends_with("decoder_with_past_model.onnx`"), "{}", error(root.path()));
        std::fs::write(root.path().join("decoder_with_past_model.onnx"), b"").unwrap();
        assert!(error(root.path()).ends_with("tokenizer.json`"), "{}", error(root.path()));
        let empty = folder(&[]);
        assert!(error(empty.path()).contains("no MusicGen model"), "{}", error(empty.path()));
        assert!(error(&empty.path().join("none")).starts_with("there is no file"));
    }
}
