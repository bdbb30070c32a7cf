//! Room: RT
//! Auditioning: one take on the cue bus from its start, whether or not the transport rolls.
use super::deck::{Deck, Want};
use super::read::{ChunkGain, Stereo, clear};
use super::transport::Moment;
use super::voice::Lanes;
use crate::{FromEngine, NUM_STEMS, Playable, ToEngine};
use take::SampleRate;

const FADE_MS: f64 = 5.0;

/// A deck with a clock of its own.
#[derive(Debug)]
pub(crate) struct Cue {
    deck: Deck,
    rate: SampleRate,
    now: Moment,
    want: Want,
    gains: [ChunkGain; NUM_STEMS],
}

impl Cue {
    /// Silent.
    pub(crate) fn new(rate: SampleRate, now: Moment) -> Self {
        let crossfade_frames = (FADE_MS * 0.001 * f64::from(rate.get())) as u32;
        Self {
            deck: Deck::new(rate),
            rate,
            now: Moment { is_playing: true, ..now },
            want: Want { is_audible: true, pitch_semitones: 0.0, crossfade_frames },
            gains: std::array::from_fn(|_| ChunkGain::resting(1.0)),
        }
    }

    pub(crate) fn can_take(&self, order: &ToEngine) -> bool {
        self.deck.can_take(order)
    }

    /// Starts a take, or stops. Call only after [`Cue::can_take`].
    pub(crate) fn set(&mut self, playable: Option<Playable>) {
        match playable {
            Some(playable) => {
                self.now.frame = 0;
                self.now.frames_per_beat = playable.rendition.tempo.frames_per_beat(self.rate);
                self.deck.play_at_once(playable, &self.now, &self.want);
            }
            None => self.deck.unload(&self.want),
        }
    }

    pub(crate) fn settle(&mut self, news: &mut rtrb::Producer<FromEngine>) {
        self.deck.settle(None, news);
    }

    /// Frames for which one call of [`Cue::render`] holds.
    pub(crate) fn begin(&mut self) -> usize {
        self.deck.begin(&self.now, &self.want)
    }

    /// Overwrites the bus.
    pub(crate) fn render(&mut self, bus: &mut Stereo, work: &mut [Stereo; NUM_STEMS], num_frames: usize) {
        clear(bus, num_frames);
        let is_sounding = self.deck.is_sounding();
        self.deck.render(&self.gains, &mut Lanes { lanes: std::slice::from_mut(bus), work, num_frames });
        if is_sounding {
            for channel in bus.iter_mut() {
                let samples = channel.get_mut(..num_frames).unwrap_or_default();
                samples.iter_mut().for_each(|x| *x = dsp::guard::clean(*x).clamp(-1.0, 1.0));
            }
        }
        self.now.frame += num_frames as i64;
    }
}
