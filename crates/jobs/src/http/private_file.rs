//! Files that nobody but their owner may read.
use std::fs;
use std::io::Write;
use std::path::Path;

/// Only its owner can read it.
#[cfg(unix)]
pub(crate) fn is_private(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o077 == 0
}

/// Elsewhere the profile folder is private by itself.
#[cfg(not(unix))]
pub(crate) fn is_private(_: &fs::Metadata) -> bool {
    true
}

/// Beside its place first, private from its first byte, then moved in; the folder is made if need be.
///
/// # Errors
/// What the system says; the file is then as it was.
pub(crate) fn write_private(dir: &Path, file_name: &str, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(dir)?;
    let staged = dir.join(format!(".{file_name}-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // What a crash left behind.
    fs::remove_file(&staged).ok();
    let mut file = options.open(&staged)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let moved = written.and_then(|()| fs::rename(&staged, dir.join(file_name)));
    if moved.is_err() {
        fs::remove_file(&staged).ok();
    }
    moved
}
