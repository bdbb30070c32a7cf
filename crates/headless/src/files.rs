//! Single files, written beside their place and moved in whole.
use crate::failure::Failure;
use std::fs;
use std::io::Read;
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes a whole file; folders above it are made.
///
/// # Errors
/// `Failed` with the system's words; nothing half-written is left.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::Failed(format!("{}: {error}", path.display()));
    let dir = folder_of(path);
    fs::create_dir_all(dir).map_err(|error| failed(&error))?;
    let mut staged = NamedTempFile::new_in(dir).map_err(|error| failed(&error))?;
    std::io::Write::write_all(&mut staged, bytes).map_err(|error| failed(&error))?;
    open_to_all(staged.path());
    staged.persist(path).map_err(|error| failed(&error.error)).map(drop)
}

/// Reads a file of at most `max_bytes`.
///
/// # Errors
/// `Failed` with the system's words, or that it is too large.
pub(crate) fn read_file(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::Failed(format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > max_bytes {
        return Err(Failure::Failed(format!("{} is larger than {max_bytes} bytes", path.display())));
    }
    Ok(bytes)
}

/// The folder a file lies in, `.` for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Temporary files are private; what somebody asked for is an ordinary file.
fn open_to_all(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).ok();
    }
    #[cfg(not(unix))]
    let _ = path;
}
