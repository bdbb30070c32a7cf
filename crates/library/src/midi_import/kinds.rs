//! Which voice of the band a track is: by its channel and name, its General MIDI program, and how it plays.
use take::{Note, PartKind};

/// Channel 10, counted from 0: percussion by General MIDI.
pub const DRUM_CHANNEL: u8 = 9;
/// Below this a single line is a bass line: C3, the top of a bass guitar's first octave and a half.
const BASS_TOP_KEY: u8 = 48;
/// Notes at a time from which on a part is chords. A melody with a few double stops stays below.
const CHORD_VOICES: f64 = 1.6;

/// Words of track names, in the order in which they are looked for: a bass drum is no bass.
const WORDS: [(PartKind, &[&str]); 5] = [
    (PartKind::Drums, &["drum", "perc", "kick", "snare", "hihat", "hi-hat", "cymbal", "tom-tom", "bongo", "conga"]),
    (PartKind::Bass, &["bass", "contrabas"]),
    (PartKind::Melody, &["melody", "lead", "vocal", "voice", "solo", "theme", "sax", "flute", "trumpet"]),
    (PartKind::Harmony, &["chord", "harmony", "pad", "comp", "rhythm"]),
    (PartKind::Texture, &["texture", "fx", "effect", "atmo", "noise", "drone"]),
];

/// The kind of a part; `channel` 0..=15, `program` 0..=127.
pub fn kind_of(name: &str, channel: u8, program: u8, notes: &[Note]) -> PartKind {
    if channel == DRUM_CHANNEL {
        return PartKind::Drums;
    }
    let name = name.to_lowercase();
    let named = WORDS.iter().find(|(_, words)| words.iter().any(|word| name.contains(word)));
    if let Some((kind, _)) = named {
        return *kind;
    }
    match program {
        32..=39 => PartKind::Bass,
        // Sweeps and soundscapes; noises of all sorts.
        96..=103 | 119..=127 => PartKind::Texture,
        // Pads and string ensembles hold chords even where they move one voice at a time.
        48..=51 | 88..=95 => PartKind::Harmony,
        _ => by_playing(notes),
    }
}

fn by_playing(notes: &[Note]) -> PartKind {
    if voices(notes) >= CHORD_VOICES {
        return PartKind::Harmony;
    }
    if median_key(notes) < BASS_TOP_KEY { PartKind::Bass } else { PartKind::Melody }
}

/// How many notes sound at a time while any does.
fn voices(notes: &[Note]) -> f64 {
    let (mut sounding, mut covered, mut reached) = (0.0, 0.0, f64::NEG_INFINITY);
    for note in notes {
        let end = note.start.0 + note.duration.0;
        sounding += note.duration.0;
        covered += (end - note.start.0.max(reached)).max(0.0);
        reached = reached.max(end);
    }
    if covered > 0.0 { sounding / covered } else { 0.0 }
}

fn median_key(notes: &[Note]) -> u8 {
    let mut keys: Vec<u8> = notes.iter().map(|note| note.key).collect();
    keys.sort_unstable();
    keys.get(keys.len() / 2).copied().unwrap_or(60)
}
