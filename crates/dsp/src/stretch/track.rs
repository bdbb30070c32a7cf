//! Room: RT
//! One group of stems on its way: decides when and where to splice. See the parent module for the idea.
use super::map::{Group, signed_distance};
use super::search::{Searcher, Wanted};
use super::voice::{Chain, INTERVAL, Run};
use super::{Start, StretchOut, StretchSource};

/// Drift a voice may reach before it has to be spliced.
const TOLERANCE_S: f64 = 0.014;
/// Crossfade of a splice.
const FADE_S: f64 = 0.012;
/// The same for a group with few onsets: chords and drones have more voices to please and less timing to lose.
const CALM_TOLERANCE_S: f64 = 0.030;
const CALM_FADE_S: f64 = 0.030;
/// Crossfade into an onset, and how long before the onset it is over.
const LOCK_FADE_S: f64 = 0.003;
const LOCK_EARLY_S: f64 = 0.000_5;
/// Crossfade after a jump of the position.
const JUMP_FADE_S: f64 = 0.005;
/// A voice that will meet an onset this closely is left alone.
const ALIGNED_S: f64 = 0.000_7;
/// An attack: no splice this soon after an onset, and none back into it.
const ATTACK_S: f64 = 0.012;
/// At the original tempo a voice that is off is brought back after this long.
const SETTLE_S: f64 = 0.1;

/// What one call of the stretcher asks of a track.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a, 'b> {
    pub source: &'a StretchSource<'b>,
    pub group: usize,
    pub position: f64,
    pub speed: f64,
    pub read_rate: f64,
    pub start: Start,
}

/// Everything a decision looks at; frames of the source unless the name says `out`.
#[derive(Debug, Clone, Copy)]
struct View<'a, 'b> {
    source: &'a StretchSource<'b>,
    group: &'a Group,
    rate: f64,
    position: f64,
    speed: f64,
    read_rate: f64,
    /// How far the newest voice is ahead of the position, and how much that grows per output frame.
    error: f64,
    drift: f64,
    /// The next onset: its index, how far ahead it is, and in how many output frames it is due.
    next: Option<usize>,
    onset_ahead: f64,
    onset_out: f64,
    /// How far behind the last onset is.
    onset_behind: f64,
}

/// Splicing state of one group.
#[derive(Debug, Clone)]
pub(super) struct Track {
    out_rate: f64,
    chain: Chain,
    searcher: Searcher,
    read_rate: f64,
    /// Frames into the interval, 0..INTERVAL.
    phase: usize,
    /// Onset that was locked onto, or that needs no lock.
    handled: Option<usize>,
    is_jump_pending: bool,
    /// Intervals since the last onset came up, until the next search, and spent at the original tempo.
    since_lock: u32,
    until_search: u32,
    settled: u32,
    is_exact: bool,
}

impl Track {
    pub fn new(out_rate: f64) -> Self {
        Self {
            out_rate: if out_rate.is_finite() { out_rate.max(1.0) } else { 48_000.0 },
            chain: Chain::new(),
            searcher: Searcher::new(),
            read_rate: 1.0,
            phase: 0,
            handled: None,
            is_jump_pending: false,
            since_lock: 0,
            until_search: 0,
            settled: 0,
            is_exact: false,
        }
    }

    pub fn is_exact(&self) -> bool {
        self.is_exact
    }

    pub fn process(&mut self, call: &Call<'_, '_>, out: &mut StretchOut<'_>, num_frames: usize) {
        let Some(group) = call.source.map.groups.get(call.group) else { return };
        self.enter(call);
        let mut done = 0;
        while done < num_frames {
            if self.phase == 0 {
                self.decide(call, group, call.position + call.speed * done as f64);
            }
            let count = (INTERVAL - self.phase).min(num_frames - done);
            let run =
                Run { source: call.source, group, read_rate: self.read_rate, phase: self.phase, start: done, count };
            self.chain.render(&run, out);
            done += count;
            self.phase += count;
            if self.phase == INTERVAL {
                self.phase = 0;
                self.chain.advance(self.read_rate, call.source.map.num_frames());
            }
        }
    }

    /// Notices what changed since the last call.
    fn enter(&mut self, call: &Call<'_, '_>) {
        match call.start {
            Start::Fresh => {
                self.read_rate = call.read_rate;
                self.phase = 0;
                self.handled = None;
                self.is_jump_pending = false;
                self.since_lock = u32::MAX;
                self.chain.begin(place_for(call.position, call.read_rate));
            }
            Start::Jump => self.is_jump_pending = true,
            Start::Continue => {}
        }
        if call.read_rate != self.read_rate {
            self.chain.rebase(self.phase, self.read_rate, call.read_rate);
            self.read_rate = call.read_rate;
        }
    }

