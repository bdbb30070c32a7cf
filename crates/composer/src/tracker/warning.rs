//! What was wrong with a text, in one sentence each.
use std::fmt;

/// Longest piece of the text that a warning quotes, in characters.
const MAX_QUOTED_CHARS: usize = 40;

/// Something in the text that was skipped. Reading went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line, 1 = first.
    pub line: usize,
    /// The text it is about, cut to 40 characters.
    pub text: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a piece of tracker text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Neither a note nor a rest nor a tie.
    NotANote,
    /// No key between C-1 and G9.
    Key,
    /// No velocity between 0 and 127.
    Velocity,
    /// A key that the same line has already.
    Twice,
    /// More notes at once than are played.
    TooManyHits,
    /// Words instead of notes.
    Prose,
    /// Above the first header.
    BeforeHeader,
    /// Tempo, meter or swing out of range or too late.
    Metadata,
    /// More steps than a pattern holds.
    TooManySteps,
    /// More text than is read.
    TooMuchText,
}

impl Problem {
    fn sentence(self) -> &'static str {
        match self {
            Problem::NotANote => "is no note such as C4:80, no rest `.` and no tie `^`",
            Problem::Key => "has no key between C-1 and G9",
            Problem::Velocity => "has no velocity between 0 and 127",
            Problem::Twice => "is in this line already",
            Problem::TooManyHits => "is one note too many at once",
            Problem::Prose => "is not music",
            Problem::BeforeHeader => "stands above the first header (BASS, DRUMS, PIANO, SAX)",
            Problem::Metadata => "cannot be used here",
            Problem::TooManySteps => "and all after it is beyond the longest pattern",
            Problem::TooMuchText => "and all after it is too much text",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: `{}` {}", self.line, self.text, self.problem.sentence())
    }
}

/// The first of a text that has control characters in it or is long.
pub(super) fn quoted(text: &str) -> String {
    let mut letters = text.chars();
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let mut quoted: String = letters.by_ref().take(MAX_QUOTED_CHARS).map(plain).collect();
    if letters.next().is_some() {
        quoted.push('…');
    }
    quoted
}
