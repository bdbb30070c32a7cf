//! How long the list of ten thousand takes takes: `cargo run --release -p library --example bench_index [takes]`.
use library::{Library, LibraryQuery, TakeIndex};
use std::fs;
use std::time::Instant;
use take::*;

const NUM_TAKES: usize = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let num_takes = std::env::args().nth(1).map_or(Ok(NUM_TAKES), |number| number.parse())?;
    let dir = tempfile::tempdir()?;
    let library = Library::new(dir.path());
    library.save(&take())?;
    let saved = fs::read_to_string(library.take_dir(take().id).join("take.json"))?;
    fs::remove_dir_all(library.take_dir(take().id))?;
    for number in 0..num_takes {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let dir = library.take_dir(TakeId(id));
        fs::create_dir_all(&dir)?;
        // The audio is not read for a list, and fills the disk.
        fs::write(dir.join("take.json"), saved.replace("take number", &format!("take number {number}")))?;
    }
    println!("{num_takes} takes, each with a take.json of {} kB", saved.len() / 1000);
    let index = TakeIndex::new(library);
    timed("list all takes", 1000.0, || index.refresh(|| false))?;
    assert_eq!(index.listing().takes.len(), num_takes);
    timed("look whether anything is new", 50.0, || index.refresh(|| false))?;
    let words = |words: &str| LibraryQuery { words: words.to_owned(), ..LibraryQuery::default() };
    for query in [words(""), words("dusty"), words("deep dusty 777"), words("nothing has this")] {
        let name = format!("search `{}`, {} found", query.words, index.listing().find(&query).len());
        timed(&name, 10.0, || Ok::<_, library::LibraryError>(index.listing().find(&query)))?;
    }
    let id = index.listing().takes[0].id;
    timed("put a star on one", 50.0, || index.set_star(id, true))?;
    Ok(())
}

fn timed<T, E>(name: &str, target_ms: f64, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let started = Instant::now();
    let result = work()?;
    println!("{name} best {:.2} ms target {target_ms} ms", started.elapsed().as_secs_f64() * 1000.0);
    Ok(result)
}

/// Eight bars of five parts, a second of one stem.
fn take() -> Take {
    let tempo = Bpm::DEFAULT;
    let spec = TakeSpec {
        prompt: "deep dusty chords, take number".to_owned(),
        ..TakeSpec::new(StyleId::from("deep_house"), tempo, 1)
    };
    let info = TakeInfo {
        name: "Deep house 120 Am".to_owned(),
        spec,
        engine: "band/1".to_owned(),
        key: PitchClass::new(9),
        scale: Scale::Minor,
        tempo,
        meter: Meter::FOUR_FOUR,
        bars: BarCount::DEFAULT,
        chords: Vec::new(),
        loudness_lufs: -16.0,
        true_peak_dbtp: -1.0,
    };
    let note = |at: usize| Note { start: Beats(at as f64 / 8.1), duration: Beats(0.1), key: 60, velocity: 90 };
    let part =
        |kind| Part { kind, name: "Part".to_owned(), program: 1, channel: 0, notes: (0..64).map(note).collect() };
    let parts: Vec<Part> = PartKind::ALL.map(part).into();
    let rate = SampleRate::DEFAULT;
    let mut original = Rendition {
        take: TakeId([0; 32]),
        tempo,
        rate,
        loop_beats: Beats(32.0),
        bar_beats: Beats(4.0),
        stems: Default::default(),
    };
    let silence = vec![0.0; original.num_frames()];
    original.stems[0] = Some(AudioClip { left: silence.clone().into(), right: silence.into() });
    let id = TakeId::of(&info, &parts, &original);
    original.take = id;
    let peaks = Peaks::of(&original);
    Take { id, info, parts, original: std::sync::Arc::new(original), peaks }
}
