//! The folder that a user's models lie in: `models/` in Continuo's data folder, one file or folder a model.
mod kind;

pub use kind::{Kind, kind_of};

use std::path::{Path, PathBuf};

/// Why the folder was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Nothing there.
    #[error("there is no `{}`", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// Neither a model nor a folder of models.
    #[error("`{}` is no model: {reason}", path.display())]
    NoModel {
        /// The path.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Taken.
    #[error("there is a model called `{name}` already; remove it first, or give another name")]
    Exists {
        /// The name.
        name: String,
    },
    /// Not there.
    #[error("there is no model called `{name}`; there are: {}", if names.is_empty() { "none".to_owned() } else { names.join(", ") })]
    Unknown {
        /// The name.
        name: String,
        /// Those that are there.
        names: Vec<String>,
    },
    /// A name with a folder in it.
    #[error("`{name}` is no name for a model: letters, digits, spaces and any of - _ . +")]
    BadName {
        /// The name.
        name: String,
    },
    /// The disk refused.
    #[error("`{}`: {reason}", path.display())]
    Disk {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// A model of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredModel {
    /// The file's or folder's name; an `.onnx` file's without its ending.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it is, as far as its names tell without opening it.
    pub kind: Kind,
    /// All of its files; those behind links count.
    pub num_bytes: u64,
}

/// How a model comes into the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddBy {
    /// It is copied; the original may go.
    Copy,
    /// A symbolic link is made; the original must stay. On Windows this takes developer mode.
    Link,
}

/// The folder of models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStore {
    dir: PathBuf,
}

impl ModelStore {
    /// The one in Continuo's data folder. Touches no disk.
    pub fn new(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("models") }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Everything in it, by name. Folders that are no models are left out.
    pub fn list(&self) -> Vec<StoredModel> {
        let Ok(entries) = std::fs::read_dir(&self.dir) else { return Vec::new() };
        let found = entries.flatten().filter_map(|entry| {
            let path = entry.path();
            let kind = kind_of(&path).ok()?;
            // An unfinished copy begins with a dot.
            let name = name_of(&path).filter(|name| !name.starts_with('.'))?;
            Some(StoredModel { name, kind, num_bytes: size_of(&path), path })
        });
        let mut models: Vec<StoredModel> = found.collect();
        models.sort_by(|a, b| a.name.cmp(&b.name));
        models
    }

    /// A model by its name.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] lists those that are there.
    pub fn find(&self, name: &str) -> Result<StoredModel, StoreError> {
        let models = self.list();
        let names = models.iter().map(|model| model.name.clone()).collect();
        let found = models.into_iter().find(|model| model.name == name);
        found.ok_or_else(|| StoreError::Unknown { name: name.to_owned(), names })
    }

    /// Takes a file or folder in, under its own name or another. External data beside an `.onnx` file comes along.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is left in the folder.
    pub fn add(&self, source: &Path, name: Option<&str>, by: AddBy) -> Result<StoredModel, StoreError> {
        let missing = || StoreError::Missing { path: source.to_owned() };
        let source = source.canonicalize().map_err(|_| missing())?;
        kind_of(&source)?;
        let name = name.map(str::to_owned).or_else(|| name_of(&source)).ok_or_else(missing)?;
        let is_fine = |letter: char| letter.is_alphanumeric() || " -_.+".contains(letter);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_fine) {
            return Err(StoreError::BadName { name });
        }
        if self.list().iter().any(|model| model.name == name) {
            return Err(StoreError::Exists { name });
        }
        std::fs::create_dir_all(&self.dir).map_err(|error| disk(&self.dir, &error))?;
        // Data files keep their names, so a model with some becomes a folder.
        let data = if source.is_file() { data_files_of(&source) } else { Vec::new() };
        let is_file = source.is_file() && data.is_empty();
        let target = self.dir.join(if is_file { format!("{name}.onnx") } else { name.clone() });
        let staging = self.dir.join(format!(".adding-{name}"));
        let taken_in = if by == AddBy::Link && data.is_empty() {
            link(&source, &staging)
        } else if data.is_empty() {
            copy_all(&source, &staging)
        } else {
            let files = std::iter::once(&source).chain(&data);
            std::fs::create_dir_all(&staging).map_err(|error| disk(&staging, &error)).and_then(|()| {
                files.into_iter().try_for_each(|file| {
                    let target = staging.join(file.file_name().unwrap_or_default());
                    if by == AddBy::Link { link(file, &target) } else { copy_all(file, &target) }
                })
            })
        };
        let moved = taken_in.and_then(|()| std::fs::rename(&staging, &target).map_err(|error| disk(&target, &error)));
        if let Err(error) = moved {
            remove_all(&staging).ok();
            return Err(error);
        }
        self.find(&name)
    }

    /// Takes a model out. The original of a link stays.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::Disk`].
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        remove_all(&self.find(name)?.path)
    }
}

