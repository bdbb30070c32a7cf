//! Where the library is looked for: the user's setting, `ORT_DYLIB_PATH`, Continuo's data folder, then what a Python on
//! the PATH has installed. Only absolute paths are tried: a relative one would be taken from the host's folder.
use super::fetch::run_limited;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Prints every folder that Python packages may lie in, one a line.
const SITE_PACKAGES: &str = "import site, sysconfig
for folder in [sysconfig.get_paths()['platlib'], *site.getsitepackages(), site.getusersitepackages()]: print(folder)";
/// A Python that answers later than this has hung.
const PYTHON_LIMIT: Duration = Duration::from_secs(5);

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuntimeSearch {
    /// The user's setting: the library, or a folder that holds it.
    pub setting: Option<PathBuf>,
    /// `ORT_DYLIB_PATH`: the library, or a folder that holds it.
    pub environment: Option<PathBuf>,
    /// Continuo's data folder; `fetch-runtime` puts the library into `runtime/` there.
    pub data_dir: Option<PathBuf>,
    /// Folders with programs, of which `python3` or `python` is asked for its packages.
    pub program_dirs: Vec<PathBuf>,
}

impl RuntimeSearch {
    /// This system's places.
    pub fn of_system(setting: Option<PathBuf>, data_dir: &Path) -> Self {
        let environment = std::env::var_os("ORT_DYLIB_PATH").filter(|text| !text.is_empty()).map(PathBuf::from);
        let program_dirs = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect());
        let program_dirs = program_dirs.unwrap_or_default();
        Self { setting, environment, data_dir: Some(data_dir.to_owned()), program_dirs }
    }

    /// Files to try, in order; Python is asked only when everything before it has failed.
    pub(super) fn candidates(&self) -> impl Iterator<Item = PathBuf> {
        let data = self.data_dir.as_deref().map(runtime_dir);
        let given = [self.setting.clone(), self.environment.clone(), data].into_iter().flatten();
        let given: Vec<PathBuf> = given.flat_map(|place| libraries_at(&place)).collect();
        let python = std::iter::once_with(|| self.python_packages()).flatten();
        given.into_iter().chain(python.flat_map(|folder| libraries_at(&folder)))
    }

    /// The places in words, in order.
    pub(super) fn places(&self) -> Vec<String> {
        let setting = self.setting.as_ref().map(|path| format!("the setting `{}`", path.display()));
        let environment = self.environment.as_ref().map(|path| format!("ORT_DYLIB_PATH `{}`", path.display()));
        let data = self.data_dir.as_deref().map(|path| format!("`{}`", runtime_dir(path).display()));
        let python = Some("the packages of Python".to_owned());
        [setting, environment, data, python].into_iter().flatten().collect()
    }

    /// The folders that the packages of the first Python on the PATH lie in; asks it.
    pub(crate) fn python_packages(&self) -> Vec<PathBuf> {
        let Some(python) = self.python() else { return Vec::new() };
        let mut command = Command::new(python);
        command.args(["-c", SITE_PACKAGES]);
        let Ok(output) = run_limited(command, PYTHON_LIMIT) else { return Vec::new() };
        output.lines().map(PathBuf::from).filter(|folder| folder.is_absolute()).collect()
    }

    /// The first Python on the PATH.
    pub(super) fn python(&self) -> Option<PathBuf> {
        let names: &[&str] = if cfg!(windows) { &["python.exe", "python3.exe"] } else { &["python3", "python"] };
        let files = self.program_dirs.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
        files.filter(|file| file.is_absolute()).find(|file| file.is_file())
    }
}

/// Where `fetch-runtime` installs to.
pub(crate) fn runtime_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("runtime")
}

/// The libraries at a place, newest first: the place itself if it is a file, else what lies in it, in its `lib`, or in
/// the Python package in it.
fn libraries_at(place: &Path) -> Vec<PathBuf> {
    let Ok(place) = std::path::absolute(place) else { return Vec::new() };
    if place.is_file() {
        return vec![place];
    }
    let folders = [place.clone(), place.join("lib"), place.join("onnxruntime").join("capi")];
    folders.iter().flat_map(|folder| libraries_in(folder)).collect()
}

fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_library_name(path)).collect();
    found.sort_by_key(|path| std::cmp::Reverse(version_in(path)));
    found
}

/// `libonnxruntime.so`, `libonnxruntime.so.1.31.1`, `libonnxruntime.1.23.2.dylib`, `onnxruntime.dll`; not the
/// libraries of single accelerators, `libonnxruntime_providers_cuda.so`.
fn is_library_name(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    if cfg!(windows) {
        return name.eq_ignore_ascii_case("onnxruntime.dll");
    }
    let Some(rest) = name.strip_prefix("libonnxruntime.") else { return false };
    if cfg!(target_os = "macos") { rest.ends_with("dylib") } else { rest == "so" || rest.starts_with("so.") }
}

fn version_in(path: &Path) -> Vec<u32> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split('.').filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(file: &Path) {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
    }

    fn library_name(version: &str) -> String {
        if cfg!(windows) {
            "onnxruntime.dll".to_owned()
        } else if cfg!(target_os = "macos") {
            format!("libonnxruntime.{version}.dylib")
        } else {
            format!("libonnxruntime.so.{version}")
        }
    }

    #[test]
    fn setting_comes_before_environment_before_data_folder() {
        let dir = tempfile::tempdir().unwrap();
        let name = library_name("1.20.1");
        let (setting, environment) = (dir.path().join("a").join(&name), dir.path().join("b"));
        touch(&setting);
        touch(&environment.join(&name));
        let in_data = dir.path().join("data").join("runtime").join("onnxruntime").join("capi").join(&name);
        touch(&in_data);
        let search = RuntimeSearch {
            setting: Some(setting.clone()),
            environment: Some(environment.clone()),
            data_dir: Some(dir.path().join("data")),
            program_dirs: Vec::new(),
        };
        assert_eq!(search.candidates().collect::<Vec<_>>(), [setting, environment.join(&name), in_data]);
    }

    #[test]
    #[cfg(not(windows))]
    fn the_newest_library_of_a_folder_comes_first_and_accelerators_are_none() {
        let dir = tempfile::tempdir().unwrap();
        for version in ["1.9.0", "1.31.1", "1.20.1"] {
            touch(&dir.path().join(library_name(version)));
        }
        touch(&dir.path().join("libonnxruntime_providers_cuda.so"));
        touch(&dir.path().join("libonnxruntime_providers_shared.dylib"));
        let found = libraries_at(dir.path());
        let expected = ["1.31.1", "1.20.1", "1.9.0"].map(|version| dir.path().join(library_name(version)));
        assert_eq!(found, expected);
    }

    #[test]
    fn with_no_place_at_all_python_is_still_named() {
        assert_eq!(RuntimeSearch::default().places(), ["the packages of Python"]);
        assert_eq!(RuntimeSearch::default().candidates().count(), 0);
    }
}
