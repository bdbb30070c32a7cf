//! A deck's picture: one line of words, the waveform below it, and whatever happens to the deck drawn into it.
use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::waveform::WaveformCache;
use super::{View, playhead, select, take_list, toggle};
use crate::params::SILENCE_DB;
use egui::{Align2, FontId, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo};
use engine::{DeckIndex, DeckPhase};
use studio::{Command, DeckView, PressAction};

/// Height of the line of words, points.
const HEAD_PX: f32 = 18.0;

/// Draws it; true when it was clicked.
pub fn wave(ui: &mut Ui, view: &View<'_>, cache: &mut WaveformCache, deck: DeckIndex, size: Vec2) -> bool {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let Some(seen) = view.deck(deck) else { return false };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, spoken(deck, seen)));
    let palette = Palette::of(ui);
    ui.painter().rect_filled(rect, theme::RADIUS, palette.well);
    view.wishes.zones.borrow_mut().push((deck, rect.intersect(ui.clip_rect())));
    if view.drop_on == Some(deck) {
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(2.0, palette.star), StrokeKind::Inside);
    }
    let picture = Rect::from_min_max(rect.min + Vec2::new(3.0, HEAD_PX), rect.max - Vec2::new(3.0, 3.0));
    if let Some(take) = &seen.take {
        let audible =
            super::stem_dials(view.dials(deck)).map(|(level, mute)| !mute.value() && level.value() > SILENCE_DB);
        let is_heard = view.dials(deck).play.value() && !view.dials(deck).mute.value();
        cache.paint(ui, deck.get(), take, picture, audible.map(|stem| stem && is_heard));
        let state = &view.snapshot.engine.decks[deck.get()];
        if !matches!(state.phase, DeckPhase::Idle) {
            let x = picture.left() + picture.width() * state.playhead.clamp(0.0, 1.0);
            playhead::line(ui.painter(), palette, x, picture.y_range());
        }
    } else if seen.job.is_none() {
        empty(ui, view, (deck, response.hovered()), rect, seen);
    }
    let right = undo(ui, view, deck, rect, seen);
    let words = head(ui, view, deck, (rect, right));
    progress(ui, view, deck, (rect, picture), seen);
    let name = Rect::from_min_max(rect.min + Vec2::new(4.0, 1.0), Pos2::new(words, rect.top() + HEAD_PX));
    take_list::button(ui, view, deck, seen, name);
    response.clicked()
}

fn spoken(deck: DeckIndex, seen: &DeckView) -> String {
    let what = match (&seen.take, &seen.job) {
        (_, Some(job)) => format!("{} {:.0} percent", job.stage, job.progress * 100.0),
        (Some(take), None) => take.info.name.clone(),
        (None, None) => "empty".to_owned(),
    };
    format!("Waveform of deck {}: {what}", deck.get() + 1)
}

/// A way back, once something was replaced. Returns where the line of words ends.
fn undo(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, rect: Rect, seen: &DeckView) -> f32 {
    if !seen.can_undo {
        return rect.right();
    }
    let area = Rect::from_min_size(rect.right_top() - Vec2::new(20.0, 1.0), Vec2::splat(20.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(area).id_salt(("undo", deck.get())));
    let ink = Palette::of(ui).dim;
    if icons::bare(&mut child, Icon::Undo, ink, "Undo: what was on the deck before").clicked() {
        view.studio.send(Command::Undo { deck, at: view.params.swap.value().0 });
    }
    area.left()
}

/// What the deck is about to do, at the right end of the line of words. Returns where the name has to end.
fn head(ui: &Ui, view: &View<'_>, deck: DeckIndex, (rect, right): (Rect, f32)) -> f32 {
    let palette = Palette::of(ui);
    let state = &view.snapshot.engine.decks[deck.get()];
    let is_armed = state.phase == DeckPhase::Armed;
    if is_armed {
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.5, palette.accent), StrokeKind::Inside);
    }
    let (text, color) = match () {
        () if is_armed && view.snapshot.engine.is_playing => {
            (format!("next in {:.0} beats", state.beats_to_swap.ceil()), palette.accent)
        }
        () if is_armed => ("next waits for the transport".to_owned(), palette.accent),
        () if state.is_stretching => ("stretching".to_owned(), palette.dim),
        () => return right - 4.0,
    };
    let at = Pos2::new(right - 6.0, rect.top() + 2.0);
    ui.painter().text(at, Align2::RIGHT_TOP, text, FontId::proportional(theme::SMALL), color).left() - 6.0
}

