//! Scales that users write themselves, as text.
use crate::tuning::{Tuned, tuned};
use serde::Deserialize;
use take::PitchClass;
use toml::Spanned;

/// A scale of a user's own: any number of degrees, in cents.
#[derive(Debug, Clone, PartialEq)]
pub struct UserScale {
    /// Name for people.
    pub name: String,
    /// Cents above the tonic, ascending, starting with 0.0 and below `octave_cents`. 1 to 48 of them.
    pub cents: Vec<f64>,
    /// Cents after which the degrees begin again; 1200.0 unless told otherwise.
    pub octave_cents: f64,
}

/// A scale file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {field}: {problem}")]
pub struct UserScaleError {
    /// File name as given.
    pub file: String,
    /// Line, 1 = first.
    pub line: usize,
    /// Field with its table, for example `scale.cents`; `file` where no field is to blame.
    pub field: String,
    /// What is wrong, in words.
    pub problem: String,
}

/// Most scales of a file.
const MAX_SCALES: usize = 256;
/// Most degrees of a scale.
const MAX_DEGREES: usize = 48;
/// Longest name in characters.
const MAX_NAME_CHARS: usize = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scale: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    cents: Option<Spanned<Vec<f64>>>,
    semitones: Option<Spanned<Vec<f64>>>,
    octave_cents: Option<Spanned<f64>>,
}

impl UserScale {
    /// Reads a file of scales:
    ///
    /// ```toml
    /// [[scale]]
    /// name = "Pelog"
    /// cents = [0, 120, 270, 540, 675, 785, 950]
    ///
    /// [[scale]]
    /// name = "Prometheus"
    /// semitones = [0, 2, 4, 6, 9, 10]
    /// ```
    ///
    /// `octave_cents` may say where the degrees begin again. `file_name` is for messages only.
    ///
    /// # Errors
    /// [`UserScaleError`] with line and field for bad TOML, unknown or missing fields, and values out of range.
    pub fn parse_file(file_name: &str, text: &str) -> Result<Vec<UserScale>, UserScaleError> {
        let place = Place { file: file_name, text };
        let file: File = toml::from_str(text).map_err(|error| place.toml_error(&error))?;
        if file.scale.len() > MAX_SCALES {
            return Err(place.error(0, "scale", format!("{} scales; {MAX_SCALES} at most", file.scale.len())));
        }
        file.scale.into_iter().map(|entry| place.scale(entry)).collect()
    }

    /// Pitch of a degree, counted from 0 = tonic and going on through the octaves both ways, where the tonic is MIDI
    /// key `tonic_key`. `None` outside MIDI.
    pub fn degree(&self, tonic_key: u8, degree: i32) -> Option<Tuned> {
        let count = self.cents.len() as i32;
        let (octave, index) = (degree.div_euclid(count), degree.rem_euclid(count));
        let above = f64::from(octave) * self.octave_cents + self.cents[index as usize];
        tuned(f64::from(tonic_key) * 100.0 + above)
    }

    /// The nearest tempered pitch classes as bits, bit 0 = C.
    pub fn pitch_mask(&self, tonic: PitchClass) -> u16 {
        let pitch = |cents: &f64| PitchClass::new(i32::from(tonic.get()) + (cents / 100.0).round() as i32);
        self.cents.iter().fold(0, |mask, cents| mask | 1 << pitch(cents).get())
    }
}

struct Place<'t> {
    file: &'t str,
    text: &'t str,
}

impl Place<'_> {
    fn error(&self, offset: usize, field: &str, problem: String) -> UserScaleError {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        UserScaleError { file: self.file.to_owned(), line, field: field.to_owned(), problem }
    }

    /// The parser's own words, and the key on whose line it stumbled.
    fn toml_error(&self, error: &toml::de::Error) -> UserScaleError {
        let offset = error.span().map_or(0, |span| span.start).min(self.text.len());
        let line_start = self.text.as_bytes()[..offset].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let line = self.text[line_start..].lines().next().unwrap_or_default();
        let key = line.split_once('=').map(|(key, _)| key.trim()).filter(|key| !key.is_empty());
        let quoted = error.message().split('`').nth(1).filter(|_| error.message().contains(" field `"));
        let field = match (quoted.or(key), line.trim_start().starts_with('[')) {
            (Some(field), false) => format!("scale.{field}"),
            (Some(field), true) if quoted.is_some() => format!("scale.{field}"),
            (_, true) => "scale".to_owned(),
            (None, false) => "file".to_owned(),
        };
        self.error(offset, &field, error.message().replace('\n', " "))
    }

    fn scale(&self, entry: Spanned<Entry>) -> Result<UserScale, UserScaleError> {
        let at = entry.span().start;
        let Entry { name, cents, semitones, octave_cents } = entry.into_inner();
        let num_chars = name.as_ref().trim().chars().count();
        if !(1..=MAX_NAME_CHARS).contains(&num_chars) {
            let problem = format!("{num_chars} characters; 1 to {MAX_NAME_CHARS} are allowed");
            return Err(self.error(name.span().start, "scale.name", problem));
        }
        let (field, unit_cents, steps) = match (cents, semitones) {
            (Some(cents), None) => ("scale.cents", 1.0, cents),
            (None, Some(semitones)) => ("scale.semitones", 100.0, semitones),
            (None, None) => return Err(self.error(at, "scale.cents", "is missing, and so is semitones".into())),
            (Some(_), Some(both)) => {
                let problem = "stands beside cents; one of the two".into();
                return Err(self.error(both.span().start, "scale.semitones", problem));
            }
        };
        let octave = octave_cents.as_ref().map_or(1200.0, |octave| *octave.as_ref());
        if !(100.0..=4800.0).contains(&octave) {
            let offset = octave_cents.map_or(at, |octave| octave.span().start);
            return Err(self.error(offset, "scale.octave_cents", format!("{octave} is outside 100 to 4800")));
        }
        let cents: Vec<f64> = steps.as_ref().iter().map(|step| step * unit_cents).collect();
        match wrong_steps(&cents, octave) {
            Some(problem) => Err(self.error(steps.span().start, field, problem)),
            None => Ok(UserScale { name: name.into_inner().trim().to_owned(), cents, octave_cents: octave }),
        }
    }
}

