//! One deck: buttons, waveform with everything that happens to it, stems, dials.
use super::icons::{self, Icon};
use super::waveform::WaveformCache;
use super::{View, knob, meter, param_edit, stem_button, take_list, theme};
use crate::params::SILENCE_DB;
use egui::{Align2, Color32, FontId, Frame, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};
use engine::{DeckIndex, DeckPhase};
use studio::{Command, DeckView, PressAction};
use take::StemKind;

/// Height of a strip without its frame, points.
pub const HEIGHT: f32 = 56.0;

/// Draws the strip; true when the user picked this deck as the target of the prompt.
pub fn deck_strip(ui: &mut Ui, shared: &View<'_>, cache: &mut WaveformCache, deck: DeckIndex, is_target: bool) -> bool {
    let outline = if is_target { theme::ACCENT.gamma_multiply(0.7) } else { theme::STRIP };
    let frame =
        Frame::new().fill(theme::STRIP).corner_radius(theme::RADIUS).inner_margin(5).stroke(Stroke::new(1.0, outline));
    let mut is_picked = false;
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(HEIGHT);
            is_picked |= buttons(ui, shared, deck, is_target);
            let dials_width = 7.0 * 50.0 + 5.0 * 32.0 + 24.0;
            let width = (ui.available_width() - dials_width).max(120.0);
            is_picked |= wave_area(ui, shared, cache, deck, Vec2::new(width, HEIGHT));
            stems(ui, shared, deck);
            dials(ui, shared, deck);
            meter::stereo(ui, shared.snapshot.engine.decks[deck.get()].peak, egui::vec2(10.0, HEIGHT));
        });
    });
    is_picked
}

fn buttons(ui: &mut Ui, shared: &View<'_>, deck: DeckIndex, is_target: bool) -> bool {
    let params = shared.dials(deck);
    let mut is_picked = false;
    ui.vertical(|ui| {
        ui.set_width(92.0);
        ui.horizontal(|ui| {
            let number = RichText::new(format!("{}", deck.get() + 1)).size(15.0).strong();
            let color = if is_target { theme::ACCENT } else { theme::DIM };
            is_picked =
                ui.add(egui::Button::new(number.color(color)).frame(false)).on_hover_text("Prompt goes here").clicked();
            let is_on = params.play.value();
            let look = if is_on { (Some(theme::ACCENT), theme::ON_ACCENT) } else { (None, theme::DIM) };
            let hint = "Deck sounds while the transport rolls";
            if icons::button(ui, Icon::Play, Vec2::splat(20.0), look, hint) {
                param_edit::set_once(&shared.setter, &params.play, !is_on);
            }
            toggle(ui, shared, &params.mute, "M", theme::WARNING, "Mute");
            toggle(ui, shared, &params.solo, "S", theme::STAR, "Solo");
        });
        ui.horizontal(|ui| {
            let make = egui::Button::new(RichText::new("New").color(theme::ACCENT)).min_size(egui::vec2(38.0, 22.0));
            if ui.add(make).on_hover_text("Generate a new take here").clicked() {
                shared.press(deck, PressAction::Generate);
                is_picked = true;
            }
            for (icon, action, hint) in
                [(Icon::Previous, PressAction::Previous, "Take before"), (Icon::Next, PressAction::Next, "Take after")]
            {
                if icons::button(ui, icon, egui::vec2(20.0, 22.0), (None, theme::TEXT), hint) {
                    shared.press(deck, action);
                }
            }
        });
    });
    is_picked
}

fn toggle(ui: &mut Ui, shared: &View<'_>, param: &nice_plug::prelude::BoolParam, mark: &str, on: Color32, hint: &str) {
    let is_on = param.value();
    let text = RichText::new(mark).size(11.0).color(if is_on { theme::ON_ACCENT } else { theme::DIM });
    let mut button = egui::Button::new(text).min_size(egui::vec2(20.0, 20.0));
    if is_on {
        button = button.fill(on);
    }
    if ui.add(button).on_hover_text(hint).clicked() {
        param_edit::set_once(&shared.setter, param, !is_on);
    }
}

fn stems(ui: &mut Ui, shared: &View<'_>, deck: DeckIndex) {
    let params = shared.dials(deck);
    let take = shared.snapshot.decks.get(deck.get()).and_then(|view| view.take.as_ref());
    for (stem, pair) in StemKind::ALL.into_iter().zip(super::stem_dials(params)) {
        let exists = take.is_some_and(|take| take.original.stems[stem as usize].is_some());
        stem_button::stem_button(ui, &shared.setter, stem, pair, exists);
    }
}

fn dials(ui: &mut Ui, shared: &View<'_>, deck: DeckIndex) {
    let p = shared.dials(deck);
    let setter = &shared.setter;
    let accent = Color32::from_rgb(0xc8, 0xce, 0xd8);
    knob::knob(ui, setter, &p.level, "Level", knob::From::Start, accent);
    knob::knob(ui, setter, &p.pan, "Pan", knob::From::Middle, accent);
    knob::knob(ui, setter, &p.pitch, "Pitch", knob::From::Middle, accent);
    knob::knob(ui, setter, &p.filter, "Filter", knob::From::Middle, accent);
    knob::knob(ui, setter, &p.resonance, "Reso", knob::From::Start, accent);
    knob::knob(ui, setter, &p.reverb, "Reverb", knob::From::Start, accent);
    knob::knob(ui, setter, &p.delay, "Delay", knob::From::Start, accent);
}

