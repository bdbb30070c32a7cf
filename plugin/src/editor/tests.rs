//! The window driven by its names and roles, as assistive technology sees it, over a real studio on a library of its
//! own. What a host does with parameters is done by [`FakeHost`].
#![expect(unsafe_code, reason = "the framework sets parameters through pointers")]
mod hands;

use super::carry::Wishes;
use super::desk::{Desk, Tab};
use super::gesture::Gesture;
use super::layout::{self, Room};
use super::presses::Presses;
use super::{View, keys, theme};
use crate::params::ContinuoParams;
use egui::{Key, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use nice_plug::context::gui::{GuiContext, GuiContextInner};
use nice_plug::plugin::PluginState;
use nice_plug::prelude::{ParamPtr, PluginApi};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use studio::{Command, Snapshot, Studio, StudioConfig, StudioHandle};

/// Sets parameters at once and counts gestures.
#[derive(Default)]
struct FakeHost {
    /// Begun, set, ended.
    gestures: Mutex<[u32; 3]>,
}

impl GuiContextInner for FakeHost {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }
    unsafe fn raw_begin_set_parameter(&self, _param: ParamPtr) {
        self.gestures.lock().unwrap()[0] += 1;
    }
    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        self.gestures.lock().unwrap()[1] += 1;
        // SAFETY: the window of the test keeps its parameters alive.
        unsafe { param._internal_set_normalized_value(normalized) };
    }
    unsafe fn raw_end_set_parameter(&self, _param: ParamPtr) {
        self.gestures.lock().unwrap()[2] += 1;
    }
    fn get_state(&self) -> PluginState {
        panic!("the window asks for no state")
    }
    fn set_state(&self, _state: PluginState) {}
    fn request_restart(&self) {}
}

/// One window with all that stands behind it.
struct Bench {
    harness: Harness<'static, Inside>,
    params: Arc<ContinuoParams>,
    host: Arc<FakeHost>,
    handle: StudioHandle,
    /// Dropped after the window.
    _studio: Studio,
    _presses: rtrb::Producer<studio::Press>,
    home: tempfile::TempDir,
}

struct Inside {
    desk: Desk,
    room: Room,
    wishes: Wishes,
    gesture: Gesture,
}

/// What a user operates.
const OPERATED: [egui::Role; 8] = [
    egui::Role::Button,
    egui::Role::CheckBox,
    egui::Role::ComboBox,
    egui::Role::RadioButton,
    egui::Role::Slider,
    egui::Role::Tab,
    egui::Role::TextInput,
    egui::Role::SearchInput,
];

/// Nobody waits longer for a take of one bar.
const PATIENCE: Duration = Duration::from_secs(300);

impl Bench {
    fn new(size: Vec2) -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = StudioConfig { data_dir: home.path().join("data"), config_dir: home.path().join("config") };
        let params = Arc::new(ContinuoParams::default());
        // What is tested is the window: the shortest take will do.
        nice_set(&params.bars, 1);
        let (presses, consumer) = rtrb::RingBuffer::new(16);
        let dials = {
            let params = Arc::clone(&params);
            Arc::new(move || params.band_dials())
        };
        let studio = Studio::start(config, Arc::clone(&params.session.0), consumer, dials);
        let (handle, host) = (studio.handle(), Arc::new(FakeHost::default()));
        let gui = GuiContext::new(host.clone());
        let app = {
            let (params, handle) = (Arc::clone(&params), handle.clone());
            move |ui: &mut egui::Ui, inside: &mut Inside| {
                let snapshot = handle.snapshot();
                keys::before(ui.ctx());
                let view = View {
                    params: &params,
                    setter: gui.param_setter(),
                    gesture: &inside.gesture,
                    studio: &handle,
                    snapshot: &snapshot,
                    own_tempo: inside.desk.own_tempo,
                    wishes: &inside.wishes,
                    drop_on: None,
                };
                layout::window(ui, &view, &mut inside.desk, &mut inside.room);
                keys::after(ui.ctx());
            }
        };
        let desk = Desk::of(&studio::WindowState::default());
        let inside = Inside { desk, room: Room::default(), wishes: Wishes::default(), gesture: Gesture::default() };
        let harness = Harness::builder()
            .with_size(size)
            .with_context_setup(|ctx| {
                theme::apply(ctx, studio::Theme::Dark);
                ctx.add_plugin(Presses::default());
            })
            .build_ui_state(app, inside);
        Self { harness, params, host, handle, _studio: studio, _presses: presses, home }
    }

    fn click(&mut self, name: &str) {
        self.harness.get_by_label(name).click();
        self.harness.run_steps(3);
    }

    /// Frames go on until the studio is as wanted.
    fn until(&mut self, what: &str, is_so: impl Fn(&Snapshot) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so(&self.handle.snapshot()) {
            assert!(Instant::now() < end, "never: {what}");
            self.harness.step();
        }
        self.harness.run_steps(2);
    }

    /// A take of one bar on deck 1.
    fn make(&mut self, count: usize) {
        self.click("New take on deck 1");
        self.until("a take", |now| {
            now.decks[0].history.len() == count && now.decks[0].take.is_some() && now.decks[0].job.is_none()
        });
    }
}

