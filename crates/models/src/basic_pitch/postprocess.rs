//! From the model's posteriors to notes.
//!
//! Source: Bittner et al., "A Lightweight Instrument-Agnostic Model for Polyphonic Note Transcription and Multipitch
//! Estimation" (2022), and `note_creation.py` of the package basic-pitch 0.4.0, whose notes these are.
use super::{NUM_KEYS, Posteriors};

/// A note spans this many quiet frames and still goes on.
const QUIET_FRAMES: usize = 11;
/// Frames that an onset is inferred over.
const INFERRED_OVER: usize = 2;

/// When something is a note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoteThresholds {
    /// Least posterior of an onset, 0.0..=1.0; default 0.5. Lower finds more notes.
    pub onset: f32,
    /// Least posterior of a frame that sounds, 0.0..=1.0; default 0.3. Lower makes notes longer.
    pub frame: f32,
    /// A note has more frames (of 1/86 s) than this; default 11, 127.7 ms.
    pub min_frames: usize,
    /// Takes steep rises of a frame's posterior for onsets too; default true.
    pub infers_onsets: bool,
    /// Looks for notes without an onset in what is left; default true.
    pub has_second_pass: bool,
}

impl Default for NoteThresholds {
    fn default() -> Self {
        Self { onset: 0.5, frame: 0.3, min_frames: 11, infers_onsets: true, has_second_pass: true }
    }
}

/// A note in frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameNote {
    /// First frame.
    pub start: usize,
    /// One past the last frame.
    pub end: usize,
    /// 0 is the lowest key of a piano, 87 the highest.
    pub key: usize,
    /// Mean of the note posterior over its frames, 0.0..=1.0.
    pub amplitude: f32,
}

/// All notes, in the order in which they are found: those with an onset from the last to the first, then the others from
/// the loudest on.
pub fn notes_of(posteriors: &Posteriors, thresholds: &NoteThresholds) -> Vec<FrameNote> {
    let num_frames = posteriors.num_frames();
    if num_frames < 3 {
        return Vec::new();
    }
    let onsets = match thresholds.infers_onsets {
        true => inferred(posteriors),
        false => posteriors.onsets.iter().map(|onset| f64::from(*onset)).collect(),
    };
    let mut search = Search { posteriors, thresholds, left: posteriors.notes.clone(), num_frames, found: Vec::new() };
    for frame in (1..num_frames - 1).rev() {
        for key in (0..NUM_KEYS).rev() {
            let at = |frame: usize| onsets[frame * NUM_KEYS + key];
            let is_peak = at(frame) > at(frame - 1) && at(frame) > at(frame + 1);
            if is_peak && at(frame) >= f64::from(thresholds.onset) {
                search.follow_onset(frame, key);
            }
        }
    }
    if thresholds.has_second_pass {
        search.second_pass();
    }
    search.found
}

/// The larger of an onset's posterior and the rise of the note's posterior, which is scaled to the same maximum.
fn inferred(posteriors: &Posteriors) -> Vec<f64> {
    let notes = &posteriors.notes;
    let rise = |place: usize| {
        if place < INFERRED_OVER * NUM_KEYS {
            return 0.0;
        }
        let over = |frames: usize| f64::from(notes[place]) - f64::from(notes[place - frames * NUM_KEYS]);
        (1..=INFERRED_OVER).map(over).fold(f64::INFINITY, f64::min).max(0.0)
    };
    let rises: Vec<f64> = (0..notes.len()).map(rise).collect();
    let steepest = rises.iter().copied().fold(0.0, f64::max);
    let largest = f64::from(posteriors.onsets.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    // Without any rise there is nothing to infer from.
    let scaled = |rise: f64| if steepest > 0.0 { largest * rise / steepest } else { 0.0 };
    rises.iter().zip(&posteriors.onsets).map(|(rise, onset)| scaled(*rise).max(f64::from(*onset))).collect()
}

struct Search<'a> {
    posteriors: &'a Posteriors,
    thresholds: &'a NoteThresholds,
    /// Note posteriors that no note has taken yet.
    left: Vec<f32>,
    num_frames: usize,
    found: Vec<FrameNote>,
}

impl Search<'_> {
    fn is_quiet(&self, frame: usize, key: usize) -> bool {
        self.left[frame * NUM_KEYS + key] < self.thresholds.frame
    }

    /// A note takes its neighbours a semitone away along.
    fn clear(&mut self, frame: usize, key: usize) {
        for key in key.saturating_sub(1)..=(key + 1).min(NUM_KEYS - 1) {
            self.left[frame * NUM_KEYS + key] = 0.0;
        }
    }

    fn add(&mut self, start: usize, end: usize, key: usize) {
        let sum: f64 = (start..end).map(|frame| f64::from(self.posteriors.notes[frame * NUM_KEYS + key])).sum();
        let amplitude = (sum / (end - start) as f64) as f32;
        self.found.push(FrameNote { start, end, key, amplitude });
    }

    fn follow_onset(&mut self, start: usize, key: usize) {
        let (mut frame, mut quiet) = (start + 1, 0);
        while frame < self.num_frames - 1 && quiet < QUIET_FRAMES {
            quiet = if self.is_quiet(frame, key) { quiet + 1 } else { 0 };
            frame += 1;
        }
        let end = frame - quiet;
        if end - start > self.thresholds.min_frames {
            (start..end).for_each(|frame| self.clear(frame, key));
            self.add(start, end, key);
        }
    }

    /// From the loudest frame that is left both ways, until nothing above the threshold is left.
    fn second_pass(&mut self) {
        while let Some((place, loudest)) = self.loudest() {
            if loudest <= self.thresholds.frame {
                break;
            }
            let (middle, key) = (place / NUM_KEYS, place % NUM_KEYS);
            self.left[place] = 0.0;
            let (mut frame, mut quiet) = (middle + 1, 0);
            while frame < self.num_frames - 1 && quiet < QUIET_FRAMES {
                quiet = if self.is_quiet(frame, key) { quiet + 1 } else { 0 };
                self.clear(frame, key);
                frame += 1;
            }
            // The frame before the last one that was loud enough: as the package has it.
            let end = (frame - 1).saturating_sub(quiet);
            let (mut frame, mut quiet) = (middle, 0);
            // `frame` is one past the frame that is looked at, which so never goes below 0.
            while frame > 1 && quiet < QUIET_FRAMES {
                quiet = if self.is_quiet(frame - 1, key) { quiet + 1 } else { 0 };
                self.clear(frame - 1, key);
                frame -= 1;
            }
            let start = frame + quiet;
            if end > start && end - start > self.thresholds.min_frames {
                self.add(start, end, key);
            }
        }
    }

    /// The first of the loudest.
    fn loudest(&self) -> Option<(usize, f32)> {
        let best = |best: Option<(usize, f32)>, (place, value): (usize, &f32)| match best {
            Some((_, loudest)) if loudest >= *value => best,
            _ => Some((place, *value)),
        };
        self.left.iter().enumerate().fold(None, best)
    }
}
