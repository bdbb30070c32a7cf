//! The words of a prompt are heard.
use crate::common::{Setup, left, rms};
use synth::Sound;
use take::{PartHints, PartKind, StemKind};

/// How the melody changes with a wish: rendered without and with it.
fn before_and_after(wish: impl FnOnce(&mut PartHints)) -> (Vec<f32>, Vec<f32>) {
    let mut setup = Setup::new(2);
    setup.sound = Sound::parse("x", "x", "[sound.melody]\ninstrument = \"saw_lead\"\n").unwrap();
    setup.parts.retain(|part| part.kind == PartKind::Melody);
    setup.parts[0].notes.retain(|note| note.start.0 < 3.0);
    let before = left(&setup.render(), StemKind::Melody).to_vec();
    wish(&mut setup.hints.parts[PartKind::Melody as usize]);
    (before, left(&setup.render(), StemKind::Melody).to_vec())
}

/// Share of the energy in the steps between samples: rises with brightness.
fn brightness(x: &[f32]) -> f64 {
    let steps: Vec<f32> = x.windows(2).map(|w| w[1] - w[0]).collect();
    rms(&steps) / rms(x)
}

/// Level of the second half, where no note starts, against the first.
fn ring(x: &[f32]) -> f64 {
    rms(&x[x.len() / 2 + 4800..]) / rms(&x[..x.len() / 2])
}

#[test]
fn bright_and_dark_move_the_spectrum() {
    let (plain, bright) = before_and_after(|wish| wish.brightness = 1.0);
    let (_, dark) = before_and_after(|wish| wish.brightness = -1.0);
    assert!(brightness(&bright) > 1.1 * brightness(&plain), "{} {}", brightness(&bright), brightness(&plain));
    assert!(brightness(&dark) < 0.95 * brightness(&plain), "{} {}", brightness(&dark), brightness(&plain));
}

#[test]
fn reverb_and_delay_fill_the_gaps() {
    let (plain, wet) = before_and_after(|wish| wish.reverb = 1.0);
    assert!(ring(&wet) > 3.0 * ring(&plain).max(1e-4), "{} {}", ring(&wet), ring(&plain));
    let (plain, echo) = before_and_after(|wish| wish.delay = 1.0);
    assert!(ring(&echo) > 3.0 * ring(&plain).max(1e-4));
}

#[test]
fn an_instrument_wish_changes_the_instrument() {
    let (plain, clav) = before_and_after(|wish| wish.instrument = Some("clavinet".to_owned()));
    assert!((brightness(&clav) / brightness(&plain)).ln().abs() > 0.2);
    let (plain, same) = before_and_after(|wish| wish.instrument = Some("no_such_thing".to_owned()));
    assert_eq!(plain, same);
}

#[test]
fn drive_chorus_length_and_glitch_change_the_sound() {
    let wishes: [fn(&mut PartHints); 4] =
        [|wish| wish.drive = 1.0, |wish| wish.chorus = 1.0, |wish| wish.length = 1.0, |wish| wish.glitch = 1.0];
    for (index, wish) in wishes.into_iter().enumerate() {
        let (plain, changed) = before_and_after(wish);
        let difference: Vec<f32> = plain.iter().zip(&changed).map(|(a, b)| a - b).collect();
        assert!(rms(&difference) > 0.1 * rms(&plain), "wish {index}: {}", rms(&difference) / rms(&plain));
        assert!(changed.iter().all(|s| s.is_finite()));
    }
}

#[test]
fn gain_moves_a_part_against_the_others() {
    let mut setup = Setup::new(2);
    let balance = |setup: &Setup| {
        let rendered = setup.render();
        rms(left(&rendered, StemKind::Bass)) / rms(left(&rendered, StemKind::Harmony))
    };
    let plain = balance(&setup);
    setup.hints.parts[PartKind::Bass as usize].gain_db = 6.0;
    let db = 20.0 * (balance(&setup) / plain).log10();
    assert!((db - 6.0).abs() < 0.5, "{db}");
}
