//! The selected deck's take: where it came from, its notes, its parts and stems.
use super::roll::{self, RollCache};
use super::{empty, heading};
use crate::editor::View;
use crate::editor::desk::Desk;
use crate::editor::handle::{handle, one};
use crate::editor::icons;
use crate::editor::select;
use crate::editor::theme::{self, Palette};
use egui::{Align, Button, FontId, Layout, ProgressBar, RichText, Role, Sense, Ui, Vec2, WidgetInfo};
use studio::{Command, DragFiles};
use take::{Part, StemKind, Take};

/// Height of one row of the list of parts, points.
const ROW_PX: f32 = 26.0;

/// What the page remembers.
#[derive(Default)]
pub struct Notes {
    roll: RollCache,
    /// Stems whose notes are left out of the roll.
    hidden: [bool; 5],
}

impl Notes {
    /// Draws the page.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>, desk: &Desk) {
        let Some(take) = view.deck(desk.target).and_then(|deck| deck.take.clone()) else {
            let title = format!("Deck {} is empty", desk.target.get() + 1);
            return empty(ui, &title, "The notes of its take appear here, ready to be exported part by part.");
        };
        about(ui, &take);
        ui.add_space(6.0);
        if take.parts.is_empty() {
            hear(ui, view, desk);
        }
        let num_rows = StemKind::ALL.len() + 1;
        let height = (ui.available_height() - num_rows as f32 * (ROW_PX + 4.0) - 34.0).max(90.0);
        let playhead = view.snapshot.engine.decks[desk.target.get()];
        let place = (playhead.playing == Some(take.id)).then_some(playhead.playhead);
        let size = Vec2::new(ui.available_width(), height);
        roll::roll(ui, &mut self.roll, &take, self.hidden, (size, place));
        heading(ui, "Parts and stems");
        for stem in StemKind::ALL {
            self.row(ui, view, &take, stem);
        }
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            let what = "every part and stem";
            if handle(ui, view, take.id, ("All", what), DragFiles::separate).clicked() {
                view.studio.send(Command::Export { take: take.id, dir: None });
            }
            ui.label(RichText::new("Drag a handle onto a track").size(theme::SMALL).color(Palette::of(ui).dim));
        });
    }

    /// One stem and the part behind it.
    fn row(&mut self, ui: &mut Ui, view: &View<'_>, take: &Take, stem: StemKind) {
        let palette = Palette::of(ui);
        let part = take.parts.iter().find(|part| StemKind::from(part.kind) == stem);
        let has_audio = take.original.stems[stem as usize].is_some();
        ui.allocate_ui_with_layout(
            Vec2::new(ui.available_width(), ROW_PX),
            Layout::left_to_right(Align::Center),
            |ui| {
                let is_shown = !self.hidden[stem as usize];
                if eye(ui, palette.fill(stem), is_shown, stem.name()) {
                    self.hidden[stem as usize] = is_shown;
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.add_enabled_ui(has_audio, |ui| {
                        let what = format!("{} as a WAV file", stem.name());
                        let pick = |files: &DragFiles| one(files.stem(stem));
                        if handle(ui, view, take.id, ("WAV", &what), pick).clicked() {
                            view.studio.send(Command::ExportStem { take: take.id, stem });
                        }
                    });
                    ui.add_enabled_ui(part.is_some(), |ui| {
                        let what = format!("{} as a MIDI file", stem.name());
                        let pick = |files: &DragFiles| part.map_or(Vec::new(), |part| one(files.part(part.kind)));
                        let response = handle(ui, view, take.id, ("MIDI", &what), pick);
                        if let Some(part) = part.filter(|_| response.clicked()) {
                            view.studio.send(Command::ExportPart { take: take.id, part: part.kind });
                        }
                    });
                    let text = describe(stem, part, has_audio);
                    let ink = if has_audio { palette.text } else { palette.dim };
                    let width = ui.available_width() - 4.0;
                    let (rect, _) = ui.allocate_exact_size(Vec2::new(width.max(10.0), ROW_PX), Sense::hover());
                    let galley = select::elided(ui.painter(), &text, FontId::proportional(12.0), ink, width);
                    ui.painter().galley(rect.left_center() - Vec2::new(0.0, galley.size().y * 0.5), galley, ink);
                });
            },
        );
    }
}

fn describe(stem: StemKind, part: Option<&Part>, has_audio: bool) -> String {
    match (part, has_audio) {
        (Some(part), _) => format!("{} · {} notes", part.name, part.notes.len()),
        (None, true) => format!("{} · audio only", stem.name()),
        (None, false) => format!("no {}", stem.name()),
    }
}

/// Audio without notes can be listened to for them.
fn hear(ui: &mut Ui, view: &View<'_>, desk: &Desk) {
    match view.deck(desk.target).and_then(|deck| deck.hearing) {
        Some(share) => {
            ui.add(ProgressBar::new(share).desired_height(26.0).text("Hearing the notes"));
        }
        None => {
            let button = ui.add(Button::new("Hear the notes").min_size(Vec2::new(120.0, 26.0)));
            let hint = "A Basic Pitch finds the notes in this audio, to be seen here and dragged out as MIDI";
            if button.on_hover_text(hint).clicked() {
                view.studio.send(Command::HearNotes { deck: desk.target });
            }
        }
    }
    ui.add_space(6.0);
}

/// Name, key, tempo, length, origin.
fn about(ui: &mut Ui, take: &Take) {
    let palette = Palette::of(ui);
    let info = &take.info;
    ui.add(egui::Label::new(RichText::new(&info.name).size(15.0).strong()).truncate());
    let tonic = theory::Key::new(info.key, info.scale).tonic_name();
    let line = format!(
        "{tonic} {} · {:.1} bpm · {} bars of {} · {:.1} LUFS",
        info.scale.name().to_lowercase(),
        info.tempo.get(),
        info.bars.get(),
        info.meter,
        info.loudness_lufs
    );
    ui.label(RichText::new(line).size(12.0).color(palette.dim));
    let origin = format!("made by {} · seed {}", info.engine, info.spec.seed);
    ui.label(RichText::new(origin).size(12.0).color(palette.dim)).on_hover_text(&info.spec.prompt);
    if !info.spec.prompt.is_empty() {
        ui.add(egui::Label::new(RichText::new(format!("“{}”", info.spec.prompt)).size(12.0)).truncate());
    }
}

/// A coloured mark that shows or hides a stem's notes; true when clicked.
fn eye(ui: &mut Ui, color: egui::Color32, is_shown: bool, name: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(20.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_shown, format!("Show {name} notes")));
    let mark = egui::Rect::from_center_size(rect.center(), Vec2::splat(11.0));
    if is_shown {
        ui.painter().rect_filled(mark, 3.0, color);
    } else {
        ui.painter().rect_stroke(mark, 3.0, egui::Stroke::new(1.0, color), egui::StrokeKind::Inside);
    }
    icons::focus_ring(ui, rect, &response);
    let is_clicked = response.clicked();
    response.on_hover_text(if is_shown { "Hide these notes" } else { "Show these notes" });
    is_clicked
}
