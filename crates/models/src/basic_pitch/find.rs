//! Where the model of the user's `basic-pitch` package lies.
use crate::runtime::runtime_dir;
use crate::store::{Kind, ModelStore};
use crate::{ModelError, RuntimeSearch};
use std::path::{Path, PathBuf};

/// Where the package keeps its model.
const IN_PACKAGES: [&str; 4] = ["basic_pitch", "saved_models", "icassp_2022", "nmp.onnx"];

/// The model that is installed: among the user's models, where [`crate::fetch_basic_pitch`] puts the package, or among the
/// packages of a Python on the PATH, which is asked last. Disk work, and a child process where need be; opens no model.
pub fn installed(search: &RuntimeSearch) -> Option<PathBuf> {
    let of_user = search.data_dir.as_deref().and_then(|data_dir| {
        let stored = ModelStore::new(data_dir).list().into_iter().find(|model| model.kind == Kind::BasicPitch);
        stored.map(|model| model.path).or_else(|| find(&runtime_dir(data_dir)).ok())
    });
    of_user.or_else(|| search.python_packages().iter().find_map(|folder| find(folder).ok()))
}

/// The model at a path, in a folder, in a folder of Python packages, or in the packages of a Python environment.
pub(super) fn find(path: &Path) -> Result<PathBuf, ModelError> {
    let in_packages = |packages: PathBuf| IN_PACKAGES.iter().fold(packages, |place, name| place.join(name));
    let unix = std::fs::read_dir(path.join("lib")).into_iter().flatten().flatten();
    let environments = unix.map(|entry| entry.path()).chain([path.join("Lib")]);
    let packages = environments.map(|folder| in_packages(folder.join("site-packages")));
    let places = [path.to_owned(), path.join("nmp.onnx"), in_packages(path.to_owned())];
    let found = places.into_iter().chain(packages).find(|file| file.is_file());
    found.ok_or_else(|| ModelError::Missing { file: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(file: &Path) {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
    }

    #[test]
    fn it_is_found_in_every_shape_of_an_installation() {
        let dir = tempfile::tempdir().unwrap();
        let inside: PathBuf = IN_PACKAGES.iter().collect();
        for place in ["target", "venv/lib/python3.11/site-packages", "windows/Lib/site-packages"] {
            let file = dir.path().join(place).join(&inside);
            touch(&file);
            let root = dir.path().join(place.split('/').next().unwrap());
            assert_eq!(find(&root), Ok(file.clone()));
            assert_eq!(find(&file), Ok(file));
        }
        assert!(matches!(find(&dir.path().join("none")), Err(ModelError::Missing { .. })));
    }

    #[test]
    fn the_users_own_file_comes_before_the_package() {
        let dir = tempfile::tempdir().unwrap();
        let search = RuntimeSearch { data_dir: Some(dir.path().to_owned()), ..RuntimeSearch::default() };
        assert_eq!(installed(&search), None);
        let package = runtime_dir(dir.path()).join(IN_PACKAGES.iter().collect::<PathBuf>());
        touch(&package);
        assert_eq!(installed(&search), Some(package));
        let own = dir.path().join("models").join("nmp.onnx");
        touch(&own);
        assert_eq!(installed(&search), Some(own));
    }
}
