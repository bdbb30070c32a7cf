//! Writes the notes of every built-in style as CSV for analysis elsewhere: `notes_csv [SEEDS] > notes.csv`.
use std::io::Write;
use take::{StyleId, TakeSpec};

fn main() -> std::io::Result<()> {
    let num_seeds: u64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(5);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "style,seed,tonic,scale,tempo,part,start_beats,duration_beats,key,velocity")?;
    for (id, _) in take::BUILT_IN_STYLES {
        let path = format!("{}/../../assets/styles/{id}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path)?;
        let style = composer::Style::parse(id, &path, &text).unwrap_or_else(|error| panic!("{error}"));
        for seed in 0..num_seeds {
            let spec = TakeSpec::new(StyleId::from(id), style.tempo, seed);
            let composition = composer::compose(&spec, &style, &take::Hints::default());
            let head = format!("{id},{seed},{},{:?},{}", composition.key.get(), composition.scale, spec.tempo.get());
            for part in &composition.parts {
                for note in &part.notes {
                    let (start, length) = (note.start.0, note.duration.0);
                    writeln!(out, "{head},{},{start},{length},{},{}", part.kind.name(), note.key, note.velocity)?;
                }
            }
            for chord in &composition.chords {
                let (start, length) = (chord.start.0, chord.duration.0);
                let mask = theory::Chord::parse(&chord.symbol).map_or(0, |chord| chord.mask());
                writeln!(out, "{head},chord,{start},{length},{mask},0")?;
            }
        }
    }
    out.flush()
}
