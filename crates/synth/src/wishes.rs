//! What the words of a prompt do to a sound.
use crate::bank::bank;
use crate::mix_settings::Strip;
use crate::patch::Patch;
use crate::sound::Sound;
use take::{Amount, Hints, PartHints, PartKind};

/// Energy at which a style sounds as written.
const USUAL_ENERGY: f32 = 0.6;

/// The sound with every wish and the energy worked in.
pub fn with_wishes(sound: &Sound, hints: &Hints, energy: Amount) -> Sound {
    let mut sound = sound.clone();
    let away = energy.get() - USUAL_ENERGY;
    let drums = hints.part(PartKind::Drums);
    if let Some(kit) = drums.instrument.as_deref().and_then(|id| bank().kit(id)) {
        sound.kit = kit.clone();
    }
    for trim in &mut sound.kit.trims {
        trim.bright = (trim.bright + 0.8 * drums.brightness + 0.5 * away).clamp(-4.0, 4.0);
        trim.decay = (trim.decay * libm::exp2f(1.2 * drums.length)).clamp(0.05, 8.0);
        trim.crush = trim.crush.max(sound.drums.crush);
    }
    // A held or delayed sample would move the onsets.
    (sound.drums.crush, sound.drums.wow) = (0.0, 0.0);
    wish_strip(&mut sound.drums, drums);
    for (channel, kind) in sound.channels.iter_mut().zip(&PartKind::ALL[1..]) {
        let wishes = hints.part(*kind);
        if let Some(patch) = wishes.instrument.as_deref().and_then(|id| bank().patch(id)) {
            channel.patch = patch.clone();
        }
        wish_patch(&mut channel.patch, wishes, away);
        wish_strip(&mut channel.strip, wishes);
    }
    sound
}

fn wish_patch(patch: &mut Patch, wishes: &PartHints, energy_away: f32) {
    let octaves = 1.6 * wishes.brightness + 0.8 * energy_away;
    let factor = libm::exp2f(octaves);
    if patch.cutoff_hz < 19_999.0 {
        patch.cutoff_hz = (patch.cutoff_hz * factor).clamp(30.0, 19_000.0);
    }
    patch.index *= libm::exp2f(0.6 * octaves);
    patch.bright_s *= factor;
    let long = libm::exp2f(2.0 * wishes.length);
    patch.release_ms = (patch.release_ms * long).clamp(5.0, 12_000.0);
    patch.decay_ms *= long;
    patch.ring_s *= long.sqrt();
    if wishes.length > 0.0 {
        patch.attack_ms = (patch.attack_ms + 60.0) * long - 60.0;
        patch.sustain += (0.9 - patch.sustain).max(0.0) * wishes.length;
    } else if wishes.length < 0.0 {
        patch.attack_ms *= long * long;
        patch.sustain *= 1.0 + 0.9 * wishes.length;
    }
    patch.detune_cents += 12.0 * wishes.chorus;
}

fn wish_strip(strip: &mut Strip, wishes: &PartHints) {
    strip.level_db += wishes.gain_db.clamp(-12.0, 12.0);
    // A little saturation brightens what has no highs to lift.
    strip.drive = (strip.drive + 0.8 * wishes.drive + 0.25 * wishes.brightness.max(0.0)).clamp(0.0, 1.0);
    strip.chorus = strip.chorus.max(wishes.chorus).clamp(0.0, 1.0);
    strip.echo = (strip.echo + 0.55 * wishes.delay).clamp(0.0, 1.0);
    let wet = wishes.reverb.clamp(-1.0, 1.0);
    strip.reverb = if wet < 0.0 { strip.reverb * (1.0 + wet) } else { (strip.reverb + 0.55 * wet).min(1.0) };
    if strip.lowpass_hz < 19_999.0 {
        strip.lowpass_hz = (strip.lowpass_hz * libm::exp2f(1.5 * wishes.brightness)).clamp(80.0, 19_000.0);
    }
}
