//! What happens inside, against the reference's own numbers.
use super::*;
use crate::RuntimeSearch;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Deserialize)]
struct Golden {
    ids: Vec<i64>,
    prompt: String,
    hidden: Vec<f32>,
    /// Scores of a step: rows with the text, then rows without.
    logits: BTreeMap<usize, Vec<f32>>,
    codes: Vec<Vec<i64>>,
}

#[derive(Deserialize)]
struct TokeniserCase {
    text: String,
    ids: Vec<i64>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/musicgen")
}

fn golden(set: &str) -> Golden {
    serde_json::from_slice(&std::fs::read(fixtures().join(set).join("golden.json")).unwrap()).unwrap()
}

/// # Panics
/// Without ONNX Runtime; `cargo xtask test` installs one and names it in `ORT_DYLIB_PATH`.
fn runtime() -> Runtime {
    Runtime::find(&RuntimeSearch::of_system(None, Path::new("/nowhere"))).unwrap_or_else(|error| panic!("{error}"))
}

fn largest_difference(made: &[f32], wanted: &[f32]) -> f32 {
    assert_eq!(made.len(), wanted.len());
    made.iter().zip(wanted).fold(0.0, |largest, (made, wanted)| largest.max((made - wanted).abs()))
}

#[test]
fn text_gives_the_tokens_of_sentencepiece() {
    let cases: Vec<TokeniserCase> =
        serde_json::from_slice(&std::fs::read(fixtures().join("tokenizer_cases.json")).unwrap()).unwrap();
    let tokens = TextTokens::read(&fixtures().join("tokenizer.json")).unwrap();
    assert!(cases.iter().any(|case| case.text.contains('ﬁ')), "the folding of characters is among the cases");
    for TokeniserCase { text, ids } in cases {
        assert_eq!(tokens.encode(&text), Ok(ids), "{text:?}");
    }
}

#[test]
fn a_long_text_is_cut_and_still_ends() {
    let tokens = TextTokens::read(&fixtures().join("tokenizer.json")).unwrap();
    let ids = tokens.encode(&"warm house ".repeat(300)).unwrap();
    assert_eq!((ids.len(), ids[511]), (512, 1));
}

/// The scores of every step while the decoder is fed the reference's tokens.
fn scores(runtime: &Runtime, set: &str, golden: &Golden, files: DecoderFiles, text_file: &str) -> Vec<Vec<f32>> {
    let control = RunControl::detached();
    let config = Config::read(&fixtures().join(set).join("config.json")).unwrap();
    let text = TextEncoder::open(runtime, &fixtures().join(set).join(text_file), &config, &control).unwrap();
    let decoder = Decoder::open(runtime, &files, &config, &control).unwrap();
    let hidden = text.encode(&golden.ids, &control).unwrap();
    if text_file == "text_encoder.onnx" {
        assert!(largest_difference(&hidden, &golden.hidden) < 1e-5);
    }
    let text = Conditioning::new(hidden, golden.ids.len(), decoder.first_session(), true).unwrap();
    let mut steps = decoder.start(&text);
    let num_channels = config.num_channels;
    let mut pattern = DelayPattern::new(config.num_codebooks, golden.codes[0].len(), config.pad);
    (0..6)
        .map(|step| {
            let scores = steps.step(pattern.last_column(), &control).unwrap();
            // The token that a row decides in this step belongs to an earlier frame the later its codebook is.
            let token = |row: usize| step_token(golden, row, step, row / num_channels);
            pattern.push(&(0..config.num_codebooks).map(token).collect::<Vec<_>>());
            scores
        })
        .collect()
}

fn step_token(golden: &Golden, row: usize, step: usize, delay: usize) -> i64 {
    step.checked_sub(delay).map_or(0, |frame| golden.codes[row][frame])
}

fn one(set: &str, name: &str) -> DecoderFiles {
    DecoderFiles::Merged(fixtures().join(set).join(name))
}

fn pair(set: &str, ending: &str) -> DecoderFiles {
    let file = |name: &str| fixtures().join(set).join(format!("{name}{ending}.onnx"));
    DecoderFiles::Split { first: file("decoder_model"), later: file("decoder_with_past_model") }
}

#[test]
fn tokens_hidden_states_and_scores_are_those_of_the_reference() {
    let runtime = runtime();
    for set in ["mono", "stereo"] {
        let golden = golden(set);
        let tokens = TextTokens::read(&fixtures().join("tokenizer.json")).unwrap();
        assert_eq!(tokens.encode(&golden.prompt).as_ref(), Ok(&golden.ids));
        for files in [one(set, "decoder_model_merged.onnx"), pair(set, "")] {
            let made = scores(&runtime, set, &golden, files, "text_encoder.onnx");
            for (step, wanted) in &golden.logits {
                let difference = largest_difference(&made[*step], wanted);
                assert!(difference < 1e-4, "{set} step {step}: {difference}");
            }
        }
    }
}

#[test]
fn scores_of_narrow_weights_are_near() {
    let runtime = runtime();
    let golden = golden("mono");
    let range = golden.logits[&5].iter().fold(0.0_f32, |range, score| range.max(score.abs()));
    let cases = [
        ("8 bits", one("mono", "decoder_model_merged_quantized.onnx"), "text_encoder.onnx", 0.05),
        ("4 bits", pair("mono", "_q4"), "text_encoder.onnx", 0.2),
        ("16 bits", one("mono", "decoder_model_merged_fp16.onnx"), "text_encoder_fp16.onnx", 0.005),
    ];
    for (name, files, text_file, tolerance) in cases {
        let made = scores(&runtime, "mono", &golden, files, text_file);
        for (step, wanted) in &golden.logits {
            let difference = largest_difference(&made[*step], wanted) / range;
            println!("{name}, step {step}: scores differ by {difference:.4} of the largest");
            assert!(difference < tolerance, "{name}, step {step}: {difference}");
        }
    }
}
