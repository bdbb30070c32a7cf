//! Playing a drum part with a kit.
use super::kit::Kit;
use super::map::{HAT_OPEN, HATS_SHUT, KICK, stroke};
use crate::circle::{Circle, Grid};
use crate::progress::{Cancelled, Ticker};
use std::collections::BTreeMap;
use take::Note;

/// Velocity layers a one-shot is rendered in.
const LAYERS: u8 = 6;
/// Variants of the same stroke, so that a roll is no machine gun.
const VARIANTS: usize = 2;

/// What a drum part is played on.
#[derive(Debug)]
pub struct Stage<'a> {
    pub kit: &'a Kit,
    pub grid: &'a Grid,
    pub rate: f32,
}

/// Frames where a bass drum starts, with its velocity 0.0..=1.0.
pub fn kick_frames(notes: &[Note], grid: &Grid) -> Vec<(usize, f32)> {
    let is_kick = |note: &&Note| stroke(note.key).piece == KICK;
    notes.iter().filter(is_kick).map(|note| (grid.frame_of(note.start), f32::from(note.velocity) / 127.0)).collect()
}

/// Mixes every stroke into `out`.
pub fn play(stage: &Stage<'_>, notes: &[Note], out: &mut Circle, ticker: &mut Ticker<'_>) -> Result<(), Cancelled> {
    let shut: Vec<usize> = notes
        .iter()
        .filter(|note| HATS_SHUT.contains(&stroke(note.key).piece))
        .map(|note| stage.grid.frame_of(note.start))
        .collect();
    let mut strokes: BTreeMap<(u8, u8, usize), Vec<(usize, f32)>> = BTreeMap::new();
    for (index, note) in notes.iter().enumerate() {
        let velocity = f32::from(note.velocity.min(127)) / 127.0;
        let layer = ((velocity * f32::from(LAYERS)) as u8).min(LAYERS - 1);
        let place = (stage.grid.frame_of(note.start), velocity);
        strokes.entry((note.key, layer, index % VARIANTS)).or_default().push(place);
    }
    let mut shot = Vec::new();
    for ((key, layer, variant), places) in strokes {
        let how = stroke(key);
        let softness = 1.0 - f32::from(layer) / f32::from(LAYERS - 1);
        stage.kit.one_shot(how, softness, variant as u64, stage.rate, &mut shot);
        ticker.work(2 * shot.len())?;
        let trim = &stage.kit.trims[how.piece];
        let (left, right) = crate::circle::pan_gains(trim.pan);
        for (start, velocity) in places {
            // Velocity to level: a power between 1 (too flat) and 2 (ghost notes vanish).
            let gain = libm::powf(velocity, 1.6) * libm::powf(10.0, trim.gain_db / 20.0);
            let length = if how.piece == HAT_OPEN { frames_until(&shut, start, out.num_frames()) } else { usize::MAX };
            if length < shot.len() {
                let choked = choke(&shot, length, stage.rate);
                out.add_mono(&choked, start, gain * left, gain * right);
            } else {
                out.add_mono(&shot, start, gain * left, gain * right);
            }
            ticker.work(shot.len() / 2)?;
        }
    }
    Ok(())
}

/// Frames from `start` to the next of `frames`, round the loop.
fn frames_until(frames: &[usize], start: usize, num_frames: usize) -> usize {
    let distance = |frame: &usize| (frame + num_frames - start) % num_frames;
    frames.iter().map(distance).filter(|frames| *frames > 0).min().unwrap_or(usize::MAX)
}

/// The first `length` frames and a fade of 8 ms.
fn choke(shot: &[f32], length: usize, rate: f32) -> Vec<f32> {
    let fade = (rate * 0.008) as usize + 1;
    let mut choked = shot[..(length + fade).min(shot.len())].to_vec();
    for (n, sample) in choked[length..].iter_mut().enumerate() {
        *sample *= 1.0 - n as f32 / fade as f32;
    }
    choked
}
