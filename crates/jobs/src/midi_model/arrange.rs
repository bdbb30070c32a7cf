//! From the model's notes to the parts of a loop: on the grid, in the key, within the bars.
use super::ask::Voice;
use composer::Swing;
use models::midi_model::MidiModelNote;
use take::{Beats, Meter, Note, Part, PartKind};

/// Places in a beat that a note is brought to: sixteenths and triplet eighths. The model writes 16ths of a beat.
const PLACES: [f64; 7] = [0.0, 0.25, 1.0 / 3.0, 0.5, 2.0 / 3.0, 0.75, 1.0];
/// The shortest note.
const SHORTEST_BEATS: f64 = 1.0 / 16.0;
/// Above this share of notes in the key the model is taken to have meant it; below it, it is in another one.
const IN_KEY: f64 = 0.75;
/// Two places closer than this are one.
const NEAR: f64 = 1e-6;

/// What the notes have to fit.
pub(super) struct Frame {
    /// Length of the loop.
    pub loop_beats: f64,
    pub meter: Meter,
    /// Pitch classes that are allowed, bit 0 = C; `None` in styles that want no key.
    pub scale_mask: Option<u16>,
    /// What straight notes are played with, where somebody asks for it; else they stay as the model has them.
    pub swing: Option<Swing>,
}

/// A part for every voice that plays, in the order of `voices`. No part is empty.
pub(super) fn parts(notes: &[MidiModelNote], voices: &[Voice], frame: &Frame) -> Vec<Part> {
    let shift = frame.scale_mask.map_or(0, |mask| shift_into(notes, voices, mask));
    let part = |voice: &Voice| {
        let is_drums = voice.kind == PartKind::Drums;
        let key = |key: u8| match frame.scale_mask.filter(|_| !is_drums) {
            Some(mask) => nearest_in(mask, i32::from(key) + shift),
            None => key,
        };
        let own = notes.iter().filter(|note| note.channel == voice.channel);
        let mut notes: Vec<Note> = own.map(|note| placed(note, key(note.key), frame)).collect();
        tidy(&mut notes);
        let (kind, name, program) = (voice.kind, voice.name.clone(), voice.program);
        Part { kind, name, program, channel: channel_of(kind), notes }
    };
    voices.iter().map(part).filter(|part| !part.notes.is_empty()).collect()
}

/// As the band has it, whatever the model was given.
fn channel_of(kind: PartKind) -> u8 {
    match kind {
        PartKind::Bass => 0,
        PartKind::Harmony => 1,
        PartKind::Melody => 2,
        PartKind::Texture => 3,
        PartKind::Drums => 9,
    }
}

/// A note on the grid, and in the loop.
fn placed(note: &MidiModelNote, key: u8, frame: &Frame) -> Note {
    let straight = |beat: f64| (beat * 4.0 - (beat * 4.0).round()).abs() < NEAR;
    let played = |beat: f64| match frame.swing.filter(|_| straight(beat)) {
        Some(swing) => swing.played(Beats(beat), frame.meter).0,
        None => beat,
    };
    let start = on_grid(note.start_beats);
    let end = on_grid(note.start_beats + note.duration_beats);
    let end = if end > start + NEAR { end } else { start + note.duration_beats };
    let (from, to) = (played(start), played(end));
    // What is nearest to the end of the loop is its beginning.
    let from = if from >= frame.loop_beats - NEAR { 0.0 } else { from };
    let most = frame.loop_beats;
    let duration = (to - played(start)).clamp(SHORTEST_BEATS.min(most), most);
    Note { start: Beats(from), duration: Beats(duration), key, velocity: note.velocity.clamp(1, 127) }
}

/// The nearest of [`PLACES`].
fn on_grid(beat: f64) -> f64 {
    let whole = beat.floor();
    let distance = |place: &f64| (place - (beat - whole)).abs();
    let nearest = PLACES.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    whole + nearest.unwrap_or(0.0)
}

/// Sorted; of notes that are one now the loudest is kept, and a note ends where its key is struck again.
fn tidy(notes: &mut Vec<Note>) {
    notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)).then(b.velocity.cmp(&a.velocity)));
    notes.dedup_by(|next, kept| (next.start.0 - kept.start.0).abs() < NEAR && next.key == kept.key);
    for index in 0..notes.len() {
        let Note { start, duration, key, .. } = notes[index];
        let again = notes[index + 1..].iter().find(|next| next.key == key);
        if let Some(next) = again {
            notes[index].duration = Beats(duration.0.min(next.start.0 - start.0));
        }
    }
}

/// Semitones, -6..=5, that bring the most of the pitched notes into the key, by their lengths. 0 where enough of them are
/// in it already: a model of version 1 is told no key, and one of version 2 need not listen.
fn shift_into(notes: &[MidiModelNote], voices: &[Voice], mask: u16) -> i32 {
    let is_pitched = |note: &&MidiModelNote| {
        voices.iter().any(|voice| voice.channel == note.channel && voice.kind != PartKind::Drums)
    };
    let mut weights = [0.0; 12];
    for note in notes.iter().filter(is_pitched) {
        weights[usize::from(note.key % 12)] += note.duration_beats;
    }
    let within = |shift: i32| -> f64 {
        let is_in = |class: usize| mask >> (class as i32 + shift).rem_euclid(12) & 1 == 1;
        (0..12).filter(|class| is_in(*class)).map(|class| weights[class]).sum()
    };
    let whole: f64 = weights.iter().sum();
    if within(0) >= IN_KEY * whole {
        return 0;
    }
    // Of equally good ones the smallest move, downwards first.
    let mut shifts: Vec<i32> = (-6..=5).collect();
    shifts.sort_by_key(|shift| (shift.abs(), *shift));
    shifts.into_iter().fold(0, |best, shift| if within(shift) > within(best) + NEAR { shift } else { best })
}

/// The nearest key of the mask, the lower one of two; in MIDI's range.
fn nearest_in(mask: u16, key: i32) -> u8 {
    let is_in = |key: i32| (0..128).contains(&key) && mask >> key.rem_euclid(12) & 1 == 1;
    let around = (0..12).flat_map(|step| [key - step, key + step]);
    around.into_iter().find(|key| is_in(*key)).unwrap_or(key).clamp(0, 127) as u8
}
