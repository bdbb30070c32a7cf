//! Prints a composed loop as text: chords, then a piano roll per part. `roll STYLE.toml [SEED] [PROMPT] [BARS] [METER]`
use std::path::Path;
use take::{BarCount, Meter, Part, PartKind, StyleId, TakeSpec};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[1]).expect("style file");
    let id = Path::new(&args[1]).file_stem().and_then(|stem| stem.to_str()).unwrap_or("style");
    let style = composer::Style::parse(id, &args[1], &text).unwrap_or_else(|error| panic!("{error}"));
    let seed = args.get(2).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut spec = TakeSpec::new(StyleId::from(id), style.tempo, seed);
    spec.prompt = args.get(3).cloned().unwrap_or_default();
    spec.humanise = take::Amount::new(0.0);
    if let Some(bars) = args.get(4).and_then(|bars| bars.parse().ok()) {
        spec.bars = BarCount::new(bars).expect("bars");
    }
    if let Some((upper, lower)) = args.get(5).and_then(|meter| meter.split_once('/')) {
        spec.meter = Meter::new(upper.parse().expect("meter"), lower.parse().expect("meter")).expect("meter");
    }
    let composition = composer::compose(&spec, &style, &composer::understand(&spec.prompt));
    println!("{} {} bpm, {}", theory::Key::new(composition.key, composition.scale), spec.tempo.get(), spec.meter);
    for chord in &composition.chords {
        print!("{}@{} ", chord.symbol, chord.start.0);
    }
    println!();
    for part in &composition.parts {
        println!("-- {:?} {} program {} notes {}", part.kind, part.name, part.program, part.notes.len());
        roll(part, composition.loop_beats.0, composition.bar_beats.0);
    }
}

fn roll(part: &Part, loop_beats: f64, bar_beats: f64) {
    let mut keys: Vec<u8> = part.notes.iter().map(|note| note.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let steps = (loop_beats * 4.0).ceil() as usize;
    for key in keys.into_iter().rev() {
        let mut row = vec![' '; steps];
        for note in part.notes.iter().filter(|note| note.key == key) {
            let from = (note.start.0 * 4.0).round() as usize % steps;
            let to = ((note.start.0 + note.duration.0) * 4.0).round() as usize;
            let is_held = part.kind != PartKind::Drums;
            (from + 1..to.min(steps)).filter(|_| is_held).for_each(|step| row[step] = '-');
            row[from] = char::from(b'0' + (note.velocity / 13).min(9));
        }
        let bar_steps = (bar_beats * 4.0) as usize;
        let bars: Vec<String> = row.chunks(bar_steps.max(1)).map(|bar| bar.iter().collect()).collect();
        println!("{key:3} |{}|", bars.join("|"));
    }
}
