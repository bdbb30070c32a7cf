//! A planned form as notes: the band plays section by section.
use super::riser;
use super::{FormPlan, Section};
use crate::arrange::{BandSpec, composition};
use crate::changes::Changes;
use crate::style::Drum;
use crate::{Composition, parts};
use take::{Amount, Beats, Hints, Note, Part, PartKind};

/// The whole form, played. Sections of one theme have the same melody over their own chords; groove and comping change
/// with the energy of the section.
pub fn compose_form(plan: &FormPlan, spec: &BandSpec) -> Composition {
    let mut whole: Vec<Part> = Vec::new();
    for section in &plan.sections {
        let mut played = section_parts(plan, section, spec);
        if section.is_build {
            riser::build(&mut played, section, spec, plan.changes.bar_beats().0);
        }
        if section.is_drop {
            crash(&mut played);
        }
        let offset = section.first_bar as f64 * plan.changes.bar_beats().0;
        append(&mut whole, played, offset);
    }
    whole.sort_by_key(|part| part.kind);
    composition(&plan.changes, spec, whole)
}

fn section_parts(plan: &FormPlan, section: &Section, spec: &BandSpec) -> Vec<Part> {
    let changes = section_changes(plan, section);
    let spec = BandSpec { energy: Amount::new(spec.energy.get() + section.energy), ..*spec };
    let context_parts = |wanted: &dyn Fn(PartKind) -> bool, seed: u64| {
        let mut hints = Hints::default();
        for kind in PartKind::ALL.into_iter().filter(|&kind| !wanted(kind)) {
            hints.parts[kind as usize].is_wanted = Some(false);
        }
        let context = changes.context(spec.style, &hints, BandSpec { seed, ..spec }.dials());
        parts(&context, spec.feel())
    };
    let plays = |kind: PartKind| section.parts.contains(&kind);
    let mut played = context_parts(&|kind| plays(kind) && kind != PartKind::Melody, spec.seed);
    if plays(PartKind::Melody) {
        // A seed of its own for each theme; the odd factor keeps letters apart.
        let seed = spec.seed ^ u64::from(section.theme as u32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        played.extend(context_parts(&|kind| kind == PartKind::Melody, seed));
    }
    played
}

/// The chords of a section, counted from its own first beat, in its own key.
fn section_changes(plan: &FormPlan, section: &Section) -> Changes {
    plan.changes.excerpt(section.key, section.first_bar, section.num_bars)
}

/// Loudest of all, on the first beat.
fn crash(parts: &mut [Part]) {
    if let Some(drums) = parts.iter_mut().find(|part| part.kind == PartKind::Drums) {
        drums.notes.retain(|note| note.key != Drum::Crash.key() || note.start.0 > 0.1);
        drums.notes.push(Note { start: Beats(0.0), duration: Beats(1.0), key: Drum::Crash.key(), velocity: 122 });
        drums.notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
    }
}

fn append(whole: &mut Vec<Part>, played: Vec<Part>, offset: f64) {
    for part in played {
        let moved = part.notes.iter().map(|note| Note { start: Beats(note.start.0 + offset), ..*note });
        match whole.iter_mut().find(|known| known.kind == part.kind) {
            Some(known) => known.notes.extend(moved),
            None => whole.push(Part { notes: moved.collect(), ..part }),
        }
    }
}
