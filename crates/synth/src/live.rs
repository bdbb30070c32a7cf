//! Single notes of a style's band, rendered ahead for a player that starts them itself.
//!
//! A note goes through the same instrument and the same channel as in [`crate::render()`]; room, echo and master are the
//! player's. Notes that sound the same share one rendering. Not for the audio thread.
use crate::circle::{Circle, pan_gains};
use crate::drums::{HAT_OPEN, stroke};
use crate::fx::{InsertContext, run_inserts};
use crate::loudness::Energies;
use crate::mix_settings::Strip;
use crate::progress::Ticker;
use crate::sound::Sound;
use crate::voice::{VoiceAudio, VoiceNote, render_voice};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use take::{Bpm, Note, Part, PartKind, SampleRate, Tuning, VoiceClip};

/// Velocities are rendered in this many colours; the level is exact.
const COLOURS: u8 = 6;
/// A gate is rendered as long as the next of these steps, each so much longer than the one before: the player ends the
/// note on time.
const GATE_STEP: f64 = 1.15;
/// Longest gate in seconds: eight beats at 60 BPM.
const MAX_GATE_S: f64 = 8.0;
/// Fade of a closing hi-hat in milliseconds.
const CHOKE_MS: f32 = 8.0;
/// Renderings are kept up to this size.
const MAX_BYTES: usize = 64 << 20;
/// Loudness of the whole band, as of a take.
const TARGET_LUFS: f64 = -16.0;

/// What makes one rendering differ from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct ClipKey {
    part: PartKind,
    key: u8,
    /// Hundredths of a semitone.
    bend_cents: i16,
    colour: u8,
    gate: u16,
}

struct Kept {
    clip: Arc<VoiceClip>,
    last_used: u64,
}

/// A style's instruments, note by note.
pub struct LiveSound {
    sound: Sound,
    rate: f32,
    beat_frames: f64,
    tuning: Tuning,
    /// Linear gain per part.
    levels: [f32; 5],
    clips: HashMap<ClipKey, Kept>,
    num_bytes: usize,
    now: u64,
}

impl std::fmt::Debug for LiveSound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveSound").field("num_clips", &self.clips.len()).field("num_bytes", &self.num_bytes).finish()
    }
}

impl LiveSound {
    /// The instruments of `sound` at `rate`; `tempo` is for effects in step with the music. Parts are not yet balanced.
    pub fn new(sound: &Sound, rate: SampleRate, tempo: Bpm) -> Self {
        Self {
            sound: sound.clone(),
            rate: rate.get() as f32,
            beat_frames: tempo.frames_per_beat(rate),
            tuning: Tuning::EQUAL,
            levels: [1.0; 5],
            clips: HashMap::new(),
            num_bytes: 0,
            now: 0,
        }
    }

    /// Sets the level of every part by what it plays in `parts`, so that each is as loud against the others as the
    /// style says and all together have -16 LUFS. `num_beats` is the length of `parts`.
    pub fn balance(&mut self, parts: &[Part], num_beats: f64) {
        let num_frames = (num_beats * self.beat_frames).max(1.0) as usize;
        let mut sum = Circle::silent(num_frames);
        self.levels = [1.0; 5];
        for part in parts {
            let mut circle = Circle::silent(num_frames);
            for note in &part.notes {
                let clip = self.clip(part.kind, note, note.duration.0 * self.beat_frames);
                add(&clip, self.gains(part.kind, note), (note.start.0 * self.beat_frames) as usize, &mut circle);
            }
            let loudness = Energies::of(&circle, self.rate).loudness(None);
            if loudness > -150.0 {
                let gain_db = -20.0 + f64::from(self.strip(part.kind).level_db) - loudness;
                let gain = libm::pow(10.0, gain_db / 20.0) as f32;
                self.levels[part.kind as usize] = gain;
                sum.add_stereo((&circle.left, &circle.right), 0, gain);
            }
        }
        let loudness = Energies::of(&sum, self.rate).loudness(None);
        if loudness > -150.0 {
            let gain = libm::pow(10.0, (TARGET_LUFS - loudness) / 20.0) as f32;
            self.levels.iter_mut().for_each(|level| *level *= gain);
        }
    }

    /// Linear gains of a note, left and right.
    pub fn gains(&self, part: PartKind, note: &Note) -> [f32; 2] {
        let velocity = f32::from(note.velocity.min(127)) / 127.0;
        let level = self.levels[part as usize];
        if part == PartKind::Drums {
            let trim = &self.sound.kit.trims[stroke(note.key).piece];
            // As in the offline drums: between flat and vanishing ghost notes.
            let gain = level * libm::powf(velocity, 1.6) * libm::powf(10.0, trim.gain_db / 20.0);
            let (left, right) = pan_gains(trim.pan);
            return [gain * left, gain * right];
        }
        let patch = &self.sound.channels[part as usize - 1].patch;
        let gain = level * (1.0 - patch.velocity * (1.0 - libm::powf(velocity, 1.5)));
        [gain, gain]
    }

