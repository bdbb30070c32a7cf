//! What a MIDI file says, in our own types.
use super::bytes::Header;
use super::error::MidiWarning;
use super::kinds::{DRUM_CHANNEL, kind_of};
use super::notes::{RawNote, RawPart};
use super::time::{Clock, bpm_of, within_limits};
use super::track::TrackRead;
use std::borrow::Cow;
use take::{Beats, Bpm, Meter, Note, Part, PartKind, PitchClass, Scale};

/// What is read of one file.
pub mod limits {
    /// Most bytes of a file.
    pub const MAX_BYTES: usize = 32 << 20;
    /// Most tracks.
    pub const MAX_TRACKS: usize = 4096;
    /// Most notes of all tracks.
    pub const MAX_NOTES: usize = 500_000;
    /// Most texts of a track; what comes after them is left out.
    pub const MAX_TEXTS: usize = 2000;
    /// Longest text in characters; the rest is left out.
    pub const MAX_TEXT_CHARS: usize = 500;
}

/// A tempo from some beat on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TempoChange {
    /// First beat.
    pub start: Beats,
    /// As written, > 0.0; may be outside the limits of [`Bpm`].
    pub bpm: f64,
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MidiTextKind {
    /// Anything.
    Text,
    /// Who owns it.
    Copyright,
    /// A syllable.
    Lyric,
    /// A place in the form; Continuo and others write chord symbols as markers.
    Marker,
    /// Something that happens elsewhere.
    Cue,
}

/// A text, on one line.
#[derive(Debug, Clone, PartialEq)]
pub struct MidiText {
    /// When.
    pub start: Beats,
    /// What for.
    pub kind: MidiTextKind,
    /// At most 500 characters.
    pub text: String,
}

/// A MIDI file, read. Times are beats from its start; notes are as written, whatever tempo changes there are.
#[derive(Debug, Clone, PartialEq)]
pub struct MidiFile {
    /// 0, 1 or 2.
    pub format: u8,
    /// The tempo that most of the music has (the mean where none has half of it), within the limits of `Bpm`.
    pub tempo: Bpm,
    /// Every tempo, by beat; empty where the file has none (120 BPM then).
    pub tempo_changes: Vec<TempoChange>,
    /// The meter that most of the music has.
    pub meter: Meter,
    /// Every meter, by beat; empty where the file has none (4/4 then).
    pub meter_changes: Vec<(Beats, Meter)>,
    /// The first key signature. Many programs write C major where they know nothing.
    pub key: Option<(PitchClass, Scale)>,
    /// Length in beats: the end of the longest track.
    pub num_beats: Beats,
    /// Bars of `meter` that the music fills; 0 without notes. What rings over less than an eighth of a beat into a bar
    /// does not fill it, silence up to an end mark on a bar line does.
    pub num_bars: u32,
    /// A part for each track, channel and program that has notes, in the file's order.
    pub parts: Vec<Part>,
    /// Name of the piece.
    pub title: Option<String>,
    /// Texts by beat, track by track.
    pub texts: Vec<MidiText>,
    /// What was wrong, or left out.
    pub warnings: Vec<MidiWarning>,
}

/// A 64th.
const SHORTEST_BEATS: f64 = 1.0 / 16.0;
/// Length of a note that runs over a bar line without filling the bar.
const TAIL_BEATS: f64 = 1.0 / 8.0;

/// Tracks to a file.
pub fn assemble(header: &Header, clock: &Clock, tracks: &[TrackRead], mut warnings: Vec<MidiWarning>) -> MidiFile {
    let (main_bpm, meter) = (clock.main_bpm(), clock.main_meter());
    let tempo = within_limits(main_bpm);
    let parts = parts(clock, tracks, header.format, &mut warnings);
    warn_of_changes(clock, tracks, (main_bpm, tempo, meter), &mut warnings);
    if parts.is_empty() {
        warnings.push(MidiWarning::NoNotes);
    }
    let mut keys: Vec<_> = tracks.iter().flat_map(|track| track.keys.iter().copied()).collect();
    keys.sort_by_key(|(tick, _, _)| *tick);
    let text = |(tick, kind, text): &(u64, MidiTextKind, String)| MidiText {
        start: clock.beats(*tick),
        kind: *kind,
        text: text.clone(),
    };
    let mut texts: Vec<MidiText> = tracks.iter().flat_map(|track| &track.texts).map(text).collect();
    texts.sort_by(|a, b| a.start.0.total_cmp(&b.start.0));
    MidiFile {
        format: header.format,
        tempo,
        tempo_changes: clock
            .tempos
            .iter()
            .map(|&(tick, micros)| TempoChange { start: clock.beats(tick), bpm: bpm_of(micros) })
            .collect(),
        meter,
        meter_changes: clock.meters.iter().map(|&(tick, meter)| (clock.beats(tick), meter)).collect(),
        key: keys.first().map(|&(_, tonic, scale)| (tonic, scale)),
        num_beats: clock.beats(clock.end),
        num_bars: num_bars(&parts, clock.beats(clock.end), meter),
        title: title(header.format, tracks),
        parts,
        texts,
        warnings,
    }
}

/// Of a file with a conductor track its name, else the first track's.
fn title(format: u8, tracks: &[TrackRead]) -> Option<String> {
    let first = tracks.first()?;
    let is_about_all = format == 0 || first.parts.is_empty();
    first.name.clone().filter(|_| is_about_all)
}

