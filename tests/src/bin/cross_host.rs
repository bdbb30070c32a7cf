//! The same small session on every system, for `cargo xtask cross --wine`.
//!
//! `cross-host play clap|vst3 BUNDLE OUT` presses Generate, waits for the built-in band's take, plays four rolling bars,
//! saves the state, opens it in a second instance and plays again: `OUT` gets `played.wav`, `recalled.wav`, the exported
//! take, and `project.bin`. `cross-host recall clap|vst3 BUNDLE PROJECT OUT` opens a project that another system saved.
//! `cross-host compare A B` compares every WAV and MIDI file of two folders.
use anyhow::{Context, Result, bail, ensure};
use continuo_tests::host::{Plugin, Roll, Song};
use continuo_tests::vst3::{Place, Vst3};
use continuo_tests::{session, wav};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use take::TakeId;

const RATE_HZ: u32 = 48_000;
const BLOCK_FRAMES: usize = 512;
const BPM: f64 = 124.0;
const BARS: usize = 4;
/// A debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);
/// The studio's thread carries a take to the engine within a few of its ticks.
const SETTLE: Duration = Duration::from_millis(300);
/// The largest difference between two samples that still counts as the same sound: -100 dB below full scale.
const TOLERANCE: f32 = 1e-5;

type Stereo = [Vec<f32>; 2];

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["play", format, bundle, out] => play(format, Path::new(bundle), Path::new(out)),
        ["recall", format, bundle, project, out] => {
            recall(format, Path::new(bundle), Path::new(project), Path::new(out))
        }
        ["compare", one, other] => compare(Path::new(one), Path::new(other)),
        _ => bail!("use: cross-host play clap|vst3 BUNDLE OUT, recall clap|vst3 BUNDLE PROJECT OUT, or compare A B"),
    }
}

fn play(format: &str, bundle: &Path, out: &Path) -> Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let mut plugin = Instance::load(format, bundle)?;
    plugin.choose("Style", "Techno minimal")?;
    let started = Instant::now();
    let id = plugin.generate()?;
    let took_ms = started.elapsed().as_millis();
    library::export_take(&session::load_take(id)?, &out.join("take"))?;
    let played = plugin.bars()?;
    let state = plugin.state()?;
    std::fs::write(out.join("project.bin"), &state)?;
    drop(plugin);

    let (recalled, deck) = opened(format, bundle, &state)?;
    ensure!(deck == session::deck_state(&state, 1)?, "another take is on the deck: {deck:?}");
    for (name, sound) in [("played", &played), ("recalled", &recalled)] {
        wav::write(&out.join(name).with_extension("wav"), [&sound[0], &sound[1]], RATE_HZ)?;
    }
    let peak = peak(&played);
    println!(
        "{format}: a take after {took_ms} ms, {BARS} bars with peak {peak:.3}, the same bits from a saved project"
    );
    ensure!(peak > 1e-3 && peak <= 1.0, "peak {peak}");
    ensure!(played == recalled, "the saved project sounds different: by {:.2e}", apart(&played, &recalled));
    Ok(())
}

/// Opens a project and plays it; the library it was saved with is this process's own.
fn recall(format: &str, bundle: &Path, project: &Path, out: &Path) -> Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let state = std::fs::read(project).with_context(|| format!("no project {}", project.display()))?;
    let (sound, deck) = opened(format, bundle, &state)?;
    ensure!(deck == session::deck_state(&state, 1)?, "another take is on the deck: {deck:?}");
    ensure!(peak(&sound) > 1e-3, "the project is silent");
    wav::write(&out.join("opened.wav"), [&sound[0], &sound[1]], RATE_HZ)
}

/// The sound of a project in a fresh instance, and what lies on its first deck then.
fn opened(format: &str, bundle: &Path, state: &[u8]) -> Result<(Stereo, session::DeckState)> {
    let mut plugin = Instance::load(format, bundle)?;
    plugin.load_state(state)?;
    let started = Instant::now();
    while peak(&plugin.roll(true, BLOCK_FRAMES * 20, &[])?) < 0.01 {
        ensure!(started.elapsed() < PATIENCE, "the project stays silent");
        plugin.settle()?;
    }
    let sound = plugin.bars()?;
    Ok((sound, session::deck_state(&plugin.state()?, 1)?))
}

/// An active instance, whichever the format.
enum Instance {
    Clap(Box<Plugin>),
    Vst3(Box<Vst3>),
}

impl Instance {
    fn load(format: &str, bundle: &Path) -> Result<Self> {
        match format {
            "clap" => {
                let mut plugin = Plugin::load_from(bundle)?;
                plugin.activate(RATE_HZ, BLOCK_FRAMES)?;
                Ok(Self::Clap(Box::new(plugin)))
            }
            "vst3" => Ok(Self::Vst3(Box::new(Vst3::load(bundle, RATE_HZ, BLOCK_FRAMES)?))),
            _ => bail!("the formats are clap and vst3"),
        }
    }

    /// Sets a parameter by what it prints.
    fn choose(&mut self, name: &str, text: &str) -> Result<()> {
        match self {
            Self::Clap(plugin) => plugin.set_text(name, text),
            Self::Vst3(plugin) => {
                let value = plugin.parse(name, text)?;
                self.roll(false, BLOCK_FRAMES, &[(name, value)]).map(drop)
            }
        }
    }

