//! Where things are: bar on top, decks in the middle, pages at the right, notices below. Wide windows show decks and a
//! page beside each other, compact ones show one of them at a time.
use super::desk::{Desk, Tab};
use super::panel::Pages;
use super::theme::{self, Palette};
use super::top_bar::TopBar;
use super::waveform::WaveformCache;
use super::{View, deck_strip, notices, panel};
use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};
use engine::DeckIndex;

/// From this width on decks and a page fit beside each other, points.
const WIDE: f32 = 1000.0;
/// Width of the side panel: a share of the window within limits, points.
const PANEL_SHARE: f32 = 0.30;
const PANEL_MIN: f32 = 330.0;
const PANEL_MAX: f32 = 560.0;

/// What the widgets keep between frames, and forget with the window.
#[derive(Default)]
pub struct Room {
    top: TopBar,
    pages: Pages,
    waveforms: WaveformCache,
    complaint: Option<String>,
}

impl Room {
    /// Shows a sentence until it is dismissed.
    pub fn complain(&mut self, sentence: String) {
        self.complaint = Some(sentence);
    }
}

/// Draws everything.
pub fn window(ui: &mut Ui, view: &View<'_>, desk: &mut Desk, room: &mut Room) {
    let palette = Palette::of(ui);
    let is_wide = ui.available_width() >= WIDE;
    let bar = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(10, 8));
    Panel::top("top").frame(bar).show_separator_line(false).show(ui, |ui| room.top.ui(ui, view, desk));
    if !view.snapshot.notices.is_empty() || room.complaint.is_some() {
        Panel::bottom("notices").frame(bar).show_separator_line(false).show(ui, |ui| {
            notices::notices(ui, &view.snapshot.notices, view.studio, &mut room.complaint);
        });
    }
    if is_wide {
        let width = (ui.available_width() * PANEL_SHARE).clamp(PANEL_MIN, PANEL_MAX);
        let side = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(10, 8));
        Panel::right("page").frame(side).resizable(false).exact_size(width).show_separator_line(false).show(ui, |ui| {
            ui.set_max_width(ui.available_width());
            let tab = tabs(ui, desk);
            room.pages.ui(ui, view, desk, tab);
        });
    } else if desk.tab != Some(Tab::Library) {
        room.pages.leave_library(view);
    }
    let middle = Frame::new().inner_margin(Margin::same(8));
    CentralPanel::default().frame(middle).show(ui, |ui| {
        if is_wide {
            return decks(ui, view, desk, &mut room.waveforms);
        }
        compact_tabs(ui, &mut desk.tab);
        let Some(tab) = desk.tab else { return decks(ui, view, desk, &mut room.waveforms) };
        let page = Frame::new().fill(palette.panel).corner_radius(theme::RADIUS).inner_margin(10);
        page.show(ui, |ui| room.pages.ui(ui, view, desk, tab));
    });
}

/// The tabs of the side panel; the open one.
fn tabs(ui: &mut Ui, desk: &mut Desk) -> Tab {
    let width = ui.available_width() / Tab::ALL.len() as f32;
    let mut open = desk.tab.unwrap_or(Tab::Notes);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for tab in Tab::ALL {
            if panel::tab(ui, tab.name(), open == tab, width).clicked() {
                open = tab;
                desk.tab = Some(tab);
            }
        }
    });
    ui.add_space(theme::GAP);
    open
}

/// The same, with the decks as a page of their own.
fn compact_tabs(ui: &mut Ui, open: &mut Option<Tab>) {
    let width = ui.available_width() / (Tab::ALL.len() + 1) as f32;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for tab in [None].into_iter().chain(Tab::ALL.map(Some)) {
            if panel::tab(ui, tab.map_or("Decks", Tab::name), *open == tab, width).clicked() {
                *open = tab;
            }
        }
    });
    ui.add_space(theme::GAP);
}

/// Eight strips that share the height, and scroll where there is too little of it.
fn decks(ui: &mut Ui, view: &View<'_>, desk: &mut Desk, waveforms: &mut WaveformCache) {
    let gaps = (engine::NUM_DECKS - 1) as f32 * deck_strip::GAP;
    let share = (ui.available_height() - gaps) / engine::NUM_DECKS as f32;
    let height = share.floor().clamp(deck_strip::MIN_HEIGHT, deck_strip::MAX_HEIGHT);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = deck_strip::GAP;
        for deck in DeckIndex::all() {
            if deck_strip::deck_strip(ui, view, waveforms, deck, (deck == desk.target, height)) {
                desk.target = deck;
            }
        }
    });
}
