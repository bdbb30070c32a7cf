//! A press of a button is the last thing that happens in a frame.
//!
//! egui looks for the widget that was pressed where the pointer is when all events of a frame have been read. On a busy
//! machine a frame holds a press and the way the pointer went after it: the press would meet another widget, or none.
//! What follows a press waits for the next frame.
use egui::{Context, Event, RawInput, Ui};

/// What waits for the next frame.
#[derive(Default)]
pub struct Presses {
    later: Vec<Event>,
}

impl egui::Plugin for Presses {
    fn debug_name(&self) -> &'static str {
        "continuo presses"
    }

    fn input_hook(&mut self, _: &Context, input: &mut RawInput) {
        let mut events = std::mem::take(&mut self.later);
        events.append(&mut input.events);
        let press = events.iter().position(|event| matches!(event, Event::PointerButton { pressed: true, .. }));
        if let Some(press) = press {
            self.later = events.split_off(press + 1);
        }
        input.events = events;
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        if !self.later.is_empty() {
            ui.ctx().request_repaint();
        }
    }
}
