//! A host without a window, for `cargo xtask play --headless` and `cargo xtask bench`.
//!
//! `headless-host play CLAP OUT` plays a session and writes it down; `headless-host measure CLAP` says what an idle
//! instance costs.
use anyhow::{Context, Result, bail};
use continuo_tests::host::{Blocks, Playhead, Plugin, Recording, Roll, Song};
use continuo_tests::{session, wav};
use jobs::{BandProvider, CancelToken, Progress, Provider};
use std::path::{Path, PathBuf};
use std::time::Instant;
use take::{BUILT_IN_STYLES, PartKind, SampleRate, StemKind, StyleId, Take, TakeSpec};

const RATE_HZ: u32 = 48_000;
const BLOCK_FRAMES: usize = 64;
const BPM: f64 = 126.0;
const BARS: usize = 16;
const STYLE: &str = "Techno minimal";
const KEY: &str = "A";

fn main() -> Result<()> {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match args.iter().map(PathBuf::as_path).collect::<Vec<_>>().as_slice() {
        [command, clap, out] if *command == Path::new("play") => play(clap, out),
        [command, clap] if *command == Path::new("measure") => measure(clap),
        _ => bail!("use: headless-host play CLAP OUT, or headless-host measure CLAP"),
    }
}

/// Two takes on deck 1: the first from bar 1, the second swapped in after bar 8.
fn play(clap: &Path, out: &Path) -> Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let mut plugin = Plugin::load_from(clap)?;
    plugin.activate(RATE_HZ, BLOCK_FRAMES)?;
    plugin.set_text("Style", STYLE)?;
    plugin.set_text("Key", KEY)?;
    let song = Song::at(BPM);
    let half = (BARS as f64 / 2.0 * song.bar_beats() * 60.0 / BPM * f64::from(RATE_HZ)).round() as usize;
    let roll = |num_frames| Roll::new(&song, num_frames).in_blocks(Blocks::Fixed(BLOCK_FRAMES));

    let started = Instant::now();
    let first = session::load_take(session::generate(&mut plugin, &song, 1)?)?;
    let generated_ms = started.elapsed().as_secs_f64() * 1e3;
    let mut head = Playhead::at_beat(&song, 0.0, f64::from(RATE_HZ));
    // The second take is asked for half a bar before the middle and armed by then: it swaps in on the bar line.
    let lead = half / 16;
    let blocks = Blocks::Fixed(BLOCK_FRAMES);
    let mut recording = roll(half - lead).play_from(&mut plugin, &mut head)?;
    let (pressing, second) = session::generate_rolling(&mut plugin, &song, 1, &mut head, blocks)?;
    let second = session::load_take(second)?;
    let pressing_frames = pressing.main()[0].len();
    recording.append(pressing);
    recording.append(roll(half + lead - pressing_frames).play_from(&mut plugin, &mut head)?);

    wav::write(&out.join("session.wav"), recording.main(), RATE_HZ)?;
    for (take, folder) in [(&first, "take-1"), (&second, "take-2")] {
        library::export_take(take, &out.join(folder))?;
    }
    report(&recording, &[first, second], generated_ms, out)
}

fn report(recording: &Recording, takes: &[Take; 2], generated_ms: f64, out: &Path) -> Result<()> {
    let (lufs, peak_db) = wav::loudness(recording.main(), RATE_HZ)?;
    let seconds = recording.main()[0].len() as f64 / f64::from(RATE_HZ);
    let names = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
    println!("Continuo, {BARS} bars at {BPM} BPM in blocks of {BLOCK_FRAMES} frames at {RATE_HZ} Hz");
    for (number, take) in takes.iter().enumerate() {
        let info = &take.info;
        let stems: Vec<_> = StemKind::ALL
            .iter()
            .filter(|stem| take.original.stems[**stem as usize].is_some())
            .map(|stem| stem.name())
            .collect();
        println!("  take {}            {} (seed {})", number + 1, info.name, info.spec.seed);
        println!(
            "    tempo, key      {} BPM, {} {}",
            info.tempo.get(),
            names[usize::from(info.key.get())],
            info.scale.name()
        );
        println!("    stems, loudness {}; {:.1} LUFS", stems.join(" "), info.loudness_lufs);
        let count =
            |kind| take.parts.iter().filter(|part| part.kind == kind).map(|part| part.notes.len()).sum::<usize>();
        let notes: Vec<_> = PartKind::ALL.iter().map(|kind| format!("{} {}", kind.name(), count(*kind))).collect();
        println!("    notes           {}", notes.join(", "));
    }
    println!("  first take ready  {generated_ms:.0} ms after the press");
    println!("  loudness          {lufs:.1} LUFS integrated, true peak {peak_db:.1} dBTP");
    println!("  deadline misses   {} of {} blocks", recording.deadline_misses, recording.blocks.len());
    println!("  worst block       {:.1} % of its own length", recording.worst_block * 100.0);
    println!("  audio thread      {:.2} % of real time", recording.busy.as_secs_f64() / seconds * 100.0);
    println!("  written           {}/session.wav, take-1/, take-2/ (mix, stems, parts, all.mid)", out.display());
    if recording.peak() < 1e-3 {
        bail!("the session is silent");
    }
    Ok(())
}

/// One line of JSON: microseconds to construct, kibibytes an idle instance adds, milliseconds for takes of 8 bars.
fn measure(clap: &Path) -> Result<()> {
    // The first one pays for loading the library; what an instance costs is the rest.
    let first = Plugin::load_from(clap)?;
    let before_kib = resident_kib()?;
    let started = Instant::now();
    let mut one = Plugin::load_from(clap)?;
    let construct_us = started.elapsed().as_micros() as u64;
    one.activate(RATE_HZ, 512)?;
    Roll::new(&Song::at(120.0), 4800).in_blocks(Blocks::Fixed(512)).stopped().play(&mut one)?;
    let idle_instance_kib = resident_kib()?.saturating_sub(before_kib);
    drop((one, first));
    let times_ms = generate_times_ms()?;
    let (worst_ms, worst_style) = times_ms.last().copied().context("there are no styles")?;
    let told = serde_json::json!({
        "construct_us": construct_us,
        "idle_instance_kib": idle_instance_kib,
        "generate_median_ms": times_ms[times_ms.len() / 2].0,
        "generate_worst_ms": worst_ms,
        "generate_worst_style": worst_style,
    });
    println!("{told}");
    Ok(())
}

/// Best of three for 8 bars with all stems in every style, fastest style first. The band works on the calling thread.
fn generate_times_ms() -> Result<Vec<(f64, &'static str)>> {
    let band = BandProvider::new(&std::env::temp_dir().join("continuo-has-no-styles-here"));
    let mut times = Vec::new();
    for (style, _) in BUILT_IN_STYLES {
        let id = StyleId::from(style);
        let mut best_ms = f64::INFINITY;
        for seed in 1..=3 {
            let spec = TakeSpec::new(id.clone(), band.tempo_for("", &id), seed);
            let started = Instant::now();
            band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())?;
            best_ms = best_ms.min(started.elapsed().as_secs_f64() * 1e3);
        }
        times.push((best_ms, style));
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(times)
}

/// Memory of this process that is in RAM, from the kernel's own table.
fn resident_kib() -> Result<u64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("this system has no /proc to read memory from")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS line")?;
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).context("VmRSS is no number")
}
