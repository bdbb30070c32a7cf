//! The takes of this project, by words.
use super::empty;
use crate::editor::desk::Desk;
use crate::editor::icons::{self, Icon};
use crate::editor::theme::{self, Palette};
use crate::editor::{View, deck_wave};
use egui::{Align, Button, Layout, RichText, ScrollArea, TextEdit, Ui, Vec2};
use engine::DeckIndex;
use studio::{Command, TakeView};

/// What the page remembers.
#[derive(Default)]
pub struct LibraryPage {
    words: String,
}

impl LibraryPage {
    /// Draws the page.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>, desk: &mut Desk) {
        let is_empty = view.snapshot.decks.iter().all(|deck| deck.history.is_empty());
        if is_empty {
            return empty(ui, "No takes yet", "Every take you make is kept. Press New on a deck to make the first.");
        }
        let field = TextEdit::singleline(&mut self.words)
            .id_salt("library search")
            .hint_text("Search: name, words of the prompt, engine")
            .margin(Vec2::new(8.0, 6.0))
            .desired_width(f32::INFINITY);
        ui.add(field);
        ui.add_space(4.0);
        let wanted = self.words.to_lowercase();
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for deck in DeckIndex::all() {
                let Some(seen) = view.deck(deck) else { continue };
                for row in seen.history.iter().rev().filter(|row| fits(row, &wanted)) {
                    row_ui(ui, view, desk, (deck, row));
                }
            }
        });
    }
}

/// Every word is somewhere in the row.
fn fits(row: &TakeView, wanted: &str) -> bool {
    let text = format!("{} {} {}", row.name, row.prompt, row.engine).to_lowercase();
    wanted.split_whitespace().all(|word| text.contains(word))
}

fn row_ui(ui: &mut Ui, view: &View<'_>, desk: &mut Desk, (deck, row): (DeckIndex, &TakeView)) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        let is_cued = view.snapshot.cue == Some(row.id);
        let ink = if is_cued { palette.accent } else { palette.dim };
        let icon = if is_cued { Icon::Stop } else { Icon::Listen };
        if icons::bare(ui, icon, ink, "Hear it on the cue output").clicked() {
            view.studio.send(Command::Cue { take: (!is_cued).then_some(row.id) });
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new(format!("deck {}", deck.get() + 1)).size(theme::SMALL).color(palette.dim));
            let name = Button::selectable(false, RichText::new(&row.name)).truncate();
            let response = ui.add_sized(Vec2::new(ui.available_width(), 22.0), name).on_hover_text(&row.prompt);
            if response.clicked() && !row.is_missing {
                desk.target = deck;
                deck_wave::select(view, deck, row.id);
            }
        });
    });
}
