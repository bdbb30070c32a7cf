//! One deck: buttons, waveform with everything that happens to it, stems, dials, level.
use super::icons::{self, Icon};
use super::knob::{self, Look, knob};
use super::theme::{self, Palette};
use super::waveform::WaveformCache;
use super::{View, deck_wave, meter, param_edit, stem_button, toggle};
use egui::{Align, Button, Frame, Layout, RichText, Role, Stroke, Ui, Vec2, WidgetInfo};
use engine::DeckIndex;
use studio::PressAction;
use take::StemKind;

/// Height of a strip with its frame, points: what two rows of buttons need.
pub const MIN_HEIGHT: f32 = 62.0;
/// Above this the room goes to waste.
pub const MAX_HEIGHT: f32 = 116.0;
/// Between two strips, points.
pub const GAP: f32 = 4.0;

const MARGIN: f32 = 5.0;
const BUTTONS_PX: f32 = 116.0;
const STEM_PX: f32 = 26.0;
const KNOB_PX: f32 = 42.0;
const FADER_PX: f32 = 20.0;

/// Draws the strip; true when the user picked this deck as the one the prompt and the pages are about.
pub fn deck_strip(
    ui: &mut Ui,
    view: &View<'_>,
    cache: &mut WaveformCache,
    deck: DeckIndex,
    (is_target, height): (bool, f32),
) -> bool {
    let palette = Palette::of(ui);
    let outline = if is_target { palette.accent } else { palette.strip };
    let frame = Frame::new()
        .fill(palette.strip)
        .corner_radius(theme::RADIUS)
        .inner_margin(MARGIN)
        .stroke(Stroke::new(1.0, outline));
    let inner = height - 2.0 * MARGIN - 2.0;
    let mut is_picked = false;
    frame.show(ui, |ui| {
        ui.allocate_ui_with_layout(
            Vec2::new(ui.available_width(), inner),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_height(inner);
                is_picked |= buttons(ui, view, deck, is_target);
                let dials_px = 5.0 * (STEM_PX + 3.0) + 4.0 * (KNOB_PX + 3.0) + FADER_PX + 12.0;
                let width = (ui.available_width() - dials_px).max(100.0);
                is_picked |= deck_wave::wave(ui, view, cache, deck, Vec2::new(width, inner));
                ui.spacing_mut().item_spacing.x = 3.0;
                stems(ui, view, deck, inner);
                dials(ui, view, deck, inner);
                let peak = view.snapshot.engine.decks[deck.get()].peak;
                meter::fader(ui, view, &view.dials(deck).level, peak, Vec2::new(FADER_PX, inner));
            },
        );
    });
    is_picked
}

/// Number, switches; New, previous, next, into stems.
fn buttons(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, is_target: bool) -> bool {
    let palette = Palette::of(ui);
    let dials = view.dials(deck);
    let mut is_picked = false;
    ui.allocate_ui_with_layout(Vec2::new(BUTTONS_PX, 48.0), Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(4.0);
        ui.horizontal(|ui| {
            is_picked = number(ui, deck, is_target);
            let is_on = dials.play.value();
            let look = if is_on { (Some(palette.accent), palette.on_accent) } else { (None, palette.dim) };
            let play = icons::button(ui, Icon::Play, Vec2::splat(20.0), look, "Plays while the transport rolls");
            if play.clicked() {
                param_edit::set_once(&view.setter, &dials.play, !is_on);
            }
            super::learn::menu(&play, view, &dials.play);
            let square = Vec2::splat(20.0);
            toggle::switch(ui, view, &dials.mute, ("M", square), palette.warning, "silences the deck");
            toggle::switch(ui, view, &dials.solo, ("S", square), palette.star, "silences the others");
        });
        ui.horizontal(|ui| {
            let make = Button::new(RichText::new("New").color(palette.accent)).min_size(Vec2::new(44.0, 22.0));
            let make = ui.add(make).on_hover_text("Make a new take here");
            make.widget_info(|| {
                WidgetInfo::labeled(Role::Button, true, format!("New take on deck {}", deck.get() + 1))
            });
            if make.clicked() {
                view.press(deck, PressAction::Generate);
                is_picked = true;
            }
            super::learn::menu(&make, view, &dials.generate);
            for (icon, action, hint) in
                [(Icon::Previous, PressAction::Previous, "Take before"), (Icon::Next, PressAction::Next, "Take after")]
            {
                if icons::button(ui, icon, Vec2::new(20.0, 22.0), (None, palette.text), hint).clicked() {
                    view.press(deck, action);
                }
            }
            split(ui, view, deck);
        });
    });
    is_picked
}

/// Takes the take apart; grey while there is none.
fn split(ui: &mut Ui, view: &View<'_>, deck: DeckIndex) {
    let has_take = view.deck(deck).is_some_and(|deck| deck.take.is_some());
    let color = Palette::of(ui).text;
    let hint = format!("Take deck {} apart into stems", deck.get() + 1);
    ui.add_enabled_ui(has_take, |ui| {
        let split = icons::button(ui, Icon::Split, Vec2::new(20.0, 22.0), (None, color), &hint);
        if split.clicked() {
            view.press(deck, PressAction::Separate);
        }
        super::learn::menu(&split, view, view.params.separate()[deck.get()]);
    });
}

fn number(ui: &mut Ui, deck: DeckIndex, is_target: bool) -> bool {
    let palette = Palette::of(ui);
    let text = RichText::new(format!("{}", deck.get() + 1)).size(15.0).strong();
    let color = if is_target { palette.accent } else { palette.dim };
    let button = Button::new(text.color(color)).frame(false).min_size(Vec2::splat(20.0));
    let response = ui.add(button).on_hover_text("The prompt and the pages are about this deck");
    response
        .widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_target, format!("Deck {}", deck.get() + 1)));
    response.clicked()
}

fn stems(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, height: f32) {
    let take = view.deck(deck).and_then(|deck| deck.take.as_ref());
    let size = Vec2::new(STEM_PX, height.min(64.0));
    for (stem, pair) in StemKind::ALL.into_iter().zip(super::stem_dials(view.dials(deck))) {
        let exists = take.is_some_and(|take| take.original.stems[stem as usize].is_some());
        stem_button::stem_button(ui, view, stem, pair, (exists, size));
    }
}

fn dials(ui: &mut Ui, view: &View<'_>, deck: DeckIndex, height: f32) {
    let p = view.dials(deck);
    let size = Vec2::new(KNOB_PX, height.min(52.0));
    let look = |label, from| Look { label, from, accent: Palette::of(ui).accent, size };
    let (pitch, filter) = (look("Pitch", knob::From::Middle), look("Filter", knob::From::Middle));
    let (reverb, delay) = (look("Reverb", knob::From::Start), look("Delay", knob::From::Start));
    knob(ui, view, &p.pitch, pitch);
    knob(ui, view, &p.filter, filter);
    knob(ui, view, &p.reverb, reverb);
    knob(ui, view, &p.delay, delay);
}
