//! What a file says about its take: title, comment, key in words and in names.
use take::{PitchClass, Scale, Take, TakeInfo};

/// Program that wrote the file.
pub(crate) const SOFTWARE: &str = concat!("Continuo ", env!("CARGO_PKG_VERSION"));

/// Provenance in one line: prompt, style, engine, seed, key, tempo, meter.
pub(crate) fn comment(take: &Take) -> String {
    let TakeInfo { spec, engine, scale, tempo, meter, .. } = &take.info;
    format!(
        "prompt: {prompt}; style: {style}; engine: {engine}; seed: {seed}; key: {key} {scale}; tempo: {bpm} BPM; \
         meter: {meter}; take: {id}",
        prompt = one_line(&spec.prompt),
        style = spec.style.as_str(),
        seed = spec.seed,
        key = tonic(&take.info),
        scale = scale.name().to_lowercase(),
        bpm = short_number(tempo.get()),
        id = take.id,
    )
}

/// Control characters would end or break a text field.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Two decimals at most, none where there are none: `124`, `92.5`.
pub(crate) fn short_number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Key as tags have it, three characters at most: `Am`, `F#m`, `Eb`.
pub(crate) fn key(info: &TakeInfo) -> String {
    format!("{}{}", tonic(info), if is_minor(info.scale) { "m" } else { "" })
}

/// Tonic, spelled to fit its key signature: C# minor, but Db major.
pub(crate) fn tonic(info: &TakeInfo) -> &'static str {
    const FLAT: [&str; 12] = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
    const SHARP: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    let spelling = if accidentals(info.key, info.scale) < 0 { FLAT } else { SHARP };
    spelling[usize::from(info.key.get())]
}

/// The third above the tonic is minor.
pub(crate) fn is_minor(scale: Scale) -> bool {
    matches!(mode(scale), Scale::Minor | Scale::Dorian | Scale::Phrygian | Scale::Locrian)
}

/// The church mode that a scale is nearest to, by its third, fifth, seventh and second in this order: the one whose
/// signature it is written with.
fn mode(scale: Scale) -> Scale {
    match scale {
        Scale::Major | Scale::MajorPentatonic | Scale::MajorBlues | Scale::BebopMajor => Scale::Major,
        Scale::Bhairav | Scale::Rast => Scale::Major,
        Scale::Minor | Scale::MinorPentatonic | Scale::Blues | Scale::HarmonicMinor | Scale::MelodicMinor => {
            Scale::Minor
        }
        Scale::Hirajoshi | Scale::Nahawand | Scale::HungarianMinor | Scale::Gypsy => Scale::Minor,
        Scale::Saba | Scale::WholeHalfDiminished => Scale::Minor,
        Scale::Dorian | Scale::BebopMinor | Scale::Kafi => Scale::Dorian,
        Scale::Phrygian | Scale::In | Scale::Todi => Scale::Phrygian,
        Scale::Lydian | Scale::WholeTone | Scale::Marwa => Scale::Lydian,
        Scale::Mixolydian | Scale::BebopDominant | Scale::HalfWholeDiminished | Scale::Yo | Scale::Hijaz => {
            Scale::Mixolydian
        }
        Scale::Locrian | Scale::Altered | Scale::Iwato => Scale::Locrian,
    }
}

/// Sharps (positive) or flats (negative) of the key signature, -6..=6: that of the major scale with the same notes, so
/// that D dorian has none; other scales have that of the mode they are nearest to. Of the two keys with six, it is F#
/// major and Eb minor.
pub(crate) fn accidentals(tonic: PitchClass, scale: Scale) -> i8 {
    // Semitones from the parent major scale's tonic up to ours: dorian is its second step, and so on.
    let steps = match mode(scale) {
        Scale::Dorian => 2,
        Scale::Phrygian => 4,
        Scale::Lydian => 5,
        Scale::Mixolydian => 7,
        Scale::Minor => 9,
        Scale::Locrian => 11,
        _ => 0,
    };
    let parent = PitchClass::new(i32::from(tonic.get()) - steps);
    let six = if is_minor(scale) { -6 } else { 6 };
    [0, -5, 2, -3, 4, -1, six, 1, -4, 3, -2, 5][usize::from(parent.get())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_signatures_are_those_of_the_circle_of_fifths() {
        let signature = |key, scale| accidentals(PitchClass::new(key), scale);
        assert_eq!(signature(0, Scale::Major), 0);
        assert_eq!(signature(9, Scale::Minor), 0);
        assert_eq!(signature(0, Scale::Minor), -3);
        assert_eq!(signature(4, Scale::HarmonicMinor), 1);
        assert_eq!(signature(6, Scale::Minor), 3);
        assert_eq!([signature(6, Scale::Major), signature(3, Scale::Minor)], [6, -6]);
        for (key, mode) in
            [(2, Scale::Dorian), (4, Scale::Phrygian), (5, Scale::Lydian), (7, Scale::Mixolydian), (11, Scale::Locrian)]
        {
            assert_eq!(signature(key, mode), 0, "{mode:?} on its white-key tonic");
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([124.0, 92.5, 100.0, 87.654].map(short_number), ["124", "92.5", "100", "87.65"]);
    }
}
