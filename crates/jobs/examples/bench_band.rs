//! How long the live band takes for its next two bars: `name median X ms worst Y ms target Z ms` per line.
use jobs::{Accompanist, BandSettings, ChordSource, StyleBook};
use std::sync::Arc;
use std::time::{Duration, Instant};
use take::{BUILT_IN_STYLES, LivePlace, SampleRate, StyleId};

const CHORDS: [[u8; 4]; 4] = [[50, 57, 60, 65], [43, 59, 62, 65], [48, 59, 64, 67], [45, 61, 64, 67]];
/// Rounds through the chords; in the first one sounds are rendered that later ones have.
const ROUNDS: usize = 12;

fn main() {
    let styles = Arc::new(StyleBook::built_in());
    let (mut loaded, mut fresh, mut known) = (Vec::new(), Vec::new(), Vec::new());
    for (id, _) in BUILT_IN_STYLES {
        let mut band = Accompanist::new(styles.clone(), SampleRate::DEFAULT);
        let settings = BandSettings { style: StyleId::from(id), source: ChordSource::Midi, ..BandSettings::default() };
        band.set(&settings);
        let started = Instant::now();
        band.placed(&place(0.0), true);
        loaded.push(started.elapsed());
        for bar in 0..ROUNDS * CHORDS.len() {
            let beat = 4.0 * bar as f64;
            // Every round in another order, so that the band cannot foresee the change.
            let keys = CHORDS[(bar + bar / CHORDS.len()) % CHORDS.len()];
            keys.iter().for_each(|key| band.note(beat, *key, 90));
            let started = Instant::now();
            let sections = band.tick(beat + 0.5, &place(beat + 0.41));
            let took = started.elapsed();
            if !sections.is_empty() {
                if bar < 2 * CHORDS.len() { fresh.push(took) } else { known.push(took) }
            }
            keys.iter().for_each(|key| band.note(beat + 3.9, *key, 0));
        }
    }
    print("a style's sounds rendered and balanced", &mut loaded, "-");
    print("next two bars of the band", &mut known, "2");
    print("next two bars, new sounds rendered", &mut fresh, "-");
}

fn place(beat: f64) -> LivePlace {
    LivePlace { beat, is_playing: true, tempo: 120.0, meter: (4, 4), bar_origin: 0.0, cycle: None, heard_frames: 0 }
}

fn print(name: &str, times: &mut [Duration], target: &str) {
    times.sort_unstable();
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let (median, worst) = (ms(times.get(times.len() / 2)), ms(times.last()));
    println!("{name} median {median:.3} ms worst {worst:.3} ms target {target} ms ({} changes)", times.len());
}
