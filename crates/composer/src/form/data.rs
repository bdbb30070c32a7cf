//! The built-in forms, read from `assets/forms.toml`.
use crate::style::ChordBars;
use serde::Deserialize;
use std::sync::LazyLock;
use take::PartKind;

/// Embedded: the forms are part of the program.
const SOURCE: &str = include_str!("../../../../assets/forms.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    form: Vec<Form>,
}

/// An order of sections.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Permanent id, `aaba`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Whether a longer piece is the form again rather than the form with longer sections.
    #[serde(default)]
    pub repeats: bool,
    /// In playing order, at the form's natural length.
    pub sections: Vec<SectionPlan>,
}

/// A section of a form before key, style and length are known.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionPlan {
    /// Name for people.
    pub name: String,
    /// Sections of one letter share melody and chords.
    pub theme: char,
    /// Natural length.
    pub bars: u8,
    /// Added to the energy of the whole, -1.0..=1.0.
    #[serde(default)]
    pub energy: f32,
    /// Who plays.
    #[serde(default = "everybody")]
    pub parts: Vec<PartKind>,
    /// Key in semitones above the form's, where that is major.
    #[serde(default)]
    pub shift: i8,
    /// The same where it is minor.
    #[serde(default)]
    pub shift_minor: i8,
    /// Mode of the section where it is not the form's.
    pub shift_mode: Option<Mode>,
    /// Chords of its own in major.
    pub major: Option<ChordBars>,
    /// Chords of its own in minor.
    pub minor: Option<ChordBars>,
    /// A roll and a rising line lead into the next section.
    #[serde(default)]
    pub riser: bool,
    /// Opens with a crash.
    #[serde(default)]
    pub drop: bool,
}

/// Major or minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the field's own names")]
pub enum Mode {
    Major,
    Minor,
}

fn everybody() -> Vec<PartKind> {
    PartKind::ALL.to_vec()
}

impl Form {
    /// The built-in forms: `aaba`, `twelve_bar`, `verse_chorus`, `build_drop`, `sonata`.
    pub fn built_in() -> &'static [Form] {
        static FORMS: LazyLock<Vec<Form>> =
            LazyLock::new(|| toml::from_str::<File>(SOURCE).map(|file| file.form).unwrap_or_default());
        &FORMS
    }

    /// A built-in form by its id.
    pub fn named(id: &str) -> Option<&'static Form> {
        Self::built_in().iter().find(|form| form.id == id)
    }

    /// Natural length in bars.
    pub fn natural_bars(&self) -> usize {
        self.sections.iter().map(|section| usize::from(section.bars)).sum()
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_forms_can_be_read() {
        let file: Result<File, _> = toml::from_str(SOURCE);
        let forms = file.unwrap_or_else(|error| panic!("{error}")).form;
        let ids: Vec<&str> = forms.iter().map(|form| form.id.as_str()).collect();
        assert_eq!(ids, ["aaba", "twelve_bar", "verse_chorus", "build_drop", "sonata"]);
    }
}
