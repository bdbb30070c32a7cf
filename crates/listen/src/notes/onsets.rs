//! Groups notes by when they begin, and says how much each counts.
use super::Played;

/// Notes that begin within this many beats are struck together: 60 ms at 100 BPM.
const TOGETHER_BEATS: f64 = 0.1;
/// A time this close to a beat is on it.
const ON_BEAT: f64 = 0.12;
/// A note that long after a change of chord counts fully for the new one, in beats.
const FULL_OVERLAP_BEATS: f64 = 0.5;
/// What a note counts halves in this many bars.
const HALF_LIFE_BARS: f64 = 1.0;
/// A lone lowest note this many semitones under the others is the bass, and tells less about the quality.
const BASS_GAP: u8 = 7;

/// Notes that begin together, with weights for each pitch class (C = 0).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Onset {
    /// When, in beats.
    pub beat: f64,
    /// What the notes that begin here count.
    pub struck: [f32; 12],
    /// What notes that began before and sound on count if the chord changes here.
    pub held: [f32; 12],
    /// Pitch class of the lowest note sounding.
    pub lowest: usize,
    /// What a change of chord here costs, in natural logarithms of probability.
    pub change_cost: f32,
    /// Different pitch classes that begin here.
    pub num_struck: u32,
}

/// Fills `onsets` in order of time.
pub(crate) fn collect(notes: &[Played], now: f64, bar_beats: f64, onsets: &mut Vec<Onset>) {
    onsets.clear();
    let loudest = notes.iter().map(|note| note.velocity).max().unwrap_or(1);
    let scale = Scale { now, loudest: f32::from(loudest), usual_beats: usual_length(notes, now), bar_beats };
    let mut first = 0;
    while first < notes.len() && onsets.len() < onsets.capacity() {
        let beat = notes[first].on;
        let after = notes[first..].iter().position(|note| note.on >= beat + TOGETHER_BEATS);
        let end = after.map_or(notes.len(), |count| first + count.max(1));
        onsets.push(onset(&notes[first..end], &notes[..first], &scale));
        first = end;
    }
}

/// What weights are relative to.
struct Scale {
    now: f64,
    loudest: f32,
    usual_beats: f64,
    bar_beats: f64,
}

/// Mean length of the notes in beats; those still held count as long as they are by now.
fn usual_length(notes: &[Played], now: f64) -> f64 {
    let sum: f64 = notes.iter().map(|note| note.off.unwrap_or(now) - note.on).sum();
    sum / notes.len().max(1) as f64
}

impl Scale {
    /// Soft, short and old notes count less.
    fn weight(&self, note: &Played) -> f32 {
        let loud = (f32::from(note.velocity) / self.loudest).clamp(0.15, 1.0);
        let long = match note.off {
            None => 1.0,
            Some(off) => ((off - note.on) / self.usual_beats.max(1e-6)).clamp(0.4, 1.0),
        };
        let age = if note.off.is_none() { 0.0 } else { (self.now - note.on).max(0.0) };
        loud * long as f32 * libm::exp2(-age / (HALF_LIFE_BARS * self.bar_beats)) as f32
    }
}

fn onset(struck: &[Played], before: &[Played], scale: &Scale) -> Onset {
    let beat = struck[0].on;
    let sounding = || before.iter().filter(move |note| note.sounds_at(beat + TOGETHER_BEATS));
    let num_held = pitches(sounding()).count_ones();
    let num_struck = pitches(struck.iter()).count_ones();
    let lowest_held = sounding().map(|note| note.key).min();
    let lowest = struck.iter().map(|note| note.key).chain(lowest_held).min().unwrap_or(0);
    let is_lone = num_struck == 1 && num_held >= 3;
    let is_under = is_lone && lowest_held.is_some_and(|held| lowest < held);
    let gives_way = |note: &Played| note.off.is_some_and(|off| (off - beat).abs() < ON_BEAT);
    let is_voice_moved = num_held >= 2 && before.iter().any(gives_way);
    let mut result = Onset {
        beat,
        struck: [0.0; 12],
        held: [0.0; 12],
        lowest: usize::from(lowest % 12),
        change_cost: change_cost(beat, scale.bar_beats, num_struck, Around { is_lone, is_voice_moved }),
        num_struck,
    };
    for note in struck {
        let beats = note.off.unwrap_or(scale.now) - note.on;
        // Over a held chord a lone note is melody or bass line; only a long one above tells of the chord.
        let share = match (is_under, is_lone) {
            (true, _) => 0.3,
            (_, true) => 0.3 + 0.3 * beats.clamp(0.0, 1.0) as f32,
            _ if is_bass(note, struck, lowest) => 0.5,
            _ => 1.0,
        };
        add(&mut result.struck[note.pitch()], share * scale.weight(note));
    }
    for note in sounding() {
        // What is down still is a common tone rather than a late release, and counts a little at once.
        let least = if note.off.is_none() { 0.35 } else { 0.0 };
        let overlap = ((note.off.unwrap_or(scale.now) - beat) / FULL_OVERLAP_BEATS).clamp(least, 1.0) as f32;
        let share = if is_bass(note, before, lowest) { 0.3 } else { 1.0 };
        add(&mut result.held[note.pitch()], share * overlap * scale.weight(note));
    }
    result
}

/// Octave doublings add little.
fn add(sum: &mut f32, weight: f32) {
    *sum = sum.max(weight) + 0.15 * sum.min(weight);
}

fn pitches<'a>(notes: impl Iterator<Item = &'a Played>) -> u16 {
    notes.fold(0, |mask, note| mask | 1 << note.pitch())
}

/// Whether `note` is the lowest of all, well under the `others`.
fn is_bass(note: &Played, others: &[Played], lowest: u8) -> bool {
    let next = others.iter().map(|other| other.key).filter(|&key| key > note.key).min();
    note.key == lowest && next.is_some_and(|next| next - note.key >= BASS_GAP)
}

/// What is held around an onset.
struct Around {
    /// One note over or under a chord that is held.
    is_lone: bool,
    /// A note is let go here while two others stay: part of the chord moves.
    is_voice_moved: bool,
}

/// A chord struck together says for itself that it is one; single notes change the chord on the beat sooner than off
/// it. Set by hand on invented playing.
fn change_cost(beat: f64, bar_beats: f64, num_struck: u32, around: Around) -> f32 {
    let is_on = |grid: f64| {
        let phase = beat.rem_euclid(grid);
        phase < ON_BEAT || phase > grid - ON_BEAT
    };
    let place = match () {
        () if is_on(bar_beats) => 2.5,
        () if is_on(1.0) => 3.5,
        () => 4.5,
    };
    match num_struck {
        _ if around.is_lone => place + 2.0,
        0..=2 if around.is_voice_moved => place - 1.5,
        0 | 1 => place,
        2 => place - 1.5,
        _ => 0.5,
    }
}
