//! What the real-time stretcher costs: eight decks of five stereo stems at 48 kHz in blocks of 64 frames.
//!
//! `cargo run --release -p dsp --example bench_stretch`. Prints share of real time and the slowest blocks, in parts of
//! the block's own length. Quality is measured by tools/stretch-bench.
use dsp::stretch::{Grouping, MAX_STEMS, Motion, StretchMap, StretchOut, StretchSource, Stretcher};
use std::time::Instant;

const RATE: usize = 48_000;
const BLOCK: usize = 64;
const DECKS: usize = 8;
const SECONDS: usize = 16;

/// Noise bursts on a grid over a few tones: something to search and to lock onto.
fn stem(index: usize) -> Vec<f32> {
    let mut seed = 17 + index as u32;
    let hz = [0.0, 55.0, 220.0, 440.0, 330.0][index % 5];
    let every = [6_000, 12_000, 96_000, 6_000, 24_000][index % 5];
    (0..SECONDS * RATE)
        .map(|frame| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 8) as f32 / 8_388_608.0 - 1.0;
            let since = (frame % every) as f32;
            let tone = (1..6).map(|k| libm::sinf(hz * k as f32 * 0.000_130_9 * frame as f32) / k as f32).sum::<f32>();
            0.2 * tone * libm::expf(-since / 30_000.0) + 0.3 * noise * libm::expf(-since / 500.0)
        })
        .collect()
}

fn main() {
    let audio: Vec<Vec<f32>> = (0..MAX_STEMS).map(stem).collect();
    let stems: [Option<[&[f32]; 2]>; MAX_STEMS] =
        std::array::from_fn(|stem| Some([&audio[stem][..], &audio[stem][..]]));
    for grouping in [Grouping::Apart, Grouping::Together] {
        let begin = Instant::now();
        let known = [const { Vec::new() }; MAX_STEMS];
        let map = StretchMap::analyse(&stems, (SECONDS * RATE) as f64, RATE as f64, grouping, &known);
        println!("{grouping:?}: analysis of {SECONDS} s x 5 stems {:.0} ms", begin.elapsed().as_secs_f64() * 1e3);
        let source = StretchSource { stems, map: &map };
        for (speed, pitch) in
            [(0.99, 1.0), (0.8, 1.0), (1.25, 1.0), (0.5, 1.0), (2.0, 1.0), (0.8, 1.189), (1.25, 0.5), (0.8, 2.0)]
        {
            measure(&source, grouping, speed, pitch);
        }
    }
}

/// Every block does the same work in every pass: its fastest pass is its cost, the rest is other programs.
const PASSES: usize = 5;

fn measure(source: &StretchSource<'_>, grouping: Grouping, speed: f64, pitch_ratio: f64) {
    let num_blocks = 5 * RATE / BLOCK;
    let mut shares = vec![f64::MAX; num_blocks];
    for _ in 0..PASSES {
        let mut decks: Vec<Stretcher> = (0..DECKS).map(|_| Stretcher::new(RATE as f32)).collect();
        let mut buffers = vec![[[0.0f32; BLOCK]; 2]; MAX_STEMS];
        for (block, share) in shares.iter_mut().enumerate() {
            let begin = Instant::now();
            for deck in &mut decks {
                let mut out: StretchOut<'_> = [const { None }; MAX_STEMS];
                for (slot, [left, right]) in out.iter_mut().zip(&mut buffers) {
                    *slot = Some([left, right]);
                }
                let position = (block * BLOCK) as f64 * speed;
                deck.process(source, &Motion { position, speed, pitch_ratio, rate_ratio: 1.0 }, &mut out);
            }
            *share = share.min(begin.elapsed().as_secs_f64() * RATE as f64 / BLOCK as f64);
        }
    }
    let mean = 100.0 * shares.iter().sum::<f64>() / shares.len() as f64;
    shares.sort_by(f64::total_cmp);
    let at = |share: f64| 100.0 * shares[((shares.len() - 1) as f64 * share) as usize];
    let (median, rare, worst) = (at(0.5), at(0.999), at(1.0));
    println!(
        "{grouping:?} speed {speed:4.2} pitch x{pitch_ratio:5.3}: {mean:5.2} % of real time; \
         block: median {median:5.2} %, 99.9 % {rare:5.2} %, worst {worst:5.2} %"
    );
}
