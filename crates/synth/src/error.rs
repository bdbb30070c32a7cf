//! What can be wrong with a `[sound]` table.
use crate::settings::OutOfRange;
use std::ops::Range;

/// A style file whose sound cannot be used. Every variant names the file, the line (from 1) and the field.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SoundError {
    /// Not TOML, a field of the wrong type, or a field nobody knows.
    #[error("{file}, line {line}: {message}")]
    Syntax {
        /// File name.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The parser's words; they name the field.
        message: String,
    },
    /// A number outside its range.
    #[error("{file}, line {line}: `{field}` is {value}, it must be within {min}..={max}")]
    OutOfRange {
        /// File name.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Field.
        field: String,
        /// What is written.
        value: f64,
        /// Least value.
        min: f32,
        /// Greatest value.
        max: f32,
    },
    /// No such instrument, kit or drum.
    #[error("{file}, line {line}: `{field}` names `{name}`, which is unknown; nearest: {}", nearby.join(", "))]
    Unknown {
        /// File name.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Field.
        field: String,
        /// What is written.
        name: String,
        /// Known names that look most like it.
        nearby: Vec<String>,
    },
}

/// A text and its name, for places in errors.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        self.text.as_bytes()[..span.start.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub fn syntax(&self, error: &toml::de::Error) -> SoundError {
        let line = self.line(&error.span().unwrap_or(0..0));
        SoundError::Syntax { file: self.file.to_owned(), line, message: error.message().to_owned() }
    }

    pub fn out_of_range(&self, table: &str, found: OutOfRange) -> SoundError {
        SoundError::OutOfRange {
            file: self.file.to_owned(),
            line: self.line(&found.span),
            field: format!("{table}.{}", found.field),
            value: found.value,
            min: found.min,
            max: found.max,
        }
    }

    pub fn unknown<'n>(
        &self,
        span: &Range<usize>,
        field: String,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> SoundError {
        let mut ranked: Vec<(usize, &str)> = known.map(|other| (distance(name, other), other)).collect();
        ranked.sort();
        let nearby = ranked.iter().take(5).map(|(_, name)| (*name).to_owned()).collect();
        SoundError::Unknown { file: self.file.to_owned(), line: self.line(span), field, name: name.to_owned(), nearby }
    }
}

/// Letters to insert, delete or change (Levenshtein); a shared word counts as three letters less.
fn distance(a: &str, b: &str) -> usize {
    let b_bytes = b.as_bytes();
    let mut row: Vec<usize> = (0..=b_bytes.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b_bytes.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    let shared = a.split('_').filter(|word| word.len() > 2 && b.split('_').any(|other| other == *word)).count();
    row[b_bytes.len()].saturating_sub(3 * shared)
}
