//! The framework's side of the window: opens, draws frames, closes.
use super::desk::Desk;
use super::layout::{self, Room};
use super::{View, keys, theme};
use crate::link::StudioLink;
use crate::params::ContinuoParams;
use egui::Ui;
use nice_plug::context::gui::GuiContext;
use nice_plug_egui::NiceEguiApp;
use nice_plug_egui::baseview::HandlerError;
use std::sync::Arc;
use std::time::Duration;
use studio::{Snapshot, StudioHandle};

/// Between two looks at the snapshot when nothing moves.
const IDLE_INTERVAL: Duration = Duration::from_millis(400);
/// Between two frames while something moves.
const BUSY_INTERVAL: Duration = Duration::from_millis(16);

/// Everything the window keeps between frames.
pub struct App {
    params: Arc<ContinuoParams>,
    link: Arc<StudioLink>,
    gui: Option<GuiContext>,
    studio: Option<StudioHandle>,
    desk: Desk,
    room: Room,
}

impl App {
    /// A closed window.
    pub fn new(params: Arc<ContinuoParams>, link: Arc<StudioLink>) -> Self {
        Self { params, link, gui: None, studio: None, desk: Desk::default(), room: Room::default() }
    }
}

impl NiceEguiApp for App {
    fn build(
        &mut self,
        ctx: egui::Context,
        gui: GuiContext,
        _: &mut nice_plug_egui::Frame,
    ) -> Result<(), HandlerError> {
        theme::apply(&ctx, self.desk.theme);
        self.gui = Some(gui);
        self.studio = self.link.open();
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut nice_plug_egui::Frame) {
        let (Some(gui), Some(studio)) = (self.gui.clone(), self.studio.clone()) else { return };
        let snapshot = studio.snapshot();
        keys::before(ui.ctx());
        let view = View {
            params: &self.params,
            setter: gui.param_setter(),
            studio: &studio,
            snapshot: &snapshot,
            own_tempo: self.desk.own_tempo,
        };
        layout::window(ui, &view, &mut self.desk, &mut self.room);
        frame.set_key_capture(keys::after(ui.ctx()));
        ui.ctx().request_repaint_after(if moves(&snapshot) { BUSY_INTERVAL } else { IDLE_INTERVAL });
    }

    fn editor_closed(&mut self) {
        self.gui = None;
        self.studio = None;
        self.room = Room::default();
    }
}

/// Something on the window changes by itself from frame to frame.
fn moves(snapshot: &Snapshot) -> bool {
    let engine = &snapshot.engine;
    let sounds = |peak: [f32; 2]| peak[0].max(peak[1]) > 0.0;
    engine.is_playing
        || snapshot.cue.is_some()
        || sounds(engine.peak)
        || snapshot.decks.iter().any(|deck| deck.job.is_some())
}
