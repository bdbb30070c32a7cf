//! Looks, engines and models with their health, folders.
use super::heading;
use crate::editor::desk::{Desk, ZOOMS};
use crate::editor::theme::{self, Palette};
use crate::editor::{View, toggle};
use egui::{Frame, RichText, Ui, Vec2};
use std::path::PathBuf;
use studio::{Command, StudioConfig, Theme};

/// How an engine or a model is.
#[allow(dead_code, reason = "the built-in band is always ready; whatever else joins the list need not be")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Works.
    Ready,
    /// Is not there, and nothing is wrong with that.
    Absent,
    /// Is there and does not work.
    Broken,
}

/// One engine or model.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthRow {
    /// What it is called.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// What that means for the user, one sentence.
    pub sentence: String,
    /// What to type to change it.
    pub fix: Option<String>,
}

/// What the page remembers.
pub struct Settings {
    folders: [(&'static str, PathBuf); 3],
}

impl Default for Settings {
    fn default() -> Self {
        let config = StudioConfig::from_environment();
        let styles = config.config_dir.join("styles");
        let exports = config.data_dir.join("exports");
        Self { folders: [("Library", config.data_dir), ("Exports", exports), ("Your styles", styles)] }
    }
}

impl Settings {
    /// Draws the page.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>, desk: &mut Desk) {
        heading(ui, "Looks");
        ui.horizontal(|ui| {
            let accent = Palette::of(ui).accent;
            for (theme, name) in [(Theme::Dark, "Dark"), (Theme::Light, "Light")] {
                if toggle::lamp(ui, desk.theme == theme, name, Vec2::new(72.0, 24.0), accent).clicked() {
                    desk.theme = theme;
                    theme::apply(ui.ctx(), theme);
                }
            }
        });
        ui.label(RichText::new("Size of everything").size(theme::SMALL).color(Palette::of(ui).dim));
        ui.horizontal_wrapped(|ui| {
            let accent = Palette::of(ui).accent;
            for zoom in ZOOMS {
                let is_on = desk.zoom_percent == zoom;
                if toggle::lamp(ui, is_on, &format!("{zoom} %"), Vec2::new(54.0, 24.0), accent).clicked() {
                    desk.zoom_percent = zoom;
                    ui.ctx().set_zoom_factor(f32::from(zoom) / 100.0);
                }
            }
        });
        heading(ui, "Engines and models");
        for row in engines() {
            health(ui, &row);
        }
        heading(ui, "Folders");
        for (name, path) in &self.folders {
            folder(ui, name, path);
        }
        ui.horizontal(|ui| {
            if toggle::small(ui, "Read style files again", "After you have edited one").clicked() {
                view.studio.send(Command::ReloadStyles);
            }
        });
    }
}

/// What can make takes here.
fn engines() -> Vec<HealthRow> {
    let sentence = "Composes and plays on this computer. Needs no model, no key and no network.".to_owned();
    vec![HealthRow { name: "Built-in band".to_owned(), health: Health::Ready, sentence, fix: None }]
}

fn health(ui: &mut Ui, row: &HealthRow) {
    let palette = Palette::of(ui);
    let (state, ink) = match row.health {
        Health::Ready => ("ready", palette.accent),
        Health::Absent => ("not installed", palette.dim),
        Health::Broken => ("does not work", palette.warning),
    };
    Frame::new().fill(palette.strip).corner_radius(theme::RADIUS).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(RichText::new(&row.name).strong());
            ui.label(RichText::new(state).size(12.0).color(ink));
        });
        ui.label(RichText::new(&row.sentence).size(12.0).color(palette.dim));
        if let Some(fix) = &row.fix {
            ui.horizontal(|ui| {
                ui.label(RichText::new(fix).monospace().size(12.0));
                if toggle::small(ui, "Copy", "Copy this command").clicked() {
                    ui.ctx().copy_text(fix.clone());
                }
            });
        }
    });
}

fn folder(ui: &mut Ui, name: &str, path: &std::path::Path) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).size(12.0));
        let text = path.display().to_string();
        if toggle::small(ui, "Copy path", "Copy this folder's path").clicked() {
            ui.ctx().copy_text(text.clone());
        }
        ui.add(egui::Label::new(RichText::new(&text).size(theme::SMALL).color(palette.dim)).truncate())
            .on_hover_text(text);
    });
}
