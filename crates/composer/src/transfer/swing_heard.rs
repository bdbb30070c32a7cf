//! How much a performance swings.
use crate::Swing;
use crate::style::SwingUnit;
use take::{Amount, Note};

/// Fewest off-beats that say something.
const MIN_OFFBEATS: usize = 3;

/// The swing of `notes`, straight where their off-beats are, or are too few to tell. Eighths first, as sixteenths
/// that swing leave the off-beat eighth where it is.
pub fn heard_swing(notes: &[Note]) -> Swing {
    for (unit, unit_beats) in [(SwingUnit::Eighth, 0.5), (SwingUnit::Sixteenth, 0.25)] {
        if let Some(amount) = amount(notes, unit_beats) {
            return Swing { amount: Amount::new(amount), unit };
        }
    }
    Swing::STRAIGHT
}

/// 0.0 straight ..= 1.0 triplet; `None` unless most second halves of the pairs come late.
fn amount(notes: &[Note], unit_beats: f64) -> Option<f32> {
    // The second half of a pair at ratio 0.5 ..= 0.7 of it; triplet is 2/3.
    let phase = |note: &Note| note.start.0.rem_euclid(2.0 * unit_beats) / (2.0 * unit_beats);
    let mut late: Vec<f64> = notes.iter().map(phase).filter(|phase| (0.47..0.71).contains(phase)).collect();
    let straight = late.iter().filter(|phase| **phase < 0.54).count();
    if late.len() < MIN_OFFBEATS || straight * 2 > late.len() {
        return None;
    }
    late.sort_by(f64::total_cmp);
    let median = late[late.len() / 2];
    Some(((median - 0.5) * 6.0) as f32)
}
