//! Chords of a MIDI file: as its markers name them, else as they are heard in its notes.
use library::{MidiFile, MidiTextKind};
use listen::NoteChords;
use take::{Beats, ChordSpan, Part, PartKind, PitchClass, Scale};
use theory::{Chord, Key};

/// What is below is a guess by the recogniser's own account.
const LEAST_CONFIDENCE: f32 = 0.3;
/// How long before the end of a beat its chord is asked for: what is held to the next beat is still held.
const LOOK_BEFORE_BEATS: f64 = 1.0 / 16.0;

/// The stretch of beats that becomes a loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// First beat in the file.
    pub from: f64,
    pub num_beats: f64,
    pub bar_beats: f64,
}

/// Chords that markers of the file name, with beat 0 at the stretch's start. Markers that are no chords are passed over.
pub fn named(file: &MidiFile, stretch: Stretch) -> Vec<ChordSpan> {
    let markers = file.texts.iter().filter(|text| text.kind == MidiTextKind::Marker);
    let chords = markers.filter(|text| is_no_chord(&text.text) || Chord::parse(&text.text).is_ok());
    let placed: Vec<(f64, &str)> =
        chords.map(|text| ((text.start.0 - stretch.from).max(0.0), text.text.as_str())).collect();
    let ends = placed.iter().skip(1).map(|(start, _)| *start).chain([stretch.num_beats]);
    let spans = placed.iter().zip(ends).filter(|((_, symbol), _)| !is_no_chord(symbol));
    spans.filter_map(|(&(start, symbol), end)| span(start, end.min(stretch.num_beats), symbol.to_owned())).collect()
}

/// "No chord", as lead sheets have it.
fn is_no_chord(text: &str) -> bool {
    matches!(text, "N.C." | "NC" | "N.C")
}

/// Chords heard beat by beat in parts that are cut to the stretch.
pub fn heard(parts: &[Part], stretch: Stretch, (tonic, scale): (PitchClass, Scale)) -> Vec<ChordSpan> {
    let key = Key::new(tonic, scale);
    let mut listener = NoteChords::new();
    listener.set_bar_beats(stretch.bar_beats);
    let mut events = events(parts).into_iter().peekable();
    let mut spans: Vec<ChordSpan> = Vec::new();
    for beat in 0..stretch.num_beats.ceil() as usize {
        let start = beat as f64;
        let end = (start + 1.0).min(stretch.num_beats);
        let look = end - LOOK_BEFORE_BEATS;
        while let Some(event) = events.next_if(|event| event.beat <= look) {
            match event.velocity {
                Some(velocity) => listener.note_on(event.beat, event.key, velocity),
                None => listener.note_off(event.beat, event.key),
            }
        }
        let chord = listener.heard(look).filter(|heard| heard.confidence >= LEAST_CONFIDENCE);
        let Some(symbol) = chord.map(|heard| heard.chord.symbol(&key)) else { continue };
        match spans.last_mut() {
            Some(last) if last.symbol == symbol => last.duration = Beats(end - last.start.0),
            _ => spans.extend(span(start, end, symbol)),
        }
    }
    close_gaps(&mut spans, stretch.num_beats);
    spans
}

/// A beat without an answer belongs to the chord before it.
fn close_gaps(spans: &mut [ChordSpan], num_beats: f64) {
    for index in 0..spans.len() {
        let end = spans.get(index + 1).map_or(num_beats, |next| next.start.0);
        spans[index].duration = Beats(end - spans[index].start.0);
    }
}

fn span(start: f64, end: f64, symbol: String) -> Option<ChordSpan> {
    (end > start).then_some(ChordSpan { start: Beats(start), duration: Beats(end - start), symbol })
}

struct Event {
    beat: f64,
    key: u8,
    /// `None` is a release.
    velocity: Option<u8>,
}

/// Ons and offs of what makes harmony, in order; at one beat releases come first.
fn events(parts: &[Part]) -> Vec<Event> {
    let pitched =
        parts.iter().filter(|part| matches!(part.kind, PartKind::Harmony | PartKind::Bass | PartKind::Melody));
    let notes = pitched.flat_map(|part| &part.notes);
    let mut events: Vec<Event> = notes
        .flat_map(|note| {
            let end = note.start.0 + note.duration.0;
            [
                Event { beat: note.start.0, key: note.key, velocity: Some(note.velocity) },
                Event { beat: end, key: note.key, velocity: None },
            ]
        })
        .collect();
    events.sort_by(|a, b| a.beat.total_cmp(&b.beat).then(a.velocity.cmp(&b.velocity)));
    events
}
