//! How much of real time the engine needs, and how bad its worst block is.
//!
//! `cargo run --release -p engine --example bench_engine [seconds]`. Eight decks, five stems each, 48 kHz, blocks of 64
//! frames; the time the thread worked on a block against the length of the block (1.33 ms).
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "a bench runs off the audio thread: it takes the time and prints it"
)]

use engine::{
    DeckIndex, EngineConfig, EngineHandle, EngineParams, HostBlock, NUM_DECKS, NUM_STEMS, Outputs, Playable, SwapAt,
    ToEngine, prepare,
};
use std::sync::Arc;
use std::time::Duration;
use take::{AudioClip, Beats, Bpm, Rendition, SampleRate, StemKind, TakeId};

const BLOCK: usize = 64;

/// Time this thread has worked, where the system tells: what other programs take from it does not count.
fn worked() -> Duration {
    #[cfg(target_os = "linux")]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
    #[cfg(not(target_os = "linux"))]
    {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }
}

/// Eight bars of material with attacks, tones and noise, another one for every deck.
fn material(index: usize) -> Arc<Rendition> {
    let mut take = Rendition {
        take: TakeId([index as u8; 32]),
        tempo: Bpm::DEFAULT,
        rate: SampleRate::DEFAULT,
        loop_beats: Beats(32.0),
        bar_beats: Beats(4.0),
        stems: Default::default(),
    };
    let num_frames = take.num_frames();
    let mut noise = 1u32 + index as u32;
    for stem in StemKind::ALL {
        // Attacks per beat: drums 4, bass 2, the others 1.
        let period = [6_000, 12_000, 24_000, 24_000, 48_000][stem as usize];
        let hz = [180.0, 55.0, 220.0, 440.0, 330.0][stem as usize] * (1.0 + 0.1 * index as f64);
        let mut channel = || -> Box<[f32]> {
            (0..num_frames)
                .map(|frame| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let decay = (-((frame % period) as f64) / 4_000.0).exp();
                    let tone = (frame as f64 / 48_000.0 * hz * std::f64::consts::TAU).sin();
                    let hiss = f64::from(noise >> 8) / 8_388_608.0 - 1.0;
                    (0.02 * decay * (tone + 0.3 * hiss)) as f32
                })
                .collect()
        };
        take.stems[stem as usize] = Some(AudioClip { left: channel(), right: channel() });
    }
    Arc::new(take)
}

struct Case {
    name: &'static str,
    target: f64,
    tempo: f64,
    has_stem_buses: bool,
    dials: fn(&mut EngineParams),
    /// All decks swap in one block once a second.
    has_swaps: bool,
}

fn run(case: &Case, takes: &[Playable], seconds: f64) {
    let (mut engine, mut handle) = prepare(EngineConfig { rate: SampleRate::DEFAULT, max_frames: BLOCK });
    let load = |handle: &mut EngineHandle, turn: usize| {
        for deck in DeckIndex::all() {
            let playable = takes[(deck.get() + turn) % NUM_DECKS].clone();
            handle.send(ToEngine::LoadTake { deck, playable, at: SwapAt::Now }).expect("an empty ring has room");
        }
    };
    load(&mut handle, 0);
    let mut params = EngineParams::default();
    (case.dials)(&mut params);
    let mut buffers = vec![[vec![0.0f32; BLOCK], vec![0.0f32; BLOCK]]; NUM_STEMS + 2];
    let frames_per_beat = 60.0 * 48_000.0 / case.tempo;
    let num_blocks = (seconds * 48_000.0 / BLOCK as f64) as usize;
    let mut times = Vec::with_capacity(num_blocks);
    let mut loudest = 0.0f32;
    for block in 0..num_blocks + 100 {
        if case.has_swaps && block % 750 == 100 {
            load(&mut handle, block / 750 + 1);
        }
        let host = HostBlock {
            num_frames: BLOCK,
            is_playing: block > 0,
            tempo: Some(case.tempo),
            pos_beats: Some((block.saturating_sub(1) * BLOCK) as f64 / frames_per_beat),
            meter: Some((4, 4)),
            ..HostBlock::default()
        };
        let mut pairs = buffers.iter_mut().map(|[left, right]| [&mut left[..], &mut right[..]]);
        let mut next = || pairs.next().expect("seven buses");
        let (main, cue) = (next(), next());
        let mut out = Outputs { main, stems: [(); NUM_STEMS].map(|()| Some(next())), cue: Some(cue) };
        if !case.has_stem_buses {
            out.stems = [const { None }; NUM_STEMS];
        }
        let start = worked();
        engine.process(&host, &params, &mut out);
        let took = worked() - start;
        loudest = out.main[0].iter().fold(loudest, |loudest, x| loudest.max(x.abs()));
        // The first blocks fetch the material into the caches.
        if block >= 100 {
            times.push(took);
        }
        while handle.receive().is_some() {}
        handle.latest_snapshot();
    }
    assert!(loudest > 0.01, "nothing was heard");
    report(case, times);
}

fn report(case: &Case, mut times: Vec<Duration>) {
    let length = BLOCK as f64 / 48_000.0;
    let share = times.iter().sum::<Duration>().as_secs_f64() / (times.len() as f64 * length);
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() / length;
    println!(
        "{:<44} {:>7.2} % {:>6.0} % {:>9.1} % {:>9.1} % {:>9.1} %",
        case.name,
        100.0 * share,
        100.0 * case.target,
        100.0 * at(0.5),
        100.0 * at(0.9999),
        100.0 * at(1.0),
    );
}

fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(30.0);
    let takes: Vec<_> = (0..NUM_DECKS).map(material).map(Playable::listen).collect();
    println!("8 decks x 5 stems, 48 kHz, blocks of {BLOCK}, {seconds} s each; shares of real time");
    println!("{:<44} {:>9} {:>8} {:>11} {:>11} {:>11}", "", "mean", "target", "median", "99.99 %", "worst");
    let plain: fn(&mut EngineParams) = |_| {};
    let pitched: fn(&mut EngineParams) = |params| params.decks.iter_mut().for_each(|deck| deck.pitch_semitones = 2.5);
    let busy: fn(&mut EngineParams) = |params| {
        for deck in &mut params.decks {
            (deck.filter, deck.reverb_send, deck.delay_send, deck.pan) = (-0.4, 0.4, 0.4, 0.2);
        }
    };
    let case = |name, target, tempo, has_stem_buses, dials| Case {
        name,
        target,
        tempo,
        has_stem_buses,
        dials,
        has_swaps: false,
    };
    for case in [
        case("take's tempo, main only", 0.01, 120.0, false, plain),
        case("take's tempo, stem buses", 0.01, 120.0, true, plain),
        Case { has_swaps: true, ..case("take's tempo, all decks swap every second", 0.02, 120.0, false, plain) },
        case("filters and sends, main only", 0.15, 120.0, false, busy),
        case("filters and sends, stem buses", 0.15, 120.0, true, busy),
        case("stretching 120 -> 131, main only", 0.15, 131.0, false, plain),
        case("stretching 120 -> 131, stem buses", 0.15, 131.0, true, plain),
        case("stretching 120 -> 90, stem buses", 0.15, 90.0, true, plain),
        case("pitch +2.5 st, main only", 0.15, 120.0, false, pitched),
        case("pitch +2.5 st at 131, stem buses", 0.15, 131.0, true, pitched),
    ] {
        run(&case, &takes, seconds);
    }
}
