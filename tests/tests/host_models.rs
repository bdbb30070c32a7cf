//! Instances removed in the middle of each model, and stems that a project keeps. The models are the tiny random ones of
//! the models crate; `cargo xtask bench --models` does the same with weights of full size.
#![cfg(target_os = "linux")]
use continuo_tests::host::{Plugin, Roll, Song, plugin_path};
use continuo_tests::removal::{Work, remove, threads_left};
use continuo_tests::{hosted, session};
use std::path::{Path, PathBuf};
use std::time::Duration;
use take::StemKind;

/// How far the job is when the instance goes, in processor time of the workers.
const WORKED_MS: [u64; 4] = [1, 40, 150, 400];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/models/tests/fixtures").join(name)
}

/// Puts a fixture into the folder of models of this test's process.
fn install(fixture_name: &str, name: &str) {
    let models = session::data_dir().unwrap().join("models");
    let target = models.join(name);
    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
    std::fs::copy(fixture(fixture_name), target).unwrap();
}

/// The library that runs them; without it these tests are about nothing.
fn expect_runtime() {
    let found = std::env::var_os("ORT_DYLIB_PATH").is_some_and(|file| Path::new(&file).exists());
    assert!(found, "ORT_DYLIB_PATH must name the shared library of ONNX Runtime; `cargo xtask test` sets it");
}

/// A project with a take of 16 bars at 100 BPM on deck 1: 38 seconds.
fn project(song: &Song) -> (Plugin, Vec<u8>) {
    let mut plugin = Plugin::load().unwrap();
    plugin.activate(48_000, 512).unwrap();
    plugin.set_text("Bars", "16").unwrap();
    session::generate(&mut plugin, song, 1).unwrap();
    let state = plugin.save_state().unwrap();
    (plugin, state)
}

/// Removes instances at several moments of the job, beside one that plays on and without it.
fn removed_in_the_middle(name: &str, work: Work) {
    let song = Song::at(100.0);
    let (mut other, state) = project(&song);
    let clap = plugin_path().unwrap();
    let mut num_at_work = 0;
    for worked_ms in WORKED_MS {
        let removal = remove(&clap, &state, work, Duration::from_millis(worked_ms)).unwrap();
        println!("note: {name}: {}", removal.line());
        // A job that was cancelled has made nothing, neither then nor later.
        assert!(!removal.was_at_work || removal.num_new_takes == 0, "{removal:?}");
        num_at_work += usize::from(removal.was_at_work);
    }
    assert!(num_at_work > 0, "no instance went while its job ran");
    assert!(Roll::new(&song, 96_000).play(&mut other).unwrap().peak() > 0.01, "the other instance is silent");
    drop(other);
    let alone = remove(&clap, &state, work, Duration::from_millis(WORKED_MS[1])).unwrap();
    println!("note: {name}, the last instance: {}", alone.line());
    let left = threads_left(Duration::from_secs(1)).unwrap();
    assert!(left.is_empty(), "the last instance leaves {left:?}");
    // The host is alive: the next instance opens the project and plays.
    let mut again = Plugin::load().unwrap();
    again.load_state(&state).unwrap();
    again.activate(48_000, 512).unwrap();
    session::wait_for_sound(&mut again, &song).unwrap();
}

hosted! {
    fn an_instance_goes_in_the_middle_of_the_built_in_separator() {
        removed_in_the_middle("built-in separator", Work::Separate);
    }

    fn an_instance_goes_in_the_middle_of_a_demucs() {
        expect_runtime();
        install("htdemucs/core_4_full.onnx", "htdemucs.onnx");
        removed_in_the_middle("htdemucs", Work::Separate);
    }

    fn an_instance_goes_in_the_middle_of_an_mdx() {
        expect_runtime();
        install("mdx/tiny.onnx", "uvr_mdx.onnx");
        let settings = session::data_dir().unwrap().join("models/uvr_mdx.toml");
        std::fs::write(settings, "window_frames = 3072\ngain = 1.25\nstem = \"vocals\"\n").unwrap();
        removed_in_the_middle("MDX-Net", Work::Separate);
    }

    fn an_instance_goes_in_the_middle_of_a_musicgen() {
        expect_runtime();
        for file in ["config.json", "text_encoder.onnx", "decoder_model_merged.onnx", "encodec_decode.onnx"] {
            install(&format!("musicgen/mono/{file}"), &format!("musicgen/{file}"));
        }
        install("musicgen/tokenizer.json", "musicgen/tokenizer.json");
        removed_in_the_middle("MusicGen", Work::Generate("MusicGen"));
    }

    fn an_instance_goes_in_the_middle_of_a_midi_model() {
        expect_runtime();
        for (file, name) in [
            ("v2/config.json", "config.json"),
            ("v2/model_base.onnx", "onnx/model_base.onnx"),
            ("steady/model_token.onnx", "onnx/model_token.onnx"),
        ] {
            install(&format!("midi_model/{file}"), &format!("midi_model/{name}"));
        }
        removed_in_the_middle("midi-model", Work::Generate("MIDI model"));
    }

    fn a_project_keeps_the_stems_of_a_demucs() {
        expect_runtime();
        install("htdemucs/core_4_full.onnx", "htdemucs.onnx");
        let song = Song::at(120.0);
        let mut plugin = Plugin::load().unwrap();
        plugin.activate(48_000, 512).unwrap();
        plugin.set_text("Bars", "2").unwrap();
        let whole = session::generate(&mut plugin, &song, 1).unwrap();
        let stems = session::make(&mut plugin, &song, 1, "Separate").unwrap();
        assert_ne!(stems, whole);
        std::fs::create_dir_all(continuo_tests::isolate::shared_dir()).unwrap();
        std::fs::write(continuo_tests::isolate::shared_dir().join("state"), plugin.save_state().unwrap()).unwrap();
        let take = session::load_take(stems).unwrap();
        let kinds = StemKind::ALL.into_iter().filter(|kind| take.original.stems[*kind as usize].is_some()).count();
        assert!(take.info.engine.ends_with(" + htdemucs separation/1") && kinds >= 3, "{} {kinds}", take.info.engine);
    } then {
        let song = Song::at(120.0);
        let state = std::fs::read(continuo_tests::isolate::shared_dir().join("state")).unwrap();
        let mut plugin = Plugin::load().unwrap();
        plugin.load_state(&state).unwrap();
        plugin.activate(48_000, 512).unwrap();
        let recording = Roll::new(&song, 192_000).play(&mut plugin).unwrap();
        let id = session::deck_state(&state, 1).unwrap().current.unwrap();
        let take = session::load_take(take::TakeId::try_from(id).unwrap()).unwrap();
        // Buses 1..=5 are the stems: each that the take has is heard on its own.
        for kind in StemKind::ALL {
            let is_heard = recording.buses[1 + kind as usize].iter().flatten().any(|sample| sample.abs() > 1e-3);
            let is_loud = |clip: &take::AudioClip| clip.left.iter().chain(&clip.right).any(|sample| sample.abs() > 2e-3);
            let exists = take.original.stems[kind as usize].as_ref().is_some_and(is_loud);
            assert_eq!(is_heard, exists, "{kind:?}");
        }
    }
}