fn wrong_steps(cents: &[f64], octave_cents: f64) -> Option<String> {
    if !(1..=MAX_DEGREES).contains(&cents.len()) {
        return Some(format!("{} degrees; 1 to {MAX_DEGREES} are allowed", cents.len()));
    }
    if cents[0] != 0.0 {
        return Some("the first degree is the tonic, 0".into());
    }
    let is_rising = |pair: &[f64]| pair[0] < pair[1];
    if let Some(index) = cents.windows(2).position(|pair| !is_rising(pair)) {
        return Some(format!("degree {} is not above the one before", index + 2));
    }
    let last = cents[cents.len() - 1];
    (last >= octave_cents).then(|| format!("the last degree, {last} cents, is not below the octave, {octave_cents}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PELOG: &str = "# mine\n[[scale]]\nname = \"Pelog\"\ncents = [0, 120, 270, 540, 675.5]\n";

    fn wrong(text: &str) -> String {
        UserScale::parse_file("my.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn degrees_go_on_through_the_octaves() {
        let text = format!("{PELOG}\n[[scale]]\nname = \"Bohlen\"\nsemitones = [0, 1.5, 3]\noctave_cents = 1902\n");
        let scales = UserScale::parse_file("my.toml", &text).unwrap();
        let at = |scale: usize, degree| scales[scale].degree(60, degree).map(|note| (note.key, note.bend_cents));
        assert_eq!(
            [at(0, 0), at(0, 1), at(0, 5), at(0, -1)],
            [Some((60, 0.0)), Some((61, 20.0)), Some((72, 0.0)), Some((55, -24.5)),]
        );
        assert_eq!((at(1, 1), at(1, 3), at(0, 1000)), (Some((62, -50.0)), Some((79, 2.0)), None));
        assert_eq!(scales[0].pitch_mask(PitchClass::new(2)), 1 << 2 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 9);
    }

    #[test]
    fn a_broken_file_names_line_and_field() {
        let cases = [
            (PELOG.replace("270", "100"), "my.toml:4: scale.cents: degree 3 is not above the one before"),
            (PELOG.replace("[0,", "[5,"), "my.toml:4: scale.cents: the first degree is the tonic, 0"),
            (
                PELOG.replace("675.5", "1200"),
                "my.toml:4: scale.cents: the last degree, 1200 cents, is not below the octave, 1200",
            ),
            (PELOG.replace("675.5", "nan"), "my.toml:4: scale.cents: degree 5 is not above the one before"),
            (
                PELOG.replace("cents = ", "semitones = "),
                "my.toml:4: scale.semitones: the last degree, 67550 cents, is not below the octave, 1200",
            ),
            (PELOG.replace("Pelog", " "), "my.toml:3: scale.name: 0 characters; 1 to 60 are allowed"),
            (format!("{PELOG}octave_cents = 5\n"), "my.toml:5: scale.octave_cents: 5 is outside 100 to 4800"),
            (format!("{PELOG}semitones = [0]\n"), "my.toml:5: scale.semitones: stands beside cents; one of the two"),
            ("[[scale]]\nname = \"x\"\n".into(), "my.toml:1: scale.cents: is missing, and so is semitones"),
        ];
        for (text, message) in cases {
            assert_eq!(wrong(&text), message);
        }
        let starts = [
            (PELOG.replace("cents", "sents"), "my.toml:4: scale.sents: unknown field `sents`"),
            (PELOG.replace("270", "\"x\""), "my.toml:4: scale.cents: invalid type"),
            (PELOG.replace("name", "#"), "my.toml:2: scale.name: missing field `name`"),
            (PELOG.replace("[0,", "[0"), "my.toml:4: scale.cents: "),
            (String::new(), "my.toml:1: scale.scale: missing field `scale`"),
        ];
        for (text, start) in starts {
            assert!(wrong(&text).starts_with(start), "{} is not {start}", wrong(&text));
        }
    }
}