    /// Once per interval.
    fn decide(&mut self, call: &Call<'_, '_>, group: &Group, position: f64) {
        let view = self.look(call, group, position);
        self.since_lock = self.since_lock.saturating_add(1);
        self.until_search = self.until_search.saturating_sub(1);
        self.is_exact = false;
        if self.is_jump_pending {
            self.jump(&view);
        } else if !self.lock(&view) && !self.chain.is_fading() && !self.settle(&view) {
            self.splice(&view);
        }
    }

    fn look<'a, 'b>(&mut self, call: &Call<'a, 'b>, group: &'a Group, position: f64) -> View<'a, 'b> {
        let loop_frames = call.source.map.loop_frames();
        let position = position.rem_euclid(loop_frames);
        let error = signed_distance(self.chain.place(), position, loop_frames);
        let onsets = &group.onsets;
        // The small number keeps an onset that is due right now from falling on either side by a rounding.
        let mut next = onsets.partition_point(|onset| *onset <= position + 0.013);
        if next < onsets.len() || !onsets.is_empty() {
            next %= onsets.len();
        }
        let ahead_of = |index: usize| {
            onsets.get(index).map_or(f64::MAX, |onset| (onset - position - 0.013).rem_euclid(loop_frames) + 0.013)
        };
        let previous = onsets.get((next + onsets.len()).wrapping_sub(1) % onsets.len().max(1));
        let onset_behind = previous.map_or(f64::MAX, |onset| (position - onset + 0.013).rem_euclid(loop_frames));
        let mut onset_ahead = ahead_of(next);
        if self.handled == Some(next) {
            if onset_ahead > 0.25 * call.source.map.rate() {
                self.handled = None;
            } else if onsets.len() > 1 {
                // Already taken care of: what matters is the one after it.
                let after = (next + 1) % onsets.len();
                onset_ahead += (ahead_of(after) - onset_ahead).rem_euclid(loop_frames);
                next = after;
            } else {
                onset_ahead += loop_frames;
            }
        }
        View {
            source: call.source,
            group,
            rate: call.source.map.rate(),
            position,
            speed: call.speed,
            read_rate: self.read_rate,
            error,
            drift: self.read_rate - call.speed,
            next: (!onsets.is_empty()).then_some(next),
            onset_ahead,
            onset_out: if call.speed > 1.0e-6 { onset_ahead / call.speed } else { f64::MAX },
            onset_behind,
        }
    }

    /// The position jumped: start again there.
    fn jump(&mut self, view: &View<'_, '_>) {
        let place = place_for(view.position, view.read_rate);
        self.is_jump_pending = !self.fade_to(view, place, JUMP_FADE_S * self.out_rate);
        if !self.is_jump_pending {
            self.handled = None;
            self.since_lock = u32::MAX;
        }
    }

    /// An onset is coming up: have a voice play it on time. True when this interval is taken.
    fn lock(&mut self, view: &View<'_, '_>) -> bool {
        let Some(next) = view.next else { return false };
        let early = LOCK_EARLY_S * self.out_rate;
        let lead = LOCK_FADE_S * self.out_rate + early;
        if view.onset_out > lead + INTERVAL as f64 {
            return false;
        }
        let meets_off_by = view.error + view.drift * view.onset_out;
        if meets_off_by.abs() > ALIGNED_S * view.rate {
            let place = view.position + view.onset_ahead - view.read_rate * view.onset_out;
            let place = place_for(place.rem_euclid(view.source.map.loop_frames()), view.read_rate);
            let fade = (view.onset_out - early).clamp(0.3 * lead, lead);
            if !self.fade_to(view, place, fade) {
                return true;
            }
        }
        self.handled = Some(next);
        self.since_lock = 0;
        true
    }

    /// At the original tempo and pitch: finds the way back to the exact source.
    fn settle(&mut self, view: &View<'_, '_>) -> bool {
        if view.read_rate != 1.0 || (view.speed - 1.0).abs() > 1.0e-9 {
            self.settled = 0;
            return false;
        }
        let target = place_for(view.position, 1.0);
        if signed_distance(self.chain.place(), target, view.source.map.num_frames() as f64) == 0.0 {
            self.is_exact = true;
            return true;
        }
        self.settled += 1;
        if f64::from(self.settled) * INTERVAL as f64 > SETTLE_S * self.out_rate {
            self.settled = 0;
            self.fade_to(view, target, FADE_S * self.out_rate);
        }
        true
    }

