//! Composes a loop: a spec, a style and the words of a prompt become the notes of a band.
//!
//! Pure and deterministic: the same input gives the same notes on every system. Makes no sound, reads no file.
mod accompany;
pub mod arrange;
mod bass;
mod changes;
mod comp;
mod context;
pub mod counterpoint;
mod dice;
mod drums;
mod feel;
pub mod form;
mod grid;
pub mod groove;
pub mod harmonise;
mod lexicon;
mod melody;
mod plan;
pub mod regenerate;
pub mod style;
mod swing;
mod texture;
pub mod tracker;
pub mod transfer;
pub mod tune;
mod walk;

pub use accompany::{PhraseRequest, accompany};
pub use changes::{Changes, ChangesError};
pub use lexicon::{complete_prompt, instrument_program, understand};
pub use style::{Style, StyleError};
pub use swing::Swing;

use context::{Context, Raw};
use dice::{Dice, Stream};
use feel::Feel;
use take::{Amount, Beats, Bpm, ChordSpan, Hints, Part, PartKind, PitchClass, Scale, TakeSpec};

/// A composed loop.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// Tonic.
    pub key: PitchClass,
    /// Scale.
    pub scale: Scale,
    /// Tempo, as the spec has it.
    pub tempo: Bpm,
    /// Length of a bar.
    pub bar_beats: Beats,
    /// Length of the loop.
    pub loop_beats: Beats,
    /// How hard the band plays, prompt included.
    pub energy: Amount,
    /// Chords, without gaps, over the whole loop.
    pub chords: Vec<ChordSpan>,
    /// The parts that play, in [`PartKind`] order.
    pub parts: Vec<Part>,
}

/// Energy with the prompt's words: a word sets the place, the dial moves on from there as far as it is from its
/// default of 0.6.
pub fn effective_energy(spec: &TakeSpec, hints: &Hints) -> Amount {
    shifted(hints.energy, spec.energy, 0.6)
}

fn effective_complexity(spec: &TakeSpec, hints: &Hints) -> Amount {
    shifted(hints.complexity, spec.complexity, 0.5)
}

fn shifted(word: Option<Amount>, dial: Amount, dial_default: f32) -> Amount {
    word.map_or(dial, |word| Amount::new(word.get() + dial.get() - dial_default))
}

/// Composes `spec` in `style`. What the spec leaves open is taken from `hints`, then from the style, then from the
/// seed.
pub fn compose(spec: &TakeSpec, style: &Style, hints: &Hints) -> Composition {
    let bar = grid::BarShape::new(spec.meter);
    let complexity = effective_complexity(spec, hints).get();
    let mut dice = Dice::new(spec.seed, Stream::Plan);
    let plan = plan::plan(spec, style, hints, &bar, complexity, &mut dice);
    let energy = effective_energy(spec, hints);
    let context = Context {
        style,
        hints,
        num_bars: usize::from(spec.bars.get()),
        loop_beats: spec.num_beats(),
        bar,
        energy: energy.get(),
        complexity,
        seed: spec.seed,
        parent_mask: theory::pitch_mask(plan.key.tonic, theory::parent(plan.key.scale)),
        key: plan.key,
        texture: texture::chosen(style, hints),
        chords: plan.chords,
        fills: context::Fills::ByChance,
    };
    let swing = spec.swing.or(hints.swing).map_or(style.swing.0, Amount::get);
    let beats_per_ms = spec.tempo.get() / 60_000.0;
    let feel = Feel { swing, unit: style.swing_unit, humanise: spec.humanise.get(), beats_per_ms };
    Composition {
        key: context.key.tonic,
        scale: context.key.scale,
        tempo: spec.tempo,
        bar_beats: Beats(context.bar.beats),
        loop_beats: Beats(context.loop_beats),
        energy,
        chords: chord_spans(&context),
        parts: parts(&context, feel),
    }
}

fn chord_spans(context: &Context) -> Vec<ChordSpan> {
    let span = |planned: &plan::Planned| ChordSpan {
        start: Beats(planned.start),
        duration: Beats(planned.end - planned.start),
        symbol: planned.symbol.clone(),
    };
    context.chords.iter().map(span).collect()
}

fn parts(context: &Context, feel: Feel) -> Vec<Part> {
    let drums = drums::play(context);
    let kicks = drums.kicks;
    let mut drum_notes = Some(drums.notes);
    let mut parts = Vec::with_capacity(PartKind::ALL.len());
    for kind in PartKind::ALL {
        let Some(sheet) = sheet(context, kind) else { continue };
        let raws = match kind {
            PartKind::Drums => drum_notes.take().unwrap_or_default(),
            PartKind::Bass => moved(context, bass::play(context, &kicks)),
            PartKind::Harmony => comp::play(context),
            PartKind::Melody => melody::play(context),
            PartKind::Texture => context.texture.as_ref().map_or_else(Vec::new, |t| texture::play(context, t)),
        };
        let stutter =
            context.wishes(kind).glitch.max(if kind == PartKind::Drums { context.style.drums.glitch.0 } else { 0.0 });
        let raws = feel::glitch(context, kind, raws, stutter.clamp(0.0, 1.0));
        let notes = feel::play(context, kind, raws, feel);
        if !notes.is_empty() {
            parts.push(Part { kind, name: sheet.name, program: sheet.program, channel: sheet.channel, notes });
        }
    }
    parts
}

/// The bass in the octave the prompt wants.
fn moved(context: &Context, mut raws: Vec<Raw>) -> Vec<Raw> {
    let range = context.style.bass.range;
    let shift = context.register_shift(PartKind::Bass, range.low, range.high);
    raws.iter_mut().for_each(|raw| raw.key = (i32::from(raw.key) + shift).clamp(0, 127) as u8);
    raws
}

/// What stands at the head of a part.
struct Sheet {
    name: String,
    program: u8,
    channel: u8,
}

/// Name, program and channel of a part that plays; `None` where the style or the prompt leaves it out.
fn sheet(context: &Context, kind: PartKind) -> Option<Sheet> {
    let style = context.style;
    let (name, is_on, program, channel) = match kind {
        PartKind::Drums => (&style.drums.name, style.drums.is_on, 0, 9),
        PartKind::Bass => (&style.bass.name, style.bass.is_on, style.bass.program.0, 0),
        PartKind::Harmony => (&style.harmony.name, style.harmony.is_on, style.harmony.program.0, 1),
        PartKind::Melody => (&style.melody.name, style.melody.is_on, style.melody.program.0, 2),
        PartKind::Texture => {
            let texture = context.texture.as_ref()?;
            (&texture.name, texture.is_on, texture.program.0, 3)
        }
    };
    let wishes = context.wishes(kind);
    if !wishes.is_wanted.unwrap_or(is_on) {
        return None;
    }
    let asked = wishes.instrument.as_deref().filter(|_| kind != PartKind::Drums);
    let named = asked.and_then(|id| instrument_program(id).map(|program| (sentence(id), program)));
    let (name, program) = named.unwrap_or_else(|| (name.clone(), program));
    Some(Sheet { name, program, channel })
}

/// `electric_piano` as `Electric piano`.
fn sentence(id: &str) -> String {
    let mut text = id.replace('_', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
