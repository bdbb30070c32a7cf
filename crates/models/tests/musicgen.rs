//! MusicGen against the reference implementation on tiny random models (tools/model_fixtures/musicgen.py), in every
//! layout that people keep their files in, and with files that are damaged.
mod common;

use models::musicgen::{MusicGen, MusicGenRequest, Precision};
use models::{ModelAudio, ModelError, RunControl, Runtime};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The reference's own run.
#[derive(Deserialize)]
struct Golden {
    prompt: String,
    codes: Vec<Vec<i64>>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/musicgen")
}

fn golden(set: &str) -> Golden {
    serde_json::from_slice(&std::fs::read(fixtures().join(set).join("golden.json")).unwrap()).unwrap()
}

/// Channel after channel.
fn golden_audio(set: &str, num_channels: usize) -> Vec<Vec<f32>> {
    let bytes = std::fs::read(fixtures().join(set).join("golden.f32")).unwrap();
    let samples: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    samples.chunks(samples.len() / num_channels).map(<[f32]>::to_vec).collect()
}

const MERGED: &[&str] = &["text_encoder.onnx", "decoder_model_merged.onnx", "encodec_decode.onnx"];
const SPLIT: &[&str] =
    &["text_encoder.onnx", "decoder_model.onnx", "decoder_with_past_model.onnx", "encodec_decode.onnx"];

/// A user's folder: settings in the root, the named files of `set` under `models`.
fn folder(set: &str, models: &str, files: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let from = fixtures();
    std::fs::create_dir_all(root.path().join(models)).unwrap();
    std::fs::copy(from.join("tokenizer.json"), root.path().join("tokenizer.json")).unwrap();
    std::fs::copy(from.join(set).join("config.json"), root.path().join("config.json")).unwrap();
    for file in files {
        let name = Path::new(file).file_name().unwrap();
        std::fs::copy(from.join(set).join(file), root.path().join(models).join(name)).unwrap();
    }
    root
}

/// What the goldens were made with: the likeliest token, 17 frames.
fn greedy(prompt: &str) -> MusicGenRequest {
    MusicGenRequest { temperature: 0.0, ..MusicGenRequest::new(prompt, 17.0 / 50.0, 1) }
}

fn largest_difference(made: &ModelAudio, wanted: &[Vec<f32>]) -> f32 {
    assert_eq!(made.channels.len(), wanted.len());
    let pairs = made.channels.iter().zip(wanted);
    pairs.fold(0.0, |largest: f32, (made, wanted)| {
        assert_eq!(made.len(), wanted.len());
        made.iter().zip(wanted).fold(largest, |largest, (made, wanted)| largest.max((made - wanted).abs()))
    })
}

/// The reference's rows are those of the decoder, left and right alternating; ours are channel after channel.
fn interleaved(codes: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let num_frames = codes[0].len() / 4;
    let rows = |codebook: usize| codes.iter().map(move |codes| codes[codebook * num_frames..][..num_frames].to_vec());
    (0..4).flat_map(rows).collect()
}

fn compare_with_reference(runtime: &Runtime, set: &str, num_channels: usize, models: &str, files: &[&str]) {
    let root = folder(set, models, files);
    let model = MusicGen::open(runtime, root.path()).unwrap();
    let golden = golden(set);
    let request = greedy(&golden.prompt);
    let codes = model.generate_codes(&request, &RunControl::detached()).unwrap();
    assert_eq!(interleaved(&codes), golden.codes, "{set} {files:?}");
    let audio = model.generate(&request, &RunControl::detached()).unwrap();
    assert_eq!(audio.rate_hz, 32_000);
    let difference = largest_difference(&audio, &golden_audio(set, num_channels));
    println!("{set} {models:?} {}: largest difference {difference:.1e}", files[1]);
    assert!(difference < 1e-4, "{set} {files:?}: {difference}");
}

#[test]
fn tokens_and_sound_are_those_of_the_reference_mono_and_stereo_merged_and_split() {
    let runtime = common::runtime();
    for (set, num_channels) in [("mono", 1), ("stereo", 2)] {
        compare_with_reference(&runtime, set, num_channels, "", MERGED);
        compare_with_reference(&runtime, set, num_channels, "onnx", SPLIT);
    }
}

