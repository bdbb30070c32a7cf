//! Every take there is, by words and filters: hear it, star it, put it on the selected deck, drag it out.
use super::empty;
use crate::editor::desk::Desk;
use crate::editor::handle::handle;
use crate::editor::icons::{self, Icon};
use crate::editor::theme::{self, Palette};
use crate::editor::{View, select, toggle};
use egui::{FontId, Popup, Rect, RichText, Role, ScrollArea, Sense, TextEdit, Ui, Vec2, WidgetInfo};
use studio::{Command, LibraryQuery, LibraryTake};
use take::{PitchClass, StemKind, StyleId};
use theory::Key;

/// Height of a row, points: two lines.
const ROW_PX: f32 = 40.0;
/// Tempi that can be chosen between, BPM.
const TEMPI: [(f64, f64); 5] = [(20.0, 80.0), (80.0, 100.0), (100.0, 118.0), (118.0, 132.0), (132.0, 400.0)];

/// What the page remembers.
#[derive(Default)]
pub struct LibraryPage {
    query: LibraryQuery,
    is_open: bool,
}

impl LibraryPage {
    /// Draws the page.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>, desk: &Desk) {
        let before = self.query.clone();
        let field = TextEdit::singleline(&mut self.query.words)
            .id_salt("library search")
            .hint_text("Search: prompt, name, style, key, tempo")
            .margin(Vec2::new(8.0, 6.0))
            .desired_width(f32::INFINITY);
        let response = ui.add(field);
        response.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Search the library"));
        ui.add_space(2.0);
        ui.horizontal_wrapped(|ui| self.filters(ui, view));
        ui.add_space(4.0);
        if !self.is_open || self.query != before {
            self.is_open = true;
            view.studio.send(Command::Search { query: Some(self.query.clone()) });
        }
        self.results(ui, view, desk);
    }

    /// The page was left.
    pub fn leave(&mut self, view: &View<'_>) {
        if std::mem::take(&mut self.is_open) {
            view.studio.send(Command::Search { query: None });
        }
    }

    fn filters(&mut self, ui: &mut Ui, view: &View<'_>) {
        let palette = Palette::of(ui);
        let query = &mut self.query;
        let library = &view.snapshot.library;
        ui.spacing_mut().item_spacing = Vec2::splat(4.0);
        let star = toggle::lamp(ui, query.is_starred_only, "Favourites", Vec2::new(78.0, 22.0), palette.star);
        if star.clicked() {
            query.is_starred_only = !query.is_starred_only;
        }
        let tempo = query.tempo_bpm.as_ref().map(|range| tempo_name((*range.start(), *range.end())));
        menu(ui, "Any tempo", tempo, TEMPI.map(|range| (tempo_name(range), range)), |range| {
            query.tempo_bpm = range.map(|(low, high)| low..=high);
        });
        let keys = (0..12).map(PitchClass::new);
        let keys = keys.map(|key| (Key::new(key, take::Scale::Major).tonic_name().to_string(), key));
        let key = query.key.map(|key| Key::new(key, take::Scale::Major).tonic_name().to_string());
        menu(ui, "Any key", key, keys, |key| query.key = key);
        let styles = library.styles.iter().map(|style| (style.replace('_', " "), StyleId::from(style.as_str())));
        let style = query.style.as_ref().map(|style| style.as_str().replace('_', " "));
        menu(ui, "Any style", style, styles, |style| query.style = style);
        let engines = library.engines.iter().map(|engine| (engine.clone(), engine.clone()));
        menu(ui, "Any engine", query.engine.clone(), engines, |engine| query.engine = engine);
    }

    fn results(&mut self, ui: &mut Ui, view: &View<'_>, desk: &Desk) {
        let library = &view.snapshot.library;
        let palette = Palette::of(ui);
        if let Some(problem) = &library.problem {
            ui.label(RichText::new(problem).color(palette.warning));
        }
        if library.rows.is_empty() {
            return match () {
                () if library.is_loading || library.query.is_none() => {
                    empty(ui, "Looking …", "The folders are being read.");
                }
                () if library.num_takes == 0 => {
                    empty(
                        ui,
                        "No takes yet",
                        "Every take you make is kept here. Press New on a deck to make the first.",
                    );
                }
                () => empty(ui, "Nothing fits", "Fewer words or filters find more."),
            };
        }
        let count = format!("{} of {} takes", library.rows.len(), library.num_takes);
        ui.label(RichText::new(count).size(theme::SMALL).color(palette.dim));
        ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW_PX, library.rows.len(), |ui, range| {
            for row in library.rows.get(range).unwrap_or_default() {
                row_ui(ui, view, desk, row);
            }
        });
    }
}

