//! A field that names a choice and opens a list of all: label above, value below, in one box.
use super::theme::{self, Palette};
use super::{View, icons, param_edit};
use egui::{Align2, FontId, Popup, Response, Role, ScrollArea, Sense, StrokeKind, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::Param;
use studio::Command;
use take::StyleId;

/// Height of the box, points.
pub const HEIGHT: f32 = 38.0;

/// The box itself; the caller opens its popup on it.
pub fn field(ui: &mut Ui, label: &str, value: &str, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, ui.is_enabled(), format!("{label}: {value}")));
    if ui.is_rect_visible(rect) {
        let palette = Palette::of(ui);
        let look = ui.style().interact(&response);
        let fill = if response.hovered() { palette.button } else { palette.well };
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, theme::RADIUS, fill);
        painter.rect_stroke(rect, theme::RADIUS, look.bg_stroke, StrokeKind::Inside);
        let left = rect.left() + 7.0;
        let label_font = FontId::proportional(theme::SMALL);
        painter.text(egui::pos2(left, rect.top() + 4.0), Align2::LEFT_TOP, label, label_font, palette.dim);
        let value_font = FontId::proportional(theme::BODY);
        let galley = elided(&painter, value, value_font, palette.text, width - 24.0);
        painter.galley(egui::pos2(left, rect.bottom() - 4.0 - galley.size().y), galley, palette.text);
        icons::paint(&painter, icons::Icon::Open, rect.right_bottom() - Vec2::new(10.0, 12.0), 3.5, palette.dim);
    }
    response
}

/// One line that ends in an ellipsis where it is too long for `width` points.
pub fn elided(
    painter: &egui::Painter,
    text: &str,
    font: FontId,
    color: egui::Color32,
    width: f32,
) -> std::sync::Arc<egui::Galley> {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(10.0));
    painter.layout_job(job)
}

/// A stepped parameter as a list of its own value texts.
pub fn choice<P: Param>(ui: &mut Ui, view: &View<'_>, param: &P, label: &str, width: f32) {
    let response = field(ui, label, &param.to_string(), width);
    super::learn::menu(&response, view, param);
    let num_steps = param.step_count().unwrap_or(0);
    Popup::menu(&response).width(width.max(130.0)).show(|ui| {
        ScrollArea::vertical().max_height(430.0).show(ui, |ui| {
            for step in 0..=num_steps {
                let normalized = step as f32 / num_steps.max(1) as f32;
                let text = param.normalized_value_to_string(normalized, true);
                let is_current = param.preview_plain(normalized) == param.unmodulated_plain_value();
                if ui.selectable_label(is_current, text).clicked() {
                    param_edit::set_once(&view.setter, param, param.preview_plain(normalized));
                    ui.close();
                }
            }
        });
    });
}

/// Which of the user's style files is meant while `Style` says `User`.
pub fn user_style(ui: &mut Ui, view: &View<'_>, width: f32) {
    let styles = &view.snapshot.user_styles;
    let current = view.snapshot.user_style.as_ref();
    let shown = styles.iter().find(|(id, _)| current.is_some_and(|current| current.as_str() == id.as_str()));
    let text = shown.map_or(if styles.is_empty() { "no file yet" } else { "choose" }, |(_, name)| name.as_str());
    let response = field(ui, "Your style", text, width);
    Popup::menu(&response).width(180.0).show(|ui| {
        if styles.is_empty() {
            ui.label("Put a style file into the `styles` folder of Continuo's settings; Settings shows where it is.");
        }
        for (id, name) in styles {
            if ui.selectable_label(shown.is_some_and(|(known, _)| known == id), name).clicked() {
                view.studio.send(Command::SetUserStyle { style: Some(StyleId::from(id.as_str())) });
                ui.close();
            }
        }
    });
}
