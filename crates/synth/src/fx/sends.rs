//! Echo and room. Both are linear, so stems are played through them once and what rings on is laid over their starts.
//! Every stem keeps its own echo and room; as these have the same shape, the stems run side by side.
use super::resample::{DOUBLER_DELAY, Doubler, Halver};
use super::room::{Ring, RoomNetwork};
use crate::circle::Circle;
use crate::lanes::Lanes;
use crate::mix_settings::{Echo, Room};
use crate::progress::{Cancelled, Ticker};
use dsp::one_pole::one_pole_coefficient;

/// The space around the stems.
#[derive(Debug, Clone, Copy)]
pub struct Space<'a> {
    pub room: &'a Room,
    pub echo: &'a Echo,
    pub rate: f32,
    pub beat_frames: f64,
}

/// A stem and how much of it goes where, 0.0..=1.0. All stems have the same number of frames.
#[derive(Debug)]
pub struct Sender<'a> {
    pub circle: &'a mut Circle,
    pub reverb: f32,
    pub echo: f32,
}

/// Longest tail that is laid over the start, seconds.
const MAX_TAIL_S: f32 = 16.0;
/// Frames at a time; a multiple of 8, the most that rates are divided by.
const CHUNK: usize = 1024;

/// Adds echo and room to the stems.
pub fn add_sends(mut senders: Vec<Sender<'_>>, space: Space<'_>, ticker: &mut Ticker<'_>) -> Result<(), Cancelled> {
    senders.retain(|sender| sender.reverb > 0.0 || sender.echo > 0.0);
    if senders.is_empty() {
        return Ok(());
    }
    // A vector of four costs no more than a single one, and eight lanes twice as much.
    if senders.len() <= 4 {
        add_group::<4>(&mut senders, space, ticker)
    } else {
        add_group::<8>(&mut senders, space, ticker)
    }
}

