//! A press from which the pointer moves away is the last thing that happens in its frame.
//!
//! egui looks for the widget that was pressed where the pointer is when all events of a frame have been read. On a busy
//! machine a frame holds a press and the way the pointer went after it: the press would meet another widget, or none.
//! What follows such a press waits for the next frame.
use egui::{Context, Event, Pos2, RawInput, Ui};

/// From here on the pointer may be over something else, points.
const AWAY: f32 = 3.0;

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
        if let Some(press) = (0..events.len()).find(|at| leaves(&events[*at..])) {
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

/// The first event is a press, and the pointer goes away from it.
fn leaves(events: &[Event]) -> bool {
    let [Event::PointerButton { pressed: true, pos, .. }, rest @ ..] = events else { return false };
    let is_away = |to: Pos2| to.distance(*pos) > AWAY;
    rest.iter().any(|event| matches!(event, Event::PointerMoved(to) if is_away(*to)))
}
