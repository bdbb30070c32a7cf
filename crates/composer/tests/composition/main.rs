//! What melodies, harmonies, counterpoint, forms, grooves and transfers promise.
#[path = "../common/mod.rs"]
mod common;

mod counterpoint;
mod form;
mod groove;
mod harmonise;
mod regenerate;
mod transfer;
mod tune;

use common::STYLES;
use composer::{Changes, Style};
use take::{Beats, Meter, Note, Part, PartKind, PitchClass, Scale};
use theory::{Chord, Key};

fn style(id: &str) -> &'static Style {
    STYLES.iter().find(|style| style.id == id).unwrap()
}

/// One symbol a bar.
fn changes(tonic: i32, scale: Scale, meter: Meter, symbols: &str) -> Changes {
    let symbols: Vec<&str> = symbols.split_whitespace().collect();
    let bar = meter.bar_beats().0;
    let chord = |(index, symbol): (usize, &&str)| (Beats(index as f64 * bar), Chord::parse(symbol).ok());
    let key = Key::new(PitchClass::new(tonic), scale);
    Changes::new(key, meter, symbols.len(), symbols.iter().enumerate().map(chord)).unwrap()
}

/// Notes of one length each, from (beat, key).
fn notes(written: &[(f64, u8)], duration: f64) -> Vec<Note> {
    let note = |&(start, key): &(f64, u8)| Note { start: Beats(start), duration: Beats(duration), key, velocity: 90 };
    written.iter().map(note).collect()
}

fn part_of(parts: &[Part], kind: PartKind) -> &[Note] {
    parts.iter().find(|part| part.kind == kind).map_or(&[], |part| &part.notes)
}