#[test]
fn weights_in_a_file_beside_the_model_are_found() {
    let runtime = common::runtime();
    let files = [
        "external/text_encoder.onnx",
        "decoder_model_merged.onnx",
        "encodec_decode.onnx",
        "external/text_encoder.onnx_data",
    ];
    compare_with_reference(&runtime, "mono", 1, "onnx", &files);
}

#[test]
fn a_folder_of_one_number_format_borrows_the_rest_from_its_sibling() {
    let runtime = common::runtime();
    let root = folder("mono", "small_fp32", MERGED);
    let eight_bits = root.path().join("small_i8");
    std::fs::create_dir(&eight_bits).unwrap();
    std::fs::create_dir(root.path().join("small")).unwrap();
    for name in ["config.json", "tokenizer.json"] {
        std::fs::rename(root.path().join(name), root.path().join("small").join(name)).unwrap();
    }
    let decoder = fixtures().join("mono/decoder_model_merged_quantized.onnx");
    std::fs::copy(decoder, eight_bits.join("decoder_model_merged.onnx")).unwrap();
    let model = MusicGen::open(&runtime, &eight_bits).unwrap();
    let audio = model.generate(&greedy("warm house"), &RunControl::detached()).unwrap();
    assert_eq!(audio.channels[0].len(), 17 * 640);
}

#[test]
fn narrow_weights_sound_nearly_as_wide_ones() {
    let runtime = common::runtime();
    let golden = golden("mono");
    let sets: [(&str, &[&str], Precision); 3] = [
        (
            "8 bits",
            &["text_encoder.onnx", "encodec_decode.onnx", "decoder_model_merged_quantized.onnx"],
            Precision::Quantized,
        ),
        (
            "4 bits",
            &["text_encoder.onnx", "encodec_decode.onnx", "decoder_model_q4.onnx", "decoder_with_past_model_q4.onnx"],
            Precision::Q4,
        ),
        (
            "16 bits",
            &["text_encoder_fp16.onnx", "encodec_decode_fp16.onnx", "decoder_model_merged_fp16.onnx"],
            Precision::Fp16,
        ),
    ];
    for (name, files, precision) in sets {
        let root = folder("mono", "onnx", files);
        let control = RunControl::detached();
        let model = MusicGen::open_with(&runtime, root.path(), Some(precision), &control).unwrap();
        let codes = model.generate_codes(&greedy(&golden.prompt), &control).unwrap();
        let pairs = codes[0].iter().zip(golden.codes.iter().flatten());
        let same = pairs.filter(|(made, wanted)| made == wanted).count();
        println!("{name}: {same} of 68 tokens are those of the reference in 32 bits");
        // One token that differs changes all that follow: the scores themselves are compared inside the crate.
        assert!(same >= 20, "{name}: {same}");
        let audio = model.generate(&greedy(&golden.prompt), &control).unwrap();
        assert!(audio.channels[0].iter().any(|sample| sample.abs() > 1e-3), "{name} is silent");
    }
}

#[test]
fn a_seed_decides_the_piece() {
    let runtime = common::runtime();
    let root = folder("mono", "", MERGED);
    let model = MusicGen::open(&runtime, root.path()).unwrap();
    let make = |seed: u64| {
        model.generate_codes(&MusicGenRequest::new("techno kick", 0.5, seed), &RunControl::detached()).unwrap()
    };
    assert_eq!(make(5), make(5));
    assert_ne!(make(5), make(6));
    assert!(make(7)[0].iter().all(|code| (0..64).contains(code)));
}

#[test]
fn guidance_of_one_is_the_text_alone() {
    let runtime = common::runtime();
    let root = folder("mono", "", SPLIT);
    let model = MusicGen::open(&runtime, root.path()).unwrap();
    let codes = |guidance: f32, prompt: &str| {
        let request = MusicGenRequest { guidance, ..greedy(prompt) };
        model.generate_codes(&request, &RunControl::detached()).unwrap()
    };
    assert_ne!(codes(1.0, "warm house loop"), codes(3.0, "warm house loop"));
}

