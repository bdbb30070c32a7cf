//! The takes of one deck: choose, compare, star, hear on the cue bus, export, forget, bring back.
use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::{View, deck_wave, select, toggle};
use egui::{
    Align, Button, FontId, Layout, Popup, PopupCloseBehavior, Rect, RichText, Role, ScrollArea, Sense, Ui, UiBuilder,
    Vec2, WidgetInfo,
};
use engine::DeckIndex;
use studio::{Command, DeckView, Side, TakeView};

/// Width of the list, points.
const LIST_PX: f32 = 560.0;

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
    let spoken = || format!("Takes of deck {}: {name}", deck.get() + 1);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken()));
    let palette = Palette::of(&child);
    let painter = child.painter();
    let ink = if response.hovered() { palette.accent } else { palette.text };
    let place = format!("{}/{}", place.map_or(0, |place| place + 1), seen.history.len());
    let at = area.left_center() + Vec2::new(2.0, 0.0);
    let small = FontId::proportional(theme::SMALL);
    let mut left = painter.text(at, egui::Align2::LEFT_CENTER, place, small.clone(), palette.dim).right() + 6.0;
    if row.is_some_and(|row| row.is_starred) {
        icons::paint(painter, Icon::Star { is_on: true }, egui::pos2(left + 5.0, at.y), 5.0, palette.star);
        left += 14.0;
    }
    if let Some(letter) = row.and_then(|row| side_of(seen, row)) {
        let at = egui::pos2(left, at.y);
        left = painter.text(at, egui::Align2::LEFT_CENTER, letter, small, palette.accent).right() + 5.0;
    }
    let galley = select::elided(painter, name, FontId::proportional(12.0), ink, area.right() - left - 14.0);
    let end = left + galley.size().x;
    painter.galley(egui::pos2(left, at.y - galley.size().y * 0.5), galley, ink);
    icons::paint(painter, Icon::Open, egui::pos2(end + 9.0, at.y + 1.0), 3.5, palette.dim);
    icons::focus_ring(&child, area, &response);
    let popup = Popup::menu(&response).width(LIST_PX).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.show(|ui| {
        above(ui, view, deck, seen);
        rows(ui, view, deck, seen);
    });
}

fn side_of(seen: &DeckView, row: &TakeView) -> Option<&'static str> {
    let [a, b] = seen.marks.map(|mark| mark == Some(row.id));
    if a { Some("A") } else { b.then_some("B") }
}

/// Undo, redo, compare.
fn above(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, seen: &DeckView) {
    let at = view.params.swap.value().0;
    let mut pressed = None;
    ui.horizontal(|ui| {
        let mut offer = |ui: &mut Ui, is_there: bool, text: &str, hint: &str, command: Command| {
            ui.add_enabled_ui(is_there, |ui| {
                if toggle::small(ui, text, hint).clicked() {
                    pressed = Some(command);
                }
            });
        };
        offer(ui, seen.can_undo, "Undo", "What was on the deck before", Command::Undo { deck, at });
        offer(ui, seen.can_redo, "Redo", "What the undo took away", Command::Redo { deck, at });
        let has_both = seen.marks.iter().all(Option::is_some);
        offer(ui, has_both, "Compare A/B", "Changes between the takes marked A and B", Command::Compare { deck, at });
        let text = "Mark two takes with A and B to compare them";
        if !has_both {
            ui.label(RichText::new(text).size(theme::SMALL).color(Palette::of(ui).dim));
        }
    });
    ui.add_space(4.0);
    if let Some(command) = pressed {
        view.studio.send(command);
    }
}

fn rows(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, seen: &DeckView) {
    ScrollArea::vertical().max_height(340.0).show(ui, |ui| {
        for row in seen.history.iter().rev() {
            ui.horizontal(|ui| {
                before_name(ui, view, deck, seen, row);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    after_name(ui, view, deck, row);
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| name(ui, view, deck, seen, row));
                });
            });
        }
    });
}

/// Star, A, B.
fn before_name(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, seen: &DeckView, row: &TakeView) {
    let palette = Palette::of(ui);
    let take = row.id;
    let ink = if row.is_starred { palette.star } else { palette.dim };
    if icons::bare(ui, Icon::Star { is_on: row.is_starred }, ink, "Favourite").clicked() {
        view.studio.send(Command::Star { take, is_starred: !row.is_starred });
    }
    for (side, mark, letter) in [(Side::A, seen.marks[0], "A"), (Side::B, seen.marks[1], "B")] {
        let is_on = mark == Some(take);
        let response = toggle::lamp(ui, is_on, letter, Vec2::splat(20.0), palette.accent);
        response
            .widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, format!("Mark {} {letter}", row.name)));
        if response.on_hover_text("Mark for comparing").clicked() {
            view.studio.send(Command::Mark { deck, side, take: (!is_on).then_some(take) });
        }
    }
}

fn name(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, seen: &DeckView, row: &TakeView) {
    let palette = Palette::of(ui);
    let color = if row.is_missing { palette.warning } else { palette.text };
    let text = if row.is_missing { format!("{} (missing)", row.name) } else { row.name.clone() };
    let label = Button::selectable(seen.current == Some(row.id), RichText::new(text).color(color)).truncate();
    let hint = if row.prompt.is_empty() { "no prompt" } else { &row.prompt };
    let response = ui.add_sized(Vec2::new(ui.available_width(), 20.0), label).on_hover_text(hint);
    if response.clicked() && !row.is_missing {
        deck_wave::select(view, deck, row.id);
    }
}

/// Engine and seed, words again, hear, export, forget; laid out from the right.
fn after_name(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, row: &TakeView) {
    let palette = Palette::of(ui);
    let take = row.id;
    if icons::bare(ui, Icon::Close, palette.dim, "Take it off this list; the library keeps it").clicked() {
        view.studio.send(Command::Forget { deck, take });
    }
    if row.is_missing {
        if toggle::small(ui, "Make again", "Generate it from its own settings and seed").clicked() {
            view.studio.send(Command::Restore { deck, take });
        }
    } else {
        if toggle::small(ui, "Export", "Write WAV, stems and MIDI to the export folder").clicked() {
            view.studio.send(Command::Export { take, dir: None });
        }
        let is_cued = view.snapshot.cue == Some(take);
        let (icon, ink) = if is_cued { (Icon::Stop, palette.accent) } else { (Icon::Listen, palette.dim) };
        if icons::bare(ui, icon, ink, "Hear it on the cue output").clicked() {
            view.studio.send(Command::Cue { take: (!is_cued).then_some(take) });
        }
    }
    if toggle::small(ui, "Reuse", "Its words and its seed for the next take").clicked() {
        view.studio.send(Command::Reuse { take, with_seed: true });
    }
    let engine = row.engine.split('/').next().unwrap_or_default();
    let apart = if studio::is_separated(&row.engine) { ", separated" } else { "" };
    let origin = format!("{engine}{apart} · seed {}", row.seed);
    ui.label(RichText::new(origin).size(theme::SMALL).color(palette.dim)).on_hover_text(&row.engine);
}
