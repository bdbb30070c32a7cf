//! The band plays along: chords that somebody else chose become bars of drums, bass, chords, melody and pad.
//!
//! The same players as in [`crate::compose`], with the plan given instead of invented. Music is made in phrases that
//! lie on the host's bar grid. A phrase is a pure function of its request, so that composing it again with other
//! chords in its second half leaves the first half as it was.
mod pad;

use crate::changes::{Changes, Dials};
use crate::context::{Context, Fills, Raw};
use crate::feel::{self, Feel};
use crate::{Style, bass, comp, drums, melody, moved, sheet};
use take::{Amount, Bpm, Hints, Part, PartKind};

/// Everything that decides the notes of a phrase.
#[derive(Debug, Clone, Copy)]
pub struct PhraseRequest<'a> {
    /// How the band plays.
    pub style: &'a Style,
    /// The chords, over one bar more than is wanted at least: a walk or an anticipation has to know where it goes.
    pub changes: &'a Changes,
    /// Bars to give back, from the first; the bars after them are only looked at.
    pub num_bars: usize,
    /// Tempo; humanising is in milliseconds.
    pub tempo: Bpm,
    /// Number of the phrase, counted from the host's beat 0; decides what varies from phrase to phrase.
    pub number: i64,
    /// How hard the band plays.
    pub intensity: Amount,
    /// How much happens.
    pub complexity: Amount,
    /// How loosely.
    pub humanise: Amount,
    /// 0.0 straight ..= 1.0 triplet; the style's own where absent.
    pub swing: Option<Amount>,
    /// Seed.
    pub seed: u64,
    /// Bar of the phrase whose end the drummer fills.
    pub fill_bar: Option<usize>,
}

/// Composes a phrase. The parts come in [`PartKind`] order, the pad as [`PartKind::Texture`]; a part without notes is
/// left out. Notes start inside the phrase and are measured from its first beat. Over a rest only the drums play.
pub fn accompany(request: &PhraseRequest<'_>) -> Vec<Part> {
    let changes = request.changes;
    let hints = everybody();
    let dials = Dials { energy: request.intensity.get(), complexity: request.complexity.get(), seed: request.seed };
    let context = Context { fills: Fills::Only(request.fill_bar), ..changes.context(request.style, &hints, dials) };
    let phrase_beats = request.num_bars as f64 * context.bar.beats;
    let swing = request.swing.map_or(request.style.swing.0, Amount::get);
    let beats_per_ms = request.tempo.get() / 60_000.0;
    let feel = Feel { swing, unit: request.style.swing_unit, humanise: request.humanise.get(), beats_per_ms };
    let drums = drums::play(&context);
    let kicks = drums.kicks;
    let mut drum_notes = Some(drums.notes);
    let mut parts = Vec::with_capacity(PartKind::ALL.len());
    for kind in PartKind::ALL {
        let raws = match kind {
            PartKind::Drums => drum_notes.take().unwrap_or_default(),
            PartKind::Bass => moved(&context, bass::play(&context, &kicks)),
            PartKind::Harmony => comp::play(&context),
            // The groove stays from phrase to phrase; the line goes on.
            PartKind::Melody => melody::play(&Context { seed: phrase_seed(request), ..context.clone() }),
            PartKind::Texture => pad::play(&context, changes),
        };
        let raws = if kind == PartKind::Drums { raws } else { without_rests(raws, changes) };
        let mut notes = feel::play(&context, kind, raws, feel);
        notes.retain(|note| note.start.0 < phrase_beats);
        if let Some(head) = head(&context, kind).filter(|_| !notes.is_empty()) {
            parts.push(Part { notes, ..head });
        }
    }
    parts
}

/// The notes that do not start in a rest, cut where one begins.
fn without_rests(mut raws: Vec<Raw>, changes: &Changes) -> Vec<Raw> {
    for (from, to) in changes.rests() {
        // What is struck a sixty-fourth early belongs to what follows.
        let silent = from - 0.0625..to - 0.0625;
        raws.retain(|raw| !silent.contains(&raw.start));
        for raw in raws.iter_mut().filter(|raw| raw.start < from && raw.start + raw.duration > from) {
            raw.duration = from - raw.start;
        }
    }
    raws
}

/// Neighbouring phrases must not have neighbouring seeds: their first choices would be alike.
fn phrase_seed(request: &PhraseRequest<'_>) -> u64 {
    request.seed ^ (request.number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)
}

/// In a band everybody plays, whatever the style's loops leave out.
fn everybody() -> Hints {
    let mut hints = Hints::default();
    hints.parts.iter_mut().for_each(|part| part.is_wanted = Some(true));
    hints
}

/// Name, program and channel of a part, without notes.
fn head(context: &Context<'_>, kind: PartKind) -> Option<Part> {
    if kind == PartKind::Texture {
        return Some(pad::part());
    }
    let sheet = sheet(context, kind)?;
    Some(Part { kind, name: sheet.name, program: sheet.program, channel: sheet.channel, notes: Vec::new() })
}

#[cfg(test)]
mod tests;