fn add_group<const N: usize>(
    senders: &mut [Sender<'_>],
    space: Space<'_>,
    ticker: &mut Ticker<'_>,
) -> Result<(), Cancelled> {
    let halvings = halvings(space.rate);
    let loop_frames = senders[0].circle.num_frames();
    let rate = space.rate / (1 << halvings) as f32;
    let delay = DOUBLER_DELAY * ((1 << halvings) - 1);
    let end = loop_frames + delay + (tail_s(senders, space) * space.rate) as usize;
    let mut wet = Wet::<N>::new(senders, space, rate, halvings);
    let mut halvers = vec![Halver::<N>::default(); halvings as usize];
    let mut doublers = vec![[Doubler::<N>::default(), Doubler::default()]; halvings as usize];
    let (mut left, mut right) = (vec![Lanes::ZERO; CHUNK], vec![Lanes::ZERO; CHUNK]);
    for start in (0..end).step_by(CHUNK) {
        read_middle(senders, start, &mut left);
        let mut count = CHUNK;
        for halver in &mut halvers {
            count = halver.process(&mut left[..count]);
        }
        wet.process(&mut left[..count], &mut right[..count]);
        for [l, r] in &mut doublers {
            l.process(&mut left[..2 * count], count);
            r.process(&mut right[..2 * count], count);
            count *= 2;
        }
        // The answer is late and so never lands on what is still to be read.
        let place = (start + loop_frames * (1 + delay / loop_frames) - delay) % loop_frames;
        // What the streams hold before the first frame is silence.
        let skip = if start == 0 { delay } else { 0 };
        add_answer(senders, (place + skip) % loop_frames, &left[skip..], &right[skip..]);
        ticker.work(CHUNK * senders.len())?;
    }
    Ok(())
}

/// How often the rate is halved: the sends run at 22 to 44 kHz.
fn halvings(rate: f32) -> u32 {
    let mut count = 0;
    while count < 3 && rate / (2 << count) as f32 >= 22_000.0 {
        count += 1;
    }
    count
}

fn tail_s(senders: &[Sender<'_>], space: Space<'_>) -> f32 {
    let has_echo = senders.iter().any(|sender| sender.echo > 0.0);
    let has_room = senders.iter().any(|sender| sender.reverb > 0.0) || (has_echo && space.echo.reverb > 0.0);
    let room_s = if has_room { 1.1 * space.room.decay_s + 0.001 * space.room.predelay_ms } else { 0.0 };
    let echo_s = if has_echo {
        let repeats = libm::logf(0.001) / libm::logf(space.echo.feedback.max(0.01));
        (1.0 + repeats) * (space.echo.beats * space.beat_frames as f32 / space.rate)
    } else {
        0.0
    };
    (room_s + echo_s).min(MAX_TAIL_S)
}

/// The stems' middles from frame `start` on, one per lane; silence past the end.
fn read_middle<const N: usize>(senders: &[Sender<'_>], start: usize, out: &mut [Lanes<N>]) {
    out.fill(Lanes::ZERO);
    for (lane, sender) in senders.iter().enumerate() {
        let from = start.min(sender.circle.num_frames());
        let samples = sender.circle.left[from..].iter().zip(&sender.circle.right[from..]);
        out.iter_mut().zip(samples).for_each(|(frame, (l, r))| frame.0[lane] = 0.5 * (l + r));
    }
}

fn add_answer<const N: usize>(senders: &mut [Sender<'_>], place: usize, left: &[Lanes<N>], right: &[Lanes<N>]) {
    for (lane, sender) in senders.iter_mut().enumerate() {
        add_lane(&mut sender.circle.left, place, left, lane);
        add_lane(&mut sender.circle.right, place, right, lane);
    }
}

fn add_lane<const N: usize>(out: &mut [f32], mut place: usize, mut frames: &[Lanes<N>], lane: usize) {
    while !frames.is_empty() {
        let count = frames.len().min(out.len() - place);
        out[place..place + count].iter_mut().zip(frames).for_each(|(o, frame)| *o += frame.0[lane]);
        frames = &frames[count..];
        place = 0;
    }
}

struct EchoLines<const N: usize> {
    lines: [Ring<N>; 2],
    low: [Lanes<N>; 2],
    high: [Lanes<N>; 2],
    low_pass: f32,
    high_pass: f32,
    level: Lanes<N>,
    feedback: f32,
    cross: f32,
    reverb: f32,
}

impl<const N: usize> EchoLines<N> {
    #[inline(always)]
    fn process(&mut self, x: Lanes<N>) -> [Lanes<N>; 2] {
        let (l, r) = (self.heard(0), self.heard(1));
        let (cross, straight) = (self.cross, 1.0 - self.cross);
        let x = x * self.level;
        self.lines[0].write(x + (l * straight + r * cross) * self.feedback);
        self.lines[1].write(x * straight + (r * straight + l * cross) * self.feedback);
        [l, r]
    }

    #[inline(always)]
    fn heard(&mut self, side: usize) -> Lanes<N> {
        let low = self.low[side] + (self.lines[side].read() - self.low[side]) * self.low_pass;
        let high = self.high[side] + (low - self.high[side]) * self.high_pass;
        (self.low[side], self.high[side]) = (low, high);
        (low - high).afloat()
    }
}

struct Wet<const N: usize> {
    room: RoomNetwork<N>,
    predelay: Ring<N>,
    echo: Option<EchoLines<N>>,
    reverb: Lanes<N>,
}

impl<const N: usize> Wet<N> {
    fn new(senders: &[Sender<'_>], space: Space<'_>, rate: f32, halvings: u32) -> Self {
        let lanes = |level: fn(&Sender<'_>) -> f32| {
            let mut lanes = Lanes::ZERO;
            lanes.0.iter_mut().zip(senders).for_each(|(lane, sender)| *lane = level(sender));
            lanes
        };
        let echo = space.echo;
        let exact = f64::from(echo.beats) * space.beat_frames / f64::from(1u32 << halvings);
        let frames = (libm::round(exact) as usize).max(1);
        let has_echo = senders.iter().any(|sender| sender.echo > 0.0);
        let echo = has_echo.then(|| EchoLines {
            lines: [Ring::new(frames), Ring::new(frames)],
            low: Default::default(),
            high: Default::default(),
            low_pass: one_pole_coefficient((echo.lowpass_hz / rate).min(0.45)),
            high_pass: one_pole_coefficient(echo.highpass_hz / rate),
            level: lanes(|sender| sender.echo),
            feedback: echo.feedback,
            cross: echo.ping_pong,
            reverb: echo.reverb,
        });
        Self {
            room: RoomNetwork::new(space.room, rate),
            predelay: Ring::new((space.room.predelay_ms * 0.001 * rate) as usize),
            echo,
            reverb: lanes(|sender| sender.reverb),
        }
    }

    /// Turns the input in `left` into the answer of both sides.
    fn process(&mut self, left: &mut [Lanes<N>], right: &mut [Lanes<N>]) {
        for (l, r) in left.iter_mut().zip(right) {
            let x = *l;
            let mut to_room = (x * self.reverb).afloat();
            let mut repeats = [Lanes::ZERO; 2];
            if let Some(echo) = &mut self.echo {
                repeats = echo.process(x);
                to_room = to_room + (repeats[0] + repeats[1]) * (0.5 * echo.reverb);
            }
            let delayed = self.predelay.read();
            self.predelay.write(to_room);
            let (room_l, room_r) = self.room.process(delayed);
            (*l, *r) = (repeats[0] + room_l, repeats[1] + room_r);
        }
    }
}
