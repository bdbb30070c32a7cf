//! The window: reads snapshots, sends commands, moves host parameters. Waits for nothing.
//!
//! [`app`] is the framework's side, [`layout`] draws one frame from one snapshot, [`desk`] is what the window remembers;
//! [`theme`] has every colour, and each other file is one widget or one page of the side panel.
mod app;
mod deck_strip;
mod deck_wave;
mod desk;
mod icons;
mod keys;
mod knob;
mod layout;
mod learn;
mod meter;
mod notices;
mod panel;
mod param_edit;
mod prompt;
mod select;
mod stem_button;
mod take_list;
mod theme;
mod toggle;
mod top_bar;
mod waveform;

use crate::link::StudioLink;
use crate::params::{ContinuoParams, DeckDials};
use engine::{DeckIndex, NUM_STEMS};
use nice_plug::context::gui::ParamSetter;
use nice_plug::editor::dpi::LogicalSize;
use nice_plug::editor::{ResizeHint, SizeConstraints};
use nice_plug::prelude::{BoolParam, FloatParam};
use nice_plug_egui::{EguiEditor, EguiEditorState, EguiNiceSettings, RepaintNotifier, create_egui_editor};
use std::sync::Arc;
use studio::{Command, DeckView, Press, PressAction, Snapshot, StudioHandle};

/// Size of a window nobody has resized yet, points.
const DEFAULT_SIZE: LogicalSize<f32> = LogicalSize::new(1180.0, 800.0);
const MIN_SIZE: LogicalSize<f32> = LogicalSize::new(760.0, 480.0);
const MAX_SIZE: LogicalSize<f32> = LogicalSize::new(2560.0, 1600.0);

/// The framework's editor around our [`app::App`].
pub type ContinuoEditor = EguiEditor<app::App>;

/// The editor of one instance; opens nothing yet.
pub fn create(params: Arc<ContinuoParams>, link: Arc<StudioLink>) -> Option<ContinuoEditor> {
    let hint = ResizeHint {
        can_resize: true,
        can_resize_horizontally: true,
        can_resize_vertically: true,
        size_constraints: SizeConstraints::Logical { min_size: Some(MIN_SIZE), max_size: Some(MAX_SIZE) },
        ..ResizeHint::default()
    };
    create_egui_editor(
        EguiEditorState::from_size(DEFAULT_SIZE, 1.0),
        RepaintNotifier::new(),
        EguiNiceSettings::new().with_tile("Continuo").with_resize_hint(hint),
        app::App::new(params, link),
    )
}

/// What every widget may read and use during one frame.
pub struct View<'a> {
    params: &'a ContinuoParams,
    setter: ParamSetter<'a>,
    studio: &'a StudioHandle,
    snapshot: &'a Snapshot,
    /// Tempo of takes made from this window, BPM; the host's where absent.
    own_tempo: Option<f64>,
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
