//! Prints how long melodies, forms and transfers take: one line a number, `name median 0.1 ms target 1 ms`. The slowest
//! style's median of many seeds. `cargo run --release -p composer --example bench_composition`
use composer::arrange::BandSpec;
use composer::counterpoint::{Cantus, Side, Species, counterpoint};
use composer::form::{Form, FormSpec, compose_form, plan_form};
use composer::harmonise::{HarmoniseSpec, Palette, harmonise};
use composer::transfer::{Material, transfer};
use composer::tune::{Character, TuneSpec, generate, interpolate};
use composer::{Changes, Composition, Style, compose};
use std::hint::black_box;
use std::time::Instant;
use take::{BarCount, Hints, Meter, PartKind, StyleId, TakeSpec};
use theory::Key;

const SEEDS: u64 = 100;

fn main() {
    let styles = styles();
    report("chord form of 32 bars", 0.1, &styles, |style| {
        let form = Form::named("aaba").expect("a built-in form");
        move |seed| drop(black_box(plan_form(form, &FormSpec::new(style, seed))))
    });
    report("melody of 8 bars", 1.0, &styles, |style| {
        let changes = changes(style, 8);
        move |seed| {
            let character = Character::of_style(style, &changes);
            drop(black_box(generate(&changes, &character, &TuneSpec::new(seed))));
        }
    });
    report("style transfer of 16 bars, chords known", 5.0, &styles, |style| {
        let source = source(&styles[15], 16);
        move |seed| drop(black_box(transfer(&material(&source, true), &BandSpec::new(style, seed))))
    });
    report("style transfer of 16 bars, chords heard", 5.0, &styles, |style| {
        let source = source(&styles[15], 16);
        move |seed| drop(black_box(transfer(&material(&source, false), &BandSpec::new(style, seed))))
    });
    report("form of 64 bars with all its notes", 10.0, &styles, |style| {
        let form = Form::named("build_drop").expect("a built-in form");
        let plan = plan_form(form, &FormSpec::new(style, 1)).expect("a form of 64 bars");
        move |seed| drop(black_box(compose_form(&plan, &BandSpec::new(style, seed))))
    });
    report("harmonising a melody of 8 bars", 1.0, &styles, |style| {
        let changes = changes(style, 8);
        let melody = generate(&changes, &Character::of_style(style, &changes), &TuneSpec::new(1));
        move |seed| {
            let spec = HarmoniseSpec { key: None, palette: Palette::Style(style), chords_per_bar: 2, seed };
            drop(black_box(harmonise(&melody, Meter::FOUR_FOUR, 8, &spec)));
        }
    });
    report("8 steps between two melodies of 8 bars", 1.0, &styles, |style| {
        let changes = changes(style, 8);
        let tune = |seed| generate(&changes, &Character::of_style(style, &changes), &TuneSpec::new(seed));
        let (a, b) = (tune(1), tune(2));
        move |_| drop(black_box(interpolate(&a, &b, &changes, 8)))
    });
    report("counterpoint of 11 bars, third species", 20.0, &styles[..1], |_| {
        let key = Key::new(take::PitchClass::new(2), take::Scale::Dorian);
        let cantus = Cantus { key, keys: vec![62, 65, 64, 62, 67, 65, 69, 67, 65, 64, 62] };
        move |seed| drop(black_box(counterpoint(&cantus, Species::Third, Side::Above, seed)))
    });
}

/// Runs what `prepare` gives for every style and prints the slowest style's median.
fn report<W: FnMut(u64)>(name: &str, target_ms: f64, styles: &[Style], prepare: impl Fn(&'static Style) -> W) {
    let mut worst_ms = 0.0f64;
    for style in styles {
        let mut work = prepare(Box::leak(Box::new(style.clone())));
        // The first call reads embedded data.
        work(0);
        let mut times_ms: Vec<f64> = (0..SEEDS)
            .map(|seed| {
                let begin = Instant::now();
                work(seed);
                begin.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        times_ms.sort_by(f64::total_cmp);
        worst_ms = worst_ms.max(times_ms[times_ms.len() / 2]);
    }
    println!("{name:<44} median {worst_ms:>8.4} ms  target {target_ms} ms");
}

fn styles() -> Vec<Style> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/styles");
    let read = |(id, _): &(&str, &str)| {
        let path = format!("{dir}/{id}.toml");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        Style::parse(id, &path, &text).unwrap_or_else(|error| panic!("{error}"))
    };
    take::BUILT_IN_STYLES.iter().map(read).collect()
}

/// A loop with every part.
fn source(style: &Style, bars: i64) -> Composition {
    let mut spec = TakeSpec::new(StyleId(style.id.clone()), style.tempo, 3);
    spec.bars = BarCount::new(bars).expect("bars");
    let mut hints = Hints::default();
    hints.parts[PartKind::Melody as usize].is_wanted = Some(true);
    compose(&spec, style, &hints)
}

fn changes(style: &Style, bars: i64) -> Changes {
    let loop_ = source(style, bars);
    let key = Key::new(loop_.key, loop_.scale);
    Changes::from_spans(key, Meter::FOUR_FOUR, bars as usize, &loop_.chords).expect("chords of our own")
}

fn material(source: &Composition, knows_chords: bool) -> Material<'_> {
    let key = knows_chords.then(|| Key::new(source.key, source.scale));
    let chords = if knows_chords { &source.chords[..] } else { &[] };
    Material { parts: &source.parts, chords, key, meter: Meter::FOUR_FOUR, num_bars: 16 }
}
