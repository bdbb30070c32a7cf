//! All styles: the 18 built in, and the user's own files.
use crate::StyleReport;
use composer::Style;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use synth::Sound;
use take::StyleId;

/// Largest style file that is read.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Most files of a user that are read.
const MAX_USER_FILES: usize = 500;

macro_rules! built_in {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../../../assets/styles/", $id, ".toml")))),*]
    };
}

/// Id and text, in the order of `take::BUILT_IN_STYLES`.
const BUILT_IN_TEXTS: &[(&str, &str)] = built_in![
    "techno_minimal",
    "experimental",
    "rock",
    "hip_hop",
    "jungle_dnb",
    "dub",
    "deep_house",
    "downtempo_ambient",
    "classical",
    "trip_hop",
    "jazz",
    "blues",
    "edm",
    "ambient",
    "electronic",
    "pop",
    "funk",
    "latin",
];

/// Parsed once per process, on first use, and never changed.
static BUILT_IN: LazyLock<Vec<Result<Arc<StyleEntry>, StyleProblem>>> = LazyLock::new(|| {
    let parse = |(id, text): &(&str, &str)| StyleEntry::parse(id, &format!("{id}.toml"), text).map(Arc::new);
    BUILT_IN_TEXTS.iter().map(parse).collect()
});

/// A style file that cannot be used; the file, the line and the field are in the sentence.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StyleProblem {
    /// Its music.
    #[error(transparent)]
    Music(#[from] composer::StyleError),
    /// Its sound.
    #[error(transparent)]
    Sound(#[from] synth::SoundError),
    /// The file.
    #[error("{file}: {reason}")]
    File {
        /// File name.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// One usable style.
#[derive(Debug, Clone)]
pub struct StyleEntry {
    /// Permanent id: the file name without its ending.
    pub id: StyleId,
    /// Its music.
    pub style: Style,
    /// Its sound.
    pub sound: Sound,
    /// First eight hex digits of the text's SHA-256: another text is another style, whatever its name.
    pub fingerprint: String,
}

impl StyleEntry {
    fn parse(id: &str, file: &str, text: &str) -> Result<Self, StyleProblem> {
        // A checkout with other line ends is the same style.
        let text = text.replace("\r\n", "\n");
        let style = Style::parse(id, file, &text)?;
        let sound = Sound::parse(id, file, &text)?;
        let fingerprint = Sha256::digest(text.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { id: StyleId::from(id), style, sound, fingerprint })
    }
}

/// Every style of one user.
#[derive(Debug, Clone, Default)]
pub struct StyleBook {
    user: Vec<Arc<StyleEntry>>,
    problems: Vec<StyleProblem>,
}

impl StyleBook {
    /// The built-in styles only; no disk.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// The built-in styles and those in `<config_dir>/styles/*.toml`. A folder that is not there is no problem.
    pub fn load(config_dir: &Path) -> Self {
        let mut book = Self::default();
        for path in user_files(&config_dir.join("styles")) {
            match read_user_file(&path) {
                Ok(entry) => book.user.push(Arc::new(entry)),
                Err(problem) => book.problems.push(problem),
            }
        }
        book
    }

    /// A style by its id.
    ///
    /// # Errors
    /// `Some` problem when its file is there but broken, `None` when there is no such style.
    pub fn get(&self, id: &StyleId) -> Result<Arc<StyleEntry>, Option<StyleProblem>> {
        if let Some(at) = BUILT_IN_TEXTS.iter().position(|(known, _)| *known == id.as_str()) {
            return BUILT_IN[at].clone().map_err(Some);
        }
        let file = format!("{}.toml", id.as_str());
        let is_about_it = |problem: &&StyleProblem| problem.file() == file;
        let found = self.user.iter().find(|entry| entry.id == *id);
        found.cloned().ok_or_else(|| self.problems.iter().find(is_about_it).cloned())
    }

    /// The built-in styles, in permanent order, then the user's, by file name.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<StyleEntry>> {
        BUILT_IN.iter().filter_map(|entry| entry.as_ref().ok()).chain(&self.user)
    }

    /// What is wrong with files that cannot be used.
    pub fn problems(&self) -> &[StyleProblem] {
        &self.problems
    }

    /// The user's half, for people.
    pub fn report(&self) -> StyleReport {
        let name = |entry: &Arc<StyleEntry>| (entry.id.clone(), entry.style.name.clone());
        let problem = |problem: &StyleProblem| format!("A style of yours cannot be used: {problem}");
        StyleReport {
            user_styles: self.user.iter().map(name).collect(),
            problems: self.problems.iter().map(problem).collect(),
        }
    }
}

impl StyleProblem {
    /// File name.
    pub fn file(&self) -> &str {
        match self {
            Self::Music(error) => &error.file,
            Self::Sound(
                synth::SoundError::Syntax { file, .. }
                | synth::SoundError::OutOfRange { file, .. }
                | synth::SoundError::Unknown { file, .. },
            ) => file,
            Self::File { file, .. } => file,
        }
    }
}

/// Sorted by name, so that every machine lists them alike.
fn user_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    files.sort();
    files.truncate(MAX_USER_FILES);
    files
}

fn read_user_file(path: &Path) -> Result<StyleEntry, StyleProblem> {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bad = |reason: &dyn std::fmt::Display| StyleProblem::File { file: file.clone(), reason: reason.to_string() };
    let id = path.file_stem().and_then(|stem| stem.to_str()).ok_or_else(|| bad(&"its name is not readable text"))?;
    if BUILT_IN_TEXTS.iter().any(|(known, _)| *known == id) {
        return Err(bad(&"a built-in style has this name; give the file another one"));
    }
    if !fs::metadata(path).map_err(|error| bad(&error))?.is_file() {
        return Err(bad(&"it is not a file"));
    }
    let mut text = String::new();
    let opened = fs::File::open(path).map_err(|error| bad(&error))?;
    opened.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(|error| bad(&error))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(bad(&format!("it is larger than {MAX_FILE_BYTES} bytes")));
    }
    StyleEntry::parse(id, &file, &text)
}
