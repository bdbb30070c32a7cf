//! Tables of numbers with a range: the fields of instruments, channel strips, rooms and drum layers.
//!
//! `settings!` makes two types from one list: the values (all present) and a `Set` as written in TOML (all optional),
//! which is laid over the values.
use std::ops::Range;

/// A number outside what its field allows, with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfRange {
    pub field: &'static str,
    pub value: f64,
    pub min: f32,
    pub max: f32,
    pub span: Range<usize>,
}

macro_rules! settings {
    (
        $(#[$meta:meta])*
        $values:ident, $set:ident {
            $( $(#[doc = $doc:literal])* $field:ident = $default:literal in $min:literal ..= $max:literal; )*
        }
        copied { $( $(#[doc = $cdoc:literal])* $choice:ident: $kind:ty; )* }
        only_in_set { $( $(#[doc = $odoc:literal])* $extra:ident: $extra_kind:ty; )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $values {
            $( $(#[doc = $doc])* pub $field: f32, )*
            $( $(#[doc = $cdoc])* pub $choice: $kind, )*
        }

        impl Default for $values {
            fn default() -> Self {
                Self { $( $field: $default, )* $( $choice: Default::default(), )* }
            }
        }

        /// The same fields as written in a file; what is absent stays as it was.
        #[derive(Debug, Clone, Default, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $set {
            $( pub $field: Option<toml::Spanned<f64>>, )*
            $( pub $choice: Option<$kind>, )*
            $( pub $extra: Option<$extra_kind>, )*
        }

        impl $set {
            /// Lays the fields that are present over `values`.
            pub fn apply(&self, values: &mut $values) -> Result<(), $crate::settings::OutOfRange> {
                $( if let Some(spanned) = &self.$field {
                    let value = *spanned.get_ref();
                    if !($min as f64..=$max as f64).contains(&value) {
                        let (field, span) = (stringify!($field), spanned.span());
                        return Err($crate::settings::OutOfRange { field, value, min: $min, max: $max, span });
                    }
                    values.$field = value as f32;
                } )*
                $( if let Some(choice) = &self.$choice {
                    values.$choice = choice.clone();
                } )*
                Ok(())
            }
        }

        impl $crate::settings::Documented for $values {
            const FIELDS: &'static [$crate::settings::FieldInfo] = &[
                $( $crate::settings::FieldInfo {
                    name: stringify!($field),
                    about: concat!($($doc),*),
                    default: $default,
                    min: $min,
                    max: $max,
                }, )*
            ];
        }
    };
}
pub(crate) use settings;

/// What the manual says about a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldInfo {
    /// As in the file.
    pub name: &'static str,
    /// One sentence with the unit.
    pub about: &'static str,
    /// Where nothing is written.
    pub default: f32,
    /// Least value.
    pub min: f32,
    /// Greatest value.
    pub max: f32,
}

/// A table whose fields are listed for the manual.
pub trait Documented {
    /// Every numeric field.
    const FIELDS: &'static [FieldInfo];
}
