//! The content hash of a take: what goes into it, in which order.
//!
//! The encoding is permanent, since hashes are file names in the library and references in saved projects: integers
//! little-endian, floats as their IEEE bits, text and lists with their length as `u64` in front, options with one
//! byte in front (0 = none). `TakeInfo::name` and `Rendition::take` stay out: a name may be changed or may quote the
//! hash, and the rendition's field *is* the hash.
use crate::{Amount, AudioClip, Part, PitchClass, Rendition, Scale, TakeId, TakeInfo, TakeSpec, quantise_24};
use sha2::{Digest, Sha256};

/// First bytes of what is hashed; a change of the encoding below needs another number here.
const DOMAIN: &str = "continuo take 1";

impl TakeId {
    /// SHA-256 over everything that makes a take what it is; samples count at the 24 bits they are saved with.
    pub fn of(info: &TakeInfo, parts: &[Part], original: &Rendition) -> TakeId {
        let mut encoder = Encoder(Sha256::new());
        encoder.text(DOMAIN);
        encoder.info(info);
        encoder.list(parts, Encoder::part);
        encoder.rendition(original);
        TakeId(encoder.0.finalize().into())
    }
}

struct Encoder(Sha256);

impl Encoder {
    fn byte(&mut self, value: u8) {
        self.0.update([value]);
    }

    fn count(&mut self, value: usize) {
        self.0.update((value as u64).to_le_bytes());
    }

    fn float(&mut self, value: f64) {
        self.0.update(value.to_bits().to_le_bytes());
    }

