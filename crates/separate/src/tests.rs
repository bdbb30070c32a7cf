use crate::{Ends, NUM_STEMS, SeparateError, separate};
use std::ops::ControlFlow;
use take::{AudioClip, SampleRate};

const RATE_HZ: usize = 48_000;

fn rate() -> SampleRate {
    SampleRate::new(RATE_HZ as u32).unwrap()
}

fn quietly(mix: [&[f32]; 2], ends: Ends) -> [AudioClip; NUM_STEMS] {
    separate(mix, rate(), ends, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn tone(hz: f32, num_frames: usize) -> Vec<f32> {
    (0..num_frames).map(|n| 0.2 * (std::f32::consts::TAU * hz * n as f32 / RATE_HZ as f32).sin()).collect()
}

/// Short bursts of noise, two a second.
fn hits(num_frames: usize) -> Vec<f32> {
    let mut noise = 1_u32;
    let mut value = |n: usize| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let fall = (-((n % (RATE_HZ / 2)) as f32) / 900.0).exp();
        0.5 * fall * (noise >> 8) as f32 / (1 << 23) as f32 - 0.5 * fall
    };
    (0..num_frames).map(&mut value).collect()
}

fn mixed(parts: &[&[f32]]) -> Vec<f32> {
    (0..parts[0].len()).map(|n| parts.iter().map(|part| part[n]).sum()).collect()
}

fn energy(audio: &[f32]) -> f64 {
    audio.iter().map(|value| f64::from(value * value)).sum()
}

/// Of `wanted`, in dB; what else is in `found` counts against it.
fn sdr_db(wanted: &[f32], found: &[f32]) -> f64 {
    let wrong: Vec<f32> = wanted.iter().zip(found).map(|(a, b)| a - b).collect();
    10.0 * libm::log10(energy(wanted) / energy(&wrong))
}

#[test]
fn hits_a_low_tone_and_chords_come_apart() {
    let num_frames = 4 * RATE_HZ;
    let (drums, bass) = (hits(num_frames), tone(60.0, num_frames));
    let chord = mixed(&[&tone(440.0, num_frames), &tone(554.37, num_frames), &tone(659.26, num_frames)]);
    let mix = mixed(&[&drums, &bass, &chord]);
    let stems = quietly([&mix, &mix], Ends::Closed);
    let pitched = mixed(&[&stems[2].left, &stems[3].left]);
    // Against what the mix itself would be worth in a stem's place.
    let won_db = |wanted: &[f32], found: &[f32]| sdr_db(wanted, found) - sdr_db(wanted, &mix);
    let won_db = [won_db(&drums, &stems[0].left), won_db(&bass, &stems[1].left), won_db(&chord, &pitched)];
    assert!(won_db[0] > 6.0 && won_db[1] > 6.0 && won_db[2] > 3.0, "{won_db:?}");
}

#[test]
fn stems_add_up_to_the_mix_at_any_length() {
    for (num_frames, ends) in [(1, Ends::Closed), (700, Ends::Closed), (700, Ends::Silent), (48_001, Ends::Closed)] {
        let mix = mixed(&[&hits(num_frames), &tone(300.0, num_frames)]);
        let stems = quietly([&mix, &mix], ends);
        let sum = mixed(&stems.each_ref().map(|stem| &*stem.left));
        let worst = mix.iter().zip(&sum).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 1e-6, "{num_frames}: {worst}");
    }
}

#[test]
fn long_audio_in_sections_adds_up_and_has_no_joints() {
    let rate = SampleRate::new(8_000).unwrap();
    let mix: Vec<f32> = tone(300.0, 8_000 * 41 + 17);
    let stems = separate([&mix, &mix], rate, Ends::Closed, &mut |_| ControlFlow::Continue(())).unwrap();
    let sum = mixed(&stems.each_ref().map(|stem| &*stem.left));
    let worst = mix.iter().zip(&sum).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
    assert!(worst < 1e-6, "{worst}");
    let step = |audio: &[f32]| audio.windows(2).fold(0.0_f32, |step, two| step.max((two[1] - two[0]).abs()));
    assert!(stems.iter().all(|stem| step(&stem.left) < 1.5 * step(&mix)));
}

/// A loop whose seam is in the middle of a tone, and the same one turned by half: the stems turn with it.
#[test]
fn a_loop_has_no_first_frame() {
    let num_frames = 2 * RATE_HZ;
    let mix = mixed(&[&hits(num_frames), &tone(60.0, num_frames), &tone(440.0, num_frames)]);
    let mut turned = mix.clone();
    turned.rotate_left(num_frames / 2);
    let (stems, others) = (quietly([&mix, &mix], Ends::Closed), quietly([&turned, &turned], Ends::Closed));
    for (stem, other) in stems.iter().zip(&others) {
        let mut back = other.left.to_vec();
        back.rotate_right(num_frames / 2);
        let wrong: Vec<f32> = stem.left.iter().zip(&back).map(|(a, b)| a - b).collect();
        assert!(energy(&wrong) < 1e-3 * energy(&mix), "{}", energy(&wrong) / energy(&mix));
    }
}

#[test]
fn silence_gives_silence() {
    let stems = quietly([&[0.0; 5000], &[0.0; 5000]], Ends::Closed);
    assert!(stems.iter().all(|stem| stem.left.iter().chain(&stem.right).all(|sample| *sample == 0.0)));
}

#[test]
fn what_cannot_be_separated_is_said() {
    let mut go_on = |_: f32| ControlFlow::Continue(());
    let mut said = |left: &[f32], right: &[f32], rate_hz: u32| {
        let rate = SampleRate::new(rate_hz).unwrap();
        separate([left, right], rate, Ends::Closed, &mut go_on).unwrap_err()
    };
    assert_eq!(said(&[], &[], 48_000), SeparateError::Empty);
    assert_eq!(said(&[0.0], &[], 48_000), SeparateError::Channels { left_frames: 1, right_frames: 0 });
    assert_eq!(said(&[0.0, 1.0], &[0.0, f32::NAN], 48_000), SeparateError::NotFinite { frame: 1 });
    assert!(matches!(said(&[0.0], &[0.0], 1), SeparateError::Rate { rate_hz: 1, .. }));
}

#[test]
fn a_break_stops_it_wherever_it_comes() {
    let mix = tone(300.0, RATE_HZ);
    let mut num_asked = 0;
    let mut count = |_: f32| {
        num_asked += 1;
        ControlFlow::Continue(())
    };
    separate([&mix, &mix], rate(), Ends::Closed, &mut count).unwrap();
    assert!(num_asked > 8);
    for at in 0..num_asked {
        let mut left = at;
        let mut stop = |_: f32| {
            if left == 0 {
                return ControlFlow::Break(());
            }
            left -= 1;
            ControlFlow::Continue(())
        };
        assert_eq!(separate([&mix, &mix], rate(), Ends::Closed, &mut stop), Err(SeparateError::Cancelled));
    }
}
