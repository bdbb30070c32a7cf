//! The takes of one deck: choose, star, hear on the cue bus, export, forget, bring back.
use super::icons::{self, Icon};
use super::{View, deck_strip, theme};
use egui::{Rect, RichText, Ui, Vec2};
use engine::DeckIndex;
use studio::{Command, DeckView, TakeView};

/// The current take's name, top left in the waveform; a click opens the list.
pub fn button(ui: &mut Ui, shared: &View<'_>, deck: DeckIndex, view: &DeckView, rect: Rect) {
    if view.history.is_empty() {
        return;
    }
    let place = view.current.and_then(|id| view.history.iter().position(|row| row.id == id));
    let name = place.map_or("no take", |i| view.history[i].name.as_str());
    let title = format!("{} / {}  {name}", place.map_or(0, |i| i + 1), view.history.len());
    let area = Rect::from_min_size(rect.min + egui::vec2(4.0, 2.0), egui::vec2((rect.width() - 8.0).min(280.0), 18.0));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(area).id_salt(("takes", deck.get())));
    child.style_mut().spacing.button_padding = egui::vec2(4.0, 0.0);
    let label = RichText::new(title).size(11.0).color(theme::TEXT).background_color(theme::WELL.gamma_multiply(0.7));
    let opener = child.menu_button(label, |ui| rows(ui, shared, deck, view)).response;
    let mark = opener.rect.right_center() + egui::vec2(4.0, 1.0);
    icons::paint(ui.painter(), Icon::Open, mark, 4.0, theme::TEXT);
}

fn rows(ui: &mut Ui, shared: &View<'_>, deck: DeckIndex, view: &DeckView) {
    ui.set_min_width(430.0);
    egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        for row in view.history.iter().rev() {
            ui.horizontal(|ui| row_ui(ui, shared, deck, row, view.current == Some(row.id)));
        }
    });
}

fn row_ui(ui: &mut Ui, shared: &View<'_>, deck: DeckIndex, row: &TakeView, is_current: bool) {
    let take = row.id;
    let send = |command| shared.studio.send(command);
    let look = (None, if row.is_starred { theme::STAR } else { theme::DIM });
    if icons::button(ui, Icon::Star { is_on: row.is_starred }, Vec2::splat(20.0), look, "Favourite") {
        send(Command::Star { take, is_starred: !row.is_starred });
    }
    let color = if row.is_missing { theme::WARNING } else { theme::TEXT };
    let name = if row.is_missing { format!("{} (missing)", row.name) } else { row.name.clone() };
    let label = egui::Button::selectable(is_current, RichText::new(name).color(color));
    let hint = format!("seed {}, made by {}\n{}", row.seed, row.engine, row.prompt);
    if ui.add(label).on_hover_text(hint).clicked() && !row.is_missing {
        deck_strip::select(shared, deck, take);
        ui.close();
    }
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let hint = "Take it off this list; the library keeps it";
        if icons::button(ui, Icon::Close, Vec2::splat(20.0), (None, theme::DIM), hint) {
            send(Command::Forget { deck, take });
        }
        if row.is_missing {
            if ui.small_button("Make again").on_hover_text("Generate it from its own settings and seed").clicked() {
                send(Command::Restore { deck, take });
            }
            return;
        }
        if ui.small_button("Export").on_hover_text("Write WAV, stems and MIDI to the export folder").clicked() {
            send(Command::Export { take, dir: None });
        }
        let is_cued = shared.snapshot.cue == Some(take);
        if ui.small_button(if is_cued { "Stop" } else { "Listen" }).on_hover_text("Plays on the cue output").clicked() {
            send(Command::Cue { take: (!is_cued).then_some(take) });
        }
    });
}
