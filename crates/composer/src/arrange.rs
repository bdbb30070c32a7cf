//! A melody and its chords get a band: drums, bass, chords and texture of a style around notes that stay.
use crate::changes::{Changes, Dials};
use crate::feel::Feel;
use crate::style::Style;
use crate::{Composition, parts, swing};
use take::{Amount, Beats, Bpm, Hints, Note, Part, PartKind};

/// How the band plays.
#[derive(Debug, Clone, Copy)]
pub struct BandSpec<'s> {
    /// Who plays.
    pub style: &'s Style,
    /// Tempo.
    pub tempo: Bpm,
    /// How hard. Default 0.6.
    pub energy: Amount,
    /// How much happens. Default 0.5.
    pub complexity: Amount,
    /// Looseness of timing and velocity. Default 0.3.
    pub humanise: Amount,
    /// 0.0 straight ..= 1.0 triplet; the style's own where absent.
    pub swing: Option<Amount>,
    /// Seed of every random choice.
    pub seed: u64,
}

impl<'s> BandSpec<'s> {
    /// `style` with the defaults of the host parameters, at its own tempo.
    pub fn new(style: &'s Style, seed: u64) -> Self {
        let (energy, complexity, humanise) = (Amount::new(0.6), Amount::new(0.5), Amount::new(0.3));
        Self { style, tempo: style.tempo, energy, complexity, humanise, swing: None, seed }
    }

    /// How the style swings here.
    pub(crate) fn swing_amount(&self) -> f32 {
        self.swing.map_or(self.style.swing.0, Amount::get)
    }

    pub(crate) fn feel(&self) -> Feel {
        let beats_per_ms = self.tempo.get() / 60_000.0;
        Feel { swing: self.swing_amount(), unit: self.style.swing_unit, humanise: self.humanise.get(), beats_per_ms }
    }

    pub(crate) fn dials(&self) -> Dials {
        Dials { energy: self.energy.get(), complexity: self.complexity.get(), seed: self.seed }
    }
}

/// The band of a style around `melody`. The melody lies on the straight grid and gets the style's swing; its keys,
/// lengths and velocities stay. An empty melody gives the band alone.
pub fn arrange(melody: &[Note], changes: &Changes, spec: &BandSpec) -> Composition {
    let mut parts = accompaniment(changes, spec);
    if !melody.is_empty() {
        let style = &spec.style.melody;
        let notes = swung(melody, changes, spec);
        let lead =
            Part { kind: PartKind::Melody, name: style.name.clone(), program: style.program.0, channel: 2, notes };
        parts.push(lead);
        parts.sort_by_key(|part| part.kind);
    }
    composition(changes, spec, parts)
}

/// Everything but the melody; over a rest of the changes only the drums.
pub(crate) fn accompaniment(changes: &Changes, spec: &BandSpec) -> Vec<Part> {
    let mut hints = Hints::default();
    hints.parts[PartKind::Melody as usize].is_wanted = Some(false);
    let context = changes.context(spec.style, &hints, spec.dials());
    let mut parts = parts(&context, spec.feel());
    for part in parts.iter_mut().filter(|part| part.kind != PartKind::Drums) {
        part.notes.retain(|note| !changes.is_rest(note.start));
    }
    parts.retain(|part| !part.notes.is_empty());
    parts
}

pub(crate) fn composition(changes: &Changes, spec: &BandSpec, parts: Vec<Part>) -> Composition {
    Composition {
        key: changes.key.tonic,
        scale: changes.key.scale,
        tempo: spec.tempo,
        bar_beats: changes.bar_beats(),
        loop_beats: changes.num_beats(),
        energy: spec.energy,
        chords: changes.spans(),
        parts,
    }
}

fn swung(melody: &[Note], changes: &Changes, spec: &BandSpec) -> Vec<Note> {
    let late = |beat: f64| swing::late(changes.bar_shape(), spec.style.swing_unit, spec.swing_amount(), beat);
    let played = |note: &Note| {
        let start = late(note.start.0);
        let end = late(note.start.0 + note.duration.0);
        // A warp that shortens a note to nothing cannot be: it ascends.
        Note { start: Beats(start), duration: Beats(end - start), ..*note }
    };
    melody.iter().map(played).collect()
}
