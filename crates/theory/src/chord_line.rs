//! Lines of chords as people type them: `Dm7 G7 | Cmaj7 | % | N.C.`.
use crate::chord::Chord;
use crate::spelling::Key;
use take::Beats;

/// A chord with its place in a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChordAt {
    /// First beat, 0.0 = start of the line.
    pub start: Beats,
    /// Length in beats, > 0.0.
    pub duration: Beats,
    /// What sounds; `None` = no chord (`N.C.`).
    pub chord: Option<Chord>,
}

/// A chord line nobody can read, with the place where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("column {column}: `{text}` {problem}")]
pub struct ChordLineError {
    /// First character of what is wrong, 1 = first of the line, counted in characters.
    pub column: usize,
    /// What stands there.
    pub text: String,
    /// What is wrong with it.
    pub problem: ChordLineProblem,
}

/// What can be wrong with a chord line.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChordLineProblem {
    /// Neither chord nor sign.
    #[error("is not a chord symbol such as Am7, F#maj9 or Bb7/D")]
    Chord,
    /// The beats after `@` or `:`.
    #[error("does not set beats: a number above 0 and up to {max}", max = MAX_BEATS)]
    Beats,
    /// `%` or `/` with nothing before it.
    #[error("repeats what comes before, but nothing does")]
    Repeat,
    /// More or fewer beats than the bar has.
    #[error("makes a bar of {beats} beats; it has {bar_beats}")]
    Bar {
        /// Beats of the chords written.
        beats: f64,
        /// Beats of a bar.
        bar_beats: f64,
    },
    /// No chord at all.
    #[error("holds no chord")]
    Empty,
    /// More than anybody types.
    #[error("is too much: {max} chords at most", max = MAX_CHORDS)]
    TooLong,
    /// The bar itself is no length.
    #[error("is not a length of a bar in beats")]
    BarBeats,
}

/// Most chords of a line.
const MAX_CHORDS: usize = 4096;
/// Longest chord in beats.
const MAX_BEATS: f64 = 1024.0;
/// Rounding that is let pass when beats of a bar are added up.
const TOLERANCE_BEATS: f64 = 1e-6;

/// Reads a line of chords. Bars end with `|` or a new line; without a single `|` every chord is a bar. Chords of a bar
/// share its beats equally; `Chord@2` or `Chord:2` sets beats, and the others of the bar share what is left. `%` alone in
/// a bar repeats the bar before, `%` or `/` beside chords holds the chord before. `N.C.` is silence. Bars with nothing in
/// them (`||`) are skipped.
///
/// # Errors
/// [`ChordLineError`] with column and text of the first thing that cannot be read.
pub fn parse_chord_line(text: &str, bar_beats: Beats) -> Result<Vec<ChordAt>, ChordLineError> {
    let problem = |problem, text: String| ChordLineError { column: 1, text, problem };
    if !(bar_beats.0 > 0.0 && bar_beats.0 <= MAX_BEATS) {
        return Err(problem(ChordLineProblem::BarBeats, bar_beats.0.to_string()));
    }
    let has_bars = text.contains('|');
    let bars = bars(text, has_bars);
    if bars.iter().map(Vec::len).sum::<usize>() > MAX_CHORDS {
        return Err(problem(ChordLineProblem::TooLong, shortened(text)));
    }
    let mut reader = Reader { bar_beats: bar_beats.0, has_bars, at: 0.0, last_bar: 0..0, line: Vec::new() };
    for bar in &bars {
        reader.bar(bar)?;
        if reader.line.len() > MAX_CHORDS {
            return Err(problem(ChordLineProblem::TooLong, shortened(text)));
        }
    }
    if reader.line.is_empty() { Err(problem(ChordLineProblem::Empty, shortened(text))) } else { Ok(reader.line) }
}

/// The line as text that [`parse_chord_line`] reads back, chords spelled in `key`. Bars are drawn where chords fall into
/// them; a line that crosses a bar line, or has odd lengths, is printed with `@` and no bars.
pub fn print_chord_line(line: &[ChordAt], bar_beats: Beats, key: &Key) -> String {
    let symbol = |at: &ChordAt| at.chord.map_or("N.C.".to_owned(), |chord| chord.symbol(key));
    match into_bars(line, bar_beats.0) {
        Some(bars) if bars.len() > 1 => {
            let bar = |bar: &&[ChordAt]| {
                let is_even = bar.iter().all(|at| at.duration.0 == bar_beats.0 / bar.len() as f64);
                let chord = |at| if is_even { symbol(at) } else { format!("{}@{}", symbol(at), at.duration.0) };
                bar.iter().map(chord).collect::<Vec<_>>().join(" ")
            };
            bars.iter().map(bar).collect::<Vec<_>>().join(" | ")
        }
        _ => line.iter().map(|at| format!("{}@{}", symbol(at), at.duration.0)).collect::<Vec<_>>().join(" "),
    }
}