fn warn_of_changes(
    clock: &Clock,
    tracks: &[TrackRead],
    (main_bpm, tempo, meter): (f64, Bpm, Meter),
    warnings: &mut Vec<MidiWarning>,
) {
    let differ = |count: usize| count.saturating_sub(1);
    let tempos = clock.tempos.chunk_by(|a, b| a.1 == b.1).count();
    if tempos > 1 {
        warnings.push(MidiWarning::TempoChanges { changes: differ(tempos), main_bpm: main_bpm.round() as u32 });
    }
    if main_bpm != tempo.get() {
        let nearest_bpm = tempo.get().round() as u32;
        warnings.push(MidiWarning::TempoBeyond { bpm: main_bpm.round() as u32, nearest_bpm });
    }
    let meters = clock.meters.chunk_by(|a, b| a.1 == b.1).count();
    if meters > 1 {
        warnings.push(MidiWarning::MeterChanges { changes: differ(meters), main_meter: meter.to_string() });
    }
    let mut keys: Vec<_> = tracks.iter().flat_map(|track| &track.keys).collect();
    keys.sort_by_key(|(tick, _, _)| *tick);
    let keys = keys.chunk_by(|a, b| (a.1, a.2) == (b.1, b.2)).count();
    if keys > 1 {
        warnings.push(MidiWarning::KeyChanges { changes: differ(keys) });
    }
    if tracks.iter().any(|track| track.num_bends > 0) {
        warnings.push(MidiWarning::BendsLeftOut);
    }
}

fn num_bars(parts: &[Part], end: Beats, meter: Meter) -> u32 {
    let bar = meter.bar_beats().0;
    let notes = || parts.iter().flat_map(|part| &part.notes);
    if notes().next().is_none() {
        return 0;
    }
    let by_starts = notes().map(|note| (note.start.0 / bar).floor() + 1.0).fold(1.0, f64::max);
    let by_ends = notes().map(|note| ((note.start.0 + note.duration.0 - TAIL_BEATS) / bar).ceil()).fold(0.0, f64::max);
    let marked = (end.0 / bar).round();
    let by_mark = if (end.0 - marked * bar).abs() * 64.0 < 1.0 { marked } else { 0.0 };
    by_starts.max(by_ends).max(by_mark) as u32
}

fn parts(clock: &Clock, tracks: &[TrackRead], format: u8, warnings: &mut Vec<MidiWarning>) -> Vec<Part> {
    let mut num_short = 0;
    let mut parts = Vec::new();
    for track in tracks {
        let pieces = pieces(track);
        let num_parts = pieces.len();
        for raw in &pieces {
            let program = raw.program.or_else(|| set_elsewhere(tracks, track.index, raw.channel, format)).unwrap_or(0);
            let mut notes: Vec<Note> = raw.notes.iter().map(|note| note_of(clock, note, &mut num_short)).collect();
            notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
            let name = part_name(track, raw.channel, num_parts);
            let kind = track.kind.unwrap_or_else(|| kind_of(&name, raw.channel, program, &notes));
            // Drums are on their own channel wherever a file had them.
            let channel = if kind == PartKind::Drums { DRUM_CHANNEL } else { raw.channel };
            parts.push(Part { kind, name, program, channel, notes });
        }
    }
    if num_short > 0 {
        warnings.push(MidiWarning::NoLength { notes: num_short });
    }
    parts
}

/// The parts of a track: one for each channel, but those of our own files are one part however many channels its bends
/// take.
fn pieces(track: &TrackRead) -> Vec<Cow<'_, RawPart>> {
    let sounding: Vec<&RawPart> = track.parts.iter().filter(|part| !part.notes.is_empty()).collect();
    match (&track.kind, &sounding[..]) {
        (Some(_), [first, rest @ ..]) if !rest.is_empty() => {
            let mut whole = RawPart::clone(first);
            whole.notes.extend(rest.iter().flat_map(|part| part.notes.iter().cloned()));
            vec![Cow::Owned(whole)]
        }
        _ => sounding.into_iter().map(Cow::Borrowed).collect(),
    }
}

/// A program that another track of the same piece sets for the channel.
fn set_elsewhere(tracks: &[TrackRead], but: usize, channel: u8, format: u8) -> Option<u8> {
    if format == 2 {
        return None;
    }
    let others = tracks.iter().filter(|track| track.index != but);
    others.filter_map(|track| track.programs[usize::from(channel)]).next()
}

fn part_name(track: &TrackRead, channel: u8, num_parts: usize) -> String {
    let own = track.name.clone().or_else(|| track.instrument.clone());
    match own {
        Some(name) if num_parts == 1 => name,
        Some(name) => format!("{name} {}", channel + 1),
        None if num_parts == 1 => format!("Track {}", track.index + 1),
        None => format!("Channel {}", channel + 1),
    }
}

fn note_of(clock: &Clock, raw: &RawNote, num_short: &mut usize) -> Note {
    let start = clock.beats(raw.start);
    let length = clock.beats(raw.end.unwrap_or(raw.start).saturating_sub(raw.start)).0;
    if length == 0.0 {
        *num_short += 1;
    }
    let duration = Beats(if length > 0.0 { length } else { SHORTEST_BEATS });
    Note { start, duration, key: raw.key, velocity: raw.velocity }
}
