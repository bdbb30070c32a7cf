//! Room: RT
//! One deck: what it holds, what it plays, and how one take gives way to the next.
//!
//! `Idle | Playing | Armed | Swapping | Stopping`: see [`Deck::phase`]. Two slots, `playing` and `pending`, point into
//! a few places for renditions; places that only a fading ghost or nobody points to any more are given back.
use super::alike;
use super::fade::Fade;
use super::read::{ChunkGain, Cursor, Line, starts_cleanly};
use super::transport::Moment;
use super::voice::{Lanes, Leaving, Slot, Voice};
use crate::{DeckIndex, DeckPhase, DeckSnapshot, FromEngine, NUM_STEMS, Playable, SwapAt, ToEngine};
use dsp::stretch::Stretcher;
use take::{SampleRate, TakeId};

/// Renditions a deck can hold: playing, pending, and those that still fade or wait for room in the return ring.
const NUM_SLOTS: usize = 6;
/// Voices that fade out at the same time. With all in use the next swap or jump waits for one of them.
const NUM_GHOSTS: usize = 4;
/// Jumps and stops fade over this long.
const JUMP_MS: f64 = 5.0;
/// A start in the middle of a sound rises over this long; a start near silence does not rise at all.
const START_MS: f64 = 2.0;
/// Two renditions of one take sound alike but differ in phase: between equal power (0) and equal gain (1).
const SAME_TAKE_CORRELATION: f32 = 0.6;
/// Short declicks use equal gain: never louder than the louder side.
const DECLICK_CORRELATION: f32 = 1.0;

/// The take that waits.
#[derive(Debug, Clone, Copy)]
struct Pending {
    slot: usize,
    at: SwapAt,
    /// Its moment came while no ghost was free.
    is_late: bool,
}

/// What the dials say about a deck, as far as reading is concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Want {
    /// The deck can be heard (or is about to be).
    pub(crate) is_audible: bool,
    /// Semitones.
    pub(crate) pitch_semitones: f32,
    /// Length of a crossfade that starts now.
    pub(crate) crossfade_frames: u32,
}

/// A player with two slots.
#[derive(Debug)]
pub(crate) struct Deck {
    rate: SampleRate,
    slots: [Option<Slot>; NUM_SLOTS],
    playing: Option<usize>,
    pending: Option<Pending>,
    voice: Option<Voice>,
    ghosts: [Option<Voice>; NUM_GHOSTS],
    /// One for the voice and one for every ghost.
    stretchers: Box<[Stretcher; NUM_GHOSTS + 1]>,
    /// How the next voice comes in, when that has been settled already.
    entrance: Option<Fade>,
    unsent: Option<TakeId>,
}

