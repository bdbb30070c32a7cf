//! The chords of a loop, a bar each.
use listen::AudioChords;
use take::{AudioClip, Beats, ChordSpan, Rendition};
use theory::Key;

/// Chords that are less sure than this are not put down.
const SURE: f32 = 0.3;
/// A bar is known this long after its end, in seconds.
const LATE_S: f64 = 0.4;
/// Chords are heard from this rate up.
const MIN_RATE_HZ: u32 = 8_000;

/// What is heard in each bar of the mix, spelt in `key`; empty where nothing is sure.
pub(super) fn chords(rendition: &Rendition, key: &Key) -> Vec<ChordSpan> {
    let [bar_beats, loop_beats] = [rendition.bar_beats.0, rendition.loop_beats.0];
    let frames_per_beat = rendition.tempo.frames_per_beat(rendition.rate);
    let Some(clip) = rendition.stems.iter().flatten().next() else { return Vec::new() };
    if rendition.rate.get() < MIN_RATE_HZ {
        return Vec::new();
    }
    let mut ear = AudioChords::new(rendition.rate);
    let late = (LATE_S * f64::from(rendition.rate.get())) as usize;
    let mut spans: Vec<ChordSpan> = Vec::new();
    for bar in 0..(loop_beats / bar_beats).round() as usize {
        let start = bar as f64 * bar_beats;
        let [from, to] = [start, start + bar_beats].map(|beat| (beat * frames_per_beat).round() as usize);
        push_until(&mut ear, clip, to + late);
        let Some(heard) = ear.heard_between(from as u64, to as u64).filter(|heard| heard.confidence >= SURE) else {
            continue;
        };
        let symbol = heard.chord.symbol(key);
        match spans.last_mut().filter(|last| last.symbol == symbol && last.start.0 + last.duration.0 == start) {
            Some(last) => last.duration.0 += bar_beats,
            None => spans.push(ChordSpan { start: Beats(start), duration: Beats(bar_beats), symbol }),
        }
    }
    spans
}

/// The loop goes on with its beginning.
fn push_until(ear: &mut AudioChords, clip: &AudioClip, end: usize) {
    let num_frames = clip.num_frames().max(1);
    while (ear.num_pushed() as usize) < end {
        let from = ear.num_pushed() as usize % num_frames;
        let to = num_frames.min(from + end - ear.num_pushed() as usize);
        ear.push(&clip.left[from..to], &clip.right[from..to]);
    }
}
