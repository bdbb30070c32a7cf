//! The beginning of a `take.json`: everything about a take but its notes, read without reading the notes.
//!
//! Notes are by far the most of the file and come last, so a listing of ten thousand takes reads the first block of
//! each file and parses up to there.
use crate::LibraryError;
use crate::take_file::{self, VERSION};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt::{self, Formatter};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;
use take::{StemKind, TakeInfo};

/// Enough for the info of nearly every take: a prompt of 2000 characters and a chord for every beat of 32 bars.
const HEAD_BYTES: u64 = 16 << 10;

/// What a listing says about a take.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) info: TakeInfo,
    pub(crate) stems: Vec<StemKind>,
    pub(crate) metadata: Metadata,
}

/// Reads a take's head.
///
/// # Errors
/// As for the whole file, as far as the head goes: `Missing`, `Denied`, `Unreadable`, `TooNew`, `Io`.
pub(crate) fn read_head(path: &Path) -> Result<Head, LibraryError> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => LibraryError::Missing { path: path.to_owned() },
        _ => LibraryError::io(path, error),
    };
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() || metadata.len() > take_file::MAX_BYTES {
        return Err(LibraryError::unreadable(path, "it is no take.json of Continuo"));
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::with_capacity(metadata.len().min(HEAD_BYTES) as usize);
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    let mut found = parse(&bytes);
    if found.is_err() && bytes.len() as u64 == HEAD_BYTES {
        file.take(take_file::MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        found = parse(&bytes);
    }
    let fields = found.map_err(|reason| match reason {
        Refused::TooNew(found) => LibraryError::TooNew { path: path.to_owned(), found, newest: VERSION },
        Refused::Reason(reason) => LibraryError::unreadable(path, reason),
    })?;
    Ok(Head { info: fields.0, stems: fields.1, metadata })
}

enum Refused {
    TooNew(u64),
    Reason(String),
}

/// The first fields of the file, in whatever order they come.
#[derive(Default)]
struct Found {
    version: Option<u64>,
    info: Option<TakeInfo>,
    stems: Option<Vec<StemKind>>,
}

fn parse(bytes: &[u8]) -> Result<(TakeInfo, Vec<StemKind>), Refused> {
    let mut found = Found::default();
    let end = FillFound(&mut found).deserialize(&mut serde_json::Deserializer::from_slice(bytes));
    match found {
        Found { version: Some(version), .. } if version > VERSION => Err(Refused::TooNew(version)),
        // The notes behind it are cut off or left unread: no error of the head.
        Found { version: Some(_), info: Some(info), stems: Some(stems) } => Ok((info, stems)),
        _ => Err(Refused::Reason(end.err().map_or_else(|| "a field is missing".to_owned(), |error| error.to_string()))),
    }
}

/// Fills in what it reads, so that it is there when the parser stops half-way.
struct FillFound<'a>(&'a mut Found);

impl<'de> DeserializeSeed<'de> for FillFound<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FillFound<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a take.json")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        #[derive(Deserialize)]
        struct Audio {
            stems: Vec<StemKind>,
        }
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "continuo_take" => self.0.version = Some(map.next_value()?),
                "info" => self.0.info = Some(map.next_value()?),
                "audio" => self.0.stems = Some(map.next_value::<Audio>()?.stems),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            if self.0.version.is_some() && self.0.info.is_some() && self.0.stems.is_some() {
                return Err(serde::de::Error::custom("the rest is left unread"));
            }
        }
        Ok(())
    }
}
