//! What the stretcher promises.
use super::*;

const RATE: f64 = 48_000.0;
const NO_ONSETS: [Vec<f64>; MAX_STEMS] = [const { Vec::new() }; MAX_STEMS];

/// A tone, and clicks (short noise bursts) every 6 000 frames, in a loop of 48 000.
fn tone() -> Vec<f32> {
    (0..48_000).map(|n| (0.5 * libm::sin(std::f64::consts::TAU * 220.0 * f64::from(n) / RATE)) as f32).collect()
}

fn clicks() -> Vec<f32> {
    let mut seed = 9u32;
    let noise = |seed: &mut u32| {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..48_000u32)
        .map(|n| {
            let since = n.wrapping_sub(1_000) % 6_000;
            noise(&mut seed) * libm::expf(-(since as f32) / 400.0) * if n < 1_000 { 0.0 } else { 0.8 }
        })
        .collect()
}

struct Loop {
    audio: Vec<Vec<f32>>,
    map: StretchMap,
}

impl Loop {
    fn new(audio: Vec<Vec<f32>>, loop_frames: f64, grouping: Grouping) -> Self {
        let map = StretchMap::analyse(&stems(&audio), loop_frames, RATE, grouping, &NO_ONSETS);
        Self { audio, map }
    }

    fn source(&self) -> StretchSource<'_> {
        StretchSource { stems: stems(&self.audio), map: &self.map }
    }

    /// `num_frames` of all stems' left channels, cut into blocks of the given sizes in turn.
    fn play(&self, stretcher: &mut Stretcher, line: Motion, num_frames: usize, sizes: &[usize]) -> Vec<Vec<f32>> {
        let mut out = vec![vec![0.0f32; num_frames]; self.audio.len()];
        let (mut start, mut turn) = (0, 0);
        while start < num_frames {
            let end = (start + sizes[turn % sizes.len()]).min(num_frames);
            let motion = Motion { position: line.position + line.speed * start as f64, ..line };
            let mut right = vec![vec![0.0f32; end - start]; out.len()];
            let mut buffers: StretchOut<'_> = [const { None }; MAX_STEMS];
            for ((slot, left), right) in buffers.iter_mut().zip(&mut out).zip(&mut right) {
                *slot = Some([&mut left[start..end], right]);
            }
            stretcher.process(&self.source(), &motion, &mut buffers);
            (start, turn) = (end, turn + 1);
        }
        out
    }

    fn render(&self, line: Motion, num_frames: usize) -> Vec<f32> {
        self.play(&mut Stretcher::new(RATE as f32), line, num_frames, &[64]).swap_remove(0)
    }
}

fn stems(audio: &[Vec<f32>]) -> [Option<[&[f32]; 2]>; MAX_STEMS] {
    std::array::from_fn(|stem| audio.get(stem).map(|x| [x.as_slice(), x.as_slice()]))
}

fn motion(speed: f64, pitch_ratio: f64) -> Motion {
    Motion { position: 0.0, speed, pitch_ratio, rate_ratio: 1.0 }
}

