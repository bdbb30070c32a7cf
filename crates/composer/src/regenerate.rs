//! Chosen bars or parts are composed anew; everything else stays as it is, bit for bit.
use crate::changes::{Changes, Dials};
use crate::feel::Feel;
use crate::style::Style;
use crate::{effective_complexity, effective_energy, parts};
use std::ops::Range;
use take::{Amount, Hints, Note, Part, PartKind, TakeSpec};

/// What is composed anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anew {
    /// These parts.
    pub parts: Vec<PartKind>,
    /// In these bars, half-open, counted from 0.
    pub bars: Range<usize>,
}

/// Where a take comes from: what the parts were, and are to be, composed from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The take's key and chords.
    pub changes: &'a Changes,
    /// Its spec.
    pub spec: &'a TakeSpec,
    /// Its style, or another one for the new notes.
    pub style: &'a Style,
    /// Its prompt, understood.
    pub hints: &'a Hints,
}

/// Shortest note left where a new one has to make room, a 64th.
const MIN_BEATS: f64 = 0.0625;
/// Seeds tried until the new notes are others than the old.
const MAX_TRIES: u64 = 16;

/// `old` with the notes that start in the chosen bars of the chosen parts replaced. All other notes are the same, in
/// value and number; a held old note that rings into the bars is not cut. A chosen part that `old` lacks is added.
pub fn regenerate(old: &[Part], origin: &Origin, anew: &Anew, seed: u64) -> Vec<Part> {
    let bar_beats = origin.changes.bar_beats().0;
    let end_bar = anew.bars.end.min(origin.changes.num_bars);
    let span = anew.bars.start as f64 * bar_beats..end_bar as f64 * bar_beats;
    let mut result = old.to_vec();
    for &kind in &anew.parts {
        let before = old.iter().find(|part| part.kind == kind);
        let tries = (0..MAX_TRIES).filter_map(|nth| composed(origin, kind, seed.wrapping_add(nth)));
        // The last try counts even if nothing else can be played there.
        let mut fresh = None;
        for part in tries {
            let merged = merged(before, part, &span);
            let is_new = !merged.notes.is_empty() && before.is_none_or(|before| before.notes != merged.notes);
            fresh = Some(merged);
            if is_new {
                break;
            }
        }
        let Some(fresh) = fresh.filter(|part| !part.notes.is_empty()) else { continue };
        match result.iter_mut().find(|part| part.kind == kind) {
            Some(part) => *part = fresh,
            None => result.push(fresh),
        }
    }
    result.sort_by_key(|part| part.kind);
    result
}

/// The whole part with another seed.
fn composed(origin: &Origin, kind: PartKind, seed: u64) -> Option<Part> {
    let Origin { changes, spec, style, hints } = *origin;
    let mut hints = hints.clone();
    for other in PartKind::ALL {
        hints.parts[other as usize].is_wanted = Some(other == kind);
    }
    let energy = effective_energy(spec, &hints).get();
    let complexity = effective_complexity(spec, &hints).get();
    let context = changes.context(style, &hints, Dials { energy, complexity, seed });
    let swing = spec.swing.or(hints.swing).map_or(style.swing.0, Amount::get);
    let beats_per_ms = spec.tempo.get() / 60_000.0;
    let feel = Feel { swing, unit: style.swing_unit, humanise: spec.humanise.get(), beats_per_ms };
    parts(&context, feel).into_iter().find(|part| part.kind == kind)
}

/// Old notes outside `span`, new ones inside.
fn merged(before: Option<&Part>, fresh: Part, span: &Range<f64>) -> Part {
    let is_inside = |note: &Note| span.contains(&note.start.0);
    let Some(before) = before else {
        let notes = fresh.notes.iter().copied().filter(is_inside).collect();
        return Part { notes, ..fresh };
    };
    let kept: Vec<Note> = before.notes.iter().copied().filter(|note| !is_inside(note)).collect();
    let is_single_voice = matches!(fresh.kind, PartKind::Bass | PartKind::Melody);
    let share_a_voice = |a: &Note, b: &Note| is_single_voice || a.key == b.key;
    let mut notes = kept.clone();
    for mut note in fresh.notes.into_iter().filter(is_inside) {
        let rivals = || kept.iter().filter(|old| share_a_voice(old, &note));
        let is_covered =
            rivals().any(|old| old.start.0 < note.start.0 && old.start.0 + old.duration.0 > note.start.0 + 1e-9);
        let next =
            rivals().map(|old| old.start.0).filter(|&start| start >= span.end - 1e-9).fold(f64::INFINITY, f64::min);
        let room = next - note.start.0;
        if is_covered || room < MIN_BEATS {
            continue;
        }
        note.duration.0 = note.duration.0.min(room);
        notes.push(note);
    }
    notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
    Part { notes, ..before.clone() }
}
