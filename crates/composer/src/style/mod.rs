//! Style files: what a music is made of, as data.
mod schema;
mod steps;
mod values;

pub use schema::*;
pub use steps::{Alphabet, BassAlphabet, ChordAlphabet, DrumAlphabet, RhythmAlphabet, Steps, StepsError};
pub use values::*;

/// A style file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {field}: {problem}")]
pub struct StyleError {
    /// File name as given.
    pub file: String,
    /// Line, 1 = first.
    pub line: usize,
    /// Field with its tables, for example `drums.groove.lanes.steps`; a table where a field of it is missing.
    pub field: String,
    /// What is wrong, in words.
    pub problem: String,
}

impl Style {
    /// Reads the music half of a style file. `id` is the style's id, `file_name` is for messages only.
    ///
    /// # Errors
    /// [`StyleError`] with line and field for bad TOML, unknown or missing fields, and values out of range.
    pub fn parse(id: &str, file_name: &str, text: &str) -> Result<Style, StyleError> {
        let mut style: Style = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start).min(text.len());
            StyleError {
                file: file_name.to_owned(),
                line: line_of(text, offset),
                field: field_at(text, offset, error.message()),
                problem: error.message().replace('\n', " "),
            }
        })?;
        id.clone_into(&mut style.id);
        style.check(file_name, text)?;
        Ok(style)
    }

    /// What no single field can know.
    fn check(&self, file: &str, text: &str) -> Result<(), StyleError> {
        let needed: [(&str, usize); 8] = [
            ("keys", self.keys.len()),
            ("progression", self.progression.len()),
            ("drums.groove", self.drums.groove.len()),
            ("bass.pattern", self.bass.pattern.len()),
            ("harmony.pattern", self.harmony.pattern.len()),
            ("melody.motif", self.melody.motif.len()),
            ("melody.forms", self.melody.forms.len()),
            ("name", self.name.trim().len()),
        ];
        for (field, count) in needed {
            let last = field.rsplit('.').next().unwrap_or(field);
            let at = |problem: &str| {
                let index = text.lines().position(|line| line.trim_start().starts_with(last)).unwrap_or(0);
                StyleError { file: file.into(), line: index + 1, field: field.into(), problem: problem.into() }
            };
            if count == 0 {
                return Err(at("is empty; at least one is needed"));
            }
            if count > 256 {
                return Err(at("has more than 256 entries"));
            }
        }
        Ok(())
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// Table, key and inner key in whose value `offset` lies, and the field that the message itself names.
fn field_at(text: &str, offset: usize, message: &str) -> String {
    let quoted = ["unknown field `", "missing field `", "duplicate field `"];
    let named = quoted.iter().find_map(|start| message.strip_prefix(start)?.split('`').next());
    if let (0, Some(named)) = (offset, named) {
        return named.to_owned();
    }
    let line_start = text.as_bytes()[..offset].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line_end = text[line_start..].find('\n').map_or(text.len(), |at| line_start + at);
    let mut path = Vec::new();
    let mut outer = None;
    for line in text[..line_end].lines().rev() {
        if outer.is_none() && !line.starts_with([' ', '\t', '[', ']', '}', '{', '#', '"']) {
            outer = line.split_once('=').map(|(key, _)| key.trim().to_owned());
        }
        if line.starts_with('[') && line.trim_end().ends_with(']') && !line.contains('=') {
            path.push(line.trim_matches(|c: char| "[] \t\r".contains(c)).to_owned());
            break;
        }
    }
    let is_header = text[line_start..line_end].starts_with('[');
    path.extend(outer.filter(|_| !is_header));
    let before = text.get(line_start..offset).unwrap_or_default();
    let inner = before.rfind('=').map(|at| before[..at].trim_end());
    let inner = inner.and_then(|head| head.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next());
    for key in [inner, named].into_iter().flatten().filter(|key| !key.is_empty()) {
        if path.last().is_none_or(|last| last != key) {
            path.push(key.to_owned());
        }
    }
    if path.is_empty() { "file".to_owned() } else { path.join(".") }
}