fn bench() -> Bench {
    let bench = Bench::new(Vec2::new(1180.0, 800.0));
    bench.handle.send(Command::SetPrompt { text: String::new() });
    bench
}

#[test]
fn a_prompt_is_typed_and_enter_makes_a_take_of_it() {
    let mut bench = bench();
    bench.harness.get_by_label("Prompt").click();
    bench.harness.run_steps(2);
    bench.harness.get_by_label("Prompt").type_text("deep sub bass, sparse");
    bench.harness.run_steps(2);
    bench.until("the prompt arrives", |now| now.prompt == "deep sub bass, sparse");
    bench.harness.key_press(Key::Enter);
    bench.harness.run_steps(2);
    bench.until("a take", |now| now.decks[0].take.is_some());
    assert_eq!(bench.handle.snapshot().decks[0].history[0].prompt, "deep sub bass, sparse");
}

#[test]
fn the_big_button_makes_a_take_on_the_chosen_deck() {
    let mut bench = bench();
    bench.click("Deck 3");
    assert_eq!(bench.harness.state().desk.target.get(), 2);
    bench.click("Generate on 3");
    bench.until("a take on deck 3", |now| now.decks[2].take.is_some());
    assert!(bench.handle.snapshot().decks[0].take.is_none());
}

#[test]
fn a_job_is_cancelled_from_inside_the_waveform() {
    let mut bench = bench();
    nice_set(&bench.params.bars, 32);
    bench.click("New take on deck 1");
    bench.until("a job or its take", |now| now.decks[0].job.is_some() || now.decks[0].take.is_some());
    bench.harness.step();
    let Some(cancel) = bench.harness.query_by_label("Cancel") else {
        panic!("the job was over before it could be seen: make it longer")
    };
    cancel.click();
    bench.harness.run_steps(3);
    bench.until("nothing runs", |now| now.decks[0].job.is_none());
    assert!(bench.handle.snapshot().decks[0].history.is_empty());
}

#[test]
fn the_fork_takes_the_take_apart() {
    let mut bench = bench();
    bench.make(1);
    bench.click("Take deck 1 apart into stems");
    bench.until("stems", |now| now.decks[0].history.len() == 2 && now.decks[0].job.is_none());
    assert!(studio::is_separated(&bench.handle.snapshot().decks[0].history[1].engine));
}

#[test]
fn a_click_on_a_stem_mutes_it_in_one_gesture() {
    let mut bench = bench();
    bench.make(1);
    let name = format!("Deck 1 Drums: {}", bench.params.deck_1.drums);
    bench.click(&name);
    assert!(bench.params.deck_1.mute_drums.value());
    assert_eq!(*bench.host.gestures.lock().unwrap(), [1, 1, 1]);
    bench.click(&format!("{name}, muted"));
    assert!(!bench.params.deck_1.mute_drums.value());
}

#[test]
fn every_page_and_both_layouts_have_names_for_everything_and_stay_inside_the_window() {
    for size in [Vec2::new(1180.0, 800.0), Vec2::new(760.0, 480.0), Vec2::new(2560.0, 1600.0)] {
        let mut bench = Bench::new(size);
        bench.make(1);
        for tab in [None].into_iter().chain(Tab::ALL.map(Some)) {
            bench.harness.state_mut().desk.tab = tab;
            bench.harness.run_steps(3);
            let mut num_widgets = 0;
            let window = egui::Rect::from_min_size(egui::Pos2::ZERO, size).expand(1.0);
            for node in bench.harness.root().children_recursive() {
                if !OPERATED.contains(&node.accesskit_node().role()) {
                    continue;
                }
                let (rect, node) = (node.rect(), node.accesskit_node());
                num_widgets += 1;
                assert!(node.label().is_some_and(|label| !label.is_empty()), "{tab:?} at {size:?}: {:?}", node.role());
                // A compact page and the settings may scroll up and down, never sideways.
                let is_inside = window.x_range().contains(rect.left()) && window.x_range().contains(rect.right());
                let may_scroll = size.y < 700.0 || tab == Some(Tab::Settings);
                assert!(
                    is_inside && (may_scroll || window.contains_rect(rect)),
                    "{tab:?} at {size:?}: {:?} {rect:?}",
                    node.label()
                );
            }
            assert!(num_widgets > 5, "{tab:?}");
        }
    }
}

#[test]
fn space_and_letters_are_not_for_the_window_unless_a_field_is_edited() {
    let mut bench = bench();
    let ctx = bench.harness.ctx.clone();
    // The prompt comes first, and is edited then; the button after it is not.
    for _ in 0..2 {
        bench.harness.key_press(Key::Tab);
        bench.harness.run_steps(2);
    }
    assert_eq!(keys::wanted(&ctx), keys::Wanted::Walking);
    // A focused button is pressed by Enter alone.
    let before = bench.handle.snapshot().decks[0].history.len();
    bench.harness.key_press(Key::Space);
    bench.harness.run_steps(2);
    assert_eq!(bench.handle.snapshot().decks[0].history.len(), before);
    bench.harness.key_press(Key::Escape);
    bench.harness.run_steps(2);
    assert_eq!(keys::wanted(&ctx), keys::Wanted::Nothing);
    bench.harness.get_by_label("Prompt").click();
    bench.harness.run_steps(2);
    assert_eq!(keys::wanted(&ctx), keys::Wanted::Everything);
    bench.click("Deck 2");
    assert_eq!(keys::wanted(&ctx), keys::Wanted::Nothing);
}

