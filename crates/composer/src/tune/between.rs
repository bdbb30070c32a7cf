//! From one melody to another in steps.
use crate::changes::Changes;
use take::{Beats, Note};

/// A note on its way.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Sounds all the time, and moves.
    Moves(Note, Note),
    /// Belongs to the first melody alone, sounds up to this share of the way.
    Leaves(Note, f64),
    /// Belongs to the second alone, sounds from this share of the way on.
    Comes(Note, f64),
}

/// `num_steps` melodies that lead from `a` to `b`: the first is `a`, the last is `b`, each in between is a step
/// nearer to `b`. Notes that have a partner move to it in time and through the keys that `changes` allow; the others
/// leave or come one after the other, the strong ones staying longest and coming first. One step is `a` alone.
pub fn interpolate(a: &[Note], b: &[Note], changes: &Changes, num_steps: usize) -> Vec<Vec<Note>> {
    let ways = ways(a, b, changes);
    let last = num_steps.saturating_sub(1);
    let melody = |index: usize| match index {
        0 => a.to_vec(),
        index if index == last => b.to_vec(),
        index => between(&ways, index as f64 / last as f64, changes),
    };
    (0..num_steps).map(melody).collect()
}

fn ways(a: &[Note], b: &[Note], changes: &Changes) -> Vec<Way> {
    let pairs = partners(a, b);
    let has_partner = |side: fn(&(usize, usize)) -> usize, index: usize| pairs.iter().any(|pair| side(pair) == index);
    let mut leaving: Vec<Note> = (0..a.len()).filter(|&i| !has_partner(|p| p.0, i)).map(|i| a[i]).collect();
    let mut coming: Vec<Note> = (0..b.len()).filter(|&i| !has_partner(|p| p.1, i)).map(|i| b[i]).collect();
    let weight = |note: &Note| (changes.strength_at(note.start), (note.duration.0 * 960.0) as i64);
    leaving.sort_by_key(|note| weight(note));
    coming.sort_by_key(|note| std::cmp::Reverse(weight(note)));
    let share = |index: usize, count: usize| (index as f64 + 0.5) / count as f64;
    let (num_leaving, num_coming) = (leaving.len(), coming.len());
    let moving = pairs.iter().map(|&(i, j)| Way::Moves(a[i], b[j]));
    let leaving = leaving.into_iter().enumerate().map(|(index, note)| Way::Leaves(note, share(index, num_leaving)));
    let coming = coming.into_iter().enumerate().map(|(index, note)| Way::Comes(note, share(index, num_coming)));
    moving.chain(leaving).chain(coming).collect()
}

/// Farthest that two onsets may lie apart, in beats, for their notes to be partners.
const REACH_BEATS: f64 = 1.0;

/// Pairs of notes that stand for each other, in order: the alignment (Needleman-Wunsch) with the least way to go.
fn partners(a: &[Note], b: &[Note]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    // What a note without a partner costs; a pair costs up to twice that.
    const GAP: f64 = 1.0;
    let cost = |i: usize, j: usize| {
        let apart = (a[i].start.0 - b[j].start.0).abs();
        let keys = f64::from(a[i].key.abs_diff(b[j].key)).min(24.0);
        if apart > REACH_BEATS { f64::INFINITY } else { 1.5 * apart / REACH_BEATS + keys / 48.0 }
    };
    let mut table = vec![0.0; (a.len() + 1) * width];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i * width + j] = match (i, j) {
                (0, j) => j as f64 * GAP,
                (i, 0) => i as f64 * GAP,
                (i, j) => (table[(i - 1) * width + j - 1] + cost(i - 1, j - 1))
                    .min(table[(i - 1) * width + j] + GAP)
                    .min(table[i * width + j - 1] + GAP),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (a.len(), b.len(), Vec::new());
    while i > 0 && j > 0 {
        let here = table[i * width + j];
        if here == table[(i - 1) * width + j - 1] + cost(i - 1, j - 1) {
            (i, j) = (i - 1, j - 1);
            pairs.push((i, j));
        } else if here == table[(i - 1) * width + j] + GAP {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    pairs.reverse();
    pairs
}

fn between(ways: &[Way], share: f64, changes: &Changes) -> Vec<Note> {
    let sounding = |way: &Way| match *way {
        Way::Moves(from, to) => Some(moved(&from, &to, share, changes)),
        Way::Leaves(note, until) => (share < until).then_some(note),
        Way::Comes(note, from) => (share >= from).then_some(note),
    };
    let mut notes: Vec<Note> = ways.iter().filter_map(sounding).collect();
    notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
    notes.dedup_by(|b, a| b.start == a.start);
    for index in 1..notes.len() {
        let room = notes[index].start.0 - notes[index - 1].start.0;
        notes[index - 1].duration.0 = notes[index - 1].duration.0.min(room);
    }
    notes
}

/// Part of the way from one note to the other. Onsets pass over sixteenths, keys over those that fit.
fn moved(from: &Note, to: &Note, share: f64, changes: &Changes) -> Note {
    let mix = |a: f64, b: f64| a + (b - a) * share;
    let raw = mix(from.start.0, to.start.0);
    let start = if from.start == to.start { raw } else { nearest_place(raw, from.start.0, to.start.0) };
    let duration = mix(from.duration.0, to.duration.0);
    let wished = mix(f64::from(from.key), f64::from(to.key));
    let velocity = mix(f64::from(from.velocity), f64::from(to.velocity)).round() as u8;
    Note { start: Beats(start), duration: Beats(duration), key: passing(wished, from, to, start, changes), velocity }
}

/// The nearest sixteenth between the two onsets, or one of them.
fn nearest_place(raw: f64, from: f64, to: f64) -> f64 {
    let (low, high) = (from.min(to), from.max(to));
    let grid = (raw * 4.0).round() / 4.0;
    let places = [low, high, grid.clamp(low, high)];
    places.into_iter().min_by(|a, b| (a - raw).abs().total_cmp(&(b - raw).abs())).unwrap_or(raw)
}

/// The key nearest to `wished` among those of the scale and chord between the two, both ends included.
fn passing(wished: f64, from: &Note, to: &Note, start: f64, changes: &Changes) -> u8 {
    let allowed = changes.allowed_at(Beats(start));
    let (low, high) = (from.key.min(to.key), from.key.max(to.key));
    let fits = |key: &u8| *key == low || *key == high || allowed & 1 << (key % 12) != 0;
    let distance = |key: &u8| ((f64::from(*key) - wished).abs() * 100.0) as i64;
    (low..=high).filter(fits).min_by_key(distance).unwrap_or(from.key)
}
