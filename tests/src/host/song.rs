//! The host's side of time: tempo, meter, cycle, and where the playhead is.
use clack_host::events::event_types::{TransportEvent, TransportFlags};
use clack_host::events::{EventFlags, EventHeader};
use clack_host::utils::{BeatTime, SecondsTime};

/// Tempo over the song.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tempo {
    /// One tempo, in BPM.
    Fixed(f64),
    /// Moves evenly in time from one tempo to another, then stays.
    Ramp {
        /// BPM at the start of the song.
        from: f64,
        /// BPM from `seconds` on.
        to: f64,
        /// Length of the ramp.
        seconds: f64,
    },
}

impl Tempo {
    /// BPM at a time of the song.
    pub fn bpm_at(self, seconds: f64) -> f64 {
        match self {
            Tempo::Fixed(bpm) => bpm,
            Tempo::Ramp { from, to, seconds: length } => from + (to - from) * (seconds / length).clamp(0.0, 1.0),
        }
    }

    /// Beats from the start of the song; the integral of [`Tempo::bpm_at`].
    pub fn beats_at(self, seconds: f64) -> f64 {
        match self {
            Tempo::Fixed(bpm) => seconds * bpm / 60.0,
            Tempo::Ramp { from, to, seconds: length } => {
                let inside = seconds.clamp(0.0, length);
                let ramp = inside * from + (to - from) * inside * inside / (2.0 * length);
                (ramp + seconds.min(0.0) * from + (seconds - length).max(0.0) * to) / 60.0
            }
        }
    }

    /// Seconds from the start of the song at which a beat falls; the inverse of [`Tempo::beats_at`].
    pub fn seconds_at(self, beats: f64) -> f64 {
        let (mut low, mut high) = (-1.0e6, 1.0e6);
        if let Tempo::Fixed(bpm) = self {
            return beats * 60.0 / bpm;
        }
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if self.beats_at(middle) < beats { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}

/// A time signature as hosts give it.
pub type Meter = (u16, u16);

/// What the host knows of the song, and which of it it tells. A field a host leaves out is `false` or `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Song {
    /// Tempo. Nonsense is passed on as it is.
    pub tempo: Tempo,
    /// Meter; `None` is not told.
    pub meter: Option<Meter>,
    /// Cycle in beats, `start..end`; the host jumps back at its end.
    pub cycle: Option<(f64, f64)>,
    /// The tempo is told.
    pub tells_tempo: bool,
    /// The position in beats is told.
    pub tells_beats: bool,
    /// The position in seconds is told.
    pub tells_seconds: bool,
    /// Beats are rounded to a multiple of this before they are told (Ardour: 1/1920); 0.0 is exact.
    pub beat_grain: f64,
    /// The host gives a transport at all.
    pub has_transport: bool,
}

impl Song {
    /// A host that tells everything, in 4/4.
    pub fn at(bpm: f64) -> Self {
        Self {
            tempo: Tempo::Fixed(bpm),
            meter: Some((4, 4)),
            cycle: None,
            tells_tempo: true,
            tells_beats: true,
            tells_seconds: true,
            beat_grain: 0.0,
            has_transport: true,
        }
    }

    /// Length of a bar in beats; 4.0 where the meter is not told or is nonsense.
    pub fn bar_beats(&self) -> f64 {
        match self.meter {
            Some((numerator, denominator)) if numerator > 0 && denominator > 0 => {
                4.0 * f64::from(numerator) / f64::from(denominator)
            }
            _ => 4.0,
        }
    }
}

/// Where the host is, counted in frames of the song; frame 0 is beat 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Playhead {
    /// Frame of the song. Not a whole number after a cycle whose length is none.
    pub frame: f64,
    /// Frames per second.
    pub rate: f64,
    /// The transport rolls.
    pub is_playing: bool,
}

impl Playhead {
    /// At a beat of the song.
    pub fn at_beat(song: &Song, beats: f64, rate: f64) -> Self {
        Self { frame: song.tempo.seconds_at(beats) * rate, rate, is_playing: true }
    }

