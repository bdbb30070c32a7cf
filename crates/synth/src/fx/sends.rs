//! Echo and room. Both are linear, so a stem is played through them once and what rings on is laid over its start.
use super::resample::{double, halve};
use super::room::RoomNetwork;
use crate::circle::Circle;
use crate::mix_settings::{Echo, Room};
use crate::progress::{Cancelled, Ticker};
use dsp::one_pole::OnePole;

/// What a stem sends where.
#[derive(Debug)]
pub struct Sends<'a> {
    pub reverb: f32,
    pub echo_level: f32,
    pub room: &'a Room,
    pub echo: &'a Echo,
    pub rate: f32,
    pub beat_frames: f64,
}

/// Longest tail that is laid over the start, seconds.
const MAX_TAIL_S: f32 = 16.0;
/// Output frames between two looks at the cancel flag.
const CHUNK: usize = 16_384;

/// Adds echo and room to the stem.
pub fn add_sends(circle: &mut Circle, sends: &Sends<'_>, ticker: &mut Ticker<'_>) -> Result<(), Cancelled> {
    if sends.reverb <= 0.0 && sends.echo_level <= 0.0 {
        return Ok(());
    }
    let halvings = halvings(sends.rate);
    let mut input: Vec<f32> = circle.left.iter().zip(&circle.right).map(|(l, r)| 0.5 * (l + r)).collect();
    for _ in 0..halvings {
        input = halve(&input);
    }
    let rate = sends.rate / (1 << halvings) as f32;
    let tail = (sends.tail_s() * rate) as usize;
    input.resize(input.len() + tail, 0.0);
    ticker.work(input.len())?;
    let (mut left, mut right) = (vec![0.0; input.len()], vec![0.0; input.len()]);
    let mut wet = Wet::new(sends, rate, halvings);
    let mut start = 0;
    while start < input.len() {
        let end = (start + CHUNK).min(input.len());
        wet.process(&input[start..end], &mut left[start..end], &mut right[start..end]);
        ticker.work(2 * (end - start))?;
        start = end;
    }
    for _ in 0..halvings {
        left = double(&left);
        right = double(&right);
    }
    ticker.work(left.len())?;
    circle.add_stereo((&left, &right), 0, 1.0);
    Ok(())
}

/// How often the rate is halved: the sends run at 22 to 44 kHz.
fn halvings(rate: f32) -> u32 {
    let mut count = 0;
    while rate / (2 << count) as f32 >= 22_000.0 {
        count += 1;
    }
    count
}

impl Sends<'_> {
    fn tail_s(&self) -> f32 {
        let room_s = if self.reverb > 0.0 || self.echo.reverb > 0.0 {
            1.1 * self.room.decay_s + 0.001 * self.room.predelay_ms
        } else {
            0.0
        };
        let echo_s = if self.echo_level > 0.0 {
            let repeats = libm::logf(0.001) / libm::logf(self.echo.feedback.max(0.01));
            (1.0 + repeats) * (self.echo.beats * self.beat_frames as f32 / self.rate)
        } else {
            0.0
        };
        (room_s + echo_s).min(MAX_TAIL_S)
    }
}

struct Wet {
    room: RoomNetwork,
    predelay: Vec<f32>,
    predelay_at: usize,
    lines: [Vec<f32>; 2],
    line_at: usize,
    low_pass: [OnePole; 2],
    high_pass: [OnePole; 2],
    echo: Echo,
    echo_level: f32,
    reverb: f32,
}

impl Wet {
    fn new(sends: &Sends<'_>, rate: f32, halvings: u32) -> Self {
        let exact = f64::from(sends.echo.beats) * sends.beat_frames / f64::from(1u32 << halvings);
        let frames = (libm::round(exact) as usize).max(1);
        let low = OnePole::new(sends.echo.lowpass_hz.min(0.45 * rate), rate);
        let high = OnePole::new(sends.echo.highpass_hz, rate);
        Self {
            room: RoomNetwork::new(sends.room, rate),
            predelay: vec![0.0; ((sends.room.predelay_ms * 0.001 * rate) as usize).max(1)],
            predelay_at: 0,
            lines: [vec![0.0; frames], vec![0.0; frames]],
            line_at: 0,
            low_pass: [low; 2],
            high_pass: [high; 2],
            echo: sends.echo.clone(),
            echo_level: sends.echo_level,
            reverb: sends.reverb,
        }
    }

    fn process(&mut self, input: &[f32], left: &mut [f32], right: &mut [f32]) {
        let has_echo = self.echo_level > 0.0;
        for (n, &x) in input.iter().enumerate() {
            let mut to_room = x * self.reverb;
            if has_echo {
                let (l, r) = self.echo_step(x * self.echo_level);
                left[n] = l;
                right[n] = r;
                to_room += 0.5 * (l + r) * self.echo.reverb;
            }
            let delayed = std::mem::replace(&mut self.predelay[self.predelay_at], to_room);
            self.predelay_at = if self.predelay_at + 1 == self.predelay.len() { 0 } else { self.predelay_at + 1 };
            let (l, r) = self.room.process(delayed);
            left[n] += l;
            right[n] += r;
        }
    }

    #[inline(always)]
    fn echo_step(&mut self, x: f32) -> (f32, f32) {
        let at = self.line_at;
        let l = self.high_pass[0].high(self.low_pass[0].low(self.lines[0][at]));
        let r = self.high_pass[1].high(self.low_pass[1].low(self.lines[1][at]));
        let (cross, feedback) = (self.echo.ping_pong, self.echo.feedback);
        let straight = 1.0 - cross;
        // -300 dB of DC keeps denormals out of the feedback.
        let x = x + 1e-15;
        self.lines[0][at] = x + feedback * (straight * l + cross * r);
        self.lines[1][at] = straight * x + feedback * (straight * r + cross * l);
        self.line_at = if at + 1 == self.lines[0].len() { 0 } else { at + 1 };
        (l, r)
    }
}
