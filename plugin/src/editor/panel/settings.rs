//! Looks, engines and models with their health, folders.
use super::heading;
use crate::editor::desk::{Desk, ZOOMS};
use crate::editor::theme::{self, Palette};
use crate::editor::{View, select, toggle};
use egui::{Frame, RichText, Role, TextEdit, Ui, Vec2, WidgetInfo};
use std::path::{Path, PathBuf};
use studio::{ApiKey, Command, EngineState, StudioConfig, Theme, TrialState};

/// What the page remembers.
pub struct Settings {
    folders: [(&'static str, PathBuf); 3],
    server_keys: ServerKeys,
    has_looked: bool,
}

/// More than any key or address has.
const MAX_KEY_CHARS: usize = 4096;

impl Default for Settings {
    fn default() -> Self {
        let config = StudioConfig::from_environment();
        let styles = config.config_dir.join("styles");
        let exports = config.data_dir.join("exports");
        Self {
            folders: [("Library", config.data_dir), ("Exports", exports), ("Your styles", styles)],
            server_keys: ServerKeys::default(),
            has_looked: false,
        }
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
        // A compact window has no room for it at the top.
        select::choice(ui, view, &view.params.engine, "New takes by", 150.0);
        if !std::mem::replace(&mut self.has_looked, true) {
            view.studio.send(Command::LookAtEngines);
        }
        for state in view.snapshot.engines.iter() {
            health(ui, view, state);
        }
        if toggle::small(ui, "Look again", "After you have installed a model or added a server").clicked() {
            view.studio.send(Command::LookAtEngines);
        }
        heading(ui, "Keys of servers");
        self.server_keys.ui(ui, view);
        heading(ui, "Keys and controllers");
        bindings(ui, view);
        heading(ui, "Folders");
        for (name, path) in &self.folders {
            folder(ui, view, name, path);
        }
        ui.horizontal(|ui| {
            if toggle::small(ui, "Read style files again", "After you have edited one").clicked() {
                view.studio.send(Command::ReloadStyles);
            }
        });
        heading(ui, "Dragged files");
        dragged(ui, view);
    }
}

/// The fields for a server's key. What is typed leaves this page for the user's private file only, and is forgotten.
#[derive(Default)]
struct ServerKeys {
    address: String,
    key: String,
}

impl ServerKeys {
    fn ui(&mut self, ui: &mut Ui, view: &View<'_>) {
        let palette = Palette::of(ui);
        let field = |text: &mut String, id: &str, hint: &str, name: &str, is_masked: bool, ui: &mut Ui| {
            let edit = TextEdit::singleline(text).id_salt(id).hint_text(hint).password(is_masked);
            let edit = edit.char_limit(MAX_KEY_CHARS).margin(Vec2::new(8.0, 5.0)).desired_width(f32::INFINITY);
            ui.add(edit).widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
        };
        field(&mut self.address, "key address", "https://api.example.com", "Address of a server", false, ui);
        field(&mut self.key, "key", "its key", "Key of the server", true, ui);
        let address = self.address.trim();
        let key = ApiKey::new(&self.key);
        ui.horizontal(|ui| {
            let keep = ui.add_enabled_ui(!address.is_empty() && key.is_some(), |ui| {
                toggle::small(ui, "Keep key", "Into keys.toml, which only you can read")
            });
            let remove = ui.add_enabled_ui(!address.is_empty(), |ui| {
                toggle::small(ui, "Remove key", "This server is sent no key any more")
            });
            let (is_kept, is_removed) = (keep.inner.clicked(), remove.inner.clicked());
            if is_kept || is_removed {
                let key = key.filter(|_| is_kept);
                view.studio.send(Command::SetKey { address: address.to_owned(), key });
                view.studio.send(Command::LookAtEngines);
                self.key.clear();
            }
        });
        let hint = "Kept in a file that only you can read, never in a project.";
        ui.label(RichText::new(hint).size(theme::SMALL).color(palette.dim));
    }
}

/// What was dragged out so far: finished files that tracks of projects may point to.
fn dragged(ui: &mut Ui, view: &View<'_>) {
    let drag = &view.snapshot.drag;
    folder(ui, view, "Folder", &drag.dir);
    ui.horizontal(|ui| {
        let hint = "Deletes every file that was made for dragging. Projects that play one of them in place lose it.";
        let is_there = drag.num_bytes > 0;
        if ui.add_enabled_ui(is_there, |ui| toggle::small(ui, "Clear dragged files", hint)).inner.clicked() {
            view.studio.send(Command::ClearDrag);
        }
        let text = format!("{:.1} MB", drag.num_bytes as f64 / 1e6);
        ui.label(RichText::new(text).size(12.0).color(Palette::of(ui).dim));
    });
}

/// What was learned, and how to forget it.
fn bindings(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let midi = &view.params.midi;
    let bindings = midi.bindings();
    if bindings.is_empty() {
        let hint = "Right-click a control and choose Learn MIDI, then press a key or move a controller.";
        ui.label(RichText::new(hint).size(12.0).color(palette.dim));
        return;
    }
    for binding in bindings {
        ui.horizontal(|ui| {
            ui.label(RichText::new(binding.source.to_string()).size(12.0));
            ui.label(RichText::new(midi.name_of(&binding.param)).size(12.0).color(palette.dim));
            if toggle::small(ui, "Forget", "This key or controller moves nothing any more").clicked() {
                midi.clear_source(binding.source);
            }
        });
    }
    if toggle::small(ui, "Forget all", "No key or controller moves anything any more").clicked() {
        midi.clear_all();
    }
}

fn health(ui: &mut Ui, view: &View<'_>, engine: &EngineState) {
    let palette = Palette::of(ui);
    let (state, ink) = if engine.is_ready { ("ready", palette.accent) } else { ("not set up", palette.dim) };
    Frame::new().fill(palette.strip).corner_radius(theme::RADIUS).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(RichText::new(engine.facility.name()).strong());
            ui.label(RichText::new(state).size(12.0).color(ink));
            let hint = "Ask the server how it is, or open the model; makes nothing and costs nothing";
            if toggle::small(ui, "Test", hint).clicked() {
                view.studio.send(Command::Test { facility: engine.facility });
            }
        });
        ui.label(RichText::new(&engine.sentence).size(12.0).color(palette.dim));
        for trial in view.snapshot.trials.iter().filter(|trial| trial.facility == engine.facility) {
            let (text, ink) = match &trial.state {
                TrialState::Running { stage } if stage.is_empty() => {
                    ("waiting for a worker …".to_owned(), palette.text)
                }
                TrialState::Running { stage } => (format!("{stage} …"), palette.text),
                TrialState::Works { sentence } => (sentence.clone(), palette.accent),
                TrialState::Failed { sentence } => (sentence.clone(), palette.warning),
            };
            ui.label(RichText::new(text).size(12.0).color(ink));
        }
        if let Some(fix) = &engine.remedy {
            ui.horizontal(|ui| {
                ui.label(RichText::new(fix).monospace().size(12.0));
                if toggle::small(ui, "Copy", "Copy this command").clicked() {
                    ui.ctx().copy_text(fix.clone());
                }
            });
        }
    });
}

fn folder(ui: &mut Ui, view: &View<'_>, name: &str, path: &Path) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).size(12.0));
        let text = path.display().to_string();
        if toggle::small(ui, "Show", "Open this folder").clicked() {
            view.wishes.show.replace(Some(path.to_owned()));
        }
        if toggle::small(ui, "Copy path", "Copy this folder's path").clicked() {
            ui.ctx().copy_text(text.clone());
        }
        ui.add(egui::Label::new(RichText::new(&text).size(theme::SMALL).color(palette.dim)).truncate())
            .on_hover_text(text);
    });
}
