//! Room: RT
//! One deck's channel strip: stem levels, DJ filter, level and pan, sends. Every dial is smoothed per frame.
use super::fx::Send;
use super::read::{CHUNK, ChunkGain, Stereo, clear, peak_of};
use crate::{DeckParams, NUM_STEMS};
use dsp::dj_filter::DjFilter;
use dsp::guard::clean;
use dsp::smooth::Ramp;

/// A jump of a dial is spread over this long.
const DIAL_MS: f32 = 8.0;

/// Buses a strip adds to.
pub(crate) struct Buses<'a> {
    pub(crate) mix: &'a mut Stereo,
    pub(crate) stems: &'a mut [Stereo; NUM_STEMS],
    /// Reverb and delay.
    pub(crate) sends: [&'a mut Send; 2],
}

/// A channel strip.
#[derive(Debug)]
pub(crate) struct Strip {
    dial_frames: u32,
    sides: [Ramp; 2],
    stems: [Ramp; NUM_STEMS],
    sends: [Ramp; 2],
    stem_gains: [ChunkGain; NUM_STEMS],
    side_gains: [ChunkGain; 2],
    send_gains: [ChunkGain; 2],
    filter: DjFilter<2>,
    stem_filter: DjFilter<10>,
    was_silent: bool,
    sum: Stereo,
    peak: [f32; 2],
}

impl Strip {
    /// Every dial at its default.
    pub(crate) fn new(rate: f32) -> Self {
        let resting = |value| ChunkGain::resting(value);
        Self {
            dial_frames: (DIAL_MS * 0.001 * rate) as u32,
            sides: [Ramp::new(1.0); 2],
            stems: [Ramp::new(1.0); NUM_STEMS],
            sends: [Ramp::new(0.0); 2],
            stem_gains: std::array::from_fn(|_| resting(1.0)),
            side_gains: std::array::from_fn(|_| resting(1.0)),
            send_gains: std::array::from_fn(|_| resting(0.0)),
            filter: DjFilter::new(rate),
            stem_filter: DjFilter::new(rate),
            was_silent: true,
            sum: [[0.0; CHUNK]; 2],
            peak: [0.0; 2],
        }
    }

    /// Every dial stands where it was heading; filters are empty.
    pub(crate) fn reset(&mut self) {
        for ramp in self.sides.iter_mut().chain(&mut self.stems).chain(&mut self.sends) {
            ramp.reset(ramp.target());
        }
        self.filter.reset();
        self.stem_filter.reset();
        self.peak = [0.0; 2];
    }

    /// Reads the dials of this block.
    pub(crate) fn begin_block(&mut self, params: &DeckParams, is_any_soloed: bool) {
        let is_open = params.is_on && !params.is_muted && (params.is_soloed || !is_any_soloed);
        let level = if is_open { params.level.clamp(0.0, 4.0) } else { 0.0 };
        let pan = if params.pan.is_nan() { 0.0 } else { params.pan.clamp(-1.0, 1.0) };
        // Balance: the middle is 0 dB on both sides. A level that is no number leaves the ramp as it is.
        let sides = [level * (1.0 - pan.max(0.0)), level * (1.0 + pan.min(0.0))];
        let sends = [params.reverb_send, params.delay_send].map(|send| send.clamp(0.0, 1.0));
        let stems = params.stems.map(|gain| gain.clamp(0.0, 4.0));
        let ramps = self.sides.iter_mut().chain(&mut self.sends).chain(&mut self.stems);
        for (ramp, target) in ramps.zip(sides.into_iter().chain(sends).chain(stems)) {
            ramp.set_target(target, self.dial_frames);
        }
        self.filter.set(params.filter, params.resonance);
        self.stem_filter.set(params.filter, params.resonance);
    }

    /// Something can be heard through this strip.
    pub(crate) fn is_audible(&self) -> bool {
        self.sides.iter().any(|side| side.is_moving() || side.current() != 0.0)
    }

    /// Works out every gain of the next frames. Call once per chunk, heard or not.
    pub(crate) fn begin_chunk(&mut self, num_frames: usize) {
        let ramps = self.sides.iter_mut().chain(&mut self.sends).chain(&mut self.stems);
        let gains = self.side_gains.iter_mut().chain(&mut self.send_gains).chain(&mut self.stem_gains);
        ramps.zip(gains).for_each(|(ramp, gain)| gain.fill(ramp, num_frames));
    }

    /// Gains of the stems in this chunk.
    pub(crate) fn stem_gains(&self) -> &[ChunkGain; NUM_STEMS] {
        &self.stem_gains
    }

    /// The deck is silent in this chunk.
    pub(crate) fn skip(&mut self) {
        self.was_silent = true;
    }

    /// Runs one lane (the mix) or five (the stems) through the strip and adds them to the buses.
    pub(crate) fn render(&mut self, lanes: &mut [Stereo], num_frames: usize, buses: &mut Buses<'_>) {
        if std::mem::take(&mut self.was_silent) {
            // Where the filters went silent depends on the block size; where they wake up does not.
            self.filter.reset();
            self.stem_filter.reset();
        }
        for channel in lanes.iter_mut().flatten() {
            channel.get_mut(..num_frames).unwrap_or_default().iter_mut().for_each(|x| *x = clean(*x));
        }
        self.run_filter(lanes, num_frames);
        clear(&mut self.sum, num_frames);
        let is_per_stem = lanes.len() == NUM_STEMS;
        for (lane, bus) in lanes.iter_mut().zip(buses.stems.iter_mut()) {
            for (((lane, bus), sum), gain) in lane.iter_mut().zip(bus).zip(&mut self.sum).zip(&self.side_gains) {
                let Some(lane) = lane.get_mut(..num_frames) else { continue };
                gain.scale(lane);
                add(lane, sum);
                if is_per_stem {
                    add(lane, bus);
                }
            }
        }
        self.add_to_buses(num_frames, buses);
    }

    /// Largest sample since the last call.
    pub(crate) fn take_peak(&mut self) -> [f32; 2] {
        std::mem::take(&mut self.peak)
    }

    fn add_to_buses(&mut self, num_frames: usize, buses: &mut Buses<'_>) {
        for ((sum, peak), mix) in self.sum.iter().zip(&mut self.peak).zip(buses.mix.iter_mut()) {
            let sum = sum.get(..num_frames).unwrap_or_default();
            add(sum, mix);
            *peak = peak_of(sum, *peak);
        }
        for (send, gain) in buses.sends.iter_mut().zip(&self.send_gains) {
            if !gain.is_silent() {
                send.feed(&self.sum, gain, num_frames);
            }
        }
    }

    fn run_filter(&mut self, lanes: &mut [Stereo], num_frames: usize) {
        if let [[left, right]] = lanes {
            let (Some(left), Some(right)) = (left.get_mut(..num_frames), right.get_mut(..num_frames)) else { return };
            self.filter.process(&mut [left, right]);
        } else if let [a, b, c, d, e] = lanes {
            let [[a, f], [b, g], [c, h], [d, i], [e, j]] = [a, b, c, d, e].map(|[left, right]| [left, right]);
            let mut channels: [&mut [f32]; 10] = [a, b, c, d, e, f, g, h, i, j];
            for channel in &mut channels {
                let whole = std::mem::take(channel);
                *channel = whole.get_mut(..num_frames).unwrap_or_default();
            }
            self.stem_filter.process(&mut channels);
        }
    }
}

fn add(input: &[f32], out: &mut [f32]) {
    out.iter_mut().zip(input).for_each(|(out, x)| *out += x);
}
