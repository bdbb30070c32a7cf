//! Room: RT
//! Notes that trigger decks: key 48 (C3 where middle C is C4) is deck 1, 49 deck 2, ... 55 deck 8, on any channel.
//!
//! A key is a gate: a deck whose Play is off sounds while its key is held; with Play on, the key changes nothing.
//! Velocity is ignored. While the live band listens to the keys they are its chords, and no deck hears them.
use engine::NUM_DECKS;
use nice_plug::prelude::NoteEvent;

/// Key of deck 1.
pub const FIRST_KEY: u8 = 48;

/// Which deck keys are down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeldKeys([bool; NUM_DECKS]);

impl HeldKeys {
    /// Per deck: its key is held.
    pub fn decks(&self) -> [bool; NUM_DECKS] {
        self.0
    }

    /// The state after `event`. A note-off or choke for every key lifts all of them.
    ///
    /// # Realtime
    /// Safe.
    pub fn after<S>(mut self, event: &NoteEvent<S>) -> Self {
        let (key, is_down) = match event {
            NoteEvent::NoteOn { key, velocity, .. } => (key, *velocity > 0.0),
            NoteEvent::NoteOff { key, .. } | NoteEvent::Choke { key, .. } => (key, false),
            _ => return self,
        };
        match key.number() {
            Some(number) => {
                let deck = number.checked_sub(FIRST_KEY).map(usize::from);
                if let Some(held) = deck.and_then(|deck| self.0.get_mut(deck)) {
                    *held = is_down;
                }
            }
            // A note-on for "every key" is no note anybody played.
            None if !is_down => self = Self::default(),
            None => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nice_plug::midi::{Channel, Key, VoiceID};

    fn on(key: u8, velocity: f32) -> NoteEvent<()> {
        let (voice_id, channel) = (VoiceID::Wildcard, Channel::Number(3));
        NoteEvent::NoteOn { timing: 0, voice_id, channel, key: Key::Number(key), velocity }
    }

    fn off(key: Key) -> NoteEvent<()> {
        NoteEvent::NoteOff { timing: 0, voice_id: VoiceID::Wildcard, channel: Channel::Number(3), key, velocity: 0.0 }
    }

    #[test]
    fn eight_keys_from_48_hold_eight_decks() {
        let held = (48..=55).fold(HeldKeys::default(), |held, key| held.after(&on(key, 0.8)));
        assert_eq!(held.decks(), [true; 8]);
        assert_eq!(HeldKeys::default().after(&on(47, 0.8)).after(&on(56, 0.8)), HeldKeys::default());
    }

    #[test]
    fn note_off_velocity_zero_and_the_wildcard_lift_keys() {
        let held = HeldKeys::default().after(&on(48, 0.8)).after(&on(49, 0.8));
        assert_eq!(held.after(&off(Key::Number(48))).decks()[..2], [false, true]);
        assert_eq!(held.after(&on(48, 0.0)).decks()[..2], [false, true]);
        assert_eq!(held.after(&off(Key::Wildcard)), HeldKeys::default());
    }
}
