//! Standard MIDI Files (format 1, 960 ticks per quarter): a conductor track, then a track per part.
mod desk;

use crate::about;
use crate::midi_import::KIND_MARK;
use desk::Desk;
use midly::num::{u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, Track, TrackEvent, TrackEventKind};
use take::{ChordSpan, Note, Part, PartKind, Take, Tuning};

/// Ticks per quarter note: every grid down to a 64th triplet is a whole number of them.
const TICKS_PER_BEAT: u16 = 960;
/// As lead sheets have it.
const NO_CHORD: &str = "N.C.";
/// Percussion by General MIDI, from 0.
const DRUM_CHANNEL: u8 = 9;

/// A note as a file has it; half-open, `start < end <= loop end`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct TickNote {
    start: u32,
    end: u32,
    key: u8,
    velocity: u8,
}

/// A whole MIDI file of the take's parts of `kinds`. With all kinds it is the piece, and names its chords as markers; a
/// single part dropped onto a track should not litter the song's ruler with them.
pub(crate) fn encode(take: &Take, kinds: &[PartKind]) -> Vec<u8> {
    let loop_ticks = ticks(take.original.loop_beats.0);
    let texts = Texts { title: about::one_line(&take.info.name), comment: about::comment(take) };
    let chords = if kinds.len() == PartKind::ALL.len() { &take.info.chords[..] } else { &[] };
    let tuning = Tuning::of(take.info.key, take.info.scale);
    let desks = desks(&take.parts, kinds, &tuning);
    let marks = take.parts.iter().map(|part| format!("{KIND_MARK}{}", part.kind.name())).collect::<Vec<_>>();
    let names = take.parts.iter().map(|part| about::one_line(&part.name)).collect::<Vec<_>>();
    let conductor = conductor(take, &texts, chords, loop_ticks);
    let chosen = take.parts.iter().enumerate().filter(|(_, part)| kinds.contains(&part.kind));
    let tracks = chosen.map(|(index, part)| {
        track(part, Voice { name: &names[index], mark: &marks[index], desk: &desks[index] }, loop_ticks)
    });
    let tracks = std::iter::once(conductor).chain(tracks);
    let timing = Timing::Metrical(u15::new(TICKS_PER_BEAT));
    let smf = Smf { header: Header::new(Format::Parallel, timing), tracks: tracks.collect() };
    let mut file = Vec::new();
    // A vector takes everything; what midly itself could refuse is a track beyond 4 GiB.
    if smf.write_std(&mut file).is_err() {
        file.clear();
    }
    file
}

/// What the conductor track says in words.
struct Texts {
    title: String,
    comment: String,
}

/// What a part's track says about its part.
struct Voice<'a> {
    name: &'a str,
    mark: &'a str,
    desk: &'a Desk,
}

fn conductor<'a>(take: &'a Take, texts: &'a Texts, chords: &'a [ChordSpan], loop_ticks: u32) -> Track<'a> {
    let meter = take.info.meter;
    let micros_per_beat = (60e6 / take.original.tempo.get()).round() as u32;
    // Clocks (24 per quarter) between two clicks of a metronome that clicks once per note value of the meter.
    let clocks_per_click = 96 / meter.denominator();
    let (accidentals, is_minor) =
        (about::accidentals(take.info.key, take.info.scale), about::is_minor(take.info.scale));
    let events = [
        MetaMessage::TrackName(texts.title.as_bytes()),
        MetaMessage::Text(texts.comment.as_bytes()),
        MetaMessage::Tempo(u24::new(micros_per_beat)),
        MetaMessage::TimeSignature(meter.numerator(), meter.denominator().trailing_zeros() as u8, clocks_per_click, 8),
        MetaMessage::KeySignature(accidentals, is_minor),
    ];
    let mut track: Track = events.into_iter().map(|message| event(0, TrackEventKind::Meta(message))).collect();
    let mut now = 0;
    for (tick, symbol) in markers(chords, loop_ticks) {
        track.push(event(tick - now, TrackEventKind::Meta(MetaMessage::Marker(symbol.as_bytes()))));
        now = tick;
    }
    track.push(event(loop_ticks.saturating_sub(now), TrackEventKind::Meta(MetaMessage::EndOfTrack)));
    track
}

/// A marker where each chord begins, and one for "no chord" where one ends before the next; in order, within the loop.
fn markers(chords: &[ChordSpan], loop_ticks: u32) -> Vec<(u32, &str)> {
    let starts = chords.iter().skip(1).map(|chord| ticks(chord.start.0)).chain([loop_ticks]);
    let mut markers = Vec::new();
    for (chord, next) in chords.iter().zip(starts) {
        let (start, end) = (ticks(chord.start.0), ticks(chord.start.0 + chord.duration.0));
        markers.push((start, chord.symbol.as_str()));
        if end < next {
            markers.push((end, NO_CHORD));
        }
    }
    markers.retain(|(tick, _)| *tick < loop_ticks);
    markers.sort_by_key(|(tick, _)| *tick);
    markers
}

