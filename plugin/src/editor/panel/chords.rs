//! The live band: on and off, its chords as typed or heard, who plays how loud.
use super::{heading, lane};
use crate::editor::knob::{From, Look, knob};
use crate::editor::theme::{self, Palette};
use crate::editor::{View, param_edit, select, toggle};
use egui::{RichText, TextEdit, Ui, Vec2};
use nice_plug::prelude::Param;
use studio::{ChordSource, Command};
use take::StemKind;

const LABELS: [&str; 5] = ["Drums", "Bass", "Chords", "Melody", "Pad"];

/// What the page has to remember between frames.
#[derive(Default)]
pub struct Chords {
    line: String,
    is_editing: bool,
}

impl Chords {
    /// Draws the page.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>) {
        let palette = Palette::of(ui);
        let band = &view.params.band;
        ui.horizontal(|ui| {
            let (text, hint) = ("Band", "plays along while the transport rolls");
            toggle::switch(ui, view, &band.on, (text, Vec2::new(64.0, select::HEIGHT)), palette.accent, hint);
            let width = (ui.available_width() - 6.0) * 0.5;
            select::choice(ui, view, &band.style, "Plays like", width);
            select::choice(ui, view, &band.source, "Chords from", width);
        });
        if !band.on.value() {
            let hint = "Switch the band on and start the transport: it plays drums, bass, chords, melody and pad over the chords below.";
            ui.label(RichText::new(hint).size(12.0).color(palette.dim));
        }
        heading(ui, "Chords");
        self.source(ui, view);
        ui.add_space(4.0);
        lane::lane(ui, view);
        heading(ui, "Who plays how loud");
        let size = Vec2::new((ui.available_width() / 6.0 - 6.0).min(56.0), 54.0);
        ui.horizontal(|ui| {
            for ((level, label), stem) in band.levels().into_iter().zip(LABELS).zip(StemKind::ALL) {
                knob(ui, view, level, Look { label, from: From::Start, accent: palette.stem(stem), size });
            }
            let look = Look { label: "Intensity", from: From::Start, accent: palette.accent, size };
            knob(ui, view, &band.intensity, look);
        });
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            fill_button(ui, view);
            let hint = "the band's notes leave on the MIDI output: bass 1, chords 2, melody 3, pad 4, drums 10";
            toggle::switch(ui, view, &band.midi_out, ("MIDI out", Vec2::new(84.0, 26.0)), palette.accent, hint);
        });
    }

    /// The line as typed, or a lock on what is heard.
    fn source(&mut self, ui: &mut Ui, view: &View<'_>) {
        let palette = Palette::of(ui);
        let band = &view.params.band;
        match band.source.value().0 {
            ChordSource::Typed => self.typed(ui, view),
            source => {
                let text = if source == ChordSource::Midi {
                    "Play chords into this track: the band follows half a beat later, and foresees what repeats."
                } else {
                    "Send another track to the side-chain input: the band hears its chords."
                };
                ui.label(RichText::new(text).size(12.0).color(palette.dim));
                let label = if band.lock.value() { "Chords locked" } else { "Lock chords" };
                let hint = "play on over the chords heard so far, so that you can solo";
                toggle::switch(ui, view, &band.lock, (label, Vec2::new(120.0, 26.0)), palette.warning, hint);
            }
        }
    }

    fn typed(&mut self, ui: &mut Ui, view: &View<'_>) {
        if !self.is_editing {
            self.line.clone_from(&view.snapshot.chords);
        }
        let field = TextEdit::multiline(&mut self.line)
            .id_salt("chord line")
            .hint_text("C | Am | F | G   or   Dm7b5 | G7alt | Cm6")
            .margin(Vec2::new(8.0, 6.0))
            .desired_rows(2)
            .desired_width(f32::INFINITY);
        let response = ui.add(field).on_hover_text("One bar between two |. Several chords share a bar.");
        if response.lost_focus() {
            view.studio.send(Command::SetChords { text: self.line.clone() });
        }
        // A frame later the snapshot has what was sent.
        self.is_editing = response.has_focus() || response.lost_focus();
    }
}

fn fill_button(ui: &mut Ui, view: &View<'_>) {
    let fill = &view.params.band.fill;
    let button = egui::Button::new("Fill").min_size(Vec2::new(64.0, 26.0));
    let response = ui.add(button).on_hover_text(format!("{}: fills the end of this bar", fill.name()));
    if response.clicked() {
        // A press is a rising edge: up, then down again for the next one.
        param_edit::set_once(&view.setter, fill, true);
        param_edit::set_once(&view.setter, fill, false);
    }
    crate::editor::learn::menu(&response, view, fill);
}