    /// The tuning of clips from now on.
    pub fn set_tuning(&mut self, tuning: Tuning) {
        self.tuning = tuning;
    }

    /// Sends of every part to room and echo, linear.
    pub fn sends(&self) -> [[f32; 2]; 5] {
        PartKind::ALL.map(|part| {
            let strip = self.strip(part);
            [strip.reverb, strip.echo]
        })
    }

    /// A key of the kit that rings until a hat closes.
    pub fn is_open_hat(key: u8) -> bool {
        stroke(key).piece == HAT_OPEN
    }

    /// The sound of a note whose key is down for `gate_frames`.
    pub fn clip(&mut self, part: PartKind, note: &Note, gate_frames: f64) -> Arc<VoiceClip> {
        self.now += 1;
        let colour = (note.velocity.min(127) as u16 * u16::from(COLOURS) / 128) as u8;
        let gate = if part == PartKind::Drums { 0 } else { gate_step(gate_frames / f64::from(self.rate)) };
        let bend_cents = self.tuning.bend_cents(note.key) as i16;
        let key = ClipKey { part, key: note.key, bend_cents, colour, gate };
        if let Some(kept) = self.clips.get_mut(&key) {
            kept.last_used = self.now;
            return kept.clip.clone();
        }
        let clip = Arc::new(self.render(key));
        self.num_bytes += bytes_of(&clip);
        self.clips.insert(key, Kept { clip: clip.clone(), last_used: self.now });
        self.forget_old();
        clip
    }

    /// Lets the renderings go that were not used for longest and that nobody else holds.
    fn forget_old(&mut self) {
        while self.num_bytes > MAX_BYTES {
            let is_spare = |kept: &&Kept| Arc::strong_count(&kept.clip) == 1;
            let spare = self.clips.iter().filter(|(_, kept)| is_spare(kept));
            let Some(key) = spare.min_by_key(|(_, kept)| kept.last_used).map(|(key, _)| *key) else { return };
            if let Some(kept) = self.clips.remove(&key) {
                self.num_bytes -= bytes_of(&kept.clip);
            }
        }
    }

    /// Nobody else holds one of the renderings: all of it may be dropped.
    pub fn is_unused(&self) -> bool {
        self.clips.values().all(|kept| Arc::strong_count(&kept.clip) == 1)
    }

    fn strip(&self, part: PartKind) -> &Strip {
        match part {
            PartKind::Drums => &self.sound.drums,
            _ => &self.sound.channels[part as usize - 1].strip,
        }
    }

    fn render(&self, key: ClipKey) -> VoiceClip {
        let hardness = f32::from(key.colour) / f32::from(COLOURS - 1);
        let (audio, gate_frames, release_frames) = if key.part == PartKind::Drums {
            let mut shot = Vec::new();
            self.sound.kit.one_shot(stroke(key.key), 1.0 - hardness, 0, self.rate, &mut shot);
            let num_frames = shot.len();
            let gate_frames = if Self::is_open_hat(key.key) { num_frames } else { 0 };
            let choke_frames = (CHOKE_MS * 0.001 * self.rate) as usize;
            (VoiceAudio { left: shot, right: Vec::new() }, gate_frames, choke_frames)
        } else {
            let patch = &self.sound.channels[key.part as usize - 1].patch;
            let gate_frames = (gate_seconds(key.gate) * f64::from(self.rate)) as usize;
            let seed = u64::from(key.key) << 20 | u64::from(key.gate);
            let bend = f32::from(key.bend_cents) * 0.01;
            let note = VoiceNote { key: key.key, hardness, gate_frames, bend, glide_from: None, seed };
            let mut audio = VoiceAudio::default();
            render_voice(patch, note, self.rate, &mut audio);
            // A release falls by 60 dB in its time; half of it is a quarter of the level.
            let release_frames = (patch.release_ms * 0.0005 * self.rate) as usize;
            (audio, gate_frames, release_frames.max(64))
        };
        let (left, right) = self.through_channel(key.part, audio);
        VoiceClip { left: left.into(), right: right.into(), gate_frames, release_frames }
    }

    /// The channel's saturation, filters and modulation. The circle is longer than the note, so that nothing comes round.
    fn through_channel(&self, part: PartKind, audio: VoiceAudio) -> (Vec<f32>, Vec<f32>) {
        let right = if audio.right.is_empty() { &audio.left } else { &audio.right };
        let mut circle = Circle::silent(audio.left.len() + (0.05 * self.rate) as usize);
        circle.add_stereo((&audio.left, right), 0, 1.0);
        let mut go_on = |_: f32, _: &str| ControlFlow::Continue(());
        let context = InsertContext { tilt_db: 0.0, rate: self.rate, beat_frames: self.beat_frames };
        let run = run_inserts(&mut circle, self.strip(part), context, &mut Ticker::new(&mut go_on));
        debug_assert!(run.is_ok(), "nobody cancels it");
        trimmed(circle)
    }
}

