//! Keys and scales as people type them.
use take::{PitchClass, Scale};

/// `--key`: a tonic, and a scale where one was named with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct KeyArg {
    pub tonic: PitchClass,
    pub scale: Option<Scale>,
}

/// `C`, `f#`, `Bbm`, `C minor`, `D dorian`.
pub(crate) fn parse_key(text: &str) -> Result<KeyArg, String> {
    let bad = || "a key is a note from A to G, such as C, F#, Bbm or \"D dorian\"".to_owned();
    let mut letters = text.trim().chars();
    let natural = match letters.next().ok_or_else(bad)?.to_ascii_uppercase() {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return Err(bad()),
    };
    let rest = letters.as_str();
    let (accidental, rest) = match rest.chars().next() {
        Some('#' | '♯') => (1, rest.strip_prefix(['#', '♯']).unwrap_or(rest)),
        Some('b' | '♭') => (-1, rest.strip_prefix(['b', '♭']).unwrap_or(rest)),
        _ => (0, rest),
    };
    let scale = match rest.trim() {
        "" => None,
        // The one place where capitals count: CM is major, Cm minor.
        "M" => Some(Scale::Major),
        named => Some(parse_scale(named).map_err(|_| bad())?),
    };
    Ok(KeyArg { tonic: PitchClass::new(natural + accidental), scale })
}

/// A scale's name in any case, with spaces, `-` or `_`.
pub(crate) fn parse_scale(text: &str) -> Result<Scale, String> {
    let wanted = plain(text);
    match wanted.as_str() {
        "m" | "min" | "natural minor" | "aeolian" => return Ok(Scale::Minor),
        "maj" | "ionian" => return Ok(Scale::Major),
        _ => {}
    }
    Scale::ALL.into_iter().find(|scale| plain(scale.name()) == wanted).ok_or_else(|| {
        let names: Vec<_> = Scale::ALL.iter().map(|scale| scale.name().to_lowercase().replace(' ', "_")).collect();
        format!("the scales are {}", names.join(", "))
    })
}

fn plain(text: &str) -> String {
    text.trim().to_lowercase().replace(['-', '_'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_people_write_them() {
        for (text, tonic, scale) in [
            ("C", 0, None),
            ("b", 11, None),
            ("bb", 10, None),
            ("F#m", 6, Some(Scale::Minor)),
            ("Ebmaj", 3, Some(Scale::Major)),
            ("A minor", 9, Some(Scale::Minor)),
            ("Am", 9, Some(Scale::Minor)),
            ("GM", 7, Some(Scale::Major)),
            ("Cb", 11, None),
            ("D dorian", 2, Some(Scale::Dorian)),
            ("c harmonic_minor", 0, Some(Scale::HarmonicMinor)),
        ] {
            assert_eq!(parse_key(text), Ok(KeyArg { tonic: PitchClass::new(tonic), scale }), "{text}");
        }
        for text in ["", "H", "C##", "Abb", "A bogus", "é", "1", "C/E"] {
            assert!(parse_key(text).is_err(), "{text} was taken");
        }
    }

    #[test]
    fn every_scale_reads_back_from_its_name() {
        for scale in Scale::ALL {
            assert_eq!(parse_scale(scale.name()), Ok(scale));
            assert_eq!(parse_scale(&scale.name().to_uppercase().replace(' ', "-")), Ok(scale));
        }
    }
}
