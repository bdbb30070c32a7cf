//! Mixer and effects: a channel for every deck, then what all of them go through.
use crate::editor::desk::Desk;
use crate::editor::knob::{From, Look, knob};
use crate::editor::theme::{self, Palette};
use crate::editor::{View, meter, toggle};
use egui::{Align, Layout, RichText, ScrollArea, Ui, Vec2};
use engine::{DeckIndex, NUM_DECKS};

/// Height of a knob, points.
const KNOB_PX: f32 = 44.0;

/// Draws the page.
pub fn page(ui: &mut Ui, view: &View<'_>, desk: &mut Desk) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let width = (ui.available_width() / NUM_DECKS as f32).floor().min(64.0);
        let fader = (ui.available_height() - 5.0 * (KNOB_PX + 3.0) - 24.0 - 26.0 - 104.0).clamp(70.0, 260.0);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for deck in DeckIndex::all() {
                ui.allocate_ui_with_layout(Vec2::new(width, 0.0), Layout::top_down(Align::Center), |ui| {
                    ui.set_width(width);
                    channel(ui, view, desk, deck, fader);
                });
            }
        });
        super::heading(ui, "Everything");
        everything(ui, view);
    });
}

fn channel(ui: &mut Ui, view: &View<'_>, desk: &mut Desk, deck: DeckIndex, fader: f32) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing = Vec2::splat(3.0);
    let is_target = desk.target == deck;
    let number = RichText::new(format!("{}", deck.get() + 1)).strong();
    let number = number.color(if is_target { palette.accent } else { palette.dim });
    if ui.add(egui::Button::new(number).frame(false)).clicked() {
        desk.target = deck;
    }
    let p = view.dials(deck);
    let size = Vec2::new(ui.available_width() - 1.0, KNOB_PX);
    let look = |label, from| Look { label, from, accent: palette.accent, size };
    knob(ui, view, &p.filter, look("Filter", From::Middle));
    knob(ui, view, &p.resonance, look("Reso", From::Start));
    knob(ui, view, &p.reverb, look("Reverb", From::Start));
    knob(ui, view, &p.delay, look("Delay", From::Start));
    knob(ui, view, &p.pan, look("Pan", From::Middle));
    let peak = view.snapshot.engine.decks[deck.get()].peak;
    meter::fader(ui, view, &p.level, peak, Vec2::new(22.0, fader));
    let half = Vec2::new((size.x - 4.0) * 0.5, 20.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        toggle::switch(ui, view, &p.mute, ("M", half), palette.warning, "silences the deck");
        toggle::switch(ui, view, &p.solo, ("S", half), palette.star, "silences the others");
    });
}

/// Master, crossfade, limiter.
fn everything(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let engine = &view.snapshot.engine;
    ui.horizontal(|ui| {
        let look = |label| Look { label, from: From::Start, accent: palette.accent, size: Vec2::new(60.0, 54.0) };
        knob(ui, view, &view.params.master, look("Master"));
        knob(ui, view, &view.params.crossfade, look("Crossfade"));
        meter::stereo(ui, engine.peak, Vec2::new(14.0, 54.0), "Main output");
        ui.vertical(|ui| {
            let is_limiting = engine.limiter_db < -0.05;
            let ink = if is_limiting { palette.warning } else { palette.dim };
            let text =
                if is_limiting { format!("Limiter {:.1} dB", engine.limiter_db) } else { "Limiter idle".to_owned() };
            ui.label(RichText::new(text).size(12.0).color(ink));
            let load = format!("Slowest block {:.0} % of its time", engine.recent_worst_block * 100.0);
            ui.label(RichText::new(load).size(theme::SMALL).color(palette.dim));
            let misses = engine.deadline_misses;
            let ink = if engine.recent_worst_block > 1.0 { palette.warning } else { palette.dim };
            ui.label(RichText::new(format!("{misses} blocks late so far")).size(theme::SMALL).color(ink));
        });
    });
}
