//! Room: RT
//! Auditioning: one take on the cue bus. It follows the host while the transport rolls, like any deck; while it stands
//! the take runs on by itself, from its start or from where the host stopped, at its own tempo.
use super::deck::{Deck, Want};
use super::read::{ChunkGain, Stereo, clear};
use super::transport::Moment;
use super::voice::Lanes;
use crate::{FromEngine, NUM_STEMS, Playable, ToEngine};
use dsp::smooth::Ramp;
use take::SampleRate;

const FADE_MS: f64 = 5.0;

/// A deck with a clock of its own.
#[derive(Debug)]
pub(crate) struct Cue {
    deck: Deck,
    rate: SampleRate,
    now: Moment,
    /// The clock runs by itself.
    is_free: bool,
    /// Frames per beat of the cued take at its own tempo.
    own_frames_per_beat: f64,
    want: Want,
    gains: [ChunkGain; NUM_STEMS],
    /// Share of the bus that is also heard on the main output.
    in_main: Ramp,
    main_gain: ChunkGain,
}

impl Cue {
    /// Silent.
    pub(crate) fn new(rate: SampleRate, now: Moment) -> Self {
        let crossfade_frames = (FADE_MS * 0.001 * f64::from(rate.get())) as u32;
        Self {
            deck: Deck::new(rate),
            rate,
            own_frames_per_beat: now.frames_per_beat,
            now: Moment { is_playing: true, ..now },
            is_free: true,
            want: Want { is_audible: true, pitch_semitones: 0.0, crossfade_frames },
            gains: std::array::from_fn(|_| ChunkGain::resting(1.0)),
            in_main: Ramp::new(1.0),
            main_gain: ChunkGain::resting(1.0),
        }
    }

    /// Reads the dial of this block.
    pub(crate) fn begin_block(&mut self, is_in_main: bool) {
        let target = if is_in_main { 1.0 } else { 0.0 };
        self.in_main.set_target(target, self.want.crossfade_frames);
    }

    pub(crate) fn can_take(&self, order: &ToEngine) -> bool {
        self.deck.can_take(order)
    }

    /// Starts a take, or stops; `host` is the next frame. Call only after [`Cue::can_take`].
    pub(crate) fn set(&mut self, playable: Option<Playable>, host: &Moment) {
        match playable {
            Some(playable) => {
                self.own_frames_per_beat = playable.rendition.tempo.frames_per_beat(self.rate);
                self.is_free = !host.is_playing;
                self.now = if host.is_playing { *host } else { self.at(0, host) };
                self.deck.play_at_once(playable, &self.now, &self.want);
            }
            None => self.deck.unload(&self.want),
        }
    }

    pub(crate) fn settle(&mut self, news: &mut rtrb::Producer<FromEngine>) {
        self.deck.settle(None, news);
    }

    /// Frames for which one call of [`Cue::render`] holds; `host` is the next frame.
    pub(crate) fn begin(&mut self, host: &Moment) -> usize {
        if host.is_playing {
            self.now = *host;
        } else if !self.is_free {
            // The host stopped: from this place on by itself.
            let frame = (self.now.beats() * self.own_frames_per_beat).round() as i64;
            self.now = Moment { is_jump: true, ..self.at(frame, host) };
        } else {
            self.now.is_jump = false;
        }
        self.is_free = !host.is_playing;
        self.deck.begin(&self.now, &self.want)
    }

    /// A frame of the clock of its own.
    fn at(&self, frame: i64, host: &Moment) -> Moment {
        let frames_per_beat = self.own_frames_per_beat;
        Moment { is_playing: true, frame, part: 0.0, frames_per_beat, wrap: None, hidden_wrap: None, ..*host }
    }

    /// Overwrites the bus, and adds it to the main mix as far as it is heard there.
    pub(crate) fn render(
        &mut self,
        bus: &mut Stereo,
        work: &mut [Stereo; NUM_STEMS],
        mix: &mut Stereo,
        num_frames: usize,
    ) {
        clear(bus, num_frames);
        let is_sounding = self.deck.is_sounding();
        self.deck.render(&self.gains, &mut Lanes { lanes: std::slice::from_mut(bus), work, num_frames });
        self.main_gain.fill(&mut self.in_main, num_frames);
        if is_sounding {
            for (channel, main) in bus.iter_mut().zip(mix) {
                let samples = channel.get_mut(..num_frames).unwrap_or_default();
                samples.iter_mut().for_each(|x| *x = dsp::guard::clean(*x).clamp(-1.0, 1.0));
                self.main_gain.add_scaled(samples, main.get_mut(..num_frames).unwrap_or_default());
            }
        }
        self.now.frame += num_frames as i64;
    }
}
