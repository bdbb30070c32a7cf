//! The window: reads snapshots, sends commands, moves host parameters. Waits for nothing.
//!
//! [`app`] is the framework's side, [`layout`] draws one frame from one snapshot, [`desk`] is what the window remembers;
//! [`theme`] has every colour, and each other file is one widget or one page of the side panel.
mod app;
mod beside;
mod canvas;
mod carry;
mod damage;
mod deck_strip;
mod deck_wave;
mod desk;
mod gesture;
mod handle;
mod icons;
mod keys;
mod knob;
mod layout;
mod learn;
mod meter;
mod notices;
mod opening;
mod panel;
mod param_edit;
mod playhead;
mod presses;
mod prompt;
mod select;
mod stem_button;
mod take_list;
#[cfg(test)]
mod tests;
mod theme;
mod toggle;
mod top_bar;
mod waveform;
mod window_thread;

pub use opening::ContinuoEditor;

use crate::link::StudioLink;
use crate::params::{ContinuoParams, DeckDials};
use carry::Wishes;
use engine::{DeckIndex, NUM_STEMS};
use nice_plug::context::gui::ParamSetter;
use nice_plug::prelude::{BoolParam, FloatParam};
use std::sync::Arc;
use studio::{Command, DeckView, Press, PressAction, Snapshot, StudioHandle};

/// The editor of one instance; opens nothing yet.
pub fn create(params: Arc<ContinuoParams>, link: Arc<StudioLink>) -> Option<ContinuoEditor> {
    Some(ContinuoEditor::new(params, link))
}

/// What every widget may read and use during one frame.
pub struct View<'a> {
    params: &'a ContinuoParams,
    setter: ParamSetter<'a>,
    /// The dial that is being dragged.
    gesture: &'a gesture::Gesture,
    studio: &'a StudioHandle,
    snapshot: &'a Snapshot,
    /// Tempo of takes made from this window, BPM; the host's where absent.
    own_tempo: Option<f64>,
    /// Files to drag out, places to drop onto.
    wishes: &'a Wishes,
    /// The deck that files are held over.
    drop_on: Option<DeckIndex>,
}

impl View<'_> {
    /// Presses a deck's button, with the dials as they stand and the tempo and meter the engine last saw.
    fn press(&self, deck: DeckIndex, action: PressAction) {
        let engine = &self.snapshot.engine;
        // Before the first block there is no tempo: the style's own is used.
        let is_known = self.snapshot.is_active && engine.blocks > 0;
        let tempo = self.own_tempo.or(is_known.then_some(engine.tempo));
        let knobs = self.params.knobs(tempo, is_known.then_some(engine.meter));
        self.studio.send(Command::Press(Press { deck, action, knobs }));
    }

    fn dials(&self, deck: DeckIndex) -> &DeckDials {
        self.params.decks()[deck.get()]
    }

    fn deck(&self, deck: DeckIndex) -> Option<&DeckView> {
        self.snapshot.decks.get(deck.get())
    }
}

/// Level and mute of every stem, in bus order.
fn stem_dials(dials: &DeckDials) -> [(&FloatParam, &BoolParam); NUM_STEMS] {
    [
        (&dials.drums, &dials.mute_drums),
        (&dials.bass, &dials.mute_bass),
        (&dials.harmony, &dials.mute_harmony),
        (&dials.melody, &dials.mute_melody),
        (&dials.other, &dials.mute_other),
    ]
}
