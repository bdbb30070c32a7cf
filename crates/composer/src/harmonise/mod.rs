//! Chords for notes: a melody is harmonised, or a whole texture is heard, by the cheapest path through candidate
//! chords (Viterbi). A chord costs what the notes over it rub, a change costs what functional harmony, or the style's
//! own progressions, would not do.
mod palette;

use crate::changes::Changes;
use crate::dice::{Dice, Stream};
use crate::style::Style;
use crate::tune;
use palette::{Candidate, candidates, change_cost};
use take::{Beats, Meter, Note};
use theory::Key;

pub(crate) use palette::{Class, class_of, degrees_of};

/// Which chords may be used.
#[derive(Debug, Clone, Copy)]
pub enum Palette<'s> {
    /// The triads of the key, its dominant seventh, and secondary dominants.
    Functional,
    /// The chords of a style's progressions, in the orders the style uses.
    Style(&'s Style),
    /// Triads and sevenths on all twelve notes: to hear what is there rather than to choose.
    Any,
}

/// How to harmonise.
#[derive(Debug, Clone, Copy)]
pub struct HarmoniseSpec<'s> {
    /// Key; found from the notes where absent.
    pub key: Option<Key>,
    /// Which chords.
    pub palette: Palette<'s>,
    /// Most chords in a bar, 1 or 2.
    pub chords_per_bar: usize,
    /// Seed; another seed takes another way where two are about as good.
    pub seed: u64,
}

/// Notes that cannot be harmonised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HarmoniseError {
    /// Nothing to fit chords to.
    #[error("there are no notes to find chords for")]
    NoNotes,
    /// Bars outside what [`Changes`] holds.
    #[error(transparent)]
    Changes(#[from] crate::changes::ChangesError),
}

/// Chords under `melody`, over `num_bars` bars.
///
/// # Errors
/// `NoNotes`; `Changes` for no bars or too many.
pub fn harmonise(
    melody: &[Note],
    meter: Meter,
    num_bars: usize,
    spec: &HarmoniseSpec,
) -> Result<Changes, HarmoniseError> {
    if melody.is_empty() {
        return Err(HarmoniseError::NoNotes);
    }
    let key = spec.key.unwrap_or_else(|| find_key(melody));
    // Strengths of the bar come with any changes.
    let blank = Changes::new(key, meter, num_bars, [])?;
    let candidates = candidates(spec.palette, &key);
    let segments = segments(melody, &blank, spec);
    let mut dice = Dice::new(spec.seed, Stream::Harmonise);
    let path = cheapest_path(&segments, &candidates, spec, &mut dice);
    let chords =
        segments.iter().zip(path).map(|(segment, index)| (Beats(segment.start), Some(candidates[index].chord)));
    Ok(Changes::new(key, meter, num_bars, chords)?)
}

/// A stretch that gets one chord.
struct Segment {
    start: f64,
    /// Sounding time of each pitch class, strong beats counted twice.
    weights: [f32; 12],
    /// Lowest pitch class.
    bass: Option<u8>,
    is_bar_line: bool,
}

fn segments(notes: &[Note], changes: &Changes, spec: &HarmoniseSpec) -> Vec<Segment> {
    let bar_beats = changes.bar_beats().0;
    let pulses = changes.bar_shape().pulses.clone();
    let middle = pulses.get(pulses.len() / 2).map_or(bar_beats / 2.0, |&step| step as f64 * 0.25);
    let per_bar: Vec<f64> = if spec.chords_per_bar >= 2 && middle < bar_beats { vec![0.0, middle] } else { vec![0.0] };
    let starts: Vec<f64> =
        (0..changes.num_bars).flat_map(|bar| per_bar.iter().map(move |at| bar as f64 * bar_beats + at)).collect();
    let ends = starts.iter().skip(1).copied().chain([changes.num_beats().0]);
    let segment = |(&start, end): (&f64, f64)| {
        let mut segment =
            Segment { start, weights: [0.0; 12], bass: None, is_bar_line: (start / bar_beats).fract() < 1e-9 };
        let mut lowest = 128;
        for note in notes {
            let sounding = (note.start.0 + note.duration.0).min(end) - note.start.0.max(start);
            if sounding > 0.03 {
                let is_strong = note.start.0 >= start - 0.06 && tune::strength(changes, note.start.0) >= 2;
                let weight = sounding as f32 * if is_strong { 2.0 } else { 1.0 };
                segment.weights[usize::from(note.key % 12)] += weight;
                lowest = lowest.min(note.key);
            }
        }
        segment.bass = (lowest < 128).then_some(lowest % 12);
        segment
    };
    starts.iter().zip(ends).map(segment).collect()
}