fn tempo_name((low, high): (f64, f64)) -> String {
    match () {
        () if low < 30.0 => format!("below {high:.0}"),
        () if high > 390.0 => format!("above {low:.0}"),
        () => format!("{low:.0}–{high:.0} bpm"),
    }
}

/// A short menu with "any" at its head.
fn menu<T>(
    ui: &mut Ui,
    any: &str,
    current: Option<String>,
    choices: impl IntoIterator<Item = (String, T)>,
    mut choose: impl FnMut(Option<T>),
) {
    let palette = Palette::of(ui);
    let is_on = current.is_some();
    let text = current.as_deref().unwrap_or(any);
    let response = toggle::lamp(ui, is_on, text, Vec2::new(64.0, 22.0), palette.accent);
    Popup::menu(&response).width(120.0).show(|ui| {
        ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            if ui.selectable_label(!is_on, any).clicked() {
                choose(None);
                ui.close();
            }
            for (name, value) in choices {
                if ui.selectable_label(current.as_ref() == Some(&name), &name).clicked() {
                    choose(Some(value));
                    ui.close();
                }
            }
        });
    });
}

/// Hear, name and facts, stems, star, drag. A click on the name loads it.
fn row_ui(ui: &mut Ui, view: &View<'_>, desk: &Desk, row: &LibraryTake) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(ROW_PX);
        let is_cued = view.snapshot.cue == Some(row.id);
        let (icon, ink) = if is_cued { (Icon::Stop, palette.accent) } else { (Icon::Listen, palette.dim) };
        if icons::bare(ui, icon, ink, "Hear it on the cue output").clicked() {
            view.studio.send(Command::Cue { take: (!is_cued).then_some(row.id) });
        }
        let width = ui.available_width() - 58.0;
        let (rect, response) = ui.allocate_exact_size(Vec2::new(width, ROW_PX), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Load {}", row.info.name)));
        if response.hovered() {
            ui.painter().rect_filled(rect, theme::RADIUS, palette.button);
        }
        describe(ui, rect.shrink2(Vec2::new(5.0, 3.0)), row);
        icons::focus_ring(ui, rect, &response);
        let hint = format!("Load onto deck {}\n{}", desk.target.get() + 1, row.info.spec.prompt);
        if response.on_hover_text(hint.trim()).clicked() {
            let at = view.params.swap.value().0;
            view.studio.send(Command::LoadTake { deck: desk.target, take: row.id, at });
        }
        let ink = if row.is_starred { palette.star } else { palette.dim };
        if icons::bare(ui, Icon::Star { is_on: row.is_starred }, ink, "Favourite").clicked() {
            view.studio.send(Command::Star { take: row.id, is_starred: !row.is_starred });
        }
        let dragged = handle(ui, view, row.id, ("", "every part and stem"), studio::DragFiles::separate);
        if dragged.clicked() {
            view.studio.send(Command::Export { take: row.id, dir: None });
        }
    });
}

fn describe(ui: &Ui, rect: Rect, row: &LibraryTake) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let info = &row.info;
    let name = select::elided(painter, &info.name, FontId::proportional(13.0), palette.text, rect.width());
    painter.galley(rect.min, name, palette.text);
    let mut left = rect.left();
    for stem in StemKind::ALL.into_iter().filter(|stem| row.stems.contains(stem)) {
        let dot = Rect::from_min_size(egui::pos2(left, rect.bottom() - 11.0), Vec2::splat(7.0));
        painter.rect_filled(dot, 2.0, palette.fill(stem));
        left += 10.0;
    }
    let facts =
        format!("{} · {:.0} bpm · {} bars · {}", row.key(), info.tempo.get(), info.bars.get(), row.engine_name());
    let font = FontId::proportional(theme::SMALL);
    let facts = select::elided(painter, &facts, font.clone(), palette.dim, rect.right() - left - 4.0);
    let at = egui::pos2(left + 4.0, rect.bottom());
    let top = at - Vec2::new(0.0, facts.size().y - 1.0);
    painter.galley(top, facts, palette.dim);
}
