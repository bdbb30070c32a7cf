//! Opens a model file, and says more than the runtime does where it cannot be read.
use crate::onnx_file::OnnxFile;
use crate::{ModelError, RunControl, Runtime, Session};
use std::path::Path;

/// # Errors
/// As [`Runtime::open`]; `Unreadable` names the tensor at which a file is cut off, or whose data file is missing.
pub(crate) fn open_file(runtime: &Runtime, file: &Path, control: &RunControl) -> Result<Session, ModelError> {
    runtime.open(file, control).map_err(|error| match error {
        ModelError::Unreadable { .. } => {
            let found = OnnxFile::read(file).and_then(|model| model.check_data_files());
            found.err().unwrap_or(error)
        }
        error => error,
    })
}

/// The weight behind an output that is no number, where one can be found.
pub(super) fn explain(error: ModelError, files: &[&Path]) -> ModelError {
    let ModelError::NotFinite { file: name, .. } = &error else { return error };
    let file = files.iter().find(|file| file.file_name().is_some_and(|found| found.to_string_lossy() == name.as_str()));
    let found = file.map(|file| OnnxFile::read(file).and_then(|model| model.check_numbers()));
    found.and_then(Result::err).unwrap_or(error)
}
