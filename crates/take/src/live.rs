//! The live band's music on its way to the player: bars of timed notes, each with its sound rendered ahead.
use crate::PartKind;
use std::sync::Arc;

/// The sound of one note, at the player's rate, from its attack to silence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VoiceClip {
    /// Left channel.
    pub left: Box<[f32]>,
    /// Right channel; empty where the voice is mono.
    pub right: Box<[f32]>,
    /// Frames after which the note is let go in the rendering.
    pub gate_frames: usize,
    /// Frames in which a note that ends sooner fades out.
    pub release_frames: usize,
}

/// One note of the live band, in beats of the host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiveNote {
    /// Onset in quarter notes of the host's song.
    pub start: f64,
    /// End, after the onset.
    pub end: f64,
    /// Who plays it.
    pub part: PartKind,
    /// MIDI channel 0..=15.
    pub channel: u8,
    /// MIDI key 0..=127.
    pub key: u8,
    /// MIDI velocity 1..=127.
    pub velocity: u8,
    /// What the scale bends the key by, in cents, -50.0..=50.0.
    pub bend_cents: f32,
    /// Linear gain of the left and the right channel.
    pub gains: [f32; 2],
    /// Index into [`LiveSection::voices`]; `None` is heard on the MIDI output only.
    pub voice: Option<u16>,
}

/// A stretch of the band's music, `start..end` in quarter notes of the host. A later section replaces what earlier ones
/// hold for the same beats.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LiveSection {
    /// First beat.
    pub start: f64,
    /// Beat after the last.
    pub end: f64,
    /// Notes that start inside, by start. Empty is silence.
    pub notes: Box<[LiveNote]>,
    /// The sounds of the notes. Whoever made the section holds on to each of them for as long as the player may, so
    /// that the last reference is never dropped on the audio thread.
    pub voices: Box<[Arc<VoiceClip>]>,
    /// Per part, indexed by `PartKind as usize`: notes of earlier sections that ring on end where this one starts.
    pub cuts: [bool; 5],
    /// Per part: sends to reverb and delay, linear.
    pub sends: [[f32; 2]; 5],
}

/// Where the music is, for whoever composes ahead of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LivePlace {
    /// Position in quarter notes.
    pub beat: f64,
    /// The transport rolls.
    pub is_playing: bool,
    /// Tempo in BPM.
    pub tempo: f64,
    /// Meter as (numerator, denominator).
    pub meter: (i32, i32),
    /// A bar line in quarter notes.
    pub bar_origin: f64,
    /// The host's cycle as (first beat, beat after the last).
    pub cycle: Option<(f64, f64)>,
    /// Frames of side-chain sound handed over so far.
    pub heard_frames: u64,
}
