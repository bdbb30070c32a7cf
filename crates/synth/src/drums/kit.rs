//! A kit: the layers and the trim of every piece.
use super::layer::{Bend, Layer, LayerSet, render_layer};
use super::map::{PIECES, Stroke};
use crate::settings::{OutOfRange, settings};
use serde::Deserialize;
use std::collections::BTreeMap;

settings! {
    /// How one piece sits in the kit.
    VoiceTrim, VoiceTrimSet {
        /// Level in dB.
        gain_db = 0.0 in -60.0..=18.0;
        /// Pitch in semitones.
        tune = 0.0 in -36.0..=36.0;
        /// Decay, 1 is unchanged.
        decay = 1.0 in 0.05..=8.0;
        /// Filters in octaves.
        bright = 0.0 in -4.0..=4.0;
        /// Position, -1 left.
        pan = 0.0 in -1.0..=1.0;
        /// Saturation of the piece.
        drive = 0.0 in 0.0..=1.0;
        /// Sample-rate and bit reduction of the piece.
        crush = 0.0 in 0.0..=1.0;
    }
    copied {}
    only_in_set {}
}

/// A kit as in `assets/instruments.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KitTable {
    /// The kit this one is made from; pieces named here replace the base's.
    pub base: Option<String>,
    /// Layers per piece.
    pub pieces: BTreeMap<String, Vec<LayerSet>>,
    /// Trims per piece.
    pub trims: BTreeMap<String, VoiceTrimSet>,
}

/// A kit ready to play; indexed like [`PIECES`].
#[derive(Debug, Clone, PartialEq)]
pub struct Kit {
    layers: Vec<Vec<Layer>>,
    /// Trims, laid over by style files and prompts.
    pub trims: Vec<VoiceTrim>,
}

/// Why a kit table is no kit.
#[derive(Debug, Clone, PartialEq)]
pub enum KitFault {
    Piece(String),
    Base(String),
    Value(OutOfRange),
}

/// Resolves a kit and its bases.
pub fn kit_from(tables: &BTreeMap<String, KitTable>, id: &str) -> Result<Kit, KitFault> {
    kit_at_depth(tables, id, 0)
}

fn kit_at_depth(tables: &BTreeMap<String, KitTable>, id: &str, depth: usize) -> Result<Kit, KitFault> {
    // Deeper than any sane chain of bases: a circle.
    let table = tables.get(id).filter(|_| depth < 8).ok_or_else(|| KitFault::Base(id.to_owned()))?;
    let mut kit = match &table.base {
        Some(base) => kit_at_depth(tables, base, depth + 1)?,
        None => Kit { layers: vec![Vec::new(); PIECES.len()], trims: vec![VoiceTrim::default(); PIECES.len()] },
    };
    let index_of =
        |name: &str| PIECES.iter().position(|piece| *piece == name).ok_or_else(|| KitFault::Piece(name.to_owned()));
    for (name, sets) in &table.pieces {
        kit.layers[index_of(name)?] = sets.iter().map(layer_from).collect::<Result<_, _>>()?;
    }
    for (name, set) in &table.trims {
        set.apply(&mut kit.trims[index_of(name)?]).map_err(KitFault::Value)?;
    }
    Ok(kit)
}

fn layer_from(set: &LayerSet) -> Result<Layer, KitFault> {
    let mut layer = Layer::default();
    set.apply(&mut layer).map_err(KitFault::Value)?;
    Ok(layer)
}

impl Kit {
    /// The sound of a stroke at full level; `softness` 0.0 is hardest, 1.0 softest. `variant` changes the noise.
    /// `out` is replaced.
    pub fn one_shot(&self, stroke: Stroke, softness: f32, variant: u64, rate: f32, out: &mut Vec<f32>) {
        let trim = &self.trims[stroke.piece];
        let bend = |index: usize| Bend {
            pitch: libm::exp2f((trim.tune + stroke.tune) / 12.0) * (1.0 - 0.03 * softness),
            decay: trim.decay * stroke.decay * (1.0 - 0.25 * softness),
            bright: libm::exp2f(trim.bright - 0.9 * softness),
            seed: (stroke.piece as u64 * 64 + index as u64) * 16 + variant,
        };
        out.clear();
        for (index, layer) in self.layers[stroke.piece].iter().enumerate() {
            render_layer(layer, bend(index), rate, out);
        }
        let peak = out.iter().fold(1e-9f32, |peak, sample| peak.max(sample.abs()));
        out.iter_mut().for_each(|sample| *sample /= peak);
        crate::fx::drive(out, trim.drive);
        crate::fx::crush(out, trim.crush, rate);
    }
}
