//! Atmosphere: drones, swells, single high notes, and gates for noises.
use crate::context::{Context, Raw};
use crate::dice::{Dice, Stream};
use crate::grid::STEP_BEATS;
use crate::style::{NoteRange, Program, Style, Texture, TextureKind, Within};
use take::{Hints, PartKind};

/// The style's own texture; a plain swell where the prompt asks for one and the style has none.
pub(crate) fn chosen(style: &Style, hints: &Hints) -> Option<Texture> {
    let is_asked = hints.part(PartKind::Texture).is_wanted == Some(true);
    let plain = || Texture {
        name: "Texture".to_owned(),
        // Atmosphere; 100 where General MIDI charts count from one.
        program: Program(99),
        is_on: true,
        range: NoteRange { low: 48, high: 72 },
        kind: TextureKind::Swell,
        density: Within(0.4),
    };
    style.texture.clone().or_else(|| is_asked.then(plain))
}

pub(crate) fn play(context: &Context, texture: &Texture) -> Vec<Raw> {
    let mut dice = Dice::new(context.seed, Stream::Texture);
    let density = (texture.density.0 + 0.5 * context.density(PartKind::Texture)).clamp(0.05, 1.0);
    match texture.kind {
        TextureKind::Drone => drone(context, texture, density),
        TextureKind::Swell => swell(context, texture, density, &mut dice),
        TextureKind::Pings => pings(context, texture, density, &mut dice),
        TextureKind::Bed => bed(context, texture),
    }
}

/// The lowest key of the texture's range, in the wished-for octave, that is `pitch`.
fn lowest(context: &Context, texture: &Texture, pitch: u8) -> u8 {
    let shift = context.register_shift(PartKind::Texture, texture.range.low, texture.range.high);
    let low = (i32::from(texture.range.low) + shift).clamp(0, 115) as u8;
    low + (pitch + 120 - low) % 12
}

fn note(context: &Context, start: f64, duration: f64, key: u8, velocity: f32) -> Raw {
    let velocity = velocity * (0.8 + 0.2 * context.energy);
    Raw { start, duration, key, velocity, push_ms: 0.0, is_exact: false }
}

/// Tonic and, when dense, its fifth where the scale has one: held for a phrase.
fn drone(context: &Context, texture: &Texture, density: f32) -> Vec<Raw> {
    let tonic = context.key.tonic.get();
    let phrase = context.phrase_bars();
    let mut notes = Vec::new();
    for bar in (0..context.num_bars).step_by(phrase) {
        let bars = phrase.min(context.num_bars - bar);
        let (start, length) = (context.beat(bar, 0), bars as f64 * context.bar.beats * 0.99);
        let root = lowest(context, texture, tonic);
        notes.push(note(context, start, length, root, 72.0));
        let fifth = (tonic + 7) % 12;
        if density > 0.3 && context.parent_mask & 1 << fifth != 0 {
            notes.push(note(context, start, length, (root + 7).min(127), 60.0));
        }
    }
    notes
}

/// One or two tones of each chord, held through it.
fn swell(context: &Context, texture: &Texture, density: f32, dice: &mut Dice) -> Vec<Raw> {
    let mut notes: Vec<Raw> = Vec::new();
    for planned in &context.chords {
        let tones = planned.chord.quality.intervals();
        let voices = if density > 0.6 { 2 } else { 1 };
        let first = dice.range(0, tones.len() as i32 - 1) as usize;
        for voice in 0..voices {
            let interval = tones[(first + voice * 2) % tones.len()];
            let key = lowest(context, texture, planned.chord.above_root(interval).get());
            let length = (planned.end - planned.start) * 0.98;
            if !notes.iter().any(|other| other.start == planned.start && other.key == key) {
                notes.push(note(context, planned.start, length, key, 66.0));
            }
        }
    }
    notes
}

/// Chord tones high up at eighths that seldom fall on the beat.
fn pings(context: &Context, texture: &Texture, density: f32, dice: &mut Dice) -> Vec<Raw> {
    let span = (texture.range.high - texture.range.low) / 12;
    let mut notes = Vec::new();
    for bar in 0..context.num_bars {
        for step in (0..context.bar.num_steps).step_by(2) {
            let on_beat = context.bar.strength(step) >= 2;
            let chance = density * if on_beat { 0.08 } else { 0.22 };
            let (plays, which) = (dice.chance(chance), dice.range(0, 5) as usize);
            let (octave, length) = (dice.range(0, i32::from(span.max(1)) - 1), dice.range(1, 4));
            if plays {
                let beat = context.beat(bar, step);
                let chord = &context.chord_at(beat).chord;
                let tones = chord.quality.intervals();
                let pitch = chord.above_root(tones[which % tones.len()]).get();
                let key = lowest(context, texture, pitch) as i32 + 12 * octave;
                notes.push(note(
                    context,
                    beat,
                    f64::from(length) * 2.0 * STEP_BEATS,
                    key.min(120) as u8,
                    58.0 + 5.0 * octave as f32,
                ));
            }
        }
    }
    if notes.is_empty() {
        let key = lowest(context, texture, context.key.tonic.get());
        notes.push(note(context, context.bar.beats / 2.0, 1.0, key, 60.0));
    }
    notes
}

/// The tonic once a bar, held: a gate for crackle, rain and the like.
fn bed(context: &Context, texture: &Texture) -> Vec<Raw> {
    let key = lowest(context, texture, context.key.tonic.get());
    (0..context.num_bars).map(|bar| note(context, context.beat(bar, 0), context.bar.beats * 0.99, key, 70.0)).collect()
}
