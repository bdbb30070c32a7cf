//! Playing the notes of a part with a SoundFont, each at its exact frame.
//!
//! Each note that sounds different is rendered by itself and added where it belongs, so that onsets are exact to the
//! frame (rustysynth starts notes at block borders only) and what rings past the loop's end comes in at its start.
use super::chokes::{choke, choke_frames};
use super::{DRUM_CHANNEL, SoundFontBank};
use crate::circle::{Circle, Grid};
use crate::progress::{Cancelled, Ticker};
use rustysynth::{Synthesizer, SynthesizerSettings};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use take::{Note, Part, PartKind, Tuning, pitch_bend};

/// Frames per block of rustysynth: envelopes and gates are as fine as this.
const BLOCK_FRAMES: usize = 64;
/// Frames between two looks at the ticker.
const CHUNK_FRAMES: usize = 16 * BLOCK_FRAMES;
/// What a full pitch bend is before anybody says otherwise, by General MIDI.
const BEND_SEMITONES: u8 = 2;
/// Longest a note rings after it is let go.
const MAX_TAIL_S: f64 = 8.0;
/// -100 dB of full scale: the tail is over.
const SILENCE: f32 = 1e-5;

/// One SoundFont on one loop.
#[derive(Debug)]
pub(crate) struct FontPlayer<'a> {
    pub bank: &'a SoundFontBank,
    pub grid: Grid,
    /// Hz, within what [`SoundFontBank::check_rate`] allows.
    pub rate: f32,
    /// Of the pitched parts.
    pub tuning: Tuning,
    /// A note made rustysynth panic; it was left out.
    pub is_broken: Cell<bool>,
}

/// Notes that sound the same: key, velocity, gate and choke in frames.
type Voice = (u8, u8, usize, Option<usize>);

impl FontPlayer<'_> {
    /// Mixes every note of `part` into `out`.
    pub fn play(
        &self,
        part: &Part,
        notes: &[Note],
        out: &mut Circle,
        ticker: &mut Ticker<'_>,
    ) -> Result<(), Cancelled> {
        let mut settings = SynthesizerSettings::new(self.rate as i32);
        settings.block_size = BLOCK_FRAMES;
        settings.enable_reverb_and_chorus = false;
        let Ok(mut synthesizer) = Synthesizer::new(&self.bank.font, &settings) else {
            self.is_broken.set(true);
            return Ok(());
        };
        let channel = if part.kind == PartKind::Drums { DRUM_CHANNEL } else { 0 };
        for ((key, velocity, gate, choked), starts) in self.voices(part.kind, notes) {
            let mut audio = [Vec::new(), Vec::new()];
            synthesizer.reset();
            synthesizer.process_midi_message(channel, 0xc0, i32::from(part.program.min(127)), 0);
            let bend_cents = if part.kind == PartKind::Drums { 0.0 } else { self.tuning.bend_cents(key) };
            let bend = i32::from(pitch_bend(f64::from(bend_cents), BEND_SEMITONES));
            synthesizer.process_midi_message(channel, 0xe0, bend & 0x7f, bend >> 7);
            self.guard(|| synthesizer.note_on(channel, i32::from(key), i32::from(velocity)));
            self.ring(&mut synthesizer, gate, &mut audio, ticker, |_| false)?;
            synthesizer.note_off(channel, i32::from(key));
            let max_tail = (MAX_TAIL_S * f64::from(self.rate)) as usize;
            self.ring(&mut synthesizer, max_tail, &mut audio, ticker, |peak| peak < SILENCE)?;
            if let Some(length) = choked {
                audio.iter_mut().for_each(|samples| choke(samples, length, self.rate));
            }
            for start in starts {
                out.add_stereo((&audio[0], &audio[1]), start, 1.0);
                ticker.work(audio[0].len() / 4)?;
            }
        }
        Ok(())
    }

    fn voices(&self, kind: PartKind, notes: &[Note]) -> BTreeMap<Voice, Vec<usize>> {
        let chokes = if kind == PartKind::Drums { choke_frames(notes, &self.grid) } else { vec![None; notes.len()] };
        let mut voices: BTreeMap<Voice, Vec<usize>> = BTreeMap::new();
        for (note, choked) in notes.iter().zip(chokes) {
            // Nothing is held longer than the loop: it would only pile up on itself.
            let frames = (note.duration.0.max(0.0) * self.grid.frames_per_beat).min(self.grid.loop_frames);
            let gate = (libm::round(frames / BLOCK_FRAMES as f64) as usize).max(1) * BLOCK_FRAMES;
            let voice = (note.key.min(127), note.velocity.min(127), gate, choked);
            voices.entry(voice).or_default().push(self.grid.frame_of(note.start));
        }
        voices
    }

    /// Renders up to `num_frames` more, until `is_over` says so of a chunk's peak.
    fn ring(
        &self,
        synthesizer: &mut Synthesizer,
        num_frames: usize,
        audio: &mut [Vec<f32>; 2],
        ticker: &mut Ticker<'_>,
        is_over: impl Fn(f32) -> bool,
    ) -> Result<(), Cancelled> {
        let [left, right] = audio;
        let end = left.len() + num_frames;
        while left.len() < end {
            let from = left.len();
            let to = (from + CHUNK_FRAMES).min(end);
            left.resize(to, 0.0);
            right.resize(to, 0.0);
            self.guard(|| synthesizer.render(&mut left[from..], &mut right[from..]));
            let mut peak = 0.0f32;
            for sample in left[from..].iter_mut().chain(&mut right[from..]) {
                // A filter that a file sets beyond reason may run away.
                *sample = if sample.is_finite() { *sample } else { 0.0 };
                peak = peak.max(sample.abs());
            }
            // A voice is a few oscillators and filters: some times the work of a built-in one.
            ticker.work(4 * (to - from))?;
            if is_over(peak) {
                break;
            }
        }
        Ok(())
    }

    /// What a hostile file makes rustysynth do ends here. The voices are thrown away before the next note.
    fn guard(&self, work: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            self.is_broken.set(true);
        }
    }
}