/// The chords of each bar, if every bar is filled from its first beat to its last.
fn into_bars(line: &[ChordAt], bar_beats: f64) -> Option<Vec<&[ChordAt]>> {
    let mut bars = Vec::new();
    let (mut from, mut end) = (0, bar_beats);
    for (index, at) in line.iter().enumerate() {
        let until = at.start.0 + at.duration.0;
        if (until - end).abs() < TOLERANCE_BEATS {
            bars.push(&line[from..=index]);
            (from, end) = (index + 1, end + bar_beats);
        } else if until > end {
            return None;
        }
    }
    (from == line.len()).then_some(bars)
}

/// A chord or sign as typed.
struct Word<'t> {
    column: usize,
    text: &'t str,
}

impl Word<'_> {
    fn wrong(&self, problem: ChordLineProblem) -> ChordLineError {
        ChordLineError { column: self.column, text: shortened(self.text), problem }
    }
}

/// At most 40 characters of `text`.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(37).chain("...".chars()).collect() }
}

/// The words of each bar, empty bars left out; without bar lines every word is a bar.
fn bars(text: &str, has_bars: bool) -> Vec<Vec<Word<'_>>> {
    let mut bars = vec![Vec::new()];
    let mut word_from = None;
    let ends = text.char_indices().chain([(text.len(), '\n')]);
    for (column, (at, letter)) in ends.enumerate() {
        let is_bar_line = has_bars && matches!(letter, '|' | '\n');
        if !(letter.is_whitespace() || is_bar_line) {
            word_from.get_or_insert((column + 1, at));
            continue;
        }
        if let Some((column, from)) = word_from.take() {
            bars.last_mut().unwrap_or(&mut Vec::new()).push(Word { column, text: &text[from..at] });
        }
        if is_bar_line || !has_bars {
            bars.push(Vec::new());
        }
    }
    bars.retain(|bar| !bar.is_empty());
    bars
}

struct Reader {
    bar_beats: f64,
    has_bars: bool,
    at: f64,
    /// Chords of the bar before.
    last_bar: std::ops::Range<usize>,
    line: Vec<ChordAt>,
}

