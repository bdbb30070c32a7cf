//! Playing a pitched part: which voices, when, and which of them are the same.
use crate::circle::{Circle, Grid};
use crate::patch::Patch;
use crate::progress::{Cancelled, Ticker};
use crate::voice::{VoiceAudio, VoiceNote, render_voice};
use std::collections::BTreeMap;
use take::{Note, Tuning};

/// Velocities are rendered in this many colours; the level is exact.
const COLOURS: u8 = 8;
/// Gates are rounded to this many milliseconds, so that repeated notes share one render.
const GATE_MS: f64 = 5.0;
/// What a part is played with.
#[derive(Debug)]
pub struct Player<'a> {
    pub patch: &'a Patch,
    pub grid: &'a Grid,
    pub rate: f32,
    pub tuning: Tuning,
    pub seed: u64,
}

type VoiceKey = (u8, u8, usize, Option<u8>);

/// Mixes every note into `out`. Notes that sound the same are rendered once.
pub fn play(player: &Player<'_>, notes: &[Note], out: &mut Circle, ticker: &mut Ticker<'_>) -> Result<(), Cancelled> {
    let mut starts: BTreeMap<VoiceKey, Vec<(usize, f32)>> = BTreeMap::new();
    for (index, note) in notes.iter().enumerate() {
        let place = (player.grid.frame_of(note.start), player.gain(note.velocity));
        starts.entry(player.voice_key(notes, index)).or_default().push(place);
    }
    let mut audio = VoiceAudio::default();
    for (key, places) in starts {
        render_voice(player.patch, player.voice_note(key), player.rate, &mut audio);
        ticker.work(audio.left.len() * 2)?;
        for (start, gain) in places {
            mix(&audio, start, gain, out);
            ticker.work(audio.left.len() / 4)?;
        }
    }
    Ok(())
}

fn mix(audio: &VoiceAudio, start: usize, gain: f32, out: &mut Circle) {
    if audio.right.is_empty() {
        out.add_mono(&audio.left, start, gain, gain);
    } else {
        out.add_stereo((&audio.left, &audio.right), start, gain);
    }
}

impl Player<'_> {
    fn gain(&self, velocity: u8) -> f32 {
        let level = libm::powf(f32::from(velocity.min(127)) / 127.0, 1.5);
        1.0 - self.patch.velocity * (1.0 - level)
    }

    fn voice_key(&self, notes: &[Note], index: usize) -> VoiceKey {
        let note = &notes[index];
        let mut beats = note.duration.0.max(0.0);
        let mut glide_from = None;
        if self.patch.mono > 0.5 {
            if let Some(next) = notes[index + 1..].iter().find(|next| next.start > note.start) {
                beats = beats.min(next.start.0 - note.start.0);
            }
            let before = notes[..index].iter().rev().find(|before| before.start < note.start);
            // A sixty-fourth of slack: humanised legato still slides.
            let is_touching = |before: &&Note| before.start.0 + before.duration.0 >= note.start.0 - 0.0625;
            glide_from = before.filter(is_touching).filter(|_| self.patch.glide_ms > 0.0).map(|before| before.key);
        }
        let unit = GATE_MS * 0.001 * f64::from(self.rate);
        // Nothing is held longer than the loop: it would only pile up on itself.
        let frames = (beats * self.grid.frames_per_beat).min(self.grid.loop_frames);
        let gate = libm::round(frames / unit).max(1.0) as usize;
        (note.key, note.velocity.min(127) / (128 / COLOURS), gate, glide_from)
    }

    fn voice_note(&self, (key, colour, gate, glide_from): VoiceKey) -> VoiceNote {
        VoiceNote {
            key,
            hardness: f32::from(colour) / f32::from(COLOURS - 1),
            gate_frames: (gate as f64 * GATE_MS * 0.001 * f64::from(self.rate)) as usize,
            bend: self.tuning.bend_cents(key) * 0.01,
            glide_from,
            seed: self.seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ (u64::from(key) << 20) ^ gate as u64,
        }
    }
}