fn name_of(path: &Path) -> Option<String> {
    let is_file = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
    let name = if is_file { path.file_stem() } else { path.file_name() };
    name.map(|name| name.to_string_lossy().into_owned())
}

/// `model.onnx_data`, `model.onnx.data` and `model.data` beside `model.onnx`.
fn data_files_of(model: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (model.parent(), model.file_name().map(|name| name.to_string_lossy())) else {
        return Vec::new();
    };
    let stem = name.trim_end_matches(".onnx");
    let names = [format!("{name}_data"), format!("{name}.data"), format!("{stem}.data")];
    names.iter().map(|name| folder.join(name)).filter(|file| file.is_file()).collect()
}

fn size_of(path: &Path) -> u64 {
    let Ok(found) = std::fs::metadata(path) else { return 0 };
    if found.is_file() {
        return found.len();
    }
    std::fs::read_dir(path).map_or(0, |entries| entries.flatten().map(|entry| size_of(&entry.path())).sum())
}

fn copy_all(source: &Path, target: &Path) -> Result<(), StoreError> {
    if source.is_file() {
        return std::fs::copy(source, target).map(|_| ()).map_err(|error| disk(source, &error));
    }
    std::fs::create_dir_all(target).map_err(|error| disk(target, &error))?;
    let entries = std::fs::read_dir(source).map_err(|error| disk(source, &error))?;
    entries.flatten().try_for_each(|entry| copy_all(&entry.path(), &target.join(entry.file_name())))
}

fn link(source: &Path, target: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(source, target);
    #[cfg(windows)]
    let linked = if source.is_dir() {
        std::os::windows::fs::symlink_dir(source, target)
    } else {
        std::os::windows::fs::symlink_file(source, target)
    };
    linked.map_err(|error| disk(target, &error))
}

/// A link goes, not what it points to.
fn remove_all(path: &Path) -> Result<(), StoreError> {
    let Ok(found) = std::fs::symlink_metadata(path) else { return Ok(()) };
    let removed = if found.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        // A link to a folder is removed as a folder on Windows.
        std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path))
    };
    removed.map_err(|error| disk(path, &error))
}

fn disk(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Disk { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(file: &Path) {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "1234").unwrap();
    }

    #[test]
    fn a_model_that_is_added_is_listed_until_it_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let store = ModelStore::new(&dir.path().join("data"));
        assert_eq!(store.list(), []);
        let file = dir.path().join("htdemucs.onnx");
        touch(&file);
        let added = store.add(&file, None, AddBy::Copy).unwrap();
        assert_eq!((added.name.as_str(), added.num_bytes, added.kind), ("htdemucs", 4, Kind::Demucs));
        assert_eq!(store.add(&file, None, AddBy::Copy), Err(StoreError::Exists { name: "htdemucs".to_owned() }));
        store.remove("htdemucs").unwrap();
        assert_eq!((store.list(), file.exists()), (Vec::new(), true));
        let said = store.remove("htdemucs").unwrap_err().to_string();
        assert_eq!(said, "there is no model called `htdemucs`; there are: none");
    }

    #[test]
    fn external_data_comes_along() {
        let dir = tempfile::tempdir().unwrap();
        let store = ModelStore::new(&dir.path().join("data"));
        for name in ["mesh.onnx", "mesh.onnx.data", "other.txt"] {
            touch(&dir.path().join(name));
        }
        let added = store.add(&dir.path().join("mesh.onnx"), Some("stems"), AddBy::Copy).unwrap();
        assert_eq!((added.num_bytes, added.path.join("mesh.onnx.data").exists()), (8, true));
    }

    #[test]
    #[cfg(unix)]
    fn removing_a_link_keeps_the_original() {
        let dir = tempfile::tempdir().unwrap();
        let store = ModelStore::new(&dir.path().join("data"));
        let folder = dir.path().join("musicgen-small");
        for name in ["config.json", "text_encoder.onnx", "encodec_decode.onnx", "decoder_model_merged.onnx"] {
            touch(&folder.join(name));
        }
        assert_eq!(store.add(&folder, None, AddBy::Link).unwrap().kind, Kind::MusicGen);
        store.remove("musicgen-small").unwrap();
        assert!(folder.join("config.json").exists());
    }

    #[test]
    fn names_stay_inside_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.onnx");
        touch(&file);
        for name in ["../a", "", ".a", "a/b", "a\\b"] {
            let added = ModelStore::new(dir.path()).add(&file, Some(name), AddBy::Copy);
            assert_eq!(added, Err(StoreError::BadName { name: name.to_owned() }));
        }
    }
}
