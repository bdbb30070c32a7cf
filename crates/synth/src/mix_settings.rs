//! What happens to a part after its instrument: channel strip, room, echo, ducking.
use crate::drums::VoiceTrimSet;
use crate::patch::PatchSet;
use crate::settings::settings;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

settings! {
    /// The channel of one part.
    Strip, StripSet {
        /// Loudness of the part against the others, dB (K-weighted, while it plays).
        level_db = 0.0 in -60.0..=12.0;
        /// Position, -1 left.
        pan = 0.0 in -1.0..=1.0;
        /// Stereo width, 0 is mono.
        width = 1.0 in 0.0..=2.0;
        /// High-pass in Hz; 20 is off.
        highpass_hz = 20.0 in 20.0..=8000.0;
        /// Low-pass in Hz; 20000 is off.
        lowpass_hz = 20000.0 in 60.0..=20000.0;
        /// Bell filter gain in dB.
        bell_db = 0.0 in -18.0..=18.0;
        /// Bell filter frequency in Hz.
        bell_hz = 1000.0 in 40.0..=16000.0;
        /// Saturation.
        drive = 0.0 in 0.0..=1.0;
        /// Sample-rate and bit reduction.
        crush = 0.0 in 0.0..=1.0;
        /// Chorus.
        chorus = 0.0 in 0.0..=1.0;
        /// Slow pitch wobble, as of an old tape.
        wow = 0.0 in 0.0..=1.0;
        /// Phaser.
        phaser = 0.0 in 0.0..=1.0;
        /// Tremolo in step with the tempo.
        tremolo = 0.0 in 0.0..=1.0;
        /// One tremolo cycle in beats.
        tremolo_beats = 0.5 in 0.0625..=16.0;
        /// Send to the room.
        reverb = 0.0 in 0.0..=1.0;
        /// Send to the echo.
        echo = 0.0 in 0.0..=1.0;
        /// Dip at every kick, dB.
        duck_db = 0.0 in 0.0..=24.0;
    }
    copied {}
    only_in_set {
        /// Pitched parts.
        instrument: Spanned<String>;
        /// Drums.
        kit: Spanned<String>;
        /// Fields of the instrument to change.
        set: PatchSet;
        /// Drums: trims per voice.
        voices: BTreeMap<Spanned<String>, VoiceTrimSet>;
    }
}

settings! {
    /// The room all sends share in kind (each stem has its own).
    Room, RoomSet {
        /// Time to fall by 60 dB, seconds.
        decay_s = 1.6 in 0.1..=20.0;
        /// Size: 0 closet, 1 cathedral.
        size = 0.5 in 0.0..=1.0;
        /// Highs above this die fast, Hz.
        damp_hz = 5000.0 in 500.0..=16000.0;
        /// Lows below this stay out, Hz.
        highpass_hz = 180.0 in 20.0..=2000.0;
        /// Silence before the room answers, milliseconds.
        predelay_ms = 12.0 in 0.0..=300.0;
    }
    copied {}
    only_in_set {}
}

settings! {
    /// Tempo-synced delay.
    Echo, EchoSet {
        /// Distance of the repeats in beats.
        beats = 0.75 in 0.0625..=8.0;
        /// Level of each repeat against the one before.
        feedback = 0.4 in 0.0..=0.92;
        /// Low-pass of the repeats, Hz.
        lowpass_hz = 4000.0 in 200.0..=18000.0;
        /// High-pass of the repeats, Hz.
        highpass_hz = 200.0 in 20.0..=4000.0;
        /// 1: repeats change sides.
        ping_pong = 1.0 in 0.0..=1.0;
        /// How much of the repeats goes to the room.
        reverb = 0.2 in 0.0..=1.0;
    }
    copied {}
    only_in_set {}
}

settings! {
    /// The sum.
    Master, MasterSet {
        /// Bus compression: 0 none, 1 pumping.
        glue = 0.2 in 0.0..=1.0;
        /// Time to recover after a kick, beats.
        duck_beats = 0.4 in 0.05..=2.0;
    }
    copied {}
    only_in_set {}
}

/// The `[sound]` table as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SoundTable {
    pub drums: StripSet,
    pub bass: StripSet,
    pub harmony: StripSet,
    pub melody: StripSet,
    pub texture: StripSet,
    pub room: RoomSet,
    pub echo: EchoSet,
    pub master: MasterSet,
}
