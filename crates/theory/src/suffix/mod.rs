//! The part of a chord symbol after the root: read and printed.
//!
//! A suffix is a kind (`m`, `maj`, `dim`, `ø`, `aug` or nothing), a number (5, 6, 6/9, 7, 9, 11, 13), then changes
//! (`sus4`, `b9`, `#11`, `add9`, `no5`, `alt`, `maj7`), with or without brackets and commas.
mod print;
mod read;

pub(crate) use print::print;
pub(crate) use read::parse;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::Quality;

    const PRINTED: [(&str, &[&str]); 35] = [
        ("", &["maj", "M"]),
        ("m", &["min", "-"]),
        ("dim", &["o", "°", "mb5"]),
        ("aug", &["+", "#5"]),
        ("sus2", &[]),
        ("sus4", &["sus"]),
        ("5", &[]),
        ("6", &["maj6", "M6"]),
        ("m6", &["min6", "-6"]),
        ("6/9", &["69"]),
        ("m6/9", &["m69"]),
        ("add9", &["add2", "2"]),
        ("madd9", &["madd2"]),
        ("7", &["dom7"]),
        ("maj7", &["M7", "Δ", "Δ7", "△"]),
        ("m7", &["min7", "-7"]),
        ("mMaj7", &["mM7", "mmaj7", "m(maj7)", "m(Maj7)", "-Δ", "-Δ7"]),
        ("m7b5", &["ø", "ø7", "Ø", "min7b5", "-7b5", "m7(b5)", "m7♭5"]),
        ("dim7", &["o7", "°7", "º7"]),
        ("7#5", &["aug7", "+7", "7+", "7(#5)"]),
        ("7sus4", &["7sus"]),
        ("9", &["7(9)", "7add9"]),
        ("maj9", &["M9"]),
        ("m9", &["min9", "-9"]),
        ("9sus4", &["9sus", "11"]),
        ("7b9", &["7(b9)", "7-9"]),
        ("7#9", &["7+9"]),
        ("7b13", &["7(b13)"]),
        ("7#11", &["7+11"]),
        ("7alt", &["alt"]),
        ("m11", &["min11", "-11"]),
        ("13", &["7(9,13)"]),
        ("maj13", &["M13"]),
        ("m13", &["min13", "-13"]),
        ("maj7#11", &["M7#11", "maj7(#11)"]),
    ];

    #[test]
    fn usual_qualities_print_as_musicians_write_them_and_read_in_all_spellings() {
        for (quality, (printed, others)) in Quality::all().zip(PRINTED) {
            assert_eq!(quality.suffix(), printed);
            for spelling in others.iter().chain([&printed]) {
                assert_eq!(parse(spelling), Some(quality), "{spelling}");
            }
        }
        assert_eq!(Quality::all().count(), PRINTED.len());
    }

    #[test]
    fn changes_read_in_brackets_and_without() {
        let cases: [(&str, &[u8]); 14] = [
            ("7(b9,#5)", &[0, 4, 8, 10, 13]),
            ("7b9#5", &[0, 4, 8, 10, 13]),
            ("7(b5,#5)", &[0, 4, 6, 8, 10]),
            ("13#11", &[0, 4, 7, 10, 14, 18, 21]),
            ("13b9", &[0, 4, 7, 10, 13, 21]),
            ("13sus4", &[0, 5, 7, 10, 14, 21]),
            ("7sus4b9", &[0, 5, 7, 10, 13]),
            ("7(b9,#9)", &[0, 4, 7, 10, 13, 15]),
            ("m7add11", &[0, 3, 7, 10, 17]),
            ("maj11", &[0, 4, 7, 11, 14, 17]),
            ("maj7#5", &[0, 4, 8, 11]),
            ("(b5)", &[0, 4, 6]),
            ("dim(maj7)", &[0, 3, 6, 11]),
            ("ø9", &[0, 3, 6, 10, 14]),
        ];
        for (suffix, tones) in cases {
            let quality = parse(suffix).unwrap_or_else(|| panic!("{suffix} was refused"));
            assert_eq!(*quality.intervals(), *tones, "{suffix}");
            assert_eq!(parse(&quality.suffix()), Some(quality), "{suffix} -> {}", quality.suffix());
        }
    }

    #[test]
    fn every_combination_reads_back_as_printed() {
        let thirds: [&[u8]; 6] = [&[3], &[4], &[2], &[5], &[2, 5], &[]];
        let fifths: [&[u8]; 5] = [&[7], &[6], &[8], &[6, 8], &[]];
        let sevenths: [&[u8]; 4] = [&[], &[9], &[10], &[11]];
        let extensions = [13, 14, 15, 17, 18, 20, 21];
        for tones in thirds.iter().flat_map(|t| fifths.map(|f| [t, f].concat())) {
            for (seventh, picked) in sevenths.iter().flat_map(|seventh| (0..128).map(move |picked| (seventh, picked))) {
                let extended =
                    extensions.iter().enumerate().filter(|(bit, _)| picked >> bit & 1 == 1).map(|(_, &tone)| tone);
                let quality = Quality::of(&tones.iter().chain(*seventh).copied().chain(extended).collect::<Vec<_>>());
                assert_eq!(
                    parse(&quality.suffix()),
                    Some(quality),
                    "{} of {:?}",
                    quality.suffix(),
                    &*quality.intervals()
                );
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let long = "b9".repeat(40);
        for bad in
            ["foo", "7foo", "mm", "mø", "mdim7", "m5", "m7alt", "8", "(", ")(", "7((b9))", "sus3", "b", "/9", &long]
        {
            assert_eq!(parse(bad), None, "{bad} was taken");
        }
    }
}