fn progress(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, (rect, picture): (Rect, Rect), seen: &DeckView) {
    let Some(job) = &seen.job else { return };
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let share = job.progress.clamp(0.0, 1.0);
    let mut done = rect;
    done.set_width(rect.width() * share);
    painter.rect_filled(done, theme::RADIUS, palette.accent.gamma_multiply(0.16));
    let line = Rect::from_min_size(rect.left_bottom() - Vec2::new(0.0, 3.0), Vec2::new(rect.width() * share, 3.0));
    painter.rect_filled(line, theme::RADIUS, palette.accent);
    let waiting = if seen.is_job_waiting { ", another waits" } else { "" };
    let left = job.remaining_s.map_or_else(String::new, remaining);
    let text = format!("{} {:.0} %{left}{waiting}", job.stage, job.progress * 100.0);
    let room = picture.width() - 76.0;
    let galley = select::elided(painter, &text, FontId::proportional(12.0), palette.text, room);
    let at = Pos2::new(picture.left() + 6.0, picture.center().y - galley.size().y * 0.5);
    let ground = Rect::from_min_size(at, galley.size()).expand2(Vec2::new(5.0, 2.0));
    painter.rect_filled(ground, theme::RADIUS, palette.well);
    painter.galley(at, galley, palette.text);
    // A child, because a widget put into the row itself would move what comes after it.
    let cancel = Rect::from_center_size(Pos2::new(picture.right() - 34.0, picture.center().y), Vec2::new(60.0, 22.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(cancel).id_salt(("cancel", deck.get())));
    if toggle::small(&mut child, "Cancel", "Stop working on this deck").clicked() {
        view.press(deck, PressAction::Cancel);
    }
}

/// `, 8 s left`; beyond a minute and a half in minutes.
fn remaining(seconds: f32) -> String {
    match seconds.ceil().max(1.0) {
        seconds if seconds > 90.0 => format!(", {:.0} min left", (seconds / 60.0).ceil()),
        seconds => format!(", {seconds:.0} s left"),
    }
}

fn is_free(seen: &DeckView) -> bool {
    seen.history.is_empty() && seen.job.is_none()
}

/// What an empty deck says: the next step, or what is missing.
fn empty(ui: &mut Ui, view: &View<'_>, (deck, is_hovered): (DeckIndex, bool), rect: Rect, seen: &DeckView) {
    let palette = Palette::of(ui);
    let missing = seen.current.and_then(|id| seen.history.iter().find(|row| row.id == id && row.is_missing));
    if let Some(row) = missing {
        let area = Rect::from_center_size(rect.center() + Vec2::new(0.0, HEAD_PX * 0.5), Vec2::new(rect.width(), 22.0));
        let mut child =
            ui.new_child(UiBuilder::new().max_rect(area.shrink2(Vec2::new(8.0, 0.0))).id_salt(("missing", deck.get())));
        child.horizontal_centered(|ui| {
            if toggle::small(ui, "Make again", "Generate it from its own settings and seed").clicked() {
                view.studio.send(Command::Restore { deck, take: row.id });
            }
            ui.label(egui::RichText::new("not in the library").size(12.0).color(palette.warning));
        });
        return;
    }
    let is_next = DeckIndex::all().find(|other| view.deck(*other).is_some_and(is_free)) == Some(deck);
    let is_first = view.snapshot.decks.iter().all(is_free);
    let text = match () {
        () if seen.current.is_some() => "loading …",
        () if is_first && deck.get() == 0 => {
            "Pick a style or type a prompt above, then press New. It plays when the transport rolls."
        }
        () if is_first => "",
        () if !is_next && !is_hovered => "",
        () if !seen.history.is_empty() => "No take on this deck. Open the list above to choose one.",
        () => "Press New for a take",
    };
    let font = FontId::proportional(12.0);
    let galley = ui.painter().layout(text.to_owned(), font, palette.dim, rect.width() - 20.0);
    ui.painter().galley(rect.center() - galley.size() * 0.5, galley, palette.dim);
}

/// Sends an order for a take of this deck with the host's swap setting.
pub fn select(view: &View<'_>, deck: DeckIndex, take: take::TakeId) {
    view.studio.send(Command::Select { deck, take, at: view.params.swap.value().0 });
}
