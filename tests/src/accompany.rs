//! The live band in our own host: a MIDI file goes in as the player's keys, another comes out with what the band sent.
use crate::host::{Blocks, NoteAt, Plugin, Recording, Roll, Song};
use crate::wav;
use anyhow::{Context, Result};
use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, Track, TrackEvent, TrackEventKind};
use std::path::Path;

const RATE_HZ: u32 = 48_000;
const BPM: f64 = 120.0;
/// Ticks of the file that is written are frames: nothing is rounded.
const FRAMES_PER_BEAT: u16 = 24_000;
/// The band's channels and what plays there.
const PLAYERS: [(u8, &str); 5] = [(9, "Drums"), (0, "Bass"), (1, "Chords"), (2, "Melody"), (3, "Pad")];

/// Plays `keys` (a MIDI file, at 120 BPM) to the band of `style`; writes its notes to `out` and its sound beside them.
///
/// # Errors
/// A file or a plugin that does not do what it should.
pub fn accompany(clap: &Path, style: &str, keys: &Path, out: &Path) -> Result<()> {
    let bytes = std::fs::read(keys).with_context(|| format!("cannot read {}", keys.display()))?;
    let file = library::read_midi(&bytes)?;
    let frame = |beat: f64| (beat * f64::from(FRAMES_PER_BEAT)).round() as usize;
    let notes = file.parts.iter().flat_map(|part| &part.notes);
    let struck = notes.flat_map(|note| {
        let (start, end) = (frame(note.start.0), frame(note.start.0 + note.duration.0));
        let velocity = f64::from(note.velocity) / 127.0;
        [NoteAt { frame: start, key: note.key, velocity }, NoteAt { frame: end, key: note.key, velocity: 0.0 }]
    });
    let mut plugin = Plugin::load_from(clap)?;
    plugin.set_offline(true)?;
    plugin.activate(RATE_HZ, 512)?;
    let dials =
        [("Band On", "On"), ("Band MIDI Out", "On"), ("Chord Source", "MIDI"), ("Humanise", "0"), ("Swing", "0")];
    for (name, text) in dials.into_iter().chain([("Band Style", style)]) {
        plugin.set_text(name, text)?;
    }
    let song = Song::at(BPM);
    let roll = Roll::new(&song, frame(file.num_beats.0)).in_blocks(Blocks::Fixed(441)).with_notes(struck);
    let mut recording = roll.play(&mut plugin)?;
    recording.append(Roll::new(&song, 512).from(file.num_beats.0).stopped().play(&mut plugin)?);
    write(&recording, out)?;
    wav::write(&out.with_extension("wav"), recording.main(), RATE_HZ)
}

/// One track a player, with its name.
fn write(recording: &Recording, out: &Path) -> Result<()> {
    let meta = |message| TrackEvent { delta: u28::new(0), kind: TrackEventKind::Meta(message) };
    let head = vec![meta(MetaMessage::Tempo(u24::new((60e6 / BPM) as u32))), meta(MetaMessage::EndOfTrack)];
    let mut tracks: Vec<Track<'_>> = vec![head];
    for (channel, name) in PLAYERS {
        let mut track = vec![meta(MetaMessage::TrackName(name.as_bytes()))];
        let mut last = 0;
        for note in recording.notes.iter().filter(|note| note.channel == channel) {
            let (key, vel) = (u7::new(note.key), u7::new((note.velocity * 127.0).round() as u8));
            let message =
                if note.velocity > 0.0 { MidiMessage::NoteOn { key, vel } } else { MidiMessage::NoteOff { key, vel } };
            let delta = u28::new((note.frame - last) as u32);
            track.push(TrackEvent { delta, kind: TrackEventKind::Midi { channel: u4::new(channel), message } });
            last = note.frame;
        }
        track.push(meta(MetaMessage::EndOfTrack));
        tracks.push(track);
    }
    let header = Header::new(Format::Parallel, Timing::Metrical(u15::new(FRAMES_PER_BEAT)));
    Smf { header, tracks }.save(out).with_context(|| format!("cannot write {}", out.display()))
}
