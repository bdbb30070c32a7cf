//! The window as a whole: one frame reads one snapshot and sends commands.
use super::band_row::BandRow;
use super::header::Header;
use super::waveform::WaveformCache;
use super::{View, deck_strip, notices, theme};
use crate::link::StudioLink;
use crate::params::ContinuoParams;
use egui::{CentralPanel, Frame, Panel, ScrollArea, Ui};
use engine::DeckIndex;
use nice_plug::context::gui::GuiContext;
use nice_plug_egui::NiceEguiApp;
use nice_plug_egui::baseview::HandlerError;
use std::sync::Arc;
use std::time::Duration;
use studio::StudioHandle;

/// Redraw interval when nothing moves.
const IDLE_INTERVAL: Duration = Duration::from_millis(400);
/// Redraw interval while something moves: 30 frames a second, which a software renderer keeps up with.
const BUSY_INTERVAL: Duration = Duration::from_millis(33);

/// Everything the window keeps between frames.
pub struct App {
    params: Arc<ContinuoParams>,
    link: Arc<StudioLink>,
    gui: Option<GuiContext>,
    studio: Option<StudioHandle>,
    top: Top,
    waveforms: WaveformCache,
    target: Option<DeckIndex>,
}

impl App {
    /// A closed window.
    pub fn new(params: Arc<ContinuoParams>, link: Arc<StudioLink>) -> Self {
        Self {
            params,
            link,
            gui: None,
            studio: None,
            top: Top::default(),
            waveforms: WaveformCache::default(),
            target: None,
        }
    }
}

impl NiceEguiApp for App {
    fn build(
        &mut self,
        ctx: egui::Context,
        gui: GuiContext,
        _: &mut nice_plug_egui::Frame,
    ) -> Result<(), HandlerError> {
        theme::apply(&ctx);
        self.gui = Some(gui);
        self.studio = self.link.open();
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut nice_plug_egui::Frame) {
        let (Some(gui), Some(studio)) = (self.gui.clone(), self.studio.clone()) else { return };
        let snapshot = studio.snapshot();
        let view = View { params: &self.params, setter: gui.param_setter(), studio: &studio, snapshot: &snapshot };
        let target = self.target.or_else(|| DeckIndex::new(0));
        if let Some(target) = target {
            self.target = Some(window(ui, &view, &mut self.top, &mut self.waveforms, target));
        }
        leave_keys_to_the_host(ui.ctx());
        let is_busy =
            snapshot.engine.is_playing || snapshot.cue.is_some() || snapshot.decks.iter().any(|d| d.job.is_some());
        ui.ctx().request_repaint_after(if is_busy { BUSY_INTERVAL } else { IDLE_INTERVAL });
    }

    fn editor_closed(&mut self) {
        self.gui = None;
        self.studio = None;
        self.waveforms = WaveformCache::default();
    }
}

/// The rows above the decks, with what they remember between frames.
#[derive(Default)]
pub struct Top {
    header: Header,
    band: BandRow,
}

/// Only a text field keeps the keyboard. Any other focused widget would take the host's keys, the space bar first.
fn leave_keys_to_the_host(ctx: &egui::Context) {
    if !ctx.text_edit_focused()
        && let Some(widget) = ctx.memory(|memory| memory.focused())
    {
        ctx.memory_mut(|memory| memory.surrender_focus(widget));
    }
}

/// Draws everything; returns the deck the prompt is aimed at.
pub fn window(ui: &mut Ui, view: &View<'_>, top: &mut Top, cache: &mut WaveformCache, target: DeckIndex) -> DeckIndex {
    let mut target = target;
    let margin = egui::Margin::symmetric(10, 8);
    Panel::top("header").frame(Frame::new().fill(theme::PANEL).inner_margin(margin)).show(ui, |ui| {
        top.header.ui(ui, view, target);
        ui.separator();
        top.band.ui(ui, view);
    });
    if !view.snapshot.notices.is_empty() {
        Panel::bottom("notices").frame(Frame::new().fill(theme::PANEL).inner_margin(margin)).show(ui, |ui| {
            notices::notices(ui, &view.snapshot.notices, view.studio);
        });
    }
    CentralPanel::default().frame(Frame::new().fill(theme::BACKGROUND).inner_margin(8)).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for deck in DeckIndex::all() {
                if deck_strip::deck_strip(ui, view, cache, deck, deck == target) {
                    target = deck;
                }
            }
        });
    });
    target
}
