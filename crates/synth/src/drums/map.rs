//! Which drum a General MIDI percussion key means.

/// A drum of the kit and how this key plays it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Index into [`PIECES`].
    pub piece: usize,
    /// Semitones against the piece's own pitch.
    pub tune: f32,
    /// Decay against the piece's own, 1.0 is unchanged.
    pub decay: f32,
}

/// Every drum a kit is made of; names as in `assets/instruments.toml`.
pub const PIECES: [&str; 30] = [
    "kick",
    "snare",
    "rim",
    "clap",
    "hat_closed",
    "hat_pedal",
    "hat_open",
    "tom",
    "ride",
    "ride_bell",
    "crash",
    "splash",
    "china",
    "tambourine",
    "cowbell",
    "vibraslap",
    "bongo",
    "conga",
    "conga_mute",
    "timbale",
    "agogo",
    "cabasa",
    "shaker",
    "whistle",
    "guiro",
    "claves",
    "woodblock",
    "cuica",
    "triangle",
    "surdo",
];

/// Pieces silenced by a closed or pedalled hat.
pub const HAT_OPEN: usize = 6;
/// Closed and pedalled hats.
pub const HATS_SHUT: [usize; 2] = [4, 5];
/// The bass drum.
pub const KICK: usize = 0;

/// Key, piece, tune in semitones, decay.
const KEYS: [(u8, &str, f32, f32); 61] = [
    (27, "agogo", 12.0, 0.4),
    (28, "clap", 2.0, 0.6),
    (29, "cabasa", 4.0, 1.5),
    (30, "cabasa", -4.0, 1.5),
    (31, "rim", 3.0, 0.8),
    (32, "woodblock", 9.0, 0.4),
    (33, "woodblock", 6.0, 0.5),
    (34, "triangle", -5.0, 0.6),
    (35, "kick", -1.5, 1.1),
    (36, "kick", 0.0, 1.0),
    (37, "rim", 0.0, 1.0),
    (38, "snare", 0.0, 1.0),
    (39, "clap", 0.0, 1.0),
    (40, "snare", 1.5, 0.9),
    (41, "tom", -9.0, 1.2),
    (42, "hat_closed", 0.0, 1.0),
    (43, "tom", -7.0, 1.15),
    (44, "hat_pedal", 0.0, 1.0),
    (45, "tom", -4.0, 1.1),
    (46, "hat_open", 0.0, 1.0),
    (47, "tom", -1.0, 1.0),
    (48, "tom", 2.0, 0.95),
    (49, "crash", 0.0, 1.0),
    (50, "tom", 5.0, 0.9),
    (51, "ride", 0.0, 1.0),
    (52, "china", 0.0, 1.0),
    (53, "ride_bell", 0.0, 1.0),
    (54, "tambourine", 0.0, 1.0),
    (55, "splash", 0.0, 1.0),
    (56, "cowbell", 0.0, 1.0),
    (57, "crash", -2.0, 1.1),
    (58, "vibraslap", 0.0, 1.0),
    (59, "ride", 1.0, 0.9),
    (60, "bongo", 4.0, 1.0),
    (61, "bongo", -1.0, 1.0),
    (62, "conga_mute", 3.0, 1.0),
    (63, "conga", 3.0, 1.0),
    (64, "conga", -3.0, 1.1),
    (65, "timbale", 4.0, 1.0),
    (66, "timbale", -1.0, 1.0),
    (67, "agogo", 4.0, 1.0),
    (68, "agogo", 0.0, 1.0),
    (69, "cabasa", 0.0, 1.0),
    (70, "shaker", 3.0, 0.7),
    (71, "whistle", 0.0, 0.4),
    (72, "whistle", 0.0, 1.0),
    (73, "guiro", 3.0, 0.5),
    (74, "guiro", 0.0, 1.0),
    (75, "claves", 0.0, 1.0),
    (76, "woodblock", 3.0, 1.0),
    (77, "woodblock", -3.0, 1.0),
    (78, "cuica", 4.0, 0.7),
    (79, "cuica", 0.0, 1.0),
    (80, "triangle", 0.0, 0.12),
    (81, "triangle", 0.0, 1.0),
    (82, "shaker", 0.0, 1.0),
    (83, "tambourine", 5.0, 1.4),
    (84, "triangle", 7.0, 1.3),
    (85, "woodblock", 7.0, 0.5),
    (86, "surdo", 2.0, 0.3),
    (87, "surdo", 0.0, 1.0),
];

/// The stroke for a key. Keys outside 27..=87 play the nearest one inside.
pub fn stroke(key: u8) -> Stroke {
    let (_, name, tune, decay) = KEYS[usize::from(key.clamp(27, 87) - 27)];
    let piece = PIECES.iter().position(|piece| *piece == name).unwrap_or(KICK);
    Stroke { piece, tune, decay }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_percussion_key_has_its_own_line_and_a_piece() {
        for (index, (key, name, _, _)) in KEYS.iter().enumerate() {
            assert_eq!(usize::from(*key), index + 27);
            assert!(PIECES.contains(name), "{name}");
        }
        assert_eq!(PIECES[stroke(36).piece], "kick");
        assert_eq!(PIECES[stroke(0).piece], "agogo");
        assert_eq!(PIECES[HAT_OPEN], "hat_open");
        assert_eq!(HATS_SHUT.map(|piece| PIECES[piece]), ["hat_closed", "hat_pedal"]);
    }
}