impl Reader {
    fn bar(&mut self, words: &[Word<'_>]) -> Result<(), ChordLineError> {
        let from = self.line.len();
        match words {
            [word] if word.text == "%" => self.repeat(word)?,
            _ => self.chords(words)?,
        }
        self.last_bar = from..self.line.len();
        Ok(())
    }

    fn repeat(&mut self, word: &Word<'_>) -> Result<(), ChordLineError> {
        if self.last_bar.is_empty() {
            return Err(word.wrong(ChordLineProblem::Repeat));
        }
        for index in self.last_bar.clone() {
            let ChordAt { duration, chord, .. } = self.line[index];
            self.push(chord, duration.0);
        }
        Ok(())
    }

    fn chords(&mut self, words: &[Word<'_>]) -> Result<(), ChordLineError> {
        let mut chords: Vec<(Option<Option<Chord>>, Option<f64>)> = Vec::new();
        for word in words {
            let (symbol, beats) = beats(word)?;
            let is_hold = matches!(symbol, "%" | "/");
            if is_hold && chords.is_empty() {
                return Err(word.wrong(ChordLineProblem::Repeat));
            }
            chords.push((if is_hold { None } else { Some(chord(word, symbol)?) }, beats));
        }
        let set: f64 = chords.iter().filter_map(|(_, beats)| *beats).sum();
        let num_open = chords.iter().filter(|(_, beats)| beats.is_none()).count();
        let left = self.bar_beats - set;
        let is_filled = if num_open > 0 { left > TOLERANCE_BEATS } else { left.abs() <= TOLERANCE_BEATS };
        if self.has_bars && !is_filled {
            let last = &words[words.len() - 1];
            return Err(last.wrong(ChordLineProblem::Bar { beats: set, bar_beats: self.bar_beats }));
        }
        for (chord, beats) in chords {
            let duration = beats.unwrap_or(left / num_open as f64);
            match (chord, self.line.last_mut()) {
                (None, Some(held)) => {
                    held.duration.0 += duration;
                    self.at += duration;
                }
                (chord, _) => self.push(chord.flatten(), duration),
            }
        }
        Ok(())
    }

    fn push(&mut self, chord: Option<Chord>, duration: f64) {
        self.line.push(ChordAt { start: Beats(self.at), duration: Beats(duration), chord });
        self.at += duration;
    }
}

/// Symbol and beats of a word.
fn beats<'t>(word: &Word<'t>) -> Result<(&'t str, Option<f64>), ChordLineError> {
    let Some((symbol, beats)) = word.text.split_once(['@', ':']) else { return Ok((word.text, None)) };
    let number = beats.parse::<f64>().ok().filter(|beats| *beats > TOLERANCE_BEATS && *beats <= MAX_BEATS);
    number.map(|beats| (symbol, Some(beats))).ok_or_else(|| word.wrong(ChordLineProblem::Beats))
}

fn chord(word: &Word<'_>, symbol: &str) -> Result<Option<Chord>, ChordLineError> {
    if ["N.C.", "N.C", "NC"].iter().any(|silence| silence.eq_ignore_ascii_case(symbol)) {
        return Ok(None);
    }
    Chord::parse(symbol).map(Some).map_err(|_| word.wrong(ChordLineProblem::Chord))
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::{PitchClass, Scale};

    fn read(text: &str) -> Vec<(f64, f64, String)> {
        let key = Key::new(PitchClass::new(0), Scale::Major);
        let line = parse_chord_line(text, Beats(4.0)).unwrap_or_else(|error| panic!("{error}"));
        let symbol = |at: &ChordAt| at.chord.map_or("-".to_owned(), |chord| chord.symbol(&key));
        line.iter().map(|at| (at.start.0, at.duration.0, symbol(at))).collect()
    }

    fn wrong(text: &str) -> String {
        parse_chord_line(text, Beats(4.0)).unwrap_err().to_string()
    }

    #[test]
    fn chords_of_a_bar_share_its_beats() {
        let expected =
            [(0.0, 2.0, "Dm7"), (2.0, 2.0, "G7"), (4.0, 4.0, "Cmaj7"), (8.0, 4.0, "Cmaj7"), (12.0, 4.0, "-")];
        assert_eq!(
            read("Dm7 G7 | Cmaj7 | % | N.C."),
            expected.map(|(start, beats, chord)| (start, beats, chord.into()))
        );
    }

    #[test]
    fn without_bar_lines_every_chord_is_a_bar() {
        let expected = [(0.0, 4.0, "C"), (4.0, 4.0, "Am"), (8.0, 2.0, "F"), (10.0, 4.0, "G")];
        assert_eq!(read("C Am\n F@2 G"), expected.map(|(start, beats, chord)| (start, beats, chord.into())));
    }

    #[test]
    fn beats_and_holds_divide_a_bar() {
        let expected = [(0.0, 3.0, "C7"), (3.0, 0.5, "F7"), (3.5, 0.5, "Gb7"), (4.0, 3.0, "C7"), (7.0, 1.0, "G7")];
        let sharp = read("C7:3 F7 F#7 | C7 / / G7");
        assert_eq!(sharp.iter().map(|at| (at.0, at.1)).collect::<Vec<_>>(), expected.map(|at| (at.0, at.1)));
    }

    #[test]
    fn a_repeated_bar_may_be_repeated_again() {
        assert_eq!(read("|| C G | % | % ||\n| Am |").len(), 7);
    }

    #[test]
    fn errors_name_column_and_text() {
        let chord = "is not a chord symbol such as Am7, F#maj9 or Bb7/D";
        assert_eq!(wrong("C | H7 | G"), format!("column 5: `H7` {chord}"));
        assert_eq!(wrong("C♯° | é"), format!("column 7: `é` {chord}"));
        assert_eq!(wrong("C@x | G"), "column 1: `C@x` does not set beats: a number above 0 and up to 1024");
        assert_eq!(wrong("% | G"), "column 1: `%` repeats what comes before, but nothing does");
        assert_eq!(wrong("C@3 G@2 | F"), "column 5: `G@2` makes a bar of 5 beats; it has 4");
        assert_eq!(wrong("C@3 G@1 F | F"), "column 9: `F` makes a bar of 4 beats; it has 4");
        assert_eq!(wrong(" | "), "column 1: ` | ` holds no chord");
        assert!(wrong(&"C ".repeat(5000)).ends_with("4096 chords at most"));
        assert!(parse_chord_line("C", Beats(0.0)).is_err() && parse_chord_line("C", Beats(f64::NAN)).is_err());
    }

    #[test]
    fn printed_lines_read_back() {
        let key = Key::new(PitchClass::new(2), Scale::Minor);
        for text in ["Dm7 G7 | Cmaj7 | % | N.C.", "C@3 Db7 | F", "C@6 F@3 G7(b9,#11)/B@1", "N.C.", "Cm(maj7) | C6/9"] {
            let line = parse_chord_line(text, Beats(4.0)).unwrap();
            let printed = print_chord_line(&line, Beats(4.0), &key);
            assert_eq!(parse_chord_line(&printed, Beats(4.0)).as_ref(), Ok(&line), "{text} -> {printed}");
        }
    }
}