    /// Presses Generate on the first deck and waits until its take lies there and in the library.
    fn generate(&mut self) -> Result<TakeId> {
        let button = session::deck_param(1, "Generate");
        for value in [1.0, 0.0] {
            self.roll(false, BLOCK_FRAMES, &[(&button, value)])?;
        }
        let library = library::Library::new(session::data_dir()?);
        let started = Instant::now();
        loop {
            self.roll(false, BLOCK_FRAMES, &[])?;
            if let Some(current) = session::deck_state(&self.state()?, 1)?.current {
                let id = TakeId::try_from(current).map_err(anyhow::Error::msg)?;
                if library.contains(id) {
                    return Ok(id);
                }
            }
            ensure!(started.elapsed() < PATIENCE, "no take within {} s", PATIENCE.as_secs());
            // The worker is another thread of a black box: a host can only come back and look.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Four bars from the first beat, rolling, after the host has idled.
    fn bars(&mut self) -> Result<Stereo> {
        self.settle()?;
        self.roll(true, (BARS as f64 * 4.0 * 60.0 / BPM * f64::from(RATE_HZ)).round() as usize, &[])
    }

    /// Idles, in about real time.
    fn settle(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < SETTLE {
            self.roll(false, BLOCK_FRAMES, &[])?;
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// The main bus from the first beat on; `changes` (parameter, value; of buttons only, or normalised) come first.
    fn roll(&mut self, is_playing: bool, num_frames: usize, changes: &[(&str, f64)]) -> Result<Stereo> {
        match self {
            Self::Clap(plugin) => {
                let song = Song::at(BPM);
                let mut roll = Roll { is_playing, ..Roll::new(&song, num_frames) };
                roll = changes.iter().fold(roll, |roll, (name, value)| roll.with_move(0, name, *value));
                Ok(roll.play(plugin)?.main().map(<[f32]>::to_vec))
            }
            Self::Vst3(plugin) => {
                let beats_per_frame = BPM / 60.0 / f64::from(RATE_HZ);
                let changes: Vec<(u32, f64)> =
                    changes.iter().map(|(name, value)| Ok((plugin.param(name)?, *value))).collect::<Result<_>>()?;
                let mut recorded = Stereo::default();
                for start in (0..num_frames).step_by(BLOCK_FRAMES) {
                    let beats = if is_playing { start as f64 * beats_per_frame } else { 0.0 };
                    let now: &[_] = if start == 0 { &changes } else { &[] };
                    let place = Place { beats, bpm: BPM, is_playing };
                    let block = plugin.process(BLOCK_FRAMES.min(num_frames - start), place, now)?;
                    recorded.iter_mut().zip(block).for_each(|(all, new)| all.extend_from_slice(new));
                }
                Ok(recorded)
            }
        }
    }

    /// As a CLAP writes it: the length first, 64 bits little-endian.
    fn state(&mut self) -> Result<Vec<u8>> {
        match self {
            Self::Clap(plugin) => plugin.save_state(),
            Self::Vst3(plugin) => {
                let text = plugin.save_state()?;
                Ok([&(text.len() as u64).to_le_bytes(), text.as_slice()].concat())
            }
        }
    }

    fn load_state(&mut self, state: &[u8]) -> Result<()> {
        match self {
            Self::Clap(plugin) => plugin.load_state(state),
            Self::Vst3(plugin) => plugin.load_state(state.get(8..).context("the project is too short")?),
        }
    }
}

fn peak(sound: &Stereo) -> f32 {
    sound.iter().flatten().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// The largest difference between two samples.
fn apart(one: &Stereo, other: &Stereo) -> f32 {
    let pairs = one.iter().flatten().zip(other.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Every file of `one` against the file of the same name in `other`.
fn compare(one: &Path, other: &Path) -> Result<()> {
    let mut names = Vec::new();
    files(one, Path::new(""), &mut names)?;
    let mut others = Vec::new();
    files(other, Path::new(""), &mut others)?;
    ensure!(!names.is_empty() && names == others, "not the same files: {names:?} and {others:?}");
    let (mut num_equal, mut worst) = (0, 0.0_f32);
    for name in &names {
        let (a, b) = (one.join(name), other.join(name));
        if std::fs::read(&a)? == std::fs::read(&b)? {
            num_equal += 1;
            continue;
        }
        ensure!(name.extension().is_some_and(|extension| extension == "wav"), "{} differs", name.display());
        let difference = difference(&a, &b)?;
        println!("  {} differs by up to {difference:.2e}", name.display());
        worst = worst.max(difference);
    }
    println!("{num_equal} of {} files are equal to the bit; largest difference {worst:.2e}", names.len());
    ensure!(worst <= TOLERANCE, "more than {TOLERANCE:.0e}");
    Ok(())
}

/// WAV and MIDI files under `root`, sorted, relative to it.
fn files(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(root.join(folder)).with_context(|| format!("no folder {}", root.display()))?;
    for entry in entries.flatten() {
        let name = folder.join(entry.file_name());
        if entry.path().is_dir() {
            files(root, &name, found)?;
        } else if name.extension().is_some_and(|extension| extension == "wav" || extension == "mid") {
            found.push(name);
        }
    }
    found.sort();
    Ok(())
}

/// The largest difference between two samples, full scale 1.0.
fn difference(one: &Path, other: &Path) -> Result<f32> {
    let (one, other) = (samples(one)?, samples(other)?);
    ensure!(one.len() == other.len(), "{} and {} samples", one.len(), other.len());
    Ok(one.iter().zip(&other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max))
}

fn samples(path: &Path) -> Result<Vec<f32>> {
    let mut reader = hound::WavReader::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let spec = reader.spec();
    if spec.sample_format == hound::SampleFormat::Float {
        return Ok(reader.samples::<f32>().collect::<Result<_, _>>()?);
    }
    let scale = 1.0 / (1_i64 << (spec.bits_per_sample - 1)) as f32;
    Ok(reader.samples::<i32>().map(|sample| sample.map(|value| value as f32 * scale)).collect::<Result<_, _>>()?)
}
