//! The framework's side of the window: opens, draws frames, closes.
use super::beside::Beside;
use super::canvas;
use super::carry::{Carry, Wishes};
use super::damage::Damage;
use super::desk::Desk;
use super::gesture::Gesture;
use super::layout::{self, Room};
use super::presses::Presses;
use super::window_thread::WindowThread;
use super::{View, keys, theme};
use crate::link::StudioLink;
use crate::params::ContinuoParams;
use dragout::NativeWindow;
use egui::{Context, Ui};
use nice_plug::context::gui::GuiContext;
use nice_plug_egui::NiceEguiApp;
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use studio::{Command, Snapshot, StudioHandle, WindowState};

/// Between two looks at the snapshot when nothing moves and nobody touches the window.
const IDLE_INTERVAL: Duration = Duration::from_millis(1000);
/// Between two frames while nothing moves but somebody is here: thirty a second.
const TOUCHED_INTERVAL: Duration = Duration::from_millis(33);
/// Less than this between two frames is more than eyes want, seconds: screens of more than 60 refreshes a second.
const MIN_INTERVAL_S: f64 = 0.012;
/// After the last key or movement of the pointer frames go on for so long, seconds: what was asked for shows by then.
const ATTENTION_S: f64 = 1.0;

/// How long the closing of a window waits for its thread.
const PATIENCE: Duration = Duration::from_secs(2);

/// The window library's end of an instance's window.
pub struct App {
    params: Arc<ContinuoParams>,
    link: Arc<StudioLink>,
    inside: Arc<Inside>,
}

/// Everything the window keeps between frames: drawn on the window's thread, ended on the host's.
#[derive(Default)]
pub struct Inside {
    open: Mutex<Option<Open>>,
    thread: Mutex<WindowThread>,
}

impl Inside {
    /// The library was told to close the window: waits for its thread, ends what the user was about, lets go of all.
    pub fn close(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A frame that hangs must not hang the host.
        let has_ended = thread.wait(PATIENCE);
        let open = if has_ended { self.open.lock().ok() } else { self.open.try_lock().ok() };
        if let Some(open) = open.and_then(|mut open| open.take()) {
            open.gesture.abandon(&open.gui);
        }
    }
}

/// What lives from opening to closing.
struct Open {
    gui: GuiContext,
    studio: StudioHandle,
    desk: Desk,
    room: Room,
    wishes: Wishes,
    carry: Carry,
    gesture: Gesture,
    beside: Option<Beside>,
    /// Frames are drawn over the last one: see [`Damage`].
    keeps_its_picture: bool,
    /// When a key or the pointer was last used, and when the last frame was drawn, seconds of the window's clock.
    touched_at: f64,
    drawn_at: f64,
    /// What the project was told of the window last, and what it said of it last.
    told: WindowState,
    heard: WindowState,
}

impl App {
    /// A closed window.
    pub fn new(params: Arc<ContinuoParams>, link: Arc<StudioLink>) -> Self {
        Self { params, link, inside: Arc::default() }
    }

    /// What has to be closed when the host closes the window.
    pub fn inside(&self) -> Arc<Inside> {
        Arc::clone(&self.inside)
    }
}

impl NiceEguiApp for App {
    fn build(&mut self, ctx: Context, gui: GuiContext, frame: &mut nice_plug_egui::Frame) -> Result<(), HandlerError> {
        let Some(studio) = self.link.open() else { return Ok(()) };
        let window = self.params.session.0.get().window;
        let desk = Desk::of(&window);
        theme::apply(&ctx, desk.theme);
        ctx.add_plugin(Presses::default());
        let keeps_its_picture = canvas::keeps_its_picture(frame);
        if keeps_its_picture {
            ctx.add_plugin(Damage::new(ground));
        }
        let native = NativeWindow::of(frame.baseview_window()).ok();
        *self.inside.thread.lock().unwrap_or_else(PoisonError::into_inner) = WindowThread::current();
        let open = Open {
            gui,
            studio,
            desk,
            room: Room::default(),
            wishes: Wishes::default(),
            carry: Carry::new(native, &ctx),
            gesture: Gesture::default(),
            beside: native.and_then(Beside::attach),
            keeps_its_picture,
            touched_at: 0.0,
            drawn_at: 0.0,
            told: window.clone(),
            heard: window,
        };
        *self.inside.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(open);
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut nice_plug_egui::Frame) {
        if let Some(open) = &mut *self.inside.open.lock().unwrap_or_else(PoisonError::into_inner) {
            open.ui(ui, frame, &self.params);
        }
    }

    fn resized(&mut self, size: WindowSize) {
        if let Some(open) = &mut *self.inside.open.lock().unwrap_or_else(PoisonError::into_inner) {
            open.desk.size = (size.logical.width.round() as u16, size.logical.height.round() as u16);
        }
    }

    fn editor_closed(&mut self) {
        self.inside.close();
    }
}

impl Open {
    fn ui(&mut self, ui: &mut Ui, frame: &mut nice_plug_egui::Frame, params: &ContinuoParams) {
        let snapshot = self.studio.snapshot();
        if let Some(beside) = &self.beside {
            beside.drawn(keys::wanted(ui.ctx()));
            if beside.has_changed() {
                ui.ctx().with_plugin(Damage::unsettle);
            }
        }
        keys::before(ui.ctx());
        self.follow(ui.ctx(), &snapshot);
        let view = View {
            params,
            setter: self.gui.param_setter(),
            gesture: &self.gesture,
            studio: &self.studio,
            snapshot: &snapshot,
            own_tempo: self.desk.own_tempo,
            wishes: &self.wishes,
            drop_on: self.carry.hovered(),
        };
        // The ground is cleared, not drawn: that saves a layer of every pixel.
        let ground = ground(ui.ctx()).to_array().map(|channel| f32::from(channel) / 255.0);
        frame.set_clear_color(egui::Rgba::from_rgba_premultiplied(ground[0], ground[1], ground[2], ground[3]));
        if self.keeps_its_picture {
            canvas::keep(frame);
        }
        layout::window(ui, &view, &mut self.desk, &mut self.room);
        frame.set_key_capture(keys::after(ui.ctx()));
        if !ui.input(|input| input.pointer.any_down()) {
            self.gesture.abandon(&self.gui);
        }
        self.tend(ui.ctx(), params);
        self.pace(ui, moves(&snapshot));
    }

    /// When the next frame comes.
    fn pace(&mut self, ui: &Ui, is_moving: bool) {
        let (now, is_touched) = ui.input(|input| (input.time, !input.raw.events.is_empty()));
        if is_touched {
            self.touched_at = now;
        }
        let since = now - std::mem::replace(&mut self.drawn_at, now);
        if !is_moving {
            let is_here = now - self.touched_at < ATTENTION_S;
            return ui.ctx().request_repaint_after(if is_here { TOUCHED_INTERVAL } else { IDLE_INTERVAL });
        }
        if since < MIN_INTERVAL_S {
            return ui.ctx().request_repaint_after(Duration::from_secs_f64(MIN_INTERVAL_S));
        }
        ui.ctx().request_repaint();
        if let Some(beside) = &self.beside {
            beside.hurry(ui.ctx().cumulative_frame_nr());
        }
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

/// The colour below everything.
fn ground(ctx: &Context) -> egui::Color32 {
    theme::Palette::in_context(ctx).background
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
