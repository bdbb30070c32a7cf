//! How hard the player plays, for a band that goes along.
use std::collections::VecDeque;

/// What lies further back says nothing, in quarter notes.
const WINDOW_BEATS: f64 = 8.0;
/// Keys struck within this many quarter notes are one stroke.
const STROKE_BEATS: f64 = 0.1;
/// Velocity of ordinary playing.
const USUAL_VELOCITY: f32 = 76.0;
/// Most the player moves the band by.
const MAX_SHIFT: f32 = 0.35;
/// The band changes in steps of this size, so that it does not change its mind for nothing.
const STEP: f32 = 0.1;
/// Most notes that are looked at.
const MAX_NOTES: usize = 512;

/// The player's last bars.
#[derive(Debug, Default)]
pub(super) struct Dynamics {
    notes: VecDeque<(f64, u8)>,
}

impl Dynamics {
    pub(super) fn note_on(&mut self, beat: f64, velocity: u8) {
        if self.notes.len() == MAX_NOTES {
            self.notes.pop_front();
        }
        self.notes.push_back((beat, velocity));
    }

    pub(super) fn forget(&mut self) {
        self.notes.clear();
    }

    /// What to add to the band's intensity, -0.3..=0.3 in tenths: louder and denser playing is more.
    pub(super) fn shift(&mut self, now: f64) -> f32 {
        self.notes.retain(|(beat, _)| (now - WINDOW_BEATS..=now + 1.0).contains(beat));
        let Some(&(first, _)) = self.notes.front() else { return 0.0 };
        let mean = self.notes.iter().map(|(_, velocity)| f32::from(*velocity)).sum::<f32>() / self.notes.len() as f32;
        let strokes = self.notes.iter().fold((0u32, f64::NEG_INFINITY), |(count, last), (beat, _)| {
            if beat - last > STROKE_BEATS { (count + 1, *beat) } else { (count, last) }
        });
        // A stroke a beat is ordinary; four bars of sixteenths are four times that.
        let per_beat = strokes.0 as f32 / (now - first).clamp(2.0, WINDOW_BEATS) as f32;
        let by_velocity = (mean - USUAL_VELOCITY) / 127.0 * 0.9;
        let by_density = (0.12 * libm::log2f(per_beat.max(0.125))).clamp(-0.2, 0.25);
        let shift = (by_velocity + by_density).clamp(-MAX_SHIFT, MAX_SHIFT);
        (shift / STEP).trunc() * STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playing(per_beat: usize, velocity: u8) -> f32 {
        let mut dynamics = Dynamics::default();
        for stroke in 0..8 * per_beat {
            dynamics.note_on(stroke as f64 / per_beat as f64, velocity);
        }
        dynamics.shift(8.0)
    }

    #[test]
    fn loud_and_dense_playing_is_more() {
        assert_eq!(playing(1, 76), 0.0);
        assert!(playing(1, 120) > 0.15 && playing(1, 30) < -0.15);
        assert!(playing(4, 76) > 0.15);
        assert!(playing(4, 127) <= MAX_SHIFT && playing(1, 1) >= -MAX_SHIFT);
        assert_eq!(Dynamics::default().shift(0.0), 0.0);
    }
}
