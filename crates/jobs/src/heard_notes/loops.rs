//! The notes of a loop, whose end goes over into its beginning.
use super::HearNotesError;
use crate::CancelToken;
use crate::straight_resample::resample_straight;
use models::RunControl;
use models::basic_pitch::{BasicPitch, HeardNote, NoteThresholds, RATE_HZ};
use std::borrow::Cow;
use take::{AudioClip, Beats, Note, PartKind, Rendition, SampleRate, StemKind, Take};

/// In a mix, what is below is bass: C3.
pub(super) const BASS_BELOW_KEY: u8 = 48;
/// What the model hears before the loop, so that its first notes begin as they do when it goes round, in seconds.
const LEAD_IN_S: f64 = 1.0;
/// What it hears after it, so that the last notes end, in seconds.
const LEAD_OUT_S: f64 = 2.0;

/// Audio that is listened to by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice<'a> {
    /// What it plays; `None` where it is everything.
    pub kind: Option<PartKind>,
    pub clip: &'a AudioClip,
}

/// The pitched stems of a take that is taken apart; else its one stem.
pub(super) fn voices_of(take: &Take) -> Vec<Voice<'_>> {
    let stems = &take.original.stems;
    let pitched = [
        (StemKind::Bass, PartKind::Bass),
        (StemKind::Harmony, PartKind::Harmony),
        (StemKind::Melody, PartKind::Melody),
    ];
    let voice = |(stem, kind)| stems[stem as usize].as_ref().map(|clip| Voice { kind: Some(kind), clip });
    let mut voices: Vec<Voice<'_>> = pitched.into_iter().filter_map(voice).collect();
    if let Some(clip) = &stems[StemKind::Other as usize] {
        // Beside other stems it is the singer.
        let kind = (!voices.is_empty() || stems[StemKind::Drums as usize].is_some()).then_some(PartKind::Melody);
        let is_second = voices.iter().any(|voice| voice.kind == Some(PartKind::Melody));
        if !is_second {
            voices.push(Voice { kind, clip });
        }
    }
    voices
}

/// What is heard in one clip of a loop, in beats. A note that goes over the end goes on at the start when it is played.
pub(super) fn notes_of_loop(
    model: &BasicPitch,
    clip: &AudioClip,
    rendition: &Rendition,
    control: &RunControl,
    cancel: &CancelToken,
) -> Result<Vec<Note>, HearNotesError> {
    let hz = f64::from(rendition.rate.get());
    let loop_s = rendition.loop_frames() / hz;
    let audio = around(clip, hz);
    let model_rate = SampleRate::new(RATE_HZ).unwrap_or(SampleRate::DEFAULT);
    let mono = match rendition.rate == model_rate {
        true => Cow::Borrowed(&audio),
        false => Cow::Owned(resample_straight(&audio, rendition.rate, model_rate, cancel)?.into_vec()),
    };
    let heard = model.transcribe(&mono, &NoteThresholds::default(), control)?;
    let beats_per_second = rendition.tempo.get() / 60.0;
    let inside = |note: &HeardNote| {
        let start_s = note.start_seconds - LEAD_IN_S;
        // A tick of 1/960 beat, so that what is nearly the end of the loop is not its beginning once more.
        let start = (start_s * beats_per_second * 960.0).round() / 960.0;
        let duration = (note.duration_seconds.min(loop_s) * beats_per_second * 960.0).round().max(1.0) / 960.0;
        let is_in = start >= 0.0 && start < rendition.loop_beats.0;
        let note = Note { start: Beats(start), duration: Beats(duration), key: note.key, velocity: note.velocity };
        is_in.then_some(note)
    };
    Ok(heard.iter().filter_map(inside).collect())
}

/// The mean of both channels, with the end of the loop before it and its beginning after it.
fn around(clip: &AudioClip, hz: f64) -> Vec<f32> {
    let num_frames = clip.left.len();
    let (before, after) = ((LEAD_IN_S * hz).round() as usize, (LEAD_OUT_S * hz).round() as usize);
    let first = num_frames * before.div_ceil(num_frames.max(1)) - before;
    let frame = |n: usize| (first + n) % num_frames;
    let mono = |n: usize| (clip.left[n] + clip.right[n]) * 0.5;
    if num_frames == 0 { Vec::new() } else { (0..before + num_frames + after).map(|n| mono(frame(n))).collect() }
}
