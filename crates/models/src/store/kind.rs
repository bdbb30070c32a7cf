//! What a file or folder is, by the names in it; shapes are looked at when it is opened.
use super::StoreError;
use std::fmt;
use std::path::Path;

/// A family of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Stems of a mix: a file, or the four files of a bag.
    Demucs,
    /// One stem of a mix.
    Mdx,
    /// Audio from words.
    MusicGen,
    /// Notes from notes.
    MidiModel,
    /// Notes from audio.
    BasicPitch,
    /// A model whose name says nothing; opened as what the user asks for.
    Unknown,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Demucs => "Demucs",
            Kind::Mdx => "MDX-Net",
            Kind::MusicGen => "MusicGen",
            Kind::MidiModel => "midi-model",
            Kind::BasicPitch => "Basic Pitch",
            Kind::Unknown => "unknown",
        })
    }
}

/// Tells by names, without opening anything.
///
/// # Errors
/// [`StoreError::Missing`]; [`StoreError::NoModel`] for what holds no `.onnx` file.
pub fn kind_of(path: &Path) -> Result<Kind, StoreError> {
    let no_model = |reason: &str| StoreError::NoModel { path: path.to_owned(), reason: reason.to_owned() };
    let found = std::fs::metadata(path).map_err(|_| StoreError::Missing { path: path.to_owned() })?;
    if found.is_file() {
        let is_model = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
        let name = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        return if is_model { Ok(by_name(&name)) } else { Err(no_model("models end with .onnx")) };
    }
    let names: Vec<String> = [path.to_owned(), path.join("onnx")].iter().flat_map(|folder| models_in(folder)).collect();
    if names.is_empty() {
        return Err(no_model("there is no .onnx file in it"));
    }
    let has = |start: &str| names.iter().any(|name| name.starts_with(start));
    if has("encodec_decode") && (has("decoder_model") || has("decoder_with_past_model")) {
        return Ok(Kind::MusicGen);
    }
    if has("model_base") && has("model_token") {
        return Ok(Kind::MidiModel);
    }
    let is_bag = ["drums", "bass", "other", "vocals"].iter().all(|stem| names.iter().any(|name| name.contains(stem)));
    Ok(if is_bag { Kind::Demucs } else { names.first().map_or(Kind::Unknown, |name| by_name(name)) })
}

fn by_name(name: &str) -> Kind {
    if name.contains("demucs") {
        Kind::Demucs
    } else if name.contains("mdx") || name.starts_with("kim_") || name.starts_with("uvr") {
        Kind::Mdx
    } else if name == "nmp" || name.contains("basic_pitch") {
        Kind::BasicPitch
    } else {
        Kind::Unknown
    }
}

fn models_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().to_lowercase());
    let mut names: Vec<String> = names.filter_map(|name| name.strip_suffix(".onnx").map(str::to_owned)).collect();
    names.sort();
    names
}
