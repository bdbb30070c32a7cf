//! What the user sets about the live band.
use take::{Amount, PitchClass, Scale, StyleId};

/// Where the band's chords come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChordSource {
    /// The typed chord line, repeated from the host's beat 0.
    #[default]
    Typed,
    /// What is played on the MIDI input.
    Midi,
    /// What sounds on the side-chain input.
    Sidechain,
}

/// Everything that decides what the band plays, besides the chords it hears.
#[derive(Debug, Clone, PartialEq)]
pub struct BandSettings {
    /// How it plays.
    pub style: StyleId,
    /// Where the chords come from.
    pub source: ChordSource,
    /// What is heard changes nothing: the chords known so far go on.
    pub is_locked: bool,
    /// The typed line, as [`theory::parse_chord_line`] reads it.
    pub chords: String,
    /// How hard it plays; the player's own playing adds to it.
    pub intensity: Amount,
    /// How much happens.
    pub complexity: Amount,
    /// How loosely.
    pub humanise: Amount,
    /// 0.0 straight ..= 1.0 triplet; the style's own where absent.
    pub swing: Option<Amount>,
    /// Tonic and scale; found from the chords where absent.
    pub key: Option<(PitchClass, Scale)>,
    /// Seed of every choice.
    pub seed: u64,
}

impl Default for BandSettings {
    fn default() -> Self {
        Self {
            style: StyleId::built_in(0),
            source: ChordSource::default(),
            is_locked: false,
            chords: String::new(),
            intensity: Amount::new(0.6),
            complexity: Amount::new(0.5),
            humanise: Amount::new(0.3),
            swing: None,
            key: None,
            seed: 1,
        }
    }
}