fn track<'a>(part: &'a Part, voice: Voice<'a>, loop_ticks: u32) -> Track<'a> {
    let texts = [MetaMessage::TrackName(voice.name.as_bytes()), MetaMessage::Text(voice.mark.as_bytes())];
    let mut track: Track = texts.into_iter().map(|message| event(0, TrackEventKind::Meta(message))).collect();
    track.extend(voice.desk.set_up(part.program).into_iter().map(|kind| event(0, kind)));
    let mut now = 0;
    for (tick, message) in messages(&tick_notes(&part.notes, loop_ticks)) {
        track.push(event(tick - now, voice.desk.on_its_channel(message)));
        now = tick;
    }
    track.push(event(loop_ticks - now, TrackEventKind::Meta(MetaMessage::EndOfTrack)));
    track
}

/// The channels of each part. In a scale with quarter tones a part has one for each bend; a part that is alone in its
/// file has them as an MPE zone.
fn desks(parts: &[Part], kinds: &[PartKind], tuning: &Tuning) -> Vec<Desk> {
    let own = channels(parts);
    let is_alone = parts.iter().filter(|part| kinds.contains(&part.kind)).count() == 1;
    let mut is_taken: [bool; 16] = std::array::from_fn(|channel| {
        channel == usize::from(DRUM_CHANNEL) || own.iter().any(|own| usize::from(*own) == channel)
    });
    let mut next_free = |fallback: u8| {
        let free = (0..16).find(|channel| !is_taken[usize::from(*channel)]).unwrap_or(fallback);
        is_taken[usize::from(free)] = true;
        free
    };
    let mut desk_of = |part: &Part, channel: u8| {
        if part.kind == PartKind::Drums || tuning.is_equal() {
            return Desk { tuning: Tuning::EQUAL, lanes: vec![(0.0, channel)], is_mpe: false };
        }
        let bends = tuning.bends().into_iter().enumerate();
        let lanes = bends.map(|(index, cents)| match (is_alone, index) {
            (true, _) => (cents, index as u8 + 1),
            (false, 0) => (cents, channel),
            (false, _) => (cents, next_free(channel)),
        });
        Desk { tuning: *tuning, lanes: lanes.collect(), is_mpe: is_alone }
    };
    parts.iter().zip(&own).map(|(part, channel)| desk_of(part, *channel)).collect()
}

/// A channel for each part: its own, drums the tenth, and another one where two programs would share one, since a
/// player hears all tracks of a channel with one program. With more programs than channels the last ones keep theirs.
fn channels(parts: &[Part]) -> Vec<u8> {
    let mut programs: [Option<u8>; 16] = [None; 16];
    let mut channel_of = |part: &Part| {
        if part.kind == PartKind::Drums {
            return DRUM_CHANNEL;
        }
        let own = part.channel.min(15);
        let is_free = |channel: &u8| {
            *channel != DRUM_CHANNEL && programs[usize::from(*channel)].is_none_or(|program| program == part.program)
        };
        let channel = [own].into_iter().chain(0..16).find(is_free).unwrap_or(own);
        programs[usize::from(channel)] = Some(part.program);
        channel
    };
    parts.iter().map(&mut channel_of).collect()
}

/// Ons and offs in playing order; at one tick the offs come first, so that a repeated key sounds again.
fn messages(notes: &[TickNote]) -> Vec<(u32, MidiMessage)> {
    let mut messages: Vec<_> = notes
        .iter()
        .flat_map(|note| {
            let key = seven_bits(note.key);
            let vel = seven_bits(note.velocity.max(1));
            [(note.start, MidiMessage::NoteOn { key, vel }), (note.end, MidiMessage::NoteOff { key, vel: u7::new(64) })]
        })
        .collect();
    messages.sort_by_key(|(tick, message)| match message {
        MidiMessage::NoteOff { key, .. } => (*tick, false, *key),
        MidiMessage::NoteOn { key, .. } => (*tick, true, *key),
        _ => (*tick, true, u7::new(0)),
    });
    messages
}

/// Notes on the tick grid, as a file can hold them: none past the loop's end, each at least one tick long, and a key
/// ends before it starts again (a file cannot say which of two sounding notes of one key an off belongs to).
fn tick_notes(notes: &[Note], loop_ticks: u32) -> Vec<TickNote> {
    let mut sorted: Vec<_> = notes.iter().filter_map(|note| tick_note(note, loop_ticks)).collect();
    sorted.sort_by_key(|note| (note.key, note.start));
    let mut kept: Vec<TickNote> = Vec::with_capacity(sorted.len());
    for note in sorted {
        match kept.last_mut() {
            Some(last) if last.key == note.key && last.start == note.start => {
                last.end = last.end.max(note.end);
                last.velocity = last.velocity.max(note.velocity);
            }
            Some(last) if last.key == note.key => {
                last.end = last.end.min(note.start);
                kept.push(note);
            }
            _ => kept.push(note),
        }
    }
    kept
}

