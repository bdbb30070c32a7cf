//! What hands do beside clicking: learning a controller, holding a dial, typing a key.
use super::*;
use crate::midi_learn::{self, MidiSource};

/// A window that shows the page of settings to its end: a click reaches nothing that has to be scrolled to.
fn tall() -> Bench {
    Bench::new(Vec2::new(1180.0, 1600.0))
}

fn pitch_of_deck_1(bench: &Bench) -> String {
    format!("Deck 1 Pitch {}", bench.params.deck_1.pitch)
}

#[test]
fn a_controller_is_learned_by_a_right_click_and_forgotten_in_the_settings() {
    let mut bench = tall();
    midi_learn::install(&bench.params);
    let name = pitch_of_deck_1(&bench);
    bench.harness.get_by_label(&name).click_secondary();
    bench.harness.run_steps(3);
    bench.click("Learn MIDI");
    assert!(bench.params.midi.hear(MidiSource::Cc(21), 1.0).is_some(), "it is learned and moves the dial at once");
    assert_eq!(bench.params.midi.bindings().len(), 1);
    bench.harness.key_press(Key::Escape);
    bench.harness.run_steps(3);
    bench.click("Settings");
    bench.click("Forget");
    assert!(bench.params.midi.bindings().is_empty());
}

#[test]
fn a_gesture_ends_when_the_window_goes_away_in_the_middle_of_it() {
    let mut bench = bench();
    let name = pitch_of_deck_1(&bench);
    let place = bench.harness.get_by_label(&name).rect().center();
    bench.harness.hover_at(place);
    bench.harness.drag_at(place);
    bench.harness.run_steps(2);
    bench.harness.hover_at(place - egui::vec2(0.0, 30.0));
    bench.harness.run_steps(2);
    let [begun, set, ended] = *bench.host.gestures.lock().unwrap();
    assert!((begun, ended) == (1, 0) && set > 0, "{begun} {set} {ended}");
    let gui = GuiContext::new(bench.host.clone());
    for _ in 0..2 {
        bench.harness.state().gesture.abandon(&gui);
        let [begun, _, ended] = *bench.host.gestures.lock().unwrap();
        assert_eq!((begun, ended), (1, 1), "it ends, and it ends once");
    }
}

#[test]
fn a_drag_begins_where_the_button_was_pressed_however_late_the_frame() {
    let mut bench = bench();
    let name = pitch_of_deck_1(&bench);
    let place = bench.harness.get_by_label(&name).rect().center();
    let button = |pressed, pos| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    let far = place - egui::vec2(0.0, 60.0);
    let hurried = [egui::Event::PointerMoved(place), button(true, place), egui::Event::PointerMoved(far)];
    bench.harness.input_mut().events.extend(hurried);
    bench.harness.run_steps(3);
    let [begun, set, ended] = *bench.host.gestures.lock().unwrap();
    assert!((begun, ended) == (1, 0) && set > 0, "{begun} {set} {ended}");
    bench.harness.input_mut().events.push(button(false, far));
    bench.harness.run_steps(3);
    assert_eq!(bench.host.gestures.lock().unwrap()[2], 1, "it ends");
}

#[test]
fn a_servers_key_is_typed_unseen_and_kept_in_the_private_file() {
    let mut bench = tall();
    bench.click("Settings");
    for (field, text) in [("Address of a server", "https://api.example.com"), ("Key of the server", "sk-secret")] {
        bench.harness.get_by_label(field).focus();
        bench.harness.run_steps(2);
        bench.harness.get_by_label(field).type_text(text);
        bench.harness.run_steps(2);
    }
    let texts = bench.harness.root().children_recursive().map(|node| format!("{:?}", node.accesskit_node().value()));
    assert!(texts.into_iter().all(|text| !text.contains("sk-secret")), "nobody reads it off the window");
    bench.click("Keep key");
    bench.until("it is kept", |now| now.notices.iter().any(|notice| notice.text.contains("api.example.com")));
    let file = std::fs::read_to_string(bench.home.path().join("config/keys.toml")).unwrap();
    assert!(file.contains("sk-secret"));
}
