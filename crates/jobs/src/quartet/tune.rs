//! What a quartet plays over: key, tempo, meter and a line of chords that goes round.
use crate::StyleEntry;
use composer::compose;
use take::{BarCount, Beats, Bpm, ChordSpan, Hints, Meter, PitchClass, Scale, TakeSpec};
use theory::{ChordLineError, Key, parse_chord_line};

/// Shorter lines do not go round: their first chord is held.
const MIN_LINE_BEATS: f64 = 0.25;

/// A tune without its melody.
#[derive(Debug, Clone, PartialEq)]
pub struct Tune {
    /// Tonic and scale.
    pub key: Key,
    /// Meter.
    pub meter: Meter,
    /// Tempo.
    pub tempo: Bpm,
    /// Without gaps, from beat 0.
    line: Vec<ChordSpan>,
    line_beats: f64,
}

impl Tune {
    /// Over chords as people type them. Without a key, the major or minor one that most of the chords lie in.
    ///
    /// # Errors
    /// [`ChordLineError`] with column and text.
    pub fn over_chords(
        text: &str,
        key: Option<(PitchClass, Scale)>,
        meter: Meter,
        tempo: Bpm,
    ) -> Result<Self, ChordLineError> {
        let line = parse_chord_line(text, meter.bar_beats())?;
        let given = key.map(|(tonic, scale)| Key::new(tonic, scale));
        let heard = || theory::key_of_chords(&line).map(|guess| guess.key());
        let key = given.or_else(heard).unwrap_or_default();
        let span = |at: &theory::ChordAt| ChordSpan {
            start: at.start,
            duration: at.duration,
            symbol: at.chord.map_or_else(|| "N.C.".to_owned(), |chord| chord.symbol(&key)),
        };
        let line_beats = line.last().map_or(0.0, |last| last.start.0 + last.duration.0);
        Ok(Self { key, meter, tempo, line: line.iter().map(span).collect(), line_beats })
    }

    /// Over a progression of a style's, drawn by the seed.
    pub fn of_style(
        style: &StyleEntry,
        key: Option<(PitchClass, Scale)>,
        (meter, tempo, bars): (Meter, Bpm, BarCount),
        seed: u64,
    ) -> Self {
        let (tonic, scale) = key.unzip();
        let spec = TakeSpec { key: tonic, scale, meter, bars, ..TakeSpec::new(style.id.clone(), tempo, seed) };
        let composed = compose(&spec, &style.style, &Hints::default());
        let key = Key::new(composed.key, composed.scale);
        Self { key, meter, tempo, line: composed.chords, line_beats: composed.loop_beats.0 }
    }

    /// The chords of a stretch, counted from its first beat.
    pub fn chords(&self, from: Beats, length: Beats) -> Vec<ChordSpan> {
        let mut chords = Vec::new();
        if self.line_beats < MIN_LINE_BEATS {
            let held = self.line.iter().take(1).map(|first| ChordSpan {
                start: Beats(0.0),
                duration: length,
                ..first.clone()
            });
            return held.collect();
        }
        let end = from.0 + length.0;
        let mut round = (from.0 / self.line_beats).floor() * self.line_beats;
        while round < end - 1e-9 {
            for span in &self.line {
                let start = (round + span.start.0).max(from.0);
                let stop = (round + span.start.0 + span.duration.0).min(end);
                if stop > start + 1e-9 {
                    let (start, duration) = (Beats(start - from.0), Beats(stop - start));
                    chords.push(ChordSpan { start, duration, symbol: span.symbol.clone() });
                }
            }
            round += self.line_beats;
        }
        chords
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tune(text: &str) -> Tune {
        Tune::over_chords(text, None, Meter::FOUR_FOUR, Bpm::DEFAULT).unwrap()
    }

    fn symbols(chords: &[ChordSpan]) -> Vec<(f64, f64, &str)> {
        chords.iter().map(|span| (span.start.0, span.duration.0, span.symbol.as_str())).collect()
    }

    #[test]
    fn a_line_goes_round() {
        let tune = tune("Dm7 G7 | Cmaj7 | N.C.");
        let chords = tune.chords(Beats(8.0), Beats(8.0));
        assert_eq!(symbols(&chords), [(0.0, 4.0, "N.C."), (4.0, 2.0, "Dm7"), (6.0, 2.0, "G7")]);
        assert_eq!(symbols(&tune.chords(Beats(13.0), Beats(2.0))), [(0.0, 1.0, "Dm7"), (1.0, 1.0, "G7")]);
    }

    #[test]
    fn a_line_of_no_length_is_held() {
        let chords = tune("C@0.01").chords(Beats(1.0), Beats(8.0));
        assert_eq!(symbols(&chords), [(0.0, 8.0, "C")]);
    }

    #[test]
    fn the_key_is_the_one_most_chords_lie_in() {
        for (line, name) in
            [("Dm7 | G7 | Cmaj7", "C"), ("Am7 | D7 | Gmaj7", "G"), ("Bm7b5 | E7b9 | Am7", "Am"), ("Cm | Fm | Gm", "Cm")]
        {
            assert_eq!(tune(line).key.short_name(), name, "{line}");
        }
    }
}