/// Waveform, playhead, armed state, progress and cancel; a click picks the deck.
fn wave_area(ui: &mut Ui, shared: &View<'_>, cache: &mut WaveformCache, deck: DeckIndex, size: Vec2) -> bool {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let Some(view) = shared.snapshot.decks.get(deck.get()) else { return false };
    ui.painter().rect_filled(rect, theme::RADIUS, theme::WELL);
    let wave = rect.shrink2(egui::vec2(2.0, 3.0));
    if let Some(take) = &view.take {
        let params = shared.dials(deck);
        let audible = super::stem_dials(params).map(|(level, mute)| !mute.value() && level.value() > SILENCE_DB);
        cache.paint(ui.painter(), deck.get(), take, wave, audible);
        playhead(ui, shared, deck, wave);
    } else if view.job.is_none() {
        empty(ui, rect, view);
    }
    armed(ui, shared, deck, rect);
    progress(ui, shared, deck, rect, view);
    take_list::button(ui, shared, deck, view, rect);
    response.clicked()
}

fn playhead(ui: &Ui, shared: &View<'_>, deck: DeckIndex, rect: Rect) {
    let state = &shared.snapshot.engine.decks[deck.get()];
    if matches!(state.phase, DeckPhase::Idle) {
        return;
    }
    let x = rect.left() + rect.width() * state.playhead.clamp(0.0, 1.0);
    ui.painter().vline(x, rect.y_range(), Stroke::new(1.5, theme::TEXT));
    if state.is_stretching {
        let at = rect.right_bottom() - egui::vec2(4.0, 2.0);
        ui.painter().text(at, Align2::RIGHT_BOTTOM, "stretching", FontId::proportional(11.0), theme::DIM);
    }
}

fn armed(ui: &Ui, shared: &View<'_>, deck: DeckIndex, rect: Rect) {
    let state = &shared.snapshot.engine.decks[deck.get()];
    if state.phase != DeckPhase::Armed {
        return;
    }
    ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(2.0, theme::ACCENT), StrokeKind::Inside);
    let text = if shared.snapshot.engine.is_playing {
        format!("next take in {:.1} beats", state.beats_to_swap)
    } else {
        "next take waits for the transport".to_owned()
    };
    let at = rect.right_top() + egui::vec2(-6.0, 3.0);
    ui.painter().text(at, Align2::RIGHT_TOP, text, FontId::proportional(11.0), theme::ACCENT);
}

fn progress(ui: &mut Ui, shared: &View<'_>, deck: DeckIndex, rect: Rect, view: &DeckView) {
    let Some(job) = &view.job else { return };
    let mut done = rect;
    done.set_width(rect.width() * job.progress.clamp(0.0, 1.0));
    ui.painter().rect_filled(done, theme::RADIUS, theme::ACCENT.gamma_multiply(0.22));
    let waiting = if view.is_job_waiting { ", another waits" } else { "" };
    let text = format!("{} {:.0} %{waiting}", job.stage, job.progress * 100.0);
    let galley = ui.painter().layout_no_wrap(text, FontId::proportional(12.0), theme::TEXT);
    let pill = Rect::from_center_size(rect.center() + egui::vec2(0.0, 6.0), galley.size());
    ui.painter().rect_filled(pill.expand2(egui::vec2(8.0, 3.0)), theme::RADIUS, theme::WELL.gamma_multiply(0.85));
    ui.painter().galley(pill.min, galley, theme::TEXT);
    // A child, because a widget put into the row itself would move what comes after it.
    let cancel = Rect::from_min_size(rect.right_bottom() - egui::vec2(62.0, 25.0), egui::vec2(58.0, 21.0));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(cancel).id_salt(("cancel", deck.get())));
    if child.add_sized(cancel.size(), egui::Button::new(RichText::new("Cancel").size(11.0))).clicked() {
        shared.press(deck, PressAction::Cancel);
    }
}

/// What an empty deck says: the next step, or what is missing.
fn empty(ui: &Ui, rect: Rect, view: &DeckView) {
    let missing = view.current.and_then(|id| view.history.iter().find(|row| row.id == id && row.is_missing));
    let (text, color) = match missing {
        Some(row) => {
            (format!("“{}” is not in the library: open the take list to make it again", row.name), theme::WARNING)
        }
        None if view.current.is_some() => ("loading …".to_owned(), theme::DIM),
        None => ("press New for a loop".to_owned(), theme::DIM),
    };
    let galley = ui.painter().layout(text, FontId::proportional(12.0), color, rect.width() - 20.0);
    let at = rect.center() - galley.size() / 2.0 + egui::vec2(0.0, 8.0);
    ui.painter().galley(at, galley, color);
}

/// Sends an order for a take of this deck with the host's swap setting.
pub fn select(shared: &View<'_>, deck: DeckIndex, take: take::TakeId) {
    shared.studio.send(Command::Select { deck, take, at: shared.params.swap.value().0 });
}