fn tick_note(note: &Note, loop_ticks: u32) -> Option<TickNote> {
    let start = ticks(note.start.0);
    if start >= loop_ticks {
        // A note within half a tick of the end would be rounded onto the end itself; anything later is no note of
        // this loop.
        let is_rounded_up = note.start.0 * f64::from(TICKS_PER_BEAT) < f64::from(loop_ticks);
        return is_rounded_up.then(|| TickNote {
            start: loop_ticks.saturating_sub(1),
            end: loop_ticks.max(1),
            key: note.key,
            velocity: note.velocity,
        });
    }
    let end = ticks(note.start.0 + note.duration.0).clamp(start + 1, loop_ticks);
    Some(TickNote { start, end, key: note.key, velocity: note.velocity })
}

/// Nearest tick; negative and NaN are 0, and what a file cannot count is cut off.
fn ticks(beats: f64) -> u32 {
    ((beats * f64::from(TICKS_PER_BEAT)).round() as u32).min(u28::max_value().as_int())
}

fn seven_bits(value: u8) -> u7 {
    u7::new(value.min(127))
}

fn event(delta: u32, kind: TrackEventKind<'_>) -> TrackEvent<'_> {
    TrackEvent { delta: u28::new(delta), kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::Beats;

    fn note(start: f64, duration: f64, key: u8) -> Note {
        Note { start: Beats(start), duration: Beats(duration), key, velocity: 100 }
    }

    fn spans(notes: &[Note]) -> Vec<(u32, u32, u8)> {
        tick_notes(notes, 3840).into_iter().map(|note| (note.start, note.end, note.key)).collect()
    }

    #[test]
    fn a_note_that_rings_past_the_loop_is_cut_at_its_end() {
        assert_eq!(spans(&[note(3.0, 2.0, 60)]), [(2880, 3840, 60)]);
        assert_eq!(spans(&[note(3.9999, 2.0, 60)]), [(3839, 3840, 60)]);
        assert_eq!(spans(&[note(4.0, 2.0, 60)]), []);
    }

    #[test]
    fn the_shortest_note_still_sounds() {
        assert_eq!(spans(&[note(1.0, 1e-9, 60)]), [(960, 961, 60)]);
    }

    #[test]
    fn a_key_ends_before_it_starts_again() {
        let overlapping = [note(0.0, 2.0, 60), note(0.5, 2.0, 64), note(1.0, 1.0, 60), note(1.0, 0.5, 60)];
        assert_eq!(spans(&overlapping), [(0, 960, 60), (960, 1920, 60), (480, 2400, 64)]);
        let order: Vec<_> = messages(&tick_notes(&overlapping, 3840)).into_iter().map(|(tick, _)| tick).collect();
        assert_eq!(order, [0, 480, 960, 960, 1920, 2400]);
        assert!(matches!(messages(&tick_notes(&overlapping, 3840))[2].1, MidiMessage::NoteOff { .. }));
    }

    #[test]
    fn silence_between_chords_is_no_chord() {
        let chord = |start, duration, symbol: &str| ChordSpan {
            start: Beats(start),
            duration: Beats(duration),
            symbol: symbol.into(),
        };
        let chords = [chord(0.0, 1.0, "C"), chord(1.0, 1.0, "F"), chord(3.0, 0.5, "G"), chord(4.0, 4.0, "A")];
        assert_eq!(markers(&chords, 3840), [(0, "C"), (960, "F"), (1920, "N.C."), (2880, "G"), (3360, "N.C.")]);
        assert_eq!(markers(&chords[..0], 3840), []);
    }

    #[test]
    fn parts_of_other_programs_get_other_channels() {
        let part = |kind, channel, program| Part { kind, name: String::new(), program, channel, notes: Vec::new() };
        let (bass, keys) = (PartKind::Bass, PartKind::Harmony);
        let parts = [
            part(bass, 0, 33),
            part(keys, 0, 4),
            part(keys, 0, 33),
            part(PartKind::Drums, 3, 25),
            part(PartKind::Melody, 9, 73),
            part(keys, 1, 4),
        ];
        assert_eq!(channels(&parts), [0, 1, 0, 9, 2, 1]);
        let many: Vec<_> = (0..20).map(|program| part(keys, 0, program)).collect();
        assert_eq!(channels(&many), [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn nonsense_becomes_no_tick_beyond_the_file() {
        assert_eq!([f64::NAN, -1.0, f64::INFINITY].map(ticks), [0, 0, (1 << 28) - 1]);
    }
}
