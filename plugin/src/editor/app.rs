//! The framework's side of the window: opens, draws frames, closes.
use super::carry::{Carry, Wishes};
use super::desk::Desk;
use super::key_relay::KeyRelay;
use super::layout::{self, Room};
use super::{View, keys, theme};
use crate::link::StudioLink;
use crate::params::ContinuoParams;
use dragout::NativeWindow;
use egui::{Context, Ui};
use nice_plug::context::gui::GuiContext;
use nice_plug_egui::NiceEguiApp;
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use std::sync::Arc;
use std::time::Duration;
use studio::{Command, Snapshot, StudioHandle, WindowState};

/// Between two looks at the snapshot when nothing moves and nobody touches the window.
const IDLE_INTERVAL: Duration = Duration::from_millis(1000);
/// Between two frames while something moves: thirty a second, as on a software renderer every frame is paid for pixel
/// by pixel.
const BUSY_INTERVAL: Duration = Duration::from_millis(33);
/// After the last key or movement of the pointer frames go on for so long, seconds: what was asked for shows by then.
const ATTENTION_S: f64 = 1.0;

/// Everything the window keeps between frames.
pub struct App {
    params: Arc<ContinuoParams>,
    link: Arc<StudioLink>,
    open: Option<Open>,
}

/// What lives from opening to closing.
struct Open {
    gui: GuiContext,
    studio: StudioHandle,
    desk: Desk,
    room: Room,
    wishes: Wishes,
    carry: Carry,
    relay: Option<KeyRelay>,
    /// When a key or the pointer was last used, seconds of the window's clock.
    touched_at: f64,
    /// What the project was told of the window last, and what it said of it last.
    told: WindowState,
    heard: WindowState,
}

impl App {
    /// A closed window.
    pub fn new(params: Arc<ContinuoParams>, link: Arc<StudioLink>) -> Self {
        Self { params, link, open: None }
    }
}

impl NiceEguiApp for App {
    fn build(&mut self, ctx: Context, gui: GuiContext, frame: &mut nice_plug_egui::Frame) -> Result<(), HandlerError> {
        let Some(studio) = self.link.open() else { return Ok(()) };
        let window = self.params.session.0.get().window;
        let desk = Desk::of(&window);
        theme::apply(&ctx, desk.theme);
        let native = NativeWindow::of(frame.baseview_window()).ok();
        self.open = Some(Open {
            gui,
            studio,
            desk,
            room: Room::default(),
            wishes: Wishes::default(),
            carry: Carry::new(native, &ctx),
            relay: native.and_then(KeyRelay::attach),
            touched_at: 0.0,
            told: window.clone(),
            heard: window,
        });
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut nice_plug_egui::Frame) {
        if let Some(open) = &mut self.open {
            open.ui(ui, frame, &self.params);
        }
    }

    fn resized(&mut self, size: WindowSize) {
        if let Some(open) = &mut self.open {
            open.desk.size = (size.logical.width.round() as u16, size.logical.height.round() as u16);
        }
    }

    fn editor_closed(&mut self) {
        self.open = None;
    }
}

impl Open {
    fn ui(&mut self, ui: &mut Ui, frame: &mut nice_plug_egui::Frame, params: &ContinuoParams) {
        let snapshot = self.studio.snapshot();
        if let Some(relay) = &mut self.relay {
            relay.pump(keys::wanted(ui.ctx()));
        }
        keys::before(ui.ctx());
        self.follow(ui.ctx(), &snapshot);
        let view = View {
            params,
            setter: self.gui.param_setter(),
            studio: &self.studio,
            snapshot: &snapshot,
            own_tempo: self.desk.own_tempo,
            wishes: &self.wishes,
            drop_on: self.carry.hovered(),
        };
        // The ground is cleared, not drawn: that saves a layer of every pixel.
        let ground = theme::Palette::of(ui).background.to_array().map(|channel| f32::from(channel) / 255.0);
        frame.set_clear_color(egui::Rgba::from_rgba_premultiplied(ground[0], ground[1], ground[2], ground[3]));
        layout::window(ui, &view, &mut self.desk, &mut self.room);
        frame.set_key_capture(keys::after(ui.ctx()));
        self.tend(ui.ctx(), params);
        let now = ui.input(|input| {
            if !input.raw.events.is_empty() {
                self.touched_at = input.time;
            }
            input.time
        });
        let is_busy = moves(&snapshot) || now - self.touched_at < ATTENTION_S;
        ui.ctx().request_repaint_after(if is_busy { BUSY_INTERVAL } else { IDLE_INTERVAL });
    }

    /// A project that was loaded meanwhile brings its own looks.
    fn follow(&mut self, ctx: &Context, snapshot: &Snapshot) {
        if snapshot.window == self.heard {
            return;
        }
        self.heard.clone_from(&snapshot.window);
        if snapshot.window != self.told {
            self.told.clone_from(&snapshot.window);
            // The window keeps the size it has on the screen.
            let size = self.desk.size;
            self.desk.follow(&snapshot.window);
            self.desk.size = size;
            theme::apply(ctx, self.desk.theme);
            ctx.set_zoom_factor(f32::from(self.desk.zoom_percent) / 100.0);
        }
    }

    /// What follows from a frame: drags, drops, and what the project is to remember.
    fn tend(&mut self, ctx: &Context, params: &ContinuoParams) {
        match self.carry.tend(ctx, &self.wishes) {
            Ok(dropped) => {
                for drop in dropped {
                    let at = params.swap.value().0;
                    self.studio.send(Command::ImportFile { deck: drop.deck, path: drop.path, at });
                }
            }
            Err(sentence) => self.room.complain(sentence),
        }
        let window = self.desk.to_state();
        if window != self.told {
            self.told.clone_from(&window);
            self.studio.send(Command::SetWindow { window });
        }
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
