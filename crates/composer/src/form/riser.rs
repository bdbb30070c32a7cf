//! What leads into a drop: a roll that doubles its speed and a line that climbs.
use super::Section;
use crate::arrange::BandSpec;
use crate::style::Drum;
use take::{Beats, Note, Part, PartKind};

/// Replaces the groove of a section by a build-up: a snare roll in quarters, then eighths, then sixteenths, the kick
/// silent in the last bar; and a line of the scale that climbs two octaves, faster and louder.
pub(super) fn build(parts: &mut Vec<Part>, section: &Section, spec: &BandSpec, bar_beats: f64) {
    let num_beats = section.num_bars as f64 * bar_beats;
    let last_bar = num_beats - bar_beats;
    let hits = hits(num_beats);
    let drums = part(parts, PartKind::Drums, spec);
    let is_rolled = |key: u8| [Drum::Snare, Drum::Clap, Drum::SnareTwo].iter().any(|drum| drum.key() == key);
    drums.notes.retain(|note| !is_rolled(note.key) && (note.key != Drum::Kick.key() || note.start.0 < last_bar));
    drums.notes.extend(hits.iter().map(|hit| hit.note(Drum::Snare.key(), num_beats, 45.0, 75.0)));
    sort(drums);
    let scale = theory::pitch_mask(section.key.tonic, theory::parent(section.key.scale));
    let tonic = section.key.tonic.get();
    let ladder: Vec<u8> = (60..=84 + 12).filter(|key| scale & 1 << (key % 12) != 0).collect();
    let first = ladder.iter().position(|key| key % 12 == tonic).unwrap_or(0);
    let texture = part(parts, PartKind::Texture, spec);
    // Two octaves of seven steps; the last note is the tonic again.
    let key_at = |start: f64| ladder[(first + (start / num_beats * 14.0) as usize).min(ladder.len() - 1)];
    texture.notes = hits.iter().map(|hit| hit.note(key_at(hit.start), num_beats, 40.0, 60.0)).collect();
    parts.sort_by_key(|part| part.kind);
}

#[derive(Clone, Copy)]
struct Hit {
    start: f64,
    length: f64,
}

impl Hit {
    /// A note that is `rise` louder at the end than at the beginning.
    fn note(self, key: u8, num_beats: f64, soft: f64, rise: f64) -> Note {
        let velocity = (soft + rise * self.start / num_beats).round().clamp(1.0, 127.0) as u8;
        Note { start: Beats(self.start), duration: Beats(self.length), key, velocity }
    }
}

/// Quarters for the first half, eighths for the next quarter, then sixteenths.
fn hits(num_beats: f64) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut start = 0.0;
    while start < num_beats - 1e-9 {
        let length: f64 = match start / num_beats {
            share if share < 0.5 => 1.0,
            share if share < 0.75 => 0.5,
            _ => 0.25,
        };
        hits.push(Hit { start, length: length.min(num_beats - start) });
        start += length;
    }
    hits
}

fn sort(part: &mut Part) {
    part.notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
}

/// The part, with the head a style without one would give it.
fn part<'p>(parts: &'p mut Vec<Part>, kind: PartKind, spec: &BandSpec) -> &'p mut Part {
    let index = parts.iter().position(|part| part.kind == kind).unwrap_or_else(|| {
        let style = spec.style;
        let drums = (style.drums.name.clone(), 0, 9);
        let riser = || ("Riser".to_owned(), 81, 3);
        let texture = style.texture.as_ref().map(|texture| (texture.name.clone(), texture.program.0, 3));
        let (name, program, channel) = if kind == PartKind::Drums { drums } else { texture.unwrap_or_else(riser) };
        parts.push(Part { kind, name, program, channel, notes: Vec::new() });
        parts.len() - 1
    });
    &mut parts[index]
}
