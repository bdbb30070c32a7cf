//! The takes of one deck: choose, star, hear on the cue bus, export, forget, bring back.
use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::{View, deck_wave, select, toggle};
use egui::{
    Align, Button, FontId, Layout, Popup, Rect, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, Vec2, WidgetInfo,
};
use engine::DeckIndex;
use studio::{Command, DeckView, TakeView};

/// Width of the list, points.
const LIST_PX: f32 = 470.0;

/// The current take's name in the line of words of a deck; a click opens the list.
pub fn button(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, seen: &DeckView, rect: Rect) {
    if seen.history.is_empty() {
        return;
    }
    let place = seen.current.and_then(|id| seen.history.iter().position(|row| row.id == id));
    let row = place.and_then(|place| seen.history.get(place));
    let name = row.map_or("no take", |row| row.name.as_str());
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("takes", deck.get())));
    let (area, response) = child.allocate_exact_size(rect.size(), Sense::click());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Takes of deck {}: {name}", deck.get() + 1)));
    let palette = Palette::of(&child);
    let painter = child.painter();
    let ink = if response.hovered() { palette.accent } else { palette.text };
    let place = format!("{}/{}", place.map_or(0, |place| place + 1), seen.history.len());
    let at = area.left_center() + Vec2::new(2.0, 0.0);
    let counted = painter.text(at, egui::Align2::LEFT_CENTER, place, FontId::proportional(theme::SMALL), palette.dim);
    let mut left = counted.right() + 6.0;
    if row.is_some_and(|row| row.is_starred) {
        icons::paint(painter, Icon::Star { is_on: true }, egui::pos2(left + 5.0, at.y), 5.0, palette.star);
        left += 14.0;
    }
    let galley = select::elided(painter, name, FontId::proportional(12.0), ink, area.right() - left - 14.0);
    let end = left + galley.size().x;
    painter.galley(egui::pos2(left, at.y - galley.size().y * 0.5), galley, ink);
    icons::paint(painter, Icon::Open, egui::pos2(end + 9.0, at.y + 1.0), 3.5, palette.dim);
    icons::focus_ring(&child, area, &response);
    Popup::menu(&response).width(LIST_PX).show(|ui| rows(ui, view, deck, seen));
}

fn rows(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, seen: &DeckView) {
    ScrollArea::vertical().max_height(340.0).show(ui, |ui| {
        for row in seen.history.iter().rev() {
            ui.horizontal(|ui| row_ui(ui, view, deck, row, seen.current == Some(row.id)));
        }
    });
}

fn row_ui(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, row: &TakeView, is_current: bool) {
    let palette = Palette::of(ui);
    let take = row.id;
    let send = |command| view.studio.send(command);
    let ink = if row.is_starred { palette.star } else { palette.dim };
    if icons::bare(ui, Icon::Star { is_on: row.is_starred }, ink, "Favourite").clicked() {
        send(Command::Star { take, is_starred: !row.is_starred });
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if icons::bare(ui, Icon::Close, palette.dim, "Take it off this list; the library keeps it").clicked() {
            send(Command::Forget { deck, take });
        }
        if row.is_missing {
            if toggle::small(ui, "Make again", "Generate it from its own settings and seed").clicked() {
                send(Command::Restore { deck, take });
            }
        } else {
            if toggle::small(ui, "Export", "Write WAV, stems and MIDI to the export folder").clicked() {
                send(Command::Export { take, dir: None });
            }
            let is_cued = view.snapshot.cue == Some(take);
            let look = if is_cued { palette.accent } else { palette.dim };
            if icons::bare(ui, if is_cued { Icon::Stop } else { Icon::Listen }, look, "Hear it on the cue output")
                .clicked()
            {
                send(Command::Cue { take: (!is_cued).then_some(take) });
            }
        }
        ui.label(RichText::new(format!("{} · seed {}", row.engine, row.seed)).size(theme::SMALL).color(palette.dim));
        let color = if row.is_missing { palette.warning } else { palette.text };
        let name = if row.is_missing { format!("{} (missing)", row.name) } else { row.name.clone() };
        let label = Button::selectable(is_current, RichText::new(name).color(color)).truncate();
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let hint = if row.prompt.is_empty() { "no prompt" } else { &row.prompt };
            let response = ui.add_sized(Vec2::new(ui.available_width(), 20.0), label).on_hover_text(hint);
            if response.clicked() && !row.is_missing {
                deck_wave::select(view, deck, take);
                ui.close();
            }
        });
    });
}
