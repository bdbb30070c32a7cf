//! Right-click on a control: what a key or a controller may do with it. The list of all of them is on the Settings page.
use super::View;
use egui::{Popup, Response};
use nice_plug::prelude::Param;

/// The menu of a control.
pub fn menu<P: Param>(response: &Response, view: &View<'_>, param: &P) {
    let midi = &view.params.midi;
    let Some(id) = midi.id_of(param.as_ptr()) else { return };
    Popup::context_menu(response).width(210.0).show(|ui| {
        if midi.learning() == Some(id) {
            ui.label("Press a key or move a controller");
            if ui.button("Stop learning").clicked() {
                midi.stop_learning();
                ui.close();
            }
        } else if ui.button("Learn MIDI").clicked() {
            midi.learn(id);
        }
        for source in midi.sources(id) {
            if ui.button(format!("Forget {source}")).clicked() {
                midi.clear_source(source);
                ui.close();
            }
        }
    });
}
