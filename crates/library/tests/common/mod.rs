//! A take to save, and disks that fail.
#![allow(dead_code, reason = "every test file uses its own share")]
use library::{Disk, RealDisk};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use take::*;

/// Two bars of 124 BPM at a readable rate: 8 beats, no whole number of frames.
pub fn take() -> Take {
    take_with(|_, _, _| ())
}

/// The same after `edit`, with its id set right.
pub fn take_with(edit: impl FnOnce(&mut TakeInfo, &mut Vec<Part>, &mut Rendition)) -> Take {
    let tempo = Bpm::new(124.0).unwrap();
    let spec = TakeSpec {
        prompt: "deep, \"dusty\" chords\nfür dich".into(),
        bars: BarCount::new(2).unwrap(),
        energy: Amount::new(0.1),
        swing: Some(Amount::new(1.0 / 3.0)),
        ..TakeSpec::new(StyleId::from("deep_house"), tempo, u64::MAX)
    };
    let mut info = TakeInfo {
        name: "Deep house 124 Am".into(),
        spec,
        engine: "band/1".into(),
        key: PitchClass::new(9),
        scale: Scale::Minor,
        tempo,
        meter: Meter::FOUR_FOUR,
        bars: BarCount::new(2).unwrap(),
        chords: vec![
            ChordSpan { start: Beats(0.0), duration: Beats(4.0), symbol: "Am7".into() },
            ChordSpan { start: Beats(4.0), duration: Beats(4.0), symbol: "F".into() },
        ],
        loudness_lufs: -16.012_345_678_9,
        true_peak_dbtp: -1.3,
    };
    let mut parts = vec![drums(), bass()];
    let mut original = Rendition {
        take: TakeId([0; 32]),
        tempo,
        rate: SampleRate::new(401).unwrap(),
        loop_beats: Beats(8.0),
        bar_beats: Beats(4.0),
        stems: Default::default(),
    };
    let num_frames = original.num_frames();
    original.stems[StemKind::Drums as usize] = Some(noise(num_frames, 1));
    original.stems[StemKind::Bass as usize] = Some(noise(num_frames, 2));
    edit(&mut info, &mut parts, &mut original);
    let id = TakeId::of(&info, &parts, &original);
    original.take = id;
    let peaks = Peaks::of(&original);
    Take { id, info, parts, original: Arc::new(original), peaks }
}

/// 24-bit noise at a quarter of full scale.
pub fn noise(num_frames: usize, seed: u32) -> AudioClip {
    let mut state = seed;
    let mut channel = || -> Box<[f32]> {
        (0..num_frames)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                dequantise_24((state as i32) >> 10)
            })
            .collect()
    };
    AudioClip { left: channel(), right: channel() }
}

fn drums() -> Part {
    let notes = (0..16).map(|step| note(f64::from(step) * 0.5, 0.25, if step % 2 == 0 { 36 } else { 42 }));
    Part { kind: PartKind::Drums, name: "Kit".into(), program: 0, channel: 9, notes: notes.collect() }
}

/// Swung, humanised, and ringing over the loop's end.
fn bass() -> Part {
    let notes = vec![
        note(0.0, 0.9, 33),
        note(1.0 / 3.0 * 2.0, 0.3, 45),
        note(0.1 + 0.2, 1e-5, 40),
        note(7.654_321_098_765_432, 3.3, 36),
    ];
    Part { kind: PartKind::Bass, name: "Sub bass".into(), program: 38, channel: 1, notes }
}

pub fn note(start: f64, duration: f64, key: u8) -> Note {
    Note { start: Beats(start), duration: Beats(duration), key, velocity: 101 }
}

/// A disk with room for so many bytes: the write that hits the end leaves what fitted.
#[derive(Debug)]
pub struct FakeFullDisk {
    bytes_left: AtomicUsize,
}

impl FakeFullDisk {
    pub fn with_room_for(num_bytes: usize) -> Self {
        Self { bytes_left: AtomicUsize::new(num_bytes) }
    }
}

impl Disk for FakeFullDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir(dir)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let room = self.bytes_left.load(Ordering::Relaxed);
        let fitting = room.min(bytes.len());
        self.bytes_left.store(room - fitting, Ordering::Relaxed);
        RealDisk.write(file, &bytes[..fitting])?;
        if fitting < bytes.len() { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
}

/// A folder mounted read-only.
#[derive(Debug)]
pub struct FakeReadOnlyDisk;

impl Disk for FakeReadOnlyDisk {
    fn create_dir(&self, _dir: &Path) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn write(&self, _file: &Path, _bytes: &[u8]) -> io::Result<()> {
        Err(ErrorKind::PermissionDenied.into())
    }

    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        Err(ErrorKind::PermissionDenied.into())
    }
}

/// A disk that lets no folder of this name be moved.
#[derive(Debug)]
pub struct FakeStuckFolder(pub &'static str);

impl Disk for FakeStuckFolder {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir(dir)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        RealDisk.write(file, bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let is_stuck = from.file_name().is_some_and(|name| name == self.0);
        if is_stuck { Err(ErrorKind::Other.into()) } else { RealDisk.rename(from, to) }
    }
}

/// A disk whose n-th rename fails, counted from 0.
#[derive(Debug)]
pub struct FakeRenameFailure {
    renames_left: AtomicUsize,
}

impl FakeRenameFailure {
    pub fn at(rename: usize) -> Self {
        Self { renames_left: AtomicUsize::new(rename) }
    }
}

impl Disk for FakeRenameFailure {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir(dir)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        RealDisk.write(file, bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let left = self.renames_left.load(Ordering::Relaxed);
        self.renames_left.store(left.wrapping_sub(1), Ordering::Relaxed);
        if left == 0 { Err(ErrorKind::Other.into()) } else { RealDisk.rename(from, to) }
    }
}

/// Every file under `dir` with its content, sorted; folders with an empty content and a `/` at their end.
pub fn tree(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(dir) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push((path.join(""), Vec::new()));
            found.extend(tree(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}
