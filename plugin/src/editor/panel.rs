//! The pages of the side panel.
mod chords;
mod lane;
mod library;
mod mix;
mod notes;
mod roll;
mod settings;

use super::View;
use super::desk::{Desk, Tab};
use super::icons;
use super::theme::{self, Palette};
use egui::{Align2, FontId, Response, RichText, Role, ScrollArea, Sense, Stroke, Ui, Vec2, WidgetInfo};

/// What the pages keep between frames.
#[derive(Default)]
pub struct Pages {
    notes: notes::Notes,
    chords: chords::Chords,
    library: library::LibraryPage,
    settings: settings::Settings,
}

impl Pages {
    /// Draws a page.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>, desk: &mut Desk, tab: Tab) {
        if tab != Tab::Library {
            self.leave_library(view);
        }
        match tab {
            Tab::Notes => self.notes.ui(ui, view, desk),
            Tab::Library => self.library.ui(ui, view, desk),
            Tab::Mix => mix::page(ui, view, desk),
            Tab::Chords => {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.chords.ui(ui, view));
            }
            Tab::Settings => {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.settings.ui(ui, view, desk));
            }
        }
    }

    /// The folders are watched only while somebody looks.
    pub fn leave_library(&mut self, view: &View<'_>) {
        self.library.leave(view);
    }
}

/// One tab: text over a line that is lit while its page is open.
pub fn tab(ui: &mut Ui, name: &str, is_open: bool, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 26.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_open, name));
    let palette = Palette::of(ui);
    let ink = if is_open || response.hovered() { palette.text } else { palette.dim };
    let painter = ui.painter();
    painter.text(rect.center(), Align2::CENTER_CENTER, name, FontId::proportional(12.5), ink);
    let pen = if is_open { Stroke::new(2.0, palette.accent) } else { Stroke::new(1.0, palette.line) };
    painter.hline(rect.x_range(), rect.bottom() - 1.0, pen);
    icons::focus_ring(ui, rect, &response);
    response
}

/// The title of a group of things.
fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(theme::GAP);
    ui.label(RichText::new(text).size(12.0).strong().color(Palette::of(ui).dim));
}

/// What a page says when it has nothing to show: what it is for, and the next step.
fn empty(ui: &mut Ui, title: &str, next: &str) {
    let palette = Palette::of(ui);
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.28).min(120.0));
        ui.label(RichText::new(title).size(15.0).color(palette.text));
        ui.add_space(4.0);
        ui.label(RichText::new(next).color(palette.dim));
    });
}
