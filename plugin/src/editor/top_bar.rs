//! The top of the window: the prompt, what makes a take, and what the host is doing.
use super::desk::Desk;
use super::icons::{self, Icon};
use super::knob::{From, Look, knob};
use super::prompt::Prompt;
use super::theme::{self, Palette};
use super::{View, meter, select, toggle};
use crate::params::ContinuoParams;
use egui::{Align, Layout, Popup, RichText, Sense, Ui, Vec2};
use studio::{PressAction, Snapshot};

/// Below this width the name of the plugin makes room, points.
const NAMED: f32 = 940.0;

/// What the bar has to remember between frames.
#[derive(Default)]
pub struct TopBar {
    prompt: Prompt,
}

impl TopBar {
    /// Draws both rows.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>, desk: &mut Desk) {
        let palette = Palette::of(ui);
        ui.horizontal(|ui| {
            let is_wide = ui.available_width() >= NAMED;
            if is_wide {
                ui.label(RichText::new("continuo").size(19.0).color(palette.accent).strong());
                ui.add_space(theme::GAP);
            }
            let status_px = if is_wide { 210.0 } else { 176.0 };
            let button_px = 132.0;
            let width = ui.available_width() - status_px - button_px - 3.0 * ui.spacing().item_spacing.x;
            let is_entered = self.prompt.ui(ui, view, width);
            let label = format!("Generate on {}", desk.target.get() + 1);
            let response = toggle::main_button(ui, &label, Vec2::new(button_px, 32.0));
            if response.on_hover_text("Make a new take on the selected deck").clicked() || is_entered {
                view.press(desk.target, PressAction::Generate);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| status(ui, view.snapshot));
        });
        ui.add_space(6.0);
        ui.horizontal(|ui| dials(ui, view, desk));
    }
}

fn dials(ui: &mut Ui, view: &View<'_>, desk: &mut Desk) {
    let ContinuoParams { engine, style, key, scale, bars, swap, .. } = view.params;
    let is_wide = ui.available_width() >= NAMED;
    let width = |wide: f32, compact: f32| if is_wide { wide } else { compact };
    if is_wide {
        select::choice(ui, view, engine, "Engine", 92.0);
    }
    select::choice(ui, view, style, "Style", width(150.0, 124.0));
    if style.value().0 >= take::BUILT_IN_STYLES.len() {
        select::user_style(ui, view, 104.0);
    }
    select::choice(ui, view, key, "Key", 62.0);
    select::choice(ui, view, scale, "Scale", width(136.0, 92.0));
    tempo(ui, view, desk);
    select::choice(ui, view, bars, "Bars", 70.0);
    select::choice(ui, view, swap, "Swap at", 68.0);
    let palette = Palette::of(ui);
    let look = |label| Look { label, from: From::Start, accent: palette.accent, size: Vec2::new(44.0, select::HEIGHT) };
    let p = view.params;
    ui.spacing_mut().item_spacing.x = 2.0;
    knob(ui, view, &p.energy, look("Energy"));
    knob(ui, view, &p.complexity, look("Busy"));
    knob(ui, view, &p.swing, look("Swing"));
    knob(ui, view, &p.humanise, look("Human"));
    if is_wide {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            meter::stereo(ui, view.snapshot.engine.peak, Vec2::new(12.0, select::HEIGHT), "Main output");
            knob(ui, view, &p.master, Look { accent: palette.dim, ..look("Master") });
        });
    }
}

/// The host's tempo, or one for the takes made here.
fn tempo(ui: &mut Ui, view: &View<'_>, desk: &mut Desk) {
    let engine = &view.snapshot.engine;
    let host = (view.snapshot.is_active && engine.blocks > 0).then_some(engine.tempo);
    let text = match (desk.own_tempo, host) {
        (Some(own), _) => format!("{own:.1} own"),
        (None, Some(host)) => format!("{host:.1} host"),
        (None, None) => "style's".to_owned(),
    };
    let response = select::field(ui, "Tempo", &text, 94.0);
    let response = response.on_hover_text("The tempo new takes are made at. They always play at the host's tempo.");
    Popup::menu(&response).width(190.0).show(|ui| {
        if ui.selectable_label(desk.own_tempo.is_none(), "The host's").clicked() {
            desk.own_tempo = None;
            ui.close();
        }
        let mut bpm = desk.own_tempo.or(host).unwrap_or(120.0);
        ui.horizontal(|ui| {
            if ui.selectable_label(desk.own_tempo.is_some(), "My own").clicked() {
                desk.own_tempo = Some(bpm);
            }
            let drag = egui::DragValue::new(&mut bpm).range(take::Bpm::MIN..=take::Bpm::MAX).speed(0.2).suffix(" bpm");
            if ui.add(drag).changed() {
                desk.own_tempo = Some(bpm);
            }
        });
    });
}

/// Transport, tempo, position and load, right-aligned.
fn status(ui: &mut Ui, snapshot: &Snapshot) {
    let palette = Palette::of(ui);
    let engine = &snapshot.engine;
    if !snapshot.is_active {
        ui.label(RichText::new("the host has not started audio").size(12.0).color(palette.dim));
        return;
    }
    let misses = engine.deadline_misses;
    let color = if engine.recent_worst_block > 1.0 { palette.warning } else { palette.dim };
    ui.label(RichText::new(format!("{:.0} %", engine.recent_worst_block * 100.0)).size(theme::SMALL).color(color))
        .on_hover_text(format!(
            "Slowest audio block of the last seconds, as a share of its time. {misses} came late so far."
        ));
    let bar_beats = f64::from(engine.meter.0) * 4.0 / f64::from(engine.meter.1.max(1));
    let bar = if bar_beats > 0.0 { (engine.pos_beats / bar_beats).floor() + 1.0 } else { 1.0 };
    let beat = engine.pos_beats.rem_euclid(bar_beats.max(1.0)).floor() + 1.0;
    ui.label(RichText::new(format!("{bar:.0}.{beat:.0}")).monospace());
    ui.label(RichText::new(format!("{:.1} bpm", engine.tempo)).size(12.0).color(palette.dim));
    let (icon, color) = if engine.is_playing { (Icon::Play, palette.accent) } else { (Icon::Stop, palette.dim) };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(14.0), Sense::hover());
    icons::paint(ui.painter(), icon, rect.center(), 5.0, color);
    response.on_hover_text(if engine.is_playing { "The transport rolls" } else { "The transport stands" });
}
