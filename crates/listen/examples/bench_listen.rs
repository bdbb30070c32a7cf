//! Prints what listening costs: `cargo run --release -p listen --example bench_listen`.
//! Processor time of this thread, so that other work on the machine does not count; best of several runs.
use listen::{AudioChords, ChordLane, NoteChords, analyse};
use std::f64::consts::TAU;
use std::hint::black_box;
use take::{PitchClass, SampleRate};
use theory::{Chord, Quality};

const RUNS: usize = 9;

fn main() -> Result<(), take::UnitError> {
    for rate_hz in [44_100, 48_000, 96_000, 192_000] {
        let what = format!("one bar of audio (2 s) heard at {rate_hz} Hz");
        print(&what, audio_ms(SampleRate::new(rate_hz)?), 5.0);
    }
    for rate_hz in [48_000, 192_000] {
        let what = format!("everything about 16 s of audio at {rate_hz} Hz");
        print(&what, analysis_ms(SampleRate::new(rate_hz)?), 320.0);
    }
    print("chord of 64 notes played", notes_ms(), 0.5);
    print("forecast of 8 bars from 64", forecast_ms(), 0.5);
    Ok(())
}

fn print(what: &str, ms: f64, target_ms: f64) {
    println!("{what:<44} best {ms:>8.3} ms  target {target_ms} ms");
}

fn now_ms() -> f64 {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 * 1e-6
    }
    // The wall's clock, where the system does not tell.
    #[cfg(not(unix))]
    {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64() * 1e3
    }
}

fn best(mut run: impl FnMut()) -> f64 {
    let timed = (0..RUNS).map(|_| {
        let begin = now_ms();
        run();
        now_ms() - begin
    });
    timed.fold(f64::INFINITY, f64::min)
}

/// Everything for a bar: pushing its two seconds in blocks of 512, and asking once.
fn audio_ms(rate: SampleRate) -> f64 {
    let frames_per_s = f64::from(rate.get());
    let partial = |n: usize, hz: f64| 0.05 * libm::sin(TAU * hz * n as f64 / frames_per_s);
    let notes = [110.0, 220.0, 261.63, 329.63, 392.0];
    let sample =
        |n| notes.iter().map(|hz| partial(n, *hz) + 0.5 * partial(n, 2.0 * hz) + 0.3 * partial(n, 3.0 * hz)).sum();
    let bar: Vec<f32> = (0..2 * rate.get() as usize)
        .map(|n| {
            let value: f64 = sample(n);
            value as f32
        })
        .collect();
    let mut listener = AudioChords::new(rate);
    best(|| {
        let from = listener.num_pushed();
        bar.chunks(512).for_each(|block| listener.push(block, block));
        let heard = listener.heard_between(from, listener.num_pushed());
        assert!(black_box(heard).is_some(), "a chord was not heard");
    })
}

/// 16 s of a chord that is struck twice a second.
fn analysis_ms(rate: SampleRate) -> f64 {
    let frames_per_s = f64::from(rate.get());
    let sample = |n: usize| {
        let since_stroke = n as f64 / frames_per_s % 0.5;
        let tones = [110.0, 261.63, 329.63, 392.0].map(|hz| libm::sin(TAU * hz * n as f64 / frames_per_s));
        (0.1 * tones.iter().sum::<f64>() * libm::exp(-6.0 * since_stroke)) as f32
    };
    let samples: Vec<f32> = (0..16 * rate.get() as usize).map(sample).collect();
    best(|| assert!(black_box(analyse(&samples, &samples, rate)).tempo.is_some(), "no tempo was heard"))
}

fn notes_ms() -> f64 {
    let mut listener = NoteChords::new();
    for step in 0..64u8 {
        let beat = f64::from(step) / 8.0;
        let key = [48, 52, 55, 60, 64, 67, 71, 74][usize::from(step % 8)];
        listener.note_on(beat, key, 80);
        listener.note_off(beat + 0.1, key);
    }
    best(|| assert!(black_box(listener.heard(8.0)).is_some(), "a chord was not heard"))
}

fn forecast_ms() -> f64 {
    let mut lane = ChordLane::new();
    for half in 0..128 {
        lane.hear(2.0 * f64::from(half), Chord::new(PitchClass::new(half * half % 7), Quality::Seven));
    }
    best(|| assert!(!black_box(lane.forecast(256.0, 288.0, 4.0)).is_empty(), "nothing was foretold"))
}
