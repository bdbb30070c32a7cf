//! A host without a window, for `cargo xtask play --headless` and `cargo xtask bench`.
//!
//! `headless-host accompany CLAP STYLE KEYS.mid OUT.mid` lets the live band play to keys, for the host tests.
//! `headless-host play CLAP OUT` plays a session and writes it down; `headless-host measure instance CLAP` says what an
//! idle instance costs, `headless-host measure styles CLAP` how fast the band is; `headless-host deadlines CLAP SECONDS`
//! counts what the audio thread of eight decks misses while the models of the data folder run.
use anyhow::{Context, Result, bail};
use continuo_tests::host::{Blocks, Playhead, Plugin, Recording, Roll, Song};
use continuo_tests::{accompany, measure, session, wav};
use std::path::{Path, PathBuf};
use std::time::Instant;
use take::{PartKind, StemKind, Take};

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
        [command, what, clap] if *command == Path::new("measure") => measure(what, clap),
        [command, clap] if *command == Path::new("params") => params(clap),
        [command, clap, seconds] if *command == Path::new("deadlines") => {
            deadlines(clap, seconds.to_string_lossy().parse().context("the seconds are no number")?)
        }
        [command, clap, style, keys, out] if *command == Path::new("accompany") => {
            accompany::accompany(clap, &style.to_string_lossy(), keys, out)
        }
        _ => bail!(
            "use: headless-host play CLAP OUT, params CLAP, measure instance|styles CLAP, deadlines CLAP SECONDS, or accompany CLAP STYLE KEYS.mid OUT.mid"
        ),
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

/// One name a line, for hosts that know parameters by their place only.
fn params(clap: &Path) -> Result<()> {
    Plugin::load_from(clap)?.params().iter().for_each(|param| println!("{}", param.name));
    Ok(())
}

/// What the audio thread of eight decks does while models run.
fn deadlines(clap: &Path, seconds: f64) -> Result<()> {
    #[cfg(target_os = "linux")]
    return continuo_tests::deadlines::measure(clap, seconds);
    #[cfg(not(target_os = "linux"))]
    bail!("`deadlines` runs on Linux only ({}, {seconds} s)", clap.display());
}

/// One line of JSON.
fn measure(what: &Path, clap: &Path) -> Result<()> {
    let told = match what.to_str() {
        Some("instance") => measure::instances(clap)?,
        Some("styles") => measure::styles()?,
        _ => bail!("`measure` knows instance and styles"),
    };
    println!("{told}");
    Ok(())
}