#[test]
fn the_longest_piece_is_made_and_a_longer_one_refused_with_the_limit() {
    let runtime = common::runtime();
    let root = folder("mono", "", MERGED);
    let model = MusicGen::open(&runtime, root.path()).unwrap();
    // 256 positions less 3 of delay, 50 a second.
    assert_eq!(model.max_seconds(), 5.06);
    let codes = model.generate_codes(&MusicGenRequest::new("", 5.06, 1), &RunControl::detached()).unwrap();
    assert_eq!(codes[0].len(), 4 * 253);
    let error = model.generate(&MusicGenRequest::new("", 5.2, 1), &RunControl::detached()).unwrap_err();
    assert!(error.to_string().contains("5.1 seconds at most, 5.2 were asked for"), "{error}");
}

#[test]
fn progress_counts_the_steps_and_a_cancel_ends_them() {
    let runtime = common::runtime();
    let root = folder("mono", "", MERGED);
    let model = MusicGen::open(&runtime, root.path()).unwrap();
    let heard = Mutex::new(Vec::new());
    let note = |share: f32, stage: &str| heard.lock().unwrap().push((share, stage.to_owned()));
    model.generate(&greedy("piano"), &RunControl::new(&|| false, &note)).unwrap();
    let reports = std::mem::take(&mut *heard.lock().unwrap());
    assert!(reports.is_sorted_by(|a, b| a.0 <= b.0), "{reports:?}");
    assert_eq!(reports.iter().filter(|(_, stage)| stage.starts_with("step")).count(), 20);
    assert_eq!(reports.last().unwrap().0, 1.0);

    let num_steps = AtomicUsize::new(0);
    let count = |_: f32, stage: &str| {
        num_steps.fetch_add(usize::from(stage.starts_with("step")), Ordering::Relaxed);
    };
    let cancel = || num_steps.load(Ordering::Relaxed) >= 7;
    let outcome = model.generate(&greedy("piano"), &RunControl::new(&cancel, &count));
    assert_eq!(outcome, Err(ModelError::Cancelled));
    assert_eq!(num_steps.load(Ordering::Relaxed), 7);
}

#[test]
fn a_cancel_while_the_sound_is_decoded_ends_it() {
    let runtime = common::runtime();
    let root = folder("mono", "", MERGED);
    let model = MusicGen::open(&runtime, root.path()).unwrap();
    let is_decoding = AtomicUsize::new(0);
    let note = |_: f32, stage: &str| {
        is_decoding.fetch_add(usize::from(stage == "decoding the sound"), Ordering::Relaxed);
    };
    let cancel = || is_decoding.load(Ordering::Relaxed) > 0;
    assert_eq!(model.generate(&greedy("piano"), &RunControl::new(&cancel, &note)), Err(ModelError::Cancelled));
    // Nothing is left in the way of the next one.
    assert!(model.generate(&greedy("piano"), &RunControl::detached()).is_ok());
}

/// Opens a folder whose file `name` was changed by `change`, and makes a piece if it opens.
fn damaged(runtime: &Runtime, files: &[&str], name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let root = folder("mono", "", files);
    let path = root.path().join(name);
    std::fs::write(&path, change(std::fs::read(&path).unwrap())).unwrap();
    let made =
        MusicGen::open(runtime, root.path()).and_then(|model| model.generate(&greedy("a"), &RunControl::detached()));
    made.expect_err(name).to_string()
}

fn assert_names(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "`{word}` is missing in: {message}");
    }
}

/// Where the numbers of a constant begin, its length of `num_length_bytes` behind it: name, field 9 of `TensorProto`,
/// length, numbers. Nodes name it too, but nothing of the kind follows there.
fn numbers_of(bytes: &[u8], tensor: &str, num_length_bytes: usize) -> usize {
    let name = [tensor.as_bytes(), &[9 << 3 | 2]].concat();
    let found = bytes.windows(name.len()).position(|window| window == name).unwrap_or_else(|| panic!("no `{tensor}`"));
    found + name.len() + num_length_bytes
}

