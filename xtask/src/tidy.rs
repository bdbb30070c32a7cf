//! `cargo xtask tidy`: the rules of docs/ARCHITECTURE.md that a compiler does not check.
mod imports;
mod realtime;

use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Past this a file says at its top why it is that long.
const LONG_FILE_LINES: usize = 600;
/// Files aim under this.
const GOOD_FILE_LINES: usize = 300;

/// Prints what it found.
///
/// # Errors
/// When a rule is broken; with every place.
pub fn run() -> Result<()> {
    let files = rust_files()?;
    let mut broken = imports::broken()?;
    for (path, text) in &files {
        broken.extend(realtime::broken(path, text));
        broken.extend(unfinished(path, text));
    }
    let lengths: Vec<usize> = files.iter().map(|(_, text)| text.lines().count()).collect();
    let over = |limit: usize| lengths.iter().filter(|length| **length > limit).count();
    let rt = files.iter().filter(|(_, text)| realtime::is_rt(text)).count();
    println!(
        "{} Rust files, {} lines; {} over {GOOD_FILE_LINES} lines, {} over {LONG_FILE_LINES}; {rt} on the audio thread",
        files.len(),
        lengths.iter().sum::<usize>(),
        over(GOOD_FILE_LINES),
        over(LONG_FILE_LINES),
    );
    let mut longest: Vec<_> = files.iter().map(|(path, text)| (text.lines().count(), path)).collect();
    longest.sort_by(|a, b| b.cmp(a));
    for (length, path) in longest.iter().take_while(|(length, _)| *length > GOOD_FILE_LINES) {
        println!("  {length:5} {}", path.display());
    }
    if broken.is_empty() {
        println!("tidy");
        return Ok(());
    }
    bail!("{} rules broken:\n  {}", broken.len(), broken.join("\n  "))
}

/// Every Rust file git knows or would add, with its text, by path from the root.
fn rust_files() -> Result<Vec<(PathBuf, String)>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"]).current_dir(workspace::root());
    let listed = process::output(&mut git)?;
    let paths = listed.lines().map(PathBuf::from).filter(|path| workspace::root().join(path).exists());
    paths
        .map(|path| {
            let text = std::fs::read_to_string(workspace::root().join(&path));
            Ok((path.clone(), text.with_context(|| format!("cannot read {}", path.display()))?))
        })
        .collect()
}

fn unfinished(path: &Path, text: &str) -> Vec<String> {
    // Put together here, so that this file does not find itself.
    let marks = ["todo", "unimplemented"].map(|name| format!("{name}!("));
    let ignored = format!("#[{}", "ignore");
    let found = |(number, line): (usize, &str)| {
        let is_bad = marks.iter().any(|mark| line.contains(mark.as_str())) || line.trim_start().starts_with(&ignored);
        is_bad.then(|| format!("{}:{}: unfinished: {}", path.display(), number + 1, line.trim()))
    };
    text.lines().enumerate().filter_map(found).collect()
}
