//! Room: RT
//! The host's transport as the engine wants it, with the framework's guesses undone.
//!
//! With sample-accurate automation the framework cuts a host block at every parameter event and calls `process` for
//! each piece. The position it gives for the later pieces is extrapolated and good; the bar start is recomputed as
//! if the meter had been the same since the start of the song, which is wrong after any meter change. [`Bars`] keeps
//! the bar line the host really gave while the music runs on.
use engine::{HostBlock, LoopRange};
use nice_plug::prelude::Transport;

/// Two bar lines closer than this are the same one: hosts round beats to 1/1920 or coarser.
const SAME_BAR_BEATS: f64 = 0.01;
/// A position this far from the predicted one is a jump.
const JUMP_BEATS: f64 = 0.01;

/// Makes host blocks out of transports. Remembers one block.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bars {
    last: Option<LastBlock>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct LastBlock {
    bar_start: f64,
    end_beats: f64,
    meter: (i32, i32),
}

impl Bars {
    /// Forgets the last block.
    pub fn reset(&mut self) {
        self.last = None;
    }

    /// The block of `num_frames` that starts where `transport` says.
    ///
    /// # Realtime
    /// Safe.
    pub fn host_block(&mut self, transport: &Transport, num_frames: usize) -> HostBlock {
        let meter = transport.time_sig_numerator.zip(transport.time_sig_denominator);
        let mut host = HostBlock {
            num_frames,
            is_playing: transport.playing,
            tempo: transport.tempo,
            pos_beats: transport.pos_beats,
            // Only a position the host gave: one derived from beats would repeat their rounding.
            pos_samples: transport.pos_samples.or_else(|| transport.pos_seconds.and_then(|_| transport.pos_samples())),
            bar_start_beats: transport.bar_start_pos_beats,
            meter,
            cycle: transport.loop_range_beats.map(|(start, end)| LoopRange { start, end }),
        };
        host.bar_start_beats = self.bar_start(&host);
        self.remember(&host, transport.sample_rate);
        host
    }

    fn bar_start(&self, host: &HostBlock) -> Option<f64> {
        let given = host.bar_start_beats?;
        let (Some(last), Some(beats), Some(meter)) = (self.last, host.pos_beats, host.meter) else {
            return Some(given);
        };
        let bar_beats = bar_beats(meter)?;
        let runs_on = host.is_playing && meter == last.meter && (beats - last.end_beats).abs() < JUMP_BEATS;
        let recomputed = (beats / bar_beats).floor() * bar_beats;
        if !runs_on || (given - recomputed).abs() > SAME_BAR_BEATS {
            return Some(given);
        }
        let bars_since = ((beats - last.bar_start) / bar_beats).floor();
        Some(last.bar_start + bars_since * bar_beats)
    }

    fn remember(&mut self, host: &HostBlock, rate: f32) {
        let known = host.bar_start_beats.zip(host.pos_beats).zip(host.meter).zip(host.tempo);
        self.last =
            known.filter(|(((start, beats), _), _)| start <= beats).map(|(((bar_start, beats), meter), tempo)| {
                let end_beats = beats + host.num_frames as f64 * tempo / (60.0 * f64::from(rate));
                LastBlock { bar_start, end_beats, meter }
            });
    }
}

/// Quarter notes in a bar; `None` for a meter no host should give.
fn bar_beats((numerator, denominator): (i32, i32)) -> Option<f64> {
    (numerator > 0 && denominator > 0).then(|| f64::from(numerator) * 4.0 / f64::from(denominator))
}

/// The part of `host` that starts `offset` frames into it and is `num_frames` long.
///
/// # Realtime
/// Safe.
pub fn part_of(host: &HostBlock, offset: usize, num_frames: usize, rate: f64) -> HostBlock {
    let beats_in = host.tempo.map_or(0.0, |tempo| offset as f64 * tempo / (60.0 * rate));
    HostBlock {
        num_frames,
        pos_beats: host.pos_beats.map(|beats| if offset == 0 { beats } else { beats + beats_in }),
        pos_samples: host.pos_samples.map(|samples| samples + offset as i64),
        ..*host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 60 BPM at 1 frame per second: one frame is one beat.
    fn at(beats: f64, bar_start: f64, meter: (i32, i32)) -> Transport {
        let mut transport = Transport::new(1.0);
        transport.playing = true;
        transport.tempo = Some(60.0);
        transport.pos_beats = Some(beats);
        transport.bar_start_pos_beats = Some(bar_start);
        (transport.time_sig_numerator, transport.time_sig_denominator) = (Some(meter.0), Some(meter.1));
        transport
    }

    #[test]
    fn a_piece_of_a_block_keeps_the_hosts_bar_line() {
        let mut bars = Bars::default();
        // 7/8 since beat 8: bars at 8.0, 11.5. The framework would say 10.5 for beat 13.
        bars.host_block(&at(12.0, 11.5, (7, 8)), 1);
        assert_eq!(bars.host_block(&at(13.0, 10.5, (7, 8)), 1).bar_start_beats, Some(11.5));
        assert_eq!(bars.host_block(&at(14.0, 14.0, (7, 8)), 1).bar_start_beats, Some(11.5));
        assert_eq!(bars.host_block(&at(15.0, 14.0, (7, 8)), 1).bar_start_beats, Some(15.0));
    }

    #[test]
    fn a_jump_and_a_new_meter_believe_the_host() {
        let mut bars = Bars::default();
        bars.host_block(&at(12.0, 11.5, (7, 8)), 1);
        assert_eq!(bars.host_block(&at(3.5, 3.5, (7, 8)), 1).bar_start_beats, Some(3.5));
        bars.host_block(&at(12.0, 11.5, (7, 8)), 1);
        assert_eq!(bars.host_block(&at(13.0, 12.0, (4, 4)), 1).bar_start_beats, Some(12.0));
    }

    #[test]
    fn what_the_host_leaves_out_stays_out() {
        let host = Bars::default().host_block(&Transport::new(48_000.0), 64);
        assert_eq!(host, HostBlock { num_frames: 64, ..HostBlock::default() });
    }

    #[test]
    fn after_nonsense_of_a_host_its_bar_lines_are_believed_again() {
        for meter in [(0, 4), (4, 0), (-1, -1)] {
            let mut bars = Bars::default();
            bars.host_block(&at(1.0, 0.0, meter), 1);
            bars.host_block(&at(f64::NAN, f64::NAN, meter), 1);
            assert_eq!(bars.host_block(&at(9.0, 8.0, (4, 4)), 1).bar_start_beats, Some(8.0), "after {meter:?}");
            assert_eq!(bars.host_block(&at(10.0, 8.0, (4, 4)), 1).bar_start_beats, Some(8.0), "after {meter:?}");
        }
    }

    #[test]
    fn a_part_starts_later_by_its_frames() {
        let host = Bars::default().host_block(&at(4.0, 4.0, (4, 4)), 8);
        let part = part_of(&HostBlock { pos_samples: Some(-2), ..host }, 3, 5, 1.0);
        assert_eq!((part.num_frames, part.pos_beats, part.pos_samples), (5, Some(7.0), Some(1)));
    }
}
