//! The top of the window: prompt, the dials that make a take, and what the host is doing.
use super::icons::{self, Icon};
use super::{View, knob, menus, theme};
use crate::params::ContinuoParams;
use egui::{Color32, Key, RichText, TextEdit, Ui};
use engine::DeckIndex;
use studio::{Command, PressAction, Snapshot};

/// What the header itself has to remember between frames.
#[derive(Default)]
pub struct Header {
    prompt: String,
    is_editing: bool,
}

impl Header {
    /// Draws both rows. `target` is the deck that Enter and the big button generate on.
    pub fn ui(&mut self, ui: &mut Ui, shared: &View<'_>, target: DeckIndex) {
        ui.horizontal(|ui| {
            ui.label(RichText::new("continuo").size(19.0).color(theme::ACCENT).strong());
            ui.add_space(8.0);
            self.prompt_row(ui, shared, target);
        });
        ui.add_space(4.0);
        ui.horizontal(|ui| dials(ui, shared));
    }

    fn prompt_row(&mut self, ui: &mut Ui, shared: &View<'_>, target: DeckIndex) {
        if !self.is_editing {
            self.prompt.clone_from(&shared.snapshot.prompt);
        }
        let status_width = 250.0;
        let width = (ui.available_width() - status_width - 150.0).max(120.0);
        let field = TextEdit::singleline(&mut self.prompt)
            .hint_text("What should it sound like?  deep sub bass, spacey pad, 90 bpm, no drums …")
            .char_limit(take::TakeSpec::MAX_PROMPT_CHARS)
            .margin(egui::vec2(8.0, 6.0))
            .desired_width(width);
        let response = ui.add(field);
        self.is_editing = response.has_focus();
        if response.changed() {
            shared.studio.send(Command::SetPrompt { text: self.prompt.clone() });
        }
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let label = RichText::new(format!("Generate on {}", target.get() + 1)).color(theme::ON_ACCENT).strong();
        let button = egui::Button::new(label).fill(theme::ACCENT).min_size(egui::vec2(130.0, 28.0));
        let is_clicked = ui.add(button).on_hover_text("Compose a new take on the selected deck").clicked();
        if is_clicked || is_entered {
            shared.press(target, PressAction::Generate);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| status(ui, shared.snapshot));
    }
}

fn dials(ui: &mut Ui, shared: &View<'_>) {
    let ContinuoParams { style, key, scale, bars, swap, .. } = shared.params;
    let setter = &shared.setter;
    menus::choice(ui, setter, style, "Style", 132.0);
    if style.value().0 >= take::BUILT_IN_STYLES.len() {
        menus::user_style(ui, shared);
    }
    menus::choice(ui, setter, key, "Key", 56.0);
    menus::choice(ui, setter, scale, "Scale", 116.0);
    menus::choice(ui, setter, bars, "Bars", 44.0);
    menus::choice(ui, setter, swap, "Swap at", 60.0);
    ui.add_space(6.0);
    let p = shared.params;
    let white = Color32::from_rgb(0xc8, 0xce, 0xd8);
    knob::knob(ui, setter, &p.energy, "Energy", knob::From::Start, theme::ACCENT);
    knob::knob(ui, setter, &p.complexity, "Complex", knob::From::Start, theme::ACCENT);
    knob::knob(ui, setter, &p.swing, "Swing", knob::From::Start, theme::ACCENT);
    knob::knob(ui, setter, &p.humanise, "Human", knob::From::Start, theme::ACCENT);
    ui.add_space(6.0);
    knob::knob(ui, setter, &p.crossfade, "X-fade", knob::From::Start, white);
    knob::knob(ui, setter, &p.master, "Master", knob::From::Start, white);
    ui.add_space(6.0);
    super::meter::stereo(ui, shared.snapshot.engine.peak, egui::vec2(12.0, 46.0));
}

/// Transport, tempo, position and load, right-aligned.
fn status(ui: &mut Ui, snapshot: &Snapshot) {
    let engine = &snapshot.engine;
    if !snapshot.is_active {
        ui.label(RichText::new("the host has not started audio").color(theme::DIM));
        return;
    }
    let load = format!("{:.0} %", engine.worst_block * 100.0);
    let misses = engine.deadline_misses;
    let color = if misses > 0 { theme::WARNING } else { theme::DIM };
    ui.label(RichText::new(load).size(11.0).color(color))
        .on_hover_text(format!("Worst block as a share of its deadline. {misses} deadlines missed."));
    let bar_beats = f64::from(engine.meter.0) * 4.0 / f64::from(engine.meter.1.max(1));
    let bar = if bar_beats > 0.0 { (engine.pos_beats / bar_beats).floor() + 1.0 } else { 1.0 };
    let beat = engine.pos_beats.rem_euclid(bar_beats.max(1.0)).floor() + 1.0;
    ui.label(RichText::new(format!("{bar:.0}.{beat:.0}")).monospace());
    ui.label(RichText::new(format!("{:.1} bpm", engine.tempo)).monospace());
    let (icon, color) = if engine.is_playing { (Icon::Play, theme::ACCENT) } else { (Icon::Stop, theme::DIM) };
    let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(14.0), egui::Sense::hover());
    icons::paint(ui.painter(), icon, rect.center(), 5.0, color);
    response.on_hover_text(if engine.is_playing { "The transport rolls" } else { "The transport stands" });
}
