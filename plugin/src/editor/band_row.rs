//! The live band: on and off, its chords as typed or heard, who plays how loud.
use super::{View, knob, menus, param_edit, theme};
use egui::{Button, Color32, RichText, TextEdit, Ui};
use nice_plug::prelude::{BoolParam, Param};
use studio::{ChordSource, Command};
use take::StemKind;

/// What the row has to remember between frames.
#[derive(Default)]
pub struct BandRow {
    chords: String,
    is_editing: bool,
}

impl BandRow {
    /// Draws the row.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>) {
        let band = &view.params.band;
        ui.horizontal(|ui| {
            switch(ui, view, &band.on, "Band", "The band plays along while the transport rolls", theme::ACCENT);
            menus::choice(ui, &view.setter, &band.style, "Band style", 120.0);
            menus::choice(ui, &view.setter, &band.source, "Chords from", 84.0);
            self.chords(ui, view);
            for ((level, label), stem) in band.levels().into_iter().zip(LABELS).zip(StemKind::ALL) {
                knob::knob(ui, &view.setter, level, label, knob::From::Start, theme::stem_color(stem));
            }
            knob::knob(ui, &view.setter, &band.intensity, "Intensity", knob::From::Start, theme::ACCENT);
            ui.vertical(|ui| {
                fill_button(ui, view);
                switch(ui, view, &band.midi_out, "MIDI out", "The band's notes leave on the MIDI output", theme::TEXT);
            });
        });
    }

    /// The line as typed, or what is heard; the chords of the coming bars below.
    fn chords(&mut self, ui: &mut Ui, view: &View<'_>) {
        let band = &view.params.band;
        ui.vertical(|ui| {
            ui.set_width((ui.available_width() - 420.0).max(140.0));
            if band.source.value().0 == ChordSource::Typed {
                self.typed(ui, view);
            } else {
                let lock = if band.lock.value() { "Chords locked" } else { "Lock chords" };
                switch(ui, view, &band.lock, lock, "Play on over the chords heard so far", theme::WARNING);
            }
            ui.horizontal(|ui| lane(ui, view));
        });
    }

    fn typed(&mut self, ui: &mut Ui, view: &View<'_>) {
        if !self.is_editing {
            self.chords.clone_from(&view.snapshot.chords);
        }
        let field = TextEdit::singleline(&mut self.chords)
            .hint_text("C | Am | F | G   or   Dm7b5 | G7alt | Cm6")
            .margin(egui::vec2(8.0, 4.0))
            .desired_width(f32::INFINITY);
        let response = ui.add(field);
        if response.lost_focus() {
            view.studio.send(Command::SetChords { text: self.chords.clone() });
        }
        // A frame later the snapshot has what was sent.
        self.is_editing = response.has_focus() || response.lost_focus();
    }
}

const LABELS: [&str; 5] = ["Drums", "Bass", "Chords", "Melody", "Pad"];

/// The chord that sounds, then those to come.
fn lane(ui: &mut Ui, view: &View<'_>) {
    let band = &view.snapshot.band;
    let now = band.chord.as_deref().unwrap_or("\u{2013}");
    let is_on = view.params.band.on.value();
    ui.label(RichText::new(now).strong().color(if is_on { theme::ACCENT } else { theme::DIM }));
    let position = view.snapshot.engine.pos_beats;
    for (_, symbol) in band.chords.iter().filter(|(start, _)| *start > position).take(7) {
        ui.label(RichText::new(symbol).size(11.0).color(theme::DIM));
    }
}

fn fill_button(ui: &mut Ui, view: &View<'_>) {
    let fill = &view.params.band.fill;
    if ui.add(Button::new("Fill").min_size(egui::vec2(64.0, 20.0))).on_hover_text("Fill the end of this bar").clicked()
    {
        // A press is a rising edge: up, then down again for the next one.
        param_edit::set_once(&view.setter, fill, true);
        param_edit::set_once(&view.setter, fill, false);
    }
}

/// A switch that is lit while on.
fn switch(ui: &mut Ui, view: &View<'_>, param: &BoolParam, label: &str, hint: &str, lit: Color32) {
    let is_on = param.value();
    let ink = if is_on { theme::ON_ACCENT } else { theme::TEXT };
    let button = Button::new(RichText::new(label).color(ink)).min_size(egui::vec2(64.0, 20.0));
    let button = if is_on { button.fill(lit) } else { button };
    if ui.add(button).on_hover_text(format!("{}: {hint}", param.name())).clicked() {
        param_edit::set_once(&view.setter, param, !is_on);
    }
}