    /// Position in beats.
    pub fn beats(&self, song: &Song) -> f64 {
        match song.tempo {
            // One multiplication and one division, nothing summed up: exact to a rounding at any position.
            Tempo::Fixed(bpm) => self.frame * bpm / (60.0 * self.rate),
            ramp => ramp.beats_at(self.frame / self.rate),
        }
    }

    /// Frames until the cycle jumps back, rounded up; `None` without a cycle, or outside of it.
    pub(crate) fn frames_to_jump(&self, song: &Song) -> Option<usize> {
        let (start, end) = song.cycle?;
        let here = self.beats(song);
        if !self.is_playing || here < start || here >= end {
            return None;
        }
        let end_frame = song.tempo.seconds_at(end) * self.rate;
        Some(((end_frame - self.frame - 1e-6).ceil() as usize).max(1))
    }

    /// On by a block that does not reach past the cycle's end by more than a fraction of a frame.
    pub(crate) fn advance(&mut self, song: &Song, num_frames: usize) {
        if !self.is_playing {
            return;
        }
        let jump = self.frames_to_jump(song);
        self.frame += num_frames as f64;
        if let (Some((start, end)), true) = (song.cycle, jump == Some(num_frames)) {
            let past = self.frame - song.tempo.seconds_at(end) * self.rate;
            self.frame = song.tempo.seconds_at(start) * self.rate + past.max(0.0);
        }
    }

    /// What the plugin is told at the first frame of a block.
    pub(crate) fn event(&self, song: &Song) -> Option<TransportEvent> {
        if !song.has_transport {
            return None;
        }
        let seconds = self.frame / self.rate;
        let mut beats = self.beats(song);
        if song.beat_grain > 0.0 {
            beats = (beats / song.beat_grain).round() * song.beat_grain;
        }
        let bar = (beats / song.bar_beats()).floor();
        let (cycle_start, cycle_end) = song.cycle.unwrap_or_default();
        let (numerator, denominator) = song.meter.unwrap_or((0, 0));
        let flag = |is_set: bool, flag: TransportFlags| if is_set { flag } else { TransportFlags::empty() };
        Some(TransportEvent {
            header: EventHeader::new_core(0, EventFlags::empty()),
            flags: flag(self.is_playing, TransportFlags::IS_PLAYING)
                | flag(song.tells_tempo, TransportFlags::HAS_TEMPO)
                | flag(song.tells_beats, TransportFlags::HAS_BEATS_TIMELINE)
                | flag(song.tells_seconds, TransportFlags::HAS_SECONDS_TIMELINE)
                | flag(song.meter.is_some(), TransportFlags::HAS_TIME_SIGNATURE)
                | flag(song.cycle.is_some(), TransportFlags::IS_LOOP_ACTIVE),
            song_pos_beats: BeatTime::from_float(beats),
            song_pos_seconds: SecondsTime::from_float(seconds),
            tempo: song.tempo.bpm_at(seconds),
            tempo_inc: 0.0,
            loop_start_beats: BeatTime::from_float(cycle_start),
            loop_end_beats: BeatTime::from_float(cycle_end),
            loop_start_seconds: SecondsTime::from_float(song.tempo.seconds_at(cycle_start)),
            loop_end_seconds: SecondsTime::from_float(song.tempo.seconds_at(cycle_end)),
            bar_start: BeatTime::from_float(bar * song.bar_beats()),
            bar_number: bar as i32,
            time_signature_numerator: numerator,
            time_signature_denominator: denominator,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_its_own_inverse() {
        let ramp = Tempo::Ramp { from: 90.0, to: 150.0, seconds: 8.0 };
        assert_eq!(ramp.bpm_at(4.0), 120.0);
        for seconds in [-1.0, 0.0, 3.3, 8.0, 20.0] {
            assert!((ramp.seconds_at(ramp.beats_at(seconds)) - seconds).abs() < 1e-9);
        }
    }

    #[test]
    fn a_cycle_jumps_back_and_keeps_the_fraction() {
        let song = Song { cycle: Some((0.0, 12.0)), ..Song::at(126.0) };
        let mut head = Playhead::at_beat(&song, 11.999, 48_000.0);
        let left = head.frames_to_jump(&song).unwrap();
        head.advance(&song, left);
        assert!(head.beats(&song) >= 0.0 && head.frame < 1.0, "{head:?}");
    }
}
