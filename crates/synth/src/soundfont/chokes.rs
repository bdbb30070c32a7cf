//! Which drums stop each other: the exclusive classes of the General MIDI kit.
use crate::circle::Grid;
use take::Note;

/// Keys of one instrument that can only do one thing at a time.
const GROUPS: [&[u8]; 5] = [
    // Closed, pedal, open hi-hat.
    &[42, 44, 46],
    // Short and long whistle, guiro, cuica, triangle.
    &[71, 72],
    &[73, 74],
    &[78, 79],
    &[80, 81],
];

/// For each note the frames from its start to the next one that stops it, round the loop; `None` for most.
pub fn choke_frames(notes: &[Note], grid: &Grid) -> Vec<Option<usize>> {
    let starts: Vec<usize> = notes.iter().map(|note| grid.frame_of(note.start)).collect();
    let num_frames = grid.circle_frames();
    let choke = |index: usize| {
        let group = GROUPS.iter().find(|group| group.contains(&notes[index].key))?;
        let others = notes.iter().zip(&starts).filter(|(other, _)| group.contains(&other.key));
        let distances = others.map(|(_, start)| (start + num_frames - starts[index]) % num_frames);
        distances.filter(|frames| *frames > 0).min()
    };
    (0..notes.len()).map(choke).collect()
}

/// Cuts `samples` off after `length` frames, with a fade of 8 ms as the built-in kits have.
pub fn choke(samples: &mut Vec<f32>, length: usize, rate: f32) {
    let fade = (rate * 0.008) as usize + 1;
    samples.truncate(length + fade);
    for (n, sample) in samples.iter_mut().skip(length).enumerate() {
        *sample *= 1.0 - n as f32 / fade as f32;
    }
}