impl Deck {
    /// Empty.
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            slots: Default::default(),
            playing: None,
            pending: None,
            voice: None,
            ghosts: [None; NUM_GHOSTS],
            stretchers: Box::new(std::array::from_fn(|_| Stretcher::new(rate.get() as f32))),
            entrance: None,
            unsent: None,
        }
    }

    /// Silences everything at once; keeps the takes.
    pub(crate) fn reset(&mut self) {
        self.voice = None;
        self.ghosts = [None; NUM_GHOSTS];
        self.entrance = None;
    }

    /// There is room for what the order brings and for the fade it starts.
    pub(crate) fn can_take(&self, order: &ToEngine) -> bool {
        let has_slot = self.slots.iter().any(Option::is_none);
        match order {
            ToEngine::LoadTake { .. } => has_slot,
            ToEngine::Replace { .. } => has_slot && self.can_leave(),
            ToEngine::Cue { playable: Some(_) } => has_slot && self.can_leave() && self.unsent.is_none(),
            ToEngine::Unload { .. } | ToEngine::Cue { playable: None } => self.can_leave(),
            ToEngine::Disarm { .. } => true,
        }
    }

    /// Arms a take; an earlier pending one gives way. Call only after [`Deck::can_take`].
    pub(crate) fn load(&mut self, playable: Playable, at: SwapAt) {
        if let Some(slot) = self.store(playable) {
            self.pending = Some(Pending { slot, at, is_late: false });
        }
    }

    /// Changes over to another rendition of a take that is here. Call only after [`Deck::can_take`].
    pub(crate) fn replace(&mut self, playable: Playable, want: &Want) {
        let take = playable.rendition.take;
        let Some(new) = self.store(playable) else { return };
        if let Some(pending) = self.pending
            && self.take_in(pending.slot) == Some(take)
        {
            self.pending = Some(Pending { slot: new, ..pending });
        }
        if self.playing.is_some_and(|slot| self.take_in(slot) == Some(take)) {
            self.playing = Some(new);
            self.cross_over(want.crossfade_frames, SAME_TAKE_CORRELATION);
        }
    }

    /// Drops the pending take.
    pub(crate) fn disarm(&mut self) {
        self.pending = None;
    }

    /// Fades out and forgets both takes. Call only after [`Deck::can_take`].
    pub(crate) fn unload(&mut self, want: &Want) {
        self.pending = None;
        self.playing = None;
        self.entrance = None;
        self.leave(Leaving::Stop, want.crossfade_frames, DECLICK_CORRELATION);
    }

    /// Plays a take from the next frame on. Call only after [`Deck::can_take`].
    pub(crate) fn play_at_once(&mut self, playable: Playable, now: &Moment, want: &Want) {
        self.load(playable, SwapAt::Now);
        self.promote(now, want);
    }

    /// Tells about a swap and gives back what nobody reads any more. What the ring refuses stays for the next time.
    /// The cue player has no index and tells about no swaps.
    ///
    /// # Realtime
    /// Safe: frees nothing, a full ring loses nothing.
    pub(crate) fn settle(&mut self, index: Option<DeckIndex>, news: &mut rtrb::Producer<FromEngine>) {
        match (self.unsent, index) {
            (Some(take), Some(deck)) => {
                if news.push(FromEngine::Swapped { deck, take }).is_ok() {
                    self.unsent = None;
                }
            }
            _ => self.unsent = None,
        }
        for index in 0..NUM_SLOTS {
            if self.is_used(index) {
                continue;
            }
            let Some(place) = self.slots.get_mut(index) else { continue };
            if news.is_full() {
                return;
            }
            let Some(Slot { playable, .. }) = place.take() else { continue };
            if let Err(rtrb::PushError::Full(FromEngine::Retired(playable))) = news.push(FromEngine::Retired(playable))
            {
                *place = Some(Slot::new(playable));
            }
        }
    }

    /// Decides what sounds from frame `now` on, and for how many frames that decision holds (at least 1).
    pub(crate) fn begin(&mut self, now: &Moment, want: &Want) -> usize {
        self.bury();
        if !want.is_audible {
            self.reset();
        }
        if !now.is_playing {
            self.entrance = None;
            self.leave(Leaving::Jump, self.frames(JUMP_MS), DECLICK_CORRELATION);
        }
        if self.frames_to_swap(now) == Some(0) {
            self.promote(now, want);
        }
        if now.is_playing && want.is_audible {
            self.steer(now, want);
        }
        self.frames_to_event(now)
    }

    /// Adds the next frames to the lanes.
    pub(crate) fn render(&mut self, gains: &[ChunkGain; NUM_STEMS], out: &mut Lanes<'_>) {
        let slots = &self.slots;
        for voice in self.ghosts.iter_mut().chain([&mut self.voice]).flatten() {
            if let (Some(Some(slot)), Some(stretcher)) =
                (slots.get(voice.slot), self.stretchers.get_mut(voice.stretcher))
            {
                voice.render(slot, stretcher, gains, out);
            }
        }
    }

    /// Something sounds.
    pub(crate) fn is_sounding(&self) -> bool {
        self.voice.is_some() || self.ghosts.iter().any(Option::is_some)
    }

    /// What the window may know; `now` is the next frame.
    pub(crate) fn snapshot(&self, now: &Moment) -> DeckSnapshot {
        let playhead = self.playing.and_then(|slot| self.slot(slot)).map_or(0.0, |slot| {
            let beats = slot.playable.rendition.loop_beats.0;
            (now.beats().rem_euclid(beats) / beats) as f32
        });
        let frames_to_swap = self.frames_to_swap(now).filter(|_| now.is_playing).unwrap_or(0);
        DeckSnapshot {
            phase: self.phase(),
            playing: self.playing.and_then(|slot| self.take_in(slot)),
            pending: self.pending.and_then(|pending| self.take_in(pending.slot)),
            playhead: if playhead.is_finite() { playhead } else { 0.0 },
            beats_to_swap: (frames_to_swap as f64 / now.frames_per_beat) as f32,
            is_stretching: self.voice.is_some_and(|voice| !voice.cursor.is_exact()),
            peak: [0.0; 2],
        }
    }

    fn phase(&self) -> DeckPhase {
        let is_leaving = |why| self.ghosts.iter().flatten().any(|ghost| ghost.leaving == Some(why));
        if is_leaving(Leaving::Swap) {
            DeckPhase::Swapping
        } else if self.pending.is_some() {
            DeckPhase::Armed
        } else if self.playing.is_some() {
            DeckPhase::Playing
        } else if is_leaving(Leaving::Stop) {
            DeckPhase::Stopping
        } else {
            DeckPhase::Idle
        }
    }

    /// Frames until the pending take takes over; a stopped transport has nothing to wait for.
    fn frames_to_swap(&self, now: &Moment) -> Option<i64> {
        let pending = self.pending?;
        if pending.is_late || !now.is_playing {
            return Some(0);
        }
        let playing = self.playing.and_then(|slot| self.slot(slot));
        Some(match (pending.at, playing) {
            (SwapAt::Now, _) => 0,
            (SwapAt::Beat, _) => now.frames_to_boundary(now.bar_origin, now.meter_beat),
            (SwapAt::Loop, Some(slot)) => now.frames_to_boundary(0.0, slot.playable.rendition.loop_beats.0),
            (SwapAt::Bar | SwapAt::Loop, _) => now.frames_to_boundary(now.bar_origin, now.bar_beats),
        })
    }

    /// Frames until a decision has to be made again.
    fn frames_to_event(&self, now: &Moment) -> usize {
        let swap = self.frames_to_swap(now).filter(|&frames| frames > 0);
        // A swap or jump that found no free ghost waits for the first one to end.
        let ghost = self.ghosts.iter().flatten().map(|ghost| i64::from(ghost.fade.frames_left())).min();
        let next = swap.into_iter().chain(ghost).min().unwrap_or(i64::MAX);
        usize::try_from(next.max(1)).unwrap_or(1)
    }

    /// The pending take becomes the playing one; when it can't yet, as soon as it can.
    fn promote(&mut self, now: &Moment, want: &Want) {
        let Some(pending) = self.pending else { return };
        if self.unsent.is_some() || !self.can_leave() {
            self.pending = Some(Pending { is_late: true, ..pending });
            return;
        }
        self.pending = None;
        self.playing = Some(pending.slot);
        self.unsent = self.take_in(pending.slot);
        self.cross_over(want.crossfade_frames, self.likeness(pending.slot, now, want));
    }

    /// How alike what sounds and what is in this slot are over a crossfade that starts now.
    fn likeness(&self, index: usize, now: &Moment, want: &Want) -> f32 {
        let Some(voice) = &self.voice else { return 0.0 };
        let (Some(old), Some(new)) = (self.slot(voice.slot), self.slot(index)) else { return 0.0 };
        alike::correlation((old, voice.cursor), (new, self.target(new, now, want)), want.crossfade_frames)
    }

    /// The voice follows the position; where it can't go on smoothly it becomes a ghost, and another takes over.
    fn steer(&mut self, now: &Moment, want: &Want) {
        let Some(index) = self.playing else { return };
        let Some(slot) = self.slot(index) else { return };
        let target = self.target(slot, now, want);
        let Some(voice) = self.voice else {
            let start = self.start_fade(slot, &target);
            let fade = self.entrance.take().unwrap_or(start);
            return self.enter(index, target, fade);
        };
        if voice.slot == index && self.goes_on(slot, &voice, &target) {
            self.follow(target);
        } else if self.can_leave() {
            let is_jump = now.is_jump || voice.cursor.is_exact() == target.is_exact();
            let correlation = if is_jump { DECLICK_CORRELATION } else { SAME_TAKE_CORRELATION };
            let num_frames = self.frames(JUMP_MS);
            self.leave(Leaving::Jump, num_frames, correlation);
            self.enter(index, target, Fade::rise(num_frames, correlation));
        }
    }

    /// Where the position says to read.
    fn target(&self, slot: &Slot, now: &Moment, want: &Want) -> Cursor {
        let rendition = &slot.playable.rendition;
        let fits = (rendition.tempo.frames_per_beat(self.rate) / now.frames_per_beat - 1.0).abs() < 1.0e-9
            && rendition.rate == self.rate
            && want.pitch_semitones == 0.0;
        if !fits {
            let frames_per_beat = rendition.tempo.frames_per_beat(rendition.rate);
            return Cursor::Moving(Line {
                frame: now.frame,
                part: now.part,
                speed: frames_per_beat / now.frames_per_beat,
                pitch_ratio: libm::exp2(f64::from(want.pitch_semitones) / 12.0),
                rate_ratio: f64::from(rendition.rate.get()) / f64::from(self.rate.get()),
            });
        }
        let is_stretching = self.voice.is_some_and(|voice| !voice.cursor.is_exact() && !self.is_home(slot, &voice));
        if is_stretching {
            // Towards the whole frame, until the stretcher has found its way back to the samples.
            let line = Line { frame: now.frame, part: 0.0, speed: 1.0, pitch_ratio: 1.0, rate_ratio: 1.0 };
            return Cursor::Moving(line);
        }
        Cursor::Exact(now.frame)
    }

    /// The stretcher plays the very samples of the rendition.
    fn is_home(&self, slot: &Slot, voice: &Voice) -> bool {
        self.stretchers.get(voice.stretcher).is_some_and(|stretcher| stretcher.is_exact(&slot.source()))
    }

    /// From the voice's place to the target there is nothing to hear. The stretcher hides its own jumps, and hands
    /// over from and to bit-exact reading by itself.
    fn goes_on(&self, slot: &Slot, voice: &Voice, target: &Cursor) -> bool {
        match (voice.cursor.is_exact(), target.is_exact()) {
            (false, false) => true,
            (true, true) => voice.cursor.agrees(target, &slot.repeats),
            (false, true) => self.is_home(slot, voice) && voice.cursor.is_near(target, &slot.repeats),
            (true, false) => voice.cursor.is_near(target, &slot.repeats),
        }
    }

    /// The voice reads on at `target`.
    fn follow(&mut self, target: Cursor) {
        let Some(voice) = &mut self.voice else { return };
        if voice.cursor.is_exact()
            && !target.is_exact()
            && let Some(stretcher) = self.stretchers.get_mut(voice.stretcher)
        {
            stretcher.reset();
            voice.stretched_frames = 0;
        }
        voice.cursor = target;
    }

    /// A new voice.
    fn enter(&mut self, slot: usize, cursor: Cursor, fade: Fade) {
        let is_taken = |index: &usize| self.ghosts.iter().flatten().any(|ghost| ghost.stretcher == *index);
        let Some(free) = (0..self.stretchers.len()).find(|index| !is_taken(index)) else { return };
        if let Some(stretcher) = self.stretchers.get_mut(free) {
            stretcher.reset();
        }
        self.voice = Some(Voice::new(slot, free, cursor, fade));
    }

    /// Out of silence: an attack at the very start keeps its edge, the middle of a sound does not click. While
    /// something still fades out, it rises as that falls.
    fn start_fade(&self, slot: &Slot, target: &Cursor) -> Fade {
        let still_leaving = self.ghosts.iter().flatten().map(|ghost| ghost.fade.frames_left()).max().unwrap_or(0);
        if still_leaving > 0 {
            return Fade::rise(still_leaving.max(self.frames(START_MS)), DECLICK_CORRELATION);
        }
        let is_clean = starts_cleanly(&slot.playable.rendition, &slot.repeats, target.position().floor() as i64);
        if is_clean { Fade::FULL } else { Fade::rise(self.frames(START_MS), 0.0) }
    }

    /// What sounds becomes a ghost, and what comes next rises as that falls.
    fn cross_over(&mut self, num_frames: u32, correlation: f32) {
        // Into the middle of another fade: three together can be like or unlike in any way, equal gain bounds them all.
        let is_chasing = self.ghosts.iter().any(Option::is_some);
        let correlation = if is_chasing { DECLICK_CORRELATION } else { correlation };
        if self.voice.is_some() && self.leave(Leaving::Swap, num_frames, correlation) {
            self.entrance = Some(Fade::rise(num_frames, correlation));
        }
    }

    /// The voice becomes a ghost that fades out. `false`: there was no voice, or no room.
    fn leave(&mut self, why: Leaving, num_frames: u32, correlation: f32) -> bool {
        let Some(free) = self.ghosts.iter().position(Option::is_none) else { return false };
        let Some(mut voice) = self.voice.take() else { return false };
        // What leaves already must be gone when the next one has come in: three at a time are too loud.
        for ghost in self.ghosts.iter_mut().flatten() {
            ghost.fade = ghost.fade.hurry(num_frames, correlation);
        }
        voice.fade = voice.fade.fall(num_frames, correlation);
        voice.leaving = Some(why);
        if let Some(free) = self.ghosts.get_mut(free) {
            *free = Some(voice);
        }
        true
    }

    /// Nothing sounds, or there is room for one more ghost.
    fn can_leave(&self) -> bool {
        self.voice.is_none() || self.ghosts.iter().any(Option::is_none)
    }

    /// Ghosts that have faded out are gone.
    fn bury(&mut self) {
        for ghost in self.ghosts.iter_mut().filter(|ghost| ghost.is_some_and(|voice| voice.fade.is_silent())) {
            *ghost = None;
        }
    }

    fn store(&mut self, playable: Playable) -> Option<usize> {
        let index = self.slots.iter().position(Option::is_none)?;
        *self.slots.get_mut(index)? = Some(Slot::new(playable));
        Some(index)
    }

    fn slot(&self, index: usize) -> Option<&Slot> {
        self.slots.get(index)?.as_ref()
    }

    fn take_in(&self, index: usize) -> Option<TakeId> {
        self.slot(index).map(|slot| slot.playable.rendition.take)
    }

    fn is_used(&self, index: usize) -> bool {
        self.playing == Some(index)
            || self.pending.is_some_and(|pending| pending.slot == index)
            || self.ghosts.iter().chain([&self.voice]).flatten().any(|voice| voice.slot == index)
    }

    fn frames(&self, ms: f64) -> u32 {
        (ms * 0.001 * f64::from(self.rate.get())).round() as u32
    }
}
