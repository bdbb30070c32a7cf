//! Prints how long a composition takes: `bench_compose [STYLES_DIR]`, best and median of many seeds, 8 bars, notes only.
use std::time::Instant;
use take::{StyleId, TakeSpec};

fn main() {
    let dir =
        std::env::args().nth(1).unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/styles").into());
    let mut worst = 0.0f64;
    for (id, _) in take::BUILT_IN_STYLES {
        let path = format!("{dir}/{id}.toml");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let style = composer::Style::parse(id, &path, &text).unwrap_or_else(|error| panic!("{error}"));
        let mut times_ms: Vec<f64> = (0..200)
            .map(|seed| {
                let mut spec = TakeSpec::new(StyleId::from(id), style.tempo, seed);
                spec.energy = take::Amount::new(1.0);
                let begin = Instant::now();
                let composition = composer::compose(&spec, &style, &take::Hints::default());
                std::hint::black_box(&composition);
                begin.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        times_ms.sort_by(f64::total_cmp);
        println!("{id:18} best {:.3} ms  median {:.3} ms  worst {:.3} ms", times_ms[0], times_ms[100], times_ms[199]);
        worst = worst.max(times_ms[100]);
    }
    println!("slowest style, median: {worst:.3} ms (target 1 ms)");
}
