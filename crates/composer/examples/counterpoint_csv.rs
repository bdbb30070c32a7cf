//! Writes counterpoint as CSV for judges elsewhere: `counterpoint_csv [LINES]`, that many lines of each species and side.
use composer::counterpoint::{Cantus, Side, Species, counterpoint};
use take::{Note, PitchClass, Scale};
use theory::Key;

const SCALES: [Scale; 5] = [Scale::Major, Scale::Minor, Scale::Dorian, Scale::Mixolydian, Scale::Phrygian];

fn main() {
    let num_lines: u64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(10);
    println!("piece,species,side,voice,start_beats,duration_beats,key,name");
    for (index, species) in Species::ALL.into_iter().enumerate() {
        for side in [Side::Above, Side::Below] {
            for seed in 0..num_lines {
                let key = Key::new(PitchClass::new(seed as i32), SCALES[seed as usize % SCALES.len()]);
                let cantus = Cantus::by_chance(key, 55, 8 + seed as usize % 6, seed);
                let Ok(line) = counterpoint(&cantus, species, side, seed) else { continue };
                let piece = format!("{}-{side:?}-{seed},{},{side:?}", index + 1, index + 1);
                print(&piece, "cantus", &key, &cantus.notes());
                print(&piece, "line", &key, &line);
            }
        }
    }
}

fn print(piece: &str, voice: &str, key: &Key, notes: &[Note]) {
    for note in notes {
        let name = key.name_of(PitchClass::new(i32::from(note.key)));
        println!("{piece},{voice},{},{},{},{name}", note.start.0, note.duration.0, note.key);
    }
}