    fn amount(&mut self, value: Amount) {
        self.0.update(value.get().to_bits().to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn option<T>(&mut self, value: Option<T>, encode: impl FnOnce(&mut Self, T)) {
        self.byte(value.is_some().into());
        if let Some(value) = value {
            encode(self, value);
        }
    }

    fn list<T>(&mut self, items: &[T], encode: impl Fn(&mut Self, &T)) {
        self.count(items.len());
        items.iter().for_each(|item| encode(self, item));
    }

    fn pitch_class(&mut self, key: PitchClass) {
        self.byte(key.get());
    }

    // The order of the variants is the permanent one of the host parameter.
    fn scale(&mut self, scale: Scale) {
        self.byte(scale as u8);
    }

    fn spec(&mut self, spec: &TakeSpec) {
        let TakeSpec { prompt, style, key, scale, tempo, meter, bars, energy, complexity, swing, humanise, seed } =
            spec;
        self.text(prompt);
        self.text(style.as_str());
        self.option(*key, Self::pitch_class);
        self.option(*scale, Self::scale);
        self.float(tempo.get());
        self.byte(meter.numerator());
        self.byte(meter.denominator());
        self.byte(bars.get());
        self.amount(*energy);
        self.amount(*complexity);
        self.option(*swing, Self::amount);
        self.amount(*humanise);
        self.0.update(seed.to_le_bytes());
    }

    fn info(&mut self, info: &TakeInfo) {
        let TakeInfo { name: _, spec, engine, key, scale, tempo, meter, bars, chords, loudness_lufs, true_peak_dbtp } =
            info;
        self.spec(spec);
        self.text(engine);
        self.pitch_class(*key);
        self.scale(*scale);
        self.float(tempo.get());
        self.byte(meter.numerator());
        self.byte(meter.denominator());
        self.byte(bars.get());
        self.list(chords, |encoder, chord| {
            encoder.float(chord.start.0);
            encoder.float(chord.duration.0);
            encoder.text(&chord.symbol);
        });
        self.float(*loudness_lufs);
        self.float(*true_peak_dbtp);
    }

    fn part(&mut self, part: &Part) {
        let Part { kind, name, program, channel, notes } = part;
        self.byte(*kind as u8);
        self.text(name);
        self.byte(*program);
        self.byte(*channel);
        self.list(notes, |encoder, note| {
            encoder.float(note.start.0);
            encoder.float(note.duration.0);
            encoder.byte(note.key);
            encoder.byte(note.velocity);
        });
    }

    fn rendition(&mut self, rendition: &Rendition) {
        let Rendition { take: _, tempo, rate, loop_beats, bar_beats, stems } = rendition;
        self.float(tempo.get());
        self.0.update(rate.get().to_le_bytes());
        self.float(loop_beats.0);
        self.float(bar_beats.0);
        for stem in stems {
            self.option(stem.as_ref(), Self::clip);
        }
    }

    /// Frames as a 24-bit WAV file has them: left, right, three bytes each.
    fn clip(&mut self, clip: &AudioClip) {
        self.count(clip.num_frames());
        let mut bytes = [0u8; 6 * 1024];
        let frames = || clip.left.iter().zip(clip.right.iter());
        for start in (0..clip.num_frames()).step_by(1024) {
            let mut used = 0;
            for (slot, (&left, &right)) in bytes.chunks_exact_mut(6).zip(frames().skip(start)) {
                slot[..3].copy_from_slice(&quantise_24(left).to_le_bytes()[..3]);
                slot[3..].copy_from_slice(&quantise_24(right).to_le_bytes()[..3]);
                used += 6;
            }
            self.0.update(&bytes[..used]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BarCount, Beats, Bpm, ChordSpan, Meter, Note, PartKind, SampleRate, StyleId};

    fn clip(value: f32) -> AudioClip {
        AudioClip { left: vec![value; 3].into(), right: vec![-value; 3].into() }
    }

    fn material() -> (TakeInfo, Vec<Part>, Rendition) {
        let tempo = Bpm::DEFAULT;
        let info = TakeInfo {
            name: "a name".into(),
            spec: TakeSpec { key: Some(PitchClass::new(9)), ..TakeSpec::new(StyleId::from("dub"), tempo, 7) },
            engine: "band/1".into(),
            key: PitchClass::new(9),
            scale: Scale::Minor,
            tempo,
            meter: Meter::FOUR_FOUR,
            bars: BarCount::new(1).unwrap(),
            chords: vec![ChordSpan { start: Beats(0.0), duration: Beats(4.0), symbol: "Am".into() }],
            loudness_lufs: -16.0,
            true_peak_dbtp: -1.0,
        };
        let notes = vec![Note { start: Beats(0.5), duration: Beats(1.0), key: 60, velocity: 100 }];
        let parts = vec![Part { kind: PartKind::Bass, name: "Bass".into(), program: 38, channel: 1, notes }];
        let original = Rendition {
            take: TakeId([0; 32]),
            tempo,
            rate: SampleRate::new(1).unwrap(),
            loop_beats: Beats(4.0),
            bar_beats: Beats(4.0),
            stems: [None, Some(clip(0.25)), None, None, None],
        };
        (info, parts, original)
    }

    fn id_after(edit: impl FnOnce(&mut TakeInfo, &mut Vec<Part>, &mut Rendition)) -> TakeId {
        let (mut info, mut parts, mut original) = material();
        edit(&mut info, &mut parts, &mut original);
        TakeId::of(&info, &parts, &original)
    }

    #[test]
    fn the_encoding_never_changes() {
        // Takes on disk and in projects are found by this number: it may only change together with DOMAIN.
        assert_eq!(
            id_after(|_, _, _| ()).to_string(),
            "435be57c587000c78a377348e3a232ff88e18a86cda75df7ddd13f39006b102b"
        );
    }

    #[test]
    fn name_and_own_hash_are_not_part_of_the_content() {
        let plain = id_after(|_, _, _| ());
        assert_eq!(id_after(|info, _, _| info.name = "other".into()), plain);
        assert_eq!(id_after(|_, _, original| original.take = TakeId([9; 32])), plain);
    }

    #[test]
    fn anything_else_changes_the_id() {
        let ids = [
            id_after(|_, _, _| ()),
            id_after(|info, _, _| info.spec.prompt = "deep".into()),
            id_after(|info, _, _| info.spec.style = StyleId::from("rock")),
            id_after(|info, _, _| info.spec.key = None),
            id_after(|info, _, _| info.spec.scale = Some(Scale::Minor)),
            id_after(|info, _, _| info.spec.tempo = Bpm::new(121.0).unwrap()),
            id_after(|info, _, _| info.spec.meter = Meter::new(7, 8).unwrap()),
            id_after(|info, _, _| info.spec.bars = BarCount::new(2).unwrap()),
            id_after(|info, _, _| info.spec.energy = Amount::new(0.1)),
            id_after(|info, _, _| info.spec.complexity = Amount::new(0.1)),
            id_after(|info, _, _| info.spec.swing = Some(Amount::new(0.0))),
            id_after(|info, _, _| info.spec.humanise = Amount::new(0.1)),
            id_after(|info, _, _| info.spec.seed = 8),
            id_after(|info, _, _| info.engine = "band/2".into()),
            id_after(|info, _, _| info.key = PitchClass::new(1)),
            id_after(|info, _, _| info.scale = Scale::Blues),
            id_after(|info, _, _| info.tempo = Bpm::new(121.0).unwrap()),
            id_after(|info, _, _| info.meter = Meter::new(7, 8).unwrap()),
            id_after(|info, _, _| info.bars = BarCount::DEFAULT),
            id_after(|info, _, _| info.chords.clear()),
            id_after(|info, _, _| info.chords[0].symbol = "A".into()),
            id_after(|info, _, _| info.chords[0].duration = Beats(3.0)),
            id_after(|info, _, _| info.loudness_lufs = -15.0),
            id_after(|info, _, _| info.true_peak_dbtp = -2.0),
            id_after(|_, parts, _| parts.clear()),
            id_after(|_, parts, _| parts[0].kind = PartKind::Drums),
            id_after(|_, parts, _| parts[0].name = "Sub".into()),
            id_after(|_, parts, _| parts[0].program = 39),
            id_after(|_, parts, _| parts[0].channel = 2),
            id_after(|_, parts, _| parts[0].notes[0].key = 61),
            id_after(|_, parts, _| parts[0].notes[0].velocity = 99),
            id_after(|_, parts, _| parts[0].notes[0].start = Beats(0.5_f64.next_up())),
            id_after(|_, parts, _| parts[0].notes[0].duration = Beats(1.0_f64.next_up())),
            id_after(|_, _, original| original.tempo = Bpm::new(121.0).unwrap()),
            id_after(|_, _, original| original.rate = SampleRate::DEFAULT),
            id_after(|_, _, original| original.loop_beats = Beats(8.0)),
            id_after(|_, _, original| original.bar_beats = Beats(2.0)),
            id_after(|_, _, original| original.stems.swap(0, 1)),
            id_after(|_, _, original| original.stems[0] = Some(AudioClip::silent(0))),
            id_after(|_, _, original| original.stems[1] = Some(clip(0.25 + 1.0 / 8_388_608.0))),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn a_change_below_24_bits_is_no_change() {
        let below = id_after(|_, _, original| original.stems[1] = Some(clip(0.25_f32.next_up())));
        assert_eq!(below, id_after(|_, _, _| ()));
    }

    #[test]
    fn every_block_of_a_long_stem_counts() {
        let ids: std::collections::BTreeSet<_> = [0, 1023, 1024, 2047, 2048, 2499]
            .map(|frame| {
                id_after(|_, _, original| {
                    let mut clip = AudioClip::silent(2500);
                    clip.left[frame] = 0.5;
                    original.stems[0] = Some(clip);
                })
            })
            .into();
        assert_eq!(ids.len(), 6);
    }
}
