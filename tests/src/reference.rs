//! What a take has to sound like: read straight from its stems, written without a look at the engine.
//!
//! Frame 0 of the song is beat 0; repeat `k` of a loop starts at frame `round(k * loop_frames)`.
use crate::host::Recording;
use take::{Rendition, StemKind};

/// Sample of a stem at a frame of the song, left or right (0 or 1). 0.0 where the take has no such stem.
pub fn stem_at(rendition: &Rendition, stem: StemKind, channel: usize, song_frame: i64) -> f32 {
    let Some(clip) = &rendition.stems[stem as usize] else { return 0.0 };
    let loop_frames = rendition.loop_frames();
    let mut repeat = (song_frame as f64 / loop_frames).floor();
    // Rounding may put the frame one repeat on or back.
    while ((repeat + 1.0) * loop_frames).round() as i64 <= song_frame {
        repeat += 1.0;
    }
    while (repeat * loop_frames).round() as i64 > song_frame {
        repeat -= 1.0;
    }
    let index = (song_frame - (repeat * loop_frames).round() as i64) as usize;
    let samples = if channel == 0 { &clip.left } else { &clip.right };
    samples.get(index).copied().unwrap_or(0.0)
}

/// A place where the recording differs from the stem.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Frame of the recording.
    pub frame: usize,
    /// Frame of the song.
    pub song_frame: i64,
    /// In the recording.
    pub got: f32,
    /// In the stem.
    pub wanted: f32,
}

/// Compares an output bus with a stem, bit for bit, block by block as the host placed them. The first `skip_frames`
/// after the start and after every jump of the host are left out: there the deck fades in.
pub fn first_difference(
    recording: &Recording,
    bus: usize,
    rendition: &Rendition,
    stem: StemKind,
    skip_frames: usize,
) -> Option<Difference> {
    first_difference_within(recording, bus, rendition, stem, skip_frames, 0)
}

/// The same, but a frame may also be that of a song position up to `slack_frames` away: a host that cycles over a length
/// that is no whole number of frames stands between two frames afterwards.
pub fn first_difference_within(
    recording: &Recording,
    bus: usize,
    rendition: &Rendition,
    stem: StemKind,
    skip_frames: usize,
    slack_frames: i64,
) -> Option<Difference> {
    let num_frames = recording.buses[bus][0].len();
    let mut quiet_until = skip_frames;
    let mut expected_next = None;
    for (index, (position, start)) in recording.blocks.iter().enumerate() {
        let end = recording.blocks.get(index + 1).map_or(num_frames, |(_, next)| *next);
        let song_start = position.round() as i64;
        let is_jump = expected_next.is_some_and(|expected: i64| (expected - song_start).abs() > slack_frames);
        if is_jump {
            quiet_until = start + skip_frames;
        }
        expected_next = Some(song_start + (end - start) as i64);
        // Standing between two frames, the plugin may take a jump up to `slack_frames` before the host.
        let next_start = recording.blocks.get(index + 1).map(|(position, _)| position.round() as i64);
        let is_before_jump =
            next_start.is_some_and(|next| (next - song_start - (end - start) as i64).abs() > slack_frames);
        let end = if is_before_jump { end - slack_frames as usize } else { end };
        for frame in (*start).max(quiet_until)..end {
            let song_frame = song_start + (frame - start) as i64;
            for channel in 0..2 {
                let got = recording.buses[bus][channel][frame];
                let wanted = stem_at(rendition, stem, channel, song_frame);
                let is_near = (-slack_frames..=slack_frames)
                    .any(|slack| got == stem_at(rendition, stem, channel, song_frame + slack));
                if !is_near {
                    return Some(Difference { frame, song_frame, got, wanted });
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::{AudioClip, Beats, Bpm, SampleRate, TakeId};

    #[test]
    fn repeats_start_where_they_round_to() {
        let ramp: Box<[f32]> = (0..3).map(|n| n as f32).collect();
        let mut stems: [Option<AudioClip>; 5] = Default::default();
        stems[0] = Some(AudioClip { left: ramp.clone(), right: ramp });
        // 1 frame a beat, 2.4 beats: repeats start at 0, 2, 5, 7, 10 (and at -2).
        let rendition = Rendition {
            take: TakeId([0; 32]),
            tempo: Bpm::new(60.0).unwrap(),
            rate: SampleRate::new(1).unwrap(),
            loop_beats: Beats(2.4),
            bar_beats: Beats(2.4),
            stems,
        };
        let heard: Vec<f32> = (-2..8).map(|frame| stem_at(&rendition, StemKind::Drums, 0, frame)).collect();
        assert_eq!(heard, [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 2.0, 0.0, 1.0, 0.0]);
    }
}
