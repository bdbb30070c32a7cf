//! Prints what separation costs: `cargo run --release -p separate --example bench_separate`.
//! Processor time of this thread, so that other work on the machine does not count; best of several runs.
use separate::{Ends, SeparateError, separate};
use std::f32::consts::TAU;
use std::hint::black_box;
use std::ops::ControlFlow;
use take::{SampleRate, UnitError};

const RUNS: usize = 7;
/// 8 bars of 4/4 at 124 BPM.
const SECONDS: f64 = 15.48;

fn main() -> Result<(), UnitError> {
    for (rate_hz, target_ms) in [(44_100, 500.0), (48_000, 500.0), (96_000, 1000.0)] {
        let rate = SampleRate::new(rate_hz)?;
        let what = format!("8 bars separated at {rate_hz} Hz");
        println!("{what:<44} best {:>8.3} ms  target {target_ms} ms", best(rate));
    }
    Ok(())
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

fn best(rate: SampleRate) -> f64 {
    let hz = rate.get() as f32;
    let mut noise = 1_u32;
    let mut sample = |n: usize| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let fall = (-((n % (rate.get() as usize / 4)) as f32) / 0.02 / hz).exp();
        let tones: f32 =
            [55.0, 220.0, 277.18, 329.63, 880.0].iter().map(|tone| (TAU * tone * n as f32 / hz).sin()).sum();
        0.05 * tones + 0.2 * fall * ((noise >> 8) as f32 / (1 << 23) as f32 - 1.0)
    };
    let mix: Vec<f32> = (0..(SECONDS * f64::from(hz)) as usize).map(&mut sample).collect();
    let run = || -> Result<f64, SeparateError> {
        let begin = now_ms();
        black_box(separate([&mix, &mix], rate, Ends::Closed, &mut |_| ControlFlow::Continue(()))?);
        Ok(now_ms() - begin)
    };
    (0..RUNS).filter_map(|_| run().ok()).fold(f64::INFINITY, f64::min)
}
