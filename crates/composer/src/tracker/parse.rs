//! Text to patterns. Takes any text: what is no music is skipped with a warning.
use super::warning::quoted;
use super::{Cell, Hit, Hits, MAX_HITS, MAX_STEPS, MAX_TEXT_BYTES, Pattern, Problem, Voice, Warning};
use crate::style::SwingUnit;
use crate::swing::Swing;
use take::{Amount, Bpm, Meter};

/// Most warnings that are kept; a text with more is not worth reading.
const MAX_WARNINGS: usize = 100;
/// Words in a line from which it is talk, not a broken note.
const PROSE_WORDS: usize = 3;

/// A text that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The music in it; 0 bars if there is none.
    pub pattern: Pattern,
    /// What was skipped, in the order of lines; the first 100.
    pub warnings: Vec<Warning>,
    /// Warnings beyond those.
    pub num_more_warnings: usize,
    /// Which headers the text has, in [`Voice::ALL`] order.
    pub has_voice: [bool; 4],
}

/// Reads bytes of any kind; what is no UTF-8 becomes `�` and is skipped like any malformed text.
pub fn parse_bytes(bytes: &[u8]) -> Parsed {
    parse(&String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TEXT_BYTES + 1)]))
}

/// Reads any text.
///
/// Under a header every line is a sixteenth: a note, a chord, `.` or `^`. A line of which nothing can be used is a rest,
/// so that what follows stays in time. Empty lines, comments (`#`), fences (```` ``` ````) and talk of three words and
/// more are no steps. Voices are filled up with rests to the longest one's last whole bar. When a header comes again
/// after other voices, a new block begins where the last one ended, so that texts can be put one behind the other.
/// `# tempo: 120`, `# swing: 0.6 eighth` and, above the first step, `# meter: 3/4` are read; the first of each counts.
pub fn parse(text: &str) -> Parsed {
    Reader::new(Meter::FOUR_FOUR, false).read(text)
}

/// [`parse()`] where the meter is known from elsewhere: one that the text names instead is skipped with a warning.
pub fn parse_in(meter: Meter, text: &str) -> Parsed {
    Reader::new(meter, true).read(text)
}

struct Reader {
    meter: Meter,
    steps_per_bar: usize,
    tempo: Option<Bpm>,
    swing: Option<Swing>,
    is_meter_named: bool,
    lanes: [Vec<Cell>; 4],
    voice: Option<Voice>,
    /// Headers since the block began.
    in_block: [bool; 4],
    has_voice: [bool; 4],
    /// First step of the block.
    block_start: usize,
    is_full: bool,
    warnings: Vec<Warning>,
    num_more_warnings: usize,
}

impl Reader {
    fn new(meter: Meter, is_meter_named: bool) -> Self {
        Self {
            meter,
            steps_per_bar: super::steps_per_bar(meter),
            tempo: None,
            swing: None,
            is_meter_named,
            lanes: Default::default(),
            voice: None,
            in_block: [false; 4],
            has_voice: [false; 4],
            block_start: 0,
            is_full: false,
            warnings: Vec::new(),
            num_more_warnings: 0,
        }
    }

    fn read(mut self, text: &str) -> Parsed {
        let kept = text.floor_char_boundary(MAX_TEXT_BYTES);
        let mut number = 0;
        for line in text[..kept].trim_start_matches('\u{feff}').lines() {
            number += 1;
            self.line(number, line.trim());
        }
        if kept < text.len() {
            self.warn(number, "", Problem::TooMuchText);
        }
        self.finish()
    }

