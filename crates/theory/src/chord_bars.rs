//! Bars of numerals: progressions before they have a key.
use crate::chord_line::ChordAt;
use crate::numeral::{Numeral, NumeralError};
use serde::Deserialize;
use take::{Beats, PitchClass};

/// Bars of Roman numerals: `i9 | bVImaj7 bVII | % | V7:3 V7b9:1`; `%` repeats the bar before, `:n` is a weight.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct ChordBars(pub Vec<Vec<(Numeral, u8)>>);

/// A progression that cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChordBarsError {
    /// A chord of it.
    #[error(transparent)]
    Numeral(#[from] NumeralError),
    /// A weight of it.
    #[error("`{0}` is not a weight from 1 to 16")]
    Weight(String),
    /// Nothing, or too much.
    #[error("bar {0} is empty, has more than 8 chords, or `%` stands first")]
    Bar(usize),
    /// Too long.
    #[error("{0} bars; 1 to 32 are allowed")]
    Length(usize),
}

impl TryFrom<String> for ChordBars {
    type Error = ChordBarsError;
    fn try_from(text: String) -> Result<Self, ChordBarsError> {
        let mut bars: Vec<Vec<(Numeral, u8)>> = Vec::new();
        for (index, bar) in text.split('|').enumerate() {
            let chords = match (bar.trim(), bars.last()) {
                ("%", Some(before)) => before.clone(),
                (bar, _) => bar.split_whitespace().map(weighted_numeral).collect::<Result<_, _>>()?,
            };
            if chords.is_empty() || chords.len() > 8 {
                return Err(ChordBarsError::Bar(index + 1));
            }
            bars.push(chords);
        }
        if (1..=32).contains(&bars.len()) { Ok(Self(bars)) } else { Err(ChordBarsError::Length(bars.len())) }
    }
}

fn weighted_numeral(text: &str) -> Result<(Numeral, u8), ChordBarsError> {
    let (numeral, weight) = text.split_once(':').unwrap_or((text, "1"));
    let weight: u8 = weight.parse().map_err(|_| ChordBarsError::Weight(weight.to_owned()))?;
    if !(1..=16).contains(&weight) {
        return Err(ChordBarsError::Weight(weight.to_string()));
    }
    Ok((numeral.parse()?, weight))
}

impl ChordBars {
    /// The chords in a key, bar after bar of `bar_beats`; the chords of a bar share it by their weights. Repeated chords
    /// stay apart.
    pub fn realise(&self, tonic: PitchClass, bar_beats: Beats) -> Vec<ChordAt> {
        let mut chords = Vec::with_capacity(self.0.len() * 2);
        for (index, bar) in self.0.iter().enumerate() {
            let mut start = index as f64 * bar_beats.0;
            let total: f64 = bar.iter().map(|(_, weight)| f64::from(*weight)).sum();
            for (numeral, weight) in bar {
                let duration = bar_beats.0 * f64::from(*weight) / total;
                chords.push(ChordAt {
                    start: Beats(start),
                    duration: Beats(duration),
                    chord: Some(numeral.in_key(tonic)),
                });
                start += duration;
            }
        }
        chords
    }
}