/// How much a stretch says about its chord, against how much the order of chords does.
const FIT_WEIGHT: f32 = 6.0;

fn cheapest_path(segments: &[Segment], candidates: &[Candidate], spec: &HarmoniseSpec, dice: &mut Dice) -> Vec<usize> {
    let changes: Vec<f32> =
        candidates.iter().flat_map(|from| candidates.iter().map(|to| change_cost(from, to, spec.palette))).collect();
    let hears = matches!(spec.palette, Palette::Any);
    let mut columns: Vec<Vec<(f32, usize)>> = Vec::with_capacity(segments.len());
    for (index, segment) in segments.iter().enumerate() {
        let is_last = index + 1 == segments.len();
        let column = candidates.iter().enumerate().map(|(to, candidate)| {
            let mut cost = candidate.prior + FIT_WEIGHT * fit_cost(segment, candidate, hears) + 0.3 * dice.unit();
            let closes = !hears && (is_last || index == 0);
            if closes && !candidate.is_tonic {
                cost += if is_last { 6.0 } else { 1.5 };
            }
            let Some(before) = columns.last() else { return (cost, 0) };
            let way = |from: usize| {
                let holds = from == to;
                let change =
                    if holds && segment.is_bar_line && !hears { 0.8 } else { changes[from * candidates.len() + to] };
                before[from].0 + change
            };
            let best = (0..candidates.len()).min_by(|&a, &b| way(a).total_cmp(&way(b))).unwrap_or(0);
            cost += way(best);
            (cost, best)
        });
        let column: Vec<(f32, usize)> = column.collect();
        columns.push(column);
    }
    traced(&columns)
}

fn traced(columns: &[Vec<(f32, usize)>]) -> Vec<usize> {
    let Some(last) = columns.last() else { return Vec::new() };
    let best = last.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let mut at = best.map_or(0, |(index, _)| index);
    let mut path = vec![at];
    for column in columns[1..].iter().rev() {
        at = column[at].1;
        path.push(at);
    }
    path.reverse();
    path
}

/// 0.0 where every note belongs to the chord, about 1.0 where most rub against it; a little for tones nobody plays
/// where the texture is complete (`hears`).
fn fit_cost(segment: &Segment, candidate: &Candidate, hears: bool) -> f32 {
    let total: f32 = segment.weights.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    let rub: f32 = segment.weights.iter().zip(candidate.rub).map(|(weight, rub)| weight * rub).sum();
    let mut cost = rub / total;
    if hears {
        let silent = (0..12).filter(|&pitch| candidate.chord.mask() & 1 << pitch != 0 && segment.weights[pitch] <= 0.0);
        cost += 0.12 * silent.count() as f32;
        if segment.bass != Some(candidate.chord.root.get()) {
            cost += 0.15;
        }
    }
    cost
}

/// The major or minor key that the notes are most likely in. C major without notes.
pub(crate) fn find_key(notes: &[Note]) -> Key {
    theory::key_of_notes(notes.iter().map(|note| (note.key, note.duration.0)))
        .map_or_else(Key::default, |guess| guess.key())
}
