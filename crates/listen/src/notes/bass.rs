//! Whether a chord has a bass note of its own.
use super::Played;
use take::PitchClass;
use theory::{Chord, Quality};

/// A bass lies at least this many semitones under the rest of the chord.
const GAP: u8 = 7;
/// And is the lowest note for at least this share of the chord's time so far.
const SHARE: f64 = 0.6;

/// `chord` with its slash bass, if it has one. A ninth or thirteenth that is only in the bass is no part of the chord
/// above: C/D, not Cadd9/D.
pub(crate) fn with_slash(notes: &[Played], since: f64, now: f64, chord: Chord) -> Chord {
    let Some(bass) = slash(notes, since, now, chord) else { return chord };
    let above_root = (bass.get() + 12 - chord.root.get()) % 12;
    let is_tension = |interval: &u8| *interval > 12 && interval % 12 == above_root;
    let mut rest = [0; 12];
    let mut num_rest = 0;
    for &interval in chord.quality.intervals().iter().filter(|interval| !is_tension(interval)).take(rest.len()) {
        rest[num_rest] = interval;
        num_rest += 1;
    }
    let quality = Quality::from_intervals(&rest[..num_rest]).unwrap_or(chord.quality);
    Chord { quality, bass: Some(bass), ..chord }
}

/// The slash bass of `chord`, which began at `since`: one note, not the root, well under the others, and under them
/// for most of the time. A bass line that moves, or an inversion in close position, is none.
fn slash(notes: &[Played], since: f64, now: f64, chord: Chord) -> Option<PitchClass> {
    let during = || notes.iter().filter(|note| note.on <= now && note.off.is_none_or(|off| off > since));
    let lowest = during().map(|note| note.key).min()?;
    let pitch = PitchClass::new(i32::from(lowest));
    let next = during().map(|note| note.key).filter(|key| key % 12 != lowest % 12).min()?;
    if pitch == chord.root || next - lowest < GAP {
        return None;
    }
    // Against the length of what lies above it: an arpeggio's bass may be short where all is short.
    let beats = |note: &Played| (note.off.unwrap_or(now).min(now) - note.on.max(since)).max(0.0);
    let bass: f64 = during().filter(|note| note.key == lowest).map(beats).sum();
    let above = during().filter(|note| note.key != lowest).map(beats).fold(0.0, f64::max);
    (bass >= SHARE * above).then_some(pitch)
}