    /// The voice has drifted: go on where it sounds alike and the drift is undone.
    fn splice(&mut self, view: &View<'_, '_>) {
        let (tolerance_s, fade_s) =
            if view.group.is_calm { (CALM_TOLERANCE_S, CALM_FADE_S) } else { (TOLERANCE_S, FADE_S) };
        let tolerance = tolerance_s * view.rate;
        let direction = if view.drift >= 0.0 { 1.0 } else { -1.0 };
        let late = view.error * direction / tolerance;
        let fade_out = fade_s * self.out_rate;
        let lead_out = (LOCK_FADE_S + LOCK_EARLY_S) * self.out_rate + INTERVAL as f64;
        let is_in_danger = self.is_in_danger(view, fade_out);
        let since_lock_s = f64::from(self.since_lock) * INTERVAL as f64 / self.out_rate;
        if !is_in_danger {
            // An onset is near: it will put things right by itself. An attack has just begun: leave it whole.
            let is_onset_near = view.onset_out < fade_out + lead_out;
            if late < 0.35 || is_onset_near || since_lock_s < 2.0 * ATTACK_S || self.until_search > 0 {
                return;
            }
        }
        let Some((lowest, highest)) = self.allowed_errors(view, direction, tolerance) else { return };
        let liked = if direction > 0.0 { lowest.max(-0.8 * tolerance) } else { highest.min(0.8 * tolerance) };
        let fade_out = if is_in_danger { self.time_to_meet(view).clamp(0.15 * fade_out, fade_out) } else { fade_out };
        let wanted = Wanted {
            from: self.chain.place(),
            template_frames: (fade_out * view.read_rate).max(fade_s * view.rate),
            lowest: lowest - view.error,
            highest: highest - view.error,
            liked: liked.clamp(lowest, highest) - view.error,
            spread: tolerance,
            cost: 0.06,
        };
        let found = self.searcher.find(view.source, view.group, &wanted);
        // The further it has drifted, the less it may be choosy.
        let eagerness = ((late - 0.35) / 0.65).clamp(0.0, 1.0);
        let good_enough = 0.97 - 0.5 * eagerness * eagerness;
        if is_in_danger || late >= 1.0 || f64::from(found.correlation) >= good_enough {
            let mut place = self.chain.place() + found.shift;
            if view.read_rate == 1.0 {
                place = libm::floor(place + 0.500_01);
            }
            let place = place.rem_euclid(view.source.map.num_frames() as f64);
            self.chain.push(place, fade_out as u32, found.correlation);
        } else {
            self.until_search = 4;
        }
    }

    /// Reading ahead of the position, the voice would play the next attack too early.
    fn is_in_danger(&self, view: &View<'_, '_>, fade_out: f64) -> bool {
        let meets_off_by = view.error + view.drift * view.onset_out;
        view.next.is_some()
            && view.drift > 0.0
            && meets_off_by > ALIGNED_S * view.rate
            && self.time_to_meet(view) < fade_out + 2.0 * INTERVAL as f64
    }

    /// Output frames until the voice reads the next attack.
    fn time_to_meet(&self, view: &View<'_, '_>) -> f64 {
        ((view.onset_ahead - view.error) / view.read_rate - INTERVAL as f64).max(0.0)
    }

    /// Errors (voice minus position) a splice may choose from: back within the tolerance, neither back into the last
    /// attack nor so far ahead that the next one would come too early.
    fn allowed_errors(&self, view: &View<'_, '_>, direction: f64, tolerance: f64) -> Option<(f64, f64)> {
        let gain = 0.3 * tolerance;
        let lifetime_out = 2.0 * tolerance / view.drift.abs().max(1.0e-9);
        let is_last = view.next.is_some() && view.onset_out < 1.25 * lifetime_out;
        // With this error the voice meets the onset exactly on time.
        let on_time = -view.drift * view.onset_out;
        let (mut lowest, mut highest) =
            if direction > 0.0 { (-tolerance, view.error - gain) } else { (view.error + gain, tolerance) };
        if is_last {
            highest = highest.min(on_time);
        }
        if direction > 0.0 {
            if is_last {
                lowest = lowest.min(highest - 0.8 * tolerance);
            }
            lowest = lowest.max(ATTACK_S * view.rate - view.onset_behind);
            highest = highest.max(lowest);
            (highest < view.error).then_some((lowest, highest))
        } else {
            (highest > lowest).then_some((lowest, highest))
        }
    }

    /// Crossfades to `place`. False when too many fades are under way.
    fn fade_to(&mut self, view: &View<'_, '_>, place: f64, fade_frames: f64) -> bool {
        let frames = fade_frames * view.read_rate;
        let correlation = self.searcher.likeness(view.group, self.chain.place(), place, frames);
        self.chain.push(place, fade_frames.max(1.0) as u32, correlation)
    }
}

/// Where a voice has to read for a position: a whole frame when it reads frame by frame. The odd 0.00001 keeps
/// positions that lie half way (up to rounding) on one side.
fn place_for(position: f64, read_rate: f64) -> f64 {
    if read_rate == 1.0 { libm::floor(position + 0.500_01) } else { position }
}
