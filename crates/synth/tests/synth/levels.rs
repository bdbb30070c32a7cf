//! Loudness, true peak, ceilings, balance.
use crate::common::{Setup, mix, style_files};
use ebur128::{EbuR128, Mode};
use synth::Sound;

fn measured(channels: &[Vec<f32>; 2], rate: u32) -> (f64, f64) {
    let mut meter = EbuR128::new(2, rate, Mode::I | Mode::TRUE_PEAK).unwrap();
    meter.add_frames_planar_f32(&[&channels[0], &channels[1]]).unwrap();
    let peak = meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap());
    (meter.loudness_global().unwrap(), 20.0 * peak.log10())
}

fn check(setup: &Setup, name: &str) {
    let rendered = setup.render();
    let (lufs, dbtp) = measured(&mix(&rendered), setup.rate);
    println!("{name}: {lufs:.2} LUFS, {dbtp:.2} dBTP");
    assert!((lufs + 16.0).abs() <= 0.5, "{name}: {lufs} LUFS");
    assert!(
        (lufs - rendered.loudness_lufs).abs() < 0.2,
        "{name}: {} reported, {lufs} measured",
        rendered.loudness_lufs
    );
    assert!(dbtp <= -1.0, "{name}: {dbtp} dBTP");
    assert!((dbtp - rendered.true_peak_dbtp).abs() < 0.3, "{name}: {} reported", rendered.true_peak_dbtp);
    for clip in rendered.stems.iter().flatten() {
        let samples = || clip.left.iter().chain(clip.right.iter());
        assert!(samples().all(|s| s.is_finite() && s.abs() <= 1.0), "{name}");
        let mean = clip.left.iter().map(|s| f64::from(*s)).sum::<f64>() / clip.num_frames() as f64;
        assert!(mean.abs() < 1e-3, "{name}: DC {mean}");
        assert!(samples().any(|s| s.abs() > 0.003), "{name}: a silent stem");
    }
}

#[test]
fn every_style_is_at_minus_16_lufs_below_minus_1_dbtp() {
    for (name, text) in style_files() {
        let setup = Setup { sound: Sound::parse(&name, &name, &text).unwrap(), ..Setup::new(4) };
        check(&setup, &name);
    }
}

#[test]
fn loudness_is_right_at_other_rates() {
    for rate in [44_100, 96_000] {
        check(&Setup { rate, ..Setup::new(2) }, &format!("{rate} Hz"));
    }
}

#[test]
fn a_lone_kick_meets_the_ceiling_though_its_crest_is_high() {
    let mut setup = Setup::new(4);
    setup.parts.truncate(1);
    setup.parts[0].notes.retain(|note| note.key == 36 && note.start.0 % 2.0 == 0.0);
    let rendered = setup.render();
    let (lufs, dbtp) = measured(&mix(&rendered), setup.rate);
    assert!(dbtp <= -1.0 && (lufs + 16.0).abs() < 1.5, "{lufs} LUFS, {dbtp} dBTP");
}

#[test]
fn the_same_request_gives_the_same_bits() {
    let setup = Setup::new(2);
    assert_eq!(setup.render(), setup.render());
}
