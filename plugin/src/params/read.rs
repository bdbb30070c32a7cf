//! Room: RT
//! Parameter values as the engine and a take's spec want them.
use super::text::{SILENCE_DB, SWING_OF_STYLE};
use super::{ContinuoParams, DeckDials};
use engine::{BandParams, DeckParams, EngineParams, NUM_DECKS};
use nice_plug::prelude::{BoolParam, FloatParam, IntParam};
use studio::{BandDials, ChordSource, Knobs};
use take::{Amount, BarCount};

impl ContinuoParams {
    /// What the engine reads in a block. A deck sounds while its Play is on or its key is held.
    ///
    /// # Realtime
    /// Safe.
    pub fn engine_params(&self, is_key_held: [bool; NUM_DECKS]) -> EngineParams {
        let mut decks = self.decks().map(DeckDials::engine_params);
        for (deck, is_held) in decks.iter_mut().zip(is_key_held) {
            deck.is_on |= is_held;
        }
        EngineParams {
            master: gain(&self.master),
            crossfade_ms: self.crossfade.value(),
            decks,
            band: self.band(),
            is_cue_in_main: self.cue_in_main.value(),
        }
    }

    fn band(&self) -> BandParams {
        let band = &self.band;
        BandParams {
            is_on: band.on.value(),
            levels: band.levels().map(gain),
            sends_midi: band.midi_out.value(),
            hears_sound: band.source.value().0 == ChordSource::Sidechain,
        }
    }

    /// Keys on the MIDI input are chords for the band and trigger no deck.
    ///
    /// # Realtime
    /// Safe.
    pub fn is_band_listening(&self) -> bool {
        self.band.on.value() && self.band.source.value().0 == ChordSource::Midi
    }

    /// The live band's dials, for the studio.
    pub fn band_dials(&self) -> BandDials {
        BandDials {
            is_on: self.band.on.value(),
            style: self.band.style.value().0,
            source: self.band.source.value().0,
            is_locked: self.band.lock.value(),
            intensity: amount(&self.band.intensity),
            complexity: amount(&self.complexity),
            humanise: amount(&self.humanise),
            swing: (self.swing.value() != SWING_OF_STYLE).then(|| amount(&self.swing)),
            key: self.key.value().0,
            scale: self.scale.value().0,
            num_fills: self.buttons.num_fills(),
        }
    }

    /// The dials that make a spec, with the host's tempo and meter.
    ///
    /// # Realtime
    /// Safe.
    pub fn knobs(&self, tempo: Option<f64>, meter: Option<(i32, i32)>) -> Knobs {
        Knobs {
            engine: self.engine.value().0,
            style: self.style.value().0,
            key: self.key.value().0,
            scale: self.scale.value().0,
            bars: BarCount::new(i64::from(self.bars.value())).unwrap_or(BarCount::DEFAULT),
            energy: amount(&self.energy),
            complexity: amount(&self.complexity),
            swing: (self.swing.value() != SWING_OF_STYLE).then(|| amount(&self.swing)),
            humanise: amount(&self.humanise),
            tempo,
            meter,
            at: self.swap.value().0,
        }
    }
}

impl DeckDials {
    fn engine_params(&self) -> DeckParams {
        DeckParams {
            is_on: self.play.value(),
            is_muted: self.mute.value(),
            is_soloed: self.solo.value(),
            level: gain(&self.level),
            pan: self.pan.value(),
            pitch_semitones: self.pitch.value(),
            filter: self.filter.value(),
            resonance: self.resonance.value(),
            reverb_send: self.reverb.value(),
            delay_send: self.delay.value(),
            stems: [
                stem_gain(&self.drums, &self.mute_drums),
                stem_gain(&self.bass, &self.mute_bass),
                stem_gain(&self.harmony, &self.mute_harmony),
                stem_gain(&self.melody, &self.mute_melody),
                stem_gain(&self.other, &self.mute_other),
            ],
        }
    }
}

fn stem_gain(level: &FloatParam, mute: &BoolParam) -> f32 {
    if mute.value() { 0.0 } else { gain(level) }
}

/// Linear gain of a level; exactly 1.0 at 0 dB, exactly 0.0 at silence.
fn gain(level: &FloatParam) -> f32 {
    match level.value() {
        db if db <= SILENCE_DB => 0.0,
        0.0 => 1.0,
        // libm, not std: the same bits on every system.
        db => libm::powf(10.0, db / 20.0),
    }
}

fn amount(percent: &IntParam) -> Amount {
    Amount::new(percent.value() as f32 / 100.0)
}
