//! Drop-down menus and short sliders for host parameters.
use super::{View, param_edit, theme};
use egui::{ComboBox, RichText, Ui};
use nice_plug::context::gui::ParamSetter;
use nice_plug::prelude::Param;
use studio::Command;
use take::StyleId;

/// A stepped parameter as a menu of its own value texts.
pub fn choice<P: Param>(ui: &mut Ui, setter: &ParamSetter<'_>, param: &P, label: &str, width: f32) {
    ui.vertical(|ui| {
        ui.label(RichText::new(label).size(11.0).color(theme::DIM));
        let num_steps = param.step_count().unwrap_or(0);
        ComboBox::from_id_salt(param.name()).selected_text(param.to_string()).width(width).height(420.0).show_ui(
            ui,
            |ui| {
                for step in 0..=num_steps {
                    let normalized = step as f32 / num_steps.max(1) as f32;
                    let text = param.normalized_value_to_string(normalized, true);
                    let is_current = param.preview_plain(normalized) == param.unmodulated_plain_value();
                    if ui.selectable_label(is_current, text).clicked() {
                        param_edit::set_once(setter, param, param.preview_plain(normalized));
                    }
                }
            },
        );
    });
}

/// Which of the user's style files is meant while `Style` says `User`.
pub fn user_style(ui: &mut Ui, view: &View<'_>) {
    let styles = &view.snapshot.user_styles;
    ui.vertical(|ui| {
        ui.label(RichText::new("Your style").size(11.0).color(theme::DIM));
        if styles.is_empty() {
            ui.label("no file yet").on_hover_text("Put a style file into the `styles` folder of Continuo's settings");
            return;
        }
        let current = view.snapshot.user_style.as_ref();
        let shown = styles.iter().find(|(id, _)| current.is_some_and(|current| current.as_str() == id.as_str()));
        let text = shown.map_or("choose", |(_, name)| name.as_str());
        ComboBox::from_id_salt("user style").selected_text(text).width(110.0).show_ui(ui, |ui| {
            for (id, name) in styles {
                if ui.selectable_label(shown.is_some_and(|(known, _)| known == id), name).clicked() {
                    view.studio.send(Command::SetUserStyle { style: Some(StyleId::from(id.as_str())) });
                }
            }
        });
    });
}
