//! The pad: the chord held, voices moving as little as they can.
use super::Raw;
use crate::changes::Changes;
use crate::context::Context;
use take::{Part, PartKind};
use theory::{Register, VoicingKind, voice_lead};

/// Around middle C, above the bass and below most melodies.
const REGISTER: Register = Register { low: 52, high: 76, max_voices: 4 };

/// The pad's part, without notes.
pub(super) fn part() -> Part {
    // Warm pad; 90 where General MIDI charts count from one.
    Part { kind: PartKind::Texture, name: "Pad".to_owned(), program: 89, channel: 3, notes: Vec::new() }
}

/// Holds every chord to its end, two bars at most, then strikes it again, as after a rest.
pub(super) fn play(context: &Context<'_>, changes: &Changes) -> Vec<Raw> {
    let longest = 2.0 * context.bar.beats;
    let next_entry = |beat: f64| changes.rests().map(|(_, end)| end).find(|end| *end > beat + 1e-9);
    let mut notes = Vec::new();
    let mut previous = Vec::new();
    for planned in &context.chords {
        let keys = voice_lead(&planned.chord, VoicingKind::Close, REGISTER, &previous);
        let mut start = planned.start;
        let end = planned.end.min(context.loop_beats);
        while start < end - 1e-9 {
            let until = next_entry(start).map_or(end, |entry| entry.min(end));
            let duration = (until - start).min(longest);
            let velocity = 50.0 + 28.0 * context.energy;
            let note = |&key: &u8| Raw { start, duration, key, velocity, push_ms: 0.0, is_exact: false };
            notes.extend(keys.iter().map(note));
            start += duration;
        }
        previous = keys;
    }
    notes
}
