//! The live band's host parameters.
use super::choices::{SourceChoice, StyleChoice};
use super::text;
use crate::buttons::Buttons;
use nice_plug::prelude::*;
use std::sync::Arc;

/// Pop plays along with most of what people play first.
const FIRST_STYLE: usize = 15;

/// Levels in decibels (-80 is silence), default 0.0; switches default to off.
#[derive(Params)]
pub struct BandParams {
    /// The band plays while the transport rolls.
    #[id = "band_on"]
    pub on: BoolParam,
    /// How it plays.
    #[id = "band_style"]
    pub style: EnumParam<StyleChoice>,
    /// Level of the drums.
    #[id = "band_drums"]
    pub drums: FloatParam,
    /// Level of the bass.
    #[id = "band_bass"]
    pub bass: FloatParam,
    /// Level of the piano, the guitar: who plays the chords.
    #[id = "band_chords"]
    pub chords: FloatParam,
    /// Level of the lead.
    #[id = "band_mel"]
    pub melody: FloatParam,
    /// Level of the pad.
    #[id = "band_pad"]
    pub pad: FloatParam,
    /// How hard it plays, percent; the player's own playing adds to it. Default 60.
    #[id = "band_int"]
    pub intensity: IntParam,
    /// Fills the end of the present bar on a rising edge.
    #[id = "band_fill"]
    pub fill: BoolParam,
    /// The notes leave on the MIDI output.
    #[id = "band_midi"]
    pub midi_out: BoolParam,
    /// Where the chords come from.
    #[id = "chord_src"]
    pub source: EnumParam<SourceChoice>,
    /// What is heard changes nothing.
    #[id = "chord_lock"]
    pub lock: BoolParam,
}

impl BandParams {
    /// Dials whose fill button reports to `buttons`.
    pub(super) fn new(buttons: &Arc<Buttons>) -> Self {
        let buttons = Arc::clone(buttons);
        let level = |part: &str| text::level(format!("Band {part}"));
        Self {
            on: BoolParam::new("Band On", false),
            style: EnumParam::new("Band Style", StyleChoice(FIRST_STYLE)),
            drums: level("Drums"),
            bass: level("Bass"),
            chords: level("Chords"),
            melody: level("Melody"),
            pad: level("Pad"),
            intensity: text::percent("Band Intensity", 60),
            fill: BoolParam::new("Band Fill", false).with_callback(Arc::new(move |is_on| buttons.fill_changed(is_on))),
            midi_out: BoolParam::new("Band MIDI Out", false),
            source: EnumParam::new("Chord Source", SourceChoice::default()),
            lock: BoolParam::new("Chord Lock", false),
        }
    }

    /// Levels in part order: drums, bass, chords, melody, pad.
    pub fn levels(&self) -> [&FloatParam; 5] {
        [&self.drums, &self.bass, &self.chords, &self.melody, &self.pad]
    }
}
