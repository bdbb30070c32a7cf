//! The prompts that made takes, in the user's configuration: every instance adds to the same list.
use library::{Disk, RealDisk};
use std::fs;
use std::path::Path;
use take::TakeSpec;

/// Prompts kept.
pub(crate) const MAX_PROMPTS: usize = 50;
/// Largest file that is read: fifty prompts of the longest kind in the widest letters, and more.
const MAX_BYTES: u64 = 1 << 20;
const FILE_NAME: &str = "prompts.json";

/// Where the list is.
pub(crate) fn file_in(config_dir: &Path) -> std::path::PathBuf {
    config_dir.join(FILE_NAME)
}

/// What is to become of the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PromptChange {
    /// To its head.
    Remember(String),
    Clear,
}

/// The list, the newest first; empty where there is none or nobody can read it.
pub(crate) fn read(file: &Path) -> Vec<String> {
    let is_small = fs::metadata(file).is_ok_and(|data| data.is_file() && data.len() <= MAX_BYTES);
    let text = is_small.then(|| fs::read(file).ok()).flatten();
    let prompts: Vec<String> = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    let is_prompt = |prompt: &String| prompt.chars().count() <= TakeSpec::MAX_PROMPT_CHARS;
    prompts.into_iter().filter(is_prompt).take(MAX_PROMPTS).collect()
}

/// Reads the list as it stands now, since other instances write to it too, changes it, and writes it back.
///
/// # Errors
/// A sentence; the file is then as it was.
pub(crate) fn change(file: &Path, change: &PromptChange) -> Result<Vec<String>, String> {
    let mut prompts = read(file);
    match change {
        PromptChange::Clear => prompts.clear(),
        PromptChange::Remember(prompt) => {
            prompts.retain(|known| known != prompt);
            prompts.insert(0, prompt.clone());
            prompts.truncate(MAX_PROMPTS);
        }
    }
    write(file, &prompts).map_err(|error| format!("The prompt history could not be kept: {error}."))?;
    Ok(prompts)
}

fn write(file: &Path, prompts: &[String]) -> std::io::Result<()> {
    let text = serde_json::to_vec_pretty(prompts).map_err(std::io::Error::other)?;
    if let Some(dir) = file.parent() {
        RealDisk.create_dir(dir)?;
    }
    // In one step, and under a name of its own: another process may write at the same moment.
    let fresh = file.with_extension(format!("{}.tmp", std::process::id()));
    let written = RealDisk.write(&fresh, &text).and_then(|()| RealDisk.rename(&fresh, file));
    if written.is_err() {
        fs::remove_file(&fresh).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remember(file: &Path, prompt: &str) -> Vec<String> {
        change(file, &PromptChange::Remember(prompt.to_owned())).unwrap()
    }

    #[test]
    fn the_newest_fifty_are_kept_once_each() {
        let dir = tempfile::tempdir().unwrap();
        let file = file_in(&dir.path().join("not there yet"));
        (0..60).for_each(|number| drop(remember(&file, &format!("prompt {number}"))));
        let prompts = remember(&file, "prompt 30");
        assert_eq!((prompts.len(), prompts[0].as_str(), prompts[1].as_str()), (50, "prompt 30", "prompt 59"));
        assert_eq!(read(&file), prompts);
        assert_eq!(prompts.iter().filter(|prompt| *prompt == "prompt 30").count(), 1);
        assert_eq!(change(&file, &PromptChange::Clear), Ok(vec![]));
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "something was left behind");
    }

    #[test]
    fn a_damaged_list_is_an_empty_one_and_a_file_in_the_way_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let file = file_in(dir.path());
        for text in ["", "{}", "[1, 2]", "not json"] {
            fs::write(&file, text).unwrap();
            assert_eq!(read(&file), [""; 0]);
        }
        assert_eq!(remember(&file, "on"), ["on"]);
        let blocked = file_in(&file);
        let error = change(&blocked, &PromptChange::Remember("x".into())).unwrap_err();
        assert!(error.starts_with("The prompt history could not be kept"), "{error}");
    }
}