fn add(clip: &VoiceClip, gains: [f32; 2], start: usize, circle: &mut Circle) {
    let right = if clip.right.is_empty() { &clip.left } else { &clip.right };
    let silence = vec![0.0; clip.left.len()];
    circle.add_stereo((&clip.left, &silence), start, gains[0]);
    circle.add_stereo((&silence, right), start, gains[1]);
}

/// Without the silence at the end; mono where both sides are the same.
fn trimmed(circle: Circle) -> (Vec<f32>, Vec<f32>) {
    let Circle { mut left, mut right } = circle;
    // -100 dB.
    let is_sound = |x: &f32| x.abs() > 1e-5;
    let last = |samples: &[f32]| samples.iter().rposition(is_sound).map_or(1, |index| index + 1);
    let num_frames = last(&left).max(last(&right));
    left.truncate(num_frames);
    right.truncate(num_frames);
    if left == right { (left, Vec::new()) } else { (left, right) }
}

/// Number of the shortest step that holds a gate of `seconds`.
fn gate_step(seconds: f64) -> u16 {
    let steps = libm::log(seconds.clamp(0.02, MAX_GATE_S) / 0.02) / libm::log(GATE_STEP);
    libm::ceil(steps - 1e-9) as u16
}

fn gate_seconds(step: u16) -> f64 {
    0.02 * libm::pow(GATE_STEP, f64::from(step))
}

fn bytes_of(clip: &VoiceClip) -> usize {
    (clip.left.len() + clip.right.len()) * size_of::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::Beats;

    fn note(start: f64, duration: f64, key: u8) -> Note {
        Note { start: Beats(start), duration: Beats(duration), key, velocity: 96 }
    }

    fn live() -> LiveSound {
        LiveSound::new(&Sound::fallback(), SampleRate::DEFAULT, Bpm::DEFAULT)
    }

    #[test]
    fn notes_that_sound_the_same_are_rendered_once() {
        let mut live = live();
        let first = live.clip(PartKind::Bass, &note(0.0, 1.0, 40), 20_000.0);
        let again = live.clip(PartKind::Bass, &note(3.0, 1.0, 40), 20_100.0);
        assert!(Arc::ptr_eq(&first, &again));
        let other = live.clip(PartKind::Bass, &note(0.0, 1.0, 41), 20_000.0);
        assert!(!Arc::ptr_eq(&first, &other));
    }

    #[test]
    fn a_gate_is_never_shorter_than_asked_nor_much_longer() {
        for ms in 20..8000 {
            let seconds = f64::from(ms) * 0.001;
            let rendered = gate_seconds(gate_step(seconds));
            assert!(
                rendered >= seconds * 0.999_999 && rendered <= seconds * GATE_STEP * 1.000_001,
                "{seconds} {rendered}"
            );
        }
    }

    #[test]
    fn a_balanced_band_has_the_loudness_of_a_take() {
        let mut live = live();
        let line = |kind, keys: [u8; 4]| Part {
            kind,
            name: String::new(),
            program: 0,
            channel: 0,
            notes: keys.iter().zip(0..).map(|(key, beat)| note(f64::from(beat), 0.9, *key)).collect(),
        };
        let parts = [line(PartKind::Drums, [36, 38, 36, 38]), line(PartKind::Bass, [36, 36, 43, 36])];
        live.balance(&parts, 4.0);
        let mut circle = Circle::silent(96_000);
        for part in &parts {
            for note in &part.notes {
                let clip = live.clip(part.kind, note, note.duration.0 * 24_000.0);
                add(&clip, live.gains(part.kind, note), (note.start.0 * 24_000.0) as usize, &mut circle);
            }
        }
        let loudness = Energies::of(&circle, 48_000.0).loudness(None);
        assert!((loudness + 16.0).abs() < 0.1, "{loudness} LUFS");
    }

    #[test]
    fn what_somebody_holds_is_not_forgotten() {
        let mut live = live();
        let held = live.clip(PartKind::Harmony, &note(0.0, 8.0, 60), 300_000.0);
        assert!(!live.is_unused());
        live.num_bytes += 10 * MAX_BYTES;
        live.forget_old();
        assert_eq!(live.clips.len(), 1, "it was dropped while somebody holds it");
        drop(held);
        live.forget_old();
        assert!(live.clips.is_empty() && live.is_unused());
    }
}
