//! Hand-made parts, so that sounds can be heard and timed without a composer.
use take::{Beats, Note, Part, PartKind};

/// One note per line: start, length, key, velocity.
fn part(kind: PartKind, program: u8, notes: impl IntoIterator<Item = (f64, f64, u8, u8)>) -> Part {
    let mut notes: Vec<Note> = notes
        .into_iter()
        .map(|(start, duration, key, velocity)| Note { start: Beats(start), duration: Beats(duration), key, velocity })
        .collect();
    notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
    let channel = if kind == PartKind::Drums { 9 } else { kind as u8 };
    Part { kind, name: kind.name().to_owned(), program, channel, notes }
}

const CHORDS: [[u8; 4]; 4] = [[57, 60, 64, 67], [53, 57, 60, 64], [55, 60, 64, 69], [55, 59, 62, 66]];

/// A plain five-piece band over `bars` of 4/4.
pub fn band(bars: usize) -> Vec<Part> {
    let beats = (bars * 4) as f64;
    let steps = |step: f64| (0..(beats / step) as usize).map(move |n| n as f64 * step);
    let mut drums: Vec<_> = steps(1.0).map(|t| (t, 0.25, 36, 110)).collect();
    drums.extend(steps(1.0).filter(|t| t % 2.0 == 1.0).map(|t| (t, 0.25, 39, 100)));
    drums.extend(steps(0.25).map(|t| (t, 0.1, 42, 60 + ((t * 52.0) as u8 % 37))));
    drums.extend(steps(1.0).map(|t| (t + 0.5, 0.25, 46, 85)));
    let bass = steps(0.5).map(|t| {
        let root = CHORDS[(t / 4.0) as usize % 4][0] - 24;
        (t, 0.4, if t % 1.5 == 1.0 { root + 12 } else { root }, 80 + ((t * 16.0) as u8 % 40))
    });
    let harmony =
        steps(4.0).flat_map(|t| CHORDS[(t / 4.0) as usize % 4].map(|key| (t, 3.8, key, 82 + (key + t as u8) % 20)));
    let melody = steps(0.75).map(|t| (t, 0.6, 69 + [0, 3, 7, 10, 12, 7, 5][(t * 4.0) as usize % 7], 90));
    let texture = steps(16.0).map(|t| (t, 16.0, 57, 80));
    vec![
        part(PartKind::Drums, 0, drums),
        part(PartKind::Bass, 38, bass),
        part(PartKind::Harmony, 4, harmony),
        part(PartKind::Melody, 80, melody),
        part(PartKind::Texture, 95, texture),
    ]
}