    fn warn(&mut self, line: usize, text: &str, problem: Problem) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(Warning { line, text: quoted(text), problem });
        } else {
            self.num_more_warnings += 1;
        }
    }

    fn line(&mut self, number: usize, line: &str) {
        if let Some(comment) = line.strip_prefix('#') {
            self.comment(number, comment.trim());
            return;
        }
        let line = without_comment(line);
        if line.is_empty() || line.starts_with("```") {
            return;
        }
        if let Some(voice) = header(line) {
            self.begin(voice);
            return;
        }
        let Some(voice) = self.voice else {
            self.warn(number, line, Problem::BeforeHeader);
            return;
        };
        if is_prose(line) {
            self.warn(number, line, Problem::Prose);
            return;
        }
        if self.lanes[voice as usize].len() >= self.max_steps() {
            if !self.is_full {
                self.warn(number, line, Problem::TooManySteps);
            }
            self.is_full = true;
            return;
        }
        let cell = self.cell(number, line);
        self.lanes[voice as usize].push(cell);
    }

    fn cell(&mut self, number: usize, line: &str) -> Cell {
        match line {
            "." => return Cell::Rest,
            "^" => return Cell::Tie,
            _ => {}
        }
        let mut hits: [Hit; MAX_HITS] = [Hit { key: 0, velocity: 0 }; MAX_HITS];
        let mut count = 0;
        for entry in line.split(',').map(str::trim) {
            match hit(entry) {
                Err(problem) => self.warn(number, entry, problem),
                Ok(hit) if hits[..count].iter().any(|other| other.key == hit.key) => {
                    self.warn(number, entry, Problem::Twice);
                }
                Ok(_) if count == MAX_HITS => self.warn(number, entry, Problem::TooManyHits),
                Ok(hit) => {
                    hits[count] = hit;
                    count += 1;
                }
            }
        }
        Hits::new(hits[..count].iter().copied()).map_or(Cell::Rest, Cell::Strike)
    }

    fn begin(&mut self, voice: Voice) {
        if self.in_block[voice as usize] && self.voice != Some(voice) {
            self.end_block();
        }
        self.in_block[voice as usize] = true;
        self.has_voice[voice as usize] = true;
        self.voice = Some(voice);
    }

    /// Fills every voice up to the same whole bar.
    fn end_block(&mut self) {
        let longest = self.lanes.iter().map(Vec::len).max().unwrap_or(0);
        let num_bars = longest.div_ceil(self.steps_per_bar);
        let end = (num_bars * self.steps_per_bar).clamp(self.block_start, self.max_steps());
        self.lanes.iter_mut().for_each(|lane| lane.resize(end, Cell::Rest));
        self.block_start = end;
        self.in_block = [false; 4];
    }

    /// The most whole bars.
    fn max_steps(&self) -> usize {
        MAX_STEPS / self.steps_per_bar * self.steps_per_bar
    }

    fn comment(&mut self, number: usize, comment: &str) {
        let Some((word, value)) = comment.split_once([':', '=', ' ']) else { return };
        let value = value.trim_start_matches([' ', ':', '=']).trim();
        let is_read = match word.trim().to_ascii_lowercase().as_str() {
            "tempo" | "bpm" => self.tempo_comment(value),
            "meter" | "time" => self.meter_comment(value),
            "swing" => self.swing_comment(value),
            _ => true,
        };
        if !is_read {
            self.warn(number, comment, Problem::Metadata);
        }
    }

    /// The three below say whether the comment can be used; words without a number are an ordinary comment.
    fn tempo_comment(&mut self, value: &str) -> bool {
        let Some(bpm) = number(value) else { return true };
        let tempo = Bpm::new(bpm).ok();
        self.tempo = self.tempo.or(tempo);
        tempo.is_some()
    }

    fn swing_comment(&mut self, value: &str) -> bool {
        let Some(amount) = number(value) else { return true };
        if !(0.0..=1.0).contains(&amount) {
            return false;
        }
        let unit = if value.contains("eighth") { SwingUnit::Eighth } else { SwingUnit::Sixteenth };
        self.swing = self.swing.or(Some(Swing { amount: Amount::new(amount as f32), unit }));
        true
    }

    fn meter_comment(&mut self, value: &str) -> bool {
        let Some((upper, lower)) = value.split_once('/') else { return true };
        let (Ok(upper), Ok(lower)) = (upper.trim().parse(), lower.trim().parse()) else { return true };
        let Ok(meter) = Meter::new(upper, lower) else { return false };
        if self.is_meter_named || self.lanes.iter().any(|lane| !lane.is_empty()) {
            return meter == self.meter;
        }
        self.is_meter_named = true;
        self.meter = meter;
        self.steps_per_bar = super::steps_per_bar(meter);
        true
    }

    fn finish(mut self) -> Parsed {
        self.end_block();
        let pattern = Pattern { tempo: self.tempo, swing: self.swing, meter: self.meter, lanes: self.lanes };
        Parsed {
            pattern,
            warnings: self.warnings,
            num_more_warnings: self.num_more_warnings,
            has_voice: self.has_voice,
        }
    }
}

/// `BASS`, and what people and models make of it: `bass:`, `[Bass]`, `**BASS**`.
fn header(line: &str) -> Option<Voice> {
    let word = line.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    Voice::ALL.into_iter().find(|voice| word.eq_ignore_ascii_case(voice.header()))
}

/// Several words, and no note among them.
fn is_prose(line: &str) -> bool {
    line.split_whitespace().nth(PROSE_WORDS - 1).is_some() && !line.split(',').any(|entry| hit(entry.trim()).is_ok())
}

/// What stands before a `#` that follows a blank; the `#` of a sharp follows a letter.
fn without_comment(line: &str) -> &str {
    let at = line.match_indices('#').find(|(at, _)| line[..*at].ends_with(char::is_whitespace));
    at.map_or(line, |(at, _)| line[..at].trim_end())
}

/// The number a value begins with.
fn number(value: &str) -> Option<f64> {
    let digits = value.split(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | '-')).next()?;
    digits.parse().ok()
}

fn hit(entry: &str) -> Result<Hit, Problem> {
    let (name, velocity) = entry.split_once(':').ok_or(Problem::NotANote)?;
    let key = theory::key_number(name.trim()).map_err(|_| Problem::Key)?;
    let velocity = velocity.trim();
    let is_number = !velocity.is_empty() && velocity.bytes().all(|byte| byte.is_ascii_digit());
    let velocity = velocity.parse().ok().filter(|velocity| is_number && *velocity < 128).ok_or(Problem::Velocity)?;
    Ok(Hit { key, velocity })
}