/// Replaces every occurrence; both are equally long.
fn renamed(mut bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    for start in 0..bytes.len() - from.len() {
        if bytes[start..].starts_with(from.as_bytes()) {
            bytes[start..start + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

#[test]
fn a_memory_tensor_that_is_missing_is_named() {
    let runtime = common::runtime();
    let change = |bytes| renamed(bytes, "past_key_values.1.decoder.key", "past_key_values.9.decoder.key");
    let message = damaged(&runtime, SPLIT, "decoder_with_past_model.onnx", change);
    assert_names(&message, &["`decoder_with_past_model.onnx`", "`past_key_values.1.decoder.key`", "not there"]);
}

#[test]
fn a_wrong_rank_is_named() {
    let runtime = common::runtime();
    let files = ["text_encoder.onnx", "decoder_model_merged.onnx", "wrong_rank/encodec_decode.onnx"];
    let message = damaged(&runtime, &files, "encodec_decode.onnx", |bytes| bytes);
    assert_names(&message, &["`encodec_decode.onnx`", "`audio_codes`", "[?, 4, ?]", "expected [?, ?, 4, ?]"]);
}

#[test]
fn a_decoder_of_another_size_is_named() {
    let runtime = common::runtime();
    let change = |text: Vec<u8>| {
        String::from_utf8(text).unwrap().replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3").into_bytes()
    };
    let message = damaged(&runtime, MERGED, "config.json", change);
    assert_names(&message, &["`decoder_model_merged.onnx`", "`present.2.decoder.key`", "not there"]);
}

#[test]
fn a_data_file_that_is_missing_is_named_with_the_tensor() {
    let runtime = common::runtime();
    let files = ["external/text_encoder.onnx", "decoder_model_merged.onnx", "encodec_decode.onnx"];
    let message = damaged(&runtime, &files, "text_encoder.onnx", |bytes| bytes);
    assert_names(&message, &["`text_encoder.onnx`", "tensor `", "`text_encoder.onnx_data`, which is not there"]);
}

#[test]
fn codebooks_that_nobody_makes_are_named() {
    let runtime = common::runtime();
    let change = |text: Vec<u8>| {
        String::from_utf8(text).unwrap().replace("\"num_codebooks\": 4", "\"num_codebooks\": 6").into_bytes()
    };
    let message = damaged(&runtime, MERGED, "config.json", change);
    assert_names(&message, &["`config.json`", "`decoder.num_codebooks` is 6", "4 (mono) and 8 (stereo)"]);
}

#[test]
fn weights_that_are_no_numbers_are_named() {
    let runtime = common::runtime();
    let change = |mut bytes: Vec<u8>| {
        let start = numbers_of(&bytes, "layers.0.self_attn_layer_norm.weight_merged_0", 1);
        bytes[start + 4..start + 8].copy_from_slice(&f32::NAN.to_le_bytes());
        bytes
    };
    let message = damaged(&runtime, MERGED, "decoder_model_merged.onnx", change);
    assert_names(&message, &["`decoder_model_merged.onnx`", "self_attn_layer_norm.weight_merged_0`", "not a number"]);
}

#[test]
fn a_file_that_is_cut_off_is_named_with_the_tensor() {
    let runtime = common::runtime();
    let change = |mut bytes: Vec<u8>| {
        bytes.truncate(numbers_of(&bytes, "embed_tokens.2.weight_merged_0", 2) + 60);
        bytes
    };
    let message = damaged(&runtime, MERGED, "decoder_model_merged.onnx", change);
    assert_names(&message, &["`decoder_model_merged.onnx`", "embed_tokens.2.weight_merged_0`", "cut off"]);
    let page = |_| b"<!DOCTYPE html><p>Not Found".to_vec();
    let message = damaged(&runtime, MERGED, "encodec_decode.onnx", page);
    assert_names(&message, &["`encodec_decode.onnx`", "no ONNX file"]);
}

#[test]
fn a_tokeniser_that_is_none_is_named() {
    let runtime = common::runtime();
    let message = damaged(&runtime, MERGED, "tokenizer.json", |_| b"{}".to_vec());
    assert_names(&message, &["`tokenizer.json`"]);
}