/// First frames over a quarter of full scale after silence.
fn attacks(audio: &[f32]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut quiet = 701;
    for (frame, x) in audio.iter().enumerate() {
        if x.abs() > 0.2 {
            if quiet > 700 {
                found.push(frame);
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    found
}

fn largest_step(audio: &[f32]) -> f32 {
    audio.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

/// Frequency by counting upward zero crossings, interpolated.
fn pitch_hz(audio: &[f32]) -> f64 {
    let crossings: Vec<f64> = audio
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0)
        .map(|(n, pair)| n as f64 + f64::from(pair[0] / (pair[0] - pair[1])))
        .collect();
    let (first, last) = (crossings[0], crossings[crossings.len() - 1]);
    (crossings.len() - 1) as f64 / (last - first) * RATE
}

#[test]
fn at_its_own_tempo_it_is_the_source_bit_for_bit() {
    let material = Loop::new(vec![clicks()], 48_000.0, Grouping::Apart);
    let out = material.render(Motion { position: 123.0, ..motion(1.0, 1.0) }, 96_000);
    let expected: Vec<f32> = material.audio[0].iter().cycle().skip(123).take(96_000).copied().collect();
    assert!(out == expected);
}

#[test]
fn the_cut_into_blocks_does_not_change_a_bit() {
    for grouping in [Grouping::Apart, Grouping::Together] {
        let material = Loop::new(vec![clicks(), tone()], 47_999.3, grouping);
        for (speed, pitch) in [(0.75, 1.0), (1.25, 1.0), (1.5, 0.75), (0.5, 2.0)] {
            let line = Motion { position: 777.25, ..motion(speed, pitch) };
            let whole = material.play(&mut Stretcher::new(RATE as f32), line, 60_000, &[60_000]);
            let cut = material.play(&mut Stretcher::new(RATE as f32), line, 60_000, &[1, 17, 64, 441, 8_192]);
            assert!(whole == cut, "{grouping:?} {speed} {pitch}");
        }
    }
}

#[test]
fn attacks_land_where_the_position_says() {
    let material = Loop::new(vec![clicks()], 48_000.0, Grouping::Apart);
    let source_attacks = attacks(&material.audio[0]);
    assert_eq!(source_attacks.len(), 8);
    for pitch in [1.0, 2.0, 0.5, 1.189] {
        for speed in [0.5, 0.8, 0.9, 1.1, 1.25, 2.0] {
            let found = attacks(&material.render(motion(speed, pitch), (48_000.0 / speed) as usize - 10));
            assert_eq!(found.len(), source_attacks.len(), "speed {speed} pitch {pitch}");
            for (got, source) in found.iter().zip(&source_attacks) {
                let off_ms = (*got as f64 - *source as f64 / speed) / 48.0;
                assert!(off_ms.abs() < 2.0, "speed {speed} pitch {pitch}: {off_ms} ms at {source}");
            }
        }
    }
}

#[test]
fn a_tone_keeps_its_pitch_its_level_and_its_smoothness() {
    let material = Loop::new(vec![tone()], 48_000.0, Grouping::Apart);
    for pitch in [1.0, 2.0, 0.5, 1.189] {
        for speed in [0.5, 0.8, 1.25, 2.0] {
            let out = material.render(motion(speed, pitch), 48_000);
            let cents = 1200.0 * (pitch_hz(&out) / (220.0 * pitch)).log2();
            assert!(cents.abs() < 3.0, "speed {speed} pitch {pitch}: {cents} cents");
            let rms = (out.iter().map(|x| x * x).sum::<f32>() / 48_000.0).sqrt();
            assert!((rms - 0.353_55).abs() < 0.01, "speed {speed} pitch {pitch}: level {rms}");
            let own_step = 0.5 * std::f32::consts::TAU * 220.0 * pitch as f32 / 48_000.0;
            assert!(largest_step(&out) < 1.3 * own_step, "speed {speed} pitch {pitch}: {}", largest_step(&out));
        }
    }
}

#[test]
fn stems_of_one_group_sum_to_the_stretched_mix() {
    let (a, b) = (clicks(), tone());
    let mix: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
    let apart = Loop::new(vec![a, b], 48_000.0, Grouping::Together);
    let whole = Loop::new(vec![mix], 48_000.0, Grouping::Together);
    for (speed, pitch) in [(0.8, 1.0), (1.3, 1.122)] {
        let stems = apart.play(&mut Stretcher::new(RATE as f32), motion(speed, pitch), 48_000, &[64]);
        let mix = whole.render(motion(speed, pitch), 48_000);
        let worst =
            stems[0].iter().zip(&stems[1]).zip(&mix).map(|((a, b), mix)| (a + b - mix).abs()).fold(0.0, f32::max);
        assert!(worst < 1.0e-5, "{speed} {pitch}: off by {worst}");
    }
}

#[test]
fn jumps_make_no_click() {
    let material = Loop::new(vec![tone()], 48_000.0, Grouping::Apart);
    let mut stretcher = Stretcher::new(RATE as f32);
    let mut out = Vec::new();
    for turn in 0..1_000u32 {
        let position = f64::from(turn.wrapping_mul(2_654_435_761) % 48_000);
        let line = Motion { position, ..motion(0.7 + 0.001 * f64::from(turn), 1.0) };
        out.extend(material.play(&mut stretcher, line, 100 + (turn as usize * 37) % 900, &[64]).swap_remove(0));
    }
    // The tone itself steps by 0.0144; two that fade into each other over 5 ms by little more.
    assert!(largest_step(&out) < 0.022, "{}", largest_step(&out));
}

#[test]
fn it_finds_the_way_back_to_the_exact_source() {
    let material = Loop::new(vec![tone(), clicks()], 48_000.0, Grouping::Apart);
    let mut stretcher = Stretcher::new(RATE as f32);
    material.play(&mut stretcher, motion(0.83, 1.0), 20_000, &[64]);
    assert!(!stretcher.is_exact(&material.source()));
    let back = Motion { position: 16_600.0, ..motion(1.0, 1.0) };
    material.play(&mut stretcher, back, 9_600, &[64]);
    assert!(stretcher.is_exact(&material.source()));
    let line = Motion { position: 26_200.0, ..back };
    let out = material.play(&mut stretcher, line, 1_000, &[64]);
    assert!(out[0] == material.audio[0][26_200..27_200] && out[1] == material.audio[1][26_200..27_200]);
}

#[test]
fn a_rerendered_loop_has_no_seam() {
    let material = Loop::new(vec![tone(), clicks()], 48_000.0, Grouping::Apart);
    for speed in [0.8, 1.25] {
        let num_frames = (48_000.0 / speed) as usize;
        let stems = render_loop(&material.source(), &motion(speed, 1.0), RATE as f32, num_frames);
        let [left, _] = stems[0].as_ref().unwrap();
        assert_eq!((left.len(), stems[2].is_none()), (num_frames, true));
        let round: Vec<f32> = left.iter().chain(left).copied().collect();
        assert!(largest_step(&round) < 0.0216, "{speed}: {}", largest_step(&round));
        assert_eq!(attacks(&stems[1].as_ref().unwrap()[0]).len(), 8);
    }
}

#[test]
fn nonsense_is_survived() {
    let mut broken = tone();
    broken[100] = f32::NAN;
    broken[200] = f32::INFINITY;
    let material = Loop::new(vec![broken, vec![0.0; 48_000]], 48_000.0, Grouping::Apart);
    let mut stretcher = Stretcher::new(f32::NAN);
    for speed in [0.0, 0.25, 4.0, f64::NAN, f64::INFINITY, -3.0] {
        for pitch in [0.25, 4.0, f64::NAN, 0.0, -1.0, f64::INFINITY] {
            for position in [0.0, -1.0e12, 1.0e15, f64::NAN, 47_999.999] {
                let mut left = [7.0f32; 777];
                let mut right = [7.0f32; 777];
                let mut out: StretchOut<'_> = [const { None }; MAX_STEMS];
                out[0] = Some([&mut left, &mut right]);
                let line = Motion { position, speed, pitch_ratio: pitch, rate_ratio: 1.0 };
                stretcher.process(&material.source(), &line, &mut out);
                assert!(left.iter().chain(&right).all(|x| x.is_finite() && x.abs() < 4.0));
            }
        }
    }
    let empty = Loop::new(vec![Vec::new()], 0.0, Grouping::Apart);
    assert!(empty.render(motion(0.8, 1.0), 100).iter().all(|x| *x == 0.0));
    let tiny = Loop::new(vec![vec![0.5; 3]], 2.5, Grouping::Together);
    assert!(tiny.render(motion(0.8, 1.3), 1_000).iter().all(|x| x.is_finite()));
}

#[test]
fn listening_finds_the_attacks() {
    let material = Loop::new(vec![clicks()], 48_000.0, Grouping::Apart);
    let onsets: Vec<f64> = material.map.onsets().flatten().copied().collect();
    assert_eq!(onsets.len(), 8, "{onsets:?}");
    for (index, onset) in onsets.iter().enumerate() {
        let off_ms = (onset - (1_000.0 + 6_000.0 * index as f64)) / 48.0;
        assert!((-0.6..0.1).contains(&off_ms), "{off_ms}");
    }
    assert!(detect_onsets(&tone(), RATE).is_empty());
}