fn nice_set(param: &nice_plug::prelude::IntParam, value: i32) {
    use nice_plug::prelude::Param;
    let normalized = param.preview_normalized(value);
    // SAFETY: the parameter lives as long as the test.
    unsafe { param.as_ptr()._internal_set_normalized_value(normalized) };
}

#[test]
fn a_take_is_starred_marked_compared_and_undone_from_its_list() {
    let mut bench = bench();
    bench.make(1);
    bench.make(2);
    let names: Vec<String> = bench.handle.snapshot().decks[0].history.iter().map(|row| row.name.clone()).collect();
    bench.click(&format!("Takes of deck 1: {}", names[1]));
    let first = bench.harness.get_all_by_label("Favourite").next().expect("a star");
    first.click();
    bench.harness.run_steps(3);
    bench.until("the newest take is a favourite", |now| now.decks[0].history[1].is_starred);
    bench.click(&format!("Mark {} A", names[0]));
    bench.click(&format!("Mark {} B", names[1]));
    bench.until("both are marked", |now| now.decks[0].marks.iter().all(Option::is_some));
    let newest = bench.handle.snapshot().decks[0].current;
    bench.click("Compare A/B");
    bench.until("the other one is on the deck", |now| now.decks[0].current != newest);
    bench.click("Undo");
    bench.until("it is back", |now| now.decks[0].current == newest);
}

#[test]
fn the_library_finds_a_take_by_its_words_and_loads_it() {
    let mut bench = bench();
    bench.make(1);
    bench.click("Deck 2");
    bench.click("Library");
    bench.until("the library is open", |now| now.library.rows.len() == 1);
    let name = bench.handle.snapshot().library.rows[0].info.name.clone();
    bench.harness.get_by_label("Search the library").click();
    bench.harness.run_steps(2);
    bench.harness.get_by_label("Search the library").type_text("nothing like it");
    bench.harness.run_steps(2);
    bench.until("nothing fits", |now| now.library.rows.is_empty() && now.library.query.is_some());
    bench.harness.get_by_label("Search the library").focus();
    bench.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    bench.harness.key_press(Key::Backspace);
    bench.harness.run_steps(3);
    bench.until("it is found again", |now| now.library.rows.len() == 1);
    bench.click(&format!("Load {name}"));
    bench.until("it is on deck 2", |now| now.decks[1].take.is_some());
    bench.click("Notes");
    bench.until("nobody watches the folders", |now| now.library.query.is_none());
}

#[test]
fn the_theme_and_the_page_are_for_the_project() {
    let mut bench = bench();
    bench.click("Settings");
    bench.click("Light");
    let state = bench.harness.state().desk.to_state();
    assert_eq!((state.theme, state.tab.as_str()), (studio::Theme::Light, "settings"));
}

#[test]
fn an_error_stays_until_it_is_dismissed() {
    let mut bench = bench();
    bench.handle.send(Command::SetChords { text: "H77 | ???".to_owned() });
    bench.until("a notice", |now| !now.notices.is_empty());
    bench.harness.run_steps(30);
    let text = bench.handle.snapshot().notices[0].text.clone();
    assert!(bench.harness.query_by_label(&text).is_some(), "{text}");
    bench.click("Dismiss");
    bench.until("it is gone", |now| now.notices.is_empty());
}

#[test]
fn a_take_that_came_as_audio_offers_to_hear_its_notes() {
    let mut bench = bench();
    bench.make(1);
    let take = bench.handle.snapshot().decks[0].current.unwrap();
    let out = bench.home.path().join("out");
    bench.handle.send(Command::Export { take, dir: Some(out.clone()) });
    bench.until("it is written", |now| !now.notices.is_empty());
    let folder = std::fs::read_dir(out).unwrap().next().unwrap().unwrap().path();
    bench.click("Notes");
    assert!(bench.harness.query_by_label("Hear the notes").is_none(), "the band's takes have notes");
    let deck = engine::DeckIndex::new(0).unwrap();
    bench.handle.send(Command::ImportFile { deck, path: folder.join("mix.wav"), at: engine::SwapAt::Now });
    let is_audio = |now: &Snapshot| now.decks[0].take.as_ref().is_some_and(|take| take.parts.is_empty());
    bench.until("audio on the deck", is_audio);
    let num_notices = bench.handle.snapshot().notices.len();
    bench.click("Hear the notes");
    // With a Basic Pitch on this machine it is a take more, without one a sentence.
    bench.until("an answer", |now| now.notices.len() > num_notices || now.decks[0].history.len() > 2);
}
